"""The implicit penalty: its formulas by hand, its roots by their residual, its orders by measured slopes."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from analog_theory.theory.noise import FiniteSupport, Gaussian, NoNoise, Rademacher, folded_normal
from analog_theory.theory.objective import Quadratic, SmoothObjective
from analog_theory.theory.penalty import ImplicitPenalty, differences, fixed_point, root, roots, w_tilde
from analog_theory.theory.penalty_series import absolute_moment, fixed_point_order, generic_coefficients
from analog_theory.theory.response import exponential, from_expressions, ideal, linear, power
from analog_theory.theory.symbols import symbol
from scipy import stats

H, SIGMA, TAU, DELTA = symbol("h"), symbol("sigma", "positive"), symbol("tau"), symbol("delta")
COUPLED = np.array([[2.0, 0.5, 0.0], [0.5, 1.0, -0.3], [0.0, -0.3, 1.5]])
ONE_SIDED = FiniteSupport([Fraction(-1), Fraction(1, 2)], [Fraction(1, 3), Fraction(2, 3)])
WITH_ATOM = FiniteSupport([Fraction(-1), Fraction(0), Fraction(1)], [Fraction(1, 4), Fraction(1, 2), Fraction(1, 4)])


def scalar(minimizer: float, curvature: float = 2.0) -> Quadratic:
    return Quadratic([[curvature]], [minimizer])


def symbolic_gaussian(a: sp.Expr, side: sp.Expr) -> sp.Expr:
    return folded_normal(a, SIGMA)


def test_linear_response_under_signs_has_the_ridge_solution() -> None:
    # by hand: h (w - w*) + sigma w / tau = 0 while |h (w - w*)| < sigma
    h, w_star, sigma, tau = 2.0, 0.5, 1.5, 4.0
    by_hand = h * w_star / (h + sigma / tau)
    problem = scalar(w_star, h)
    # three operations, each with a rounding error of 1e-16, on numbers of size 1
    assert fixed_point(problem, linear(4), Rademacher(sigma)) == pytest.approx([by_hand], abs=1e-14)
    assert w_tilde(problem, linear(4), Rademacher(sigma)) == pytest.approx([by_hand], abs=1e-14)


def test_gradient_of_the_penalised_objective_by_differences() -> None:
    penalty = ImplicitPenalty(
        Quadratic(COUPLED, [0.4, -0.3, 0.2]), [linear(3, 0.1), power(2, 2), exponential(3, 1)], Gaussian(1.0)
    )
    W, step = np.array([0.3, 0.2, -0.5]), 1e-5
    steps = step * np.eye(3)
    slope = (penalty.value(W + steps) - penalty.value(W - steps)) / (2 * step)
    # central differences: step^2 times a third derivative of order 1, plus 1e-16 / step
    np.testing.assert_allclose(penalty.gradient(W), slope, atol=1e-9)


def test_sigma_is_the_folded_mean_at_the_minimiser() -> None:
    penalty = ImplicitPenalty(scalar(0.7), linear(2), Gaussian(0.3))
    np.testing.assert_allclose(penalty.Sigma, [0.3 * np.sqrt(2 / np.pi)], rtol=1e-14)


@pytest.mark.parametrize("noise", [Gaussian(0.8), Rademacher(2.0), ONE_SIDED, WITH_ATOM, NoNoise()])
@pytest.mark.parametrize("device", [linear(2, 0.2), power(2, 2), exponential(2, 1)], ids=repr)
def test_root_has_no_residual_and_is_where_the_mean_step_stays(noise, device) -> None:
    objective = Quadratic(COUPLED, [0.5, -0.4, 0.3])
    penalty = ImplicitPenalty(objective, device, noise)
    W = penalty.fixed_point
    F, G = device.array_functions("F", "G")(W)
    moved = objective.gradient(W) * F + noise.abs_mean(objective, W) * G
    # rounding of a sum of terms of size 1 in three coordinates, and of the root itself
    np.testing.assert_allclose(moved.astype(np.float64), 0, atol=1e-12)


def test_all_roots_of_one_weight_are_reported() -> None:
    # R = (w^3 - w/4)/2 has slope -1/8 at 0: with h = 1/16, Sigma = 1 the mean update w/16 + R has roots 0, +-sqrt(1/8)
    device = from_expressions("1 - (w**3 - w/4)/2", "1 + (w**3 - w/4)/2", -1, 1)
    penalty = ImplicitPenalty(scalar(0.0, 1 / 16), device, Rademacher(1))
    np.testing.assert_allclose(penalty.fixed_points(), [-np.sqrt(1 / 8), 0, np.sqrt(1 / 8)], atol=1e-12)


def test_ideal_device_stays_at_the_minimiser() -> None:
    assert fixed_point(scalar(5.0), ideal(), Gaussian(1.0)) == pytest.approx([5.0], abs=1e-12)


def test_cubic_terms_of_the_objective_are_seen() -> None:
    x, y = sp.symbols("x y")
    shape = x**2 + x * y / 2 + y**2 + (x**4 + y**4) / 4 - x
    penalty = ImplicitPenalty(SmoothObjective.from_expression(shape, (x, y)), linear(2, 0.1), Gaussian(1.0))
    np.testing.assert_allclose(penalty.T(penalty.fixed_point), 0, atol=1e-12)
    # next_term is one order better than Wt*: the miss shrinks, here by more than half
    miss = np.linalg.norm(penalty.fixed_point - penalty.w_tilde)
    assert np.linalg.norm(penalty.fixed_point - penalty.w_tilde - penalty.next_term) < miss / 2


def test_a_field_without_root_is_told() -> None:
    with pytest.raises(ArithmeticError, match=r"\|T\| = "):
        root(lambda W: 1 + W**2, np.array([0.3]), -np.inf, np.inf)
    with pytest.raises(ArithmeticError, match="no fixed point inside the range"):
        roots(lambda w: 1 + w**2, -1.0, 1.0)


def test_differences_are_the_jacobian() -> None:
    matrix = np.array([[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_allclose(differences(lambda W: W @ matrix.T, np.array([0.1, 5.0])), matrix, atol=1e-9)


def test_wrong_number_of_devices_is_told() -> None:
    with pytest.raises(ValueError, match=r"len\(device\)=2: must be one device, or 3"):
        ImplicitPenalty(Quadratic(COUPLED, [0, 0, 0]), [linear(1), linear(2)], Gaussian(1.0))
    with pytest.raises(ValueError, match="dim=3: must be 1"):
        ImplicitPenalty(Quadratic(COUPLED, [0, 0, 0]), linear(1), Gaussian(1.0)).fixed_points()


def test_first_coefficients_by_hand() -> None:
    c, A_0, A_1, R_1, R_2, f_3 = sp.symbols("c A_0 A_1 R_1 R_2 f_3", real=True)
    zeroth, first, second, *_ = generic_coefficients()
    assert zeroth == 0
    assert sp.expand(first - (H * (c - 1) + A_0 * R_1 * c)) == 0
    by_hand = f_3 * (c - 1) ** 2 / 2 + A_0 * R_2 * c**2 / 2 + A_1 * H * (c - 1) * R_1 * c
    assert sp.expand(second - by_hand) == 0


CASES = {
    "linear, Gaussian": (linear(TAU), symbolic_gaussian, 3, {"density of xi at 0"}),
    "linear, signs": (linear(TAU), Rademacher(SIGMA), sp.oo, set()),
    "linear, one-sided": (linear(TAU), ONE_SIDED, 2, {"E sign(xi)"}),
    "linear, atom at 0": (linear(TAU), WITH_ATOM, 2, {"E sign(xi)"}),
    "linear, no noise": (linear(TAU), NoNoise(), sp.oo, set()),
    "asymmetric, Gaussian": (linear(TAU, symbol("c_lin")), symbolic_gaussian, 2, {"R''(w_sp)"}),
    "asymmetric, signs": (linear(TAU, Fraction(1, 5)), Rademacher(SIGMA), 2, {"R''(w_sp)"}),
    "asymmetric, one-sided": (linear(TAU, Fraction(1, 5)), ONE_SIDED, 2, {"R''(w_sp)", "E sign(xi)"}),
    "power, Gaussian": (power(TAU, 2), symbolic_gaussian, 3, {"R'''(w_sp)", "density of xi at 0"}),
    "power, signs": (power(TAU, 2), Rademacher(SIGMA), 3, {"R'''(w_sp)"}),
    "exponential, Gaussian": (exponential(TAU, 1), symbolic_gaussian, 3, {"R'''(w_sp)", "density of xi at 0"}),
}


@pytest.mark.parametrize("case", CASES)
def test_orders_and_their_causes(case) -> None:
    device, noise, order, causes = CASES[case]
    found = fixed_point_order(device, noise)
    assert found.order == order
    assert set(found.causes) == causes
    assert sp.simplify(sum(found.causes.values()) - found.coefficient) == 0


def test_a_third_derivative_of_the_objective_makes_order_two() -> None:
    found = fixed_point_order(linear(TAU), symbolic_gaussian, (H, symbol("k")))
    assert found.order == 2
    assert set(found.causes) == {"f'''(w*)"}


def test_coefficient_of_the_linear_response_by_hand() -> None:
    # by hand, with K = h + S/tau, v = -S d/(tau K), R = h d/(tau K), A''(0) = 2/(sigma sqrt(2 pi)):
    # T(Wt*) = A''(0)/2 (h v)^2 R
    S = SIGMA * sp.sqrt(2 / sp.pi)
    K = H + S / TAU
    by_hand = -((H * S / (TAU * K)) ** 2) * H / (TAU * K) / (SIGMA * sp.sqrt(2 * sp.pi)) / K
    assert sp.simplify(fixed_point_order(linear(TAU), symbolic_gaussian).coefficient / by_hand) == 1


def test_a_pull_that_cancels_the_curvature_is_told() -> None:
    falling = from_expressions("1 + w/2", "1 - w/2", -2, 2)
    with pytest.raises(ValueError, match=r"h \+ Sigma R'\(w_sp\)=0: must not be 0"):
        fixed_point_order(falling, Rademacher(2), (1,))


def test_noise_that_depends_on_the_weight_has_no_series() -> None:
    with pytest.raises(ValueError, match="must be Gaussian, Rademacher"):
        absolute_moment("rows")


MEASURED = {
    "linear, Gaussian": (linear(2), Gaussian(1.0)),
    "linear, one-sided": (linear(2), ONE_SIDED),
    "linear, atom at 0": (linear(2), WITH_ATOM),
    "asymmetric, Gaussian": (linear(2, 0.3), Gaussian(1.0)),
    "asymmetric, signs": (linear(2, 0.3), Rademacher(1)),
    "power, Gaussian": (power(2, 2), Gaussian(1.0)),
    "power, signs": (power(2, 2), Rademacher(1)),
    "exponential, Gaussian": (exponential(2, 1), Gaussian(1.0)),
}


def interval(smalls: np.ndarray, errors: np.ndarray) -> tuple[float, float]:
    """Slope at small -> 0 with its 99 % interval: the local slopes are a line in delta, extrapolated to 0."""
    local = np.diff(np.log(errors)) / np.diff(np.log(smalls))
    fit = stats.linregress(np.sqrt(smalls[1:] * smalls[:-1]), local)
    half = stats.t.ppf(0.995, len(local) - 2) * fit.intercept_stderr
    return fit.intercept - half, fit.intercept + half


@pytest.mark.parametrize("case", MEASURED)
def test_measured_order_and_coefficient_are_the_predicted_ones(case) -> None:
    device, noise = MEASURED[case]
    predicted = fixed_point_order(device, noise, (2,))
    centre = float(device.symmetric_point)
    deltas = 2.0 ** -np.arange(3, 9)
    gaps = []
    for delta in deltas:
        penalty = ImplicitPenalty(scalar(centre + delta), device, noise)
        gaps.append((penalty.fixed_point - penalty.w_tilde)[0])
    low, high = interval(deltas, np.abs(gaps))
    # widened by the quadratic term that the extrapolation leaves out: at most the square of its largest delta
    assert low - deltas[0] ** 2 <= predicted.order <= high + deltas[0] ** 2
    assert high - low < 0.5, "an interval that could tell neighbouring orders apart"
    # the next term is smaller by a factor of delta times a constant of order 1 to 10
    ratio = gaps[-1] / (float(predicted.coefficient) * deltas[-1] ** int(predicted.order))
    assert ratio == pytest.approx(1, abs=10 * deltas[-1])


def test_the_next_term_in_several_dimensions() -> None:
    errors, deltas = [], 2.0 ** -np.arange(3, 9)
    for delta in deltas:
        objective = Quadratic(COUPLED, 0.6 + delta * np.array([1.0, -0.5, 0.7]))
        penalty = ImplicitPenalty(objective, linear(2, 0.3), Gaussian(1.0))
        miss = penalty.fixed_point - penalty.w_tilde
        errors.append(np.linalg.norm(miss - penalty.next_term) / np.linalg.norm(miss))
    low, high = interval(deltas, np.array(errors))
    assert low - deltas[0] <= 1 <= high + deltas[0]
