"""Checks of claims over instances: the steps from the numbers drawn to a violation, or to a sum that adds up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from .certified import parts_at, sampled, wrong_at
from .instances import Arena, fields_of
from .recorded import Program, Recorded, spelled
from .statement import Assumption, Certified, ForAll, Instance, Same, Sides
from .written import Unwritable, python

Check = dict[str, Any]
SIZES = 2  # of instances at which a sum is replayed, one instance each


def violated(claim: ForAll, drawn: Mapping[str, Any]) -> Check:
    """That an instance, given by what its fields drew, meets every assumption and violates the claim."""
    program = Program()
    fields = {field.name: np.array(drawn[field.name], dtype=object) for field in fields_of(claim.domain)}
    instance = _instance(
        claim, {name: value if value.shape else value.item() for name, value in fields.items()}, program
    )
    for assumption in claim.domain:
        _assume(assumption, instance, program)
    match claim.slack(instance):
        case Same(one, other):
            wrong = f"{spelled(program.named('one', one))} != {spelled(program.named('other', other))}"
        case Sides(left, right):
            wrong = f"{spelled(program.named('left', left))} > {spelled(program.named('right', right))}"
        case slack:
            wrong = f"{spelled(program.named('slack', slack))} < 0"
    return program.check("counterexample", [wrong])


def _instance(claim: ForAll, fields: Mapping[str, Any], program: Program) -> Instance:
    """The instance with every number recorded: its fields as drawn, and what the assumptions build from them."""
    instance = {name: program.drawn(name, _fractions(value)) for name, value in fields.items()}
    for assumption in claim.domain:
        built = assumption.build(instance) if assumption.build else {}
        instance |= {name: program.named(name, value) for name, value in built.items()}
    return instance


def _fractions(value: Any) -> Any:
    return np.vectorize(Fraction, otypes=[object])(value) if isinstance(value, np.ndarray) else Fraction(value)


def _assume(assumption: Assumption, instance: Instance, program: Program) -> None:
    """Record the comparisons by which an assumption holds."""
    if assumption.holds is not None:
        assumption.holds(instance)
        return
    for condition in assumption.constraint:
        symbols = sorted(condition.free_symbols, key=lambda symbol: str(symbol.name))
        columns = np.broadcast_arrays(*(np.asarray(instance[symbol.name], dtype=object) for symbol in symbols))
        for values in zip(*(column.ravel() for column in columns), strict=True):
            named = {s: sp.Symbol(_name_of(value), real=True) for s, value in zip(symbols, values, strict=True)}
            program.compared[python(condition.xreplace(named))] = None


def _name_of(value: Any) -> str:
    if not isinstance(value, Recorded) or not value.text.isidentifier():
        raise Unwritable(f"{value} has no name in an assumption")
    return value.text


def summed(form: Certified, seed: int) -> Iterator[Check]:
    """That the slack is the sum of the terms and premises, where what the terms assume holds, at some instances."""
    sizes: set[int] = set()
    for name, arena, vector in sampled(form.claim, seed):
        if arena.sizes["D"] not in sizes and len(sizes) < SIZES:
            sizes.add(arena.sizes["D"])
            yield _sum(form, name, arena, vector)


def _sum(form: Certified, size: str, arena: Arena, vector: tuple[Fraction, ...]) -> Check:
    program = Program()
    plain = arena.instance(vector)
    instance = _instance(form.claim, {field.name: plain[field.name] for field in arena.fields}, program)
    parts = {name: program.named(name, value) for name, value in parts_at(form, instance).items()}
    wrong = wrong_at(form, instance, parts)
    if wrong is not None:
        raise Unwritable(f"{wrong} at the instance that is replayed")
    return program.check(f"the sum at {size}", ())
