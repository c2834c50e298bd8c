"""Appendix H, Remark 1: a bound of the mean squared gradient where saturation never happens, (74) and (75)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from .. import rates
from ..response import linear
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
    Same,
    Sides,
    SumOverCoordinates,
    Term,
)
from ..symbols import symbol
from . import descent_terms as lines, statement
from .appendix_h import DIMENSIONS, VIEW
from .appendix_h_descent import SMALL_STEP, descends, second_bound, slack_of, third_bound
from .appendix_h_rate import GAP, NOISE, SIZES, K, S, above_f_star, every_step, run_of
from .descent_terms import ALPHA, F_MAX, GRADIENT, F, G, L, View
from .trajectories import amplification, chosen_rate, length, mean, nodes

M_MIN, Q_MIN = symbol("M_min", "positive"), symbol("q_min")


def _least_saturation(run: Instance) -> Any:
    return min(lines.saturation(VIEW(node.step)).min() for node in nodes(run))


unsaturated = Assumption(
    "saturation never happens (Remark 1)",
    "0 < M_min <= M(W_k) at every weight that is reached, M_min from half of the least one",
    holds=lambda run: bool(0 < run["M_min"] <= _least_saturation(run)),
    fields=(Field("M_share", (), 0.5, 1),),
    build=lambda drawn: {"M_min": drawn["M_share"] * _least_saturation(drawn)},
)


@statement("text-h-4", source="App. H, Remark 1", uses=["lib-lift-sum"])
def least_saturation_weighs_least() -> Form:
    """||grad f||_M^2 >= min M ||grad f||^2 >= M_min ||grad f||^2."""
    M, least = symbol("M", "positive"), symbol("M_least", "positive")
    square = GRADIENT**2
    return All(
        (
            ("min M", SumOverCoordinates(square * (M - least), given=(least <= M,), shared=(least,))),
            ("M_min", SumOverCoordinates(square * (least - M_MIN), given=(M_MIN <= least,), shared=(least, M_MIN))),
        )
    )


def _drift_term(sign: int) -> Term:
    drift = GRADIENT * F + sp.Abs(GRADIENT) * G
    return Term(sign * ALPHA * drift**2 / (8 * F_MAX), (), VIEW)


@statement("eq-74", source="App. H, Remark 1, (74)", uses=["eq-72"])
def descent_without_the_drift() -> Form:
    """(72) without its last term, which is not positive."""
    premise = Premise("eq-72", slack_of(descends(second_bound)))
    return Certified(ForAll(SMALL_STEP, descends(third_bound), "(74)", DIMENSIONS), (_drift_term(1),), (premise,))


def _compared(left: Callable[[View], Any], right: Callable[[View], Any], says: str, *terms: Term) -> Form:
    claim = ForAll(SMALL_STEP, lambda step: Sides(left(VIEW(step)), right(VIEW(step))), says, SIZES)
    return Certified(claim, terms) if terms else claim


@statement(
    "remark-1",
    source="App. H, Remark 1",
    uses=["eq-72", "eq-74"],
    reading="`tighter` of one bound of E f(W_{k+1}), (74), against the other, (72); (75) has a verdict of its own",
)
def tighter_without_saturation() -> Form:
    """The bound (74) is at most the bound (72)."""
    return _compared(third_bound, second_bound, "(74) is at most (72)")


def _bounds_of_the_gradient(factor: sp.Expr) -> Form:
    """(75) as amended is at most what the bound of (73) gives, `factor` being what the metric is at least by."""
    scales = (F_MAX, L, NOISE, sp.sqrt)
    unsaturated_bound = rates.unsaturated_rate(GAP, K, S / M_MIN, M_MIN, *scales)
    root = symbol("root", "nonnegative")
    through_metric = rates.analog_sgd_rate(GAP, K, S, *scales) / factor
    exchange = {sp.sqrt(GAP * NOISE * L / K): root, GAP: GAP}
    given = (factor <= 4 * M_MIN,)
    left, right = (side.subs(exchange) for side in (unsaturated_bound, through_metric))
    return Implication(given, claim=left <= right)


@statement(
    "remark-1.amended-1",
    source="App. H, Remark 1",
    amends="remark-1",
    judgement="slip",
    reading="(74) is looser than (72) by its last term. What it leads to, a bound of the mean of ||grad f||^2, is "
    "tighter than that of Theorem 2 by 4 M >= 4 q_min^2; and than that by 5 q_min^2 where M_min >= 5 q_min^2 / 4",
    uses=["eq-72", "eq-74", "eq-75.amended-1", "theorem-2.amended-3"],
)
def looser_by_the_drift() -> Form:
    """(74) is at least (72); with M_min for q_min^2 the bound of mean ||grad f||^2 is at most that of Theorem 2."""
    return All(
        (
            ("(72) is at most (74)", _compared(second_bound, third_bound, "(72) is at most (74)", _drift_term(1))),
            ("4 q_min^2 <= 4 M_min", _bounds_of_the_gradient(4 * Q_MIN**2)),
            ("5 q_min^2 <= 4 M_min", _bounds_of_the_gradient(5 * Q_MIN**2)),
        )
    )


def gradient2(v: View) -> Any:
    """||grad f||^2."""
    return (v["grad"] ** 2).sum()


def _unsaturated(run: Instance, S: Any) -> Any:
    scales = (run["F_max"], run["L"], run["sigma2"])
    return rates.unsaturated_rate(run["gap"], length(run), S, run["M_min"], *scales, lambda _: run["root"])


def by_step(run: Instance) -> Any:
    """The mean of ||G/sqrt(F)||_inf^2 / min M(W_k), as (75) and (21) have it."""
    return mean(run, lambda v: v["ratio_max"] / lines.saturation(v).min())


def between_two_responses(per_step: bool) -> Implication:
    """(75) for long runs back and forth between a response F = 1, G and one with G = 0, with the same gradient at both.

    What is left of (75) as K grows and alpha vanishes: its noise term. F_max = sigma = 1; two samples outweigh their
    mean, so that E|grad f(.; xi)| = 1, and the mean of the weight rests, for the run stays where it is.
    """
    g, share = symbol("grad", "positive"), symbol("share", "positive")
    G, F = symbol("G"), symbol("F", "positive")
    rests = sp.Eq(share * (g + G) + (1 - share) * g * F, 0)
    kept = (sp.Abs(G) < 1, F <= 1, M_MIN <= 1 - G**2, M_MIN <= F**2)
    noise_term = share * G**2 / (1 - G**2 if per_step else M_MIN)
    limit = rates.unsaturated_rate(0, K, noise_term, M_MIN, 1, L, 1, sp.sqrt)
    return Implication((share <= 1, g <= 1, rests, *kept), claim=g**2 <= limit)


@statement(
    "eq-75",
    source="App. H, Remark 1, (75)",
    uses=["eq-74", "text-h-4", "eq-73-s1"],
    reading="the = as printed, over k = 0, ..., K - 1; and with <= for it in the limit of long runs over a response "
    "that is steep on the scale of a step, which Definition 1 admits",
)
def rate_without_saturation() -> Form:
    """The mean of ||grad f||^2 equals the bound (75), with min M(W_k) of each step under its noise term."""
    domain = run_of(1, chosen_rate(1, 0.25), unsaturated)

    def both(run: Instance) -> Same:
        return Same(mean(run, gradient2), _unsaturated(run, by_step(run)))

    return All(
        (
            ("as an equality, K = 1", ForAll(domain, both, "(75) as printed, K = 1", SIZES)),
            ("as a bound of long runs", between_two_responses(per_step=True)),
        )
    )


def unsaturated_run(steps: int) -> tuple[Assumption, ...]:
    """Runs of some steps with the alpha of eq-73-s1, without saturation."""
    return run_of(steps, chosen_rate(steps, 0.25), unsaturated)


def unsaturated_sides(run: Instance) -> Sides:
    """Both sides of (75), with M_min under its noise term too."""
    return Sides(mean(run, gradient2), _unsaturated(run, amplification(run) / run["M_min"]))


def unsaturated_slack(run: Instance) -> Any:
    """The slack of eq-75.amended-1."""
    left, right = unsaturated_sides(run)
    return right - left


def unsaturated_bound(steps: int) -> Certified:
    """(75) with M_min under its noise term too, in runs of some steps."""

    def per_step(run: Instance) -> Any:
        return 2 * run["F_max"] / (run["alpha"] * length(run) * run["M_min"])

    parts = (
        every_step("eq-74", third_bound, per_step),
        Premise("text-h-4", lambda run: mean(run, lines.saturated2) / run["M_min"] - mean(run, gradient2)),
    )
    claim = ForAll(unsaturated_run(steps), unsaturated_sides, f"(75) as amended, K = {steps}", SIZES)
    return Certified(claim, (above_f_star(per_step),), parts)


@statement(
    "eq-75.amended-1",
    source="App. H, Remark 1, (75)",
    amends="eq-75",
    judgement="error",
    reading="<= for =, the sum to K - 1, expectations, K >= 16 L (f(W_0) - f*)/sigma^2; and M_min for min M(W_k) under "
    "the noise term: (74) must be summed before it is divided. Runs of one and two steps; for any K "
    "lib-averaged-descent",
    uses=["eq-74", "text-h-4", "eq-73-s1", "lib-averaged-descent"],
)
def rate_without_saturation_repaired() -> Form:
    """The mean of ||grad f||^2 is at most (75) with M_min in place of min M(W_k) at each step; here K = 1, 2."""
    return All((("K = 1", unsaturated_bound(1)), ("K = 2", unsaturated_bound(2))))


def linear_noise_term(W: Any, tau: Any) -> Any:
    """(W^2/tau^2)/(1 - W^2/tau^2), which (21) sums, W being the largest of |W_k|."""
    return (W**2 / tau**2) / (1 - W**2 / tau**2)


def in_the_linear_response() -> tuple[tuple[str, Form], ...]:
    """What (75) is made of, for the response (16): F_max, the terms of its sum, and M_min for weights within W_max."""
    device, w, tau, W_max = linear(symbol("tau")), symbol("w"), symbol("tau"), symbol("W_max")
    lift = "lib-lift-elementwise"
    noise_term = device.G**2 / device.F / device.M
    within = (W_max < tau, sp.Abs(w) <= W_max)
    printed = rates.unsaturated_rate(GAP, K, S, 1 - W_max**2 / tau**2, 1, L, NOISE, sp.sqrt)
    return (
        ("F_max = 1", Identity(device.F, sp.S.One, lift=lift)),
        ("terms of the sum", Identity(noise_term, linear_noise_term(w, tau), lift=lift)),
        ("M_min", Implication(within, device.M >= 1 - W_max**2 / tau**2, lift=lift)),
        ("the bound", Identity(printed, rates.unsaturated_rate_linear(GAP, K, S, W_max, tau, L, NOISE, sp.sqrt))),
    )


@statement(
    "text-h-5",
    source="App. H, Remark 1",
    uses=["eq-75", "eq-19.amended-1"],
    reading="the result of [21] as the last line of (21) has it; of (75) as printed, which is refuted",
)
def reduces_to_the_special_case() -> Form:
    """For the linear response (75) becomes the last line of (21), with the constant 4 for its O."""
    return All(in_the_linear_response())
