"""Appendix H: the proof of Theorem 2; the descent inequality (61), the saturation (65), the bounds (70), (71).

Claims about expectations over vectors are searched over instances and proved by certificates: their lines stand in
`descent_terms`, which appendices I and J read for other arrays.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from ..domains import analog_step, expectation, noise, norm2, rate, responses, smooth, value
from ..statement import All, Certified, ForAll, Form, Identity, Instance, Premise, Sides, SumOverCoordinates
from ..symbols import symbol
from . import descent_terms as lines, statement
from .descent_terms import Line, loose_variance, viewed

STEP = (smooth, noise, loose_variance, responses, rate, analog_step)
DIMENSIONS = (1, 2, 3)
VIEW = viewed()


def certified(line: Line, says: str, *premises: Premise) -> Certified:
    """A line over every step of Analog SGD, with its proof."""
    return line.certified(STEP, VIEW, says, premises=premises)


# (61)


def mean_value(step: Instance) -> Any:
    """E f(W_{k+1})."""
    return expectation(step, np.array([value(step, W) for W in step["W_next"]]))


def descent_sides(step: Instance) -> Sides:
    """Both sides of (61)."""
    moves = step["W_next"] - step["W"]
    linear = expectation(step, moves @ step["gradient"])
    return Sides(mean_value(step), value(step, step["W"]) + linear + step["L"] * expectation(step, norm2(moves)) / 2)


def descent_lemma(step: Instance) -> Any:
    """The slack of lib-descent-lemma from W_k to every W_{k+1}, in expectation over the samples."""
    here, L = value(step, step["W"]), step["L"]
    moves = step["W_next"] - step["W"]
    bounds = [here + move @ step["gradient"] + L * (move @ move) / 2 for move in moves]
    return sum(p * (bound - value(step, W)) for p, bound, W in zip(step["p"], bounds, step["W_next"], strict=True))


@statement("eq-61", source="App. H, (61)", uses=["eq-2", "assumption-1", "lib-descent-lemma"])
def descent() -> Form:
    """E f(W') <= f(W) + E<grad f(W), W' - W> + (L/2) E||W' - W||^2 for L-smooth f."""
    return Certified(
        ForAll(STEP, descent_sides, "(61)", DIMENSIONS), (), (Premise("lib-descent-lemma", descent_lemma),)
    )


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


def _squared(view: lines.View) -> Any:
    return view["alpha"] ** 2


@statement("eq-70", source="App. H, (70)", uses=["eq-2", "eq-70-s1", "eq-70-s2", "eq-70-s3"])
def deviation_bound() -> Form:
    """The chain that bounds the third term of (69) from below."""
    steps = (
        lines.keeps_half_the_drift.premise("eq-70-s1", VIEW),
        lines.reverses_the_triangle.premise("eq-70-s2", VIEW),
        lines.ends_in_the_ratio.premise("eq-70-s3", VIEW),
    )
    return All(
        (
            ("L1 = L2", certified(lines.resizes, "L1 = L2 of (70)")),
            ("L1 >= L5", certified(lines.bounds_the_deviation, "L1 >= L5 of (70)", *steps)),
        )
    )


@statement("eq-70-s1", source="App. H, (70), L2 to L3", uses=["lib-lift-sum"])
def first() -> Form:
    """L2 >= L3 of (70), from ||x||^2 >= ||x - y||^2 / 2 - ||y||^2."""
    x, y = symbol("x"), symbol("y")
    reason = SumOverCoordinates(x**2 - (x - y) ** 2 / 2 + y**2, given=())
    return All((("reason", reason), ("step", certified(lines.keeps_half_the_drift, "L2 >= L3 of (70)"))))


@statement("eq-70-s2", source="App. H, (70), L3 to L4", uses=["lib-reverse-triangle"])
def second() -> Form:
    """L3 >= L4 of (70), from the reverse triangle inequality."""
    return certified(lines.reverses_the_triangle, "L3 >= L4 of (70)")


@statement("eq-70-s3", source="App. H, (70), L4 to L5", uses=["eq-71"])
def third() -> Form:
    """L4 >= L5 of (70), from (71)."""
    bound = lines.goes_through_the_ratio.premise("eq-71", VIEW, times=_squared)
    return certified(lines.ends_in_the_ratio, "L4 >= L5 of (70)", bound)


@statement("eq-71", source="App. H, (71)", uses=["assumption-2", "lib-lift-elementwise"])
def noise_through_the_asymmetry() -> Form:
    """E||(grad f - grad f(.; xi)) * G||^2 <= F_max sigma^2 ||G / sqrt(F)||_inf^2."""
    error = lines.GRADIENT - lines.SAMPLE
    rewritten = (error * (lines.G / sp.sqrt(lines.F)) * sp.sqrt(lines.F)) ** 2
    return All(
        (
            ("L1 = L2", Identity((error * lines.G) ** 2, rewritten, lift="lib-lift-elementwise")),
            ("L2 <= L3", certified(lines.takes_F_out_of_the_noise, "L2 <= L3 of (71)")),
            ("L3 <= L4", certified(lines.takes_the_ratio_out, "L3 <= L4 of (71)")),
            ("L4 <= L5", certified(lines.bounds_the_variance, "L4 <= L5 of (71)")),
            ("L1 <= L5", certified(lines.goes_through_the_ratio, "L1 <= L5 of (71)")),
        )
    )
