"""The implicit penalty of Analog SGD (appendix G): its mean update T, the objective f_Sigma, and where it settles.

Three points are told apart: the minimiser W*; Wt* of (43), which solves the linearised problem; and the fixed point of
the mean dynamics, the root of T (42). Wt* is the first-order expansion of the root in W* - W_sp; `next_term` is what
comes after it, and `penalty_series` derives its order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.optimize import brentq

from .noise import Noise
from .objective import Objective
from .response import ResponseFunction
from .validate import reject

Devices = ResponseFunction | Sequence[ResponseFunction]
Field = Callable[[np.ndarray], np.ndarray]

EPSILON = float(np.finfo(np.float64).eps)
NEWTON_STEPS = 100
HALVINGS = 40
GRID = 4097
REACH = 64  # how far an unbounded range is searched, in units of 1 + |W* - W_sp|


def scaled_update(gradient: Any, abs_mean: Any, R: Any) -> Any:
    """T (42) from E g, E|g| and R; with Sigma in the place of E|g| it is the gradient of f_Sigma, (48)."""
    return gradient + abs_mean * R


def penalised(value: Any, Sigma: Any, R_c: Any) -> Any:
    """f_Sigma (44) from f, Sigma and R_c: one number each, or coordinates along the last axis."""
    return value + np.dot(R_c, Sigma)


def linearised_root(hessian: Any, pull: Any, minimizer: Any, symmetric_point: Any, solve: Any = np.linalg.solve) -> Any:
    """Wt* of (43) with pull = Diag(Sigma) R'(W_sp), in any algebra in which `solve(K, b)` is K^{-1} b.

    Raises numpy.linalg.LinAlgError for arrays when H + pull is singular, which a falling R can bring about.
    """
    return solve(hessian + pull, np.dot(hessian, minimizer) + np.dot(pull, symmetric_point))


def one_a_coordinate(devices: Devices, dim: int) -> tuple[ResponseFunction, ...]:
    """The devices of all coordinates. Raises ValueError unless there is one for all, or one for each."""
    if isinstance(devices, ResponseFunction):
        return (devices,) * dim
    if len(devices) != dim:
        reject("len(device)", len(devices), f"must be one device, or {dim}, one a coordinate")
    return tuple(devices)


def elementwise(devices: Devices, dim: int, name: str) -> Field:
    """The array function `name` ("R", "R_c", "dR", ...) of the devices, on arrays shaped (..., dim)."""
    if isinstance(devices, ResponseFunction):
        function = devices.array_functions(name)
        return lambda W: np.broadcast_to(function(W)[0], W.shape)
    functions = [device.array_functions(name) for device in one_a_coordinate(devices, dim)]
    return lambda W: np.stack([np.broadcast_to(f(W[..., d])[0], W.shape[:-1]) for d, f in enumerate(functions)], -1)


def dynamic_range(devices: Devices, dim: int) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper ends of the coordinates' ranges, each shaped (dim,); infinite for an ideal device."""
    each = one_a_coordinate(devices, dim)
    low, high = ([float(getattr(d, end)) for d in each] for end in ("tau_min", "tau_max"))
    return np.array(low), np.array(high)


@dataclass(frozen=True)
class ImplicitPenalty:
    """What Analog SGD does, in the mean, to `objective` under `noise` on `devices` (one for all coordinates, or each).

    Points are shaped (..., dim). `Sigma`, `symmetric_point` and `slope` (R' there) are shaped (dim,).
    """

    objective: Objective
    devices: Devices
    noise: Noise

    def __post_init__(self) -> None:
        one_a_coordinate(self.devices, self.dim)

    @property
    def dim(self) -> int:
        """The number of weights."""
        return self.objective.dim

    @cached_property
    def minimizer(self) -> np.ndarray:
        """W*, shaped (dim,)."""
        return np.asarray(self.objective.minimizer, dtype=np.float64)

    @cached_property
    def Sigma(self) -> np.ndarray:
        """E|grad f(W*; xi)|, shaped (dim,): text-g-6."""
        return self.abs_mean(self.minimizer)

    @cached_property
    def symmetric_point(self) -> np.ndarray:
        """W_sp, shaped (dim,)."""
        return np.array([float(d.symmetric_point) for d in one_a_coordinate(self.devices, self.dim)])

    @cached_property
    def slope(self) -> np.ndarray:
        """R'(W_sp), shaped (dim,)."""
        return elementwise(self.devices, self.dim, "dR")(self.symmetric_point)

    @cached_property
    def R(self) -> Field:
        """The asymmetry ratio (41), element-wise."""
        return elementwise(self.devices, self.dim, "R")

    @cached_property
    def R_c(self) -> Field:
        """Its integral from the symmetric point (41), element-wise."""
        return elementwise(self.devices, self.dim, "R_c")

    def abs_mean(self, W: np.ndarray) -> np.ndarray:
        """E|grad f(W; xi)|, exactly, shaped like W."""
        return np.asarray(self.noise.abs_mean(self.objective, W), dtype=np.float64)

    def T(self, W: np.ndarray) -> np.ndarray:
        """The scaled mean update (42)."""
        return np.asarray(scaled_update(self.objective.gradient(W), self.abs_mean(W), self.R(W)))

    def value(self, W: np.ndarray) -> np.ndarray:
        """f_Sigma (44), shaped like W without its last axis."""
        return np.asarray(penalised(self.objective.value(W), self.Sigma, self.R_c(W)))

    def gradient(self, W: np.ndarray) -> np.ndarray:
        """The gradient of f_Sigma (48)."""
        return np.asarray(scaled_update(self.objective.gradient(W), self.Sigma, self.R(W)))

    @cached_property
    def hessian(self) -> np.ndarray:
        """H at W*, shaped (dim, dim)."""
        return np.asarray(self.objective.hessian(self.minimizer), dtype=np.float64)

    @cached_property
    def pull(self) -> np.ndarray:
        """Diag(Sigma) R'(W_sp), shaped (dim, dim). H + pull is the Jacobian of T in the limit W_sp = W*."""
        return np.diag(self.Sigma * self.slope)

    @cached_property
    def w_tilde(self) -> np.ndarray:
        """Wt* of (43), shaped (dim,)."""
        return np.asarray(linearised_root(self.hessian, self.pull, self.minimizer, self.symmetric_point))

    @cached_property
    def fixed_point(self) -> np.ndarray:
        """The root of T nearest to Wt*, shaped (dim,). Raises ArithmeticError where none is found inside the range."""
        if self.dim == 1:
            roots = self.fixed_points()
            return np.asarray(roots[[np.abs(roots - self.w_tilde).argmin()]])
        return root(self.T, self.w_tilde, *dynamic_range(self.devices, self.dim))

    def fixed_points(self) -> np.ndarray:
        """All roots of T in the range that a grid can tell apart, in order, for one weight; shaped (roots,).

        Raises ValueError for more than one weight, ArithmeticError where T does not change its sign.
        """
        if self.dim != 1:
            reject("dim", self.dim, "must be 1: only then a sign change brackets every root")
        low, high = (float(end[0]) for end in dynamic_range(self.devices, 1))
        centre = float(self.minimizer[0])
        reach = REACH * (1 + abs(float(self.minimizer[0] - self.symmetric_point[0])))
        inside = max(low, centre - reach), min(high, centre + reach)
        return roots(lambda w: self.T(w[..., None])[..., 0], *inside)

    @property
    def next_term(self) -> np.ndarray:
        """The leading term of root - Wt*, shaped (dim,): -(H + Diag(Sigma) R')^{-1} T(Wt*).

        T is zero at the root and its Jacobian there tends to H + Diag(Sigma) R' as W_sp - W* -> 0.
        """
        return -np.linalg.solve(self.hessian + self.pull, self.T(self.w_tilde))


def w_tilde(objective: Objective, device: Devices, noise: Noise) -> np.ndarray:
    """Wt* of (43), shaped (dim,)."""
    return ImplicitPenalty(objective, device, noise).w_tilde


def fixed_point(objective: Objective, device: Devices, noise: Noise) -> np.ndarray:
    """The exact fixed point of the mean of Analog SGD, shaped (dim,): the root of T (42), nearest to Wt*."""
    return ImplicitPenalty(objective, device, noise).fixed_point


def roots(T: Field, low: float, high: float) -> np.ndarray:
    """The roots of a function of one number between `low` and `high`, one for each sign change on a fine grid."""
    inset = (high - low) * 1e-9
    grid = np.linspace(low + inset, high - inset, GRID)
    values = T(grid)
    changes = np.flatnonzero(np.signbit(values[:-1]) != np.signbit(values[1:]))
    if not changes.size:
        raise ArithmeticError(f"T does not change its sign between {low} and {high}: no fixed point inside the range")
    return np.array([_bracketed(T, grid[i], grid[i + 1]) for i in changes])


def _bracketed(T: Field, low: float, high: float) -> float:
    return float(brentq(lambda w: float(T(np.asarray(w))), low, high, xtol=1e-15, rtol=4 * EPSILON))


def differences(T: Field, W: np.ndarray) -> np.ndarray:
    """The Jacobian of T at W by central differences, shaped (dim, dim); one call of T for all coordinates."""
    width = EPSILON ** (1 / 3) * np.maximum(1.0, np.abs(W))
    steps = np.diag(width)
    return np.asarray(((T(W + steps) - T(W - steps)) / (2 * width[:, None])).T)


def root(T: Field, start: np.ndarray, low: Any, high: Any, jacobian: Field | None = None) -> np.ndarray:
    """The root of T by Newton's method, damped so that |T| falls and no coordinate leaves [low, high].

    The Jacobian is taken by central differences unless it is given. Raises ArithmeticError, with the residual, where
    Newton stalls above the rounding error of T.
    """
    slope = jacobian or (lambda W: differences(T, W))
    W = np.clip(start, low, high)
    for _ in range(NEWTON_STEPS):
        following = _damped(T, W, np.linalg.solve(slope(W), T(W)), low, high)
        if following is None:
            break
        W = following
    return _checked(T, W, slope(W))


def _damped(T: Field, W: np.ndarray, step: np.ndarray, low: Any, high: Any) -> np.ndarray | None:
    """The first of W - step, W - step/2, ... inside the range at which |T| is smaller; None where none is."""
    size = np.linalg.norm(T(W))
    for halving in range(HALVINGS):
        candidate = W - step / 2**halving
        inside = np.all((candidate > low) & (candidate < high))
        if inside and np.linalg.norm(T(candidate)) < size:
            return np.asarray(candidate)
    return None


def _checked(T: Field, W: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """W, where |T| is within the rounding error that the size of its Jacobian allows."""
    residual = float(np.linalg.norm(T(W)))
    allowed = 1e3 * EPSILON * max(1.0, float(np.linalg.norm(slope))) * max(1.0, float(np.linalg.norm(W)))
    if not residual <= allowed:
        raise ArithmeticError(f"no fixed point found: |T| = {residual:.2e} at {W}, above {allowed:.2e}")
    return W
