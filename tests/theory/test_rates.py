"""The convergence bounds at numbers worked out by hand, exactly and as formulas."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp
from analog_theory.theory import rates


def root(value: Fraction) -> Fraction:
    found = sp.sqrt(sp.Rational(value.numerator, value.denominator))
    assert found.is_Rational
    return Fraction(int(found.p), int(found.q))


# gap = 1, K = 4, S = 2, F_max = 3, L = 1, sigma^2 = 1: the root of gap sigma^2 L / K is 1/2
GAP, K, S, F_MAX, L, NOISE = map(Fraction, (1, 4, 2, 3, 1, 1))


def test_theorem_2_by_hand() -> None:
    # 16 * 9 / 2 + 8 * 3 * 2 = 72 + 48, and 32 * 9 / 4 = 72 more for any K; at alpha = (1/2)/3 both terms are 36
    assert rates.analog_sgd_rate(GAP, K, S, F_MAX, L, NOISE, root) == 120
    assert rates.analog_sgd_rate_of_any_length(GAP, K, S, F_MAX, L, NOISE, root) == 192
    assert rates.analog_sgd_learning_rate(GAP, K, F_MAX, L, NOISE, root) == Fraction(1, 6)
    assert rates.analog_sgd_bound(GAP, Fraction(1, 6), K, S, F_MAX, L, NOISE) == 36 + 36 + 48
    assert rates.analog_sgd_gradient(120, Fraction(1, 2)) == 96


def test_the_step_size_is_allowed_from_the_least_number_of_steps_on() -> None:
    # 16 L gap / sigma^2 = 16: at K = 16 alpha = (1/4)/3, which is 1/(4 L F_max)
    assert rates.analog_sgd_least_steps(GAP, L, NOISE) == 16
    assert rates.analog_sgd_learning_rate(GAP, Fraction(16), F_MAX, L, NOISE, root) == 1 / (4 * L * F_MAX)
    assert rates.analog_sgd_learning_rate(GAP, Fraction(4), F_MAX, L, NOISE, root) > 1 / (4 * L * F_MAX)


def test_the_bounds_without_saturation_by_hand() -> None:
    # 4 * 9 / (1/2) / 2 + 2 * 3 * 2 = 36 + 12; with W_max/tau = 1/2: 4 (1/2) / (3/4) + 2 * 2 = 8/3 + 4
    assert rates.unsaturated_rate(GAP, K, S, Fraction(1, 2), F_MAX, L, NOISE, root) == 48
    linear = rates.unsaturated_rate_linear(GAP, K, S, Fraction(1), Fraction(2), L, NOISE, root)
    assert linear == Fraction(20, 3)
    assert linear == rates.unsaturated_rate(GAP, K, S, Fraction(3, 4), Fraction(1), L, NOISE, root)


def test_digital_sgd_by_hand() -> None:
    # gap = 2, sigma^2 = 4, L = 1, K = 16: sqrt(8 * 2 * 4 / 16) = 2, at alpha = sqrt(4/64) = 1/4: 4/4 + 1
    assert rates.digital_sgd_rate(Fraction(2), Fraction(16), L, Fraction(4), root) == 2
    assert rates.digital_sgd_bound(Fraction(2), Fraction(1, 4), Fraction(16), L, Fraction(4)) == 2


@pytest.mark.parametrize("factor", [Fraction(9, 10), Fraction(11, 10)])
def test_the_learning_rate_is_the_best_one(factor: Fraction) -> None:
    alpha = rates.analog_sgd_learning_rate(GAP, K, F_MAX, L, NOISE, root)
    least = rates.analog_sgd_bound(GAP, alpha, K, S, F_MAX, L, NOISE)
    assert rates.analog_sgd_bound(GAP, factor * alpha, K, S, F_MAX, L, NOISE) > least
