"""Appendix I.3: the proof of Lemma 6, the descent of W_k, (107) to (115).

The claims are about every sample of a step of Residual Learning, for nothing in this section takes an expectation; the
lines stand in `transfer_terms`. The paper's constant of Lemma 3 is F_max, which is refuted; q_max replaces it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from ..statement import All, Assumption, Certified, ForAll, Form, Identity, Implication, Instance, Premise, Sides
from ..symbols import symbol
from . import registry, statement, transfer_terms as lines
from .descent_terms import F_MAX, F, G, Line, View, Viewer
from .residual_step import DIMENSIONS, STEP, charitable, mixing, rate_up_to, steps
from .transfer_terms import BETA, GAMMA, PULL, X, in_expectation

Domain = tuple[Assumption, ...]
EVERY = lines.for_every_sample
EVEN_WITH_Q_MAX = steps(charitable, mixed=mixing(0.125, 1))
"""A domain in which F_max bounds the responses, so that Lemma 3 holds as printed, and gamma is at most 1."""

half_rate = rate_up_to("beta", lambda step: step["gamma"] / (2 * step["F_max"]), "gamma/(2 F_max)")
quarter_rate = rate_up_to("beta", lambda step: step["gamma"] / (4 * step["F_max"]), "gamma/(4 F_max)")
HALF_RATE, QUARTER_RATE = steps(beta=half_rate), steps(beta=quarter_rate)


def certified(line: Line, says: str, *premises: Premise, domain: Domain = STEP) -> Certified:
    """A line for every sample of every step, with its proof."""
    return line.certified(domain, EVERY, says, premises=premises)


def link(line: Line, says: str, *premises: Premise) -> Certified:
    """A step of a chain, its proof checked at instances of two weights."""
    return line.certified(STEP, EVERY, says, (2,), premises)


def searched(line: Line, says: str, domain: Domain = STEP) -> ForAll:
    """A line for every sample of every step, without proof."""
    return line.claim(domain, EVERY, says, DIMENSIONS)


def lemma_3(weights: Callable[[View], Any]) -> Premise:
    """Lemma 3 with q_max, as a premise in the norm with these weights, for every sample."""
    return Premise("lemma-3.amended-1", lambda step: lines.lipschitz(EVERY(step), weights(EVERY(step))))


# (107) to (110)


@statement("eq-107", source="App. I.3, (107)")
def expansion() -> Form:
    """||W' - W*||^2 = ||W - W*||^2 + 2 <W - W*, W' - W> + ||W' - W||^2."""
    return certified(lines.expands, "(107)")


@statement("text-i-12", source="App. I.3", uses=["text-4-13"])
def residual() -> Form:
    """P*(W) = (W* - W)/gamma: the definition of section 4 again."""
    return registry.build("text-4-13").form


@statement("eq-108", source="App. I.3, (108)", uses=["eq-11", "text-i-12"])
def inner_product() -> Form:
    """2 <W - W*, W' - W> by the transfer (11), and split at P*(W)."""
    return All((("L1 = L2", link(lines.transfers, "L1 = L2 of (108)")), ("L2 = L3", link(lines.splits, "L2 = L3"))))


def _under_the_root() -> Form:
    """L1 = L2 of (109) in one coordinate."""
    root = sp.sqrt(F)
    return Identity(X * PULL, (X * root) * (PULL / root), lift="lib-lift-elementwise")


@statement("eq-109", source="App. I.3, (109)", uses=["text-i-12", "eq-109-a", "eq-109-b", "eq-109-c"])
def chain_of_the_pull() -> Form:
    """The chain that bounds 2 beta <W - W*, P* F - |P*| G>, the first term of (108)."""
    return All(
        (
            ("L1 = L2", _under_the_root()),
            ("L2 = L3", searched(lines.prints_the_sign, "L2 = L3 of (109)")),
            ("L3 = L4", searched(lines.prints_the_squares, "L3 = L4 of (109)")),
            ("L4 <= L5", link(lines.saturates, "L4 <= L5 of (109)")),
            ("L5 <= L6", link(lines.restores_the_pull, "L5 <= L6 of (109)")),
        )
    )


@statement(
    "eq-109.amended-1",
    source="App. I.3, (109)",
    amends="eq-109",
    judgement="slip",
    reading="the second term of L3 has the sign -, for P*(W) = (W* - W)/gamma; the first and the last line as printed",
    uses=["text-i-12", "eq-109-a.amended-1", "eq-109-b", "eq-109-c"],
)
def chain_of_the_pull_with_its_sign() -> Form:
    """The chain (109) with the sign of its third line turned, and its first line bounded by its last."""
    return All(
        (
            ("L1 = L2", _under_the_root()),
            ("L2 = L3", link(lines.turns_the_sign, "L2 = L3 of (109), the sign turned")),
            ("L3 = L4", link(lines.completes_the_square, "L3 = L4 of (109), the sign turned")),
            ("L1 <= L6", certified(lines.pulls_back, "L1 <= L6 of (109)")),
        )
    )


U, V = symbol("u"), symbol("v")


@statement("eq-109-a", source="App. I.3, (109), step (a)")
def polarisation() -> Form:
    """2 <U, V> = ||U||^2 - ||V||^2 - ||U - V||^2, in one coordinate."""
    return Identity(2 * U * V, U**2 - V**2 - (U - V) ** 2, lift="lib-lift-elementwise")


@statement(
    "eq-109-a.amended-1",
    source="App. I.3, (109), step (a)",
    amends="eq-109-a",
    judgement="slip",
    reading="with + ||V||^2; step (a) takes x sqrt(F) for U and (x F + |x| G)/sqrt(F) for V, x = W - W*",
)
def polarisation_with_its_sign() -> Form:
    """2 <U, V> = ||U||^2 + ||V||^2 - ||U - V||^2, which gives step (a)."""
    root, folded = X * sp.sqrt(F), sp.Abs(X) * G / sp.sqrt(F)
    step = -(root**2) + folded**2 - (root + folded) ** 2
    lift = "lib-lift-elementwise"
    return All(
        (
            ("identity", Identity(2 * U * V, U**2 + V**2 - (U - V) ** 2, lift=lift)),
            ("step (a)", Identity(-2 * root * (root + folded), step, lift=lift)),
        )
    )


@statement("eq-109-b", source="App. I.3, (109), step (b)", uses=["eq-65"])
def step_b() -> Form:
    """L4 <= L5 of (109), as in (66): F - G^2/F = M/F >= M/F_max."""
    return certified(lines.saturates, "L4 <= L5 of (109)")


@statement("eq-109-c", source="App. I.3, (109), step (c)", uses=["eq-110"])
def step_c() -> Form:
    """L5 <= L6 of (109), from (110)."""
    premise = lines.takes_out_F_max.premise("eq-110", EVERY)
    return Certified(searched(lines.restores_the_pull, "L5 <= L6 of (109)"), (), (premise,))


@statement("eq-110", source="App. I.3, (110)", uses=["text-i-12"])
def square_as_the_pull() -> Form:
    """-(beta/gamma) ||x sqrt F + |x| G/sqrt F||^2 <= -(beta gamma/F_max) ||P* F - |P*| G||^2 with x = W - W*."""
    return All(
        (
            ("L1 = L2", link(lines.rescales, "L1 = L2 of (110)")),
            ("L1 <= L3", certified(lines.takes_out_F_max, "L1 <= L3 of (110)")),
        )
    )


# (111) to (114)


@statement("eq-111", source="App. I.3, (111)", uses=["lemma-3", "lib-young"])
def bound_of_the_error() -> Form:
    """The second term of (108), with 2 beta/gamma for 2 beta, by Young's inequality, then by Lemma 3."""
    return All(
        (
            ("L1 <= L2", link(lines.splits_the_printed_product, "L1 <= L2 of (111)")),
            ("L2 <= L3", searched(lines.prints_the_constant, "L2 <= L3 of (111)")),
            ("L3 bounds the second term of (108)", searched(lines.prints_the_bound, "2 beta <..> <= L3 of (111)")),
        )
    )


@statement(
    "eq-111.amended-1",
    source="App. I.3, (111)",
    amends="eq-111",
    judgement="error",
    reading="2 beta as in (108), where (111) has 2 beta/gamma, and so beta gamma F_max for beta F_max/gamma; then "
    "q_max^2 for F_max^2, for that is the constant of Lemma 3 that holds",
    uses=["lemma-3.amended-1", "lib-young"],
)
def bound_of_the_error_with_q_max() -> Form:
    """2 beta <x, error> <= (beta/(2 gamma F_max)) ||x||_M^2 + 2 beta gamma F_max q_max^2 ||P' - P*||^2 in 1/M."""
    premise = lemma_3(lambda v: v["p"] * 2 * v["beta"] * v["gamma"] * v["F_max"] / v["M"])
    return All(
        (
            ("L1 <= L2", link(lines.splits_the_product, "L1 <= L2 of (111), amended")),
            ("L2 <= L3", link(lines.is_lipschitz, "L2 <= L3 of (111), amended", premise)),
            ("L1 <= L3", certified(lines.bounds_the_error, "L1 <= L3 of (111), amended", premise)),
        )
    )


@statement("eq-112", source="App. I.3, (112)", uses=["eq-108", "eq-109", "eq-111"])
def bound_of_the_inner_product() -> Form:
    """(109) and (111) put into (108): tried with q_max for F_max and gamma <= 1."""
    return searched(lines.prints_the_inner_product, "(112)", EVEN_WITH_Q_MAX)


@statement(
    "eq-112.amended-1",
    source="App. I.3, (112)",
    amends="eq-112",
    judgement="slip",
    reading="half of beta/(gamma F_max) ||W - W*||_M^2 is left after (111), as (114) has it; the last term is that of "
    "(111) as amended",
    uses=["eq-108", "eq-109.amended-1", "eq-111.amended-1"],
)
def bound_of_the_inner_product_with_half() -> Form:
    """2 <x, W' - W> <= -(beta/(2 gamma F_max)) ||x||_M^2 - .. + 2 beta gamma F_max q_max^2 ||P' - P*||^2 in 1/M."""
    parts = (
        lines.pulls_back.premise("eq-109.amended-1", EVERY),
        lines.bounds_the_error.premise("eq-111.amended-1", EVERY),
    )
    return certified(lines.bounds_the_inner_product, "(112), amended", *parts)


@statement("eq-113", source="App. I.3, (113)", uses=["eq-11", "lemma-3"])
def bound_of_the_step() -> Form:
    """||W' - W||^2 by the transfer, by ||U + V||^2 <= 2 ||U||^2 + 2 ||V||^2, and by Lemma 3 without its constant."""
    return All(
        (
            ("L1 = L2", link(lines.is_transferred, "L1 = L2 of (113)")),
            ("L2 <= L3", link(lines.parts_the_step, "L2 <= L3 of (113)")),
            ("L3 <= L4", searched(lines.prints_no_constant, "L3 <= L4 of (113)")),
        )
    )


@statement(
    "eq-113.amended-1",
    source="App. I.3, (113)",
    amends="eq-113",
    judgement="slip",
    reading="with the square of Lemma 3's constant, q_max^2; as printed where q_max <= 1",
    uses=["eq-11", "lemma-3.amended-1"],
)
def bound_of_the_step_with_q_max() -> Form:
    """||W' - W||^2 <= 2 beta^2 ||P* F - |P*| G||^2 + 2 beta^2 q_max^2 ||P' - P*||^2."""
    premise = lemma_3(lambda v: v["p"] * 2 * v["beta"] ** 2)
    return All(
        (
            ("L3 <= L4", link(lines.is_lipschitz_too, "L3 <= L4 of (113), amended", premise)),
            ("L1 <= L4", certified(lines.bounds_the_step, "L1 <= L4 of (113), amended", premise)),
        )
    )


@statement("eq-114", source="App. I.3, (114)", uses=["eq-107", "eq-112", "eq-113"])
def descent_before_the_rate() -> Form:
    """(112) and (113) put into (107): tried with q_max for F_max and gamma <= 1."""
    return searched(lines.prints_the_descent, "(114)", EVEN_WITH_Q_MAX)


@statement(
    "eq-114.amended-1",
    source="App. I.3, (114)",
    amends="eq-114",
    judgement="error",
    reading="2 beta gamma F_max q_max^2 for 2 beta F_max^3/gamma, 2 beta^2 q_max^2 for 2 beta^2",
    uses=["eq-107", "eq-112.amended-1", "eq-113.amended-1"],
)
def descent_before_the_rate_with_q_max() -> Form:
    """(107) with (112) and (113) as amended."""
    parts = (
        lines.bounds_the_inner_product.premise("eq-112.amended-1", EVERY),
        lines.bounds_the_step.premise("eq-113.amended-1", EVERY),
    )
    return certified(lines.descends, "(114), amended", *parts)


# (115), that is Lemma 6

REPAIRED = "beta <= gamma/(4 F_max), 2 beta gamma F_max q_max^2 for 2 beta F_max^3/gamma, 2 beta^2 q_max^2 for 2 beta^2"


def _suffices(share: int) -> Form:
    """Beta <= gamma/(share F_max) leaves beta gamma/(2 F_max) of the second coefficient of (114)."""
    coefficient = BETA * GAMMA / F_MAX - 2 * BETA**2
    return Implication((BETA <= GAMMA / (share * F_MAX),), coefficient >= BETA * GAMMA / (2 * F_MAX))


@statement("text-i-13", source="App. I.3", uses=["eq-114"])
def transfer_rate_suffices() -> Form:
    """Beta <= gamma/(2 F_max) turns beta gamma/F_max - 2 beta^2 of (114) into beta gamma/(2 F_max) of (115)."""
    return _suffices(2)


@statement(
    "text-i-13.amended-1",
    source="App. I.3",
    amends="text-i-13",
    judgement="slip",
    reading="beta <= gamma/(4 F_max); gamma/(2 F_max) leaves 0 of the coefficient",
    uses=["eq-114.amended-1"],
)
def half_the_transfer_rate_suffices() -> Form:
    """Beta <= gamma/(4 F_max) turns beta gamma/F_max - 2 beta^2 of (114) into beta gamma/(2 F_max) of (115)."""
    return _suffices(4)


@statement("eq-115", source="App. I.3, (115)", uses=["eq-114", "text-i-13"])
def descent_of_the_weight() -> Form:
    """(115), for any gamma and beta <= gamma/(2 F_max), F_max bounding F."""
    return searched(lines.lemma_6_printed, "(115)", HALF_RATE)


@statement(
    "eq-115.amended-1",
    source="App. I.3, (115)",
    amends="eq-115",
    judgement="error",
    reading=REPAIRED,
    uses=["eq-114.amended-1", "text-i-13.amended-1"],
)
def descent_of_the_weight_repaired() -> Form:
    """(114) as amended, for beta <= gamma/(4 F_max)."""
    return certified(
        lines.lemma_6_amended, "(115), amended", lines.descends.premise("eq-114.amended-1", EVERY), domain=QUARTER_RATE
    )


@statement("lemma-6", source="App. I.1 and I.3, Lemma 6, (77)", uses=["eq-115"])
def lemma_6() -> Form:
    """Lemma 6, where F_max bounds the responses too and beta <= gamma/(4 F_max); gamma is any."""
    return searched(lines.lemma_6_printed, "Lemma 6", steps(charitable, beta=quarter_rate))


def lemma_6_amended(step: Instance) -> Sides:
    """Both sides of lemma-6.amended-1 in expectation over the samples of a step."""
    sides = lines.lemma_6_amended.sides(in_expectation(step))
    assert isinstance(sides, Sides)
    return sides


@statement(
    "lemma-6.amended-1",
    source="App. I.1 and I.3, Lemma 6, (77)",
    amends="lemma-6",
    judgement="error",
    reading=REPAIRED,
    uses=["eq-115.amended-1"],
)
def lemma_6_repaired() -> Form:
    """Lemma 6 for beta <= gamma/(4 F_max) and any gamma, with q_max; for every sample, and so in expectation."""

    def certificate(view: Viewer) -> Certified:
        premise = lines.lemma_6_amended.premise("eq-115.amended-1", view)
        return Certified(lines.lemma_6_amended.claim(QUARTER_RATE, view, "Lemma 6, amended", (1, 2)), (), (premise,))

    return All((("every sample", certificate(EVERY)), ("in expectation", certificate(in_expectation))))


@statement(
    "lemma-6.amended-2",
    source="App. I.1 and I.3, Lemma 6, (77)",
    amends="lemma-6",
    judgement="error",
    reading="sharper, and with the printed beta <= gamma/(2 F_max): beta gamma q_max^3 ||P' - P*||^2, in the norm of "
    "1/M, for both last terms; of the proof, the squares are taken over the response that P* meets",
    uses=["eq-107", "eq-108", "lemma-3.amended-1"],
)
def lemma_6_sharp() -> Form:
    """||W' - W*||^2 <= ||x||^2 - (beta/(2 gamma F_max)) ||x||_M^2 - .. + beta gamma q_max^3 ||P' - P*||^2 in 1/M."""
    return certified(
        lines.lemma_6_sharp,
        "Lemma 6, sharper",
        lemma_3(lambda v: v["p"] * v["beta"] * v["gamma"] / v["q_here"]),
        domain=HALF_RATE,
    )


@statement(
    "lemma-6.amended-3",
    source="App. I.1 and I.3, Lemma 6, (77)",
    amends="lemma-6",
    judgement="gap",
    reading="the lemma and beta <= gamma/(2 F_max) as printed, where gamma^2 q_max^3 <= 2 F_max^3: so it is for "
    "gamma <= 1/2, as q_max < 2 F_max, and for gamma <= 1 (even sqrt 2) where F_max := q_max",
    uses=["lemma-6.amended-2"],
)
def lemma_6_for_little_mixing() -> Form:
    """Lemma 6 as printed, for gamma <= 1/2, or for gamma <= 1 and F_max := q_max."""
    premise = lines.lemma_6_sharp.premise("lemma-6.amended-2", EVERY)
    domains = {
        "gamma <= 1/2": steps(mixed=mixing(0.125, 0.5), beta=half_rate),
        "gamma <= 1, F_max := q_max": steps(charitable, mixed=mixing(0.125, 1), beta=half_rate),
    }
    line = lines.lemma_6_mixed_little
    return All(
        tuple((name, certified(line, f"Lemma 6, {name}", premise, domain=domain)) for name, domain in domains.items())
    )
