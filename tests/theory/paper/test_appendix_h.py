"""Appendix H: the descent of Analog SGD is proved step by step; counterexamples by plain fractions, false variants."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from analog_theory.theory.certified import certified
from analog_theory.theory.falsify import search
from analog_theory.theory.outcome import Budget, Outcome
from analog_theory.theory.paper import (
    appendix_h as h,
    appendix_h_descent as descent,
    descent_terms as lines,
    registry,
)
from analog_theory.theory.settle import decided, settle
from analog_theory.theory.statement import Certified, ForAll, Premise, Term

BUDGET = Budget.quick()
QUICK = Budget(instances=20, generations=1)  # for certificates that fail, after which the search is in full

# by hand: every line of (61)-(72) follows from L-smoothness, |G| < F <= F_max and the variance, but that (67) is an
# equality, for (63) and (66) are strict where F < F_max, and that a small alpha makes 1/(2 alpha) small
PROVED = (
    *("eq-61", "eq-62", "eq-62-s1", "eq-63", "eq-64", "eq-64-s1", "eq-65", "eq-66", "eq-67.amended-1", "eq-68"),
    *("eq-68-s1", "eq-69", "eq-70", "eq-70-s1", "eq-70-s2", "eq-70-s3", "eq-71", "eq-72", "eq-74", "text-h-4"),
)
REFUTED = ("eq-67", "text-h-2")


def verdict(id: str) -> Outcome:
    return decided(id, BUDGET, registry)


def rests_on(id: str) -> tuple[str, ...]:
    return settle(registry.build(id), BUDGET, registry).rests_on


@pytest.mark.parametrize("id", PROVED)
def test_the_descent_is_proved_for_every_dimension(id: str) -> None:
    found = verdict(id)
    assert (found.status, found.dimension, rests_on(id)) == ("proved", "every D", ())


@pytest.mark.parametrize("id", REFUTED)
def test_what_is_printed_wrongly_is_refuted_and_amended(id: str) -> None:
    assert verdict(id).status == "refuted"
    assert verdict(f"{id}.amended-1").status == "proved"


def numbers(values: Any) -> list[Fraction]:
    return [Fraction(value) for value in values]


def test_the_two_sides_of_67_differ_by_plain_fractions() -> None:
    shown = verdict("eq-67").evidence["counterexample"]
    alpha, F_max, sigma2 = (Fraction(shown[name]) for name in ("alpha", "F_max", "sigma2"))
    (g,), (F,), (G,) = (numbers(shown[name]) for name in ("gradient", "F", "G"))
    p, samples = numbers(shown["p"]), numbers([row[0] for row in shown["samples"]])
    moves = [-alpha * (s * F + abs(s) * G) for s in samples]
    left = sum(q * g * move for q, move in zip(p, moves, strict=True))
    deviations = [move + alpha * (s - g) * F for move, s in zip(moves, samples, strict=True)]
    squares = sum(q * d**2 for q, d in zip(p, deviations, strict=True))
    noise_term = alpha * sigma2 * G**2 / F / 2
    right = -alpha * g**2 * (F**2 - G**2) / (2 * F_max) + noise_term - squares / (2 * alpha * F_max)
    assert left < right
    assert (Fraction(verdict("eq-67").evidence["left"]), Fraction(verdict("eq-67").evidence["right"])) == (left, right)


def test_a_small_step_turns_the_inequality_before_72() -> None:
    # alpha = 1/8, L = F_max = 1: 1/(2 alpha) - L F_max = 3 > 2 = 1/(4 alpha)
    point = {name: Fraction(value) for name, value in verdict("text-h-2").evidence["counterexample"].items()}
    alpha, size = point["alpha"], point["L"] * point["F_max"]
    assert 4 * alpha * size <= 1
    assert 1 / (2 * alpha) - size > 1 / (4 * alpha)


# False variants: what the certificates must not prove


def outcome(form: Certified | ForAll) -> str:
    if isinstance(form, ForAll):
        return search(form, QUICK).status
    return certified(form, QUICK, lambda id: decided(id, BUDGET, registry).status).status


def test_72_needs_a_small_step() -> None:
    # f = w^2/2, F = F_max = 1, G = 0, no noise: one step of alpha = 2 from 1 leads to -1, where f is as large
    claim = ForAll(h.STEP, descent.descends(descent.second_bound), "(72) for every alpha", (1,))
    assert outcome(claim) == "refuted"


def test_72_does_not_follow_with_half_its_noise_term() -> None:
    proved = registry.build("eq-72").form
    assert isinstance(proved, Certified)

    def bound(v: lines.View) -> Any:
        return descent.second_bound(v) - v["alpha"] * lines.through_ratio(v) / 2

    short = Term(-lines.ALPHA * lines.SIGMA2 * lines.RATIO / 4, (), h.VIEW)
    claim = replace(proved.claim, slack=descent.descends(bound))
    assert outcome(replace(proved, claim=claim, terms=(short,))) != "proved"


@pytest.mark.parametrize("missing", [0, 1])
def test_the_variance_bound_needs_both_of_its_terms(missing: int) -> None:
    line = lines.splits_off_variance
    assert outcome(line.certified(h.STEP, h.VIEW, "whole")) == "proved"
    part = replace(line, terms=line.terms[missing : missing + 1])
    assert outcome(part.certified(h.STEP, h.VIEW, "a term missing")) == "supported"


def test_67_needs_each_of_its_premises() -> None:
    form = registry.build("eq-67.amended-1").form
    assert isinstance(form, Certified)
    for dropped in range(3):
        premises = tuple(premise for i, premise in enumerate(form.premises) if i != dropped)
        assert outcome(replace(form, premises=premises)) == "supported"


def test_the_smoothness_constant_counts() -> None:
    # (61) with L/4 in place of L/2: f = L w^2 / 2 violates it
    def less(step: Any) -> Any:
        sides = h.descent_sides(step)
        moves = step["W_next"] - step["W"]
        return sides.right - sides.left - step["L"] * (step["p"] @ (moves**2).sum(axis=1)) / 4

    form = Certified(ForAll(h.STEP, less, "(61) with L/4", (1,)), (), (Premise("lib-descent-lemma", less),))
    assert outcome(form) == "refuted"


def test_terms_of_a_line_add_up_to_its_slack_by_hand() -> None:
    # one coordinate, samples 3 and -1 of probability 1/2 each, F = 2, G = -1, F_max = 3, alpha = 1/2: grad = 1
    alpha, F, G, F_max = Fraction(1, 2), Fraction(2), Fraction(-1), Fraction(3)
    moves = [-alpha * (s * F + abs(s) * G) for s in (3, -1)]
    deviations = [move + alpha * (s - 1) * F for move, s in zip(moves, (3, -1), strict=True)]
    assert (moves, deviations) == ([Fraction(-3, 2), Fraction(3, 2)], [Fraction(1, 2), Fraction(-1, 2)])
    slack = sum(d**2 for d in deviations) / 2 / (2 * alpha) * (1 / F - 1 / F_max)
    ((formula, _),) = lines.takes_out_F_max.terms
    symbols = {"alpha": alpha, "F": F, "F_max": F_max, "p": Fraction(1, 2)}
    total = sum(
        formula.subs(
            {s: sp.Rational(*({**symbols, "deviation": d}[s.name]).as_integer_ratio()) for s in formula.free_symbols}
        )
        for d in deviations
    )
    assert total == sp.Rational(*slack.as_integer_ratio())
