"""Device models that simulators of analog hardware know, as pairs of response functions of the paper.

A pulse up adds s_u dw_min q0_+(w), a pulse down takes off s_d dw_min q0_-(w); in the paper's notation q_+ = s_u q0_+
and q_- = s_d q0_-. A bias `up_down` = b between the polarities enters as s_u = 1 + min(b, 0), s_d = 1 - max(b, 0). The
weight stops at `w_max` and at `w_min`. Formulas are those of AIHWKit, without variation between devices and cycles; all
numbers become exact (0.1 is 1/10), and ValueError names one that is not allowed.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import sympy as sp

from .response import ResponseFunction, W
from .validate import positive, rational, reject


def constant_step(w_max: Any, w_min: Any, up_down: Any = 0) -> ResponseFunction:
    """ConstantStep: q0_+ = q0_- = 1 between hard bounds."""
    low, high = _bounds(w_max, w_min)
    return _response("constant_step", (sp.S.One, sp.S.One), low, high, up_down)


def linear_step(w_max: Any, w_min: Any, gamma_up: Any, gamma_down: Any, up_down: Any = 0) -> ResponseFunction:
    """LinearStep: q0_+ = 1 - gamma_up w/w_max, q0_- = 1 - gamma_down w/w_min, with w_min < 0 < w_max."""
    low, high = _around_zero(w_max, w_min)
    up, down = rational("gamma_up", gamma_up), rational("gamma_down", gamma_down)
    pair = (1 - up * W / high, 1 - down * W / low)
    return _response("linear_step", pair, low, high, up_down, gamma_up=up, gamma_down=down)


def soft_bounds(w_max: Any, w_min: Any, up_down: Any = 0, reference: Any = 0) -> ResponseFunction:
    """SoftBounds: q0_+ = 1 - w/w_max, q0_- = 1 - w/w_min, which end at the bounds, with w_min < 0 < w_max.

    With a reference r (SoftBoundsReference) the weight is the conductance less r: the same pair at w + r.
    """
    low, high = _around_zero(w_max, w_min)
    device = _response("soft_bounds", (1 - W / high, 1 - W / low), low, high, up_down)
    return device if rational("reference", reference) == 0 else device.shifted(reference)


def exp_step(
    w_max: Any,
    w_min: Any,
    A_up: Any,
    A_down: Any,
    gamma_up: Any,
    gamma_down: Any,
    a: Any,
    b: Any,
    up_down: Any = 0,
) -> ResponseFunction:
    """ExpStep: q0_+ = 1 - A_up exp(gamma_up z), q0_- = 1 - A_down exp(-gamma_down z), z = 2 a w/(w_max - w_min) + b.

    The model stops a response at 0 where these fall below it, and no pulse of that polarity moves the weight there. The
    range here is the part of [w_min, w_max] in which both are > 0: what pulses of both polarities can reach and leave.
    ValueError where there is none.
    """
    low, high = _bounds(w_max, w_min)
    given = {"A_up": A_up, "A_down": A_down, "gamma_up": gamma_up, "gamma_down": gamma_down, "a": a, "b": b}
    exact = {name: rational(name, value) for name, value in given.items()}
    centre, slope = exact["b"], 2 * exact["a"] / (high - low)
    strengths = ((exact["A_up"], exact["gamma_up"]), (exact["A_down"], -exact["gamma_down"]))
    for A, gamma in strengths:
        low, high = _where_positive(A, gamma * slope, gamma * centre, low, high)
    up, down = (1 - A * sp.exp(gamma * (slope * W + centre)) for A, gamma in strengths)
    return _response("exp_step", (up, down), low, high, up_down, **exact)


def pow_step(w_max: Any, w_min: Any, pow_gamma: Any, pow_up_down: Any = 0, up_down: Any = 0) -> ResponseFunction:
    """PowStep: q0_+ = ((w_max - w)/(w_max - w_min))^g_up, q0_- = ((w - w_min)/(w_max - w_min))^g_down.

    g_up = pow_gamma (1 + min(p, 0)), g_down = pow_gamma (1 - max(p, 0)) with p = pow_up_down. Not 1 at w = 0: with
    symmetric bounds q0(0) = 2^-pow_gamma, and dw_min q(0) is 2^pow_gamma smaller than dw_min.
    """
    low, high = _bounds(w_max, w_min)
    gamma = positive("pow_gamma", rational("pow_gamma", pow_gamma))
    g_up, g_down = (gamma * side for side in _sides("pow_up_down", pow_up_down))
    pair = (((high - W) / (high - low)) ** g_up, ((W - low) / (high - low)) ** g_down)
    return _response("pow_step", pair, low, high, up_down, g_up=g_up, g_down=g_down)


def piecewise_step(
    w_max: Any, w_min: Any, piecewise_up: Sequence[Any], piecewise_down: Sequence[Any], up_down: Any = 0
) -> ResponseFunction:
    """PiecewiseStep: both responses linear between equally spaced nodes from w_min to w_max, at least two of them."""
    low, high = _bounds(w_max, w_min)
    if not 2 <= len(piecewise_up) == len(piecewise_down):
        reject("piecewise_down", piecewise_down, f"must have as many nodes as piecewise_up={piecewise_up}, at least 2")
    given = {"piecewise_up": piecewise_up, "piecewise_down": piecewise_down}
    pair = tuple(_interpolated(name, nodes, low, high) for name, nodes in given.items())
    return _response("piecewise_step", pair, low, high, up_down)


def _response(
    model: str, pair: tuple[sp.Expr, ...], low: sp.Expr, high: sp.Expr, up_down: Any, **parameters: sp.Expr
) -> ResponseFunction:
    up, down = (side * q for side, q in zip(_sides("up_down", up_down), pair, strict=True))
    named = {"w_max": high, "w_min": low, "up_down": rational("up_down", up_down), **parameters}
    label = ", ".join(f"{name}={value}" for name, value in named.items())
    return ResponseFunction(f"{model}({label})", sp.expand(up), sp.expand(down), low, high)


def _sides(name: str, bias: Any) -> tuple[sp.Expr, sp.Expr]:
    """1 + min(b, 0) and 1 - max(b, 0): what a bias leaves of up and of down."""
    b = rational(name, bias)
    if not -1 < b < 1:
        reject(name, b, "must lie in (-1, 1)")
    return 1 + min(b, sp.S.Zero), 1 - max(b, sp.S.Zero)


def _bounds(w_max: Any, w_min: Any) -> tuple[sp.Expr, sp.Expr]:
    low, high = rational("w_min", w_min), rational("w_max", w_max)
    if not low < high:
        reject("w_max", high, f"must be > w_min={low}")
    return low, high


def _around_zero(w_max: Any, w_min: Any) -> tuple[sp.Expr, sp.Expr]:
    low, high = _bounds(w_max, w_min)
    if not low < 0 < high:
        reject("w_min", low, f"must be < 0 < w_max={high}: the response is 1 at w = 0")
    return low, high


def _where_positive(A: sp.Expr, k: sp.Expr, c: sp.Expr, low: sp.Expr, high: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """The part of [low, high] in which 1 - A exp(k w + c) > 0."""
    if A <= 0:
        return low, high
    if k == 0:
        low = high if A * sp.exp(c) >= 1 else low
    elif k > 0:
        high = sp.Min(high, (-sp.log(A) - c) / k)
    else:
        low = sp.Max(low, (-sp.log(A) - c) / k)
    if not low < high:
        reject("A", A, f"must leave a range in which both responses are > 0; {A}*exp({k * W + c}) >= 1 all over it")
    return low, high


def _interpolated(name: str, nodes: Sequence[Any], low: sp.Expr, high: sp.Expr) -> sp.Expr:
    values = [rational(f"{name}[{k}]", value) for k, value in enumerate(nodes)]
    width = (high - low) / (len(values) - 1)
    cases = []
    for k, (left, right) in enumerate(pairwise(values)):
        start = low + k * width
        cases.append((sp.expand(left + (right - left) * (W - start) / width), start + width >= W))
    return sp.Piecewise(*cases[:-1], (cases[-1][0], True))
