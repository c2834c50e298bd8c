"""Rules about strongly convex objectives: their verdicts, their slacks by hand, and constants a little too good."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from analog_theory.theory.certified import certified
from analog_theory.theory.domains import strongly_convex
from analog_theory.theory.falsify import search
from analog_theory.theory.implication import implication
from analog_theory.theory.outcome import Budget
from analog_theory.theory.paper import convexity as c, registry
from analog_theory.theory.settle import decided
from analog_theory.theory.statement import Certified, ForAll, Implication, Instance, Sides

QUICK = Budget.quick()
RULES = {
    "lib-interpolation": c.interpolation,
    "lib-nesterov-2-1-9": c.nesterov,
    "lib-strong-monotonicity": c.monotonicity,
    "lib-quadratic-growth": c.quadratic_growth,
    "lib-gradient-growth": c.gradient_growth,
    "lib-gradient-dominance": c.gradient_dominance,
}


@pytest.mark.parametrize("id", ["assumption-3", "lib-interpolation-in-scalars", *RULES])
def test_the_rules_are_proved(id: str) -> None:
    found = decided(id, QUICK, registry)
    assert found.status == "proved"
    assert found.dimension == ("every D" if id in RULES else "1")


def parabola(curvature: Fraction) -> Instance:
    """f(w) = curvature w^2 / 2 in one weight, in the class of mu = 1 and L = 3, at w = 2 with a second point at -1."""
    one = np.array([Fraction(1)], dtype=object)
    arrays = {"axis": 0 * one, "W_star": 0 * one, "W": 2 * one, "V": -one}
    bends = {"h_left": curvature * one, "h_right": curvature * one, "gradient": 2 * curvature * one}
    return {**arrays, **bends, "mu": Fraction(1), "L": Fraction(3)}


def sides(id: str, at: Instance) -> Sides:
    found: Sides = registry.build(id).form.claim.slack(at)
    return found


@pytest.mark.parametrize("h", [Fraction(1), Fraction(3, 2), Fraction(3)])
def test_the_slacks_of_a_parabola_are_those_worked_out_by_hand(h: Fraction) -> None:
    # w and v are 3 apart, so d = 3 h; f(w) - f(v) - f'(v)(w - v) = 9 h/2
    slack = {id: right - left for id in RULES for left, right in [sides(id, parabola(h))]}
    assert slack["lib-interpolation"] == 9 * (h - 1) * (3 - h)
    assert slack["lib-nesterov-2-1-9"] == Fraction(9, 4) * (h - 1) * (3 - h)
    assert slack["lib-strong-monotonicity"] == 9 * (h - 1)
    assert slack["lib-quadratic-growth"] == 2 * (h - 1)
    assert slack["lib-gradient-growth"] == 4 * (h**2 - 1)
    assert slack["lib-gradient-dominance"] == 4 * h * (h - 1)


@pytest.mark.parametrize("id", RULES)
def test_a_rule_whose_left_side_is_a_hundredth_larger_is_refuted(id: str) -> None:
    # each is an equality for a parabola of curvature mu, whatever L
    claim: ForAll = registry.build(id).form.claim

    def stronger(instance: Instance) -> Sides:
        left, right = claim.slack(instance)
        return Sides(left + abs(left) / 100, right)

    assert search(replace(claim, slack=stronger), QUICK).status == "refuted"


def test_the_two_faces_of_assumption_3_part_together() -> None:
    inside, below, above = (parabola(h) for h in (Fraction(2), Fraction(1, 2), Fraction(4)))
    holds = strongly_convex.holds
    assert holds is not None
    assert [holds(instance) for instance in (inside, below, above)] == [True, False, False]
    assert c.slack(c.convexity(below, *c.two_points(below))) < 0
    assert c.slack(c.interpolation(above, *c.two_points(above))) < 0


def test_a_bent_parabola_is_between_the_curvatures_of_its_sides() -> None:
    # w^2/2 on the left of 0, 3 w^2/2 on the right: at 2 and -1, d = 6 + 1, f(2) - f(-1) - f'(-1) 3 = 6 - 1/2 + 3
    bent = {**parabola(Fraction(1)), "h_right": np.array([Fraction(3)], dtype=object)}
    left, right = c.interpolation(bent, *c.two_points(bent))
    assert (left, right) == (49 + 27 - 42, 4 * Fraction(17, 2))
    assert c.nesterov(bent, *c.two_points(bent)) == (Fraction(49 + 27, 4), 21)


@pytest.mark.parametrize("kept", [0, 1])
def test_interpolation_needs_both_convexity_and_descent(kept: int) -> None:
    form = registry.build("lib-interpolation-in-scalars").form
    assert isinstance(form, Implication)
    assert implication(form.given[kept : kept + 1], form.claim, QUICK).status == "refuted"


@pytest.mark.parametrize("id", ["lib-nesterov-2-1-9", "lib-strong-monotonicity"])
def test_one_direction_alone_does_not_add_up(id: str) -> None:
    form = registry.build(id).form
    assert isinstance(form, Certified)
    (premise,) = form.premises
    short = replace(form, premises=(replace(premise, at=lambda i: premise.at(i)[:1]),))
    found = certified(short, QUICK, lambda _: "proved")
    assert found.status == "supported"
    assert "do not add up" in found.evidence["certificate"]
