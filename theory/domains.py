"""Domains of the paper's claims, as assumptions that instances are built from: objectives, noise, responses, rates.

Everything is built by plain arithmetic from boxes of numbers, so that an instance is exact where its numbers are.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import sympy as sp

from .algorithm import analog_update
from .bilevel import closed_form_residual
from .statement import Assumption, Field, Instance
from .symbols import symbol


def narrowed(assumption: Assumption, says: str | None = None, /, **boxes: tuple[float, float]) -> Assumption:
    """The assumption with the fields of these names drawn from other boxes; names that it lacks are passed over."""

    def field(whole: Field) -> Field:
        low, high = boxes.get(whole.name, (whole.low, whole.high))
        return replace(whole, low=low, high=high)

    return replace(assumption, says=says or assumption.says, fields=tuple(map(field, assumption.fields)))


def reflection(axis: Any) -> Any:
    """The Householder reflection along `axis`: orthogonal, and rational where the axis is. No axis, no reflection."""
    size, unit = axis @ axis, np.eye(len(axis), dtype=int)
    return unit if size == 0 else unit - 2 * np.outer(axis, axis) / size


def _in_eigenbasis(instance: Instance, W: Any) -> tuple[Any, Any, Any]:
    """The rotation, the coordinates of W - W* along the eigenvectors, and the curvature on their side of W*."""
    rotation = reflection(instance["axis"])
    along = rotation.T @ (W - instance["W_star"])
    return rotation, along, np.where(along < 0, instance["h_left"], instance["h_right"])


def value(instance: Instance, W: Any) -> Any:
    """f(W) = sum_i h_i y_i^2 / 2 with y = W - W* along the eigenvectors, h_i that of the side of y_i."""
    _, along, curvature = _in_eigenbasis(instance, W)
    return (curvature * along**2).sum() / 2


def gradient(instance: Instance, W: Any) -> Any:
    """The gradient of f at W."""
    rotation, along, curvature = _in_eigenbasis(instance, W)
    return rotation @ (curvature * along)


def _is_spectral(instance: Instance) -> bool:
    rotation = reflection(instance["axis"])
    return bool(np.all(rotation @ rotation.T == np.eye(len(rotation), dtype=int)))


_POINTS = (Field("axis", ("D",), -1, 1), Field("W", ("D",), -2, 2), Field("W_star", ("D",), -2, 2))
_TWO_SIDED = "f(W) = sum_i h_i y_i^2 / 2, y = W - W* along any orthogonal axes, h_i one for y_i < 0, one for y_i > 0"


def _build_smooth(drawn: Instance) -> Instance:
    built = {"h_left": drawn["L"] * drawn["bend_left"], "h_right": drawn["L"] * drawn["bend_right"]}
    return {**built, "gradient": gradient({**drawn, **built}, drawn["W"])}


def _is_smooth(instance: Instance) -> bool:
    curvatures = (instance["h_left"], instance["h_right"])
    within = all(np.all(abs(h) <= instance["L"]) for h in curvatures)
    return bool(instance["L"] > 0 and within and _is_spectral(instance))


smooth = Assumption(
    "L-smooth objective (Assumption 1)",
    f"{_TWO_SIDED}, all within [-L, L], L in [1/4, 4]",
    holds=_is_smooth,
    fields=(
        Field("L", (), 0.25, 4),
        Field("bend_left", ("D",), -1, 1),
        Field("bend_right", ("D",), -1, 1),
        *_POINTS,
    ),
    build=_build_smooth,
)


def _build_convex(drawn: Instance) -> Instance:
    mu, spread = drawn["mu"], drawn["spread"]
    built = {
        "L": mu + spread,
        "h_left": mu + spread * drawn["share_left"],
        "h_right": mu + spread * drawn["share_right"],
    }
    return {**built, "gradient": gradient({**drawn, **built}, drawn["W"])}


def _is_convex(instance: Instance) -> bool:
    curvatures = (instance["h_left"], instance["h_right"])
    within = all(np.all((instance["mu"] <= h) & (h <= instance["L"])) for h in curvatures)
    return bool(instance["mu"] > 0 and within and _is_spectral(instance))


strongly_convex = Assumption(
    "mu-strongly convex, L-smooth objective (Assumptions 1 and 3)",
    f"{_TWO_SIDED}, all within [mu, L], mu in [1/8, 2], L - mu in [0, 4]",
    holds=_is_convex,
    fields=(
        Field("mu", (), 0.125, 2),
        Field("spread", (), 0, 4),
        Field("share_left", ("D",), 0, 1),
        Field("share_right", ("D",), 0, 1),
        *_POINTS,
    ),
    build=_build_convex,
)


def _build_noise(drawn: Instance) -> Instance:
    weights = drawn["atom_weights"]
    total = weights.sum()
    probabilities = weights / total
    noise = drawn["atoms"] - probabilities @ drawn["atoms"]
    return {"p": probabilities, "xi": noise, "sigma2": probabilities @ (noise**2).sum(axis=1)}


def _is_noise(instance: Instance) -> bool:
    p, xi = instance["p"], instance["xi"]
    law = np.all(p > 0) and p.sum() == 1
    return bool(law and np.all(p @ xi == 0) and p @ (xi**2).sum(axis=1) <= instance["sigma2"])


noise = Assumption(
    "unbiased noise of variance sigma^2 (Assumption 2)",
    "two or three atoms of any probabilities, mean exactly 0, sigma^2 the exact total variance",
    holds=_is_noise,
    fields=(Field("atoms", ("K", "D"), -2, 2), Field("atom_weights", ("K",), 0.125, 1)),
    build=_build_noise,
)


def _parts(up: Any, down: Any) -> tuple[Any, Any]:
    """F and G of (4)."""
    return (down + up) / 2, (down - up) / 2


def _build_responses(drawn: Instance) -> Instance:
    F, G = _parts(drawn["q_plus"], drawn["q_minus"])
    return {"F": F, "G": G, "F_max": F.max() * (1 + drawn["F_excess"])}


def _has_bound(instance: Instance) -> bool:
    positive = np.all(instance["q_plus"] > 0) and np.all(instance["q_minus"] > 0)
    return bool(positive and np.all(instance["F"] <= instance["F_max"]))


responses = Assumption(
    "responses at W (Definition 1, Lemma 2)",
    "q_+ and q_- of each weight positive and at most 4, F_max their largest F or up to twice that",
    holds=_has_bound,
    fields=(Field("q_plus", ("D",), 0.0625, 4), Field("q_minus", ("D",), 0.0625, 4), Field("F_excess", (), 0, 1)),
    build=_build_responses,
)

rate = Assumption(
    "learning rate",
    "alpha in [1/8, 2]",
    constraint=(symbol("alpha") > 0,),
    fields=(Field("alpha", (), 0.125, 2),),
)


def _build_step(drawn: Instance) -> Instance:
    samples = drawn["gradient"] + drawn["xi"]
    following = analog_update(drawn["W"], -drawn["alpha"] * samples, drawn["F"], drawn["G"])
    return {"samples": samples, "W_next": following}


analog_step = Assumption(
    "one step of Analog SGD (2)",
    "from W, for every atom of the noise",
    holds=lambda _: True,
    build=_build_step,
)


def _build_two_arrays(drawn: Instance) -> Instance:
    F_W, G_W = _parts(drawn["q_plus_W"], drawn["q_minus_W"])
    F_P, G_P = _parts(drawn["q_plus_P"], drawn["q_minus_P"])
    every = [drawn[f"q_{sign}_{array}"].max() for sign in ("plus", "minus") for array in "WP"]
    F_max = max(F_W.max(), F_P.max()) * (1 + drawn["F_excess"])
    bounds = {"F_max": F_max, "q_max": max(*every, F_max)}
    return {"F_W": F_W, "G_W": G_W, "F_P": F_P, "G_P": G_P, **bounds}


def _has_bounds_of_both(instance: Instance) -> bool:
    responses = [instance[f"q_{sign}_{array}"] for sign in ("plus", "minus") for array in "WP"]
    within = all(np.all((q > 0) & (q <= instance["q_max"])) for q in responses)
    return bool(within and all(np.all(instance[F] <= instance["F_max"]) for F in ("F_W", "F_P")))


two_arrays = Assumption(
    "responses at W and at P (Definition 1, Lemma 2)",
    "q_+ and q_- of each weight of both arrays positive and at most 4, any of them; F_max their largest F or up to "
    "twice that, q_max the largest of all responses and F_max",
    holds=_has_bounds_of_both,
    fields=(
        *(Field(f"q_{sign}_{array}", ("D",), 0.0625, 4) for array in "WP" for sign in ("plus", "minus")),
        Field("F_excess", (), 0, 1),
    ),
    build=_build_two_arrays,
)


def _build_mixed(drawn: Instance) -> Instance:
    mixed = drawn["W"] + drawn["gamma"] * drawn["P"]
    residual = closed_form_residual(drawn["W_star"], drawn["W"], drawn["gamma"])
    return {"W_bar": mixed, "gradient_bar": gradient(drawn, mixed), "P_opt": residual}


mixed_weight = Assumption(
    "mixed weight W + gamma P (Section 4)",
    "any P; gamma in [1/8, 4]; the gradient at W + gamma P; the residual P*(W) = (W* - W)/gamma",
    constraint=(symbol("gamma", "positive") > 0,),
    fields=(Field("P", ("D",), -2, 2), Field("gamma", (), 0.125, 4)),
    build=_build_mixed,
)


def _build_residual_step(drawn: Instance) -> Instance:
    samples = drawn["gradient_bar"] + drawn["xi"]
    P_next = analog_update(drawn["P"], -drawn["alpha"] * samples, drawn["F_P"], drawn["G_P"])
    W_next = analog_update(drawn["W"], drawn["beta"] * P_next, drawn["F_W"], drawn["G_W"])
    return {"samples": samples, "P_next": P_next, "W_next": W_next, "W_bar_next": W_next + drawn["gamma"] * P_next}


transfer_rate = Assumption(
    "transfer rate",
    "beta in [1/100, 2]",
    constraint=(symbol("beta") > 0,),
    fields=(Field("beta", (), 0.01, 2),),
)

residual_step = Assumption(
    "one step of Residual Learning (10)-(11)",
    "from W and P, for every atom of the noise",
    holds=lambda _: True,
    build=_build_residual_step,
)


def expectation(instance: Instance, values: Any) -> Any:
    """E over the noise's atoms: values have the atoms as their first axis."""
    return instance["p"] @ values


def norm2(vectors: Any) -> Any:
    """Squared norms along the last axis."""
    return (vectors**2).sum(axis=-1)


def positive(*names: str) -> tuple[sp.Basic, ...]:
    """The constraints that the named symbols are positive, coordinate by coordinate."""
    return tuple(sp.Symbol(name, real=True) > 0 for name in names)
