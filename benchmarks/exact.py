"""How much quicker plain fractions evaluate the statements' formulas than SymPy does, at the points of the provers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import sympy as sp
from analog_theory.theory.exact import points, symbolic_at
from analog_theory.theory.paper import registry
from analog_theory.theory.rational import Beyond, value_at
from analog_theory.theory.smt import symbols_of
from analog_theory.theory.statement import All, Form, Implication

POINTS = 10


def implications(form: Form) -> Iterator[Implication]:
    """The implications that a form is made of."""
    if isinstance(form, All):
        for _, part in form.parts:
            yield from implications(part)
    elif isinstance(form, Implication):
        yield form


def seconds(evaluate: Callable[[Any, Any], Any], cases: list[tuple[sp.Basic, Any]]) -> float:
    """Processor time of all cases."""
    start = time.process_time()
    for formula, point in cases:
        evaluate(formula, point)
    return time.process_time() - start


def within(formula: sp.Basic, point: Any) -> bool:
    """Whether fractions can give the value."""
    try:
        value_at(formula, point)
    except Beyond:
        return False
    return True


def main() -> None:
    """Print the share of formulas that fractions can evaluate, and the ratio of the times."""
    forms = [form for id in registry for form in implications(registry.build(id).form)]
    formulas = {formula for form in forms for formula in (*form.given, form.claim)}
    ordered = sorted(formulas, key=sp.default_sort_key)
    cases = [(formula, point) for formula in ordered for point in points(symbols_of([formula]), POINTS, 0)]
    met = [case for case in cases if within(*case)]
    ratio = seconds(symbolic_at, met) / seconds(value_at, met)
    print(f"fractions give {len(met) / len(cases):.0%} of {len(cases)} values, {ratio:.0f} times as fast as SymPy")


if __name__ == "__main__":
    main()
