"""Tightness: ratios by hand at given instances, a bound that is too small is noticed, and a small run."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from analog_theory.experiments import instances
from analog_theory.experiments.paper import tightness
from analog_theory.figures import tightness as figure
from analog_theory.theory import rates


def cube(dim=1, **values):
    point = np.full((1, instances.size(dim)), 0.5)
    for name, value in values.items():
        point[0, instances.SHARED.index(name)] = value
    return point


def one_weight(c, **values):
    """Constant responses 1 +- c from W_0 = 1 to W* = 0."""
    point = cube(device=0.1, shape=(c + 0.99) / 1.98, **values)
    point[0, len(instances.SHARED) :] = (0.5, 1.0, 0.5)
    return point


def length(K):
    return np.log10(K) / instances.LONGEST


@pytest.mark.parametrize("c", [0.0, 0.5, -0.5])
def test_theorem_6_by_hand(c):
    # w = 1: the step is down, met by q = 1 - c; metric q^2 + q (2 - q) = 2 q at K = 1, bound 8/2
    point = one_weight(c, length=0.0)
    q = 1 - c
    assert tightness.theorem_6(point, 1, tightness.REPAIRED, 1, 0).ratio[0] == pytest.approx(4 / (2 * q))
    # with a minus: (2 - q)^2 + q (2 - q) = 2 (2 - q)
    assert tightness.theorem_6(point, 1, tightness.PRINTED, 1, 0).ratio[0] == pytest.approx(4 / (2 * (2 - q)))
    # (137) for K = 1: 2 (1/2)/M over 1
    assert tightness.equation_137(point, 1, tightness.REPAIRED, 1, 0).ratio[0] == pytest.approx(1 / (1 - c**2))


def test_theorem_2_by_hand():
    # K = 1: metric q^2 + 4 q (2 - q), bound 32/2 + 16 sigma/sqrt(2) + 8 sigma^2 c^2, gap = 1/2
    point = one_weight(0.5, length=0.0, sigma=1 / 3)
    sigma = 0.1
    bound = 16 + 16 * sigma / np.sqrt(2) + 8 * sigma**2 / 4
    found = tightness.theorem_2(point, 1, tightness.REPAIRED, 3, 0)
    assert found.ratio[0] == pytest.approx(bound / (0.25 + 4 * 0.75))
    printed = tightness.theorem_2(point, 1, tightness.PRINTED, 3, 0)
    assert printed.ratio[0] == pytest.approx((bound - 16) / (0.25 + 4 * 0.75))
    assert printed.ratio[0] < 1


def test_theorem_2_late_counts_large_K_alone():
    few, many = (one_weight(0.5, length=length(K), sigma=2 / 3) for K in (2, 100))
    valid = [tightness.theorem_2_late(point, 1, tightness.REPAIRED, 8, 0).valid[0] for point in (few, many)]
    assert valid == [False, True]  # 16 L gap/sigma^2 = 8


def test_theorem_3_by_hand():
    # ideal responses, gamma = 1, K = 1 from x = 1, P* = -1: metric 1 + 1 + 1/128 + 5/128 + 1/2 as repaired
    values = {"length": 0.0, "sigma": 1 / 3, "gamma": 1 / 3, "device_P": 0.1, "shape_P": 0.5}
    point = one_weight(0.0, **values)
    # C = 10 (beta/alpha) = 10/32, alpha = 1/8: 8 (8 V_0 + 3 sigma^2/8)
    found = tightness.theorem_3(point, 1, tightness.REPAIRED, 2, 0)
    assert found.valid[0]
    assert found.ratio[0] == pytest.approx(8 * (8 * (0.5 + 10 / 32) + 3 / 8 * 0.01) / (2.5 + 6 / 128))
    # as printed: beta/alpha = 1/(16 sqrt 2), alpha = 1/4, weights 1/64 and 5/64
    V_0 = 0.5 + 10 / (16 * np.sqrt(2))
    printed = tightness.theorem_3(point, 1, tightness.PRINTED, 2, 0)
    assert printed.ratio[0] == pytest.approx(8 * (4 * V_0 + 3 / 4 * 0.01) / (2.5 + 6 / 64))


def test_corollary_1_by_hand():
    # as above with sigma large, so that the chosen alpha is below 1/(8 gamma): 32 sqrt(3 V_0 sigma^2)
    values = {"length": 0.0, "sigma": 1.0, "gamma": 1.0, "device_P": 0.1}
    found = tightness.corollary_1(one_weight(0.0, **values), 1, tightness.REPAIRED, 2, 0)
    # gamma = 1: an ideal residual array needs none, 0.1 is taken, times 10
    assert found.valid[0]
    assert found.ratio[0] == pytest.approx(32 * np.sqrt(3 * (0.5 + 10 / 32) * 100) / (2.5 + 6 / 128))


def test_a_range_that_is_left_does_not_count():
    values = {"device": 0.9, "device_P": 0.9, "reach": 0.0, "length": length(30), "sigma": 0.9}
    point = cube(**values)
    point[0, len(instances.SHARED) :] = (0.5, 1.0, 0.5)
    assert not tightness.theorem_3(point, 1, tightness.REPAIRED, 4, 0).valid[0]


def test_hessians_have_the_curvatures_that_are_asked_for():
    for dim in tightness.DIMENSIONS:
        values = np.linalg.eigvalsh(instances.problems(cube(dim, curvature=0.5), dim).hessian[0])
        assert values[-1] == pytest.approx(1)
        assert values[0] == pytest.approx(0.1 if dim > 1 else 1)


@pytest.fixture(scope="module")
def small():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tightness, "DEPTHS", {"default": (6, 4, 2)})
        patch.setattr(tightness, "AGAIN", 16)
        yield tightness.data()


def test_a_small_run(small):
    found = tightness.findings(small)
    assert found[0].agrees
    assert len(found) == 2 + len(tightness.THEOREMS)
    drawn = figure.draw(small)
    assert len(drawn.axes) == 1
    plt.close(drawn)


def test_it_does_not_depend_on_anything_but_its_seed(small):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tightness, "DEPTHS", {"default": (6, 4, 2)})
        patch.setattr(tightness, "AGAIN", 16)
        again = tightness.data()
    assert again.equals(small)


def test_a_bound_that_is_too_small_is_noticed():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tightness, "DEPTHS", {"default": (20, 4, 12)})
        patch.setattr(tightness, "AGAIN", 16)
        patch.setattr(tightness, "THEOREMS", {"Theorem 6, (136)": tightness.theorem_6})
        true = rates.analog_gd_rate
        patch.setattr(rates, "analog_gd_rate", lambda *given: 0.6 * true(*given))
        found = tightness._none_above(tightness.data())
    assert found.agrees is False
