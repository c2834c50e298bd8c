"""Appendix B: the bound (21) of Analog SGD, in general and for the special linear response of the predecessor paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from .. import rates
from ..algorithm import analog_update
from ..domains import gradient
from ..statement import All, Assumption, Certified, Field, ForAll, Form, Implication, Instance, Premise, Sides
from ..symbols import symbol
from . import statement
from .appendix_h_rate import SIZES, STEPS
from .appendix_h_remark import (
    M_MIN,
    between_two_responses,
    gradient2,
    in_the_linear_response,
    unsaturated_run,
    unsaturated_sides,
    unsaturated_slack,
)
from .trajectories import NOISY, chosen_rate, length, mean, nodes


def _after_a_step(run: Instance, W: Any) -> Any:
    """The weights that a step of the linear response leads to from W, one for each sample."""
    increments = -run["alpha"] * (gradient(run, W) + run["xi"])
    return analog_update(W, increments, 0 * W + run["F_max"], W / run["tau"])


def _build_linear(drawn: Instance, steps: int) -> Instance:
    reached, levels = drawn["W"], []
    for _ in range(steps):
        levels.append(reached)
        branches = [_after_a_step(drawn, reached[path]) for path in np.ndindex(reached.shape[:-1])]
        reached = np.array(branches).reshape((*reached.shape[:-1], *branches[0].shape))
    largest = max(abs(W).max() for W in levels) * (1 + drawn["W_excess"])
    built = {"W_max": largest, "M_min": 1 - largest**2 / drawn["tau"] ** 2}
    for level, W in enumerate(levels):
        built |= {f"q_plus_{level}": 1 - W / drawn["tau"], f"q_minus_{level}": 1 + W / drawn["tau"]}
    return built


radius = Assumption(
    "the linear response (16)",
    "tau in [4, 16]; F = 1 = F_max",
    holds=lambda run: bool(run["F_max"] == 1),
    fields=(Field("tau", (), 4, 16),),
    build=lambda drawn: {"F_max": drawn["tau"] / drawn["tau"]},
)


def linear_run(steps: int) -> tuple[Assumption, ...]:
    """Runs of the linear response, with the alpha of eq-73-s1, whose weights stay within some W_max < tau."""
    bounded = Assumption(
        f"a run of {steps} steps (2) of the linear response, its weights bounded (text-b-3)",
        "W_max < tau their largest entry or up to a quarter more",
        holds=lambda run: bool(run["W_max"] < run["tau"]),
        fields=(Field("W_excess", (), 0, 0.25),),
        build=lambda drawn: _build_linear(drawn, steps),
    )
    return (*NOISY, radius, chosen_rate(steps, 0.25), bounded)


def two_steps_of_the_linear_response() -> Implication:
    """That (74) at two steps gives the last line of (21); the scale is L = F_max = sigma = 1, and alpha = 1/8.

    The gap of eq-73-s1 is 2 alpha^2 then, f* is 0, and ||grad f||^2 <= 2 L (f - f*) at every step. F is 1, and G^2/F
    is what M lacks of 1.
    """
    alpha, e = sp.Rational(1, 8), [symbol(f"f_{k}") for k in range(3)]
    x, ratio = ([symbol(f"{name}_{k}", "nonnegative") for k in range(2)] for name in ("grad2", "W2_over_tau2"))
    M = [1 - r for r in ratio]
    falls = [e[k + 1] <= e[k] - alpha * M[k] * x[k] / 2 + alpha**2 + alpha * ratio[k] for k in range(2)]
    smooth = (x[k] <= 2 * e[k] for k in range(2))
    start = (sp.Eq(e[0], 2 * alpha**2), e[2] >= 0, *smooth, *(M_MIN <= m for m in M))
    noise_term = (ratio[0] / M[0] + ratio[1] / M[1]) / 2
    right = rates.unsaturated_rate(2 * alpha**2, 2, noise_term, M_MIN, 1, 1, 1, sp.sqrt)
    return Implication((*start, *falls, *(r < 1 for r in ratio)), claim=(x[0] + x[1]) / 2 <= right)


@statement(
    "eq-21",
    source="App. B, (21)",
    uses=["eq-75", "eq-18", "eq-19.amended-1", "text-b-2"],
    reading="the first line, which is (75), in long runs; the last as what follows from (74) at two steps of the "
    "linear response; the constant 4 for O; M_min^RL as the bound of M(W_k)",
)
def rate_of_the_special_case() -> Form:
    """The mean of ||grad f||^2 is at most (75) in long runs, and for the linear response the last line, K = 2."""
    return All(
        (
            ("first line, long runs", between_two_responses(per_step=True)),
            ("last line, K = 2", two_steps_of_the_linear_response()),
            *in_the_linear_response(),
        )
    )


def _amended(domain: tuple[Assumption, ...], sides: Callable[[Instance], Sides], says: str, steps: int) -> Certified:
    claim = ForAll(domain, sides, f"(21) as amended, {says}, K = {steps}", SIZES)
    return Certified(claim, (), (Premise("eq-75.amended-1", unsaturated_slack),))


def last_line(run: Instance) -> Sides:
    """The last line of (21), with 1 - W_max^2/tau^2 under its noise term too."""
    tau, W_max = run["tau"], run["W_max"]
    squares = sum(node.probability * (node.step["W"] ** 2).max() for node in nodes(run)) / length(run)
    noise_term = (squares / tau**2) / (1 - W_max**2 / tau**2)
    scales = (run["L"], run["sigma2"], lambda _: run["root"])
    right = rates.unsaturated_rate_linear(run["gap"], length(run), noise_term, W_max, tau, *scales)
    return Sides(mean(run, gradient2), right)


@statement(
    "eq-21.amended-1",
    source="App. B, (21)",
    amends="eq-21",
    judgement="error",
    reading="M_min, which is 1 - W_max^2/tau^2 in the last line, under the noise terms too, as in eq-75.amended-1; the "
    "last sum to K - 1",
    uses=["eq-75.amended-1", "eq-19.amended-1", "text-b-2"],
)
def rate_of_the_special_case_repaired() -> Form:
    """The mean of ||grad f||^2 is at most the first and the last line, with a constant under their noise terms."""
    lines = ((unsaturated_run, unsaturated_sides, "first line"), (linear_run, last_line, "last line"))
    return All(
        tuple(
            (f"{says}, K = {steps}", _amended(run(steps), sides, says, steps))
            for run, sides, says in lines
            for steps in STEPS
        )
    )
