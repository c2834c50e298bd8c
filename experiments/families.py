"""Families of device responses that a measured curve can be fitted with.

All are written for a conductance y in scaled units, in which the measured curve fills about [-1, 1]. A family turns a
vector of numbers into the step of one pulse up and of one pulse down at y, and into the pair of response functions on
the weight w = (y - centre)/half, scaled so that (q_+ + q_-)/2 = 1 at w = 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import atanh, exp, expm1, log, tanh
from typing import Literal, NamedTuple

import sympy as sp

from ..theory.response import ResponseFunction, W, from_expressions, linear
from ..theory.validate import rational
from .composition import EXP, EXPM1, FARTHEST, LINE, POWER, Step, Steps, step

Vector = Sequence[float]
# limits of logarithms, so that no step overflows while the search tries numbers
_MOST, _WIDE, _STEEP, _LEAST = 30.0, 4.0, 3.5, 1e-12
DIGITS = 6  # significant digits that a fitted number keeps


class Rates(NamedTuple):
    """Rough steps per pulse at y = -1 and y = 1, from which a search starts."""

    up_low: float
    up_high: float
    down_low: float
    down_high: float


class Scale(NamedTuple):
    """The weight's unit: y = centre + half w, and the step dw_min in units of w."""

    centre: float
    half: float
    dw_min: float


@dataclass(frozen=True)
class Family:
    """A family of responses.

    name, formula: what it is called, and q_+, q_- as text. steps: the steps from a parameter vector. starts: vectors to
    search from. pair: the response functions on the weight's scale. covers: what the range is: "bounds", at which the
    responses end and which are parameters; "reached", what the fitted curve reaches; "data", all of [-1, 1].
    """

    name: str
    formula: str
    steps: Callable[[Vector], Steps]
    starts: Callable[[Rates], list[list[float]]]
    pair: Callable[[Vector, Scale], ResponseFunction]
    covers: Literal["bounds", "reached", "data"] = "reached"


def number(value: float) -> sp.Rational:
    """A fitted number as an exact rational of `DIGITS` significant digits."""
    return rational("fitted number", f"{value:.{DIGITS}g}")


def _exp(x: float, most: float = _MOST) -> float:
    return exp(min(max(x, -most), most))


def _log(x: float) -> float:
    return log(max(x, _LEAST))


# soft bounds: q_+ ends at the upper bound m + tau, q_- at the lower bound m - tau


def _common(theta: Vector) -> tuple[float, float, float, float]:
    """Centre, half-width, and the sizes of both polarities from (m, log tau, atanh c, log d)."""
    m, tau, c, d = theta[0], _exp(theta[1], _WIDE), tanh(theta[2]), _exp(theta[3])
    return m, tau, d * (1 + c), d * (1 - c)


def _linear_steps(theta: Vector) -> Steps:
    m, tau, a, b = _common(theta)
    up, down = step(LINE, a * (1 + m / tau), -a / tau), step(LINE, b * (1 - m / tau), b / tau)
    return Steps(up, down, m - tau, m + tau)


def _pow_steps(theta: Vector) -> Steps:
    """Powers of the distance to the bounds; one exponent for both polarities where there are no two."""
    (m, tau, a, b), g, h = _common(theta), _exp(theta[4], _STEEP), _exp(theta[-1], _STEEP)
    up, down = step(POWER, a, 1 + m / tau, -1 / tau, g), step(POWER, b, 1 - m / tau, 1 / tau, h)
    return Steps(up, down, m - tau, m + tau)


def _exponential_steps(theta: Vector) -> Steps:
    (m, tau, a, b), g = _common(theta), _steepness(theta)
    whole = expm1(g)
    up, down = step(EXPM1, a / whole, 1 + m / tau, -1 / tau, g), step(EXPM1, b / whole, 1 - m / tau, 1 / tau, g)
    return Steps(up, down, m - tau, m + tau)


def _steepness(theta: Vector) -> float:
    """The exponential family's g, at most 33, and away from 0, where the family is the linear one."""
    return exp(min(max(theta[4], -7.0), _STEEP))


def _soft_starts(rates: Rates, *shapes: Sequence[float]) -> list[list[float]]:
    a, b = (rates.up_low + rates.up_high) / 2, (rates.down_low + rates.down_high) / 2
    c = atanh(min(max((a - b) / (a + b), -0.9), 0.9))
    common = [[0.0, log(tau), c, _log((a + b) / 2)] for tau in (1.02, 1.3, 2.5)]
    return [[*start, *shape] for start in common for shape in product(*shapes)]


def _c(theta: Vector) -> sp.Rational:
    return number(tanh(theta[2]))


def _linear_pair(theta: Vector, scale: Scale) -> ResponseFunction:  # noqa: ARG001
    return linear(1, _c(theta))


def _biased(up: sp.Expr, down: sp.Expr, theta: Vector) -> ResponseFunction:
    c = _c(theta)
    return from_expressions((1 + c) * up, (1 - c) * down, -1, 1)


def _power_pair(theta: Vector, scale: Scale) -> ResponseFunction:  # noqa: ARG001
    g = number(_exp(theta[4], _STEEP))
    return _biased((1 - W) ** g, (1 + W) ** g, theta)


def _pow_pair(theta: Vector, scale: Scale) -> ResponseFunction:  # noqa: ARG001
    return _biased((1 - W) ** number(_exp(theta[4], _STEEP)), (1 + W) ** number(_exp(theta[5], _STEEP)), theta)


def _exponential_pair(theta: Vector, scale: Scale) -> ResponseFunction:  # noqa: ARG001
    g = number(_steepness(theta))
    up, down = ((sp.exp(g * (1 + sign * W)) - 1) / (sp.exp(g) - 1) for sign in (-1, 1))
    return _biased(up, down, theta)


# hard bounds, the last two parameters: a response keeps its size up to them, and a curve need not reach them


def _hard(up: Step, down: Step, theta: Vector) -> Steps:
    low, high = (min(max(bound, -FARTHEST), FARTHEST) for bound in theta[-2:])
    return Steps(up, down, low, high)


_BOUNDS = ([-0.97, 0.97], [-0.88, 0.88], [-4.0, 4.0])


def _constant_steps(theta: Vector) -> Steps:
    a, b = _exp(theta[0]), _exp(theta[1])
    return _hard(step(LINE, a, 0.0), step(LINE, b, 0.0), theta)


def _constant_starts(rates: Rates) -> list[list[float]]:
    a, b = _log((rates.up_low + rates.up_high) / 2), _log((rates.down_low + rates.down_high) / 2)
    return [[a + 0.2 * k, b + 0.2 * k, *bounds] for bounds in _BOUNDS for k in (0, 2)]


def _constant_pair(theta: Vector, scale: Scale) -> ResponseFunction:
    a, b = (number(_exp(size) / scale.half / scale.dw_min) for size in theta[:2])
    return from_expressions(a, b, -1, 1)


def _line(low: float, high: float) -> tuple[float, float]:
    """Level and slope of the line with these values at y = -1 and y = 1."""
    return (low + high) / 2, (high - low) / 2


def _linear_step_steps(theta: Vector) -> Steps:
    u, U, d, D = (_exp(x) for x in theta[:4])
    return _hard(step(LINE, *_line(u, U)), step(LINE, *_line(d, D)), theta)


def _ends(rates: Rates) -> list[float]:
    return [_log(rate) for rate in rates]


def _linear_step_starts(rates: Rates) -> list[list[float]]:
    return [[*_ends(rates), *bounds] for bounds in _BOUNDS]


def _linear_step_pair(theta: Vector, scale: Scale) -> ResponseFunction:
    u, U, d, D = (_exp(x) for x in theta[:4])
    pair = []
    for level, slope in (_line(u, U), _line(d, D)):
        at_0, rise = (level + slope * scale.centre) / scale.half, slope
        pair.append(number(at_0 / scale.dw_min) + number(rise / scale.dw_min) * W)
    up, down = pair
    return from_expressions(up, down, -1, 1)


def bent(low: float, high: float, k: float) -> tuple[float, float]:
    """(p, r) of p + r exp(k y) with these values at y = -1 and y = 1; k is kept away from 0."""
    r = (high - low) / (exp(k) - exp(-k))
    return low - r * exp(-k), r


def _curvature(k: float) -> float:
    k = min(max(k, -10.0), 10.0)
    return k if abs(k) > 1e-4 else 1e-4


def _exp_step_steps(theta: Vector) -> Steps:
    u, U, d, D = (_exp(x) for x in (*theta[0:2], *theta[3:5]))
    k, m = _curvature(theta[2]), _curvature(theta[5])
    return _hard(step(EXP, *bent(u, U, k), k), step(EXP, *bent(d, D, m), m), theta)


def _exp_step_starts(rates: Rates) -> list[list[float]]:
    u, U, d, D = _ends(rates)
    bends = ((-1.0, 1.0), (1.0, -1.0), (-3.0, 3.0))
    return [[u, U, k, d, D, m, *bounds] for k, m in bends for bounds in _BOUNDS]


def exp_step_terms(theta: Vector, scale: Scale) -> Mapping[str, tuple[float, float, float]]:
    """(p, r, k) of q = p + r exp(k w) for either polarity, on the weight's scale."""
    found = {}
    for name, at in (("up", 0), ("down", 3)):
        k = _curvature(theta[at + 2])
        p, r = bent(_exp(theta[at]), _exp(theta[at + 1]), k)
        unit = scale.half * scale.dw_min
        found[name] = (p / unit, r * exp(k * scale.centre) / unit, k * scale.half)
    return found


def _exp_step_pair(theta: Vector, scale: Scale) -> ResponseFunction:
    terms = exp_step_terms(theta, scale)
    up, down = (number(p) + number(r) * sp.exp(number(k) * W) for p, r, k in (terms["up"], terms["down"]))
    return from_expressions(up, down, -1, 1)


_GAMMAS = [log(g) for g in (0.5, 1.0, 2.5)]
FAMILIES = (
    Family("constant step", "1 + c, 1 - c", _constant_steps, _constant_starts, _constant_pair),
    Family("linear (16)", "(1 + c)(1 - w), (1 - c)(1 + w)", _linear_steps, _soft_starts, _linear_pair, covers="bounds"),
    Family(
        "power (148)",
        "(1 + c)(1 - w)^g, (1 - c)(1 + w)^g",
        _pow_steps,
        lambda rates: _soft_starts(rates, _GAMMAS),
        _power_pair,
        covers="bounds",
    ),
    Family(
        "exponential (149)",
        "(1 + c)(e^(g(1 - w)) - 1)/(e^g - 1), (1 - c)(e^(g(1 + w)) - 1)/(e^g - 1)",
        _exponential_steps,
        lambda rates: _soft_starts(rates, _GAMMAS),
        _exponential_pair,
        covers="bounds",
    ),
    Family("linear step", "a - b w, c + d w", _linear_step_steps, _linear_step_starts, _linear_step_pair),
    Family(
        "power step",
        "(1 + c)(1 - w)^g, (1 - c)(1 + w)^h",
        _pow_steps,
        lambda rates: _soft_starts(rates, [log(0.7), log(1.5)], [log(0.7), log(1.5)]),
        _pow_pair,
        covers="bounds",
    ),
    Family("exponential step", "p + r e^(k w), s + t e^(m w)", _exp_step_steps, _exp_step_starts, _exp_step_pair),
)
