"""Appendix I.1, (92)-(94): from one step to K steps, the learning rate, and Theorem 3.

One step is a claim over instances, K steps are scalars that `lib-telescope` adds up. Roots enter as symbols: the tuned
learning rate is named by its square.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp

from ..domains import mixed_weight, reflection, strongly_convex, value
from ..rates import (
    lyapunov_weight,
    printed_lyapunov_weight,
    printed_residual_bound,
    printed_residual_metric,
    residual_bound,
    residual_learning_rate,
    residual_least_steps,
    residual_rate,
    residual_transfer_rate,
)
from ..statement import (
    All,
    Assumption,
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
from .appendix_i_descent import any_C, repaired_C
from .appendix_i_lemma_5 import small_rate
from .appendix_i_metric import repaired_90, repaired_metric
from .appendix_i_residual import BETA_89
from .convexity import quadratic_growth
from .descent_terms import loose_variance
from .lyapunov_step import SIZES, lyapunov, metric, saturation, tuned_beta
from .residual_step import ratio_P, slack, steps

ALPHA, BETA, L, MU, K = (symbol(name) for name in ("alpha", "beta", "L", "mu", "K"))
F_MAX, Q_MAX, LEAST_P, LEAST_W = (symbol(name) for name in ("F_max", "q_max", "M_P", "M_W"))
GAMMA, SIGMA2, ROOT_W = symbol("gamma", "positive"), symbol("sigma2", "positive"), symbol("root_M_W", "positive")
V_0, E_K, S_K, GAP = symbol("V_0"), symbol("E_K"), symbol("S_K"), symbol("f_gap_at_start", "positive")
SCALES = (F_MAX, L, SIGMA2)


# The learning rate

TUNED = residual_learning_rate(V_0, 1, K, *SCALES, sp.sqrt)


X, Y = symbol("falling", "positive"), symbol("rising", "positive")
BY_ALPHA = 3 * (ALPHA * F_MAX) ** 2 * SIGMA2 * L * K  # the V_0 for which an alpha is the tuned one


@statement(
    "text-i-8",
    source="App. I.1",
    uses=["eq-90", "eq-89", "text-i-11"],
    reading="alpha = sqrt(V_0/(3 sigma^2 L K))/F_max, which makes the second line of (92) smallest, for sigma > 0; "
    "it meets alpha <= 1/(4 L F_max) from K = 16 L V_0/(3 sigma^2) on",
)
def choice_of_alpha() -> Form:
    """At this alpha (92) is smallest; alpha does not enter V_0 through C; it is small enough for K large."""
    falling, rising = 8 * F_MAX * V_0 / (ALPHA * K), 24 * ALPHA * L * F_MAX**3 * SIGMA2
    C = printed_lyapunov_weight(ALPHA, BETA_89, GAMMA, LEAST_P, F_MAX)
    enough = 4 * K >= residual_least_steps(BY_ALPHA, L, SIGMA2)
    at_best = residual_rate(V_0, K, 0, *SCALES, sp.sqrt) ** 2
    return All(
        (
            ("(92) without S", Identity(printed_residual_bound(V_0, ALPHA, K, 0, *SCALES), falling + rising)),
            ("a sum is at least twice the root", Implication((), (X + Y) ** 2 >= 4 * X * Y)),
            ("of the product", Identity(4 * falling * rising, at_best)),
            ("which the chosen alpha reaches", Identity((falling + rising).subs(ALPHA, TUNED) ** 2, at_best)),
            ("C is free of alpha", Identity(C, C.subs(ALPHA, 1))),
            ("alpha <= 1/(4 L F_max)", Implication((enough,), 4 * ALPHA * L * F_MAX <= 1)),
        )
    )


# (92)


@statement(
    "eq-92",
    source="App. I.1, (92)",
    uses=["eq-90", "eq-91", "text-i-8", "lib-telescope"],
    reading="V_K for V_{k+1}; the metric of (91) as printed, from (90) as printed; = at the alpha of text-i-8",
)
def rate_of_V() -> Form:
    """(92): the metric (91) of a step against (90), V_K >= 0, and the value at the chosen alpha."""
    squares = tuple(symbol(name, "nonnegative") for name in ("drift2", "grad2", "pull2", "main2", "miss2"))
    weights, rest = printed_residual_metric(MU, GAMMA, LEAST_P, LEAST_W, F_MAX), symbol("rest")
    of_90 = weights._replace(main=weights.main * LEAST_W)
    given, claim = (sum(w * x for w, x in zip(ws, squares, strict=True)) <= rest for ws in (of_90, weights))
    last, scale = symbol("V_last", "nonnegative"), (ALPHA, K, S_K, *SCALES)
    ends = residual_rate(V_0, K, 0, *SCALES, sp.sqrt) + 24 * F_MAX * SIGMA2 * S_K
    return All(
        (
            ("one step, from (90)", Implication((given, LEAST_P <= F_MAX**2, LEAST_W <= F_MAX**2), claim)),
            (
                "V_K >= 0",
                Implication((), printed_residual_bound(V_0 - last, *scale) <= printed_residual_bound(V_0, *scale)),
            ),
            ("=", Identity(printed_residual_bound(V_0, TUNED, K, S_K, *SCALES), ends)),
        )
    )


def _next_is_not_negative() -> tuple[Term, Term]:
    """(8 F_max/(alpha gamma)) E V_1 >= 0: f - f* along the axes, and C ||W - W*||^2."""
    weight, h, y, C = (symbol(name, "nonnegative") for name in ("weight", "curvature", "y", "C_repaired"))
    y, x = symbol("y"), symbol("x")

    def at(step: Instance) -> Mapping[str, Any]:
        scale = 8 * step["F_max"] / (step["alpha"] * step["gamma"]) * step["p"][:, None]
        along = (step["W_bar_next"] - step["W_star"]) @ reflection(step["axis"])
        curvature = np.where(along < 0, step["h_left"], step["h_right"])
        away_next = {"x": step["W_next"] - step["W_star"], "C_repaired": repaired_C(step)}
        return {**away_next, "weight": scale, "curvature": curvature, "y": along}

    return Term(weight * h * y**2 / 2, (), at), Term(weight * C * x**2, (), at)


def bound_of_one_step(step: Instance) -> Sides:
    """(92) for K = 1: the repaired metric at the start, and the repaired bound."""
    V, names = lyapunov(step, repaired_C(step)), ("F_max", "L", "sigma2")
    bound = residual_bound(V, step["alpha"], step["gamma"], 1, ratio_P(step), *(step[name] for name in names))
    return Sides(metric(step, repaired_metric(step)), bound)


@statement(
    "eq-92.amended-1",
    source="App. I.1, (92)",
    amends="eq-92",
    judgement="error",
    reading="with the repaired metric and (90) as amended: alpha gamma for alpha, 6 F_max sigma^2 S_K. One step "
    "over instances; K steps by lib-telescope, S_K in the mean",
    uses=["eq-90.amended-1", "lib-telescope"],
)
def repaired_rate_of_V() -> Form:
    """E_K <= 8 F_max (V_0/(alpha gamma K) + 3 alpha gamma L F_max^2 sigma^2) + 6 F_max sigma^2 S_K."""

    def times(step: Instance) -> Any:
        return 8 * step["F_max"] / (step["alpha"] * step["gamma"])

    domain = steps(saturation, loose_variance, alpha=small_rate, beta=tuned_beta)
    one = Certified(
        ForAll(domain, bound_of_one_step, "(92) for K = 1", SIZES),
        _next_is_not_negative(),
        (Premise("eq-90.amended-1", lambda step: slack(repaired_90(step)), scaled(times)),),
    )
    last, scale, rest = symbol("V_last", "nonnegative"), symbol("scale", "positive"), symbol("noise")
    speed = ALPHA * GAMMA
    share, more = speed * K / (8 * F_MAX), 24 * speed * L * F_MAX**3 * SIGMA2 + 6 * F_MAX * SIGMA2 * S_K
    of_a_step = 3 * speed**2 * L * F_MAX**2 * SIGMA2 + speed * SIGMA2 * S_K * sp.Rational(3, 4)
    bound = residual_bound(V_0, ALPHA, GAMMA, K, S_K, *SCALES)
    return All(
        (
            ("K = 1", one),
            ("the noise of K steps", Identity(K * of_a_step, share * more)),
            ("K steps", Implication((scale * E_K <= V_0 - last + scale * rest,), E_K <= V_0 / scale + rest)),
            ("the bound", Identity(V_0 / share + more, bound)),
        )
    )


# (93)

start = Assumption(
    "start",
    "P_0 = 0, so that Wbar_0 = W_0",
    holds=lambda step: bool(np.all(step["P"] == 0)),
    build=lambda drawn: {"P": 0 * drawn["W"], "W_bar": drawn["W"], "gradient_bar": drawn["gradient"]},
)


def sides_93(step: Instance) -> Sides:
    """(93)."""
    return Sides(lyapunov(step, step["C"]), (1 + 2 * step["C"] / step["mu"]) * value(step, step["W"]))


@statement("eq-93", source="App. I.1, (93)", uses=["eq-82", "assumption-3"])
def lyapunov_at_the_start() -> Form:
    """V_0 <= (1 + 2 C/mu) (f(W_0) - f*), for any start W_0, P_0."""
    return ForAll((strongly_convex, mixed_weight, any_C), sides_93, "(93)", SIZES)


@statement(
    "eq-93.amended-1",
    source="App. I.1, (93)",
    amends="eq-93",
    judgement="gap",
    reading="where P_0 = 0, which the paper does not say: f(Wbar_0) in V_0 is f(W_0) then",
    uses=["eq-82", "lib-quadratic-growth"],
)
def lyapunov_at_a_start_without_residual() -> Form:
    """V_0 <= (1 + 2 C/mu) (f(W_0) - f*) where P_0 = 0."""

    def growth(step: Instance) -> Any:
        return slack(quadratic_growth(step, step["W"]))

    domain = (strongly_convex, mixed_weight, start, any_C)
    premise = Premise("lib-quadratic-growth", growth, scaled(lambda step: 2 * step["C"] / step["mu"]))
    return Certified(ForAll(domain, sides_93, "(93)", SIZES), (), (premise,))


# (94)

ROOT, ROOT_START, TIMES = (
    symbol("root", "nonnegative"),
    symbol("root_at_start", "nonnegative"),
    symbol("times", "positive"),
)


def _started(noise: sp.Expr) -> Form:
    """E_K <= c root + noise with root^2 = V_0 t, and V_0 <= m gap, give it with m gap for V_0."""
    per_V, c = symbol("sigma2_L_over_K", "positive"), symbol("c", "positive")
    roots = (sp.Eq(ROOT**2, V_0 * per_V), sp.Eq(ROOT_START**2, TIMES * GAP * per_V))
    given = (E_K <= c * ROOT + noise, V_0 <= TIMES * GAP, *roots)
    return Implication(given, E_K <= c * ROOT_START + noise)


@statement(
    "eq-94",
    source="App. I.1, (94)",
    uses=["eq-92", "eq-93"],
    reading="<= for =; constants hidden in O may depend on all but K. As K grows, alpha falls and the run stays "
    "where its mean stands still, P = 0 with g F + E|g(.; xi)| G = 0: one weight, f = h w^2/2, without three terms "
    "of (91)",
)
def rate_of_residual_learning() -> Form:
    """(94) from (92) and (93); and what it claims in the limit, where the mean of (10)-(11) stands still."""
    g, h, x, F, G, spread = (
        symbol("grad"),
        symbol("h"),
        symbol("x"),
        symbol("F", "positive"),
        symbol("G"),
        symbol("Sigma"),
    )
    weights = printed_residual_metric(MU, GAMMA, F**2 - G**2, LEAST_W, F_MAX)
    still = (sp.Eq(g * F + spread * G, 0), sp.Eq(g, h * x), sp.Abs(G) < F, F <= F_MAX, spread**2 <= SIGMA2, MU <= h)
    ratio = 24 * F_MAX * SIGMA2 * G**2 / F
    limit = weights.gradient * g**2 + weights.main * LEAST_W * x**2 <= ratio
    return All(
        (
            ("from (92) and (93)", _started(24 * F_MAX * SIGMA2 * S_K)),
            ("where the mean stands still", Implication(still, limit)),
        )
    )


SLOW = residual_transfer_rate(ALPHA, GAMMA, MU, LEAST_P, ROOT_W, F_MAX, Q_MAX)
WEIGHT_C = lyapunov_weight(ALPHA, SLOW, GAMMA, LEAST_P, F_MAX)
AT_START = (ROOT_W <= F_MAX, F_MAX <= Q_MAX)


@statement(
    "eq-94.amended-1",
    source="App. I.1, (94)",
    amends="eq-94",
    judgement="error",
    reading="with the repaired metric; 16 sqrt(3) F_max^2 sqrt(V_0 sigma^2 L/K) + 6 F_max sigma^2 S_K for alpha "
    "gamma = sqrt(V_0/(3 sigma^2 L K))/F_max, from K = 64 L V_0/(3 sigma^2) on; V_0 <= (13/8) (f(W_0) - f*) where "
    "P_0 = 0",
    uses=["eq-92.amended-1", "eq-93.amended-1", "lib-residual-rates"],
)
def repaired_rate_of_residual_learning() -> Form:
    """E_K <= 16 sqrt(39/8) F^2 sqrt((f(W_0) - f*) sigma^2 L/K) + 6 F sigma^2 S_K: the rate, C and V_0, and alpha."""
    tuned = residual_learning_rate(V_0, GAMMA, K, *SCALES, sp.sqrt)
    by_alpha = BY_ALPHA * GAMMA**2
    enough = K >= residual_least_steps(by_alpha, L, SIGMA2)
    at_rate = Identity(residual_bound(V_0, tuned, GAMMA, K, S_K, *SCALES), residual_rate(V_0, K, S_K, *SCALES, sp.sqrt))
    return All(
        (
            ("the bound at this alpha", at_rate),
            ("alpha <= 1/(8 gamma L F_max)", Implication((enough,), 8 * ALPHA * GAMMA * L * F_MAX <= 1)),
            ("C = 5 mu sqrt(M_W)/(16 q_max)", Identity(WEIGHT_C, 5 * MU * ROOT_W / (16 * Q_MAX))),
            ("so 1 + 2 C/mu <= 13/8", Implication(AT_START, 1 + 2 * WEIGHT_C / MU <= sp.Rational(13, 8))),
            ("V_0 by f(W_0) - f*", _started(6 * F_MAX * SIGMA2 * S_K)),
        )
    )
