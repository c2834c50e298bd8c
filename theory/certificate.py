"""What makes a verdict true, as data that `recheck` can recheck: see there for the kinds of checks.

A check is written from the statement's form and from what the verdict's evidence holds (a point, an SMT-LIB text, the
fractions of an instance), and rechecked once: what does not pass is left out, and the certificate says what it lacks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp

from . import recheck
from .certified import is_equality
from .exact import points
from .outcome import Outcome
from .replays import summed, violated
from .smt import Untranslatable, domain, symbols_of
from .solver import ask
from .statement import (
    All,
    Certified,
    Exists,
    ForAll,
    Form,
    Identity,
    Implication,
    Measured,
    Order,
    Published,
    SumOverCoordinates,
    Verdict,
    has_matrices,
)
from .written import Unwritable, python, written

Check = dict[str, Any]
Evidence = Mapping[str, Any]
LARGEST = 60_000  # characters of one check
# what writing may stumble over: a slack is anybody's code, and a verdict stands without its certificate
DOUBTS = (Unwritable, Untranslatable, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
RLIMIT = 300_000  # for an identity that polynomial arithmetic does not show
TRIES = 60  # points at which the order of a refuted claim is sought
ORDERS = [Fraction(k, 2) for k in range(-4, 13)]
SETTLED = ("proved", "refuted")
WORDS = {
    "identity": "by polynomial arithmetic",
    "order": "by orders of quotients of polynomials",
    "point": "at exact points",
    "solver": "for a second solver",
}


@dataclass(frozen=True)
class Checks:
    """The checks of a verdict, and what has none, with the reason."""

    made: tuple[Check, ...] = ()
    lacks: tuple[str, ...] = ()

    def told(self) -> dict[str, str]:
        """Of what kinds the checks are and what lacks one, as evidence; nothing for a verdict that needs none."""
        kinds = [check["kind"] for check in self.made]
        counts = [f"{kinds.count(kind)} {words}" for kind, words in WORDS.items() if kind in kinds]
        told = "; ".join([*counts, *(f"none: {why}" for why in self.lacks)])
        return {"recheck": told} if told else {}


def checks(form: Form, outcome: Outcome, seed: int) -> Checks:
    """The checks of a form that is proved or refuted, each of which passes or waits for a solver."""
    made: list[Check] = []
    lacks: list[str] = []
    if outcome.status not in SETTLED:
        return Checks()
    for name, part, status, evidence in _leaves("", form, outcome.status, outcome.evidence):
        try:
            written_ones = list(_of_leaf(part, status, evidence, seed))
        except DOUBTS as reason:
            lacks.append(_named(name, str(reason)))
            continue
        for check in written_ones:
            (result,) = recheck.recheck({"checks": [check]})
            doubt = result.why or ("its check is too long" if len(str(check)) > LARGEST else "")
            if doubt:
                lacks.append(_named(name, doubt))
            else:
                made.append({**check, "name": _named(name, check["name"])})
    return Checks(tuple(made), tuple(lacks))


def _named(*names: str) -> str:
    return ": ".join(filter(None, names))


def _leaves(name: str, form: Form, status: str, evidence: Evidence) -> Iterator[tuple[str, Form, str, Evidence]]:
    """The parts on which a verdict rests, with theirs: of a refuted claim, those that fail."""
    match form:
        case All():
            parts = dict(form.parts)
        case Identity() if isinstance(form.left, sp.MatrixBase):
            pairs = enumerate(zip(form.left, form.right, strict=True), 1)
            parts = {f"entry {i}": Identity(left, right, form.given) for i, (left, right) in pairs}
        case Certified(claim=claim, terms=terms) if status == "proved":
            yield name, form, status, evidence
            for label, term in zip(evidence["terms"], terms, strict=True):
                equal = Identity(term.formula, sp.S.Zero, term.given)
                proof = equal if is_equality(claim) else Implication(term.given, term.formula >= 0)
                yield _named(name, label), proof, status, evidence["terms"][label]
            return
        case _:
            yield name, form, status, evidence
            return
    for label in evidence["refuted"] if status == "refuted" else parts:
        told = evidence["parts"][label]
        yield from _leaves(_named(name, label), parts[label], told["verdict"], told)


def _of_leaf(form: Form, status: str, evidence: Evidence, seed: int) -> Iterable[Check]:
    refuted = status == "refuted"
    match form:
        case Implication(given=given, claim=claim):
            return _implication(given, claim, refuted, evidence)
        case SumOverCoordinates(given=given, term=term):
            return _implication(given, term >= 0, refuted, evidence)
        case Identity(left=left, right=right) if has_matrices(left) or has_matrices(right):
            return _matrices(left, right, refuted)
        case Identity(given=given) if refuted:
            equal = sp.Eq(form.left, form.right, evaluate=False)
            return [_point("counterexample", evidence["counterexample"], given, (equal,))]
        case Identity(given=given):
            equal = _identity(sp.sympify(form.left), sp.sympify(form.right), given, evidence)
            return [equal, *_possible(given, evidence)]
        case Exists(given=given, claim=claim):
            met = (*given, claim)
            return [_solver(evidence)] if refuted else [_point("witness", evidence["witness"], met)]
        case Published():
            return [_printed(form, refuted)]
        case Order():
            return [_refuted_order(form, seed) if refuted else _order(form)]
        case ForAll():
            return [violated(form, evidence["counterexample"])]
        case Certified():
            return [violated(form.claim, evidence["counterexample"])] if refuted else summed(form, seed)
        case Measured():
            raise Unwritable(f"a measurement is made again, with `analog-theory figure {form.experiment}`")
    raise Unwritable(f"nothing is written for {type(form).__name__}")


# Claims about numbers


def _implication(given: Sequence[sp.Basic], claim: sp.Basic, refuted: bool, evidence: Evidence) -> Iterator[Check]:
    if refuted:
        yield _point("counterexample", evidence["counterexample"], given, (claim,))
        return
    if "query" not in evidence:  # the assumptions are the values of all symbols
        yield _point("the numbers", evidence["witness"], (*given, claim))
        return
    yield _exactly_shown(given, claim) or _solver(evidence)
    yield from _possible(given, evidence)


def _exactly_shown(given: Sequence[sp.Basic], claim: sp.Basic) -> Check | None:
    """The check of a claim that two sides are equal, or of one that is an assumption rewritten."""
    if isinstance(claim, sp.Eq):
        return _exact_identity(claim.lhs, claim.rhs, given)
    strict = (sp.Lt, sp.Gt)
    for assumed in given:
        weaker = isinstance(claim, sp.Le | sp.Ge) and isinstance(assumed, sp.Le | sp.Ge | sp.Lt | sp.Gt)
        if weaker or (isinstance(claim, strict) and isinstance(assumed, strict)):
            same = _exact_identity(claim.gts - claim.lts, assumed.gts - assumed.lts, ())
            if same is not None:
                return {**same, "name": f"the claim's two sides differ as those of {python(assumed)}"}
    return None


def _possible(given: Sequence[sp.Basic], evidence: Evidence) -> Iterator[Check]:
    """That the assumptions can hold together, where there are any and the witness is made of fractions."""
    if any(condition != sp.true for condition in given) and _is_rational(evidence["witness"]):
        yield _point("the assumptions can hold", evidence["witness"], given)


def _is_rational(point: Mapping[str, str]) -> bool:
    try:
        return bool([Fraction(value) for value in point.values()] or not point)
    except ValueError:
        return False


def _point(name: str, point: Mapping[str, str], true: Sequence[sp.Basic], false: Sequence[sp.Basic] = ()) -> Check:
    """That formulas hold at a point of the symbols' domains, and others do not."""
    if not _is_rational(point):
        raise Unwritable(f"the {name} is not made of fractions")
    symbols = symbols_of((*true, *false))
    values = {python(symbol): point[symbol.name] for symbol in symbols}
    domains_met = [python(condition) for symbol in symbols for condition in domain(symbol)]
    held = list(dict.fromkeys([*domains_met, *(python(condition) for condition in true if condition != sp.true)]))
    return {"name": name, "kind": "point", "values": values, "true": held, "false": [python(c) for c in false]}


def _solver(evidence: Evidence) -> Check:
    return {"name": "no violation", "kind": "solver", "smt": whole(evidence["query"])}


def whole(query: str) -> str:
    """An SMT-LIB text as any solver takes it."""
    return f"(set-logic QF_NRA)\n{query}\n(check-sat)\n"


def _exact_identity(left: sp.Expr, right: sp.Expr, given: Sequence[sp.Basic]) -> Check | None:
    """The check that two sides are equal, where polynomial arithmetic shows it."""
    try:
        found = written((left, right, *given))
    except Unwritable:
        return None
    one, other, *conditions = found.formulas
    check = {"name": "identity", "kind": "identity", "symbols": found.symbols, "lines": found.lines}
    check |= {"given": [c for c in conditions if c != "True"], "left": one, "right": other}
    if found.opaque:
        check["stands_for"] = found.opaque
    return check if recheck.identity(check) == "" else None


def _identity(left: sp.Expr, right: sp.Expr, given: Sequence[sp.Basic], evidence: Evidence) -> Check:
    if "query" in evidence:  # SymPy did not decide, and a solver did
        return _exact_identity(left, right, given) or _solver(evidence)
    if (exact := _exact_identity(left, right, given)) is not None:
        return exact
    answer = ask((*given, sp.Ne(left, right, evaluate=False)), RLIMIT)
    if answer.result != "unsat":
        raise Unwritable("SymPy alone shows it")
    return {"name": "no difference", "kind": "solver", "smt": whole(answer.text)}


def _matrices(left: sp.Expr, right: sp.Expr, refuted: bool) -> list[Check]:
    exact = None if refuted else _exact_identity(left, right, ())
    if exact is None:
        raise Unwritable("matrices that differ" if refuted else "an inverse of a sum of matrices")
    return [exact]


def _printed(form: Published, refuted: bool) -> Check:
    computed = sp.sympify(form.computed)
    unit = f"1/(2*10**{len(form.printed.partition('.')[2])})"
    lines = [f"computed = {python(computed)}", f"printed = {python(sp.Rational(form.printed))}"]
    agree = f"abs(computed - printed) <= {unit}"
    told = {"true": [] if refuted else [agree], "false": [agree] if refuted else []}
    return {"name": "printed digits", "kind": "point", "values": {}, "lines": lines, **told}


# Orders


def _order(form: Order) -> Check:
    found = written((sp.sympify(form.error),), form.small)
    small = python(form.small)
    symbols = {small: "positive"} | found.symbols if small not in found.whole else found.symbols
    check: Check = {"name": "order", "kind": "order", "symbols": symbols, "lines": found.lines}
    check |= {"error": found.formulas[0], "small": found.whole.get(small, small), "unit": small}
    if found.opaque:
        check["stands_for"] = found.opaque
    return check | {"sense": form.sense, "order": str(form.claims)}


def _refuted_order(form: Order, seed: int) -> Check:
    """The order at parameters at which all roots are fractions: not the claimed one."""
    general = _order(form)
    small, claimed = general["small"], general["order"]
    kept = {small, *general.get("stands_for", ())}
    symbols = {name: kind for name, kind in general["symbols"].items() if name in kept}
    free = [sp.Symbol(n, **{"real": True, kind: True}) for n, kind in general["symbols"].items() if n not in kept]
    met = [python(condition) for symbol in symbols_of([form.error]) for condition in domain(symbol)]
    wrong = f"order < {claimed}" if form.sense == "O" else f"order != {claimed}"
    for at_point in points(free, TRIES, seed) if free else ({},):
        lines = [*(f"{python(symbol)} = {python(value)}" for symbol, value in at_point.items()), *general["lines"]]
        check = {**general, "name": "order at a point", "symbols": symbols, "lines": lines}
        for stated in ORDERS:
            tried = {**check, "sense": "Theta", "order": str(stated), "true": [wrong, *met]}
            if recheck.recheck({"checks": [tried]})[0].status == recheck.HOLDS:
                return tried
    raise Unwritable("no parameters at which the order is exact")


# The certificate


def certificate(verdict: Verdict) -> dict[str, Any] | None:
    """The certificate of a verdict that is proved or refuted, as JSON types; None for another."""
    if verdict.verdict not in SETTLED:
        return None
    facts = {"id": verdict.id, "source": verdict.source, "verdict": verdict.verdict, "dimension": verdict.dimension}
    relied = list(dict.fromkeys(_relied_on(verdict.evidence)))
    return {**facts, "relies_on": relied, "checks": list(verdict.checks), "lacks": list(verdict.lacks)}


def _relied_on(evidence: Evidence) -> Iterator[str]:
    """The ids of the lifting rules and premises by which a proof reaches every dimension."""
    if evidence.get("verdict", "proved") == "proved":
        yield from [evidence["lift"]] if "lift" in evidence else ()
        yield from evidence.get("premises", ())
    for part in evidence.get("parts", {}).values():
        yield from _relied_on(part)
