"""Appendix G: the second half of the proof of Theorem 5, (54)-(57): the mean update T."""

from __future__ import annotations

import sympy as sp

from ..penalty import scaled_update
from ..penalty_series import DELTA
from ..statement import All, Form, Implication
from ..symbols import symbol
from . import statement
from .appendix_g_proof import (
    AMOUNTS,
    ASSUMED,
    DEGENERATE,
    GENERIC,
    LIFT,
    MINIMA,
    ORIGIN,
    REGULAR,
    SECOND_DERIVATIVES,
    orders,
    ratios,
    sizes,
    slopes,
    theta,
    theta_as_printed,
    theta_orders,
)
from .near_symmetry import LIPSCHITZ_NOISE, ROUGH_NOISE, SMOOTH, OneWeight, order

GRADIENT, RATIO, P = symbol("gradient"), symbol("R"), symbol("p")
SIGMA, MOMENT = symbol("Sigma"), symbol("abs_mean", "nonnegative")
LIPSCHITZ = "sample gradients are Lipschitz in the mean: E||grad f(W; xi) - grad f(W'; xi)|| <= L ||W - W'||"
SMOOTH_UPDATE = f"{LIPSCHITZ}; {SECOND_DERIVATIVES}"
LIPSCHITZ_UPDATE = (
    "one weight, E|g| = Sigma (1 + |w - W*|/5)",
    order(LIPSCHITZ_NOISE.T(LIPSCHITZ_NOISE.w_tilde), 2),
)
ROUGH_UPDATE = ("noise that is not Lipschitz", order(ROUGH_NOISE.T(ROUGH_NOISE.w_tilde), 2))


@statement("text-g-13", source="App. G, Step 2a", uses=["eq-51", "eq-54", "eq-55"], reading=GENERIC)
def update_is_of_second_order() -> Form:
    """|T(Wt*)| <= O(|W_sp - W*|^2), for unbiased noise of bounded variance."""
    return All((*orders("T", "w_tilde", 2), ROUGH_UPDATE))


@statement("text-g-15", source="App. G, Step 2a", uses=["eq-51", "eq-54", "eq-55"], reading=GENERIC)
def update_is_of_second_order_by_the_chain() -> Form:
    """(51) and (55) in (54) give |T(Wt*)| <= O(|W_sp - W*|^2), for unbiased noise of bounded variance."""
    return All((*orders("T", "w_tilde", 2), ROUGH_UPDATE))


@statement(
    "text-g-13.amended-1",
    source="App. G, Step 2a",
    amends="text-g-13",
    judgement="gap",
    reading=SMOOTH_UPDATE,
    uses=["eq-51.amended-1", "eq-54.amended-1", "eq-55.amended-1"],
)
def update_is_of_second_order_for_lipschitz_noise() -> Form:
    """|T(Wt*)| <= O(|W_sp - W*|^2) for sample gradients that are Lipschitz in the mean."""
    return All((*orders("T", "w_tilde", 2), LIPSCHITZ_UPDATE))


@statement(
    "text-g-15.amended-1",
    source="App. G, Step 2a",
    amends="text-g-15",
    judgement="gap",
    reading=SMOOTH_UPDATE,
    uses=["eq-51.amended-1", "eq-54.amended-1", "eq-55.amended-1"],
)
def update_is_of_second_order_by_the_chain_for_lipschitz_noise() -> Form:
    """(51) and (55) in (54) give |T(Wt*)| <= O(|W_sp - W*|^2) for sample gradients Lipschitz in the mean."""
    return All((*orders("T", "w_tilde", 2), LIPSCHITZ_UPDATE))


def _split(sign: int) -> sp.Basic:
    """L1 <= L3 of (54), with `sign` before the second term of T."""
    apart = sp.Abs((SIGMA - MOMENT) * RATIO)
    whole, near = (sp.Abs(scaled_update(GRADIENT, sign * m, RATIO)) for m in (MOMENT, SIGMA))
    return whole <= near + apart


ADMITTED = (sp.Abs(RATIO) < 1, SIGMA >= 0, sp.Abs(GRADIENT) <= MOMENT, sp.Eq(GRADIENT, -SIGMA * RATIO))


@statement("eq-54", source="App. G, (54)", uses=["eq-42", "eq-48"])
def update_against_the_penalised_gradient() -> Form:
    """|T(Wt*)| <= |grad f_Sigma(Wt*)| + |(E|g(W*)| - E|g(Wt*)|) R(Wt*)|, in one weight, with T = E g - E|g| R.

    With equality only what a quadratic f and a linear response allow is asked: grad f(Wt*) = -Sigma R(Wt*) by (43).
    """
    update, penalised = (scaled_update(GRADIENT, m, RATIO) for m in (MOMENT, SIGMA))
    first, last = (sp.Eq(sp.Abs(t), sp.Abs(GRADIENT - m * RATIO)) for t, m in ((update, MOMENT), (penalised, SIGMA)))
    return All(
        (
            ("L1, T of (42)", Implication(ADMITTED, first)),
            ("L2 to L3", Implication((), _split(-1))),
            ("L4, grad f_Sigma of (48)", Implication(ADMITTED, last)),
        )
    )


@statement(
    "eq-54.amended-1",
    source="App. G, (54)",
    amends="eq-54",
    judgement="slip",
    reading="a plus before the second term in all four lines, as (42) and (48) have it",
    uses=["eq-42", "eq-48"],
)
def update_against_the_penalised_gradient_with_plus() -> Form:
    """|T(Wt*)| <= |grad f_Sigma(Wt*)| + |(E|g(W*)| - E|g(Wt*)|) R(Wt*)|, in one weight, with T of (42)."""
    return Implication((), _split(1))


@statement("text-g-14", source="App. G, Step 2a")
def reverse_triangle() -> Form:
    """||x| - |y|| <= |x - y|."""
    x, y = symbol("x"), symbol("y")
    return Implication((), sp.Abs(sp.Abs(x) - sp.Abs(y)) <= sp.Abs(x - y))


def _means() -> Form:
    """L1 to L2 of (55), one coordinate, two samples at W* (x) and at Wt* (y); R(W_sp) is zero."""
    x, y = (sp.symbols(f"{name}_1 {name}_2", real=True) for name in "xy")
    moment_x, moment_y, moment_gap = (
        P * sp.Abs(a) + (1 - P) * sp.Abs(b) for a, b in (x, y, (x[0] - y[0], x[1] - y[1]))
    )
    return Implication((P >= 0, P <= 1), sp.Abs(moment_x - moment_y) <= moment_gap, lift=LIFT)


def _product() -> Form:
    """L2 to L3 of (55): ||u v||^2 <= ||u||^2 ||v||^2, the step from D to D + 1 coordinates."""
    product, left, right = (symbol(name, "nonnegative") for name in ("uv_so_far", "u_so_far", "v_so_far"))
    u, v = symbol("u"), symbol("v")
    return Implication((product <= left * right,), product + (u * v) ** 2 <= (left + u**2) * (right + v**2))


def _jensen() -> Form:
    """L3 to L4 of (55): ||E v|| <= E||v||, two samples of norms a and b, their inner product at most a b."""
    a, b, inner = symbol("a", "nonnegative"), symbol("b", "nonnegative"), symbol("inner_product")
    square = P**2 * a**2 + 2 * P * (1 - P) * inner + (1 - P) ** 2 * b**2
    return Implication((P >= 0, P <= 1, inner <= a * b), square <= (P * a + (1 - P) * b) ** 2)


STEPS = (("L1 to L2", _means()), ("L2 to L3", _product()), ("L3 to L4", _jensen()))


def _last(name: str, noise: OneWeight) -> tuple[str, Form]:
    """The order of the second term of (54), in one weight."""
    point = noise.w_tilde
    error = (noise.moment(DELTA) - noise.moment(point)) * noise.ratio(point)
    return f"L5, {name}", order(error, 2)


@statement("eq-55", source="App. G, (55)", uses=["text-g-14", "eq-46", "eq-47"], reading=GENERIC)
def second_term() -> Form:
    """The second term of (54) is O(|Wt* - W*| |Wt* - W_sp|) = O(|W* - W_sp|^2), for noise of bounded variance."""
    return All((*STEPS, _last("smooth noise", SMOOTH), _last("noise that is not Lipschitz", ROUGH_NOISE)))


@statement(
    "eq-55.amended-1",
    source="App. G, (55)",
    amends="eq-55",
    judgement="gap",
    reading=f"{LIPSCHITZ}; {REGULAR}",
    uses=["text-g-14", "eq-46.amended-1", "eq-47.amended-1"],
)
def second_term_for_lipschitz_noise() -> Form:
    """The second term of (54) is O(|W* - W_sp|^2) for sample gradients that are Lipschitz in the mean."""
    return All((*STEPS, _last("smooth noise", SMOOTH), _last("Lipschitz noise", LIPSCHITZ_NOISE)))


@statement("text-g-16", source="App. G, Step 2b", uses=["eq-56", "eq-57"])
def update_is_of_first_order_again() -> Form:
    """|T(W_sp)| and |T(W*)| are Theta(|W_sp - W*|)."""
    at_centre, at_minimum = theta_as_printed("T")
    return All((*at_centre, *at_minimum))


@statement(
    "text-g-16.amended-1",
    source="App. G, Step 2b",
    amends="text-g-16",
    judgement="gap",
    reading=f"with {DEGENERATE}",
    uses=["eq-56.amended-1", "eq-57.amended-1"],
)
def update_is_of_first_order_without_degeneracy() -> Form:
    """|T(W_sp)| and |T(W*)| are Theta(|W_sp - W*|), with curvature, noise and a slope of R."""
    return All((*theta("T", *ASSUMED), *theta_orders("T")))


MOMENTS = sp.diag(*sp.symbols("abs_mean_1 abs_mean_2", nonnegative=True))

PULL = AMOUNTS * ratios(MINIMA)


def update(w: sp.Matrix, moments: sp.Matrix) -> sp.Matrix:
    """T (42) in two weights, where E|g| is Diag(moments)."""
    return scaled_update(slopes(w), moments, ratios(w))


def _printed(w: sp.Matrix, moments: sp.Matrix) -> sp.Matrix:
    """T as (56) and (57) print it, with a minus before its second term."""
    return scaled_update(slopes(w), -moments, ratios(w))


@statement("eq-56", source="App. G, (56)", uses=["eq-42", "text-g-10"])
def update_at_the_symmetric_point() -> Form:
    """|T(W_sp)| = |E g - E|g| R| there = |grad f(W_sp)| = Theta(|W* - W_sp|)."""
    return All((*sizes(update(ORIGIN, MOMENTS), _printed(ORIGIN, MOMENTS), slopes(ORIGIN)), *theta_as_printed("T")[0]))


@statement("eq-57", source="App. G, (57)", uses=["eq-42", "text-g-10"])
def update_at_the_minimiser() -> Form:
    """|T(W*)| = |E g - E|g| R| there = |Sigma R(W*)| = Theta(|W* - W_sp|)."""
    return All((*sizes(update(MINIMA, AMOUNTS), _printed(MINIMA, AMOUNTS), PULL), *theta_as_printed("T")[1]))


@statement(
    "eq-56.amended-1",
    source="App. G, (56)",
    amends="eq-56",
    judgement="gap",
    reading="the Hessian is positive definite at W*",
    uses=["eq-42", "text-g-10"],
)
def update_at_the_symmetric_point_with_curvature() -> Form:
    """|T(W_sp)| = |grad f(W_sp)| = Theta(|W* - W_sp|) where H is positive definite."""
    first = orders("T", "symmetric_point", 1, "Theta")
    return All((*sizes(update(ORIGIN, MOMENTS), slopes(ORIGIN)), *theta("T", *ASSUMED)[:1], *first))


@statement(
    "eq-57.amended-1",
    source="App. G, (57)",
    amends="eq-57",
    judgement="gap",
    reading="there is noise at W* and R is not flat at W_sp, in every coordinate",
    uses=["eq-42", "text-g-10"],
)
def update_at_the_minimiser_under_noise() -> Form:
    """|T(W*)| = |Sigma R(W*)| = Theta(|W* - W_sp|) where Sigma and R'(W_sp) are not zero."""
    first = orders("T", "minimizer", 1, "Theta")
    return All((*sizes(update(MINIMA, AMOUNTS), PULL), *theta("T", *ASSUMED)[1:], *first))
