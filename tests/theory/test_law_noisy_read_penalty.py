"""The laws of noisy reading against a long-hand mean transfer, exact covariances of a short loop, and their edges."""

from __future__ import annotations

import math

import numpy as np
import pytest
from analog_theory.theory.laws import law
from analog_theory.theory.laws.buffer_radius import off_square, variance
from analog_theory.theory.laws.noisy_read_penalty import read_penalty
from analog_theory.theory.response import linear, power
from scipy import integrate, optimize, stats

READ, BUFFER = law("noisy-read-penalty"), law("buffer-radius")


def folded(mean, std):
    """E|mean + std xi| by quadrature."""
    low, high = mean - 12 * std, mean + 12 * std
    return integrate.quad(lambda x: abs(x) * stats.norm.pdf(x, mean, std), low, high, points=[0.0], limit=200)[0]


def root(w_star, mixing, std, tau):
    """Where P = E|P + eps| w/tau, by bisection on the integral."""
    return optimize.brentq(lambda w: (w_star - w) / mixing - folded((w_star - w) / mixing, std) * w / tau, -tau, tau)


@pytest.mark.parametrize(("reading", "gamma", "w_star"), [(0.1, 0.4, 0.5), (0.3, 1.0, -0.7), (0.02, 0.1, 0.2)])
def test_the_bias_is_the_root_of_the_mean_transfer(reading, gamma, w_star):
    values = READ.predict(reading=reading, gamma=gamma, w_star=w_star).values
    assert values["bias_W"] == pytest.approx(root(w_star, gamma, reading, 1.0) - w_star, rel=1e-6)
    assert values["Sigma"] == pytest.approx(reading * math.sqrt(2 / math.pi))
    assert values["bias_Wbar"] == 0
    pull = gamma * values["Sigma"]
    assert values["bias_W_linearised"] == pytest.approx(-w_star * pull / (1 + pull))


def test_the_printed_objective_pulls_gamma_over_two_times_as_hard():
    values = READ.predict(reading=1e-4, gamma=0.4, w_star=0.01).values
    assert values["printed_bias"] / values["bias_W"] == pytest.approx(0.2, rel=1e-3)


def test_gradient_noise_adds_the_spread_of_P_and_mixing():
    given = {"alpha": 0.1, "gamma": 0.3, "sigma": 0.4, "tau_P": 0.8, "h": 2.0, "reading": 0.2, "beta": 1e-4}
    values = READ.predict(**given).values
    abs_noise = 0.4 * math.sqrt(2 / math.pi)
    mixing = 0.3 + abs_noise / (0.8 * 2.0)
    spread = 0.1 * 0.4**2 / (2 * (0.3 * 2.0 + abs_noise / 0.8))
    assert values["std_P"] ** 2 == pytest.approx(spread)
    assert values["Sigma"] == pytest.approx(math.sqrt((spread + 0.04) * 2 / math.pi))
    assert values["bias_W"] == pytest.approx(root(0.5, mixing, math.sqrt(spread + 0.04), 1.0) - 0.5, rel=1e-6)
    assert values["bias_Wbar"] == pytest.approx(values["bias_W"] * (1 - 0.3 / mixing))


def test_coordinates_are_as_one_by_one_and_other_devices_too():
    w_star = np.array([0.5, -0.3, 0.1])
    for device in (linear(1, 0.1), power(1, 2)):
        together = read_penalty(w_star, 0.4, 0.1, device).fixed_point
        alone = [float(read_penalty([w], 0.4, 0.1, device).fixed_point[0]) for w in w_star]
        assert together == pytest.approx(alone, rel=1e-9)


def test_without_noise_nothing_is_pulled():
    assert set(READ.predict(reading=0).values.values()) == {0.0}


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"w_star": 1.2}, "w* inside the range of W"),
        ({"alpha": 6, "gamma": 0.4}, "P alone is stable"),
        ({"sigma": 0.2, "c_lin_P": 0.1}, "G(0) = 0 of P, or no gradient noise"),
        ({"beta": 0.009}, "slow transfer"),
    ],
)
def test_what_the_law_needs_is_told(given, name):
    found = READ.predict(**given)
    assert [met for met, holds in found.conditions.items() if not holds] == [name]
    assert name in found.reasons
    assert (found.values["bias_W"] is None) == (name in ("w* inside the range of W", "P alone is stable"))


def test_at_the_edges_the_law_still_holds():
    assert READ.predict(beta=0.0079).valid
    assert READ.predict(c_lin_P=0.1).valid  # without gradient noise P need not be zero-shifted


@pytest.mark.parametrize(
    ("name", "value"), [("gamma", 0), ("h", -1), ("alpha", 0), ("beta", 0), ("reading", -1), ("sigma", -0.1)]
)
def test_bad_input_is_named(name, value):
    with pytest.raises(ValueError, match=f"^{name}="):
        READ.predict(**{name: value})


@pytest.mark.parametrize(
    ("rate", "reading", "std", "memory"), [(0.1, 0.2, 0.3, 0.8), (1.6, 0.1, 0.2, -0.5), (0.4, 0.0, 1.0, 0.99)]
)
def test_the_buffer_has_the_moments_of_a_long_sum(rate, reading, std, memory):
    """H = b sum_j (1 - b)^j (P + eps)_{k - j}, summed with Cov(P_i, P_j) = std^2 memory^|i - j|."""
    weights = rate * (1 - rate) ** np.arange(600)
    lags = abs(np.subtract.outer(np.arange(600), np.arange(600)))
    of_P = std**2 * weights @ np.power(float(memory), lags) @ weights
    with_P = std**2 * weights @ np.power(float(memory), np.arange(600))
    assert variance(rate, reading, std, memory) == pytest.approx(of_P + reading**2 * weights @ weights)
    expected = of_P + reading**2 * weights @ weights + std**2 - 2 * with_P
    assert off_square(rate, reading, std, memory) == pytest.approx(expected)


def test_the_buffer_at_rate_one_is_the_last_reading():
    assert BUFFER.predict(buffer=1, reading=0.3).values["std_H"] == pytest.approx(0.3)
    assert BUFFER.predict(buffer=1, reading=0.3, std_P=0.4, memory_P=0.7).values["std_H"] == pytest.approx(0.5)
    assert BUFFER.predict(buffer=1, reading=0.3, std_P=0.4, memory_P=0.7).values["off_P"] == pytest.approx(0.3)


@pytest.mark.parametrize(("given", "why"), [({"buffer": 2}, "grows"), ({"memory_P": 1}, "does not come to rest")])
def test_beyond_its_edges_the_buffer_has_no_radius(given, why):
    found = BUFFER.predict(**given)
    assert not found.valid
    assert set(found.values.values()) == {None}
    assert why in next(iter(found.reasons.values()))


@pytest.mark.parametrize(("name", "value"), [("buffer", 0), ("reading", -1), ("std_P", -1)])
def test_bad_input_of_the_buffer_is_named(name, value):
    with pytest.raises(ValueError, match=f"^{name}="):
        BUFFER.predict(**{name: value})
