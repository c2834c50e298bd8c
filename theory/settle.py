"""settle(statement, budget, registry) -> Verdict: which method decides which form, and what a verdict must carry.

Pure: the same statement, budget and registry give the same verdict, to the byte.
"""

from __future__ import annotations

import sympy as sp

from . import falsify, orders, prove
from .certificate import checks
from .certified import certified
from .lifting import misfit
from .observed import unseen
from .outcome import Budget, Outcome, together
from .registry import Registry
from .statement import (
    All,
    Certified,
    Exists,
    ForAll,
    Form,
    Identity,
    Implication,
    Measured,
    MeasuredOrder,
    Order,
    Pending,
    Published,
    Statement,
    SumOverCoordinates,
    Verdict,
    claims_of,
    named_in,
)

EMPTY = Registry()


def settle(statement: Statement, budget: Budget | None = None, registry: Registry = EMPTY) -> Verdict:
    """What the machine finds about a statement; lifting rules and what it `uses` are looked up in the registry."""
    budget = budget or Budget.default()
    known = statement.id in registry and registry.build(statement.id) is statement
    outcome = decided(statement.id, budget, registry) if known else decide(statement.form, budget, registry)
    found = checks(statement.form, outcome, budget.seed)
    return Verdict(
        id=statement.id,
        source=statement.source,
        verdict=outcome.status,
        method=outcome.method,
        evidence={**outcome.evidence, **found.told()},
        dimension=outcome.dimension,
        amended_by=registry.amendments(statement.id),
        rests_on=tuple(id for id in _used(statement, registry) if decided(id, budget, registry).status == "refuted"),
        checks=found.made,
        lacks=found.lacks,
    )


def _used(statement: Statement, registry: Registry) -> list[str]:
    """The ids of all statements that the proof uses, through the proofs of those, in the registry's order."""
    found = set(registry.reach(statement.uses)) - {statement.id}
    return [id for id in registry if id in found]


def remember(id: str, outcome: Outcome, budget: Budget, registry: Registry) -> None:
    """Take an outcome that was worked out earlier for the registry's statement of that id."""
    registry.memo[id, budget] = outcome


def is_decided(id: str, budget: Budget, registry: Registry) -> bool:
    """Whether the outcome for the registry's statement of that id is known already."""
    return (id, budget) in registry.memo


def decided(id: str, budget: Budget, registry: Registry) -> Outcome:
    """The outcome of the registry's statement of that id, worked out once."""
    if (id, budget) not in registry.memo:
        registry.memo[id, budget] = decide(registry.build(id).form, budget, registry)
    outcome: Outcome = registry.memo[id, budget]
    return outcome


def decide(form: Form, budget: Budget, registry: Registry) -> Outcome:
    """The outcome for one logical form. Raises TypeError for what is not a form."""
    match form:
        case All():
            return together({name: decide(part, budget, registry) for name, part in form.parts})
        case Identity():
            return lifted(prove.identity(form.left, form.right, form.given, budget), form, budget, registry)
        case Implication():
            return lifted(prove.implication(form.given, form.claim, budget), form, budget, registry)
        case SumOverCoordinates():
            coordinate = prove.implication(form.given, form.term >= 0, budget)
            coordinate = coordinate.with_evidence(shared=[symbol.name for symbol in form.shared])
            return lifted(coordinate, form, budget, registry)
        case Exists():
            return prove.existence(form.given, form.claim, budget)
        case Order():
            return orders.order(form, budget)
        case MeasuredOrder():
            return orders.measured(form, budget)
        case ForAll():
            return falsify.search(form, budget)
        case Certified():
            return certified(
                form,
                budget,
                lambda id: decided(id, budget, registry).status,
                lambda id: claims_of(registry.build(id).form),
            )
        case Measured():
            return unseen(form)
        case Pending():
            return Outcome("unsettled", "none yet", {"why": f"waits for {form.part}, which this version does not have"})
        case Published():
            return prove.agreement(sp.sympify(form.computed), form.printed, form.unit)
    raise TypeError(f"form={form!r}: must be one of the forms of theory.statement")


def lifted(
    outcome: Outcome, form: Identity | Implication | SumOverCoordinates, budget: Budget, registry: Registry
) -> Outcome:
    """From one coordinate to every dimension, where the claim has the shape that the rule takes and the rule is proved.

    A counterexample in one coordinate refutes the claim about vectors, for they may have one coordinate only.
    """
    if form.lift is None or outcome.status in ("unsettled", "refuted"):
        return outcome
    doubt = misfit(form) or _unproved(form.lift, budget, registry)
    if outcome.status == "proved" and doubt is None:
        method = f"{outcome.method}, lifted by {form.lift}"
        return Outcome("proved", method, {**outcome.evidence, "lift": form.lift}, "every D")
    why = f"{outcome.status} for D = 1" + (f"; {doubt}" if doubt else "")
    return Outcome("supported", outcome.method, {**outcome.evidence, "lift": why}, "1")


def _unproved(rule: str, budget: Budget, registry: Registry) -> str | None:
    """What keeps a rule from being used, if anything. A rule that is lifted itself would have to be proved first."""
    if rule in registry and not named_in(registry.build(rule).form):
        proved = decided(rule, budget, registry).status == "proved"
        return None if proved else f"the lifting rule {rule} is not a proved statement"
    return f"the lifting rule {rule} is not a proved statement that stands by itself"
