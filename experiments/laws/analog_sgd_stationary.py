"""The stationary law of Analog SGD, simulated: step (2) itself on many seeds, at alpha, alpha/2 and alpha/4.

Beside W - fixed point runs its expansion in the noise, on the same noise: V, linear, and U, of second order, which has
everything of that order but its mean. Both have mean 0 and Cov V is known, each exactly and at every alpha, so that
only what is left is sampled. What is left over alpha is extrapolated to alpha = 0; the difference of the last two
orders of extrapolation is added to the interval.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import solve_discrete_lyapunov
from threadpoolctl import threadpool_limits

from ...theory.algorithm import analog_update
from ...theory.gradient_moments import gradient_moments
from ...theory.law import Inputs
from ...theory.laws.analog_sgd_stationary import (
    Stationary,
    analog_sgd_stationary,
    drift_curvature,
    drift_jacobian,
    responses,
    setting,
    step_covariance,
)
from ...theory.noise import Noise, Rows
from ...theory.objective import Objective
from ...theory.penalty import Devices, dynamic_range, elementwise
from ...theory.response import ResponseFunction
from ..stationary import stationary_moments
from . import Interval

SEEDS = 6000  # times weights
FORGET, AVERAGE = 9.0, 20.0  # slowest relaxation times before averages are taken, and over which
HALVINGS = np.array([1.0, 0.5, 0.25])
ROUNDING = 1e-9
CUBIC, LINEAR = np.array([1.0, -6.0, 8.0]) / 3, np.array([0.0, -1.0, 2.0])  # weights of the limits from those rates


class Sampled(NamedTuple):
    """E W - fixed point, (seeds, D), and the second moment about it, (seeds, D, D), a seed's estimates."""

    mean: np.ndarray
    square: np.ndarray


def sampled(
    objective: Objective, devices: Devices, noise: Noise, alpha: float, seeds: int, rng: Any, at: np.ndarray
) -> Sampled:
    """Averages over time of Analog SGD from its fixed point `at` on, the exactly known parts of the noise taken off."""
    generator, moments, parts = (
        np.random.default_rng(rng),
        gradient_moments(noise, objective, at),
        responses(devices, at),
    )
    J, curved = drift_jacobian(moments, parts), drift_curvature(moments, parts)
    step = np.eye(at.size) - alpha * J
    S = solve_discrete_lyapunov(step, alpha**2 * step_covariance(moments, parts))
    F, G = (elementwise(devices, at.size, name) for name in "FG")
    low, high = dynamic_range(devices, at.size)
    slopes = _slopes(objective, noise, at)
    X, V, U = (np.zeros((seeds, at.size)) for _ in range(3))
    mean, square, relaxation = np.zeros_like(X), np.zeros((seeds, at.size, at.size)), 1 / (alpha * _slowest(J))
    first, last = int(FORGET * relaxation) + 1, int((FORGET + AVERAGE) * relaxation) + 2
    for k in range(last):
        xi = noise.draw(generator, seeds, objective)
        (g,), (g_at,) = (
            noise.gradients(objective, at + X, xi),
            noise.gradients(objective, np.broadcast_to(at, X.shape), xi),
        )
        Y, dY = _response_to(g_at, V, slopes(xi), parts)
        bent = np.einsum("ijk,sj,sk->si", curved, V, V) - np.einsum("ijk,jk->i", curved, S)
        X = np.clip(analog_update(at + X, -alpha * g, F(at + X), G(at + X)), low, high) - at
        U = U @ step.T - alpha * (dY - V @ J.T + bent / 2)
        V = V @ step.T - alpha * Y
        if k >= first:
            mean += X - V - U
            square += X[:, :, None] * X[:, None, :] - V[:, :, None] * V[:, None, :]
    return Sampled(mean / (last - first), S + square / (last - first))


def _slowest(J: np.ndarray) -> float:
    return float(np.linalg.eigvals(J).real.min())


def _slopes(objective: Objective, noise: Noise, at: np.ndarray) -> Callable[[Any], np.ndarray]:
    """The Jacobian of the sample gradient at `at`, for one step's noise: one for all seeds, or (seeds, D, D)."""
    if not isinstance(noise, Rows):
        hessian = np.asarray(objective.hessian(at))
        return lambda _: hessian
    problem: Any = objective
    each = problem.scale * problem.rows * problem.A[:, :, None] * problem.A[:, None, :]
    return lambda xi: each[xi].mean(1)


def _response_to(g: np.ndarray, V: np.ndarray, slope: np.ndarray, parts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What a step over -alpha is at the fixed point, where the gradient is g, and its derivative along V."""
    F, dF, _, G, dG, _ = parts
    along = V @ slope.T if slope.ndim == 2 else np.einsum("sij,sj->si", slope, V)
    return g * F + abs(g) * G, (g * dF + abs(g) * dG) * V + (F + np.sign(g) * G) * along


def extrapolated(values: np.ndarray, together: int, scale: float = np.nan) -> Interval:
    """What is of order alpha, to leading order, from seeds' values (rates, seeds) at alpha, alpha/2 and alpha/4."""
    shares = values / HALVINGS[:, None]
    limit = Interval.of(CUBIC @ shares, together, scale)
    return Interval(limit.value, limit.half + abs(float((CUBIC - LINEAR) @ shares.mean(1))), scale)


def measured(inputs: Inputs, seed: int = 0) -> dict[str, Interval]:
    """The std and the mean of every weight, sampled; of one weight next_order_bias too, by quadrature."""
    objective, devices, noise = setting(inputs)
    alpha, D = float(inputs["alpha"]), objective.dim
    law = analog_sgd_stationary(objective, devices, noise, alpha)
    with threadpool_limits(1):
        runs = [
            sampled(objective, devices, noise, alpha * share, SEEDS // D, [2502, seed, k], law.fixed_point)
            for k, share in enumerate(HALVINGS)
        ]
    found = {}
    for i, std in enumerate(law.std.tolist()):
        entry = "" if D == 1 else f"[{i}]"
        away = extrapolated(np.stack([run.mean[:, i] for run in runs]), 2 * D)
        found[f"mean{entry}"] = Interval(float(law.fixed_point[i]) + away.value, away.half, std)
        variance = extrapolated(np.stack([run.square[:, i, i] for run in runs]), 2 * D)
        found[f"std{entry}"] = Interval(variance.value**0.5, variance.half / (2 * variance.value**0.5), std)
    return found if D > 1 else {**found, "next_order_bias": by_quadrature(objective, devices, noise, law)}


def by_quadrature(objective: Objective, device: ResponseFunction, noise: Noise, law: Stationary) -> Interval:
    """The next-order bias of one weight, extrapolated from quadratures, whose own error is added to the interval."""
    centre, std = float(law.fixed_point[0]), float(law.std[0])
    exact = [
        stationary_moments(objective, device, noise, law.alpha * k, centre, std * float(np.sqrt(k)))
        for k in HALVINGS.tolist()
    ]
    shares, unsure = (np.array([getattr(one, name) for one in exact]) / HALVINGS for name in ("mean", "mean_error"))
    half = abs(float((CUBIC - LINEAR) @ shares)) + float(abs(CUBIC) @ unsure) + ROUNDING * std
    return Interval(float(CUBIC @ shares), half, std)
