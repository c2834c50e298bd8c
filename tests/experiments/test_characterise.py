"""What follows from a device's response, against closed forms and against the noisy dynamics itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp
from analog_theory.experiments.characterise import Characterised, Problem, figure_2_limit
from analog_theory.theory.device_models import constant_step, soft_bounds
from analog_theory.theory.presets import preset
from analog_theory.theory.response import exponential, from_expressions, ideal, linear


def test_the_bias_of_soft_bounds_by_hand():
    # T = w - w* + E|w - w* + s xi| w = 0 on [-1, 1]; with d = w* - w, d = w E|d + s xi|, a folded normal's mean
    found = Characterised(linear(1), 0.01).bias(Problem(w_star=0.75, noise=0.1))
    w, s = found.settles, 0.2
    d = 0.5 - w
    mean = s * math.sqrt(2 / math.pi) * math.exp(-(d**2) / (2 * s**2)) + d * math.erf(d / (s * math.sqrt(2)))
    assert d == pytest.approx(w * mean, abs=1e-13)
    assert (found.w_star, found.in_ranges, found.bound) == (0.5, pytest.approx(-d / 2), False)
    # (43): (h + Sigma R') Wt* = h w*, Sigma = s sqrt(2/pi), R' = 1
    assert found.w_tilde == pytest.approx(0.5 / (1 + s * math.sqrt(2 / math.pi)), abs=1e-13)


@pytest.mark.parametrize("name", ["ReRamES", "ReRamSB"])
def test_the_bias_is_where_the_noisy_recursion_settles(name):
    """Analog SGD itself: 4000 runs of small steps; the mean within 5 standard errors and the step's own bias."""
    device = Characterised(preset(name).response, 0.01)
    predicted = device.bias(Problem())
    low, high = device.range
    F_G, rng = device.response.array_functions("F", "G"), np.random.default_rng(3)
    alpha, std = 0.004, 0.1 * (high - low)
    w = np.full(4000, predicted.w_star)
    for _ in range(1500):
        g = w - predicted.w_star + std * rng.standard_normal(w.size)
        F, G = F_G(w)
        w = np.clip(w - alpha * (g * F + np.abs(g) * G), low, high)
    error = w.std() / math.sqrt(w.size)
    # the mean of a spread cloud is off the root by curvature times its variance, which is of order alpha
    assert abs(w.mean() - predicted.settles) < 5 * error + 3 * w.var()
    assert abs(predicted.settles - predicted.w_star) > 4 * (5 * error + 3 * w.var()), "the test could tell no bias"


def test_without_noise_and_on_symmetric_devices_there_is_no_bias():
    assert Characterised(linear(1, 0.2), 0.01).bias(Problem(noise=0)).in_ranges == 0
    assert Characterised(constant_step(1, -1), 0.01).bias(Problem()).in_ranges == 0


def test_a_pull_that_no_root_stops_ends_at_the_bound():
    # R = -0.9 everywhere: T = w - w* - 0.9 E|g| < 0 up to the bound for strong noise
    device = Characterised(from_expressions(19, 1, -1, 1), 0.01)
    found = device.bias(Problem(noise=2))
    assert (found.settles, found.bound, found.w_tilde) == (1.0, True, None)
    assert device.tiki_taka.window is None


def test_the_limit_of_figure_2_is_solved_and_bracketed():
    found = figure_2_limit()
    # made apart from this package, by iterating from 50 random starts, all of which came to 0.16457006
    assert found.ratio == pytest.approx(0.16457006, abs=5e-9)
    assert found.residual < 1e-10
    assert 0.12 < found.lower < found.ratio
    assert found.found == found.starts


def test_the_window_of_soft_bounds_is_the_critical_ratio():
    # R(w) = w: |R| <= r_c on [-r_c, r_c]
    limit = Characterised(soft_bounds(1, -1), 0.01).tiki_taka
    r_c = limit.critical.ratio
    assert limit.window == pytest.approx((-r_c, r_c), abs=1e-9)
    assert not limit.stops


@pytest.mark.parametrize(("c_lin", "stops"), [(0.16, False), (0.17, True)])
def test_tiki_taka_stops_above_the_critical_ratio(c_lin, stops):
    # |R(0)| = c_lin for the linear family
    limit = Characterised(linear(1, c_lin), 0.01).tiki_taka
    assert (limit.asymmetry, limit.stops) == (pytest.approx(c_lin), stops)


def test_definition_1_on_the_range_and_inside():
    device = Characterised(linear(2), 0.01)
    assert (device.whole.holds, device.whole.offending) == (False, 2)
    # 1 - w/2 at w = 9/10 * 2
    assert (device.inside.holds, device.inside.q_min) == (True, sp.Rational(1, 10))


def test_the_curve_goes_up_and_down():
    pulses, w, up = Characterised(constant_step(1, -1), 0.01).curve()
    assert (up, pulses[-1]) == (260, 520)
    # 200 steps of 0.01 cross the range, and it waits at the bounds; 520 additions of numbers below 1
    by_hand = np.clip(np.concatenate([-1 + 0.01 * np.arange(261), 1 - 0.01 * np.arange(1, 261)]), -1, 1)
    np.testing.assert_allclose(w, by_hand, rtol=0, atol=520 * 2**-53)


def test_a_finer_device_has_no_more_points_but_its_turn():
    pulses, w, up = Characterised(preset("Idealized").response, 2e-4).curve()
    assert up in pulses
    assert pulses.size < 4500
    assert w.max() == 1


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Problem(w_star=0), r"w_star=0: must lie in \(0, 1\)"),
        (lambda: Problem(w_star=float("nan")), "w_star=nan"),
        (lambda: Problem(noise=-0.1), "noise=-0.1: must be >= 0"),
        (lambda: Problem(curvature=0), "curvature=0: must be > 0"),
        (lambda: Characterised(ideal(), 0.01), "must have a finite range"),
        (lambda: Characterised(exponential(1, 1), 0), "dw_min=0: must be > 0"),
    ],
)
def test_bad_settings_are_named(make, words):
    with pytest.raises(ValueError, match=words):
        make()
