"""Moments of a stochastic gradient g and of |g| near a point: means with two derivatives, and covariances, exactly.

They are what a law of small steps needs of the noise. E|g| has a kink wherever an outcome of g that has a probability
of its own changes its sign; normal noise has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from .compile import array_function
from .increments import smooth_sent
from .noise import FiniteSupport, Gaussian, Noise, Rademacher, Rows, folded_normal
from .objective import LeastSquares, Objective, Quadratic, SmoothObjective
from .penalty import differences
from .symbols import symbol
from .validate import reject

Array = np.ndarray


class Jet(NamedTuple):
    """A vector field at a point: value (D,), first derivatives (D, D), second derivatives (D, D, D)."""

    value: Array
    first: Array
    second: Array


class Kinks(NamedTuple):
    """Where E|g_i| has kinks: outcomes of g_i, their gradients in W, their probabilities, and i; the first axis is K.

    Outcome k changes its sign where value[k] + slope[k] . (change of W) = 0, up to second order.
    """

    value: Array
    slope: Array
    probability: Array
    coordinate: Array


@dataclass(frozen=True)
class GradientMoments:
    """Of the stochastic gradient g at W: E g and E|g| as jets; Cov(g, g), Cov(g, |g|), Cov(|g|, |g|), each (D, D)."""

    mean: Jet
    size: Jet
    mean_mean: Array
    mean_size: Array
    size_size: Array
    kinks: Kinks


def gradient_moments(noise: Noise, objective: Objective, W: Array) -> GradientMoments:
    """The moments at W, shaped (D,). Raises ValueError for noise that is not Gaussian, Rademacher, FiniteSupport, Rows.

    On a kink the derivatives of E|g| are the means of those on either side.
    """
    mean = Jet(np.asarray(objective.gradient(W), dtype=np.float64), *_curvatures(objective, W))
    match noise:
        case Gaussian():
            return _normal(mean, np.broadcast_to(noise.std, W.shape))
        case Rademacher():
            scale = np.broadcast_to(noise.scale, W.shape).astype(np.float64)
            return _additive(mean, np.stack([scale, -scale]), np.array([0.5, 0.5]), joint=False)
        case FiniteSupport():
            points, chances = (np.asarray(x, dtype=np.float64) for x in (noise.points, noise.probabilities))
            joint = points.ndim == 2
            return _additive(mean, points if joint else np.tile(points[:, None], W.size), chances, joint)
        case Rows():
            return _of_rows(noise, objective, mean, W)
    return reject("noise", noise, "must be Gaussian, Rademacher, FiniteSupport or Rows")


def _curvatures(objective: Objective, W: Array) -> tuple[Array, Array]:
    """The Hessian and the third derivatives at W; these by a formula, but for objectives that have none."""
    hessian = np.asarray(objective.hessian(W), dtype=np.float64)
    if isinstance(objective, Quadratic | LeastSquares):
        return hessian, np.zeros((W.size,) * 3)
    if isinstance(objective, SmoothObjective):
        exprs = tuple(curvature.diff(s) for curvature in objective.curvatures for s in objective.symbols)
        values = array_function(objective.symbols, exprs)(*W)
        return hessian, np.array([float(v) for v in values]).reshape((W.size,) * 3)
    flat = differences(lambda at: np.asarray(objective.hessian(at)).reshape(*at.shape[:-1], -1), W)
    return hessian, flat.reshape((W.size,) * 3)


@cache
def _folded() -> Any:
    """E|a + s xi| and its first two derivatives in a, as an array function of (a, s)."""
    a, s = symbol("g"), symbol("sigma", "positive")
    return array_function((a, s), tuple(sp.diff(folded_normal(a, s), a, k) for k in range(3)))


def _normal(mean: Jet, std: Array) -> GradientMoments:
    size, first, second = (np.broadcast_to(x, std.shape) for x in _folded()(mean.value, std))
    signed = np.array([smooth_sent(float(a), float(s)).signed_square for a, s in zip(mean.value, std, strict=True)])
    square = mean.value**2 + std**2
    none = Kinks(np.empty(0), np.empty((0, std.size)), np.empty(0), np.empty(0, dtype=int))
    gg, gs, ss = map(np.diag, (std**2, signed - mean.value * size, square - size**2))
    return GradientMoments(mean, _composed(mean, size, first, second), gg, gs, ss, none)


def _composed(mean: Jet, value: Array, first: Array, second: Array) -> Jet:
    """The jet of W -> psi(g(W)), element by element, from psi and its derivatives at g."""
    curved = second[:, None, None] * mean.first[:, :, None] * mean.first[:, None, :]
    return Jet(value, first[:, None] * mean.first, curved + first[:, None, None] * mean.second)


def _additive(mean: Jet, points: Array, chances: Array, joint: bool) -> GradientMoments:
    """Noise of finite support, points (K, D); `joint` tells whether one draw is a row, or each coordinate its own."""
    outcomes = mean.value + points
    slopes = np.broadcast_to(mean.first, (*points.shape, mean.value.size))
    first = chances @ np.sign(outcomes)
    size = _composed(mean, chances @ abs(outcomes), first, np.zeros_like(first))
    return _enumerated(mean, size, outcomes, slopes, chances, joint)


def _of_rows(noise: Rows, objective: Any, mean: Jet, W: Array) -> GradientMoments:
    batches = np.array(noise.batches(objective.rows))
    factor = objective.scale * objective.rows
    A, residuals = objective.A, objective.residuals(W)
    outcomes = factor * (residuals[:, None] * A)[batches].mean(1)
    slopes = factor * (A[:, :, None] * A[:, None, :])[batches].mean(1)
    chances = np.full(len(batches), 1 / len(batches))
    first = np.einsum("k,ki,kij->ij", chances, np.sign(outcomes), slopes)
    size = Jet(chances @ abs(outcomes), first, np.zeros((W.size,) * 3))
    return _enumerated(mean, size, outcomes, slopes, chances, joint=True)


def _enumerated(mean: Jet, size: Jet, outcomes: Array, slopes: Array, chances: Array, joint: bool) -> GradientMoments:
    away, sizes = outcomes - mean.value, abs(outcomes) - size.value
    weighted = chances[:, None] * away
    pairs = (weighted.T @ away, weighted.T @ sizes, (chances[:, None] * sizes).T @ sizes)
    gg, gs, ss = pairs if joint else [np.diag(np.diag(pair)) for pair in pairs]
    k, i = np.nonzero((abs(slopes).max(-1) > 0) & (chances[:, None] > 0))
    return GradientMoments(mean, size, gg, gs, ss, Kinks(outcomes[k, i], slopes[k, i], chances[k], i))
