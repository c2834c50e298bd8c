"""Intervals of means over seeds."""

from __future__ import annotations

import numpy as np
from scipy import stats

CONFIDENCE = 0.99


def interval(per_seed: np.ndarray, together: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Mean over the seeds (last axis), half-width of its t-interval; `together` of them hold at once (Bonferroni)."""
    seeds = per_seed.shape[-1]
    quantile = stats.t.ppf(1 - (1 - CONFIDENCE) / (2 * together), seeds - 1)
    return per_seed.mean(-1), quantile * stats.sem(per_seed, axis=-1)
