"""Proof back-ends: identities (SymPy), implications over the reals (Z3), witnesses, and printed numbers.

Proofs distrust themselves; see `implication` and `identity` for what each must carry.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from .exact import at, in_domain, points, satisfying, shown, text, true_at
from .identity import identity
from .implication import implication, second_solver
from .outcome import Budget, Outcome
from .smt import Untranslatable, symbols_of
from .solver import WITNESS, Answer, Point, ask, small_model
from .trust import trust

__all__ = ["agreement", "existence", "identity", "implication"]


def existence(given: Sequence[sp.Basic], claim: sp.Basic, budget: Budget) -> Outcome:
    """Some real values meet `given` and `claim`: an exact witness proves it, an obstruction refutes it."""
    wanted = (*given, claim)
    found = next(satisfying(wanted, points(symbols_of(wanted), budget.points, budget.seed)), None)
    if found is not None:
        return _exists(wanted, dict(found), "exact witness")
    try:
        answer = ask(wanted, budget.rlimit)
    except Untranslatable as reason:
        return Outcome("unsettled", "exact points", {"why": f"no witness found; {reason}"})
    if answer.result == "sat":
        model = small_model(wanted, answer, budget.rlimit // 10, WITNESS)
        if in_domain(model) and all(true_at(condition, model) for condition in wanted):
            return _exists(wanted, model, f"exact witness from {answer.tactic}")
    if answer.result == "unsat":
        return _obstructed(answer, budget)
    return Outcome("unsettled", answer.tactic, {"why": "neither a witness nor an obstruction"})


def _exists(wanted: Sequence[sp.Basic], witness: Point, method: str) -> Outcome:
    values = {text(condition): text(at(condition, witness)) for condition in wanted}
    return Outcome("proved", method, {"witness": shown(witness), "conditions": values, "trust": list(trust("sympy"))})


def _obstructed(answer: Answer, budget: Budget) -> Outcome:
    second = second_solver(answer, budget)
    if second["result"] == "sat":
        return Outcome("unsettled", answer.tactic, {"why": f"{second['method']} disagrees", "query": answer.text})
    evidence = {"obstruction": "no real point meets the conditions", "second_method": second, "query": answer.text}
    return Outcome("refuted", answer.tactic, {**evidence, "trust": list(trust("z3-solver", "sympy"))})


def agreement(computed: sp.Expr, printed: str, unit: str) -> Outcome:
    """A printed number agrees with a computed one when they differ by at most half a unit of its last digit."""
    digits = len(printed.partition(".")[2])
    half = sp.Rational(1, 2 * 10**digits)
    distance = abs(computed - sp.Rational(printed))
    status = "proved" if bool(distance <= half) else "refuted"
    evidence = {"computed": text(computed), "printed": printed, "unit": unit, "half_unit": text(half)}
    return Outcome(status, "arithmetic", {**evidence, "difference": text(distance), "trust": list(trust("sympy"))})  # type: ignore[arg-type]
