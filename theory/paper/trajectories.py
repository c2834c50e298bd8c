"""Whole runs of Analog SGD as instances: every path that the noise can take over a few steps, exactly.

A run from W_0 branches into one path for each sample. The responses at the weights of a level are any within the class,
one pair for each weight that is reached: arrays `q_plus_k`, `q_minus_k` of shape (K, ..., K, D), with k axes for the
atoms of the noise, whose law is that of every step.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..algorithm import analog_update
from ..domains import gradient, noise, strongly_convex, value
from ..statement import Assumption, Field, Instance
from .descent_terms import View, Viewer, loose_variance, viewed


class Node(NamedTuple):
    """A step of a run: the probability that the run comes by, and the step itself."""

    probability: Any
    step: Instance


def _at_least_flat(drawn: Instance) -> Instance:
    built = {"h_left": drawn["L"] * drawn["share_left"], "h_right": drawn["L"] * drawn["share_right"]}
    return {**built, "gradient": gradient({**drawn, **built}, drawn["W"])}


def _is_bounded_below(instance: Instance) -> bool:
    return bool(all(np.all((0 <= h) & (h <= instance["L"])) for h in (instance["h_left"], instance["h_right"])))


_SHAPE = tuple(field for field in strongly_convex.fields if field.name not in ("mu", "spread"))

bounded_below = Assumption(
    "L-smooth objective bounded below (Assumption 1)",
    "f(W) = sum_i h_i y_i^2 / 2, y = W - W* along any orthogonal axes, h_i one for y_i < 0, one for y_i > 0, all "
    "within [0, L], L in [1/4, 4]",
    holds=_is_bounded_below,
    fields=(Field("L", (), 0.25, 4), *_SHAPE),
    build=_at_least_flat,
)

lower_bound = Assumption(
    "a lower bound f*",
    "f* at most the least value, and by 1 at most",
    holds=lambda run: bool(run["f_star"] <= 0),
    fields=(Field("below", (), 0, 1),),
    build=lambda drawn: {"f_star": -drawn["below"]},
)


def _parts(run: Instance, level: int) -> tuple[Any, Any]:
    up, down = run[f"q_plus_{level}"], run[f"q_minus_{level}"]
    return (down + up) / 2, (down - up) / 2


def responses_along(steps: int) -> Assumption:
    """The responses at every weight of a run of `steps` steps, but for its last."""
    known = range(steps)
    shapes = {level: (*(("K",) * depth), "D") for depth, level in enumerate(known)}
    fields = (Field(f"q_{sign}_{k}", shapes[k], 0.0625, 4) for k in known for sign in ("plus", "minus"))

    def build(drawn: Instance) -> Instance:
        largest = max(_parts(drawn, level)[0].max() for level in known)
        return {"F_max": largest * (1 + drawn["F_excess"])}

    def holds(run: Instance) -> bool:
        positive = all(np.all(run[f"q_{sign}_{k}"] > 0) for k in known for sign in ("plus", "minus"))
        return bool(positive and all(np.all(_parts(run, k)[0] <= run["F_max"]) for k in known))

    return Assumption(
        f"a run of {steps} steps (2), with responses along it (Definition 1, Lemma 2)",
        "responses of each weight that is reached: positive, at most 4; F_max their largest F or up to twice that",
        holds=holds,
        fields=(*fields, Field("F_excess", (), 0, 1)),
        build=build,
    )


def step_at(run: Instance, level: int, path: tuple[int, ...], W: Any) -> Instance:
    """The step from a weight that is reached by a path."""
    F, G = (part[path] for part in _parts(run, level))
    slope = gradient(run, W)
    samples = slope + run["xi"]
    following = analog_update(W, -run["alpha"] * samples, F, G)
    responses = {"q_plus": run[f"q_plus_{level}"][path], "q_minus": run[f"q_minus_{level}"][path], "F": F, "G": G}
    return {**run, **responses, "W": W, "gradient": slope, "samples": samples, "W_next": following}


def length(run: Instance) -> int:
    """K, the number of steps of a run."""
    return next(k for k in itertools.count() if f"q_plus_{k}" not in run)


def walked(run: Instance) -> tuple[list[Node], list[Node]]:
    """The steps k = 0, ..., K - 1 from every weight that is reached; and the weights at the end, without a step."""
    reached: list[tuple[tuple[int, ...], Any, Any]] = [((), 1, run["W"])]
    seen: list[Node] = []
    for level in range(length(run)):
        here = [(path, Node(probability, step_at(run, level, path, W))) for path, probability, W in reached]
        seen += [node for _, node in here]
        reached = [
            ((*path, k), node.probability * p, after)
            for path, node in here
            for k, (p, after) in enumerate(zip(run["p"], node.step["W_next"], strict=True))
        ]
    return seen, [Node(probability, {**run, "W": W}) for _, probability, W in reached]


def nodes(run: Instance) -> list[Node]:
    """The steps k = 0, ..., K - 1 from every weight that is reached."""
    return walked(run)[0]


VIEW: Viewer = viewed()


def mean(run: Instance, size: Callable[[View], Any]) -> Any:
    """(1/K) sum_k E size, over k = 0, ..., K - 1."""
    return sum(node.probability * size(VIEW(node.step)) for node in nodes(run)) / length(run)


def amplification(run: Instance) -> Any:
    """E S_K, the mean of ||G(W_k) / sqrt(F(W_k))||_inf^2."""
    return mean(run, lambda v: v["ratio_max"])


def last_values(run: Instance) -> tuple[Any, Any]:
    """The probabilities of the paths, and f(W_K) at their ends."""
    ends = walked(run)[1]
    return np.array([end.probability for end in ends]), np.array([value(run, end.step["W"]) for end in ends])


def gathered(run: Instance) -> View:
    """The coordinates of all steps k < K as (N, D) arrays, with the probabilities of the steps as (N, 1)."""
    every = nodes(run)
    columns = {name: np.array([VIEW(node.step)[name] for node in every]) for name in ("grad", "F", "G")}
    return {**columns, "p": np.array([[node.probability] for node in every]), "K": length(run)}


# What (73) chooses: alpha with alpha F_max = rho = sqrt(gap/(sigma^2 L K)), which is drawn, so that roots are rational


def chosen_rate(steps: int, largest: float, capped: bool = False) -> Assumption:
    """Alpha as (73) chooses it for K = `steps`; rho L at most `largest`. Capped, it is at most 1/(4 L F_max)."""

    def build(drawn: Instance) -> Instance:
        rho = drawn["rho_share"] / drawn["L"]
        above = value(drawn, drawn["W"])
        sigma2 = max(drawn["sigma2"], above / (rho**2 * drawn["L"] * steps))
        gap = rho**2 * sigma2 * drawn["L"] * steps
        used = min(rho, 1 / (4 * drawn["L"])) if capped else rho
        alpha = used / drawn["F_max"]
        chosen = {"rho": rho, "sigma2": sigma2, "gap": gap, "root": rho * sigma2 * drawn["L"], "alpha": alpha}
        return {**chosen, "f_star": above - gap}

    def holds(run: Instance) -> bool:
        root2 = run["gap"] * run["sigma2"] * run["L"] / steps
        used = run["alpha"] * run["F_max"]
        short = capped and used == 1 / (4 * run["L"]) and used <= run["rho"]
        right = run["sigma2"] > 0 and run["rho"] ** 2 * run["sigma2"] * run["L"] * steps == run["gap"]
        right = right and run["rho"] * run["L"] <= largest
        return bool(right and run["root"] ** 2 == root2 and (used == run["rho"] or short) and run["f_star"] <= 0)

    cap = "; at most 1/(4 L F_max)" if capped else ""
    return Assumption(
        f"alpha = sqrt((f(W_0) - f*)/(sigma^2 L K))/F_max{cap}",
        f"sigma^2 > 0 at least the variance, f* at most the least value; the root from 1/16 to {largest:g} times 1/L",
        holds=holds,
        fields=(Field("rho_share", (), 0.0625, largest),),
        build=build,
    )


NOISY = (bounded_below, noise, loose_variance)
