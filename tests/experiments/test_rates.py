"""Rates: schedules by hand, exact means by brute force, and findings on data that are perfect or spoiled."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from analog_theory.experiments.paper import rates
from analog_theory.figures import rates as figure
from scipy import stats

K = rates.LENGTHS


@pytest.fixture(scope="module")
def perfect():
    """The data as they would be if every rate were right, with errors of half a percent."""
    chance = 1 + 0.01 * np.random.default_rng(0).standard_normal((len(K), 8)) / 2

    def made(algorithm, seeds, seed):
        floor = rates.fixed_point_floor().gradient2 if algorithm == rates.ANALOG else 0.0
        value = 0.04 * K ** rates.SLOPES[algorithm]
        if algorithm == rates.DIGITAL:
            value = rates.digital_mean(K)
        noisy = np.ones((len(K), 1)) if algorithm == rates.EXACT else chance - chance.mean(-1, keepdims=True) + 1
        gradient2 = (floor + value)[:, None] * noisy
        return {
            "metric": gradient2,
            "gradient2": gradient2,
            "S": 0.08 + 0 * gradient2,
            "least_M_W": np.array(0.9),
            "least_M_P": np.array(0.99),
        }

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rates, "_measured", made)
        patch.setattr(
            rates,
            "settled_bias",
            lambda *_: np.sqrt(rates.residual_bias2(rates.learning_rate(rates.RESIDUAL, K)))[:, None] * chance,
        )
        return rates.data()


def verdicts(ds):
    return [finding.agrees for finding in rates.findings(ds)]


def test_perfect_data_agree(perfect):
    assert verdicts(perfect) == [True] * 8


@pytest.mark.parametrize(
    ("algorithm", "finding"), [(rates.DIGITAL, 0), (rates.ANALOG, 1), (rates.RESIDUAL, 2), (rates.EXACT, 3)]
)
def test_another_power_is_noticed(perfect, algorithm, finding):
    spoiled = perfect.copy(deep=True)
    at = spoiled.sel(algorithm=algorithm)
    excess = at["gradient2"].values - at["floor"].values
    value = at["floor"].values + excess * (K / K[0]) ** 0.2
    runs = {"gradient2": value, "gradient2_error": at["gradient2_error"].values}
    slope, half = rates.fitted(K, value - at["floor"].values, runs["gradient2_error"], 4)
    spoiled["slope"].loc[{"algorithm": algorithm}] = slope
    spoiled["slope_half"].loc[{"algorithm": algorithm}] = half
    assert verdicts(spoiled)[finding] is False


@pytest.mark.parametrize("factor", [0.9, 1.1])
def test_another_floor_is_noticed(perfect, factor):
    spoiled = perfect.copy(deep=True)
    spoiled["gradient2"].loc[{"algorithm": rates.ANALOG}] *= factor
    assert verdicts(spoiled)[5] is False


def test_a_violated_bound_and_an_unmet_constant_are_noticed(perfect):
    spoiled = perfect.copy(deep=True)
    spoiled["metric"][2, -1] = 2 * spoiled["bound"][2, -1]
    assert verdicts(spoiled)[6] is False
    spoiled = perfect.copy(deep=True)
    spoiled.attrs["least_M_P"] = 0.5
    assert verdicts(spoiled)[6] is False


def test_a_bias_of_another_order_is_noticed(perfect):
    spoiled = perfect.copy(deep=True)
    for part in ("bias2", "bias2_error"):
        spoiled[part] = spoiled[part] * (K / K[0]) ** -0.5
    assert verdicts(spoiled)[7] is False


def test_digital_mean_by_brute_force():
    alpha = float(rates.learning_rate(rates.DIGITAL, np.array([100]))[0])
    second, total = (rates.CURVATURE * rates.MINIMIZER) ** 2, 0.0
    for _ in range(100):
        total += second
        second = (1 - alpha * rates.CURVATURE) ** 2 * second + (alpha * rates.CURVATURE * rates.STD) ** 2
    assert rates.digital_mean(np.array([100]))[0] == pytest.approx(total / 100)


def test_schedules_by_hand():
    # gap 0.045, sigma^2 0.01: alpha of Analog SGD sqrt(0.045/(0.01 K)), 1/4 at most; Digital SGD sqrt(2) that
    assert rates.learning_rate(rates.ANALOG, np.array([10_000]))[0] == pytest.approx(np.sqrt(4.5e-4))
    assert rates.learning_rate(rates.ANALOG, np.array([1]))[0] == 0.25
    assert rates.learning_rate(rates.DIGITAL, np.array([10_000]))[0] == pytest.approx(np.sqrt(9e-4))
    # gamma^2 = 3072 q^2 sigma^2/(5 M_P M_W^2), C = 5 sqrt(M_W)/(16 q)
    M_W, M_P, q = 1 - 0.16, 1 - 0.0225, 1.4
    assert np.isclose(rates.GAMMA**2, 3072 * q**2 * 0.01 / (5 * M_P * M_W**2))
    assert rates.lyapunov_at_start() == pytest.approx(0.045 + 5 * np.sqrt(M_W) / (16 * q) * 0.09)


def test_fits_recover_what_they_are_given():
    error = 1e-3 * K**-0.5
    slope, half = rates.fitted(K, 3 * K**-0.5 * np.exp(0.7 * K**-0.5), error, 1)
    assert slope == pytest.approx(-0.5, abs=1e-9)
    assert 0 < half < 0.01
    floor, wide = rates.intercept(K, 5e-4 + 0.03 * K**-0.5 + 1 / K, 1e-6 * np.ones(len(K)))
    assert floor == pytest.approx(5e-4, rel=1e-9)
    assert 0 < wide < 1e-4


def test_it_is_drawn(perfect):
    drawn = figure.draw(perfect)
    assert len(drawn.axes) == 3
    plt.close(drawn)


def test_bias_by_quadrature():
    # E P = R E|P| for P normal of variance alpha sigma^2/(2 (h gamma + Sigma)), R = 0.3, and E grad f = -Sigma E P
    alpha, Sigma = 0.01, 0.1 * np.sqrt(2 / np.pi)
    std = np.sqrt(alpha * 0.01 / (2 * (rates.GAMMA + Sigma)))
    grid = np.linspace(-9, 9, 200_001)
    mean = 0.0
    for _ in range(60):
        mean = 0.3 * std * np.trapezoid(abs(mean / std + grid) * stats.norm.pdf(grid), grid)
    assert rates.residual_bias2(np.array([alpha]))[0] == pytest.approx((Sigma * mean) ** 2, rel=1e-6)
