"""What the pictures of statements show, from records."""

from __future__ import annotations

from ..figures.statements import Graph, Node
from .catalogue import Catalogue
from .findings import Records, network_of
from .network import Network
from .records import Record, is_own, is_result, listed, waits


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
