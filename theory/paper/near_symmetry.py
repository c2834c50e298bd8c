"""Instances whose symmetric point lies near the minimiser: what the limits of appendix G run over.

One weight is symbolic, with W_sp = 0 and W* = delta; several weights are drawn, with W* = W_sp + delta u.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from ..noise import Gaussian
from ..penalty import ImplicitPenalty, scaled_update
from ..penalty_series import DELTA, scalar_w_tilde, taylor
from ..response import exponential, linear, power
from ..statement import MeasuredOrder, Order
from ..symbols import symbol

W, SIGMA = symbol("w"), symbol("Sigma", "positive")
CURVATURE, SLOPE = symbol("h"), symbol("r_1", "positive")
BEND, CURL, KINK, DENSITY = (symbol(name) for name in ("f_3", "r_2", "a_1", "a_2"))
Scalar = Callable[[sp.Expr], sp.Expr]


@dataclass(frozen=True)
class OneWeight:
    """f', R and E|f'(.; xi)| as functions of one weight, with the symmetric point at 0 and the minimiser at delta."""

    slope: Scalar
    ratio: Scalar
    moment: Scalar

    @property
    def pull(self) -> sp.Expr:
        """Sigma R'(W_sp)."""
        return self.moment(DELTA) * sp.diff(self.ratio(W), W).subs(W, 0)

    @property
    def curvature(self) -> sp.Expr:
        """f''(W*)."""
        return sp.diff(self.slope(W), W).subs(W, DELTA)

    @property
    def w_tilde(self) -> sp.Expr:
        """Wt* (43)."""
        return scalar_w_tilde(self.curvature, self.pull, DELTA, 0)

    def penalised_slope(self, w: Any) -> sp.Expr:
        """The derivative of f_Sigma (48)."""
        return scaled_update(self.slope(w), self.moment(DELTA), self.ratio(w))

    def T(self, w: Any) -> sp.Expr:
        """T of (42)."""
        return scaled_update(self.slope(w), self.moment(w), self.ratio(w))


def quadratic(w: sp.Expr) -> sp.Expr:
    """The slope of h (w - W*)^2 / 2."""
    return CURVATURE * (w - DELTA)


def smooth_slope(w: sp.Expr) -> sp.Expr:
    """The slope of any smooth f with f''(W*) = h > 0, to the order that the claims need."""
    return taylor((CURVATURE, BEND), w - DELTA, first=1)


def smooth_ratio(w: sp.Expr) -> sp.Expr:
    """R of any smooth response with R'(W_sp) > 0, to the order that the claims need."""
    return taylor((SLOPE, CURL), w, first=1)


def smooth_moment(w: sp.Expr) -> sp.Expr:
    """E|f'(w; xi)| of any noise that depends smoothly on the gradient, Sigma > 0 at the minimiser."""
    return taylor((SIGMA, KINK, DENSITY), smooth_slope(w))


def rough_ratio(w: sp.Expr) -> sp.Expr:
    """R of a response with one derivative and no second: what Definition 1 admits; w >= 0."""
    return SLOPE * w + w ** sp.Rational(3, 2) / 4


def rough_moment(w: sp.Expr) -> sp.Expr:
    """E|f'(w; xi)| for noise +-Sigma (1 + |w - W*|^(1/2)), unbiased and of bounded variance; w <= W*."""
    return SIGMA * (1 + sp.sqrt(sp.factor(DELTA - w)))


def lipschitz_moment(w: sp.Expr) -> sp.Expr:
    """E|f'(w; xi)| for noise +-Sigma (1 + |w - W*|/5), Lipschitz with a kink at W*; w <= W*."""
    return SIGMA * (1 + sp.factor(DELTA - w) / 5)


SMOOTH = OneWeight(smooth_slope, smooth_ratio, smooth_moment)
LIPSCHITZ_NOISE = OneWeight(smooth_slope, smooth_ratio, lipschitz_moment)
ROUGH_RATIO = OneWeight(quadratic, rough_ratio, lambda _: SIGMA)
ROUGH_NOISE = OneWeight(quadratic, lambda w: SLOPE * w, rough_moment)


@dataclass(frozen=True, eq=False)
class Bent:
    """f(W) = x^T H x / 2 + sum_d bend_d (exp(x_d) - 1 - x_d), x = W - W*: strongly convex, with f''' not 0 at W*."""

    H: np.ndarray
    bend: np.ndarray
    minimizer: np.ndarray
    f_star: float = 0.0
    L: float | None = None
    mu: float | None = None

    @property
    def dim(self) -> int:
        """The number of weights."""
        return int(self.minimizer.size)

    def value(self, W: np.ndarray) -> Any:
        """The value, shaped (...)."""
        x = W - self.minimizer
        return ((x @ self.H) * x / 2 + self.bend * (np.expm1(x) - x)).sum(-1)

    def gradient(self, W: np.ndarray) -> Any:
        """The gradient, shaped (..., dim)."""
        x = W - self.minimizer
        return x @ self.H + self.bend * np.expm1(x)

    def hessian(self, W: np.ndarray) -> Any:
        """The Hessian, shaped (..., dim, dim)."""
        diagonal = self.bend * np.exp(W - self.minimizer)
        return self.H + diagonal[..., None] * np.eye(self.dim)


FAMILY = (linear(2), linear(3, "1/5"), linear(2, "-3/10"), power(2, 2), exponential(3, 1))


def draw(rng: np.random.Generator) -> Callable[[float], ImplicitPenalty]:
    """A random instance in 2 to 4 weights, as a function of delta: a device for each coordinate, Gaussian noise."""
    dim = int(rng.integers(2, 5))
    root = rng.uniform(-1, 1, (dim, dim))
    H, bend, away = root @ root.T + np.eye(dim) / 2, rng.uniform(0, 1, dim), rng.uniform(0.3, 1, dim)
    away *= rng.choice([-1.0, 1.0], dim)
    devices = tuple(FAMILY[i] for i in rng.integers(len(FAMILY), size=dim))
    noise, centre = Gaussian(rng.uniform(0.5, 1.5, dim)), np.array([float(d.symmetric_point) for d in devices])
    return lambda delta: ImplicitPenalty(Bent(H, bend, centre + delta * away), devices, noise)


def order(error: sp.Expr, claims: int | sp.Rational, sense: Any = "O") -> Order:
    """The claim that an error in one weight is of order delta^claims."""
    return Order(sp.together(error), DELTA, sp.Rational(claims), sense)


def measured(quantity: Callable[[ImplicitPenalty], Any], claims: float, says: str, sense: Any = "O") -> MeasuredOrder:
    """The claim that the norm of `quantity` is of order delta^claims, over random instances in several dimensions."""

    def error(rng: np.random.Generator, smalls: Sequence[float]) -> list[float]:
        instance = draw(rng)
        return [float(np.linalg.norm(quantity(instance(delta)))) for delta in smalls]

    return MeasuredOrder(error, claims, says, sense, dimension="2 to 4")
