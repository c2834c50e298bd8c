"""What the pictures of statements show, from records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import sympy as sp

from ..experiments.slices import Approach, Slice, along_instances, along_lines, approach, measured_approach
from ..figures.explained import Around
from ..figures.statements import Graph, Node
from ..theory.statement import Certified, ForAll, Form, Identity, Implication, MeasuredOrder, Order, SumOverCoordinates
from .catalogue import Catalogue
from .findings import Records, network_of
from .formulas import broken, pieces, point_of, written
from .network import Network
from .records import Record, is_own, is_result, listed, waits
from .steps import claim_of

Panel = Slice | Approach
SHORT = 34  # letters of a formula that is printed in a picture
LETTERS = 2  # a proved claim with more of them is not shown along a line: it would be one of too many
SHOWN = 14  # statements of a column


def graph_of(catalogue: Catalogue, records: Records) -> Graph:
    """The settled statements of the paper and their amendments, with the chain of one refuted lemma to the results."""
    network, sections = network_of(catalogue, records), catalogue.sections()
    shown = [id for id in network.uses if id in records and not id.startswith("lib-")]
    nodes = tuple(Node(id, sections[id], sign(records[id]), records[id]["amends"]) for id in shown)
    edges = tuple((used, user) for used, user in network.edges if used in shown and user in shown)
    start = _start(network, records)
    ends = [id for id in network.reaches(start) if is_result(id)] if start else []
    chain = tuple(dict.fromkeys(edge for end in ends for edge in network.chain(start, end)))
    return Graph(nodes, edges, chain, _title(records, start, ends))


def sign(record: Record | None) -> str:
    """The sign under which a statement is drawn."""
    if record is None:
        return "not settled yet"
    return "waiting" if waits(record) else str(record["verdict"])


def _start(network: Network, records: Records) -> str:
    """The refuted statement that reaches most theorems, and then most statements; a lemma where one reaches any."""
    refuted = [id for id in network.uses if id in records and records[id]["verdict"] == "refuted"]
    reached = {id: network.reaches(id) for id in refuted if not is_own(records[id])}
    weight = {id: (sum(map(is_result, users)), len(users)) for id, users in reached.items()}
    leading = [id for id, (results, _) in weight.items() if results and id.startswith("lemma-")]
    return max(leading or [id for id, (results, _) in weight.items() if results], key=weight.__getitem__, default="")


def _title(records: Records, start: str, ends: list[str]) -> str:
    paper = [record for record in records.values() if "verdict" in record and not is_own(record)]
    refuted = sum(record["verdict"] == "refuted" for record in paper)
    chain = f"; the chain from {start} leads to {listed(ends)}" if start else ""
    return f"{refuted} of {len(paper)} statements are refuted{chain}"


def panels(form: Form, record: Record, seed: int) -> list[Panel]:
    """The claim along a line: of the part that fails, or else of the first part for which a line tells something."""
    every = [(part, found) for _, part, found in pieces(form, record["evidence"])]
    failing = [(part, found) for part, found in every if found.get("verdict", record["verdict"]) == "refuted"]
    return next((made for part, found in failing or every if (made := list(_panels(part, found, seed)))), [])


def _panels(form: Form, found: Mapping[str, Any], seed: int) -> Iterator[Panel]:
    match form:
        case MeasuredOrder():
            yield measured_approach(form, seed)
        case Order():
            yield from _series(form, found)
        case ForAll() | Certified() if "counterexample" in found:
            claim = form.claim if isinstance(form, Certified) else form
            yield from along_instances(claim, found["counterexample"])
        case Identity() | Implication() | SumOverCoordinates():
            yield from _formulas(form, found)


def _series(form: Order, found: Mapping[str, Any]) -> Iterator[Panel]:
    at = found.get("counterexample", found.get("witness", {}))
    made = approach(form, point_of(form, {name: value for name, value in at.items() if name != "leading_term"}))
    if made is not None:
        yield made


def _formulas(form: Identity | Implication | SumOverCoordinates, found: Mapping[str, Any]) -> Iterator[Panel]:
    claim, at = claim_of(form), found.get("counterexample", found.get("witness"))
    if not at or any("Matrix" in str(value) for value in at.values()):
        return
    point = point_of(form, at)
    relation = broken(claim, point)
    # two sides that are proved equal are one curve, which says nothing
    few = len(set(point) & claim.free_symbols) <= LETTERS and not isinstance(relation, sp.Eq)
    if isinstance(relation, sp.core.relational.Relational) and ("counterexample" in found or few):
        for made in along_lines(relation, form.given, point):
            yield _in_words(made, relation)


def _in_words(made: Slice, relation: Any) -> Slice:
    """A slice with its formulas where they are short."""
    left, right, claim = written(relation.lhs), written(relation.rhs), written(relation)
    words = (left if len(left) <= SHORT else "left side", right if len(right) <= SHORT else "right side")
    return replace(made, words=words, claim=claim if len(claim) <= SHORT else "")


def around(id: str, records: Records, network: Network) -> Around | None:
    """The statements around one; None where it uses none, none uses it, and none amends it."""
    reached = network.reaches(id)
    uses = [used for used in network.uses.get(id, ()) if used in network.uses]
    users = [user for user, far in reached.items() if far == 1]
    ends = [user for user, far in reached.items() if far > 1 and is_result(user)]
    amended = records[id]["amended_by"] if id in records else ()
    if not (uses or users or amended):
        return None
    first, second, third = (_signed(ids[:SHOWN], records) for ids in (uses, users, ends))
    more = (len(uses) - len(first), len(users) - len(second), len(ends) - len(third))
    leads = tuple((user, end) for user in users[:SHOWN] for end in ends[:SHOWN] if end in network.reaches(user))
    return Around(_signed([id, *amended], records), first, second, third, more, leads)


def _signed(ids: Sequence[str], records: Records) -> tuple[tuple[str, str], ...]:
    return tuple((id, sign(records.get(id))) for id in ids)
