"""Appendix H: from one step to the rate of Theorem 2, (73).

Claims about runs are proved for runs of one and of two steps, whose every path is an instance; the sum over any number
of steps is lib-telescope, its mean lib-averaged-descent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from .. import rates
from ..domains import narrowed, value
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
    Same,
    Sides,
    Term,
)
from ..symbols import symbol
from . import descent_terms as lines, statement
from .appendix_h import VIEW
from .appendix_h_descent import descends, second_bound, slack_of, small_rate
from .descent_terms import ALPHA, F_MAX, L, View
from .trajectories import (
    NOISY,
    amplification,
    chosen_rate,
    last_values,
    length,
    lower_bound,
    mean,
    nodes,
    responses_along,
)

STEPS, SIZES = (1, 2), (1, 2)  # of the runs: how many steps they have, in which dimensions
K, GAP = symbol("K"), symbol("gap", "positive")
NOISE = symbol("sigma2", "positive")
S = symbol("S", "nonnegative")


def run_of(steps: int, *rate: Assumption) -> tuple[Assumption, ...]:
    """Runs of Analog SGD over some steps, f* any lower bound, alpha at most 1/(4 L F_max) unless a rate is given."""
    return (*NOISY, responses_along(steps), *(rate or (lower_bound, small_rate)))


def metric(v: View) -> Any:
    """What (73) sums: ||grad f F + |grad f| G||^2 + 4 ||grad f||_M^2."""
    return lines.drift2(v) + 4 * lines.saturated2(v)


def bound(run: Instance, gap: Any, S: Any) -> Any:
    """L3 of (73), and L2 for another gap."""
    return rates.analog_sgd_bound(gap, run["alpha"], length(run), S, run["F_max"], run["L"], run["sigma2"])


def gap(run: Instance) -> Any:
    """f(W_0) - f*."""
    return value(run, run["W"]) - run["f_star"]


def gap_used(run: Instance) -> Any:
    """f(W_0) - E f(W_K)."""
    probabilities, values = last_values(run)
    return value(run, run["W"]) - probabilities @ values


def every_step(id: str, added: Callable[[View], Any], factor: Callable[[Instance], Any]) -> Premise:
    """A one-step descent f(W') <= f(W) + added, in expectation, summed over a run, times a factor."""

    def at(run: Instance) -> list[tuple[Any, Instance]]:
        return [(factor(run) * node.probability, node.step) for node in nodes(run)]

    return Premise(id, slack_of(descends(added)), at)


def above_f_star(factor: Callable[[Instance], Any]) -> Term:
    """E f(W_K) >= f*, times a factor >= 0."""
    here, least, p, scale = symbol("f_last"), symbol("f_star"), symbol("p", "nonnegative"), symbol("scale", "positive")

    def at(run: Instance) -> dict[str, Any]:
        probabilities, values = last_values(run)
        return {"f_last": values, "f_star": run["f_star"], "p": probabilities, "scale": factor(run)}

    return Term(p * scale * (here - least), (least <= here,), at)


# (73)


def _per_step(run: Instance) -> Any:
    return 8 * run["F_max"] / (run["alpha"] * length(run))


def averaged(steps: int) -> tuple[tuple[str, Form], ...]:
    """L1 <= L2 and L2 <= L3 of (73), summed to K - 1 and with f(W_K)."""
    domain, length = run_of(steps), f"K = {steps}"

    def first(run: Instance) -> Sides:
        return Sides(mean(run, metric), bound(run, gap_used(run), amplification(run)))

    def second(run: Instance) -> Sides:
        return Sides(first(run).right, bound(run, gap(run), amplification(run)))

    descent = every_step("eq-72", second_bound, _per_step)
    return (
        (f"L1 <= L2, {length}", Certified(ForAll(domain, first, "L1 <= L2 of (73)", SIZES), (), (descent,))),
        (
            f"L2 <= L3, {length}",
            Certified(ForAll(domain, second, "L2 <= L3 of (73)", SIZES), (above_f_star(_per_step),)),
        ),
    )


def _rate_identity() -> Identity:
    """L3 of (73) at the alpha of eq-73-s1 is L4."""
    alpha = rates.analog_sgd_learning_rate(GAP, K, F_MAX, L, NOISE, sp.sqrt)
    at_alpha = rates.analog_sgd_bound(GAP, alpha, K, S, F_MAX, L, NOISE)
    return Identity(at_alpha, rates.analog_sgd_rate(GAP, K, S, F_MAX, L, NOISE, sp.sqrt))


def chosen_alpha_is_small(*given: sp.Basic) -> Implication:
    """The alpha of eq-73-s1 meets the condition of (72), for K >= 1 and `given`."""
    chosen = sp.Eq((ALPHA * F_MAX) ** 2 * NOISE * L * K, GAP)
    return Implication((chosen, K >= 1, *given), claim=4 * L * F_MAX * ALPHA <= 1)


ENOUGH_STEPS = K >= rates.analog_sgd_least_steps(GAP, L, NOISE)
USES_OF_73 = ("assumption-1", "eq-72", "eq-73-s1", "lib-averaged-descent")


# runs of f = w^2/2 from its minimum, where F = 1 and G = 0; any responses within [1/2, 3/2] at the second step
FROM_THE_MINIMUM: dict[str, tuple[float, float]] = {
    **dict.fromkeys(("L", "share_left", "share_right", "q_plus_0", "q_minus_0"), (1, 1)),
    **dict.fromkeys(("W", "W_star", "F_excess", "variance_excess"), (0, 0)),
    **dict.fromkeys(("q_plus_1", "q_minus_1"), (0.5, 1.5)),
    "alpha_share": (0.0625, 0.25),
    "atoms": (-1, 1),
}


@statement(
    "eq-73",
    source="App. H, (73)",
    uses=USES_OF_73,
    reading="the last step of the sum is k = K, so that f(W_{k+1}) in L2 is f(W_{K+1}), which is more charitable than "
    "f(W_K); S_K in the mean, for L1 is a mean, and to K - 1 as printed; any K >= 1, since none is excluded",
)
def rate_of_analog_sgd() -> Form:
    """The metric summed over k = 0, ..., K and divided by K is at most L2, L3 and L4; here K = 1, from the minimum."""

    def first(run: Instance) -> Sides:
        S = VIEW(nodes(run)[0].step)["ratio_max"]
        scales = (run["F_max"], run["L"], run["sigma2"])
        return Sides(2 * mean(run, metric), rates.analog_sgd_bound(gap_used(run), run["alpha"], 1, S, *scales))

    near = tuple(narrowed(assumption, **FROM_THE_MINIMUM) for assumption in run_of(2))
    return All(
        (
            (
                "L1 <= L2, K = 1",
                ForAll(near, first, "L1 <= L2 of (73), the sum to K", (1,)),
            ),
            ("L3 = L4", _rate_identity()),
            ("its alpha meets the condition of (72)", chosen_alpha_is_small()),
        )
    )


@statement(
    "eq-73.amended-1",
    source="App. H, (73)",
    amends="eq-73",
    judgement="slip",
    reading="the sum of L1 to K - 1, as in its other sums; f(W_K) in L2; S_K in the mean; for L4 sigma > 0 and "
    "K >= 16 L (f(W_0) - f*)/sigma^2, so that its alpha meets the condition of (72). Runs of one and two steps; "
    "lib-averaged-descent for any K",
    uses=USES_OF_73,
)
def rate_of_analog_sgd_repaired() -> Form:
    """The mean of the metric over k = 0, ..., K - 1 is at most L2, L3 and, for a small alpha, L4; here K = 1, 2."""
    return All((*averaged(1), *averaged(2), ("L3 = L4", at_the_chosen_rate(2))))


def at_the_chosen_rate(steps: int) -> Certified:
    """L3 of (73) at the alpha of eq-73-s1 equals L4, in runs with that alpha."""
    root, alpha = symbol("root", "positive"), symbol("alpha")
    given = (sp.Eq(root, alpha * F_MAX * NOISE * L), sp.Eq(GAP, (alpha * F_MAX) ** 2 * NOISE * L * K))
    ends = rates.analog_sgd_rate(GAP, K, S, F_MAX, L, NOISE, lambda _: root)
    formula = rates.analog_sgd_bound(GAP, alpha, K, S, F_MAX, L, NOISE) - ends

    def at(run: Instance) -> dict[str, Any]:
        return {**run, "K": length(run), "S": amplification(run)}

    def sides(run: Instance) -> Same:
        return Same(bound(run, gap(run), amplification(run)), rate_with_constants(run))

    domain = run_of(steps, chosen_rate(steps, 0.25))
    return Certified(ForAll(domain, sides, "L3 = L4 of (73)", SIZES), (Term(formula, given, at),))


def rate_with_constants(run: Instance) -> Any:
    """L4 of (73)."""
    scales = (run["F_max"], run["L"], run["sigma2"])
    return rates.analog_sgd_rate(run["gap"], length(run), amplification(run), *scales, lambda _: run["root"])


@statement(
    "eq-73-s1",
    source="App. H, (73), L3 to L4",
    reading="sigma > 0; it meets the condition of (72) from K = 16 L (f(W_0) - f*)/sigma^2 on",
)
def choice_of_the_rate() -> Form:
    """At alpha = sqrt((f(W_0) - f*)/(sigma^2 L K))/F_max, L3 of (73) equals L4; for K large enough alpha is allowed."""
    return All((("L3 = L4", _rate_identity()), ("alpha <= 1/(4 L F_max)", chosen_alpha_is_small(ENOUGH_STEPS))))
