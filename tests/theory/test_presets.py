"""Known devices against the values measured on a peer simulator, and device models against formulas by hand."""

from __future__ import annotations

import pytest
import sympy as sp
from analog_theory.theory import device_models as models
from analog_theory.theory.presets import preset, presets
from analog_theory.theory.response import W, linear

# name, states, q_+(0), q_-(0), symmetric point (None: every w), G(0)/F(0): measured, as printed
MEASURED = [
    ("EcRam", 1000, 1, 1, 0, 0),
    ("EcRamMO", 7089, 1, 1, 0, 0),
    ("ReRamES", 1481, 1.0972, 1.4751, -0.2172, 0.147),
    ("ReRamSB", 1000, 1, 1, 0, 0),
    ("Capacitor", 400, 1, 1, 0, 0),
    ("Idealized", 10000, 1, 1, None, 0),
    ("GokmenVlasov", 1250, 1, 1, None, 0),
    ("PCM", 200, 28.235, 3.235, 0.50, -0.79),
    ("ReRamArrayOM", 21, 1, 1, 0, 0),
    ("ReRamArrayHfO2", 4.3, 1, 1, 0, 0),
]


def at(expr, w=0):
    return float(expr.subs(W, w))


def half_unit(value):
    """Half a unit of the last printed digit."""
    return 0.5 * 10.0 ** -len(str(value).partition(".")[2])


@pytest.mark.parametrize(("name", "states", "up", "down", "point", "ratio"), MEASURED)
def test_a_preset_has_the_measured_response(name, states, up, down, point, ratio):
    device = preset(name).response
    for value, printed in [(at(device.q_plus), up), (at(device.q_minus), down), (at(device.R), ratio)]:
        assert abs(value - printed) <= half_unit(printed) * 1.0001
    assert abs(float(preset(name).states) - states) <= half_unit(states)
    if point is None:
        assert device.symmetric_points == sp.Interval(device.tau_min, device.tau_max)
    else:
        (found,) = device.symmetric_points
        # 0.50 is printed with two digits
        assert abs(float(found) - point) <= (0.005 if name == "PCM" else half_unit(point) * 1.0001)


def test_the_table_is_complete():
    assert [one.name for one in presets()] == [row[0] for row in MEASURED]


@pytest.mark.parametrize("typed", ["ReRamES", "reram-es", "reram_es_preset", "ReRamESPresetDevice"])
def test_a_preset_is_found_as_people_type_it(typed):
    assert preset(typed).name == "ReRamES"


def test_an_unknown_preset_is_told_with_a_guess():
    with pytest.raises(ValueError, match=r"name='ReRamE': must be one of EcRam, .*did you mean 'ReRamES'"):
        preset("ReRamE")


def test_numbers_are_exact():
    device = preset("EcRam").response
    assert device.q_plus == 1 - sp.Rational(1153, 10000) * W / sp.Rational(11724, 10000)
    assert (device.tau_min, device.tau_max) == (sp.Rational(-8276, 10000), sp.Rational(11724, 10000))


def test_hard_bounds_lie_in_definition_1_and_soft_ones_do_not():
    holds = {one.name: one.response.definition_1().holds for one in presets()}
    assert {name for name, inside in holds.items() if not inside} == {"ReRamSB", "ReRamArrayOM", "ReRamArrayHfO2"}


@pytest.mark.parametrize(
    ("name", "w_max", "w_min", "at_max", "at_min"),
    [
        ("EcRam", 1.1724, -0.8276, 0.8847, 0.4915),
        ("EcRamMO", 1.1714, -0.8286, 0.5848, 0.2658),
        ("Capacitor", 1, -1, 0.95, 0.95),
        ("ReRamSB", 1.25, -0.75, 0, 0),
    ],
)
def test_a_response_ends_at_1_less_gamma(name, w_max, w_min, at_max, at_min):
    device = preset(name).response
    assert (float(device.tau_max), float(device.tau_min)) == (w_max, w_min)
    ends = at(device.q_plus, device.tau_max), at(device.q_minus, device.tau_min)
    assert ends == pytest.approx((at_max, at_min), abs=1e-15)


def test_a_bias_shortens_one_polarity():
    up, down = models.constant_step(1, -1, up_down=-0.25), models.constant_step(1, -1, up_down=0.25)
    assert (up.q_plus, up.q_minus) == (sp.Rational(3, 4), 1)
    assert (down.q_plus, down.q_minus) == (1, sp.Rational(3, 4))


def test_soft_bounds_are_the_linear_family():
    # (1 + c)(1 - w/tau), (1 - c)(1 + w/tau) with both divided by 1 + c, and (1 - c)/(1 + c) = 1 - up_down
    c = sp.Rational(1, 5)
    biased, family = models.soft_bounds(2, -2, up_down=2 * c / (1 + c)), linear(2, c)
    assert sp.expand(biased.q_plus * (1 + c) - family.q_plus) == 0
    assert sp.expand(biased.q_minus * (1 + c) - family.q_minus) == 0


def test_a_reference_shifts_range_and_response():
    device = models.soft_bounds(1, -1, reference=0.25)
    assert (device.tau_min, device.tau_max) == (sp.Rational(-5, 4), sp.Rational(3, 4))
    assert device.q_plus.subs(W, sp.Rational(3, 4)) == 0
    assert device.symmetric_points == sp.FiniteSet(sp.Rational(-1, 4))


def test_power_steps_by_hand():
    device = models.pow_step(1, -1, 2, pow_up_down=0.5)
    # g_up = 2, g_down = 2 (1 - 1/2) = 1; at w = 1/2 the distances are 1/4 and 3/4 of the range
    half = sp.Rational(1, 2)
    assert (device.q_plus.subs(W, half), device.q_minus.subs(W, half)) == (sp.Rational(1, 16), sp.Rational(3, 4))


def test_piecewise_steps_go_through_their_nodes():
    device = models.piecewise_step(1, -1, [1.5, 1, 0.5], [1, 1, 2])
    assert [at(device.q_plus, w) for w in (-1, -0.5, 0, 1)] == [1.5, 1.25, 1, 0.5]
    assert at(device.q_minus, 0.5) == 1.5
    found = device.definition_1()
    assert (found.holds, found.offending, found.reason) == (False, 0, "q_minus is not differentiable at 0")


def test_the_range_of_exponential_steps_ends_where_a_response_does():
    # z = w: 1 - exp(w)/2 > 0 below log 2 = 0.693, and 1 - exp(-w)/4 > 0 above -log 4 < -1, which the bound -1 cuts off
    device = models.exp_step(1, -1, 0.5, 0.25, 1, 1, 1, 0)
    assert (device.tau_min, device.tau_max) == (-1, sp.log(2))
    found = device.definition_1()
    assert (found.holds, found.offending) == (False, sp.log(2))
    assert device.definition_1(-0.5, 0.5).holds


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: models.constant_step(-1, 1), "w_max=-1: must be > w_min=1"),
        (lambda: models.constant_step(1, -1, up_down=1), r"up_down=1: must lie in \(-1, 1\)"),
        (lambda: models.soft_bounds(1, 0.5), "w_min=1/2: must be < 0 < w_max=1"),
        (lambda: models.linear_step(1, -1, 2, 0), r"q_plus\(1/2\)=0: must be > 0"),
        (lambda: models.pow_step(1, -1, 0), "pow_gamma=0: must be > 0"),
        (lambda: models.pow_step(1, -1, float("nan")), "pow_gamma=nan"),
        (lambda: models.piecewise_step(1, -1, [1], [1]), "at least 2"),
        (lambda: models.piecewise_step(1, -1, [1, 0, 1], [1, 1, 1]), r"q_plus\(0\)=0: must be > 0 inside"),
        (lambda: models.piecewise_step(1, -1, [1, "x"], [1, 1]), r"piecewise_up\[1\]='x'"),
        (lambda: models.exp_step(1, -1, 2, 0, 0, 0, 1, 0), "must leave a range"),
    ],
)
def test_bad_parameters_are_named(make, words):
    with pytest.raises(ValueError, match=words):
        make()
