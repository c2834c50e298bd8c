"""Appendix C: what each statement's verdict should be, with the reason by hand, and its counterexamples by pulses."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import numpy as np
import pytest
from analog_theory.theory.outcome import Budget, Outcome
from analog_theory.theory.paper import registry
from analog_theory.theory.settle import decided, settle

PROVED = "text-c-5 eq-27 theorem-4 eq-29 eq-30 text-c-10 lib-pulse-cap"
REFUTED = {
    "eq-26": "the first line lacks the sign of s",
    "text-c-6": "dw = 1, dw_min = 2 sends 2",
    "text-c-8": "dw << dw_min sends dw_min, whatever dw",
    "eq-31": "rounding lacks q_s; Theta of what may be 0",
    "text-c-11": "xi_t all equal have a sum of variance BL^2",
}
BUDGET = Budget(points=100, instances=60)


def found(id: str) -> Outcome:
    return decided(id, BUDGET, registry)


@pytest.mark.parametrize("id", PROVED.split())
def test_what_holds_as_printed(id: str) -> None:
    assert found(id).status == "proved"


@pytest.mark.parametrize("id", REFUTED)
def test_what_fails_as_printed_and_holds_as_amended(id: str) -> None:
    assert found(id).status == "refuted"
    (amendment,) = registry.amendments(id)
    assert found(amendment).status == "proved"
    assert registry.build(amendment).judgement is not None


@pytest.mark.parametrize("id", [*PROVED.split(), *(f"{id}.amended-1" for id in REFUTED)])
def test_nothing_that_holds_rests_on_what_fails(id: str) -> None:
    assert settle(registry.build(id), BUDGET, registry).rests_on == ()


def at(part: dict) -> dict[str, Fraction]:
    return {name: Fraction(value) for name, value in part["counterexample"].items()}


def test_the_polarity_that_26_misses_is_the_negative_one() -> None:
    parts = found("eq-26").evidence["parts"]
    assert {name: part["verdict"] for name, part in parts.items()} == {"s = +": "proved", "s = -": "refuted"}


def test_each_flaw_of_31_by_two_pulses() -> None:
    parts = found("eq-31").evidence["parts"]
    assert all(part["verdict"] == "refuted" for part in parts.values())
    bent = at(parts["line 3: Theta(BL^2 dw_min^2), so not 0"])
    # a constant response has no curvature; and two pulses are what the point's dw takes
    assert (bent["dq_s"], ceil(bent["dw"] / bent["dw_min"])) == (0, 2)
    whole = at(parts["line 5: Theta(dw_min), so not 0"])
    assert abs(whole["dw"]) == 2 * whole["dw_min"]


def test_noise_of_31_by_the_variance_of_its_pulses() -> None:
    point = at(found("eq-31").evidence["parts"]["line 4: noise"])
    dw, dw_min, sigma = abs(point["dw"]), point["dw_min"], point["sigma_c"]
    count = ceil(dw / dw_min)
    assert count * (sigma * dw_min) ** 2 != sigma**2 * dw_min * dw


def test_small_increments_are_all_wrong_on_a_given_device() -> None:
    # one pulse of 1/10 for an increment of 1/1000: the smooth update misses 99 % of what is sent
    assert found("text-c-8").evidence["order"] == "0"
    sent, dw = Fraction(1, 10), Fraction(1, 1000)
    assert (sent - dw) / sent == Fraction(99, 100)


def test_the_relative_error_of_theorem_4_measured() -> None:
    # dw_min = dw^2 on q_+ = 1 - w: halving dw halves the relative error, by the orders of text-c-8.amended-1
    ratios = []
    for dw in (2.0**-6, 2.0**-7, 2.0**-8):
        dw_min, w = dw**2 * 0.9, 0.25
        start = w
        for _ in range(ceil(dw / dw_min)):
            w += dw_min * (1 - w)
        ratios.append(abs(w - (start + dw * (1 - start))) / abs(w - start))
    # curvature dw/2 and rounding below dw_min/dw = 0.9 dw: between 0 and 2 dw
    assert np.all(np.array(ratios) < 2 * np.array([2.0**-6, 2.0**-7, 2.0**-8]))
