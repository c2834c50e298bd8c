"""Proofs of identities (SymPy) and of implications over the reals (Z3), each of which distrusts itself.

A proof comes with a witness that its assumptions can hold, the boundary points tried, a false variant that the same
method refutes, a second method, and the tools it trusts. Without a witness or a refuted variant it is `unsettled`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.relational import Relational

from .exact import at, false_at, points, satisfying, shown, text, true_at
from .outcome import Budget, Outcome
from .smt import Untranslatable, symbols_of
from .solver import Answer, Point, ask, cvc5, has_cvc5, rerun, small_model
from .trust import trust

WITNESS = tuple(
    sp.Rational(p, q) for p, q in ((1, 1), (2, 1), (-1, 1), (1, 2), (3, 1), (-2, 1), (-1, 2), (0, 1), (3, 2))
)


# Implications


def implication(given: Sequence[sp.Basic], claim: sp.Basic, budget: Budget) -> Outcome:
    """`claim` follows from `given` for all real values: proved, refuted by an exact point, supported or unsettled."""
    given = tuple(given)
    try:
        answer = ask((*given, sp.Not(claim)), budget.rlimit)
    except Untranslatable as reason:
        return by_points(given, claim, budget, f"not real arithmetic: {reason}")
    if answer.result == "unsat":
        return _checked_proof(given, claim, answer, budget)
    if answer.result == "sat":
        found = _counterexample(given, claim, answer, budget)
        if found:
            return refutation(given, claim, found, f"{answer.tactic}, rechecked exactly")
    why = f"{answer.tactic}: {answer.result} within {budget.rlimit} resource units"
    searched = by_points(given, claim, budget, why)
    if answer.result == "unknown" and searched.status == "supported":
        return Outcome("unsettled", searched.method, {"why": "the prover's budget ran out", **searched.evidence})
    return searched


def _counterexample(given: tuple[sp.Basic, ...], claim: sp.Basic, answer: Answer, budget: Budget) -> Point | None:
    """The model as an exact point, small where possible, that meets every assumption and violates the claim."""
    violated = (*given, sp.Not(claim))
    for candidate in (small_model(violated, answer, budget.rlimit // 10), answer.model):
        if all(true_at(condition, candidate) for condition in given) and false_at(claim, candidate):
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
        "claim": text(claim),
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
    return model if all(true_at(condition, model) for condition in given) else None


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
            yield small_model((*given, edge, claim), answer, budget.rlimit // 100, WITNESS)


def _planted(given: tuple[sp.Basic, ...], claim: sp.Basic, budget: Budget) -> dict[str, Any] | None:
    """The first false variant of the statement that the same method refutes, with its counterexample."""
    for how, assumed, variant in variants(given, claim):
        if variant in (sp.true, sp.false):
            continue
        answer = ask((*assumed, sp.Not(variant)), budget.rlimit // 10)
        found = _counterexample(assumed, variant, answer, budget) if answer.result == "sat" else None
        if found:
            return {"variant": how, "claim": text(variant), "counterexample": shown(found)}
    return None


Variant = tuple[str, tuple[sp.Basic, ...], sp.Basic]


def variants(given: tuple[sp.Basic, ...], claim: sp.Basic) -> Iterator[Variant]:
    """Likely false neighbours of a statement: a constant weakened, an assumption dropped, a sign turned."""
    part = next((p for p in sp.And.make_args(claim) if isinstance(p, Relational)), None)
    if part is not None:
        yield from ((how, given, variant) for how, variant in _weakened(part))
    for index, dropped in enumerate(given):
        yield f"without the assumption {text(dropped)}", given[:index] + given[index + 1 :], claim
    yield "the claim denied", given, sp.Not(claim)


def _weakened(relation: Relational) -> Iterator[tuple[str, sp.Basic]]:
    left, right = relation.args
    kind = type(relation)
    nine = sp.Rational(9, 10)
    tight = isinstance(relation, sp.Lt | sp.Le)
    yield "a side scaled by 9/10", kind(left, nine * right) if tight else kind(nine * left, right)
    yield (
        "a side moved by 1/10",
        kind(left, right - sp.Rational(1, 10)) if tight else kind(left, right + sp.Rational(1, 10)),
    )
    yield "a sign turned", kind(left, -right)


# Identities


def identity(left: Any, right: Any, given: Sequence[sp.Basic], budget: Budget) -> Outcome:
    """Two sides are equal wherever `given` holds and both are defined.

    They are scalars, explicit matrices, or made of symbols that do not commute, which stand for square matrices.
    """
    if isinstance(left, sp.MatrixBase) or isinstance(right, sp.MatrixBase):
        return _elementwise(sp.Matrix(left), sp.Matrix(right), tuple(given), budget)
    left, right = sp.sympify(left), sp.sympify(right)
    if not (left - right).is_commutative:
        return _noncommuting(left, right, budget)
    return _scalar(left, right, tuple(given), budget)


def _elementwise(left: sp.Matrix, right: sp.Matrix, given: tuple[sp.Basic, ...], budget: Budget) -> Outcome:
    if left.shape != right.shape:
        raise ValueError(f"shape={left.shape}: must be that of the other side, {right.shape}")
    entries = {f"entry {i + 1}": _scalar(a, b, given, budget) for i, (a, b) in enumerate(zip(left, right, strict=True))}
    return together(entries, str(left.rows))


def _scalar(left: sp.Expr, right: sp.Expr, given: tuple[sp.Basic, ...], budget: Budget) -> Outcome:
    found = _differing(left, right, given, budget)
    if found is not None:
        return _unequal(left, right, given, found)
    step = closes(left - right, budget)
    if step is None:
        return _by_solver(left, right, given, budget)
    return _checked_identity(left, right, given, step, budget)


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
        return gap != 0
    return gap.is_number and bool(abs(sp.N(gap, 50)) > sp.Float("1e-35", 50) * (1 + abs(sp.N(one, 50))))


def _unequal(left: sp.Expr, right: sp.Expr, given: tuple[sp.Basic, ...], point: Point) -> Outcome:
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
    planted = _planted_identity(left, right, given, budget)
    if tried["witness"] is None or planted is None:
        return Outcome("unsettled", step, {"why": "no exact point where both sides are defined, or no variant refuted"})
    evidence = {"claim": f"{text(left)} = {text(right)}", "symbols": [s.name for s in symbols], **tried}
    return Outcome("proved", step, {**evidence, "planted": planted, "trust": list(trust("sympy"))})


def _agreeing(left: sp.Expr, right: sp.Expr, given: tuple[sp.Basic, ...], budget: Budget) -> dict[str, Any]:
    """Where both sides are defined and agree: the second method, at points other than those of the first search."""
    symbols = symbols_of((left, right, *given))
    candidates = points(symbols, min(budget.points, 60), budget.seed + 1) if symbols else ({},)
    met = [p for p in satisfying(given, candidates) if at(left, p) != sp.nan and at(right, p) != sp.nan]
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


def perturbed(side: sp.Expr) -> Iterator[tuple[str, sp.Expr]]:
    """False neighbours of one side of an identity: one term's sign turned, the side scaled, the side moved."""
    terms = sp.Add.make_args(sp.expand(side))
    if len(terms) > 1:
        yield "the sign of a term turned", side - 2 * terms[-1]
    yield "a side scaled by 9/10", sp.Rational(9, 10) * side
    yield "a side moved by 1/10", side + sp.Rational(1, 10)


# Symbols that do not commute stand for square matrices


def _noncommuting(left: sp.Expr, right: sp.Expr, budget: Budget) -> Outcome:
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
    witness = {s.name: text(m) for s, m in _matrices(left - right, 2, np.random.default_rng(budget.seed)).items()}
    evidence = {"claim": claim, "witness": witness, "planted": planted, "second_method": second}
    return Outcome("proved", "SymPy expand", {**evidence, "boundary": {}, "trust": list(trust("sympy"))}, "every D")


_MATRICES = 12


def _matrices(formula: sp.Expr, size: int, rng: np.random.Generator) -> dict[sp.Symbol, Any]:
    def draw(symbol: sp.Symbol) -> Any:
        if symbol.is_commutative:
            return sp.Rational(int(rng.integers(1, 6)), int(rng.integers(1, 4)))
        return sp.Matrix(size, size, lambda i, j: sp.Integer(int(rng.integers(-2, 3)) + 4 * (i == j)))

    return {symbol: draw(symbol) for symbol in sorted(formula.free_symbols, key=lambda s: s.name)}


def _matrix_difference(left: sp.Expr, right: sp.Expr, seed: int) -> dict[str, Any] | None:
    rng = np.random.default_rng(seed)
    for trial in range(_MATRICES):
        size = 1 + trial % 3
        values = _matrices(left - right, size, rng)
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


# Parts


_RANK = {"proved": 0, "supported": 1, "unsettled": 2, "refuted": 3}


def together(parts: Mapping[str, Outcome], dimension: str | None = None) -> Outcome:
    """The outcome of a claim with several parts: its weakest part's status, every part's evidence."""
    worst = max(parts.values(), key=lambda outcome: _RANK[outcome.status])
    refuted = [name for name, outcome in parts.items() if outcome.status == "refuted"]
    evidence: dict[str, Any] = {"refuted": refuted} if refuted else {}
    evidence["parts"] = {name: _entry(outcome) for name, outcome in parts.items()}
    methods = "; ".join(dict.fromkeys(outcome.method for outcome in parts.values()))
    dimension = dimension or common_dimension(outcome.dimension for outcome in parts.values())
    return Outcome(worst.status, worst.method if refuted else methods, evidence, dimension)


def common_dimension(dimensions: Iterable[str]) -> str:
    """The dimensions for which every part holds."""
    listed = [dimension.split(", ") for dimension in dimensions if dimension != "every D"]
    if not listed:
        return "every D"
    return ", ".join(d for d in listed[0] if all(d in other for other in listed)) or "none in common"


def _entry(outcome: Outcome) -> dict[str, Any]:
    return {
        "verdict": outcome.status,
        "method": outcome.method,
        "dimension": outcome.dimension,
        **outcome.evidence,
    }


# Existence and published numbers


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
        if all(true_at(condition, model) for condition in wanted):
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
