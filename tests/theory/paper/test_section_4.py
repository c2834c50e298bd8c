"""Section 4: what each statement's verdict should be, and its counterexamples recomputed with the mean dynamics."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from analog_theory.theory.algorithm import ResidualLearning
from analog_theory.theory.bilevel import MeanDynamics
from analog_theory.theory.noise import NoNoise, Rademacher
from analog_theory.theory.objective import Quadratic
from analog_theory.theory.outcome import Budget
from analog_theory.theory.paper import registry
from analog_theory.theory.response import linear
from analog_theory.theory.settle import decided

PROVED = (
    "text-4-6 text-4-7 text-4-8 text-4-9 text-4-13 text-4-16 eq-10 eq-11 text-4-11 assumption-4 text-4-22 text-4-23"
)
SEARCHED = "text-4-3 text-4-4 eq-9 text-4-5"
REFUTED = {
    "text-4-14": "1/gamma^2 is missing",
    "text-4-21": "without noise at W* any G(0) will do",
    "text-4-25": "likewise: in Figure 2 all sample gradients vanish at W*",
}


BUDGET = Budget.quick()


def verdict(id: str) -> str:
    return decided(id, BUDGET, registry).status


@pytest.mark.parametrize("id", PROVED.split())
def test_what_holds_as_printed(id) -> None:
    assert verdict(id) == "proved"


@pytest.mark.parametrize("id", SEARCHED.split())
def test_what_a_search_over_several_weights_supports(id) -> None:
    assert verdict(id) == "supported"


@pytest.mark.parametrize("id", REFUTED)
def test_what_fails_as_printed_and_holds_as_amended(id) -> None:
    assert verdict(id) == "refuted"
    (amendment,) = registry.amendments(id)
    assert verdict(amendment) == "proved"


def test_the_point_against_the_zero_shift_has_positive_responses() -> None:
    evidence = decided("text-4-21", BUDGET, registry).evidence
    at = {name: Fraction(value) for name, value in evidence["counterexample"].items()}
    q_plus, q_minus = at["F"] - at["G"], at["F"] + at["G"]
    assert min(q_plus, q_minus) > 0
    assert at["G"] != 0
    assert at["Sigma"] == 0


def test_bounds_in_the_maximum_norm_are_lifted_by_its_own_rule() -> None:
    found = decided("text-4-22", BUDGET, registry)
    assert found.evidence["lift"] == "lib-lift-maximum"
    assert found.dimension == "every D"


@pytest.mark.parametrize(("noise", "stays"), [(NoNoise(), True), (Rademacher(0.5), False)], ids=["none", "signs"])
def test_the_missing_shift_matters_only_under_noise(noise, stays) -> None:
    rule, objective = ResidualLearning(0.1, 0.1, 0.4), Quadratic([[1.0]], [0.2])
    found = MeanDynamics(rule, objective, linear(3), linear(3, 0.2), noise).fixed_point
    # by hand: the bias is Sigma c_lin / h = 0.5 * 0.2
    np.testing.assert_allclose(found.bias, 0 if stays else 0.1, atol=1e-13)
