"""Objectives: what is minimised, with its minimiser, curvature and constants.

Points are arrays shaped (..., dim); every result keeps the leading axes. A `Quadratic` may be made of fractions or
SymPy symbols; its value and gradient are then exact on object arrays of the same kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import sympy as sp

from .compile import array_function
from .validate import finite_array, integer, positive, reject

Array = Any


class Objective(Protocol):
    """A smooth function f of `dim` weights."""

    @property
    def dim(self) -> int:
        """The number of weights."""

    @property
    def minimizer(self) -> Array:
        """W*, shaped (dim,)."""

    @property
    def f_star(self) -> Any:
        """The least value f*."""

    @property
    def L(self) -> float | None:
        """The smoothness constant, None where it is not known."""

    @property
    def mu(self) -> float | None:
        """The strong convexity constant, None where it is not known."""

    def value(self, W: Array) -> Array:
        """The value f(W), shaped (...)."""

    def gradient(self, W: Array) -> Array:
        """The gradient at W, shaped (..., dim)."""

    def hessian(self, W: Array) -> Array:
        """The Hessian at W, shaped (..., dim, dim)."""


def numbers(name: str, value: Any, shape: tuple[int | None, ...]) -> Array:
    """`value` as a float64 array, or as an object array where it holds fractions or symbols, of the given shape.

    Raises ValueError for a shape that does not fit, and for floats that are not finite.
    """
    array = np.asarray(value)
    if array.dtype != object:
        return finite_array(name, array, shape)
    if len(array.shape) != len(shape) or any(w not in (None, s) for s, w in zip(array.shape, shape, strict=True)):
        reject(f"{name}.shape", array.shape, f"must be {shape}, None being any length")
    return array


def _spectrum(hessian: Array) -> Array:
    """Eigenvalues of a symmetric matrix, ascending, in floating point."""
    return np.linalg.eigvalsh(hessian.astype(np.float64))


@dataclass(frozen=True, eq=False, init=False)
class Quadratic:
    """f(W) = (W - W*)^T H (W - W*) / 2.

    Parameters
    ----------
    hessian : symmetric matrix H of shape (dim, dim) without negative eigenvalues (floats, fractions or symbols).
    minimizer : W*, shape (dim,).

    Raises ValueError for shapes that do not fit, numbers that are not finite, and an H that is not symmetric or has a
    negative eigenvalue (numbers only; symbols are trusted).
    """

    H: Array
    minimizer: Array

    def __init__(self, hessian: Any, minimizer: Any) -> None:
        minimum = numbers("minimizer", minimizer, (None,))
        matrix = numbers("hessian", hessian, (minimum.size, minimum.size))
        if (matrix != matrix.T).any():
            reject("hessian", hessian, "must be symmetric")
        object.__setattr__(self, "H", matrix)
        object.__setattr__(self, "minimizer", minimum)
        if not _symbolic(matrix) and self.mu < -1e-12 * abs(self.L):
            reject("hessian", hessian, f"must have no negative eigenvalue, has {self.mu:.3g}")

    @property
    def dim(self) -> int:
        """The number of weights."""
        return int(self.minimizer.size)

    @property
    def f_star(self) -> int:
        """The least value, 0."""
        return 0

    @cached_property
    def L(self) -> float:
        """The largest eigenvalue of H."""
        return float(_spectrum(self.H)[-1])

    @cached_property
    def mu(self) -> float:
        """The smallest eigenvalue of H."""
        return float(_spectrum(self.H)[0])

    def value(self, W: Array) -> Array:
        """The value f(W), shaped (...)."""
        away = W - self.minimizer
        return ((away @ self.H) * away).sum(-1) / 2

    def gradient(self, W: Array) -> Array:
        """H (W - W*), shaped (..., dim)."""
        return (W - self.minimizer) @ self.H

    def hessian(self, W: Array) -> Array:
        """H for every point of W."""
        return np.broadcast_to(self.H, (*np.shape(W), self.dim))


def _symbolic(array: Array) -> bool:
    return any(isinstance(x, sp.Basic) and bool(x.free_symbols) for x in array.ravel())


@dataclass(frozen=True, eq=False)
class LeastSquares:
    """f(W) = scale ||A W - b||^2 / 2, a sum over rows ((150) of the paper has scale 1).

    The gradient is taken as scale A^T A (W - W*), with A^T A computed once: the same function as
    scale A^T (A W - b), for W* solves the normal equations, at the cost of a quadratic. Values and sample gradients
    use the rows themselves.

    Parameters
    ----------
    A : matrix of shape (rows, dim).
    b : labels, shape (rows,).
    scale : factor > 0; 1/rows makes f a mean over rows.

    Raises ValueError for shapes that do not fit and for numbers that are not finite.
    """

    A: Array
    b: Array
    scale: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "b", finite_array("b", self.b, (None,)))
        object.__setattr__(self, "A", finite_array("A", self.A, (self.b.size, None)))
        object.__setattr__(self, "scale", float(positive("scale", self.scale)))

    @classmethod
    def gaussian(
        cls, rows: int, dim: int, w_std: float, label_noise: float = 0.0, scale: float = 1.0, *, rng: Any
    ) -> LeastSquares:
        """Standard normal A (rows x dim), W_true with N(0, w_std^2) entries, b = A W_true + label_noise N(0, 1).

        `rng` is a seed or a NumPy generator; A is drawn first, then W_true, then the label noise.
        """
        integer("rows", rows)
        integer("dim", dim)
        if label_noise != 0:
            positive("label_noise", label_noise)
        generator = np.random.default_rng(rng)
        A = generator.standard_normal((rows, dim))
        W_true = positive("w_std", w_std) * generator.standard_normal(dim)
        return cls(A, A @ W_true + label_noise * generator.standard_normal(rows), scale)

    @property
    def rows(self) -> int:
        """The number of rows (samples)."""
        return int(self.b.size)

    @property
    def dim(self) -> int:
        """The number of weights."""
        return int(self.A.shape[1])

    @cached_property
    def H(self) -> Array:
        """The Hessian scale A^T A."""
        return self.scale * (self.A.T @ self.A)

    @cached_property
    def minimizer(self) -> Array:
        """W*; the one of least norm where there are several."""
        return np.linalg.lstsq(self.A, self.b)[0]

    @cached_property
    def f_star(self) -> float:
        """The least value."""
        return float(self.value(self.minimizer))

    @cached_property
    def _singular(self) -> Array:
        return np.linalg.svd(self.A, compute_uv=False)

    @property
    def L(self) -> float:
        """The largest eigenvalue of the Hessian, from A's singular values."""
        return float(self.scale * self._singular[0] ** 2)

    @property
    def mu(self) -> float:
        """The smallest eigenvalue of the Hessian: 0 where there are fewer rows than weights."""
        return float(self.scale * self._singular[-1] ** 2) if self.rows >= self.dim else 0.0

    def residuals(self, W: Array) -> Array:
        """A W - b, shaped (..., rows)."""
        return W @ self.A.T - self.b

    def value(self, W: Array) -> Array:
        """The value f(W), shaped (...)."""
        return self.scale * (self.residuals(W) ** 2).sum(-1) / 2

    def gradient(self, W: Array) -> Array:
        """The gradient scale A^T (A W - b), shaped (..., dim)."""
        return (W - self.minimizer) @ self.H

    def hessian(self, W: Array) -> Array:
        """The Hessian for every point of W."""
        return np.broadcast_to(self.H, (*np.shape(W), self.dim))


@dataclass(frozen=True, eq=False)
class SmoothObjective:
    """A smooth function given by a formula; gradient and Hessian are derived from it, the minimiser by Newton.

    Make one with `from_expression`. L and mu are None unless they are given.
    """

    expression: sp.Expr
    symbols: tuple[sp.Symbol, ...]
    minimizer: Array
    L: float | None = None
    mu: float | None = None

    @classmethod
    def from_expression(
        cls, expression: sp.Expr, symbols: Any, *, start: Any = None, L: float | None = None, mu: float | None = None
    ) -> SmoothObjective:
        """The objective `expression` of `symbols`, in their order; Newton's search begins at `start` (0 if None).

        Raises ValueError for symbols without a value and where no minimiser is found near `start`.
        """
        symbols = tuple(symbols)
        expression = sp.sympify(expression)
        unbound = expression.free_symbols - set(symbols)
        if unbound:
            reject("expression", expression, f"must have no symbols but {symbols}, has {sorted(map(str, unbound))}")
        begin = finite_array("start", np.zeros(len(symbols)) if start is None else start, (len(symbols),))
        return cls(expression, symbols, _newton(cls(expression, symbols, begin), begin), L, mu)

    @property
    def dim(self) -> int:
        """The number of weights."""
        return len(self.symbols)

    @cached_property
    def f_star(self) -> float:
        """The value at the minimiser."""
        return float(self.value(self.minimizer))

    @cached_property
    def slopes(self) -> tuple[sp.Expr, ...]:
        """The gradient, symbolically."""
        return tuple(self.expression.diff(s) for s in self.symbols)

    @cached_property
    def curvatures(self) -> tuple[sp.Expr, ...]:
        """The Hessian, symbolically, row after row."""
        return tuple(slope.diff(s) for slope in self.slopes for s in self.symbols)

    def _evaluate(self, exprs: tuple[sp.Expr, ...], W: Array) -> Array:
        values = array_function(self.symbols, exprs)(*(W[..., d] for d in range(self.dim)))
        return np.stack([np.broadcast_to(v, W.shape[:-1]) for v in values], axis=-1)

    def value(self, W: Array) -> Array:
        """The value f(W), shaped (...)."""
        return self._evaluate((self.expression,), W)[..., 0]

    def gradient(self, W: Array) -> Array:
        """The gradient at W, shaped (..., dim)."""
        return self._evaluate(self.slopes, W)

    def hessian(self, W: Array) -> Array:
        """The Hessian at W, shaped (..., dim, dim)."""
        return self._evaluate(self.curvatures, W).reshape(*W.shape, self.dim)


def _newton(objective: SmoothObjective, start: Array) -> Array:
    """A point where the gradient vanishes and the Hessian is positive definite, by damped Newton steps."""
    W = start
    for _ in range(100):
        slope, hessian = objective.gradient(W), objective.hessian(W)
        step = np.linalg.lstsq(hessian, slope)[0]
        if np.abs(step).max() <= 4 * np.finfo(float).eps * (1 + np.abs(W).max()) and _spectrum(hessian)[0] > 0:
            return W - step
        W = _backtrack(objective, W, step if slope @ step > 0 else slope)
    return reject("start", start.tolist(), "must lie where Newton's method reaches a minimiser within 100 steps")


def _backtrack(objective: SmoothObjective, W: Array, step: Array) -> Array:
    """W - 2^-k step for the first k that does not raise the value (within rounding)."""
    value = objective.value(W)
    with np.errstate(all="ignore"):  # a first step may overflow; its value then fails the comparison
        for k in range(60):
            there = W - 2.0**-k * step
            if objective.value(there) <= value + 4 * np.finfo(float).eps * abs(value):
                return there
    return W
