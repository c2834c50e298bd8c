"""Elements with parameters of their own, and references that are off, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from analog_theory.experiments.elements import Elements, calibrated, varied
from analog_theory.experiments.engine import simulate
from analog_theory.experiments.pulses import Pulses
from analog_theory.theory.algorithm import AnalogSGD
from analog_theory.theory.objective import Quadratic
from analog_theory.theory.response import W, from_expressions, linear, power

TWO = Elements(linear, {"tau": np.array([1.0, 2.0]), "c_lin": np.array([0.0, 0.5])})


def test_each_element_has_its_own_responses_and_range():
    """At w = 1/2: 1 - 1/2 and 1.5 (1 - 1/4); 1 + 1/2 and 0.5 (1 + 1/4)."""
    w = np.array([[0.5, 0.5], [0.0, 0.0]])
    q_plus, q_minus = TWO.array_functions("q_plus", "q_minus")(w)
    np.testing.assert_allclose(q_plus, [[0.5, 1.125], [1.0, 1.5]])
    np.testing.assert_allclose(q_minus, [[1.5, 0.625], [1.0, 0.5]])
    assert (TWO.tau_min.tolist(), TWO.tau_max.tolist(), TWO.dim) == ([-1.0, -2.0], [1.0, 2.0], 2)
    picked = TWO.at("q_plus")(np.array([0.5, 0.5]), np.array([1, 0]))
    np.testing.assert_allclose(picked[0], [1.125, 0.5])


@pytest.mark.parametrize("hardware", [None, Pulses(1e-3)], ids=["smooth", "pulses"])
def test_simulating_elements_is_simulating_each_alone(hardware):
    """Coordinates that do not meet: two runs of one element each."""
    options = {"steps": 20, "seeds": 2, **({} if hardware is None else {"hardware": hardware})}
    problem = Quadratic(np.diag([1.0, 0.5]), [0.4, -0.9])
    both = simulate(AnalogSGD(0.2), problem, TWO, **options)["final_W"].values[0]
    for d, (tau, c) in enumerate(((1, 0), (2, 0.5))):
        one = simulate(AnalogSGD(0.2), Quadratic([[[1.0, 0.5][d]]], [[0.4, -0.9][d]]), linear(tau, c), **options)
        np.testing.assert_allclose(both[:, d], one["final_W"].values[0, :, 0], rtol=1e-12)


def test_a_weight_stops_at_its_own_bound():
    """Targets beyond both ranges: power devices of range 0.1 and 10 settle at the bound and at the target."""
    narrow = Elements(lambda tau: power(tau, 1), {"tau": np.array([0.1, 10.0])})
    runs = simulate(AnalogSGD(0.5), Quadratic(np.eye(2), [1.0, 1.0]), narrow, steps=400)
    np.testing.assert_allclose(runs["final_W"].values[0, 0], [0.1, 1.0], atol=1e-6)


def test_varied_elements_scatter_about_their_nominal_values():
    """10 000 elements: mean within 6 standard errors, spread within 6 (2e-9 each); the same for the same seed."""
    array = varied(linear, 2_000, {"c_lin": 0.05}, rng=1, tau=2.0, c_lin=0.1)
    c = array.parameters["c_lin"]
    assert c.mean() == pytest.approx(0.1, abs=6 * 0.05 / np.sqrt(c.size))
    assert c.std() == pytest.approx(0.05, rel=6 / np.sqrt(2 * c.size))
    assert (array.parameters["tau"] == 2.0).all()
    assert (varied(linear, 2_000, {"c_lin": 0.05}, rng=1, tau=2.0, c_lin=0.1).parameters["c_lin"] == c).all()


def test_a_calibrated_reference_moves_the_symmetric_point_by_its_error():
    """linear(2, 1/4) has w_sp = 1/2: read against it F(0) = 1 - c^2 and G(0) = 0; off by e, w = -e has G = 0."""
    exact = calibrated(linear(2, 0.25), 3, 0.0, rng=1)
    F, G = exact.array_functions("F", "G")(np.zeros(3))
    np.testing.assert_allclose(np.broadcast_to(F, 3), 1 - 0.25**2)
    np.testing.assert_allclose(G, 0, atol=1e-15)
    off = calibrated(linear(2, 0.25), 3, 0.1, rng=1)
    error = off.parameters["reference"] - 0.5
    np.testing.assert_allclose(off.array_functions("G")(-error)[0], 0, atol=1e-15)
    assert (abs(error) > 1e-3).all()


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: Elements(linear, {"tau": [1.0, 2.0], "c_lin": [0.1]}), "same length"),
        (lambda: Elements(linear, {"tau": [1.0, -2.0]}), "element 1: tau=-2"),
        (lambda: Elements(linear, {"tau": [1.0, 1.0, 1.0], "c_lin": [0.0, 1.5, 0.1]}), "element 1: c_lin=3/2"),
        (lambda: Elements(lambda a: from_expressions(1 + a * (W - 1), 1, -1, 1), {"a": [0.0, 0.6, 0.1]}), "element 1"),
        (lambda: Elements(linear, {"tau": [1.0, np.nan]}), r"tau\[1\]=nan: must be finite"),
        (
            lambda: varied(linear, 2, {"gamma": 0.1}, rng=0, tau=1.0),
            "spread='gamma': must be one of the parameters tau",
        ),
        (lambda: calibrated(linear(1), 2, -0.1, rng=0), "error=-0.1: must be >= 0"),
        (
            lambda: simulate(AnalogSGD(0.1), Quadratic(np.eye(3), np.zeros(3)), TWO, steps=1),
            "must have 3 elements, has 2",
        ),
    ],
)
def test_what_does_not_fit_is_rejected(build, says):
    with pytest.raises(ValueError, match=says):
        build()
