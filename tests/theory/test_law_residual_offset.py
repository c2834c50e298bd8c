"""Residual Learning without the zero shift: its fixed points by hand, by integration and in closed form."""

from __future__ import annotations

import numpy as np
import pytest
from analog_theory.theory.laws import law
from analog_theory.theory.laws.residual_offset import (
    CRITICAL,
    ROOT,
    break_even,
    offset_device,
    ratio,
    residual_offset,
)
from analog_theory.theory.noise import Gaussian, Rademacher, Rows
from analog_theory.theory.objective import LeastSquares, Quadratic
from analog_theory.theory.penalty import fixed_point
from analog_theory.theory.response import linear
from scipy import integrate, stats
from scipy.optimize import brentq

LAW = law("residual-offset")
A = np.array([[1.0, 0.4], [0.8, -0.5], [-0.3, 1.2], [1.1, 0.6], [-0.2, 0.9]])


def test_two_point_noise_by_hand() -> None:
    # E|g| = s near W*, so h b = -s R(0), and R(0) = -offset/tau_P
    said = LAW.predict(noise="rademacher", h=2.0, sigma=0.6, tau_P=1.5, offset=-0.3)
    assert said.values["bias_residual"] == pytest.approx(0.6 * -0.3 / (1.5 * 2.0), rel=1e-12)
    # Analog SGD: h (w - w*) + s w/tau = 0
    assert said.values["bias_analog"] == pytest.approx(2 * 0.4 / 2.6 - 0.4, rel=1e-12)


def test_normal_noise_by_integration() -> None:
    h, sigma, r = 1.3, 0.7, -0.4

    def size(g):
        return sum(
            integrate.quad(lambda x: abs(x) * stats.norm.pdf(x, g, sigma), *part, epsabs=1e-12)[0]
            for part in ((-9, 0), (0, 9))
        )

    g = brentq(lambda g: g + r * size(g), 0, 5, xtol=1e-13)
    said = LAW.predict(h=h, sigma=sigma, tau_P=2.0, offset=0.8, w_star=0.1)
    assert said.values["bias_residual"] == pytest.approx(g / h, rel=1e-9)


@pytest.mark.parametrize(("w_star", "c_lin"), [(0.4, 0.0), (-0.3, 0.1), (0.2, -0.15)])
def test_it_is_worse_exactly_beyond_the_break_even(w_star, c_lin) -> None:
    given = {"w_star": w_star, "c_lin": c_lin, "tau_P": 1.2}
    offset = LAW.predict(**given).values["break_even_offset"]
    at = LAW.predict(**given, offset=offset).values
    assert abs(at["bias_residual"]) == pytest.approx(abs(at["bias_analog"]), rel=1e-9)
    for share, worse in ((0.99, False), (1.01, True)):
        for sign in (-1, 1):
            assert LAW.predict(**given, offset=sign * share * offset).values["worse"] is worse


def test_the_break_even_found_by_a_search_is_the_closed_form() -> None:
    problem, device, noise = Quadratic([[1.0]], [0.4]), linear(1), Gaussian(0.5)
    found = break_even(problem, device, 1.2, noise, lambda both: both.norms)
    assert found == pytest.approx(LAW.predict(tau_P=1.2).values["break_even_offset"], rel=1e-8)


def test_ratio_inverts_the_fixed_point_and_grows() -> None:
    h, sigma = 1.7, 0.6
    for r in (0.1, 0.5, 0.9):
        W = residual_offset(Quadratic([[h]], [0.0]), linear(50), offset_device(1, r), Gaussian(sigma)).residual
        assert ratio(float(W[0]), h, sigma) == pytest.approx(r, rel=1e-10)
    ratios = [ratio(bias, h, sigma) for bias in np.linspace(0, 2, 50)]
    assert ratios[0] == 0
    assert np.all(np.diff(ratios) > 0)
    assert ratios[-1] < 1


def test_in_several_weights_each_entry_of_the_gradient_has_its_own_root() -> None:
    # additive noise: E|g_i| depends on g_i alone, so H (W - W*) is entry by entry that of one weight
    H, std, offsets = np.array([[1.5, 0.6], [0.6, 0.9]]), np.array([0.4, 0.7]), (0.3, -0.5)
    problem = Quadratic(H, [0.2, -0.1])
    found = residual_offset(problem, linear(3), [offset_device(1, o) for o in offsets], Gaussian(std))
    g = problem.gradient(found.residual)
    for entry, s, o in zip(g, std, offsets, strict=True):
        assert np.sign(entry) == np.sign(o)
        assert ratio(entry, 1.0, s) == pytest.approx(abs(o), rel=1e-9)


def test_a_larger_gradient_in_every_weight_can_leave_f_and_the_norm_smaller() -> None:
    # opposite errors of the arrays against Analog SGD's pulls of one sign, along the stiff direction and the soft one
    problem = Quadratic([[1.0, -0.9], [-0.9, 1.0]], [0.4, 0.4])
    device, noise = linear(1), Gaussian(0.5)
    pull = abs(fixed_point(problem, device, noise)[0])
    found = residual_offset(problem, device, [offset_device(1, s * 1.1 * pull) for s in (1, -1)], noise)
    residual, analog = (abs(problem.gradient(W)) for W in (found.residual, found.analog))
    assert (residual > analog).all()
    assert found.excesses[0] < found.excesses[1]
    assert found.norms[0] < found.norms[1]


def test_interpolating_data_keep_w_star_below_the_critical_ratio_only() -> None:
    problem = LeastSquares(A, A @ [0.3, -0.2], scale=1 / 5)
    below = LAW.predict(data=problem, tau=2.0, tau_P=2.0, offset=0.4)
    np.testing.assert_allclose(below.values["bias_residual"], 0, atol=1e-12)
    assert below.valid
    above = LAW.predict(data=problem, tau=2.0, tau_P=2.0, offset=1.99)
    assert not above.conditions[CRITICAL]
    assert "the ratio" in above.reasons[CRITICAL]


def test_with_data_both_break_evens_are_where_the_sizes_meet() -> None:
    problem = LeastSquares(A, [1.2, -0.7, 0.9, -0.8, -1.5], scale=1 / 5)
    said = LAW.predict(data=problem, tau=2.0, tau_P=2.0, noise="gaussian").values
    for name, offset in (("excess", "break_even_offset"), ("norm", "break_even_offset_in_norm")):
        at = LAW.predict(data=problem, tau=2.0, tau_P=2.0, noise="gaussian", offset=said[offset]).values
        assert at[f"{name}_residual"] == pytest.approx(at[f"{name}_analog"], rel=1e-8)
    found = residual_offset(problem, linear(2), offset_device(2, 0.2), Gaussian(0.5))
    assert said["norm_residual"] == pytest.approx(found.norms[0])
    assert said["worse"] == found.worse.tolist()
    assert isinstance(Rows(), Rows)


def test_a_fixed_point_outside_the_range_is_told() -> None:
    said = LAW.predict(offset=0.96)
    assert not said.conditions[ROOT]
    assert said.values["bias_residual"] is None
    assert "no fixed point" in said.reasons[ROOT]
    assert LAW.predict(offset=0.9).valid


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"offset": 1.0}, r"offset=1.0: must lie in \(-tau_P, tau_P\)"),
        ({"tau_P": 0}, r"tau_P=0.0: must be > 0"),
        ({"h": 0}, r"h=0.0: must be > 0"),
        ({"gamma": 1}, r"gamma=1: residual-offset has no such parameter"),
    ],
)
def test_bad_input_is_rejected(given, message) -> None:
    with pytest.raises(ValueError, match=message):
        LAW.predict(**given)


def test_noise_of_signs_is_the_limit_of_a_two_point_root() -> None:
    found = residual_offset(Quadratic([[1.0]], [0.0]), linear(2), offset_device(1, 0.5), Rademacher(0.4))
    assert found.residual == pytest.approx([0.2], rel=1e-12)
