"""Appendix I.1, (78)-(83): the bounds of the saturation, the transfer's part of Lemma 5, and the Lyapunov function.

Inequalities of one step are claims over whole instances: refuted by an exact step of Residual Learning, or proved by a
certificate, for every dimension. Conditions on constants are real arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp

from ..bilevel import closed_form_residual
from ..domains import norm2
from ..statement import All, Certified, ForAll, Form, Implication, Instance, Same, Sides, SumOverCoordinates, Term
from ..symbols import symbol
from . import statement
from .appendix_i_lemma_5 import small_rate
from .lyapunov_step import SIZES, grad2, saturation
from .residual_step import M_P, M_W, STEP, mean2, miss_next, moved_W, pull, pushed, rate_up_to, steps, weighted2

GAMMA, C, TAU, Q_MIN = symbol("gamma", "positive"), symbol("C"), symbol("tau"), symbol("q_min")
LIFT = "lib-lift-elementwise"

# Saturation

W, W_STAR = symbol("w"), symbol("w_star")


@statement(
    "text-i-3",
    source="App. I.1",
    uses=["text-4-13"],
    reading="sufficiently large: gamma >= |W* - W_k|/tau in every coordinate, for a range [-tau, tau] of P; then 2 "
    "is enough where W and P have the same range",
)
def residual_in_range() -> Form:
    """P*(W) lies in the range [-tau, tau] just where gamma >= |W* - W| / tau; gamma = 2 does for W, W* within tau."""
    residual = closed_form_residual(W_STAR, W, GAMMA)
    exactly = sp.Equivalent(sp.Abs(residual) <= TAU, sp.Abs(W_STAR - W) <= GAMMA * TAU)
    both = (sp.Abs(W) <= TAU, sp.Abs(W_STAR) <= TAU, GAMMA >= 2)
    return All(
        (
            ("just these", Implication((), exactly, lift=LIFT)),
            ("ranges of one size", Implication(both, sp.Abs(residual) <= TAU, lift=LIFT)),
        )
    )


Q_PLUS, Q_MINUS = symbol("q_plus", "nonnegative"), symbol("q_minus", "nonnegative")


@statement(
    "text-i-4",
    source="App. I.1",
    uses=["definition-1", "eq-65"],
    reading="Definition 1 gives it, for all k at once, with M_min = q_min^2; that P*(W_k) is in the range, as the "
    "sentence before has it, does not: P_k may be elsewhere. Without Definition 1 there is one for finitely many k",
)
def responses_do_not_vanish() -> Form:
    """Both responses are not zero just where M > 0, and finitely many M have a bound; q_min^2 is one for all k."""
    M = symbol("M", "positive")
    least, product = symbol("least_so_far", "positive"), Q_PLUS * Q_MINUS
    both = sp.Equivalent(sp.And(Q_PLUS > 0, Q_MINUS > 0), product > 0)
    return All(
        (
            ("the two forms", Implication((), both, lift=LIFT)),
            ("from k to k + 1 steps", Implication((M > 0,), sp.Min(least, M) > 0)),
            ("Definition 1", Implication((Q_MIN <= Q_PLUS, Q_MIN <= Q_MINUS), product >= Q_MIN**2, lift=LIFT)),
        )
    )


ANY = (*STEP, saturation)
WEIGHT, M, LEAST, V = symbol("weight", "positive"), symbol("M", "positive"), symbol("least", "positive"), symbol("v")
Number = Callable[[Instance], Any]


def larger(weight: Number, M_at: Number, least: str, vector: Number) -> Term:
    """Weight (||v||_M^2 - least ||v||^2)."""

    def at(step: Instance) -> Mapping[str, Any]:
        return {"weight": weight(step), "M": M_at(step), "least": step[least], "v": vector(step)}

    return Term(WEIGHT * (M - LEAST) * V**2, (LEAST <= M,), at)


def inverse(weight: Number, M_at: Number, least: str, vector: Number) -> Term:
    """The sum over samples of weight (||v||^2 / least - ||v||_{M^dagger}^2)."""

    def at(step: Instance) -> Mapping[str, Any]:
        weights = weight(step) * step["p"][:, None]
        return {"weight": weights, "M": M_at(step), "least": step[least], "v": vector(step)}

    return Term(WEIGHT * (1 / LEAST - 1 / M) * V**2, (LEAST <= M,), at)


def weight_78(step: Instance) -> Any:
    """Alpha / (4 F_max)."""
    return step["alpha"] / (4 * step["F_max"])


def sides_78(step: Instance) -> Sides:
    """(78)."""
    plain, weighted = grad2(step), weighted2(step["gradient_bar"], M_P(step))
    return Sides(weight_78(step) * step["M_P_min"] * plain, weight_78(step) * weighted)


@statement("eq-78", source="App. I.1, (78)", uses=["text-i-4"])
def gradient_in_the_plain_norm() -> Form:
    """(alpha/(4 F_max)) ||grad f(Wbar)||_{M(P)}^2 >= (alpha M_P/(4 F_max)) ||grad f(Wbar)||^2."""
    term = larger(weight_78, M_P, "M_P_min", lambda step: step["gradient_bar"])
    return Certified(ForAll(ANY, sides_78, "(78)", SIZES), (term,))


def weight_79(step: Instance) -> Any:
    """F_max / (alpha gamma)."""
    return step["F_max"] / (step["alpha"] * step["gamma"])


def sides_79(step: Instance) -> Sides:
    """(79), in the mean over the sample."""
    inverted = step["p"] @ weighted2(moved_W(step), 1 / M_P(step))
    return Sides(weight_79(step) * inverted, weight_79(step) / step["M_P_min"] * mean2(step, moved_W(step)))


@statement(
    "eq-79",
    source="App. I.1, (79)",
    uses=["text-i-4"],
    reading="in the mean over the sample, of any law; its factor F_max/(alpha gamma) is that of Lemma 5 as amended, "
    "neither that of (76) nor that of (81)",
)
def transfer_in_the_plain_norm() -> Form:
    """(F_max/(alpha gamma)) ||W' - W||_{M(P)^dagger}^2 <= (F_max/(alpha gamma M_P)) ||W' - W||^2."""
    return Certified(ForAll(ANY, sides_79, "(79)", SIZES), (inverse(weight_79, M_P, "M_P_min", moved_W),))


def weight_80(step: Instance) -> Any:
    """2 beta F_max^3 / gamma."""
    return 2 * step["beta"] * step["F_max"] ** 3 / step["gamma"]


def sides_80(step: Instance) -> Sides:
    """(80), in the mean over the sample."""
    inverted = step["p"] @ weighted2(miss_next(step), 1 / M_W(step))
    return Sides(weight_80(step) * inverted, weight_80(step) / step["M_W_min"] * mean2(step, miss_next(step)))


@statement(
    "eq-80",
    source="App. I.1, (80)",
    uses=["text-i-5"],
    reading="in the mean over the sample; for any bound 0 < M_W <= min M(W_k), of which min M(W_k) is the largest",
)
def residual_in_the_plain_norm() -> Form:
    """(2 beta F_max^3/gamma) ||P' - P*||_{M(W)^dagger}^2 <= (2 beta F_max^3/(gamma M_W)) ||P' - P*||^2."""
    return Certified(ForAll(ANY, sides_80, "(80)", SIZES), (inverse(weight_80, M_W, "M_W_min", miss_next),))


@statement("text-i-5", source="App. I.1", uses=["lib-lift-sum"])
def saturation_of_the_main_array() -> Form:
    """A bound 0 < M_W <= min M(W_k) is all that (80) needs."""
    return SumOverCoordinates((1 / LEAST - 1 / M) * V**2, (LEAST <= M,), shared=(LEAST,))


# (81)

CONDITION = "F_max/(gamma M_P), which is (81-a)"
at_most_81a = rate_up_to("alpha", lambda step: step["F_max"] / (step["gamma"] * step["M_P_min"]), CONDITION)


def lines_81(step: Instance, per_alpha: Any, curvature: Any, lipschitz2: Any) -> tuple[Any, ...]:
    """L1, L2, L3, L5 and L6 of (81), with what stands for F_max/alpha, for 1, and for the factor of the last norm."""
    first = per_alpha * (step["p"] @ weighted2(moved_W(step), 1 / M_P(step)))
    moved, weight = mean2(step, moved_W(step)), per_alpha / step["M_P_min"]
    pulled = 4 * step["beta"] ** 2 * weight * norm2(pull(step))
    pushes, misses = mean2(step, pushed(step) - pull(step)), mean2(step, miss_next(step))
    return (
        first + curvature * moved,
        weight * moved + curvature * moved,
        2 * weight * moved,
        pulled + 4 * step["beta"] ** 2 * weight * pushes,
        pulled + 4 * step["beta"] ** 2 * weight * lipschitz2 * misses,
    )


def printed_81(step: Instance) -> tuple[Any, ...]:
    """The lines as printed."""
    return lines_81(step, step["F_max"] / step["alpha"], 1, 1)


def repaired_81(step: Instance) -> Sides:
    """The first line and the last, with the terms of Lemma 5 and the constant of Lemma 3 as amended."""
    lines = lines_81(step, weight_79(step), step["L"], step["q_max"] ** 2)
    return Sides(lines[0], lines[-1])


@statement(
    "eq-81",
    source="App. I.1, (81)",
    uses=["text-i-4", "eq-79", "eq-81-a", "eq-81-b", "eq-11", "lemma-3"],
    reading="charitable: P_{k+1} stands under the expectation over the sample, whose sign the later lines drop",
)
def transfer_term() -> Form:
    """The chain that bounds the last two terms of Lemma 5: =, step (a), splitting, step (b)."""
    domain = steps(saturation, alpha=at_most_81a)

    def line(n: int) -> ForAll:
        return ForAll(domain, lambda step: Sides(*printed_81(step)[n : n + 2]), f"L{n + 1} <= L{n + 2}", SIZES)

    equal = ForAll(domain, lambda step: Same(*printed_81(step)[:2]), "L1 = L2", SIZES)
    return All((("the first line, =", equal), ("step (a)", line(1)), ("step (b)", line(3))))


F, G, F_MAX, Q_MAX = symbol("F", "positive"), symbol("G"), symbol("F_max"), symbol("q_max")
SPEED, RESIDUAL, TARGET = symbol("speed", "positive"), symbol("P_next"), symbol("P_opt")
PUSHED, PULLED = symbol("pushed"), symbol("pulled")


def through(wanted: sp.Expr) -> sp.Expr:
    """What (11) adds to W for a wanted increment, divided by beta."""
    return wanted * F - sp.Abs(wanted) * G


def weight_81(step: Instance) -> Any:
    """4 beta^2 F_max / (alpha gamma M_P), times the probability of a sample."""
    return 4 * step["beta"] ** 2 * weight_79(step) / step["M_P_min"] * step["p"][:, None]


def lipschitz(weight: Number) -> Term:
    """Weight (q_max^2 ||P' - P*||^2 - ||P' F - |P'| G - P* F + |P*| G||^2), by Lemma 3 as amended."""

    def at(step: Instance) -> Mapping[str, Any]:
        points = {"P_next": step["P_next"], "P_opt": step["P_opt"]}
        return {**points, "weight": weight(step), "F": step["F_W"], "G": step["G_W"], "q_max": step["q_max"]}

    moved = through(RESIDUAL) - through(TARGET)
    given = (F + G <= Q_MAX, F - G <= Q_MAX, sp.Abs(G) < F)
    return Term(WEIGHT * (Q_MAX**2 * (RESIDUAL - TARGET) ** 2 - moved**2), given, at)


def second_step() -> Term:
    """Step (a): F_max/(alpha gamma M_P) - L >= 0, times E||W' - W||^2; speed = alpha gamma L, least = M_P."""

    def at(step: Instance) -> Mapping[str, Any]:
        speed, sizes = step["alpha"] * step["gamma"], {"least": step["M_P_min"], "F_max": step["F_max"]}
        weight = step["p"][:, None] / (speed * step["M_P_min"])
        return {**sizes, "weight": weight, "speed": speed * step["L"], "v": moved_W(step)}

    return Term(WEIGHT * (F_MAX - SPEED * LEAST) * V**2, (8 * SPEED * F_MAX <= 1, LEAST <= F_MAX**2), at)


def splitting() -> Term:
    """L4 to L5: 2 |x|^2 + 2 |y - x|^2 - |y|^2 for y = P' F - |P'| G and x that of P*."""

    def at(step: Instance) -> Mapping[str, Any]:
        return {"weight": weight_81(step) / 2, "pushed": pushed(step), "pulled": pull(step)}

    return Term(WEIGHT * (2 * PULLED**2 + 2 * (PUSHED - PULLED) ** 2 - PUSHED**2), (), at)


@statement(
    "eq-81.amended-1",
    source="App. I.1, (81)",
    amends="eq-81",
    judgement="error",
    reading="<= for the first =; F_max/(alpha gamma) and L as in Lemma 5 as amended; the constant of Lemma 3 as "
    "amended, squared, in the last term; alpha <= 1/(8 gamma L F_max) gives (a)",
    uses=["eq-79", "eq-81-a.amended-1", "eq-81-b.amended-1", "eq-11"],
)
def repaired_transfer_term() -> Form:
    """(F_max/(alpha gamma)) E||W' - W||^2 / M(P) + L E||W' - W||^2, in terms of P*(W) and of P' - P*(W)."""
    whole = ForAll(steps(saturation, alpha=small_rate), repaired_81, "L1 <= L6", SIZES)
    first = inverse(weight_79, M_P, "M_P_min", moved_W)
    return Certified(whole, (first, second_step(), splitting(), lipschitz(weight_81)))


ALPHA, L, LEAST_P, MOVES = symbol("alpha"), symbol("L"), symbol("M_P"), symbol("moved_squared", "nonnegative")


def _step_a(weight: sp.Expr, other: sp.Expr, *given: sp.Basic) -> Form:
    return Implication(given, weight * MOVES + other * MOVES <= 2 * weight * MOVES)


def _printed_step_a(*given: sp.Basic) -> Form:
    return _step_a(F_MAX / (ALPHA * LEAST_P), sp.S.One, F_MAX / (ALPHA * GAMMA * LEAST_P) >= 1, *given)


@statement("eq-81-a", source="App. I.1, (81), step (a)", uses=["text-i-4"], reading="any gamma, for none is excluded")
def condition_of_step_a() -> Form:
    """Step (a) holds where F_max/(alpha gamma M_P) >= 1, also for gamma < 1."""
    return _printed_step_a()


@statement(
    "eq-81-a.amended-2",
    source="App. I.1, (81), step (a)",
    amends="eq-81-a",
    judgement="gap",
    reading="as printed, for gamma >= 1; the proof asks later that gamma is sufficiently large",
    uses=["text-i-4"],
)
def condition_of_step_a_for_large_gamma() -> Form:
    """Step (a) as printed holds for gamma >= 1 where F_max/(alpha gamma M_P) >= 1."""
    return _printed_step_a(GAMMA >= 1)


@statement(
    "eq-81-a.amended-1",
    source="App. I.1, (81), step (a)",
    amends="eq-81-a",
    judgement="slip",
    reading="F_max/(alpha gamma) in (81) too, as in (79); L in front of the second term, which (102) drops: it "
    "needs F_max/(alpha gamma M_P) >= L, and alpha <= 1/(8 gamma L F_max) gives it, for M_P <= F_max^2",
    uses=["text-i-4"],
)
def condition_of_step_a_with_gamma() -> Form:
    """Step (a) with F_max/(alpha gamma M_P) and L: it holds where the one is at least the other."""
    weight = F_MAX / (ALPHA * GAMMA * LEAST_P)
    small = (8 * ALPHA * GAMMA * L * F_MAX <= 1, LEAST_P <= F_MAX**2)
    enough = Implication(small, 8 * L * ALPHA * GAMMA * LEAST_P <= F_MAX)
    return All((("the condition", _step_a(weight, L, weight >= L)), ("a small alpha meets it", enough)))


def sides_81b(step: Instance, lipschitz2: Any) -> Sides:
    """Step (b) without what both sides have: E||P' F - |P'| G - P* F + |P*| G||^2 <= c E||P' - P*||^2."""
    return Sides(mean2(step, pushed(step) - pull(step)), lipschitz2 * mean2(step, miss_next(step)))


@statement("eq-81-b", source="App. I.1, (81), step (b)", uses=["lemma-3", "eq-11"])
def lipschitz_step() -> Form:
    """Step (b): E||P' F - |P'| G - P* F + |P*| G||^2 <= E||P' - P*||^2."""
    return ForAll(ANY, lambda step: sides_81b(step, 1), "step (b) of (81)", SIZES)


@statement(
    "eq-81-b.amended-1",
    source="App. I.1, (81), step (b)",
    amends="eq-81-b",
    judgement="slip",
    reading="with the square of the constant of Lemma 3, which is q_max as amended there; (81) has 1 in its place",
    uses=["lemma-3.amended-1", "eq-11"],
)
def lipschitz_step_with_its_constant() -> Form:
    """Step (b) with q_max^2: E||P' F - |P'| G - P* F + |P*| G||^2 <= q_max^2 E||P' - P*||^2."""
    whole = ForAll(ANY, lambda step: sides_81b(step, step["q_max"] ** 2), "step (b) of (81) with q_max^2", SIZES)
    return Certified(whole, (lipschitz(lambda step: step["p"][:, None]),))


# (82)


@statement(
    "eq-82",
    source="App. I.1, (82)",
    uses=["assumption-3", "text-4-13"],
    reading="what a Lyapunov function has to be, for C > 0: not negative, and 0 at the solution W = W*, P = 0 alone",
)
def lyapunov_function() -> Form:
    """V = f(Wbar) - f* + C ||W - W*||^2 is not negative, and 0 at W = W*, P = 0 alone."""
    gap, away = symbol("f_gap", "nonnegative"), symbol("away_squared", "nonnegative")
    mixed, residual = symbol("mixed_squared", "nonnegative"), symbol("P_squared", "nonnegative")
    V, MU = gap + C * away, symbol("mu")
    # strong convexity, and gamma P = Wbar - W* - (W - W*)
    given = (MU * mixed <= 2 * gap, GAMMA**2 * residual <= 2 * mixed + 2 * away)
    alone = sp.And(sp.Eq(mixed, 0), sp.Eq(away, 0), sp.Eq(residual, 0))
    return All((("V >= 0", Implication((), V >= 0)), ("0 there alone", Implication((*given, sp.Eq(V, 0)), alone))))
