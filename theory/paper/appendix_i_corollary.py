"""Appendix I.5, Corollary 1 of section 4, (22) and Table 2: exact convergence on a zero-shifted residual array.

What the corollary needs of gamma is found from both sides: what the repaired Theorem 3 makes enough, and what the mean
of (10)-(11) at W*, P = 0 makes necessary.
"""

from __future__ import annotations

import sympy as sp

from ..rates import (
    printed_residual_metric,
    residual_metric,
)
from ..statement import All, Form, Identity, Implication, Order, SumOverCoordinates
from ..symbols import symbol
from . import registry, statement

MU, K, L, L_S, V_0, E_K, S_K = (symbol(name) for name in ("mu", "K", "L", "L_S", "V_0", "E_K", "S_K"))
F_MAX, Q_MAX, Q_MIN, LEAST_P, LEAST_W = (symbol(name) for name in ("F_max", "q_max", "q_min", "M_P", "M_W"))
GAMMA, SIGMA2, BOUND = symbol("gamma", "positive"), symbol("sigma2", "positive"), symbol("bound", "nonnegative")
AWAY2, AWAY2_M, MISS2, GRAD2, P2 = (
    symbol(name, "nonnegative") for name in ("away2", "main2", "miss2", "grad2", "P_squared")
)
RADIUS = 6 * F_MAX * SIGMA2 * S_K

# (130)


@statement("eq-130", source="App. I.5, (130)", uses=["theorem-3", "eq-94"])
def gradient_by_the_metric() -> Form:
    """||grad f(Wbar_k)||^2 = O(E_K) for every k: tried where it is the only one that is not 0, E_K its K-th part."""
    per_step = symbol("one_over_K", "positive")
    return Order(symbol("grad2_of_a_step", "positive"), per_step, sp.S.One)


@statement(
    "eq-130.amended-1",
    source="App. I.5, (130)",
    amends="eq-130",
    judgement="slip",
    reading="the mean over the steps, as in (22), and so the least of them; with the repaired metric and bound",
    uses=["theorem-3.amended-1"],
)
def mean_gradient_by_the_metric() -> Form:
    """M_P times the mean of ||grad f(Wbar_k)||^2, and so the least of them, is at most the bound of Theorem 3."""
    rest, other = symbol("other_terms", "nonnegative"), symbol("grad2_of_another", "nonnegative")
    metric = sp.Eq(E_K, rest + LEAST_P * (GRAD2 + other) / 2)
    claim = sp.And(LEAST_P * (GRAD2 + other) / 2 <= BOUND, LEAST_P * sp.Min(GRAD2, other) <= BOUND)
    return Implication((metric, E_K <= BOUND), claim)


# (131) and (132)


@statement(
    "text-i-20",
    source="App. I.5",
    uses=["text-4-22"],
    reading="with L_S = L_G/sqrt(q_min); that the responses are Lipschitz is an assumption that Corollary 1 does "
    "not list",
)
def lipschitz_asymmetry() -> Form:
    """(131) follows from G(0) = 0, |G(P) - G(0)| <= L_G |P| and F >= q_min."""
    return registry.build("text-4-22").form


RATIO, RATIO_AT_0, p, LARGEST = symbol("ratio"), symbol("ratio_at_0"), symbol("p"), symbol("largest", "nonnegative")


@statement("eq-131", source="App. I.5, (131)", uses=["text-i-20", "assumption-4", "lib-lift-sum"])
def asymmetry_by_the_residual() -> Form:
    """||G/sqrt(F)||_inf^2 <= ||G/sqrt(F)||^2 = ||G/sqrt(F) - G(0)/sqrt(F(0))||^2 <= L_S^2 ||P||^2."""
    G_0, F_0, total = symbol("G_at_0"), symbol("F_at_0", "positive"), symbol("sum_so_far", "nonnegative")
    F, G = symbol("F", "positive"), symbol("G")
    both = sp.Eq((G / sp.sqrt(F)) ** 2, (G / sp.sqrt(F) - G_0 / sp.sqrt(F_0)) ** 2)
    lipschitz = sp.Abs(RATIO - RATIO_AT_0) <= L_S * sp.Abs(p)
    return All(
        (
            (
                "<=, one coordinate more",
                Implication((LARGEST <= total,), sp.Max(LARGEST, RATIO**2) <= total + RATIO**2),
            ),
            ("=", Implication((sp.Eq(G_0, 0),), both, lift="lib-lift-elementwise")),
            ("<= L_S^2 ||P||^2", SumOverCoordinates(L_S**2 * p**2 - (RATIO - RATIO_AT_0) ** 2, (lipschitz,), (L_S,))),
        )
    )


U, V, X = symbol("u"), symbol("v"), symbol("x")


@statement("text-i-21", source="App. I.5", uses=["lib-lift-sum"])
def square_of_a_sum() -> Form:
    """||U + V||^2 <= 2 ||U||^2 + 2 ||V||^2."""
    return SumOverCoordinates(2 * U**2 + 2 * V**2 - (U + V) ** 2, ())


@statement("eq-132", source="App. I.5, (132)", uses=["text-i-21", "text-4-13"])
def residual_by_both_distances() -> Form:
    """||P||^2 <= 2 ||P - P*||^2 + 2 ||P*||^2 = 2 ||P - P*||^2 + (2/gamma^2) ||W - W*||^2, with P* = -x/gamma."""
    target = -X / GAMMA
    return All(
        (
            ("<=", SumOverCoordinates(2 * (p - target) ** 2 + 2 * target**2 - p**2, (), (GAMMA,))),
            ("=", Identity(2 * target**2, 2 / GAMMA**2 * X**2, lift="lib-lift-elementwise")),
        )
    )


# (133) and (134)

LOW = symbol("c_low", "positive")
BOTH = AWAY2 / GAMMA**2 + GAMMA**2 * MISS2
ENOUGH_GAMMA = Q_MIN**2 * GAMMA**5 >= 1  # gamma >= q_min^(-2/5)
PRINTED = printed_residual_metric(MU, GAMMA, LEAST_P, LEAST_W, F_MAX)


@statement(
    "eq-133",
    source="App. I.5, (133)",
    uses=["eq-91", "text-i-4"],
    reading="of the metric as (91) prints it, with any c up to 5 mu^2/(64 F_max^4 M_P) and mu^2 M_P/2; its last "
    "line is where gamma >= q_min^(-2/5) comes from. The repaired metric has gamma^0 for gamma^3",
)
def metric_from_below() -> Form:
    """E_K >= c (gamma^3 ||x||_M^2 + gamma^2 ||e||^2) >= .. >= c (||x||^2/gamma^2 + gamma^2 ||e||^2), as printed."""
    rest = symbol("other_terms", "nonnegative")
    constants = (LOW * GAMMA**3 <= PRINTED.main, LOW * GAMMA**2 <= PRINTED.residual)
    full = rest + PRINTED.main * AWAY2_M + PRINTED.residual * MISS2
    first, second = GAMMA**3 * AWAY2_M + GAMMA**2 * MISS2, LEAST_W * GAMMA**3 * AWAY2 + GAMMA**2 * MISS2
    main, residual = symbol("weight_main", "positive"), symbol("weight_residual", "positive")
    named = {PRINTED.main: main, PRINTED.residual: residual}
    constants, full = tuple(c.subs(named) for c in constants), full.subs(named)
    return All(
        (
            ("from (91)", Implication(constants, full >= LOW * first)),
            ("min M(W_k)", Implication((LEAST_W * AWAY2 <= AWAY2_M,), first >= second)),
            ("gamma", Implication((ENOUGH_GAMMA, LEAST_W >= Q_MIN**2), second >= BOTH)),
        )
    )


SPREAD = 2 * MISS2 + 2 / GAMMA**2 * AWAY2


def _by_133() -> Form:
    """2 ||e||^2 + (2/gamma^2) ||x||^2 <= (2/c) E_K, from (133), for gamma >= 1."""
    return Implication((LOW * BOTH <= E_K, GAMMA >= 1), SPREAD <= 2 * E_K / LOW)


@statement("eq-134", source="App. I.5, (134)", uses=["eq-131", "eq-132", "eq-133", "text-i-22"])
def amplification_by_the_metric() -> Form:
    """S_K <= mean(2 ||e||^2 + (2/gamma^2) ||x||^2) <= O(E_K), S_K over k = 0, ..., K and E_K over k < K; here K = 1."""
    first, last = symbol("S_of_step_0", "nonnegative"), symbol("S_of_step_1", "nonnegative")
    return All(
        (
            ("first <=, of a step", Implication((S_K <= L_S**2 * P2, P2 <= SPREAD), S_K <= SPREAD)),
            ("second <=, of a step", _by_133()),
            ("the sum to K", Implication((first <= LOW * E_K,), first + last <= LOW * E_K)),
        )
    )


REPAIRED = residual_metric(MU, GAMMA, LEAST_P, LEAST_W, F_MAX, Q_MAX)
THROUGH = 256 * F_MAX**2 * Q_MAX**2 * L_S**2 / (5 * GAMMA**2 * MU**2 * LEAST_P * LEAST_W**2)


def _through_the_metric() -> Form:
    """L_S^2 (2 ||e||^2 + (2/gamma^2) ||x||^2) <= 256 r L_S^2/(5 gamma^2 A) E_K, r = (F q/M_W)^2 >= 1, A = mu^2 M_P."""
    A, r = symbol("mu2_M_P", "positive"), symbol("F_q_over_M_W_squared", "positive")
    metric = A * (GAMMA**2 * MISS2 / 2 + 5 * AWAY2 / (128 * r)) <= E_K
    return Implication((metric, r >= 1), 5 * GAMMA**2 * A * SPREAD <= 256 * r * E_K)


@statement(
    "eq-134.amended-1",
    source="App. I.5, (134)",
    amends="eq-134",
    judgement="slip",
    reading="with L_S^2 of (131), both sums over k < K, and the repaired metric: a constant that falls as 1/gamma^2",
    uses=["eq-131", "eq-132", "eq-91.amended-1"],
)
def amplification_by_the_repaired_metric() -> Form:
    """S_K <= L_S^2 mean(2 ||e||^2 + (2/gamma^2) ||x||^2) <= 256 F^2 q^2 L_S^2/(5 gamma^2 mu^2 M_P M_W^2) E_K."""
    A, ratio = MU**2 * LEAST_P, F_MAX**2 * Q_MAX**2 / LEAST_W**2
    first = Implication((S_K <= L_S**2 * P2, P2 <= SPREAD), S_K <= L_S**2 * SPREAD)
    return All(
        (
            ("first <=, of a step", first),
            ("second <=, of a step", _through_the_metric()),
            ("weight of ||e||^2", Identity(REPAIRED.residual, A * GAMMA**2 / 2)),
            ("weight of ||x||^2", Identity(REPAIRED.main * LEAST_W, 5 * A / (128 * ratio))),
            ("the constant", Identity(THROUGH, 256 * ratio * L_S**2 / (5 * GAMMA**2 * A))),
            ("r >= 1", Implication((LEAST_W <= F_MAX**2, F_MAX <= Q_MAX), LEAST_W <= F_MAX * Q_MAX)),
        )
    )


@statement(
    "text-i-22",
    source="App. I.5",
    uses=["eq-133"],
    reading="gamma >= 1 beside (133); for the metric as printed and for the repaired one, whose constant falls as "
    "gamma grows",
)
def gamma_for_the_last_step() -> Form:
    """The last <= of (134) holds for gamma large: from (133), and from the repaired metric."""
    return All((("from (133)", _by_133()), ("from the repaired metric", _through_the_metric())))


CONSTANT = symbol("c", "positive")


@statement("text-i-23", source="App. I.5", uses=["eq-134"])
def difference_is_of_the_order_of_the_metric() -> Form:
    """E_K - S_K >= 0 from (134), S_K <= c E_K, whatever c."""
    return Implication((S_K <= CONSTANT * E_K,), E_K - S_K >= 0)


@statement(
    "text-i-23.amended-1",
    source="App. I.5",
    amends="text-i-23",
    judgement="gap",
    reading="6 F_max sigma^2 S_K, as Theorem 3 has it, and c with 12 F_max sigma^2 c <= 1, which a larger gamma "
    "gives, for c of (134) as amended falls as 1/gamma^2",
    uses=["eq-134.amended-1"],
)
def difference_is_half_of_the_metric() -> Form:
    """E_K - 6 F_max sigma^2 S_K >= E_K/2 where S_K <= c E_K and 12 F_max sigma^2 c <= 1."""
    return Implication((S_K <= CONSTANT * E_K, 12 * F_MAX * SIGMA2 * CONSTANT <= 1), E_K - RADIUS >= E_K / 2)


@statement("text-i-24", source="App. I.5", uses=["text-i-23", "theorem-3"])
def conclusion() -> Form:
    """E_K <= bound/c from E_K <= bound + 24 F_max sigma^2 S_K and E_K - S_K >= c E_K, 0 < c < 1."""
    given = (E_K <= BOUND + 24 * F_MAX * SIGMA2 * S_K, E_K - S_K >= CONSTANT * E_K, CONSTANT < 1)
    return Implication(given, CONSTANT * E_K <= BOUND)


@statement(
    "text-i-24.amended-1",
    source="App. I.5",
    amends="text-i-24",
    judgement="gap",
    reading="with 6 F_max sigma^2 S_K in both, by text-i-23 as amended",
    uses=["text-i-23.amended-1", "theorem-3.amended-1"],
)
def conclusion_with_the_factor() -> Form:
    """E_K <= 2 bound from E_K <= bound + 6 F_max sigma^2 S_K and E_K - 6 F_max sigma^2 S_K >= E_K/2."""
    return Implication((E_K <= BOUND + RADIUS, E_K - RADIUS >= E_K / 2), E_K <= 2 * BOUND)
