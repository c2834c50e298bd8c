"""Appendix B: the special linear response of the predecessor paper."""

from __future__ import annotations

import sympy as sp

from ..algorithm import analog_update
from ..response import linear
from ..statement import All, Form, Identity, Implication
from ..symbols import symbol
from . import statement

W, TAU, W_MAX, ALPHA, G_SAMPLE = (symbol(name) for name in ("w", "tau", "W_max", "alpha", "g"))
P_MAX = symbol("P_max", "positive")
LIFT = "lib-lift-elementwise"


def saturation(w: sp.Expr) -> sp.Expr:
    """M = q_+ q_- (65) of the linear response (16) at w."""
    return linear(TAU).M.subs(W, w)


def bounded(bound: sp.Symbol, w: sp.Symbol) -> tuple[sp.Basic, ...]:
    """Text-b-3: a weight within a bound below tau."""
    return (bound < TAU, sp.Abs(w) <= bound)


def least(bound: sp.Symbol) -> Form:
    """M is at least 1 - (bound/tau)^2 in every coordinate within the bound, and equal to it in one that reaches it."""
    value = 1 - (bound / TAU) ** 2
    return All(
        (
            ("bound", Implication(given=bounded(bound, W), claim=saturation(W) >= value, lift=LIFT)),
            ("reached", Implication(given=(sp.Eq(sp.Abs(W), bound),), claim=sp.Eq(saturation(W), value), lift=LIFT)),
        )
    )


@statement("eq-16", source="App. B, (16)", uses=["eq-4"])
def special_linear_response() -> Form:
    """The linear response of (16): both responses are positive inside the range, and sum to 2."""
    device = linear(TAU)
    inside = (-TAU < W, W < TAU)
    return All(
        (
            ("positive", Implication(given=inside, claim=sp.And(1 - W / TAU > 0, 1 + W / TAU > 0))),
            ("q_plus", Identity(device.q_plus, 1 - W / TAU)),
            ("q_minus", Identity(device.q_minus, 1 + W / TAU)),
        )
    )


@statement("text-b-2", source="App. B", uses=["eq-4", "eq-16"])
def parts_of_the_linear_response() -> Form:
    """For (16) the symmetric point is 0, F = 1 and G = w/tau."""
    device = linear(TAU)
    return All(
        (
            ("F", Identity(device.F, sp.S.One, lift=LIFT)),
            ("G", Identity(device.G, W / TAU, lift=LIFT)),
            ("symmetric point", Implication(given=(sp.Eq(device.G, 0),), claim=sp.Eq(W, 0), lift=LIFT)),
        )
    )


@statement("eq-17", source="App. B, (17)", uses=["eq-16"])
def bounds_of_the_responses() -> Form:
    """For weights within W_max, both responses lie between 1 - W_max/tau and 1 + W_max/tau."""
    device = linear(TAU)
    low, high = 1 - W_MAX / TAU, 1 + W_MAX / TAU
    return Implication(
        given=bounded(W_MAX, W),
        claim=sp.And(*(sp.And(low <= q, q <= high) for q in (device.q_plus, device.q_minus))),
        lift=LIFT,
    )


@statement("eq-18", source="App. B, (18)", uses=["eq-16", "eq-65", LIFT])
def least_saturation() -> Form:
    """The least entry of M(W) is 1 - (max|W|/tau)^2: no coordinate is below it, the largest one reaches it."""
    return least(symbol("W_inf", "positive"))


def _equal_to_the_bound(bound: sp.Symbol) -> Form:
    return Implication(given=bounded(bound, W), claim=sp.Eq(saturation(W), 1 - (bound / TAU) ** 2))


NOT_REACHED = "the constant is given as a bound, which need not be reached: a lower bound, equal where it is reached"


@statement("eq-19", source="App. B, (19)", uses=["eq-18"])
def least_saturation_in_training() -> Form:
    """The least saturation of weights within W_max equals 1 - (W_max/tau)^2; here of a single weight."""
    return _equal_to_the_bound(W_MAX)


@statement(
    "eq-19.amended-1", source="App. B, (19)", amends="eq-19", judgement="gap", reading=NOT_REACHED, uses=["eq-18", LIFT]
)
def least_saturation_is_bounded() -> Form:
    """The saturation is at least 1 - (W_max/tau)^2, with equality where |w| = W_max."""
    return least(W_MAX)


@statement("eq-20", source="App. B, (20)", uses=["eq-10", "text-b-2"])
def weighted_average() -> Form:
    """For (16) the residual update is (1 - (alpha/tau)|g|) p - alpha g."""
    device, p = linear(TAU), W
    step = analog_update(p, -ALPHA * G_SAMPLE, device.F, device.G)
    size = sp.Abs(G_SAMPLE)
    return All(
        (
            ("first line", Identity(step, p - ALPHA * G_SAMPLE - ALPHA / TAU * size * p, lift=LIFT)),
            ("second line", Identity(step, (1 - ALPHA / TAU * size) * p - ALPHA * G_SAMPLE, lift=LIFT)),
        )
    )


@statement(
    "text-b-5",
    source="App. B",
    uses=["eq-20"],
    reading="an average in the strict sense, weights that add up to one, of p and g or of p and -g",
)
def is_it_an_average() -> Form:
    """The update (20) is a weighted average of p and the gradient: it lies between p and g, or between p and -g."""
    p = W
    following = (1 - ALPHA / TAU * sp.Abs(G_SAMPLE)) * p - ALPHA * G_SAMPLE
    between = (sp.And(sp.Min(p, g) <= following, following <= sp.Max(p, g)) for g in (G_SAMPLE, -G_SAMPLE))
    return Implication(given=(sp.Abs(p) < TAU, ALPHA * sp.Abs(G_SAMPLE) <= TAU), claim=sp.Or(*between))


@statement(
    "text-b-5.amended-1",
    source="App. B",
    amends="text-b-5",
    judgement="slip",
    reading="an average of p and -tau sign(g), the end of the range, with weight alpha |g| / tau",
    uses=["eq-20"],
)
def average_with_the_end_of_the_range() -> Form:
    """The update (20) is the weighted average of p and -tau sign(g) with weight alpha |g| / tau on the latter."""
    gradient, p = G_SAMPLE, W
    weight = ALPHA * sp.Abs(gradient) / TAU
    end = sp.Piecewise((-TAU, gradient >= 0), (TAU, True))
    return Identity((1 - weight) * p - ALPHA * gradient, (1 - weight) * p + weight * end, lift=LIFT)


@statement("text-b-9", source="App. B", uses=["eq-18"])
def least_saturation_of_the_residual() -> Form:
    """The least saturation of a residual within P_max is 1 - (P_max/tau)^2; here of a single weight."""
    return _equal_to_the_bound(P_MAX)


@statement(
    "text-b-9.amended-1", source="App. B", amends="text-b-9", judgement="gap", reading=NOT_REACHED, uses=["eq-18", LIFT]
)
def least_saturation_of_the_residual_is_bounded() -> Form:
    """The saturation of a residual within P_max is at least 1 - (P_max/tau)^2, with equality where |p| = P_max."""
    return least(P_MAX)
