import re
from fractions import Fraction

import array_api_strict
import numpy as np
import pytest
import sympy as sp
from analog_theory.theory import response_strategies as draw
from analog_theory.theory.response import W, exponential, from_expressions, ideal, linear, power
from analog_theory.theory.symbols import symbol
from hypothesis import Phase, given, settings

TAU, C_LIN, GAMMA_RES = symbol("tau"), symbol("c_lin"), symbol("gamma_res")
EPS = 2.0**-53
# SymPy's work on one device varies widely, and the first use of each part of it imports modules
few = settings(max_examples=6, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate])


def grid(device, count=65, inside=0.0):
    low, high = float(device.tau_min), float(device.tau_max)
    return np.linspace(low + inside * (high - low), high - inside * (high - low), count)


def full(values, w):
    return [np.broadcast_to(v, w.shape) for v in values]


def test_the_linear_response_by_hand():
    device = linear(tau=3.5, c_lin=0.1)
    assert repr(device) == "linear(tau=7/2, c_lin=1/10)"
    # (1 + c)(1 - w/tau) and (1 - c)(1 + w/tau): mean 1 - c w/tau, half difference w/tau - c
    assert sp.expand(device.F - (1 - W / 35)) == 0
    assert sp.expand(device.G - (2 * W / 7 - sp.Rational(1, 10))) == 0
    assert device.symmetric_points == sp.FiniteSet(sp.Rational(7, 20))


def test_derivations_run_on_symbols():
    device = linear(TAU, C_LIN)
    assert device.symmetric_points == sp.FiniteSet(C_LIN * TAU)
    assert sp.simplify(sp.diff(device.R_c, W) - device.R) == 0
    assert linear(TAU).R_c == W**2 / (2 * TAU)
    assert exponential(TAU, GAMMA_RES).symmetric_points == sp.FiniteSet(0)


@pytest.mark.parametrize(
    ("device", "closed"),
    [
        (linear(2), W**2 / 4),
        # R = 2x/(1 + x^2), x = w/tau
        (power(3, 2), 3 * sp.log(1 + W**2 / 9)),
        # R = (3x + x^3)/(1 + 3x^2)
        (power(1, 3), W**2 / 6 + sp.Rational(4, 9) * sp.log(1 + 3 * W**2)),
        (exponential(2, 3), sp.Rational(2, 3) * sp.log((sp.cosh(3 * W / 2) - sp.exp(-3)) / (1 - sp.exp(-3)))),
    ],
)
def test_closed_forms_of_R_c(device, closed):
    assert not device.R_c.has(sp.Integral)
    for point in (-sp.Rational(9, 10), sp.Rational(1, 3)):
        assert abs(sp.N((device.R_c - closed).subs(W, point), 30)) < 1e-28


def test_closed_form_and_quadrature_agree_for_the_root_response():
    device = power(1, 0.5)
    w = grid(device)
    x, s = w, np.sqrt(1 - w) * np.sqrt(1 + w)
    quadrature = from_expressions("(1-w)**(1/2)", "(1+w)**(1/2)", -1, 1)
    assert not device.R_c.has(sp.Integral)
    assert quadrature.R_c.has(sp.Integral)
    for either in (device, quadrature):
        found = either.array_functions("R_c")(x)[0]
        # 64 terms below 1, and log((1 + s)/2) near 0 loses nothing absolute
        np.testing.assert_allclose(found, 1 - s + np.log((1 + s) / 2), rtol=0, atol=64 * EPS)


def test_array_functions_equal_the_definitions():
    w = grid(linear(3.5))
    cases = {
        linear(3.5, 0.2): (1.2 * (1 - w / 3.5), 0.8 * (1 + w / 3.5)),
        power(3.5, 0.6): ((1 - w / 3.5) ** 0.6, (1 + w / 3.5) ** 0.6),
        exponential(3.5, 2): tuple(np.expm1(2 * (1 + s * w / 3.5)) / np.expm1(2) for s in (-1, 1)),
    }
    for device, (up, down) in cases.items():
        found = full(device.array_functions("q_plus", "q_minus", "F", "G", "M")(w), w)
        expected = (up, down, (down + up) / 2, (down - up) / 2, up * down)
        # values below 10; a root of 0.6 at the bound turns a rounding of 2^-53 into its 0.6th power there
        at_bound = (4 * EPS) ** 0.6 if device.name.startswith("power") else 0
        np.testing.assert_allclose(found, expected, rtol=0, atol=100 * EPS + at_bound)


def test_array_functions_run_on_other_libraries():
    for device in (linear(1, 0.1), power(1, 0.5), power(1, 0.7), exponential(1, 2)):
        w = grid(device)
        here = full(device.array_functions("F", "G", "R", "R_c", "dR", "M")(w[1:-1]), w[1:-1])
        there = device.array_functions("F", "G", "R", "R_c", "dR", "M")(array_api_strict.asarray(w[1:-1]))
        np.testing.assert_array_equal(np.array([np.asarray(v) for v in there]), here)


def test_the_ideal_response():
    device = ideal()
    assert (device.F, device.G, device.R_c, device.symmetric_point) == (1, 0, 0, 0)
    assert device.symmetric_points == sp.Interval(-sp.oo, sp.oo)
    assert device.definition_1().holds


def test_all_symmetric_points_of_a_non_monotone_pair():
    # q_- - q_+ = 2 (w - 1/2) w (w + 1/3), up to scale
    bump = (W - sp.Rational(1, 2)) * W * (W + sp.Rational(1, 3)) / 4
    device = from_expressions(1 - bump, 1 + bump, -1, 1)
    assert device.symmetric_points == sp.FiniteSet(sp.Rational(-1, 3), 0, sp.Rational(1, 2))
    assert device.symmetric_point == 0


def test_a_symmetric_point_without_a_sign_change_is_found():
    polynomial = from_expressions("1", "1 + (w - 1/3)**2", -1, 1)
    assert polynomial.symmetric_points == sp.FiniteSet(sp.Rational(1, 3))
    (touching,) = from_expressions("1 + sin(w)/2", "3/2", -1, 3).symmetric_points
    # where the derivative is 0 the root is as sharp as the derivative's own
    assert abs(touching - sp.pi / 2) < 1e-15


def test_symmetric_points_that_no_formula_gives():
    # sin(5w)/2 = w/3: x with 3 sin(5x) = 2x
    roots = from_expressions("1 + sin(5*w)/2", "1 + w/3", -1, 1).symmetric_points
    assert len(roots) == 3
    assert all(abs(3 * sp.sin(5 * x) - 2 * x) < 1e-27 for x in roots)


def test_a_pair_that_never_meets_has_no_R_c():
    device = from_expressions("1", "2", -1, 1)
    assert device.symmetric_points == sp.S.EmptySet
    with pytest.raises(ValueError, match="must have a symmetric point"):
        _ = device.R_c


@pytest.mark.parametrize(
    ("device", "point", "why"),
    [
        (linear(3.5, 0.1), sp.Rational(7, 2), r"q_plus\(7/2\) = 0"),
        (power(2, 0.5), 2, r"q_plus\(2\) = 0"),
        (from_expressions("1 + sqrt(1 - w)", "1 + sqrt(1 + w)", -1, 1), 1, "derivative of q_plus is unbounded"),
        (from_expressions("1 + abs(w)", "1", -1, 1), 0, "not differentiable"),
        (from_expressions(sp.Piecewise((1, W < 0), (2, True)), "1", -1, 1), 0, "jumps"),
        (from_expressions("1/(1 - w)", "1", -1, 1), 1, "unbounded"),
    ],
)
def test_definition_1_names_the_offending_point(device, point, why):
    found = device.definition_1()
    assert not found.holds
    assert found.offending == point
    assert re.search(why, found.reason)


def test_definition_1_inside_the_range():
    found = linear(2).definition_1(-1, 1)
    assert (found.holds, found.q_min, found.q_max, found.slope_max) == (True, sp.S.Half, sp.Rational(3, 2), sp.S.Half)
    # 1 + w^2 (1 - w) has its extremes at w = -1 and at the ends' derivative -2 - 3
    cubic = from_expressions("1 + w**2*(1 - w)", "1", -1, 1).definition_1()
    assert (cubic.q_min, cubic.q_max, cubic.slope_max) == (1, 3, 5)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: linear(0), "tau=0: must be > 0"),
        (lambda: linear(-1.5), "tau=-3/2: must be > 0"),
        (lambda: linear(1, 1), r"c_lin=1: must lie in \(-1, 1\)"),
        (lambda: linear(1, -1.5), "c_lin=-3/2"),
        (lambda: power(1, 0), "gamma_res=0: must be > 0"),
        (lambda: exponential(1, float("nan")), "gamma_res=nan"),
        (lambda: from_expressions("1 - w", "1", -2, 2), r"q_plus\(1\)=0: must be > 0 inside the range \(-2, 2\)"),
        (lambda: from_expressions("1", "-1", -1, 1), r"q_minus\(0\)=-1"),
        (lambda: from_expressions("1", "w**2", -1, 1), r"q_minus\(0\)=0"),
        (lambda: from_expressions("exp(w) - 1/2", "1", -1, 1), r"q_plus\(-127/128\)="),
        (lambda: from_expressions("1 + a*w", "1", -1, 1), "must be an expression of one symbol"),
        (lambda: from_expressions("1 +", "1", -1, 1), "q_plus='1 \\+'"),
        (lambda: from_expressions("1", "1", 1, -1), "tau_max=-1: must be > tau_min=1"),
        (lambda: linear(1).array_functions("Rc"), "did you mean 'R_c'"),
        (lambda: linear(TAU).array_functions("F", "G"), "symbols without a value"),
    ],
)
def test_bad_input_is_named(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_exact_functions_raise_on_floats_and_on_roots():
    with pytest.raises(TypeError, match="never floats"):
        linear(1).exact_functions("F")(0.5)
    with pytest.raises(ValueError, match="not rational"):
        power(1, 0.5).exact_functions("F")


@few
@given(draw.devices())
def test_saturation_is_the_product_of_the_responses(device):
    w = grid(device)
    F, G, M, up, down = full(device.array_functions("F", "G", "M", "q_plus", "q_minus")(w), w)
    scale = np.maximum(abs(up), abs(down)).max() ** 2
    np.testing.assert_allclose(F**2 - G**2, M, rtol=0, atol=200 * EPS * scale)


@few
@given(draw.devices())
def test_R_c_has_derivative_R(device):
    if device.symmetric_points.is_empty:
        return
    w = grid(device, 33, inside=0.05)
    width = float(device.tau_max - device.tau_min)
    h = 1e-4 * width
    R = device.array_functions("R")(w)[0]
    above, below = (full(device.array_functions("R_c")(w + s * h), w)[0] for s in (1, -1))
    rise = (above - below) / (2 * h)
    # central differences err by h^2/6 |R''| (h/2 times the change of R' across a kink); bounded by R' nearby
    x = grid(device, 2049, inside=0.04)
    slope = np.gradient(full(device.array_functions("R")(x), x)[0], x)
    allowed = h * np.ptp(slope) + 1e-9
    assert np.max(abs(rise - R)) <= allowed


@few
@given(draw.devices())
def test_G_vanishes_at_every_symmetric_point_and_changes_sign_nowhere_else(device):
    where = device.symmetric_points
    if not isinstance(where, sp.FiniteSet):
        return
    assert all(abs(sp.N(device.G.subs(W, p), 30)) < 1e-25 for p in where)
    w = grid(device, 400)
    (G,) = full(device.array_functions("G")(w), w)
    sure = np.abs(G) > 1e-12
    crossings = [(a, b) for a, b, s, t in zip(w, w[1:], G * sure, G[1:] * sure[1:], strict=False) if s * t < 0]
    roots = [float(p) for p in where]
    assert all(any(a <= r <= b for r in roots) for a, b in crossings)


@few
@given(draw.rational_devices())
def test_array_and_exact_functions_agree_at_rational_points(device):
    points = [device.tau_min + (device.tau_max - device.tau_min) * sp.Rational(k, 7) for k in range(1, 7)]
    names = ("q_plus", "q_minus", "F", "G", "M")
    w = np.array([float(p) for p in points])
    arrays = full(device.array_functions(*names)(w), w)
    exact = np.array([[float(v) for v in device.exact_functions(*names)(p)] for p in points]).T
    # values up to 4, polynomials of degree 4 in coefficients up to (range)^-4 <= 40
    np.testing.assert_allclose(arrays, exact, rtol=0, atol=4000 * EPS)
    assert all(type(v) is Fraction for v in device.exact_functions(*names)(points[0]))


@few
@given(draw.devices())
def test_the_zero_shifted_response_has_its_symmetric_point_at_zero(device):
    if device.symmetric_points.is_empty:
        return
    shifted, by = device.zero_shifted(), device.symmetric_point
    assert abs(sp.N(shifted.G.subs(W, 0), 30)) < 1e-25
    assert shifted.tau_max - shifted.tau_min == device.tau_max - device.tau_min or by.has(sp.Float)
    w = grid(device, 17, inside=0.1)
    before = full(device.array_functions("q_plus", "q_minus")(w), w)
    after = full(shifted.array_functions("q_plus", "q_minus")(w - float(by)), w)
    # the shift is rounded once, to 2^-53 of the range; slopes are below 200
    np.testing.assert_allclose(after, before, rtol=1e-12, atol=4000 * EPS)


@few
@given(draw.devices())
def test_definition_1_bounds_what_the_grid_shows(device):
    found = device.definition_1()
    w = grid(device, 101)
    pair = full(device.array_functions("q_plus", "q_minus")(w), w)
    assert float(found.q_min) - 1e-12 <= np.min(pair)
    assert np.max(pair) <= float(found.q_max) * (1 + 1e-12)
    assert np.max(np.abs(np.diff(pair, axis=1) / np.diff(w))) <= float(found.slope_max) * (1 + 1e-9) + 1e-9
