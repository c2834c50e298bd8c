"""What a verdict is made of: parts, lifting rules, what it rests on, and that it is a pure function."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict

import pytest
import sympy as sp
from analog_theory.theory.outcome import Budget
from analog_theory.theory.paper import registry as paper
from analog_theory.theory.settle import settle
from analog_theory.theory.statement import (
    All,
    Exists,
    Form,
    Identity,
    Implication,
    Published,
    Registry,
    Statement,
    SumOverCoordinates,
)

X, Y = sp.symbols("x y", real=True)
TRUE, FALSE = Implication((), X**2 + X + 1 > 0), Implication((), X > 0)
GIVES_UP = Implication((), X**4 * Y**2 + X**2 * Y**4 + 1 >= 3 * X**2 * Y**2)
NOTHING = Budget(rlimit=1)


def stated(**forms: Form) -> Registry:
    registry = Registry(ids=list(forms), extra="rule-")
    for id, form in forms.items():
        registry.statement(id, source="here")(lambda form=form: form)  # type: ignore[misc]
    return registry


def verdict(form: Form, registry: Registry | None = None, budget: Budget | None = None) -> str:
    return settle(Statement("s", "here", form), budget, registry or Registry()).verdict


def test_a_conjunction_is_refuted_by_one_part_which_it_names() -> None:
    found = settle(Statement("s", "here", All((("good", TRUE), ("bad", FALSE)))))
    assert found.verdict == "refuted"
    assert found.evidence["refuted"] == ["bad"]
    assert found.evidence["parts"]["good"]["verdict"] == "proved"


def test_a_conjunction_is_as_strong_as_its_weakest_part() -> None:
    assert verdict(All((("a", TRUE), ("b", Identity(X, X))))) == "proved"
    assert verdict(All((("a", TRUE), ("b", GIVES_UP))), budget=NOTHING) == "unsettled"


SUM = SumOverCoordinates(X**2 + Y**2 - 2 * X * Y, given=(), lift="rule")


def test_a_sum_is_proved_for_every_dimension_by_a_proved_rule_only() -> None:
    rule = stated(rule=Implication((X >= 0, Y >= 0), X + Y >= 0))
    proved = settle(Statement("s", "here", SUM), registry=rule)
    assert (proved.verdict, proved.dimension) == ("proved", "every D")
    for without in (Registry(), stated(rule=FALSE)):
        weaker = settle(Statement("s", "here", SUM), registry=without)
        assert (weaker.verdict, weaker.dimension) == ("supported", "1")
        assert "proved for D = 1" in weaker.evidence["lift"]


def test_a_claim_that_sympy_itself_evaluates_to_true_is_proved() -> None:
    assert verdict(Implication((), X**2 >= 0)) == "proved"


def test_one_bad_coordinate_refutes_a_sum() -> None:
    assert verdict(SumOverCoordinates(X * Y, given=(), lift="rule")) == "refuted"


def test_a_verdict_says_which_refuted_statements_it_rests_on_and_what_amends_it() -> None:
    registry = Registry(ids=["first", "second", "third"])
    registry.statement("first", source="here")(lambda: FALSE)
    registry.statement("second", source="here", uses=["first", "not stated"])(lambda: TRUE)
    registry.statement("third", source="here", uses=["second"])(lambda: TRUE)
    registry.statement("first.amended-1", source="here", amends="first")(lambda: TRUE)
    assert settle(registry.build("third"), registry=registry).rests_on == ("first",)
    assert settle(registry.build("first"), registry=registry).amended_by == ("first.amended-1",)


def test_statements_that_use_each_other_do_not_hang() -> None:
    registry = Registry(ids=["one", "other"])
    registry.statement("one", source="here", uses=["other"])(lambda: TRUE)
    registry.statement("other", source="here", uses=["one"])(lambda: FALSE)
    assert settle(registry.build("one"), registry=registry).rests_on == ("other",)


@pytest.mark.parametrize("form", [TRUE, FALSE, GIVES_UP, SUM, Exists(X > 3), Published(sp.Rational(1, 3), "0.33")])
def test_the_same_seed_gives_the_same_verdict_and_only_json_in_it(form: Form) -> None:
    first, second = (settle(Statement("s", "here", form)) for _ in range(2))
    assert first == second
    assert json.loads(json.dumps(asdict(first)))["verdict"] == first.verdict


@pytest.mark.parametrize("form", [TRUE, SUM, GIVES_UP])
def test_no_budget_no_proof(form: Form) -> None:
    assert verdict(form, budget=NOTHING) == "unsettled"


def test_what_is_not_a_form_is_turned_away() -> None:
    with pytest.raises(TypeError, match="must be one of the forms"):
        settle(Statement("s", "here", X))  # type: ignore[arg-type]


def test_lemma_3_is_settled_from_cold_within_ten_seconds() -> None:
    code = (
        "from analog_theory.theory.paper import registry\n"
        "from analog_theory.theory.settle import settle\n"
        "print(settle(registry.build('lemma-3'), registry=registry).verdict)"
    )
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "refuted"
    assert time.perf_counter() - start < 10


@pytest.mark.parametrize("rule", [id for id in paper if id.startswith("lib-")])
def test_the_rules_that_proofs_lean_on_are_proved(rule: str) -> None:
    assert settle(paper.build(rule), registry=paper).verdict == "proved"


def test_a_verdict_does_not_depend_on_the_hash_seed() -> None:
    # sets of symbols and conjunctions iterate in the order of hashes, which Python draws anew for each process
    code = (
        "import json\n"
        "from dataclasses import asdict\n"
        "from analog_theory.theory.paper import registry\n"
        "from analog_theory.theory.settle import settle\n"
        "ids = ('text-2-5.amended-1', 'eq-16', 'lemma-2.amended-1')\n"
        "print(json.dumps([asdict(settle(registry.build(id), registry=registry)) for id in ids]))"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "77")
    }
    assert len(runs) == 1
