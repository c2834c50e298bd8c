"""The floor of Analog SGD against numbers by hand, brute force over the noise, and bounds from both sides."""

from __future__ import annotations

import math

import numpy as np
import pytest
from analog_theory.theory.law import Law
from analog_theory.theory.laws import law
from analog_theory.theory.laws.analog_sgd_floor import largest_floor, metric_of
from analog_theory.theory.response import ideal, linear, power
from scipy.integrate import quad
from scipy.optimize import brentq


@pytest.fixture(scope="module")
def floor() -> Law:
    return law("analog-sgd-floor")


def test_two_signs_by_hand(floor: Law) -> None:
    # h (w - w*) = -sigma w/tau: w = 0.3/1.5 = 0.2, grad f = -0.1; S = w^2 = 0.04, sigma^2 S = 0.01
    values = floor.predict(h=1, w_star=0.3, sigma=0.5, tau=1).values
    assert values["w"] == pytest.approx(0.2)
    assert values["gradient2"] == pytest.approx(0.01)
    assert values["sigma2_S"] == pytest.approx(0.01)
    # r = 1/5: metric 0.01 (5 - 2/5 - 3/25), radius 8 * 0.01, (75) 2 * 0.01/(1 - 1/25)
    assert values["metric"] == pytest.approx(0.0448)
    assert values["bound_of_metric"] == pytest.approx(0.08)
    assert values["bound_of_gradient2"] == pytest.approx(0.02 / 0.96)
    assert values["looseness"] == pytest.approx(0.08 / 0.0448)


def test_normal_noise_by_brute_force(floor: Law) -> None:
    h, w_star, sigma = 2.0, -0.4, 0.7
    device = power(1, 2)

    def mean_abs(g: float) -> float:
        def weighed(x: float) -> float:
            return abs(g + sigma * x) * math.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)

        edge = -g / sigma
        return quad(weighed, -12, edge)[0] + quad(weighed, edge, 12)[0]

    def mean_step(w: float) -> float:
        F, G = ((1 + w) ** 2 + (1 - w) ** 2) / 2, ((1 + w) ** 2 - (1 - w) ** 2) / 2
        return h * (w - w_star) * F + mean_abs(h * (w - w_star)) * G

    w = brentq(mean_step, -0.99, 0.99, xtol=1e-14)
    found = floor.predict(device, h=h, w_star=w_star, sigma=sigma, noise="gaussian").values
    assert found["w"] == pytest.approx(w, abs=1e-9)
    assert found["gradient2"] == pytest.approx((h * (w - w_star)) ** 2, rel=1e-7)


def test_no_noise_has_a_higher_floor_than_the_one_with_gradients_of_one_size() -> None:
    # noise a with probability p, b else, of mean 0 and variance 1, such that |g + noise| = sqrt(g^2 + 1)
    F, G = 1.0, 0.6
    g = -math.sqrt(largest_floor(1.0, F, G))
    size = math.sqrt(g**2 + 1)
    p = (size - g) / (2 * size)
    up, down = -size - g, size - g
    assert p * up + (1 - p) * down == pytest.approx(0, abs=1e-12)
    assert p * up**2 + (1 - p) * down**2 == pytest.approx(1)
    assert g * F + (p * abs(g + up) + (1 - p) * abs(g + down)) * G == pytest.approx(0, abs=1e-12)


def test_the_floor_is_between_its_bounds_for_every_range(floor: Law) -> None:
    for noise, least in (("rademacher", 1.0), ("gaussian", 2 / math.pi)):
        for tau in (0.4, 0.7, 1.5, 10.0):
            values = floor.predict(noise=noise, tau=tau).values
            assert least * values["sigma2_S"] * (1 - 1e-9) <= values["gradient2"] <= values["largest_of_any_noise"]


def test_metric_by_hand() -> None:
    # (3 * 2 - 3)^2 + 4 * 9 * 3 = 9 + 108 with G = -1; (135) has 9 + 27
    assert metric_of(3, 2, -1) == 117
    assert metric_of(3, 2, -1, 1) == 36


def test_no_floor_without_asymmetry(floor: Law) -> None:
    for given in ({"device": ideal()}, {"device": linear(2), "w_star": 0.0}):
        found = floor.predict(**given)
        assert found.valid
        assert found.values["gradient2"] == pytest.approx(0, abs=1e-20)
        assert found.values["ratio"] is None
        assert "no floor" in found.reasons["ratio"]


def test_several_fixed_points_make_the_law_not_valid(floor: Law) -> None:
    # R falls steeply at 0, so that strong noise pushes away from the minimiser to either side
    from analog_theory.theory.response import from_expressions

    device = from_expressions("1 + 3*w/4 - 3*w**3/2", "1 - 3*w/4 + 3*w**3/2", "-1/1", "1/1")
    found = floor.predict(device, w_star=0.0, sigma=5.0, h=1.0)
    assert not found.valid
    assert "roots" in found.reasons["the mean has one fixed point"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"h": 0}, "h=0.0: must be > 0"),
        ({"sigma": -1}, "sigma=-1.0: must be > 0"),
        ({"w_star": 1}, r"w_star=1.0: must be inside the range \(-1, 1\)"),
        ({"noise": "normal"}, "noise='normal': must be one of gaussian, rademacher"),
    ],
)
def test_bad_input(floor: Law, given: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        floor.predict(**given)


def test_numbers_are_finite(floor: Law) -> None:
    values = floor.predict(sigma=50, tau=0.35, noise="gaussian").values
    assert all(np.isfinite(value) for value in values.values())
