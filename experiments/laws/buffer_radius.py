"""The buffer's radius, simulated: many runs of the recursion (14) itself, on a P that moves by itself, or rests."""

from __future__ import annotations

import numpy as np

from ...theory.buffered import averaged
from ...theory.law import Inputs
from . import Interval

SEEDS, LENGTHS = 40_000, 20  # seeds, and how many memories of the slower of buffer and P a run has


def measured(inputs: Inputs, seed: int = 0) -> dict[str, Interval]:
    """std_H, mean_abs_H and off_P from the end of many independent runs."""
    rate, reading, std, memory = (float(inputs[name]) for name in ("buffer", "reading", "std_P", "memory_P"))
    generator = np.random.default_rng([2502, seed])
    H, P, fresh = np.zeros(SEEDS), np.zeros(SEEDS), std * np.sqrt(1 - memory**2)
    steps = int(np.ceil(LENGTHS / (1 - max(abs(1 - rate), abs(memory)))))
    for _ in range(steps):
        P = memory * P + (fresh * generator.standard_normal(SEEDS) if std else 0.0)
        H = averaged(H, P + reading * generator.standard_normal(SEEDS), rate)
    spread = _root(H, 3)
    return {"std_H": spread, "mean_abs_H": Interval.of(abs(H), 3, spread.value), "off_P": _root(H - P, 3)}


def _root(samples: np.ndarray, together: int) -> Interval:
    """The root of the mean square."""
    square = Interval.of(samples**2, together)
    root = float(np.sqrt(square.value))
    return Interval(root, square.half / (2 * root) if root else 0.0, root)
