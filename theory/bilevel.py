"""Residual Learning (section 4): the residual P*(W), the hypergradient of (9), the mean dynamics of (10)-(11).

The lower level of (9) is solved, and differentiated, as the general bilevel problem it is: the closed form P*(W) =
(W* - W)/gamma of text-4-13 stands beside it and is compared with it, never used for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .algorithm import Pair, ResidualLearning, TikiTaka, analog_update
from .noise import Noise
from .objective import Objective
from .penalty import Devices, dynamic_range, elementwise, one_a_coordinate, root, scaled_update
from .validate import positive


def residual(objective: Objective, W: np.ndarray, gamma: float) -> np.ndarray:
    """P*(W) = argmin_P f(W + gamma P), the lower level of (9), by Newton's method on P; W and P are shaped (dim,).

    f must be smooth and strongly convex. Raises ArithmeticError where Newton's method stalls.
    """
    positive("gamma", gamma)
    W = np.asarray(W, dtype=np.float64)
    return root(
        lambda P: gamma * np.asarray(objective.gradient(W + gamma * P)),
        np.zeros_like(W),
        -np.inf,
        np.inf,
        jacobian=lambda P: gamma**2 * np.asarray(objective.hessian(W + gamma * P)),
    )


def closed_form_residual(minimizer: Any, W: Any, gamma: Any) -> Any:
    """P*(W) = (W* - W)/gamma (text-4-13), in any algebra."""
    return (minimizer - W) / gamma


def implicit_derivative(lower_PP: Any, lower_PW: Any, solve: Any = np.linalg.solve) -> Any:
    """dP*/dW = -(d_PP g)^{-1} d_PW g for the lower level g, in any algebra in which `solve(K, B)` is K^{-1} B."""
    return -solve(lower_PP, lower_PW)


def hypergradient(objective: Objective, W: np.ndarray, gamma: float) -> np.ndarray:
    """The gradient of ||P*(W)||^2 (9), shaped (dim,), by implicit differentiation of the lower level."""
    P = residual(objective, W, gamma)
    H = np.asarray(objective.hessian(np.asarray(W) + gamma * P))
    return np.asarray(2 * implicit_derivative(gamma**2 * H, gamma * H).T @ P)


@dataclass(frozen=True)
class MeanFixedPoint:
    """Where the mean dynamics of (10)-(11) stand still.

    W, P: the arrays, shaped (dim,). bias: W - W*. residual: how far one mean step moves them, at most.
    """

    W: np.ndarray
    P: np.ndarray
    bias: np.ndarray
    residual: float


@dataclass(frozen=True)
class MeanDynamics:
    """The mean of Residual Learning or Tiki-Taka, for the arrays W and P on devices of their own.

    The transfer (11) is taken at the mean of P, which is the limit of small alpha: E|P| is |E P| up to the spread of P.
    """

    algorithm: ResidualLearning | TikiTaka
    objective: Objective
    devices_W: Devices
    devices_P: Devices
    noise: Noise

    def __post_init__(self) -> None:
        one_a_coordinate(self.devices_W, self.objective.dim)
        one_a_coordinate(self.devices_P, self.objective.dim)

    def step(self, state: Pair) -> Pair:
        """One mean step: (10) in the mean over the noise, then (11)."""
        drift = self._of_P("F")(state.P) * self._drift(self.algorithm.point(state), self._of_P("R")(state.P))
        P = state.P - self.algorithm.alpha * drift
        F, G = (elementwise(self.devices_W, self.objective.dim, part)(state.W) for part in "FG")
        return Pair(analog_update(state.W, self.algorithm.beta * P, F, G), P)

    def _of_P(self, name: str) -> Any:
        return elementwise(self.devices_P, self.objective.dim, name)

    def _drift(self, point: np.ndarray, R: np.ndarray) -> np.ndarray:
        """T (42) of the residual array: the gradient is taken at Wbar, the asymmetry ratio at P."""
        gradient = self.objective.gradient(point)
        return np.asarray(scaled_update(gradient, self.noise.abs_mean(self.objective, point), R), dtype=np.float64)

    @cached_property
    def fixed_point(self) -> MeanFixedPoint:
        """The fixed point inside the range of W, for any gamma.

        Inside the range |G| < F, so (11) stands still for P = 0 alone; there Wbar = W, and (10) stands still where
        E g + E|g| R(0) = 0: at W* when 0 is a symmetric point of P, elsewhere when it is not. Raises ArithmeticError
        where no such point is inside the range.
        """
        P = np.zeros(self.objective.dim)
        R, minimizer = self._of_P("R")(P), np.asarray(self.objective.minimizer)
        limits = dynamic_range(self.devices_W, self.objective.dim)
        W = root(lambda point: self._drift(point, R), minimizer, *limits)
        after = self.step(Pair(W, P))
        moved = max(float(np.abs(after.W - W).max()), float(np.abs(after.P - P).max()))
        return MeanFixedPoint(W, P, W - minimizer, moved)
