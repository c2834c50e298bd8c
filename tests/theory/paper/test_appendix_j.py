"""Appendix J: Theorem 6 for Analog GD; runs by plain fractions show what is false as printed, false neighbours fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from analog_theory.theory import rates
from analog_theory.theory.outcome import Budget
from analog_theory.theory.paper import (
    appendix_j as j,
    appendix_j_rate as rate,
    appendix_j_theorem as theorem,
    gradient_runs as runs,
    registry,
)
from analog_theory.theory.settle import decide, decided
from analog_theory.theory.statement import ForAll, Sides

BUDGET = Budget.quick()
HALF = Fraction(1, 2)

# by hand: the step of (2) is alpha (grad f F + |grad f| G); (140) is a bound, so that (138) is none of =; (143) divides
# by F_max, (146) does not; the runs below for (136) and (137)
VERDICTS = {
    "eq-135": "refuted",
    "eq-135.amended-1": "proved",
    "text-j-3": "refuted",
    "text-j-3.amended-1": "proved",
    "text-j-2": "proved",
    "eq-138": "refuted",
    "eq-138.amended-1": "proved",
    "eq-139": "proved",
    "eq-140": "proved",
    "eq-141": "proved",
    "eq-142": "proved",
    "eq-143": "proved",
    "eq-144": "proved",
    "lib-analog-gd-falls": "proved",
    "eq-145": "refuted",
    "eq-145.amended-1": "proved",
    "text-j-4": "proved",
    "text-j-5": "proved",
    "eq-146": "refuted",
    "eq-146.amended-1": "proved",
    "text-j-6": "proved",
    "eq-147": "proved",
    "text-j-7": "proved",
    "theorem-6": "refuted",
    "theorem-6.amended-1": "proved",
    "theorem-6.amended-2": "proved",
    "eq-137": "refuted",
    "eq-137.amended-1": "proved",
    "eq-137.amended-2": "proved",
}


@pytest.mark.parametrize("id", VERDICTS)
def test_verdicts_worked_out_by_hand(id: str) -> None:
    status = decided(id, BUDGET, registry).status
    assert status == VERDICTS[id]
    assert not (status == "refuted" and not registry.amendments(id))


def run(up: list[Fraction], down: list[Fraction], alpha: Fraction) -> tuple[list[Fraction], list[Fraction]]:
    """Weights and gradients of f(w) = w^2/2 from w = -1, the responses being those of each step."""
    weights, gradients = [Fraction(-1)], []
    for q_plus, q_minus in zip(up, down, strict=True):
        w = weights[-1]
        gradients.append(w)
        weights.append(w - alpha * w * (q_plus if w < 0 else q_minus))
    return weights, gradients


def test_the_metric_as_printed_does_not_decay_where_the_weight_hardly_moves() -> None:
    # q_+ = 1, q_- = 3: F = 2 = F_max, G = 1, alpha = 1/4; the printed drift takes 3 for the response 1
    _, gradients = run([Fraction(1)] * 2, [Fraction(3)] * 2, Fraction(1, 4))
    printed = sum((2 * g - abs(g)) ** 2 + 3 * g**2 for g in gradients) / 2
    repaired = sum((2 * g + abs(g)) ** 2 + 3 * g**2 for g in gradients) / 2
    assert printed == Fraction(75, 8)
    assert repaired <= 8 * HALF * 2**2 / 2 < printed
    assert printed <= rates.analog_gd_rate_of_printed_metric(HALF, 2, 2, 1, 1, 3)


def test_no_learning_rate_of_the_proof_serves_both_halves() -> None:
    # ideal responses at the rate of (136): gradients -1 and -1/2, and (1 + 1/4)/2 > 1/2
    ideal = [Fraction(1)] * 2
    _, gradients = run(ideal, ideal, HALF)
    assert sum(g**2 for g in gradients) / 2 > rates.analog_gd_gradient_rate(HALF, 2, 1, 1, 1)
    # at the rate of (137) the weight leaps to and fro when the response to its move is near 2 F_max
    near, small = Fraction(19, 10), Fraction(1, 10)
    weights, gradients = run([near, small], [small, near], Fraction(1))
    repaired = sum(
        ((w - v) ** 2 + near * small * g**2) for w, v, g in zip(weights, weights[1:], gradients, strict=False)
    )
    assert repaired / 2 > rates.analog_gd_rate(HALF, 2, 1, 1)


def test_f_max_above_one_breaks_146_by_fractions() -> None:
    # q_+ = 2, q_- = 1: F = 3/2, M = 2, alpha = 2/3: from -1 to 1/3, f falls by 4/9, and (alpha/2) M is 2/3
    weights, _ = run([Fraction(2)], [Fraction(1)], Fraction(2, 3))
    fall = (weights[0] ** 2 - weights[1] ** 2) / 2
    assert Fraction(2, 3) / 3 * 2 <= fall < Fraction(2, 3) / 2 * 2


Size = Callable[[Any], Any]
FALSE_STEPS: dict[str, tuple[Size, Any]] = {
    "twice the saturated gradient": (lambda v: j.by_step(v) - 2 * j.lines.saturating(v), runs.STEP),
    "F_max for F_max^2 in the step": (lambda v: j.by_step(v) * v["F_max"], runs.STEP),
    "(146) for any rate": (lambda v: -j.lines.saturating(v), runs.STEP),
}


@pytest.mark.parametrize("name", FALSE_STEPS)
def test_a_step_that_falls_by_more_is_refuted(name: str) -> None:
    size, domain = FALSE_STEPS[name]
    assert decide(ForAll(domain, j.falls_by(size), name, (1,)), BUDGET, registry).status == "refuted"


def test_half_of_the_gradient_bound_is_refuted() -> None:
    def sides(found: Any) -> Sides:
        return Sides(2 * rate.mean(found, 1, rate.gradient2), rate.third_of_147(found, 1))

    form = ForAll(runs.run_of(1, rate.WHOLE, sharp=True), sides, "half of (137)", (1,))
    assert decide(form, BUDGET, registry).status == "refuted"


def walked(*levels: int) -> list[Any]:
    """The steps of a run on (w + 1)^2/2 with alpha = 2 from w = 0, both responses of a level being the same."""
    drawn: dict[str, Any] = {name: np.array([Fraction(0)]) for name in ("W", "axis")}
    drawn["W_star"] = np.array([Fraction(-1)])
    drawn |= {name: np.array([Fraction(1)]) for name in ("share_left", "share_right")}
    drawn |= {f"q_{sign}_{k}": np.array([Fraction(q)]) for k, q in enumerate(levels) for sign in ("plus", "minus")}
    drawn |= {"L": Fraction(1), "F_excess": Fraction(0), "below": Fraction(0)}
    alpha = replace(rate.WHOLE, build=lambda _: {"alpha": Fraction(2)}, holds=lambda _: True)
    for assumption in runs.run_of(len(levels), alpha):
        drawn |= assumption.build(drawn) if assumption.build else {}
        assert assumption.holds is None or assumption.holds(drawn)
    return runs.steps_of(drawn, len(levels))


def test_a_run_meets_the_same_response_where_it_comes_back() -> None:
    away = walked(1, 3, 9)  # from 0 to -2, then by 2 * 3 to 4
    assert [int(step["W"][0]) for step in away] == [0, -2, 4]
    assert away[-1]["q_minus"][0] == 9
    back = walked(1, 1, 9)  # to -2, then back to 0, where the response is 1
    assert [int(step["W"][0]) for step in back] == [0, -2, 0]
    assert back[-1]["q_minus"][0] == 1


def test_bounds_agree_where_the_paper_puts_them_together() -> None:
    chosen = 1 / Fraction(2 * 3 * 5)
    assert rates.analog_gd_bound(7, chosen, 4, 5, 3) == rates.analog_gd_rate(7, 4, 5, 3) == Fraction(8 * 3 * 7 * 25, 4)
    whole = 1 / Fraction(3 * 5)
    assert rates.analog_gd_gradient_bound(7, whole, 4, 5, 2) == rates.analog_gd_gradient_rate(7, 4, 5, 3, 2)
    assert theorem.RATIO.is_positive
