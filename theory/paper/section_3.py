"""Section 3.1: the drift of Analog SGD and the penalty it amounts to.

Expectations are over two samples g_1, g_2 of probabilities p and 1 - p: the claims are linear in the law of the
gradient, so that a failure on two samples is a failure, and a proof on two samples is named for what it is.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from ..algorithm import analog_update
from ..response import linear
from ..statement import All, Form, Identity, Implication
from ..symbols import symbol
from . import registry, statement

W, ALPHA, F, G = (symbol(name) for name in ("w", "alpha", "F", "G"))
W_SP, TAU, SIGMA = symbol("w_sp"), symbol("tau"), symbol("Sigma")
G_1, G_2, P = symbol("g_1"), symbol("g_2"), symbol("p")


def mean(value: Callable[[sp.Expr], sp.Expr]) -> sp.Expr:
    """Expectation over the two samples."""
    return P * value(G_1) + (1 - P) * value(G_2)


CRITICAL = (P > 0, P < 1, sp.Eq(mean(lambda g: g), 0))
POSITIVE_RESPONSES = (sp.Abs(G) < F,)
NOISY = (sp.Ne(G, 0), sp.Ne(G_1, 0))
NEXT_MEAN = mean(lambda g: analog_update(W, -ALPHA * g, F, G))
DRIFT = ALPHA * mean(sp.Abs) * G


@statement("text-3-2", source="Sec. 3.1")
def digital_is_stable() -> Form:
    """Digital SGD stays, in the mean, at a point where the mean gradient vanishes."""
    return Implication(given=CRITICAL, claim=sp.Eq(mean(lambda g: W - ALPHA * g), W))


@statement("eq-6", source="Sec. 3.1, (6)", uses=["eq-2"])
def analog_is_not() -> Form:
    """At such a point the mean of Analog SGD moves by -alpha E|g| G, not zero where G and the samples are not."""
    return _drift(W - mean(lambda g: ALPHA * g * F - ALPHA * sp.Abs(g) * G))


def _drift(middle: sp.Expr) -> Form:
    """The chain of (6) through a middle expression, and that its end is not w where G and the samples are not zero."""
    given = (*CRITICAL, *POSITIVE_RESPONSES)
    return All(
        (
            ("first equality", Implication(given, claim=sp.Eq(NEXT_MEAN, middle))),
            ("second equality", Implication(given, claim=sp.Eq(middle, W - DRIFT))),
            ("it moves", Implication((*given, *NOISY), claim=sp.Ne(W - DRIFT, W))),
        )
    )


@statement(
    "eq-6.amended-1",
    source="Sec. 3.1, (6)",
    amends="eq-6",
    judgement="slip",
    reading="a plus between the two terms in the bracket, as (2) has it",
    uses=["eq-2"],
)
def analog_drifts() -> Form:
    """At a critical point the mean of Analog SGD moves by -alpha E|g| G, not zero where G and the samples are not."""
    return _drift(W - mean(lambda g: ALPHA * g * F + ALPHA * sp.Abs(g) * G))


def _two_points() -> tuple[tuple[sp.Symbol, ...], tuple[sp.Symbol, ...]]:
    names = ("q_plus", "q_minus")
    left, right = (tuple(symbol(f"{q}_{side}", "positive") for q in names) for side in ("left", "right"))
    return left, right


def _asymmetric_part(responses: tuple[sp.Symbol, ...]) -> sp.Expr:
    up, down = responses
    return (down - up) / 2


@statement(
    "text-3-3",
    source="Sec. 3.1, footnote 2",
    reading="strictly monotonic in the directions of every family of the paper: q_+ falls, q_- rises",
)
def monotone_responses() -> Form:
    """G decreases strictly when q_+ falls and q_- rises strictly: at any two points, left and right."""
    left, right = _two_points()
    falls_and_rises = (left[0] > right[0], left[1] < right[1])
    return Implication(given=falls_and_rises, claim=_asymmetric_part(left) > _asymmetric_part(right))


@statement(
    "text-3-3.amended-1",
    source="Sec. 3.1, footnote 2",
    amends="text-3-3",
    judgement="slip",
    reading="strictly increasing; q_+ falls and q_- rises with w, as in every family of the paper",
)
def monotone_responses_increase() -> Form:
    """G increases strictly when q_+ falls and q_- rises strictly."""
    left, right = _two_points()
    falls_and_rises = (left[0] > right[0], left[1] < right[1])
    return Implication(given=falls_and_rises, claim=_asymmetric_part(left) < _asymmetric_part(right))


def _sign_of_g(order: Callable[[sp.Expr, sp.Expr], sp.Basic]) -> Form:
    """The sign of G on both sides of its zero, and the drift it makes; `order` relates G right of it to G there."""
    noise, at_w_sp = symbol("mean_abs_g", "positive"), symbol("G_sp")
    following = W - ALPHA * noise * G
    right = (W > W_SP, order(G, at_w_sp), sp.Eq(at_w_sp, 0))
    left = (W < W_SP, order(at_w_sp, G), sp.Eq(at_w_sp, 0))
    return All(
        (
            ("G right of it", Implication(given=right, claim=G > 0)),
            ("G left of it", Implication(given=left, claim=G < 0)),
            ("drift from the right", Implication(given=right, claim=following < W)),
            ("drift from the left", Implication(given=left, claim=following > W)),
        )
    )


@statement("text-3-4", source="Sec. 3.1", uses=["eq-6", "text-3-3"])
def drift_to_the_symmetric_point() -> Form:
    """With G strictly decreasing and zero at w_sp, G > 0 right of it, and the mean drifts towards it."""
    return _sign_of_g(sp.Lt)


@statement(
    "text-3-4.amended-1",
    source="Sec. 3.1",
    amends="text-3-4",
    judgement="slip",
    reading="G strictly increasing (text-3-3.amended-1)",
    uses=["eq-6.amended-1", "text-3-3.amended-1"],
)
def drift_with_increasing_g() -> Form:
    """With G strictly increasing and zero at w_sp, G > 0 right of it, and the mean drifts towards it."""
    return _sign_of_g(sp.Gt)


@statement("text-3-5", source="Sec. 3.1", uses=["eq-6.amended-1"])
def drift_grows_with_noise() -> Form:
    """At a critical point E|g| is the first absolute moment of the noise."""
    centre = mean(lambda g: g)
    return Implication(given=CRITICAL, claim=sp.Eq(mean(sp.Abs), mean(lambda g: sp.Abs(g - centre))))


@statement("text-3-6", source="Sec. 3.1", uses=["eq-4"])
def accumulated_asymmetry() -> Form:
    """R_c has derivative R = G/F; here for the generalised linear response."""
    device = linear(TAU, symbol("c_lin"))
    return All(
        (
            ("R is G/F", Identity(device.R * device.F, device.G)),
            ("R_c is its antiderivative", Identity(sp.diff(device.R_c, W), device.R)),
        )
    )


@statement("text-3-7", source="Sec. 3.1", uses=["text-g-3"])
def penalty_is_least_at_the_symmetric_point() -> Form:
    """If R is strictly monotonic, R_c is least at the symmetric point (as in Appendix G)."""
    return registry.build("text-g-3").form


@statement(
    "text-3-7.amended-1",
    source="Sec. 3.1",
    amends="text-3-7",
    judgement="slip",
    reading="R strictly increasing, as in every family of the paper",
    uses=["text-g-3.amended-1"],
)
def increasing_penalty_is_least_at_the_symmetric_point() -> Form:
    """If R is strictly increasing, R_c is least at the symmetric point."""
    return registry.build("text-g-3.amended-1").form


def _linear_penalty() -> sp.Expr:
    return SIGMA * linear(TAU).R_c


@statement("text-3-9", source="Sec. 3.1", uses=["eq-44"])
def linear_penalty_is_l2() -> Form:
    """For the linear response the penalty is Sigma w^2 / (2 tau)."""
    return Identity(_linear_penalty(), SIGMA * W**2 / (2 * TAU))


@statement("text-3-10", source="Sec. 3.1", uses=["text-3-9"])
def penalty_scales() -> Form:
    """The penalty is proportional to Sigma and inversely proportional to tau."""
    scale = symbol("s", "positive")
    penalty = _linear_penalty()
    return All(
        (
            ("in Sigma", Identity(penalty.subs(SIGMA, scale * SIGMA), scale * penalty)),
            ("in tau", Identity(penalty.subs(TAU, scale * TAU), penalty / scale)),
        )
    )


@statement("text-3-11", source="Sec. 3.1", uses=["text-3-10"])
def penalty_needs_noise() -> Form:
    """Without noise the penalty is zero, and more noise makes it larger."""
    more = symbol("Sigma_more", "positive")
    penalty = _linear_penalty()
    return All(
        (
            ("no noise", Identity(penalty.subs(SIGMA, 0), sp.S.Zero)),
            (
                "more noise",
                Implication(given=(more > SIGMA, sp.Ne(W, 0)), claim=penalty.subs(SIGMA, more) > penalty),
            ),
        )
    )
