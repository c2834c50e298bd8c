"""Predicted floors: by hand where a hand can, against plain loops of the algorithms where it cannot.

The loops are written here, apart from the package's engine. Each is compared within 5 standard errors (a false alarm in
2e6 for one number) plus the stated error of the law.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from analog_theory import AnalogSGD, DigitalSGD, Gaussian, LeastSquares, ResidualLearning, Schedule, TikiTaka, linear
from analog_theory.theory.buffered import BufferedResidualLearning, ResidualLearningV2, TikiTakaV2
from analog_theory.theory.floors import Coordinate, Moments, Update, dead_zone, floor
from analog_theory.theory.increments import Grain
from analog_theory.theory.penalty import fixed_point

PLACE = Coordinate(curvature=1.0, minimizer=0.5, std=0.25, tau=1.0)
ALPHA, BETA, GAMMA = 0.05, 0.01, 0.4
RESIDUAL = ResidualLearning(alpha=ALPHA, beta=BETA, gamma=GAMMA)


def counted(X, dw_min):
    return X if dw_min is None else np.sign(X) * dw_min * np.ceil(abs(X) / dw_min)


def loop(transfer, gamma=GAMMA, reading=0.0, grain_P=None, steps=1200, first=500, rows=4000, seed=0):
    """error2 and E (Wbar - w*)^2 of rows that run side by side: means over rows and steps, their standard errors."""
    rng = np.random.default_rng(seed)
    W, P, H = np.full(rows, 0.5), np.zeros(rows), np.zeros(rows)
    found = np.zeros((2, rows))
    for step in range(steps):
        X = counted(-ALPHA * (W + gamma * P - 0.5 + 0.25 * rng.standard_normal(rows)), grain_P)
        P = P + X - abs(X) * P
        q, H = transfer(P + reading * rng.standard_normal(rows), H)
        W = W + q - abs(q) * W
        if step >= first:
            found += (W - 0.5) ** 2, (W + gamma * P - 0.5) ** 2
    found /= steps - first
    return found.mean(1), found.std(1) / np.sqrt(rows)


def check(predicted, measured, share):
    value, error = measured
    off = abs(np.array([predicted.error2, 2 * predicted.excess]) - value)
    assert (off <= 5 * error + share * value).all(), off / value


def direct(dw_min):
    return lambda read, H: (counted(BETA * read, dw_min), H)


def buffered(read, H):
    H = (1 - BETA) * H + BETA * read
    return BETA * H, H


def fired(dw_min, keep):
    def transfer(read, H):
        H = keep * H + BETA * read
        q = dw_min * (1.0 * (dw_min <= H) - 1.0 * (dw_min <= -H))
        return q, H - q

    return transfer


def test_analog_sgd_settles_at_the_root_of_t_as_alpha_vanishes():
    problem = LeastSquares(np.eye(1), np.array([0.5]))
    root = fixed_point(problem, linear(1.0), Gaussian(std=0.25))[0]
    small = floor(AnalogSGD(alpha=1e-6), PLACE)
    assert small.mean[0] == pytest.approx(root, abs=1e-6)
    # the textbook's alpha sigma^2/(2 h) with h + E|g|/tau and (1 + R^2) - 2 R E[g|g|]/E g^2 in place of h and 1
    assert small.variance == pytest.approx(1e-6 * 0.25**2 / 2, rel=0.3)


def test_on_an_ideal_device_everything_is_linear():
    """tau = 1e9 has no pull: then the covariance is that of a linear recursion, taken 4000 times."""
    place = Coordinate(curvature=2.0, minimizer=0.3, std=0.5, tau=1e9)
    A = np.array([[1 - 0.02 * 0.1 * 2, 0.02 * (1 - 0.1 * 2 * 0.4)], [-0.1 * 2, 1 - 0.1 * 2 * 0.4]])
    into, read = 0.1 * 0.5 * np.array([0.02, 1.0]), np.array([0.02 * 0.3, 0.0])
    C = np.zeros((2, 2))
    for _ in range(4000):
        C = A @ C @ A.T + np.outer(into, into) + np.outer(read, read)
    found = floor(ResidualLearning(alpha=Fraction(1, 10), beta=0.02, gamma=0.4), place, reading=0.3)
    assert found.covariance == pytest.approx(C, rel=1e-4)
    assert found.mean == pytest.approx([0.3, 0.0], abs=1e-6)
    assert found.point_variance == pytest.approx(C[0, 0] + 0.8 * C[0, 1] + 0.16 * C[1, 1], rel=1e-4)
    assert found.excess == pytest.approx(found.point_variance, rel=1e-4)  # h/2 = 1


def test_the_pull_of_reading_noise_by_hand():
    """With rates that vanish P holds W against it: P = E|P + s xi| W/tau, h (W + gamma P - w*) = -E|g| P/tau."""
    found = floor(ResidualLearning(alpha=1e-5, beta=1e-6, gamma=0.4), PLACE, reading=0.2)
    xi = np.random.default_rng(0).standard_normal(1_000_000)
    W, P = 0.5, 0.0
    for _ in range(30):
        g = W + 0.4 * P - 0.5
        W, P = 0.5 - 0.4 * P - abs(g + 0.25 * xi).mean() * P, abs(P + 0.2 * xi).mean() * W
    # the sample's means are right to 1e-3; what is left of the spread of P is of the order of alpha/beta, 1e-2 of s^2
    assert found.mean == pytest.approx([W, P], rel=4e-3)


def test_a_relay_by_hand():
    """Pulses far above beta s: E|pulse| = dw_min, the gain sqrt(2/pi) dw_min/s, so the pull is s sqrt(pi/2) for P."""
    rule = ResidualLearning(alpha=1e-4, beta=1e-6, gamma=0.4)
    found = floor(rule, PLACE, reading=0.2, grains={"W": Grain(1e-6)})
    # P = s sqrt(pi/2) W only while |P| << s: the relay's mean is erf(P/(s sqrt 2)), so W = erf(P / (0.2 sqrt 2))
    from scipy.special import erf

    assert found.mean[0] == pytest.approx(erf(found.mean[1] / (0.2 * np.sqrt(2))), rel=5e-3)


@pytest.mark.parametrize("reading", [0.0, 0.3])
def test_residual_learning_in_a_loop(reading):
    check(floor(RESIDUAL, PLACE, reading), loop(direct(None), reading=reading), 0.03)


def test_residual_learning_with_pulses_in_a_loop():
    grains = {"W": Grain(0.01), "P": Grain(0.01)}
    # composed pulses against ceil times dw_min: relative dw_min/tau = 0.01
    check(floor(RESIDUAL, PLACE, 0.1, grains), loop(direct(0.01), reading=0.1, grain_P=0.01), 0.04)


def test_a_buffer_in_a_loop():
    rule = BufferedResidualLearning(alpha=ALPHA, beta=BETA, gamma=GAMMA)
    check(floor(rule, PLACE, 0.3), loop(buffered, reading=0.3, steps=2000, first=900), 0.05)


@pytest.mark.parametrize(("reading", "dw_min"), [(0.1, 0.005), (0.4, 0.01), (0.6, 0.03)])
def test_the_threshold_in_a_loop(reading, dw_min):
    found = floor(ResidualLearningV2(alpha=ALPHA, beta=BETA, gamma=GAMMA, dw_min=dw_min), PLACE, reading)
    assert 2 * BETA < found.rate < 0.4
    check(found, loop(fired(dw_min, 1 - BETA), reading=reading, steps=1600, first=700, rows=2000), 0.12)


def test_the_rate_of_pulses_in_a_loop():
    """The buffer's decay is about a sixth of what keeps the rate down here."""
    shots = []

    transfer = fired(0.03, 1 - BETA)

    def counting(read, H):
        q, H = transfer(read, H)
        shots.append((q != 0).mean())
        return q, H

    loop(counting, reading=0.4, steps=1200, rows=1000)
    found = floor(ResidualLearningV2(alpha=ALPHA, beta=BETA, gamma=GAMMA, dw_min=0.03), PLACE, 0.4)
    assert found.rate == pytest.approx(np.mean(shots[500:]), rel=0.06)


@pytest.mark.parametrize("grain", [None, Grain(0.1)])
def test_an_update_of_correlated_arrays_by_sampling(grain):
    """One update of P, whose increment is correlated with it: means, covariances and the noise, from 1e6 samples."""
    C = np.array([[0.04, -0.02], [-0.02, 0.05]])
    row, offset, variance = np.array([-2.0, -1.0]), 1.5, 0.01
    update = Update(1, row, offset, variance, grain, 1.0)
    found = update(Moments(np.array([0.3, 0.4]), C, np.eye(2), np.zeros((2, 2))))
    rng = np.random.default_rng(2)
    x = np.array([0.3, 0.4]) + rng.standard_normal((1_000_000, 2)) @ np.linalg.cholesky(C).T
    X = x @ row + offset + 0.1 * rng.standard_normal(len(x))
    moved = X
    if grain is not None:
        moved = np.sign(X) * (1 - 0.9 ** np.ceil(abs(X) / 0.1))
    x[:, 1] += moved - abs(moved) * x[:, 1]
    assert found.mean == pytest.approx(x.mean(0), abs=5 * 0.3 / 1000)
    # how the size of X bends is left out: of the order of C/tau^2, some hundredths
    assert found.covariance == pytest.approx(np.cov(x.T), rel=0.025, abs=5 * 0.07 / 1000)
    assert found.covariance == pytest.approx(found.through @ C @ found.through.T + found.noise, rel=1e-12)


def test_tiki_taka_v2_in_a_loop():
    rule = TikiTakaV2(alpha=ALPHA, beta=BETA, dw_min=0.01)
    measured = loop(fired(0.01, 1.0), gamma=0.0, reading=0.2, steps=1600, first=700, rows=2000)
    check(floor(rule, PLACE, 0.2), measured, 0.12)


def test_a_floor_without_the_pull_is_told_apart():
    """What the check is able to notice: the same loop against the floor of another reading noise."""
    measured = loop(direct(None), reading=0.3)
    with pytest.raises(AssertionError):
        check(floor(RESIDUAL, PLACE, 0.25), measured, 0.03)


def test_cycle_variation_adds_its_variance_to_every_pulse():
    """Analog SGD in a loop where each of n pulses of an update has noise of its own."""
    rng = np.random.default_rng(3)
    W, squares, dw_min, sigma_c = np.full(4000, 0.5), np.zeros(4000), 0.02, 1.2
    for step in range(500):
        X = -ALPHA * (W - 0.5 + 0.25 * rng.standard_normal(W.size))
        n = np.ceil(abs(X) / dw_min)
        W = W + np.sign(X) * n * dw_min - n * dw_min * W + dw_min * sigma_c * np.sqrt(n) * rng.standard_normal(W.size)
        squares += (W - 0.5) ** 2 * (step >= 200) / 300
    found = floor(AnalogSGD(alpha=ALPHA), PLACE, grains={"W": Grain(dw_min, sigma_c)})
    error = 5 * squares.std() / np.sqrt(W.size)
    assert abs(found.error2 - squares.mean()) <= error + 0.01 * found.error2
    assert found.error2 > 1.2 * floor(AnalogSGD(alpha=ALPHA), PLACE, grains={"W": Grain(dw_min)}).error2


def test_tiki_taka_is_residual_learning_without_mixing():
    pair = [floor(rule, PLACE, 0.2) for rule in (TikiTaka(ALPHA, BETA), ResidualLearning(ALPHA, BETA, 0))]
    assert pair[0].error2 == pair[1].error2 == 2 * pair[0].excess


def test_an_oscillating_loop_has_no_floor():
    rule = BufferedResidualLearning(alpha=ALPHA, beta=BETA, gamma=GAMMA)
    with pytest.raises(ArithmeticError, match="oscillates"):
        floor(rule, PLACE, 0.1, {"W": Grain(0.02)})


def without_noise(minimizer, steps=4000):
    """W and Wbar over the last steps of v2 with gamma = 0.4 and a threshold of 0.05, W on an ideal device."""
    W, P, H, late = 0.0, 0.0, 0.0, []
    for step in range(steps):
        P -= 0.1 * (W + 0.4 * P - minimizer)
        H = 0.9 * H + 0.1 * P
        q = 0.05 * ((H >= 0.05) * 1 - (H <= -0.05) * 1)
        W, H = W + q, H - q
        if step >= steps // 2:
            late.append((W, W + 0.4 * P))
    return np.array(late).T


def test_the_dead_zone():
    zone = dead_zone(ResidualLearningV2(alpha=0.1, beta=0.1, gamma=0.4, dw_min=0.05))
    assert zone == pytest.approx(0.02)
    W, mixed = without_noise(0.51)  # the level 0.5 is 0.01 away
    assert np.ptp(W) == 0
    assert 0 < abs(W[-1] - 0.51) < zone
    assert mixed[-1] == pytest.approx(0.51, abs=1e-12)
    W, _ = without_noise(0.527)  # the levels 0.5 and 0.55 are 0.027 and 0.023 away
    assert sorted({round(float(w), 12) for w in W}) == [0.5, 0.55]
    with pytest.raises(ValueError, match="ResidualLearningV2"):
        dead_zone(RESIDUAL)


@pytest.mark.parametrize("name", ["curvature", "std", "tau"])
def test_a_coordinate_needs_positive_numbers(name):
    good = {"curvature": 1.0, "minimizer": 0.1, "std": 1.0, "tau": 1.0}
    with pytest.raises(ValueError, match=f"{name}=0"):
        Coordinate(**{**good, name: 0.0})
    with pytest.raises(ValueError, match="inside"):
        Coordinate(**{**good, "minimizer": 1.0})


def test_rules_without_a_law_are_rejected():
    with pytest.raises(ValueError, match="transferring in every step"):
        floor(ResidualLearning(0.1, 0.1, 0.1, transfer=Schedule(every=2)), PLACE)
    with pytest.raises(ValueError, match="must be AnalogSGD or"):
        floor(DigitalSGD(alpha=0.1), PLACE)
    with pytest.raises(ValueError, match="reading=-1"):
        floor(RESIDUAL, PLACE, reading=-1.0)
