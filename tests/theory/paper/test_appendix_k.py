"""Appendix K.1, K.2 and K.6: the response families at their ends, at 0, and how steep they are."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp
from analog_theory.theory.outcome import Budget
from analog_theory.theory.paper import appendix_k as k, registry
from analog_theory.theory.settle import decide, decided
from analog_theory.theory.statement import Implication

BUDGET = Budget.quick()

# by hand: (1 - w/tau)^g is 0 at w = tau, and so is exp(0) - 1; 3 x^2 < 1 at x = 1/2, while g x^(g-1) grows with g for
# x >= 1
VERDICTS = {
    "eq-148": "refuted",
    "eq-148.amended-1": "proved",
    "eq-149": "refuted",
    "eq-149.amended-1": "proved",
    "text-k-9": "proved",
    "figure-6": "proved",
    "text-k-21": "refuted",
    "text-k-21.amended-1": "proved",
    "eq-150": "proved",
}


@pytest.mark.parametrize("id", VERDICTS)
def test_verdicts_worked_out_by_hand(id: str) -> None:
    assert decided(id, BUDGET, registry).status == VERDICTS[id]


def test_the_counterexamples_are_the_ends_of_the_range() -> None:
    parts = decided("eq-148", BUDGET, registry).evidence["parts"]
    point = parts["positive, gamma_res = 2"]["counterexample"]
    w, tau = Fraction(point["w"]), Fraction(point["tau"])
    assert (1 - w / tau) ** 2 * (1 + w / tau) ** 2 == 0
    # the slope (w + tau)^(-1/2)/2 passes every bound: the quotient from the end at distance t = 1/(4 L^2) is 2 L
    assert parts["slope at the end, gamma_res = 1/2"]["verdict"] == "refuted"
    point = decided("eq-149", BUDGET, registry).evidence["parts"]["positive"]["counterexample"]
    a, u = Fraction(point["a"]), Fraction(point["u"])
    assert a > 1
    assert min((a / u - 1) / (a - 1), (a * u - 1) / (a - 1)) == 0


def test_a_larger_shape_is_flatter_somewhere_by_fractions() -> None:
    parts = decided("text-k-21", BUDGET, registry).evidence["parts"]
    point = parts["power, 1 to 2"]["counterexample"]
    w, tau = Fraction(point["w"]), Fraction(point["tau"])
    assert -tau < w < tau
    assert 2 * (1 + w / tau) / tau <= 1 / tau  # the slopes of the square and of the line
    point = parts["exponential, doubled"]["counterexample"]
    a, u, g = (Fraction(point[name]) for name in ("a", "u", "gamma_res"))
    assert 1 / a < u < a
    assert 2 * g * a**2 * u**2 / (a**2 - 1) <= g * a * u / (a - 1)


def test_the_substitution_is_the_exponential_response() -> None:
    tau, w, g = 2.0, 0.5, 1.5
    a, u = sp.exp(g).evalf(), sp.exp(g * w / tau).evalf()
    up = (sp.exp(g * (1 - w / tau)) - 1) / (sp.exp(g) - 1)
    assert abs(k.UP.subs({k.A: a, k.U: u}) - up) < 1e-12


@pytest.mark.parametrize("shape", [1, 2])
def test_a_bound_that_is_too_tight_is_refuted(shape: int) -> None:
    x, low = sp.Symbol("x", real=True), sp.Symbol("low", real=True)
    claim = x**shape <= (sp.Rational(19, 10) - low) ** shape
    form = Implication((low > 0, x >= low, x <= 2 - low), claim)
    assert decide(form, BUDGET, registry).status == "refuted"
