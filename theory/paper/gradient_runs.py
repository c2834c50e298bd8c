"""Analog GD as instances, exactly: one step, or a run of a few. A step is one of (2) whose only sample is the gradient.

A run from W_0 meets at W_k the responses `q_plus_k`, `q_minus_k`, and at a weight that it comes back to those that it
met there: responses are functions of the weight, and any such function, for the class bounds no slope.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from ..algorithm import analog_update
from ..domains import gradient, rate, responses, smooth, value
from ..statement import Assumption, Field, Instance
from .descent_terms import View, Viewer, viewed
from .residual_step import rate_up_to
from .trajectories import bounded_below, lower_bound

VIEW: Viewer = viewed()


def stepped(state: Instance) -> Instance:
    """The step from `state`, as one of Analog SGD: one sample of probability 1, no noise."""
    samples = state["gradient"][None]
    following = analog_update(state["W"], -state["alpha"] * samples, state["F"], state["G"])
    return {"samples": samples, "xi": 0 * samples, "p": np.array([1]), "sigma2": 0, "W_next": following}


gradient_step = Assumption(
    "one step of Analog GD",
    "(2) with the gradient for the sample",
    holds=lambda step: bool(np.all(step["samples"] == step["gradient"])),
    build=stepped,
)

small_rate = rate_up_to("alpha", lambda step: 1 / (step["L"] * step["F_max"]), "1/(L F_max)")
STEP = (smooth, responses, rate, gradient_step)
SMALL_STEP = (smooth, responses, small_rate, gradient_step)


def responses_of(levels: int, sharp: bool = False) -> Assumption:
    """The responses at W_0, W_1, ..., of so many weights; F_max the largest F if `sharp`."""
    names = [f"q_{sign}_{k}" for k in range(levels) for sign in ("plus", "minus")]

    def build(drawn: Instance) -> Instance:
        largest = max((drawn[f"q_plus_{k}"] + drawn[f"q_minus_{k}"]).max() for k in range(levels)) / 2
        return {"F_max": largest if sharp else largest * (1 + drawn["F_excess"])}

    def holds(run: Instance) -> bool:
        positive = all(np.all(run[name] > 0) for name in names)
        sums = (run[f"q_plus_{k}"] + run[f"q_minus_{k}"] for k in range(levels))
        return bool(positive and all(np.all(total <= 2 * run["F_max"]) for total in sums))

    up_to = "" if sharp else " or up to twice that"
    excess = () if sharp else (Field("F_excess", (), 0, 1),)
    return Assumption(
        "responses along the run (Definition 1, Lemma 2)",
        f"at each weight that is reached any positive ones, at most 4; F_max their largest F{up_to}",
        holds=holds,
        fields=(*(Field(name, ("D",), 0.0625, 4) for name in names), *excess),
        build=build,
    )


def rate_of(share: Fraction) -> Assumption:
    """The learning rate alpha = share / (L F_max)."""
    return Assumption(
        f"alpha = {share}/(L F_max)",
        "as chosen in the proof",
        holds=lambda run: bool(run["alpha"] * run["L"] * run["F_max"] == share),
        build=lambda drawn: {"alpha": share / (drawn["L"] * drawn["F_max"])},
    )


least_value = Assumption(
    "the largest lower bound f*",
    "f* the least value, 0",
    holds=lambda run: bool(run["f_star"] == 0),
    build=lambda drawn: {"f_star": 0 * drawn["L"]},
)


def run_of(levels: int, alpha: Assumption, sharp: bool = False) -> tuple[Assumption, ...]:
    """Runs of Analog GD that take a step from so many weights.

    F_max bounds F, and f* bounds f from below; if `sharp` they are the best bounds, which makes a refutation easier.
    """
    below = least_value if sharp else lower_bound
    return (bounded_below, below, responses_of(levels, sharp), alpha, _walk(levels))


def _walk(levels: int) -> Assumption:
    """The run: its weights W_0, W_1, ... as `path`, and from each but the last the gradient and the responses."""

    def build(drawn: Instance) -> Instance:
        path: list[Any] = [drawn["W"]]
        slopes: list[Any] = []
        up: list[Any] = []
        down: list[Any] = []
        for k in range(levels):
            W = path[k]
            q_plus, q_minus = drawn[f"q_plus_{k}"], drawn[f"q_minus_{k}"]
            for before in reversed(range(k)):
                back = path[before] == W
                q_plus, q_minus = np.where(back, up[before], q_plus), np.where(back, down[before], q_minus)
            slopes.append(gradient(drawn, W))
            up.append(q_plus)
            down.append(q_minus)
            path.append(analog_update(W, -drawn["alpha"] * slopes[k], (q_minus + q_plus) / 2, (q_minus - q_plus) / 2))
        return {name: np.array(rows) for name, rows in zip(PATH, (path, slopes, up, down), strict=True)}

    def holds(run: Instance) -> bool:
        return all(np.all(run["path"][k + 1] == step["W_next"][0]) for k, step in enumerate(steps_of(run, levels)))

    return Assumption(
        "a run of Analog GD",
        f"(2) with the gradient for the sample, {levels} times; the responses of a weight are the same when it is back",
        holds=holds,
        build=build,
    )


PATH = ("path", "slopes", "up", "down")


def steps_of(run: Instance, levels: int) -> list[Instance]:
    """The steps from W_0, W_1, ..., of so many weights."""
    return [_step(run, k) for k in range(levels)]


def _step(run: Instance, k: int) -> Instance:
    W, slope, up, down = (run[name][k] for name in PATH)
    parts = {"F": (down + up) / 2, "G": (down - up) / 2}
    state = {**run, "W": W, "gradient": slope, "q_plus": up, "q_minus": down, **parts}
    return {**state, **stepped(state)}


def gathered(steps: list[Instance], **more: Any) -> View:
    """The coordinates of all steps as (K, D) arrays, their scalars, and `more`."""
    views = [VIEW(step) for step in steps]
    columns = {name: np.array([view[name] for view in views]) for name in ("grad", "F", "G")}
    return {**columns, **{name: views[0][name] for name in ("alpha", "L", "F_max")}, **more}


def value_after(steps: list[Instance]) -> Any:
    """The objective after the last step."""
    return value(steps[-1], steps[-1]["W_next"][0])
