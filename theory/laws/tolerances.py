"""How imperfect hardware may be for Residual Learning to keep |E W - w*| within a target: laws read backwards.

The zero-shift error is `residual_offset` inverted, in closed form: at a bias b one weight's gradient is h b, and the
ratio that brings it there is v/E|v + xi|, v = h |b|/sigma. Granularity and cycle variation invert `floors.floor`, by
a root.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import brentq

from ..algorithm import ResidualLearning
from ..floors import Coordinate, Grains, floor
from ..increments import Grain
from ..law import Inputs, Law, Parameter, Prediction
from ..validate import nonnegative, positive
from .residual_offset import ratio

FLOOR_OFF = 0.13
"""By how much, relatively, the bias that `floors.floor` predicts may be off: it was up to 12 % low in simulations.

They had 24 settings: dw_min from 0.001 to 0.05, sigma_c 0 and 1.7, two readings, rates, mixings, minimisers and noises.
"""
FINEST, COARSEST, STEPS = 1e-5, 0.3, 24  # granularities that are tried, in units of tau
MOST_VARIATION = 10.0


class Answer(NamedTuple):
    """A largest allowed value, or None and the reason."""

    value: float | None
    reason: str = ""


def zero_shift_error(target: float, h: float, sigma: float, tau: float) -> float:
    """The largest |symmetric point| of a linear residual array at which |W - w*| <= target in the limit of small rates.

    h: curvature, sigma: standard deviation of normal gradient noise, tau: radius of the array. It is below tau.
    """
    return positive("tau", tau) * ratio(positive("target", target), positive("h", h), sigma)


def floor_bias(inputs: Inputs, grain: Grain | None = None) -> float:
    """|E W - w*| as `floors.floor` predicts it with that grain in both arrays. ArithmeticError where there is none."""
    rule = ResidualLearning(inputs["alpha"], inputs["beta"], inputs["gamma"])
    grains: Grains = {} if grain is None else dict.fromkeys(rule.arrays, grain)
    return abs(floor(rule, coordinate(inputs), inputs["reading"], grains).bias)


def coordinate(inputs: Inputs) -> Coordinate:
    """The coordinate of the inputs. Raises ValueError."""
    return Coordinate(inputs["h"], inputs["w_star"], inputs["sigma"], inputs["tau"])


def largest(bias: Callable[[float], float], target: float, tried: Any) -> Answer:
    """The value at which `bias` first exceeds the target, among the ascending ones `tried` and between them."""
    before = None
    for value in map(float, tried):
        try:
            above = bias(value) > target
        except ArithmeticError:
            return Answer(None, f"the bias stays below the target up to {before}, and at {value:.3g} there is no floor")
        if above and before is None:
            return Answer(None, f"at {value:.3g} already the bias exceeds the target")
        if above:
            return Answer(float(brentq(lambda at: bias(at) - target, before, value, xtol=1e-10, rtol=1e-9)))
        before = value
    return Answer(None, f"no value up to {before:.3g} brings the bias to the target")


SMOOTH, ROOM = "the smooth update keeps |bias| within the target", "w_star and the target are inside the range"
VALUES = ("zero_shift_error", "dw_min", "sigma_c", "smooth_bias")
ORDER = (
    "zero_shift_error: the limit of small alpha and beta/alpha; dw_min and sigma_c: no expansion but a linearisation, "
    f"by which the bias was up to 12 % too low in simulations; take {FLOOR_OFF:.0%} off the target to be safe"
)


def _predict(inputs: Inputs) -> Prediction:
    target, tau = float(positive("target", inputs["target"])), float(inputs["tau"])
    nonnegative("reading", inputs["reading"])
    grain = Grain(positive("granularity", inputs["granularity"]))
    offset = zero_shift_error(target, inputs["h"], inputs["sigma"], tau)
    room = abs(float(inputs["w_star"])) + target < tau
    try:
        smooth = floor_bias(inputs)
    except ArithmeticError as error:
        values = dict(zip(VALUES, (offset, None, None, None), strict=True))
        return Prediction(values, ORDER, {SMOOTH: False, ROOM: room}, {SMOOTH: str(error)})
    found = {"dw_min": Answer(None), "sigma_c": Answer(None)}
    if smooth <= target:
        sizes = np.geomspace(FINEST, COARSEST, STEPS) * tau
        found["dw_min"] = largest(lambda dw_min: floor_bias(inputs, Grain(dw_min)), target, sizes)
        variations = np.linspace(0, MOST_VARIATION, STEPS)
        found["sigma_c"] = largest(lambda c: floor_bias(inputs, Grain(grain.dw_min, c)), target, variations)
    conditions = {SMOOTH: smooth <= target, ROOM: room}
    values = {
        "zero_shift_error": offset,
        **{name: answer.value for name, answer in found.items()},
        "smooth_bias": smooth,
    }
    return Prediction(values, ORDER, conditions, _reasons(conditions, found, smooth))


def _reasons(conditions: dict[str, bool], found: dict[str, Answer], smooth: float) -> dict[str, str]:
    reasons = {name: answer.reason for name, answer in found.items() if answer.reason}
    if not conditions[SMOOTH]:
        reasons[SMOOTH] = f"it is {smooth:.4g} without any pulses: take smaller rates, or a larger target"
    if not conditions[ROOM]:
        reasons[ROOM] = "W cannot be that far from w_star on both sides"
    return reasons


LAW = Law(
    "tolerances",
    "the largest zero-shift error, granularity and cycle variation that keep the bias of Residual Learning in a target",
    (
        Parameter("target", "largest allowed |E W - w*|", "weight", 0.05),
        Parameter("h", "curvature of the objective", "loss/weight^2", 1.0),
        Parameter("w_star", "minimiser", "weight", 0.4),
        Parameter("sigma", "standard deviation of the gradient noise", "loss/weight", 0.5),
        Parameter("tau", "radius of the range of both arrays", "weight", 1.0),
        Parameter("alpha", "learning rate", "1", 0.05),
        Parameter("beta", "transfer rate", "1", 0.01),
        Parameter("gamma", "mixing coefficient", "1", 0.4),
        Parameter("reading", "standard deviation of the noise in reading the residual array", "weight", 0.0),
        Parameter("granularity", "dw_min of both arrays at which sigma_c is asked for", "weight", 0.01),
    ),
    _predict,
    figure="residual_offset",
    statements=("lib-law-offset-order",),
)
