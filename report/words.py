"""A statement in words: its formula as LaTeX and as plain text, and what it assumes, all printed from its form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import singledispatch
from typing import Any, Protocol

import sympy as sp

from ..theory.statement import (
    All,
    Certified,
    Exists,
    ForAll,
    Form,
    Identity,
    Implication,
    Measured,
    MeasuredOrder,
    Order,
    Pending,
    Published,
    Statement,
    SumOverCoordinates,
)
from ..theory.symbols import latex, plain, row


class _Script(Protocol):
    """How one kind of text writes formulas and the words between them."""

    def formula(self, expression: Any) -> str: ...
    def prose(self, text: str) -> str: ...
    def implies(self, given: list[str], claim: str) -> str: ...
    def total(self, term: str) -> str: ...
    def exists(self, symbols: list[str], conditions: list[str]) -> str: ...
    def order(self, error: str, sense: str, power: str) -> str: ...
    def listed(self, parts: list[tuple[str, str]]) -> str: ...


class _Text:
    """Plain text, for a terminal."""

    def formula(self, expression: Any) -> str:
        return plain(sp.sympify(expression))

    def prose(self, text: str) -> str:
        return text

    def implies(self, given: list[str], claim: str) -> str:
        return f"{claim}, where {', '.join(given)}" if given else claim

    def total(self, term: str) -> str:
        return f"sum over coordinates of ({term}) >= 0"

    def exists(self, symbols: list[str], conditions: list[str]) -> str:
        return f"there are {', '.join(symbols)} with {', '.join(conditions)}"

    def order(self, error: str, sense: str, power: str) -> str:
        return f"{error} = {sense}({power})"

    def listed(self, parts: list[tuple[str, str]]) -> str:
        return "\n".join(f"{name}: {part}" for name, part in parts)


class _Latex:
    """LaTeX for math mode, with the paper's letters."""

    _COMMA = r",\; "

    def formula(self, expression: Any) -> str:
        return latex(sp.sympify(expression))

    def prose(self, text: str) -> str:
        return rf"\text{{{_escaped(text)}}}"

    def implies(self, given: list[str], claim: str) -> str:
        return rf"{self._COMMA.join(given)} \;\Rightarrow\; {claim}" if given else claim

    def total(self, term: str) -> str:
        return rf"\sum_d \left({term}\right) \ge 0"

    def exists(self, symbols: list[str], conditions: list[str]) -> str:
        return rf"\exists\, {', '.join(symbols)}:\; {self._COMMA.join(conditions)}"

    def order(self, error: str, sense: str, power: str) -> str:
        letter = r"\Theta" if sense == "Theta" else sense
        return rf"{error} = {letter}\left({power}\right)"

    def listed(self, parts: list[tuple[str, str]]) -> str:
        lines = (rf"&\text{{{_escaped(name)}:}}\quad {part}" for name, part in parts)
        return r"\begin{aligned}" + r" \\ ".join(lines) + r"\end{aligned}"


def _escaped(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "_&%#$" else "\\^{}" if letter == "^" else letter for letter in text)


@singledispatch
def _written(form: Any, script: _Script) -> str:
    raise TypeError(f"form={form!r}: {type(script).__name__} writes only the forms of theory.statement")


@_written.register
def _(form: Identity, script: _Script) -> str:
    claim = f"{script.formula(form.left)} = {script.formula(form.right)}"
    return script.implies(_formulas(form.given, script), claim)


@_written.register
def _(form: Implication, script: _Script) -> str:
    return script.implies(_formulas(form.given, script), script.formula(form.claim))


@_written.register
def _(form: SumOverCoordinates, script: _Script) -> str:
    return script.implies(_formulas(form.given, script), script.total(script.formula(form.term)))


@_written.register(ForAll)
@_written.register(MeasuredOrder)
@_written.register(Measured)
def _(form: ForAll | MeasuredOrder | Measured, script: _Script) -> str:
    return script.prose(form.says)


@_written.register
def _(form: Certified, script: _Script) -> str:
    return script.prose(form.claim.says)


@_written.register
def _(form: Pending, script: _Script) -> str:
    return script.prose(f"waits for {form.part}")


@_written.register
def _(form: Order, script: _Script) -> str:
    return script.order(script.formula(form.error), form.sense, script.formula(form.small**form.claims))


@_written.register
def _(form: Exists, script: _Script) -> str:
    conditions = (*form.given, form.claim)
    symbols = sorted(set().union(*(c.free_symbols for c in conditions)), key=str)
    return script.exists(_formulas(symbols, script), _formulas(conditions, script))


@_written.register
def _(form: Published, script: _Script) -> str:
    unit = "" if form.unit == "1" else f" {form.unit}"
    return f"{script.formula(form.computed)} = {script.prose(f'{form.printed}{unit}')}"


@_written.register
def _(form: All, script: _Script) -> str:
    return script.listed([(name, _written(part, script)) for name, part in form.parts])


def _formulas(expressions: Sequence[Any], script: _Script) -> list[str]:
    return [script.formula(expression) for expression in expressions if expression is not sp.true]


def as_latex(form: Form) -> str:
    """The form as LaTeX for math mode."""
    return _written(form, _Latex())


def as_text(form: Form) -> str:
    """The form as plain text; the parts of a chain on a line each."""
    return _written(form, _Text())


def assumptions(form: Form) -> list[str]:
    """What the form assumes, in words where it is about whole objects, else as formulas; each once."""
    if isinstance(form, All):
        return list(dict.fromkeys(line for _, part in form.parts for line in assumptions(part)))
    if isinstance(form, Certified):
        return assumptions(form.claim)
    if isinstance(form, ForAll):
        return [f"{assumption.name}: {assumption.says}" for assumption in form.domain]
    return _formulas(getattr(form, "given", ()), _Text())


def symbols_in(form: Form) -> set[sp.Symbol]:
    """All symbols of a form."""
    if isinstance(form, All):
        return set().union(*(symbols_in(part) for _, part in form.parts))
    if isinstance(form, Certified):
        return set().union(*(term.formula.free_symbols for term in form.terms))
    held = (value if isinstance(value, tuple) else (value,) for value in vars(form).values())
    found = (s for value in held for item in value for s in getattr(item, "free_symbols", ()))
    return {symbol for symbol in found if isinstance(symbol, sp.Symbol)}


def legend(form: Form) -> list[dict[str, str]]:
    """The symbols of a form that the symbol table has: name in code, LaTeX, meaning, unit and domain."""
    found = (row(symbol.name) for symbol in sorted(symbols_in(form), key=str))
    return [asdict(one) for one in found if one is not None]


def waits_for(form: Form) -> str:
    """The part of the system that a form waits for, or nothing."""
    if isinstance(form, All):
        return next(filter(None, (waits_for(part) for _, part in form.parts)), "")
    return form.part if isinstance(form, Pending) else ""


def words(statement: Statement) -> dict[str, Any]:
    """All that is told of a statement before it is settled, in JSON types."""
    return {
        "title": statement.title,
        "where": statement.where,
        "formula": as_latex(statement.form),
        "text": as_text(statement.form),
        "assumptions": assumptions(statement.form),
        "symbols": legend(statement.form),
        "waits_for": waits_for(statement.form),
        "uses": list(statement.uses),
        "amends": statement.amends,
        "judgement": statement.judgement,
        "reading": statement.reading,
    }
