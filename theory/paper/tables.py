"""The numbers of the paper's tables of results, as printed: test accuracies in %, and claims about them.

Every cell of Tables 1, 5, 6, 7 and 8 is a row of tables.csv: the mean and the standard deviation of three repetitions
(text-k-7), with the digits that the paper prints. `<15.00` stands where a method failed (text-k-22): a bound.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import sympy as sp

from ..statement import Implication
from ..symbols import symbol

HALF = sp.Rational(1, 2)


@dataclass(frozen=True)
class Cell:
    """One accuracy: mean and standard deviation in %, exactly as printed, under the labels of its row and column.

    Where the paper prints `<15.00`, the mean is that bound, `std` is None and `failed` is true.
    """

    labels: Mapping[str, str]
    mean: sp.Rational
    std: sp.Rational | None

    @property
    def failed(self) -> bool:
        """Whether the method failed at all trials (text-k-22)."""
        return self.std is None


@cache
def cells() -> tuple[Cell, ...]:
    """All cells in the paper's order."""
    with resources.files(__package__).joinpath("tables.csv").open(encoding="utf-8") as file:
        return tuple(_cell(row) for row in csv.DictReader(file))


def _cell(row: dict[str, str]) -> Cell:
    std = sp.Rational(row["std"]) if row["std"] else None
    return Cell(row, sp.Rational(row["mean"].removeprefix("<")), std)


def column(table: int, method: str, **labels: str | Sequence[str]) -> tuple[Cell, ...]:
    """The cells of a method in a table, in the paper's order, whose labels are those given, or among them.

    Raises ValueError where there are none.
    """
    wanted = {"table": str(table), "method": method, **labels}
    found = tuple(cell for cell in cells() if all(_fits(cell.labels[key], value) for key, value in wanted.items()))
    if not found:
        raise ValueError(f"labels={wanted}: must be those of a cell that the paper prints")
    return found


def _fits(label: str, wanted: str | Sequence[str]) -> bool:
    return label == wanted if isinstance(wanted, str) else label in wanted


def cell(table: int, method: str, **labels: str) -> Cell:
    """The one cell with these labels. Raises ValueError where there is none, or more than one."""
    found = column(table, method, **labels)
    if len(found) > 1:
        raise ValueError(f"labels={labels}: must name one cell of Table {table}, names {len(found)}")
    return found[0]


Values = Mapping[sp.Symbol, sp.Rational]
_PLACES = ("data", "model", "sigma_c", "response", "gamma_res", "tau")


def accuracies(found: Sequence[Cell]) -> dict[sp.Symbol, Cell]:
    """The cells by symbols that are named for what tells them apart."""
    kept = [key for key in (*_PLACES, "method") if len({cell.labels[key] for cell in found}) > 1]
    return {symbol(_name("accuracy", cell, kept)): cell for cell in found}


def gaps(upper: Sequence[Cell], lower: Sequence[Cell]) -> dict[sp.Symbol, sp.Rational]:
    """By how many points each cell of one method lies above that of another in its row, at the least where it failed.

    Raises ValueError where the rows differ.
    """
    for one, other in zip(upper, lower, strict=True):
        if any(one.labels[key] != other.labels[key] for key in _PLACES):
            raise ValueError(f"cells={one.labels, other.labels}: must stand in one row")
    kept = [key for key in _PLACES if len({cell.labels[key] for cell in upper}) > 1]
    rows = zip(upper, lower, strict=True)
    return {symbol(_name("gap", one, kept)): one.mean - other.mean for one, other in rows}


def _name(word: str, cell: Cell, kept: Sequence[str]) -> str:
    labels = (cell.labels[key].replace(".", "_").replace("/", "_") for key in kept)
    return "_".join((word, *labels))


def printed(values: Values, claim: sp.Basic) -> Implication:
    """A claim about numbers that the paper prints: it follows from their values."""
    return Implication(tuple(sp.Eq(name, value) for name, value in values.items()), claim)


def about(number: sp.Expr, value: int, within: sp.Expr = HALF) -> sp.Basic:
    """Our reading of `about`: within half a point, unless another distance is given."""
    return sp.And(value - within <= number, number <= value + within)


def in_most(conditions: Sequence[sp.Basic]) -> sp.Basic:
    """More than half of the conditions hold."""
    return sp.Add(*(sp.Piecewise((1, condition), (0, True)) for condition in conditions)) > sp.Rational(
        len(conditions), 2
    )
