"""Theorem 3 of section 4: the convergence of Residual Learning, as printed and with its constants and conditions.

One step is a claim over instances: f* and sigma^2 may be any bounds, which makes the root in the bound rational. K
steps are scalars: (92) as amended holds for every K.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from ..domains import mixed_weight, narrowed, noise, norm2, strongly_convex, two_arrays
from ..rates import (
    analog_sgd_rate,
    residual_bound,
    residual_learning_rate,
    residual_rate,
    residual_rate_of_any_length,
)
from ..statement import (
    All,
    Assumption,
    Certified,
    Field,
    ForAll,
    Form,
    Identity,
    Implication,
    Instance,
    Premise,
    Sides,
    Term,
)
from ..symbols import symbol
from . import statement
from .appendix_i_descent import repaired_C
from .appendix_i_lemma_5 import small_rate
from .appendix_i_metric import repaired_metric
from .appendix_i_rate import (
    ALPHA,
    E_K,
    F_MAX,
    GAMMA,
    LEAST_P,
    MU,
    Q_MAX,
    ROOT_W,
    S_K,
    SCALES,
    SIGMA2,
    SLOW,
    V_0,
    K,
    L,
    bound_of_one_step,
)
from .lyapunov_step import SIZES, lyapunov, metric, saturation, slow, tuned_beta
from .residual_step import ratio_P, slack, steps

RADIUS = 6 * F_MAX * SIGMA2 * S_K
little_noise = narrowed(
    noise,
    "two or three atoms of any probabilities within [-1/4, 1/4], mean exactly 0, sigma^2 the exact total variance",
    atoms=(-0.25, 0.25),
)
noisy = Assumption(
    "noise that does not vanish",
    "sigma > 0, without which the learning rate of the theorem is not defined",
    holds=lambda step: bool(step["sigma2"] > 0),
)


def _at_start(step: Instance) -> Any:
    """V_0 for the C of the repaired proof, which does not depend on alpha."""
    beta = slow({**step, "alpha": 1})
    return lyapunov(step, repaired_C({**step, "alpha": 1, "beta": beta}))


def _any_length(step: Instance) -> Sides:
    """What exceeds 6 F sigma^2 S_1 against 16 F^2 sqrt(3 V_0 sigma^2 L), squares compared."""
    F_max, L, sigma2 = step["F_max"], step["L"], step["sigma2"]
    excess = metric(step, repaired_metric(step)) - 6 * F_max * sigma2 * ratio_P(step)
    squared = residual_rate(_at_start(step), 1, 0, F_max, L, sigma2, lambda square: square)
    return Sides(max(excess, 0 * excess) ** 2, 16 * F_max**2 * squared)


@statement(
    "theorem-3",
    source="Sec. 4, Theorem 3, (13)",
    uses=["eq-94", "eq-12"],
    reading="charitable: with the repaired constants, which depend on the device, gamma, mu, L and V_0, but not on "
    "sigma or K, and alpha as they have it; sigma > 0; any K >= 1, for no K is excluded. Whatever such constants are, "
    "they fail so for some sigma, as what is left of E_1 for sigma = 0 is positive. For K that is large against L "
    "V_0/sigma^2 it holds: theorem-3.amended-1",
)
def residual_learning_converges() -> Form:
    """E_K <= 16 sqrt(3) F_max^2 sqrt(V_0 sigma^2 L/K) + 6 F_max sigma^2 S_K; here for K = 1."""
    domain = (strongly_convex, mixed_weight, little_noise, noisy, two_arrays, saturation)
    return ForAll(domain, _any_length, "Theorem 3 with the repaired constants, K = 1", SIZES)


def _build_tuned(drawn: Instance) -> Instance:
    reach = drawn["alpha"] * drawn["gamma"] * drawn["F_max"]
    per_sigma2 = 3 * reach**2 * drawn["L"]  # V_0 over sigma^2, for the alpha of the theorem
    sigma2 = max(drawn["sigma2"], lyapunov(drawn, repaired_C(drawn)) / per_sigma2) * (1 + drawn["sigma_excess"])
    return {"sigma2": sigma2, "V_bound": per_sigma2 * sigma2, "root": 3 * sigma2 * reach * drawn["L"]}


def _is_tuned(step: Instance) -> bool:
    bounds = step["p"] @ norm2(step["xi"]) <= step["sigma2"] and lyapunov(step, repaired_C(step)) <= step["V_bound"]
    squared = step["root"] ** 2 == 3 * step["V_bound"] * step["sigma2"] * step["L"]
    return bool(bounds and squared and step["sigma2"] > 0)


long_enough = Assumption(
    "bounds for which alpha is the tuned one, K = 1",
    "alpha = sqrt(V_0/(3 sigma^2 L))/(gamma F_max), V_0 at least the Lyapunov function, sigma^2 at least the variance; "
    "alpha <= 1/(8 gamma L F_max) is K >= 64 L V_0/(3 sigma^2)",
    holds=_is_tuned,
    fields=(Field("sigma_excess", (), 0.125, 1),),
    build=_build_tuned,
)


def one_step_at_its_rate(step: Instance) -> Sides:
    """Theorem 3 with its constants for K = 1."""
    F_max, L, sigma2 = step["F_max"], step["L"], step["sigma2"]
    bound = residual_rate(step["V_bound"], 1, ratio_P(step), F_max, L, sigma2, lambda _: step["root"])
    return Sides(metric(step, repaired_metric(step)), bound)


def _one_step() -> Certified:
    spare, scale = symbol("spare", "nonnegative"), symbol("scale", "positive")

    def at(step: Instance) -> Mapping[str, Any]:
        per_V = 8 * step["F_max"] / (step["alpha"] * step["gamma"])
        return {"scale": per_V, "spare": step["V_bound"] - lyapunov(step, repaired_C(step))}

    domain = (*steps(saturation, alpha=small_rate, beta=tuned_beta), long_enough)
    premise = Premise("eq-92.amended-1", lambda step: slack(bound_of_one_step(step)))
    claim = ForAll(domain, one_step_at_its_rate, "Theorem 3 with its constants, K = 1", SIZES)
    return Certified(claim, (Term(scale * spare, (), at),), (premise,))


def _many_steps() -> Form:
    """(92) as amended, at the alpha with alpha gamma = sqrt(V_0/(3 sigma^2 L K))/F_max; root^2 = 3 V_0 sigma^2 L/K."""
    speed, root = symbol("speed", "positive"), symbol("root", "nonnegative")
    tuned = (sp.Eq(V_0, 3 * (speed * F_MAX) ** 2 * SIGMA2 * L * K), sp.Eq(root, 3 * speed * F_MAX * SIGMA2 * L))
    bound = residual_bound(V_0, speed, 1, K, S_K, *SCALES)
    squared = Implication(tuned, sp.Eq(root**2 * K, 3 * V_0 * SIGMA2 * L))
    ends = Implication((*tuned, E_K <= bound), E_K <= residual_rate(V_0, K, S_K, *SCALES, lambda _: root))
    return All((("the root", squared), ("the bound", ends)))


def _orders() -> tuple[tuple[str, Form], ...]:
    """That the rates and the bound of the repaired theorem are of the printed orders, with these constants."""
    alpha = residual_learning_rate(V_0, GAMMA, K, *SCALES, sp.sqrt)
    of_alpha = sp.sqrt(V_0 / (3 * L)) / (F_MAX * GAMMA)
    of_beta = MU * LEAST_P * ROOT_W / (32 * F_MAX**2 * Q_MAX)
    of_rate = 16 * F_MAX**2 * sp.sqrt(3 * V_0 * L)
    rate = residual_rate(V_0, K, S_K, *SCALES, sp.sqrt)
    return (
        ("alpha = O(sqrt(1/(sigma^2 K)))", Identity(alpha, of_alpha * sp.sqrt(1 / (SIGMA2 * K)))),
        (
            "beta = c sqrt(gamma) alpha gamma^(3/2), c free of gamma and alpha",
            Identity(SLOW, of_beta * sp.sqrt(GAMMA) * ALPHA * GAMMA ** sp.Rational(3, 2)),
        ),
        ("the bound", Identity(rate, of_rate * sp.sqrt(SIGMA2 / K) + RADIUS)),
    )


@statement(
    "theorem-3.amended-1",
    source="Sec. 4, Theorem 3, (13)",
    amends="theorem-3",
    judgement="gap",
    reading="sigma > 0 and K >= 64 L V_0/(3 sigma^2); alpha = sqrt(V_0/(3 sigma^2 L K))/(gamma F_max) and beta = "
    "alpha gamma^2 mu M_P sqrt(M_W)/(32 F_max^2 q_max); A1-A3 and Definition 1 (M_P, M_W >= q_min^2) alone: (126), "
    "C_{k,+} >= 1/2 and (86-a) are not needed. The printed orders hold with constants that depend on gamma: alpha "
    "falls as 1/gamma, and beta/alpha as gamma^2 where gamma is small. S_K in the mean; K steps by (92) as amended",
    uses=["eq-94.amended-1", "eq-92.amended-1", "eq-91.amended-1", "eq-12", "lib-residual-rates"],
)
def theorem_3_in_the_long_run() -> Form:
    """E_K <= 16 sqrt(3) F_max^2 sqrt(V_0 sigma^2 L/K) + 6 F_max sigma^2 S_K for K >= 64 L V_0/(3 sigma^2)."""
    return All((("K = 1", _one_step()), ("K steps, by (92)", _many_steps()), *_orders()))


@statement(
    "theorem-3.amended-2",
    source="Sec. 4, Theorem 3, (13)",
    amends="theorem-3",
    judgement="gap",
    reading="for every K >= 1: alpha the smaller of 1/(8 gamma L F_max) and that of theorem-3.amended-1, and the "
    "term 64 L F_max^2 V_0/K; by (92) as amended",
    uses=["theorem-3.amended-1", "eq-92.amended-1"],
)
def theorem_3_for_every_length() -> Form:
    """E_K <= 64 L F_max^2 V_0/K + 16 sqrt(3) F_max^2 sqrt(V_0 sigma^2 L/K) + 6 F_max sigma^2 S_K, for every K."""
    speed, root = symbol("speed", "positive"), symbol("root", "nonnegative")
    limit = residual_rate_of_any_length(V_0, K, S_K, *SCALES, lambda _: root)
    bound = residual_bound(V_0, speed, 1, K, S_K, *SCALES)
    rooted, capped = sp.Eq(root**2 * K, 3 * V_0 * SIGMA2 * L), sp.Eq(8 * speed * L * F_MAX, 1)
    used = 3 * speed**2 * F_MAX**2 * SIGMA2 * L * K
    tuned = sp.Eq(root * K * F_MAX * speed, V_0)
    return All(
        (
            ("where the cap is the smaller", Implication((rooted, capped, used <= V_0, E_K <= bound), E_K <= limit)),
            ("else", Implication((rooted, tuned, E_K <= bound), E_K <= limit)),
        )
    )


@statement("text-4-19", source="Sec. 4", uses=["theorem-3.amended-1", "theorem-2.amended-1"])
def rate_and_radius() -> Form:
    """What exceeds the radius 6 F_max sigma^2 S_K falls as sqrt(sigma^2/K); as for Analog SGD, but for constants."""
    excess = residual_rate(V_0, K, S_K, *SCALES, sp.sqrt) - RADIUS
    other = analog_sgd_rate(V_0, K, S_K, *SCALES, sp.sqrt) - 8 * F_MAX * SIGMA2 * S_K
    return All(
        (
            ("the rate", Identity(excess * sp.sqrt(K / SIGMA2), 16 * F_MAX**2 * sp.sqrt(3 * V_0 * L))),
            ("the same expression as for Analog SGD", Identity(excess, sp.sqrt(3) * other)),
        )
    )
