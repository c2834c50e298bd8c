"""The stationary law of Analog SGD against hand calculation, differences, brute-force integrals and a quadrature."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from analog_theory.experiments.paper.analog_sgd_stationary import KINK, kinked, logistic, on_the_kink
from analog_theory.experiments.stationary import stationary_moments
from analog_theory.theory.gradient_moments import gradient_moments
from analog_theory.theory.laws import law
from analog_theory.theory.laws.analog_sgd_stationary import (
    CONTRACTS,
    KINK as KINK_CONDITION,
    RANGE,
    STABLE,
    analog_sgd_stationary,
    drift_curvature,
    drift_jacobian,
    kinked_mean,
    responses,
    step_covariance,
)
from analog_theory.theory.noise import FiniteSupport, Gaussian, NoNoise, Rademacher, Rows
from analog_theory.theory.objective import LeastSquares, Quadratic
from analog_theory.theory.penalty import differences
from analog_theory.theory.response import exponential, from_expressions, linear, power
from scipy import integrate, stats

LAW = law("analog-sgd-stationary")
PLANE = Quadratic([[1.5, 0.4], [0.4, 0.8]], [0.4, -0.3])
DATA = LeastSquares(
    [[1.0, 0.4], [0.8, -0.5], [-0.3, 1.2], [1.1, 0.6], [-0.2, 0.9]], [1.2, -0.7, 0.9, -0.8, -1.5], scale=1 / 5
)
DEVICES = (linear(2, 0.2), power(2, 2), exponential(2, 1))
JOINT = FiniteSupport(points=[[0.5, -0.2], [-0.5, 0.4], [0.5, 0.2], [-0.5, -0.4]], probabilities=[0.25] * 4)
NOISES = (Gaussian([0.5, 0.8]), Rademacher(0.7), JOINT)
CASES = [*((PLANE, noise) for noise in NOISES), (DATA, Rows()), (DATA, Rows(2, replace=False)), (DATA, Gaussian(0.5))]


def drift(objective, device, noise, W):
    F, G = device.array_functions("F", "G")(W)
    return np.asarray(objective.gradient(W) * F + noise.abs_mean(objective, W) * G, dtype=float)


@pytest.mark.parametrize(("objective", "noise"), CASES)
@pytest.mark.parametrize("device", DEVICES, ids=repr)
def test_jacobian_and_curvature_are_those_of_the_drift(objective, noise, device) -> None:
    W = np.array([0.31, -0.24])

    def jacobian(at):
        return drift_jacobian(gradient_moments(noise, objective, at), responses(device, at))

    J = jacobian(W)
    # central differences of step 6e-6: truncation 4e-11 times third derivatives of order 1, rounding 1e-16/6e-6
    np.testing.assert_allclose(J, differences(lambda at: drift(objective, device, noise, at), W), atol=1e-8)
    curved = drift_curvature(gradient_moments(noise, objective, W), responses(device, W))
    for k in range(2):
        step = 1e-5 * np.eye(2)[k]
        np.testing.assert_allclose(curved[:, :, k], (jacobian(W + step) - jacobian(W - step)) / 2e-5, atol=1e-8)


def test_third_derivative_of_the_loss_enters_the_curvature() -> None:
    objective, device, noise, step = logistic(), linear(1, 0.2), Gaussian(0.5), 1e-4
    at = np.array([-0.1])
    curved = drift_curvature(gradient_moments(noise, objective, at), responses(device, at))[0, 0, 0]
    second = sum(k * drift(objective, device, noise, at + s) for k, s in ((1, step), (-2, 0.0), (1, -step)))
    # second difference: truncation step^2/12 times a fourth derivative of order 100, rounding 1e-16/step^2
    assert curved == pytest.approx(second[0] / step**2, abs=1e-6)


def test_covariance_of_a_step_under_normal_noise_by_integration() -> None:
    noise, W = Gaussian([0.5, 0.8]), np.array([0.31, -0.24])
    device = linear(2, 0.2)
    C = step_covariance(gradient_moments(noise, PLANE, W), responses(device, W))
    F, G = device.array_functions("F", "G")(W)
    for i, std in enumerate(noise.std):
        g = PLANE.gradient(W)[i]

        def power_of(k, i=i, std=std, g=g):
            def weighed(x):
                return (x * F[i] + abs(x) * G[i]) ** k * stats.norm.pdf(x, g, std)

            return sum(integrate.quad(weighed, *part, epsabs=1e-12)[0] for part in ((-9, 0), (0, 9)))

        assert C[i, i] == pytest.approx(power_of(2) - power_of(1) ** 2, rel=1e-9)
    assert C[0, 1] == 0  # independent coordinates


@pytest.mark.parametrize(("objective", "noise"), [(DATA, Rows()), (PLANE, JOINT)])
def test_covariance_of_a_step_by_enumeration(objective, noise) -> None:
    W, device = np.array([0.31, -0.24]), linear(2, 0.2)
    F, G = device.array_functions("F", "G")(W)
    if isinstance(noise, Rows):
        samples = [np.asarray(noise.gradients(objective, W, np.array([row])))[0] for row in range(5)]
    else:
        samples = [objective.gradient(W) + x for x in noise.points]
    steps = np.array([g * F + abs(g) * G for g in samples])
    expected = np.cov(steps.T, bias=True)
    C = step_covariance(gradient_moments(noise, objective, W), responses(device, W))
    np.testing.assert_allclose(C, expected, atol=1e-14)


def test_two_point_noise_on_a_linear_device_by_hand() -> None:
    # g = +-s + h (w - w*), E|g| = s: the drift is affine, h (w - w*) + s w/tau, and a step from the fixed point is
    # +-s (1 - R^2) with R = w/tau
    h, w_star, s, tau, alpha = 2.0, 0.5, 0.6, 1.5, 0.01
    found = analog_sgd_stationary(Quadratic([[h]], [w_star]), linear(tau), Rademacher(s), alpha)
    R = h * w_star / (h + s / tau) / tau
    assert found.covariance[0, 0] == pytest.approx(alpha * (s * (1 - R**2)) ** 2 / (2 * (h + s / tau)), rel=1e-12)
    assert found.next_order_bias == pytest.approx([0.0], abs=1e-15)
    # |g| = s R there, so the kink |g| = s is s (1 - R) away
    assert found.nearest_kink == pytest.approx(s * (1 - R) / (h * found.std[0]), rel=1e-12)


def test_no_asymmetry_gives_the_covariance_of_digital_sgd() -> None:
    # H S + S H = alpha sigma^2 I has the solution alpha sigma^2 H^{-1}/2
    far = analog_sgd_stationary(PLANE, linear(1e9), Gaussian(0.5), 0.01)
    np.testing.assert_allclose(far.covariance, 0.01 * 0.25 * np.linalg.inv(PLANE.H) / 2, rtol=1e-7)


@pytest.mark.parametrize(
    ("objective", "device", "noise"),
    [
        (Quadratic([[2.0]], [0.6]), linear(2, -0.2), Gaussian(1.0)),
        (Quadratic([[1.0]], [0.6]), linear(1, 0.3), Rademacher(0.6)),
        (Quadratic([[1.0]], [0.3]), power(2, 2), Gaussian(0.5)),
        (logistic(), linear(1, -0.2), Gaussian(0.5)),
        (LeastSquares(DATA.A[:, :1], DATA.b, scale=1 / 5), linear(1, -0.2), Rows()),
    ],
    ids=["normal", "two points", "power", "logistic", "rows"],
)
def test_both_orders_are_the_limits_of_the_exact_stationary_law(objective, device, noise) -> None:
    rates = (0.02, 0.01)
    ratios = []
    for alpha in rates:
        found = analog_sgd_stationary(objective, device, noise, alpha)
        exact = stationary_moments(objective, device, noise, alpha, found.fixed_point[0], found.std[0])
        ratios.append([exact.mean / found.next_order_bias[0], exact.square / found.covariance[0, 0]])
    # ratios are 1 + c alpha + d alpha^2, d of order 5 here: one step of extrapolation leaves d alpha^2/2 = 1e-3
    np.testing.assert_allclose(2 * np.array(ratios[1]) - ratios[0], 1, atol=2e-3)


def test_on_a_kink_the_bias_is_of_order_sqrt_alpha() -> None:
    problem, device = kinked(), linear(1)
    shares = []
    for alpha in (4e-3, 1e-3):
        found = analog_sgd_stationary(problem, device, Rows(), alpha)
        assert found.fixed_point == pytest.approx([KINK], abs=1e-12)
        exact = stationary_moments(problem, device, Rows(), alpha, KINK, float(found.std[0]))
        shares.append(exact.mean / np.sqrt(alpha))
    # a series in sqrt(alpha): what extrapolation by a line leaves is of order alpha/2 = 2e-3, relative to 1
    assert 2 * shares[1] - shares[0] == pytest.approx(on_the_kink(), rel=5e-3)
    assert float(kinked_mean(1.0, 2.0, 2.0)) == 0.0
    assert float(kinked_mean(2.0, 1.0, 4.0)) == pytest.approx(-np.sqrt(2 / np.pi) / 2)


def test_without_data_it_is_one_weight_and_by_default_normal() -> None:
    said = LAW.predict()
    assert said.valid
    assert said.values["mean"] == pytest.approx(said.values["fixed_point"] + said.values["next_order_bias"])
    assert said.values["bias"] == pytest.approx(said.values["mean"] - 0.4)
    assert said.values["covariance"] == pytest.approx(said.values["std"] ** 2)
    assert said.values["nearest_kink"] is None
    assert said.reasons["nearest_kink"] == "E|grad| has no kink"


def test_with_data_values_are_lists_and_the_noise_is_its_rows() -> None:
    said = LAW.predict(data=DATA, tau=2.0, alpha=0.001)
    assert np.shape(said.values["covariance"]) == (2, 2)
    assert np.shape(said.values["std"]) == (2,)
    assert said.values["nearest_kink"] > 0
    normal = LAW.predict(data=DATA, tau=2.0, alpha=0.001, noise="gaussian")
    assert normal.values["nearest_kink"] is None


@pytest.mark.parametrize(
    ("given", "condition", "why"),
    [
        ({"noise": "rademacher", "alpha": 0.3}, KINK_CONDITION, "the nearest is 2.7"),
        ({"alpha": 0.5, "sigma": 3.0, "w_star": 0.9}, RANGE, "cut the law off"),
        ({"alpha": 2.0}, CONTRACTS, "unit circle"),
    ],
)
def test_conditions_fail_with_their_reasons(given, condition, why) -> None:
    said = LAW.predict(**given)
    assert not said.conditions[condition]
    assert why in said.reasons[condition]


def test_a_fixed_point_on_a_kink_is_told() -> None:
    said = LAW.predict(device=linear(1), data=kinked(), alpha=0.01)
    assert not said.conditions[KINK_CONDITION]
    assert said.conditions[STABLE]


def test_an_unstable_fixed_point_has_no_stationary_law() -> None:
    # R = (w^3 - w/4)/2 falls through 0 with the slope -1/8: J = 1/16 - 1/8 under signs of size 1
    device = from_expressions("1 - (w**3 - w/4)/2", "1 + (w**3 - w/4)/2", -1, 1)
    said = LAW.predict(device=device, h=1 / 16, w_star=0.0, sigma=1.0, noise="rademacher")
    assert not said.conditions[STABLE]
    assert said.values["covariance"] is None
    assert list(said.reasons) == [STABLE]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"alpha": 0}, r"alpha=0.0: must be > 0"),
        ({"h": -1}, r"h=-1.0: must be > 0"),
        ({"sigma": 0}, r"sigma=0.0: must be > 0"),
        ({"noise": "rows"}, r"noise='rows': needs rows of data"),
        ({"noise": "cauchy"}, r"noise='cauchy': must be one of"),
        ({"beta": 1}, r"beta=1: analog-sgd-stationary has no such parameter"),
    ],
)
def test_bad_input_is_rejected(given, message) -> None:
    with pytest.raises(ValueError, match=message):
        LAW.predict(**given)


def test_noise_without_exact_moments_is_rejected() -> None:
    with pytest.raises(ValueError, match="must be Gaussian, Rademacher, FiniteSupport or Rows"):
        gradient_moments(NoNoise(), PLANE, np.zeros(2))
    with pytest.raises(ValueError, match="must be 1"):
        stationary_moments(PLANE, linear(1), Gaussian(1.0), 0.1, 0.0, 0.1)


def test_an_objective_without_formulas_is_differenced() -> None:
    class Cubic:
        dim, minimizer = 1, np.array([0.0])

        def gradient(self, W):
            return W + W**2

        def hessian(self, W):
            return (1 + 2 * W)[..., None]

    moments = gradient_moments(Gaussian(1.0), Cubic(), np.array([0.1]))
    assert moments.mean.second[0, 0, 0] == pytest.approx(2.0, abs=1e-8)


def test_kink_formula_is_the_mean_of_two_half_normals() -> None:
    # densities exp(-slope x^2/variance) on either side, integrated numerically
    variance, left, right = 0.3, 2.0, 0.7
    sides = {1: right, -1: left}
    area = {s: integrate.quad(lambda x, k=k: np.exp(-k * x**2 / variance), 0, 9)[0] for s, k in sides.items()}
    first = {s: integrate.quad(lambda x, k=k: x * np.exp(-k * x**2 / variance), 0, 9)[0] for s, k in sides.items()}
    expected = (first[1] - first[-1]) / (area[1] + area[-1])
    assert float(kinked_mean(variance, left, right)) == pytest.approx(expected, rel=1e-9)
    assert isinstance(kinked_mean(sp.Symbol("v"), 1, 2), sp.Expr)
