"""What becomes of random increments on an array: the moments of what is sent by the smooth update, pulses, a threshold.

On a zero-shifted linear device (F = 1, G = w/tau) an array that is sent the increment X becomes
w + q(X) - |q(X)| w/tau: q(X) = X for the smooth update (5), and for pulses (27) the level that ceil(|X| / dw_min) of
them reach. Increments, weights and dw_min are in units of weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.special import erf, ndtr

from .validate import nonnegative, positive, reject

OVERSHOOT = 0.5826  # by how much a Gaussian random walk overshoots a barrier, in the mean, in units of its step's std
REACH, NODES = 9.0, 721


@dataclass(frozen=True)
class Grain:
    """Counted pulses (26)-(27).

    Parameters
    ----------
    dw_min : granularity, > 0, in units of weight.
    sigma_c : cycle variation, >= 0, relative to dw_min.
    """

    dw_min: float
    sigma_c: float = 0.0

    def __post_init__(self) -> None:
        positive("dw_min", self.dw_min)
        nonnegative("sigma_c", self.sigma_c)


class Sent(NamedTuple):
    """Moments of what is sent, q(X), for a normal increment X.

    mean, size: E q and E|q|. gain, size_gain: their derivatives in E X, which are Cov(q, X)/Var X and Cov(|q|, X)/Var X
    (Stein's lemma). square, signed_square: E q^2 and E q|q|. pulses: how many are fired, in the mean.
    """

    mean: float
    size: float
    gain: float
    size_gain: float
    square: float
    signed_square: float
    pulses: float = 0.0


def smooth_sent(mean: float, std: float) -> Sent:
    """The moments of X itself, X ~ N(mean, std^2). Raises ValueError unless std > 0."""
    a = mean / positive("std", std)
    sign, peak = float(erf(a / np.sqrt(2))), 2 * std * float(_density(a))
    square = mean**2 + std**2
    return Sent(mean, peak + mean * sign, 1.0, sign, square, square * sign + mean * peak)


def pulsed_sent(mean: float, std: float, dw_min: float, tau: float) -> Sent:
    """The moments of what ceil(|X| / dw_min) pulses send on a linear device, X ~ N(mean, std^2).

    n pulses up move w by v_n (1 - w/tau) and down by -v_n (1 + w/tau), v_n = tau (1 - (1 - dw_min/tau)^n), exactly.
    So each moment is a sum over pulses: what the n-th adds, times the probability that it is fired. Raises ValueError
    unless std > 0 and 0 < dw_min < tau.
    """
    positive("std", std)
    if not positive("dw_min", dw_min) < tau:
        reject("dw_min", dw_min, f"must be < tau={tau}")
    before = dw_min * np.arange(int((abs(mean) + REACH * std) / dw_min) + 1)
    levels = tau * (1 - (1 - dw_min / tau) ** np.arange(before.size + 1))
    adds, squares = np.diff(levels), np.diff(levels**2)
    up, down = (mean - before) / std, (-mean - before) / std
    either, signed = ndtr(up) + ndtr(down), ndtr(up) - ndtr(down)
    near, far = _density(up) / std, _density(down) / std
    mean_sent, size = adds @ signed, adds @ either
    gains, moments = (adds @ (near + far), adds @ (near - far)), (squares @ either, squares @ signed)
    return Sent(*(float(x) for x in (mean_sent, size, *gains, *moments, either.sum())))


def onset(sent: Sent, dw_min: float) -> float:
    """The sigma_c at which cycle variation adds as much variance to an update as what is sent has already.

    Each pulse adds (dw_min sigma_c)^2 (26). Where many pulses make an update it is about sqrt(1.25 std/dw_min), where
    an update is one pulse it is 1. Raises ValueError for a smooth update, which has no pulses.
    """
    if not sent.pulses:
        reject("sent.pulses", sent.pulses, "must be > 0: what is sent by pulses")
    return float(np.sqrt((sent.square - sent.mean**2) / sent.pulses) / positive("dw_min", dw_min))


class Threshold(NamedTuple):
    """What a buffer H holds that fires a pulse at +-dw_min, just after that.

    square: E H^2, in units of weight squared. size_gain: dE|pulse|/dE pulse.
    """

    square: float
    size_gain: float


def threshold(drift: float, slow: float, fast: float, dw_min: float) -> Threshold:
    """A buffer that takes in v + fast xi a step, v ~ N(drift, slow^2) held for many steps, and fires at +-dw_min.

    From one pulse to the next the buffer walks from 0 to +-dw_min as a diffusion with drift. With v held, and
    y = v dw_min/fast^2, E|pulse| = v coth y and E H^2 = dw_min^2 (1/3 - (coth y - 1/y)/(2 y)): 1/6 of dw_min^2 where
    fast leads, 1/3 where v does. Both are averaged over v; the gain is Cov(E|pulse|, v)/slow^2 (Stein's lemma).
    Overshoot makes the way longer: dw_min (dw_min + 2 OVERSHOOT fast) stands for dw_min^2. Raises ValueError unless
    slow, fast and dw_min are > 0.
    """
    for name, value in (("slow", slow), ("fast", fast), ("dw_min", dw_min)):
        positive(name, value)
    unit = np.linspace(-REACH, REACH, NODES)
    weights = _density(unit) / _density(unit).sum()
    way = dw_min + 2 * OVERSHOOT * fast
    y = (drift + slow * unit) * way / fast**2
    y = np.where(abs(y) < 1e-3, 1e-3, y)
    size, held = y / np.tanh(y) * fast**2 / way, 1 / 3 - (1 / np.tanh(y) - 1 / y) / (2 * y)
    return Threshold(dw_min * way * float(weights @ held), float(weights * unit @ size) / slow)


def _density(x: Any) -> Any:
    return np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
