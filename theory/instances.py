"""Instances of a domain: from the numbers that its fields draw to everything that its assumptions build from them.

An instance is kept as one vector of numbers, floats or fractions, which the searches move through; `Arena` gives it
shapes and names. The same `build` runs on both kinds of number, so that a float found by a search has an exact double.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp

from .exact import true_at
from .statement import Assumption, Field, ForAll, Instance, Same, Sides, difference

ATOMS = (2, 3)
Vector = Sequence[Any]


def fields_of(domain: Sequence[Assumption]) -> tuple[Field, ...]:
    """All fields of a domain, in order. Raises ValueError where two share a name."""
    fields = tuple(field for assumption in domain for field in assumption.fields)
    names = [field.name for field in fields]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"field={name!r}: must be drawn by one assumption only")
    return fields


def sizes_of(form: ForAll) -> tuple[Mapping[str, int], ...]:
    """The sizes that a search goes through: every dimension D, each with few and with more noise atoms K."""
    dimensions = form.dimensions if has_dimension(form) else (1,)
    atoms = ATOMS if "K" in _letters(form) else (1,)
    return tuple({"D": dimension, "K": count} for dimension in dimensions for count in atoms)


def has_dimension(form: ForAll) -> bool:
    """Whether instances have vectors or matrices, of dimension D."""
    return "D" in _letters(form)


def _letters(form: ForAll) -> set[str]:
    return {size for field in fields_of(form.domain) for size in field.shape if isinstance(size, str)}


@dataclass(frozen=True)
class Arena:
    """A claim over instances of fixed sizes."""

    form: ForAll
    sizes: Mapping[str, int]

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The domain's fields."""
        return fields_of(self.form.domain)

    def shape(self, field: Field) -> tuple[int, ...]:
        """The field's shape at these sizes."""
        return tuple(self.sizes[size] if isinstance(size, str) else size for size in field.shape)

    @cached_property
    def spans(self) -> tuple[tuple[Field, int, int], ...]:
        """Each field with the part of the vector that it takes."""
        ends = np.cumsum([int(np.prod(self.shape(field), dtype=int)) for field in self.fields]).tolist()
        return tuple(zip(self.fields, [0, *ends[:-1]], ends, strict=True))

    @cached_property
    def bounds(self) -> tuple[tuple[float, float], ...]:
        """Low and high of every entry of the vector."""
        return tuple((field.low, field.high) for field, start, end in self.spans for _ in range(end - start))

    def instance(self, vector: Vector) -> Instance:
        """Everything that the assumptions build from a vector."""
        exact = any(isinstance(value, Fraction) for value in vector)
        values: dict[str, Any] = {}
        for field, start, end in self.spans:
            block = np.array(list(vector[start:end]), dtype=object if exact else float).reshape(self.shape(field))
            values[field.name] = block if field.shape else block.item()
        for assumption in self.form.domain:
            values.update(assumption.build(values) if assumption.build else {})
        return values

    def gap(self, vector: Vector) -> float:
        """The slack of a float vector relative to the size of its sides; infinite where it is not defined."""
        try:
            with np.errstate(all="ignore"):
                slack, scale = slack_and_scale(self.form, self.instance([float(value) for value in vector]))
        except (ZeroDivisionError, OverflowError):
            return float("inf")
        gap = float(slack) / (float(scale) + 1e-12)
        return gap if np.isfinite(gap) else float("inf")

    def violated(self, vector: Sequence[Fraction]) -> bool:
        """Whether an exact vector is a counterexample: inside its box, every assumption met, the slack negative."""
        slack = self.exact_slack(vector)
        return slack is not None and slack < 0

    def exact_slack(self, vector: Sequence[Fraction]) -> Fraction | None:
        """The slack of an exact vector; None where it is no instance, or not defined, or went through floats."""
        if not self.admits(vector):
            return None
        try:
            slack, _ = slack_and_scale(self.form, self.instance(vector))
        except ZeroDivisionError:
            return None
        exact = isinstance(slack, Fraction | int | np.integer) and not isinstance(slack, bool)
        return Fraction(slack) if exact else None

    def admits(self, vector: Sequence[Fraction]) -> bool:
        """Whether an exact vector is an instance: inside its box, with every assumption met."""
        if any(not low <= value <= high for value, (low, high) in zip(vector, self.bounds, strict=True)):
            return False
        try:
            return admitted(self.form.domain, self.instance(vector))
        except ZeroDivisionError:
            return False


def slack_and_scale(form: ForAll, instance: Instance) -> tuple[Any, Any]:
    """The claim's slack and the size of its sides (1 where the slack is given as a number)."""
    result = form.slack(instance)
    slack = -abs(difference(result)) if isinstance(result, Same) else difference(result)
    return slack, sum(map(abs, result)) if isinstance(result, Same | Sides) else 1


def admitted(domain: Sequence[Assumption], instance: Instance) -> bool:
    """Whether every assumption holds of an exact instance."""
    return all(
        assumption.holds(instance) if assumption.holds else all(holds_in(c, instance) for c in assumption.constraint)
        for assumption in domain
    )


def holds_in(constraint: sp.Basic, instance: Instance) -> bool:
    """Whether a constraint on single coordinates holds in every coordinate of an instance."""
    symbols = sorted(constraint.free_symbols, key=lambda s: s.name)
    columns = np.broadcast_arrays(*(np.asarray(instance[symbol.name], dtype=object) for symbol in symbols))
    return all(
        true_at(constraint, {s: rational(value) for s, value in zip(symbols, values, strict=True)})
        for values in zip(*(column.ravel() for column in columns), strict=True)
    )


def rational(value: Fraction | int) -> sp.Rational:
    """A fraction as a SymPy number."""
    exact = Fraction(value)
    return sp.Rational(exact.numerator, exact.denominator)


def shown(value: Any) -> Any:
    """A value of an instance as evidence: nested lists of exact numbers as text."""
    if isinstance(value, np.ndarray):
        return [shown(entry) for entry in value]
    return str(value) if isinstance(value, Fraction | int | np.integer | str) else f"{float(value):.3g}"
