"""Residual Learning: the lower level, the hypergradient by differences, fixed points by hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import sympy as sp
from analog_theory.theory.algorithm import OnArray, Pair, ResidualLearning, TikiTaka, smooth
from analog_theory.theory.bilevel import MeanDynamics, closed_form_residual, hypergradient, residual
from analog_theory.theory.noise import Gaussian, GradientOracle, NoNoise, Rademacher
from analog_theory.theory.objective import Objective, Quadratic, SmoothObjective
from analog_theory.theory.response import exponential, linear, power
from hypothesis import given, strategies as st

COUPLED = np.array([[2.0, 0.5], [0.5, 1.0]])
RULES = [ResidualLearning(0.05, 0.02, 0.4), TikiTaka(0.05, 0.02)]


def bent(dim: int) -> SmoothObjective:
    """Strongly convex, not quadratic, with f''' not 0 at its minimiser."""
    x = sp.symbols(f"x_1:{dim + 1}", real=True)
    coupled = sum((a - b) ** 2 for a, b in pairwise(x)) / 2
    return SmoothObjective.from_expression(coupled + sum(sp.exp(a / 2) + a**2 / 2 - k * a for k, a in enumerate(x)), x)


@pytest.mark.parametrize("dim", [2, 3])
def test_hypergradient_by_differences(dim) -> None:
    objective, gamma, step = bent(dim), 0.4, 1e-4
    W = np.linspace(-0.5, 0.8, dim)

    def upper(at: np.ndarray) -> float:
        return float((residual(objective, at, gamma) ** 2).sum())

    slope = [(upper(W + step * e) - upper(W - step * e)) / (2 * step) for e in np.eye(dim)]
    # |P*|^2 is of size 10 with rounding 1e-13 from Newton's residual, over 2e-4; a quadratic, so no error in step
    np.testing.assert_allclose(hypergradient(objective, W, gamma), slope, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("gamma", [0.1, 1.0, 3.0])
def test_residual_is_its_closed_form(gamma) -> None:
    objective, W = bent(3), np.array([0.3, -2.0, 1.5])
    solved = residual(objective, W, gamma)
    # Newton stops at gradients of 1e-13; divided by gamma times the least curvature 1
    np.testing.assert_allclose(solved, closed_form_residual(objective.minimizer, W, gamma), atol=1e-11)


@given(st.floats(-3, 3), st.floats(-3, 3))
def test_residual_lowers_the_objective_to_its_least_value(x, y) -> None:
    objective, W = BENT, np.array([x, y])
    at = W + 0.5 * residual(objective, W, 0.5)
    # the value is flat at the minimiser: an error of 1e-12 in P enters squared; rounding remains
    assert objective.value(at) == pytest.approx(objective.f_star, abs=1e-12)


BENT = bent(2)


def test_gamma_of_zero_has_no_residual() -> None:
    with pytest.raises(ValueError, match="gamma=0: must be > 0"):
        residual(bent(2), np.zeros(2), 0)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
def test_mean_step_without_noise_is_the_step(rule) -> None:
    objective, device_W, device_P = Quadratic(COUPLED, [0.3, -0.2]), power(2, 2), linear(2, 0.3)
    dynamics = MeanDynamics(rule, objective, device_W, device_P, NoNoise())
    state = Pair(np.array([0.5, 0.4]), np.array([-0.1, 0.2]))
    devices = {"W": device_W, "P": device_P}
    on = {name: OnArray(smooth(device.array_functions("F", "G"))) for name, device in devices.items()}
    stepped = rule.step(state, GradientOracle(objective, NoNoise()), on)
    ours = dynamics.step(state)
    np.testing.assert_allclose(ours.P, stepped.P, rtol=1e-13)
    np.testing.assert_allclose(ours.W, stepped.W, rtol=1e-13)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
def test_without_the_zero_shift_the_bias_is_that_of_a_constant_ratio(rule) -> None:
    # by hand: R_P(0) = -c, so h (w - w*) - sigma c = 0 while |h (w - w*)| < sigma; no tau, no gamma in it
    h, w_star, sigma, c = 2.0, 0.1, 0.5, 0.3
    found = MeanDynamics(rule, Quadratic([[h]], [w_star]), power(2, 2), linear(3, c), Rademacher(sigma)).fixed_point
    assert pytest.approx([w_star + sigma * c / h], abs=1e-13) == found.W
    assert pytest.approx([0]) == found.P
    assert found.residual < 1e-13


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
@pytest.mark.parametrize("noise", [Gaussian(1.0), Rademacher(1.0)], ids=["Gaussian", "signs"])
def test_with_the_zero_shift_the_fixed_point_is_the_minimiser(rule, noise) -> None:
    objective = Quadratic(COUPLED, [0.3, -0.2])
    devices_P = [linear(2, 0.3).zero_shifted(), linear(3, -0.2).zero_shifted()]
    found = MeanDynamics(rule, objective, exponential(2, 1), devices_P, noise).fixed_point
    np.testing.assert_allclose(found.bias, 0, atol=1e-13)
    assert found.residual < 1e-13


def test_gamma_moves_no_fixed_point() -> None:
    objective: Objective = bent(2)
    points = [
        MeanDynamics(rule, objective, linear(4), linear(2, 0.3), Gaussian(0.5)).fixed_point
        for rule in (TikiTaka(0.1, 0.1), ResidualLearning(0.1, 0.1, 0.4), ResidualLearning(0.1, 0.1, 2.0))
    ]
    assert np.linalg.norm(points[0].bias) > 0.05, "without bias the comparison would show nothing"
    for point in points[1:]:
        np.testing.assert_array_equal(point.W, points[0].W)


def test_a_fixed_point_beyond_the_range_is_told() -> None:
    dynamics = MeanDynamics(RULES[0], Quadratic([[1.0]], [1.9]), linear(2), linear(2, 0.5), Rademacher(4.0))
    with pytest.raises(ArithmeticError, match="no fixed point found"):
        _ = dynamics.fixed_point
