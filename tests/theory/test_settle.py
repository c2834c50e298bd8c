"""What a verdict is made of: parts, lifting rules, what it rests on, and that it is a pure function."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict

import pytest
import sympy as sp
from analog_theory.theory.lifting import misfit
from analog_theory.theory.outcome import Budget
from analog_theory.theory.paper import registry as paper
from analog_theory.theory.registry import Registry
from analog_theory.theory.settle import settle
from analog_theory.theory.statement import (
    All,
    Exists,
    Form,
    Identity,
    Implication,
    Published,
    Statement,
    SumOverCoordinates,
)

X, Y = sp.symbols("x y", real=True)
TRUE, FALSE = Implication((), X**2 + X + 1 > 0), Implication((), X > 0)
GIVES_UP = Implication((), X**4 * Y**2 + X**2 * Y**4 + 1 >= 3 * X**2 * Y**2)
NOTHING = Budget(rlimit=1)


def stated(**forms: Form) -> Registry:
    registry = Registry(ids=list(forms))
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


SUM = SumOverCoordinates(X**2 + Y**2 - 2 * X * Y, given=())
LIFT_SUM, NORM = "lib-lift-sum", "lib-lift-weighted-norm"


def test_a_sum_is_proved_for_every_dimension_by_a_proved_rule_only() -> None:
    rule = stated(**{LIFT_SUM: Implication((X >= 0, Y >= 0), X + Y >= 0)})
    proved = settle(Statement("s", "here", SUM), registry=rule)
    assert (proved.verdict, proved.dimension) == ("proved", "every D")
    for without in (Registry(), stated(**{LIFT_SUM: FALSE})):
        weaker = settle(Statement("s", "here", SUM), registry=without)
        assert (weaker.verdict, weaker.dimension) == ("supported", "1")
        assert "proved for D = 1" in weaker.evidence["lift"]


@pytest.mark.parametrize(
    "lifted", [lambda rule: Implication((), X > 0, lift=rule), lambda rule: Identity(X, X, (), rule)]
)
def test_only_the_named_rules_lift(lifted: Callable[[str], Form]) -> None:
    with pytest.raises(ValueError, match=r"lift='lib-lift-sums'.*did you mean 'lib-lift-sum'"):
        lifted("lib-lift-sums")
    with pytest.raises(ValueError, match="lift='lib-young'"):
        lifted("lib-young")


def test_a_sum_is_lifted_by_the_rule_for_sums() -> None:
    with pytest.raises(ValueError, match="must be 'lib-lift-sum'"):
        SumOverCoordinates(X**2, given=(), lift="lib-lift-elementwise")


C = sp.Symbol("c", positive=True)
# ||x|| <= ||y|| says more than that every |x_d| is at most some number that depends on d
PROPORTIONS = {
    "no |y| on the right": (sp.Abs(X) <= sp.sqrt(X**2 + C), False),
    "a factor with an index": (sp.Abs(X * Y) <= X**2 * sp.Abs(Y) + sp.Abs(X * Y), False),
    "the factor is a coordinate": (C * sp.Abs(X) <= C * sp.Abs(2 * X), False),
    "the factor may be negative": (sp.Abs(X) <= Y**3 * sp.Abs(X), False),
    "as it should be": (sp.Abs(X) <= (1 + C) * sp.Abs(X), True),
    "turned round": ((1 + C) * sp.Abs(X) >= sp.Abs(X), True),
    "a ratio of sizes": (sp.Abs(X) / (1 + Y**2) <= (1 + C) * sp.Abs(X), True),
}


@pytest.mark.parametrize("name", PROPORTIONS)
@pytest.mark.parametrize("rule", [NORM, "lib-lift-maximum"])
def test_a_norm_is_lifted_where_the_claim_is_one_of_proportion(name: str, rule: str) -> None:
    claim, fits = PROPORTIONS[name]
    assert (misfit(Implication((), claim, lift=rule)) is None) == fits


def test_a_true_claim_of_another_shape_is_not_lifted_to_a_norm() -> None:
    found = settle(Statement("s", "here", Implication((), sp.Abs(X) <= 1 + X**2, lift=NORM)), registry=paper)
    assert (found.verdict, found.dimension) == ("supported", "1")
    assert "takes claims |x| <= c |y|" in found.evidence["lift"]


def test_a_rule_cannot_be_lifted_by_itself() -> None:
    registry = stated(**{NORM: Implication((), sp.Abs(X) <= 2 * sp.Abs(X), lift=NORM)})
    assert settle(registry.build(NORM), registry=registry).verdict == "supported"


def test_a_statement_uses_the_rules_that_its_form_names() -> None:
    parts = All((("norm", Implication((), sp.Abs(X) <= 2 * sp.Abs(X), lift=NORM)), ("sum", SUM)))
    assert stated(s=parts).build("s").uses == (NORM, LIFT_SUM)
    assert NORM in paper.build("lemma-3").uses


def test_a_rule_stated_later_counts() -> None:
    registry = stated(s=SUM)
    assert settle(registry.build("s"), registry=registry).verdict == "supported"
    registry.statement(LIFT_SUM, source="here")(lambda: Implication((X >= 0, Y >= 0), X + Y >= 0))
    assert settle(registry.build("s"), registry=registry).verdict == "proved"


def test_a_claim_that_sympy_itself_evaluates_to_true_is_proved() -> None:
    assert verdict(Implication((), X**2 >= 0)) == "proved"


def test_one_bad_coordinate_refutes_a_sum() -> None:
    assert verdict(SumOverCoordinates(X * Y, given=())) == "refuted"


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


@pytest.mark.parametrize("rule", [id for id in paper if id.startswith("lib-") and not id.startswith("lib-law-")])
def test_the_rules_that_proofs_lean_on_are_proved(rule: str) -> None:
    assert settle(paper.build(rule), registry=paper).verdict == "proved"


@pytest.mark.slow
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
