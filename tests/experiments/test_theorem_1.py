"""The measured limit of Analog SGD: control variate, intervals and slope, each on data with known answers."""

from __future__ import annotations

import numpy as np
import pytest
from analog_theory.experiments.paper import theorem_1


def test_the_control_variate_removes_what_the_two_share_and_no_more() -> None:
    rng = np.random.default_rng(0)
    shared = rng.standard_normal((400, 4))
    own = 0.01 * rng.standard_normal((400, 4))
    control = theorem_1.MINIMIZER + shared
    means = 7.0 + shared @ np.diag([1.0, -2.0, 0.5, 3.0]) + own
    left = theorem_1.controlled(means, control)
    # what is left is the own part: mean 7 within 5 standard errors (0.01/20), spread that of the own part within 20 %
    assert np.all(np.abs(left.mean(0) - 7.0) < 5 * 0.01 / 20)
    assert left.std(0) == pytest.approx(0.01, rel=0.2)


def test_the_slope_of_a_power_of_alpha_is_its_exponent() -> None:
    rates = np.array(theorem_1.ALPHAS)
    deviation = (rates**1.5)[:, None] * np.array([1.0, -2.0, 0.0, 3.0])
    per_seed = np.repeat(deviation[:, None, :], 64, axis=1)
    slope, half = theorem_1._slope_interval(per_seed, np.zeros(4))
    assert slope == pytest.approx(1.5, abs=1e-12)
    assert half == pytest.approx(0.0, abs=1e-9)


@pytest.fixture(scope="module")
def short_run() -> theorem_1.xr.Dataset:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(theorem_1, "STDS", (0.5,))
        patch.setattr(theorem_1, "DEPTHS", {"default": (64, 4_000)})
        return theorem_1.data()


def test_the_limit_is_the_root_of_t_and_not_the_minimizer(short_run: theorem_1.xr.Dataset) -> None:
    # 24 coordinates, each within twice its 99 % half-width (5 standard errors: a false alarm in 24 of 1e-5)
    off = abs(short_run["limit"] - short_run["fixed_point"])
    assert bool((off <= 2 * short_run["limit_half"]).all())
    assert float(theorem_1.relative_miss(short_run, "minimizer").min()) > 0.5


def test_a_wrong_root_is_told_apart(short_run: theorem_1.xr.Dataset) -> None:
    wrong = short_run["minimizer"] + 1.05 * (short_run["fixed_point"] - short_run["minimizer"])
    assert bool((abs(short_run["limit"] - wrong) > 2 * short_run["limit_half"]).any())
