"""Stationary laws without sampling, against laws that are known in closed form."""

from math import pi, sqrt

import numpy as np
import pytest
from analog_theory.theory.stationary import (
    Frame,
    hermite,
    kinked_rule,
    of_drift,
    of_steps,
    smooth_rule,
    split_rule,
    stationary,
)


def _lines(frame):
    x, weights = smooth_rule(frame.degree + 8)
    return frame.outer(x[None]), weights


def test_polynomials_are_orthonormal():
    x, weights = smooth_rule(20)
    basis = hermite(x, 6)
    assert (basis * weights) @ basis.T == pytest.approx(np.eye(7), abs=1e-12)


def test_an_autoregression():
    """z <- a z + c + s xi has the mean c/(1 - a) and the variance s^2/(1 - a^2)."""
    a, c, s = 0.8, 0.3, 0.5

    def advance(points):
        xi, weights = smooth_rule(20)
        images = a * points[..., None] + c + s * xi
        return images, np.broadcast_to(weights, images.shape[1:])

    law = stationary(of_steps(advance), _lines, Frame(np.array([0.0]), np.array([1.0]), 6))
    mean = law.mean(law.points[0])
    assert mean == pytest.approx(c / (1 - a), rel=1e-10)
    assert law.mean((law.points[0] - mean) ** 2) == pytest.approx(s**2 / (1 - a**2), rel=1e-10)


def test_a_diffusion_with_a_kink():
    """dz = -k(z) z dt + sqrt(2 D) dB, k = k_1 above 0 and k_2 below: two halves of normal laws, joined at 0.

    Each half has the weight sqrt(pi D/(2 k)) and the first moment +-D/k before normalisation.
    """
    above, below, D = 1.0, 2.0, 0.7

    def drift(points):
        return -np.where(points > 0, above, below) * points

    def rule(frame):
        x, weights = kinked_rule(np.array(-frame.mean[0] / frame.std[0]), np.array(0.0))
        return frame.outer(x[None]), weights

    law = stationary(of_drift(drift, np.array([D])), rule, Frame(np.array([0.0]), np.array([0.7]), 20), rounds=4)
    mean = (D / above - D / below) / (sqrt(pi * D / (2 * above)) + sqrt(pi * D / (2 * below)))
    assert law.mean(law.points[0]) == pytest.approx(mean, rel=1e-3)


def test_rules_integrate_across_their_kinks():
    x, weights = kinked_rule(np.array([0.4, -1.0]), np.array([0.0, 0.1]))
    assert weights.sum(-1) == pytest.approx([1, 1])
    # E(x - a)^+ = phi(a) - a (1 - Phi(a)), here at a = 0.4: tables give phi = 0.3682701, Phi = 0.6554217
    assert (weights[0] * np.maximum(x[0] - 0.4, 0)).sum() == pytest.approx(0.3682701 - 0.4 * (1 - 0.6554217), abs=1e-7)
    x, weights = split_rule(np.array([[0.4]]))
    assert (weights[0] * np.maximum(x[0] - 0.4, 0)).sum() == pytest.approx(0.2304388, abs=1e-6)


def test_no_law_for_a_walk():
    def advance(points):
        xi, weights = smooth_rule(20)
        return points[..., None] + xi, np.broadcast_to(weights, (points.shape[1], 20))

    with pytest.raises((ArithmeticError, np.linalg.LinAlgError)):
        stationary(of_steps(advance), _lines, Frame(np.array([0.0]), np.array([1.0]), 4))
