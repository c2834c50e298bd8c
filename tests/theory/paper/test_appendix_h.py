"""Appendix H so far: (65) is proved, the steps of (70) and (71) are proved coordinate by coordinate."""

from __future__ import annotations

import pytest
from analog_theory.theory.outcome import Budget
from analog_theory.theory.paper import registry
from analog_theory.theory.settle import settle

QUICK = Budget(instances=40, generations=1)


def test_saturation_is_the_product_of_the_responses() -> None:
    found = settle(registry.build("eq-65"), registry=registry)
    assert (found.verdict, found.dimension) == ("proved", "every D")


@pytest.mark.parametrize("id", ["eq-61", "eq-70-s1", "eq-70-s2", "eq-70-s3", "eq-71"])
def test_claims_over_instances_find_no_counterexample_and_prove_their_steps(id: str) -> None:
    found = settle(registry.build(id), QUICK, registry)
    assert found.verdict == "supported"
    parts = found.evidence["parts"].values()
    assert {part["verdict"] for part in parts} == {"proved", "supported"}
    assert [part["dimensions"] for part in parts if part["method"] == "search"] == [[1, 2, 3, 4]]
