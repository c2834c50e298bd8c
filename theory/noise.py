"""Gradient noise: how the stochastic gradient grad f(W; xi) differs from the gradient.

A noise is an object of its own, so that any objective goes with any noise. It draws raw randomness for a block of steps
of one seed, turns it into sample gradients, and knows its moments: the total variance E||grad f(W; xi) - grad f(W)||^2
(assumption A2's sigma^2) and E|grad f(W; xi)|, element-wise (Theorem 1's Sigma, at W*), exactly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import comb
from typing import Any, NamedTuple, Protocol

import numpy as np
import sympy as sp

from .compile import array_function
from .objective import Array, LeastSquares, Objective, numbers
from .symbols import symbol
from .validate import integer, positive, reject

_ENUMERATED = 20_000


def folded_normal(a: Any, s: Any) -> sp.Expr:
    """E|a + s xi| for a standard normal xi: s sqrt(2/pi) exp(-a^2 / (2 s^2)) + a erf(a / (s sqrt 2)), with s > 0."""
    return s * sp.sqrt(2 / sp.pi) * sp.exp(-(a**2) / (2 * s**2)) + a * sp.erf(a / (s * sp.sqrt(2)))


class Noise(Protocol):
    """A law of stochastic gradients with E grad f(W; xi) = grad f(W)."""

    def draw(self, rng: np.random.Generator, steps: int, objective: Objective) -> Array:
        """Raw randomness of `steps` steps of one seed, shaped (steps, ...); None where there is none."""

    def gradients(self, objective: Objective, W: Array, xi: Array) -> Sequence[Array]:
        """Sample gradients at W (..., dim), in the order in which they are applied; xi (..., ...) is one step's."""

    def abs_mean(self, objective: Objective, W: Array) -> Array:
        """E|grad f(W; xi)|, shaped (..., dim)."""

    def variance(self, objective: Objective, W: Array) -> Any:
        """E||grad f(W; xi) - grad f(W)||^2, shaped (...), or one number where it does not depend on W."""


class GradientOracle(NamedTuple):
    """The gradients of an objective under one step's noise, after k steps: what an algorithm's step asks."""

    objective: Objective
    noise: Noise
    xi: Array = None
    k: int = 0

    def sample(self, W: Array) -> Sequence[Array]:
        """Stochastic gradients at W, in the order in which the hardware applies them."""
        return self.noise.gradients(self.objective, W, self.xi)

    def full(self, W: Array) -> Array:
        """The exact gradient at W."""
        return self.objective.gradient(W)


@dataclass(frozen=True)
class NoNoise:
    """The exact gradient."""

    def draw(self, rng: np.random.Generator, steps: int, objective: Objective) -> None:  # noqa: ARG002
        """Nothing."""
        return

    def gradients(self, objective: Objective, W: Array, xi: Array) -> list[Array]:  # noqa: ARG002
        """The gradient."""
        return [objective.gradient(W)]

    def abs_mean(self, objective: Objective, W: Array) -> Array:
        """|grad f(W)|."""
        return abs(objective.gradient(W))

    def variance(self, objective: Objective, W: Array) -> int:  # noqa: ARG002
        """Zero."""
        return 0


@dataclass(frozen=True, eq=False)
class Gaussian:
    """grad f(W) + xi, xi normal and independent in each coordinate.

    Parameters
    ----------
    std : standard deviation > 0, one number or one a coordinate, shape (dim,). Without noise use `NoNoise()`.
    """

    std: Any

    def __post_init__(self) -> None:
        std = _positive_scale("std", self.std)
        object.__setattr__(self, "std", float(std) if np.ndim(std) == 0 else std.astype(np.float64))

    def draw(self, rng: np.random.Generator, steps: int, objective: Objective) -> Array:
        """Normal numbers of the given standard deviation, shaped (steps, dim)."""
        normal = rng.standard_normal((steps, objective.dim))
        normal *= _spread("std", self.std, objective)
        return normal

    def gradients(self, objective: Objective, W: Array, xi: Array) -> list[Array]:
        """The gradient plus xi."""
        return [objective.gradient(W) + xi]

    def abs_mean(self, objective: Objective, W: Array) -> Array:
        """The folded normal's mean."""
        a, s = symbol("g"), symbol("sigma", "positive")
        std = np.broadcast_to(_spread("std", self.std, objective), W.shape)
        return array_function((a, s), (folded_normal(a, s),))(objective.gradient(W), std)[0]

    def variance(self, objective: Objective, W: Array) -> Any:  # noqa: ARG002
        """The sum of the coordinates' variances."""
        return np.broadcast_to(_spread("std", self.std, objective) ** 2, (objective.dim,)).sum()


@dataclass(frozen=True, eq=False)
class Rademacher:
    """grad f(W) +- scale with independent fair signs in each coordinate.

    Parameters
    ----------
    scale : the size > 0, one number or one a coordinate, shape (dim,).
    """

    scale: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", _positive_scale("scale", self.scale))

    def draw(self, rng: np.random.Generator, steps: int, objective: Objective) -> Array:
        """Signs times the scale, shaped (steps, dim)."""
        signs = 2.0 * rng.integers(0, 2, size=(steps, objective.dim), dtype=np.int8) - 1.0
        return signs * np.asarray(_spread("scale", self.scale, objective), dtype=np.float64)

    def gradients(self, objective: Objective, W: Array, xi: Array) -> list[Array]:
        """The gradient plus xi."""
        return [objective.gradient(W) + xi]

    def abs_mean(self, objective: Objective, W: Array) -> Array:
        """(|g + scale| + |g - scale|) / 2."""
        g, s = objective.gradient(W), _spread("scale", self.scale, objective)
        return (abs(g + s) + abs(g - s)) / 2

    def variance(self, objective: Objective, W: Array) -> Any:  # noqa: ARG002
        """The sum of the squared sizes."""
        return np.broadcast_to(_spread("scale", self.scale, objective) ** 2, (objective.dim,)).sum()


@dataclass(frozen=True, eq=False)
class FiniteSupport:
    """grad f(W) + xi, where xi is one of finitely many points.

    Parameters
    ----------
    points : shape (K, dim), the points of R^dim; or shape (K,), numbers that each coordinate draws independently.
    probabilities : shape (K,), none negative, with sum 1.

    The mean must be 0: exactly for fractions, to 1e-12 of the largest point for floats; likewise the sum. Moments of
    fractions are exact on object arrays.
    """

    points: Any
    probabilities: Any

    def __post_init__(self) -> None:
        p = numbers("probabilities", self.probabilities, (None,))
        shape = (p.size,) if np.ndim(self.points) == 1 else (p.size, None)
        x = numbers("points", self.points, shape)
        if (p < 0).any() or abs(p.sum() - 1) > _slack(p, 1):
            reject("probabilities", self.probabilities, "must be >= 0 with sum 1")
        if np.any(abs(p @ x) > _slack(x, abs(x).max())):
            reject("points", self.points, f"must have mean 0 under the probabilities, have mean {p @ x}")
        object.__setattr__(self, "points", x)
        object.__setattr__(self, "probabilities", p)

    def draw(self, rng: np.random.Generator, steps: int, objective: Objective) -> Array:
        """Points drawn as floats, shaped (steps, dim)."""
        size = (steps, objective.dim) if self.points.ndim == 1 else steps
        p = self.probabilities.astype(np.float64)
        points = self._fit(objective).astype(np.float64)
        return points[rng.choice(p.size, size=size, p=p / p.sum())]

    def _fit(self, objective: Objective) -> Array:
        """The points, rejected where their length is not the objective's."""
        if self.points.ndim == 2 and self.points.shape[1] != objective.dim:
            reject("points.shape", self.points.shape, f"must be ({self.probabilities.size}, {objective.dim})")
        return self.points

    def gradients(self, objective: Objective, W: Array, xi: Array) -> list[Array]:
        """The gradient plus xi."""
        return [objective.gradient(W) + xi]

    def abs_mean(self, objective: Objective, W: Array) -> Array:
        """sum_k p_k |g + x_k|."""
        g = objective.gradient(W)
        return sum(p * abs(g + x) for p, x in zip(self.probabilities, self._fit(objective), strict=True))

    def variance(self, objective: Objective, W: Array) -> Any:  # noqa: ARG002
        """sum_k p_k ||x_k||^2."""
        squares = self.probabilities @ self._fit(objective) ** 2
        return objective.dim * squares if self.points.ndim == 1 else squares.sum()


@dataclass(frozen=True)
class Rows:
    """A mini-batch of rows of a least-squares objective, drawn uniformly: its mean gradient, applied at once.

    grad f(W; S) = scale (rows / batch) A_S^T (A_S W - b_S), which is unbiased.

    Parameters
    ----------
    batch : number of rows a step, >= 1.
    replace : whether a row may be drawn twice in one batch.
    """

    batch: int = 1
    replace: bool = True

    def __post_init__(self) -> None:
        integer("batch", self.batch)

    def draw(self, rng: np.random.Generator, steps: int, objective: Objective) -> Array:
        """Indices of rows, shaped (steps, batch)."""
        rows = self._fit(objective).rows
        if self.replace or self.batch == 1:
            return rng.integers(rows, size=(steps, self.batch))
        return rng.permuted(np.broadcast_to(np.arange(rows), (steps, rows)), axis=1)[:, : self.batch]

    def _fit(self, objective: Objective) -> LeastSquares:
        problem = _with_rows(self, objective)
        if not self.replace and self.batch > problem.rows:
            reject("batch", self.batch, f"must be <= {problem.rows}, the number of rows, without replacement")
        return problem

    def gradients(self, objective: Objective, W: Array, xi: Array) -> list[Array]:
        """The gradient of the batch, shaped (..., dim)."""
        problem = self._fit(objective)
        A, b = problem.A[xi], problem.b[xi]
        residuals = (A @ W[..., None])[..., 0] - b
        factor = problem.scale * problem.rows / self.batch
        return [factor * (residuals[..., None, :] @ A)[..., 0, :]]

    def abs_mean(self, objective: Objective, W: Array) -> Array:
        """The mean of |gradient| over all batches.

        Raises ValueError where there are more than 20 000 batches: then only sampling can tell.
        """
        problem = self._fit(objective)
        batches = self.batches(problem.rows)
        each = _row_gradients(problem, W) * problem.rows
        return sum(abs(each[..., list(S), :].mean(-2)) for S in batches) / len(batches)

    def batches(self, rows: int) -> list[tuple[int, ...]]:
        """All batches of so many rows, each as likely as the others. Raises ValueError for more than 20 000."""
        count = rows**self.batch if self.replace else comb(rows, self.batch)
        if count > _ENUMERATED:
            reject("batch", self.batch, f"must be small enough to enumerate {_ENUMERATED} batches, has {count}")
        return list(product(range(rows), repeat=self.batch) if self.replace else combinations(range(rows), self.batch))

    def variance(self, objective: Objective, W: Array) -> Array:
        """The variance of one row's gradient over `batch`, times (rows - batch)/(rows - 1) without replacement."""
        problem = self._fit(objective)
        away = _row_gradients(problem, W) * problem.rows - problem.gradient(W)[..., None, :]
        finite = 1.0 if self.replace else (problem.rows - self.batch) / max(problem.rows - 1, 1)
        return (away**2).sum(-1).mean(-1) * finite / self.batch


@dataclass(frozen=True)
class SampleSequence:
    """All rows of a least-squares objective, one after another, with the residuals frozen during a step.

    A batch on hardware (Figure 2): a step yields `rows` increments that sum to the full gradient, each of which meets
    the weights that the one before it left.

    Parameters
    ----------
    out_bound : the largest output A_i W that the hardware tells, > 0; what is beyond counts as that.
    """

    out_bound: float = math.inf

    def __post_init__(self) -> None:
        if self.out_bound != math.inf:
            positive("out_bound", self.out_bound)

    def draw(self, rng: np.random.Generator, steps: int, objective: Objective) -> None:  # noqa: ARG002
        """Nothing."""
        _with_rows(self, objective)

    def gradients(self, objective: Objective, W: Array, xi: Array) -> list[Array]:  # noqa: ARG002
        """One gradient a row."""
        each = np.moveaxis(self._each(objective, W), -2, 0)
        return list(np.ascontiguousarray(each))

    def _each(self, objective: Objective, W: Array) -> Array:
        """One gradient a row, shaped (..., rows, dim)."""
        problem = _with_rows(self, objective)
        if self.out_bound == math.inf:
            return _row_gradients(problem, W)
        outputs = np.clip(problem.residuals(W) + problem.b, -self.out_bound, self.out_bound)
        return problem.scale * (outputs - problem.b)[..., None] * problem.A

    def abs_mean(self, objective: Objective, W: Array) -> Array:
        """The sum of |gradient| over rows: what drives the drift of one step, to first order in the rate."""
        return abs(self._each(objective, W)).sum(-2)

    def variance(self, objective: Objective, W: Array) -> int:  # noqa: ARG002
        """Zero: every step applies all rows."""
        return 0


def _row_gradients(problem: LeastSquares, W: Array) -> Array:
    """The terms scale (A_i W - b_i) A_i for every row i, shaped (..., rows, dim); their sum is the gradient."""
    return problem.scale * problem.residuals(W)[..., None] * problem.A


def _with_rows(noise: Noise, objective: Objective) -> LeastSquares:
    if not isinstance(objective, LeastSquares):
        reject("noise", noise, f"needs an objective with rows (LeastSquares), not {type(objective).__name__}")
    return objective


def _slack(array: Array, size: Any) -> Any:
    """How far a sum of `array` may be off: rounding for floats, nothing for exact numbers."""
    return 0 if array.dtype == object else 1e-12 * size


def _positive_scale(name: str, value: Any) -> Any:
    """One number > 0, or an array of them with a value for each coordinate."""
    if np.ndim(value) == 0:
        return positive(name, value)
    array = numbers(name, value, (None,))
    for d, entry in enumerate(array):
        positive(f"{name}[{d}]", entry)
    return array


def _spread(name: str, value: Any, objective: Objective) -> Any:
    """`value`, rejected where it has a value for each coordinate and their number is not the objective's."""
    if np.ndim(value) == 1 and len(value) != objective.dim:
        reject(f"{name}.shape", np.shape(value), f"must be ({objective.dim},)")
    return value
