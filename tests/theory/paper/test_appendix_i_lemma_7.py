"""Appendix I.4: what holds of (116) to (129) by hand, and the counterexamples by fractions, pulse by pulse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from analog_theory.theory.certified import certified
from analog_theory.theory.falsify import search
from analog_theory.theory.outcome import Budget, Outcome
from analog_theory.theory.paper import (
    appendix_i_lemma_7 as start,
    appendix_i_lemma_7_end as end,
    lemma_7_step as domains,
    registry,
    residual_terms as lines,
)
from analog_theory.theory.settle import decided
from analog_theory.theory.statement import Sides

QUICK = Budget.quick()


def outcome(id: str) -> Outcome:
    return decided(id, QUICK, registry)


# by hand: (10) adds -alpha |g| G, so that -2 alpha <e, g F - |g| G> is of the other response; sigma^2 max(G^2/F) is a
# bound and no value; with G(0) != 0 two signs meet two responses; F_max is no Lipschitz constant; q_max = 1/3 gives
# C_+ = 1/3; without its two conditions Lemma 7 is too fast for slow devices, and for unequal ones
REFUTED = (
    "eq-117",
    "eq-118",
    "eq-123",
    "eq-124",
    "eq-124-c",
    "eq-126",
    "eq-127",
    "eq-128",
    "text-i-19",
    "eq-129",
    "lemma-7",
)
PROVED = (
    *("eq-116", "eq-119", "eq-120", "text-i-14", "eq-121", "text-i-15", "eq-122", "text-i-16", "eq-124-a", "eq-124-b"),
    *("eq-124-d", "eq-125", "text-i-17", "text-i-18"),
)
REPAIRED = (*(f"{id}.amended-1" for id in REFUTED), "eq-118.amended-2", "lemma-7.amended-2")
SCALARS = (
    *("eq-119", "eq-120", "text-i-16", "text-i-17", "text-i-18", "eq-124-a", "eq-124-b"),
    *("eq-126.amended-1", "text-i-19.amended-1"),
)


@pytest.mark.parametrize("id", REFUTED)
def test_what_is_false_by_hand_is_refuted_and_amended(id: str) -> None:
    assert outcome(id).status == "refuted"
    assert f"{id}.amended-1" in registry.amendments(id)


@pytest.mark.parametrize("id", [*PROVED, *REPAIRED])
def test_what_is_true_by_hand_is_proved(id: str) -> None:
    found = outcome(id)
    assert found.status == "proved"
    assert found.dimension == ("1" if id in SCALARS else "2" if id == "text-i-14" else "every D")


def below(id: str) -> set[str]:
    """All that the proof of a statement uses, through the proofs of those."""
    found = {used for used in registry.uses(id) if used in registry}
    return found.union(*(below(used) for used in found))


@pytest.mark.parametrize("id", ["lemma-7.amended-1", "lemma-7.amended-2"])
def test_the_repaired_lemma_rests_on_nothing_that_is_refuted(id: str) -> None:
    assert not below(id) & {*REFUTED, "lemma-2", "lemma-3"}
    assert {"eq-126", "eq-128", "eq-129", "lemma-3"} <= below("lemma-7")


@pytest.mark.parametrize(
    ("id", "wrong"),
    [
        ("eq-117", ["L1 = L2", "L3 = L4"]),
        ("eq-118", ["the equality"]),
        ("eq-124", ["(c), printed ="]),
        ("eq-126", ["one device, not zero-shifted", "zero-shifted, weights differ"]),
        ("eq-127", ["L1 = L2", "L2 <= L3", "L1 <= L5"]),
        ("eq-128", ["the alpha of text-i-18", "a smaller alpha, P = P*"]),
        ("lemma-7", ["without C_+ >= 1/2", "without (126)", "without (126), any approach"]),
    ],
)
def test_the_wrong_parts_are_named(id: str, wrong: list[str]) -> None:
    assert outcome(id).evidence["refuted"] == wrong


def numbers(shown: Any) -> list[Fraction]:
    return [Fraction(value) for value in shown]


class Residual:
    """A step of P from the printed evidence: each sample's pulses in cases, expectations as sums."""

    def __init__(self, shown: Mapping[str, Any]) -> None:
        self.mu, self.L, self.gamma, self.alpha = (Fraction(shown[n]) for n in ("mu", "L", "gamma", "alpha"))
        self.F_max, self.q_max, self.sigma2 = (Fraction(shown[n]) for n in ("F_max", "q_max", "sigma2"))
        self.up, self.down = numbers(shown["q_plus_P"]), numbers(shown["q_minus_P"])
        self.P, self.W, self.W_star = (numbers(shown[n]) for n in ("P", "W", "W_star"))
        self.grad, self.p = numbers(shown["gradient_bar"]), numbers(shown["p"])
        self.g = [numbers(sample) for sample in shown["samples"]]
        self.e = [P - (s - w) / self.gamma for P, s, w in zip(self.P, self.W_star, self.W, strict=True)]
        self.q_s = [d if g > 0 else u for u, d, g in zip(self.up, self.down, self.grad, strict=True)]
        self.C = (max(self.q_s) + min(self.q_s)) / 2
        self.radius = (max(self.q_s) - min(self.q_s)) / 2

    def move(self, g: list[Fraction]) -> list[Fraction]:
        """P' - P for one sample, by pulses up or down."""
        pulses = zip(g, self.up, self.down, strict=True)
        return [-self.alpha * slope * (down if slope > 0 else up) for slope, up, down in pulses]

    def mean(self, of: Callable[[list[Fraction]], Fraction]) -> Fraction:
        return sum((p * of(self.move(g)) for p, g in zip(self.p, self.g, strict=True)), Fraction(0))

    def next2(self) -> Fraction:
        """E||P' - P*||^2."""
        return self.mean(lambda m: sum((e + x) ** 2 for e, x in zip(self.e, m, strict=True)))

    def e2(self) -> Fraction:
        return sum((e**2 for e in self.e), Fraction(0))

    def grad2(self) -> Fraction:
        return sum((g**2 for g in self.grad), Fraction(0))

    def ratio(self) -> Fraction:
        return max((d - u) ** 2 / (2 * (d + u)) for u, d in zip(self.up, self.down, strict=True))

    def rate(self) -> Fraction:
        return self.alpha * self.gamma * self.mu * self.L / (self.mu + self.L)

    def error(self) -> Fraction:
        """alpha (mu + L) F_max sigma^2/(gamma mu L) max G^2/F."""
        return self.alpha**2 * self.F_max * self.sigma2 * self.ratio() / self.rate()

    def printed_128(self) -> tuple[Fraction, Fraction]:
        right = (1 - self.rate() * self.C / 2) * self.e2() + self.error() / self.C
        return self.next2(), right + (self.alpha * self.F_max) ** 2 * self.sigma2

    def lemma_7(self) -> tuple[Fraction, Fraction]:
        right = (1 - self.rate() / 4) * self.e2() + 2 * self.error()
        return self.next2(), right + (self.alpha * self.F_max) ** 2 * self.sigma2

    def inner_product(self) -> tuple[Fraction, Fraction]:
        """L1 and L2 of (117), the second as printed."""
        left = 2 * self.mean(lambda m: sum((e * x for e, x in zip(self.e, m, strict=True)), Fraction(0)))
        other = zip(self.p, self.g, strict=True)
        return left, sum((p * self._other_way(g) for p, g in other), Fraction(0))

    def _other_way(self, g: list[Fraction]) -> Fraction:
        """-2 alpha <e, g F - |g| G> for one sample: a positive slope meets q_+, and a negative one q_-."""
        pulses = zip(self.e, g, self.up, self.down, strict=True)
        return -2 * self.alpha * sum((e * s * (u if s > 0 else d) for e, s, u, d in pulses), Fraction(0))

    def printed_123(self) -> tuple[Fraction, Fraction]:
        spread = self.alpha * self.radius**2 * self.gamma * (self.mu + self.L) / self.C
        drop = self.alpha * self.C / (self.gamma * (self.mu + self.L)) * self.grad2()
        return self._other_way(self.grad), -(2 * self.rate() * self.C - spread) * self.e2() - drop

    def printed_127(self) -> tuple[Fraction, Fraction]:
        drop = self.alpha * self.C / (self.gamma * (self.mu + self.L)) * self.grad2()
        left = self.mean(lambda m: sum((x**2 for x in m), Fraction(0)))
        return left, drop + (self.alpha * self.F_max) ** 2 * self.sigma2

    def is_close(self) -> bool:
        """(126)."""
        return 2 * (self.mu + self.L) ** 2 * self.radius**2 <= self.mu * self.L * self.C**2

    def is_slow(self, bound: Fraction) -> bool:
        return self.alpha * self.gamma * (self.mu + self.L) * bound**2 <= self.C


PRINTED: dict[tuple[str, str], tuple[Callable[[Residual], Any], Callable[[Residual], bool]]] = {
    ("eq-117", "L1 = L2"): (Residual.inner_product, lambda _: True),
    ("eq-123", ""): (Residual.printed_123, lambda _: True),
    ("eq-127", "L1 <= L5"): (Residual.printed_127, lambda s: s.is_slow(s.F_max)),
    ("eq-128", "the alpha of text-i-18"): (Residual.printed_128, lambda s: s.is_slow(s.F_max) and s.is_close()),
    ("eq-128", "a smaller alpha, P = P*"): (Residual.printed_128, lambda s: s.is_slow(4 * s.F_max) and s.is_close()),
    ("eq-129", ""): (Residual.lemma_7, lambda s: s.is_slow(s.F_max) and s.is_close() and 2 * s.C >= 1),
    ("lemma-7", "without C_+ >= 1/2"): (Residual.lemma_7, lambda s: s.is_slow(30 * s.q_max) and s.is_close()),
    ("lemma-7", "without (126)"): (Residual.lemma_7, lambda s: s.is_slow(30 * s.q_max) and 2 * s.C >= 1),
}


def shown(id: str, part: str) -> Mapping[str, Any]:
    evidence = outcome(id).evidence
    found: Mapping[str, Any] = evidence["parts"][part] if part else evidence
    return found


@pytest.mark.parametrize(("id", "part"), PRINTED)
def test_a_counterexample_is_a_step_that_violates_the_printed_line(id: str, part: str) -> None:
    sides, assumed = PRINTED[id, part]
    evidence = shown(id, part)
    step = Residual(evidence["counterexample"])
    left, right = sides(step)
    assert assumed(step)
    assert max((u + d) / 2 for u, d in zip(step.up, step.down, strict=True)) <= step.F_max
    assert left != right if "=" in part and "<" not in part else left > right
    assert (left, right) == (Fraction(evidence["left"]), Fraction(evidence["right"]))


def test_without_126_a_step_without_noise_leads_away_from_the_optimal_residual() -> None:
    step = Residual(shown("lemma-7", "without (126), any approach")["counterexample"])
    assert not step.is_close()
    assert step.sigma2 == 0
    assert step.is_slow(30 * step.q_max)
    assert 2 * step.C >= 1
    assert step.next2() > step.e2()
    # to first order in alpha already: it is no matter of a large step
    assert sum(e * g * q for e, g, q in zip(step.e, step.grad, step.q_s, strict=True)) < 0


def test_without_a_scale_the_printed_contraction_is_faster_than_the_device() -> None:
    step = Residual(shown("lemma-7", "without C_+ >= 1/2")["counterexample"])
    assert 2 * step.C < 1
    assert step.q_max == step.F_max


@pytest.mark.parametrize("part", ["one device, not zero-shifted", "zero-shifted, weights differ"])
def test_126_fails_at_zero_for_large_gamma(part: str) -> None:
    evidence = shown("eq-126", part)
    at = evidence["counterexample"]
    up, down, grad = (numbers(at[name]) for name in ("q_plus_P", "q_minus_P", "gradient_bar"))
    q_s = [d if g > 0 else u for u, d, g in zip(up, down, grad, strict=True)]
    mu, L = Fraction(at["mu"]), Fraction(at["L"])
    assert set(at["P"]) == {"0"}
    assert Fraction(at["gamma"]) >= 64
    assert all(grad)
    left, right = (mu + L) * ((max(q_s) - min(q_s)) / (max(q_s) + min(q_s))) ** 2, mu * L / (mu + L) / 2
    assert left > right
    assert (left, right) == (Fraction(evidence["left"]), Fraction(evidence["right"]))
    if part.startswith("one device"):
        assert len({*zip(up, down, strict=True)}) == 1
        assert min(grad) < 0 < max(grad)
    else:
        assert up == down


IDEAL = {
    **dict.fromkeys(("mu", "L", "gamma", "F_max", "q_max"), 1),
    **{name: [1] for name in ("q_plus_P", "q_minus_P", "P", "gradient_bar", "p")},
    "alpha": Fraction(1, 4),
    "sigma2": 0,
    "W": [0],
    "W_star": [0],
    "samples": [[1]],
}


def test_on_an_ideal_device_the_step_contracts_faster_than_the_lemma_says() -> None:
    # e = 1 becomes 3/4; c = 1/8, and 1 - c/2 = 15/16 = 1 - (1/4)(1/8) 2
    step = Residual(IDEAL)
    assert step.printed_128() == (Fraction(9, 16), Fraction(15, 16))
    assert step.lemma_7() == (Fraction(9, 16), Fraction(31, 32))


def planted(cost: Callable[[lines.View], Any]) -> str:
    """The status of the repaired Lemma 7 with `cost` taken off its right-hand side."""
    line = lines.contracts("q_max")

    def stronger(v: lines.View) -> Sides:
        left, right = line.sides(v)
        return Sides(left, right - cost(v))

    return search(replace(line, sides=stronger).claim(domains.SLOW, lines.view, "planted", (1,)), QUICK).status


def test_six_times_the_contraction_is_too_much() -> None:
    # for curvature mu beside a large L, ||e||^2 falls by 2 alpha gamma mu C_+ at first, and c/2 is a quarter of that
    assert planted(lambda v: 5 * lines.contraction(v, v["C_plus"]) / 2 * lines.e2(v)) == "refuted"
    assert planted(lambda _: 0) == "supported"


def test_the_error_of_the_asymmetry_cannot_be_left_out() -> None:
    # near the optimum the noise drives P towards its symmetric point, at the rate alpha E|g| G
    assert planted(lambda v: lines.asymptotic(v, v["C_plus"])) == "refuted"


def test_125_is_not_proved_where_126_fails() -> None:
    parts = (
        lines.bounds_T1(lines.RIGHT).premise("eq-123.amended-1", lines.view),
        lines.bounds_T2.premise("eq-124.amended-1", lines.view),
    )
    form = start.certified(lines.bounds_the_product_of_the_step, "planted", *parts, domain=domains.ANY)
    assert certified(form, QUICK, lambda _: "proved").status != "proved"


def test_123_is_not_proved_with_the_printed_sign() -> None:
    right = registry.build("eq-123.amended-1").form
    wrong = replace(right, claim=lines.bounds_T1(lines.PRINTED).claim(domains.ANY, lines.view, "planted", (1, 2)))
    assert certified(wrong, QUICK, lambda _: "proved").status == "refuted"


def test_the_function_for_other_proofs_is_the_repaired_lemma() -> None:
    claim = registry.build("lemma-7.amended-1").form.claim
    assert claim.slack is end.lemma_7_amended
    assert claim.domain == domains.SLOW
