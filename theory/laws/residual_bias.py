"""The bias of Residual Learning at finite rates on one coordinate, with both arrays zero-shifted."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from ..algorithm import ResidualLearning
from ..floors import Coordinate
from ..law import Inputs, Law, Parameter, Prediction
from ..residual_law import (
    DEGREES,
    Bias,
    Setting,
    chain_bias,
    chain_law,
    contracts,
    contracts_slowly,
    leading_bias,
    slow_bias,
)
from ..validate import nonnegative, positive, reject

EXACT = 1e-2  # relative change with the degree that counts as converged: a third of the width that is held against it
LOOSE = 3e-2  # the same for the limit, which no simulation is held against
LOWEST = 6
REACH = 6.0  # standard deviations of a step that must fit into the range
ORDER = "exact at the given rates; leading_order and leading_order_slow are of order alpha^(1/2)"
STABLE, INSIDE, CONVERGED = "the means contract", "no step reaches across a range", "the law is converged"

PARAMETERS = (
    Parameter("h", "curvature", "1", 1.0),
    Parameter("w_star", "minimiser w*, inside (-tau, tau)", "weight", 0.5),
    Parameter("sigma", "standard deviation of the normal gradient noise", "gradient", 0.25),
    Parameter("tau", "end of the range of W", "weight", 1.0),
    Parameter("tau_P", "end of the range of P", "weight", 1.0),
    Parameter("gamma", "mixing coefficient of P", "1", 0.4),
    Parameter("alpha", "learning rate", "1/curvature", 0.05),
    Parameter("beta", "transfer rate", "1", 0.01),
)


def coordinate(inputs: Inputs) -> Coordinate:
    """The problem of these inputs. Raises ValueError where w* is not inside the range of W, and for other bad input."""
    for name in ("h", "sigma", "tau", "tau_P", "alpha", "beta"):
        positive(name, inputs[name])
    nonnegative("gamma", inputs["gamma"])
    if not abs(inputs["w_star"]) < inputs["tau"]:
        reject("w_star", inputs["w_star"], f"must be inside (-tau, tau), tau={inputs['tau']}")
    return Coordinate(inputs["h"], inputs["w_star"], inputs["sigma"], inputs["tau"])


def setting(inputs: Inputs) -> Setting:
    """The setting of these inputs."""
    rule = ResidualLearning(inputs["alpha"], inputs["beta"], inputs["gamma"])
    return Setting(rule, coordinate(inputs), inputs["tau_P"])


def predicted(at: Setting) -> Prediction:
    """Means of the stationary law at the rates of `at`, and both limits, each with the conditions that it needs."""
    found: dict[str, Any] = dict.fromkeys((*Bias._fields, "leading_order", "leading_order_slow"))
    found["leading_order_slow"] = slow_bias(at)._asdict()
    found["leading_order"], why = _leading(at)
    conditions, reasons = {STABLE: contracts(at)}, {"leading_order": why} if why else {}
    if not conditions[STABLE]:
        reasons[STABLE] = "the loop of the arrays is unstable at these rates, so there is no stationary law"
        return Prediction(found, ORDER, conditions, reasons)
    bias, why = _settled(chain_bias, at, EXACT)
    conditions[CONVERGED] = bias is not None
    if bias is None:
        return Prediction(found, ORDER, conditions, reasons | {CONVERGED: why})
    conditions[INSIDE] = _inside(at)
    if not conditions[INSIDE]:
        reasons[INSIDE] = f"{REACH:g} standard deviations of a step are longer than the range, so that a bound stops it"
    return Prediction(found | bias, ORDER, conditions, reasons)


def _leading(at: Setting) -> tuple[dict[str, float] | None, str]:
    """The limit of small alpha, or None with the reason."""
    if not contracts_slowly(at):
        return None, "h beta/alpha >= kappa (kappa + buffer/alpha): the limit of small alpha oscillates"
    return _settled(leading_bias, at, LOOSE)


def _settled(
    bias_of: Callable[[Setting, int], Bias], at: Setting, allowed: float
) -> tuple[dict[str, float] | None, str]:
    """The bias at the highest degree of polynomials that the next lower one agrees with, or None with the reason.

    A law that is skewed much has a tail that high degrees do not follow.
    """
    highest = DEGREES[at.arrays]
    for bias, lower in pairwise(_at_degree(bias_of, at, degree) for degree in range(highest, LOWEST - 3, -2)):
        if bias is not None and lower is not None and _apart(bias, lower, at.std_P) < allowed:
            return bias._asdict(), ""
    return None, f"polynomials up to degree {highest} do not settle on a law: W is too skewed for them"


def _at_degree(bias_of: Callable[[Setting, int], Bias], at: Setting, degree: int) -> Bias | None:
    try:
        return bias_of(at, degree)
    except ArithmeticError:
        return None


def _apart(bias: Bias, lower: Bias, spread: float) -> float:
    """The largest relative difference; what is below a thousandth of the spread of P counts as that."""
    return max(abs(one - other) / max(abs(one), 1e-3 * spread) for one, other in zip(bias, lower, strict=True))


def _inside(at: Setting) -> bool:
    """Whether no step is longer than a range, up to that many standard deviations: then (5) itself keeps the bounds."""
    law = chain_law(at, LOWEST)
    P, *buffer, W = law.points
    sent = buffer[0] if buffer else P
    gradient = at.coordinate.curvature * (W + at.gamma * P - at.coordinate.minimizer)
    longest_P = REACH * float(at.rule.alpha) * (law.mean(gradient**2) + at.coordinate.std**2) ** 0.5
    longest_W = REACH * float(at.rule.beta) * law.mean(sent**2) ** 0.5
    return bool(longest_P < at.tau_P and longest_W < at.coordinate.tau)


LAW = Law(
    "residual-bias",
    "the bias that Residual Learning keeps at finite rates, with zero-shifted arrays",
    PARAMETERS,
    lambda inputs: predicted(setting(inputs)),
    figure="residual_bias",
    statements=("lib-law-rates-bias", "lib-law-leak", "lib-law-residual-spread", "lib-law-residual-bias"),
)
