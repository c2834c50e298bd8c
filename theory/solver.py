"""Z3, and cvc5 where it is installed, on SMT-LIB text: budgets in resource units, a fresh solver for each query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.util import find_spec
from typing import Literal

import sympy as sp
import z3

from .exact import admits, true_at
from .smt import Query, equation, query

TACTICS: Mapping[str, tuple[str, ...]] = {
    "Z3 default": ("smt",),
    "Z3 qfnra-nlsat": ("qfnra-nlsat",),
    "Z3 nlsat": ("simplify", "propagate-values", "solve-eqs", "purify-arith", "elim-term-ite", "tseitin-cnf", "nlsat"),
}
SMALL = tuple(
    sorted(
        {sp.Rational(p, q) for p in range(-5, 6) for q in (1, 2, 3, 4)},
        key=lambda v: (abs(v.p) + v.q, v.q, v.p < 0),
    )
)
WITNESS = tuple(
    sp.Rational(p, q) for p, q in ((1, 1), (2, 1), (-1, 1), (1, 2), (3, 1), (-2, 1), (-1, 2), (0, 1), (3, 2))
)
Point = dict[sp.Symbol, sp.Expr]


@dataclass(frozen=True)
class Answer:
    """sat, unsat or unknown, by which tactic; a model's exact values where it has them."""

    result: Literal["sat", "unsat", "unknown"]
    tactic: str
    model: Point = field(default_factory=dict)
    exact: bool = True
    defined: tuple[sp.Basic, ...] = ()
    text: str = ""


def _run(question: Query, tactic: str, rlimit: int, context: z3.Context | None = None) -> Answer:
    """The answer, in a new context by default: what was asked before in the same one may show in a model."""
    context = context or z3.Context()
    steps = [z3.Tactic(step, ctx=context) for step in TACTICS[tactic]]
    solver = (z3.Then(*steps, ctx=context) if len(steps) > 1 else steps[0]).solver()
    solver.set("rlimit", rlimit)
    solver.add(z3.parse_smt2_string(question.text, ctx=context))
    try:
        result = str(solver.check())
    except z3.Z3Exception:
        result = "unknown"
    model = _values(question, solver.model()) if result == "sat" else {}
    return Answer(result, tactic, model, question.exact, question.defined, question.text)  # type: ignore[arg-type]


def _values(question: Query, model: z3.ModelRef) -> Point:
    found = {f"|{entry.name()}|": model[entry] for entry in model.decls() if entry.arity() == 0}
    return {symbol: _number(found[name]) if name in found else sp.S.Zero for symbol, name in question.names.items()}


def _number(value: z3.ExprRef) -> sp.Expr:
    """The value as an exact number: a rational, or a root of a polynomial with integer coefficients."""
    if not z3.is_algebraic_value(value):
        return sp.Rational(value.numerator_as_long(), value.denominator_as_long())
    coefficients = [sp.Rational(c.numerator_as_long(), c.denominator_as_long()) for c in value.poly()]
    return sp.rootof(sp.Poly(coefficients[::-1], sp.Dummy()), value.index() - 1)


def nearby(model: Point) -> Point:
    """The model with a rational beside each irrational value."""
    return {s: v if v.is_Rational else sp.nsimplify(v.evalf(20), rational=True) for s, v in model.items()}


def ask(formulas: Iterable[sp.Basic], rlimit: int, tactics: Iterable[str] = tuple(TACTICS)) -> Answer:
    """Can all formulas hold at once? The first tactic that knows decides. Raises smt.Untranslatable."""
    question = query(formulas)
    for tactic in tactics:
        answer = _run(question, tactic, rlimit)
        if answer.result != "unknown":
            return answer
    return Answer("unknown", "every Z3 tactic", {}, question.exact, question.defined, question.text)


def rerun(text: str, tactic: str, rlimit: int) -> str:
    """What another tactic of Z3 says of the same text: sat, unsat or unknown."""
    return _run(Query(text, {}, (), True), tactic, rlimit).result


def small_model(
    formulas: Iterable[sp.Basic], answer: Answer, rlimit: int, prefer: Iterable[sp.Rational] = SMALL
) -> Point:
    """A model made of small numbers: symbol by symbol, the first of `prefer` with which the formulas still hold.

    The solver is asked only where the other values that are known do not already make them hold, and always in the
    same context: to make one costs more than most answers.
    """
    formulas, model, context = tuple(formulas), answer.model, None
    question = query(formulas)
    for symbol in sorted(model, key=lambda s: s.name):
        for value in prefer:
            if not admits(symbol, value):
                continue
            pinned = replace(question, text=f"{question.text}\n{equation(question.names[symbol], value)}")
            found = _with(model, symbol, value, formulas)
            if found is None:
                context = context or z3.Context()
                found = _run(pinned, answer.tactic, rlimit, context).model
            if found:
                model, question = found, pinned
                break
    return model


def _with(model: Point, symbol: sp.Symbol, value: sp.Rational, formulas: Iterable[sp.Basic]) -> Point | None:
    """The model with that value of a symbol, where it is rational and exact arithmetic says that it still is one."""
    trial = {**model, symbol: value}
    rational = all(isinstance(number, sp.Rational) for number in trial.values())
    return trial if rational and all(true_at(formula, trial) for formula in formulas) else None


@cache
def has_cvc5() -> bool:
    """Whether the second solver is installed (the extra `proofs`)."""
    return find_spec("cvc5") is not None


def cvc5(text: str, rlimit: int) -> str:
    """What cvc5 says of the same text: sat, unsat or unknown."""
    import cvc5 as library  # costs start-up time, and it is an extra

    terms = library.TermManager()
    solver = library.Solver(terms)
    solver.setLogic("QF_NRA")
    solver.setOption("rlimit", str(rlimit))
    parser = library.InputParser(solver)
    parser.setStringInput(library.InputLanguage.SMT_LIB_2_6, text, "query")
    symbols = parser.getSymbolManager()
    while not (command := parser.nextCommand()).isNull():
        command.invoke(solver, symbols)
    answer = solver.checkSat()
    return "unsat" if answer.isUnsat() else "sat" if answer.isSat() else "unknown"
