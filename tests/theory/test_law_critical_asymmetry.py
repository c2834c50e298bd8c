"""The critical asymmetry: by hand in one and two dimensions, by duality, and by the algorithm's own steps."""

from __future__ import annotations

import re

import numpy as np
import pytest
from analog_theory.theory.algorithm import AnalogSGD, OnArray, ResidualLearning, smooth
from analog_theory.theory.homogeneous import Homogeneous, at_rest, crossing, gains, growth
from analog_theory.theory.interpolation import capped_critical_ratio, critical_ratio
from analog_theory.theory.laws import law
from analog_theory.theory.laws.critical_asymmetry import Critical
from analog_theory.theory.noise import GradientOracle, SampleSequence
from analog_theory.theory.objective import LeastSquares
from analog_theory.theory.response import linear, one_sided
from scipy.optimize import minimize_scalar

LAW = law("critical-asymmetry")


def small(seed: int = 3) -> LeastSquares:
    return LeastSquares.gaussian(rows=24, dim=6, w_std=0.3, scale=1 / 24, rng=seed)


def test_the_pairs_have_the_asymmetries_of_the_paper_and_of_the_script() -> None:
    # by hand: (0.7 - 1.3)/(0.7 + 1.3), and (0.7 - 1)/(0.7 + 1)
    assert float(_R(linear(2, 0.3))) == pytest.approx(-0.3)
    assert float(_R(one_sided(2, 0.3))) == pytest.approx(-0.3 / 1.7)
    with pytest.raises(ValueError, match=r"c_lin=-1/10: must lie in \[0, 1\)"):
        one_sided(1, -0.1)


def _R(device):
    return np.ravel(device.array_functions("R")(np.zeros(1))[0])[0]


@pytest.mark.parametrize("seed", range(3))
def test_the_capped_ratio_is_the_least_sum_in_the_plane(seed: int) -> None:
    # dual: the least sum |u_i . v| over v with c . v = 1, by a scan over the line of such v
    A = np.random.default_rng(seed).standard_normal((7, 2)) + 0.5
    u = A / abs(A).max(1, keepdims=True)
    c = abs(u).sum(0)
    across = np.array([-c[1], c[0]])

    def total(t: float) -> float:
        return float(abs(u @ (c / (c @ c) + t * across)).sum())

    least = minimize_scalar(total, bounds=(-2, 2), method="bounded", options={"xatol": 1e-12}).fun
    assert capped_critical_ratio(A) == pytest.approx(least, rel=1e-6)


def test_one_weight_and_separate_weights_bear_all() -> None:
    assert capped_critical_ratio([[2.0], [-0.5]]) == pytest.approx(1)
    assert capped_critical_ratio([[2.0, 0.0], [0.0, 1.0]]) == pytest.approx(1)
    assert capped_critical_ratio([[1.0, 2.0], [2.0, 1.0]], R=[0.0, 0.0]) == np.inf
    # a weight with half the asymmetry bears twice as much of it, but another has it all
    assert critical_ratio([[2.0, 0.0], [0.0, 1.0]], R=[0.5, 0.25]).ratio == pytest.approx(2)


def test_the_samples_sizes_do_not_matter_once_capped() -> None:
    A = small().A
    sizes = np.random.default_rng(1).uniform(0.1, 10, (24, 1))
    assert capped_critical_ratio(sizes * A) == pytest.approx(capped_critical_ratio(A), rel=1e-9)
    assert abs(critical_ratio(sizes * A).ratio / critical_ratio(A).ratio - 1) > 0.01


@pytest.mark.parametrize("rule", [AnalogSGD(0.3), ResidualLearning(0.3, 0.2, 0.4)])
def test_the_averaged_map_is_the_algorithms_own_step(rule: AnalogSGD | ResidualLearning) -> None:
    data, device = small(), linear(3, 0.2)
    made = Homogeneous(rule, data.A, gains([device], at_rest(rule, data.minimizer)))
    v = 1e-6 * np.random.default_rng(0).standard_normal((1, 4, 6))
    exact = LeastSquares(data.A, data.A @ data.minimizer, 1 / 24)
    on = dict.fromkeys(rule.arrays, OnArray(smooth(device.array_functions("F", "G"))))
    state = rule.init(data.minimizer + v)
    near = rule.init(v)
    for _ in range(3):
        state = rule.step(state, GradientOracle(exact, SampleSequence()), on)
        near = made.averaged(near)
    # second order in the distance, which is 1e-6
    assert state.W - data.minimizer == pytest.approx(near.W, abs=1e-10)


def test_the_growth_of_a_linear_map_is_its_eigenvalue() -> None:
    # R = 0: v <- (1 - alpha H) v, whose slowest factor is 1 - alpha mu
    data, rule = small(), AnalogSGD(0.1)
    ones = np.ones((1, 1, 6))
    made = Homogeneous(rule, data.A, {"W": (ones, 0 * ones)})
    mu = np.linalg.eigvalsh(data.H)[0]
    assert growth(made, 3000, 2) == pytest.approx(np.log(1 - 0.1 * mu), rel=1e-6)


def test_crossings() -> None:
    def at(c, steps):
        return c**2 - 0.25

    assert crossing(at, 0.0, 1.0, ((11, 1), (11, 1), (11, 1))) == pytest.approx(0.5, abs=1e-5)
    assert crossing(lambda c, _: c - 2, 0.0, 1.0, ((5, 1),)) == np.inf
    assert crossing(lambda c, _: c + 2, 0.0, 1.0, ((5, 1),)) == 0.0


@pytest.mark.parametrize(("pair", "c_lin"), [("paper", lambda r: r), ("one-sided", lambda r: 2 * r / (1 + r))])
def test_the_limits_of_the_residual_array_are_the_ratios_of_the_data(pair: str, c_lin) -> None:
    one = Critical(ResidualLearning(0.3, 0.3, 0.4), {"paper": linear, "one-sided": one_sided}[pair], 3.5, small())
    assert one.ray() == pytest.approx(c_lin(critical_ratio(small().A).ratio), rel=1e-9)
    assert one.capped() == pytest.approx(c_lin(capped_critical_ratio(small().A)), rel=1e-9)


def test_a_slow_transfer_attracts_just_below_the_ray_and_not_above() -> None:
    one = Critical(ResidualLearning(0.3, 0.0003, 0.4), linear, 3.5, small())
    ray = one.ray()
    below, above = one.rates(np.array([0.98, 1.02]) * ray, "mean-field", 5000)
    assert below < 0 < above


def test_the_prediction_on_small_data() -> None:
    found = LAW.predict(data=small())
    values = found.values
    assert found.valid
    assert values["critical_ratio_lower"] < values["critical_ratio"] == pytest.approx(values["critical_c_lin"])
    assert values["critical_c_lin_at_rates"] < values["critical_c_lin"]
    assert values["critical_c_lin_capped"] == pytest.approx(values["critical_ratio_capped"])


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"order": "full-batch"}, r"E\|g\| = \|g\|"),
        ({"gamma": 0}, "keep volume"),
        ({"alpha": 30, "beta": 1}, "L = "),
        ({"algorithm": "analog-sgd", "alpha": 3}, "2/L"),
    ],
)
def test_where_there_is_no_critical_value(given: dict, why: str) -> None:
    found = LAW.predict(data=small(), **given)
    assert all(value is None for value in found.values.values())
    assert set(found.values) <= set(found.reasons)
    assert any(re.search(why, reason) for reason in found.reasons.values())


def test_steps_that_overshoot_samples_one_by_one() -> None:
    found = LAW.predict(data=small(), order="cyclic", alpha=2, beta=2)
    assert found.values["critical_c_lin"] is None
    assert "even at c_lin = 0" in found.reasons["critical_c_lin"]


def test_conditions_of_the_data() -> None:
    noisy = LeastSquares.gaussian(rows=24, dim=6, w_std=0.3, label_noise=0.1, scale=1 / 24, rng=3)
    found = LAW.predict(data=noisy)
    assert not found.valid
    assert not found.conditions["W* fits every sample"]
    assert found.values["critical_c_lin"] is None
    assert not LAW.predict(data=small(), tau=0.1).conditions["W* is inside (-tau, tau)"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"alpha": 0}, "alpha=0.0: must be > 0"),
        ({"gamma": -1}, "gamma=-1.0: must be >= 0"),
        ({"pair": "papers"}, "pair='papers': must be one of paper, one-sided; did you mean 'paper'"),
        ({"order": "random"}, "order='random': must be one of"),
    ],
)
def test_bad_input(given: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        LAW.predict(data=small(), **given)


@pytest.mark.parametrize("seed", range(3))
def test_gamma_0_keeps_volume_and_a_full_batch_descends(seed: int) -> None:
    """The two proofs in numbers: a Jacobian's determinant by differences, and the fall of (1/2) d . H d."""
    data, rng = small(seed), np.random.default_rng(seed)
    rule, device = ResidualLearning(0.3, 0.3, 0.0), linear(3, 0.7)
    made = Homogeneous(rule, data.A, gains([device], at_rest(rule, data.minimizer)))
    at, h = rng.standard_normal(12), 1e-7

    def step(x: np.ndarray) -> np.ndarray:
        state = made.averaged(rule.init(x[None, None, :6])._replace(P=x[None, None, 6:]))
        return np.concatenate([state.W[0, 0], state.P[0, 0]])

    slopes = np.array([(step(at + h * e) - step(at - h * e)) / (2 * h) for e in np.eye(12)])
    assert np.linalg.det(slopes) == pytest.approx(1, abs=1e-5)
    d, R = rng.standard_normal(6), rng.uniform(-1, 1, 6)
    g = data.H @ d
    assert g @ (g + R * abs(g)) >= (1 - abs(R).max()) * (g @ g)
