"""Section 4: Residual Learning. The bilevel problem (9), its updates (10)-(11), and what the zero shift is for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from ..algorithm import OnArray, Pair, ResidualLearning, TikiTaka, analog_update, smooth
from ..bilevel import closed_form_residual, implicit_derivative, residual
from ..domains import strongly_convex, value
from ..penalty import scaled_update
from ..penalty_series import DELTA
from ..response import ResponseFunction, linear
from ..statement import All, Assumption, Field, ForAll, Form, Identity, Implication, Instance, MeasuredOrder, Order
from ..symbols import symbol
from . import registry, statement
from .near_symmetry import Bent

W, P, W_STAR, TAU, C_LIN = (symbol(name) for name in ("w", "p", "w_star", "tau", "c_lin"))
ALPHA, BETA, GAMMA, MU, SIGMA = (symbol(name) for name in ("alpha", "beta", "gamma", "mu", "Sigma"))
F, G = symbol("F", "positive"), symbol("G")
LIFT = "lib-lift-elementwise"
MIXED = sp.Ne(GAMMA, 0)
IN_RANGE = (-1 < C_LIN, C_LIN < 1)
RESIDUAL = closed_form_residual(W_STAR, W, GAMMA)

# The lower level


def _quartic(instance: Instance, point: Any) -> Any:
    """The strongly convex f of the domain, with sum_d bend_d (V_d - W*_d)^4 / 4 added."""
    return value(instance, point) + (instance["bend"] * (point - instance["W_star"]) ** 4).sum() / 4


quartic = Assumption(
    "quartic terms, residual array and mixing coefficient",
    "f with sum_d bend_d (W_d - W*_d)^4 / 4 added, bend_d in [0, 2]; any P; gamma in [1/8, 2]",
    holds=lambda instance: bool(np.all(instance["bend"] >= 0) and instance["gamma"] > 0),
    fields=(Field("bend", ("D",), 0, 2), Field("P", ("D",), -2, 2), Field("gamma", (), 0.125, 2)),
)


def _above_the_lower_level(instance: Instance) -> Any:
    at, mixing = instance["W"], instance["gamma"]
    least = _quartic(instance, at + mixing * closed_form_residual(instance["W_star"], at, mixing))
    return _quartic(instance, at + mixing * instance["P"]) - least


SOLVED = ForAll(
    (strongly_convex, quartic),
    _above_the_lower_level,
    "f(W + gamma P) >= f(W + gamma P*(W)) with P*(W) = (W* - W)/gamma, for a quartic f",
)


def _unique() -> Form:
    """Solutions P, P' agree: mu ||V - V'||^2 <= <grad f(V) - grad f(V'), V - V'> = 0 with V = W + gamma P."""
    square, inner = symbol("P_gap_squared", "nonnegative"), symbol("inner_product")
    convex = MU * GAMMA**2 * square <= inner
    return Implication(given=(MIXED, convex, sp.Eq(GAMMA * inner, 0)), claim=sp.Eq(square, 0))


@statement("text-4-3", source="Sec. 4", uses=["assumption-3"])
def residual_minimises() -> Form:
    """P*(W) minimises f(W + gamma P), and is the only one, for strongly convex f and gamma not 0."""
    return All((("it minimises", SOLVED), ("no other does", _unique())))


@statement("text-4-4", source="Sec. 4", uses=["text-4-3"])
def residual_vanishes() -> Form:
    """P*(W) -> 0 as W -> W*, at the rate of W - W*: by its closed form, and as computed for f with f''' not 0."""

    def error(rng: np.random.Generator, smalls: Sequence[float]) -> list[float]:
        dim = int(rng.integers(2, 5))
        root, away = rng.uniform(-1, 1, (dim, dim)), rng.uniform(0.3, 1, dim)
        f = Bent(root @ root.T + np.eye(dim) / 2, rng.uniform(0, 1, dim), rng.uniform(-1, 1, dim))
        mixing = float(rng.uniform(0.2, 1))
        return [float(np.linalg.norm(residual(f, f.minimizer + small * away, mixing))) for small in smalls]

    several = MeasuredOrder(error, 1, "|P*(W)| = O(|W - W*|), P* by Newton's method", dimension="2 to 4")
    positive = symbol("gamma", "positive")
    scalar = Order(closed_form_residual(W_STAR, W_STAR + DELTA, positive), DELTA, sp.S.One)
    return All((("one weight", scalar), ("several weights", several)))


@statement("eq-9", source="Sec. 4, (9)", uses=["text-4-3", "text-4-7", "text-4-8"])
def bilevel_problem() -> Form:
    """The solution of (9) is W*: P* solves the lower level; |P*|^2 is least, and stationary, at W* alone."""
    slope = -2 / GAMMA * RESIDUAL
    least = sp.Equivalent(sp.Eq(RESIDUAL, 0), sp.Eq(W, W_STAR))
    return All(
        (
            ("lower level, quartic f in several weights", SOLVED),
            ("zero, the least value, at W* alone", Implication((MIXED,), least, lift=LIFT)),
            ("the hypergradient points away from W*", Implication((MIXED, sp.Ne(W, W_STAR)), (W - W_STAR) * slope > 0)),
        )
    )


@statement("text-4-5", source="Sec. 4", uses=["eq-9"])
def optimal_points_agree() -> Form:
    """The optimal point of (9) is that of f."""
    return registry.build("eq-9").form


@statement("text-4-6", source="Sec. 4")
def chain_rule() -> Form:
    """grad_P f(W + gamma P; xi) = gamma grad f(W + gamma P; xi); here any cubic f of two weights."""
    weights, residuals = sp.symbols("w_1 w_2", real=True), sp.symbols("p_1 p_2", real=True)
    x, y = sp.symbols("x y", real=True)
    a, b, c, d, e = sp.symbols("a b c d e", real=True)
    f = a * x**2 + b * x * y + c * y**2 + d * x**3 + e * x * y**2
    mixed = {x: weights[0] + GAMMA * residuals[0], y: weights[1] + GAMMA * residuals[1]}
    by_residual = sp.Matrix([sp.diff(f.subs(mixed), p) for p in residuals])
    return Identity(by_residual, sp.Matrix([GAMMA * sp.diff(f, s).subs(mixed) for s in (x, y)]))


@statement("text-4-7", source="Sec. 4")
def residual_reaches_the_minimiser() -> Form:
    """Gamma P*(W) + W = W*, the unique minimiser: P* reaches a V = W + gamma P with f(V) <= f(W*), for some P gives W*.

    V is told from W* by the square of their distance, which covers every dimension.
    """
    square, here, least = symbol("V_gap_squared", "nonnegative"), symbol("f_at_V"), symbol("f_star")
    unique = sp.Or(sp.Eq(square, 0), here > least)
    return All(
        (
            ("some P gives W*", Identity(GAMMA * RESIDUAL + W, W_STAR, (MIXED,), lift=LIFT)),
            ("so V is W*", Implication(given=(unique, here <= least), claim=sp.Eq(square, 0))),
        )
    )


@statement("text-4-8", source="Sec. 4", uses=["text-4-7"])
def hypergradient() -> Form:
    """dP*/dW = -I/gamma, from text-4-7 and as the lower level's implicit derivative; grad |P*|^2 = -(2/gamma) P*.

    The lower level's derivatives are gamma^2 H and gamma H for any f with a regular Hessian H at W + gamma P*.
    """
    weights, minima = (sp.Matrix(sp.symbols(f"{name}_1 {name}_2", real=True)) for name in ("w", "w_star"))
    jacobian = closed_form_residual(minima, weights, GAMMA).jacobian(weights)
    a, b, c = sp.symbols("H_11 H_12 H_22", real=True)
    hessian = sp.Matrix([[a, b], [b, c]])
    two = implicit_derivative(GAMMA**2 * hessian, GAMMA * hessian, solve=lambda K, B: K.LUsolve(B))
    H, minimum, here = sp.symbols("H W_star W", commutative=False)
    mixing = symbol("gamma", "positive")
    P_star = closed_form_residual(minimum, here, mixing)
    every = 2 * implicit_derivative(mixing**2 * H, mixing * H, solve=lambda K, B: K**-1 * B) * P_star
    return All(
        (
            ("dP*/dW from text-4-7, two weights", Identity(jacobian, -sp.eye(2) / GAMMA, (MIXED,))),
            ("dP*/dW, implicit, two weights", Identity(two, -sp.eye(2) / GAMMA, (sp.Ne(a, 0), sp.Ne(a * c - b**2, 0)))),
            ("grad |P*|^2, every D", Identity(every, -2 / mixing * P_star)),
        )
    )


@statement("text-4-9", source="Sec. 4", uses=["text-4-8", "eq-5"], reading="gamma > 0, as the paper has it throughout")
def transfer_from_the_hypergradient() -> Form:
    """A step of rate b along -grad |P*|^2, with P for P*, is (11) with beta = 2 b / gamma."""
    rate, mixing = symbol("rate", "positive"), symbol("gamma", "positive")
    beta = 2 * rate / mixing
    step = analog_update(W, -rate * (-2 / mixing * P), F, G)
    return Identity(step, W + beta * P * F - beta * sp.Abs(P) * G, lift=LIFT)


@statement("text-4-13", source="Sec. 4", uses=["text-4-7"])
def closed_form() -> Form:
    """P*(W) = (W* - W)/gamma."""
    return Implication(given=(MIXED, sp.Eq(GAMMA * P + W, W_STAR)), claim=sp.Eq(P, RESIDUAL), lift=LIFT)


def _squares(factor: sp.Expr) -> Form:
    """||P*(W)||^2 = factor ||W* - W||^2 for two weights."""
    gaps = [(symbol(f"w_star_{d}"), symbol(f"w_{d}")) for d in (1, 2)]
    upper = sum(closed_form_residual(there, here, GAMMA) ** 2 for there, here in gaps)
    return Identity(upper, factor * sum((there - here) ** 2 for there, here in gaps))


@statement("text-4-14", source="Sec. 4", uses=["text-4-13"])
def upper_level() -> Form:
    """The upper-level objective equals ||W* - W||^2."""
    return _squares(sp.S.One)


@statement(
    "text-4-14.amended-1",
    source="Sec. 4",
    amends="text-4-14",
    judgement="slip",
    reading="up to the factor 1/gamma^2, which moves no minimiser",
    uses=["text-4-13"],
)
def upper_level_with_its_factor() -> Form:
    """The upper-level objective equals ||W* - W||^2 / gamma^2."""
    return _squares(1 / GAMMA**2)


@statement("text-4-16", source="Sec. 4", uses=["assumption-3"])
def lower_level_is_unique() -> Form:
    """Under strong convexity the lower level of (9) has one solution."""
    return _unique()


# The updates


@dataclass(frozen=True)
class Affine:
    """An oracle whose sample gradient slope W + offset tells at which point it was taken."""

    slope: sp.Symbol
    offset: sp.Symbol
    k: int = 0

    def full(self, W: Any) -> Any:
        """The sample gradient at W."""
        return self.slope * W + self.offset

    def sample(self, W: Any) -> list[Any]:
        """The sample gradient at W, once."""
        return [self.full(W)]


ORACLE = Affine(symbol("slope"), symbol("offset"))
F_W, G_W, F_P, G_P = (symbol(name) for name in ("F_W", "G_W", "F_P", "G_P"))
UPDATES = {"W": OnArray(smooth(lambda _: (F_W, G_W))), "P": OnArray(smooth(lambda _: (F_P, G_P)))}


@statement("eq-10", source="Sec. 4, (10)", uses=["eq-5", "text-4-6"])
def residual_update() -> Form:
    """(10) is what the step of Residual Learning does to P, the gradient taken at W + gamma P."""
    after = ResidualLearning(ALPHA, BETA, GAMMA).step(Pair(W, P), ORACLE, UPDATES).P
    g = ORACLE.full(W + GAMMA * P)
    return Identity(after, P - ALPHA * g * F_P - ALPHA * sp.Abs(g) * G_P, lift=LIFT)


@statement("eq-11", source="Sec. 4, (11)", uses=["eq-5", "text-4-9"])
def transfer() -> Form:
    """(11) is what the step of Residual Learning does to W, with the P that (10) has left."""
    after = ResidualLearning(ALPHA, BETA, GAMMA).step(Pair(W, P), ORACLE, UPDATES)
    return Identity(after.W, W + BETA * after.P * F_W - BETA * sp.Abs(after.P) * G_W, lift=LIFT)


@statement("text-4-11", source="Sec. 4", uses=["eq-10", "eq-11"])
def tiki_taka_is_the_case_without_mixing() -> Form:
    """With gamma = 0 and a linear response, Residual Learning is the Tiki-Taka of [21], as that is printed.

    That is (20) with the gradient taken at W, and a transfer of the same kind; so is the step of our Tiki-Taka.
    """
    device = linear(TAU)
    update = OnArray(smooth(lambda w: (device.F.subs(symbol("w"), w), device.G.subs(symbol("w"), w))))
    g = ORACLE.full(W)
    fast = (1 - ALPHA / TAU * sp.Abs(g)) * P - ALPHA * g
    printed = Pair(W=W + BETA * fast - BETA / TAU * sp.Abs(fast) * W, P=fast)
    rules: dict[str, ResidualLearning | TikiTaka] = {
        "Residual Learning": ResidualLearning(ALPHA, BETA, sp.S.Zero),
        "Tiki-Taka": TikiTaka(ALPHA, BETA),
    }
    steps = {name: rule.step(Pair(W, P), ORACLE, {"W": update, "P": update}) for name, rule in rules.items()}
    return All(
        tuple(
            (f"{name}, {array}", Identity(getattr(step, array), getattr(printed, array), lift=LIFT))
            for name, step in steps.items()
            for array in "PW"
        )
    )


# The zero shift


def _stands_still(*given: sp.Basic) -> Form:
    """That at W*, P = 0 the mean of (10) stands still only where G(0) = 0; Sigma is E|g| there, |G| < F as q_+- > 0."""
    still = sp.Eq(scaled_update(0, SIGMA, G / F), 0)
    return Implication(given=(sp.Abs(G) < F, SIGMA >= 0, still, *given), claim=sp.Eq(G, 0), lift=LIFT)


@statement("text-4-21", source="Sec. 4", uses=["text-4-4"])
def zero_must_be_symmetric() -> Form:
    """Exact convergence, that is a mean that stays at W* and P = 0, requires G(0) = 0."""
    return _stands_still()


@statement(
    "text-4-21.amended-1",
    source="Sec. 4",
    amends="text-4-21",
    judgement="gap",
    reading="where the gradient is noisy at W*: without noise there the mean stays at W* with any response",
    uses=["text-4-4"],
)
def zero_must_be_symmetric_under_noise() -> Form:
    """With noise at W*, a mean that stays at W* and P = 0 requires G(0) = 0."""
    return _stands_still(SIGMA > 0)


def _at_zero(device: ResponseFunction, part: str = "G") -> sp.Expr:
    return getattr(device, part).subs(symbol("w"), 0)


@statement("assumption-4", source="Sec. 4, Assumption 4")
def zero_shift() -> Form:
    """G(0) = 0 can hold: zero-shifting gives it, here to the linear response."""
    return Identity(_at_zero(linear(TAU, C_LIN).zero_shifted()), sp.S.Zero, IN_RANGE)


@statement("text-4-22", source="Sec. 4", uses=["assumption-4", "definition-1"])
def asymmetry_is_bounded_by_the_residual() -> Form:
    """|G(P)|/sqrt(F(P)) <= L_S |P| with L_S = L_G / sqrt(q_min), for G(0) = 0, G Lipschitz and F >= q_min > 0."""
    lipschitz, least = symbol("L_G", "positive"), symbol("q_min")
    given = (sp.Abs(G) <= lipschitz * sp.Abs(P), least <= F)
    return Implication(
        given=given, claim=sp.Abs(G) / sp.sqrt(F) <= lipschitz / sp.sqrt(least) * sp.Abs(P), lift="lib-lift-maximum"
    )


@statement("text-4-23", source="Sec. 4", uses=["text-4-22"])
def asymmetry_vanishes_with_the_residual() -> Form:
    """|G(P)|/sqrt(F(P)) -> 0 as P -> 0 on a zero-shifted array; here a linear response, at the rate of P."""
    device = linear(3, "1/5").zero_shifted()
    return Order((device.G / sp.sqrt(device.F)).subs(symbol("w"), DELTA), DELTA, sp.S.One)


def _symmetric_point_of_figure_2(*noisy: sp.Basic) -> Form:
    device = linear(TAU, C_LIN)
    asymmetric = (*IN_RANGE, sp.Ne(C_LIN, 0))
    drift = scaled_update(0, SIGMA, _at_zero(device) / _at_zero(device, "F"))
    return All(
        (
            ("w_sp = c_lin tau", Implication((*IN_RANGE, sp.Eq(device.G, 0)), sp.Eq(W, C_LIN * TAU), lift=LIFT)),
            ("G(0) is not 0", Implication(asymmetric, sp.Ne(_at_zero(device), 0))),
            ("W*, P = 0 is no fixed point", Implication((*asymmetric, *noisy), sp.Ne(drift, 0))),
        )
    )


@statement("text-4-25", source="Sec. 4", uses=["text-1-15", "assumption-4", "eq-10"])
def failure_of_tiki_taka() -> Form:
    """w_sp = c_lin tau violates Assumption 4 when c_lin is not 0, and so W*, P = 0 is no fixed point of the mean."""
    return _symmetric_point_of_figure_2()


@statement(
    "text-4-25.amended-1",
    source="Sec. 4",
    amends="text-4-25",
    judgement="gap",
    reading="the array stays at W*, P = 0 unless the sample gradients are noisy there; in Figure 2, where b = A W*, "
    "they all vanish at W*",
    uses=["text-1-15", "assumption-4", "eq-10"],
)
def failure_of_tiki_taka_under_noise() -> Form:
    """w_sp = c_lin tau violates Assumption 4 when c_lin is not 0; with noise at W*, W*, P = 0 is no fixed point."""
    return _symmetric_point_of_figure_2(SIGMA > 0)
