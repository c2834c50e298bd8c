"""Tolerances: they invert the laws that they read backwards, and tell why where there is no answer."""

from __future__ import annotations

import pytest
from analog_theory import ResidualLearning
from analog_theory.theory.floors import Coordinate, floor
from analog_theory.theory.increments import Grain
from analog_theory.theory.laws import law
from analog_theory.theory.laws.tolerances import ROOM, SMOOTH, largest, zero_shift_error

LAW, OFFSET = law("tolerances"), law("residual-offset")


def test_each_tolerance_brings_the_bias_to_the_target() -> None:
    values = LAW.predict(target=0.05).values
    rule, at = ResidualLearning(0.05, 0.01, 0.4), Coordinate(1.0, 0.4, 0.5, 1.0)

    def bias(dw_min, sigma_c=0.0):
        return abs(floor(rule, at, 0.0, dict.fromkeys("WP", Grain(dw_min, sigma_c))).bias)

    assert abs(OFFSET.predict(offset=values["zero_shift_error"]).values["bias_residual"]) == pytest.approx(
        0.05, rel=1e-9
    )
    # floors are iterated to 1e-8 in the mean and 1e-5 in the covariance
    assert bias(values["dw_min"]) == pytest.approx(0.05, rel=1e-4)
    assert bias(0.01, values["sigma_c"]) == pytest.approx(0.05, rel=1e-4)


def test_zero_shift_error_has_its_limits() -> None:
    # small targets: E|g| = sigma sqrt(2/pi), so the error is tau h target/(sigma sqrt(2/pi)); large ones: tau
    assert zero_shift_error(1e-6, 2.0, 0.5, 3.0) == pytest.approx(
        3 * 2e-6 / (0.5 * (2 / 3.141592653589793) ** 0.5), rel=1e-5
    )
    assert zero_shift_error(10.0, 2.0, 0.5, 3.0) == pytest.approx(3.0, rel=1e-12)


def test_a_target_below_the_smooth_bias_has_no_pulses() -> None:
    said = LAW.predict(target=0.01)
    assert not said.conditions[SMOOTH]
    assert said.values["dw_min"] is None
    assert said.values["sigma_c"] is None
    assert said.values["zero_shift_error"] > 0
    assert "without any pulses" in said.reasons[SMOOTH]


def test_reasons_where_nothing_reaches_the_target() -> None:
    assert LAW.predict(target=0.03, granularity=0.05).reasons["sigma_c"].startswith("at 0 already")
    said = LAW.predict(target=0.7)
    assert not said.conditions[ROOM]
    assert said.values["dw_min"] is None
    assert "brings the bias to the target" in said.reasons["dw_min"]


def test_largest_takes_the_first_crossing() -> None:
    assert largest(lambda x: x**2, 4.0, [0.0, 1.0, 3.0]).value == pytest.approx(2.0)
    assert largest(lambda x: x, 4.0, [0.0, 1.0]).value is None

    def stalls(x):
        if x > 1:
            raise ArithmeticError
        return x

    assert "there is no floor" in largest(stalls, 4.0, [0.0, 1.0, 3.0]).reason


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"target": 0}, r"target=0.0: must be > 0"),
        ({"reading": -1}, r"reading=-1.0: must be >= 0"),
        ({"w_star": 2}, r"minimizer=2.0: must be inside"),
        ({"granularity": 0}, r"granularity=0.0: must be > 0"),
        ({"gamma": -1}, r"gamma=-1.0: must be >= 0"),
    ],
)
def test_bad_input_is_rejected(given, message) -> None:
    with pytest.raises(ValueError, match=message):
        LAW.predict(**given)
