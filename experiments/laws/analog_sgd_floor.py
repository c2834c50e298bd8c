"""The floor of Analog SGD, simulated at three learning rates and extrapolated to alpha = 0.

A linear chain on the same noise, whose mean and variance are known, takes off most of what a run's average misses by
chance. It is laid through the predicted point; where that is wrong it takes off less, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from scipy.special import erf

from ...theory.algorithm import analog_update
from ...theory.law import Inputs
from ...theory.laws.analog_sgd_floor import NORMAL, device_of, noise_of, problem_of
from ...theory.noise import Noise
from ...theory.penalty import ImplicitPenalty
from . import Interval

SEEDS, RELAXATIONS, BURN = 1500, 60, 10  # seeds, and lengths in relaxation times of the slowest rate that is run
LEAST, SHARE, HALVINGS = 0.02, 0.1, 3  # alpha times the chain's rate in the first run; each further run halves it
FLUCTUATION = 3  # the first run's fluctuation of the gradient is at most so many times the floor, if `LEAST` allows
WEIGHTS = np.array([1 / 3, -2.0, 8 / 3])  # the extrapolation that removes alpha and alpha^2
TWO = np.array([0.0, -1.0, 2.0])  # and the one that removes alpha alone
MEASURED = ("w", "gradient2", "sigma2_S")
ROUNDING = 1e-12


class Chain(NamedTuple):
    """The linear chain Y <- (1 - alpha rate) Y - alpha eta: its rate, and what eta is at the predicted point."""

    rate: float
    gradient: float
    spread: float
    F: float
    G: float
    variance: float

    def noise(self, xi: np.ndarray) -> np.ndarray:
        """Eta: the increment less its mean."""
        return np.asarray(xi * self.F + (abs(self.gradient + xi) - self.spread) * self.G)


def _chain(inputs: Inputs) -> Chain:
    """What the chain is at the root of T. eta = xi F + (|g + xi| - E|g + xi|) G."""
    penalty = ImplicitPenalty(problem_of(inputs), device_of(inputs), noise_of(inputs))
    w = penalty.fixed_point
    gradient, sigma = float(penalty.objective.gradient(w)[0]), inputs["sigma"]
    F, G = (float(np.asarray(value).squeeze()) for value in device_of(inputs).array_functions("F", "G")(w))
    spread = float(penalty.abs_mean(w)[0])
    if inputs["noise"] == NORMAL:
        crossed = sigma**2 * erf(gradient / sigma / np.sqrt(2))
    else:
        crossed = sigma * (abs(gradient + sigma) - abs(gradient - sigma)) / 2
    variance = (sigma * F) ** 2 + 2 * F * G * crossed + G**2 * (gradient**2 + sigma**2 - spread**2)
    step = 1e-5 * (1 + abs(w))
    rate = float(((penalty.T(w + step) - penalty.T(w - step)) / (2 * step))[0]) * F
    return Chain(rate, gradient, spread, F, G, float(variance))


def _sampled(noise: Noise, rng: np.random.Generator, sigma: float) -> np.ndarray:
    drawn = rng.standard_normal(SEEDS) if hasattr(noise, "std") else 2.0 * rng.integers(0, 2, SEEDS) - 1.0
    return np.asarray(sigma * drawn)


def _averages(inputs: Inputs, chain: Chain, share: float, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """Time averages per seed of `MEASURED`, less their regression on the chain's; and the standard deviation of w."""
    device, h, sigma, noise = device_of(inputs), inputs["h"], inputs["sigma"], noise_of(inputs)
    responses, ends = device.array_functions("F", "G"), (float(device.tau_min), float(device.tau_max))
    alpha, relaxation = share / chain.rate, 1 / share
    W = np.full(SEEDS, inputs["w_star"] + chain.gradient / h)
    Y, sums, controls = np.zeros(SEEDS), np.zeros((len(MEASURED), SEEDS)), np.zeros((2, SEEDS))
    settled = alpha * chain.variance / (chain.rate * (2 - alpha * chain.rate))
    burn, count = int(BURN * relaxation), int(RELAXATIONS * relaxation)
    for k in range(burn + count):
        F, G = (value + 0 * W for value in responses(W))
        gradient, xi = h * (W - inputs["w_star"]), _sampled(noise, rng, sigma)
        if k >= burn:
            sums += np.stack([W, gradient**2, sigma**2 * G**2 / F])
            controls += np.stack([Y, Y**2 - settled])
        W = np.clip(analog_update(W, -alpha * (gradient + xi), F, G), *ends)
        Y = (1 - alpha * chain.rate) * Y - alpha * chain.noise(xi)
    return _controlled(sums / count, controls / count), float(np.sqrt(settled))


def _controlled(values: np.ndarray, controls: np.ndarray) -> np.ndarray:
    centred = controls - controls.mean(-1, keepdims=True)
    slopes = (values - values.mean(-1, keepdims=True)) @ centred.T @ np.linalg.inv(centred @ centred.T)
    return np.asarray(values - slopes @ controls)


def measured(inputs: Inputs, seed: int = 0) -> Mapping[str, Interval]:
    """The values at the floor, each with an interval that covers the extrapolation's own error.

    The latter is taken to be at most half of what removing alpha^2 changes.
    """
    chain, rng = _chain(inputs), np.random.default_rng([2502, seed])
    share = float(
        np.clip(2 * FLUCTUATION * (chain.gradient * chain.rate / inputs["h"]) ** 2 / chain.variance, LEAST, SHARE)
    )
    runs = [_averages(inputs, chain, share / 2**k, rng) for k in range(HALVINGS)]
    found: dict[str, Any] = {}
    for row, name in enumerate(MEASURED):
        samples = np.stack([values[row] for values, _ in runs])
        interval = Interval.of(WEIGHTS @ samples, len(MEASURED))
        change = abs(float(((WEIGHTS - TWO) @ samples).mean()))
        half = interval.half + change / 2 + ROUNDING
        found[name] = Interval(interval.value, half, runs[-1][1])
    return found
