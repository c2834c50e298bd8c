import importlib

import matplotlib.pyplot as plt
import numpy as np
import pytest
from analog_theory.experiments.paper import figure_1, figure_3, figure_6

EXPERIMENTS = (figure_1, figure_3, figure_6)


@pytest.fixture(scope="module", params=EXPERIMENTS, ids=lambda m: m.__name__.rpartition(".")[2])
def experiment(request):
    return request.param


@pytest.fixture(scope="module")
def ds(experiment):
    return experiment.data()


def test_the_data_are_the_same_every_time(experiment, ds):
    assert experiment.data().identical(ds)


def test_the_figure_draws_with_a_title_from_the_data(experiment, ds):
    name = experiment.__name__.rpartition(".")[2]
    figure = importlib.import_module(f"analog_theory.figures.{name}").draw(ds)
    figure.canvas.draw()
    assert len(figure.get_suptitle()) > 30
    plt.close(figure)


def test_the_ideal_curve_is_a_triangle_and_the_linear_one_relaxes_geometrically():
    ds = figure_1.data()
    pulses = figure_1.PULSES
    triangle = 1 - abs(np.arange(2 * pulses + 1) - pulses) * 2 / pulses
    # 800 additions of numbers below 1
    np.testing.assert_allclose(ds["weight"].sel(device="ideal"), triangle, rtol=0, atol=800 * 2**-53)
    # w <- w + d (1 + c)(1 - w) contracts 1 - w by 1 - d (1 + c)
    by_hand = 1 - 2 * (1 - 0.005 * 1.2) ** np.arange(pulses + 1)
    np.testing.assert_allclose(ds["weight"].sel(device="asymmetric")[: pulses + 1], by_hand, rtol=0, atol=800 * 2**-53)


def test_a_curve_with_other_slopes_is_not_found_to_agree():
    ds = figure_1.data()
    ds["response"] = 1.1 * ds["response"]
    assert figure_1.findings(ds)[0].agrees is False


def test_the_linear_pair_leaves_the_class_at_the_bound():
    by_claim = {finding.claim: finding for finding in figure_3.findings(figure_3.data())}
    closed = by_claim["all three pairs lie in Definition 1 on the whole closed dynamic range"]
    assert (closed.agrees, closed.evidence) == (False, "q_plus(1) = 0, not > 0")


def test_a_missed_symmetric_point_is_noticed():
    ds = figure_3.data()
    ds["symmetric_point"][-1, 0] = np.nan
    assert figure_3.findings(ds)[-1].agrees is False
