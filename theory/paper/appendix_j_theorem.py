"""Appendix J: Theorem 6, (136) and (137), over runs of Analog GD with the learning rates of its proof.

The theorem names no learning rate, and its proof one for each half. That its halves hold together is what `Further`
says: (137) is read for the run that (136) is about.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import sympy as sp

from .. import rates
from ..statement import All, Assumption, Certified, ForAll, Form, Instance, Premise, Sides, Term, difference
from ..symbols import symbol
from . import statement
from .appendix_j import SIGN, metric, printed_metric
from .appendix_j_rate import (
    DRIFT2,
    HALF,
    SATURATED,
    STEPS,
    WHOLE,
    K,
    Size,
    above_f_star,
    falls,
    first_bound,
    gap,
    gradient2,
    gradient_bound,
    gradient_rate,
    least_saturation,
    mean,
    over_runs,
    second_bound,
    third_of_145,
    third_of_147,
)
from .descent_terms import GRADIENT, F, G
from .gradient_runs import gathered, run_of, steps_of

Bound = Callable[[Instance, int], Any]


def _bounded(size: Size, bound: Bound, alpha: Assumption, says: str) -> ForAll:
    """The mean of a size over k < K is at most a bound, in runs of two steps."""
    return over_runs(lambda run: Sides(mean(run, STEPS, size), bound(run, STEPS)), STEPS, alpha, says)


def _as_printed(claim: ForAll) -> ForAll:
    """A claim about two steps that is not proved, where f* and F_max are the best bounds."""
    return replace(claim, domain=run_of(STEPS, HALF, sharp=True))


def _together(id: str, *claims: ForAll) -> Premise:
    """The claims of a proved chain, one after another."""
    return Premise(id, lambda run: sum(difference(claim.slack(run)) for claim in claims))


# (136)

USES_OF_136 = ("assumption-1", "text-j-4")
RATE_OF_136 = "alpha = 1/(2 L F_max), as in the proof of (136); A2 is not used"
RUNS = "runs of two steps, lib-telescope for any K"


@statement("theorem-6", source="App. J, Theorem 6, (136)", uses=["eq-145", *USES_OF_136], reading=RATE_OF_136)
def analog_gd() -> Form:
    """E_K <= 8 L (f(W_0) - f*) F_max^2 / K for the metric (135), here in runs of two steps."""
    return _as_printed(_bounded(printed_metric, third_of_145, HALF, "(136)"))


@statement(
    "theorem-6.amended-1",
    source="App. J, Theorem 6, (136)",
    amends="theorem-6",
    judgement="slip",
    reading=f"{SIGN}; {RATE_OF_136}; {RUNS}",
    uses=["eq-145.amended-1", "eq-135.amended-1", *USES_OF_136],
)
def analog_gd_repaired() -> Form:
    """E_K <= 8 L (f(W_0) - f*) F_max^2 / K for the metric with a plus; here for K = 2."""
    chain = _together("eq-145.amended-1", first_bound(metric, STEPS), second_bound(STEPS).claim)
    return Certified(_bounded(metric, third_of_145, HALF, "(136) with a plus"), (), (chain,))


RATIO = symbol("q_ratio", "positive")


def _responses(run: Instance, steps: int) -> tuple[Any, Any]:
    """The least and the largest response of a run."""
    found = [step[f"q_{sign}"] for step in steps_of(run, steps) for sign in ("plus", "minus")]
    return min(q.min() for q in found), max(q.max() for q in found)


def _per_gap(run: Instance, steps: int) -> Any:
    """The bound of the printed metric for a gap of 1."""
    return rates.analog_gd_rate_of_printed_metric(1, steps, run["F_max"], run["L"], *_responses(run, steps))


def _with_responses(run: Instance, steps: int) -> Any:
    return gap(run) * _per_gap(run, steps)


def _proved_for_the_printed_metric(steps: int) -> Certified:
    """By ||grad f F - |grad f| G||^2 <= (q_max/q_min) ||grad f||_M^2."""

    def at(run: Instance) -> Any:
        low, high = _responses(run, steps)
        return gathered(steps_of(run, steps), K=steps, q_ratio=high / low)

    def factor(run: Instance) -> Any:
        return _per_gap(run, steps)

    printed = (GRADIENT * F - sp.Abs(GRADIENT) * G) ** 2
    terms = (
        Term((RATIO * SATURATED - printed) / K, (sp.Abs(G) < F, F + sp.Abs(G) <= RATIO * (F - sp.Abs(G))), at),
        Term((1 + RATIO) * DRIFT2 / 2 / K, (), at),
        above_f_star(steps, factor),
    )
    claim = _bounded(printed_metric, _with_responses, HALF, "(136) with a factor")
    return Certified(claim, terms, (falls(steps, factor),))


@statement(
    "theorem-6.amended-2",
    source="App. J, Theorem 6, (136)",
    amends="theorem-6",
    judgement="error",
    reading=f"the metric as printed, minus, and a bound that grows with q_max/q_min; {RATE_OF_136}; {RUNS}",
    uses=["lib-analog-gd-falls", "definition-1", *USES_OF_136],
)
def analog_gd_with_a_factor() -> Form:
    """E_K <= 4 L (f(W_0) - f*) F_max^2 (1 + q_max/q_min) / K for the metric (135); here K = 2."""
    return _proved_for_the_printed_metric(STEPS)


# (137)

USES_OF_137 = ("assumption-1", "text-j-2", "eq-147")


@statement(
    "eq-137",
    source="App. J, Theorem 6, (137)",
    uses=USES_OF_137,
    reading=f"both ways of `Further`: for a run with the alpha of its own proof, alpha = 1/(L F_max), where it holds; "
    f"and for the run of (136): {RATE_OF_136}",
)
def gradient_of_the_same_run() -> Form:
    """The mean of ||grad f(W_k)||^2 is at most 2 L (f(W_0) - f*) F_max^2 / (K M_min), here in runs of two steps."""
    same = _as_printed(_bounded(gradient2, third_of_147, HALF, "(137) in a run of (136)"))
    return All((("with the alpha of its own proof", _of_its_own_run()), ("in the run of (136)", same)))


def _of_its_own_run() -> Certified:
    chain = _together("eq-147", gradient_bound(STEPS).claim, gradient_rate(STEPS).claim)
    return Certified(_bounded(gradient2, third_of_147, WHOLE, "(137) in a run of its own"), (), (chain,))


@statement(
    "eq-137.amended-1",
    source="App. J, Theorem 6, (137)",
    amends="eq-137",
    judgement="gap",
    reading=f"with alpha = 1/(L F_max), as in the proof of (137), for a run other than that of (136); {RUNS}",
    uses=USES_OF_137,
)
def gradient_of_its_own_run() -> Form:
    """For alpha = 1/(L F_max) the mean of ||grad f(W_k)||^2 is at most 2 L gap F_max^2 / (K M_min); here K = 2."""
    return _of_its_own_run()


@statement(
    "eq-137.amended-2",
    source="App. J, Theorem 6, (137)",
    amends="eq-137",
    judgement="gap",
    reading=f"twice the bound, for the run of (136): {RATE_OF_136}; {RUNS}",
    uses=USES_OF_137,
)
def gradient_of_the_same_run_repaired() -> Form:
    """For alpha = 1/(2 L F_max) the mean of ||grad f(W_k)||^2 is at most 4 L gap F_max^2 / (K M_min); here K = 2."""

    def doubled(run: Instance, steps: int) -> Any:
        return 2 * third_of_147(run, steps)

    def factor(run: Instance) -> Any:
        least = least_saturation(run, STEPS)
        return rates.analog_gd_gradient_bound(1, run["alpha"], STEPS, run["F_max"], least)

    chain = _together("eq-147", gradient_bound(STEPS).claim)
    claim = _bounded(gradient2, doubled, HALF, "twice (137) in a run of (136)")
    return Certified(claim, (above_f_star(STEPS + 1, factor),), (chain,))
