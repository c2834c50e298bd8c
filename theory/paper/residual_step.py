"""What the steps of appendix I are made of: one step of Residual Learning, and the sizes that its inequalities compare.

An instance has arrays of shape (D,), and of shape (K, D) for what depends on the sample; see `theory/domains`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..domains import (
    expectation,
    mixed_weight,
    noise,
    norm2,
    rate,
    residual_step,
    strongly_convex,
    transfer_rate,
    two_arrays,
    value,
)
from ..statement import ForAll, Instance, Same, Sides

STEP = (strongly_convex, mixed_weight, noise, two_arrays, rate, transfer_rate, residual_step)
DIMENSIONS = (1, 2, 3)


def over_steps(sides: Callable[[Instance], Sides], says: str) -> ForAll:
    """Left <= right at every step of Residual Learning."""
    return ForAll(STEP, sides, says, DIMENSIONS)


def same(one: Callable[[Instance], Any], other: Callable[[Instance], Any], says: str) -> ForAll:
    """Two values agree at every step of Residual Learning."""
    return ForAll(STEP, lambda step: Same(one(step), other(step)), says, DIMENSIONS)


def weighted2(vectors: Any, weights: Any) -> Any:
    """||.||_S^2, along the last axis."""
    return (vectors**2 * weights).sum(axis=-1)


def M_W(step: Instance) -> Any:
    """The saturation vector M(W_k) (65)."""
    return step["F_W"] ** 2 - step["G_W"] ** 2


def M_P(step: Instance) -> Any:
    """The saturation vector M(P_k) (65)."""
    return step["F_P"] ** 2 - step["G_P"] ** 2


def ratio_P(step: Instance) -> Any:
    """||G(P_k) / sqrt(F(P_k))||_inf^2."""
    return (step["G_P"] ** 2 / step["F_P"]).max()


def drift_P(step: Instance) -> Any:
    """||grad f(Wbar_k) F(P_k) + |grad f(Wbar_k)| G(P_k)||^2."""
    return norm2(step["gradient_bar"] * step["F_P"] + abs(step["gradient_bar"]) * step["G_P"])


def transferred(step: Instance, P: Any) -> Any:
    """P F(W_k) - |P| G(W_k), which (11) adds to W_k, times beta."""
    return P * step["F_W"] - abs(P) * step["G_W"]


def away(step: Instance) -> Any:
    """W_k - W*."""
    return step["W"] - step["W_star"]


def miss(step: Instance) -> Any:
    """P_k - P*(W_k)."""
    return step["P"] - step["P_opt"]


def moved_W(step: Instance) -> Any:
    """W_{k+1} - W_k, for every sample."""
    return step["W_next"] - step["W"]


def moved_P(step: Instance) -> Any:
    """P_{k+1} - P_k, for every sample."""
    return step["P_next"] - step["P"]


def mean_value(step: Instance) -> Any:
    """E f(Wbar_{k+1})."""
    return sum(p * value(step, W) for p, W in zip(step["p"], step["W_bar_next"], strict=True))


def mean2(step: Instance, vectors: Any) -> Any:
    """E||.||^2 of a vector that depends on the sample."""
    return expectation(step, norm2(vectors))
