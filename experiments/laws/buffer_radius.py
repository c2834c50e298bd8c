"""The buffer's radius, simulated: seeds of the recursion (14) itself, one number a seed from its time average."""

from __future__ import annotations

import numpy as np

from ...theory.buffered import averaged
from ...theory.law import Inputs
from . import Interval

SEEDS, LENGTHS = 20_000, 40  # seeds, and how many memories 1/b of the buffer a run has


def measured(inputs: Inputs, seed: int = 0) -> dict[str, Interval]:
    """std_H and mean_abs_H from the end of many independent runs."""
    rate, reading = inputs["buffer"], inputs["reading"]
    generator = np.random.default_rng([2502, seed])
    H, steps = np.zeros(SEEDS), int(np.ceil(LENGTHS / rate))
    for _ in range(steps):
        H = averaged(H, reading * generator.standard_normal(SEEDS), rate)
    square = Interval.of(H**2, 2)
    std = float(np.sqrt(square.value))
    return {"std_H": Interval(std, square.half / (2 * std), std), "mean_abs_H": Interval.of(abs(H), 2, std)}
