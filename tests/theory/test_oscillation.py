"""The limit cycle of a buffer without a threshold, against the loop itself."""

from __future__ import annotations

import numpy as np
import pytest
from analog_theory import ResidualLearning, Schedule
from analog_theory.theory.buffered import BufferedResidualLearning
from analog_theory.theory.floors import Coordinate
from analog_theory.theory.oscillation import limit_cycle

RULE = BufferedResidualLearning(alpha=0.05, beta=0.01, gamma=0.4)


def swing(minimizer, dw_min, std=0.25, rows=200, steps=4000, first=1500):
    """Mean and standard deviation of W and H over rows and time."""
    rng = np.random.default_rng(1)
    W, P, H = np.full(rows, minimizer), np.zeros(rows), np.zeros(rows)
    sums = np.zeros((4, rows))
    for step in range(steps):
        g = W + 0.4 * P - minimizer + std * rng.standard_normal(rows)
        P = P - 0.05 * g - 0.05 * abs(g) * P
        H = 0.99 * H + 0.01 * P
        W = W + dw_min * np.sign(H) - dw_min * W
        if step >= first:
            sums += W, W**2, H, H**2
    means = sums.mean(1) / (steps - first)
    return means[[0, 2]], np.sqrt(means[[1, 3]] - means[[0, 2]] ** 2)


@pytest.mark.parametrize("dw_min", [0.005, 0.02])
def test_around_the_symmetric_point_the_amplitude_is_that_of_the_loop(dw_min):
    _, spread = swing(0.0, dw_min)
    found = limit_cycle(RULE, Coordinate(1.0, 0.0, 0.25, 1.0), dw_min)
    # the fundamental is 8/pi^2 of a triangle's amplitude, 0.986 of its spread; noise makes the rest
    assert np.sqrt(found.covariance[[0, 2], [0, 2]]) == pytest.approx(spread, rel=0.06)
    assert found.mean == pytest.approx([0, 0, 0], abs=1e-6)


def test_off_the_symmetric_point_it_is_lopsided():
    mean, spread = swing(0.5, 0.01)
    found = limit_cycle(RULE, Coordinate(1.0, 0.5, 0.25, 1.0), 0.01)
    # the even harmonics that are left out: a fifth of the amplitude; the means to a tenth
    assert np.sqrt(found.variance) == pytest.approx(spread[0], rel=0.2)
    assert found.mean[[0, 2]] == pytest.approx(mean, rel=0.1)


def test_what_is_not_a_relay_is_rejected():
    with pytest.raises(ArithmeticError, match="more than one pulse"):
        limit_cycle(RULE, Coordinate(1.0, 0.0, 0.25, 1e6), 0.01)
    place = Coordinate(1.0, 0.0, 0.25, 1.0)
    for rule in (ResidualLearning(0.1, 0.1, 0.1), BufferedResidualLearning(0.1, 0.1, 0.1, transfer=Schedule(every=2))):
        with pytest.raises(ValueError, match="BufferedResidualLearning"):
            limit_cycle(rule, place, 0.01)
    with pytest.raises(ValueError, match="dw_min=0"):
        limit_cycle(RULE, place, 0.0)
