"""Formulas at exact points: evaluation without rounding, small points first, and numbers as text."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp

from .rational import Beyond, Value, value_at
from .symbols import plain

Point = Mapping[sp.Symbol, sp.Rational]

_REAL = tuple(sp.Rational(text) for text in ("1", "0", "-1", "2", "1/2", "-2", "-1/2", "3", "1/3", "-3/2"))


def text(value: Any) -> str:
    """A number or formula as evidence shows it."""
    return plain(value) if isinstance(value, sp.Basic) else str(value)


def shown(point: Point) -> dict[str, str]:
    """A point as evidence: names to exact numbers."""
    return {symbol.name: text(value) for symbol, value in sorted(point.items(), key=lambda item: item[0].name)}


def at(formula: sp.Basic, point: Point) -> sp.Basic:
    """The formula's exact value at a point; `nan` where it or a part of it is not a real number there.

    Conditions have three values: a conjunction with a false part is false, whatever its undefined parts.
    """
    if isinstance(formula, sp.MatrixBase):
        return formula.xreplace(dict(point))
    try:
        return _as_sympy(value_at(formula, point))
    except Beyond:
        return symbolic_at(formula, point)


def _as_sympy(value: Value) -> sp.Basic:
    if value is None:
        return sp.nan
    return sp.sympify(value) if isinstance(value, bool) else sp.Rational(value.numerator, value.denominator)


def symbolic_at(formula: sp.Basic, point: Point) -> sp.Basic:
    """`at` by SymPy's own evaluation, for every formula that is not a matrix."""
    if formula in point or not formula.args:
        return _real_or_nan(point.get(formula, formula))
    if isinstance(formula, sp.Piecewise):
        return _chosen(formula, point)
    parts = [symbolic_at(part, point) for part in formula.args]
    if isinstance(formula, sp.And | sp.Or):
        return _joined(formula, parts)
    return sp.nan if sp.nan in parts else _real_or_nan(formula.func(*parts))


def _real_or_nan(value: sp.Basic) -> sp.Basic:
    undefined = value.has(sp.nan, sp.zoo, sp.oo, -sp.oo) or getattr(value, "is_real", True) is False
    return sp.nan if undefined else value


def _chosen(formula: sp.Piecewise, point: Point) -> sp.Basic:
    """The value of the first case that holds; undefined where it is not known which one that is."""
    for value, condition in formula.args:
        met = at(condition, point)
        if met == sp.true:
            return at(value, point)
        if met != sp.false:
            break
    return sp.nan


def _joined(formula: sp.Basic, parts: Sequence[sp.Basic]) -> sp.Basic:
    decisive = sp.false if isinstance(formula, sp.And) else sp.true
    if decisive in parts:
        return decisive
    return sp.nan if sp.nan in parts else formula.func(*parts)


def true_at(condition: sp.Basic, point: Point) -> bool:
    """Whether a condition holds exactly at a point (False as well where it is undefined or undecided)."""
    try:
        return bool(at(condition, point) == sp.true)
    except TypeError:
        return False


def false_at(condition: sp.Basic, point: Point) -> bool:
    """Whether a condition fails exactly at a point."""
    try:
        return bool(at(condition, point) == sp.false)
    except TypeError:
        return False


_KINDS = ("integer", "noninteger", "even", "odd", "prime", "composite", "rational", "irrational", "zero")


@lru_cache(maxsize=2**16)
def admits(symbol: sp.Symbol, value: sp.Expr) -> bool:
    """Whether the symbol's domain contains the real value."""
    wants = (
        (symbol.is_positive, value > 0),
        (symbol.is_nonnegative, value >= 0),
        (symbol.is_negative, value < 0),
        (symbol.is_nonpositive, value <= 0),
        (symbol.is_nonzero, value != 0),
    )
    assumed = symbol.assumptions0
    kinds = all(getattr(value, f"is_{kind}") is assumed[kind] for kind in _KINDS if kind in assumed)
    return kinds and all(met for wanted, met in wants if wanted)


def in_domain(point: Point) -> bool:
    """Whether every value of a point is in its symbol's domain."""
    return all(admits(symbol, value) for symbol, value in point.items())


def points(symbols: Sequence[sp.Symbol], count: int, seed: int) -> Iterator[Point]:
    """Exact points of the symbols' domains: half of them small ones, smallest first, the rest random fractions."""
    yield from itertools.islice(_small(symbols), count // 2)
    yield from itertools.islice(_random(symbols, np.random.default_rng(seed)), count - count // 2)


def _small(symbols: Sequence[sp.Symbol]) -> Iterator[Point]:
    ladders = [[value for value in _REAL if admits(symbol, value)] for symbol in symbols]
    for size in range(sum(len(ladder) for ladder in ladders)):
        for ranks in _compositions(size, [len(ladder) for ladder in ladders]):
            yield {s: ladder[rank] for s, ladder, rank in zip(symbols, ladders, ranks, strict=True)}


def _compositions(total: int, limits: Sequence[int]) -> Iterator[tuple[int, ...]]:
    if not limits:
        if total == 0:
            yield ()
        return
    for first in range(min(total, limits[0] - 1) + 1):
        for rest in _compositions(total - first, limits[1:]):
            yield (first, *rest)


def _random(symbols: Sequence[sp.Symbol], rng: np.random.Generator) -> Iterator[Point]:
    while symbols:
        yield {symbol: _draw(symbol, rng) for symbol in symbols}


def _draw(symbol: sp.Symbol, rng: np.random.Generator) -> sp.Rational:
    for _ in range(1000):
        value = sp.Rational(int(rng.integers(-40, 41)), 1 if symbol.is_integer else int(rng.integers(1, 13)))
        if admits(symbol, value):
            return value
    raise ValueError(f"symbol={symbol.name}: its domain must contain small fractions")


def simpler(point: Point, keeps: Callable[[Point], bool]) -> Point:
    """The point with each value replaced by the simplest one with which `keeps` still holds, symbol by symbol."""
    for symbol in sorted(point, key=lambda s: s.name):
        trials = ({**point, symbol: value} for value in _REAL if admits(symbol, value))
        point = next((trial for trial in trials if keeps(trial)), point)
    return point


def satisfying(conditions: Iterable[sp.Basic], candidates: Iterable[Point]) -> Iterator[Point]:
    """The candidates at which every condition holds exactly."""
    conditions = tuple(conditions)
    return (point for point in candidates if all(true_at(condition, point) for condition in conditions))
