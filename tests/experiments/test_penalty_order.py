"""The order of the error of Wt*: hand-derived orders and constants for the cases that allow it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from analog_theory.experiments.paper import penalty_order


@pytest.fixture(scope="module")
def measured() -> penalty_order.xr.Dataset:
    return penalty_order.data()


def test_orders_by_hand(measured: penalty_order.xr.Dataset) -> None:
    # odd R and noise of even density leave no second-order term; c_lin bends R, one-sided noise tilts E|a + xi|, and a
    # third derivative bends the gradient: each of these brings it back; Rademacher noise makes T linear for linear R
    expected = {
        "linear, Gaussian": 3,
        "power, Gaussian": 3,
        "exponential, Gaussian": 3,
        "linear c = 0.2, Gaussian": 2,
        "linear, one-sided noise": 2,
        "linear, Gaussian, exp. loss": 2,
        "power, Rademacher": 3,
        "linear, Rademacher": math.inf,
    }
    assert dict(zip(measured["case"].values.tolist(), measured["order"].values.tolist(), strict=True)) == expected


def test_the_constant_of_linear_response_and_gaussian_noise_by_hand(measured: penalty_order.xr.Dataset) -> None:
    # T = a + E|a + xi| w/2 with a = w - w*, E|a + xi| = S + phi a^2 + ..., S = sqrt(2/pi), phi = 1/sqrt(2 pi)
    # Wt* = delta/(1 + S/2): there T = phi a^2 Wt*/2, and root - Wt* = -T/(1 + S/2)
    s, phi = math.sqrt(2 / math.pi), 1 / math.sqrt(2 * math.pi)
    k = 1 + s / 2
    by_hand = -(phi * (1 / k - 1) ** 2 * (1 / k) / 2) / k
    assert float(measured["coefficient"].sel(case="linear, Gaussian")) == pytest.approx(by_hand, rel=1e-12)


def test_measured_errors_follow_the_predicted_term(measured: penalty_order.xr.Dataset) -> None:
    finite = measured.isel(case=np.flatnonzero(np.isfinite(measured["order"])))
    # at the smallest distance the next order is a factor delta smaller; the constants of this test are of order 1
    delta = float(measured["delta"].min())
    predicted = abs(finite["coefficient"]) * delta ** finite["order"]
    assert finite["error"].sel(delta=delta).values == pytest.approx(predicted.values, rel=5 * delta)


def test_slope_ignores_errors_at_rounding() -> None:
    sizes = np.array([d**2 for d in penalty_order.DELTAS[:-2]] + [1e-16, 1e-16])
    assert penalty_order.slope(sizes) == pytest.approx(2.0, abs=1e-9)
    assert math.isnan(penalty_order.slope(np.zeros(len(penalty_order.DELTAS))))
