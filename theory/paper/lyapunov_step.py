"""What appendix I.1 compares at a step of Residual Learning, beside `residual_step`, and the domains that it needs.

The Lyapunov function, the bounds of the saturation, and rates that meet the conditions, as printed and as repaired.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from ..domains import mixed_weight, noise, norm2, residual_step, strongly_convex, two_arrays, value
from ..rates import residual_transfer_rate
from ..statement import Assumption, Field, Instance
from .residual_step import M_P, M_W, away, mean2, mean_value, transferred

# Sizes


def gap(step: Instance) -> Any:
    """f(Wbar_k) - f*, for f* = 0 in these domains."""
    return value(step, step["W_bar"])


def lyapunov(step: Instance, C: Any) -> Any:
    """V_k (82)."""
    return gap(step) + C * norm2(away(step))


def lyapunov_next(step: Instance, C: Any) -> Any:
    """E V_{k+1}."""
    return mean_value(step) + C * mean2(step, step["W_next"] - step["W_star"])


def grad2(step: Instance) -> Any:
    """||grad f(Wbar_k)||^2."""
    return norm2(step["gradient_bar"])


def pull(step: Instance) -> Any:
    """P*(W_k) F(W_k) - |P*(W_k)| G(W_k)."""
    return transferred(step, step["P_opt"])


def pushed(step: Instance) -> Any:
    """P_{k+1} F(W_k) - |P_{k+1}| G(W_k), for every sample."""
    return transferred(step, step["P_next"])


def miss_next(step: Instance) -> Any:
    """P_{k+1} - P*(W_k), for every sample."""
    return step["P_next"] - step["P_opt"]


# Domains


def _build_saturation(drawn: Instance) -> Instance:
    least = min(drawn["q_plus_W"].min(), drawn["q_minus_W"].min())
    root = drawn["share_M_W"] * least
    return {"M_P_min": drawn["share_M_P"] * M_P(drawn).min(), "root_W": root, "M_W_min": root**2}


def _is_saturation(instance: Instance) -> bool:
    bounds = ((instance["M_P_min"], M_P(instance)), (instance["M_W_min"], M_W(instance)))
    return all(bool(0 < bound and np.all(bound <= M)) for bound, M in bounds)


saturation = Assumption(
    "bounds of the saturation",
    "0 < M_P <= min M(P_k), from half of it; 0 < M_W <= min M(W_k), the square of half to all of the least response",
    holds=_is_saturation,
    fields=(Field("share_M_P", (), 0.5, 1), Field("share_M_W", (), 0.5, 1)),
    build=_build_saturation,
)

charitable = Assumption(
    "F_max bounds the responses",
    "F_max taken to be q_max, with which Lemma 3 holds",
    holds=lambda instance: bool(instance["F_max"] == instance["q_max"]),
    build=lambda drawn: {"F_max": drawn["q_max"]},
)


def mixing(low: float, high: float) -> Assumption:
    """The mixed weight with gamma in a range."""
    fields = (next(field for field in mixed_weight.fields if field.name == "P"), Field("gamma", (), low, high))
    says = f"any P; gamma in [{low:g}, {high:g}]; the gradient at W + gamma P; the residual P*(W) = (W* - W)/gamma"
    return replace(mixed_weight, says=says, fields=fields)


def _is_small(instance: Instance) -> bool:
    alpha, gamma, L, F_max = (instance[name] for name in ("alpha", "gamma", "L", "F_max"))
    return bool(0 < alpha and 8 * alpha * gamma * L * F_max <= 1 and 0 < instance["beta"])


def _build_repaired(drawn: Instance) -> Instance:
    gamma, F_max = drawn["gamma"], drawn["F_max"]
    alpha = drawn["share_alpha"] / (8 * gamma * drawn["L"] * F_max)
    return {"alpha": alpha, "beta": drawn["share_beta"] * gamma / (4 * F_max)}


SHARES = (Field("share_alpha", (), 0.01, 1), Field("share_beta", (), 0.01, 1))

small_rates = Assumption(
    "small rates",
    "alpha <= 1/(8 gamma L F_max), beta <= gamma/(4 F_max), from a hundredth of that",
    holds=lambda instance: _is_small(instance) and 4 * instance["beta"] * instance["F_max"] <= instance["gamma"],
    fields=SHARES,
    build=_build_repaired,
)


def slow_transfer(drawn: Instance) -> Any:
    """The largest beta that the repaired proof allows."""
    names = ("alpha", "gamma", "mu", "M_P_min", "root_W", "F_max", "q_max")
    return residual_transfer_rate(*(drawn[name] for name in names))


def _build_slow(drawn: Instance) -> Instance:
    alpha = drawn["share_alpha"] / (8 * drawn["gamma"] * drawn["L"] * drawn["F_max"])
    return {"alpha": alpha, "beta": drawn["share_beta"] * slow_transfer({**drawn, "alpha": alpha})}


slow_rates = Assumption(
    "small learning rate, slow transfer",
    "alpha <= 1/(8 gamma L F_max), beta <= alpha gamma^2 mu M_P sqrt(M_W)/(32 F_max^2 q_max), from a hundredth of that",
    holds=lambda instance: _is_small(instance) and bool(instance["beta"] <= slow_transfer(instance)),
    fields=SHARES,
    build=_build_slow,
)

tuned_rates = Assumption(
    "small learning rate, tuned transfer",
    "alpha <= 1/(8 gamma L F_max), beta = alpha gamma^2 mu M_P sqrt(M_W)/(32 F_max^2 q_max)",
    holds=lambda instance: _is_small(instance) and bool(instance["beta"] == slow_transfer(instance)),
    fields=SHARES[:1],
    build=lambda drawn: _build_slow({**drawn, "share_beta": 1}),
)


def steps(rates: Assumption, *more: Assumption) -> tuple[Assumption, ...]:
    """A step of Residual Learning with bounds of the saturation and these rates."""
    return (strongly_convex, mixed_weight, noise, two_arrays, saturation, *more, rates, residual_step)


HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)
