"""Appendix I.2: the proof of Lemma 5, the descent of Wbar_k, (95) to (106).

(96) to (100) and (105) are the inequalities of appendix H for P in the place of W; the lines of the rest stand in
`mixed_terms`.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..domains import smooth
from ..statement import (
    All,
    Assumption,
    Certified,
    ForAll,
    Form,
    Implication,
    Instance,
    Premise,
    Sides,
    SumOverCoordinates,
)
from ..symbols import symbol
from . import descent_terms, mixed_terms as lines, registry, statement
from .descent_terms import ALPHA, F_MAX, L, Line, View, loose_variance
from .mixed_terms import GAMMA, OF_P, STEP, for_the_residual, mixed, premise
from .residual_step import DIMENSIONS, charitable, mixing, rate_up_to, steps

Domain = tuple[Assumption, ...]

quarter_rate = rate_up_to("alpha", lambda step: 1 / (4 * step["L"] * step["F_max"]), "1/(4 L F_max)")
small_rate = rate_up_to(
    "alpha", lambda step: 1 / (8 * step["gamma"] * step["L"] * step["F_max"]), "1/(8 gamma L F_max)"
)
smallest_rate = rate_up_to(
    "alpha",
    lambda step: 1 / (8 * max(1, step["gamma"]) * step["L"] * step["F_max"]),
    "1/(8 L F_max) and 1/(8 gamma L F_max)",
)
SMALL_STEP = steps(loose_variance, objective=smooth, alpha=small_rate)


def certified(line: Line, says: str, *premises: Premise, domain: Domain = STEP) -> Certified:
    """A line over every step of Residual Learning, with its proof."""
    return line.certified(domain, mixed, says, premises=premises)


def link(line: Line, says: str, *premises: Premise) -> Certified:
    """A step of a chain, its proof checked at instances of two weights."""
    return line.certified(STEP, mixed, says, (2,), premises)


def searched(line: Line, says: str, domain: Domain) -> ForAll:
    """A line over steps of Residual Learning on a strongly convex f, without proof."""
    return line.claim(domain, mixed, says, DIMENSIONS)


def of_appendix_h(id: str, number: str) -> Form:
    """The form of a statement of appendix H, for P in the place of W."""
    return for_the_residual(registry.build(id).form, number)


# (95) to (100): the terms of the descent inequality, and the first of them


@statement("eq-95", source="App. I.2, (95)", uses=["assumption-1", "lib-descent-lemma"])
def descent() -> Form:
    """E f(Wbar') <= f(Wbar) + gamma E<grad f, P' - P> + E<grad f, W' - W> + (L/2) E||Wbar' - Wbar||^2."""
    lemma = Premise("lib-descent-lemma", lines.descent_lemma)
    return All(
        (
            ("L1 <= L2", certified(lines.descends, "L1 <= L2 of (95)", lemma)),
            ("L2 = L3", link(lines.parts_the_move, "L2 = L3 of (95)")),
        )
    )


@statement("text-i-9", source="App. I.2", uses=["assumption-2", "eq-62-s1"])
def noise_of_mean_zero() -> Form:
    """The noise, whose mean is zero, may be added inside the inner product: L1 = L2 of (96)."""
    return of_appendix_h("eq-62-s1", "(96)")


@statement("eq-96", source="App. I.2, (96)", uses=["text-i-9", "eq-62"])
def polarisation() -> Form:
    """(62) for P: E<grad f(Wbar), P' - P> as a difference of three squares."""
    return of_appendix_h("eq-62", "(96)")


@statement("eq-97", source="App. I.2, (97)", uses=["lemma-2.amended-1", "eq-63"])
def deviation_without_its_weight() -> Form:
    """(63) for P: the second term of (96) without 1/sqrt(F), divided by F_max."""
    return of_appendix_h("eq-63", "(97)")


@statement("eq-98", source="App. I.2, (98)", uses=["assumption-2", "eq-64", "eq-64-s1"])
def asymmetric_residue() -> Form:
    """(64) for P: the third term of (96), by mean and variance; its first <= is an equality."""
    return of_appendix_h("eq-64", "(98)")


@statement(
    "eq-99",
    source="App. I.2, (99)",
    uses=["eq-65", "lemma-2.amended-1", "eq-66"],
    reading="what the text calls the second term on the right of (98) is its first",
)
def saturation_weighs_the_gradient() -> Form:
    """(66) for P: the first terms of (96) and (98) are at most -(alpha/(2 F_max)) ||grad f(Wbar)||_M^2 <= 0."""
    return of_appendix_h("eq-66", "(99)")


@statement("eq-100", source="App. I.2, (100)", uses=["eq-96", "eq-97", "eq-98", "eq-99"])
def inner_product_is_bounded() -> Form:
    """Term (a) of (95): E<grad f(Wbar), P' - P> is at most the sum of the bounds (97) to (99)."""
    h = descent_terms
    parts = (
        h.takes_out_F_max.premise("eq-97", OF_P),
        h.residue_is_bounded.premise("eq-98", OF_P),
        h.saturates.premise("eq-99", OF_P),
    )
    return certified(h.bounds_the_inner_product, "(100)", *parts)


# (101) to (103): the other terms


@statement(
    "eq-101",
    source="App. I.2, (101)",
    uses=["lib-young"],
    reading="true as it stands; (104) needs it for alpha gamma in place of alpha, to leave half of gamma times (100)",
)
def second_term() -> Form:
    """Term (b) of (95): E<grad f(Wbar), W' - W> by Young's inequality, in the norms of M(P) and of 1/M(P)."""
    return certified(lines.splits_the_product, "(101)")


@statement("text-i-10", source="App. I.2", uses=["lib-lift-sum"])
def square_of_a_sum() -> Form:
    """||U + V||^2 <= 2 ||U||^2 + 2 ||V||^2."""
    u, v = symbol("u"), symbol("v")
    return SumOverCoordinates(2 * u**2 + 2 * v**2 - (u + v) ** 2, given=())


@statement(
    "eq-102",
    source="App. I.2, (102)",
    uses=["text-i-10", "eq-103"],
    reading="L1 <= L2 holds for gamma <= 1, L3 <= L4 for L <= 1; neither is assumed",
)
def third_term() -> Form:
    """Term (c) of (95): (L/2) E||Wbar' - Wbar||^2 without gamma, and its last line without the L of its first term."""
    return All(
        (
            ("L1 <= L2", searched(lines.prints_no_gamma, "L1 <= L2 of (102)", steps())),
            ("L2 <= L3", link(lines.splits_off_the_noise, "L2 <= L3 of (102)")),
            ("L3 <= L4", searched(lines.prints_no_L, "L3 <= L4 of (102)", steps())),
        )
    )


def _gamma2(v: View) -> Any:
    return v["gamma"] ** 2


@statement(
    "eq-102.amended-1",
    source="App. I.2, (102)",
    amends="eq-102",
    judgement="slip",
    reading="Wbar' - Wbar = W' - W + gamma (P' - P): gamma^2 before every term with P or noise; and L before "
    "E||W' - W||^2 to the end",
    uses=["text-i-10", "eq-103"],
)
def third_term_with_gamma() -> Form:
    """The third term <= L E||W' - W||^2 + gamma^2 (2 L E||deviation||^2 + 2 alpha^2 L F_max^2 sigma^2)."""
    noise = premise(lines.bounds_the_noise, "eq-103", _gamma2)
    return All(
        (
            ("L1 <= L2", link(lines.splits_the_mixed_step, "L1 <= L2 of (102), amended")),
            ("L2 <= L3", link(lines.splits_off_scaled_noise, "L2 <= L3 of (102), amended")),
            ("L1 <= L4", certified(lines.bounds_the_mixed_step, "L1 <= L4 of (102), amended", noise)),
        )
    )


@statement("eq-103", source="App. I.2, (103)", uses=["assumption-2", "lemma-2.amended-1"])
def noise_within_f_max() -> Form:
    """2 alpha^2 L E||(grad f(.; xi) - grad f) F||^2 <= 2 alpha^2 L F_max^2 sigma^2, by way of the variance."""
    return All(
        (
            ("L1 <= L2", link(lines.takes_out_F_max, "L1 <= L2 of (103)")),
            ("L2 <= L3", link(lines.bounds_the_variance, "L2 <= L3 of (103)")),
            ("L1 <= L3", certified(lines.bounds_the_noise, "L1 <= L3 of (103)")),
        )
    )


# (104) to (106), that is Lemma 5


@statement("eq-104", source="App. I.2, (104)", uses=["eq-95", "eq-100", "eq-101", "eq-102"])
def descent_before_the_rate() -> Form:
    """(100), (101) and (102) in (95): tried with q_max for F_max, alpha <= 1/(8 L F_max) and 1/(8 gamma L F_max)."""
    return searched(lines.prints_104, "(104)", steps(charitable, alpha=smallest_rate))


@statement(
    "eq-104.amended-1",
    source="App. I.2, (104)",
    amends="eq-104",
    judgement="error",
    reading="gamma before what (100) bounds, as (95) has it; (101) with alpha gamma for alpha, so that half of "
    "||grad f||_M^2 is left; (102) as amended",
    uses=["eq-95", "eq-100", "lib-young", "eq-102.amended-1"],
)
def descent_before_the_rate_with_gamma() -> Form:
    """(95) with gamma times (100), with (101) for alpha gamma, and with (102) as amended."""
    inner = descent_terms.bounds_the_inner_product
    parts = (
        premise(lines.descends, "eq-95"),
        inner.premise("eq-100", mixed, times=lambda v: v["gamma"]),
        premise(lines.bounds_the_mixed_step, "eq-102.amended-1"),
    )
    return certified(lines.amends_104, "(104), amended", *parts)


@statement("eq-105", source="App. I.2, (105)", uses=["assumption-2", "eq-70", "eq-70-s1", "eq-70-s2", "eq-70-s3"])
def deviation_from_below() -> Form:
    """(70) for P."""
    return of_appendix_h("eq-70", "(105)")


def _suffices(bound: sp.Expr, coefficient: sp.Expr) -> Form:
    """Alpha <= bound leaves gamma/(4 alpha F_max) of the coefficient of the deviation, which (106) needs."""
    return Implication((ALPHA <= bound,), coefficient >= GAMMA / (4 * ALPHA * F_MAX))


@statement("text-i-11", source="App. I.2", uses=["eq-104", "eq-105"])
def learning_rate_suffices() -> Form:
    """Alpha <= 1/(4 L F_max) turns 1/(2 alpha F_max) - 2 L of (104) into alpha gamma/(8 F_max) of (106), by (105)."""
    return _suffices(1 / (4 * L * F_MAX), 1 / (2 * ALPHA * F_MAX) - 2 * L)


@statement(
    "text-i-11.amended-1",
    source="App. I.2",
    amends="text-i-11",
    judgement="slip",
    reading="alpha <= 1/(8 gamma L F_max), in (104) as amended; 1/(4 L F_max) leaves 0 of the printed coefficient",
    uses=["eq-104.amended-1", "eq-105"],
)
def half_the_learning_rate_suffices() -> Form:
    """Alpha <= 1/(8 gamma L F_max) leaves gamma/(4 alpha F_max) of the coefficient of (104) as amended."""
    return _suffices(1 / (8 * GAMMA * L * F_MAX), GAMMA * (1 / (2 * ALPHA * F_MAX) - 2 * GAMMA * L))


@statement("eq-106", source="App. I.2, (106)", uses=["eq-104", "eq-105", "text-i-11"])
def descent_of_the_mixed_weight() -> Form:
    """(106), for any gamma and alpha <= 1/(4 L F_max), F_max bounding F."""
    return searched(lines.lemma_5_printed, "(106)", steps(alpha=quarter_rate))


REPAIRED = (
    "alpha <= 1/(8 gamma L F_max); gamma before every term that (100) gives, gamma^2 before that of the noise, "
    "F_max/(alpha gamma) for F_max/alpha, and L before E||W' - W||^2"
)


def _of_deviation(v: View) -> Any:
    """The slack of text-i-11.amended-1, times the mean square of the deviation."""
    return (v["gamma"] * lines.excess(v) - _quarter(v)) * descent_terms.deviation2(v)


def _quarter(v: View) -> Any:
    return v["gamma"] / (4 * v["alpha"] * v["F_max"])


@statement(
    "eq-106.amended-1",
    source="App. I.2, (106)",
    amends="eq-106",
    judgement="error",
    reading=REPAIRED,
    uses=["eq-104.amended-1", "eq-105", "text-i-11.amended-1"],
)
def descent_of_the_mixed_weight_repaired() -> Form:
    """(104) as amended with (105), for alpha <= 1/(8 gamma L F_max)."""
    parts = (
        premise(lines.amends_104, "eq-104.amended-1"),
        descent_terms.bounds_the_deviation.premise("eq-105", mixed, times=_quarter),
        Premise("text-i-11.amended-1", lambda step: _of_deviation(mixed(step))),
    )
    return certified(lines.lemma_5_amended, "(106), amended", *parts, domain=SMALL_STEP)


@statement("lemma-5", source="App. I.1 and I.2, Lemma 5, (76)", uses=["eq-106"])
def lemma_5() -> Form:
    """Lemma 5, for small and for large gamma: where F_max bounds the responses too, and for the smaller rates alpha."""

    def tried(low: float, high: float) -> Form:
        domain = steps(charitable, mixed=mixing(low, high), alpha=smallest_rate)
        return searched(lines.lemma_5_printed, "Lemma 5", domain)

    return All((("gamma <= 1/2", tried(0.125, 0.5)), ("gamma >= 3", tried(3, 8))))


def lemma_5_amended(step: Instance) -> Sides:
    """Both sides of lemma-5.amended-1 at a step."""
    sides = lines.lemma_5_amended.sides(mixed(step))
    assert isinstance(sides, Sides)
    return sides


@statement(
    "lemma-5.amended-1",
    source="App. I.1 and I.2, Lemma 5, (76)",
    amends="lemma-5",
    judgement="error",
    reading=REPAIRED,
    uses=["eq-106.amended-1"],
)
def lemma_5_repaired() -> Form:
    """Lemma 5 with gamma where (95) has it, for any gamma and alpha <= 1/(8 gamma L F_max)."""
    line = lines.lemma_5_amended
    return Certified(
        line.claim(SMALL_STEP, mixed, "Lemma 5, amended", (1, 2)), (), (premise(line, "eq-106.amended-1"),)
    )


@statement(
    "lemma-5.amended-2",
    source="App. I.1 and I.2, Lemma 5, (76)",
    amends="lemma-5",
    judgement="gap",
    reading="the lemma and alpha <= 1/(4 L F_max) as printed, for gamma = 1 and any L. Not by the paper's proof: its "
    "noise terms have room, and what E<grad f, W' - W> takes is left by the square of the deviation",
    uses=["eq-95", "eq-98", "eq-99", "eq-103"],
)
def lemma_5_without_mixing_coefficient() -> Form:
    """Lemma 5 as printed, for gamma = 1."""
    domain = steps(loose_variance, objective=smooth, mixed=mixing(1, 1), alpha=quarter_rate)
    parts = (
        premise(lines.descends, "eq-95"),
        descent_terms.residue_is_bounded.premise("eq-98", mixed, times=lambda _: 4),
        descent_terms.saturates.premise("eq-99", mixed),
        premise(lines.bounds_the_noise, "eq-103"),
    )
    return certified(lines.unmixed, "Lemma 5, gamma = 1", *parts, domain=domain)
