"""Appendix K.1, K.2 and K.6: the two families of response functions, what their shape means, and least squares.

Powers with a symbol in the exponent are no real arithmetic: claims about all w are proved for the shapes that the
paper uses. Exponentials become so by u = exp(gamma_res w/tau) > 0 and a = exp(gamma_res) > 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import sympy as sp

from ..objective import Quadratic
from ..response import ResponseFunction, exponential, linear, power
from ..statement import All, Exists, Form, Identity, Implication
from ..symbols import symbol
from . import statement

W, TAU, SHAPE = symbol("w"), symbol("tau"), symbol("gamma_res")
A, U, C = symbol("a"), symbol("u", "positive"), symbol("c")
W_MAX, SLOPE_BOUND = symbol("W_max"), symbol("L_Q", "positive")
SHAPES = (sp.Rational(1, 2), sp.S.One, sp.Integer(2), sp.Integer(3), sp.Integer(4))  # of the figures and tables
RANGE, WITHIN = (-TAU <= W, W <= TAU), (sp.Abs(W) <= W_MAX, W_MAX < TAU)
RANGE_IN_U, WITHIN_IN_U = (A > 1, 1 / A <= U, U <= A), (1 < C, C < A, 1 / C <= U, U <= C)
UP, DOWN = (A / U - 1) / (A - 1), (A * U - 1) / (A - 1)  # (149)
Parts = Iterator[tuple[str, Form]]


def _powers() -> Iterator[tuple[str, ResponseFunction]]:
    return ((f"gamma_res = {shape}", power(TAU, shape)) for shape in SHAPES)


def _substituted() -> Parts:
    """That (149) is UP and DOWN for a = exp(gamma_res), u = exp(gamma_res w/tau)."""
    device = exponential(TAU, SHAPE)
    back = {A: sp.exp(SHAPE), U: sp.exp(SHAPE * W / TAU)}
    for name, formula in (("q_plus", UP), ("q_minus", DOWN)):
        yield f"{name} in a and u", Identity(getattr(device, name), formula.subs(back))


def _between(q: sp.Expr, low: sp.Expr, high: sp.Expr) -> sp.Basic:
    return sp.And(0 < low, low <= q, q <= high)


# (148) and (149)

IN_CLASS = "what it presupposes: that it is in Definition 1 on the dynamic range [-tau, tau] of text-k-8"
AWAY = "inside the dynamic range, away from its ends, at which a response vanishes; as for the linear one (figure-3)"


@statement("eq-148", source="App. K.1, (148)", uses=["definition-1", "eq-16"], reading=IN_CLASS)
def power_response() -> Form:
    """The power response extends (16) and is in the class: positive and differentiable, here at w = -tau + t."""
    general, linear_case, t = power(TAU, SHAPE), linear(TAU), symbol("t", "positive")
    steepness = sp.sqrt(t / TAU) / t  # of q_-, from the end, where it is 0, for gamma_res = 1/2
    near = (sp.Eq(t, 1 / (4 * TAU * SLOPE_BOUND**2)),)
    return All(
        (
            ("q_plus of (16)", Identity(general.q_plus.subs(SHAPE, 1), linear_case.q_plus)),
            ("q_minus of (16)", Identity(general.q_minus.subs(SHAPE, 1), linear_case.q_minus)),
            *((f"positive, {n}", Implication(RANGE, sp.And(q.q_plus > 0, q.q_minus > 0))) for n, q in _powers()),
            ("slope at the end, gamma_res = 1/2", Exists(steepness <= SLOPE_BOUND, given=near)),
        )
    )


@statement(
    "eq-148.amended-1",
    source="App. K.1, (148)",
    amends="eq-148",
    judgement="gap",
    reading=f"{AWAY}; for gamma_res < 1 the slope is unbounded towards the end at which the response vanishes",
    uses=["definition-1"],
)
def power_response_inside() -> Form:
    """For |w| <= W_max < tau both powers lie between (1 - W_max/tau)^gamma_res and (1 + W_max/tau)^gamma_res."""
    x, low = symbol("x"), symbol("low")
    within = (0 < low, low <= x, x <= 2 - low)
    sides = sp.And(*(sp.And(1 - W_MAX / TAU <= side, side <= 1 + W_MAX / TAU) for side in (1 - W / TAU, 1 + W / TAU)))
    return All(
        (
            ("what is raised, with low = 1 - W_max/tau > 0", Implication(WITHIN, sides)),
            *((f"gamma_res = {g}", Implication(within, _between(x**g, low**g, (2 - low) ** g))) for g in SHAPES),
        )
    )


@statement("eq-149", source="App. K.1, (149)", uses=["definition-1"], reading=IN_CLASS)
def exponential_response() -> Form:
    """The exponential response is in the class on its range: positive for u = exp(gamma_res w/tau) within [1/a, a]."""
    return All((*_substituted(), ("positive", Implication(RANGE_IN_U, sp.And(UP > 0, DOWN > 0)))))


@statement(
    "eq-149.amended-1",
    source="App. K.1, (149)",
    amends="eq-149",
    judgement="gap",
    reading=AWAY,
    uses=["definition-1"],
)
def exponential_response_inside() -> Form:
    """For |w| <= W_max < tau it lies between (a/c - 1)/(a - 1) and (a c - 1)/(a - 1), c = exp(gamma_res W_max/tau)."""
    low, high = (A / C - 1) / (A - 1), (A * C - 1) / (A - 1)
    bounds = sp.And(_between(UP, low, high), _between(DOWN, low, high))
    return All((*_substituted(), ("bounds", Implication(WITHIN_IN_U, bounds))))


@statement(
    "text-k-9",
    source="App. K.1",
    uses=["eq-148.amended-1", "eq-149.amended-1", "assumption-4"],
    reading="a bound of the dynamic range: where the response towards it vanishes",
)
def range_and_symmetric_point() -> Form:
    """For (148) and (149) q_+ vanishes at tau alone, q_- at -tau alone, and the symmetric point is 0, and no other."""

    def claim(up: sp.Expr, down: sp.Expr, w: sp.Symbol, points: tuple[sp.Expr, ...]) -> sp.Basic:
        zeros = (sp.Eq(up, 0), sp.Eq(down, 0), sp.Eq(up, down))
        return sp.And(*(sp.Equivalent(zero, sp.Eq(w, at)) for zero, at in zip(zeros, points, strict=True)))

    powers = ((n, Implication(RANGE, claim(q.q_plus, q.q_minus, W, (TAU, -TAU, sp.S.Zero)))) for n, q in _powers())
    return All((*powers, *_substituted(), ("(149)", Implication(RANGE_IN_U, claim(UP, DOWN, U, (A, 1 / A, sp.S.One))))))


@statement("figure-6", source="Fig. 6", uses=["eq-148.amended-1", "eq-149.amended-1"])
def rates_of_growth() -> Form:
    """The families grow at various rates: q' is in proportion to q/(w + tau), or to q plus a constant."""
    by_power, by_exponential = power(TAU, SHAPE).q_minus, exponential(TAU, SHAPE).q_minus
    shifted = by_exponential + 1 / (sp.exp(SHAPE) - 1)
    return All(
        (
            ("power", Identity((TAU + W) * sp.diff(by_power, W), SHAPE * by_power)),
            ("exponential", Identity(TAU * sp.diff(by_exponential, W), SHAPE * shifted)),
        )
    )


# Steepness


def _steeper(given: tuple[sp.Basic, ...]) -> Parts:
    """That q_- is steeper for the larger of two shapes that follow each other, for a power wherever `given` holds."""
    for smaller, larger in pairwise(SHAPES):
        slopes = [sp.diff(power(TAU, shape).q_minus, W) for shape in (smaller, larger)]
        yield f"power, {smaller} to {larger}", Implication(given, slopes[1] > slopes[0])


def _steeper_in_u(*given: sp.Basic) -> Parts:
    """The same for an exponential when gamma_res doubles, as in Table 8: u and a are squared."""
    slope = SHAPE * A * U / (A - 1)
    doubled = slope.subs({SHAPE: 2 * SHAPE, A: A**2, U: U**2}, simultaneous=True)
    back = {A: sp.exp(SHAPE), U: sp.exp(SHAPE * W / TAU)}
    yield "slope in a and u", Identity(TAU * sp.diff(exponential(TAU, SHAPE).q_minus, W), slope.subs(back))
    yield "exponential, doubled", Implication((*RANGE_IN_U, *given), doubled > slope)


@statement(
    "text-k-21",
    source="App. K.6",
    uses=["figure-6"],
    reading="steeper everywhere inside the range; by q_-, of which q_+ is the mirror image",
)
def steeper_everywhere() -> Form:
    """A larger gamma_res makes the response steeper, at every w inside the range."""
    return All((*_steeper((-TAU < W, W < TAU)), *_steeper_in_u(1 / A < U, U < A)))


@statement(
    "text-k-21.amended-1",
    source="App. K.6",
    amends="text-k-21",
    judgement="gap",
    reading="at the symmetric point and beyond it, where q_- is above 1; towards the end where a response vanishes a "
    "larger gamma_res makes it flatter",
    uses=["figure-6"],
)
def steeper_from_the_symmetric_point() -> Form:
    """A larger gamma_res makes q_- steeper at the symmetric point w = 0 and at every w > 0."""
    return All((*_steeper((0 <= W, W <= TAU)), *_steeper_in_u(1 <= U)))


# K.2


@statement("eq-150", source="App. K.2, (150)")
def least_squares() -> Form:
    """||A W - b||^2 / 2 = ||A (W - W*)||^2 / 2 for b = A W*; it is least, 0, at W*; here A of three rows."""
    rows = sp.Matrix(3, 2, sp.symbols("a_1:7", real=True))
    here, there = (np.array(sp.symbols(f"{name}_1 {name}_2", real=True)) for name in ("w", "w_star"))
    residual = rows * sp.Matrix(here) - rows * sp.Matrix(there)
    quadratic = Quadratic(np.array(rows.T * rows), there)
    matrix, W_, W_star = sp.symbols("A W W_star", commutative=False)
    return All(
        (
            ("A W - b, every D", Identity(matrix * W_ - matrix * W_star, matrix * (W_ - W_star))),
            ("f", Identity(residual.dot(residual) / 2, quadratic.value(here))),
            ("f is least at W*", Identity(quadratic.value(there), sp.S.Zero)),
        )
    )
