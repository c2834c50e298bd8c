"""The floor over sigma^2 S: predictions by hand, findings on data that are perfect or spoiled, and a small run."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from analog_theory.experiments.paper import analog_sgd_floor as experiment
from analog_theory.figures import analog_sgd_floor as figure


@pytest.fixture(scope="module")
def small():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(experiment, "DEPTHS", {"default": 6})
        yield experiment.data()


@pytest.fixture
def perfect(small):
    made = small.copy(deep=True)
    made["value"], made["half"] = made["predicted"].copy(), 0.01 * made["predicted"]
    made["excess"], made["excess_half"] = 0.0 * made["excess"] + ~made["kept"], 0.01 + 0.0 * made["excess"]
    made["ratio"] = 0.0 * made["ratio"] + np.minimum(1, made["stiffness"] ** 2)
    return made


def verdicts(ds):
    return [finding.agrees for finding in experiment.findings(ds)]


def test_floors_by_hand():
    noises = [noise for noise, _ in experiment.NOISES.values()]
    # two signs: sigma^2 S for every r; normal: (2/pi) sigma^2 S as r -> 0; rare: (2 sqrt(p (1 - p)))^2, p = 1/50
    assert experiment.predicted(noises[0], 0.5) == pytest.approx(1)
    assert experiment.predicted(noises[1], 1e-3) == pytest.approx(2 / np.pi, rel=1e-5)
    assert experiment.predicted(noises[2], 1e-3) == pytest.approx(4 * 0.02 * 0.98, rel=1e-2)


def test_the_curve_is_the_law_s_own_prediction(small):
    for name, (noise, _) in experiment.NOISES.items():
        at, r = small["curve"].sel(noise=name).values, float(experiment.CURVE[20])
        assert at[20] == pytest.approx(experiment.predicted(noise, r), rel=1e-9)


def test_the_rare_noise_has_the_same_variance():
    noise, p = experiment.NOISES["rare"]
    up, down = (float(point) for point in (7 / 2, -1 / 14))
    assert p * up + (1 - p) * down == pytest.approx(0)
    assert p * up**2 + (1 - p) * down**2 == pytest.approx(experiment.STD**2)
    assert [float(x) for x in np.ravel(noise.points)] == pytest.approx([up, down])


def test_perfect_data_agree(perfect):
    assert verdicts(perfect) == [True, True, True]


@pytest.mark.parametrize("factor", [0.9, 1.1])
def test_another_floor_is_noticed(perfect, factor):
    perfect["value"][1, 2] *= factor
    assert verdicts(perfect)[0] is False


def test_another_second_moment_and_a_ratio_below_the_bound_are_noticed(perfect):
    spoiled = perfect.copy(deep=True)
    spoiled["excess"][1, 1] = 0.1
    assert verdicts(spoiled)[1] is False
    perfect["ratio"][0, 2], perfect["ratio_half"][0, 2] = 0.2, 0.01
    assert verdicts(perfect)[1] is False


def test_one_step_size_is_beyond_the_condition(small):
    assert int((~small["kept"]).sum()) == 1
    assert not bool(small["kept"].sel(stiffness=0.5, step=0.4))


def test_a_small_run_is_drawn(small):
    assert np.isfinite(small["value"]).all()
    drawn = figure.draw(small)
    assert len(drawn.axes) == 2
    plt.close(drawn)
