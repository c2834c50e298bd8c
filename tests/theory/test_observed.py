"""Claims about measurements: what findings make of them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from analog_theory.theory.observed import judged
from analog_theory.theory.outcome import Budget
from analog_theory.theory.registry import Registry
from analog_theory.theory.settle import settle
from analog_theory.theory.statement import Identity, Measured
from analog_theory.theory.symbols import symbol

FORM = Measured("an_experiment", "it falls", "7")


@dataclass(frozen=True)
class Seen:
    claim: str
    agrees: bool | None
    evidence: str = "by 2"


@pytest.mark.parametrize(
    ("agreements", "status"),
    [
        ([True, True], "supported"),
        ([True, False], "refuted"),
        ([True, None], "unsettled"),
        ([False, None], "refuted"),
        ([], "unsettled"),
    ],
)
def test_one_that_disagrees_refutes_and_all_must_be_told(agreements, status):
    found = judged(FORM, [Seen(f"claim {k}", agrees) for k, agrees in enumerate(agreements)])
    assert (found.status, found.dimension) == (status, "7")
    assert [one["agrees"] for one in found.evidence["findings"]] == agreements


def test_a_refuted_claim_names_what_was_not_seen():
    found = judged(FORM, [Seen("claim 0", True), Seen("claim 1", False)])
    assert found.evidence["obstruction"] == "not seen: claim 1; by 2"


def test_without_its_experiment_a_claim_is_unsettled_and_says_what_makes_it():
    registry = Registry()

    @registry.statement("falls", source="notes", experiment="an_experiment")
    def falls():
        return FORM

    verdict = settle(registry.build("falls"), Budget.default(), registry)
    assert verdict.verdict == "unsettled"
    assert "an_experiment" in verdict.evidence["why"]


@pytest.mark.parametrize(("stated", "experiment"), [("", "an_experiment"), ("another", "an_experiment")])
def test_a_claim_must_name_the_experiment_that_its_form_has(stated, experiment):
    registry = Registry()
    registry.statement("falls", source="notes", experiment=stated)(lambda: Measured(experiment, "it falls", "1"))
    with pytest.raises(ValueError, match=f"experiment='{stated}': must be '{experiment}'"):
        registry.build("falls")


def test_a_claim_that_is_not_measured_has_no_experiment():
    registry = Registry()
    registry.statement("same", source="notes", experiment="an_experiment")(lambda: Identity(symbol("x"), symbol("x")))
    with pytest.raises(ValueError, match="experiment='an_experiment': must be ''"):
        registry.build("same")
