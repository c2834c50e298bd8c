"""Tolerances held against simulation at the hardware they allow: there |bias| should be the target.

What is measured is the bias; told is the hardware that the target would take, by the slope of the prediction there.
For pulses the interval is widened by how far the prediction itself may be off, and so is too wide to be sharp.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...theory.algorithm import ResidualLearning
from ...theory.increments import Grain
from ...theory.law import Inputs
from ...theory.laws.residual_offset import offset_device, residual_offset
from ...theory.laws.tolerances import FLOOR_OFF, LAW, coordinate, floor_bias
from ...theory.noise import Gaussian
from ...theory.objective import Quadratic
from ...theory.response import linear
from ..engine import simulate
from ..pulses import Pulses
from ..record import Record
from ..settled import noisy
from . import Interval
from .residual_offset import CHECK, Setting, biases, extrapolated

SEEDS, WEIGHTS, AVERAGE, FORGET, LEAST = 64, 8, 40.0, 10.0, 2000
STEP = 1e-3


def measured(inputs: Inputs, seed: int = 0) -> dict[str, Interval]:
    """All tolerances that there are."""
    said, target = LAW.predicts(inputs).values, float(inputs["target"])
    found = {"zero_shift_error": _offset(inputs, said["zero_shift_error"], seed)}
    if said["dw_min"] is not None:
        bias = pulsed_bias(inputs, Grain(said["dw_min"]), seed)
        found["dw_min"] = hardware(allowing(bias), target, said["dw_min"], lambda size: floor_bias(inputs, Grain(size)))
    if said["sigma_c"] is not None:
        size = float(inputs["granularity"])
        bias = pulsed_bias(inputs, Grain(size, said["sigma_c"]), seed)
        found["sigma_c"] = hardware(
            allowing(bias), target, said["sigma_c"], lambda c: floor_bias(inputs, Grain(size, c))
        )
    return found


def hardware(bias: Interval, target: float, at: float, law: Callable[[float], float]) -> Interval:
    """The value that the target takes, from the bias measured at the value `at` and the slope of the law there."""
    slope = (law(at * (1 + STEP)) - law(at * (1 - STEP))) / (2 * STEP * at)
    return Interval(at + (target - bias.value) / slope, bias.half / slope)


def _offset(inputs: Inputs, offset: float, seed: int) -> Interval:
    h, w_star, noise, tau = float(inputs["h"]), float(inputs["w_star"]), Gaussian(inputs["sigma"]), float(inputs["tau"])
    objective, sign = Quadratic([[h]], [w_star]), -1.0 if w_star > 0 else 1.0

    def law(size: float) -> Any:
        return residual_offset(objective, linear(tau), offset_device(tau, sign * size), noise)

    found = law(offset)
    run = Setting(objective, linear(tau), offset_device(tau, sign * offset), noise, found.residual)
    runs = biases(run, float(inputs["gamma"]), [2502, seed], CHECK)
    bias = extrapolated(abs(runs[:, :, 0] + found.biases[0][0]), CHECK.nodes, 3)
    return hardware(bias, float(inputs["target"]), offset, lambda size: abs(float(law(size).biases[0][0])))


def pulsed_bias(inputs: Inputs, grain: Grain, seed: int) -> Interval:
    """|E W - w*| of Residual Learning with counted pulses, over independent weights of the same kind."""
    at, rule = coordinate(inputs), ResidualLearning(inputs["alpha"], inputs["beta"], inputs["gamma"])
    relaxation = (rule.gamma * at.curvature + at.std / at.tau) / (rule.beta * at.curvature)
    first = int(FORGET * relaxation)
    runs = simulate(
        rule,
        Quadratic(at.curvature * np.eye(WEIGHTS), np.full(WEIGHTS, at.minimizer)),
        linear(at.tau),
        noise=Gaussian(at.std),
        start=np.full(WEIGHTS, at.minimizer),
        steps=first + max(LEAST, int(AVERAGE * relaxation)),
        seeds=SEEDS,
        record=Record(every=1000, average_from=first),
        hardware=Pulses(grain.dw_min, sigma_c=grain.sigma_c),
        reading=noisy(float(inputs["reading"])),
        rng=np.random.SeedSequence([2502, seed]),
    )
    return Interval.of(abs(runs["mean_W"].values[0].mean(-1) - at.minimizer), 3)


def allowing(bias: Interval) -> Interval:
    """The interval of a bias, widened by what the law may be off."""
    return Interval(bias.value, bias.half + FLOOR_OFF * bias.value)
