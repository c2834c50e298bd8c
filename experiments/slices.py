"""A claim along a line: both sides of it while one number moves through a point, or an error as it falls.

A slice shows a claim; it proves nothing, for it sees one line only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.relational import Relational

from ..theory.compile import array_function
from ..theory.instances import Arena, fields_of
from ..theory.smt import domain
from ..theory.statement import ForAll, Instance, MeasuredOrder, Order, Same, Sides

Point = Mapping[sp.Symbol, sp.Expr]
Values = dict[str, np.ndarray]
COUNT = 241  # values of a formula along a line
EXACT_COUNT = 41  # instances along a line, each exact
TIE = 1e-9
_LESS = ("<", "<=")


@dataclass(frozen=True)
class Slice:
    """Both sides of `left sign right` at `values` of one number; `at` is the value at the counterexample or witness.

    assumed: where all assumptions hold; fails: where they hold and the claim does not. fixed: the other numbers;
    following: those that an assumed equation makes follow. words, claim: what both sides and the claim are called.
    """

    name: str
    sign: str
    at: float
    values: np.ndarray
    left: np.ndarray
    right: np.ndarray
    assumed: np.ndarray
    fails: np.ndarray
    words: tuple[str, str] = ("left side", "right side")
    claim: str = ""
    fixed: Mapping[str, str] | None = None
    following: tuple[str, ...] = ()

    @property
    def tells(self) -> tuple[float, float]:
        """How much of the line shows the claim fail, or hold, whichever is less; and how much meets the assumptions."""
        holds = self.assumed & ~self.fails
        return min(float(self.fails.mean()), float(holds.mean())), float(self.assumed.mean())


@dataclass(frozen=True)
class Approach:
    """|error| of several instances as `small` falls, and the power of it that the claim names."""

    small: str
    sense: str
    power: float
    smalls: np.ndarray
    errors: np.ndarray  # one row for each instance
    fixed: Mapping[str, str] | None = None

    @property
    def slope(self) -> float:
        """The power that the first instance follows at the smallest values; NaN where its error vanishes there."""
        order = np.argsort(self.smalls)[:2]
        errors = self.errors[0, order]
        if not np.all(errors > 0):
            return float("nan")
        return float(np.diff(np.log(errors))[0] / np.diff(np.log(self.smalls[order]))[0])


def along_lines(relation: Relational, given: Sequence[sp.Basic], point: Point, most: int = 2) -> list[Slice]:
    """A relation of formulas along the lines through a point that tell most, one for each symbol that moves.

    A symbol that only the assumptions have moves the sides too, where an assumed equation makes one of theirs follow.
    """
    letters = sorted(point, key=lambda s: str(s.name))
    found = [made for letter in letters if (made := _along(letter, relation, given, point)) is not None]
    return sorted(found, key=lambda made: made.tells, reverse=True)[:most]


def _along(letter: sp.Symbol, relation: Relational, given: Sequence[sp.Basic], point: Point) -> Slice | None:
    here = float(point[letter])
    values: Values = {s.name: np.full(COUNT, float(v)) for s, v in point.items()}
    values[letter.name] = _line(here, letter.is_nonnegative or letter.is_positive)
    following = _follow(letter, given, values)
    with np.errstate(all="ignore"):
        left, right = (_evaluated(side, values) for side in (relation.lhs, relation.rhs))
        met = [_met(condition, values) for condition in (*given, *(c for s in point for c in domain(s)))]
        assumed = np.logical_and.reduce([np.isfinite(left) & np.isfinite(right), *met])
        fails = assumed & ~_compared(relation.rel_op, left, right)
    if assumed.mean() < 0.05 or (np.ptp(left[assumed]) == 0 and np.ptp(right[assumed]) == 0):
        return None
    fixed = {s.name: str(v) for s, v in point.items() if s not in (letter, *following)}
    sign = "=" if relation.rel_op == "==" else relation.rel_op
    names = tuple(s.name for s in following)
    return Slice(
        letter.name, sign, here, values[letter.name], left, right, assumed, fails, fixed=fixed, following=names
    )


def _line(here: float, from_zero: bool | None, count: int = COUNT) -> np.ndarray:
    reach = max(1.5, 1.5 * abs(here))
    low = max(here - reach, 0.0) if from_zero else here - reach
    line = np.linspace(low, here + reach, count)
    line[np.argmin(abs(line - here))] = here
    return line


def _follow(letter: sp.Symbol, given: Sequence[sp.Basic], values: Values) -> list[sp.Symbol]:
    """The symbols that assumed equations fix once `letter` moves; their values are put in."""
    following: list[sp.Symbol] = []
    for equation in (condition for condition in given if isinstance(condition, sp.Eq)):
        gap = equation.lhs - equation.rhs
        if not gap.free_symbols & {letter, *following}:
            continue
        for symbol in sorted(gap.free_symbols - {letter, *following}, key=lambda s: str(s.name), reverse=True):
            slope = sp.diff(gap, symbol)
            if symbol not in slope.free_symbols and slope != 0:
                with np.errstate(all="ignore"):
                    values[symbol.name] = _evaluated(-gap.subs(symbol, 0) / slope, values)
                following.append(symbol)
                break
    return following


def _evaluated(formula: sp.Basic, values: Values) -> np.ndarray:
    symbols = tuple(sorted(formula.free_symbols, key=lambda s: str(s.name)))
    if not symbols:
        return np.full(COUNT, float(formula))
    (found,) = array_function(symbols, (sp.sympify(formula),))(*(values[s.name] for s in symbols))
    return np.broadcast_to(np.asarray(found, dtype=float), (COUNT,))


def _met(condition: sp.Basic, values: Values) -> np.ndarray:
    if isinstance(condition, sp.And | sp.Or):
        combined = np.logical_and if isinstance(condition, sp.And) else np.logical_or
        return np.asarray(combined.reduce([_met(part, values) for part in condition.args]))
    if isinstance(condition, Relational):
        sides = (_evaluated(side, values) for side in (condition.lhs, condition.rhs))
        return _compared(condition.rel_op, *sides)
    return np.full(COUNT, condition == sp.true)


def _compared(sign: str, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Whether the relation holds; ties within rounding count as ties."""
    tie = abs(left - right) <= TIE * (1 + abs(left) + abs(right))
    if sign in ("==", "!="):
        return np.asarray(tie if sign == "==" else ~tie)
    strict = (left < right) if sign in _LESS else (left > right)
    return np.asarray((strict | tie) if "=" in sign else (strict & ~tie))


def along_instances(form: ForAll, counterexample: Mapping[str, Any], most: int = 2) -> list[Slice]:
    """A claim over instances along the lines through a counterexample: one number of one field moves, exactly."""
    fields = fields_of(form.domain)
    exact = {f.name: np.array(_exact(counterexample[f.name]), dtype=object) for f in fields}
    letters = {letter: n for f in fields for letter, n in zip(f.shape, exact[f.name].shape, strict=True)}
    arena = Arena(form, {"D": 1, "K": 1, **{k: n for k, n in letters.items() if isinstance(k, str)}})
    vector = tuple(value for f in arena.fields for value in exact[f.name].ravel())
    names = [name for f in arena.fields for name in _entries(f.name, exact[f.name].shape)]
    lines = [_instances_along(arena, vector, i, name) for i, name in enumerate(names)]
    return sorted((made for made in lines if made is not None), key=lambda made: made.tells, reverse=True)[:most]


def _exact(shown: Any) -> Any:
    return [_exact(entry) for entry in shown] if isinstance(shown, list) else Fraction(shown)


def _entries(name: str, shape: tuple[int, ...]) -> Iterator[str]:
    for index in np.ndindex(shape):
        yield name + (f"[{', '.join(str(i + 1) for i in index)}]" if index else "")


def _instances_along(arena: Arena, vector: Sequence[Fraction], i: int, name: str) -> Slice | None:
    low, high = map(Fraction, arena.bounds[i])
    line = sorted({vector[i], *(low + (high - low) * k / (EXACT_COUNT - 1) for k in range(EXACT_COUNT))})
    moved = [(*vector[:i], value, *vector[i + 1 :]) for value in line]
    assumed = np.array([arena.admits(one) for one in moved])
    if assumed.mean() < 0.05:
        return None
    sides = np.array([_sides(arena, one) if ok else (np.nan, np.nan) for one, ok in zip(moved, assumed, strict=True)])
    left, right = sides.T
    if np.ptp(left[assumed]) == 0 and np.ptp(right[assumed]) == 0:
        return None
    same = isinstance(arena.form.slack(arena.instance(vector)), Same)
    fails = assumed & ~_compared("==" if same else "<=", left, right)
    return Slice(name, "=" if same else "<=", float(vector[i]), np.array(line, float), left, right, assumed, fails)


def _sides(arena: Arena, vector: Sequence[Fraction]) -> tuple[float, float]:
    instance: Instance = arena.instance(vector)
    result = arena.form.slack(instance)
    if isinstance(result, Sides | Same):
        return float(result[0]), float(result[1])
    return 0.0, float(result)


def approach(form: Order, point: Point) -> Approach | None:
    """|error| of a series' claim as the small number falls, at one point of its other symbols."""
    smalls = np.logspace(-6, 0, 61)
    values = {s: sp.sympify(v) for s, v in point.items()}
    error = sp.sympify(form.error).subs(values)
    if error.free_symbols - {form.small}:
        return None
    found = np.array([float(abs(sp.N(error.subs(form.small, sp.Float(small, 40)), 30))) for small in smalls])
    fixed = {s.name: str(v) for s, v in point.items()}
    return Approach(form.small.name, form.sense, float(form.claims), smalls, found[None], fixed)


def measured_approach(form: MeasuredOrder, seed: int, count: int = 5) -> Approach:
    """|error| of some instances of a claim without a series."""
    draws = [form.error(np.random.default_rng([seed, i]), form.smalls) for i in range(count)]
    return Approach("small", form.sense, form.claims, np.array(form.smalls), abs(np.array(draws, float)))
