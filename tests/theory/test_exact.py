"""Formulas at exact points: by plain fractions and by SymPy, which must agree, and small models of a solver's."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp
from analog_theory.theory.exact import at, symbolic_at, true_at
from analog_theory.theory.rational import Beyond, value_at
from analog_theory.theory.solver import ask, small_model
from hypothesis import given, strategies as st

X, Y = sp.symbols("x y", real=True)
NUMBERS = st.sampled_from([sp.Rational(text) for text in ("0", "1", "-1", "2", "1/2", "-2/3", "4", "9/4")])
LEAVES = st.one_of(st.sampled_from([X, Y]), NUMBERS)


def _larger(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    pair = st.tuples(parts, parts)
    powers = st.sampled_from([sp.Integer(2), sp.Integer(-1), sp.Rational(1, 2), sp.Rational(-1, 2)])
    return st.one_of(
        pair.map(lambda two: sp.Add(*two, evaluate=False)),
        pair.map(lambda two: sp.Mul(*two, evaluate=False)),
        pair.map(lambda two: sp.Max(*two)),
        parts.map(sp.Abs),
        parts.map(sp.sign),
        st.tuples(parts, powers).map(lambda two: sp.Pow(*two, evaluate=False)),
        st.tuples(parts, parts, parts).map(lambda three: sp.Piecewise((three[0], X > 0), (three[1], True)) + three[2]),
    )


TERMS = st.recursive(LEAVES, _larger, max_leaves=6)
RELATIONS = st.tuples(st.sampled_from([sp.Lt, sp.Le, sp.Eq, sp.Ne]), TERMS, TERMS).map(
    lambda three: three[0](three[1], three[2], evaluate=False)
)
CONDITIONS = st.one_of(
    RELATIONS,
    st.tuples(st.sampled_from([sp.And, sp.Or]), RELATIONS, RELATIONS).map(
        lambda three: three[0](three[1], three[2], evaluate=False)
    ),
)
POINTS = st.fixed_dictionaries({X: NUMBERS, Y: NUMBERS})


def _is_finite(formula: sp.Basic) -> bool:
    return not formula.has(sp.zoo, sp.nan, sp.oo, -sp.oo, sp.I)


@given(st.one_of(TERMS, CONDITIONS).filter(_is_finite), POINTS)
def test_fractions_and_sympy_give_the_same_values(formula: sp.Basic, point: dict[Any, Any]) -> None:
    try:
        value = value_at(formula, point)
    except Beyond:
        return
    by_sympy = symbolic_at(formula, point)
    expected = None if by_sympy is sp.nan else bool(by_sympy) if by_sympy in (sp.true, sp.false) else by_sympy
    assert value == expected


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        (1 / X, sp.nan),
        (sp.And(1 / X > 0, Y > 1, evaluate=False), sp.false),
        (sp.Or(1 / X > 0, Y > 1, evaluate=False), sp.nan),
        (sp.Piecewise((1 / X, X > 0), (Y, True)), sp.S.One),
        (sp.Piecewise((2, 1 / X > 0), (Y, True)), sp.nan),
        (sp.Abs(X - 4), sp.S(4)),
        (sp.sqrt(Y + 3), sp.S(2)),
        (sp.sqrt(X - 4), sp.nan),
        (sp.sqrt(Y + 1), sp.sqrt(2)),
    ],
)
def test_values_by_hand_where_a_part_is_undefined_or_a_root(formula: sp.Basic, value: sp.Basic) -> None:
    assert at(formula, {X: sp.S.Zero, Y: sp.S.One}) == value


def test_a_small_model_is_one_and_as_small_as_the_ladder_allows() -> None:
    # x y >= 7 with 3 < y <= 7/2: of the ladder 0, 1, -1, 1/2, .. only 2 and larger x have such a y
    wanted = (X * Y >= 7, Y > 3, sp.Rational(7, 2) >= Y)
    model = small_model(wanted, ask(wanted, 100_000), 100_000)
    assert all(true_at(formula, model) for formula in wanted)
    assert model == {X: sp.S(2), Y: sp.Rational(7, 2)}
