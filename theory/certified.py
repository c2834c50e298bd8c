"""Claims over whole instances that carry their proof: the slack is a sum of terms, each proved >= 0 by a solver.

What a term is >= 0 for, all real values, does not know how many coordinates or samples there are. That the terms and
the premises add up to the slack is checked exactly, at instances of every size that the search goes through; so are
the assumptions under which a term was proved, and that no part of the sum could be left out.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.relational import Relational

from .compile import exact_function
from .exact import text
from .falsify import corners, floats, ladder, search
from .identity import identity
from .implication import implication
from .instances import Arena, admitted, has_dimension, sizes_of
from .outcome import Budget, Outcome
from .smt import domain, symbols_of
from .statement import Certified, ForAll, Instance, Premise, Same, Term, difference

INSTANCES = 6  # exact instances of each size
TRIES = 60  # draws for them
SHARE = 4  # of a search's instances, in its two plain stages: they guard a certificate; without one all are searched
Claims = tuple[ForAll, ...]
_COMPARE = {sp.Lt: operator.lt, sp.Le: operator.le, sp.Gt: operator.gt, sp.Ge: operator.ge, sp.Eq: operator.eq}


def certified(
    form: Certified, budget: Budget, status: Callable[[str], str], claims: Callable[[str], Claims] = lambda _: ()
) -> Outcome:
    """Refuted by the search, proved by the certificate, or supported with what the certificate lacks.

    `status` tells the verdict of a premise by its id, `claims` what it claims over instances.
    """
    guard = search(form.claim, replace(budget, instances=budget.instances // SHARE), (corners, floats))
    if guard.status == "refuted":
        return guard
    proofs = {f"term {i}": _proof(term, form.claim, budget) for i, term in enumerate(form.terms, 1)}
    premises = {premise.id: status(premise.id) for premise in form.premises}
    summed = _sum(form, budget, {premise.id: claims(premise.id) for premise in form.premises})
    doubt = _doubt(proofs, premises, summed)
    shown: dict[str, Any] = {
        "sum": summed.told(),
        "premises": premises,
        "terms": {name: {"verdict": o.status, "method": o.method, **o.evidence} for name, o in proofs.items()},
    }
    if doubt is not None or guard.status != "supported":
        found = search(form.claim, budget)
        return found.with_evidence(**shown, certificate=doubt) if found.status == "supported" else found
    methods = "; ".join(dict.fromkeys(outcome.method for outcome in proofs.values()))
    method = f"{methods}, term by term" if methods else "sum of its premises"
    return Outcome("proved", method, {**guard.evidence, **shown}, _dimension(form.claim))


def _dimension(claim: ForAll) -> str:
    """Every D, unless the sum was seen for vectors of one coordinate alone, where sums, maxima and minima are one."""
    return "1" if has_dimension(claim) and set(claim.dimensions) == {1} else "every D"


def _proof(term: Term, claim: ForAll, budget: Budget) -> Outcome:
    """That a term is >= 0, or 0 where the claim is an equality."""
    if is_equality(claim):
        return identity(term.formula, sp.S.Zero, term.given, budget)
    return implication(term.given, term.formula >= 0, budget)


def is_equality(claim: ForAll) -> bool:
    """Whether a claim is that two values are the same."""
    _, arena, vector = next(sampled(claim, 0))
    return isinstance(claim.slack(arena.instance(vector)), Same)


@dataclass(frozen=True)
class _Sum:
    """What exact instances say of a sum: how many, of which sizes, and the first thing that is wrong.

    read: the premises whose slack is not seen there to be what their statement claims.
    """

    instances: int
    sizes: tuple[str, ...]
    wrong: str | None
    read: tuple[str, ...] = ()

    def told(self) -> dict[str, Any]:
        told = {"exact_instances": self.instances, "sizes": list(self.sizes)}
        return told | ({"read": list(self.read)} if self.read else {})


def _doubt(proofs: Mapping[str, Outcome], premises: Mapping[str, str], summed: _Sum) -> str | None:
    for name, outcome in proofs.items():
        if outcome.status != "proved":
            return f"{name} is {outcome.status}"
    for id, verdict in premises.items():
        if verdict != "proved":
            return f"its premise {id} is {verdict}"
    return summed.wrong


def sampled(claim: ForAll, seed: int) -> Iterator[tuple[str, Arena, tuple[Fraction, ...]]]:
    """Exact instances of short fractions, some of every size: as vectors, with the arena that shapes them."""
    for sizes in sizes_of(claim):
        arena = Arena(claim, sizes)
        rng = np.random.default_rng([seed, *sizes.values()])
        steps = [ladder(low, high) for low, high in arena.bounds]
        draws = (tuple(s[int(rng.integers(len(s)))] for s in steps) for _ in range(TRIES))
        met = (vector for vector in draws if arena.admits(vector))
        name = f"D = {sizes['D']}" + (f", atoms = {sizes['K']}" if sizes["K"] > 1 else "")
        yield from ((name, arena, vector) for vector, _ in zip(met, range(INSTANCES), strict=False))


def _sum(form: Certified, budget: Budget, claims: Mapping[str, Claims]) -> _Sum:
    """Whether slack = sum of the parts at every exact instance, each part >= 0 and somewhere not 0."""
    seen, sizes, used = 0, dict[str, None](), set[str]()
    sources = {premise: _sources(claims[premise.id]) for premise in form.premises}
    for size, arena, vector in sampled(form.claim, budget.seed):
        parts = parts_at(form, instance := arena.instance(vector))
        wrong = wrong_at(form, instance, parts)
        if wrong is not None:
            return _Sum(seen, tuple(sizes), f"{wrong} at an instance of {size}")
        seen, used = seen + 1, used | {name for name, value in parts.items() if value != 0}
        sizes[size] = None
        sources = {p: [source for source in left if _is(source, p, instance)] for p, left in sources.items()}
    if seen == 0:
        return _Sum(0, (), "no exact instance was found")
    idle = [name for name in parts if name not in used]
    lost = f"{idle[0]} is 0 at every instance" if idle and not is_equality(form.claim) else None
    return _Sum(seen, tuple(sizes), lost, tuple(premise.id for premise, left in sources.items() if not left))


def _sources(claims: Claims) -> list[Claims]:
    """What a premise may be the slack of: a claim of a statement, two lines of a chain, or all of them together."""
    alone = [(claim,) for claim in claims]
    return [*alone, *pairwise(claims), *([claims] if len(claims) > 2 else [])]


def _is(source: Claims, premise: Premise, instance: Instance) -> bool:
    """Whether the premise's instances are in the domain of the claims, whose slacks there add up to the premise's."""
    try:
        return all(
            weight >= 0
            and all(admitted(claim.domain, there) for claim in source)
            and sum(difference(claim.slack(there)) for claim in source) == premise.slack(there)
            for weight, there in premise.at(instance)
        )
    except (KeyError, IndexError, TypeError, ValueError, ZeroDivisionError):  # an instance of another kind
        return False


def parts_at(form: Certified, instance: Instance) -> dict[str, Any]:
    """The values of the terms and the premises at an instance, by name."""
    terms = {f"term {i}": _summed(term, instance) for i, term in enumerate(form.terms, 1)}
    return terms | {premise.id: premise.value(instance) for premise in form.premises}


def wrong_at(form: Certified, instance: Instance, parts: Mapping[str, Any]) -> str | None:
    """What is wrong with the parts of a claim's slack at an exact instance, if anything."""
    slack = difference(form.claim.slack(instance))
    if any(isinstance(value, float | np.floating) for value in (slack, *parts.values())):
        return "a part is not exact"
    if sum(parts.values(), Fraction(0)) != slack:
        return "the parts do not add up to the slack"
    negative = [name for name, value in parts.items() if value < 0]
    if negative:
        return f"{negative[0]} is negative"
    assumed = ((condition, term) for term in form.terms for condition in _conditions(term))
    return next(
        (f"{text(condition)} fails" for condition, term in assumed if not _met(condition, term, instance)), None
    )


def _summed(term: Term, instance: Instance) -> Any:
    symbols = symbols_of([term.formula])
    if not symbols:
        return Fraction(int(term.formula.p), int(term.formula.q))
    return _values(term.formula, symbols, term.at(instance)).sum()


def _values(formula: sp.Expr, symbols: list[sp.Symbol], values: Mapping[str, Any]) -> np.ndarray:
    """The formula at every index of the values that its symbols stand for."""
    if missing := [s.name for s in symbols if s.name not in values]:
        raise ValueError(f"at={sorted(values)}: must give a value to {missing[0]}")
    columns = np.broadcast_arrays(*(np.atleast_1d(np.asarray(values[s.name], dtype=object)) for s in symbols))
    (found,) = exact_function(tuple(symbols), (formula,))(*columns)
    return np.asarray(found)


def _conditions(term: Term) -> tuple[sp.Basic, ...]:
    """What a term assumes, and the domains of its symbols."""
    return (*term.given, *(c for symbol in symbols_of([term.formula, *term.given]) for c in domain(symbol)))


def _met(condition: sp.Basic, term: Term, instance: Instance) -> bool:
    if isinstance(condition, sp.And):
        return all(_met(part, term, instance) for part in condition.args)
    if condition in (sp.true, sp.false):
        return bool(condition)
    if not isinstance(condition, Relational):
        raise ValueError(f"given={text(condition)}: must be relations, joined by And, for a term of a certificate")
    gap = condition.lhs - condition.rhs
    values = _values(gap, symbols_of([gap]), term.at(instance))
    if isinstance(condition, sp.Ne):
        return bool(np.all(values != 0))
    return bool(np.all(_COMPARE[type(condition)](values, 0)))
