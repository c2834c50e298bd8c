"""Gradient noise: moments against quadrature, enumeration and sampling."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest
import sympy as sp
from analog_theory.theory.noise import (
    FiniteSupport,
    Gaussian,
    GradientOracle,
    NoNoise,
    Rademacher,
    Rows,
    SampleSequence,
    folded_normal,
)
from analog_theory.theory.objective import LeastSquares, Quadratic
from scipy import integrate

QUADRATIC = Quadratic([[2.0, 1.0], [1.0, 2.0]], [1.0, -1.0])
PROBLEM = LeastSquares.gaussian(rows=5, dim=3, w_std=0.5, label_noise=0.4, rng=11, scale=0.2)
POINT = np.array([0.3, -0.2, 0.1])
DRAWN = 40_000


@pytest.mark.parametrize(("a", "s"), [(0.0, 1.0), (0.7, 0.5), (-3.0, 0.2), (0.01, 4.0)])
def test_folded_normal_is_the_integral(a, s):
    def half(sign, low, high):
        def density(x):
            return sign * (a + s * x) * np.exp(-x * x / 2) / np.sqrt(2 * np.pi)

        return integrate.quad(density, low, high, epsabs=1e-13, epsrel=1e-13)[0]

    edge = float(np.clip(-a / s, -20, 20))
    expected = half(1, edge, 20) + half(-1, -20, edge)
    assert float(folded_normal(sp.Float(a), sp.Float(s))) == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("std", [0.5, [0.5, 2.0]])
def test_gaussian_abs_mean_is_the_folded_normal(std):
    W = np.array([[1.3, -0.4], [1.0, -1.0]])
    found = Gaussian(std).abs_mean(QUADRATIC, W)
    g, s = QUADRATIC.gradient(W), np.broadcast_to(std, W.shape)
    expected = [
        [float(folded_normal(sp.Float(x), sp.Float(y))) for x, y in zip(*r, strict=True)]
        for r in zip(g, s, strict=True)
    ]
    assert found == pytest.approx(np.array(expected), rel=1e-13)
    assert found[1] == pytest.approx(np.sqrt(2 / np.pi) * s[1], rel=1e-14)


NOISES = [
    Gaussian(0.7),
    Gaussian([0.1, 0.2, 0.3]),
    Rademacher(0.5),
    Rademacher([0.5, 0.1, 0.2]),
    FiniteSupport([-1.0, 2.0], [2 / 3, 1 / 3]),
    FiniteSupport([[1.0, 0, 2], [-1.0, 1, 0], [0, -1, -2]], [1 / 3, 1 / 3, 1 / 3]),
    Rows(),
    Rows(2),
    Rows(3, replace=False),
]


@pytest.mark.parametrize("noise", NOISES, ids=str)
def test_moments_are_those_of_what_is_drawn(noise):
    """40 000 draws; each of 2 x 3 means and one variance within 5 standard errors: false alarm below 5e-6 a noise."""
    xi = noise.draw(np.random.default_rng(5), DRAWN, PROBLEM)
    (g,) = noise.gradients(PROBLEM, np.broadcast_to(POINT, (DRAWN, 3)), xi)
    for sample, expected in [
        (g, PROBLEM.gradient(POINT)),
        (abs(g), noise.abs_mean(PROBLEM, POINT)),
        (((g - PROBLEM.gradient(POINT)) ** 2).sum(-1), noise.variance(PROBLEM, POINT)),
    ]:
        error = sample.std(axis=0) / np.sqrt(DRAWN)
        assert (abs(sample.mean(axis=0) - expected) <= 5 * error + 1e-12).all()


def _batches(batch, replace):
    return product(range(5), repeat=batch) if replace else combinations(range(5), batch)


@pytest.mark.parametrize(("batch", "replace"), [(1, True), (2, True), (3, False), (5, False)])
def test_rows_are_unbiased_over_all_batches(batch, replace):
    """The mean over every batch is the gradient, the spread the variance, the mean of |.| the abs_mean: to rounding."""
    noise = Rows(batch, replace)
    xi = np.array(list(_batches(batch, replace)))
    (g,) = noise.gradients(PROBLEM, np.broadcast_to(POINT, (len(xi), 3)), xi)
    gradient = PROBLEM.gradient(POINT)
    assert g.mean(axis=0) == pytest.approx(gradient, rel=1e-12)
    assert abs(g).mean(axis=0) == pytest.approx(noise.abs_mean(PROBLEM, POINT), rel=1e-12)
    assert ((g - gradient) ** 2).sum(-1).mean() == pytest.approx(noise.variance(PROBLEM, POINT), rel=1e-12, abs=1e-25)


def test_rows_without_replacement_never_repeat():
    xi = Rows(4, replace=False).draw(np.random.default_rng(0), 200, PROBLEM)
    assert all(len(set(batch)) == 4 for batch in xi.tolist())
    assert set(xi.ravel().tolist()) == set(range(5))


def test_sample_sequence_by_hand():
    """A = [[1, 2], [3, 0]], b = (1, 0) at W = (1, 1): residuals (2, 3), gradients (2, 4) and (9, 0)."""
    f = LeastSquares([[1.0, 2.0], [3.0, 0.0]], [1.0, 0.0])
    first, second = SampleSequence().gradients(f, np.array([[1.0, 1.0]]), None)
    assert (first.tolist(), second.tolist()) == ([[2.0, 4.0]], [[9.0, 0.0]])
    assert SampleSequence().abs_mean(f, np.array([1.0, 1.0])).tolist() == [11.0, 4.0]
    assert f.gradient(np.array([1.0, 1.0])) == pytest.approx([11.0, 4.0], rel=1e-13)


def test_finite_support_of_fractions_is_exact():
    """g = 2 (0 - 1) = -2 and points 3, -1 with probabilities 1/4, 3/4: E|g + x| = 1/4 + 9/4 = 5/2, variance 3."""
    f = Quadratic(np.array([[Fraction(2)]]), np.array([Fraction(1)]))
    noise = FiniteSupport([[Fraction(3)], [Fraction(-1)]], [Fraction(1, 4), Fraction(3, 4)])
    assert noise.abs_mean(f, np.array([Fraction(0)])).tolist() == [Fraction(5, 2)]
    assert noise.variance(f, None) == 3
    assert set(noise.draw(np.random.default_rng(0), 50, f).ravel().tolist()) == {3.0, -1.0}


def test_no_noise_is_the_gradient():
    oracle = GradientOracle(QUADRATIC, NoNoise())
    W = np.array([2.0, 1.0])
    assert [g.tolist() for g in oracle.sample(W)] == [[4.0, 5.0]]
    assert oracle.full(W).tolist() == [4.0, 5.0]
    assert NoNoise().abs_mean(QUADRATIC, np.array([0.0, -1.0])).tolist() == [2.0, 1.0]


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: Gaussian(0), r"std=0: must be > 0"),
        (lambda: Gaussian([1.0, -1.0]), r"std\[1\]=.*must be > 0"),
        (lambda: Gaussian([1.0, 1.0]).draw(np.random.default_rng(0), 1, PROBLEM), r"std.shape=\(2,\)"),
        (lambda: Rademacher(float("nan")), r"scale=nan"),
        (lambda: FiniteSupport([1.0, 2.0], [0.5, 0.5]), r"mean 0"),
        (lambda: FiniteSupport([1.0, -1.0], [0.5, 0.6]), r"sum 1"),
        (lambda: FiniteSupport([1.0, -1.0], [1.0]), r"points.shape=\(2,\)"),
        (lambda: FiniteSupport([[1.0], [-1.0]], [0.5, 0.5]).abs_mean(PROBLEM, POINT), r"points.shape=\(2, 1\)"),
        (lambda: Rows(0), r"batch=0"),
        (lambda: Rows(6, replace=False).draw(np.random.default_rng(0), 1, PROBLEM), r"batch=6: must be <= 5"),
        (lambda: Rows().abs_mean(QUADRATIC, np.zeros(2)), r"noise=Rows.*needs an objective with rows"),
        (lambda: SampleSequence().gradients(QUADRATIC, np.zeros(2), None), r"needs an objective with rows"),
        (lambda: Rows(9).abs_mean(PROBLEM, POINT), r"batch=9: .*enumerate 20000 batches, has 1953125"),
    ],
)
def test_what_does_not_fit_is_rejected(build, says):
    with pytest.raises(ValueError, match=says):
        build()
