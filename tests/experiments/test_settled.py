"""Settled errors: the problem, the intervals, and one measured floor that a hand can give."""

from __future__ import annotations

import numpy as np
import pytest
from analog_theory import AnalogSGD
from analog_theory.experiments import settled
from analog_theory.theory.floors import floor


def test_the_problem_parts_into_its_coordinates():
    squares = settled.problem()
    np.testing.assert_allclose(squares.H, np.eye(settled.DIM), atol=1e-14)
    np.testing.assert_allclose(abs(squares.minimizer), 0.5, atol=1e-14)
    assert set(settled.sides()) == {-1.0, 1.0}


def test_analog_sgd_is_measured_where_it_is_predicted():
    """Within 5 standard errors: three numbers, a false alarm in 6e5. The sign of a bias is towards 0 on either side."""
    found = settled.measured(AnalogSGD(alpha=0.05), 0.0, {}, seeds=64, steps=600)
    wanted = settled.predicted(floor(AnalogSGD(alpha=0.05), settled.COORDINATE))
    assert (abs(found.mean(1) - wanted) < 5 * found.std(1) / 8).all()
    assert wanted[2] < -0.05


def test_intervals_by_hand():
    values = np.array([[1.0, 3.0]])
    value, half = settled.interval(values)
    # two values: the standard error is 1, the t quantile of one degree at 99.5 % is 63.657
    assert (value[0], half[0]) == pytest.approx((2.0, 63.657), rel=1e-4)
    assert settled.interval(values, together=10)[1][0] == pytest.approx(636.62, rel=1e-4)


def test_outside_is_what_an_interval_does_not_reach():
    missed = settled.outside(np.array([1.0, 2.0]), np.array([0.1, 0.1]), np.array([1.05, 2.5]))
    assert missed == pytest.approx([0, 0.2])


def test_a_paired_ratio_has_no_width_where_one_is_a_multiple_of_the_other():
    second = np.array([1.0, 2.0, 4.0])
    assert settled.ratio(3 * second, second) == pytest.approx((3, 0), abs=1e-12)
    noisy = settled.ratio(3 * second + [0.1, -0.1, 0.1], second)
    assert noisy[0] == pytest.approx(3 + 0.1 / 7)
    assert noisy[1] > 0
