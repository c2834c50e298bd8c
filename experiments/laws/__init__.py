"""The laws of `theory.laws` held against simulation: a module each, under the same name.

`measured(inputs, seed)` simulates at a law's inputs and returns an `Interval` for each value that it can measure. The
intervals of one check hold together with `intervals.CONFIDENCE`: each module takes its quantile for as many as it
returns.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from ...theory.law import Inputs, Prediction
from ...theory.laws import MODULES
from ..intervals import interval

WIDTH = 0.03  # the largest half-width, as a share of the value, or of `scale` where zero is predicted
ZERO = 1e-6  # a prediction below this share of `scale` counts as zero


@dataclass(frozen=True)
class Interval:
    """A measured value with the half-width of its interval; `scale` is the stationary standard deviation, or NaN."""

    value: float
    half: float
    scale: float = math.nan

    @classmethod
    def of(cls, samples: Any, together: int = 1, scale: float = math.nan) -> Interval:
        """The t-interval of the mean of independent samples (n,), `together` of which hold at once (Bonferroni)."""
        value, half = interval(np.asarray(samples, dtype=float), together)
        return cls(float(value), float(half), scale)


@dataclass(frozen=True)
class Held:
    """One predicted value held against its interval: is it `inside`, and is the interval `sharp` enough to tell."""

    predicted: float
    measured: Interval

    @property
    def inside(self) -> bool:
        """Whether the prediction is in the interval."""
        return abs(self.predicted - self.measured.value) <= self.measured.half

    @property
    def sharp(self) -> bool:
        """Whether the half-width is at most 3 % of the value, or of the scale where zero is predicted."""
        zero = abs(self.predicted) <= ZERO * self.measured.scale
        return self.measured.half <= WIDTH * (self.measured.scale if zero else abs(self.measured.value))


def held(name: str, prediction: Prediction, inputs: Inputs, seed: int = 0) -> dict[str, Held]:
    """Every value of the law `name` that its check can measure, predicted and measured at `inputs`."""
    module = import_module(f"{__name__}.{MODULES[name]}")
    found: Mapping[str, Interval] = module.measured(inputs, seed)
    return {value: Held(_number(prediction, value), interval) for value, interval in found.items()}


def _number(prediction: Prediction, value: str) -> float:
    """The predicted number of that name; `std[1]` is entry 1 of the list std, `covariance[0][1]` one of its lists."""
    name, *entries = value.replace("]", "").split("[")
    found = prediction.values[name]
    for entry in entries:
        found = found[int(entry)]
    return float(found)


def told(one: Held) -> dict[str, Any]:
    """One held value as an object."""
    return {
        "predicted": one.predicted,
        "measured": one.measured.value,
        "half_width": one.measured.half,
        "inside": one.inside,
        "sharp": one.sharp,
    }
