"""Pulses, the level below the smooth update: one pulse (26), many of them (27), and how far (3) is from them.

The updates are plain arithmetic, so that one function serves symbols, exact rationals and arrays. The expansions are
SymPy formulas in the number of pulses BL, which stays a symbol, or in what the pulses send, D = BL dw_min: with
s = +-1 the polarity, q, q', ... the response q_s and its derivatives at the weight w that the pulses start from,

    w_BL = w + s D q + (1/2) q q' D (D - dw_min) + third order,

while (3) is w + dw q. The rest of the difference is what rounding adds, (D - |dw|) s q, and cycle variation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import sympy as sp

from .symbols import symbol
from .validate import integer, positive, reject

S, DW_MIN, SENT, BL, SIGMA_C = (symbol(name) for name in ("sign", "dw_min", "sent", "BL", "sigma_c"))
DERIVATIVES = tuple(symbol(name) for name in ("q_s", "dq_s", "d2q_s", "d3q_s"))
Q, DQ, DDQ, _ = DERIVATIVES
LN_RATIO = symbol("log_ratio")


def pulse(w: Any, s: Any, dw_min: Any, q: Any, noise: Any = 0) -> Any:
    """One pulse (26), w + s dw_min (q_s(w) + sigma_c xi): q is the response at w, noise is sigma_c xi."""
    return w + s * dw_min * (q + noise)


def composed(w: Any, s: Any, dw_min: Any, response: Callable[[Any], Any], noises: Iterable[Any]) -> Any:
    """As many pulses (27) as there are `noises`, each of which meets the response where the one before left the weight.

    `response` maps a weight to q_s; without cycle variation every noise is 0.
    """
    for noise in noises:
        w = pulse(w, s, dw_min, response(w), noise)
    return w


def bit_length(dw: Any, dw_min: Any) -> Any:
    """BL = ceil(|dw| / dw_min) (29), the number of pulses for an increment; floats are taken as the numbers they are.

    Raises ValueError unless dw_min > 0.
    """
    return -(-abs(dw) // positive("dw_min", dw_min))


def rounding(dw: Any, dw_min: Any) -> Any:
    """What the pulses send beyond |dw|: BL dw_min - |dw|, in [0, dw_min).

    Over increments whose last pulse is used to any part alike it is dw_min/2 in the mean, with variance dw_min^2/12.
    """
    return bit_length(dw, dw_min) * dw_min - abs(dw)


def shortfall(dw: Any, dw_min: Any, bl_max: Any) -> Any:
    """|dw| / (BL_max dw_min) - 1: by how much (3) overshoots what BL_max pulses send, relative to what they send.

    Where it is positive, the cap binds, and it is the relative error of (3) but for the curvature of the response. With
    BL_max fixed it grows without bound as dw_min/|dw| -> 0, which Theorem 4 asks for. Raises ValueError unless
    dw_min > 0 and BL_max is an integer >= 1 (or a positive symbol).
    """
    if not isinstance(bl_max, sp.Symbol):
        integer("bl_max", bl_max)
    return abs(dw) / (positive("bl_max", bl_max) * positive("dw_min", dw_min)) - 1


# Affine responses, in closed form


def affine_pulses(q: Any, slope: Any, s: Any, dw_min: Any, count: Any) -> Any:
    """w_BL - w after `count` pulses without noise where q_s is affine: q is its value at w, `slope` its derivative."""
    if slope == 0:
        return s * dw_min * count * q
    return q * ((1 + s * slope * dw_min) ** count - 1) / slope


def affine_variance(slope: Any, s: Any, dw_min: Any, sigma_c: Any, count: Any) -> Any:
    """The variance of w_BL for uncorrelated xi of variance 1 where q_s is affine: each pulse scales what came before.

    sigma_c^2 dw_min^2 sum_t (1 + s q' dw_min)^(2 t), t = 0, ..., BL - 1.
    """
    if slope == 0:
        return sigma_c**2 * dw_min**2 * count
    growth = (1 + s * slope * dw_min) ** 2
    return sigma_c**2 * dw_min**2 * (growth**count - 1) / (growth - 1)


def affine_flow(response: Any, w: Any, s: Any, sent: Any) -> sp.Expr:
    """w(D) of the continuous limit dw/dD = s q_s(w), as a formula in the start `w`, for a response affine in w.

    For the linear response this is the response curve that pulses follow as dw_min -> 0; for the ideal one w + s D.
    Raises ValueError for a response that is not affine in `symbol("w")`: `flow` has the series of any.
    """
    here = symbol("w")
    formula = sp.sympify(response)
    slope = sp.diff(formula, here)
    if slope.has(here):
        reject("response", formula, "must be affine in w")
    q = formula.subs(here, w)
    return w + s * sent * q if slope == 0 else w + q * (sp.exp(s * slope * sent) - 1) / slope


# Any response, in series


@cache
def moved(order: int = 3) -> sp.Expr:
    """w_BL - w without noise to the power `order` of dw_min, in BL, dw_min, s and the derivatives of q_s at w.

    The pulses are summed for a symbolic number of them: the response after t pulses is expanded about w. Raises
    ValueError for an order that is not an integer from 1 to 4.
    """
    if integer("order", order) > len(DERIVATIVES):
        reject("order", order, f"must be <= {len(DERIVATIVES)}")
    t, step = sp.Dummy("t"), sp.Dummy("step")
    total = sp.S.Zero
    for k in range(1, order + 1):
        met = sp.expand(_taylor(total.subs(BL, t))).coeff(step, k - 1)
        total += step**k * sp.summation(met, (t, 0, BL - 1))
    return sp.expand(total).subs(step, S * DW_MIN)


def _taylor(away: sp.Expr) -> sp.Expr:
    return sp.Add(*(derivative * away**k / sp.factorial(k) for k, derivative in enumerate(DERIVATIVES)))


@cache
def sent_series(order: int = 3) -> sp.Expr:
    """`moved` in D = BL dw_min instead of BL, with s^2 = 1."""
    series = sp.expand(moved(order).subs(BL, SENT / DW_MIN))
    return sp.Add(*(sp.factor(_signed(term)) for term in sp.collect(series, S, evaluate=False).items()))


def _signed(term: tuple[sp.Expr, sp.Expr]) -> sp.Expr:
    power, factor = term
    exponent = power.as_coeff_exponent(S)[1]
    return factor * (S if exponent % 2 else 1)


def curvature(order: int = 2) -> sp.Expr:
    """w_BL - w - s D q, what (3) misses where there is neither rounding nor noise: (1/2) q q' D (D - dw_min) + ..."""
    return sp.expand(sent_series(order) - S * SENT * Q)


@cache
def flow(order: int = 3) -> sp.Expr:
    """w(D) - w of the continuous limit dw/dD = s q_s(w): the series of the pulses at dw_min = 0 with D fixed."""
    return sp.expand(sent_series(order)).subs(DW_MIN, 0)


def flow_gap(s: Any = S, dw_min: Any = DW_MIN, q_end: Any = Q, log_ratio: Any = LN_RATIO) -> Any:
    """Pulses less the continuous limit at the same D, to first order in dw_min: -s (dw_min/2) q(w(D)) log_ratio.

    log_ratio is log(q(w(D)) / q(w)). The formula holds for every response: the pulses follow dw/dD = s q - (dw_min/2)
    q q' to second order in dw_min, and the difference of the flows, over q, has the derivative -(dw_min/2) q'.
    """
    return -s * dw_min * q_end * log_ratio / 2


# Cycle variation


def noise_variance(sent: Any = SENT, dw_min: Any = DW_MIN, sigma_c: Any = SIGMA_C, bend: Any = S * DQ) -> Any:
    """The variance that cycle variation adds to w_BL: sigma_c^2 dw_min D (1 + s q' (D - dw_min)) + higher order.

    `bend` is s q' at w. The standard deviation is sigma_c sqrt(dw_min D) to leading order, and grows or shrinks by the
    factor 1 + s q' (D - dw_min)/2 with the response; in |dw| it is sigma_c sqrt(dw_min |dw|), rounding changing it by
    a factor between 1 and sqrt(1 + dw_min/|dw|).
    """
    return sigma_c**2 * dw_min * sent * (1 + bend * (sent - dw_min))


def mean_shift() -> sp.Expr:
    """What cycle variation adds to E w_BL, to leading order: (1/4) s q'' sigma_c^2 dw_min D (D - dw_min)."""
    return S * DDQ * SIGMA_C**2 * DW_MIN * SENT * (SENT - DW_MIN) / 4
