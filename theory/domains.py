"""Domains of the paper's claims, as assumptions that instances are built from: objectives, noise, responses, rates.

Everything is built by plain arithmetic from boxes of numbers, so that an instance is exact where its numbers are.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from .algorithm import analog_update
from .statement import Assumption, Field, Instance
from .symbols import symbol


def reflection(axis: Any) -> Any:
    """The Householder reflection along `axis`: orthogonal, and rational where the axis is. No axis, no reflection."""
    size, unit = axis @ axis, np.eye(len(axis), dtype=int)
    return unit if size == 0 else unit - 2 * np.outer(axis, axis) / size


def _spectral(eigenvalues: Any, axis: Any) -> Any:
    rotation = reflection(axis)
    return (rotation * eigenvalues) @ rotation.T


def _build_smooth(drawn: Instance) -> Instance:
    bound = drawn["L"]
    eigenvalues = bound * drawn["curvature"]
    hessian = _spectral(eigenvalues, drawn["axis"])
    return {"H": hessian, "gradient": hessian @ (drawn["W"] - drawn["W_star"])}


def _is_smooth(instance: Instance) -> bool:
    return bool(instance["L"] > 0 and np.all(abs(instance["curvature"]) <= 1) and _is_spectral(instance))


def _is_spectral(instance: Instance) -> bool:
    rotation = reflection(instance["axis"])
    return bool(np.all(rotation @ rotation.T == np.eye(len(rotation), dtype=int)))


_POINTS = (Field("axis", ("D",), -1, 1), Field("W", ("D",), -2, 2), Field("W_star", ("D",), -2, 2))

smooth = Assumption(
    "L-smooth quadratic (Assumption 1)",
    "f(W) = (W - W*)^T H (W - W*) / 2, H of any orientation with eigenvalues in [-L, L], L in [1/4, 4]",
    holds=_is_smooth,
    fields=(Field("L", (), 0.25, 4), Field("curvature", ("D",), -1, 1), *_POINTS),
    build=_build_smooth,
)


def _build_convex(drawn: Instance) -> Instance:
    mu, L = drawn["mu"], drawn["mu"] + drawn["spread"]
    hessian = _spectral(mu + (L - mu) * drawn["share"], drawn["axis"])
    return {"L": L, "H": hessian, "gradient": hessian @ (drawn["W"] - drawn["W_star"])}


def _is_convex(instance: Instance) -> bool:
    share = instance["share"]
    return bool(0 < instance["mu"] <= instance["L"] and np.all((share >= 0) & (share <= 1)) and _is_spectral(instance))


strongly_convex = Assumption(
    "mu-strongly convex, L-smooth quadratic (Assumptions 1 and 3)",
    "f(W) = (W - W*)^T H (W - W*) / 2, H of any orientation with eigenvalues in [mu, L]",
    holds=_is_convex,
    fields=(Field("mu", (), 0.125, 2), Field("spread", (), 0, 4), Field("share", ("D",), 0, 1), *_POINTS),
    build=_build_convex,
)


def value(instance: Instance, W: Any) -> Any:
    """The quadratic f at W."""
    away = W - instance["W_star"]
    return away @ (instance["H"] @ away) / 2


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


def _build_responses(drawn: Instance) -> Instance:
    up, down = drawn["q_plus"], drawn["q_minus"]
    F, G = (down + up) / 2, (down - up) / 2
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


def expectation(instance: Instance, values: Any) -> Any:
    """E over the noise's atoms: values have the atoms as their first axis."""
    return instance["p"] @ values


def norm2(vectors: Any) -> Any:
    """Squared norms along the last axis."""
    return (vectors**2).sum(axis=-1)


def positive(*names: str) -> tuple[sp.Basic, ...]:
    """The constraints that the named symbols are positive, coordinate by coordinate."""
    return tuple(sp.Symbol(name, real=True) > 0 for name in names)
