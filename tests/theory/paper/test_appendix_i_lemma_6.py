"""Appendix I.3: what holds of (107) to (115) by hand, and the counterexamples of one weight worked out by fractions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from analog_theory.theory.certified import certified
from analog_theory.theory.falsify import search
from analog_theory.theory.instances import Arena
from analog_theory.theory.outcome import Budget, Outcome
from analog_theory.theory.paper import appendix_i_lemma_6 as lemma_6, registry, transfer_terms as lines
from analog_theory.theory.settle import decided
from analog_theory.theory.statement import Sides

QUICK = Budget.quick()


def verdict(id: str) -> Outcome:
    """The verdict without what it rests on, for which all that a statement uses would have to be settled."""
    return decided(id, QUICK, registry)


# by hand: -x (x F + |x| G) has no + before |x| G; U = V = 1 gives 2 = -1; F_max is no constant for Lemma 3, and (113)
# has none; (112) forgets what (111) takes of ||x||_M^2; beta = gamma/(2 F_max) leaves 0; for the lemma see below
REFUTED = ("eq-109", "eq-109-a", "eq-111", "eq-112", "eq-113", "eq-114", "text-i-13", "eq-115", "lemma-6")
PROVED = ("eq-107", "text-i-12", "eq-108", "eq-109-b", "eq-109-c", "eq-110")
REPAIRED = (*(f"{id}.amended-1" for id in REFUTED), "lemma-6.amended-2", "lemma-6.amended-3")


@pytest.mark.parametrize("id", REFUTED)
def test_what_is_false_by_hand_is_refuted_and_amended(id: str) -> None:
    assert verdict(id).status == "refuted"
    assert registry.amendments(id)


@pytest.mark.parametrize("id", [*PROVED, *REPAIRED])
def test_what_is_true_by_hand_is_proved(id: str) -> None:
    assert verdict(id).status == "proved"
    assert verdict(id).dimension == ("1" if id.startswith("text-i-13") else "every D")


@pytest.mark.parametrize(
    ("id", "wrong"),
    [
        ("eq-109", ["L2 = L3", "L3 = L4"]),
        ("eq-111", ["L2 <= L3", "L3 bounds the second term of (108)"]),
        ("eq-113", ["L3 <= L4"]),
    ],
)
def test_the_wrong_lines_of_a_chain_are_named(id: str, wrong: list[str]) -> None:
    assert verdict(id).evidence["refuted"] == wrong


class Scalar:
    """A step of one weight and its first sample, from the printed evidence, by the rules (10) and (11) in cases."""

    def __init__(self, shown: Mapping[str, Any]) -> None:
        def number(name: str) -> Fraction:
            value = shown[name]
            while isinstance(value, list):
                value = value[0]
            return Fraction(value)

        self.gamma, self.beta, self.F, self.q_max = (number(n) for n in ("gamma", "beta", "F_max", "q_max"))
        self.up, self.down = number("q_plus_W"), number("q_minus_W")
        self.x = number("W") - number("W_star")
        self.best = -self.x / self.gamma
        gradient, rate = number("samples"), number("alpha")
        self.P = number("P") - rate * gradient * (number("q_plus_P") if gradient < 0 else number("q_minus_P"))
        self.M = self.up * self.down

    def moved(self, P: Fraction) -> Fraction:
        """What the transfer makes of P, over beta."""
        return P * (self.up if P > 0 else self.down)

    def printed(self) -> tuple[Fraction, Fraction]:
        """Both sides of (77)."""
        b, g, F, x = self.beta, self.gamma, self.F, self.x
        miss2 = (self.P - self.best) ** 2
        right = x**2 - b / (2 * g * F) * x**2 * self.M - b * g / (2 * F) * self.moved(self.best) ** 2
        return (x + b * self.moved(self.P)) ** 2, right + 2 * b * F**3 / g * miss2 / self.M + 2 * b**2 * miss2

    def before_the_rate(self) -> tuple[Fraction, Fraction]:
        """Both sides of (114)."""
        left, right = self.printed()
        b, g, F = self.beta, self.gamma, self.F
        return left, right - (b * g / (2 * F) - 2 * b**2) * self.moved(self.best) ** 2

    def inner_product(self) -> tuple[Fraction, Fraction]:
        """Both sides of (112)."""
        b, g, F, x = self.beta, self.gamma, self.F, self.x
        right = -b / (g * F) * x**2 * self.M - b * g / F * self.moved(self.best) ** 2
        return 2 * x * b * self.moved(self.P), right + 2 * b * F**3 / g * (self.P - self.best) ** 2 / self.M


PRINTED: dict[str, tuple[Callable[[Scalar], tuple[Fraction, Fraction]], Callable[[Scalar], bool]]] = {
    "eq-112": (Scalar.inner_product, lambda s: s.q_max == s.F and s.gamma <= 1),
    "eq-114": (Scalar.before_the_rate, lambda s: s.q_max == s.F and s.gamma <= 1),
    "eq-115": (Scalar.printed, lambda s: 0 < s.beta <= s.gamma / (2 * s.F) and (s.up + s.down) / 2 <= s.F),
    "lemma-6": (Scalar.printed, lambda s: 0 < s.beta <= s.gamma / (4 * s.F) and s.q_max == s.F),
}


@pytest.mark.parametrize("id", PRINTED)
def test_a_counterexample_is_a_step_that_violates_the_printed_inequality(id: str) -> None:
    evidence = verdict(id).evidence
    sides, assumed = PRINTED[id]
    step = Scalar(evidence["counterexample"])
    assert evidence["dimension"] == 1
    assert assumed(step)
    left, right = sides(step)
    assert left > right
    assert (left, right) == (Fraction(evidence["left"]), Fraction(evidence["right"]))


def ideal(gamma: Fraction, beta: Fraction) -> Scalar:
    """q_+ = q_- = 1, W = -1, W* = 1, and P_{k+1} = 0: nothing is transferred, and W stays two away from W*."""
    ones = dict.fromkeys(("F_max", "q_max", "q_plus_W", "q_minus_W", "q_plus_P", "q_minus_P", "alpha"), 1)
    return Scalar({**ones, "gamma": gamma, "beta": beta, "W": -1, "W_star": 1, "P": 0, "samples": 0})


def test_lemma_6_fails_for_gamma_3_on_an_ideal_device_where_nothing_is_transferred() -> None:
    # 4 <= 4 - 1/2 - 1/2 + (1/2) (4/9) + (9/8) (4/9) is false
    assert ideal(Fraction(3), Fraction(3, 4)).printed() == (4, 3 + Fraction(2, 9) + Fraction(1, 2))
    left, right = ideal(Fraction(1), Fraction(1, 4)).printed()
    assert left < right


@pytest.mark.parametrize("claimed", [lines.descends, lines.lemma_6_amended, lines.lemma_6_sharp])
def test_a_line_with_twice_the_contraction_is_refuted(claimed: lines.Line) -> None:
    # on an ideal device, for P_{k+1} near P*, ||x||^2 falls by 2 beta ||x||^2 / gamma at first: the two halves doubled
    def stronger(view: lines.View) -> Sides:
        left, right = claimed.sides(view)
        squares = lines.saturated2(view) + view["gamma"] * lines.pull2(view) / view["F_max"]
        return Sides(left, right - view["beta"] * squares)

    form = replace(claimed, sides=stronger).claim(lemma_6.QUARTER_RATE, lines.in_expectation, "planted", (1,))
    assert search(form, QUICK).status == "refuted"


def test_the_sharper_lemma_is_not_proved_with_a_term_left_out() -> None:
    short = replace(lines.lemma_6_sharp, terms=lines.lemma_6_sharp.terms[1:])
    premise = lemma_6.lemma_3(lambda v: v["p"] * v["beta"] * v["gamma"] / v["q_here"])
    form = short.certified(lemma_6.HALF_RATE, lemma_6.EVERY, "planted", (1,), (premise,))
    found = certified(form, QUICK, lambda _: "proved")
    assert found.status == "supported"
    assert "do not add up" in found.evidence["certificate"]


def test_the_sides_for_other_modules_are_those_of_the_repaired_lemma() -> None:
    form = registry.build("lemma-6.amended-1").form
    part = dict(form.parts)["in expectation"]  # type: ignore[union-attr]
    arena = Arena(part.claim, {"D": 1, "K": 2})
    step = arena.instance([Fraction(1, 2)] * len(arena.bounds))
    assert lemma_6.lemma_6_amended(step) == part.claim.slack(step)
