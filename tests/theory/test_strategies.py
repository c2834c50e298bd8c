"""The strategies draw what they say, exactly."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from analog_theory.theory.domains import analog_step, noise, rate, responses, smooth, strongly_convex
from analog_theory.theory.strategies import finite_noise, instances, quadratics
from hypothesis import given, strategies as st


def bordered_minors(matrix: np.ndarray) -> list[Fraction]:
    """Leading principal minors by exact elimination: all positive just for a positive definite matrix."""
    work, product, minors = matrix.copy(), Fraction(1), []
    for k in range(len(work)):
        pivot = Fraction(work[k, k])
        product *= pivot
        minors.append(product)
        if pivot == 0:
            break
        for row in range(k + 1, len(work)):
            work[row] = work[row] - work[k] * (Fraction(work[row, k]) / pivot)
    return minors


@given(st.data(), st.integers(2, 4))
def test_a_quadratic_has_the_prescribed_constants(data: Any, dim: int) -> None:
    mu, L = Fraction(1, 3), Fraction(5, 2)
    hessian, minimiser = data.draw(quadratics(mu, L, dim))
    assert minimiser.shape == (dim,)
    assert np.all(hessian == hessian.T)
    unit = np.eye(dim, dtype=int)
    for epsilon in (Fraction(1, 1000),):
        assert all(m > 0 for m in bordered_minors(hessian - (mu - epsilon) * unit))
        assert all(m > 0 for m in bordered_minors((L + epsilon) * unit - hessian))
        # mu and L are reached: a little inside them neither difference is positive definite any more
        assert not all(m > 0 for m in bordered_minors(hessian - (mu + epsilon) * unit))
        assert not all(m > 0 for m in bordered_minors((L - epsilon) * unit - hessian))


@given(finite_noise(dim=2))
def test_noise_has_mean_zero_and_probabilities_sum_to_one(law: tuple[np.ndarray, np.ndarray]) -> None:
    points, probabilities = law
    assert probabilities.sum() == 1
    assert np.all(probabilities > 0)
    assert np.all(probabilities @ points == 0)


@given(instances((smooth, noise, responses, rate, analog_step)))
def test_an_instance_is_exact_and_one_step_is_by_cases(instance: Any) -> None:
    assert all(isinstance(value, Fraction | int) for value in instance["W_next"].ravel())
    for sample, following in zip(instance["samples"], instance["W_next"], strict=True):
        dw = -instance["alpha"] * sample
        by_cases = np.where(dw >= 0, dw * instance["q_plus"], dw * instance["q_minus"])
        assert np.all(following == instance["W"] + by_cases)


@given(instances((strongly_convex,), dim=3))
def test_strongly_convex_instances_lie_above_their_parabola(instance: Any) -> None:
    away = instance["W"] - instance["W_star"]
    assert away @ instance["gradient"] >= instance["mu"] * (away @ away)
    assert away @ instance["gradient"] <= instance["L"] * (away @ away)
