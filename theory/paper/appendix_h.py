"""Appendix H: the proof of Theorem 2; the descent inequality (61), the saturation (65), the bounds (70), (71).

A claim about expectations over vectors is searched over instances of D = 1 to 4; its steps, which hold sample by sample
and coordinate by coordinate, are proved as such, p being the probability of a sample. That the slack of each step over
vectors is the sum of these terms is expanded, for two and three coordinates, by the tests of this module.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from ..algorithm import analog_update
from ..domains import analog_step, expectation, noise, norm2, rate, responses, smooth, value
from ..statement import All, ForAll, Form, Identity, Instance, Same, Sides, SumOverCoordinates
from ..symbols import symbol
from . import statement

STEP = (smooth, noise, responses, rate, analog_step)
DIMENSIONS = (1, 2, 3, 4)
HALF = Fraction(1, 2)
GRADIENT, SAMPLE = symbol("grad"), symbol("g")
PROBABILITY, ALPHA = symbol("p", "nonnegative"), symbol("alpha")
W, F, G, F_MAX = symbol("w"), symbol("F", "positive"), symbol("G"), symbol("F_max")
RATIO = symbol("ratio_max", "nonnegative")


def over_steps(sides: Callable[[Instance], Sides], says: str) -> ForAll:
    """Left <= right at every step of Analog SGD."""
    return ForAll(STEP, sides, says, DIMENSIONS)


def same(one: Callable[[Instance], Any], other: Callable[[Instance], Any], says: str) -> ForAll:
    """Two values agree at every step of Analog SGD."""
    return ForAll(STEP, lambda step: Same(one(step), other(step)), says, DIMENSIONS)


# (61)


def mean_value(step: Instance) -> Any:
    """E f(W_{k+1})."""
    return expectation(step, np.array([value(step, W) for W in step["W_next"]]))


def _descent(step: Instance) -> Sides:
    moves = step["W_next"] - step["W"]
    linear = expectation(step, moves @ step["gradient"])
    return Sides(mean_value(step), value(step, step["W"]) + linear + step["L"] * expectation(step, norm2(moves)) / 2)


@statement("eq-61", source="App. H, (61)", uses=["eq-2", "lib-lift-sum"])
def descent() -> Form:
    """E f(W') <= f(W) + E<grad f(W), W' - W> + (L/2) E||W' - W||^2 for L-smooth f."""
    curvature, move, L = symbol("curvature"), symbol("move"), symbol("L")
    gap = PROBABILITY * (L - curvature) * move**2 / 2
    eigenbasis = SumOverCoordinates(gap, given=(sp.Abs(curvature) <= L,), shared=(L,))
    return All((("steps", over_steps(_descent, "(61)")), ("quadratics, along the eigenvectors of H", eigenbasis)))


# (65)


@statement("eq-65", source="App. H, (65)", uses=["eq-4", "lib-lift-elementwise"])
def saturation() -> Form:
    """M = F^2 - G^2 = (F + G)(F - G) = q_+ q_-."""
    up, down = symbol("q_plus"), symbol("q_minus")
    F, G = (down + up) / 2, (down - up) / 2
    lift = "lib-lift-elementwise"
    return All(
        (
            ("factors", Identity(F**2 - G**2, (F + G) * (F - G), lift=lift)),
            ("responses", Identity((F + G) * (F - G), up * down, lift=lift)),
        )
    )


# (70) and (71)


def deviation(step: Instance) -> Any:
    """L1 of (70) divided by alpha^2."""
    moves = step["W_next"] - step["W"]
    noise_part = step["alpha"] * (step["samples"] - step["gradient"]) * step["F"]
    return expectation(step, norm2(moves + noise_part)) / step["alpha"] ** 2


def deviation_rewritten(step: Instance) -> Any:
    """L2 of (70) divided by alpha^2."""
    return expectation(step, norm2(step["gradient"] * step["F"] + abs(step["samples"]) * step["G"]))


def drift2(step: Instance) -> Any:
    """||grad f * F + |grad f| * G||^2."""
    return norm2(step["gradient"] * step["F"] + abs(step["gradient"]) * step["G"])


def size_error(step: Instance) -> Any:
    """E||(|grad f| - |grad f(.; xi)|) * G||^2."""
    return expectation(step, norm2((abs(step["gradient"]) - abs(step["samples"])) * step["G"]))


def noise_through_g(step: Instance) -> Any:
    """L1 of (71), E||(grad f - grad f(.; xi)) * G||^2."""
    return expectation(step, norm2((step["gradient"] - step["samples"]) * step["G"]))


def noise_bound(step: Instance) -> Any:
    """L5 of (71), F_max sigma^2 ||G / sqrt(F)||_inf^2."""
    return step["F_max"] * step["sigma2"] * (step["G"] ** 2 / step["F"]).max()


def second_line(step: Instance) -> Sides:
    """L2 >= L3 of (70) divided by alpha^2."""
    return Sides(drift2(step) * HALF - size_error(step), deviation_rewritten(step))


def third_line(step: Instance) -> Sides:
    """L3 >= L4 of (70) divided by alpha^2, without the term that both have."""
    return Sides(size_error(step), noise_through_g(step))


def fourth_line(step: Instance) -> Sides:
    """L4 >= L5 of (70), without the term that both have, which is (71)."""
    return Sides(noise_through_g(step), noise_bound(step))


POINTWISE_L2 = (GRADIENT * F + sp.Abs(SAMPLE) * G) ** 2
POINTWISE_DRIFT = (GRADIENT * F + sp.Abs(GRADIENT) * G) ** 2
POINTWISE_SIZE = ((sp.Abs(GRADIENT) - sp.Abs(SAMPLE)) * G) ** 2
POINTWISE_NOISE = ((GRADIENT - SAMPLE) * G) ** 2


def first_step() -> SumOverCoordinates:
    """L2 to L3 of (70), for one sample and coordinate."""
    return SumOverCoordinates(PROBABILITY * (POINTWISE_L2 - POINTWISE_DRIFT / 2 + POINTWISE_SIZE), given=())


def second_step() -> SumOverCoordinates:
    """L3 to L4 of (70), for one sample and coordinate."""
    return SumOverCoordinates(PROBABILITY * (POINTWISE_NOISE - POINTWISE_SIZE), given=())


def third_step() -> SumOverCoordinates:
    """L1 to L4 of (71), for one sample and coordinate: G^2 / F is at most its largest entry, F at most F_max."""
    bounds = (G**2 / F <= RATIO, F <= F_MAX)
    error = (GRADIENT - SAMPLE) ** 2
    return SumOverCoordinates(PROBABILITY * (F_MAX * RATIO * error - error * G**2), bounds, shared=(F_MAX, RATIO))


def variance_step() -> SumOverCoordinates:
    """L4 to L5 of (71): the variance is at most sigma^2."""
    variance, sigma2 = symbol("variance", "nonnegative"), symbol("sigma2", "nonnegative")
    return SumOverCoordinates(F_MAX * RATIO * (sigma2 - variance), given=(variance <= sigma2,))


@statement("eq-70", source="App. H, (70)", uses=["eq-2", "eq-70-s1", "eq-70-s2", "eq-70-s3"])
def deviation_bound() -> Form:
    """The chain that bounds the third term of (69) from below (divided by alpha^2)."""
    whole = over_steps(lambda step: Sides(drift2(step) * HALF - noise_bound(step), deviation(step)), "L1 >= L5")
    sample = -ALPHA * SAMPLE
    moved = analog_update(W, sample, F, G) - W + ALPHA * (SAMPLE - GRADIENT) * F
    rewritten = ALPHA**2 * POINTWISE_L2
    return All(
        (
            ("L1 >= L5 over instances", whole),
            ("L1 = L2 over instances", same(deviation, deviation_rewritten, "L1 = L2")),
            ("L2 >= L3 over instances", over_steps(second_line, "L2 >= L3")),
            ("L3 >= L4 over instances", over_steps(third_line, "L3 >= L4")),
            ("L4 >= L5 over instances", over_steps(fourth_line, "L4 >= L5, which is (71)")),
            ("L1 = L2", Identity(moved**2, rewritten, lift="lib-lift-elementwise")),
            ("L2 >= L3", first_step()),
            ("L3 >= L4", second_step()),
            ("L4 >= L5", third_step()),
        )
    )


@statement("eq-70-s1", source="App. H, (70), L2 to L3", uses=["lib-lift-sum"])
def first() -> Form:
    """L2 >= L3 of (70), from ||x||^2 >= ||x - y||^2 / 2 - ||y||^2."""
    x, y = symbol("x"), symbol("y")
    reason = SumOverCoordinates(x**2 - (x - y) ** 2 / 2 + y**2, given=())
    return All((("reason", reason), ("step", first_step())))


@statement("eq-70-s2", source="App. H, (70), L3 to L4", uses=["lib-reverse-triangle", "lib-lift-sum"])
def second() -> Form:
    """L3 >= L4 of (70), from the reverse triangle inequality."""
    return second_step()


@statement("eq-70-s3", source="App. H, (70), L4 to L5", uses=["eq-71"])
def third() -> Form:
    """L4 >= L5 of (70), from (71)."""
    return All((("L1 to L4 of (71)", third_step()), ("L4 to L5 of (71)", variance_step())))


@statement("eq-71", source="App. H, (71)", uses=["assumption-2", "lib-lift-sum"])
def noise_through_the_asymmetry() -> Form:
    """E||(grad f - grad f(.; xi)) * G||^2 <= F_max sigma^2 ||G / sqrt(F)||_inf^2."""
    error, factor = GRADIENT - SAMPLE, G / sp.sqrt(F)
    rewritten = (error * factor * sp.sqrt(F)) ** 2
    return All(
        (
            ("L1 = L2", Identity((error * G) ** 2, rewritten, lift="lib-lift-elementwise")),
            ("L2 to L4", third_step()),
            ("L4 <= L5", variance_step()),
        )
    )
