"""Floors: where analog algorithms settle on least squares with noisy reading and granular weights (section 5).

Where the columns of A are orthonormal the coordinates of least squares part, so that one of them is predicted: gradient
h (w - w*) + sigma xi on zero-shifted linear devices. Means and covariances of the arrays determine each other. They are
found together by statistical linearisation: an increment is taken as normal with the mean and the variance that it has,
what is sent as the best linear function of it plus a remainder that is white noise. Bias and variance come out apart.

Symbols are the paper's; weights, increments and dw_min are in units of weight.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import solve_discrete_lyapunov

from .algorithm import ALL, AnalogSGD, ResidualLearning, TikiTaka
from .buffered import BufferedResidualLearning, ResidualLearningV2, TikiTakaV2
from .increments import OVERSHOOT, Grain, Sent, pulsed_sent, smooth_sent, threshold
from .validate import finite_array, nonnegative, positive, reject

Rule = AnalogSGD | ResidualLearning | TikiTaka | BufferedResidualLearning | ResidualLearningV2 | TikiTakaV2
RULES = (AnalogSGD, ResidualLearning, TikiTaka, BufferedResidualLearning, ResidualLearningV2, TikiTakaV2)
Grains = Mapping[str, Grain]

SPREAD = 2 / 3  # squared relative spread of the time in which a diffusion leaves an interval from its middle
ROUNDS, TOLERANCE = 500, 1e-8
W, P, H = 0, 1, 2


@dataclass(frozen=True)
class Coordinate:
    """One coordinate of least squares with orthonormal columns, on zero-shifted linear devices.

    Parameters
    ----------
    curvature : h, > 0.
    minimizer : w*, inside (-tau, tau).
    std : sigma of the normal gradient noise, > 0.
    tau : end of the dynamic range, > 0.
    """

    curvature: float
    minimizer: float
    std: float
    tau: float

    def __post_init__(self) -> None:
        for name in ("curvature", "std", "tau"):
            positive(name, getattr(self, name))
        if not abs(float(finite_array("minimizer", self.minimizer, ()))) < self.tau:
            reject("minimizer", self.minimizer, f"must be inside (-tau, tau), tau={self.tau}")


@dataclass(frozen=True)
class Floor:
    """Where one coordinate settles: stationary mean and covariance of the arrays (W, P, H), as many as there are.

    rate: pulses a step of a threshold transfer, NaN where there is none.
    """

    coordinate: Coordinate
    gamma: float
    mean: np.ndarray
    covariance: np.ndarray
    rate: float = float("nan")

    @property
    def bias(self) -> float:
        """E W - w*."""
        return float(self.mean[W] - self.coordinate.minimizer)

    @property
    def variance(self) -> float:
        """The variance of W."""
        return float(self.covariance[W, W])

    @property
    def error2(self) -> float:
        """E (W - w*)^2."""
        return self.bias**2 + self.variance

    @property
    def point_bias(self) -> float:
        """E Wbar - w*, Wbar = W + gamma P the point at which the gradient is taken."""
        return float(self._mixed @ self.mean - self.coordinate.minimizer)

    @property
    def point_variance(self) -> float:
        """The variance of Wbar."""
        return float(self._mixed @ self.covariance @ self._mixed)

    @property
    def excess(self) -> float:
        """E f(Wbar) - f*, of this coordinate."""
        return self.coordinate.curvature * (self.point_bias**2 + self.point_variance) / 2

    @property
    def _mixed(self) -> np.ndarray:
        return np.array([1.0, self.gamma, 0.0])[: self.mean.size]


class Moments(NamedTuple):
    """Moments of the arrays within a step, and how they come from those at its start.

    covariance = through @ (covariance at the start) @ through.T + noise.
    """

    mean: np.ndarray
    covariance: np.ndarray
    through: np.ndarray
    noise: np.ndarray


Stage = Callable[[Moments], Moments]


def _starting(mean: np.ndarray, covariance: np.ndarray) -> Moments:
    return Moments(mean, covariance, np.eye(mean.size), np.zeros((mean.size, mean.size)))


def _after(at: Moments, mean: np.ndarray, stage: np.ndarray, noise: np.ndarray) -> Moments:
    """The moments after a linear stage that adds white noise."""
    covariance, collected = (stage @ C @ stage.T + noise for C in (at.covariance, at.noise))
    return Moments(mean, covariance, stage @ at.through, collected)


@dataclass(frozen=True)
class Update:
    """An analog update of array `array` with the increment row @ (arrays) + offset + noise of that variance."""

    array: int
    row: np.ndarray
    offset: float
    variance: float
    grain: Grain | None
    tau: float

    def __call__(self, at: Moments) -> Moments:
        """The moments after it."""
        i, shared = self.array, at.covariance @ self.row
        variance = float(self.row @ shared) + self.variance
        sent = self.sent(float(self.row @ at.mean) + self.offset, variance)
        k = at.mean[i] / self.tau
        gain = sent.gain - k * sent.size_gain
        mean, stage, noise = at.mean.copy(), np.eye(at.mean.size), np.zeros((at.mean.size,) * 2)
        mean[i] += sent.mean - k * sent.size - sent.size_gain * shared[i] / self.tau
        stage[i, i] -= sent.size / self.tau
        stage[i] += gain * self.row
        product = (sent.square - sent.size**2) * at.covariance[i, i] / self.tau**2
        noise[i, i] = gain**2 * self.variance + _remainder(sent, k, gain, variance) + product + self._cycle(sent)
        return _after(at, mean, stage, noise)

    def sent(self, mean: float, variance: float) -> Sent:
        """The moments of what is sent."""
        std = float(np.sqrt(variance))
        return smooth_sent(mean, std) if self.grain is None else pulsed_sent(mean, std, self.grain.dw_min, self.tau)

    def _cycle(self, sent: Sent) -> float:
        """The variance that cycle variation adds (26)."""
        return 0.0 if self.grain is None else sent.pulses * (self.grain.dw_min * self.grain.sigma_c) ** 2


def _remainder(sent: Sent, k: float, gain: float, variance: float) -> float:
    """The variance of q - k|q| that is not linear in X."""
    whole = sent.square * (1 + k**2) - 2 * k * sent.signed_square - (sent.mean - k * sent.size) ** 2
    return max(whole - gain**2 * variance, 0.0)


@dataclass(frozen=True)
class Average:
    """A digital buffer H that becomes keep H + rate (P + noise), the noise of standard deviation `std`."""

    keep: float
    rate: float
    std: float

    def __call__(self, at: Moments) -> Moments:
        """The moments after it."""
        stage, noise = np.eye(3), np.zeros((3, 3))
        stage[H] = 0.0, self.rate, self.keep
        noise[H, H] = (self.rate * self.std) ** 2
        return _after(at, stage @ at.mean, stage, noise)


class Pulsing(NamedTuple):
    """What leaves a buffer by its threshold: E|pulse| in units of weight, its gain, and E pulse over E H."""

    size: float
    size_gain: float
    pull: float


@dataclass(frozen=True)
class Fire:
    """The threshold transfer of the buffer `average`: pulses of dw_min leave H for W."""

    average: Average
    dw_min: float
    tau: float

    def law(self, at: Moments) -> Pulsing:
        """What leaves the buffer, given the moments after a reading.

        A pulse changes H^2 by -dw_min (dw_min + 2 overshoot), a reading by what it brings. In the long run these
        cancel, which gives the number of pulses. What P brings counts as slow as far as it outlasts the buffer's
        way to the threshold, as fast noise of the same long-run variance for the rest. Where pulses are rarer than the
        buffer forgets, or come at nearly every step, it is off by a fifth and more (seen in simulation).
        """
        rate, leak, dw_min = self.average.rate, 1 - self.average.keep**2, self.dw_min
        spread, shared = at.covariance[P, P], max(at.covariance[H, P], rate * at.covariance[P, P])
        brought = rate**2 * (self.average.std**2 - spread - at.mean[P] ** 2)
        brought += 2 * rate * (shared + at.mean[H] * at.mean[P])
        pull = 0.5
        for _ in range(12):
            fades = max(rate * spread / shared - pull, 1e-3)
            lasting = pull / (pull + fades)
            fast = rate * float(np.sqrt(self.average.std**2 + 2 * (1 - lasting) * spread / fades))
            square, gain = threshold(rate * at.mean[P], rate * float(np.sqrt(lasting * spread)), fast, dw_min)
            over = OVERSHOOT * rate * float(np.sqrt(self.average.std**2 + spread))
            size = float(np.clip((brought - leak * square) / (dw_min + 2 * over), 1e-9 * dw_min, dw_min))
            pull = float(np.sqrt(pull * size * (dw_min + over) / (square + size * (dw_min + 2 * over))))
        return Pulsing(size, gain, pull)

    def __call__(self, at: Moments) -> Moments:
        """The moments after it: pulses are pull H plus white noise, which keeps E pulse^2 = dw_min E|pulse|."""
        size, gain, pull = self.law(at)
        sent, k = pull * at.mean[H], at.mean[W] / self.tau
        towards, squares = 1 - k * gain, self.dw_min * size
        moved = sent - k * size - gain * pull * at.covariance[W, H] / self.tau
        stage = np.array([[1 - size / self.tau, 0, towards * pull], [0, 1, 0], [0, 0, 1 - pull]])
        signed = max(squares - pull**2 * at.covariance[H, H] - sent**2, 0.0)
        into = np.array([towards, 0.0, -1.0])
        noise = signed * np.outer(into, into)
        noise[W, W] += k**2 * max(SPREAD - gain**2, 0.0) * squares
        return _after(at, at.mean + np.array([moved, 0.0, -sent]), stage, noise)


def stages(rule: Rule, coordinate: Coordinate, reading: float, grains: Grains) -> tuple[Stage, ...]:
    """The parts of one step, in order; the arrays are (W,), (W, P) or (W, P, H)."""
    alpha, h, tau = float(rule.alpha), coordinate.curvature, coordinate.tau
    offset, variance = alpha * h * coordinate.minimizer, (alpha * coordinate.std) ** 2
    if isinstance(rule, AnalogSGD):
        return (Update(W, np.array([-alpha * h]), offset, variance, grains.get("W"), tau),)
    beta, gamma = float(rule.beta), mixing(rule)
    size = 2 if isinstance(rule, ResidualLearning | TikiTaka) else 3
    slope = -alpha * h * np.array([1.0, gamma, 0.0])[:size]
    descent = Update(P, slope, offset, variance, grains.get("P"), tau)
    if isinstance(rule, ResidualLearning | TikiTaka):
        return descent, Update(W, np.array([0.0, beta]), 0.0, (beta * reading) ** 2, grains.get("W"), tau)
    if isinstance(rule, BufferedResidualLearning):
        rate = beta if rule.buffer is None else float(rule.buffer)
        sent = Update(W, np.array([0.0, 0.0, beta]), 0.0, 0.0, grains.get("W"), tau)
        return descent, Average(1 - rate, rate, reading), sent
    average = Average(1.0 if isinstance(rule, TikiTakaV2) else 1 - beta, beta, reading)
    return descent, average, Fire(average, float(rule.dw_min), tau)


def transferring(rule: Any, *allowed: type) -> None:
    """Raise ValueError unless `rule` is of an allowed kind and transfers all of P in every step."""
    if not isinstance(rule, allowed) or getattr(rule, "transfer", ALL) != ALL:
        reject("rule", rule, f"must be {' or '.join(kind.__name__ for kind in allowed)}, transferring in every step")


def dead_zone(rule: ResidualLearningV2) -> float:
    """How far from w* W may rest without any noise, gamma dw_min: |P| < dw_min never fills the buffer to the threshold.

    Wbar = W + gamma P is not touched by it. W moves in steps of about dw_min, so where gamma < 1/2 there may be no such
    place to rest; then W goes back and forth between two of its levels, on either side of w*.
    """
    transferring(rule, ResidualLearningV2)
    return float(rule.gamma * rule.dw_min)


def mixing(rule: Any) -> float:
    """The mixing coefficient gamma of a rule, 0 for one that has none."""
    return float(getattr(rule, "gamma", 0))


def floor(rule: Rule, coordinate: Coordinate, reading: float = 0.0, grains: Grains | None = None) -> Floor:
    """Where `rule` settles on that coordinate.

    Parameters
    ----------
    rule : with a transfer in every step, and numbers as its parameters.
    coordinate : the problem, its noise and its devices.
    reading : standard deviation >= 0 of the normal noise in reading P, in units of weight.
    grains : counted pulses for the arrays "W" and "P"; the smooth update (5) for those that have none. A threshold
        transfer sends one pulse of `rule.dw_min` and needs none.

    Raises
    ------
    ValueError
        For other rules or schedules, or a negative `reading`.
    ArithmeticError
        Where no stationary moments are found: the loop oscillates, see `oscillation.limit_cycle`.
    """
    nonnegative("reading", reading)
    transferring(rule, *RULES)
    parts = stages(rule, coordinate, reading, grains or {})
    mean, covariance = _settled(parts, *_start(rule, coordinate, parts))
    rate = float("nan")
    if isinstance(parts[-1], Fire):
        before = _through(parts[:-1], _starting(mean, covariance))
        rate = parts[-1].law(before).size / parts[-1].dw_min
    return Floor(coordinate, mixing(rule), mean, covariance, rate)


def _start(rule: Rule, coordinate: Coordinate, parts: tuple[Stage, ...]) -> tuple[np.ndarray, np.ndarray]:
    size = len(parts)
    mean = np.zeros(size)
    mean[W] = coordinate.minimizer
    return mean, np.eye(size) * float(rule.alpha) * coordinate.std**2


def _through(parts: tuple[Stage, ...], at: Moments) -> Moments:
    for stage in parts:
        at = stage(at)
    return at


def _settled(parts: tuple[Stage, ...], mean: np.ndarray, covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The moments that a step leaves as they are: Newton's step for the mean, Lyapunov's equation for the covariance.

    A loop that is unstable is so at this covariance, which is then too small: a larger one lowers the gain of pulses.
    """
    for _ in range(ROUNDS):
        at = _through(parts, _starting(mean, covariance))
        if abs(np.linalg.eigvals(at.through)).max() >= 1:
            covariance = 1.5 * covariance
            continue
        step = np.linalg.solve(np.eye(mean.size) - at.through, at.mean - mean)
        away = solve_discrete_lyapunov(at.through, at.noise) - covariance
        mean, covariance = mean + step, covariance + away / 2
        if abs(step).max() < TOLERANCE and abs(away).max() < TOLERANCE + 1e-5 * abs(covariance).max():
            return mean, covariance
    raise ArithmeticError("no stationary moments found: the loop oscillates, or its moments do not settle")
