"""The oscillation of a buffered transfer onto counted pulses that has no threshold, by the describing function.

Where |beta H| <= dw_min one pulse of the sign of H is fired at every step: a relay. Behind it W, P and H, one after
another, turn the phase by half a turn at some frequency, and there the loop swings whatever the noise.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq

from .buffered import BufferedResidualLearning
from .floors import Coordinate, Floor, H, P, W, transferring
from .increments import smooth_sent
from .validate import positive

ROUNDS, TOLERANCE, ANGLES = 400, 1e-8, 32


class Swing(NamedTuple):
    """Complex amplitudes of (W, P, H), and the means of W and H."""

    arrays: np.ndarray
    mean_W: float
    mean_H: float


def limit_cycle(rule: BufferedResidualLearning, coordinate: Coordinate, dw_min: float) -> Floor:
    """The mean and covariance of the swing, on a W with counted pulses of `dw_min` and a smooth P, read exactly.

    H swings as A sin(omega k) + B. The relay answers with 4 dw_min/pi cos(pi W/(2 tau)) sin(omega k), and with a mean
    that holds W against the decay of its own pulses: B = A sin(pi W/(2 tau)). Noise counts in E|g| alone, which damps
    P; its second harmonic is kept. The relay's harmonics are left out: they are
    filtered where w* = 0, less so elsewhere, where the swing is lopsided.

    Raises ValueError for other rules, ArithmeticError where |beta H| > dw_min, or where the swing does not settle.
    """
    transferring(rule, BufferedResidualLearning)
    positive("dw_min", dw_min)
    at = Swing(np.full(3, dw_min, dtype=complex), coordinate.minimizer, 0.0)
    for _ in range(ROUNDS):
        after = _balanced(rule, coordinate, dw_min, at)
        if np.allclose(_sizes(after), _sizes(at), rtol=0, atol=TOLERANCE):
            return _floor(rule, coordinate, dw_min, after)
        at = Swing((at.arrays + after.arrays) / 2, (at.mean_W + after.mean_W) / 2, after.mean_H)
    raise ArithmeticError("no limit cycle found: the swing does not settle")


def _sizes(at: Swing) -> np.ndarray:
    return np.array([*abs(at.arrays), at.mean_W, at.mean_H])


def _floor(rule: BufferedResidualLearning, coordinate: Coordinate, dw_min: float, at: Swing) -> Floor:
    if float(rule.beta) * (abs(at.arrays[H]) + abs(at.mean_H)) > dw_min:
        raise ArithmeticError("beta |H| goes beyond dw_min: more than one pulse is sent at once")
    mean = np.array([at.mean_W, at.mean_H, at.mean_H])
    return Floor(coordinate, float(rule.gamma), mean, np.outer(at.arrays, at.arrays.conj()).real / 2)


def _balanced(rule: BufferedResidualLearning, coordinate: Coordinate, dw_min: float, at: Swing) -> Swing:
    """The swing that the relay sustains where P is damped as it is in the swing `at`."""
    h, gamma, tau = coordinate.curvature, float(rule.gamma), coordinate.tau
    steady, turning = _gradient_size(coordinate, h * (at.arrays[W] + gamma * at.arrays[P]))
    damping = (steady + turning * at.arrays[P].conj() / at.arrays[P]) / tau
    lean = np.pi * at.mean_W / (2 * tau)
    arrays = 4 * dw_min / np.pi * np.cos(lean) * _response(_loop(rule, h, damping, dw_min / tau))
    mean_H = float(abs(arrays[H]) * np.sin(lean))
    return Swing(arrays, coordinate.minimizer - mean_H * (gamma + steady / (tau * h)), mean_H)


def _gradient_size(coordinate: Coordinate, swing: complex) -> tuple[float, complex]:
    """E|g| over a period of a gradient that swings in noise: its mean, half the amplitude of its second harmonic."""
    angles = 2 * np.pi * np.arange(ANGLES) / ANGLES
    sizes = np.array([smooth_sent(abs(swing) * np.cos(angle), coordinate.std).size for angle in angles])
    return float(sizes.mean()), (sizes * np.cos(2 * angles)).mean() * np.exp(2j * np.angle(swing))


def _loop(rule: BufferedResidualLearning, h: float, damping: complex, decay: float) -> np.ndarray:
    """One step of (W, P, H) without the pulse."""
    alpha, rate = float(rule.alpha), float(rule.beta if rule.buffer is None else rule.buffer)
    descent = np.array([-alpha * h, 1 - alpha * (h * float(rule.gamma) + damping), 0])
    return np.array([np.array([1 - decay, 0, 0]), descent, rate * descent + np.array([0, 0, 1 - rate])])


def _response(loop: np.ndarray) -> np.ndarray:
    """What (W, P, H) answer to pulses exp(i omega k) into W, at the omega at which H is in phase with them."""

    def answer(omega: float) -> complex:
        return complex(_answers(loop, np.array([omega]))[0, H])

    grid = np.geomspace(1e-4, 3.0, 400)
    found = _answers(loop, grid)[:, H]
    turns = np.flatnonzero((np.diff(np.sign(found.imag)) != 0) & (found.real[1:] > 0))
    if not turns.size:
        raise ArithmeticError("no limit cycle found: the loop is never in phase")
    first = int(turns[0])
    omega = brentq(lambda omega: answer(omega).imag, grid[first], grid[first + 1])
    return np.asarray(_answers(loop, np.array([omega]))[0])


def _answers(loop: np.ndarray, omegas: np.ndarray) -> np.ndarray:
    """(W, P, H) for each frequency."""
    z = np.exp(1j * omegas)
    right = z[:, None, None] * np.array([1.0, 0.0, 0.0])[:, None]
    return np.asarray(np.linalg.solve(z[:, None, None] * np.eye(3) - loop, right)[..., 0])
