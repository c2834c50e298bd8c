"""The bias of Residual Learning at finite rates on one coordinate, with both arrays zero-shifted."""

from __future__ import annotations

from typing import Any

import numpy as np

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
REACH = 6.0  # standard deviations that must fit into the range
ORDER = "exact at the given rates; leading_order and leading_order_slow are of order alpha^(1/2)"
STABLE, INSIDE, CONVERGED = "the means contract", "the arrays stay inside their ranges", "the law is converged"

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
    found: dict[str, Any] = dict.fromkeys((*Bias._fields, "leading_order"))
    found["leading_order_slow"] = slow_bias(at)._asdict()
    conditions, reasons = {STABLE: contracts(at)}, {}
    if contracts_slowly(at):
        found["leading_order"] = leading_bias(at)._asdict()
    else:
        reasons["leading_order"] = (
            "with h beta/alpha >= kappa (kappa + buffer/alpha) the limit of small alpha oscillates"
        )
    if not contracts(at):
        reasons[STABLE] = "the loop of the arrays is unstable at these rates, so there is no stationary law"
        return Prediction(found, ORDER, conditions, reasons)
    try:
        found |= chain_bias(at)._asdict()
        apart = _apart(chain_bias(at), chain_bias(at, DEGREES[2 if at.buffer is None else 3] - 2), at.std_P)
        conditions[INSIDE] = _inside(at)
    except ArithmeticError as error:
        apart, reasons[CONVERGED] = np.inf, str(error)
    conditions[CONVERGED] = apart < EXACT
    if EXACT <= apart < np.inf:
        reasons[CONVERGED] = f"a lower degree of polynomials gives values that differ by {apart:.1e}"
    if not conditions.get(INSIDE, True):
        reasons[INSIDE] = f"{REACH:g} standard deviations of W or P, or of a step of P, reach a bound"
    return Prediction(found, ORDER, conditions, reasons)


def _apart(bias: Bias, lower: Bias, spread: float) -> float:
    """The largest relative difference; what is below a thousandth of the spread of P counts as that."""
    return max(abs(one - other) / max(abs(one), 1e-3 * spread) for one, other in zip(bias, lower, strict=True))


def _inside(at: Setting) -> bool:
    """Whether the bulk of the law, and a step from there, stay inside the ranges of P and W."""
    law = chain_law(at, 6)
    mean = law.mean(law.points)
    spread = law.mean((law.points - mean[:, None]) ** 2) ** 0.5
    ends = abs(mean) + REACH * spread
    step = REACH * float(at.rule.alpha) * at.coordinate.std
    return bool(ends[0] + step < at.tau_P and ends[-1] < at.coordinate.tau)


LAW = Law(
    "residual-bias",
    "the bias that Residual Learning keeps at finite rates, with zero-shifted arrays",
    PARAMETERS,
    lambda inputs: predicted(setting(inputs)),
    figure="residual_bias",
    statements=("lib-law-leak", "lib-law-residual-spread", "lib-law-residual-bias"),
)
