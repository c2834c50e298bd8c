"""Formulas as a person reads them in a line of text, and with numbers in place of their letters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from ..theory.exact import at
from ..theory.statement import All, Form, Identity
from ..theory.symbols import PlainPrinter, plain, row
from .words import symbols_in

Point = Mapping[sp.Symbol, sp.Expr]


def readable(text: str) -> str:
    """Text in the names of the code with |x| for Abs(x), ^ for ** and words for case distinctions."""
    for name, shown in (("Piecewise", _cases), ("Abs", lambda inside: f"|{inside}|")):
        while (start := text.find(f"{name}(")) >= 0:
            opening = start + len(name)
            end = _closing(text, opening)
            text = f"{text[:start]}{shown(text[opening + 1 : end])}{text[end + 1 :]}"
    return text.replace("**", "^")


def _cases(inside: str) -> str:
    """(a, c), (b, True) as {a if c, else b}."""
    told = []
    while inside := inside.lstrip(", "):
        end = _closing(inside, 0)
        value, _, condition = inside[1:end].partition(", ")
        told.append(f"else {value}" if condition == "True" else f"{value} if {condition}")
        inside = inside[end + 1 :]
    return f"{{{', '.join(told)}}}"


def _closing(text: str, opening: int) -> int:
    """Where the bracket at `opening` is closed."""
    depth = 0
    for position in range(opening, len(text)):
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        if depth == 0:
            return position
    raise ValueError(f"text={text!r}: must close its brackets")


def written(formula: Any) -> str:
    """A formula, a relation or a condition as a line of text."""
    return readable(plain(sp.sympify(formula)))


class _Numbers(PlainPrinter):
    """The same text with a number in place of each letter, in brackets unless it is a whole number >= 0."""

    def __init__(self, point: Point) -> None:
        super().__init__()
        self._point = point

    def _print_Symbol(self, letter: sp.Symbol) -> str:
        value = self._point.get(letter, letter)
        bare = isinstance(value, sp.Symbol) or (value.is_Integer and value >= 0)
        return str(value) if bare else f"({plain(value)})"


def with_numbers(formula: sp.Basic, point: Point) -> str:
    """A formula with the numbers of a point, not worked out."""
    return readable(str(_Numbers(point).doprint(formula)))


def point_of(form: Form, values: Mapping[str, Any]) -> dict[sp.Symbol, sp.Expr]:
    """The point that evidence names, in the symbols of a form."""
    letters = {letter.name: letter for letter in symbols_in(form)}
    return {letters[name]: sp.sympify(value) for name, value in values.items() if name in letters}


def meaning(letter: sp.Symbol) -> str:
    """What a letter stands for: the symbol table's words, with a mark where the name extends one of the table."""
    if not letter.is_commutative:
        return "a square matrix of any size, named in this statement only"
    stem, marks = letter.name, list[str]()
    while stem and row(stem) is None:
        stem, _, last = stem.rpartition("_")
        marks.insert(0, last)
    found = row(stem) if stem else None
    kind = next((k for k in ("positive", "nonnegative", "nonzero") if getattr(letter, f"is_{k}")), "")
    unit = f" [{found.unit}]" if found and found.unit != "1" else ""
    words = f"{found.meaning}{unit}" if found else _own_words(letter.name)
    return ", ".join(filter(None, (words, " ".join(marks) if found else "", kind)))


def _own_words(name: str) -> str:
    """The name as words, where it is made of any."""
    words = name.split("_")
    return " ".join(words) if len(words) > 1 and max(map(len, words)) > 3 else "named in this statement only"


def pieces(form: Form, evidence: Mapping[str, Any], name: str = "") -> Iterator[tuple[str, Form, Mapping[str, Any]]]:
    """The parts of a claim with the evidence for each, down to those that have no parts."""
    parts = evidence.get("parts")
    if not parts:
        yield name, form, evidence
        return
    forms = dict(form.parts) if isinstance(form, All) else _entries(form)
    for part, found in parts.items():
        if part in forms:
            yield from pieces(forms[part], found, ", ".join(filter(None, (name, part))))


def _entries(form: Form) -> dict[str, Form]:
    """The entries of an equality of matrices."""
    if not isinstance(form, Identity) or not isinstance(form.left, sp.MatrixBase):
        return {}
    pairs = zip(sp.Matrix(form.left), sp.Matrix(form.right), strict=True)
    return {f"entry {i}": Identity(left, right, form.given) for i, (left, right) in enumerate(pairs, 1)}


def worked_out(formula: sp.Basic, point: Point, most: int = 8) -> list[str]:
    """The inner parts of a formula that are worth working out first, smallest first, each with its value."""
    inner = [node for node in sp.postorder_traversal(formula) if node != formula and _is_step(node)]
    steps = sorted(dict.fromkeys(inner), key=lambda node: (sp.count_ops(node), sp.default_sort_key(node)))
    return [f"{written(node)} = {value(node, point)}" for node in steps[:most]]


def _is_step(node: sp.Basic) -> bool:
    root = node.is_Pow and not node.exp.is_integer
    return bool(node.free_symbols) and (node.is_Add or isinstance(node, sp.Function) or root)


def value(formula: sp.Basic, point: Point) -> str:
    """The exact value of a formula at a point."""
    return written(at(formula, point))


def broken(claim: sp.Basic, point: Point) -> Relational | None:
    """The first relation of a claim that fails at a point, as the search for a counterexample reports it."""
    relations = [r for r in sorted(claim.atoms(Relational), key=str) if at(r, point) == sp.false]
    return next(iter(relations), claim if isinstance(claim, Relational) else None)
