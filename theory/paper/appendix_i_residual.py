"""Appendix I.1, (86) and (87): what bounds the residual array's error, from one step and from strong convexity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from ..domains import mixed_weight, narrowed, noise, norm2, residual_step, strongly_convex, transfer_rate, two_arrays
from ..rates import printed_transfer_rate
from ..statement import (
    All,
    Assumption,
    Certified,
    Field,
    ForAll,
    Form,
    Implication,
    Instance,
    Premise,
    Same,
    Sides,
    Term,
    scaled,
)
from ..symbols import symbol
from . import statement
from .appendix_i_descent import PER_ALPHA
from .appendix_i_lemma_7_end import lemma_7_amended
from .convexity import at_points, from_the_minimiser, gradient_growth, rule_at_one
from .descent_terms import loose_variance
from .lemma_7_step import LIVELY, SLOW
from .lyapunov_step import SIZES, grad2, saturation
from .residual_step import M_P, charitable, mean2, miss, miss_next, mixing, moved_P, rate_up_to, ratio_P, slack, steps
from .residual_terms import contracts_at_half, view

ALPHA, BETA, L, MU = (symbol(name) for name in ("alpha", "beta", "L", "mu"))
F_MAX, Q_MAX, LEAST_P, LEAST_W = (symbol(name) for name in ("F_max", "q_max", "M_P", "M_W"))
GAMMA = symbol("gamma", "positive")

# (86)

PRINTED_30 = 30 * PER_ALPHA * F_MAX**4 / (GAMMA * LEAST_W)


@statement(
    "eq-86-a",
    source="App. I.1, (86), step (a)",
    reading="as something that the setting of Theorem 3 gives; as an assumption of its own, with loss of generality "
    "as the paper says, it is 2 gamma min M(W_k) <= F_max^4, an upper bound of gamma, and Theorem 3 does not list it",
)
def saturation_is_small() -> Form:
    """4 beta^2 F_max/(alpha M_P) <= 2 beta^2 F_max^5/(alpha gamma M_W M_P), for any M_W <= F_max^2."""
    return Implication((LEAST_W <= F_MAX**2,), 4 * PER_ALPHA <= PRINTED_30 / 15)


@statement(
    "eq-86-a.amended-1",
    source="App. I.1, (86), step (a)",
    amends="eq-86-a",
    judgement="gap",
    reading="not needed: with the constants of (84) as amended M_W <= F_max^2 absorbs the smaller coefficient",
)
def smaller_coefficient_is_absorbed() -> Form:
    """4 beta^2 F_max/(alpha gamma M_P) <= 4 beta^2 F_max^3/(alpha gamma M_P M_W), always."""
    return Implication((LEAST_W <= F_MAX**2,), 4 * PER_ALPHA / GAMMA <= 4 * PER_ALPHA * F_MAX**2 / (GAMMA * LEAST_W))


# the coefficients that (86) gets from Lemma 7 as printed, without sigma^2, and their bounds in step (b)
THROUGH_RATIO = 64 * PER_ALPHA * ALPHA * F_MAX**5 * (MU + L) / (GAMMA**2 * LEAST_W * MU * L)
THROUGH_SQUARE = 32 * PER_ALPHA * ALPHA**2 * F_MAX**6 / (GAMMA * LEAST_W)
BETA_89 = printed_transfer_rate(ALPHA, MU, sp.sqrt(GAMMA), LEAST_P * sp.sqrt(LEAST_W / 2), F_MAX)
UNDER_THE_ROOT = printed_transfer_rate(ALPHA, MU, sp.sqrt(GAMMA), sp.sqrt(LEAST_P * LEAST_W / 2), F_MAX)
ABSORBED = 4 * PER_ALPHA <= PRINTED_30 / 15


@statement(
    "eq-86-b",
    source="App. I.1, (86), step (b)",
    uses=["eq-89"],
    reading="small together, as beta is by (89): then alpha <= 8 L/(gamma mu (mu + L) M_P) and alpha <= 16 F_max "
    "L/(mu^2 gamma^2 M_P) are enough; what is needed is beta^2 <= c alpha, which fails for alpha far smaller than "
    "beta",
)
def small_enough_for_step_b() -> Form:
    """With (89), alpha small makes the terms of Lemma 7 at most alpha and alpha^2 L F_max^2 (times S and sigma^2)."""
    ratio = (ALPHA * GAMMA * MU * (MU + L) * LEAST_P <= 8 * L,)
    square = (ALPHA * MU**2 * GAMMA**2 * LEAST_P <= 16 * F_MAX * L,)
    return All(
        (
            ("of the ratio", Implication(ratio, THROUGH_RATIO.subs(BETA, BETA_89) <= ALPHA)),
            ("of sigma^2", Implication(square, THROUGH_SQUARE.subs(BETA, BETA_89) <= ALPHA**2 * L * F_MAX**2)),
        )
    )


lively = narrowed(
    two_arrays,
    "q_+ and q_- of each weight of both arrays in [1/2, 2], so that C_{k,+} >= 1/2",
    **{field.name: (0.5, 2) for field in two_arrays.fields if field.name.startswith("q_")},
)
smaller_alpha = rate_up_to(
    "alpha",
    lambda step: 1 / (8 * step["gamma"] * (step["mu"] + step["L"]) * step["F_max"] * max(step["F_max"], 1)),
    "1/(8 gamma (mu + L) F_max max{F_max, 1})",
)


def _line_3(step: Instance) -> Sides:
    """L2 <= L3 of (86), divided by the coefficient in front."""
    alpha, gamma, mu, L, F_max, sigma2 = (step[n] for n in ("alpha", "gamma", "mu", "L", "F_max", "sigma2"))
    contracted = (1 - alpha * mu * L / (4 * gamma * (mu + L))) * norm2(miss(step))
    ratio = 2 * alpha * (mu + L) * F_max * sigma2 / (gamma * mu * L) * ratio_P(step)
    return Sides(mean2(step, miss_next(step)), contracted + ratio + alpha**2 * F_max**2 * sigma2)


@statement(
    "eq-86",
    source="App. I.1, (86)",
    uses=["lemma-7", "eq-86-a", "eq-86-b"],
    reading="L2 <= L3 for one weight, where C_{k,-} = 0, C_{k,+} >= 1/2 and alpha is small, as Lemma 7 asks; gamma <= "
    "1/2, for (86) excludes no gamma. For gamma >= 1, of which the proof speaks elsewhere, see eq-86.amended-3",
)
def residual_term() -> Form:
    """The chain that bounds the coefficient of (84) times E||P' - P*||^2: (a), Lemma 7, (b); here for gamma <= 1/2."""
    little = mixing(0.125, 0.5)
    domain = (strongly_convex, little, noise, lively, charitable, smaller_alpha, transfer_rate, residual_step)
    return All(
        (
            ("step (a)", Implication((ABSORBED,), PRINTED_30 + 4 * PER_ALPHA <= 16 * PRINTED_30 / 15)),
            ("L2 <= L3, Lemma 7", ForAll(domain, _line_3, "L2 <= L3 of (86), at one step", (1,))),
        )
    )


def without_lemma_7(step: Instance) -> Sides:
    """E||P' - P*||^2 <= 2 ||P - P*||^2 + 2 alpha^2 q_max^2 (||grad f(Wbar)||^2 + sigma^2)."""
    moved = step["alpha"] ** 2 * step["q_max"] ** 2 * (grad2(step) + step["sigma2"])
    return Sides(mean2(step, miss_next(step)), 2 * norm2(miss(step)) + 2 * moved)


@statement(
    "eq-86.amended-1",
    source="App. I.1, (86)",
    amends="eq-86",
    judgement="slip",
    reading="gamma in place of 1/gamma in the contraction, which the next line drops anyhow. Without it Lemma 7 is "
    "not needed, nor are (126) and C_{k,+} >= 1/2: the step from P to P' is at most alpha q_max |grad f(Wbar; xi)|",
    uses=["lemma-3.amended-1", "assumption-2", "eq-10"],
)
def residual_term_without_lemma_7() -> Form:
    """E||P' - P*||^2 <= 2 ||P - P*||^2 + 2 alpha^2 q_max^2 (||grad f(Wbar)||^2 + sigma^2), for any alpha."""
    p, missed, moved = symbol("p", "nonnegative"), symbol("missed"), symbol("moved")
    F, G, g, sigma2, variance = symbol("F", "positive"), symbol("G"), symbol("g"), symbol("sigma2"), symbol("variance")

    def at(step: Instance) -> Mapping[str, Any]:
        arrays = {
            "missed": miss(step),
            "moved": moved_P(step),
            "F": step["F_P"],
            "G": step["G_P"],
            "g": step["samples"],
        }
        return {**arrays, "alpha": step["alpha"], "q_max": step["q_max"], "p": step["p"][:, None]}

    def spare(step: Instance) -> Mapping[str, Any]:
        scalars = {name: step[name] for name in ("alpha", "q_max", "sigma2")}
        return {**scalars, "variance": step["p"] @ norm2(step["xi"])}

    terms = (
        Term(p * (missed - moved) ** 2, (), at),
        Term(
            2 * p * ALPHA**2 * (Q_MAX**2 * g**2 - (g * F + sp.Abs(g) * G) ** 2),
            (F + G <= Q_MAX, F - G <= Q_MAX, sp.Abs(G) < F),
            at,
        ),
        Term(2 * ALPHA**2 * Q_MAX**2 * (sigma2 - variance), (variance <= sigma2,), spare),
    )
    return Certified(ForAll(steps(loose_variance), without_lemma_7, "(86) without Lemma 7", SIZES), terms)


# (86) by way of Lemma 7 as amended

some_coefficient = Assumption(
    "coefficient of E||P' - P*||^2",
    "B <= alpha gamma^3 mu^2 M_P/(16 F_max), which the repaired beta gives; 0 < M_P <= min M(P_k)",
    holds=lambda step: bool(0 < step["B_share"] <= 1 and 0 < step["M_P_min"] <= M_P(step).min()),
    fields=(Field("B_share", (), 0.125, 1), Field("share_M_P", (), 0.5, 1)),
    build=lambda drawn: {"M_P_min": drawn["share_M_P"] * M_P(drawn).min()},
)
SHARE, SPEED, WEIGHT, C_PLUS = (symbol(name, "positive") for name in ("B_share", "speed", "weight", "C_plus"))
SLOW_SPEED = SPEED * (MU + L) * Q_MAX**2 <= C_PLUS


def coefficient(step: Instance) -> Any:
    """B."""
    scale = step["alpha"] * step["gamma"] ** 3 * step["mu"] ** 2 * step["M_P_min"] / (16 * step["F_max"])
    return step["B_share"] * scale


def through_lemma_7(step: Instance) -> Sides:
    """B E||P' - P*||^2 <= B ||P - P*||^2 + (alpha gamma/4) sigma^2 S + alpha^2 gamma^2 L F_max^2 sigma^2."""
    speed, sigma2 = step["alpha"] * step["gamma"], step["sigma2"]
    noise = speed * sigma2 * ratio_P(step) / 4 + speed**2 * step["L"] * step["F_max"] ** 2 * sigma2
    left = coefficient(step) * mean2(step, miss_next(step))
    return Sides(left, coefficient(step) * norm2(miss(step)) + noise)


def at_rates(weight: Callable[[Instance], Any]) -> Callable[[Instance], Mapping[str, Any]]:
    """The constants of a step, and the weight of a term."""

    def at(step: Instance) -> Mapping[str, Any]:
        names = ("mu", "L", "F_max", "q_max", "C_plus", "B_share")
        speed = step["alpha"] * step["gamma"]
        scalars = {"weight": weight(step), "speed": speed, "M_P": step["M_P_min"], "v": miss(step)}
        return {**scalars, **{name: step[name] for name in names}}

    return at


def left_by_lemma_7() -> tuple[Term, Term, Term]:
    """What Lemma 7 leaves: its contraction, and of both terms of the noise."""

    def contraction(step: Instance) -> Any:
        rate = step["alpha"] * step["gamma"] * step["mu"] * step["L"] * step["C_plus"] / (step["mu"] + step["L"])
        return coefficient(step) * rate / 2

    def of_ratio(step: Instance) -> Any:
        scale = step["alpha"] * step["gamma"] / (16 * step["L"] * step["C_plus"])
        return scale * step["sigma2"] * ratio_P(step)

    def of_square(step: Instance) -> Any:
        return (step["alpha"] * step["gamma"]) ** 2 * step["sigma2"] / (16 * step["F_max"])

    v, weight = symbol("v"), symbol("weight", "nonnegative")
    ratio = weight * (4 * L * C_PLUS - SHARE * SPEED * MU * (MU + L) * LEAST_P)
    square = weight * (16 * L * F_MAX**3 - SHARE * SPEED * MU**2 * LEAST_P * Q_MAX**2)
    bounds = (SHARE <= 1, SLOW_SPEED, MU <= L, LEAST_P <= Q_MAX**2)
    return (
        Term(weight * v**2, (), at_rates(contraction)),
        Term(ratio, bounds, at_rates(of_ratio)),
        Term(square, (SHARE <= 1, SLOW_SPEED, MU <= L, LEAST_P <= F_MAX**2, C_PLUS <= 2 * F_MAX), at_rates(of_square)),
    )


@statement(
    "eq-86.amended-2",
    source="App. I.1, (86)",
    amends="eq-86",
    judgement="slip",
    reading="the paper's own way, with Lemma 7 as amended: under (126) and alpha <= C_+/(gamma (mu + L) q_max^2), for "
    "any coefficient B that a beta of order alpha gamma^2 gives; step (b) needs no more than that",
    uses=["lemma-7.amended-1"],
)
def residual_term_by_lemma_7() -> Form:
    """B E||P' - P*||^2 <= B ||P - P*||^2 + (alpha gamma/4) sigma^2 S + alpha^2 gamma^2 L F_max^2 sigma^2."""
    premise = Premise("lemma-7.amended-1", lambda step: slack(lemma_7_amended(step)), scaled(coefficient))
    domain = (*SLOW[:-2], some_coefficient, *SLOW[-2:])
    return Certified(ForAll(domain, through_lemma_7, "(86) by Lemma 7", SIZES), left_by_lemma_7(), (premise,))


large_gamma = replace(mixing(1, 4), constraint=(GAMMA >= 1,))


@statement(
    "eq-86.amended-3",
    source="App. I.1, (86)",
    amends="eq-86",
    judgement="gap",
    reading="L2 <= L3 as printed, for gamma >= 1, under all that lemma-7.amended-2 asks: F_max is q_max, (126), "
    "C_{k,+} >= 1/2, alpha <= C_+/(gamma (mu + L) q_max^2)",
    uses=["lemma-7.amended-2"],
)
def residual_term_for_large_gamma() -> Form:
    """E||P' - P*||^2 <= (1 - alpha mu L/(4 gamma (mu + L))) ||P - P*||^2 + the noise of Lemma 7, for gamma >= 1."""
    v = symbol("v")

    def at(step: Instance) -> Mapping[str, Any]:
        return {"v": miss(step), **{name: step[name] for name in ("alpha", "gamma", "mu", "L")}}

    spare = Term(ALPHA * MU * L * (GAMMA - 1 / GAMMA) / (4 * (MU + L)) * v**2, (GAMMA >= 1,), at)
    domain = tuple(large_gamma if assumption is mixed_weight else assumption for assumption in LIVELY)
    premise = contracts_at_half.premise("lemma-7.amended-2", view)
    return Certified(ForAll(domain, _line_3, "L2 <= L3 of (86), gamma >= 1", SIZES), (spare,), (premise,))


# (87)


def strong_growth(step: Instance) -> Sides:
    """(alpha M_P/(8 F_max)) times ||grad f(Wbar)||^2 >= mu^2 gamma^2 ||P - P*||^2, the first and last line of (87)."""
    weight = step["alpha"] * step["M_P_min"] / (8 * step["F_max"])
    return Sides(weight * (step["mu"] * step["gamma"]) ** 2 * norm2(miss(step)), weight * grad2(step))


def chain_87(step: Instance) -> Same:
    """||Wbar - W*||^2 = gamma^2 ||P - P*||^2, the equalities of (87)."""
    return Same(norm2(step["W_bar"] - step["W_star"]), step["gamma"] ** 2 * norm2(miss(step)))


@statement("eq-87", source="App. I.1, (87)", uses=["assumption-3", "text-4-13", "lib-gradient-growth"])
def gradient_bounds_the_residual() -> Form:
    """(alpha M_P/(8 F)) ||grad f(Wbar)||^2 >= (alpha mu^2 gamma^2 M_P/(8 F)) ||P - P*||^2, through Wbar - W*."""
    w, p, w_star = symbol("w"), symbol("p"), symbol("w_star")
    zero = (w + GAMMA * p - w_star) ** 2 - GAMMA**2 * (p - (w_star - w) / GAMMA) ** 2

    def at(step: Instance) -> Mapping[str, Any]:
        return {"w": step["W"], "p": step["P"], "w_star": step["W_star"], "gamma": step["gamma"]}

    def weight(step: Instance) -> Any:
        return step["alpha"] * step["M_P_min"] / (8 * step["F_max"])

    growth, domain = rule_at_one(gradient_growth), steps(saturation)
    premise = at_points("lib-gradient-growth", growth, from_the_minimiser("W_bar"), weight)
    return All(
        (
            ("first >= last", Certified(ForAll(domain, strong_growth, "(87)", SIZES), (), (premise,))),
            ("the equalities", Certified(ForAll(domain, chain_87, "= of (87)", SIZES), (Term(zero, (), at),))),
        )
    )
