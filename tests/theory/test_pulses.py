"""Pulses and their expansions against compositions carried out one by one, in exact numbers."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import sympy as sp
from analog_theory.theory import pulses as p
from analog_theory.theory.response import exponential, ideal, linear, power
from analog_theory.theory.symbols import symbol
from hypothesis import given, strategies as st

W = symbol("w")
STEP = sp.Symbol("u")


def test_one_pulse_moves_by_the_response_of_its_sign() -> None:
    tenth, half = Fraction(1, 10), Fraction(1, 2)
    assert p.pulse(Fraction(1), 1, tenth, half, Fraction(1, 4)) == Fraction(43, 40)
    assert p.pulse(Fraction(1), -1, tenth, half, Fraction(1, 4)) == Fraction(37, 40)


def test_three_pulses_on_a_linear_element_by_hand() -> None:
    # q_+ = 1 - w/2, dw_min = 1: 0 -> 1 -> 3/2 -> 7/4; down, q_- = 1 + w/2: 0 -> -1 -> -3/2 -> -7/4
    up = p.composed(Fraction(0), 1, 1, lambda w: 1 - w / 2, [0] * 3)
    down = p.composed(Fraction(0), -1, 1, lambda w: 1 + w / 2, [0] * 3)
    assert (up, down) == (Fraction(7, 4), Fraction(-7, 4))


def test_arrays_and_fractions_agree() -> None:
    start, noise = np.array([0.25, -0.5]), [np.array([0.5, -0.25]), 0.0]
    q_plus = linear(2, "1/5").array_functions("q_plus")
    exact = linear(2, "1/5").exact_functions("q_plus")
    moved = p.composed(start, 1, 0.125, lambda w: q_plus(w)[0], noise)
    for k, w in enumerate(start):
        own = [Fraction(float(noise[0][k])), 0]
        one = p.composed(Fraction(float(w)), 1, Fraction(1, 8), lambda v: exact(v)[0], own)
        assert moved[k] == pytest.approx(float(one), rel=1e-15)


@pytest.mark.parametrize(("dw", "count"), [("0", 0), ("1/100", 1), ("1/10", 1), ("-11/100", 2), ("-3/10", 3)])
def test_number_of_pulses(dw: str, count: int) -> None:
    assert p.bit_length(Fraction(dw), Fraction(1, 10)) == count
    assert p.bit_length(sp.Rational(dw), sp.Rational(1, 10)) == count


def test_number_of_pulses_of_an_array() -> None:
    np.testing.assert_array_equal(p.bit_length(np.array([0.0, 0.3, -0.5, 0.625]), 0.25), [0, 2, 2, 3])


@pytest.mark.parametrize("dw_min", [0, -1, float("nan")])
def test_granularity_must_be_positive(dw_min: float) -> None:
    with pytest.raises(ValueError, match=r"dw_min=.*must be > 0"):
        p.bit_length(1.0, dw_min)


@given(st.fractions(-3, 3, max_denominator=50), st.fractions("1/50", 2, max_denominator=50))
def test_rounding_is_less_than_a_pulse(dw: Fraction, dw_min: Fraction) -> None:
    assert 0 <= p.rounding(dw, dw_min) < dw_min
    assert (p.rounding(dw, dw_min) == 0) == ((dw / dw_min).denominator == 1)


def test_mean_and_variance_of_rounding() -> None:
    # midpoints of a thousand equal parts: the mean is exact, the variance off by 1/(12 * 1000^2)
    dw_min = Fraction(1, 5)
    sizes = [dw_min * (3 + Fraction(2 * k + 1, 2000)) for k in range(1000)]
    left = [p.rounding(dw, dw_min) for dw in sizes]
    assert sum(left) / 1000 == dw_min / 2
    variance = sum(x**2 for x in left) / 1000 - dw_min**2 / 4
    assert variance == dw_min**2 / 12 * (1 - Fraction(1, 1000**2))


def _by_pulses(count: int, noises: tuple[sp.Expr, ...] | None = None) -> sp.Expr:
    """w_BL - w for a cubic response about w, to the fourth power of u = s dw_min, pulse by pulse."""

    def response(away: sp.Expr) -> sp.Expr:
        return sum(d * away**k / sp.factorial(k) for k, d in enumerate(p.DERIVATIVES))

    away = sp.S.Zero
    for noise in noises or (0,) * count:
        away = sp.expand(p.pulse(away, 1, STEP, response(away), noise))
        away = sum(away.coeff(STEP, k) * STEP**k for k in range(1, 5))
    return sp.expand(away)


@pytest.mark.parametrize("count", range(5))
@pytest.mark.parametrize("sign", [1, -1])
def test_expansion_is_that_of_the_composition(count: int, sign: int) -> None:
    truth = sum(_by_pulses(count).coeff(STEP, k) * (sign * p.DW_MIN) ** k for k in range(1, 5))
    assert sp.expand(p.moved(4).subs({p.BL: count, p.S: sign}) - truth) == 0
    in_sent = p.sent_series(4).subs({p.SENT: count * p.DW_MIN, p.S: sign})
    assert sp.expand(in_sent - truth) == 0


def test_curvature_constant_by_hand() -> None:
    # two pulses: u q + u q(w + u q) = 2 u q + u^2 q q', and D (D - dw_min)/2 = dw_min^2 for D = 2 dw_min
    two = p.curvature().subs(p.SENT, 2 * p.DW_MIN)
    assert sp.expand(two - p.DW_MIN**2 * p.Q * p.DQ) == 0


@pytest.mark.parametrize("order", [0, 5, 2.0])
def test_order_of_the_expansion_is_limited(order: float) -> None:
    with pytest.raises(ValueError, match=r"order=.*must be"):
        p.moved(order)


@given(st.integers(0, 6), st.sampled_from([1, -1]), st.fractions(-2, 2, max_denominator=9))
def test_affine_pulses_in_closed_form(count: int, sign: int, slope: Fraction) -> None:
    q, dw_min = Fraction(3, 2), Fraction(1, 7)
    by_pulses = p.composed(Fraction(0), sign, dw_min, lambda w: q + slope * w, [0] * count)
    assert p.affine_pulses(q, slope, sign, dw_min, count) == by_pulses


def test_affine_flow_solves_its_equation() -> None:
    start = sp.Symbol("start", real=True)
    for device in (linear(2, "1/3"), ideal()):
        for sign, q in ((1, device.q_plus), (-1, device.q_minus)):
            curve = p.affine_flow(q, start, sign, p.SENT)
            assert sp.simplify(sp.diff(curve, p.SENT) - sign * sp.sympify(q).subs(W, curve)) == 0
            assert curve.subs(p.SENT, 0) == start
    with pytest.raises(ValueError, match=r"response=.*must be affine in w"):
        p.affine_flow(power(2, 2).q_plus, start, 1, p.SENT)


def test_series_of_the_flow_for_a_square_response() -> None:
    # dw/dD = w^2 has w(D) = w/(1 - w D) = w + w^2 D + w^3 D^2 + w^4 D^3 + w^5 D^4 + ...
    here = {d: sp.diff(W**2, W, k) for k, d in enumerate(p.DERIVATIVES)}
    series = p.flow(4).subs(p.S, 1).subs(here, simultaneous=True)
    assert sp.expand(series - sum(W ** (k + 1) * p.SENT**k for k in range(1, 5))) == 0


@pytest.mark.parametrize("sign", [1, -1])
def test_distance_from_the_continuous_limit(sign: int) -> None:
    # v = 1 - w/tau has dv/dD = -v^2/tau upwards; downwards v = 1 + w/tau likewise: v(D) = v/(1 + v D/tau)
    tau, start, sent = 2.0, 0.3, 0.8
    v = 1 - sign * start / tau
    end = v / (1 + v * sent / tau)
    q = power(2, 2).array_functions("q_plus" if sign > 0 else "q_minus")
    gaps = []
    for count in (512, 1024):
        w = p.composed(start, sign, sent / count, lambda x: q(x)[0], [0] * count)
        gaps.append((w - sign * tau * (1 - end)) * count / sent)
    limit = 2 * gaps[1] - gaps[0]
    by_formula = p.flow_gap(sign, 1.0, end**2, 2 * np.log(end / v))
    assert limit == pytest.approx(float(by_formula), rel=1e-5)


def _moments(count: int) -> tuple[sp.Expr, sp.Expr]:
    """Mean and variance of w_BL - w over all sign patterns of the noise, a cubic response, to u^3."""
    ends = [_by_pulses(count, tuple(p.SIGMA_C * x for x in xi)) for xi in product((1, -1), repeat=count)]
    cut = [sum(end.coeff(STEP, k) * STEP**k for k in range(1, 4)) for end in ends]
    mean = sp.expand(sp.Add(*cut) / len(cut))
    return mean, sp.expand(sp.Add(*(sp.expand(end**2) for end in cut)) / len(cut) - sp.expand(mean**2))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_moments_of_cycle_variation_by_enumeration(count: int) -> None:
    mean, variance = _moments(count)
    for sign in (1, -1):
        at = {p.SENT: count * p.DW_MIN, p.S: sign}
        shift = sp.expand(mean.subs(STEP, sign * p.DW_MIN) - p.moved(3).subs({p.BL: count, p.S: sign}))
        assert sp.expand(shift - p.mean_shift().subs(at)) == 0
        spread = sum(variance.coeff(STEP, k) * (sign * p.DW_MIN) ** k for k in (2, 3))
        assert sp.expand(spread - p.noise_variance().subs(at)) == 0


def test_variance_on_an_affine_response_by_enumeration() -> None:
    slope, sign, dw_min, sigma = Fraction(-1, 2), -1, Fraction(1, 3), Fraction(2, 5)
    ends = [
        p.composed(Fraction(0), sign, dw_min, lambda w: 1 + slope * w, [sigma * x for x in xi])
        for xi in product((1, -1), repeat=3)
    ]
    mean = sum(ends) / 8
    assert sum((end - mean) ** 2 for end in ends) / 8 == p.affine_variance(slope, sign, dw_min, sigma, 3)
    assert p.affine_variance(0, 1, dw_min, sigma, 3) == 3 * sigma**2 * dw_min**2


def test_series_of_an_exponential_response_against_its_pulses() -> None:
    device = exponential(2, 1)
    at = {d: float(sp.diff(device.q_plus, W, k).subs(W, sp.Rational(1, 4))) for k, d in enumerate(p.DERIVATIVES)}
    q, count, dw_min = device.array_functions("q_plus"), 8, 1e-3
    w = p.composed(0.25, 1, dw_min, lambda x: q(x)[0], [0] * count)
    series = p.moved(3).subs({**at, p.BL: count, p.DW_MIN: dw_min, p.S: 1})
    # the fourth order is of size (8e-3)^4 = 4e-9 times derivatives of order 1
    assert w - 0.25 == pytest.approx(float(series), abs=4e-9)


@pytest.mark.parametrize(("dw", "expected"), [(0.5, 1.0), (-0.25, 0.0), (0.125, -0.5)])
def test_shortfall_beyond_the_cap(dw: float, expected: float) -> None:
    assert p.shortfall(dw, 0.03125, 8) == expected


@pytest.mark.parametrize("cap", [0, -1, 2.5, True])
def test_cap_is_a_whole_number(cap: object) -> None:
    with pytest.raises(ValueError, match=r"bl_max=.*must be an integer >= 1"):
        p.shortfall(1.0, 0.1, cap)
