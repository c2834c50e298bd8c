"""The law of one pulsed update against sums over all pulse numbers, and what findings say of made-up peers."""

from __future__ import annotations

import numpy as np
import pytest
from analog_theory.experiments.paper import single_update
from scipy import stats

ROW = {
    "tau": "1.0",
    "dw_min": "0.01",
    "pulse_type": "stochastic_compressed",
    "desired_bl": "8",
    "update_bl_management": "1",
    "x_rel": "0.4",
    "w0_over_tau": "-0.3",
    "dw_over_dwmin": "2.3",
    "n_trials": "20000",
}


@pytest.mark.parametrize(
    ("dw", "managed", "slots", "p"),
    [("2.3", "1", 6, 0.4 * 5.75 / 6), ("-2.3", "0", 8, 0.4 * 5.75 / 8), ("20.0", "1", 8, 0.4)],
)
def test_the_law_is_a_sum_over_pulse_numbers(dw, managed, slots, p):
    """k = 2.3/0.4 = 5.75 of the largest column; n pulses one after another, weighted with the binomial law."""
    n, w, sign = np.arange(slots + 1), np.full(slots + 1, -0.3), np.sign(float(dw))
    for pulse in range(slots):
        w = np.where(n > pulse, w + sign * 0.01 * (1 - sign * w), w)
    weight = stats.binom.pmf(n, slots, p)
    mean = weight @ (w + 0.3)
    found = single_update.law(ROW | {"dw_over_dwmin": dw, "update_bl_management": managed})
    assert found == pytest.approx((mean, weight @ (w + 0.3 - mean) ** 2), rel=1e-9)


def test_the_peers_table_is_told_as_it_is():
    agrees = [finding.agrees for finding in single_update.findings(single_update.data())]
    assert agrees == [True, True, False]


def test_a_mean_that_is_off_is_seen():
    ds = single_update.data()
    ds["peer_mean"][7] *= 1.1
    ds["peer_variance"] = ds["variance"]
    assert [finding.agrees for finding in single_update.findings(ds)] == [False, True, True]
