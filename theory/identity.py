"""Identities of scalars and of explicit matrices: SymPy proves them, exact points refute them.

A proof comes with a point where both sides are defined, other points as a second method, and a false variant that the
points refute.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import sympy as sp

from .exact import at, points, satisfying, shown, simpler, text, true_at
from .implication import implication
from .matrix_identity import noncommuting
from .outcome import Budget, Outcome, together
from .smt import symbols_of
from .solver import Point
from .statement import has_matrices
from .trust import trust
from .variants import perturbed


def identity(left: Any, right: Any, given: Sequence[sp.Basic], budget: Budget) -> Outcome:
    """Two sides are equal wherever `given` holds and both are defined.

    They are scalars, explicit matrices, or made of symbols that do not commute, which stand for square matrices.
    """
    if isinstance(left, sp.MatrixBase) or isinstance(right, sp.MatrixBase):
        return _elementwise(sp.Matrix(left), sp.Matrix(right), tuple(given), budget)
    left, right = sp.sympify(left), sp.sympify(right)
    if has_matrices(left) or has_matrices(right):
        return noncommuting(left, right, budget)
    return _scalar(left, right, tuple(given), budget)


def _elementwise(left: sp.Matrix, right: sp.Matrix, given: tuple[sp.Basic, ...], budget: Budget) -> Outcome:
    if left.shape != right.shape:
        raise ValueError(f"shape={left.shape}: must be that of the other side, {right.shape}")
    entries = {f"entry {i + 1}": _scalar(a, b, given, budget) for i, (a, b) in enumerate(zip(left, right, strict=True))}
    return together(entries, str(left.rows))


def _scalar(left: sp.Expr, right: sp.Expr, given: tuple[sp.Basic, ...], budget: Budget) -> Outcome:
    found = _differing(left, right, given, replace(budget, points=FEW))
    step = closes(left - right, budget) if found is None else None
    if step is not None:
        return _checked_identity(left, right, given, step, budget)
    found = found or _differing(left, right, given, budget)
    return _by_solver(left, right, given, budget) if found is None else _unequal(left, right, given, found)


FEW = 40  # points tried before SymPy is


def _differing(left: sp.Expr, right: sp.Expr, given: tuple[sp.Basic, ...], budget: Budget) -> Point | None:
    symbols = symbols_of((left, right, *given))
    candidates = points(symbols, budget.points, budget.seed) if symbols else ({},)
    return next((dict(p) for p in satisfying(given, candidates) if differs(left, right, p)), None)


def differs(left: sp.Expr, right: sp.Expr, point: Mapping[sp.Symbol, sp.Rational]) -> bool:
    """Whether two formulas have different values at a point: exactly for rationals, else by 50 digits."""
    one, other = at(left, point), at(right, point)
    if sp.nan in (one, other):
        return False
    gap = one - other
    if isinstance(gap, sp.Rational):
        return bool(gap != 0)
    return gap.is_number and bool(abs(sp.N(gap, 50)) > sp.Float("1e-35", 50) * (1 + abs(sp.N(one, 50))))


def _unequal(left: sp.Expr, right: sp.Expr, given: tuple[sp.Basic, ...], found: Point) -> Outcome:
    point = simpler(found, lambda p: all(true_at(condition, p) for condition in given) and differs(left, right, p))
    values = {"left": text(at(left, point)), "right": text(at(right, point))}
    assumed = {text(condition): text(at(condition, point)) for condition in given}
    evidence = {"counterexample": shown(point), "claim": f"{text(left)} = {text(right)}", **values}
    return Outcome("refuted", "exact point", {**evidence, "assumptions": assumed, "trust": list(trust("sympy"))})


STEPS: tuple[tuple[str, Callable[[sp.Expr], sp.Expr]], ...] = (
    ("expand", sp.expand),
    ("common denominator", lambda e: sp.expand(sp.numer(sp.together(e)))),
    ("cases", lambda e: sp.expand(sp.simplify(sp.piecewise_fold(e.rewrite(sp.Piecewise))))),
    ("exponentials", lambda e: sp.simplify(sp.expand(e.rewrite(sp.exp)))),
    ("simplify", sp.simplify),
)


def closes(difference: sp.Expr, budget: Budget) -> str | None:
    """The first SymPy step that turns a difference into zero, or None."""
    for name, step in STEPS:
        if name not in ("expand", "common denominator") and sp.count_ops(difference) > budget.operations:
            return None
        if step(difference) == 0:
            return f"SymPy {name}"
    return None


def _by_solver(left: sp.Expr, right: sp.Expr, given: tuple[sp.Basic, ...], budget: Budget) -> Outcome:
    equal = sp.Eq(left, right, evaluate=False)
    outcome = implication(given, equal, budget)
    if outcome.status == "unsettled":
        return outcome.with_evidence(sympy="did not decide")
    return outcome


def _checked_identity(left: sp.Expr, right: sp.Expr, given: tuple[sp.Basic, ...], step: str, budget: Budget) -> Outcome:
    symbols = symbols_of((left, right, *given))
    tried = _agreeing(left, right, given, budget)
    if "counterexample" in tried:
        return Outcome("unsettled", step, {"why": "an exact point contradicts the simplification", **tried})
    planted = _planted_identity(left, right, given, budget)
    if tried["witness"] is None or planted is None:
        return Outcome("unsettled", step, {"why": "no exact point where both sides are defined, or no variant refuted"})
    evidence = {"claim": f"{text(left)} = {text(right)}", "symbols": [s.name for s in symbols], **tried}
    return Outcome("proved", step, {**evidence, "planted": planted, "trust": list(trust("sympy"))})


def _agreeing(left: sp.Expr, right: sp.Expr, given: tuple[sp.Basic, ...], budget: Budget) -> dict[str, Any]:
    """Where both sides are defined and agree: the second method, at points other than those of the first search."""
    symbols = symbols_of((left, right, *given))
    candidates = points(symbols, min(budget.points, FEW), budget.seed + 1) if symbols else ({},)
    met = [p for p in satisfying(given, candidates) if at(left, p) != sp.nan and at(right, p) != sp.nan]
    found = next((p for p in met if differs(left, right, p)), None)
    if found is not None:
        return {"counterexample": shown(found)}
    exact = sum(isinstance(at(left, p) - at(right, p), sp.Rational) for p in met)
    kind = "exact rational points" if exact == len(met) else "points, those with functions to 50 digits"
    half = [p for p in met if set(p.values()) <= {sp.S.Zero, sp.S.One, sp.S.NegativeOne}]
    return {
        "witness": shown(met[0]) if met else None,
        "boundary": {"points of 0, 1, -1": len(half)},
        "second_method": {"method": kind, "points": len(met)},
    }


def _planted_identity(
    left: sp.Expr, right: sp.Expr, given: tuple[sp.Basic, ...], budget: Budget
) -> dict[str, Any] | None:
    for how, variant in perturbed(right):
        found = _differing(left, variant, given, budget)
        if found is not None:
            return {"variant": how, "claim": f"{text(left)} = {text(variant)}", "counterexample": shown(found)}
    return None
