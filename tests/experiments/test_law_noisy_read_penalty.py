"""The laws of noisy reading held by their checks, and the checks held to notice what is wrong."""

from __future__ import annotations

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from analog_theory.experiments.laws import held
from analog_theory.experiments.laws.noisy_read_penalty import SCALES, extrapolated, measured
from analog_theory.experiments.paper import noisy_reading as figure_data
from analog_theory.figures import noisy_reading as figure
from analog_theory.theory.laws import law
from analog_theory.theory.laws.noisy_read_penalty import SLOW, devices_of, residual_array

READ, BUFFER = law("noisy-read-penalty"), law("buffer-radius")
QUICK = {"reading": 0.2, "beta": 0.008, "w_star": -0.6}


def reading_points(count):
    """Parameters at random, every second with gradient noise; the seed is fixed, so a run cannot fail by chance.

    The last quarter is at the edge of what counts as a slow transfer, or has W near its bound.
    """
    rng = np.random.default_rng(5)
    for k in range(count):
        given = {
            "reading": rng.uniform(0.05, 0.3),
            "gamma": rng.uniform(0.2, 0.8),
            "w_star": rng.choice([-1, 1]) * rng.uniform(0.3, 0.7),
            "c_lin": rng.uniform(-0.2, 0.2),
            "alpha": rng.uniform(0.3, 0.8),
        }
        if k % 2:
            given |= {"sigma": rng.uniform(0.1, 0.3), "alpha": rng.uniform(0.1, 0.3), "tau_P": rng.uniform(1, 2)}
        near = k >= 3 * count // 4
        if near and not k % 2:
            given["w_star"] = 0.93 * np.sign(given["w_star"])
        inputs = READ.inputs(given)
        P = residual_array(inputs, devices_of(inputs)[1])
        yield {**given, "beta": (0.98 if near else rng.uniform(0.5, 0.8)) * SLOW * P.mixing * (1 - P.memory)}


@pytest.fixture(scope="module")
def quick():
    """The prediction and what is measured at one point."""
    inputs = READ.inputs(QUICK)
    made = READ.predicts(inputs)
    return made, held("noisy-read-penalty", made, inputs)


def test_the_bias_is_in_its_interval(quick):
    assert all(one.inside and one.sharp for one in quick[1].values())


@pytest.mark.parametrize("factor", [1.1, 1 / 1.1, -1, QUICK["reading"], 0.2])
def test_a_wrong_constant_sign_power_or_the_printed_factor_is_noticed(quick, factor):
    made, found = quick
    assert not replace(found["bias_W"], predicted=factor * made.values["bias_W"]).inside


def test_the_linearised_bias_is_told_from_the_root(quick):
    made, found = quick
    assert not replace(found["bias_W"], predicted=made.values["bias_W_linearised"]).inside


def test_nothing_is_simulated_without_noise():
    assert measured(READ.inputs({"reading": 0})) == {}


def test_the_limit_of_a_parabola_is_exact():
    values = [np.array([[[1 + 2 * t - t**2 + 0.1 * e for e in (-1, 1)]], [[9.0, 9.0]]]) for t in SCALES]
    assert extrapolated(values, 1)[0].value == pytest.approx(1.0)


@pytest.mark.slow
@pytest.mark.parametrize("given", list(reading_points(20)))
def test_the_bias_holds_at_drawn_points(given):
    inputs = READ.inputs(given)
    made = READ.predicts(inputs)
    assert made.valid
    found = held("noisy-read-penalty", made, inputs, seed=3)
    assert {n: (one.predicted, one.measured) for n, one in found.items() if not (one.inside and one.sharp)} == {}


@pytest.mark.slow
def test_a_wrong_power_of_alpha_is_noticed():
    inputs = READ.inputs({"alpha": 0.1, "sigma": 0.4, "beta": 0.002, "reading": 0.02})
    made = READ.predicts(inputs)
    found = held("noisy-read-penalty", made, inputs)
    assert found["bias_W"].inside
    for power in (0.5, 2):
        wrong = READ.predict(**{**inputs, "device": None, "sigma": 0.4 * 0.1 ** ((power - 1) / 2)}).values["bias_W"]
        assert not replace(found["bias_W"], predicted=wrong).inside


def buffer_points():
    """20 points, the last five with a rate near 2 or a slow P."""
    rng = np.random.default_rng(8)
    plain = [
        (rng.uniform(0.05, 1.7), rng.uniform(0.05, 0.5), rng.choice([0.0, 0.3]), rng.uniform(-0.8, 0.9))
        for _ in range(15)
    ]
    edge = [
        (b, 0.2, std, memory)
        for b, std, memory in ((1.9, 0, 0), (1.95, 0.2, 0.5), (1.97, 0.1, -0.9), (0.02, 0.3, 0.97), (1.98, 0, 0))
    ]
    return [
        dict(zip(("buffer", "reading", "std_P", "memory_P"), map(float, point), strict=True)) for point in plain + edge
    ]


@pytest.mark.parametrize("given", [{"std_P": 0.2, "memory_P": 0.7}])
def test_the_buffer_holds_at_one_point_and_wrong_constants_are_noticed(given):
    inputs = BUFFER.inputs(given)
    made = BUFFER.predicts(inputs)
    found = held("buffer-radius", made, inputs)
    assert all(one.inside and one.sharp for one in found.values())
    for name, one in found.items():
        for factor in (1.1, 1 / 1.1, -1, inputs["buffer"] ** 0.5):
            assert not replace(one, predicted=factor * made.values[name]).inside


@pytest.mark.slow
@pytest.mark.parametrize("given", buffer_points())
def test_the_buffer_holds_at_drawn_points(given):
    inputs = BUFFER.inputs(given)
    made = BUFFER.predicts(inputs)
    found = held("buffer-radius", made, inputs, seed=1)
    assert {n: (one.predicted, one.measured) for n, one in found.items() if not (one.inside and one.sharp)} == {}


@pytest.mark.slow
def test_the_figure_bears_its_findings_out_and_notices_spoiled_data():
    ds = figure_data.data()
    assert [finding.agrees for finding in figure_data.findings(ds)] == [True, False, True, True]
    spoiled = ds.assign(limit=ds["limit"] * 1.1, radius=ds["radius"] * 1.1)
    assert [finding.agrees for finding in figure_data.findings(spoiled)] == [False, False, True, False]
    drawn = figure.draw(ds)
    assert "5 times as far" in drawn.get_suptitle()
    plt.close(drawn)
