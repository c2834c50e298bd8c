"""Appendix J: from one step of Analog GD to the rates of Theorem 6, (145) to (147).

Claims about runs are proved for runs of two steps; the sum over any number of steps is lib-telescope.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import sympy as sp

from .. import rates
from ..domains import value
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
    SumOverCoordinates,
    Term,
)
from ..symbols import symbol
from . import descent_terms as lines, statement
from .appendix_f import CLASS, Q_MINUS, Q_PLUS
from .appendix_j import DIMENSIONS, SIGN, by_both, falls_by, metric, printed_metric, slack_of_fall
from .descent_terms import ALPHA, F_MAX, GRADIENT, MOVE, POSITIVE_RESPONSES, PROBABILITY, F, G, L, View
from .gradient_runs import SMALL_STEP, VIEW, gathered, rate_of, run_of, small_rate, steps_of, value_after

Size = Callable[[View], Any]
Run = Callable[[Instance], Sides]
K, GAP, Q_MIN = symbol("K"), symbol("gap", "positive"), symbol("q_min")
M_MIN, M, SCALE = symbol("M_min", "positive"), symbol("M", "positive"), symbol("scale", "positive")
RUN_SIZES = (1, 2)
STEPS = 2  # of the runs over which claims about any K are proved
HALF, WHOLE = rate_of(Fraction(1, 2)), rate_of(Fraction(1))
FALLS = Premise("lib-analog-gd-falls", slack_of_fall(by_both))
SATURATED = GRADIENT**2 * (F**2 - G**2)


def mean(run: Instance, steps: int, size: Size) -> Any:
    """(1/K) sum_{k < K} size, for K = `steps`."""
    return sum(size(VIEW(step)) for step in steps_of(run, steps)) / steps


def gap(run: Instance) -> Any:
    """f(W_0) - f*."""
    return value(run, run["W"]) - run["f_star"]


def fallen(run: Instance, levels: int) -> Any:
    """f(W_0) less the objective after so many steps."""
    return value(run, run["W"]) - value_after(steps_of(run, levels))


def least_saturation(run: Instance, steps: int) -> Any:
    """M_min, the least entry of M(W_k) over k < K."""
    return min(lines.saturation(VIEW(step)).min() for step in steps_of(run, steps))


def over_runs(sides: Run, steps: int, alpha: Assumption, says: str) -> ForAll:
    """Left <= right in runs of K = `steps` steps, and one more, for (145) and (147) speak of W_{K+1}."""
    return ForAll(run_of(steps + 1, alpha), sides, f"{says}, K = {steps}", RUN_SIZES)


def falls(levels: int, factor: Callable[[Instance], Any]) -> Premise:
    """One-step falls, summed over so many steps, times a factor."""
    return replace(FALLS, at=lambda run: [(factor(run), step) for step in steps_of(run, levels)])


def above_f_star(levels: int, factor: Callable[[Instance], Any]) -> Term:
    """f(W_K) >= f* after so many steps, times a factor > 0."""
    here, least = symbol("f_last"), symbol("f_star")

    def at(run: Instance) -> dict[str, Any]:
        return {"f_last": value_after(steps_of(run, levels)), "f_star": run["f_star"], "scale": factor(run)}

    return Term(SCALE * (here - least), (least <= here,), at)


def over_steps(
    formula: sp.Expr, given: tuple[sp.Basic, ...], steps: range, scale: Callable[[Instance], Any], **more: Any
) -> Term:
    """A term of every coordinate of some steps, times a scale > 0; `more` maps names to functions of the run."""

    def at(run: Instance) -> View:
        extra = {name: value_of(run) for name, value_of in more.items()}
        return gathered(steps_of(run, steps.stop)[steps.start :], scale=scale(run), **extra)

    return Term(SCALE * formula, given, at)


# (145)

SHARE = ALPHA * L * F_MAX
BELOW = ALPHA * L * F_MAX < 1
DRIFT2 = (GRADIENT * F + sp.Abs(GRADIENT) * G) ** 2
inner_rate = Assumption(
    "alpha < 1/(L F_max)",
    "alpha at most 15/16 of it",
    holds=lambda run: bool(0 < run["alpha"] * run["L"] * run["F_max"] < 1),
    fields=small_rate.fields,
    build=lambda drawn: {"alpha": drawn["alpha_share"] * Fraction(15, 16) / (drawn["L"] * drawn["F_max"])},
)


def _second_of_145(run: Instance, steps: int) -> Any:
    return rates.analog_gd_bound(fallen(run, steps + 1), run["alpha"], steps, run["F_max"], run["L"])


def third_of_145(run: Instance, steps: int) -> Any:
    """The last bound of (145), which is (136)."""
    return rates.analog_gd_rate(gap(run), steps, run["F_max"], run["L"])


def first_bound(size: Size, steps: int) -> ForAll:
    """The first inequality of (145), for a metric."""

    def sides(run: Instance) -> Sides:
        return Sides(mean(run, steps, size), _second_of_145(run, steps))

    return over_runs(sides, steps, inner_rate, "L1 <= L2 of (145)")


def _proved_first_bound(steps: int) -> Certified:
    given = (POSITIVE_RESPONSES, BELOW)

    def per_share(run: Instance) -> Any:
        return 1 / ((1 - run["alpha"] * run["L"] * run["F_max"]) * steps)

    def factor(run: Instance) -> Any:
        return rates.analog_gd_bound(1, run["alpha"], steps, run["F_max"], run["L"])

    last = SATURATED + (1 - SHARE) * DRIFT2
    terms = (
        over_steps(SATURATED * SHARE, given, range(steps), per_share),
        over_steps(last, given, range(steps, steps + 1), per_share),
    )
    return Certified(first_bound(metric, steps), terms, (falls(steps + 1, factor),))


def second_bound(steps: int) -> Certified:
    """The second inequality of (145)."""

    def sides(run: Instance) -> Sides:
        return Sides(_second_of_145(run, steps), third_of_145(run, steps))

    def factor(run: Instance) -> Any:
        return rates.analog_gd_rate(1, steps, run["F_max"], run["L"])

    claim = over_runs(sides, steps, HALF, "L2 <= L3 of (145)")
    return Certified(claim, (above_f_star(steps + 1, factor),))


USES_OF_145 = ("assumption-1", "eq-144", "text-j-4", "lib-telescope")


@statement("eq-145", source="App. J, (145)", uses=["text-j-3", *USES_OF_145], reading="alpha < 1/(L F_max)")
def rate_with_the_printed_metric() -> Form:
    """The mean of the metric (135) is at most the second line and, for alpha = 1/(2 L F_max), the third."""
    return All((("L1 <= L2", first_bound(printed_metric, 1)), ("L2 <= L3", second_bound(STEPS))))


@statement(
    "eq-145.amended-1",
    source="App. J, (145)",
    amends="eq-145",
    judgement="slip",
    reading=f"{SIGN}; alpha < 1/(L F_max); ||grad f||_M^2 takes (143), which (144) drops; f(W_{{K+1}}) for f(W_K) does "
    "no harm, for f falls. Runs of two steps; lib-telescope for any K",
    uses=["text-j-3.amended-1", "lib-analog-gd-falls", *USES_OF_145],
)
def rate_with_the_step() -> Form:
    """With a plus in the metric its mean is at most the second line and, for alpha = 1/(2 L F_max), the third."""
    return All((("L1 <= L2", _proved_first_bound(STEPS)), ("L2 <= L3", second_bound(STEPS))))


@statement("text-j-4", source="App. J")
def learning_rate_of_the_metric() -> Form:
    """At alpha = 1/(2 L F_max) the second line of (145) is 8 L gap F_max^2 / K, the least over alpha."""
    chosen, alpha = 1 / (2 * L * F_MAX), symbol("alpha_L_F_max", "positive")
    at_it = Identity(rates.analog_gd_bound(GAP, chosen, K, F_MAX, L), rates.analog_gd_rate(GAP, K, F_MAX, L))
    share = Identity(rates.analog_gd_bound(GAP, alpha / (L * F_MAX), K, F_MAX, L), _in_shares(alpha))
    least = Implication((alpha < 1,), 1 / (alpha * (1 - alpha)) >= 4)
    return All((("the bound", at_it), ("alpha in shares of 1/(L F_max)", share), ("it is least", least)))


def _in_shares(share: sp.Expr) -> sp.Expr:
    return 2 * L * GAP * F_MAX**2 / K / (share * (1 - share))


# (146) and (147)


def _saturated(weight: Callable[[View], Any]) -> Size:
    return lambda v: v["alpha"] * lines.saturated2(v) / (2 * weight(v))


def least_weighs_least(weight: sp.Expr) -> SumOverCoordinates:
    """The inequality alpha M_min ||grad f||^2 / (2 weight) <= alpha ||grad f||_M^2 / (2 weight)."""
    return SumOverCoordinates(ALPHA / (2 * weight) * (M - M_MIN) * GRADIENT**2, (M_MIN <= M,), (ALPHA, M_MIN, F_MAX))


SMALL = "for alpha <= 1/(L F_max), as text-j-7 has it"
REST = (1 / (2 * ALPHA) - L * F_MAX / 2) / F_MAX * PROBABILITY * MOVE**2
SMALL_RATE = ALPHA * L * F_MAX <= 1
USES_OF_146 = ("text-j-5", "eq-138.amended-1", "eq-143")


@statement("eq-146", source="App. J, (146)", uses=USES_OF_146, reading=SMALL)
def fall_as_printed() -> Form:
    """(alpha M_min/2) ||grad f||^2 <= (alpha/2) ||grad f||_M^2 <= f(W_k) - f(W_{k+1})."""
    second = ForAll(SMALL_STEP, falls_by(_saturated(lambda _: 1)), "the second inequality of (146)", DIMENSIONS)
    return All((("first inequality", least_weighs_least(sp.S.One)), ("second inequality", second)))


@statement(
    "eq-146.amended-1",
    source="App. J, (146)",
    amends="eq-146",
    judgement="slip",
    reading=f"alpha/(2 F_max) for alpha/2, as in (143); {SMALL}",
    uses=[*USES_OF_146, "lib-analog-gd-falls"],
)
def fall_by_the_saturated_gradient() -> Form:
    """With F_max: alpha M_min/(2 F_max) ||grad f||^2 <= alpha/(2 F_max) ||grad f||_M^2 <= f(W_k) - f(W_{k+1})."""
    claim = ForAll(SMALL_STEP, falls_by(_saturated(lambda v: v["F_max"])), "(146) with F_max", DIMENSIONS)
    second = Certified(claim, (Term(REST, (SMALL_RATE,), VIEW),), (FALLS,))
    return All((("first inequality", least_weighs_least(F_MAX)), ("second inequality", second)))


@statement(
    "text-j-5",
    source="App. J",
    uses=["eq-138.amended-1", "eq-143", "definition-1", "lib-analog-gd-falls"],
    reading=f"(146) without its middle: M_min is some constant > 0, here q_min^2 / F_max; {SMALL}",
)
def some_constant_bounds_the_gradient() -> Form:
    """For responses of at least q_min, (alpha c/2) ||grad f||^2 <= f(W_k) - f(W_{k+1}) with c = q_min^2 / F_max."""

    def least(v: View) -> Any:
        return (v["F"] - abs(v["G"])).min()

    def size(v: View) -> Any:
        return v["alpha"] * least(v) ** 2 * (v["grad"] ** 2).sum() / (2 * v["F_max"])

    term = ALPHA / (2 * F_MAX) * GRADIENT**2 * (F**2 - G**2 - Q_MIN**2)
    terms = (
        Term(REST, (SMALL_RATE,), VIEW),
        Term(term, (Q_MIN <= F - sp.Abs(G),), lambda step: {**VIEW(step), "q_min": least(VIEW(step))}),
    )
    claim = ForAll(SMALL_STEP, falls_by(size), "a constant times ||grad f||^2 below the fall", DIMENSIONS)
    return Certified(claim, terms, (FALLS,))


@statement(
    "text-j-2",
    source="App. J",
    uses=["definition-1"],
    reading="k in [K] as the k of the sum in (137), 0 to K - 1; ASGD in the name stands for AGD. The condition is one "
    "only where q_min is not known, for Definition 1 implies it",
)
def least_saturation_is_positive() -> Form:
    """M_min = min q_+ q_- over the run is positive: at least q_min^2, for responses of Definition 1."""
    product = Q_PLUS * Q_MINUS
    return Implication(CLASS, sp.And(product >= Q_MIN**2, Q_MIN**2 > 0), lift="lib-lift-elementwise")


@statement(
    "text-j-6",
    source="App. J",
    uses=["eq-146.amended-1", "lib-telescope"],
    reading="the K + 1 terms k = 0, ..., K, divided by K, are no less than the mean of K terms that (147) prints",
)
def average() -> Form:
    """Summed from 0 to K, (146) bounds the sum of ||grad f(W_k)||^2, k < K, by f(W_0) - f(W_{K+1})."""
    first, last, following = (symbol(name) for name in ("f_first", "f_last", "f_next"))
    so_far, term, weight = symbol("sum_so_far"), symbol("term", "nonnegative"), symbol("weight", "positive")
    given = (weight * so_far <= first - last, weight * term <= last - following)
    return Implication(given, sp.And(*(weight * part <= first - following for part in (so_far + term, so_far))))


def gradient2(v: View) -> Any:
    """||grad f||^2."""
    return (v["grad"] ** 2).sum()


def _second_of_147(run: Instance, steps: int) -> Any:
    M_min = least_saturation(run, steps)
    return rates.analog_gd_gradient_bound(fallen(run, steps + 1), run["alpha"], steps, run["F_max"], M_min)


def third_of_147(run: Instance, steps: int, times: int = 1) -> Any:
    """The last bound of (147), which is (137)."""
    return times * rates.analog_gd_gradient_rate(gap(run), steps, run["F_max"], run["L"], least_saturation(run, steps))


def gradient_bound(steps: int) -> Certified:
    """The first inequality of (147)."""

    def sides(run: Instance) -> Sides:
        return Sides(mean(run, steps, gradient2), _second_of_147(run, steps))

    def factor(run: Instance) -> Any:
        M_min = least_saturation(run, steps)
        return rates.analog_gd_gradient_bound(1, run["alpha"], steps, run["F_max"], M_min)

    def least(run: Instance) -> Any:
        return least_saturation(run, steps)

    def scale(run: Instance) -> Any:
        return 1 / (least(run) * steps)

    both = SATURATED + (1 - SHARE) * DRIFT2
    early = ((M_MIN <= F**2 - G**2), SMALL_RATE)
    terms = (
        over_steps(both - M_MIN * GRADIENT**2, early, range(steps), scale, M_min=least),
        over_steps(both, (POSITIVE_RESPONSES, SMALL_RATE), range(steps, steps + 1), scale),
    )
    claim = over_runs(sides, steps, small_rate, "L1 <= L2 of (147)")
    return Certified(claim, terms, (falls(steps + 1, factor),))


def gradient_rate(steps: int) -> Certified:
    """The second inequality of (147)."""

    def sides(run: Instance) -> Sides:
        return Sides(_second_of_147(run, steps), third_of_147(run, steps))

    def factor(run: Instance) -> Any:
        return rates.analog_gd_gradient_rate(1, steps, run["F_max"], run["L"], least_saturation(run, steps))

    return Certified(over_runs(sides, steps, WHOLE, "L2 <= L3 of (147)"), (above_f_star(steps + 1, factor),))


@statement(
    "eq-147",
    source="App. J, (147)",
    uses=["assumption-1", "eq-146.amended-1", "text-j-6", "text-j-7", "lib-analog-gd-falls", "lib-telescope"],
    reading="M_min the least entry of M(W_k), k < K, as text-j-2 has it; it follows from (146) with its F_max, not as "
    "(146) is printed. Runs of two steps; lib-telescope for any K",
)
def rate_of_the_gradient() -> Form:
    """The mean of ||grad f(W_k)||^2 is at most the second expression and, for alpha = 1/(L F_max), the third."""
    return All((("L1 <= L2", gradient_bound(STEPS)), ("L2 <= L3", gradient_rate(STEPS))))


@statement("text-j-7", source="App. J")
def learning_rate_of_the_gradient() -> Form:
    """At alpha = 1/(L F_max), the largest that (144) allows, (147) is 2 L gap F_max^2/(K M_min)."""
    chosen = 1 / (L * F_MAX)
    at_it = rates.analog_gd_gradient_bound(GAP, chosen, K, F_MAX, M_MIN)
    allowed = sp.Equivalent((1 / (2 * ALPHA) - L * F_MAX / 2) / F_MAX >= 0, ALPHA * L * F_MAX <= 1)
    return All(
        (
            ("the bound", Identity(at_it, rates.analog_gd_gradient_rate(GAP, K, F_MAX, L, M_MIN))),
            ("the largest that (144) allows", Implication((), allowed)),
        )
    )
