"""The stationary law of Analog SGD with one weight, by quadrature: no sampling, and no expansion in alpha.

The law is carried by a grid; what a step makes of a grid point is shared among the points nearby by hat functions, in
exact proportions. That keeps the mean of every step, and adds less than spacing^2/4 to its variance: all errors are of
the second order in the spacing, and two grids extrapolate them away.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import spsolve
from scipy.special import ndtr

from ..theory.noise import FiniteSupport, Gaussian, Noise, Rademacher, Rows
from ..theory.objective import Objective
from ..theory.response import ResponseFunction
from ..theory.validate import reject

REACH, DENSE = 9.0, 0.2
INSET = 1e-6  # at the very end of a range a step in its direction has no spread
POINTS, POINTS_OF_OUTCOMES = 501, 2001  # of the coarser grid; outcomes are apart, so that theirs has to be finer


class Moments(NamedTuple):
    """E W - centre and E (W - centre)^2, and what the two grids leave unsure of either: less than what they changed."""

    mean: float
    square: float
    mean_error: float
    square_error: float


def stationary_moments(
    objective: Objective, device: ResponseFunction, noise: Noise, alpha: float, centre: float, std: float
) -> Moments:
    """Moments about `centre` of the stationary law, whose standard deviation is about `std`; from two grids.

    Raises ValueError for more than one weight, and for noise that is not Gaussian, Rademacher, FiniteSupport, Rows.
    """
    few = POINTS if isinstance(noise, Gaussian) else POINTS_OF_OUTCOMES
    coarse, fine = (
        _moments(*stationary_law(objective, device, noise, alpha, centre, std, points), centre)
        for points in (few, 2 * few - 1)
    )
    change = (fine - coarse) / 3
    return Moments(*(fine + change).tolist(), *abs(change).tolist())


def _moments(grid: np.ndarray, mass: np.ndarray, centre: float) -> np.ndarray:
    return np.array([mass @ (grid - centre), mass @ (grid - centre) ** 2])


def stationary_law(
    objective: Objective, device: ResponseFunction, noise: Noise, alpha: float, centre: float, std: float, points: int
) -> tuple[np.ndarray, np.ndarray]:
    """The grid (points,), `REACH` standard deviations about the centre but inside the range, and its masses."""
    if objective.dim != 1:
        reject("objective.dim", objective.dim, "must be 1")
    low, high = max(float(device.tau_min), centre - REACH * std), min(float(device.tau_max), centre + REACH * std)
    grid = np.linspace(low + INSET * (high - low), high - INSET * (high - low), points)
    if isinstance(noise, Gaussian):
        kernel = sparse.csr_array(_normal(objective, device, noise, alpha, grid))
    else:
        kernel = _discrete(objective, device, noise, alpha, grid)
    return grid, _left_alone(kernel)


def _left_alone(kernel: Any) -> np.ndarray:
    """The masses that a kernel leaves as they are: that of the middle point is taken as 1, then all add up to 1."""
    points, middle = kernel.shape[0], kernel.shape[0] // 2
    others = np.delete(np.arange(points), middle)
    balance = (kernel.T - sparse.eye_array(points)).tocsc()
    known = balance[others][:, [middle]].toarray()[:, 0]
    mass = np.ones(points)
    if isinstance(kernel, sparse.csr_array) and kernel.nnz > DENSE * points**2:
        mass[others] = -np.linalg.solve(balance[others][:, others].toarray(), known)
    else:
        mass[others] = -spsolve(balance[others][:, others], known)
    return np.asarray(mass / mass.sum())


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
    return np.asarray(down * _excess(m, np.asarray(s), np.zeros(1)) - up * _excess(-m, np.asarray(s), np.zeros(1)))


def _discrete(objective: Objective, device: ResponseFunction, noise: Noise, alpha: float, grid: np.ndarray) -> Any:
    """The same, sparse, for gradients with finitely many outcomes."""
    up, down = (np.broadcast_to(q, grid.shape)[:, None] for q in device.array_functions("q_plus", "q_minus")(grid))
    g, chances = _outcomes(objective, noise, grid)
    ends = np.clip(grid[:, None] - alpha * np.where(g > 0, down * g, up * g), grid[0], grid[-1])
    where = (ends - grid[0]) / (grid[1] - grid[0])
    left = np.minimum(where.astype(int), grid.size - 2)
    rows = np.broadcast_to(np.arange(grid.size)[:, None], left.shape)
    put = np.concatenate([chances * (left + 1 - where), chances * (where - left)], axis=1)
    at = np.concatenate([rows, rows], axis=1).ravel(), np.concatenate([left, left + 1], axis=1).ravel()
    return sparse.csr_array((put.ravel(), at), shape=(grid.size, grid.size))


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
            problem: Any = objective
            batches = np.array(noise.batches(int(problem.rows)))
            each = problem.scale * problem.rows * problem.residuals(grid[:, None]) * problem.A[:, 0]
            return each[:, batches].mean(-1), np.full(len(batches), 1 / len(batches))
