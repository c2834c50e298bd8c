"""The search over instances: planted falsehoods are refuted by small numbers, truths that are tight survive."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from analog_theory.theory import domains
from analog_theory.theory.domains import expectation, noise, norm2
from analog_theory.theory.falsify import search
from analog_theory.theory.instances import Arena, sizes_of
from analog_theory.theory.outcome import Budget
from analog_theory.theory.paper import appendix_h as h, descent_terms as lines
from analog_theory.theory.statement import Assumption, Field, ForAll, Instance, Same, Sides

BUDGET = Budget.default()
QUICK = Budget(instances=60, generations=2)


def over(sides: Callable[[Instance], Any], *dimensions: int) -> ForAll:
    return ForAll(h.STEP, sides, "planted", dimensions or (1, 2, 3, 4))


def descent_with_a_quarter(step: Instance) -> Sides:
    moves = step["W_next"] - step["W"]
    linear = expectation(step, moves @ step["gradient"])
    start = domains.value(step, step["W"])
    return Sides(h.mean_value(step), start + linear + step["L"] * expectation(step, norm2(moves)) / 4)


def deviation_without_the_half(step: Instance) -> Sides:
    bound, square = lines.deviation_bound(h.VIEW(step)), step["alpha"] ** 2
    return Sides(bound + square * lines.drift2(h.VIEW(step)) / 2, lines.deviation2(h.VIEW(step)))


def deviation_without_the_variance(step: Instance) -> Sides:
    return Sides(lines.drift2(h.VIEW(step)) / 2, lines.deviation2(h.VIEW(step)) / step["alpha"] ** 2)


PLANTED = {
    "(61) with L/4": descent_with_a_quarter,
    "(70) without the factor 1/2": deviation_without_the_half,
    "(70) without the variance": deviation_without_the_variance,
}


def numbers(value: Any) -> list[Fraction]:
    return [n for entry in value for n in numbers(entry)] if isinstance(value, list) else [Fraction(value)]


@pytest.mark.parametrize("name", PLANTED)
def test_planted_false_claims_are_refuted_unaided_by_small_numbers(name: str) -> None:
    outcome = search(over(PLANTED[name]), BUDGET)
    assert outcome.status == "refuted"
    evidence = outcome.evidence
    assert Fraction(evidence["left"]) > Fraction(evidence["right"])
    assert evidence["dimension"] <= 2
    drawn = {field.name for assumption in h.STEP for field in assumption.fields}
    shown = [n for name in drawn for n in numbers(evidence["counterexample"][name])]
    assert all(n.denominator <= 10 and abs(n) <= 10 for n in shown)


def test_a_counterexample_follows_by_hand_from_what_is_shown() -> None:
    evidence = search(over(deviation_without_the_variance), BUDGET).evidence
    (g,), F, G = (evidence["counterexample"][name] for name in ("gradient", "F", "G"))
    g, F, G = Fraction(g), Fraction(F[0]), Fraction(G[0])
    p = [Fraction(value) for value in evidence["counterexample"]["p"]]
    samples = [Fraction(sample[0]) for sample in evidence["counterexample"]["samples"]]
    right = sum(q * (g * F + abs(s) * G) ** 2 for q, s in zip(p, samples, strict=True))
    assert Fraction(evidence["left"]) == (g * F + abs(g) * G) ** 2 / 2
    assert Fraction(evidence["right"]) == right


def test_the_same_seed_gives_the_same_outcome_found_or_not() -> None:
    for claim in (over(deviation_without_the_half, 2), over(h.descent_sides, 2)):
        assert search(claim, QUICK) == search(claim, QUICK)


BOX = Assumption("box", "x in [-2, 2]^D", fields=(Field("x", ("D",), -2, 2),))


def plain(slack: Callable[[Instance], Any], *dimensions: int) -> ForAll:
    return ForAll((BOX,), slack, "plain", dimensions or (1, 2, 3))


def test_an_inequality_that_is_tight_everywhere_on_a_line_is_supported() -> None:
    # (x . 1)^2 <= D x . x with equality for constant vectors: the search comes arbitrarily close, and rounds
    outcome = search(plain(lambda i: Sides(i["x"].sum() ** 2, len(i["x"]) * (i["x"] @ i["x"]))), QUICK)
    assert outcome.status == "supported"
    assert outcome.evidence["tightest"].startswith("0")


def test_a_violation_by_rounding_alone_is_not_a_counterexample() -> None:
    # ((x + 1) - 1) - x is zero exactly and about 1e-16 in floats
    def slack(i: Instance) -> Any:
        return 10**9 * (((i["x"] + Fraction(1, 3)) - Fraction(1, 3) - i["x"]).sum())

    assert search(plain(slack), QUICK).status == "supported"


def test_it_finds_a_violation_on_a_thin_set_of_small_fractions() -> None:
    # positive everywhere but where all entries are one half
    outcome = search(plain(lambda i: norm2(i["x"] - Fraction(1, 2)) - Fraction(1, 10**6), 2), BUDGET)
    assert outcome.status == "refuted"


def test_an_equality_is_refuted_where_its_two_values_differ() -> None:
    outcome = search(plain(lambda i: Same(abs(i["x"]).sum(), i["x"].sum())), QUICK)
    assert outcome.status == "refuted"
    assert outcome.evidence["counterexample"]["x"] == ["-1"]


def test_an_instance_that_misses_an_assumption_is_not_a_counterexample() -> None:
    positive = Assumption("positive", "", holds=lambda i: bool(np.all(i["x"] > 0)))
    form = ForAll((BOX, positive), lambda i: i["x"].sum(), "positive sum", (1, 2))
    assert search(form, QUICK).status == "supported"


def test_noise_is_centred_and_its_variance_exact() -> None:
    form = ForAll((noise,), lambda _: 0, "", (2,))
    arena = Arena(form, sizes_of(form)[-1])
    vector = [Fraction(n, 8) for n in range(1, len(arena.bounds) + 1)]
    instance = arena.instance(vector)
    assert np.all(instance["p"] @ instance["xi"] == 0)
    by_hand = sum(p * sum(x * x for x in xi) for p, xi in zip(instance["p"], instance["xi"], strict=True))
    assert instance["sigma2"] == by_hand


def test_two_assumptions_may_not_draw_one_field() -> None:
    with pytest.raises(ValueError, match="field='x'"):
        search(ForAll((BOX, BOX), lambda _: 0, ""), QUICK)


def test_a_slack_that_goes_through_floats_refutes_nothing() -> None:
    # identically 0, and about -1e-6 in floats
    def slack(i: Instance) -> Any:
        x = float(i["x"][0])
        return ((x + 1e10) - 1e10) - x

    outcome = search(plain(slack, 1), QUICK)
    assert outcome.status == "unsettled"
    assert "does not confirm" in outcome.evidence["why"]


@pytest.mark.parametrize("slack", [-1, 1])
def test_a_domain_without_instances_supports_nothing(slack: int) -> None:
    empty = Assumption("empty", "", holds=lambda _: False)
    outcome = search(ForAll((BOX, empty), lambda _: slack, "vacuous", (1, 2)), QUICK)
    assert outcome.status == "unsettled"


def test_a_division_by_zero_is_a_point_where_the_slack_is_not_defined() -> None:
    outcome = search(plain(lambda i: Sides(0, 1 / abs(i["x"]).sum().item()), 1), QUICK)
    assert outcome.status == "supported"


def test_support_counts_the_instances_that_meet_the_assumptions() -> None:
    positive = Assumption("positive", "", holds=lambda i: bool(np.all(i["x"] > 0)))
    found = search(ForAll((BOX, positive), lambda i: i["x"].sum(), "positive sum", (1, 2)), QUICK)
    everywhere = search(plain(lambda i: abs(i["x"]).sum(), 1, 2), QUICK)
    assert sum(found.evidence["instances"].values()) < sum(everywhere.evidence["instances"].values())
