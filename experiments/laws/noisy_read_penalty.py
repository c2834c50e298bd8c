"""Where W settles under a noisy, slow transfer: the step of Residual Learning simulated and extrapolated to the limit.

Without gradient noise the law is of beta -> 0: beta is t times what is given, t = 1, 1/2, 1/4. With it, alpha -> 0 and
beta/alpha -> 0 at fixed alpha sigma^2 and sigma/tau_P: alpha t, beta t^2, and sigma and the range of P over sqrt(t). A
parabola through the three means gives the limit; the interval has its sampling error, and how far the line through the
last two is off.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy import stats

from ...theory.algorithm import OnArray, Pair, ResidualLearning, smooth
from ...theory.law import Inputs
from ...theory.laws.arrays import devices_of
from ...theory.laws.noisy_read_penalty import LAW, residual_array
from ...theory.noise import Gaussian, GradientOracle, NoNoise
from ...theory.objective import Objective, Quadratic
from ...theory.response import ResponseFunction
from ..intervals import CONFIDENCE
from . import Interval

SCALES = (1.0, 0.5, 0.25)
PARABOLA, LINE = np.array([1 / 3, -2.0, 8 / 3]), np.array([0.0, -1.0, 2.0])
SEEDS, BURNED, KEPT = 1024, 5, 5  # seeds, and relaxation times of W that are left out and averaged over
LEAST = 200  # steps for either, at least


@dataclass(frozen=True)
class Loop:
    """Residual Learning with a noisy reading on one weight of a loss, on its devices; the range of P over `shrink`."""

    rule: ResidualLearning
    objective: Objective
    device_W: ResponseFunction
    device_P: ResponseFunction
    sigma: float
    reading: float
    shrink: float = 1.0

    def settled(self, start: float, steps: int, burned: int, seeds: int, rng: np.random.Generator) -> np.ndarray:
        """Means of W - w*, of Wbar - w* and of their squares over the steps after `burned`; shaped (2, 2, seeds)."""
        draw, state = self._drawer(seeds, rng), Pair(np.full((seeds, 1), start), np.zeros((seeds, 1)))
        W = OnArray(smooth(answer(self.device_W)))
        P = smooth(answer(self.device_P, self.shrink))
        noise = Gaussian(self.sigma) if self.sigma else NoNoise()
        total, minimizer = np.zeros((2, 2, seeds, 1)), np.asarray(self.objective.minimizer)
        for k in range(steps):
            xi, eps = draw()
            oracle = GradientOracle(self.objective, noise, self.sigma * xi if self.sigma else None)
            state = self.rule.step(state, oracle, {"W": W, "P": OnArray(P, partial(np.add, self.reading * eps))})
            if k >= burned:
                away = np.stack([state.W, self.rule.point(state)]) - minimizer
                total += away, away**2
        return total[..., 0] / (steps - burned)

    def _drawer(self, seeds: int, rng: np.random.Generator) -> Callable[[], np.ndarray]:
        """Gradient's and reading's noise of a step; seeds come in pairs of opposite reading noise."""

        def draw() -> np.ndarray:
            half = rng.standard_normal((2, seeds // 2, 1))
            return np.concatenate([half, -half], axis=1)

        return draw


def answer(device: ResponseFunction, shrink: float = 1.0) -> Callable[[Any], tuple[Any, Any]]:
    """F and G of the device at `shrink` times the weight, which has so a range over `shrink`."""
    functions = device.array_functions("F", "G")
    return lambda w: functions(shrink * w)


def loop(inputs: Inputs, scale: float, objective: Objective) -> Loop:
    """The loop at one scale t of the limit."""
    alpha, beta, sigma, root = inputs["alpha"], inputs["beta"], inputs["sigma"], np.sqrt(scale)
    if not sigma:
        root, scale = 1.0, np.sqrt(scale)
    rule = ResidualLearning(alpha * root**2, beta * scale**2, inputs["gamma"])
    return Loop(rule, objective, *devices_of(inputs), sigma / root, inputs["reading"], root)


def samples(inputs: Inputs, scale: float, objective: Objective, seeds: int, rng: np.random.Generator) -> np.ndarray:
    """Biases of W and Wbar at one scale, and their squares, the mean of each pair of seeds; shaped (2, 2, seeds/2)."""
    made, prediction = loop(inputs, scale, objective), LAW.predicts(inputs)
    P, start = residual_array(inputs, devices_of(inputs)[1]), inputs["w_star"] + prediction.values["bias_W"]
    F = float(np.asarray(devices_of(inputs)[0].array_functions("F")(np.asarray(start))[0]))
    relaxation = P.mixing / (made.rule.beta * F)
    burned, kept = (int(max(share * relaxation, LEAST)) for share in (BURNED, KEPT))
    found = made.settled(start, burned + kept, burned, seeds, rng)
    return np.asarray((found[..., : seeds // 2] + found[..., seeds // 2 :]) / 2)


def extrapolated(values: list[np.ndarray], together: int) -> list[Interval]:
    """The limit t -> 0 of each row's mean, from samples at `SCALES`."""
    means = np.array([v[0].mean(-1) for v in values])
    errors = np.array([stats.sem(v[0], axis=-1) for v in values])
    quantile = stats.norm.ppf(1 - (1 - CONFIDENCE) / (2 * together))
    limit, line = PARABOLA @ means, LINE @ means
    half = quantile * np.sqrt(PARABOLA**2 @ errors**2) + abs(limit - line)
    spread = np.sqrt(values[0][1].mean(-1) - means[0] ** 2)
    return [Interval(float(v), float(h), float(s)) for v, h, s in zip(limit, half, spread, strict=True)]


def measured(inputs: Inputs, seed: int = 0, seeds: int = SEEDS) -> dict[str, Interval]:
    """The biases of W and of Wbar."""
    if not (inputs["reading"] or inputs["sigma"]):
        return {}
    rng = np.random.default_rng([2502, seed])
    objective = Quadratic([[inputs["h"]]], [inputs["w_star"]])
    values = [samples(inputs, scale, objective, seeds, rng) for scale in SCALES]
    bias, point = extrapolated(values, 2)
    return {"bias_W": bias, "bias_Wbar": point}
