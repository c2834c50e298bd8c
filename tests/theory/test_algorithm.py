"""The update rules against the paper's formulas, worked by hand."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import array_api_strict as strict
import numpy as np
import pytest
import sympy as sp
from analog_theory.theory.algorithm import (
    AnalogGD,
    AnalogSGD,
    DigitalSGD,
    OnArray,
    Pair,
    ResidualLearning,
    Single,
    TikiTaka,
    analog_update,
    smooth,
)

W, P, g, g2, alpha, beta, gamma, tau = sp.symbols("W P g g2 alpha beta gamma tau", real=True)
A, B, C = sp.symbols("A B C", positive=True)


@dataclass(frozen=True)
class Fixed:
    """An oracle whose gradients are given, whatever the point; `asked` keeps the points."""

    gradients: tuple[Any, ...]
    exact: Any = None
    asked: list = None  # type: ignore[assignment]

    def sample(self, W):
        if self.asked is not None:
            self.asked.append(W)
        return self.gradients

    def full(self, W):
        return self.exact


def _linear(w):
    """The response of (16) with tau = 2: F = 1, G = w/2."""
    return 1, w / 2


F, G = sp.Function("F"), sp.Function("G")
UPDATES = {name: OnArray(smooth(lambda w: (F(w), G(w)))) for name in "WP"}


def test_analog_update_is_the_two_sided_pulse_update():
    q_plus, q_minus = sp.symbols("q_+ q_-", positive=True)
    up, down = sp.symbols("u d", positive=True)
    parts = ((q_minus + q_plus) / 2, (q_minus - q_plus) / 2)
    assert sp.expand(analog_update(W, up, *parts) - (W + up * q_plus)) == 0
    assert sp.expand(analog_update(W, -down, *parts) - (W - down * q_minus)) == 0


def test_analog_sgd_is_formula_2_on_symbols():
    after = AnalogSGD(A).step(Single(W), Fixed((g,)), UPDATES).W
    assert sp.expand(after - (W - A * g * F(W) - A * sp.Abs(g) * G(W))) == 0


def test_analog_gd_uses_the_exact_gradient():
    after = AnalogGD(A).step(Single(W), Fixed((g,), exact=g2), UPDATES).W
    assert sp.expand(after - (W - A * g2 * F(W) - A * sp.Abs(g2) * G(W))) == 0


def test_digital_sgd_adds_up_the_samples():
    after = DigitalSGD(A).step(Single(W), Fixed((g, g2)), {}).W
    assert sp.expand(after - (W - A * (g + g2))) == 0


@pytest.mark.parametrize(
    ("algorithm", "mixing"), [(ResidualLearning(A, B, C), C), (TikiTaka(A, B), 0)], ids=["residual", "tiki-taka"]
)
def test_residual_learning_is_10_then_11_on_symbols(algorithm, mixing):
    asked = []
    after = algorithm.step(Pair(W, P), Fixed((g,), asked=asked), UPDATES)
    new_P = P - A * g * F(P) - A * sp.Abs(g) * G(P)
    new_W = W + B * new_P * F(W) - B * sp.Abs(new_P) * G(W)
    assert sp.expand(asked[0] - (W + mixing * P)) == 0
    assert sp.expand(after.P - new_P) == 0
    assert sp.simplify(after.W - new_W) == 0
    assert sp.expand(algorithm.point(Pair(W, P)) - (W + mixing * P)) == 0


def test_samples_of_a_batch_meet_the_weights_that_the_one_before_left():
    """By hand, tau = 2, W = 1, alpha g = 1/2 then -1: 1 - 1/2 - 1/4 = 1/4, then 1/4 + 1 - 1/8 = 9/8."""
    step = AnalogSGD(Fraction(1, 2)).step
    after = step(Single(Fraction(1)), Fixed((Fraction(1), Fraction(-2))), {"W": OnArray(smooth(_linear))})
    assert after == Single(Fraction(9, 8))


def _namespaces():
    return [pytest.param(np.asarray, id="numpy"), pytest.param(strict.asarray, id="array-api-strict")]


@pytest.mark.parametrize("asarray", _namespaces())
@pytest.mark.parametrize(
    "algorithm",
    [DigitalSGD, AnalogSGD, lambda a: TikiTaka(a, a), lambda a: ResidualLearning(a, a, a)],
    ids=["digital", "analog", "tiki-taka", "residual"],
)
def test_arrays_follow_exact_fractions(algorithm, asarray):
    """Dyadic numbers and one step: float arithmetic is exact, so the two agree to the last bit."""
    start, gradients = [Fraction(1, 2), Fraction(-1, 4), Fraction(0)], [Fraction(1), Fraction(-1, 2), Fraction(1, 4)]
    update = dict.fromkeys("WP", OnArray(smooth(_linear)))
    exact = [
        algorithm(Fraction(1, 4)).step(algorithm(Fraction(1, 4)).init(w), Fixed((slope,)), update)
        for w, slope in zip(start, gradients, strict=True)
    ]
    rule = algorithm(0.25)
    slopes = asarray([float(slope) for slope in gradients])
    after = rule.step(rule.init(asarray([float(w) for w in start])), Fixed((slopes,)), update)
    for name, array in after._asdict().items():
        assert [float(x) for x in array] == [float(getattr(state, name)) for state in exact]
        assert all(isinstance(getattr(state, name), Fraction) for state in exact)


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: AnalogSGD(0), r"alpha=0: must be > 0"),
        (lambda: DigitalSGD(-0.1), r"alpha=-0.1: must be > 0"),
        (lambda: AnalogGD(float("nan")), r"alpha=nan: must be > 0"),
        (lambda: TikiTaka(0.1, 0.0), r"beta=0.0: must be > 0"),
        (lambda: ResidualLearning(0.1, 0.1, -0.5), r"gamma=-0.5: must be >= 0"),
        (lambda: ResidualLearning(0.1, 0.1, float("nan")), r"gamma=nan: must be >= 0"),
        (lambda: ResidualLearning(A, B, -C), r"gamma=-C: must be >= 0"),
    ],
)
def test_parameters_out_of_range_are_rejected(build, says):
    with pytest.raises(ValueError, match=says):
        build()


def test_symbols_and_fractions_are_parameters():
    assert ResidualLearning(A, Fraction(1, 2), gamma).gamma is gamma
    assert ResidualLearning(1, 1, 0).gamma == 0
