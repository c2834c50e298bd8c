"""What P_k tracks with W fixed: verdicts by hand, and what they say of sequences computed with plain fractions."""

from __future__ import annotations

from fractions import Fraction

import pytest
from analog_theory.theory.outcome import Budget, Outcome
from analog_theory.theory.paper import appendix_b_tracking as b, registry
from analog_theory.theory.settle import decide, decided
from analog_theory.theory.symbols import symbol

BUDGET = Budget.quick()

# by hand: noise of variance sigma^2 leaves alpha^2 sigma^2 in every step; alpha (g + |g| p / tau) varies with p; a
# remainder r adds C r / beta to the fixed point of (24); an upper bound excludes no small error
VERDICTS = {
    "text-b-13": "refuted",
    "text-b-13.amended-1": "proved",
    "text-b-14": "refuted",
    "text-b-14.amended-1": "proved",
    "eq-25": "refuted",
    "eq-25.amended-1": "proved",
    "text-b-15": "refuted",
    "text-b-15.amended-1": "proved",
}


def verdict(id: str) -> Outcome:
    return decided(id, BUDGET, registry)


@pytest.mark.parametrize("id", VERDICTS)
def test_verdicts_worked_out_by_hand(id: str) -> None:
    assert verdict(id).status == VERDICTS[id]


def test_noise_keeps_the_residual_from_converging() -> None:
    # f = w^2/2, W = 0, W* = 1, gamma = 1, alpha = 1/2, noise +-1: all branches of four steps, from P = P* = 1
    points = [Fraction(1)]
    for _ in range(4):
        points = [p - (p - 1 + noise) / 2 for p in points for noise in (-1, 1)]
        assert sum((p - 1) ** 2 for p in points) / len(points) >= Fraction(1, 4)


def test_the_increment_of_the_linear_response_by_fractions() -> None:
    point = {name: Fraction(value) for name, value in verdict("text-b-14").evidence["counterexample"].items()}

    def increment(p: Fraction) -> Fraction:
        return -point["alpha"] * (point["g"] + abs(point["g"]) * p / point["tau"])

    assert max(abs(point["P"]), abs(point["P_other"])) < point["tau"]
    assert increment(point["P"]) != increment(point["P_other"])


def test_a_remainder_stays_in_the_limit_of_24() -> None:
    # beta/C = 1/2, no gradient, remainder 1: error <- error/2 + 1 tends to 2 = (C/beta) remainder, not to 0
    error = Fraction(0)
    for _ in range(30):
        error = error / 2 + 1
    assert abs(error - 2) < Fraction(1, 10**8)


def test_half_of_the_limit_is_refuted() -> None:
    limit = b.PRINTED_LIMIT + b.C / b.BETA * b.REMAINDER
    assert decide(b.tracks(b.REMAINDER, limit / 2), BUDGET, registry).status == "refuted"
    assert decide(b.tracks(b.REMAINDER, limit), BUDGET, registry).status == "proved"


def test_the_error_that_an_upper_bound_allows_by_fractions() -> None:
    point = verdict("text-b-15").evidence["parts"]["only there"]["counterexample"]
    values = {name: Fraction(value) for name, value in point.items()}
    assert values["error"] == 0 <= values["C"] * values["C_prime"] * values["grad_squared"]
    assert values["grad_squared"] > 0
    assert symbol("grad_squared", "nonnegative") == b.GRADIENT2
