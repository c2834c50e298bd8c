"""Appendix F: the machine's verdicts, and its counterexamples worked out by hand."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from analog_theory.theory.outcome import Budget, Outcome
from analog_theory.theory.paper import registry
from analog_theory.theory.settle import decided, settle


def verdict(id: str) -> Outcome:
    return decided(id, Budget.quick(), registry)


def rests_on(id: str) -> tuple[str, ...]:
    return settle(registry.build(id), Budget.quick(), registry).rests_on


def point(evidence: dict[str, dict[str, str]]) -> dict[str, Fraction]:
    return {name: Fraction(value) for name, value in evidence["counterexample"].items()}


def moved(at: dict[str, Fraction]) -> Fraction:
    """|increment(dw) - increment(dw')| by the cases of (3), not by F and G."""

    def increment(dw: Fraction) -> Fraction:
        return dw * (at["q_plus"] if dw >= 0 else at["q_minus"])

    return abs(increment(at["dw"]) - increment(at["dw_other"]))


def test_lemma_3_fails_at_the_point_shown() -> None:
    found = verdict("lemma-3")
    assert found.status == "refuted"
    at = point(found.evidence)
    assert (at["q_plus"] + at["q_minus"]) / 2 <= at["F_max"]
    assert min(at["q_plus"], at["q_minus"]) > 0
    assert moved(at) > at["F_max"] * abs(at["dw"] - at["dw_other"])
    assert moved(at) == Fraction(found.evidence["left"])


@pytest.mark.parametrize("amendment", ["lemma-3.amended-1", "lemma-3.amended-2", "lemma-3.amended-3"])
def test_lemma_3_holds_for_every_dimension_with_the_larger_constant(amendment: str) -> None:
    found = verdict(amendment)
    assert (found.status, found.dimension) == ("proved", "every D")


def test_lemma_3_rests_on_the_chain_that_fails_at_its_first_step() -> None:
    assert "eq-35" in rests_on("lemma-3")
    chain = verdict("eq-35")
    assert chain.evidence["refuted"] == ["L1 <= L2"]


@pytest.mark.parametrize("id", ["lemma-1", "lemma-4", "eq-38", "eq-38-a", "eq-39", "eq-40", "text-f-1"])
def test_what_holds_is_proved_for_every_dimension(id: str) -> None:
    found = verdict(id)
    assert (found.status, found.dimension) == ("proved", "every D")


def test_no_constant_bounds_the_slopes_of_definition_1() -> None:
    found = verdict("lemma-2")
    assert found.evidence["refuted"] == ["(b) some L_Q bounds its slope"]
    parts = found.evidence["parts"].values()
    assert [part["verdict"] for part in parts] == ["proved"] * 4 + ["refuted"]
    assert verdict("lemma-2.amended-1").status == "proved"


@pytest.mark.parametrize("n", [1, 10, 1000])
def test_the_response_of_lemma_2_is_as_steep_as_said(n: int) -> None:
    def response(w: float) -> float:
        return 2 + w**2 * math.sin(1 / w**2)

    # the phase 1/w^2 moves by 3e-5 over a step, which is off by its square; rounding, 4e-16 / step, is below 1e-6
    w, step = 1 / math.sqrt(2 * math.pi * n), 1e-6 / n**1.5
    slope = (response(w + step) - response(w - step)) / (2 * step)
    assert slope == pytest.approx(-2 * math.sqrt(2 * math.pi * n), rel=1e-4)
    assert 1 <= response(w) <= 3
    assert abs(w) <= 1
