"""A certificate proves a claim over vectors only when its parts are proved, add up, and are all needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from analog_theory.theory.certified import certified
from analog_theory.theory.outcome import Budget, Outcome
from analog_theory.theory.registry import Registry
from analog_theory.theory.settle import settle
from analog_theory.theory.statement import (
    Assumption,
    Certified,
    Field,
    ForAll,
    Form,
    Identity,
    Implication,
    Instance,
    Premise,
    Same,
    Sides,
    Term,
    claims_of,
    scaled,
)
from analog_theory.theory.symbols import symbol

QUICK = Budget(instances=40, generations=1)
X, Y, P = symbol("x"), symbol("y"), symbol("p", "nonnegative")
HALF = Fraction(1, 2)


def _law(drawn: Instance) -> Instance:
    return {"p": drawn["weights"] / drawn["weights"].sum()}


PAIRS = Assumption(
    "a vector y, and a random vector x",
    "entries in [-2, 2]",
    holds=lambda i: bool(i["p"].sum() == 1),
    fields=(Field("x", ("K", "D"), -2, 2), Field("y", ("D",), -2, 2), Field("weights", ("K",), 0.125, 1)),
    build=_law,
)


def at(instance: Instance) -> Mapping[str, Any]:
    return {"x": instance["x"], "y": instance["y"], "p": instance["p"][:, None]}


def mean2(instance: Instance, vectors: Any) -> Any:
    return instance["p"] @ (vectors**2).sum(axis=1)


def young(instance: Instance) -> Sides:
    """2 E<x, y> <= E|x|^2 + |y|^2."""
    inner = 2 * instance["p"] @ (instance["x"] @ instance["y"])
    return Sides(inner, mean2(instance, instance["x"]) + instance["y"] @ instance["y"])


def over(slack: Callable[[Instance], Any]) -> ForAll:
    return ForAll((PAIRS,), slack, "planted", (1, 2, 3))


def outcome(form: Certified, status: str = "proved") -> Outcome:
    return certified(form, QUICK, lambda _: status)


SQUARE = Term(P * (X - Y) ** 2, (), at)


def test_a_sum_of_squares_proves_the_claim_for_every_dimension() -> None:
    found = outcome(Certified(over(young), (SQUARE,)))
    assert (found.status, found.dimension) == ("proved", "every D")
    # six exact instances of each of D = 1, 2, 3 with K = 2, 3
    assert found.evidence["sum"] == {
        "exact_instances": 36,
        "sizes": [f"D = {d}, atoms = {k}" for d in (1, 2, 3) for k in (2, 3)],
    }


WRONG = {
    "too small a sum": ((Term(P * (X - Y) ** 2 / 2, (), at),), "the parts do not add up to the slack"),
    "a term that is not >= 0": ((Term(P * (X**2 + Y**2 - 2 * X * Y), (), at), Term(X, (), at)), "term 2 is refuted"),
    "an assumption that instances break": ((Term(P * (X - Y) ** 2, (X > Y,), at),), "x > y fails"),
    "a term that does nothing": ((SQUARE, Term((sp.Abs(X) + X) * (sp.Abs(X) - X), (), at)), "term 2 is 0 at every"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_certificate_leaves_the_claim_supported_and_says_why(name: str) -> None:
    terms, why = WRONG[name]
    found = outcome(Certified(over(young), terms))
    assert found.status == "supported"
    assert why in found.evidence["certificate"]


def test_a_false_claim_is_refuted_whatever_its_certificate() -> None:
    def tighter(instance: Instance) -> Sides:
        left, right = young(instance)
        return Sides(left, right * Fraction(99, 100))

    found = outcome(Certified(over(tighter), (SQUARE,)))
    assert found.status == "refuted"
    assert Fraction(found.evidence["left"]) > Fraction(found.evidence["right"])


def test_an_equality_needs_terms_that_vanish() -> None:
    def polarised(instance: Instance) -> Same:
        inner = 2 * instance["p"] @ (instance["x"] @ instance["y"])
        norms = mean2(instance, instance["x"]) + instance["y"] @ instance["y"]
        return Same(inner, norms - mean2(instance, instance["x"] - instance["y"]))

    zero = P * (2 * X * Y - X**2 - Y**2 + (X - Y) ** 2)
    assert outcome(Certified(over(polarised), (Term(zero, (), at),))).status == "proved"
    assert outcome(Certified(over(polarised), (SQUARE,))).status == "supported"


def registry(premise: Form) -> Registry:
    """A claim whose slack is that of its premise: E|x|^2 >= 0."""
    stated = Registry()

    @stated.statement("squares", source="by hand")
    def squares() -> Form:
        return premise

    @stated.statement("claim", source="by hand", uses=["squares"])
    def claim() -> Form:
        slack = over(lambda i: Sides(0, mean2(i, i["x"])))
        return Certified(slack, (), (Premise("squares", lambda i: mean2(i, i["x"])),))

    return stated


def test_a_premise_counts_when_it_is_proved() -> None:
    proved = registry(Implication((), X**2 >= 0))
    assert settle(proved.build("claim"), QUICK, proved).verdict == "proved"
    false = registry(Identity(X, Y))
    found = settle(false.build("claim"), QUICK, false)
    assert (found.verdict, found.rests_on) == ("supported", ("squares",))
    assert found.evidence["certificate"] == "its premise squares is refuted"


SQUARES = Term(P * X**2, (), at)


def taken(claimed: Certified, premise: Premise) -> tuple[str, list[str]]:
    """The verdict on E|x|^2 >= 0 from a premise about `claimed`, and which premises are taken as they are read."""
    stated = registry(claimed)
    found = certified(
        Certified(over(lambda i: Sides(0, mean2(i, i["x"]))), (), (premise,)),
        QUICK,
        lambda _: "proved",
        lambda id: claims_of(stated.build(id).form),
    )
    return found.status, found.evidence["sum"].get("read", [])


def test_a_premise_is_what_its_statement_claims_where_exact_instances_show_it() -> None:
    claimed = Certified(over(lambda i: mean2(i, i["x"])), (SQUARES,))
    assert taken(claimed, Premise("squares", lambda i: mean2(i, i["x"]))) == ("proved", [])
    half = Premise("squares", lambda i: mean2(i, i["x"]), lambda i: ((HALF, i), (HALF, i)))
    assert taken(claimed, half) == ("proved", [])
    other = Premise("squares", lambda i: mean2(i, i["x"]) * 2, scaled(lambda _: HALF))
    assert taken(claimed, other) == ("proved", ["squares"])
    difference = Premise("squares", lambda i: mean2(i, i["x"]), lambda i: ((2, i), (-1, i)))
    assert taken(claimed, difference) == ("proved", ["squares"])


def test_a_premise_outside_the_domain_of_its_statement_is_not_what_that_claims() -> None:
    narrow = replace(PAIRS, holds=lambda i: bool((i["x"] >= 0).all()))
    claimed = Certified(ForAll((narrow,), lambda i: mean2(i, i["x"]), "planted"), (SQUARES,))
    premise = Premise("squares", lambda i: mean2(i, i["x"]))
    assert taken(claimed, premise) == ("proved", ["squares"])
    moved = replace(premise, at=lambda i: ((1, {**i, "x": abs(i["x"])}),))
    assert taken(claimed, moved) == ("proved", [])


def test_a_premise_is_named_once() -> None:
    half = Premise("squares", lambda i: mean2(i, i["x"]) / 2)
    with pytest.raises(ValueError, match="must name 'squares' once"):
        Certified(over(lambda i: mean2(i, i["x"])), (), (half, half))


def test_a_sum_seen_for_one_coordinate_alone_holds_for_one() -> None:
    # (sum x)^2 is not sum x^2, but for one coordinate it is
    def lone(i: Instance) -> Any:
        return i["p"] @ i["x"].sum(axis=1) ** 2

    one = Certified(ForAll((PAIRS,), lone, "planted", (1,)), (SQUARES,))
    assert (outcome(one).status, outcome(one).dimension) == ("proved", "1")
    two = replace(one, claim=replace(one.claim, dimensions=(1, 2)))
    assert outcome(two).status == "supported"


def test_a_premise_must_stand_in_what_the_statement_uses() -> None:
    stated = Registry()

    @stated.statement("claim", source="by hand")
    def claim() -> Form:
        return Certified(over(young), (SQUARE,), (Premise("squares", lambda _: Fraction(0)),))

    with pytest.raises(ValueError, match=r"uses=\[\]: must name the premise 'squares' of claim"):
        stated.build("claim")


def test_a_symbol_without_a_value_is_told() -> None:
    with pytest.raises(ValueError, match=r"at=\['p', 'x', 'y'\]: must give a value to z"):
        outcome(Certified(over(young), (Term(P * symbol("z") ** 2, (), at),)))


def test_a_condition_on_numbers_alone_is_checked_at_instances() -> None:
    scale = symbol("scale", "positive")
    term = Term(P * (X - Y) ** 2 + 0 * scale, (scale <= 1,), lambda i: {**at(i), "scale": Fraction(1, 2)})
    assert outcome(Certified(over(young), (term,))).status == "proved"
    wrong = Term(term.formula, (scale >= 1,), term.at)
    assert "scale >= 1 fails" in outcome(Certified(over(young), (wrong,))).evidence["certificate"]
