"""What appendix I.1 compares at a step of Residual Learning, beside `residual_step`, and the domains that it needs.

The Lyapunov function, the bounds of the saturation, and rates that meet the conditions, as printed and as repaired.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..domains import mixed_weight, noise, norm2, residual_step, strongly_convex, two_arrays, value
from ..rates import Metric, printed_transfer_rate, residual_transfer_rate
from ..statement import Assumption, Field, Instance
from .appendix_i_lemma_5 import small_rate
from .residual_step import M_P, M_W, away, charitable, drift_P, mean2, mean_value, miss, pull, rate_up_to, weighted2

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


def metric(step: Instance, weights: Metric) -> Any:
    """The summand of E_K^RL (91) for step k, with these weights."""
    squares = (drift_P(step), grad2(step), norm2(pull(step)), weighted2(away(step), M_W(step)), norm2(miss(step)))
    return sum(weight * square for weight, square in zip(weights, squares, strict=True))


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


def slow(step: Instance) -> Any:
    """The largest beta that the repaired proof allows."""
    names = ("alpha", "gamma", "mu", "M_P_min", "root_W", "F_max", "q_max")
    return residual_transfer_rate(*(step[name] for name in names))


TUNED = "alpha gamma^2 mu M_P sqrt(M_W)/(32 F_max^2 q_max)"
slow_beta = rate_up_to("beta", slow, TUNED)
tuned_beta = Assumption(
    "tuned transfer rate",
    f"beta = {TUNED}",
    holds=lambda step: bool(step["beta"] == slow(step)),
    build=lambda drawn: {"beta": slow(drawn)},
)

SIZES = (1, 2)
"""The dimensions of instances: what is proved is proved for every dimension, term by term."""


# Where the printed inequalities are tried: gamma is large, and every condition is met that the proof names


def _built(assumption: Assumption, drawn: Instance, **values: Any) -> Instance:
    """These values, and what the assumption builds with them."""
    return {**values, **(assumption.build({**drawn, **values}) if assumption.build else {})}


def _build_squared(drawn: Instance) -> Instance:
    return _built(mixed_weight, drawn, gamma=drawn["root_gamma"] ** 2)


squared_mixing = Assumption(
    "mixed weight W + gamma P (Section 4), gamma large",
    "any P; gamma in [9, 64], its root rational; the gradient at W + gamma P; the residual P*(W) = (W* - W)/gamma",
    holds=lambda step: bool(step["gamma"] == step["root_gamma"] ** 2 and step["gamma"] >= 9),
    fields=(Field("P", ("D",), -2, 2), Field("root_gamma", (), 3, 8)),
    build=_build_squared,
)


def _build_saturated(drawn: Instance) -> Instance:
    F_max = max(drawn["q_plus_P"].max(), drawn["q_minus_P"].max())
    low = drawn["share_W"] * F_max**2 / (2 * drawn["gamma"])
    up = np.where(drawn["side_W"] < 0, low, 2 * low)
    return _built(two_arrays, drawn, q_plus_W=up, q_minus_W=3 * low - up, F_excess=0)


saturated = Assumption(
    "responses at W and at P (Definition 1, Lemma 2), those at W small as (86-a) has it",
    "q_+ and q_- of P in [1/4, 2]; of each weight of W m and 2 m, so that min M(W) has a root times that of 2; "
    "2 gamma min M(W) <= F_max^4",
    holds=lambda step: bool(2 * step["gamma"] * M_W(step).min() <= step["F_max"] ** 4),
    fields=(
        *(Field(f"q_{sign}_P", ("D",), 0.25, 2) for sign in ("plus", "minus")),
        Field("share_W", ("D",), 0.25, 1),
        Field("side_W", ("D",), -1, 1),
    ),
    build=_build_saturated,
)


def printed_beta(step: Instance) -> Any:
    """(89), where M stands outside the root; M(W) = 2 m^2."""
    least = min(step["q_plus_W"].min(), step["q_minus_W"].min())
    return printed_transfer_rate(step["alpha"], step["mu"], step["root_gamma"], step["M_P_min"] * least, step["F_max"])


PRINTED = "(89): alpha mu gamma^(3/2) sqrt(min M(W_k)) M_P/(16 sqrt(2) F_max^3)"
printed_rate = Assumption(
    "printed transfer rate",
    f"beta = {PRINTED}; then beta <= gamma/(4 F_max) and beta <= F_max^3/(2 gamma min M(W_k))",
    holds=lambda step: (
        bool(step["beta"] == printed_beta(step))
        and bool(step["beta"] <= step["gamma"] / (4 * step["F_max"]))
        and bool(2 * step["gamma"] * M_W(step).min() * step["beta"] <= step["F_max"] ** 3)
    ),
    build=lambda drawn: {"beta": printed_beta(drawn)},
)
AS_PRINTED = (
    strongly_convex,
    squared_mixing,
    noise,
    saturated,
    charitable,
    saturation,
    small_rate,
    printed_rate,
    residual_step,
)
