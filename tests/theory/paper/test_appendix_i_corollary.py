"""Appendix I.5, Corollary 1, (22) and Table 2: verdicts by hand, and the gamma of exact convergence, by simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp
from analog_theory.theory import rates
from analog_theory.theory.outcome import Budget, Outcome
from analog_theory.theory.paper import registry
from analog_theory.theory.paper.appendix_i_exact import mean_step
from analog_theory.theory.settle import decide
from analog_theory.theory.statement import All

QUICK = Budget.quick()


def outcome(id: str) -> dict[str, Outcome]:
    form = registry.build(id).form
    parts = dict(form.parts) if isinstance(form, All) else {"": form}
    return {name: decide(part, QUICK, registry) for name, part in parts.items()}


# by hand: one gradient of K that is not 0 is K times its part of the mean; S <= L_S^2 ||P||^2 has L_S, and K + 1 terms;
# c = 2 leaves E - S < 0; 24 F sigma^2 S is more than S; 1/2 > 2/5; at sigma = 0 nothing is left
REFUTED = {
    "eq-130": [""],
    "eq-134": ["first <=, of a step", "the sum to K"],
    "text-i-23": [""],
    "text-i-24": [""],
    "corollary-1": ["that gamma is O(q_min^(-2/5))"],
    "text-4-24": ["6 F_max sigma^2 S is left at P = 0"],
}
PROVED = ["eq-130.amended-1", "text-i-20", "eq-131", "text-i-21", "eq-132", "eq-133", "text-i-22", "eq-134.amended-1"]
PROVED += ["text-i-23.amended-1", "text-i-24.amended-1", "corollary-1.amended-1", "corollary-1.amended-2"]
PROVED += ["text-4-24.amended-1", "eq-22", "table-2"]


@pytest.mark.parametrize("id", REFUTED)
def test_the_refuted_lines_are_those_that_fail_by_hand(id: str) -> None:
    assert [name for name, found in outcome(id).items() if found.status == "refuted"] == REFUTED[id]
    assert registry.amendments(id)


@pytest.mark.parametrize("id", PROVED)
def test_what_is_true_by_hand_is_proved(id: str) -> None:
    assert {found.status for found in outcome(id).values()} == {"proved"}


def test_the_multipliers_of_the_mean_step_by_hand() -> None:
    # P' = (1 - alpha (h gamma F + Sigma G')) P - alpha h F x, then x' = x + beta F_W P': two shears and one scaling
    P, x = sp.symbols("p x", real=True)
    names = {s.name: s for s in mean_step().free_symbols}
    values = {"alpha": "1/10", "beta": "1/5", "gamma": 1, "h": 1, "F_at_0": "1/2", "G_slope": -1, "Sigma": 1, "F_W": 1}
    step = mean_step().subs({names[name]: sp.Rational(value) for name, value in values.items()})
    jacobian = step.jacobian([P, x]).subs({P: 0, x: 0})
    assert jacobian.det() == sp.Rational(21, 20)  # 1 - (1/10)(1/2 - 1) > 1: W*, P = 0 repels
    assert jacobian == sp.Matrix([["21/20", "-1/20"], ["21/100", "99/100"]])


def settled(gamma: float, alpha: float, seeds: int = 32) -> float:
    """The mean of ||P - P*||^2 in the second half of a run: f = w^2/2, F = 1/2, G = -0.4 tanh(p/0.4), noise +-1."""
    rng = np.random.default_rng(1)
    P, W, total = np.zeros(seeds), np.full(seeds, 0.5), 0.0
    steps = int(4 / alpha**2)
    for k in range(steps):
        g = W + gamma * P + rng.choice([-1.0, 1.0], seeds)
        P = P - alpha * (g * 0.5 - np.abs(g) * 0.4 * np.tanh(P / 0.4))
        W = W + 0.05 * alpha * P
        total += float(np.mean((P + W / gamma) ** 2)) if k >= steps // 2 else 0.0
    return 2 * total / steps


def test_exact_convergence_needs_the_gamma_of_the_mean() -> None:
    # the least gamma is Sigma |G'(0)|/(h F(0)) = 2: below it the error stays, above it falls with alpha
    assert settled(1.0, 0.02) > 0.3
    assert settled(1.0, 0.04) < 2 * settled(1.0, 0.02)
    assert settled(4.0, 0.02) < 0.02
    assert settled(4.0, 0.04) > 1.5 * settled(4.0, 0.02)


def test_the_gamma_of_the_repaired_corollary_is_above_the_least_one() -> None:
    # the same device: F = 1/2, q between 0.1 and 0.9, |G'(0)| = 1, so that L_S >= 1/sqrt(F); an ideal main array
    least = 2.0
    gamma2 = rates.exact_convergence_gamma2(mu=1, sigma2=1, L_S=math.sqrt(2), M_P=0.09, M_W=1, F_max=1, q_max=1)
    assert math.sqrt(gamma2) > least
    assert math.isclose(gamma2, 3072 * 2 / (5 * 0.09))


def test_the_rate_of_the_corollary_is_twice_that_of_theorem_3_without_its_radius() -> None:
    found = rates.exact_convergence_rate(2.0, 100.0, 1.5, 0.7, 0.3, math.sqrt)
    assert math.isclose(found, 32 * math.sqrt(3) * 1.5**2 * math.sqrt(2.0 * 0.3 * 0.7 / 100))
