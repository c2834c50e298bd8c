"""Appendix J: one step of Analog GD, (138) to (144), and the metric (135) of Theorem 6.

The algebra is that of appendix H without noise: the lines stand in `descent_terms`. Claims about a step are proved for
every L-smooth objective, those about rates alone for alpha as stated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from ..domains import norm2, value
from ..statement import All, Certified, ForAll, Form, Identity, Implication, Instance, Premise, Same, Sides
from . import descent_terms as lines, registry, statement
from .appendix_h import descent_lemma, descent_sides, mean_value
from .appendix_h_descent import LIFT, ROOT
from .descent_terms import ALPHA, BOUNDED_F, DYNAMICS, F_MAX, GRADIENT, MOVE, PROBABILITY, SAMPLE, F, G, Line, View
from .gradient_runs import STEP, VIEW

DIMENSIONS = (1, 2, 3)


def certified(line: Line, says: str, *premises: Premise) -> Certified:
    """A line over every step of Analog GD, with its proof."""
    return line.certified(STEP, VIEW, says, premises=premises)


# (135)


def printed_drift2(v: View) -> Any:
    """||grad f F - |grad f| G||^2, as (135), text-j-3 and (145) print it."""
    return norm2(v["grad"] * v["F"] - abs(v["grad"]) * v["G"])


def printed_metric(v: View) -> Any:
    """What (135) sums."""
    return printed_drift2(v) + lines.saturated2(v)


def metric(v: View) -> Any:
    """The same with |grad f| G as in (2)."""
    return lines.drift2(v) + lines.saturated2(v)


def step2(v: View) -> Any:
    """||W_{k+1} - W_k||^2."""
    return lines.total(v, v["move"] ** 2)


steps_by_drift = Line(
    lambda v: Same(step2(v), v["alpha"] ** 2 * lines.drift2(v)),
    terms=((PROBABILITY * (DYNAMICS**2 - ALPHA**2 * (SAMPLE * F + sp.Abs(SAMPLE) * G) ** 2), ()),),
)
steps_by_printed_drift = Line(lambda v: Same(step2(v), v["alpha"] ** 2 * printed_drift2(v)))
SIGN = "the sign of |grad f| G as in (2) and in (73): plus"


@statement(
    "eq-135",
    source="App. J, (135)",
    uses=["eq-2", "eq-142"],
    reading="what the metric presupposes: that its first part is the step of (2), as text-j-3 and (145) use it",
)
def metric_as_printed() -> Form:
    """The first part of the metric, times alpha^2, is ||W_{k+1} - W_k||^2."""
    return steps_by_printed_drift.claim(STEP, VIEW, "the first part of (135) is the step, divided by alpha", DIMENSIONS)


@statement(
    "eq-135.amended-1", source="App. J, (135)", amends="eq-135", judgement="slip", reading=SIGN, uses=["eq-2", "eq-142"]
)
def metric_with_the_step() -> Form:
    """With a plus the first part, times alpha^2, is ||W_{k+1} - W_k||^2; the metric is 0 at critical points alone."""
    term = (GRADIENT * F + sp.Abs(GRADIENT) * G) ** 2 + GRADIENT**2 * (F**2 - G**2)
    zero = Implication((sp.Abs(G) < F, sp.Eq(term, 0)), sp.Eq(GRADIENT, 0), lift=LIFT)
    return All((("first part", certified(steps_by_drift, "(135) with a plus")), ("0 at critical points alone", zero)))


@statement("text-j-3", source="App. J", uses=["eq-2"])
def step_by_the_metric() -> Form:
    """||W_{k+1} - W_k||^2 = alpha^2 ||grad f F - |grad f| G||^2."""
    return steps_by_printed_drift.claim(STEP, VIEW, "text-j-3", DIMENSIONS)


@statement("text-j-3.amended-1", source="App. J", amends="text-j-3", judgement="slip", reading=SIGN, uses=["eq-2"])
def step_by_the_drift() -> Form:
    """||W_{k+1} - W_k||^2 = alpha^2 ||grad f F + |grad f| G||^2."""
    return certified(steps_by_drift, "text-j-3 with a plus")


# (138) to (141)

keeps_the_largest_F = Line(
    lambda v: Sides(step2(v) / v["F_max"], lines.total(v, v["move"] ** 2 / v["F"])),
    terms=((PROBABILITY * MOVE**2 * (1 / F - 1 / F_MAX), (BOUNDED_F,)),),
)


@statement("eq-139", source="App. J, (139)", uses=[LIFT])
def polarisation() -> Form:
    """<grad f, W_{k+1} - W_k> as a difference of three squares."""
    inner = ALPHA * (GRADIENT * ROOT) * (MOVE / (ALPHA * ROOT))
    return All(
        (
            ("first equality", Identity(GRADIENT * MOVE, inner, lift=LIFT)),
            ("second norm without roots", Identity((MOVE / ROOT) ** 2, MOVE**2 / F, lift=LIFT)),
            ("third norm without roots", _third_norm()),
            ("second equality", certified(lines.polarises, "(139)")),
        )
    )


def _third_norm() -> Identity:
    return Identity((MOVE / ROOT + ALPHA * GRADIENT * ROOT) ** 2, (MOVE + ALPHA * GRADIENT * F) ** 2 / F, lift=LIFT)


@statement("eq-140", source="App. J, (140)", uses=["lemma-2.amended-1"])
def step_without_its_weight() -> Form:
    """||(W_{k+1} - W_k)/sqrt F||^2 >= ||W_{k+1} - W_k||^2 / F_max."""
    return certified(keeps_the_largest_F, "(140)")


@statement("eq-141", source="App. J, (141)", uses=["eq-2", LIFT])
def residue() -> Form:
    """The third term of (138) is (alpha/2) || |grad f| G / sqrt F ||^2."""
    return All((("without roots", _third_norm()), ("(141)", certified(lines.residue_is_asymmetric, "(141)"))))


def excess(v: View) -> Any:
    """(1/F_max)(1/(2 alpha) - L F_max/2)."""
    return (1 / (2 * v["alpha"]) - v["L"] * v["F_max"] / 2) / v["F_max"]


def _with_squares(step: Instance) -> Any:
    """The second line of (138)."""
    v = VIEW(step)
    third = lines.residue_is_asymmetric.sides(v)[0]
    squares = third - v["alpha"] * (v["grad"] ** 2 * v["F"]).sum() / 2
    return value(step, step["W"]) + squares - excess(v) * step2(v)


def _second_line(step: Instance) -> tuple[Any, Any]:
    return descent_sides(step).right, _with_squares(step)


DESCENT = Premise("lib-descent-lemma", descent_lemma)
USES_OF_138 = ("assumption-1", "eq-139", "eq-140", "lib-descent-lemma")


def _first_line() -> Certified:
    return Certified(ForAll(STEP, descent_sides, "the first line of (138)", DIMENSIONS), (), (DESCENT,))


@statement(
    "eq-138",
    source="App. J, (138)",
    uses=USES_OF_138,
    reading="the sign before the second line is =, as printed; the text calls it the second inequality",
)
def descent() -> Form:
    """The value f(W_{k+1}) is at most the first line, by smoothness, and that equals the second."""
    second = ForAll(STEP, lambda step: Same(*_second_line(step)), "the second line of (138)", DIMENSIONS)
    return All((("first inequality", _first_line()), ("the lines are equal", second)))


@statement(
    "eq-138.amended-1",
    source="App. J, (138)",
    amends="eq-138",
    judgement="slip",
    reading="<= for the =, for (140) is a bound",
    uses=USES_OF_138,
)
def descent_by_inequalities() -> Form:
    """The value f(W_{k+1}) is at most the first line, by smoothness, and that at most the second."""
    weight = keeps_the_largest_F.premise("eq-140", VIEW, times=lambda v: 1 / (2 * v["alpha"]))
    second = ForAll(STEP, lambda step: Sides(*_second_line(step)), "the second line of (138)", DIMENSIONS)
    return All((("first inequality", _first_line()), ("second inequality", Certified(second, (), (weight,)))))


def _slack_of_138(step: Instance) -> Any:
    """The second line of (138) less f(W_{k+1})."""
    return _with_squares(step) - mean_value(step)


# (142) to (144)


@statement("eq-142", source="App. J, (142)", uses=["eq-65"])
def saturation() -> Form:
    """M = F^2 - G^2 = (F + G)(F - G) = q_+ q_-, as (65)."""
    return registry.build("eq-65").form


@statement(
    "eq-143",
    source="App. J, (143)",
    uses=["eq-142", "lemma-2.amended-1", LIFT],
    reading="S_k, which nothing defines, is M(W_k), as in (66)",
)
def saturation_weighs_the_gradient() -> Form:
    """The first square of (138) and (141) add up to at most -(alpha/(2 F_max)) ||grad f||_M^2, which is <= 0."""
    square = GRADIENT**2
    return All(
        (
            ("L1 = L2", Identity(-square * F + square * G**2 / F, -square * (F - G**2 / F), lift=LIFT)),
            ("L2 = L3", Identity(-square * (F - G**2 / F), -square * (F**2 - G**2) / F, lift=LIFT)),
            ("L3 <= L4", certified(lines.saturates, "L1 <= L4 of (143)")),
            ("L5 <= 0", certified(lines.does_not_ascend, "L5 <= 0 of (143)")),
        )
    )


def falls_by(size: Callable[[View], Any]) -> Callable[[Instance], Sides]:
    """Size <= f(W_k) - f(W_{k+1})."""
    return lambda step: Sides(size(VIEW(step)), value(step, step["W"]) - mean_value(step))


def slack_of_fall(size: Callable[[View], Any]) -> Callable[[Instance], Any]:
    """Its slack."""

    def slack(step: Instance) -> Any:
        left, right = falls_by(size)(step)
        return right - left

    return slack


def by_step(v: View) -> Any:
    """The left-hand side of (144)."""
    return excess(v) * step2(v)


def by_both(v: View) -> Any:
    """The left-hand side of (144), and what (143) adds to it."""
    return by_step(v) - lines.saturating(v)


FALL = Premise("eq-138.amended-1", _slack_of_138)


@statement("eq-144", source="App. J, (144)", uses=["assumption-1", "eq-138.amended-1", "eq-141", "eq-143"])
def step_is_bounded_by_the_fall() -> Form:
    """(1/F_max)(1/(2 alpha) - L F_max/2) ||W_{k+1} - W_k||^2 <= f(W_k) - f(W_{k+1}), for every learning rate."""
    whole = Premise("eq-143", lambda step: lines.saturates.slack(VIEW(step)) + lines.does_not_ascend.slack(VIEW(step)))
    return Certified(ForAll(STEP, falls_by(by_step), "(144)", DIMENSIONS), (), (FALL, whole))


@statement(
    "lib-analog-gd-falls",
    source="App. J, (138), (141) and (143) together",
    uses=["eq-138.amended-1", "eq-141", "eq-143"],
)
def both_are_bounded_by_the_fall() -> Form:
    """(144) with what it drops: (alpha/(2 F_max)) ||grad f||_M^2 on the left."""
    parts = (FALL, lines.saturates.premise("eq-143", VIEW))
    claim = ForAll(STEP, falls_by(by_both), "(144) with the term of (143)", DIMENSIONS)
    return Certified(claim, (), parts)
