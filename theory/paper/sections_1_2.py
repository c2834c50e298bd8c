"""Sections 1 and 2: the analog update, its symmetric decomposition and the class of response functions."""

from __future__ import annotations

import sympy as sp

from ..algorithm import analog_update
from ..response import linear
from ..statement import All, Exists, Form, Identity, Implication
from ..symbols import symbol
from . import statement

W, DW, G_SAMPLE, ALPHA = symbol("w"), symbol("dw"), symbol("g"), symbol("alpha")
F, G = symbol("F"), symbol("G")
Q_PLUS, Q_MINUS = symbol("q_plus"), symbol("q_minus")
TAU, C_LIN = symbol("tau"), symbol("c_lin")
LIFT = "lib-lift-elementwise"


def printed_analog_sgd() -> sp.Expr:
    """One coordinate of (2), as printed."""
    return W - ALPHA * G_SAMPLE * F - ALPHA * sp.Abs(G_SAMPLE) * G


def parts() -> tuple[sp.Expr, sp.Expr]:
    """F and G of (4) from the two responses."""
    return (Q_MINUS + Q_PLUS) / 2, (Q_MINUS - Q_PLUS) / 2


@statement("eq-2", source="Sec. 1.1, (2)", uses=["eq-5", LIFT])
def analog_sgd() -> Form:
    """Analog SGD is the analog update (5) of the step -alpha grad f."""
    return Identity(printed_analog_sgd(), analog_update(W, -ALPHA * G_SAMPLE, F, G), lift=LIFT)


@statement("text-1-15", source="Sec. 1.1")
def generalised_linear_response() -> Form:
    """The generalised linear response is the special one of (16) at c_lin = 0."""
    device = linear(TAU, C_LIN)
    return All(
        (
            ("q_plus", Identity(device.q_plus.subs(C_LIN, 0), 1 - W / TAU)),
            ("q_minus", Identity(device.q_minus.subs(C_LIN, 0), 1 + W / TAU)),
        )
    )


@statement("eq-3", source="Sec. 2, (3)", uses=["eq-4", LIFT])
def two_sided_update() -> Form:
    """The update by cases (3) is the compact update (5)."""
    by_cases = sp.Piecewise((W + DW * Q_PLUS, DW >= 0), (W + DW * Q_MINUS, True))
    return Identity(by_cases, analog_update(W, DW, *parts()), lift=LIFT)


@statement("eq-4", source="Sec. 2, (4)", uses=[LIFT])
def symmetric_decomposition() -> Form:
    """F and G exist for every pair and determine it: q_+ = F - G and q_- = F + G, and no other F, G do."""
    symmetric, asymmetric = parts()
    return All(
        (
            ("q_plus is F - G", Identity(symmetric - asymmetric, Q_PLUS, lift=LIFT)),
            ("q_minus is F + G", Identity(symmetric + asymmetric, Q_MINUS, lift=LIFT)),
            (
                "unique",
                Implication(
                    given=(sp.Eq(F - G, Q_PLUS), sp.Eq(F + G, Q_MINUS)),
                    claim=sp.And(sp.Eq(F, symmetric), sp.Eq(G, asymmetric)),
                    lift=LIFT,
                ),
            ),
        )
    )


@statement("eq-5", source="Sec. 2, (5)", uses=["eq-4", LIFT])
def compact_update() -> Form:
    """The compact update moves a weight by dw q_+ on a rise and by dw q_- on a fall, as (3) does."""
    step = analog_update(W, DW, *parts())
    return All(
        (
            ("rise", Implication(given=(DW >= 0,), claim=sp.Eq(step, W + DW * Q_PLUS), lift=LIFT)),
            ("fall", Implication(given=(DW < 0,), claim=sp.Eq(step, W + DW * Q_MINUS), lift=LIFT)),
        )
    )


@statement("text-2-3", source="Sec. 2", uses=["eq-5", LIFT])
def gradient_as_increment() -> Form:
    """Putting the stochastic gradient itself for the increment in (5) gives Analog SGD (2)."""
    positive_responses = (sp.Abs(G) < F,)
    return Identity(analog_update(W, G_SAMPLE, F, G), printed_analog_sgd(), positive_responses, lift=LIFT)


@statement(
    "text-2-3.amended-1",
    source="Sec. 2",
    amends="text-2-3",
    judgement="slip",
    reading="the increment is the gradient step, -alpha grad f, as Appendix G writes it",
    uses=["eq-5", LIFT],
)
def step_as_increment() -> Form:
    """Putting the gradient step -alpha grad f for the increment in (5) gives Analog SGD (2)."""
    return Identity(analog_update(W, -ALPHA * G_SAMPLE, F, G), printed_analog_sgd(), lift=LIFT)


@statement("text-2-4", source="Sec. 2", uses=["eq-2", "eq-16", LIFT])
def linear_special_case() -> Form:
    """For the linear response of (16), Analog SGD is w - alpha g - (alpha/tau) |g| w."""
    device = linear(TAU)
    step = analog_update(W, -ALPHA * G_SAMPLE, device.F, device.G)
    return Identity(step, W - ALPHA * G_SAMPLE - ALPHA / TAU * sp.Abs(G_SAMPLE) * W, lift=LIFT)


@statement(
    "text-2-5",
    source="Sec. 2",
    uses=["definition-1"],
    reading="what the definition presupposes: that there is such a point",
)
def symmetric_point_exists() -> Form:
    """Every pair of responses of Definition 1 has a symmetric point; here the pairs that do not vary with w."""
    return Implication(given=(Q_PLUS > 0, Q_MINUS > 0), claim=sp.Eq(Q_PLUS, Q_MINUS))


@statement(
    "text-2-5.amended-1",
    source="Sec. 2",
    amends="text-2-5",
    judgement="gap",
    reading="a pair has a symmetric point when one response starts above the other and ends below it; for responses "
    "that are continuous by the intermediate value theorem, here for those that are linear",
)
def symmetric_point_by_crossing() -> Form:
    """Two linear responses, one above at the left end of an interval and below at the right, meet inside it."""
    left, right, share = symbol("gap_left"), symbol("gap_right"), symbol("share")
    vanishes = (1 - share) * left + share * right
    crosses = (left < 0, right > 0, sp.Eq(share * (left - right), left))
    return All(
        (
            ("the responses are equal there", Implication(crosses, sp.Eq(vanishes, 0))),
            ("it is inside", Implication(crosses, sp.And(share > 0, share < 1))),
        )
    )


@statement("text-2-6", source="Sec. 2", uses=["eq-4", LIFT])
def meaning_of_the_parts() -> Form:
    """|G| is half the difference of the responses, zero just where they are equal; F is their average."""
    symmetric, asymmetric = parts()
    return All(
        (
            ("|G|", Identity(sp.Abs(asymmetric), sp.Abs(Q_MINUS - Q_PLUS) / 2, lift=LIFT)),
            ("F", Identity(2 * symmetric, Q_PLUS + Q_MINUS, lift=LIFT)),
            ("zero", Implication(given=(sp.Eq(asymmetric, 0),), claim=sp.Eq(Q_PLUS, Q_MINUS), lift=LIFT)),
        )
    )


@statement("definition-1", source="Sec. 2, Definition 1")
def response_class() -> Form:
    """The class of Definition 1 is not empty: some responses lie between positive bounds."""
    q_min, q_max = symbol("q_min"), symbol("q_max")
    return Exists(sp.And(q_min <= Q_PLUS, Q_PLUS <= q_max, q_min <= Q_MINUS, Q_MINUS <= q_max, q_min < q_max))


def _positive_up_response(given: tuple[sp.Basic, ...]) -> Form:
    return Implication(given=given, claim=linear(TAU).q_plus > 0)


@statement("figure-3", source="Fig. 3", uses=["definition-1", "eq-16"])
def linear_example() -> Form:
    """The linear example lies in Definition 1: its up response is positive on all of the dynamic range."""
    return _positive_up_response((-TAU <= W, W <= TAU))


@statement(
    "figure-3.amended-1",
    source="Fig. 3",
    amends="figure-3",
    judgement="gap",
    reading="inside the dynamic range, away from its ends (text-b-3 keeps the weights there)",
)
def linear_example_inside() -> Form:
    """The linear example lies in Definition 1 on every closed interval inside the dynamic range."""
    bound = symbol("W_max")
    return _positive_up_response((-bound <= W, W <= bound, bound < TAU))
