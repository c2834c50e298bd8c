"""Amendments weakened by one part in a hundred are caught: refuted, with numbers."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
import sympy as sp
from analog_theory.theory.outcome import Budget
from analog_theory.theory.paper import appendix_b as b, appendix_f as f, registry
from analog_theory.theory.settle import decide
from analog_theory.theory.statement import ForAll, Form, Implication, Instance, Sides

LESS = sp.Rational(99, 100)


def overstated(id: str) -> ForAll:
    """The claim of a certified amendment with one part in a hundred taken off the size of its right-hand side."""
    claim = registry.build(id).form.claim

    def slack(instance: Instance) -> Sides:
        left, right = claim.slack(instance)
        return Sides(left, right - abs(right) * Fraction(1, 100))

    return replace(claim, slack=slack)


def saturation() -> Form:
    given = b.bounded(b.W_MAX, b.W)
    return Implication(given, claim=b.saturation(b.W) >= (1 - (b.W_MAX / b.TAU) ** 2) / LESS)


GAP = f.DW - f.DW_OTHER
WEAKENED = {
    "lemma-3.amended-1": lambda: f.lipschitz(LESS * f.Q_MAX, f.Q_PLUS <= f.Q_MAX, f.Q_MINUS <= f.Q_MAX),
    "lemma-3.amended-2": lambda: f.lipschitz(2 * LESS * f.F_MAX, *f.BOUNDED),
    "eq-35.amended-1": lambda: Implication((), sp.Abs(f.regrouped()) <= LESS * sp.Abs(GAP) * (f.F + sp.Abs(f.G))),
    "eq-19.amended-1": saturation,
    # equality where F = F_max, G = 0 and there is no noise: both sides are -alpha F ||grad f||^2
    "eq-67.amended-1": lambda: overstated("eq-67.amended-1"),
}


@pytest.mark.parametrize("id", WEAKENED)
def test_a_weakened_amendment_is_refuted(id: str) -> None:
    assert decide(registry.build(id).form, Budget.default(), registry).status == "proved"
    found = decide(WEAKENED[id](), Budget.default(), registry)
    assert found.status == "refuted"
    assert found.evidence["counterexample"]
    assert Fraction(found.evidence["left"]) != Fraction(found.evidence["right"])
