"""Moments of what is sent, against quadrature, pulses fired one by one, and a walk taken step by step."""

from __future__ import annotations

import numpy as np
import pytest
from analog_theory.theory.increments import Grain, onset, pulsed_sent, smooth_sent, threshold

NODES = np.linspace(-10, 10, 400_001)
WEIGHTS = np.exp(-(NODES**2) / 2) / np.exp(-(NODES**2) / 2).sum()


def expected(values) -> float:
    return float(WEIGHTS @ values)


@pytest.mark.parametrize(("mean", "std"), [(0.0, 1.0), (0.3, 0.5), (-2.0, 0.7), (0.01, 2.0)])
def test_moments_of_a_smooth_increment(mean, std):
    X = mean + std * NODES
    # the kink of |X| costs the rule the square of its spacing, 2.5e-9, times the density
    wanted = [expected(X), expected(abs(X)), 1.0, expected(np.sign(X)), expected(X**2), expected(X * abs(X)), 0.0]
    wanted[3] = expected(abs(X) * NODES) / std
    assert smooth_sent(mean, std) == pytest.approx(wanted, abs=1e-7)


def pulses_on_a_linear_device(X, dw_min, tau):
    """What the pulses of each X move a weight at 0 by, fired one after another: w <- w + dw_min (1 - w/tau)."""
    counts = np.ceil(abs(X) / dw_min).astype(int)
    moved, w = np.zeros(counts.max() + 1), 0.0
    for n in range(1, counts.max() + 1):
        w += dw_min * (1 - w / tau)
        moved[n] = w
    return np.sign(X) * moved[counts], counts


@pytest.mark.parametrize(("mean", "std", "dw_min"), [(0.0, 0.1, 0.03), (0.05, 0.1, 0.2), (-0.3, 0.1, 0.04)])
def test_moments_of_pulses(mean, std, dw_min):
    q, counts = pulses_on_a_linear_device(mean + std * NODES, dw_min, 1.0)
    gains = [expected(q * NODES) / std, expected(abs(q) * NODES) / std]
    wanted = [expected(q), expected(abs(q)), *gains, expected(q**2), expected(q * abs(q)), expected(counts)]
    # a jump costs the rule its spacing, 5e-5, times the density of a jump
    assert pulsed_sent(mean, std, dw_min, 1.0) == pytest.approx(wanted, rel=1e-3, abs=1e-5)


def test_pulses_far_below_the_increment_are_smooth_and_far_above_it_a_relay():
    fine, plain = pulsed_sent(0.1, 0.2, 1e-5, 1e6), smooth_sent(0.1, 0.2)
    assert fine[:6] == pytest.approx(plain[:6], abs=2e-5)  # rounding up adds dw_min/2 to |X|
    relay = pulsed_sent(0.0, 1e-3, 0.1, 1e6)
    assert (relay.size, relay.gain) == pytest.approx((0.1, 0.1 * np.sqrt(2 / np.pi) / 1e-3), rel=1e-6)


def test_the_onset_of_cycle_variation_by_hand():
    # one pulse an update: variance dw_min^2 against dw_min^2 sigma_c^2
    assert onset(pulsed_sent(0.0, 1e-4, 0.01, 1e6), 0.01) == pytest.approx(1, rel=1e-6)
    # many: std^2 against dw_min E|X| sigma_c^2, E|X| = std sqrt(2/pi); rounding up is of relative order dw_min/std
    assert onset(pulsed_sent(0.0, 0.1, 1e-4, 1e6), 1e-4) == pytest.approx(np.sqrt(1000 * np.sqrt(np.pi / 2)), rel=2e-3)
    with pytest.raises(ValueError, match=r"sent\.pulses"):
        onset(smooth_sent(0.0, 1.0), 0.1)


def test_what_a_buffer_holds_in_both_limits():
    # a diffusion that starts again at the middle: a triangle, variance 1/6; a drift: uniform up to the threshold, 1/3
    diffusing, drifting = threshold(0.0, 1e-9, 1e-3, 1.0), threshold(0.0, 1.0, 1e-3, 1.0)
    assert diffusing.square == pytest.approx(1 / 6, rel=2e-3)
    assert drifting.square == pytest.approx(1 / 3, rel=1e-2)
    # with a drift that dominates E|pulse| is |v|, whose gain at v ~ N(m, s^2) is erf(m / (s sqrt 2)): 0.6827 at m = s
    assert threshold(1.0, 1.0, 1e-3, 1.0).size_gain == pytest.approx(0.6827, abs=1e-3)


@pytest.mark.parametrize(("drift", "fast"), [(0.0, 0.1), (0.01, 0.1), (0.03, 0.05)])
def test_a_buffer_step_by_step(drift, fast):
    """20 000 walks of 400 steps; the law leaves out terms of relative order fast/dw_min, which is 0.1."""
    rng = np.random.default_rng(5)
    H, squares = np.zeros(20_000), []
    for step in range(600):
        H = H + drift + fast * rng.standard_normal(H.size)
        H -= (abs(H) >= 1.0) * np.sign(H)
        if step >= 200:
            squares.append((H**2).mean())
    assert threshold(drift, 1e-6, fast, 1.0).square == pytest.approx(np.mean(squares), rel=0.1)


@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan"), float("inf")])
def test_bad_input(bad):
    for call in (
        lambda: Grain(bad),
        lambda: smooth_sent(0.0, bad),
        lambda: pulsed_sent(0.0, 1.0, bad, 1.0),
        lambda: pulsed_sent(0.0, bad, 0.1, 1.0),
        lambda: threshold(0.0, bad, 1.0, 1.0),
        lambda: threshold(0.0, 1.0, bad, 1.0),
        lambda: threshold(0.0, 1.0, 1.0, bad),
    ):
        with pytest.raises(ValueError, match="must be > 0"):
            call()
    with pytest.raises(ValueError, match="dw_min=2"):
        pulsed_sent(0.0, 1.0, 2.0, 1.0)
    with pytest.raises(ValueError, match="sigma_c=-1"):
        Grain(0.1, -1.0)
