"""What a simulation keeps: thinned curves, time averages, final states, and how often bounds stopped an update."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from ..theory.objective import Objective
from ..theory.validate import integer, reject

Array = Any
CURVES = ("loss", "gradient_norm2", "error2")
_RECORDS = 200


@dataclass(frozen=True)
class Record:
    """What to keep of a run.

    Parameters
    ----------
    every : steps between two records of the curves; None keeps about 200 records.
    average_from : the step from which time averages of the arrays are taken; None takes none.
    """

    every: int | None = None
    average_from: int | None = None

    def __post_init__(self) -> None:
        if self.every is not None:
            integer("every", self.every)
        if self.average_from is not None:
            integer("average_from", self.average_from, at_least=0)

    def interval(self, steps: int) -> int:
        """Steps between two records of a run of `steps`."""
        return self.every or max(1, steps // _RECORDS)

    def at(self, steps: int) -> Array:
        """The recorded steps: 0, every, 2 every, ..., and the last state."""
        return np.append(np.arange(0, steps, self.interval(steps)), steps)

    def averages_from(self, steps: int) -> int:
        """The first averaged step, `steps` if none is; raises ValueError where it lies beyond the run."""
        if self.average_from is None:
            return steps
        if self.average_from >= steps:
            reject("average_from", self.average_from, f"must be < steps={steps}")
        return self.average_from


class TimeAverage:
    """Running mean and variance over time of one array, each seed and weight by itself.

    Deviations from the first value are summed, so that a variance much smaller than the mean loses no digits.
    """

    def __init__(self, first: Array) -> None:
        self._origin = first
        self._sum, self._squares, self._away = (np.zeros_like(first) for _ in range(3))
        self._count = 0

    def add(self, value: Array) -> None:
        """Take in the value at one more step."""
        np.subtract(value, self._origin, out=self._away)
        self._sum += self._away
        np.square(self._away, out=self._away)
        self._squares += self._away
        self._count += 1

    def mean(self) -> Array:
        """The mean over time."""
        return self._origin + self._sum / self._count

    def variance(self) -> Array:
        """The variance over time."""
        return np.maximum(self._squares / self._count - (self._sum / self._count) ** 2, 0.0)


def curves(problem: Objective, state: Any, point: Array) -> tuple[Array, Array, Array]:
    """Loss and ||grad f||^2 at the algorithm's point, and ||W - W*||^2 of the array W.

    Raises FloatingPointError where one of them is not finite.
    """
    slope, away = problem.gradient(point), state.W - problem.minimizer
    found = (problem.value(point), (slope * slope).sum(-1), (away * away).sum(-1))
    if not all(np.isfinite(curve).all() for curve in found):
        raise FloatingPointError("the loss, the gradient or the error is NaN or infinite")
    return found


class Results:
    """The arrays of a whole run, filled chunk by chunk, and their labels."""

    def __init__(self, arrays: Sequence[str], configurations: int, steps: Array, seeds: int, weights: int) -> None:
        self._steps = steps
        self._dims = {
            **dict.fromkeys(CURVES, ("configuration", "step", "seed")),
            "bound_fraction": ("configuration", "seed"),
            **dict.fromkeys(arrays, ("configuration", "seed", "weight")),
        }
        sizes = {"configuration": configurations, "step": len(steps), "seed": seeds, "weight": weights}
        self._data = {name: np.full([sizes[d] for d in dims], np.nan) for name, dims in self._dims.items()}
        self._late: Array = np.zeros((configurations, seeds))

    def put(self, configuration: int, seeds: slice, found: Mapping[str, Array], late: Array) -> None:
        """Keep what one configuration found for some seeds; `late` is its bound fraction late in the run."""
        for name, array in found.items():
            where = (..., seeds) if self._dims[name][-1] == "seed" else (seeds,)
            self._data[name][configuration][where] = array
        self._late[configuration, seeds] = late

    def saturated(self) -> Array:
        """Which configurations sat at their bounds: more than a tenth of their updates late in the run."""
        return self._late.mean(axis=1) > 0.1

    def dataset(self, labels: Mapping[str, Sequence[str]]) -> xr.Dataset:
        """The labelled result."""
        names = {key: ("configuration", np.asarray(values)) for key, values in labels.items()}
        variables = {name: (dims, self._data[name]) for name, dims in self._dims.items()}
        stuck = [str(label) for label, at in zip(labels["configuration"], self.saturated(), strict=True) if at]
        coords = {**names, "step": self._steps, "seed": np.arange(self._data["loss"].shape[-1])}
        return xr.Dataset(variables, coords, {"saturated": stuck})
