"""SymPy formulas as SMT-LIB text over the reals: the artefact that Z3 decides, and that cvc5 or anyone can replay.

|.|, min, max, case distinctions, division and roots are kept exactly. What is not algebraic (exp, log, erf, pi)
becomes a fresh real about which little is assumed: a proof for every value of it is a proof, a model a mere candidate.

Formulas have three values, for a relation between undefined sides neither holds nor fails. A formula is written as
that it holds: every relation together with the conditions under which it is defined, in the place where it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import singledispatchmethod
from itertools import pairwise

import sympy as sp
from sympy.core.relational import Relational
from sympy.functions.elementary.miscellaneous import Max, Min
from sympy.logic.boolalg import Boolean, BooleanFalse, BooleanTrue

_RELATIONS = {sp.Lt: "<", sp.Le: "<=", sp.Gt: ">", sp.Ge: ">=", sp.Eq: "="}
_CONNECTIVES = {sp.And: "and", sp.Or: "or", sp.Not: "not", sp.Xor: "xor", sp.Implies: "=>", sp.Equivalent: "="}


class Untranslatable(Exception):
    """A formula has a part that real arithmetic cannot express."""


@dataclass(frozen=True)
class Query:
    """Is there a point where all `formulas` hold? `text` is the SMT-LIB; `exact` tells whether a model is a solution.

    `names` maps the symbols to their SMT-LIB names; `defined` lists the conditions under which the relations mean
    something (denominators that are not zero, roots of what is not negative).
    """

    text: str
    names: dict[sp.Symbol, str]
    defined: tuple[sp.Basic, ...]
    exact: bool


@dataclass
class _Writer:
    """Collects, while formulas are written, the reals that stand for roots and functions and what is known of them."""

    names: dict[sp.Symbol, str]
    prefix: str
    fresh: dict[sp.Basic, str] = field(default_factory=dict)
    known: list[str] = field(default_factory=list)
    defined: list[sp.Basic] = field(default_factory=list)
    needed: list[sp.Basic] = field(default_factory=list)
    guards: list[sp.Basic] = field(default_factory=list)
    exact: bool = True

    def holds(self, formula: sp.Basic) -> str:
        """That a formula is defined and holds, by its parts: negations stand before relations only, as part of them."""
        normal = sp.logic.boolalg.to_nnf(formula, simplify=False)
        if isinstance(normal, sp.And | sp.Or):
            return f"({_CONNECTIVES[type(normal)]} {' '.join(self.holds(part) for part in normal.args)})"
        relation, conditions = self._with_conditions(normal)
        self.defined += [condition for condition in conditions if condition not in self.defined]
        written = [self._with_conditions(condition)[0] for condition in conditions]
        return f"(and {' '.join(written)} {relation})" if written else relation

    def _with_conditions(self, formula: sp.Basic) -> tuple[str, list[sp.Basic]]:
        """The formula's text and what it needs to be defined, which is collected apart."""
        outer, self.needed = self.needed, []
        text = self.write(formula)
        conditions, self.needed = self.needed, outer
        return text, conditions

    @singledispatchmethod
    def write(self, formula: sp.Basic) -> str:
        if not isinstance(formula, sp.Expr):
            raise Untranslatable(f"{type(formula).__name__} is not real arithmetic")
        return self._abstract(formula)

    @write.register
    def _(self, formula: sp.Symbol) -> str:
        return self.names[formula]

    @write.register
    def _(self, formula: sp.Rational) -> str:
        return _number(formula)

    @write.register
    def _(self, formula: sp.Add) -> str:
        return self._apply("+", formula.args)

    @write.register
    def _(self, formula: sp.Mul) -> str:
        return self._apply("*", formula.args)

    @write.register
    def _(self, formula: sp.Pow) -> str:
        base, exponent = formula.args
        if not isinstance(exponent, sp.Rational):
            return self._abstract(formula)
        if exponent < 0:
            self._require(sp.Ne(base, 0))
            return f"(/ 1.0 {self.write(sp.Pow(base, -exponent, evaluate=False))})"
        if exponent.q != 1:
            return self._power(self._root(base, exponent.q), exponent.p)
        return self._power(self.write(base), exponent.p)

    @write.register
    def _(self, formula: sp.Abs) -> str:
        inner = self.write(formula.args[0])
        return f"(ite (>= {inner} 0.0) {inner} (- {inner}))"

    @write.register
    def _(self, formula: sp.sign) -> str:
        inner = self.write(formula.args[0])
        return f"(ite (> {inner} 0.0) 1.0 (ite (< {inner} 0.0) (- 1.0) 0.0))"

    @write.register
    def _(self, formula: sp.Heaviside) -> str:
        inner = self.write(formula.args[0])
        return f"(ite (> {inner} 0.0) 1.0 (ite (< {inner} 0.0) 0.0 {self.write(formula.args[1])}))"

    @write.register
    def _(self, formula: Max) -> str:
        return self._extreme(">=", formula.args)

    @write.register
    def _(self, formula: Min) -> str:
        return self._extreme("<=", formula.args)

    @write.register
    def _(self, formula: sp.Piecewise) -> str:
        return self._cases(list(formula.args))

    @write.register
    def _(self, formula: BooleanTrue) -> str:  # noqa: ARG002 (dispatch is by type)
        return "true"

    @write.register
    def _(self, formula: BooleanFalse) -> str:  # noqa: ARG002
        return "false"

    @write.register
    def _(self, formula: Relational) -> str:
        left, right = (self.write(side) for side in formula.args)
        if isinstance(formula, sp.Ne):
            return f"(not (= {left} {right}))"
        return f"({_RELATIONS[type(formula)]} {left} {right})"

    @write.register
    def _(self, formula: sp.logic.boolalg.BooleanFunction) -> str:
        if type(formula) not in _CONNECTIVES:
            return self.write(sp.logic.boolalg.to_nnf(formula))
        return self._apply(_CONNECTIVES[type(formula)], formula.args)

    def _apply(self, operator: str, arguments: Iterable[sp.Basic]) -> str:
        return f"({operator} {' '.join(self.write(argument) for argument in arguments)})"

    @staticmethod
    def _power(base: str, exponent: int) -> str:
        return base if exponent == 1 else f"(* {' '.join([base] * exponent)})" if exponent else "1.0"

    def _extreme(self, relation: str, arguments: tuple[sp.Expr, ...]) -> str:
        best, *rest = (self.write(argument) for argument in arguments)
        for other in rest:
            best = f"(ite ({relation} {best} {other}) {best} {other})"
        return best

    def _cases(self, pairs: list[tuple[sp.Expr, Boolean]]) -> str:
        (value, condition), *others = pairs
        if condition == sp.true:
            return self.write(value)
        test, conditions = self._with_conditions(condition)
        if conditions and not isinstance(condition, Relational):
            raise Untranslatable(f"the case {condition} may be undefined in part")
        for needed in conditions:
            self._require(needed)
        chosen = self._under(condition, lambda: self.write(value))
        if not others:
            self._require(condition)
            return chosen
        return f"(ite {test} {chosen} {self._under(sp.Not(condition), lambda: self._cases(others))})"

    def _under(self, guard: sp.Basic, write: object) -> str:
        self.guards.append(guard)
        text: str = write()  # type: ignore[operator]
        self.guards.pop()
        return text

    def _require(self, condition: sp.Basic) -> None:
        if condition == sp.true:
            return
        condition = sp.Implies(sp.And(*self.guards), condition) if self.guards else condition
        if condition != sp.true and condition not in self.needed:
            self.needed.append(condition)

    def _root(self, base: sp.Expr, degree: int) -> str:
        self._require(base >= 0)
        key = sp.Pow(base, sp.Rational(1, degree), evaluate=False)
        if key not in self.fresh:
            inner, name = self.write(base), self._name(key)
            facts = f"(and (>= {name} 0.0) (= {self._power(name, degree)} {inner}))"
            self.known.append(f"(=> (>= {inner} 0.0) {facts})")
        return self.fresh[key]

    def _abstract(self, term: sp.Expr) -> str:
        if not term.is_commutative or term.is_infinite or term is sp.nan or term.is_real is False:
            raise Untranslatable(f"{term} is not a real number")
        if term not in self.fresh:
            self.exact = False
            name = self._name(term)
            self.known += [text for known, text in self._facts(term, name) if known]
        return self.fresh[term]

    @staticmethod
    def _facts(term: sp.Expr, name: str) -> Iterator[tuple[bool, str]]:
        yield bool(term.is_positive), f"(> {name} 0.0)"
        yield bool(term.is_nonnegative), f"(>= {name} 0.0)"
        yield bool(term.is_negative), f"(< {name} 0.0)"
        yield isinstance(term, sp.sin | sp.cos | sp.tanh | sp.erf), f"(and (<= (- 1.0) {name}) (<= {name} 1.0))"
        if term.is_number:
            below = sp.floor(term * 10**9)
            yield True, f"(and (<= {below}.0 (* 1000000000.0 {name})) (<= (* 1000000000.0 {name}) {below + 1}.0))"

    def _name(self, term: sp.Basic) -> str:
        self.fresh[term] = f"{self.prefix}{len(self.fresh)}"
        return self.fresh[term]


def domain(symbol: sp.Symbol) -> tuple[sp.Basic, ...]:
    """What SymPy assumes of a symbol, as relations on a plain real of the same name."""
    plain = sp.Symbol(symbol.name, real=True)
    relations = (
        (symbol.is_positive, plain > 0),
        (symbol.is_negative, plain < 0),
        (symbol.is_nonnegative and not symbol.is_positive, plain >= 0),
        (symbol.is_nonpositive and not symbol.is_negative, plain <= 0),
        (symbol.is_nonzero and not (symbol.is_positive or symbol.is_negative), sp.Ne(plain, 0)),
    )
    return tuple(relation for applies, relation in relations if applies)


def symbols_of(formulas: Iterable[sp.Basic]) -> list[sp.Symbol]:
    """The free symbols of all formulas by name. Raises ValueError where one name stands for two symbols."""
    symbols = sorted(set().union(*(formula.free_symbols for formula in formulas)), key=lambda s: s.name)
    for one, other in pairwise(symbols):
        if one.name == other.name:
            raise ValueError(f"symbol={one.name}: two symbols of that name with different domains in one statement")
    return symbols


def equation(name: str, value: sp.Rational) -> str:
    """The assertion that the real of that SMT-LIB name has a value."""
    return f"(assert (= {name} {_number(value)}))"


def _number(value: sp.Rational) -> str:
    size = f"{abs(value.p)}.0" if value.q == 1 else f"(/ {abs(value.p)}.0 {value.q}.0)"
    return f"(- {size})" if value < 0 else size


def query(formulas: Iterable[sp.Basic]) -> Query:
    """The question whether all `formulas` can hold at one point. Raises Untranslatable."""
    formulas = tuple(formulas)
    symbols = symbols_of(formulas)
    if strange := [symbol for symbol in symbols if symbol.is_real is not True]:
        raise Untranslatable(f"{strange[0]} is not a real number")
    names = {symbol: f"|{symbol.name}|" for symbol in symbols}
    plain = {sp.Symbol(symbol.name, real=True): name for symbol, name in names.items()}
    prefix = "t"
    while any(symbol.name.startswith(prefix) for symbol in symbols):
        prefix += "_"
    writer = _Writer(names | plain, prefix)
    asserted = [writer.holds(formula) for formula in formulas]
    asserted += [writer.write(relation) for symbol in symbols for relation in domain(symbol)]
    declared = [f"(declare-const {name} Real)" for name in (*names.values(), *writer.fresh.values())]
    lines = [*declared, *(f"(assert {text})" for text in (*writer.known, *asserted))]
    return Query("\n".join(lines), names, tuple(writer.defined), writer.exact)
