"""The bias of Residual Learning, simulated: many chains of the rule itself, beside linear ones on the same noise.

A linear chain (`linear_map`) follows the rule's chain closely and has the means 0 exactly, so that what the time
averages of both have in common is taken off: the intervals are several times narrower.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ...theory.law import Inputs
from ...theory.laws.residual_bias import setting
from ...theory.residual_law import Bias, Gradient, Setting, chain_start, linear_map, rule_step
from . import Interval

BURN, LENGTH = 8, 40  # relaxation times that are left out, and the least that are averaged


def measured(inputs: Inputs, seed: int = 0) -> dict[str, Interval]:
    """mean_P, bias_W and bias_Wbar over chains at the inputs' own rates."""
    return simulated(setting(inputs), seed)


@dataclass(frozen=True)
class Effort:
    """How many chains, and how many steps of each are averaged, at least and at most."""

    chains: int = 400
    shortest: int = 8_000
    longest: int = 40_000


_FULL = Effort()


def simulated(
    at: Setting, seed: int, effort: Effort = _FULL, together: int = 3, gradient: Gradient | None = None
) -> dict[str, Interval]:
    """The three means; `together` intervals hold at once. gradient: that of another loss with the same w* and h."""
    averages, controls, spread = _averages(at, np.random.default_rng([2502, seed]), effort, gradient)
    mixing = np.array([[1.0, 0.0], [0.0, 1.0], [at.gamma, 1.0]])
    scales = (spread[0], spread[1], spread[1])
    return {
        name: _controlled(mix @ averages, mix @ controls, together, float(scale))
        for name, mix, scale in zip(Bias._fields, mixing, scales, strict=True)
    }


def _controlled(values: np.ndarray, control: np.ndarray, together: int, scale: float) -> Interval:
    slope = np.cov(values, control)[0, 1] / control.var(ddof=1)
    return Interval.of(values - slope * control, together, scale)


def _averages(
    at: Setting, generator: np.random.Generator, effort: Effort, gradient: Gradient | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Time averages of (P, W - w*) of every chain, (2, chains), those of the linear chains, and the spread of both."""
    map_, push = linear_map(at)
    memory = -1 / math.log(np.abs(np.linalg.eigvals(map_)).max())
    first, steps = math.ceil(BURN * memory), min(max(math.ceil(LENGTH * memory), effort.shortest), effort.longest)
    chains = effort.chains
    step, state, linear = rule_step(at, gradient), chain_start(at, chains), np.zeros((len(push), chains))
    averages, controls = np.zeros((2, 2, chains))
    for k in range(first + steps):
        xi = generator.standard_normal(chains)
        state, linear = step(state, xi), map_ @ linear + push[:, None] * xi
        if k >= first:
            averages[0] += state.P
            averages[1] += state.W
            controls += linear[[0, -1]]
    averages /= steps
    averages[1] -= at.coordinate.minimizer
    return averages, controls / steps, np.array([np.std(state.P), np.std(state.W)])
