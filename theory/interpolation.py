"""Interpolating data: how large an asymmetry of the residual array Tiki-Taka bears when the noise vanishes at W*.

With labels y = A W* and one sample after another, sample i has the gradient a_i (a_i . v) at v = W - W*. In the limit
of small steps and slow transfer the residual array stands still where E g + E|g| R(0) = 0, (42) at P = 0, so W moves
along

    v' = -(H v + r (1/N) sum_i |a_i| |a_i . v|),    H = (1/N) sum_i a_i a_i^T,    r = |R(0)|,

up to the sign of v. The right-hand side is positively homogeneous: v = 0 is its only root until, at the critical ratio
r_c, it has a ray of them. So noise that vanishes at W* does not save a residual array that is asymmetric at 0.

Under a cap on the pulses of an update (`experiments.hardware.PulseCap`) a sample far enough from being fitted moves the
array by the cap times -sign(a_i . v) u_i, u_i = a_i / max_j |a_ij|, however large its error is. Once all are, W moves
down the convex function sum_i |u_i . v| + r c . v, c = sum_i |u_i|: v = 0 attracts where r c is inside the zonotope
{sum_i s_i u_i, |s_i| <= 1}, and elsewhere some direction leads away without end.

With ratios that differ from weight to weight, as R(W*) of Analog SGD does, r c becomes Diag(R) c and r |a_i| becomes
Diag(R) |a_i|; the critical ratio then counts in multiples of R.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import linprog

from .validate import finite_array, integer, reject

_ROUNDS = 2000
_SETTLED = 1e-13


@dataclass(frozen=True, eq=False)
class CriticalRatio:
    """The smallest ratio r at which H v + r (1/N) sum_i |a_i| |a_i . v| = 0 was found to have a solution v != 0.

    ratio: the smallest found by a local search, so the critical ratio is at most this; inf where none was found.
    lower: no ratio below it has a solution; proved, up to the rounding of one matrix norm.
    direction: v, of length 1, shaped (dim,). residual: the left-hand side's largest entry there, relative to H v.
    found, starts: of how many starts of the search so many came to this ratio.
    """

    ratio: float
    lower: float
    direction: np.ndarray
    residual: float
    found: int
    starts: int


def critical_ratio(A: Any, starts: int = 20, rng: int = 0, R: Any = 1.0) -> CriticalRatio:
    """The asymmetry |R(0)| from which Tiki-Taka no longer converges to W* on the samples A, shaped (N, dim).

    With `R`, one number or a vector (dim,), it is the smallest r with H v + r Diag(R) (1/N) sum_i |a_i| |a_i . v| = 0.

    Solutions are fixed rays of v -> -H^{-1} (1/N) sum_i |a_i| |a_i . v|, which stretches them by 1/r; they are searched
    by iterating that map from random starts. With one weight the ratio is 1 for any data.

    Below 1/||H^{-1/2} Diag(R) |A|^T / sqrt(N)||_2 there is none, because a solution has
    ||H^{1/2} v|| <= r ||H^{-1/2} Diag(R) |A|^T / sqrt(N)|| ||A v|| / sqrt(N), and ||A v||^2 / N = ||H^{1/2} v||^2.
    There ||v||^2 falls along the flow: with the same norm k, -v . Diag(R) (1/N) sum_i |a_i| |a_i . v| <= k v . H v.

    Raises ValueError for entries that are not finite, and for an H that is singular to working precision.
    """
    A, R = _checked(A, R)
    rows = A.shape[0]
    H, sizes = A.T @ A / rows, R[:, None] * np.abs(A).T / rows
    factor = np.linalg.cholesky(H)
    lower = _inverse(float(np.linalg.norm(np.linalg.solve(factor, sizes * np.sqrt(rows)), 2)))
    back, generator = np.linalg.solve(H, sizes), np.random.default_rng(rng)
    begun = generator.standard_normal((integer("starts", starts), A.shape[1]))
    rays = [ray for start in begun if (ray := _ray(back, A, start)) is not None]
    if not rays:
        return CriticalRatio(np.inf, float(lower), np.zeros(A.shape[1]), 0.0, 0, starts)
    ratio, v = min(rays, key=lambda ray: ray[0])
    left = H @ v + ratio * (sizes @ np.abs(A @ v))
    found = sum(abs(other - ratio) <= 1e-9 * ratio for other, _ in rays)
    return CriticalRatio(ratio, float(lower), v, float(np.abs(left).max() / np.abs(H @ v).max()), found, starts)


def _checked(A: Any, R: Any) -> tuple[np.ndarray, np.ndarray]:
    """The samples (N, dim) and the ratios (dim,)."""
    A = finite_array("A", A, (None, None))
    if A.shape[0] < A.shape[1] or np.linalg.cond(A) > 1e6:
        reject("A", A.shape, "must have as many independent rows as columns: else W* is not unique")
    return A, finite_array("R", np.broadcast_to(R, A.shape[1]) if np.ndim(R) == 0 else R, (A.shape[1],))


def _inverse(size: float) -> float:
    return 1 / size if size > 0 else np.inf


def capped_critical_ratio(A: Any, R: Any = 1.0) -> float:
    """The smallest r at which v = 0 no longer attracts once the cap holds for every sample; inf where there is none.

    r Diag(R) sum_i |u_i| leaves the zonotope of the u_i = a_i / max_j |a_ij| there; a linear programme finds where. The
    samples' sizes do not enter. Raises ValueError as `critical_ratio` does.
    """
    A, R = _checked(A, R)
    largest = np.abs(A).max(1, keepdims=True)
    directions = A / np.where(largest > 0, largest, 1)
    push = R * np.abs(directions).sum(0)
    if not push.any():
        return np.inf
    rows = len(A)
    bounds = [(-1, 1)] * rows + [(0, None)]
    aim = np.append(np.zeros(rows), -1)
    edges = np.column_stack([directions.T, -push])
    found = linprog(aim, A_eq=edges, b_eq=np.zeros(A.shape[1]), bounds=bounds)
    if not found.success:
        raise ArithmeticError(f"the linear programme of the cap failed: {found.message}")
    return float(found.x[-1])


def _ray(back: np.ndarray, A: np.ndarray, v: np.ndarray) -> tuple[float, np.ndarray] | None:
    """(r, v) of the ray that the iteration from v comes to; None where it does not settle."""
    v = v / np.linalg.norm(v)
    for _ in range(_ROUNDS):
        image = -back @ np.abs(A @ v)
        stretch = np.linalg.norm(image)
        if not stretch > 0:
            return None
        v, before = image / stretch, v
        if np.linalg.norm(v - before) <= _SETTLED * np.sqrt(v.size):
            return float(1 / stretch), v
    return None
