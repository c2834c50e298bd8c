"""The compiled runs against the algorithms' own steps, exact moments, and the law for every step size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from analog_theory.experiments.convergence import NORMAL, Problems, affine_rows, double, single
from analog_theory.theory.algorithm import AnalogGD, OnArray, ResidualLearning, smooth
from analog_theory.theory.response import linear, power
from scipy import stats

HESSIAN = np.array([[1.0, 0.3], [0.3, 0.7]])
MINIMIZER, START = np.array([0.3, -0.2]), np.array([-0.4, 0.5])
DEVICES = (linear(1, 0.2), linear(2, -0.1))


@dataclass
class Exact:
    """The oracle without noise."""

    k: int = 0

    def full(self, W: np.ndarray) -> np.ndarray:
        return HESSIAN @ (W - MINIMIZER)

    def sample(self, W: np.ndarray) -> list[np.ndarray]:
        return [self.full(W)]


def quadratic(alpha: float, steps: int, std: Any = (0.0, 0.0)) -> Problems:
    arrays = (HESSIAN, MINIMIZER, START, np.array(std), NORMAL, alpha, steps)
    return Problems(*(np.asarray(one)[None] for one in arrays))


def on(*devices: Any) -> dict[str, OnArray]:
    return {
        name: OnArray(smooth(device.array_functions("F", "G"))) for name, device in zip("WP", devices, strict=False)
    }


def parts(device: Any, W: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    F, G = device.array_functions("F", "G")(W)
    return F, G


def test_analog_gd_is_the_algorithm_s_own() -> None:
    K, state, rule = 7, AnalogGD(0.3).init(START), AnalogGD(0.3)
    sums, least, most = np.zeros(5), np.inf, 0.0
    for _ in range(K):
        (F, G), g = parts(DEVICES[0], state.W), Exact().full(state.W)
        M = F**2 - G**2
        sums += [
            (g**2).sum(),
            ((g * F + abs(g) * G) ** 2).sum(),
            (g**2 * M).sum(),
            ((g * F - abs(g) * G) ** 2).sum(),
            (G**2 / F).max(),
        ]
        least, most = min(least, M.min()), max(most, F.max())
        state = rule.step(state, Exact(), on(DEVICES[0]))
    run = single(quadratic(0.3, K), affine_rows(DEVICES[:1]), seeds=2, noisy=False)
    assert np.allclose(np.array(run[:5])[:, 0, 0], sums / K, rtol=1e-12)
    assert (run.M_min[0, 1], run.F_max[0, 1]) == pytest.approx((least, most))


def test_residual_learning_is_the_algorithm_s_own() -> None:
    K, rule = 6, ResidualLearning(alpha=0.2, beta=0.3, gamma=0.5)
    state, sums = rule.init(START), np.zeros(6)
    for _ in range(K):
        (F_W, G_W), (F, G) = parts(DEVICES[0], state.W), parts(DEVICES[1], state.P)
        g, x = Exact().full(rule.point(state)), state.W - MINIMIZER
        aim = -x / rule.gamma
        sums += [
            ((g * F + abs(g) * G) ** 2).sum(),
            (g**2).sum(),
            ((aim * F_W - abs(aim) * G_W) ** 2).sum(),
            (x**2 * (F_W**2 - G_W**2)).sum(),
            ((state.P - aim) ** 2).sum(),
            (G**2 / F).max(),
        ]
        state = rule.step(state, Exact(), on(*DEVICES))
    rows = affine_rows(DEVICES)
    run = double(quadratic(0.2, K), rows[:1], rows[1:], np.array([0.3]), np.array([0.5]), seeds=1)
    assert np.allclose(np.array(run[:6])[:, 0, 0], sums / K, rtol=1e-12)


@pytest.mark.parametrize("probability", [NORMAL, 0.5, 0.2])
def test_noise_has_mean_0_and_the_variance_asked_for(probability: float) -> None:
    # from the minimiser, K = 2: the second gradient is -alpha H xi on ideal responses, so E g^2 = alpha^2 std^2
    ones = np.ones((1, 1))
    given = Problems(ones[None], 0 * ones, 0 * ones, 3 * ones, np.array([probability]), np.array([0.1]), np.array([2]))
    flat = np.array([[1.0, 0.0, 1.0, 0.0, -np.inf, np.inf]])
    squares = 2 * single(given, flat, seeds=40_000).gradient2[0]
    # 99.9 %: one false alarm in a thousand for each noise, were the seed not fixed
    half = stats.norm.ppf(0.9995) * stats.sem(squares)
    assert squares.mean() == pytest.approx(0.09, abs=max(half, 1e-12))


@pytest.mark.parametrize("alpha", [0.4, 0.1])
def test_the_second_moment_at_every_step_size(alpha: float) -> None:
    # the mean of w is h w*/(h + sigma/tau) = 0.3/1.5 from the start, so that it stands still at once
    h, sigma, tau, w_star, mean, K = 1.0, 0.5, 1.0, 0.3, 0.2, 1600
    ones = np.ones((1, 1))
    given = Problems(
        h * ones[None], w_star * ones, mean * ones, sigma * ones, np.array([0.5]), np.array([alpha]), np.array([K])
    )
    run = single(given, affine_rows([linear(tau)]), seeds=4000)
    variance = tau**2 * run.S[0] - mean**2
    off = run.gradient2[0] - sigma**2 * run.S[0] - (h**2 - sigma**2 / tau**2) * variance
    half = stats.norm.ppf(0.9995) * stats.sem(off)  # one false alarm in a thousand
    assert abs(off.mean()) < half
    assert half < 0.02 * run.gradient2[0].mean()
    assert run.gradient2[0].mean() > sigma**2 * run.S[0].mean()


def test_devices_must_be_affine() -> None:
    with pytest.raises(ValueError, match="must have affine responses"):
        affine_rows([power(1, 2)])
