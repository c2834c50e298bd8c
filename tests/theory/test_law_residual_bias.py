"""The laws residual-bias and residual-v2-bias: against hand-written chains, other quadratures, and each other."""

from math import sqrt

import numpy as np
import pytest
from analog_theory.theory.algorithm import ResidualLearning
from analog_theory.theory.buffered import BufferedResidualLearning
from analog_theory.theory.floors import Coordinate
from analog_theory.theory.laws import law
from analog_theory.theory.residual_law import (
    Setting,
    chain_bias,
    contracts,
    contracts_slowly,
    leading_bias,
    leaking_mean,
    slow_bias,
    slow_bias_in_space,
)
from scipy import integrate, optimize, stats

COORDINATE = Coordinate(1.0, 0.5, 0.25, 1.0)


def _setting(alpha=0.05, beta=0.01, gamma=0.4, coordinate=COORDINATE, tau_P=1.0, buffer=None):
    rule = ResidualLearning(alpha, beta, gamma)
    return Setting(rule if buffer is None else BufferedResidualLearning(alpha, beta, gamma, buffer), coordinate, tau_P)


@pytest.mark.parametrize("k", [-0.9, -0.3, 0.0, 0.1, 0.5, 0.99])
def test_the_mean_that_leaks_solves_its_equation(k):
    def absolute(x):
        density = stats.norm(x, 1).pdf
        return integrate.quad(lambda y: abs(y) * density(y), x - 12, x + 12, points=[0.0], epsabs=1e-12)[0]

    expected = optimize.brentq(lambda x: x - k * absolute(x), -20, 20)
    assert float(leaking_mean(k)) == pytest.approx(expected, abs=1e-8)


def test_chain_against_one_written_by_hand():
    """E P, E W and E Wbar of 400 chains over 30 000 steps; false alarm 0.1 % in all (3.5 standard errors)."""
    h, w_star, sigma, tau, tau_P, gamma, alpha, beta = 1.5, -0.6, 0.4, 1.2, 0.9, 0.3, 0.1, 0.05
    rng = np.random.default_rng(11)
    P, W, sums, steps = np.zeros(400), np.full(400, w_star), np.zeros((2, 400)), 30_000
    for k in range(steps + 1000):
        g = h * (W + gamma * P - w_star) + sigma * rng.standard_normal(400)
        P = P - alpha * g - alpha * abs(g) * P / tau_P
        W = W + beta * P - beta * abs(P) * W / tau
        if k >= 1000:
            sums += P, W
    mean_P, mean_W = sums / steps
    found = chain_bias(_setting(alpha, beta, gamma, Coordinate(h, w_star, sigma, tau), tau_P))
    for samples, predicted in zip((mean_P, mean_W - w_star, mean_W - w_star + gamma * mean_P), found, strict=True):
        assert abs(samples.mean() - predicted) < 3.5 * stats.sem(samples)
        assert stats.sem(samples) < 0.03 * abs(predicted)


def test_chain_tends_to_its_limits():
    """Off by a further half power of alpha: a quarter of alpha halves the distance, and extrapolation takes it off."""
    for ratio, buffer in ((0.2, None), (0.1, 0.5)):
        rates = [(a, ratio * a, None if buffer is None else buffer * a) for a in (0.01, 0.0025)]
        exact = [chain_bias(_setting(a, b, buffer=c), 8).bias_Wbar / sqrt(a) for a, b, c in rates]
        limit = leading_bias(_setting(0.01, 0.01 * ratio, buffer=None if buffer is None else 0.01 * buffer), 8)
        aim = limit.bias_Wbar / 0.1
        assert 1.7 < (exact[0] - aim) / (exact[1] - aim) < 2.3
        assert abs(2 * exact[1] - exact[0] - aim) < 0.3 * abs(exact[1] - aim)


@pytest.mark.parametrize("buffer", [None, 0.025])
def test_slow_limit_is_that_of_small_beta(buffer):
    slow, fast = (
        abs(leading_bias(_setting(0.05, beta, buffer=buffer), 8).bias_W / slow_bias(_setting(buffer=buffer)).bias_W - 1)
        for beta in (0.0002, 0.002)
    )
    assert slow < 0.004
    assert slow < fast


def test_by_hand_for_small_asymmetry():
    """x = k sqrt(2/pi) to first order; s^2 = alpha sigma^2/(2 kappa), kappa = gamma h + sigma sqrt(2/pi)/tau_P."""
    at = _setting(coordinate=Coordinate(2.0, 0.001, 0.3, 1.0), tau_P=0.5)
    m = 0.3 * sqrt(2 / np.pi) / 0.5
    mean = 0.001 * sqrt(2 / np.pi) * sqrt(0.05 * 0.09 / (2 * (0.8 + m)))
    assert slow_bias(at).mean_P == pytest.approx(mean, rel=1e-5)
    assert slow_bias(at).bias_Wbar == pytest.approx(-m * mean / 2, rel=1e-5)


def test_bias_is_odd_in_the_minimiser():
    one, other = (chain_bias(_setting(coordinate=Coordinate(1, w, 0.25, 1))) for w in (0.4, -0.4))
    assert np.array(one) == pytest.approx(-np.array(other), rel=1e-6)


def test_in_space_is_the_scalar_law_where_weights_part():
    rule, minimizer = ResidualLearning(0.05, 0.01, 0.4), np.array([0.5, -0.2])
    found = slow_bias_in_space(np.diag([1.0, 3.0]), np.diag([0.25**2, 0.1**2]), minimizer, rule, 1.0, 1.0)
    for i, (h, sigma) in enumerate(((1.0, 0.25), (3.0, 0.1))):
        scalar = slow_bias(_setting(coordinate=Coordinate(h, minimizer[i], sigma, 1.0)))
        assert [part[i] for part in found] == pytest.approx(list(scalar))


@pytest.mark.slow
def test_in_space_against_coupled_chains():
    """Two coupled weights at two alphas, extrapolated in sqrt(alpha); false alarm 0.1 %, and 3 % for what is left."""
    H, S = np.array([[1.0, 0.4], [0.4, 0.7]]), np.array([[0.09, 0.03], [0.03, 0.04]])
    w, gamma, tau = np.array([0.5, -0.3]), 0.6, 1.0
    root, scaled = np.linalg.cholesky(S), []
    for alpha in (0.08, 0.02):
        beta, rng = 0.05 * alpha, np.random.default_rng(5)
        P, W, total, steps = np.zeros((300, 2)), np.tile(w, (300, 1)), np.zeros((300, 2)), int(900 / alpha)
        for k in range(steps + int(200 / alpha)):
            g = (W + gamma * P - w) @ H + rng.standard_normal((300, 2)) @ root.T
            P = P - alpha * (g + abs(g) * P / tau)
            W = W + beta * (P - abs(P) * W / tau)
            if k >= int(200 / alpha):
                total += P
        scaled.append(total / steps / sqrt(alpha))
    extrapolated = 2 * scaled[1].mean(0) - scaled[0].mean(0)
    error = np.hypot(2 * stats.sem(scaled[1]), stats.sem(scaled[0]))
    predicted = slow_bias_in_space(H, S, w, ResidualLearning(1.0, 0.05, gamma), tau, tau)[0]
    assert (abs(extrapolated - predicted) < 3.5 * error + 0.03 * abs(predicted)).all()
    assert (error < 0.03 * abs(predicted)).all()


def test_where_the_loop_is_unstable_there_is_no_law_but_a_reason():
    found = law("residual-v2-bias").predict(alpha=0.005, beta=0.005, buffer=0.005)
    assert not found.valid
    assert found.values["bias_W"] is None
    assert "unstable" in found.reasons["the means contract"]
    assert "oscillates" in found.reasons["leading_order"]


def test_the_edge_of_the_buffered_loop_is_where_routh_puts_it():
    """h beta/alpha = kappa (kappa + buffer/alpha) divides small-step maps that contract from those that do not."""
    kappa = 0.4 + 0.25 * sqrt(2 / np.pi)
    edge = kappa * (kappa + 0.5) * 1e-4
    for share, settles in ((0.99, True), (1.01, False)):
        at = _setting(1e-4, share * edge, buffer=0.5e-4)
        assert contracts(at) is settles
        assert contracts_slowly(at) is settles


def test_conditions_name_the_range():
    found = law("residual-bias").predict(alpha=0.3, sigma=1.0)
    assert found.conditions["no step reaches across a range"] is False
    assert "bound" in found.reasons["no step reaches across a range"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"w_star": 1.0}, r"w_star=1.0: must be inside"),
        ({"w_star": -2.0}, r"w_star=-2.0: must be inside"),
        ({"alpha": 0.0}, r"alpha=0.0: must be > 0"),
        ({"sigma": -1}, r"sigma=-1.0: must be > 0"),
        ({"gamma": -0.1}, r"gamma=-0.1: must be >= 0"),
        ({"h": "x"}, r"h='x': must be a number"),
        ({"h": "nan"}, r"h='nan': must be finite"),
        ({"w_str": 0.5}, r"w_str=0.5: residual-bias has no such parameter; .*did you mean w_star"),
    ],
)
def test_bad_input_is_named(given, message):
    with pytest.raises(ValueError, match=message):
        law("residual-bias").predict(**given)


def test_a_buffer_of_rate_one_is_rejected():
    with pytest.raises(ValueError, match=r"buffer=1.0: must be < 1"):
        law("residual-v2-bias").predict(buffer=1.0)


def test_predicting_imports_nothing_that_simulates():
    import subprocess
    import sys

    code = (
        "import sys; from analog_theory.theory.laws import law; law('buffer-radius').predict(); "
        "sys.exit(any(name.startswith('analog_theory.experiments') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
