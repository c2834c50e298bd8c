"""What the steps of appendix I are made of: one step of Residual Learning, and the sizes that its inequalities compare.

An instance has arrays of shape (D,), and of shape (K, D) for what depends on the sample; see `theory/domains`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..domains import (
    expectation,
    mixed_weight,
    narrowed,
    noise,
    norm2,
    rate,
    residual_step,
    strongly_convex,
    transfer_rate,
    two_arrays,
    value,
)
from ..statement import Assumption, Field, ForAll, Instance, Same, Sides

STEP = (strongly_convex, mixed_weight, noise, two_arrays, rate, transfer_rate, residual_step)
DIMENSIONS = (1, 2, 3)


def steps(
    *further: Assumption,
    objective: Assumption = strongly_convex,
    mixed: Assumption = mixed_weight,
    alpha: Assumption = rate,
    beta: Assumption = transfer_rate,
) -> tuple[Assumption, ...]:
    """The domain of one step; `further` assumptions, then the rates, may build on all but the step itself."""
    return (objective, mixed, noise, two_arrays, *further, alpha, beta, residual_step)


def rate_up_to(name: str, bound: Callable[[Instance], Any], says: str) -> Assumption:
    """The rate `name`, alpha or beta, is positive and at most `bound`, which `says` tells; drawn from 1/16 of it."""
    return Assumption(
        f"{name} <= {says}",
        f"0 < {name} <= {says}",
        holds=lambda step: bool(0 < step[name] <= bound(step)),
        fields=(Field(f"{name}_share", (), 0.0625, 1),),
        build=lambda drawn: {name: drawn[f"{name}_share"] * bound(drawn)},
    )


charitable = Assumption(
    "F_max bounds the responses",
    "F_max taken to be q_max, with which Lemma 3 holds",
    holds=lambda step: bool(step["F_max"] == step["q_max"]),
    build=lambda drawn: {"F_max": drawn["q_max"]},
)


def mixing(low: float, high: float) -> Assumption:
    """The mixed weight with gamma in [low, high]."""
    says = f"any P; gamma in [{low:g}, {high:g}]; the gradient at W + gamma P; the residual P*(W) = (W* - W)/gamma"
    return narrowed(mixed_weight, says, gamma=(low, high))


def slack(sides: Sides) -> Any:
    """By how much the right side exceeds the left."""
    return sides.right - sides.left


def first_sample(step: Instance) -> Instance:
    """The step when its first sample is drawn: claims about it are claims about every sample, for any may be first."""
    drawn = ("samples", "P_next", "W_next", "W_bar_next")
    return {**step, "p": step["p"][:1] / step["p"][0], **{name: step[name][:1] for name in drawn}}


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


def miss_next(step: Instance) -> Any:
    """P_{k+1} - P*(W_k), for every sample."""
    return step["P_next"] - step["P_opt"]


def pull(step: Instance) -> Any:
    """P*(W_k) F(W_k) - |P*(W_k)| G(W_k)."""
    return transferred(step, step["P_opt"])


def pushed(step: Instance) -> Any:
    """P_{k+1} F(W_k) - |P_{k+1}| G(W_k), for every sample."""
    return transferred(step, step["P_next"])
