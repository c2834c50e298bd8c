"""Formulas that stay within the rationals, as functions of fractions: about ten times as fast as SymPy's numbers.

Terms raise ZeroDivisionError where they are undefined. Conditions have three values, None where it is not known which.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

Value = Fraction | bool | None
Numbers = Mapping[sp.Basic, Fraction]
Evaluator = Callable[[Numbers], Any]

_RELATIONS: Mapping[type, Callable[[Any, Any], bool]] = {
    sp.Lt: operator.lt,
    sp.Le: operator.le,
    sp.Gt: operator.gt,
    sp.Ge: operator.ge,
    sp.Eq: operator.eq,
    sp.Ne: operator.ne,
}
_MAKES: Mapping[type, Callable[[list[Any]], Any]] = {
    sp.Add: sum,
    sp.Mul: math.prod,
    sp.Max: max,
    sp.Min: min,
    sp.Abs: lambda values: abs(values[0]),
    sp.sign: lambda values: Fraction((values[0] > 0) - (values[0] < 0)),
    sp.And: lambda values: False if False in values else None if None in values else True,
    sp.Or: lambda values: True if True in values else None if None in values else False,
    sp.Not: lambda values: None if values[0] is None else not values[0],
}


class Beyond(Exception):
    """The formula, or its value at this point, is not one that fractions can give."""


def value_at(formula: sp.Basic, point: Mapping[sp.Symbol, sp.Basic]) -> Value:
    """The formula's value, or whether the condition holds, at a point; None where undefined. Raises Beyond."""
    if any(not isinstance(value, sp.Rational) for value in point.values()):
        raise Beyond
    numbers = {symbol: Fraction(value.p, value.q) for symbol, value in point.items()}
    try:
        found: Value = _evaluator(formula)(numbers)
    except ZeroDivisionError:
        return None
    return found


@lru_cache(maxsize=2**14)
def _evaluator(formula: sp.Basic) -> Evaluator:
    match formula:
        case sp.Symbol():
            return lambda numbers: _known(numbers, formula)
        case sp.Rational():
            constant = Fraction(formula.p, formula.q)
            return lambda _: constant
        case sp.Pow() if isinstance(formula.exp, sp.Rational):
            return _power(_evaluator(formula.base), formula.exp)
        case sp.Piecewise():
            return _cases([(_evaluator(value), _evaluator(condition)) for value, condition in formula.args])
        case Relational() if type(formula) in _RELATIONS:
            return _relation(_RELATIONS[type(formula)], *map(_evaluator, formula.args))
        case sp.logic.boolalg.BooleanAtom():
            truth = bool(formula)
            return lambda _: truth
    return _joined(type(formula), [_evaluator(part) for part in formula.args])


def _joined(kind: type, parts: Sequence[Evaluator]) -> Evaluator:
    """What a function or connective makes of its arguments."""
    if kind not in _MAKES or not parts:
        raise Beyond
    make = _MAKES[kind]
    return lambda numbers: make([part(numbers) for part in parts])


def _known(numbers: Numbers, symbol: sp.Basic) -> Fraction:
    if symbol not in numbers:
        raise Beyond
    return numbers[symbol]


def _power(base: Evaluator, exponent: sp.Rational) -> Evaluator:
    whole, degree = int(exponent.p), int(exponent.q)
    if degree == 1:
        return lambda numbers: base(numbers) ** whole
    if degree != 2:
        raise Beyond
    return lambda numbers: _root(base(numbers)) ** whole


def _root(value: Fraction) -> Fraction:
    root = Fraction(math.isqrt(abs(value.numerator)), math.isqrt(value.denominator))
    if root * root != value:
        raise Beyond
    return root


def _relation(compare: Callable[[Any, Any], bool], left: Evaluator, right: Evaluator) -> Evaluator:
    def holds(numbers: Numbers) -> bool | None:
        try:
            return compare(left(numbers), right(numbers))
        except ZeroDivisionError:
            return None

    return holds


def _cases(cases: Sequence[tuple[Evaluator, Evaluator]]) -> Evaluator:
    """The value of the first case that holds."""

    def chosen(numbers: Numbers) -> Any:
        for value, condition in cases:
            met = condition(numbers)
            if met is True:
                return value(numbers)
            if met is None:
                break
        raise ZeroDivisionError

    return chosen
