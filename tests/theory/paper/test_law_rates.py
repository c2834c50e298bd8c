"""Our laws about rates are proved, whatever the seed, and false neighbours of theirs are refuted."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy as sp
from analog_theory.theory.outcome import Budget
from analog_theory.theory.paper import law_rates, registry
from analog_theory.theory.settle import decided, settle
from analog_theory.theory.statement import All, Implication

IDS = ("floor", "lower-bound", "looseness", "tight")


@pytest.mark.parametrize("id", [*(f"lib-law-analog-sgd-{name}" for name in IDS), "lib-law-analog-gd-tight"])
def test_proved(id: str) -> None:
    assert decided(id, Budget.default(), registry).status == "proved"


@pytest.mark.parametrize("factor", [sp.Rational(9, 10), sp.Rational(11, 10)])
def test_another_floor_is_refuted(factor: sp.Rational) -> None:
    part = dict(registry.build("lib-law-analog-sgd-floor").form.parts)["with E|g| = sigma"]
    F, G, grad = law_rates.F, law_rates.G, law_rates.GRADIENT
    wrong = Implication(part.given, sp.Eq(F * grad**2, factor * law_rates.SIGMA**2 * G**2 / F))
    assert settle(replace(registry.build("lib-law-analog-sgd-floor"), form=wrong)).verdict == "refuted"


def test_without_noise_of_a_size_there_is_no_lower_bound() -> None:
    statement = registry.build("lib-law-analog-sgd-floor")
    part = dict(statement.form.parts)["at least"]
    wrong = Implication(part.given[:-1], part.claim)
    assert settle(replace(statement, form=All((("at least", wrong),)))).verdict == "refuted"


def test_a_constant_below_5_is_refuted() -> None:
    statement = registry.build("lib-law-analog-sgd-looseness")
    r = law_rates.RATIO
    wrong = Implication((r < 1,), 5 - 2 * r - 3 * r**2 <= sp.Rational(49, 10))
    assert settle(replace(statement, form=wrong)).verdict == "refuted"


def test_the_lower_bound_without_the_factor_is_refuted_for_a_short_range() -> None:
    statement = registry.build("lib-law-analog-sgd-lower-bound")
    parts = dict(statement.form.parts)
    weak = parts["h tau >= sigma"]
    wrong = Implication(weak.given[:1], weak.claim)
    assert settle(replace(statement, form=wrong)).verdict == "refuted"
