from fractions import Fraction

import array_api_strict
import numpy as np
import pytest
import sympy as sp
from analog_theory.theory.compile import array_function, exact_function
from analog_theory.theory.symbols import symbol
from scipy import special

W = symbol("w")
HALF = sp.Rational(1, 2)
POINTS = np.linspace(-0.9, 0.9, 7)
CASES = {
    "polynomial": (W**5 - W / 3 + 2, lambda w: w**5 - w / 3 + 2),
    "root": (sp.sqrt(1 - W) + (1 + W) ** sp.Rational(-3, 5), lambda w: np.sqrt(1 - w) + (1 + w) ** -0.6),
    "exponential": (sp.exp(2 * (1 - W)) - sp.exp(2 * (1 + W)), lambda w: np.exp(2 - 2 * w) - np.exp(2 + 2 * w)),
    "constants": (sp.pi * W + sp.exp(-1) / (W + sp.sqrt(2)), lambda w: np.pi * w + np.exp(-1) / (w + np.sqrt(2))),
    "cases": (
        sp.Piecewise((1, W + HALF < 0), (W**2, W - HALF < 0), (2, True)),
        lambda w: np.select([w < -0.5, w < 0.5], [np.ones_like(w), w**2], 2.0),
    ),
    "constant cases": (sp.Piecewise((1, W < 0), (2, True)), lambda w: np.where(w < 0, 1.0, 2.0)),
    "both sides": (
        sp.Piecewise((W, sp.And(W > 0, W - HALF < 0)), (0, True)),
        lambda w: np.where((w > 0) & (w < 0.5), w, 0.0),
    ),
    "extremes": (sp.Max(W, 0, W**2) - sp.Min(W, 1), lambda w: np.maximum(np.maximum(w, 0), w**2) - np.minimum(w, 1)),
    "absolute value": (abs(W) * sp.sign(W - 2) + sp.erf(W), lambda w: -abs(w) + special.erf(w)),
}
# each value is O(10) and takes fewer than 20 roundings of 2^-53 each
TOLERANCE = 20 * 10 * 2**-53


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("xp", [np, array_api_strict])
def test_array_function_computes_the_expression(name, xp):
    expr, by_hand = CASES[name]
    (value,) = array_function((W,), (expr,))(xp.asarray(POINTS))
    assert isinstance(value, type(xp.asarray(POINTS)))
    np.testing.assert_allclose(np.asarray(value), by_hand(POINTS), rtol=0, atol=TOLERANCE)


def test_what_does_not_depend_on_the_argument_is_a_float():
    assert array_function((W,), (sp.Rational(1, 4), W))(POINTS)[0] == 0.25


def test_a_pair_of_exponentials_costs_one():
    pair = (sp.exp(3 * (1 - W)), sp.exp(3 * (1 + W)))
    assert array_function((W,), pair).__doc__.count("xp.exp") == 1


def test_two_functions_of_two_powers_cost_two():
    up, down = (1 - W) ** sp.Rational(3, 5), (1 + W) ** sp.Rational(3, 5)
    assert array_function((W,), ((down + up) / 2, (down - up) / 2)).__doc__.count("**") == 2


@pytest.mark.parametrize("tau", ["3/10", "7/10", "1/49", "7/2", "11/3"])
def test_a_root_at_the_bound_of_the_range_is_zero_and_not_nan(tau):
    tau = sp.Rational(tau)
    (value,) = array_function((W,), ((1 - W / tau) ** sp.Rational(3, 5),))(np.array([float(tau)]))
    assert value[0] == 0


def test_an_integral_is_computed_by_quadrature():
    t = sp.Dummy("t", real=True)
    found = array_function((W,), (sp.Integral(sp.cos(3 * t), (t, sp.Rational(-1, 2), W)), W))(POINTS)[0]
    # graded Gauss-Legendre with 64 nodes integrates an entire function to rounding: 64 terms of size < 1
    np.testing.assert_allclose(found, (np.sin(3 * POINTS) - np.sin(-1.5)) / 3, rtol=0, atol=64 * 2**-53)


def test_an_integral_up_to_a_root_singularity_keeps_its_accuracy():
    t = sp.Dummy("t", real=True)
    found = array_function((W,), (sp.Integral(sp.sqrt(1 - t), (t, 0, W)),))(np.array([0.5, 0.999, 1.0]))[0]
    exact = 2 / 3 * (1 - (1 - np.array([0.5, 0.999, 1.0])) ** 1.5)
    np.testing.assert_allclose(found, exact, rtol=0, atol=64 * 2**-53)


def test_functions_of_several_arguments_broadcast():
    x = symbol("x")
    (value,) = array_function((W, x), (W * x,))(np.ones((3, 1)), np.arange(4.0))
    assert value.shape == (3, 4)


def test_exact_function_keeps_fractions():
    exprs = (W / 3 - 1, abs(W), sp.Max(W, 0), sp.Piecewise((W**2, W < 0), (1 / W, True)))
    exact = exact_function((W,), exprs)
    assert exact(Fraction(-1, 2)) == (Fraction(-7, 6), Fraction(1, 2), 0, Fraction(1, 4))
    assert all(type(v) is Fraction for v in exact(sp.Rational(2, 3)))
    assert exact(3)[3] == Fraction(1, 3)


def test_exact_function_goes_through_object_arrays():
    (value,) = exact_function((W,), (W / 2,))(np.array([[Fraction(1, 3)], [2]], dtype=object))
    assert value.tolist() == [[Fraction(1, 6)], [1]]


@pytest.mark.parametrize("given", [0.5, np.float64(0.5), np.array([0.5]), sp.Float(0.5), True, "1/2"])
def test_exact_function_raises_on_any_float(given):
    with pytest.raises(TypeError, match="never floats"):
        exact_function((W,), (W,))(given)


@pytest.mark.parametrize("expr", [sp.sqrt(W), sp.exp(W), sp.pi * W, sp.sqrt(2) * W, sp.Integral(W, (W, 0, W))])
def test_exact_function_refuses_what_is_not_rational(expr):
    with pytest.raises(ValueError, match="expression="):
        exact_function((W,), (expr,))


def test_a_symbol_without_a_value_is_named():
    with pytest.raises(ValueError, match=r"symbols without a value.*tau"):
        array_function((W,), (W / symbol("tau"),))


@pytest.mark.parametrize("expr", [sp.gamma(W), sp.Piecewise((W, W < 0))])
def test_an_expression_that_no_array_library_has_is_named(expr):
    with pytest.raises(ValueError, match="expression="):
        array_function((W,), (expr,))
