"""The stationary law of Analog SGD with one weight, by quadrature: no sampling, and no expansion in alpha.

The law is carried by a grid; what a step makes of a grid point is shared among the points nearby by hat functions, in
exact proportions. That keeps the mean of every step, and adds less than spacing^2/4 to its variance: all errors are of
the second order in the spacing, and two grids extrapolate them away.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from ..theory.noise import FiniteSupport, Gaussian, Noise, Rademacher, Rows
from ..theory.objective import Objective
from ..theory.response import ResponseFunction
from ..theory.validate import reject

REACH = 9.0
POINTS = 501


class Moments(NamedTuple):
    """E W - centre and E (W - centre)^2."""

    mean: float
    square: float


def stationary_moments(
    objective: Objective, device: ResponseFunction, noise: Noise, alpha: float, centre: float, std: float
) -> Moments:
    """Moments about `centre` of the stationary law, whose standard deviation is about `std`; from two grids.

    Raises ValueError for more than one weight, and for noise that is not Gaussian, Rademacher, FiniteSupport, Rows.
    """
    coarse, fine = (
        np.array(_moments(*stationary_law(objective, device, noise, alpha, centre, std, points), centre))
        for points in (POINTS, 2 * POINTS - 1)
    )
    return Moments(*(fine + (fine - coarse) / 3))


def _moments(grid: np.ndarray, mass: np.ndarray, centre: float) -> Moments:
    return Moments(float(mass @ (grid - centre)), float(mass @ (grid - centre) ** 2))


def stationary_law(
    objective: Objective, device: ResponseFunction, noise: Noise, alpha: float, centre: float, std: float, points: int
) -> tuple[np.ndarray, np.ndarray]:
    """The grid (points,), `REACH` standard deviations about the centre but inside the range, and its masses."""
    if objective.dim != 1:
        reject("objective.dim", objective.dim, "must be 1")
    low, high = (max(float(device.tau_min), centre - REACH * std), min(float(device.tau_max), centre + REACH * std))
    grid = np.linspace(low, high, points)
    kernel = _normal(objective, device, noise, alpha, grid) if isinstance(noise, Gaussian) else None
    if kernel is None:
        kernel = _discrete(objective, device, noise, alpha, grid)
    balance = kernel.T - np.eye(points)
    balance[-1] = 1.0  # the masses add up to 1, in the place of the balance of the last point
    return grid, np.linalg.solve(balance, np.eye(points)[-1])


def _normal(
    objective: Objective, device: ResponseFunction, noise: Gaussian, alpha: float, grid: np.ndarray
) -> np.ndarray:
    """Row i: how the step from grid[i] is shared, from E(y - W)_+ of the step's end W at every y of the grid."""
    m, s = np.asarray(objective.gradient(grid[:, None]))[:, 0][:, None], float(np.ravel(noise.std)[0])
    up, down = (np.broadcast_to(q, grid.shape)[:, None] for q in device.array_functions("q_plus", "q_minus")(grid))
    rise = grid[None, :] - grid[:, None]
    below = _excess(alpha * down * m, alpha * down * s, -rise)
    above = rise + alpha * _drift(m, s, up, down) + _excess(-alpha * up * m, alpha * up * s, rise)
    put = np.where(rise <= 0, below, above)
    hats = np.diff(put, 2, axis=1) / (grid[1] - grid[0])
    first = 1 - np.diff(put[:, -2:], axis=1) / (grid[1] - grid[0])
    last = np.diff(put[:, :2], axis=1) / (grid[1] - grid[0])
    return np.hstack([last, hats, first])


def _excess(mean: np.ndarray, std: np.ndarray, level: np.ndarray) -> np.ndarray:
    """E(X - level)_+ of a normal X."""
    z = (mean - level) / std
    return np.asarray(std * (np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) + z * ndtr(z)))


def _drift(m: np.ndarray, s: float, up: np.ndarray, down: np.ndarray) -> np.ndarray:
    """E g F + E|g| G, from the positive and the negative part of g."""
    return down * _excess(m, np.asarray(s), np.zeros(1)) - up * _excess(-m, np.asarray(s), np.zeros(1))


def _discrete(
    objective: Objective, device: ResponseFunction, noise: Noise, alpha: float, grid: np.ndarray
) -> np.ndarray:
    """The same for gradients with finitely many outcomes."""
    up, down = (np.broadcast_to(q, grid.shape)[:, None] for q in device.array_functions("q_plus", "q_minus")(grid))
    g, chances = _outcomes(objective, noise, grid)
    ends = np.clip(grid[:, None] - alpha * np.where(g > 0, down * g, up * g), grid[0], grid[-1])
    where = (ends - grid[0]) / (grid[1] - grid[0])
    left = np.minimum(where.astype(int), grid.size - 2)
    kernel, rows = np.zeros((grid.size, grid.size)), np.broadcast_to(np.arange(grid.size)[:, None], left.shape)
    np.add.at(kernel, (rows, left), chances * (left + 1 - where))
    np.add.at(kernel, (rows, left + 1), chances * (where - left))
    return kernel


def _outcomes(objective: Objective, noise: Noise, grid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All sample gradients at every point of the grid, (points, K), and their probabilities, (K,)."""
    if not isinstance(noise, Rademacher | FiniteSupport | Rows):
        reject("noise", noise, "must be Gaussian, Rademacher, FiniteSupport or Rows")
    mean = np.asarray(objective.gradient(grid[:, None]))
    match noise:
        case Rademacher():
            scale = float(np.ravel(noise.scale)[0])
            return mean + np.array([scale, -scale]), np.array([0.5, 0.5])
        case FiniteSupport():
            return mean + np.ravel(noise.points).astype(float), np.asarray(noise.probabilities, dtype=float)
        case Rows():
            problem = objective
            batches = np.array(noise.batches(problem.rows))
            each = problem.scale * problem.rows * problem.residuals(grid[:, None]) * problem.A[:, 0]
            return each[:, batches].mean(-1), np.full(len(batches), 1 / len(batches))
