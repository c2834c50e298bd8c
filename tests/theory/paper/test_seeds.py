"""A verdict does not depend on luck: three seeds, one verdict."""

from __future__ import annotations

from dataclasses import replace

import pytest
from analog_theory.theory.outcome import Budget
from analog_theory.theory.paper import registry
from analog_theory.theory.settle import decided

SEEDS = (0, 1, 2)


@pytest.mark.slow
@pytest.mark.parametrize("id", list(registry))
def test_three_seeds_give_the_same_verdict(id: str) -> None:
    budgets = [replace(Budget.default(), seed=seed) for seed in SEEDS]
    assert len({decided(id, budget, registry).status for budget in budgets}) == 1
