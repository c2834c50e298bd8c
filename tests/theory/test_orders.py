"""Orders by series and by measurement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import sympy as sp
from analog_theory.theory.orders import leading, measured, order
from analog_theory.theory.outcome import Budget
from analog_theory.theory.statement import MeasuredOrder, Order

D = sp.Symbol("delta", positive=True)
A, B = sp.Symbol("a", positive=True), sp.Symbol("b", real=True)
BUDGET = Budget.default()


# leading terms by hand: 1 - cos d = d^2/2 - ..., sqrt(1 + d) - 1 = d/2 - ..., |d - d^2| = d - d^2 for d < 1
@pytest.mark.parametrize(
    ("error", "coefficient", "power"),
    [
        (1 - sp.cos(D), sp.Rational(1, 2), 2),
        (sp.sqrt(1 + D) - 1, sp.Rational(1, 2), 1),
        (A * D ** sp.Rational(3, 2) + D**2, A, sp.Rational(3, 2)),
        (sp.Abs(D - D**2), sp.S.One, 1),
        ((1 + D) ** 2 - 1 - 2 * D - D**2, sp.S.Zero, sp.oo),
        (1 / (1 + D) - 1 + D - D**2 + D**3 - D**4, -sp.S.One, 5),
    ],
)
def test_leading_terms(error: sp.Expr, coefficient: sp.Expr, power: sp.Expr) -> None:
    found = leading(error, D)
    assert found is not None
    assert (found.coefficient, found.order) == (coefficient, power)


@pytest.mark.parametrize(
    ("error", "claims", "sense", "status"),
    [
        (1 - sp.cos(D), 2, "O", "proved"),
        (1 - sp.cos(D), 1, "O", "proved"),
        (1 - sp.cos(D), 3, "O", "refuted"),
        (1 - sp.cos(D), 2, "Theta", "proved"),
        (1 - sp.cos(D), 1, "Theta", "refuted"),
        (B * D + D**2, 1, "O", "proved"),
        (B * D + D**2, 1, "Theta", "refuted"),  # b may be zero
        (A * D + D**2, 1, "Theta", "proved"),
        (sp.log(D) * D, 1, "O", "unsettled"),
    ],
)
def test_orders_by_series(error: sp.Expr, claims: int, sense: Any, status: str) -> None:
    outcome = order(Order(error, D, sp.Integer(claims), sense), BUDGET)
    assert outcome.status == status


def test_a_coefficient_that_can_vanish_is_named() -> None:
    outcome = order(Order(B * D + D**2, D, sp.S.One, "Theta"), BUDGET)
    assert outcome.evidence["coefficient_vanishes_at"] == {"b": "0"}


C = sp.Symbol("c", real=True)


@pytest.mark.parametrize(
    ("error", "sense", "statuses"),
    [
        (D / (D + C**2), "O", {"refuted"}),  # 1 at c = 0
        (D**2 / (D + C**2), "O", {"unsettled"}),  # true: d at c = 0, but by another series
        (sp.sqrt(C**2 + D) - sp.Abs(C), "O", {"refuted", "unsettled"}),  # sqrt(d) at c = 0
        ((sp.exp(C) - 2) * D, "Theta", {"refuted", "unsettled"}),  # 0 at c = log 2
        (D / (D + C**2 + 1), "O", {"proved"}),
        ((C**2 + 1) * D, "Theta", {"proved"}),
    ],
)
def test_an_order_holds_at_all_parameters_or_is_not_proved(error: sp.Expr, sense: Any, statuses: set[str]) -> None:
    assert order(Order(error, D, sp.S.One, sense), BUDGET).status in statuses


def power_law(exponent: float, correction: float = 0.3) -> Callable[[Any, Sequence[float]], list[float]]:
    def error(rng: np.random.Generator, smalls: Sequence[float]) -> list[float]:
        scale, bend = rng.uniform(0.5, 2), rng.uniform(0, correction)
        return [scale * small**exponent * (1 + bend * small) for small in smalls]

    return error


@pytest.mark.parametrize(
    ("exponent", "claims", "sense", "status"),
    [
        (2.0, 2, "O", "supported"),
        (3.0, 2, "O", "supported"),
        (1.5, 2, "O", "unsettled"),
        (1.0, 1, "Theta", "supported"),
        (1.5, 1, "Theta", "unsettled"),
    ],
)
def test_measured_orders_are_never_proved_nor_refuted(exponent: float, claims: float, sense: Any, status: str) -> None:
    outcome = measured(MeasuredOrder(power_law(exponent), claims, "power law", sense), BUDGET)
    assert outcome.status == status
    assert "measurement" in outcome.method


def test_a_minority_of_instances_of_lower_order_withholds_support() -> None:
    def mixed(rng: np.random.Generator, smalls: Sequence[float]) -> list[float]:
        return power_law(1.0 if rng.uniform() < 0.2 else 3.0)(rng, smalls)

    assert measured(MeasuredOrder(mixed, 2, "mixed"), BUDGET).status == "unsettled"


# h^2 (1 - sqrt h)^3 and h tanh(1000 h) are O(h^2), but at the values measured their slopes are below 2
@pytest.mark.parametrize("true", [lambda h: h**2 * (1 - h**0.5) ** 3, lambda h: h * np.tanh(1000 * h)])
def test_a_measurement_does_not_refute_what_is_true_in_the_limit(true: Callable[[float], float]) -> None:
    form = MeasuredOrder(lambda _, smalls: [true(h) for h in smalls], 2, "in the limit")
    outcome = measured(form, BUDGET)
    assert outcome.status == "unsettled"
    assert outcome.evidence["interval"]


def test_errors_of_rounding_size_settle_nothing() -> None:
    form = MeasuredOrder(lambda rng, smalls: [1e-16 * rng.uniform() for _ in smalls], 1, "rounding")
    assert measured(form, BUDGET).status == "unsettled"
