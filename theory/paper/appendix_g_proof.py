"""Appendix G: the first half of the proof of Theorem 5, (46)-(53): grad f_Sigma.

Symbols that do not commute stand for matrices: K = H + S with S = Diag(Sigma) R'(W_sp), so that H is written K - S.
Orders in one weight come from series for any smooth f, response and noise; in several weights they are measured.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import sympy as sp

from ..penalty import ImplicitPenalty, scaled_update
from ..penalty_series import DELTA
from ..response import linear, power
from ..statement import All, Form, Identity, Implication
from ..symbols import symbol
from . import statement
from .near_symmetry import ROUGH_RATIO, SIGMA, SMOOTH, OneWeight, measured, order

K, S, MINIMUM, CENTRE = sp.symbols("K S W_star W_sp", commutative=False)
H = K - S
MATRIX_POINT = K**-1 * (H * MINIMUM + S * CENTRE)
W, TAU, C_LIN, W_SP, W_STAR = (symbol(name) for name in ("w", "tau", "c_lin", "w_sp", "w_star"))
CURVATURE, NOISE, SLOPE, POINT = symbol("curvature"), symbol("Sigma"), symbol("slope_of_R"), symbol("w_tilde")
GRADIENT, MOMENT, RATIO = symbol("gradient"), symbol("abs_mean"), symbol("R")
LIFT = "lib-lift-elementwise"
GENERIC = "in one weight, by series for any smooth f, R and noise with f'' > 0, R' > 0 and Sigma > 0"

# W~* as the root of its defining equation, for one weight: W* and W_sp apart, h >= 0 as at any minimum
DEFINED = (
    sp.Ne(CURVATURE + NOISE * SLOPE, 0),
    sp.Eq((CURVATURE + NOISE * SLOPE) * POINT, CURVATURE * W_STAR + NOISE * SLOPE * W_SP),
    sp.Ne(W_SP, W_STAR),
    CURVATURE >= 0,
)


def _distance(to: sp.Symbol, matrix: sp.Expr, end: sp.Symbol, *more: sp.Basic) -> tuple[tuple[str, Form], ...]:
    """The identity for every dimension, and the lower half of Theta: linear in W* - W_sp, so not zero is enough."""
    return (
        ("identity", Identity(to - MATRIX_POINT, matrix)),
        ("Theta, one weight: not zero", Implication((*DEFINED, *more), sp.Abs(end - POINT) > 0)),
    )


FROM_CENTRE = K**-1 * H * (CENTRE - MINIMUM)
FROM_MINIMUM = K**-1 * S * (MINIMUM - CENTRE)


@statement("eq-46", source="App. G, (46)", uses=["eq-43"])
def distance_to_the_symmetric_point() -> Form:
    """W_sp - Wt* is (H + S)^-1 H (W_sp - W*), and of the order of |W_sp - W*|."""
    return All(_distance(CENTRE, FROM_CENTRE, W_SP))


@statement(
    "eq-46.amended-1",
    source="App. G, (46)",
    amends="eq-46",
    judgement="gap",
    reading="the Hessian is positive definite at W*: a unique minimiser can have none, as w^4 has",
    uses=["eq-43.amended-1"],
)
def distance_to_the_symmetric_point_with_curvature() -> Form:
    """W_sp - Wt* is (H + S)^-1 H (W_sp - W*), and of the order of |W_sp - W*| where H is positive definite."""
    several = measured(lambda p: p.symmetric_point - p.w_tilde, 1, "|W_sp - Wt*| = Theta(|W_sp - W*|)", "Theta")
    return All((*_distance(CENTRE, FROM_CENTRE, W_SP, CURVATURE > 0), ("Theta, several weights", several)))


@statement("eq-47", source="App. G, (47)", uses=["eq-43"])
def distance_to_the_minimiser() -> Form:
    """W* - Wt* is (H + S)^-1 S (W* - W_sp), and of the order of |W_sp - W*|."""
    return All(_distance(MINIMUM, FROM_MINIMUM, W_STAR))


@statement(
    "eq-47.amended-1",
    source="App. G, (47)",
    amends="eq-47",
    judgement="gap",
    reading="there is noise at W* and R is not flat at W_sp, in every coordinate",
    uses=["eq-43.amended-1"],
)
def distance_to_the_minimiser_under_noise() -> Form:
    """W* - Wt* is (H + S)^-1 S (W* - W_sp), of the order of |W_sp - W*| where Sigma and R'(W_sp) are not zero."""
    several = measured(lambda p: p.minimizer - p.w_tilde, 1, "|W* - Wt*| = Theta(|W_sp - W*|)", "Theta")
    more = (NOISE > 0, sp.Ne(SLOPE, 0))
    return All((*_distance(MINIMUM, FROM_MINIMUM, W_STAR, *more), ("Theta, several weights", several)))


def orders(field: str, point: str, claims: int, sense: Any = "O") -> tuple[tuple[str, Form], ...]:
    """The order of grad f_Sigma or T at a point: in one weight by series, in several measured."""
    scalar = {"gradient": SMOOTH.penalised_slope, "T": SMOOTH.T}[field]
    where = {"w_tilde": SMOOTH.w_tilde, "minimizer": DELTA, "symmetric_point": sp.S.Zero}[point]

    def quantity(penalty: ImplicitPenalty) -> Any:
        return getattr(penalty, field)(getattr(penalty, point))

    says = f"|{field}({point})| = {sense}(|W_sp - W*|^{claims})"
    return (
        (f"{field} at {point}, one weight", order(scalar(where), claims, sense)),
        (f"{field} at {point}, several weights", measured(quantity, claims, says, sense)),
    )


ROUGH_GRADIENT = ("R without a second derivative", order(ROUGH_RATIO.penalised_slope(ROUGH_RATIO.w_tilde), 2))
REGULAR = "H is positive definite at W* and R does not fall at W_sp, as (43) needs"
SECOND_DERIVATIVES = f"f has three derivatives near W*, and R two near W_sp, as (49) and (50) need; {REGULAR}"


@statement("text-g-9", source="App. G, Step 1a", uses=["eq-48", "eq-49", "eq-50", "eq-51"], reading=GENERIC)
def gradient_is_of_second_order() -> Form:
    """|grad f_Sigma(Wt*)| <= O(|W_sp - W*|^2), for the responses of Definition 1."""
    return All((*orders("gradient", "w_tilde", 2), ROUGH_GRADIENT))


@statement(
    "text-g-9.amended-1",
    source="App. G, Step 1a",
    amends="text-g-9",
    judgement="gap",
    reading=SECOND_DERIVATIVES,
    uses=["eq-48", "eq-51.amended-1"],
)
def gradient_is_of_second_order_where_smooth() -> Form:
    """|grad f_Sigma(Wt*)| <= O(|W_sp - W*|^2), with the derivatives that the expansions need."""
    return All(orders("gradient", "w_tilde", 2))


@statement("eq-48", source="App. G, (48)", uses=["eq-44", "text-g-2"])
def gradient_of_the_penalised_objective() -> Form:
    """Grad f_Sigma = grad f + Sigma R; here a cubic f of two weights and a linear response."""
    device, weights = linear(TAU, C_LIN), sp.symbols("w_1 w_2", real=True)
    amounts = sp.symbols("Sigma_1 Sigma_2", nonnegative=True)
    a, b, c, d = sp.symbols("a b c d", real=True)
    x, y = weights
    f = a * x**2 + b * x * y + c * y**2 + d * x**3 + d * x * y**2
    penalty = sum(s * device.R_c.subs(W, w) for s, w in zip(amounts, weights, strict=True))
    slopes = sp.Matrix([sp.diff(f + penalty, w) for w in weights])
    update = [scaled_update(sp.diff(f, w), s, device.R.subs(W, w)) for s, w in zip(amounts, weights, strict=True)]
    inside = tuple(bound for w in weights for bound in (-TAU < w, w < TAU))
    return Identity(slopes, sp.Matrix(update), (*inside, -1 < C_LIN, C_LIN < 1))


@statement("text-g-10", source="App. G, Step 1a", uses=["eq-41"])
def both_vanish() -> Form:
    """Grad f(W*) = 0 (a step of gradient/L would lower f below its minimum else), and R(W_sp) = 0."""
    here, there, smoothness = symbol("f_at_minimiser"), symbol("f_after_step"), symbol("L")
    descent = there <= here - GRADIENT**2 / (2 * smoothness)
    vanishes = Implication(given=(descent, there >= here), claim=sp.Eq(GRADIENT, 0), lift=LIFT)
    parts = (
        (f"R(W_sp), {d}", Identity(d.R.subs(W, d.symmetric_point), 0)) for d in (linear(TAU, C_LIN), power(TAU, 2))
    )
    return All((("grad f(W*)", vanishes), *parts))


def _taylor(members: dict[str, sp.Expr]) -> Form:
    """That what is left of each expression in w = delta after its linear term is of second order."""
    return All(
        tuple((name, order((e - W * sp.diff(e, W).subs(W, 0)).subs(W, DELTA), 2)) for name, e in members.items())
    )


SMOOTH_SLOPE = symbol("h") * W + symbol("f_3") * W**2 / 2 + symbol("f_4") * W**3 / 6
SMOOTH_RATIO = symbol("r_1") * W + symbol("r_2") * W**2 / 2 + symbol("r_3") * W**3 / 6
ROUGH = W + sp.sign(W) * sp.Abs(W) ** sp.Rational(3, 2) / 4


@statement("eq-49", source="App. G, (49)", uses=["text-g-10"])
def expansion_of_the_gradient() -> Form:
    """Grad f(Wt*) = H (Wt* - W*) + O((Wt* - W*)^2), for an f with a Hessian; w stands for Wt* - W*."""
    return _taylor({"three derivatives": SMOOTH_SLOPE, "two, f = w^2/2 + |w|^(5/2)/10": ROUGH})


@statement("eq-50", source="App. G, (50)", uses=["text-g-10"])
def expansion_of_the_ratio() -> Form:
    """R(Wt*) = R'(W_sp) (Wt* - W_sp) + O((Wt* - W_sp)^2), for q_+, q_- differentiable; w stands for Wt* - W_sp.

    The second response is q_+- = 1 -+ R/2, with R = w + |w|^(3/2) sign(w)/4 up to scale, differentiable on [-1, 1].
    """
    return _taylor({"two derivatives": SMOOTH_RATIO, "one, R with |w|^(3/2)": ROUGH / 2})


@statement(
    "eq-49.amended-1",
    source="App. G, (49)",
    amends="eq-49",
    judgement="gap",
    reading="the Hessian is Lipschitz near W* (three derivatives); with two derivatives the remainder is o(|Wt* - W*|)",
    uses=["text-g-10"],
)
def expansion_of_a_smoother_gradient() -> Form:
    """With three derivatives, grad f(Wt*) = H (Wt* - W*) + O((Wt* - W*)^2)."""
    return _taylor({"three derivatives": SMOOTH_SLOPE})


@statement(
    "eq-50.amended-1",
    source="App. G, (50)",
    amends="eq-50",
    judgement="gap",
    reading="R' is Lipschitz near W_sp (two derivatives); Definition 1 has one, with a remainder o(|Wt* - W_sp|)",
    uses=["text-g-10"],
)
def expansion_of_a_smoother_ratio() -> Form:
    """With two derivatives, R(Wt*) = R'(W_sp) (Wt* - W_sp) + O((Wt* - W_sp)^2)."""
    return _taylor({"two derivatives": SMOOTH_RATIO})


def _remainder(relation: Callable[[sp.Expr, sp.Expr], sp.Basic], *given: sp.Basic) -> Form:
    """How the remainder of (49) compares with |Wt* - W*|^2, `third` being f''' at a point between (Lagrange)."""
    third, step = symbol("third_derivative"), symbol("step")
    return Implication(given=given, claim=relation(sp.Abs(third * step**2 / 2), step**2))


@statement("text-g-11", source="App. G, Step 1a", reading="literal: the norms are equal to those, not bounded by them")
def meaning_of_the_remainders() -> Form:
    """The O terms of (49) and (50) are vectors of norm |Wt* - W*|^2 and |Wt* - W_sp|^2."""
    return _remainder(sp.Eq)


@statement(
    "text-g-11.amended-1",
    source="App. G, Step 1a",
    amends="text-g-11",
    judgement="slip",
    reading="of norm at most a constant times those: for a quadratic f the remainder is zero",
)
def bound_of_the_remainders() -> Form:
    """The O terms have norms of at most M/2 times those squares, M being a bound of the third derivative."""
    bound = symbol("M", "positive")
    return _remainder(lambda size, square: size <= bound / 2 * square, sp.Abs(symbol("third_derivative")) <= bound)


LINEAR_TERMS = ("L2 to L3, every D", Identity(H * (MATRIX_POINT - MINIMUM) + S * (MATRIX_POINT - CENTRE), 0 * K))


@statement("eq-51", source="App. G, (51)", uses=["eq-46", "eq-47", "eq-48", "eq-49", "eq-50"], reading=GENERIC)
def penalised_gradient_at_the_linearised_point() -> Form:
    """The linear terms of grad f_Sigma cancel at Wt*, and what is left is O(|W* - W_sp|^2), for Definition 1."""
    return All((LINEAR_TERMS, *orders("gradient", "w_tilde", 2), ROUGH_GRADIENT))


@statement(
    "eq-51.amended-1",
    source="App. G, (51)",
    amends="eq-51",
    judgement="gap",
    reading=SECOND_DERIVATIVES,
    uses=["eq-46.amended-1", "eq-47.amended-1", "eq-48", "eq-49.amended-1", "eq-50.amended-1"],
)
def penalised_gradient_at_the_linearised_point_where_smooth() -> Form:
    """The linear terms cancel at Wt*, and what is left is O(|W* - W_sp|^2), with the derivatives it needs."""
    return All((LINEAR_TERMS, *orders("gradient", "w_tilde", 2)))


@statement("eq-51-s1", source="App. G, (51)", uses=["eq-46.amended-1", "eq-47.amended-1"])
def both_squares_are_of_second_order() -> Form:
    """(Wt* - W*)^2 and (Wt* - W_sp)^2 are O(|W* - W_sp|^2): both steps are linear in W* - W_sp; one weight."""
    distances = {"to W*": SMOOTH.w_tilde - DELTA, "to W_sp": SMOOTH.w_tilde}
    return All(tuple((name, order(d**2, 2)) for name, d in distances.items()))


def theta_orders(field: str) -> tuple[tuple[str, Form], ...]:
    """That grad f_Sigma or T is of first order, and no higher, at W_sp and at W*."""
    return (*orders(field, "symmetric_point", 1, "Theta"), *orders(field, "minimizer", 1, "Theta"))


def theta(field: str, *given: sp.Basic) -> tuple[tuple[str, Form], ...]:
    """Grad f_Sigma or T, which agree at both points, is not zero there: quadratic f, linear response, one weight."""
    apart = (sp.Ne(W_STAR, W_SP), CURVATURE > 0, NOISE >= 0, SLOPE > 0, *given)
    return (
        (f"{field}(W_sp)", Implication(apart, sp.Abs(CURVATURE * (W_SP - W_STAR)) > 0)),
        (f"{field}(W*)", Implication(apart, sp.Abs(NOISE * SLOPE * (W_STAR - W_SP)) > 0)),
    )


FLAT = OneWeight(lambda w: (w - DELTA) ** 3, lambda w: w / TAU, lambda _: SIGMA)


def theta_as_printed(field: str) -> tuple[tuple[tuple[str, Form], ...], tuple[tuple[str, Form], ...]]:
    """What (52) or (56) and what (53) or (57) claim of all unique minimisers: at W_sp, also where f'' = 0 at W*."""
    at_centre, at_minimum = theta(field)
    flat = {"gradient": FLAT.penalised_slope, "T": FLAT.T}[field](sp.S.Zero)
    return (at_centre, (f"{field}(W_sp), f = (w - W*)^4/4", order(flat, 1, "Theta"))), (at_minimum,)


DEGENERATE = "curvature, noise at W*, and a slope of R at W_sp: without them it may be of higher order, or zero"
ASSUMED = (NOISE > 0,)


@statement("text-g-12", source="App. G, Step 1b", uses=["eq-52", "eq-53"])
def update_is_of_first_order() -> Form:
    """|T(W_sp)| and |T(W*)| are Theta(|W_sp - W*|)."""
    at_centre, at_minimum = theta_as_printed("T")
    return All((*at_centre, *at_minimum))


@statement(
    "text-g-12.amended-1",
    source="App. G, Step 1b",
    amends="text-g-12",
    judgement="gap",
    reading=f"for grad f_Sigma, as the step shows; with {DEGENERATE}",
    uses=["eq-52.amended-1", "eq-53.amended-1"],
)
def penalised_gradient_is_of_first_order() -> Form:
    """|grad f_Sigma| is Theta(|W_sp - W*|) at W_sp and at W*, with curvature, noise and a slope of R."""
    return All((*theta("gradient", *ASSUMED), *theta_orders("gradient")))


# Quadratic f and linear response, with W_sp = 0: where the equalities in (52), (53), (56), (57) can be read off

HESSIAN = sp.Matrix(2, 2, sp.symbols("H_11 H_12 H_12 H_22", real=True))
MINIMA = sp.Matrix(sp.symbols("w_star_1 w_star_2", real=True))
RATES = sp.diag(*sp.symbols("r_1 r_2", positive=True))
AMOUNTS = sp.diag(*sp.symbols("Sigma_1 Sigma_2", nonnegative=True))
ORIGIN = sp.zeros(2, 1)


def slopes(w: sp.Matrix) -> sp.Matrix:
    """Grad f in two weights."""
    return HESSIAN * (w - MINIMA)


def ratios(w: sp.Matrix) -> sp.Matrix:
    """R in two weights."""
    return RATES * w


def penalised_slopes(w: sp.Matrix) -> sp.Matrix:
    """Grad f_Sigma (48) in two weights."""
    return scaled_update(slopes(w), AMOUNTS, ratios(w))


def sizes(*chain: sp.Matrix) -> tuple[tuple[str, Form], ...]:
    """That the vectors of a chain of norms agree up to signs, one after another, so that their norms are equal."""
    pairs = enumerate(pairwise(chain), start=1)
    return tuple(
        (f"equality {k}, two weights", Identity(a.applyfunc(sp.Abs), b.applyfunc(sp.Abs))) for k, (a, b) in pairs
    )


def size(k: int, left: sp.Expr, right: sp.Expr) -> tuple[str, Form]:
    """One equality of a chain of norms, in one weight, for h > 0, Sigma > 0 and a rising R: where none degenerates."""
    given = (CURVATURE > 0, NOISE > 0, SLOPE > 0, sp.Ne(W_STAR, 0))
    return f"equality {k}, one weight", Identity(sp.Abs(left), sp.Abs(right), given)


AT_CENTRE, AT_MINIMUM = CURVATURE * (0 - W_STAR), NOISE * SLOPE * W_STAR


@statement("eq-52", source="App. G, (52)", uses=["eq-48"])
def penalised_gradient_at_the_symmetric_point() -> Form:
    """|grad f_Sigma(W_sp)| = |grad f + Sigma R| there = |Sigma R(W*)| = Theta(|W* - W_sp|)."""
    return All((size(2, AT_CENTRE, AT_MINIMUM), *theta_as_printed("gradient")[0]))


@statement("eq-53", source="App. G, (53)", uses=["eq-48"])
def penalised_gradient_at_the_minimiser() -> Form:
    """|grad f_Sigma(W*)| = |grad f + Sigma R| there = |grad f(W_sp)| = Theta(|W* - W_sp|)."""
    return All((size(2, AT_MINIMUM, AT_CENTRE), *theta_as_printed("gradient")[1]))


SWAPPED = "the right-hand sides of (52) and (53) exchanged"


@statement(
    "eq-52.amended-1",
    source="App. G, (52)",
    amends="eq-52",
    judgement="slip",
    reading=f"{SWAPPED}; the Hessian is positive definite",
    uses=["eq-48", "text-g-10"],
)
def penalised_gradient_at_the_symmetric_point_is_that_of_f() -> Form:
    """|grad f_Sigma(W_sp)| = |grad f(W_sp)| = Theta(|W* - W_sp|)."""
    first = (*theta("gradient", *ASSUMED)[:1], *orders("gradient", "symmetric_point", 1, "Theta"))
    return All((*sizes(penalised_slopes(ORIGIN), slopes(ORIGIN)), *first))


@statement(
    "eq-53.amended-1",
    source="App. G, (53)",
    amends="eq-53",
    judgement="slip",
    reading=f"{SWAPPED}; there is noise at W*, and R is not flat at W_sp",
    uses=["eq-48", "text-g-10"],
)
def penalised_gradient_at_the_minimiser_is_the_pull() -> Form:
    """|grad f_Sigma(W*)| = |Sigma R(W*)| = Theta(|W* - W_sp|)."""
    first = (*theta("gradient", *ASSUMED)[1:], *orders("gradient", "minimizer", 1, "Theta"))
    return All((*sizes(penalised_slopes(MINIMA), AMOUNTS * ratios(MINIMA)), *first))
