"""Claims along a line: the sides, where they are compared, and what moves with what."""

import numpy as np
import pytest
from analog_theory import symbol
from analog_theory.experiments.slices import along_instances, along_lines, approach, measured_approach
from analog_theory.theory.statement import Assumption, Field, ForAll, MeasuredOrder, Order, Same, Sides
from sympy import Eq, Integer, Rational

x, y, t = symbol("x"), symbol("y"), symbol("t", "positive")


def test_both_sides_are_those_of_the_relation_and_the_point_is_on_the_line():
    (made,) = along_lines(x**2 >= x, (), {x: Rational(1, 2)})
    assert made.at == 0.5
    assert made.at in made.values
    np.testing.assert_allclose(made.left, made.values**2, rtol=1e-15)
    np.testing.assert_array_equal(made.right, made.values)
    np.testing.assert_array_equal(made.fails, (made.values > 0) & (made.values < 1))
    assert made.assumed.all()


def test_where_an_assumption_fails_the_claim_is_not_said_to_fail():
    (made,) = along_lines(x**2 >= x, (x >= 1,), {x: Integer(1)})
    np.testing.assert_array_equal(made.assumed, made.values >= 1)
    assert not made.fails.any()


def test_a_tie_is_no_failure_of_what_allows_it_and_one_of_what_does_not():
    (weak,) = along_lines(2 * x >= x, (x >= 0,), {x: Integer(0)})
    (strict,) = along_lines(2 * x > x, (x >= 0,), {x: Integer(0)})
    assert not weak.fails.any()
    assert strict.fails.sum() == 1
    assert strict.fails[strict.values == 0].all()


def test_an_assumed_equation_makes_another_number_follow():
    found = {made.name: made for made in along_lines(y > 0, (Eq(y, 2 * x),), {x: Integer(0), y: Integer(0)})}
    np.testing.assert_allclose(found["x"].left, 2 * found["x"].values, atol=1e-15)
    assert found["x"].following == ("y",)


def test_a_positive_letter_stays_positive():
    (made,) = along_lines(t < 2, (), {t: Integer(1)})
    assert made.values.min() == 0
    assert not made.assumed[made.values == 0].any()


def test_what_moves_neither_side_is_not_shown_and_what_shows_both_comes_first():
    point = {x: Integer(1), y: Integer(0), t: Integer(1)}
    assert [made.name for made in along_lines(x <= 0 * y + 1, (), point)] == ["x"]
    shown = along_lines(x * (y**2 + 1) <= 1, (), {x: Integer(2), y: Integer(0)})
    assert [made.name for made in shown] == ["x", "y"]
    assert [made.tells[0] > 0 for made in shown] == [True, False]


def test_a_line_that_shows_one_lucky_point_comes_after_one_that_shows_a_range():
    shown = along_lines(x**2 * (1 - y) <= 0, (), {x: Integer(1), y: Integer(0)})
    assert [made.name for made in shown] == ["y", "x"]


box = Assumption(
    "box", "", holds=lambda one: bool(one["v"][0] <= 1), fields=(Field("v", ("D",), -1, 2), Field("s", (), 0, 1))
)


@pytest.mark.parametrize("result", [Sides, Same])
def test_instances_move_exactly_one_number_of_one_field(result):
    form = ForAll((box,), lambda one: result(one["v"].sum(), one["s"]), "", (2,))
    found = {made.name: made for made in along_instances(form, {"v": ["1", "0"], "s": "1/2"}, most=9)}
    assert set(found) == {"v[1]", "v[2]", "s"}
    first = found["v[1]"]
    np.testing.assert_array_equal(first.assumed, first.values <= 1)
    np.testing.assert_allclose(first.left[first.assumed], first.values[first.assumed])
    expected = first.values > 0.5 if result is Sides else abs(first.values - 0.5) > 1e-9
    np.testing.assert_array_equal(first.fails, expected & first.assumed)
    assert first.at == 1.0


def test_a_series_is_followed_to_its_order():
    delta, h = symbol("delta"), symbol("h")
    made = approach(Order(h * delta**2 + delta**3, delta, Integer(1)), {h: Integer(3)})
    assert made.slope == pytest.approx(2, abs=1e-5)
    np.testing.assert_allclose(made.errors[0], 3 * made.smalls**2 + made.smalls**3, rtol=1e-12)
    assert approach(Order(h * delta, delta, Integer(1)), {}) is None, "a number is missing"


def test_an_error_that_vanishes_has_no_slope():
    delta = symbol("delta")
    assert np.isnan(approach(Order(0 * delta, delta, Integer(1)), {}).slope)


def test_a_measured_order_is_drawn_from_its_instances():
    form = MeasuredOrder(lambda rng, smalls: [-rng.uniform(1, 2) * s**1.5 for s in smalls], 1.5, "")
    made = measured_approach(form, seed=0, count=3)
    assert made.errors.shape == (3, len(form.smalls))
    assert (made.errors > 0).all()
    assert measured_approach(form, seed=0, count=3).errors.tolist() == made.errors.tolist()
