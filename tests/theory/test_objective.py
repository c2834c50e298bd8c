"""Objectives against values worked by hand and against each other."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from analog_theory.theory.objective import LeastSquares, Quadratic, SmoothObjective

H = [[2.0, 1.0], [1.0, 2.0]]  # eigenvalues 1 and 3


def test_quadratic_by_hand():
    """At W* + (1, 2): H d = (4, 5), f = (4 + 10)/2 = 7."""
    f = Quadratic(H, [1.0, -1.0])
    W = np.array([[2.0, 1.0], [1.0, -1.0]])
    assert f.value(W).tolist() == [7.0, 0.0]
    assert f.gradient(W).tolist() == [[4.0, 5.0], [0.0, 0.0]]
    assert f.hessian(W).tolist() == [H, H]
    assert (f.dim, f.f_star) == (2, 0)
    assert (f.mu, f.L) == pytest.approx((1, 3), rel=1e-14)  # backward error of a symmetric eigensolver


def test_quadratic_of_fractions_stays_exact():
    f = Quadratic([[Fraction(1, 3), Fraction(0)], [Fraction(0), Fraction(2)]], [Fraction(1), Fraction(0)])
    W = np.array([Fraction(0), Fraction(1, 2)])
    assert f.gradient(W).tolist() == [Fraction(-1, 3), Fraction(1)]
    assert f.value(W) == Fraction(1, 6) + Fraction(1, 4)
    assert all(type(g) is Fraction for g in f.gradient(W))


def test_quadratic_of_symbols_is_the_formula():
    a, b, w = sp.symbols("a b w")
    f = Quadratic(np.array([[a]], dtype=object), np.array([b], dtype=object))
    assert sp.expand(f.value(np.array([w], dtype=object)) - a * (w - b) ** 2 / 2) == 0
    assert sp.expand(f.gradient(np.array([w], dtype=object))[0] - a * (w - b)) == 0


def test_least_squares_by_hand():
    """A = I scaled by 2 on one row: residuals at 0 are (-2, -3), f = (4 + 9)/2 * scale."""
    f = LeastSquares([[2.0, 0.0], [0.0, 1.0]], [2.0, 3.0], scale=0.5)
    assert f.value(np.zeros(2)) == 3.25
    assert f.gradient(np.zeros(2)) == pytest.approx([-2.0, -1.5], rel=1e-14)
    assert f.minimizer == pytest.approx([1.0, 3.0], rel=1e-14)
    assert (f.mu, f.L) == pytest.approx((0.5, 2.0), rel=1e-14)
    assert f.f_star == pytest.approx(0.0, abs=1e-28)


@pytest.mark.parametrize(("rows", "dim"), [(30, 7), (7, 7), (4, 9)])
def test_least_squares_gradient_is_that_of_its_rows(rows, dim):
    """scale A^T A (W - W*) and scale A^T (A W - b) agree to rounding, also with more weights than rows."""
    f = LeastSquares.gaussian(rows, dim, w_std=0.5, label_noise=0.3, rng=3, scale=1 / rows)
    W = np.random.default_rng(1).normal(size=(5, dim))
    direct = f.scale * f.residuals(W) @ f.A
    assert np.abs(f.gradient(W) - direct).max() < 1e-12 * f.L * dim
    assert f.value(W + 1e-3) == pytest.approx(
        f.value(W) + 1e-3 * f.gradient(W).sum(-1) + 5e-7 * np.ones(dim) @ f.H @ np.ones(dim), rel=1e-11
    )
    assert np.linalg.eigvalsh(f.H)[[0, -1]] == pytest.approx([f.mu, f.L], rel=1e-9, abs=1e-12)


def test_gaussian_least_squares_without_label_noise_is_solved_by_the_truth():
    f = LeastSquares.gaussian(rows=40, dim=5, w_std=0.5, rng=7)
    rng = np.random.default_rng(7)
    assert (rng.standard_normal((40, 5)) == f.A).all()
    assert f.minimizer == pytest.approx(0.5 * rng.standard_normal(5), rel=1e-12)


def test_smooth_objective_derives_gradient_hessian_and_minimiser():
    """f = cosh(x - 1) + x y + y^2: the gradient vanishes where sinh(x - 1) + y = 0 and x + 2 y = 0."""
    x, y = sp.symbols("x y")
    f = SmoothObjective.from_expression(sp.cosh(x - 1) + x * y + y**2, (x, y), L=9, mu=0.1)
    W = np.array([[0.5, 0.25], [1.0, -1.0]])
    assert f.gradient(W)[:, 1].tolist() == [1.0, -1.0]
    assert f.gradient(W)[:, 0] == pytest.approx([np.sinh(-0.5) + 0.25, -1.0], rel=1e-14)
    assert f.hessian(W)[1].tolist() == [[1.0, 1.0], [1.0, 2.0]]
    root = sp.nsolve(sp.sinh(x - 1) - x / 2, x, 1.5)
    assert f.minimizer == pytest.approx([float(root), -float(root) / 2], rel=1e-12)
    assert f.f_star == f.value(f.minimizer)
    assert (f.L, f.mu) == (9, 0.1)


def test_newton_reaches_the_minimiser_from_far_away():
    x = sp.Symbol("x")
    f = SmoothObjective.from_expression(sp.log(1 + sp.exp(x)) + sp.exp(-x), (x,), start=[15.0])
    assert abs(f.gradient(f.minimizer)[0]) < 1e-14


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: Quadratic([[1.0, 0.5], [0.0, 1.0]], [0, 0]), r"hessian=.*must be symmetric"),
        (lambda: Quadratic([[1.0]], [0, 0]), r"hessian.shape=\(1, 1\)"),
        (lambda: Quadratic([[float("nan")]], [0]), r"hessian\[0, 0\]=nan: must be finite"),
        (lambda: Quadratic([[-1.0]], [0]), r"negative eigenvalue"),
        (lambda: Quadratic(np.array([[Fraction(1)]]), [0, 0]), r"hessian.shape=\(1, 1\)"),
        (lambda: LeastSquares(np.ones((3, 2)), np.ones(2)), r"A.shape=\(3, 2\)"),
        (lambda: LeastSquares(np.ones((2, 2)), [1, float("inf")]), r"b\[1\]=inf"),
        (lambda: LeastSquares(np.ones((2, 2)), [1, 1], scale=0), r"scale=0: must be > 0"),
        (lambda: LeastSquares.gaussian(0, 2, 0.5, rng=0), r"rows=0"),
        (lambda: LeastSquares.gaussian(3, 2, 0.5, label_noise=-1, rng=0), r"label_noise=-1"),
        (lambda: SmoothObjective.from_expression(sp.Symbol("x") + sp.Symbol("z"), [sp.Symbol("x")]), r"has \['z'\]"),
        (lambda: SmoothObjective.from_expression(sp.exp(sp.Symbol("x")), [sp.Symbol("x")]), r"reaches a minimiser"),
    ],
)
def test_what_does_not_fit_is_rejected(build, says):
    with pytest.raises(ValueError, match=says):
        build()
