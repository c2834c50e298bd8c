"""Buffered algorithms and schedules against the formulas of section 5 and Appendix D, worked by hand."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction as Q
from typing import Any

import numpy as np
import pytest
import sympy as sp
from analog_theory.theory.algorithm import OnArray, Pair, ResidualLearning, Schedule, TikiTaka, smooth
from analog_theory.theory.buffered import Buffered, BufferedResidualLearning, ResidualLearningV2, TikiTakaV2

W, P, H, g, eps = sp.symbols("W P H g eps", real=True)
A, B, C, D, R = sp.symbols("A B C D R", positive=True)
F, G = sp.Function("F"), sp.Function("G")


@dataclass(frozen=True)
class Given:
    """An oracle with one gradient, whatever the point; `asked` keeps the points, `k` is the step."""

    gradient: Any
    asked: list
    k: int = 0

    def sample(self, point):
        self.asked.append(point)
        return (self.gradient,)


def noisy(values):
    return values + eps


SYMBOLIC = {name: OnArray(smooth(lambda w: (F(w), G(w))), noisy) for name in "WP"}
LINEAR = {name: OnArray(smooth(lambda w: (1, w / 2))) for name in "WP"}  # (16) with tau = 2


def descended(P):
    return P - A * g * F(P) - A * sp.Abs(g) * G(P)


@pytest.mark.parametrize(
    ("rule", "rate"), [(BufferedResidualLearning(A, B, C), B), (BufferedResidualLearning(A, B, C, R), R)]
)
def test_the_buffer_is_14_then_15_on_symbols(rule, rate):
    asked = []
    after = rule.step(Buffered(W, P, H), Given(g, asked), SYMBOLIC)
    new_H = (1 - rate) * H + rate * (descended(P) + eps)
    assert sp.expand(asked[0] - (W + C * P)) == 0
    assert sp.expand(after.P - descended(P)) == 0
    assert sp.expand(after.H - new_H) == 0
    assert sp.simplify(after.W - (W + B * new_H * F(W) - B * sp.Abs(new_H) * G(W))) == 0


def test_the_unbuffered_transfer_takes_p_as_it_is_read():
    after = ResidualLearning(A, B, C).step(Pair(W, P), Given(g, []), SYMBOLIC)
    read = descended(P) + eps
    assert sp.simplify(after.W - (W + B * read * F(W) - B * sp.Abs(read) * G(W))) == 0


@pytest.mark.parametrize(
    ("held", "left", "moved"),
    [
        (Q(3), Q(2), Q(3, 2)),
        (Q(1), Q(0), Q(3, 2)),
        (Q(1, 2), Q(1, 2), Q(1)),
        (Q(-1), Q(0), Q(-1, 2)),
        (Q(-5), Q(-4), Q(-1, 2)),
    ],
)
def test_the_threshold_sends_one_pulse_and_takes_it_off(held, left, moved):
    """dw_min = 1, W = 1 and tau = 2: a pulse up adds 1 - 1/2, one down takes 1 + 1/2. P = 0, so with beta = 1/2 the

    buffer of (14) is half of what it held: twice `held` before.
    """
    rule = ResidualLearningV2(Q(1, 4), Q(1, 2), Q(0), Q(1))
    after = rule.step(Buffered(Q(1), Q(0), 2 * held), Given(Q(0), []), LINEAR)
    assert after == Buffered(moved, Q(0), left)


def test_tiki_taka_v2_does_not_forget_and_asks_for_the_gradient_at_w():
    """(32) by hand: P = 2 - (1/4) 1 - (1/4)(2/2) = 3/2, H = 1/4 + (1/2)(3/2) = 1, which is a pulse of 1."""
    asked = []
    after = TikiTakaV2(Q(1, 4), Q(1, 2), Q(1)).step(Buffered(Q(1), Q(2), Q(1, 4)), Given(Q(1), asked), LINEAR)
    assert after == Buffered(Q(3, 2), Q(3, 2), Q(0))
    assert asked == [Q(1)]


def test_the_threshold_is_a_formula_on_symbols():
    after = ResidualLearningV2(A, B, C, D).step(Buffered(W, P, H), Given(sp.S.Zero, []), SYMBOLIC)
    held = (1 - B) * H + B * (P + eps)
    at = {W: sp.Rational(1, 3), P: 2, H: 3, eps: 1, A: 1, B: sp.Rational(1, 2), C: 1}
    for threshold, pulse in ((2, 2), (4, 0)):
        assert (after.H - held).subs({**at, D: threshold}) == -pulse
        assert (after.W - W).subs({**at, D: threshold}).doit() == (
            pulse * F(sp.Rational(1, 3)) - pulse * G(sp.Rational(1, 3))
        )


@pytest.mark.parametrize(
    ("schedule", "turns"),
    [
        (Schedule(columns=1), [[0], [1], [2], [0]]),
        (Schedule(columns=2), [[0, 1], [2, 0], [1, 2], [0, 1]]),
        (Schedule(every=2), [[], [0, 1, 2], [], [0, 1, 2]]),
        (Schedule(every=2, columns=1), [[], [0], [], [1]]),
        (Schedule(columns=5), [[0, 1, 2]] * 4),
    ],
    ids=str,
)
def test_columns_are_transferred_in_turn(schedule, turns):
    new, old = np.array([[1.0, 2.0, 3.0]]), np.array([[-1.0, -2.0, -3.0]])
    for k, turn in enumerate(turns):
        due = schedule.due(Given(None, [], k), new, old)
        assert due.tolist() == [[new[0, d] if d in turn else old[0, d] for d in range(3)]]


@pytest.mark.parametrize(
    "make", [BufferedResidualLearning, lambda *a, **k: ResidualLearningV2(*a, 0.5, **k)], ids=["14", "v2"]
)
def test_only_the_columns_that_are_read_enter_the_buffer(make):
    rule = make(0.25, 0.5, 0.0, transfer=Schedule(columns=1))
    state = Buffered(np.zeros(2), np.array([0.4, 0.8]), np.array([0.1, 0.1]))
    after = rule.step(state, Given(np.zeros(2), [], 1), LINEAR)
    assert after.H.tolist() == [0.1, pytest.approx(0.45)]
    assert after.W[0] == 0


def test_labels_leave_defaults_out():
    assert str(TikiTaka(0.1, 0.2)) == "TikiTaka(alpha=0.1, beta=0.2)"
    told = str(ResidualLearning(0.1, 0.2, 0.4, Schedule(columns=1)))
    assert told == "ResidualLearning(alpha=0.1, beta=0.2, gamma=0.4, transfer=Schedule(every=1, columns=1))"


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: ResidualLearningV2(0.1, 0.1, 0.4, 0), "dw_min=0: must be > 0"),
        (lambda: TikiTakaV2(0.1, -1, 1e-3), "beta=-1: must be > 0"),
        (lambda: BufferedResidualLearning(0.1, 0.1, -0.1), "gamma=-0.1: must be >= 0"),
        (lambda: BufferedResidualLearning(0.1, 0.1, 0.4, buffer=0), "buffer=0: must be > 0"),
        (lambda: Schedule(every=0), "every=0: must be an integer >= 1"),
        (lambda: Schedule(columns=0), "columns=0: must be an integer >= 1"),
    ],
)
def test_parameters_out_of_range_are_rejected(build, says):
    with pytest.raises(ValueError, match=says):
        build()
