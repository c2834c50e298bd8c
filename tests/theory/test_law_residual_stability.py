"""The law of Residual Learning's stability against eigenvalues by hand, single orbits and brute force."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from analog_theory.theory.laws import law
from analog_theory.theory.laws.residual_stability import EDGE_NAMES, Gains, edges, fastest, gains, local_map
from analog_theory.theory.response import linear, power
from analog_theory.theory.switched import SwitchedMap, harmonic

LAW = law("residual-stability")
HALF = Gains((1.0, 1.0), (0.5, 1.5))  # P zero-shifted, W linear with w* = tau/2


def by_hand(x, P, steps, alpha, beta, gamma, w):
    """Plain floats: h = 1, P ideal to first order, W linear of range 1 frozen at w; the mean log growth a step."""
    total, kept = 0.0, 0
    for k in range(steps):
        P = P - alpha * (x + gamma * P)
        x = x + beta * P - beta * abs(P) * w
        size = math.hypot(x, P)
        x, P = x / size, P / size
        if k >= steps // 2:
            total, kept = total + math.log(size), kept + 1
    return math.exp(total / kept)


@pytest.mark.parametrize(("h", "alpha", "beta", "gamma"), [(1, 0.5, 0.4, 0.4), (2, 0.3, 0.01, 0.9), (1, 0.8, 0.7, 2.2)])
def test_with_equal_gains_the_growth_is_the_spectral_radius_and_so_is_the_bound(h, alpha, beta, gamma):
    matrix = np.array([[1 - alpha * h * beta, beta * (1 - alpha * h * gamma)], [-alpha * h, 1 - alpha * h * gamma]])
    radius = abs(np.linalg.eigvals(matrix)).max()
    found = local_map(Gains((1, 1), (1, 1)), h, alpha, beta, gamma)
    assert found.orbit().growth == pytest.approx(radius, rel=1e-12)
    assert found.mode_radii() == pytest.approx([radius] * 4, rel=1e-12)
    assert radius <= found.bound() <= 1.01 * radius
    assert found.bound(any_order=True) <= 1.01 * radius


@pytest.mark.parametrize(("beta", "gamma"), [(2.4, 0.1), (0.7, 0.1), (3.8, 0.1), (4.6, 0.1), (0.05, 0.5), (2.4, 1.2)])
def test_the_growth_is_that_of_single_orbits(beta, gamma):
    orbits = [by_hand(math.cos(a), math.sin(a), 4000, 1.0, beta, gamma, 0.5) for a in (0.1, 1.3, 2.2, 3.9, 5.0)]
    found = local_map(HALF, 1.0, 1.0, beta, gamma)
    assert found.orbit().growth == pytest.approx(max(orbits), rel=1e-3)
    assert max(orbits) * (1 - 1e-3) <= found.bound() <= (1.09 if beta == 4.6 else 1.03) * max(orbits)


def test_a_map_of_stable_modes_grows_along_a_cycle_of_four():
    found = local_map(HALF, 1.0, 1.0, 2.4, 0.1)
    assert max(found.mode_radii()) == pytest.approx(math.sqrt(0.9))
    assert found.orbit().turns == pytest.approx(0.25, abs=1e-9)
    cycle = np.linalg.multi_dot([found.mode(*at) for at in ((0, 1), (1, 0), (1, 0), (0, 1))[::-1]])
    orders = [
        np.linalg.multi_dot([found.mode(*m) for m in order]) for order in product(product((0, 1), (0, 1)), repeat=4)
    ]
    largest = max(abs(np.linalg.eigvals(one)).max() for one in orders) ** 0.25
    assert found.orbit().growth == pytest.approx(abs(np.linalg.eigvals(cycle)).max() ** 0.25, rel=1e-9)
    assert found.orbit().growth < largest <= found.bound(any_order=True)


def test_where_the_determinants_are_equal_areas_bound_the_growth_from_below():
    betas = np.linspace(0.05, 5, 60)
    grown = local_map(HALF, 1.0, 1.0, betas, 0.1 + 0 * betas).orbit().growth
    assert grown.min() >= math.sqrt(0.9) * (1 - 1e-5)


def test_the_flip_is_at_the_harmonic_means():
    gains = Gains((0.8, 1.2), (0.7, 1.3))
    alpha, gamma = 1.0, 0.9
    flip = (4 / harmonic(gains.descent) - 2 * alpha * gamma) / (alpha * harmonic(gains.transfer))
    assert edges(gains, 1.0, alpha, gamma).flip == pytest.approx(flip, rel=1e-12)
    below, above = (local_map(gains, 1.0, alpha, f * flip, gamma).orbit() for f in (0.98, 1.02))
    assert below.growth < 1 < above.growth
    assert above.turns == pytest.approx(0.5)


def test_the_least_growing_beta_is_between_contraction_and_growth():
    found = edges(HALF, 1.0, 1.0, 0.1).stable
    near = [by_hand(0.3, 0.7, 8000, 1.0, f * found, 0.1, 0.5) for f in (0.98, 1.004)]
    assert near[0] < 1 < near[1]
    assert found == pytest.approx(1.5757, abs=2e-3)
    assert edges(Gains((1, 1), (1, 1)), 2.0, 0.5, 0.3).stable == pytest.approx(4 / (0.5 * 2) - 2 * 0.3)


def test_it_turns_for_ever_from_where_the_discriminant_changes_its_sign():
    gamma = 0.3
    edge = edges(Gains((1, 1), (1, 1)), 1.0, 0.5, gamma).turning
    step = 0.5 * gamma
    assert (step + 0.5 * edge) ** 2 == pytest.approx(4 * 0.5 * edge)
    both = edges(HALF, 1.0, 0.5, gamma).turning
    assert both == pytest.approx(2 * edge)
    assert local_map(HALF, 1.0, 0.5, 0.98 * both, gamma).orbit().turns == 0
    assert local_map(HALF, 1.0, 0.5, 1.1 * both, gamma).orbit().turns > 0


@pytest.mark.parametrize("kappa", [1.5, 4.0, 30.0])
def test_no_gamma_and_beta_beat_the_root_of_gradient_descent_with_equal_gains(kappa):
    gains, rate = Gains((1, 1), (1, 1)), math.sqrt((kappa - 1) / (kappa + 1))
    best = fastest(gains, 0.7, 1 / kappa, 1.0)
    h = np.linspace(1 / kappa, 1, 60)
    assert local_map(gains, h, 0.7, best.beta, best.gamma).orbit(4, 1, 0).growth.max() == pytest.approx(rate, rel=1e-9)
    assert best.rate == pytest.approx(rate, rel=1e-12)
    grid = [
        local_map(gains, h, 0.7, b, g).orbit(4, 1, 0).growth.max()
        for g in np.linspace(0.3, 3.2, 30)
        for b in g * np.geomspace(1e-3, 3, 30)
    ]
    assert min(grid) >= rate


def test_with_one_sided_gains_of_P_the_search_beats_its_neighbours():
    gains = Gains((0.7, 1.3), (0.8, 1.2))
    best = fastest(gains, 1.0, 0.2, 1.0)
    h = np.geomspace(0.2, 1, 7)
    others = [
        local_map(gains, h, 1.0, b * best.beta, g * best.gamma).orbit(800, 8, 200).growth.max()
        for g in (0.9, 1.1)
        for b in (0.8, 1.25)
    ]
    assert best.rate < min(others)


def test_the_paper_rates_are_those_of_the_methods():
    values = LAW.predict(mu=0.25, L=4).values
    assert values["gradient_descent_rate"] == pytest.approx(15 / 17)
    assert values["heavy_ball_rate"] == pytest.approx(3 / 5)
    assert values["nesterov_rate"] == pytest.approx(1 - 2 / 7)
    assert values["fastest_rate"] == pytest.approx(math.sqrt(15 / 17))
    assert values["fastest_gamma"] == pytest.approx(2 / (0.5 * 4.25))
    assert values["printed_beta"] == pytest.approx(0.5 * 0.25 * 0.4**1.5 * math.sqrt(0.91 / 2) / 16)


def test_gains_are_those_of_the_devices():
    found = gains(linear(2, 0.1), linear(1), 0.5)
    assert (*found.descent, *found.transfer) == pytest.approx((1, 1, 1.1 * 0.75, 0.9 * 1.25))
    squared = gains(power(1, 2), power(1, 2), -0.5)
    assert squared.transfer == pytest.approx((2.25, 0.25))


def test_conditions_and_missing_values_have_reasons():
    outside = LAW.predict(w_star=1.0)
    assert not outside.valid
    assert outside.values["growth_rate"] is None
    assert "one direction" in outside.reasons["w* inside the range of W"]
    noisy = LAW.predict(sigma=0.1)
    assert not noisy.valid
    assert "hides the switches" in noisy.reasons["no gradient noise"]
    assert edges(HALF, 1.0, 1.0, 0.0).stable is None
    coarse = LAW.predict(alpha=4, gamma=1, device=linear(1))
    assert [coarse.values[name] for name in EDGE_NAMES] == [None] * 3
    assert set(EDGE_NAMES) <= set(coarse.reasons)


@pytest.mark.parametrize(
    ("name", "value"),
    [("h", 0), ("alpha", -1), ("beta", 0), ("gamma", -0.1), ("sigma", -1), ("mu", 0), ("L", 0.01), ("tau", 0)],
)
def test_bad_input_is_named(name, value):
    with pytest.raises(ValueError, match=f"^{name}="):
        LAW.predict(**{name: value})


def test_many_maps_at_once_are_the_same_as_one_by_one():
    betas = np.array([0.2, 2.4, 4.0])
    together = SwitchedMap((1.0, 1.0), (betas * 0.5, betas * 1.5), 0.1).orbit()
    for beta, growth, turns in zip(betas, together.growth, together.turns, strict=True):
        one = SwitchedMap((1.0, 1.0), (beta * 0.5, beta * 1.5), 0.1).orbit()
        assert (growth, turns) == (pytest.approx(float(one.growth)), pytest.approx(float(one.turns)))
