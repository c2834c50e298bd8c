"""Appendix I.1, (88)-(91), and (12): the descent in all terms, and the metric of convergence.

The printed lines are tried where every condition of the proof is met, F_max is taken to be q_max and gamma is large; an
exact step of Residual Learning refutes them. The repaired ones are proved by certificates, for every dimension.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from ..domains import norm2
from ..rates import Metric, printed_residual_metric, residual_metric, residual_transfer_rate
from ..statement import (
    All,
    Certified,
    ForAll,
    Form,
    Identity,
    Implication,
    Instance,
    Premise,
    Sides,
    Term,
    scaled,
)
from ..symbols import symbol
from . import statement
from .appendix_i_descent import (
    PER_ALPHA,
    before_84,
    kept,
    missed_weight,
    printed,
    printed_C,
    repaired_84,
    repaired_C,
)
from .appendix_i_lemma_5 import small_rate
from .appendix_i_residual import BETA_89, UNDER_THE_ROOT, strong_growth, without_lemma_7
from .descent_terms import loose_variance
from .lyapunov_step import (
    SIZES,
    grad2,
    lyapunov,
    lyapunov_next,
    metric,
    saturation,
    slow,
    slow_beta,
    tuned_beta,
)
from .residual_step import M_W, away, drift_P, miss, pull, ratio_P, slack, steps, weighted2

ALPHA, BETA, L, MU, SIGMA2 = (symbol(name) for name in ("alpha", "beta", "L", "mu", "sigma2"))
F_MAX, Q_MAX, LEAST_P, LEAST_W = (symbol(name) for name in ("F_max", "q_max", "M_P", "M_W"))
GAMMA = symbol("gamma", "positive")

# (88)-(90)


def _printed_88(step: Instance) -> Sides:
    alpha, beta, gamma, mu, F_max = (step[name] for name in ("alpha", "beta", "gamma", "mu", "F_max"))
    least, sigma2 = step["M_P_min"], step["sigma2"]
    weight = beta**2 * F_max / (alpha * least)
    descent = alpha / (8 * F_max) * (least * grad2(step) + drift_P(step))
    noise = 3 * alpha * sigma2 * ratio_P(step) + 3 * alpha**2 * step["L"] * F_max**2 * sigma2
    missed = alpha * (mu * gamma) ** 2 * least / (8 * F_max) - 32 * weight * F_max**4 / (gamma * M_W(step).min())
    kept = weight * (norm2(pull(step)) + 5 * weighted2(away(step), M_W(step))) + missed * norm2(miss(step))
    C = printed_C(step)
    return Sides(lyapunov_next(step, C), lyapunov(step, C) + noise - descent - kept)


PER_512 = ALPHA * MU**2 * GAMMA**3 / (512 * F_MAX**5 * LEAST_P)
HALF_OF_87 = ALPHA * MU**2 * GAMMA**2 * LEAST_P / (16 * F_MAX)
MISSED = 32 * PER_ALPHA * F_MAX**4 / (GAMMA * LEAST_W)


@statement(
    "eq-88",
    source="App. I.1, (88)",
    uses=["eq-84", "eq-86", "eq-87", "eq-89"],
    reading="at one step with the beta of (89), M_P outside its root; the coefficients by both readings of (89)",
)
def descent_in_all_terms() -> Form:
    """E V' <= V - ... as printed: the first line at one step, and the coefficients of the second by (89)."""
    return All(
        (
            ("one step", printed(_printed_88, "(88)")),
            ("of ||P - P*||^2", Identity(2 * HALF_OF_87 - MISSED.subs(BETA, BETA_89), HALF_OF_87)),
            ("of ||P* F - |P*| G||^2", Identity(PER_ALPHA.subs(BETA, BETA_89), PER_512 * LEAST_W)),
            ("the same, M_P under the root", Identity(PER_ALPHA.subs(BETA, UNDER_THE_ROOT), PER_512 * LEAST_W)),
            ("of ||W - W*||_M^2", Identity(5 * PER_ALPHA.subs(BETA, BETA_89), 5 * PER_512)),
        )
    )


def repaired_88(step: Instance) -> Sides:
    """(88) for any beta <= alpha gamma^2 mu M_P sqrt(M_W)/(32 F_max^2 q_max)."""
    speed = step["alpha"] * step["gamma"]
    missed = speed * (step["mu"] * step["gamma"]) ** 2 * step["M_P_min"] / (16 * step["F_max"]) * norm2(miss(step))
    return Sides(lyapunov_next(step, repaired_C(step)), before_84(step, 8, 3) - kept(step) - missed)


RATE2, REACH, EXTENT = (symbol(name, "nonnegative") for name in ("beta_share_squared", "reach", "extent"))


def at_rest(step: Instance) -> Mapping[str, Any]:
    """Beta as a share of its bound, squared; reach = alpha gamma mu q_max; extent = mu q_max M_P."""
    speed, least = step["alpha"] * step["gamma"], step["M_P_min"]
    share, reach = step["beta"] / slow(step), speed * step["mu"] * step["q_max"]
    extent = step["mu"] * step["q_max"] * least
    sizes = {"beta_share_squared": share**2, "reach": reach, "extent": extent, "L": step["L"], "F_max": step["F_max"]}
    return {**sizes, "weight": speed * least / (1024 * step["F_max"])}


WEIGHT, V = symbol("weight", "nonnegative"), symbol("v")


def left_of_the_gradient() -> Term:
    """What (87), and (86) with 2 M = 58 beta^2 ..., leave of ||grad f(Wbar)||^2."""
    left = WEIGHT * (64 - 58 * RATE2 * (1 + REACH**2)) * V**2
    return Term(left, (RATE2 <= 1, 4 * REACH <= 1), lambda step: {**at_rest(step), "v": step["gradient_bar"]})


def left_of_the_noise() -> Term:
    """What (86) leaves of alpha^2 gamma^2 L F_max^2 sigma^2."""

    def at(step: Instance) -> Mapping[str, Any]:
        speed = step["alpha"] * step["gamma"]
        return {**at_rest(step), "weight": speed**2 * step["sigma2"] / (1024 * step["F_max"])}

    left = WEIGHT * (1024 * L * F_MAX**3 - 58 * RATE2 * REACH * EXTENT)
    return Term(left, (RATE2 <= 1, 4 * REACH <= 1, EXTENT <= 2 * L * F_MAX**3), at)


@statement(
    "lib-residual-rates",
    source="the conditions of the repaired Theorem 3",
    reading="for q_max the largest of the responses and F_max, so that F_max <= q_max <= 2 F_max, and mu <= L",
)
def bounds_from_the_rates() -> Form:
    """From alpha <= 1/(8 gamma L F_max): reach <= 1/4, extent <= 2 L F_max^3; beta <= gamma/(4 F_max) for slow beta."""
    given = (8 * ALPHA * GAMMA * L * F_MAX <= 1, MU <= L, LEAST_P <= F_MAX**2, F_MAX <= Q_MAX, Q_MAX <= 2 * F_MAX)
    root = symbol("root_M_W", "positive")
    beta = residual_transfer_rate(ALPHA, GAMMA, MU, LEAST_P, root, F_MAX, Q_MAX)
    return All(
        (
            ("reach", Implication(given, 4 * ALPHA * GAMMA * MU * Q_MAX <= 1)),
            ("extent", Implication(given, MU * Q_MAX * LEAST_P <= 2 * L * F_MAX**3)),
            ("the beta of Lemma 6", Implication((*given, root <= F_MAX), 4 * beta * F_MAX <= GAMMA)),
        )
    )


@statement(
    "eq-88.amended-1",
    source="App. I.1, (88)",
    amends="eq-88",
    judgement="error",
    reading="from (84), (86) and (87) as amended, for alpha <= 1/(8 gamma L F_max) and any beta <= alpha gamma^2 mu "
    "M_P sqrt(M_W)/(32 F_max^2 q_max): of order alpha gamma^2, not alpha gamma^(3/2)",
    uses=["eq-84.amended-1", "eq-86.amended-1", "eq-87", "lib-residual-rates"],
)
def repaired_descent_in_all_terms() -> Form:
    """E V' <= V - ... with a negative term for every distance, under A1-A3 and Definition 1 alone."""

    def weight_of_87(step: Instance) -> Any:
        absorbed = 2 * missed_weight(step) / (step["mu"] * step["gamma"]) ** 2
        half = step["alpha"] * step["gamma"] * step["M_P_min"] / (16 * step["F_max"])
        scale = 8 * step["F_max"] / (step["alpha"] * step["M_P_min"])
        return (half + absorbed) * scale

    domain = steps(saturation, loose_variance, alpha=small_rate, beta=slow_beta)
    premises = (
        Premise("eq-84.amended-1", lambda step: slack(repaired_84(step))),
        Premise("eq-86.amended-1", lambda step: slack(without_lemma_7(step)), scaled(missed_weight)),
        Premise("eq-87", lambda step: slack(strong_growth(step)), scaled(weight_of_87)),
    )
    terms = (left_of_the_gradient(), left_of_the_noise())
    return Certified(ForAll(domain, repaired_88, "(88)", SIZES), terms, premises)


@statement(
    "eq-89",
    source="App. I.1, (89)",
    uses=["eq-87"],
    reading="M_P outside the root, for by the other reading (88) has no such second line; M_W is a bound for all k, "
    "or else beta would change with k",
)
def choice_of_beta() -> Form:
    """Beta of (89) leaves half of (87) in (88); the repaired proof allows it for gamma >= 2 q_max^2/F_max^2."""
    slowest = residual_transfer_rate(ALPHA, GAMMA, MU, LEAST_P, sp.sqrt(LEAST_W), F_MAX, Q_MAX)
    allowed = Implication((2 * Q_MAX**2 <= GAMMA * F_MAX**2,), BETA_89**2 <= slowest**2)
    return All((("half of (87)", Identity(MISSED.subs(BETA, BETA_89), HALF_OF_87)), ("gamma large", allowed)))


def _printed_90(step: Instance) -> Sides:
    alpha, gamma, mu, F_max = (step[name] for name in ("alpha", "gamma", "mu", "F_max"))
    least, sigma2 = step["M_P_min"], step["sigma2"]
    pulled = alpha * mu**2 * gamma**3 * M_W(step).min() / (512 * F_max**5 * least)
    weights = Metric(
        drift=alpha / (8 * F_max),
        gradient=alpha / (8 * F_max * least),
        pull=pulled,
        main=5 * pulled,
        residual=alpha * (mu * gamma) ** 2 * least / (16 * F_max),
    )
    noise = 3 * alpha**2 * step["L"] * F_max**2 * sigma2 + 3 * alpha * sigma2 * ratio_P(step)
    return Sides(metric(step, weights), lyapunov(step, printed_C(step)) - lyapunov_next(step, printed_C(step)) + noise)


@statement("eq-90", source="App. I.1, (90)", uses=["eq-88"], reading="a rearrangement of (88): the text has (83)")
def descent_rearranged() -> Form:
    """(90) as printed: at one step, and its coefficients against those of (88)."""
    gradient = Identity(ALPHA * LEAST_P / (8 * F_MAX), ALPHA / (8 * F_MAX * LEAST_P))
    return All(
        (
            ("one step", printed(_printed_90, "(90)")),
            ("of grad f, as in (88)", gradient),
            ("of ||W - W*||_M^2, as in (88)", Identity(5 * PER_512, 5 * PER_512 * LEAST_W)),
        )
    )


def repaired_metric(step: Instance) -> Metric:
    """The weights of the repaired metric."""
    names = ("mu", "gamma", "M_P_min", "M_W_min", "F_max", "q_max")
    return residual_metric(*(step[name] for name in names))


def repaired_90(step: Instance) -> Sides:
    """(90) with the repaired metric."""
    F_max, sigma2, C = step["F_max"], step["sigma2"], repaired_C(step)
    speed = step["alpha"] * step["gamma"]
    noise = 3 * speed**2 * step["L"] * F_max**2 * sigma2 + 3 * speed / 4 * sigma2 * ratio_P(step)
    left = speed / (8 * F_max) * metric(step, repaired_metric(step))
    return Sides(left, lyapunov(step, C) - lyapunov_next(step, C) + noise)


@statement(
    "eq-90.amended-1",
    source="App. I.1, (90)",
    amends="eq-90",
    judgement="error",
    reading="(88) as amended, rearranged, with beta = alpha gamma^2 mu M_P sqrt(M_W)/(32 F_max^2 q_max)",
    uses=["eq-88.amended-1"],
)
def repaired_descent_rearranged() -> Form:
    """(alpha gamma/(8 F_max)) times the repaired metric of step k <= V - E V' + the noise."""
    domain = steps(saturation, loose_variance, alpha=small_rate, beta=tuned_beta)
    premise = Premise("eq-88.amended-1", lambda step: slack(repaired_88(step)))
    return Certified(ForAll(domain, repaired_90, "(90)", SIZES), (), (premise,))


# (91) and (12)

SPEED, ROOT_W = ALPHA * GAMMA, symbol("root_M_W", "positive")
PRINTED_METRIC = printed_residual_metric(MU, GAMMA, LEAST_P, LEAST_W, F_MAX)
REPAIRED_METRIC = residual_metric(MU, GAMMA, LEAST_P, ROOT_W**2, F_MAX, Q_MAX)


def _scaled(weights: Metric, *factors: sp.Expr) -> Form:
    """That each weight of a metric is the coefficient of a descent inequality, times a factor."""
    return All(
        tuple((name, Identity(c, sp.sympify(w))) for name, c, w in zip(weights._fields, factors, weights, strict=True))
    )


@statement("eq-91", source="App. I.1, (91)", uses=["eq-90"])
def metric_with_constants() -> Form:
    """The weights of (91) are the coefficients of (90) times 8 F_max/alpha."""
    scale = 8 * F_MAX / ALPHA
    gradient, pulled = ALPHA / (8 * F_MAX * LEAST_P), PER_512 * LEAST_W
    return _scaled(PRINTED_METRIC, sp.S.One, scale * gradient, scale * pulled, scale * 5 * pulled, scale * HALF_OF_87)


@statement(
    "eq-91.amended-1",
    source="App. I.1, (91)",
    amends="eq-91",
    judgement="error",
    reading="the metric that the repaired proof bounds: M_P, not 1/M_P, with the gradient, and without gamma^3",
    uses=["eq-90.amended-1"],
)
def repaired_metric_with_constants() -> Form:
    """The weights of the repaired metric are the coefficients of (88) as amended times 8 F_max/(alpha gamma)."""
    beta = residual_transfer_rate(ALPHA, GAMMA, MU, LEAST_P, ROOT_W, F_MAX, Q_MAX)
    pulled = 8 * F_MAX / SPEED * beta**2 * F_MAX / (SPEED * LEAST_P)
    residual = 8 * F_MAX / SPEED * SPEED * GAMMA**2 * MU**2 * LEAST_P / (16 * F_MAX)
    return _scaled(REPAIRED_METRIC, sp.S.One, LEAST_P, pulled, 5 * pulled / GAMMA**2, residual)


NORM = "lib-lift-weighted-norm"
SQUARES = tuple(symbol(name, "nonnegative") for name in ("drift2", "grad2", "pull2", "main2", "miss2"))
AWAY2, LOW, E_K = symbol("away2", "nonnegative"), symbol("c_low", "positive"), symbol("E_K")
# of ||P* F - |P*| G||^2 and of ||W - W*||_M^2 to ||W - W*||^2: at most q_max^2/gamma^2 and F_max^2
PULL_RATIO, MAIN_RATIO = symbol("pull_ratio", "positive"), symbol("main_ratio", "positive")
WEIGHTS = tuple(symbol(f"weight_{name}", "positive") for name in Metric._fields)


@statement(
    "eq-12",
    source="Sec. 4, (12)",
    uses=["lib-lift-weighted-norm"],
    reading="hidden constants: any positive ones; so (12), (91) and the repaired metric are of the same order",
)
def metric_with_hidden_constants() -> Form:
    """(12) and (91) are of the same order: each is at most a constant times the other, whatever positive weights."""
    F, G, v = symbol("F", "positive"), symbol("G"), symbol("v")
    bounded = (F + G <= Q_MAX, F - G <= Q_MAX, sp.Abs(G) < F)
    drift, gradient, pulled, main, residual = SQUARES
    a, b, c, d, e = WEIGHTS
    full = sum(w * x for w, x in zip(WEIGHTS, SQUARES, strict=True))
    short = gradient + residual + AWAY2
    below = (LOW <= b, LOW <= e, LOW <= d * LEAST_W, LEAST_W * AWAY2 <= main)
    reach = (drift <= Q_MAX**2 * gradient, pulled <= PULL_RATIO * AWAY2, main <= MAIN_RATIO * AWAY2)
    above = (a * Q_MAX**2 + b) * gradient + e * residual + (c * PULL_RATIO + d * MAIN_RATIO) * AWAY2
    return All(
        (
            ("of (91) at least", Implication(below, full >= LOW * short)),
            ("of (91) at most", Implication(reach, full <= above)),
            ("the drift", Implication(bounded, sp.Abs(v * F + sp.Abs(v) * G) <= Q_MAX * sp.Abs(v), lift=NORM)),
            ("the pull", Implication(bounded, sp.Abs(v * F - sp.Abs(v) * G) <= Q_MAX * sp.Abs(v), lift=NORM)),
        )
    )


@statement(
    "text-4-18",
    source="Sec. 4",
    uses=["eq-12", "theorem-3.amended-1", "corollary-1.amended-1"],
    reading="in the mean over the steps, of squares; up to what bounds the metric, which is 6 F_max sigma^2 S_K as "
    "K grows, and 0 where Corollary 1 as amended holds",
)
def three_senses() -> Form:
    """Whatever bounds the metric bounds ||P - P*||^2, ||W - W*||^2 and ||grad f(Wbar)||^2, each up to a constant."""
    gradient, residual, bound = SQUARES[1], SQUARES[4], symbol("bound", "nonnegative")
    given = (LOW * (gradient + residual + AWAY2) <= E_K, E_K <= bound)
    return Implication(given, sp.And(*(LOW * square <= bound for square in (gradient, residual, AWAY2))))
