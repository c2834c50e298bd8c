"""Identities between symbols that do not commute, which stand for square matrices of any size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import sympy as sp

from .exact import text
from .outcome import Budget, Outcome
from .smt import Untranslatable, symbols_of
from .trust import trust
from .variants import perturbed


def noncommuting(left: sp.Expr, right: sp.Expr, budget: Budget) -> Outcome:
    """Two sides are equal for all square matrices of one size: proved by expansion, refuted by an exact example."""
    claim = f"{text(left)} = {text(right)}"
    found = _matrix_difference(left, right, budget.seed)
    if found is not None:
        return Outcome("refuted", "exact matrices", {"claim": claim, **found, "trust": list(trust("sympy"))}, "every D")
    if sp.expand(left - right) != 0:
        return Outcome("supported", "exact matrices", {"claim": claim, "instances": _MATRICES, "sizes": [1, 2, 3]}, "3")
    planted = next(
        ({"variant": how, **f} for how, v in perturbed(right) if (f := _matrix_difference(left, v, 1))), None
    )
    if planted is None:
        return Outcome("unsettled", "SymPy expand", {"why": "no false variant was refuted"})
    second = {"method": "exact rational matrices of sizes 1 to 3", "instances": _MATRICES}
    witness = {s.name: text(m) for s, m in _matrices((left, right), 2, np.random.default_rng(budget.seed)).items()}
    evidence = {"claim": claim, "witness": witness, "planted": planted, "second_method": second}
    return Outcome("proved", "SymPy expand", {**evidence, "boundary": {}, "trust": list(trust("sympy"))}, "every D")


_MATRICES = 12


def _matrices(sides: Sequence[sp.Expr], size: int, rng: np.random.Generator) -> dict[sp.Symbol, Any]:
    def draw(symbol: sp.Symbol) -> Any:
        if symbol.is_commutative:
            return sp.Rational(int(rng.integers(1, 6)), int(rng.integers(1, 4)))
        return sp.Matrix(size, size, lambda i, j: sp.Integer(int(rng.integers(-2, 3)) + 4 * (i == j)))

    return {symbol: draw(symbol) for symbol in symbols_of(sides)}


def _matrix_difference(left: sp.Expr, right: sp.Expr, seed: int) -> dict[str, Any] | None:
    rng = np.random.default_rng(seed)
    for trial in range(_MATRICES):
        size = 1 + trial % 3
        values = _matrices((left, right), size, rng)
        one, other = (_evaluated(side, values, size) for side in (left, right))
        if one != other:
            shown_values = {symbol.name: text(value) for symbol, value in values.items()}
            return {"counterexample": shown_values, "left": text(one), "right": text(other)}
    return None


def _evaluated(formula: sp.Expr, values: Mapping[sp.Symbol, Any], size: int) -> sp.Matrix:
    """The formula with matrices for its symbols; a number stands for that multiple of the unit matrix."""
    unit = sp.eye(size)
    if formula in values:
        value = values[formula]
        return value if isinstance(value, sp.MatrixBase) else value * unit
    if not formula.args:
        return formula * unit
    parts = [_evaluated(part, values, size) for part in formula.args] if not formula.is_Pow else []
    if formula.is_Add:
        return sum(parts, sp.zeros(size))
    if formula.is_Mul:
        return sp.prod(parts, unit)
    if formula.is_Pow and isinstance(formula.exp, sp.Integer):
        return _evaluated(formula.base, values, size) ** int(formula.exp)
    raise Untranslatable(f"{formula} in an identity of matrices")
