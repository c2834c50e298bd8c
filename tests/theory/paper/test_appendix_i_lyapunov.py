"""Appendix I.1, (78)-(91): the printed descent fails at a step worked out by hand, where the repaired one holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import pytest
from analog_theory.theory.certified import certified
from analog_theory.theory.outcome import Budget, Outcome
from analog_theory.theory.paper import registry
from analog_theory.theory.paper.appendix_i_descent import missed_weight, repaired_84
from analog_theory.theory.paper.appendix_i_metric import repaired_90
from analog_theory.theory.paper.residual_step import mean2, miss_next
from analog_theory.theory.settle import decide
from analog_theory.theory.statement import Certified, Instance, Sides

QUICK = Budget.quick()


def outcome(id: str) -> Outcome:
    """The outcome of one statement by itself: its premises count as proved, for they have tests of their own."""
    form = registry.build(id).form
    return certified(form, QUICK, lambda _: "proved") if isinstance(form, Certified) else decide(form, QUICK, registry)


CERTIFIED = ("eq-79", "eq-81-b.amended-1", "eq-83.amended-1", "eq-84.amended-1", "eq-86.amended-1", "eq-88.amended-1")


@pytest.mark.parametrize("id", [*CERTIFIED, "eq-90.amended-1"])
def test_certificates_add_up_for_every_dimension(id: str) -> None:
    found = outcome(id)
    assert (found.status, found.dimension) == ("proved", "every D")


# by hand: q_+ q_- > 0 just for both > 0; C = 10 beta F^2/(alpha M gamma) gives 5 - 4 = 1 times beta^2 F/(alpha M), and
# with (89) squared 32 beta^2 F^5/(alpha gamma M_W M) is 32/512 = 1/16 of alpha mu^2 gamma^2 M/F; 8 F/(alpha gamma)
# times beta^2 F/(alpha gamma M) is gamma^2 mu^2 M M_W/(128 F^2 q^2)
PROVED = ["text-i-4", "text-i-5", "text-i-6", "eq-82", "eq-86-a.amended-1", "eq-89", "eq-91.amended-1", "text-4-18"]
REFUTED = ["eq-81", "eq-81-a", "eq-81-b", "eq-83", "eq-84", "eq-86", "eq-86-a", "eq-88", "eq-90", "eq-91"]


@pytest.mark.parametrize("id", PROVED)
def test_what_is_true_by_hand_is_proved(id: str) -> None:
    assert outcome(id).status == "proved"


@pytest.mark.parametrize("id", REFUTED)
def test_what_is_false_is_refuted_and_amended(id: str) -> None:
    assert outcome(id).status == "refuted"
    assert registry.amendments(id)


# by hand: the = of (81) fails where M is not its bound; step (a) needs F/(alpha M) >= 1; (84) misses gamma and gamma^2;
# with M_P under the root of (89) or outside it, (88) has 1/M_P too many; (90) and (91) differ from (88) and (90) in
# M_P^2 and in M_W
PARTS = {
    "eq-81": ["the first line, =", "step (a)", "step (b)"],
    "eq-83": ["one step", "2 beta^2 is absorbed under text-i-13", "the drift's factor is that of (76)"],
    "eq-84": ["one step", "of ||P' - P*||^2", "of ||W - W*||_M^2"],
    "eq-86": ["L2 <= L3, Lemma 7"],
    "eq-88": ["one step", "of ||P* F - |P*| G||^2", "the same, M_P under the root", "of ||W - W*||_M^2"],
    "eq-90": ["one step", "of grad f, as in (88)", "of ||W - W*||_M^2, as in (88)"],
    "eq-91": ["main"],
}


@pytest.mark.parametrize("id", PARTS)
def test_the_refuted_lines_are_those_that_fail_by_hand(id: str) -> None:
    assert outcome(id).evidence["refuted"] == PARTS[id]


# One weight, f = w^2/2, W = W* = P = 0, ideal responses at P, noise +-1/2, so that L = mu = F_max = M_P = 1 and S = 0


@dataclass(frozen=True)
class Case:
    """A step from W = W* = P = 0; M_W = 2 m^2 for the responses m and 2 m at W."""

    gamma: Fraction
    alpha: Fraction
    beta: Fraction
    m: Fraction

    @property
    def printed_C(self) -> Fraction:
        return 10 * self.beta / (self.alpha * self.gamma)

    def after(self, noise: Fraction) -> tuple[Fraction, Fraction]:
        """W and P after a step: F = 3 m/2 and G = (q_- - q_+)/2 = -m/2 for q_+ = 2 m."""
        P = -self.alpha * noise
        return self.beta * (P * 3 * self.m / 2 + abs(P) * self.m / 2), P

    def following(self, C: Fraction) -> Fraction:
        """E V'."""
        ends = [self.after(noise) for noise in (Fraction(1, 2), Fraction(-1, 2))]
        return sum(((W + self.gamma * P) ** 2 / 2 + C * W**2 for W, P in ends), Fraction(0)) / 2

    @property
    def missed(self) -> Fraction:
        """E||P' - P*||^2 for P* = 0."""
        return self.alpha**2 / 4

    @property
    def right_of_83(self) -> Fraction:
        """(83) without what is 0 here: V, the gradient, P* and W - W*."""
        of_C = 3 * self.beta / (self.gamma * 2 * self.m**2) * self.printed_C
        return 2 * self.alpha**2 / 4 + (of_C + 4 * self.beta**2 / self.alpha) * self.missed

    @property
    def right_of_84(self) -> Fraction:
        per = self.beta**2 / self.alpha
        return 2 * self.alpha**2 / 4 + (30 * per / (self.gamma * 2 * self.m**2) + 4 * per) * self.missed

    @property
    def right_of_88(self) -> Fraction:
        return 3 * self.alpha**2 / 4


def beta_of_89(root_gamma: int, alpha: Fraction, m: Fraction) -> Fraction:
    """Alpha gamma^(3/2) sqrt(2 m^2) / (16 sqrt 2)."""
    return alpha * root_gamma**3 * m / 16


M_SMALL = Fraction(1, 18)  # 2 gamma M_W = 2 * 9 * 2/18^2 = 1/9 <= 1, as (86-a) has it


def large(alpha: Fraction) -> Case:
    """Gamma = 9, and beta as (89) has it."""
    return Case(Fraction(9), alpha, beta_of_89(3, alpha, M_SMALL), M_SMALL)


@pytest.mark.parametrize("smaller", [1, 10**6])
def test_the_printed_descent_fails_where_every_condition_of_the_proof_is_met(smaller: int) -> None:
    case = large(Fraction(1, 72 * smaller))
    assert 8 * case.alpha * case.gamma <= 1
    assert 1 / (case.alpha * case.gamma) >= 1
    assert case.beta <= min(case.gamma / 4, 1 / (2 * case.gamma * 2 * case.m**2))
    after = case.following(case.printed_C)
    assert after > max(case.right_of_83, case.right_of_84, case.right_of_88)


def test_it_holds_there_with_gamma_1() -> None:
    case = Case(Fraction(1), Fraction(1, 8), beta_of_89(1, Fraction(1, 8), M_SMALL), M_SMALL)
    after = case.following(case.printed_C)
    assert min(case.right_of_83, case.right_of_84, case.right_of_88) >= after


@pytest.mark.parametrize("gamma", [Fraction(1, 4), Fraction(1), Fraction(9)])
def test_the_repaired_descent_holds_there_for_every_gamma(gamma: Fraction) -> None:
    alpha = 1 / (8 * gamma)
    root_W = M_SMALL  # sqrt(M_W) at most m
    beta = alpha * gamma**2 * root_W / 32
    case = Case(gamma, alpha, beta, M_SMALL)
    C = 10 * beta / (alpha * gamma**2)
    assert C / root_W == Fraction(5, 16)
    assert case.following(C) <= 3 * (alpha * gamma) ** 2 / 4


def test_the_contraction_of_86_fails_for_small_gamma() -> None:
    # f = w^2/2, P = 1, W = W* = 0, gamma = 1/4, alpha = 1/4, no noise: P' = 1 - alpha gamma = 15/16
    gamma = alpha = Fraction(1, 4)
    following = (1 - alpha * gamma) ** 2
    assert following > 1 - alpha / (8 * gamma)  # mu L/(mu + L) = 1/2
    assert following <= 1 - alpha * gamma / 8


# planted: what a little less makes false


def smaller_noise(step: Instance) -> Sides:
    """(90) as amended without its term in alpha^2 gamma^2."""
    sides = repaired_90(step)
    alpha, gamma, L, F_max, sigma2 = (step[name] for name in ("alpha", "gamma", "L", "F_max", "sigma2"))
    return sides._replace(right=sides.right - 3 * (alpha * gamma * F_max) ** 2 * L * sigma2)


def test_the_repaired_descent_needs_its_noise_term() -> None:
    form = registry.build("eq-90.amended-1").form
    assert isinstance(form, Certified)
    assert decide(replace(form.claim, slack=smaller_noise), QUICK, registry).status == "refuted"


def smaller_weight(step: Instance) -> Sides:
    """(84) as amended with 28 for 29."""
    sides = repaired_84(step)
    return sides._replace(right=sides.right - missed_weight(step) / 29 * mean2(step, miss_next(step)))


def test_a_certificate_for_another_weight_does_not_add_up() -> None:
    form = registry.build("eq-84.amended-1").form
    assert isinstance(form, Certified)
    found = certified(replace(form, claim=replace(form.claim, slack=smaller_weight)), QUICK, lambda _: "proved")
    assert "the parts do not add up" in found.evidence["certificate"]
