"""The law of Residual Learning's stability held by its check, and the check held to notice what is wrong."""

from __future__ import annotations

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from analog_theory.experiments.laws import held
from analog_theory.experiments.laws.residual_stability import Local, quadratic
from analog_theory.experiments.paper import residual_stability as figure_data
from analog_theory.figures import residual_stability as figure
from analog_theory.theory.algorithm import ResidualLearning
from analog_theory.theory.laws import law
from analog_theory.theory.laws.residual_stability import edges, local_gains
from analog_theory.theory.response import linear

NAME = "residual-stability"
LAW = law(NAME)
QUICK = {"beta": 0.9, "gamma": 0.3, "alpha": 0.8, "w_star": -0.4, "mu": 0.4}


def drawn(count):
    """Parameters at random; the seed is fixed, so that a run cannot fail by chance."""
    rng = np.random.default_rng(11)
    for _ in range(count):
        alpha, gamma = rng.uniform(0.2, 1.0), rng.uniform(0.1, 0.7)
        yield {
            "alpha": alpha,
            "gamma": gamma,
            "beta": rng.uniform(0.02, 2.5) / alpha,
            "w_star": rng.uniform(-0.6, 0.6),
            "c_lin": rng.uniform(-0.2, 0.2),
            "c_lin_P": rng.choice([0.0, rng.uniform(-0.2, 0.2)]),
            "mu": rng.uniform(0.1, 0.5),
        }


def at_the_edge(given):
    """The same with beta within a few per cent of where it begins to grow."""
    inputs = LAW.inputs(given)
    edge = edges(local_gains(inputs), 1.0, inputs["alpha"], inputs["gamma"]).stable
    return {**given, "beta": edge * (0.97 if given["w_star"] > 0 else 1.03)}


POINTS = list(drawn(20))


@pytest.fixture(scope="module")
def quick():
    """The prediction and what is measured at one point."""
    inputs = LAW.inputs(QUICK)
    made = LAW.predicts(inputs)
    return made, held(NAME, made, inputs)


def test_the_law_holds_at_one_point(quick):
    assert all(one.inside and one.sharp for one in quick[1].values())
    assert set(quick[1]) >= {"growth_rate", "turns", "largest_beta", "oscillation_beta", "fastest_rate"}


@pytest.mark.parametrize("value", ["growth_rate", "turns", "largest_beta", "oscillation_beta", "fastest_rate"])
@pytest.mark.parametrize("factor", [1.1, 1 / 1.1, -1])
def test_a_wrong_constant_or_sign_is_noticed(quick, value, factor):
    made, measured = quick
    assert not replace(measured[value], predicted=factor * made.values[value]).inside


def test_a_wrong_power_of_alpha_is_noticed(quick):
    made, measured = quick
    wrong = made.values["oscillation_beta"] * QUICK["alpha"]
    assert not replace(measured["oscillation_beta"], predicted=wrong).inside


def test_the_modes_radius_in_the_place_of_growth_is_noticed():
    """At alpha h gamma = 1/10 and alpha h beta = 12/5, where it grows though all modes contract."""
    device = linear(1)
    run = Local(quadratic(1.0, 0.5), device, device).run(ResidualLearning(1.0, 2.4, 0.1), 600, 0)
    made = LAW.predict(alpha=1.0, beta=2.4, gamma=0.1, w_star=0.5, mu=1.0).values
    assert run.growth()[0] == pytest.approx(made["growth_rate"], rel=1e-4)
    assert run.growth()[0] > 1 > max(made["mode_radii"])
    assert made["growth_rate"] <= made["growth_bound"] <= made["joint_bound"]


@pytest.mark.slow
@pytest.mark.parametrize("given", [*POINTS[:15], *map(at_the_edge, POINTS[15:])])
def test_the_law_holds_at_drawn_points(given):
    inputs = LAW.inputs(given)
    made = LAW.predicts(inputs)
    found = held(NAME, made, inputs, seed=1)
    assert {name: (one.predicted, one.measured) for name, one in found.items() if not (one.inside and one.sharp)} == {}


@pytest.mark.slow
def test_the_figure_bears_its_findings_out_and_notices_spoiled_data():
    ds = figure_data.data()
    assert [finding.agrees for finding in figure_data.findings(ds)] == [True] * 4
    spoiled = ds.assign(measured=ds["measured"] * 1.01, fastest=ds["fastest"] ** 2, edges=ds["edges"] * 1.1)
    assert [finding.agrees for finding in figure_data.findings(spoiled)] == [False, True, False, False]
    drawn = figure.draw(ds)
    assert "1.15 a step" in drawn.get_suptitle()
    plt.close(drawn)
