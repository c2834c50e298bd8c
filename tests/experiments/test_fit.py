"""Fits of measured curves, on measurements made here pulse by pulse from formulas, with 5 % noise.

Conductances are in units of their own (microsiemens, 20 + 15 w), so that the scale of the weight has to be found too.
All noise is seeded. A test of p-values against the level 1 % has a false-alarm rate of 1 %, one against 4 standard
errors of 6e-5; both are the rates over seeds, of which one is drawn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from analog_theory.experiments import fit as fitting
from analog_theory.experiments.aihwkit import equivalent
from analog_theory.experiments.families import FAMILIES
from analog_theory.experiments.fit import fit_curve
from analog_theory.experiments.measured import Curve
from analog_theory.theory import device_models
from scipy.stats import binom, chi2

MIDDLE, HALF, NOISE = 20.0, 15.0, 0.05


@dataclass(frozen=True)
class Device:
    """A device of formulas on [-1, 1], how it is pulsed, and a family that it is not."""

    up: object
    down: object
    dw: float
    up_pulses: int
    down_pulses: int
    start: float
    unlike: str
    symmetric: float

    def weights(self, every=1):
        w, found = self.start, [self.start]
        for k in range((self.up_pulses + self.down_pulses) * every):
            step = self.up(w) if k < self.up_pulses * every else -self.down(w)
            w = min(max(w + self.dw * step, -1.0), 1.0)
            found.append(w)
        return np.array(found[::every])

    def curve(self, seed=None, every=1):
        g = MIDDLE + HALF * self.weights(every)
        noise = 0 if seed is None else NOISE * np.ptp(g) * np.random.default_rng(seed).standard_normal(g.size)
        return Curve(7 + every * np.arange(g.size), g + noise)


def saturating(g):
    return lambda x: math.expm1(g * x) / math.expm1(g)


def symmetric_power(c, g):
    """(1 + c)(1 - w)^g = (1 - c)(1 + w)^g."""
    ratio = ((1 + c) / (1 - c)) ** (1 / g)
    return (ratio - 1) / (ratio + 1)


BENT = saturating(2.0)
DEVICES = {
    "constant step": Device(lambda w: 1.0, lambda w: 1.0, 0.009, 260, 260, -0.9, "linear (16)", math.nan),
    "linear (16)": Device(
        lambda w: 1.2 * (1 - w), lambda w: 0.8 * (1 + w), 0.02, 150, 150, -0.95, "constant step", 0.2
    ),
    "power (148)": Device(
        lambda w: 1.1 * (1 - w) ** 2.5,
        lambda w: 0.9 * (1 + w) ** 2.5,
        0.02,
        200,
        200,
        -0.9,
        "linear (16)",
        symmetric_power(0.1, 2.5),
    ),
    "exponential (149)": Device(lambda w: BENT(1 - w), lambda w: BENT(1 + w), 0.02, 200, 200, -0.9, "linear (16)", 0.0),
    "linear step": Device(lambda w: 1 - 0.6 * w, lambda w: 1 + 0.6 * w, 0.02, 150, 150, -1.0, "constant step", 0.0),
    "power step": Device(lambda w: (1 - w) ** 3, lambda w: (1 + w) ** 0.7, 0.02, 200, 200, -0.9, "linear (16)", 0.0),
    "exponential step": Device(  # as ReRamES, larger steps
        lambda w: 1 + 1.18445 * math.exp(5 * (-0.5 * w - 0.5)),
        lambda w: 0.740641 * (1 + 0.081404 * math.exp(-5 * (-0.5 * w - 0.5))),
        0.008,
        200,
        150,
        -1.0,
        "linear (16)",
        -0.2172,
    ),
}
NO_FAMILY = Device(
    lambda w: 1 + 0.7 * math.sin(5 * w), lambda w: 1 + 0.5 * math.cos(5 * w), 0.01, 200, 250, -0.9, "", math.nan
)


@pytest.fixture(scope="module", params=DEVICES)
def fitted(request):
    device = DEVICES[request.param]
    return request.param, device, fit_curve(device.curve(seed=1))


def test_every_family_is_found_in_its_own_measurement(fitted):
    name, device, fit = fitted
    trials = {trial.family.name: trial for trial in fit.trials}
    assert set(trials) == {family.name for family in FAMILIES}
    assert not trials[name].rejected
    assert trials[device.unlike].rejected
    assert not fit.best.rejected
    # the scatter of 300 readings or more is known to 1/sqrt(600) = 4 %: 4 standard errors
    assert fit.noise == pytest.approx(NOISE * np.ptp(MIDDLE + HALF * device.weights()), rel=0.16)


def test_the_symmetric_point_is_within_its_error(fitted):
    _, device, fit = fitted
    if math.isnan(device.symmetric):
        # both steps equal: R = 0 within its error, and no point is told apart
        value, error = fit.asymmetry
        assert abs(value) < 4 * error < 0.1
        return
    (w, error), truth = fit.symmetric_point, MIDDLE + HALF * device.symmetric
    assert abs(fit.centre + fit.half * w - truth) < 4 * fit.half * error
    assert fit.half * error < 0.2 * HALF
    assert float(fit.response.symmetric_point) == pytest.approx(w, abs=1e-4)


def test_the_fitted_curve_is_that_of_the_device(fitted):
    """n times the mean squared error over the noise's variance is chi-square with as many degrees as parameters."""
    name, device, fit = fitted
    (own,) = (trial for trial in fit.trials if trial.family.name == name)
    truth = MIDDLE + HALF * device.weights()
    noise = NOISE * np.ptp(truth)
    # false-alarm rate 1e-4; the turning point is a whole number, which to first order is no error at all
    assert ((own.fitted - truth) ** 2).sum() / noise**2 < chi2.isf(1e-4, own.parameters)


def test_a_device_of_no_family_gets_a_spline():
    fit = fit_curve(NO_FAMILY.curve(seed=2))
    assert all(trial.rejected for trial in fit.trials if trial.family.name != "monotone spline")
    assert fit.best.family.name == "monotone spline"
    assert not fit.best.rejected
    membership = fit.response.definition_1()
    assert membership.holds, membership.reason
    # 0.7 sin(5w) = 0.5 cos(5w) at 5w = arctan(5/7) and half turns on; the nearest to the middle
    truth = [(math.atan(5 / 7) + k * math.pi) / 5 for k in (-1, 0, 1)]
    w, error = fit.symmetric_point
    # a spline's bends are held back, which its error does not tell: 4 errors and a tenth of the range
    assert min(abs(fit.centre + fit.half * w - MIDDLE - HALF * t) for t in truth) < 4 * fit.half * error + 0.1 * HALF


def test_a_family_that_is_right_is_rejected_as_often_as_stated():
    """60 seeds at the level 5 %: more than 9 rejections have a probability below 0.1 %."""
    device = Device(lambda w: 1.2 * (1 - w), lambda w: 0.8 * (1 + w), 0.05, 60, 60, -0.95, "", 0.2)
    (linear,) = (family for family in FAMILIES if family.name == "linear (16)")
    values = [fitting._Data(device.curve(seed), 0.05).trial(linear).p_value for seed in range(60)]
    assert sum(p < 0.05 for p in values) <= binom.ppf(0.999, 60, 0.05) == 9
    # uniform: the mean of 60 is 1/2 within 4 standard errors of 1/sqrt(12 * 60)
    assert abs(np.mean(values) - 0.5) < 4 / math.sqrt(720)


@pytest.mark.parametrize("every", [1, 5])
def test_exact_readings_give_exact_numbers(every):
    device = Device(lambda w: 1.2 * (1 - w), lambda w: 0.8 * (1 + w), 0.02 / every, 100, 80, -0.95, "", 0.2)
    fit = fit_curve(device.curve(every=every))
    assert fit.best.family.name == "linear (16)"
    assert (fit.best.turn, fit.pulses_up) == (100, 100 * every)
    # least squares stops at a relative change of 1e-8, and the response keeps 6 digits
    assert (fit.centre, fit.half, fit.dw_min) == pytest.approx((MIDDLE, HALF, device.dw), rel=1e-5)
    assert float(fit.response.symmetric_point) == pytest.approx(0.2, abs=2e-6)
    assert not {trial.family.name for trial in fit.trials if not trial.rejected} & {"constant step"}


MODELS = {
    "ConstantStepDevice": device_models.constant_step,
    "SoftBoundsDevice": device_models.soft_bounds,
    "LinearStepDevice": device_models.linear_step,
    "PowStepDevice": device_models.pow_step,
    "ExpStepDevice": device_models.exp_step,
    "PiecewiseStepDevice": device_models.piecewise_step,
}


def test_the_equivalent_device_has_the_fitted_steps(fitted):
    """The snippet's parameters, put into the formulas of that simulator, give the steps that were fitted."""
    name, _, fit = fitted
    made = equivalent(fit)
    given = {key: value for key, value in made.parameters.items() if key not in ("dw_min", "allow_increasing")}
    theirs = MODELS[made.device](**given).array_functions("q_plus", "q_minus")
    ours, w = fit.response.array_functions("q_plus", "q_minus"), np.linspace(-0.99, 0.99, 67)
    # six digits of a fitted number, its difference to another at worst; a line between 33 nodes errs by q''/8 h^2
    allowed = 1e-4 if made.exact else 0.01
    for step, fitted_step in zip(theirs(w), ours(w), strict=True):
        largest = fit.dw_min * np.abs(fitted_step).max()
        assert np.abs(made.parameters["dw_min"] * step - fit.dw_min * fitted_step).max() < allowed * largest, name


def test_the_snippet_is_python(fitted):
    text = equivalent(fitted[2]).snippet
    compile(text, "snippet", "exec")
    assert text.startswith("from aihwkit.simulator.configs import SingleRPUConfig, ")


def test_a_level_outside_0_to_1_is_refused():
    with pytest.raises(ValueError, match=r"level=1: must lie in \(0, 1\)"):
        fit_curve(DEVICES["linear (16)"].curve(), level=1)
