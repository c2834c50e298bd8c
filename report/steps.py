"""How a verdict was reached, step by step: the numbers of a counterexample, the parts of a proof, what a search saw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from ..theory.instances import shown
from ..theory.statement import (
    Certified,
    ForAll,
    Form,
    Identity,
    Implication,
    Measured,
    MeasuredOrder,
    Order,
    Same,
    SumOverCoordinates,
    has_matrices,
)
from .formulas import Point, broken, meaning, pieces, point_of, readable, value, with_numbers, worked_out, written

Evidence = Mapping[str, Any]
Lines = list[str]
LONG = 200  # letters; a formula beyond that is not printed a second time with numbers


def steps(form: Form, record: Evidence) -> Iterator[tuple[str, str, Lines]]:
    """The parts of a claim: name, verdict, and the lines that tell how it was reached."""
    for name, part, found in pieces(form, record["evidence"]):
        verdict = str(found.get("verdict", record["verdict"]))
        told = {"method": record["method"], "dimension": record["dimension"], **found}
        yield name, verdict, _TELL[verdict](part, told)


def _refuted(form: Form, found: Evidence) -> Lines:
    match form:
        case ForAll():
            return instance_lines(form, found)
        case Certified():
            return instance_lines(form.claim, found)
        case Order():
            return _order_fails(form, found)
        case Identity() | Implication() | SumOverCoordinates() if "counterexample" in found:
            return _point_lines(form, found)
    if "printed" in found:
        return [_printed(found), f"That is more than half a unit of the last printed digit, {found['half_unit']}."]
    if "obstruction" in found:
        return [f"{found['method']} shows that {found['obstruction']}.", *_second(found)]
    return [f"By {found['method']}.", *_rest(found)]


def _point_lines(form: Identity | Implication | SumOverCoordinates, found: Evidence) -> Lines:
    """A counterexample of numbers: chosen, checked against the assumptions, put into both sides."""
    if isinstance(form, Identity) and has_matrices(form.left):
        taken = f"Take {_listed(found['counterexample'])}."
        return [taken, f"The left side is {found['left']}, the right side {found['right']}. The claim fails."]
    point, claim = point_of(form, found["counterexample"]), claim_of(form)
    lines = [f"Take {_listed(found['counterexample'])}."]
    given = [condition for condition in form.given if condition.args and not _is_setting(condition)]
    if given:
        lines.append("All that is assumed holds there:")
        lines += [f"  {written(condition)}:  {_checked(condition, point)}" for condition in given]
    relation = broken(claim, point)
    if relation is None:
        return [*lines, f"There the claim, {written(claim)}, is false."]
    if relation != claim:
        lines.append(f"Of the claim this part fails: {written(relation)}.")
    return [*lines, *_both_sides(relation, point)]


def _is_setting(condition: sp.Basic) -> bool:
    """Whether a condition only gives a symbol its number, which is then taken anyway."""
    return isinstance(condition, sp.Eq) and condition.lhs.is_Symbol and condition.rhs.is_number


def claim_of(form: Identity | Implication | SumOverCoordinates) -> sp.Basic:
    """What a form of formulas claims, as one relation or condition."""
    if isinstance(form, Identity):
        return sp.Eq(form.left, form.right, evaluate=False)
    return form.term >= 0 if isinstance(form, SumOverCoordinates) else form.claim


def _both_sides(relation: Any, point: Point) -> Lines:
    first = dict.fromkeys((*worked_out(relation.lhs, point), *worked_out(relation.rhs, point)))
    lines = ["First what is inside:", *(f"  {line}" for line in first)] if first else []
    sides = [("left", relation.lhs, value(relation.lhs, point)), ("right", relation.rhs, value(relation.rhs, point))]
    lines += [f"The {name} side is {_evaluated(side, result, point)}." for name, side, result in sides]
    (_, _, left), (_, _, right) = sides
    return [*lines, f"So the claim asks for {left} {_sign(relation)} {right}. It fails."]


def _evaluated(side: sp.Basic, result: str, point: Point) -> str:
    """A side as formula, with its numbers, and worked out; what says nothing new is left out."""
    formula, numbers = written(side), with_numbers(side, point)
    told = (formula, numbers) if len(numbers) <= LONG else (formula,)
    return " = ".join(dict.fromkeys((*told, result)))


def _checked(condition: sp.Basic, point: Point) -> str:
    """A condition with its two sides worked out, or what it comes to where it is no relation."""
    if isinstance(condition, sp.core.relational.Relational):
        return f"{value(condition.lhs, point)} {_sign(condition)} {value(condition.rhs, point)}"
    return value(condition, point)


def _sign(relation: Any) -> str:
    return "=" if relation.rel_op == "==" else str(relation.rel_op)


def instance_lines(form: ForAll, found: Evidence) -> Lines:
    """A counterexample of whole objects: what each assumption has chosen and what it builds from that."""
    values = found["counterexample"]
    lines = [f"Take this instance of dimension {found['dimension']}, in exact numbers. Every assumption holds of it:"]
    exact = {f.name: _exact(values[f.name]) for assumption in form.domain for f in assumption.fields}
    for assumption in form.domain:
        lines.append(f"  {assumption.name}")
        if assumption.fields:
            lines.append(f"    chosen: {_listed({field.name: values[field.name] for field in assumption.fields})}")
        if built := assumption.build(exact) if assumption.build else {}:
            lines.append(f"    so that {_listed({name: shown(value) for name, value in built.items()})}")
        exact |= built
    return [*lines, *_worked_out(form.slack(exact), found)]


def _worked_out(result: Any, found: Evidence) -> Lines:
    if "left" not in found:
        return [f"The slack, which should be >= 0, is {found['slack']}. The claim fails."]
    sides = f"Worked out there, the left side of the claim is {found['left']}, the right side {found['right']}."
    if isinstance(result, Same):
        return [sides, "They should be equal. The claim fails."]
    return [sides, f"Right minus left should be >= 0 and is {found['slack']}. The claim fails."]


def _exact(told: Any) -> Any:
    """Numbers of evidence as they were: fractions, in arrays where there are several."""
    return np.array([_exact(entry) for entry in told], dtype=object) if isinstance(told, list) else Fraction(told)


def _order_fails(form: Order, found: Evidence) -> Lines:
    small, at = form.small.name, dict(found["counterexample"])
    leading = readable(at.pop("leading_term", ""))
    lines = [f"The error is {written(form.error)}; claimed is that it is {readable(found['claimed'])} as {small} -> 0."]
    if "vanishing" in found:
        lines.append(f"Its leading term hangs on {readable(found['vanishing'])}, which can be 0.")
    there = f"At {_listed(at)} its" if at else "Its"
    lines.append(f"{there} leading term is {leading or 0}, which is not of that order. The claim fails.")
    return [*lines, *_second(found)]


def _proved(form: Form, found: Evidence) -> Lines:
    if isinstance(form, Certified):
        return certificate_lines(form, found)
    if "printed" in found:
        return [_printed(found), f"That is within half a unit of the last printed digit, {found['half_unit']}."]
    if "conditions" in found:
        met = [f"  {readable(condition)}: {told.lower()}" for condition, told in found["conditions"].items()]
        return [f"Take {_listed(found['witness'])}: then", *met]
    return [_method(form, found), *_distrust(found), *_lifted(found)]


def _method(form: Form, found: Evidence) -> str:
    method = str(found["method"]).partition(", lifted")[0]
    if isinstance(form, Order):
        coefficient, order = (readable(found[key]) for key in ("leading_coefficient", "order"))
        leads = "it vanishes" if order == "oo" else f"it is led by ({coefficient})*{form.small.name}^{order}"
        claimed = readable(found["claimed"])
        return f"Proof: in {form.small.name} the error is a series ({method}); {leads}, claimed is {claimed}."
    if method.startswith("SymPy"):
        return f"Proof: the difference of the two sides comes to 0 ({method})."
    if "query" in found:
        return f"Proof: no real numbers meet all that is assumed and break the claim ({method})."
    return f"Proof: by {method}."


def _distrust(found: Evidence) -> Lines:
    """What a proof was put to, so that it does not have to be trusted."""
    lines = []
    if witness := found.get("witness"):
        lines.append(f"Not empty: all is defined, and all that is assumed holds, at {_listed(witness)}.")
    lines += _planted(found.get("planted") or {})
    if edges := found.get("boundary", {}).get("edges"):
        lines.append(f"Tried at the edges too: {'; '.join(map(readable, edges))}.")
    return [*lines, *_second(found)]


def _planted(planted: Evidence) -> Lines:
    """The false neighbour of the claim that the same method refutes."""
    if "refuted_by" in planted:
        return [f"Not blind: {readable(planted['variant'])} the same method refutes, by {planted['refuted_by']}."]
    if "counterexample" not in planted:
        return [f"Not blind: {readable(str(told))}." for told in planted.values()][:1]
    at = _listed(planted["counterexample"])
    if planted["variant"] == "none informative":
        return [f"Perhaps blind: no neighbour of the claim is false; its denial the same method refutes, at {at}."]
    claim = f", {readable(planted['claim'])}," if "claim" in planted else ""
    return [f"Not blind: a false neighbour{claim} ({planted['variant']}) the same method refutes, at {at}."]


def _second(found: Evidence) -> Lines:
    second = found.get("second_method")
    if not second:
        return []
    if tried := second.get("points") or second.get("instances"):
        return [f"Checked again: both sides are equal at {tried} {second['method']}."]
    if "agrees" in second:
        at = f" at {_listed(second['at'])}" if second["at"] else ""
        verb = "follow" if second["agrees"] else "do not follow"
        return [f"Checked again: the error's values, to {second['method']}{at}, {verb} the leading term."]
    return [f"Checked again: {second['method']} ({second['result']})."]


def _lifted(found: Evidence) -> Lines:
    rule = str(found.get("lift", ""))
    if not rule:
        return []
    if rule.startswith("lib-"):
        return [f"Dimensions: shown for one coordinate; {rule} takes it to every D."]
    return [f"Dimensions: {rule}."]


def certificate_lines(form: Certified, found: Evidence) -> Lines:
    """A proof of a claim about whole objects: its slack as a sum of what is never negative."""
    equal = any(str(proof.get("claim", "")).endswith(" = 0") for proof in found.get("terms", {}).values())
    what = "right minus left, which should be >= 0" if not equal else "one side minus the other, which should be 0"
    lines = [f"The proof: {what}, is a sum, and every part of it is {'0' if equal else 'never negative'}."]
    for (name, proof), term in zip(found.get("terms", {}).items(), form.terms, strict=False):
        given = ", ".join(written(condition) for condition in term.given if condition != sp.true)
        sign = "= 0" if equal else ">= 0"
        lines.append(f"  {name}, summed over samples and coordinates: {written(term.formula)} {sign}")
        lines += [f"    where {given}"] if given else []
        lines += [f"    {line}" for line in (_method(form, proof), *_distrust(proof))] if "method" in proof else []
    summed = found.get("sum", {})
    read = summed.get("read", ())
    lines += [
        f"  {id}: the slack of that statement ({verdict}), {'as it is read' if id in read else 'as it is stated'}"
        for id, verdict in found.get("premises", {}).items()
    ]
    sizes = f" of sizes {'; '.join(summed['sizes'])}" if summed.get("sizes") else ""
    count = summed.get("exact_instances", 0)
    return [
        *lines,
        *(["`As it is read`: no exact instance shows that it is what the statement claims."] if read else []),
        f"That these add up to it was checked in exact numbers, at {count} instances{sizes}.",
        *_searched(found),
    ]


def _supported(form: Form, found: Evidence) -> Lines:
    if isinstance(form, MeasuredOrder):
        low, high = found["interval"]
        return [
            f"{readable(form.says)}: no series is at hand, so the order was measured, which proves nothing.",
            f"Over {found['instances']} instances the slope is {found['slope']} ({found['confidence']} interval "
            f"{low} to {high}); claimed is {readable(found['claimed'])}.",
        ]
    if isinstance(form, Measured):
        return [f"{readable(one['claim'])}: {one['evidence']}." for one in found["findings"]]
    if "tightest" in found:
        doubt = found.get("certificate")
        lacking = [f"Its certificate is not enough for a proof: {doubt}."] if doubt else []
        return [*_searched(found), *lacking, "A search that finds nothing is no proof."]
    if "points" in found:
        return [f"It holds at {found['points']} exact points that were tried. No proof: {found['prover']}."]
    return [_method(form, found), *_distrust(found), *_lifted(found)]


def _searched(found: Evidence) -> Lines:
    if "dimensions" not in found:
        return []
    stages = ", ".join(f"{number} {stage}" for stage, number in found["instances"].items())
    dimensions = ", ".join(map(str, found["dimensions"]))
    return [
        f"Counterexamples were searched for among {sum(found['instances'].values())} instances ({stages}), of "
        f"dimension {dimensions}: none. The least slack seen, relative to both sides, is {found['tightest']}."
    ]


def _unsettled(_: Form, found: Evidence) -> Lines:
    why = str(found.get("why", "neither a proof nor a counterexample was found"))
    return [f"{why[0].upper()}{why[1:]}."]


_TELL = {"refuted": _refuted, "proved": _proved, "supported": _supported, "unsettled": _unsettled}


def _printed(found: Evidence) -> str:
    unit = "" if found["unit"] == "1" else f" {found['unit']}"
    return (
        f"Computed: {found['computed']}{unit}; printed: {found['printed']}{unit}; they differ by {found['difference']}."
    )


def _listed(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {_number(value)}" for name, value in values.items()) or "any numbers"


def _number(value: Any) -> str:
    return f"[{', '.join(map(_number, value))}]" if isinstance(value, list | tuple) else readable(str(value))


def _rest(found: Evidence) -> Lines:
    return [f"{name}: {told}" for name, told in found.items() if isinstance(told, str) and len(told) <= LONG]


def letters(symbols: Sequence[sp.Symbol]) -> Lines:
    """What each symbol stands for."""
    return [f"{symbol.name}: {meaning(symbol)}" for symbol in symbols]
