"""Section 3.2: Assumptions 1 and 2, the convergence metric, and the inexact convergence of Analog SGD, Theorem 2."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from .. import rates
from ..domains import gradient, norm2, reflection, smooth, value
from ..statement import (
    All,
    Assumption,
    Certified,
    Field,
    ForAll,
    Form,
    Instance,
    Premise,
    Same,
    Sides,
    Term,
    scaled,
)
from ..symbols import symbol
from . import descent_terms as lines, statement
from .appendix_h import STEP, VIEW
from .appendix_h_rate import GAP, NOISE, SIZES, STEPS, K, bound, gap, metric, rate_with_constants, run_of
from .appendix_h_remark import gradient2
from .descent_terms import ALPHA, F_MAX, GRADIENT, PROBABILITY, F, G, L, View
from .trajectories import bounded_below, chosen_rate, gathered, length, mean, nodes

LIFT = "lib-lift-elementwise"
Q_MIN, Q_MAX = symbol("q_min"), symbol("q_max")

# Assumptions 1 and 2

second_point = Assumption("a second point", "any V", holds=lambda _: True, fields=(Field("V", ("D",), -2, 2),))


def _slopes(instance: Instance) -> dict[str, Any]:
    """The coordinates u, v of two points from W* along the axes, and the curvatures on both sides of it."""
    turned = reflection(instance["axis"]).T
    along = {name: turned @ (instance[point] - instance["W_star"]) for name, point in (("u", "W"), ("v", "V"))}
    return {**along, "h_left": instance["h_left"], "h_right": instance["h_right"], "L": instance["L"]}


def lipschitz_gradient() -> Certified:
    """||grad f(W) - grad f(V)|| <= L ||W - V|| for the objectives that instances are drawn from."""
    u, v, left, right = (symbol(name) for name in ("u", "v", "h_left", "h_right"))

    def slope(at: sp.Symbol) -> sp.Expr:
        return left * sp.Min(at, 0) + right * sp.Max(at, 0)

    def sides(instance: Instance) -> Sides:
        change = gradient(instance, instance["W"]) - gradient(instance, instance["V"])
        return Sides(norm2(change), instance["L"] ** 2 * norm2(instance["W"] - instance["V"]))

    given = (sp.Abs(left) <= L, sp.Abs(right) <= L)
    term = Term(L**2 * (u - v) ** 2 - (slope(u) - slope(v)) ** 2, given, _slopes)
    claim = ForAll((smooth, second_point), sides, "||grad f(W) - grad f(V)||^2 <= L^2 ||W - V||^2", (1, 2))
    return Certified(claim, (term,))


def _bounded() -> Certified:
    u, left, right = symbol("u"), symbol("h_left", "nonnegative"), symbol("h_right", "nonnegative")
    term = Term((left * sp.Min(u, 0) ** 2 + right * sp.Max(u, 0) ** 2) / 2, (), _slopes)
    domain = (bounded_below, second_point)
    return Certified(ForAll(domain, lambda f: Sides(0, value(f, f["W"])), "f >= f* = 0", (1, 2)), (term,))


@statement(
    "assumption-1",
    source="Sec. 3.2, Assumption 1",
    reading="that it can hold: for the objectives that instances are drawn from, of any curvature within [-L, L], and "
    "bounded below where none is negative",
)
def smooth_objective() -> Form:
    """Assumption 1 can hold: f is L-smooth, and bounded below by f*; its use is (61)."""
    return All((("L-smooth", lipschitz_gradient()), ("bounded below", _bounded())))


@statement(
    "assumption-2",
    source="Sec. 3.2, Assumption 2",
    reading="that it can hold: for two or three samples of any probabilities; and its use, E||grad f(.; xi)||^2",
)
def unbiased_noise() -> Form:
    """Assumption 2 can hold: samples have mean grad f, and E||grad f(.; xi)||^2 <= ||grad f||^2 + sigma^2."""
    second_moment = lines.Line(
        lambda v: Sides(lines.total(v, v["g"] ** 2), norm2(v["grad"]) + v["sigma2"]),
        terms=((lines.SIGMA2 - lines.VARIANCE, (lines.BOUNDED_VARIANCE,)),),
    )
    mean_gradient = lines.Line(
        lambda v: Same(norm2((v["p"] * v["g"]).sum(axis=0) - v["grad"]), 0 * v["sigma2"]),
        terms=((lines.MEAN_NOISE**2, (sp.Eq(lines.MEAN_NOISE, 0),)),),
    )
    return All(
        (
            ("mean", mean_gradient.certified(STEP, VIEW, "||E grad f(W; xi) - grad f(W)|| = 0")),
            ("second moment", second_moment.certified(STEP, VIEW, "E||grad f(W; xi)||^2 <= ||grad f||^2 + sigma^2")),
        )
    )


# The metric


def _responses(run: Instance) -> Any:
    return np.array([node.step["F"] + sign * abs(node.step["G"]) for node in nodes(run) for sign in (1, -1)])


bounded_responses = Assumption(
    "bounds of the responses (Definition 1)",
    "q_min at most the least response of the run, and at least half of it; q_max from its largest to twice that",
    holds=lambda run: bool(0 < run["q_min"] <= _responses(run).min() and _responses(run).max() <= run["q_max"]),
    fields=(Field("q_share", (), 0.5, 1),),
    build=lambda drawn: {
        "q_min": _responses(drawn).min() * drawn["q_share"],
        "q_max": _responses(drawn).max() / drawn["q_share"],
    },
)
_METRIC = (GRADIENT * F + sp.Abs(GRADIENT) * G) ** 2 + 4 * GRADIENT**2 * (F**2 - G**2)


def _flat(run: Instance) -> dict[str, Any]:
    return {**gathered(run), "q_min": run["q_min"], "q_max": run["q_max"]}


def _at_least(scale: sp.Expr) -> Term:
    """The metric of (73) is at least 5 q_min^2 ||grad f||^2, in a step of a run; times `scale`."""
    given = (Q_MIN <= F - sp.Abs(G),)
    return Term(scale * PROBABILITY / K * (_METRIC - 5 * Q_MIN**2 * GRADIENT**2), given, _flat)


def _at_most() -> Term:
    given = (F + sp.Abs(G) <= Q_MAX, sp.Abs(G) < F)
    return Term(PROBABILITY / K * (5 * Q_MAX**2 * GRADIENT**2 - _METRIC), given, _flat)


RUN_WITH_BOUNDS = (*run_of(1), bounded_responses)


@statement(
    "text-3-14",
    source="Sec. 3.2",
    uses=["eq-73"],
    reading="a definition agrees with the other one of the same name, the first line of (73); both in expectation",
)
def metric_of_convergence() -> Form:
    """E_K as the mean of ||grad f(W_k)||^2 is E_K as (73) has it; here for one step."""
    return ForAll(run_of(1), lambda run: Same(mean(run, gradient2), mean(run, metric)), "two E_K", SIZES)


@statement(
    "text-3-14.amended-1",
    source="Sec. 3.2",
    amends="text-3-14",
    judgement="gap",
    reading="up to constants of the device: (73) is between 5 q_min^2 and 5 q_max^2 times the mean of ||grad f||^2",
    uses=["eq-73.amended-1", "definition-1"],
)
def metrics_agree_up_to_the_device() -> Form:
    """5 q_min^2 times the mean of ||grad f(W_k)||^2 is at most E_K as (73) has it, and 5 q_max^2 times it at least."""

    def low(run: Instance) -> Sides:
        return Sides(5 * run["q_min"] ** 2 * mean(run, gradient2), mean(run, metric))

    def high(run: Instance) -> Sides:
        return Sides(mean(run, metric), 5 * run["q_max"] ** 2 * mean(run, gradient2))

    return All(
        (
            ("q_min", Certified(ForAll(RUN_WITH_BOUNDS, low, "from below", SIZES), (_at_least(sp.S.One),))),
            ("q_max", Certified(ForAll(RUN_WITH_BOUNDS, high, "from above", SIZES), (_at_most(),))),
        )
    )


# Theorem 2


def _inexact(size: Callable[[View], Any], limit: Callable[[Instance], Any]) -> Callable[[Instance], Sides]:
    return lambda run: Sides(mean(run, size), limit(run))


@statement(
    "theorem-2",
    source="Sec. 3.2, Theorem 2, (8)",
    uses=["assumption-1", "assumption-2", "eq-73", "eq-73-s1"],
    reading="charitable: the constants of (73), which depend on the device, L and f(W_0) - f*, but not on sigma or K; "
    "the metric of (73); alpha as (73) chooses it; S_K in the mean; sigma > 0; any K >= 1, for no K is excluded. "
    "For K that is large against L (f(W_0) - f*)/sigma^2 it holds: theorem-2.amended-1",
)
def inexact_convergence() -> Form:
    """E_K <= 16 F_max^2 sqrt((f(W_0) - f*) sigma^2 L / K) + 8 F_max sigma^2 S_K; here for one step."""
    sides = _inexact(metric, rate_with_constants)
    return ForAll(run_of(1, chosen_rate(1, 4)), sides, "Theorem 2 with the constants of (73), K = 1", SIZES)


def _bound_slack(run: Instance) -> Any:
    """The slack of L1 <= L3 of (73)."""
    return bound(run, gap(run), mean(run, lambda v: v["ratio_max"])) - mean(run, metric)


def large_enough(steps: int) -> Certified:
    """Theorem 2 for a run of some steps, as many as make the chosen alpha at most 1/(4 L F_max)."""
    claim = ForAll(
        run_of(steps, chosen_rate(steps, 0.25)),
        _inexact(metric, rate_with_constants),
        f"Theorem 2 with the constants of (73), K = {steps}",
        SIZES,
    )
    return Certified(claim, (), (Premise("eq-73.amended-1", _bound_slack),))


USES = ("assumption-1", "assumption-2", "eq-73.amended-1", "eq-73-s1", "lib-averaged-descent")


@statement(
    "theorem-2.amended-1",
    source="Sec. 3.2, Theorem 2, (8)",
    amends="theorem-2",
    judgement="gap",
    reading="sigma > 0 and K >= 16 L (f(W_0) - f*)/sigma^2, from where the chosen alpha is at most 1/(4 L F_max); the "
    "metric of (73), S_K in the mean. Runs of one and two steps; lib-averaged-descent for any K",
    uses=USES,
)
def inexact_convergence_in_the_long_run() -> Form:
    """E_K <= 16 F_max^2 sqrt(gap sigma^2 L/K) + 8 F_max sigma^2 S_K, K >= 16 L gap/sigma^2; here for K = 1, 2."""
    return All(tuple((f"K = {steps}", large_enough(steps)) for steps in STEPS))


def _capped(run: Instance) -> Any:
    scales = (run["F_max"], run["L"], run["sigma2"])
    S = mean(run, lambda v: v["ratio_max"])
    return rates.analog_sgd_rate_of_any_length(run["gap"], length(run), S, *scales, lambda _: run["root"])


def any_length(steps: int) -> Certified:
    """The bound with the term 32 L F_max^2 gap / K, with alpha the smaller of 1/(4 L F_max) and the chosen one."""
    root, S = symbol("root", "positive"), symbol("S", "nonnegative")
    used = ALPHA * F_MAX
    capped = sp.Eq((4 * L * used - 1) * (used * K * root - GAP), 0)
    given = (sp.Eq(root**2 * K, GAP * NOISE * L), 4 * L * used <= 1, used * K * root <= GAP, capped)
    limit = rates.analog_sgd_rate_of_any_length(GAP, K, S, F_MAX, L, NOISE, lambda _: root)
    term = Term(limit - rates.analog_sgd_bound(GAP, ALPHA, K, S, F_MAX, L, NOISE), given, _scalars)
    domain = run_of(steps, chosen_rate(steps, 4, capped=True))
    claim = ForAll(domain, _inexact(metric, _capped), f"Theorem 2 for every K, K = {steps}", SIZES)
    return Certified(claim, (term,), (Premise("eq-73.amended-1", _bound_slack),))


def _scalars(run: Instance) -> dict[str, Any]:
    return {**run, "K": length(run), "S": mean(run, lambda v: v["ratio_max"])}


@statement(
    "theorem-2.amended-2",
    source="Sec. 3.2, Theorem 2, (8)",
    amends="theorem-2",
    judgement="gap",
    reading="for every K >= 1: alpha the smaller of 1/(4 L F_max) and the chosen one, and the term 32 L F_max^2 "
    "(f(W_0) - f*)/K. Runs of one and two steps; lib-averaged-descent for any K",
    uses=USES,
)
def inexact_convergence_for_every_length() -> Form:
    """E_K <= 32 L F_max^2 gap/K + 16 F_max^2 sqrt(gap sigma^2 L/K) + 8 F_max sigma^2 S_K; here for K = 1, 2."""
    return All(tuple((f"K = {steps}", any_length(steps)) for steps in STEPS))


@statement(
    "theorem-2.amended-3",
    source="Sec. 3.2, Theorem 2, (8)",
    amends="theorem-2",
    judgement="gap",
    reading="the metric of text-3-14, in the mean, with the constant 1/(5 q_min^2) in front; else as "
    "theorem-2.amended-1, and under its conditions",
    uses=["theorem-2.amended-1", "text-3-14.amended-1", "definition-1"],
)
def gradient_in_the_long_run() -> Form:
    """The mean of ||grad f(W_k)||^2 is at most that of theorem-2.amended-1 divided by 5 q_min^2; here K = 1, 2."""
    return All(tuple((f"K = {steps}", _gradient(steps)) for steps in STEPS))


def _gradient(steps: int) -> Certified:
    def limit(run: Instance) -> Any:
        return rates.analog_sgd_gradient(rate_with_constants(run), run["q_min"])

    def premise(run: Instance) -> Any:
        return rate_with_constants(run) - mean(run, metric)

    def times(run: Instance) -> Any:
        return 1 / (5 * run["q_min"] ** 2)

    domain = (*run_of(steps, chosen_rate(steps, 0.25)), bounded_responses)
    says = f"Theorem 2 for mean ||grad f||^2, K = {steps}"
    claim = ForAll(domain, _inexact(gradient2, limit), says, SIZES)
    return Certified(claim, (_at_least(1 / (5 * Q_MIN**2)),), (Premise("theorem-2.amended-1", premise, scaled(times)),))
