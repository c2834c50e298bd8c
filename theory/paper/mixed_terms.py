"""The inequalities of one step of Wbar = W + gamma P: (95)-(106), as printed and as repaired.

The lines have the shape of `descent_terms`. What concerns P alone is appendix H's, for with W held the step of P is one
of Analog SGD on f(W + gamma P)/gamma, whose gradient in P is grad f(Wbar): `as_analog_sgd` reads it so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import sympy as sp

from ..domains import norm2, smooth, value
from ..statement import All, Certified, ForAll, Form, Instance, Premise, Same, Sides
from ..symbols import symbol
from . import descent_terms as lines
from .descent_terms import (
    ALPHA,
    BOUNDED_F,
    BOUNDED_VARIANCE,
    DEVIATION,
    F_MAX,
    GRADIENT,
    MOVE,
    NOISE,
    PROBABILITY,
    SAMPLE,
    SIGMA2,
    VARIANCE,
    F,
    G,
    L,
    Line,
    View,
    loose_variance,
    total,
    viewed,
)
from .residual_step import M_P, mean_value, moved_W, steps

GAMMA, SHIFT, M = symbol("gamma", "positive"), symbol("shift"), symbol("M", "positive")
STEP = steps(loose_variance, objective=smooth)
OF_P = viewed("P", "gradient_bar", "_P")


def as_analog_sgd(step: Instance) -> Instance:
    """The step of P as a step of Analog SGD."""
    return {
        **step,
        "W": step["P"],
        "W_next": step["P_next"],
        "q_plus": step["q_plus_P"],
        "q_minus": step["q_minus_P"],
        "F": step["F_P"],
        "G": step["G_P"],
        "gradient": step["gradient_bar"],
    }


def for_the_residual(form: Form, number: str, domain: tuple[Any, ...] = STEP) -> Form:
    """A form about steps of Analog SGD, for those of P; its equation's number becomes `number`."""

    def read(function: Any) -> Any:
        return lambda step: function(as_analog_sgd(step))

    match form:
        case All(parts):
            return All(tuple((name, for_the_residual(part, number, domain)) for name, part in parts))
        case ForAll():
            says = re.sub(r"\(\d+\)", number, form.says)
            return replace(form, domain=domain, slack=read(form.slack), says=says)
        case Certified(claim, terms, premises):
            moved = for_the_residual(claim, number, domain)
            assert isinstance(moved, ForAll)
            return Certified(
                moved,
                tuple(replace(term, at=read(term.at)) for term in terms),
                tuple(replace(premise, at=read(premise.at)) for premise in premises),
            )
    return form


def mixed(step: Instance) -> View:
    """The view of a step of Wbar; `ahead` and `back` are the responses to -grad f(Wbar) and to its opposite."""
    gradient, alpha = step["gradient_bar"], step["alpha"]
    v = OF_P(step)
    drift = alpha * (gradient * v["F"] + abs(gradient) * v["G"])
    back = np.where(gradient >= 0, step["q_plus_P"], step["q_minus_P"])
    shift, M = moved_W(step), M_P(step)
    swing = alpha * (abs(step["samples"]) - abs(gradient)) * v["G"]
    z = shift - alpha * gradient * M / (2 * step["F_max"])
    return {
        **v,
        "gamma": step["gamma"],
        "shift": shift,
        "M": M,
        "f": value(step, step["W_bar"]),
        "f_next": mean_value(step),
        "mixed": step["W_bar_next"] - step["W_bar"],
        "y": drift,
        "swing": swing,
        "z": z,
        **_completed(drift, swing, z),
        "c": 1 - back / (2 * step["F_max"]),
    }


# Sizes


def along(v: View) -> Any:
    """E<grad f(Wbar), W_{k+1} - W_k>."""
    return total(v, v["grad"] * v["shift"])


def shift2(v: View) -> Any:
    """E||W_{k+1} - W_k||^2."""
    return total(v, v["shift"] ** 2)


def lost2(v: View) -> Any:
    """E||W_{k+1} - W_k||^2 weighted with the pseudo-inverse of M(P_k), which is 1/M as M > 0."""
    return total(v, v["shift"] ** 2 / v["M"])


def _half_mixed2(v: View) -> Any:
    return v["L"] * total(v, v["mixed"] ** 2) / 2


def _move2(v: View) -> Any:
    return v["L"] * total(v, v["move"] ** 2)


def _noise2(v: View) -> Any:
    """2 alpha^2 L E||(grad f(.; xi) - grad f) F||^2."""
    return 2 * v["alpha"] ** 2 * v["L"] * total(v, v["xi"] ** 2 * v["F"] ** 2)


def _noise_within_F_max(v: View) -> Any:
    return 2 * v["alpha"] ** 2 * v["L"] * v["F_max"] ** 2 * total(v, v["xi"] ** 2)


def noise_bound(v: View) -> Any:
    """2 alpha^2 L F_max^2 sigma^2."""
    return 2 * v["alpha"] ** 2 * v["L"] * v["F_max"] ** 2 * v["sigma2"]


def _deviation2(v: View) -> Any:
    return 2 * v["L"] * lines.deviation2(v)


def weighed(v: View) -> Any:
    """alpha/(4 F_max) ||grad f(Wbar)||_M^2."""
    return v["alpha"] * lines.saturated2(v) / (4 * v["F_max"])


def drift(v: View) -> Any:
    """alpha/(8 F_max) ||grad f F + |grad f| G||^2."""
    return v["alpha"] * lines.drift2(v) / (8 * v["F_max"])


# (95)

_PARTED = GRADIENT * (SHIFT + GAMMA * MOVE) - GAMMA * GRADIENT * MOVE - GRADIENT * SHIFT
descends = Line(lambda v: Sides(v["f_next"], v["f"] + total(v, v["grad"] * v["mixed"]) + _half_mixed2(v)))
parts_the_move = Line(
    lambda v: Same(total(v, v["grad"] * v["mixed"]), v["gamma"] * lines.inner(v) + along(v)),
    terms=((PROBABILITY * _PARTED, ()),),
)


def descent_lemma(step: Instance) -> Any:
    """The slack of lib-descent-lemma from Wbar_k to every Wbar_{k+1}, in expectation over the samples."""
    here, moves = value(step, step["W_bar"]), step["W_bar_next"] - step["W_bar"]
    bounds = here + moves @ step["gradient_bar"] + step["L"] * norm2(moves) / 2
    return sum(p * (b - value(step, W)) for p, b, W in zip(step["p"], bounds, step["W_bar_next"], strict=True))


# (101)


def _young(gamma: Any, scalars: Any) -> Any:
    """Alpha gamma/(4 F_max) ||grad f||_M^2 + F_max/(alpha gamma) E||W_{k+1} - W_k||^2 in 1/M."""
    return gamma * weighed(scalars) + scalars["F_max"] / (scalars["alpha"] * gamma) * lost2(scalars)


def _square(gamma: Any) -> sp.Expr:
    """The slack of Young's inequality in one coordinate."""
    rate = ALPHA * gamma
    return PROBABILITY * (rate * GRADIENT * M - 2 * F_MAX * SHIFT) ** 2 / (4 * rate * F_MAX * M)


splits_the_product = Line(lambda v: Sides(along(v), _young(1, v)), terms=((_square(1), ()),))


# (102), (103)

_N = ALPHA * NOISE * F
_OVER_F = 2 * PROBABILITY * ALPHA**2 * L * NOISE**2 * (F_MAX**2 - F**2)
_OVER_VARIANCE = 2 * ALPHA**2 * L * F_MAX**2 * (SIGMA2 - VARIANCE)

prints_no_gamma = Line(lambda v: Sides(_half_mixed2(v), v["L"] * shift2(v) + _move2(v)))
splits_off_the_noise = Line(
    lambda v: Sides(v["L"] * shift2(v) + _move2(v), v["L"] * shift2(v) + _deviation2(v) + _noise2(v)),
    terms=((PROBABILITY * L * (DEVIATION + _N) ** 2, ()),),
)
prints_no_L = Line(
    lambda v: Sides(v["L"] * shift2(v) + _deviation2(v) + _noise2(v), shift2(v) + _deviation2(v) + noise_bound(v))
)
takes_out_F_max = Line(lambda v: Sides(_noise2(v), _noise_within_F_max(v)), terms=((_OVER_F, (BOUNDED_F,)),))
bounds_the_variance = Line(
    lambda v: Sides(_noise_within_F_max(v), noise_bound(v)), terms=((_OVER_VARIANCE, (BOUNDED_VARIANCE,)),)
)
bounds_the_noise = Line(
    lambda v: Sides(_noise2(v), noise_bound(v)),
    terms=((_OVER_F, (BOUNDED_F,)), (_OVER_VARIANCE, (BOUNDED_VARIANCE,))),
)


def _with_gamma2(v: View, values: Any) -> Any:
    return v["L"] * shift2(v) + v["gamma"] ** 2 * values


splits_the_mixed_step = Line(
    lambda v: Sides(_half_mixed2(v), _with_gamma2(v, _move2(v))),
    terms=((PROBABILITY * L * (SHIFT - GAMMA * MOVE) ** 2 / 2, ()),),
)
splits_off_scaled_noise = Line(
    lambda v: Sides(_with_gamma2(v, _move2(v)), _with_gamma2(v, _deviation2(v) + _noise2(v))),
    terms=((PROBABILITY * GAMMA**2 * L * (DEVIATION + _N) ** 2, ()),),
)
bounds_the_mixed_step = Line(
    lambda v: Sides(_half_mixed2(v), _with_gamma2(v, _deviation2(v) + noise_bound(v))),
    terms=(*splits_the_mixed_step.terms, *splits_off_scaled_noise.terms),
)


# (104), (106)


def excess(v: View) -> Any:
    """1/(2 alpha F_max) - 2 gamma L, which gamma times multiplies the deviation in (104) as amended."""
    return 1 / (2 * v["alpha"] * v["F_max"]) - 2 * v["gamma"] * v["L"]


def _printed_tail(v: View) -> Any:
    """The last terms of (104) and of Lemma 5."""
    return v["F_max"] / v["alpha"] * lost2(v) + shift2(v) + noise_bound(v)


def _tail(v: View) -> Any:
    return v["F_max"] / (v["alpha"] * v["gamma"]) * lost2(v) + v["L"] * shift2(v) + v["gamma"] ** 2 * noise_bound(v)


def _printed_104(v: View) -> Any:
    excess = 1 / (2 * v["alpha"] * v["F_max"]) - 2 * v["L"]
    noise = v["alpha"] * lines.through_ratio(v) / 2
    return v["f"] - weighed(v) + noise - excess * lines.deviation2(v) + _printed_tail(v)


def _amended_104(v: View) -> Any:
    noise = v["alpha"] * lines.through_ratio(v) / 2
    return v["f"] + v["gamma"] * (noise - weighed(v) - excess(v) * lines.deviation2(v)) + _tail(v)


def _printed_lemma(v: View) -> Any:
    noise = 2 * v["alpha"] * lines.through_ratio(v)
    return v["f"] - weighed(v) + noise - v["gamma"] * drift(v) + _printed_tail(v)


def _amended_lemma(v: View) -> Any:
    noise = 3 * v["alpha"] * lines.through_ratio(v) / 4
    return v["f"] + v["gamma"] * (noise - weighed(v) - drift(v)) + _tail(v)


prints_104 = Line(lambda v: Sides(v["f_next"], _printed_104(v)))
amends_104 = Line(lambda v: Sides(v["f_next"], _amended_104(v)), terms=((_square(GAMMA), ()),))
lemma_5_printed = Line(lambda v: Sides(v["f_next"], _printed_lemma(v)))
lemma_5_amended = Line(lambda v: Sides(v["f_next"], _amended_lemma(v)))


# Lemma 5 as printed, for gamma = 1: y is alpha times the drift, swing alpha (|grad f(.; xi)| - |grad f|) G, so that the
# deviation is -(y + swing); z completes the square of Young's inequality. What is left is a form in y, swing and z that
# lies between those of c = 0 and c = 1, each of them three squares

_P, _REST = PROBABILITY, PROBABILITY / (ALPHA * F_MAX)
_RESIZED = (sp.Abs(SAMPLE) - sp.Abs(GRADIENT)) ** 2
_Y, _SWING, _Z, _C = symbol("y"), symbol("swing"), symbol("z"), symbol("c")
_FORM = sp.Rational(3, 2) * _SWING**2 + DEVIATION**2 / 2
_SQUARES_0 = {"z_0": sp.Rational(5, 6), "y_0": sp.Rational(3, 8), "swing": sp.Rational(17, 15)}
_SQUARES_1 = {"z_1": sp.Rational(5, 6), "y_1": sp.Rational(7, 40), "swing": sp.Rational(9, 7)}


def _completed(y: Any, swing: Any, z: Any) -> View:
    """The numbers whose squares make up the form at c = 0 and at c = 1."""
    at_0 = {"z_0": z + swing / 5, "y_0": y + 4 * swing / 3}
    return {**at_0, "z_1": z + (swing + y) / 5, "y_1": y + 12 * swing / 7}


def _form(squares: Mapping[str, sp.Rational]) -> sp.Expr:
    return sum(factor * symbol(name) ** 2 for name, factor in squares.items())


unmixed = Line(
    lemma_5_printed.sides,
    terms=(
        (_P * SHIFT**2, ()),
        (_P * L * (SHIFT + DEVIATION + 3 * _N) ** 2 / 6, ()),
        (_P * (1 / (6 * ALPHA * F_MAX) - 2 * L / 3) * (SHIFT + DEVIATION) ** 2, (L <= 1 / (4 * ALPHA * F_MAX),)),
        (_P * sp.Rational(3, 2) * ALPHA * (NOISE**2 - _RESIZED) * G**2 / F, (sp.Eq(SAMPLE, GRADIENT + NOISE),)),
        (_P * _FORM * (1 / F - 1 / F_MAX) / ALPHA, (BOUNDED_F,)),
        (_P * _Z**2 * (F_MAX / M - 1 / F_MAX) / ALPHA, (M <= F_MAX**2,)),
        (_REST * (1 - _C) * _form(_SQUARES_0), (_C <= 1,)),
        (_REST * _C * _form(_SQUARES_1), (_C >= 0,)),
        (_REST * _C * (1 - _C) * _Y**2 / 6, (_C >= 0, _C <= 1)),
    ),
)


def premise(line: Line, id: str, times: Any = lambda _: 1) -> Premise:
    """A line of this module as a premise under its id."""
    return line.premise(id, mixed, times)
