"""Bounds, counting and the pulse cap, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from analog_theory.experiments.hardware import Bounds, PulseCap, Smooth
from analog_theory.theory.response import ideal, linear, power

IDEAL = ideal()


def _bounds(low=-1.0, high=1.0, rows=2):
    return Bounds(low, high, np.zeros(rows, dtype=np.int64))


def test_inside_the_range_weights_pass_untouched():
    bounds, w = _bounds(), np.array([[0.5, -1.0], [1.0, 0.0]])
    assert bounds.stop(w) is w
    assert (bounds.stopped.tolist(), bounds.applied) == ([0, 0], 1)


def test_updates_that_would_leave_stop_at_the_bound_and_are_counted_by_row():
    """Ideal elements: 0.5 + 0.75 and -0.5 - 0.75 stop at 1 and -1; then 1 - 0.5 leaves the bound again."""
    bounds = _bounds()
    update = Smooth().update(IDEAL, bounds)
    increments = [np.array([[0.75, -0.75], [0.0, 0.25]]), np.array([[-0.5, 0.0], [0.0, 0.0]])]
    after = update(np.array([[0.5, -0.5], [0.0, 0.5]]), increments)
    assert after.tolist() == [[0.5, -1.0], [0.0, 0.75]]
    assert (bounds.stopped.tolist(), bounds.applied) == ([2, 0], 2)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_a_number_is_never_clipped(bad):
    with pytest.raises(FloatingPointError):
        _bounds().stop(np.array([[0.0, bad], [2.0, 0.0]]))


def test_smooth_follows_the_response():
    """The linear device with tau = 2 at w = 1: up 0.5 moves by 0.5 (1 - 1/2), down 0.5 by 0.5 (1 + 1/2)."""
    update = Smooth().update(linear(tau=2), _bounds(-2.0, 2.0))
    assert update(np.array([[1.0, 1.0]]), [np.array([[0.5, -0.5]])]).tolist() == [[1.25, 0.25]]


@pytest.mark.parametrize("tau", [0.3, 0.7, 3.5])
def test_a_device_stands_at_its_very_bound(tau):
    """(1 - w/tau)^g must not see a base below 0 by rounding: up pulses stay at the bound, down pulses leave it."""
    device = power(tau=tau, gamma_res=0.5)
    high = float(device.tau_max)
    update = Smooth().update(device, _bounds(-high, high))
    after = update(np.array([[high, high]]), [np.array([[0.1, -0.1]])])
    assert after[0] == pytest.approx([high, high - 0.1 * np.sqrt(2)], rel=1e-12)


def test_pulse_cap_shrinks_a_large_increment_in_proportion():
    """8 pulses of 1/16 reach 1/2: (2, -1) becomes (1/2, -1/4), (1/4, 0) and 0 stay as they are."""
    cap = PulseCap(bl_max=8, dw_min=1 / 16)
    increments = np.array([[2.0, -1.0], [0.25, 0.0], [0.0, 0.0]])
    assert cap.capped(increments).tolist() == [[0.5, -0.25], [0.25, 0.0], [0.0, 0.0]]
    after = cap.update(IDEAL, _bounds(rows=3))(np.zeros((3, 2)), [increments, increments])
    assert after.tolist() == [[1.0, -0.5], [0.5, 0.0], [0.0, 0.0]]


@pytest.mark.parametrize(
    ("build", "says"),
    [(lambda: PulseCap(0, 1e-4), r"bl_max=0"), (lambda: PulseCap(8, 0.0), r"dw_min=0.0: must be > 0")],
)
def test_parameters_out_of_range_are_rejected(build, says):
    with pytest.raises(ValueError, match=says):
        build()
