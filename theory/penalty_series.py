"""How Wt* (43) departs from the fixed point of the mean dynamics: the series of T (42) in delta = W* - W_sp.

T vanishes at its root and its slope there tends to K = h + Sigma R'(w_sp), so root - Wt* = -T(Wt*)/K to leading order.
T(Wt*) starts at order 2, and each coefficient names what feeds it:

    R''(w_sp)      the response is not odd about its symmetric point
    E sign(xi)     E|a + xi| is not even in a: one-sided noise, or an atom of it at 0
    f'''(w*)       the objective is not quadratic

Where all of these vanish the order is 3 (R''', the noise's density at 0, f''''), and so on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sympy as sp

from .noise import FiniteSupport, Gaussian, NoNoise, Rademacher, folded_normal
from .penalty import linearised_root, scaled_update
from .response import ResponseFunction
from .symbols import symbol
from .validate import rational, reject

Moment = Callable[[Any, Any], sp.Expr]

HIGHEST = 5
W, DELTA, CURVATURE, SHARE = symbol("w"), symbol("delta"), symbol("h"), sp.Symbol("c", real=True)
OBJECTIVE = tuple(sp.Symbol(f"f_{k}", real=True) for k in range(3, HIGHEST + 2))
RESPONSE = tuple(sp.Symbol(f"R_{k}", real=True) for k in range(1, HIGHEST + 1))
MOMENT = tuple(sp.Symbol(f"A_{k}", real=True) for k in range(HIGHEST + 1))
NAMES = {
    **{s: "f" + "'" * k + "(w*)" for k, s in enumerate(OBJECTIVE, start=3)},
    **{s: "R" + "'" * k + "(w_sp)" for k, s in enumerate(RESPONSE, start=1)},
    **dict(zip(MOMENT[1:3], ("E sign(xi)", "density of xi at 0"), strict=True)),
    **{s: f"derivative {k - 2} of the density of xi at 0" for k, s in enumerate(MOMENT) if k > 2},
}
CAUSES = (*OBJECTIVE, *RESPONSE[1:], *MOMENT[1:])


@dataclass(frozen=True)
class FixedPointOrder:
    """root - Wt* = coefficient * delta**order + ..., for W* = w_sp + delta and delta -> 0+.

    order: an integer, or oo where Wt* is the fixed point exactly (then the coefficient is 0).
    causes: what the coefficient is made of, by name; the values add up to the coefficient.
    """

    order: sp.Expr
    coefficient: sp.Expr
    causes: Mapping[str, sp.Expr]


def taylor(coefficients: Sequence[Any], at: Any, first: int = 0) -> Any:
    """sum_k coefficients[k - first] at**k / k!, from k = first on."""
    return sum(at**k * (c / sp.factorial(k)) for k, c in enumerate(coefficients, start=first))


def scalar_w_tilde(curvature: Any, pull: Any, minimizer: Any, symmetric_point: Any) -> Any:
    """Wt* of (43) for one weight: (h W* + pull W_sp)/(h + pull), with pull = Sigma R'(W_sp)."""
    return linearised_root(curvature, pull, minimizer, symmetric_point, solve=lambda K, b: b / K)


@cache
def generic_coefficients() -> tuple[sp.Expr, ...]:
    """Coefficients of delta^0, delta^1, ... in T(w_sp + c delta), for any smooth scalar objective, response and noise.

    Polynomials in the Taylor coefficients: h, f_3, ... of f at W*; R_1, ... of R at w_sp; A_0, ... of E|a + xi| at 0.
    """
    step = sp.Poly(DELTA, DELTA, domain=sp.QQ[(CURVATURE, SHARE, *OBJECTIVE, *RESPONSE, *MOMENT)])
    gradient = _truncated(taylor((CURVATURE, *OBJECTIVE), step * (SHARE - 1), first=1))
    moment = MOMENT[0] + sum(_powers(gradient))
    update = _truncated(scaled_update(gradient, moment, _truncated(taylor(RESPONSE, step * SHARE, first=1))))
    return tuple(update.coeff_monomial(DELTA**k) for k in range(HIGHEST + 1))


def _truncated(polynomial: sp.Poly) -> sp.Poly:
    return polynomial.rem(sp.Poly(DELTA ** (HIGHEST + 1), DELTA))


def _powers(gradient: sp.Poly) -> Iterable[sp.Poly]:
    """The terms A_k gradient^k / k!, k >= 1, cut at the highest order."""
    power = gradient
    for k, coefficient in enumerate(MOMENT[1:], start=1):
        yield power * (coefficient / sp.factorial(k))
        power = _truncated(power * gradient)


def fixed_point_order(
    response: ResponseFunction, noise: Any, objective: Sequence[Any] = (CURVATURE,)
) -> FixedPointOrder:
    """The order in delta of root - Wt* for one weight, its coefficient, and which terms cause it.

    `noise` is Gaussian, Rademacher, FiniteSupport or NoNoise, or E|a + xi| itself as a function of a and of the sign
    of a. `objective` are f'', f''', ... at the minimiser; what is not given is 0, a quadratic by default.

    Raises ValueError where (43) has no solution (h + Sigma R' = 0) and for noise without such a series, ArithmeticError
    where the order is above HIGHEST.
    """
    moment = noise if callable(noise) else absolute_moment(noise)
    values = _values(response, moment, objective)
    stiffness = values[CURVATURE] + values[MOMENT[0]] * values[RESPONSE[0]]
    for order in range(2, HIGHEST + 1):
        terms = _terms(generic_coefficients()[order], values, -1 / stiffness)
        coefficient = sp.factor(sp.Add(*terms.values()))
        if coefficient != 0:
            return FixedPointOrder(sp.Integer(order), coefficient, terms)
    _require_exact(response, moment, values)
    return FixedPointOrder(sp.oo, sp.S.Zero, {})


def _require_exact(response: ResponseFunction, moment: Moment, values: Mapping[sp.Symbol, Any]) -> None:
    """Raise unless T(Wt*) is zero identically in delta, not only in its first coefficients."""
    past = values[SHARE] - 1
    gradient = taylor([values[s] for s in (CURVATURE, *OBJECTIVE)], DELTA * past, first=1)
    ratio = response.R.subs(W, response.symmetric_point + DELTA * values[SHARE])
    if sp.simplify(scaled_update(gradient, moment(gradient, sp.sign(past)), ratio)) != 0:
        raise ArithmeticError(f"the order of root - Wt* is above {HIGHEST}")


def _values(response: ResponseFunction, moment: Moment, objective: Sequence[Any]) -> dict[sp.Symbol, Any]:
    """The Taylor coefficients of this response, noise and objective; E|a + xi| on grad f(Wt*)'s side of 0."""
    given = [*objective, *[0] * HIGHEST]
    values = {s: sp.sympify(v) for s, v in zip((CURVATURE, *OBJECTIVE), given, strict=False)}
    values |= {s: _derivative(response.R, W, response.symmetric_point, k) for k, s in enumerate(RESPONSE, start=1)}
    pull = moment(sp.S.Zero, sp.S.One) * values[RESPONSE[0]]
    if sp.simplify(values[CURVATURE] + pull) == 0:
        reject("h + Sigma R'(w_sp)", 0, "must not be 0: (43) has no inverse there")
    values[SHARE] = sp.simplify(scalar_w_tilde(values[CURVATURE], pull, 1, 0))
    argument, side = sp.Symbol("a", real=True), sp.sign(sp.factor(values[SHARE] - 1))
    near_zero = moment(argument, side)
    return values | {s: _derivative(near_zero, argument, sp.S.Zero, k) for k, s in enumerate(MOMENT)}


def _derivative(expression: sp.Expr, argument: sp.Symbol, at: sp.Expr, order: int) -> sp.Expr:
    return sp.simplify(sp.diff(expression, argument, order).subs(argument, at))


def _terms(generic: sp.Expr, values: Mapping[sp.Symbol, Any], factor: sp.Expr) -> dict[str, sp.Expr]:
    """The non-zero monomials of a coefficient, named by the Taylor coefficients that they contain, times `factor`."""
    terms = {}
    for exponents, rest in sp.Poly(generic, *CAUSES).terms():
        monomial = sp.Mul(*(s**e for s, e in zip(CAUSES, exponents, strict=True)))
        value = sp.factor((rest * monomial).subs(values) * factor)
        if value != 0:
            terms[" * ".join(NAMES[s] for s in CAUSES if monomial.has(s))] = value
    return terms


def absolute_moment(noise: Any) -> Moment:
    """E|a + xi| for a near 0, as a function of a and of the sign of a (which matters to an atom of the noise at 0).

    Raises ValueError for noise whose law depends on the weight, or on more than one coordinate.
    """
    if isinstance(noise, Gaussian):
        return lambda a, side: folded_normal(a, _exact_number("std", noise.std))  # noqa: ARG005
    atoms = _atoms(noise)
    return lambda a, side: sp.Add(*(p * _sign(x, side) * (a + x) for x, p in atoms))


def _sign(atom: sp.Expr, side: sp.Expr) -> sp.Expr:
    return side if atom == 0 else sp.sign(atom)


def _atoms(noise: Any) -> list[tuple[sp.Expr, sp.Expr]]:
    """Points and probabilities of noise with finite support, in one coordinate."""
    if isinstance(noise, NoNoise):
        return [(sp.S.Zero, sp.S.One)]
    if isinstance(noise, Rademacher):
        scale = _exact_number("scale", noise.scale)
        return [(scale, sp.S.Half), (-scale, sp.S.Half)]
    if isinstance(noise, FiniteSupport):
        pairs = zip(noise.points, noise.probabilities, strict=True)
        return [(_exact_number("points", x), _exact_number("probabilities", p)) for x, p in pairs]
    return reject(
        "noise", noise, "must be Gaussian, Rademacher, FiniteSupport or NoNoise: noise that depends on w has no series"
    )


def _exact_number(name: str, value: Any) -> sp.Expr:
    return value if isinstance(value, sp.Expr) else rational(name, value)
