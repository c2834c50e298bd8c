"""Implications over the reals, decided by Z3, each of whose proofs distrusts itself.

A proof comes with a witness that its assumptions can hold, the boundary points tried, a false variant that the same
method refutes, a second solver, and the tools it trusts. Without a witness it is `unsettled`. Where no neighbour of the
claim is false, as for a tautology, the method must still refute that the claim is denied, and the proof says under
`planted` that no variant was informative: it is sound as far as the solvers are, and shows no more than that.

Where the assumptions are the values of all symbols, as for numbers that the paper prints, the claim is computed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from .exact import Point, at, false_at, in_domain, points, satisfying, shown, text, true_at
from .outcome import Budget, Outcome
from .smt import Untranslatable, symbols_of
from .solver import WITNESS, Answer, ask, cvc5, has_cvc5, nearby, rerun, small_model
from .trust import trust
from .variants import variants


def implication(given: Sequence[sp.Basic], claim: sp.Basic, budget: Budget) -> Outcome:
    """`claim` follows from `given` for all real values: proved, refuted by an exact point, supported or unsettled."""
    given = tuple(given)
    if (point := _determined(given, claim)) is not None:
        return _by_arithmetic(given, claim, point, budget)
    try:
        answer = ask((*given, sp.Not(claim)), budget.rlimit)
    except Untranslatable as reason:
        return by_points(given, claim, budget, f"not real arithmetic: {reason}")
    if answer.result == "unsat":
        return _checked_proof(given, claim, answer, budget)
    if answer.result == "sat":
        found = _counterexample(given, claim, answer, budget)
        if found is not None:
            return refutation(given, claim, found, f"{answer.tactic}, rechecked exactly")
    why = f"{answer.tactic}: {answer.result} within {budget.rlimit} resource units"
    searched = by_points(given, claim, budget, why)
    if searched.status == "supported" and answer.result == "unknown":
        return Outcome("unsettled", searched.method, {"why": "the prover's budget ran out", **searched.evidence})
    if searched.status == "supported" and answer.exact:
        why = "the prover finds a violation that no exact point confirms"
        return Outcome("unsettled", searched.method, {"why": why, **searched.evidence})
    return searched


def _determined(given: tuple[sp.Basic, ...], claim: sp.Basic) -> Point | None:
    """The one point that meets `given`, where `given` states the value of every symbol of the claim, and no more."""
    if any(not isinstance(c, sp.Eq) or not (c.lhs.is_Symbol and c.rhs.is_Rational) for c in given):
        return None
    point = {condition.lhs: condition.rhs for condition in given}
    return (
        point
        if point and claim.free_symbols <= point.keys() and len(point) == len(given) and in_domain(point)
        else None
    )


def _by_arithmetic(given: tuple[sp.Basic, ...], claim: sp.Basic, point: Point, budget: Budget) -> Outcome:
    """A claim about known numbers: its value is computed, and a solver asked for the same."""
    if not true_at(claim, point):
        return refutation(given, claim, point, "exact arithmetic")
    answer = ask((*given, sp.Not(claim)), budget.rlimit)
    if answer.result != "unsat":
        return Outcome("unsettled", "exact arithmetic", {"why": f"{answer.tactic}: {answer.result}"})
    others = [*variants(given, claim), (UNINFORMATIVE, given, sp.Not(claim))]
    how, _, variant = next(other for other in others if other[1] == given and false_at(other[2], point))
    evidence = {
        "claim": text(claim),
        "given": [text(condition) for condition in given],
        "witness": shown(point),
        "boundary": {"points": 1, "edges": []},
        "planted": {"variant": how, "claim": text(variant), "counterexample": shown(point)},
        "second_method": {"method": answer.tactic, "result": answer.result},
        "trust": list(trust("sympy", "z3-solver")),
    }
    return Outcome("proved", "exact arithmetic", evidence)


def _counterexample(given: tuple[sp.Basic, ...], claim: sp.Basic, answer: Answer, budget: Budget) -> Point | None:
    """The model as an exact point, small where possible, that meets every assumption and violates the claim."""
    violated = (*given, sp.Not(claim))
    small = small_model(violated, answer, budget.rlimit // 10)
    for candidate in (nearby(small), nearby(answer.model), small, answer.model):
        met = in_domain(candidate) and all(true_at(condition, candidate) for condition in given)
        if met and false_at(claim, candidate):
            return candidate
    return None


def refutation(given: Sequence[sp.Basic], claim: sp.Basic, point: Point, method: str) -> Outcome:
    """The verdict that a point which meets `given` and violates `claim` gives."""
    evidence: dict[str, Any] = {"counterexample": shown(point), "claim": text(claim), **sides(claim, point)}
    evidence["assumptions"] = {text(condition): text(at(condition, point)) for condition in given}
    return Outcome("refuted", method, {**evidence, "trust": list(trust("sympy"))})


def sides(claim: sp.Basic, point: Point) -> dict[str, str]:
    """The values of both sides of the first relation in a claim that fails at a point."""
    for relation in sorted(claim.atoms(Relational), key=str):
        if false_at(relation, point) and not relation.has(sp.Piecewise):
            left, right = (text(at(side, point)) for side in relation.args)
            return {"violated": text(relation), "left": left, "right": right}
    if isinstance(claim, Relational):
        left, right = (text(at(side, point)) for side in claim.args)
        return {"left": left, "right": right}
    return {}


def by_points(given: Sequence[sp.Basic], claim: sp.Basic, budget: Budget, why: str) -> Outcome:
    """Exact points where the prover gave up: refuted, or supported at so many points, or unsettled without any."""
    symbols = symbols_of((*given, claim))
    met = satisfying(given, points(symbols, budget.points, budget.seed))
    tried = 0
    for point in met:
        if false_at(claim, point):
            return refutation(given, claim, point, "exact points")
        tried += true_at(claim, point)
    evidence = {"points": tried, "prover": why, "seed": budget.seed, "trust": list(trust("sympy"))}
    if tried < 10:
        return Outcome("unsettled", "exact points", {**evidence, "why": "too few points meet the assumptions"})
    return Outcome("supported", "exact points", evidence)


def _checked_proof(given: tuple[sp.Basic, ...], claim: sp.Basic, answer: Answer, budget: Budget) -> Outcome:
    witness = _witness(given, claim, budget)
    if witness is None:
        return Outcome(
            "unsettled", answer.tactic, {"why": "no exact point meets the assumptions: vacuous or undecided"}
        )
    second = second_solver(answer, budget)
    if second["result"] == "sat":
        return Outcome("unsettled", answer.tactic, {"why": f"{second['method']} disagrees", "query": answer.text})
    boundary = _boundary(given, claim, budget)
    if "counterexample" in boundary:
        return Outcome("unsettled", answer.tactic, {"why": "an exact point contradicts the solver", **boundary})
    planted = _planted(given, claim, budget)
    if planted is None:
        return Outcome("unsettled", answer.tactic, {"why": "no false variant was refuted: the method shows nothing"})
    evidence = {
        "claim": "true as SymPy evaluates it" if claim == sp.true else text(claim),
        "given": [text(condition) for condition in given],
        "witness": shown(witness),
        "boundary": boundary,
        "planted": planted,
        "second_method": second,
        "trust": list(trust("z3-solver", "sympy")),
        "query": answer.text,
    }
    if answer.defined:
        evidence["defined"] = [text(condition) for condition in answer.defined]
    return Outcome("proved", answer.tactic, evidence)


def _witness(given: tuple[sp.Basic, ...], claim: sp.Basic, budget: Budget) -> Point | None:
    free = symbols_of((*given, claim))
    anchored = (*given, *(sp.Eq(symbol, symbol, evaluate=False) for symbol in free))
    candidates = points(free, min(budget.points, 60), budget.seed)
    easy = next(satisfying(given, (p for p in candidates if at(claim, p) != sp.nan)), None)
    if easy is not None:
        return dict(easy)
    answer = ask(anchored, budget.rlimit)
    if answer.result != "sat":
        return None
    model = small_model(anchored, answer, budget.rlimit // 10, WITNESS)
    return model if in_domain(model) and all(true_at(condition, model) for condition in given) else None


def second_solver(answer: Answer, budget: Budget) -> dict[str, str]:
    """Another solver on the same query (cvc5 where installed), or else another tactic, which is weaker."""
    if has_cvc5() and (result := cvc5(answer.text, budget.rlimit)) != "unknown":
        return {"method": "cvc5 on the same SMT-LIB text", "result": result}
    for tactic in ("Z3 nlsat", "Z3 qfnra-nlsat", "Z3 default"):
        if tactic != answer.tactic and (result := rerun(answer.text, tactic, budget.rlimit)) != "unknown":
            return {"method": f"{tactic} (weaker: the same solver by another tactic)", "result": result}
    return {"method": "exact points alone (weaker: no second solver decided)", "result": "unknown"}


def _boundary(given: tuple[sp.Basic, ...], claim: sp.Basic, budget: Budget) -> dict[str, Any]:
    """Exact points: small ones, random ones, and for each inequality assumed, one where it is an equality."""
    symbols = symbols_of((*given, claim))
    candidates = [*points(symbols, budget.points // 2, budget.seed + 1), *_edges(given, claim, budget)]
    tried = 0
    for point in satisfying(given, candidates):
        if false_at(claim, point):
            return {"counterexample": shown(point)}
        tried += true_at(claim, point)
    return {"points": tried, "edges": [text(edge) for edge in _equalities(given)]}


def _equalities(given: Sequence[sp.Basic]) -> list[sp.Basic]:
    return [sp.Eq(*relation.args) for relation in given if isinstance(relation, sp.Le | sp.Ge)]


def _edges(given: tuple[sp.Basic, ...], claim: sp.Basic, budget: Budget) -> Iterator[Point]:
    for edge in _equalities(given):
        answer = ask((*given, edge, claim), budget.rlimit // 10)
        if answer.result == "sat":
            yield from filter(in_domain, (nearby(answer.model), answer.model))


def _planted(given: tuple[sp.Basic, ...], claim: sp.Basic, budget: Budget) -> dict[str, Any] | None:
    """The first false variant of the statement that the same method refutes, with its counterexample.

    Where none is, `variant` says so, and the counterexample is to the claim denied.
    """
    denied = (UNINFORMATIVE, given, sp.Not(claim))
    for how, assumed, variant in (*variants(given, claim), denied):
        if variant == sp.true:
            continue
        answer = ask((*assumed, sp.Not(variant)), budget.rlimit // 10)
        found = _counterexample(assumed, variant, answer, budget) if answer.result == "sat" else None
        if found is not None:
            return {"variant": how, "claim": text(variant), "counterexample": shown(found)}
    return None


UNINFORMATIVE = "none informative"
