"""Appendix H so far: (65) is proved, and the steps of (70) and (71), coordinate by coordinate; (61) is searched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp
from analog_theory.theory.outcome import Budget
from analog_theory.theory.paper import appendix_h as h, registry
from analog_theory.theory.settle import settle
from analog_theory.theory.statement import SumOverCoordinates

QUICK = Budget(instances=40, generations=1)


@pytest.mark.parametrize("id", ["eq-65", "eq-70-s1", "eq-70-s2", "eq-70-s3", "eq-71"])
def test_what_holds_coordinate_by_coordinate_is_proved_for_vectors(id: str) -> None:
    found = settle(registry.build(id), registry=registry)
    assert (found.verdict, found.dimension) == ("proved", "every D")


@pytest.mark.parametrize("id", ["eq-61", "eq-70"])
def test_claims_over_instances_find_no_counterexample_and_prove_their_steps(id: str) -> None:
    found = settle(registry.build(id), QUICK, registry)
    assert found.verdict == "supported"
    parts = found.evidence["parts"].values()
    assert {part["verdict"] for part in parts} == {"proved", "supported"}
    assert all(part["dimensions"] == [1, 2, 3, 4] for part in parts if part["method"] == "search")


def symbolic_step(dimension: int) -> dict[str, Any]:
    """One step of Analog SGD whose numbers are symbols: two samples of probability p and 1 - p."""

    def vector(name: str) -> np.ndarray:
        return np.array([sp.Symbol(f"{name}_{d}", real=True) for d in range(dimension)], dtype=object)

    p = sp.Symbol("p", nonnegative=True)
    samples = np.array([vector("first"), vector("second")])
    step = {name: vector(name) for name in ("gradient", "F", "G")}
    return {**step, "samples": samples, "p": np.array([p, 1 - p], dtype=object)}


def sum_of_terms(form: SumOverCoordinates, step: dict[str, Any]) -> sp.Expr:
    """The term of a proved step in every sample and coordinate, summed."""

    def term(k: int, d: int) -> sp.Expr:
        values = {h.PROBABILITY: step["p"][k], h.SAMPLE: step["samples"][k][d], h.GRADIENT: step["gradient"][d]}
        return form.term.subs({**values, h.F: step["F"][d], h.G: step["G"][d]}, simultaneous=True)

    return sum(term(k, d) for k in range(2) for d in range(len(step["F"])))


def bound_by_variance(step: dict[str, Any]) -> Any:
    """L4 of (71): F_max times the largest G^2 / F times the variance of the samples, against L1."""
    errors = step["gradient"] - step["samples"]
    variance = step["p"] @ (errors**2).sum(axis=1)
    return h.Sides(h.noise_through_g(step), h.F_MAX * h.RATIO * variance)


LINES = {
    "L2 >= L3": (h.second_line, h.first_step),
    "L3 >= L4": (h.third_line, h.second_step),
    "L1 <= L4 of (71)": (bound_by_variance, h.third_step),
}


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("name", LINES)
def test_the_slack_over_vectors_is_the_sum_of_the_proved_terms(name: str, dimension: int) -> None:
    sides: Callable[[Any], Any]
    sides, proved = LINES[name]
    step = symbolic_step(dimension)
    left, right = sides(step)
    total = sum_of_terms(proved(), step)
    assert sp.expand(right - left - total) == 0
    assert sp.expand(right - left - total / 2) != 0
