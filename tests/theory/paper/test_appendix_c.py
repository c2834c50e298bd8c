"""Appendix C: what each statement's verdict should be, with the reason by hand, and its counterexamples by pulses."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import numpy as np
import pytest
from analog_theory.theory.outcome import Budget, Outcome
from analog_theory.theory.paper import registry
from analog_theory.theory.settle import decided, settle

PROVED = "text-c-5 eq-27 text-c-6 theorem-4 eq-29 eq-30 text-c-10 text-c-11 lib-pulse-cap"
REFUTED = {
    "eq-26": "the first line lacks the sign of s",
    "text-c-8": "a rate halved leaves dw_min < |dw|/100; dw << dw_min sends dw_min, whatever dw",
    "eq-31": "rounding lacks q_s; Theta of what may be 0",
}
BUDGET = Budget.quick()


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


def test_each_flaw_of_31_by_its_pulses() -> None:
    parts = found("eq-31").evidence["parts"]
    assert all(part["verdict"] == "refuted" for part in parts.values())
    points = [at(part) for name, part in parts.items() if "within" not in name]
    # the pulses and their polarity are those of the point's dw, and dw_min is below |dw|/100
    assert all(ceil(abs(p["dw"]) / p["dw_min"]) == p["BL"] > 100 for p in points)
    assert all(p["sign"] == np.sign(p["dw"]) for p in points)
    rounded, bent, whole = points
    # line 3 less line 4 is (q - 1)(s D - dw); a constant response has no curvature; dw_min divides dw
    unsent = rounded["sign"] * rounded["BL"] * rounded["dw_min"] - rounded["dw"]
    assert (rounded["q_s"] - 1) * unsent != 0
    assert bent["dq_s"] == 0
    assert abs(whole["dw"]) == whole["BL"] * whole["dw_min"]


def test_what_line_4_of_31_lacks_is_no_curvature() -> None:
    part = found("eq-31").evidence["parts"]["line 4: rounding, within Theta(dw^2)"]
    assert part["order"] == "3"
    for n in (10, 100, 1000):  # D = 1/n^2 in n pulses, the last of them half used
        dw_min = Fraction(1, n**3)
        dw = n * dw_min - dw_min / 2
        assert ceil(dw / dw_min) == n
        assert (n * dw_min - dw) / dw**2 >= Fraction(n, 2)  # for q_s = 2, and it grows


def test_the_bound_of_31_amended_holds_of_pulses() -> None:
    # q_+ = 1 - w: L_q = 1 and q_max = 1 on [0, 1]; without noise
    for dw, dw_min in ((0.3, 0.07), (0.05, 0.004), (0.2, 0.2)):
        w = start = 0.25
        for _ in range(ceil(dw / dw_min)):
            w += dw_min * (1 - w)
        assert abs(w - (start + dw * (1 - start))) <= dw_min + 2 * dw**2


def test_small_increments_are_all_wrong_on_a_given_device() -> None:
    # one pulse of 1/10 for an increment of 1/1000: the smooth update misses 99 % of what is sent
    parts = found("text-c-8").evidence["parts"]
    assert parts["the error vanishes with the rate"]["order"] == "0"
    sent, dw = Fraction(1, 10), Fraction(1, 1000)
    assert (sent - dw) / sent == Fraction(99, 100)
    left = at(parts["a smaller rate keeps dw_min << |dw|"])
    update = left["alpha"] * left["g_size"]
    assert left["share"] * update < 100 * left["dw_min"] <= update


def test_what_both_take_for_granted_of_cycle_variation_is_said_in_both() -> None:
    # equal xi_t would add up to variance BL, and to noise of the size of D: neither would hold
    assert all("uncorrelated" in registry.build(id).reading for id in ("text-c-11", "theorem-4"))


def test_the_relative_error_of_theorem_4_measured() -> None:
    # dw_min = dw^2 on q_+ = 1 - w: halving dw halves the relative error, by the bound of text-c-8.amended-1
    ratios = []
    for dw in (2.0**-6, 2.0**-7, 2.0**-8):
        dw_min, w = dw**2 * 0.9, 0.25
        start = w
        for _ in range(ceil(dw / dw_min)):
            w += dw_min * (1 - w)
        ratios.append(abs(w - (start + dw * (1 - start))) / abs(w - start))
    # curvature dw/2 and rounding below dw_min/dw = 0.9 dw: between 0 and 2 dw
    assert np.all(np.array(ratios) < 2 * np.array([2.0**-6, 2.0**-7, 2.0**-8]))
