"""The critical asymmetry of Tiki-Taka on interpolating data: by hand in one and two dimensions, and by its own flow."""

from __future__ import annotations

import numpy as np
import pytest
from analog_theory.theory.interpolation import critical_ratio


@pytest.mark.parametrize("samples", [[[1.0]], [[2.0], [-0.5], [3.0]], [[-1.0], [1.0]]])
def test_one_weight_bears_any_asymmetry_below_1(samples):
    # h v + r h |v| = 0 with h = mean a^2: v < 0 and r = 1
    found = critical_ratio(samples)
    assert (found.ratio, found.lower) == pytest.approx((1, 1), abs=1e-14)
    assert found.direction[0] == -1


def test_separate_weights_are_one_weight_each():
    # rows on the axes: H diagonal, each coordinate by itself
    found = critical_ratio([[2.0, 0.0], [0.0, 1.0]])
    assert found.ratio == pytest.approx(1, abs=1e-12)


def test_two_correlated_weights_by_hand():
    # rows (1, e) and (1, -e): H = diag(1, e^2), |a| = (1, e) for both. With p = a_1.v, m = a_2.v:
    # v_1 + r s = 0, e^2 v_2 + r e s = 0 with s = (|p| + |m|)/2; so v = -r s (1, 1/e), p = -2 r s, m = 0, s = r s: r = 1
    found = critical_ratio([[1.0, 0.25], [1.0, -0.25]])
    assert found.ratio == pytest.approx(1, abs=1e-12)
    assert found.direction == pytest.approx(-np.array([1, 4]) / np.sqrt(17), abs=1e-12)


def all_rays_in_the_plane(A):
    """Ratios r of all solutions with two weights: sign changes of the cross product of H v and m(v) over the angle."""
    angles = np.linspace(0, 2 * np.pi, 200_001)
    v = np.stack([np.cos(angles), np.sin(angles)])
    Hv, m = A.T @ A @ v, np.abs(A).T @ np.abs(A @ v)
    cross, along = Hv[0] * m[1] - Hv[1] * m[0], (Hv * m).sum(0)
    at = np.flatnonzero(np.signbit(cross[:-1]) != np.signbit(cross[1:]))
    return [np.hypot(*Hv[:, k]) / np.hypot(*m[:, k]) for k in at if along[k] < 0]


@pytest.mark.parametrize("seed", range(10))
def test_the_smallest_ray_in_the_plane_is_found(seed):
    A = random_samples(seed, 6, 2) + np.array([1.0, 0.5])
    # the scan's step of 3e-5 in the angle, times the slope of a ratio of smooth functions of order 10
    assert critical_ratio(A).ratio == pytest.approx(min(all_rays_in_the_plane(A)), rel=1e-3)


def random_samples(seed, rows=30, dim=8):
    return np.random.default_rng(seed).standard_normal((rows, dim))


@pytest.mark.parametrize("seed", range(4))
def test_the_solution_solves_and_is_bracketed(seed):
    A = random_samples(seed)
    found = critical_ratio(A)
    H = A.T @ A / len(A)
    left = H @ found.direction + found.ratio * np.abs(A).T @ np.abs(A @ found.direction) / len(A)
    assert np.abs(left).max() < 1e-11
    assert found.lower <= found.ratio < 1
    assert found.residual < 1e-10


@pytest.mark.parametrize("seed", range(4))
def test_the_flow_shrinks_below_the_ratio_and_grows_above(seed):
    """The definition's other side: the motion of W itself, from the ray and from random points."""
    A = random_samples(seed)
    found = critical_ratio(A)
    H, sizes = A.T @ A / len(A), np.abs(A).T / len(A)
    starts = np.random.default_rng(7).standard_normal((3, A.shape[1]))

    def grown(r, v):
        size = np.linalg.norm(v)
        for _ in range(10_000):
            v = v - 0.05 * (H @ v + r * (sizes @ np.abs(A @ v)))
        return np.linalg.norm(v) / size

    assert grown(1.02 * found.ratio, found.direction) > 1
    assert max(grown(0.98 * found.ratio, v) for v in (found.direction, *starts)) < 1


def test_samples_that_leave_weights_free_are_refused():
    with pytest.raises(ValueError, match=r"A=\(1, 2\): must have as many independent rows as columns"):
        critical_ratio([[1.0, 2.0]])
    with pytest.raises(ValueError, match=r"A\[0, 1\]=nan: must be finite"):
        critical_ratio([[1.0, np.nan]])
