"""Response curves composed pulse by pulse, compiled: a fit composes thousands of them."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit

Array = Any
FARTHEST = 5.0  # where a curve may start, in scaled units
_MOST = 30.0
LINE, POWER, EXPM1, EXP, CUBICS = range(5)


class Step(NamedTuple):
    """The step of one pulse at y, never negative: a kind and its numbers.

    LINE (p, s): p + s y. POWER (a, b, s, g): a (b + s y)^g. EXPM1 (a, b, s, k): a (exp(k (b + s y)) - 1).
    EXP (p, r, k): p + r exp(k y). CUBICS (cells, then four coefficients a cell, lowest power first): cubics in the
    distance from the cell's left end, in equal cells from -1 to 1, constant beyond.
    """

    kind: int
    numbers: np.ndarray

    def __call__(self, y: float) -> float:
        """The step at y."""
        return float(step_at(self.kind, self.numbers, float(y)))


class Steps(NamedTuple):
    """Steps of one pulse up and of one down; a pulse up ends at `high` at most, one down at `low`."""

    up: Step
    down: Step
    low: float
    high: float


def step(kind: int, *numbers: float) -> Step:
    """A step of that kind."""
    return Step(kind, np.array(numbers, dtype=np.float64))


@njit(cache=True)
def step_at(kind: int, c: Array, y: float) -> Any:
    """The step of one pulse at y."""
    if kind == LINE:
        return max(c[0] + c[1] * y, 0.0)
    if kind == EXP:
        return max(c[0] + c[1] * math.exp(c[2] * y), 0.0)
    if kind == CUBICS:
        cells = int(c[0])
        x = (min(max(y, -1.0), 1.0) + 1.0) * cells / 2
        k = min(int(x), cells - 1)
        d, at = (x - k) * 2 / cells, 1 + 4 * k
        return max(c[at] + d * (c[at + 1] + d * (c[at + 2] + d * c[at + 3])), 0.0)
    distance = c[1] + c[2] * y
    if distance <= 0:
        return 0.0
    return c[0] * distance ** c[3] if kind == POWER else c[0] * math.expm1(min(c[3] * distance, _MOST))


@njit(cache=True)
def _composed(
    kinds: tuple[int, int],
    up: Array,
    down: Array,
    low: float,
    high: float,
    start: float,
    turn: int,
    size: int,
    every: int,
) -> Array:
    found, y = np.empty(size), min(max(start, -FARTHEST), FARTHEST)
    found[0] = y
    for k in range(1, turn + 1):
        for _ in range(every):
            y = min(y + step_at(kinds[0], up, y), high)
        found[k] = y
    for k in range(turn + 1, size):
        for _ in range(every):
            y = max(y - step_at(kinds[1], down, y), low)
        found[k] = y
    return found


def composed(steps: Steps, start: float, turn: int, size: int, every: int = 1) -> np.ndarray:
    """The curve from `start`: `size` readings `every` pulses apart, up pulses to reading `turn`, then down pulses."""
    up, down, low, high = steps
    return np.asarray(
        _composed((up.kind, down.kind), up.numbers, down.numbers, low, high, float(start), turn, size, every)
    )
