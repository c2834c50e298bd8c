"""Appendix I.4, (125) to (129) and Lemma 7: the contraction of the residual array, and the conditions that it needs.

(126) makes the responses q_s of all weights close, the learning rate is small, and C_+ >= 1/2 fixes the scale of the
responses. Lemma 7 names none of the three.
"""

from __future__ import annotations

import sympy as sp

from ..statement import All, Certified, ForAll, Form, Implication, Instance, Premise, Sides
from ..symbols import symbol
from . import registry, residual_terms as lines, statement
from .appendix_i_lemma_7 import certified, searched
from .descent_terms import ALPHA, F_MAX, F, G, L, Line
from .lemma_7_step import (
    AT_THE_OPTIMUM,
    CLOSE,
    DIFFERING_DEVICES,
    LIVELY,
    LIVELY_AS_PRINTED,
    ONE_DEVICE,
    PRINTED_RATE,
    SIZES,
    SLOW,
    SLOW_AS_PRINTED,
    WITHOUT_CLOSENESS,
    WITHOUT_SCALE,
    moves,
    spread_condition,
)
from .residual_terms import C_MINUS, C_PLUS, GAMMA, IS_CLOSE, MU, PRINTED, Q_MAX, RIGHT, view

Q_MIN, LOW, HIGH = (symbol(name) for name in ("q_min", "q_low", "q_high"))
CENTRE, HALF = (HIGH + LOW) / 2, sp.Rational(1, 2)

# (125), (126)


@statement(
    "eq-125",
    source="App. I.4, (125)",
    uses=["eq-117.amended-1", "eq-123.amended-1", "eq-124.amended-1", "text-i-17"],
    reading="T1 and T2 are those of (117) with its sign turned, which is what the first line equals; (126) is assumed",
)
def product_of_the_step() -> Form:
    """2 E<P - P*, P' - P> <= -(alpha gamma mu L C_+/(2 (mu + L))) ||P - P*||^2 - the drop + the error, under (126)."""
    first = (
        lines.bounds_T1(RIGHT).premise("eq-123.amended-1", view),
        lines.bounds_T2.premise("eq-124.amended-1", view),
    )
    return All(
        (
            ("L1 <= L2", certified(lines.adds_up, "L1 <= L2 of (125)", *first)),
            ("L1 <= L3", certified(lines.bounds_the_product_of_the_step, "(125)", *first, domain=CLOSE)),
        )
    )


GAP = symbol("square")


@statement(
    "text-i-17",
    source="App. I.4",
    reading="literal: (126) is one of the conditions, and C_- near 0 another; then (126) alone is enough, it is needed "
    "unless P = P*, and C_- small beside C_+ gives it. Whether the iterates meet it is the question of (126)",
)
def condition_of_the_last_line() -> Form:
    """L2 <= L3 of (125) is (126), where P is not P*; and C_- <= mu C_+/(2 (mu + L)) is close enough for (126)."""
    coefficient = ALPHA * GAMMA * MU * L * C_PLUS / (MU + L)
    left = -(coefficient - ALPHA * C_MINUS**2 * GAMMA * (MU + L) / C_PLUS) * GAP
    last_line = left <= -coefficient / 2 * GAP
    near = (2 * (MU + L) * C_MINUS <= MU * C_PLUS, MU <= L)
    return All(
        (
            ("it suffices", Implication((IS_CLOSE, GAP >= 0), last_line)),
            ("it is needed", Implication((last_line, GAP > 0), IS_CLOSE)),
            ("C_- near 0", Implication(near, IS_CLOSE)),
        )
    )


def closeness(step: Instance) -> Sides:
    """(126)."""
    return Sides(*spread_condition(step))


@statement(
    "eq-126",
    source="App. I.4, (126)",
    uses=["text-i-17"],
    reading="as what large gamma and P near 0 bring about, for which P = 0 and gamma in [64, 1024] are tried: gamma "
    "does not occur in (126), and C_- is not 0 at P = 0 where the gradient has both signs and G(0) is not 0, nor "
    "where G(0) = 0 and the weights differ in q(0). Theorem 3 has no condition that keeps the iterates within (126)",
)
def responses_are_close() -> Form:
    """(mu + L) C_-^2/C_+^2 <= mu L/(2 (mu + L)) at P = 0 for large gamma: one device for all weights; zero-shifted."""
    return All(
        (
            ("one device, not zero-shifted", ForAll(ONE_DEVICE, closeness, "(126) at P = 0", (2,))),
            ("zero-shifted, weights differ", ForAll(DIFFERING_DEVICES, closeness, "(126) at P = 0", (2,))),
        )
    )


@statement(
    "eq-126.amended-1",
    source="App. I.4, (126)",
    amends="eq-126",
    judgement="gap",
    reading="all weights share one value q(0) of both responses at 0 (the zero shift, and no variation between "
    "elements), the slopes are at most L_q, and max|P| <= mu q_min/(2 (mu + L) L_q): a condition on every iterate",
    uses=["definition-1", "text-i-17", "assumption-4"],
)
def responses_are_close_near_zero() -> Form:
    """(126) near P = 0 on a zero-shifted array whose elements are alike at 0."""
    start, slope, size = symbol("q_zero", "positive"), symbol("L_q", "positive"), symbol("P_max", "nonnegative")
    ends = (start - slope * size <= LOW, LOW <= HIGH, HIGH <= start + slope * size, Q_MIN <= LOW)
    near = 2 * (MU + L) * slope * size <= MU * Q_MIN
    return All(
        (
            ("C_- <= L_q max|P|", Implication(ends, sp.And((HIGH - LOW) / 2 <= slope * size, Q_MIN <= CENTRE))),
            (
                "so C_- is near 0",
                Implication((near, C_MINUS <= slope * size, Q_MIN <= C_PLUS), 2 * (MU + L) * C_MINUS <= MU * C_PLUS),
            ),
            ("(126)", Implication((2 * (MU + L) * C_MINUS <= MU * C_PLUS, MU <= L), IS_CLOSE)),
        )
    )


# (127)


@statement(
    "eq-127",
    source="App. I.4, (127)",
    uses=["eq-10", "lemma-3", "assumption-2", "text-i-18"],
    reading="charitable: sigma^2 is the variance itself (as a bound of it, <= in place of the second =), and alpha is "
    "as small as text-i-18 asks. F_max is the bound of F of Lemma 2; were it q_max, L2 <= L3 and L1 <= L5 would hold",
)
def move_of_the_residual() -> Form:
    """The chain that bounds E||P' - P||^2 by (alpha C_+/(gamma (mu + L))) ||grad f||^2 + alpha^2 F_max^2 sigma^2."""
    return All(
        (
            ("L1 = L2", searched(lines.moves_by(PRINTED), "L1 = L2 of (127)")),
            ("L2 <= L3", searched(lines.is_lipschitz_as_printed, "L2 <= L3 of (127)")),
            ("L3 = L4", certified(lines.is_the_variance, "L3 = L4 of (127)", domain=moves())),
            ("L4 <= L5", certified(lines.is_slow(F_MAX), "L4 <= L5 of (127)", domain=PRINTED_RATE)),
            ("L1 <= L5", searched(lines.bounds_the_move_as_printed, "L1 <= L5 of (127)", PRINTED_RATE)),
        )
    )


@statement(
    "eq-127.amended-1",
    source="App. I.4, (127)",
    amends="eq-127",
    judgement="error",
    reading="g F + |g| G as in (10); q_max, the constant of Lemma 3 as amended, for F_max, in the condition on alpha "
    "too; <= for the second =",
    uses=["eq-10", "lemma-3.amended-1", "assumption-2", "text-i-18"],
)
def move_with_q_max() -> Form:
    """E||P' - P||^2 <= (alpha C_+/(gamma (mu + L))) ||grad f||^2 + alpha^2 q_max^2 sigma^2, for small alpha."""
    whole = certified(lines.bounds_the_move, "L1 <= L5 of (127) with q_max", domain=SLOW)
    return All(
        (("L1 = L2", certified(lines.moves_by(RIGHT), "L1 = L2 of (127), the sign turned")), ("L1 <= L5", whole))
    )


@statement(
    "text-i-18",
    source="App. I.4",
    uses=["definition-1", "eq-119"],
    reading="small: alpha <= C_+/(gamma (mu + L) F_max^2), or, for all k at once, with q_min for C_+",
)
def small_alpha() -> Form:
    """L4 <= L5 of (127) is alpha <= C_+/(gamma (mu + L) F_max^2), where grad f is not 0; q_min for C_+ suffices."""
    lost, drop = ALPHA**2 * F_MAX**2, ALPHA * C_PLUS / (GAMMA * (MU + L))
    small = ALPHA <= C_PLUS / (GAMMA * (MU + L) * F_MAX**2)
    for_all_k = (ALPHA <= Q_MIN / (GAMMA * (MU + L) * F_MAX**2), Q_MIN <= C_PLUS)
    return All(
        (
            ("just these", Implication((), sp.Equivalent(small, lost <= drop))),
            ("for all k", Implication(for_all_k, lost <= drop)),
        )
    )


# (128), (129) and Lemma 7


@statement(
    "eq-128",
    source="App. I.4, (128)",
    uses=["eq-116", "eq-125", "eq-127", "text-i-18"],
    reading="(126) and the alpha of text-i-18 are assumed; F_max is the bound of F of Lemma 2. A smaller alpha does "
    "not help: at P = P* the last term is too small for some |G| of the order of alpha, where the noise is skewed",
)
def contraction() -> Form:
    """E||P' - P*||^2 <= (1 - c/2) ||P - P*||^2 + an error of max G^2/F + alpha^2 F_max^2 sigma^2."""
    line = lines.contracts("F_max")
    return All(
        (
            ("the alpha of text-i-18", searched(line, "(128)", SLOW_AS_PRINTED)),
            ("a smaller alpha, P = P*", searched(line, "(128) at P = P*", AT_THE_OPTIMUM)),
        )
    )


def from_125_and_127() -> tuple[Premise, Premise]:
    """What (128) with q_max is the sum of, by (116)."""
    return (
        lines.bounds_the_product_of_the_step.premise("eq-125", view),
        lines.bounds_the_move.premise("eq-127.amended-1", view),
    )


@statement(
    "eq-128.amended-1",
    source="App. I.4, (128)",
    amends="eq-128",
    judgement="error",
    reading="q_max for F_max in the last term, and alpha <= C_+/(gamma (mu + L) q_max^2)",
    uses=["eq-116", "eq-125", "eq-127.amended-1"],
)
def contraction_with_q_max() -> Form:
    """(128) with q_max for F_max in its last term and in the condition on alpha."""
    return certified(lines.contracts("q_max"), "(128) with q_max", *from_125_and_127(), domain=SLOW)


@statement(
    "text-i-19",
    source="App. I.4",
    uses=["eq-119", "definition-1"],
    reading="charitable: not saturated at all, so that every response is at its largest, q_max",
)
def centre_is_at_least_half() -> Form:
    """C_+ >= 1/2 for responses that are not saturated."""
    return Implication((sp.Eq(LOW, Q_MAX), sp.Eq(HIGH, Q_MAX)), CENTRE >= HALF)


@statement(
    "text-i-19.amended-1",
    source="App. I.4",
    amends="text-i-19",
    judgement="gap",
    reading="the scale must be fixed: with F >= 1 in every weight (the ideal response has F = 1, and so has the linear "
    "one without slope asymmetry), saturation M >= 3 F^2/4 is limited enough; Definition 1 allows any scale",
    uses=["eq-119", "eq-65"],
)
def centre_is_at_least_half_in_scale() -> Form:
    """F >= 1 and M >= 3 F^2/4 give responses, and so C_+, of at least 1/2."""
    M = F**2 - G**2
    least = sp.And(F + G >= HALF, F - G >= HALF)
    return All(
        (
            ("every response", Implication((F >= 1, 3 * F**2 <= 4 * M), least)),
            ("so C_+", Implication((LOW >= HALF, LOW <= HIGH), CENTRE >= HALF)),
        )
    )


@statement(
    "eq-129",
    source="App. I.4, (129)",
    uses=["eq-128", "text-i-19"],
    reading="(126), the alpha of text-i-18 and C_+ >= 1/2 are assumed; F_max is the bound of F of Lemma 2",
)
def contraction_at_half() -> Form:
    """The display of Lemma 7, where all conditions of its proof hold."""
    return searched(lines.contracts_at_half, "(129)", LIVELY_AS_PRINTED)


@statement(
    "eq-129.amended-1",
    source="App. I.4, (129)",
    amends="eq-129",
    judgement="error",
    reading="F_max taken to be q_max, as in lemma-3.amended-3; all conditions of the proof as they are",
    uses=["eq-128.amended-1"],
)
def contraction_at_half_with_q_max() -> Form:
    """The display of Lemma 7, where all conditions of its proof hold and F_max is q_max."""
    premise = lines.contracts("q_max").premise("eq-128.amended-1", view)
    return certified(lines.contracts_at_half, "(129) with F_max = q_max", premise, domain=LIVELY)


APPROACHES = Line(lambda v: Sides(lines.next2(v), lines.e2(v)))
"""What Lemma 7 says without noise, at the least."""


@statement(
    "lemma-7",
    source="App. I.1, Lemma 7, (85)",
    uses=["eq-126", "eq-129", "assumption-1", "assumption-2", "assumption-3"],
    reading="charitable: gamma > 0, for P* is not defined for gamma = 0; F_max is q_max; alpha is a thousandth of what "
    "the proof asks. The lemma names neither (126) nor C_+ >= 1/2: it fails without either, though the other holds. "
    "Without (126) and without noise, where its right-hand side is at most ||P - P*||^2, P may move away from P*",
)
def descent_of_the_residual() -> Form:
    """E||P' - P*||^2 <= (1 - alpha gamma mu L/(4 (mu + L))) ||P - P*||^2 + an error of max G^2/F + one of sigma^2."""
    return All(
        (
            ("without C_+ >= 1/2", searched(lines.contracts_at_half, "Lemma 7 without C_+ >= 1/2", WITHOUT_SCALE)),
            ("without (126)", searched(lines.contracts_at_half, "Lemma 7 without (126)", WITHOUT_CLOSENESS, (2,))),
            ("without (126), any approach", searched(APPROACHES, "||P' - P*|| <= ||P - P*||", WITHOUT_CLOSENESS, (2,))),
        )
    )


def lemma_7_amended(step: Instance) -> Sides:
    """Both sides of lemma-7.amended-1 at a step of P.

    It holds where (126) does and alpha <= C_+/(gamma (mu + L) q_max^2): the domain `lemma_7_step.SLOW`.
    """
    left, right = lines.contracts("q_max").sides(view(step))
    return Sides(left, right)


@statement(
    "lemma-7.amended-1",
    source="App. I.1, Lemma 7, (85)",
    amends="lemma-7",
    judgement="gap",
    reading="with C_+ in place of its bound 1/2, q_max for F_max in the last term, gamma > 0, (126), and alpha <= "
    "C_+/(gamma (mu + L) q_max^2)",
    uses=["eq-128.amended-1"],
)
def descent_with_its_conditions() -> Form:
    """With c = alpha gamma mu L C_+/(mu + L): E||P' - P*||^2 <= (1 - c/2) ||P - P*||^2 + the noise, that with q_max."""
    whole = ForAll(SLOW, lemma_7_amended, "Lemma 7 with its conditions", SIZES)
    return Certified(whole, (), (lines.contracts("q_max").premise("eq-128.amended-1", view),))


@statement(
    "lemma-7.amended-2",
    source="App. I.1, Lemma 7, (85)",
    amends="lemma-7",
    judgement="gap",
    reading="the printed display, where F_max is taken to be q_max, gamma > 0, (126) and C_+ >= 1/2 hold at P_k, and "
    "alpha <= C_+/(gamma (mu + L) q_max^2)",
    uses=["eq-128.amended-1", "eq-129.amended-1"],
)
def descent_as_displayed() -> Form:
    """The printed display under all conditions of its proof and F_max = q_max."""
    return registry.build("eq-129.amended-1").form
