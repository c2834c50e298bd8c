"""What the report says first: verdicts by section, what is refuted and how far it reaches, what theorems rest on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .catalogue import OWN_RULES, Catalogue
from .network import Network
from .records import VERDICTS, Record, best, is_own, is_result, standing, waits

Records = Mapping[str, Record]
AMENDMENTS = "Amendments"


def network_of(catalogue: Catalogue, records: Records) -> Network:
    """What uses what, among all that is stated, in the paper's order."""
    return Network.of(catalogue.in_order(), catalogue.registry, records)


def counts(catalogue: Catalogue, records: Records) -> dict[str, Any]:
    """How many of the paper's ids have a verdict due, are settled or wait, and for what; each id is counted once."""
    index = {row["id"]: row for row in catalogue.index()}
    due = [id for id, row in index.items() if row["needs_verdict"] == "yes"]
    stated = catalogue.registered()
    parts = Counter(part for id in due if (part := waits(records.get(stated.get(id, ""), _NOTHING))))
    return {
        "ids": len(index),
        "due": len(due),
        "settled": sum(id in stated for id in due) - parts.total(),
        "waiting": sorted(parts.items()),
        "beyond": sum(id in stated for id in index if id not in due),
        "missing": [id for id in due if id not in stated],
    }


_NOTHING: Record = {"verdict": "", "waits_for": ""}


def by_section(catalogue: Catalogue, records: Records) -> list[tuple[str, Counter[str]]]:
    """For each section the numbers of its statements' verdicts; then those of all, of amendments, and of our rules."""
    sections = catalogue.sections()
    rows: dict[str, Counter[str]] = {name: Counter() for name in sections.values() if name != OWN_RULES}
    ours: dict[str, Counter[str]] = {AMENDMENTS: Counter(), OWN_RULES: Counter()}
    for id, section in sections.items():
        if id in records:
            own = AMENDMENTS if records[id]["amends"] is not None else section
            row = ours[own] if is_own(records[id]) else rows[section]
            row["waiting" if waits(records[id]) else records[id]["verdict"]] += 1
    total = sum(rows.values(), Counter())
    return [*rows.items(), ("The paper", total), *((name, row) for name, row in ours.items() if row)]


def findings(catalogue: Catalogue, records: Records) -> list[dict[str, Any]]:
    """The paper's refuted statements, those that most of its statements rest on first."""
    network = network_of(catalogue, records)
    refuted = [id for id in network.uses if _is_refuted_of_the_paper(id, records)]
    return sorted((_finding(id, network, records) for id in refuted), key=lambda finding: -finding["count"])


def _is_refuted_of_the_paper(id: str, records: Records) -> bool:
    return id in records and records[id]["verdict"] == "refuted" and not is_own(records[id])


def _finding(id: str, network: Network, records: Records) -> dict[str, Any]:
    reached = [user for user in network.reaches(id) if user in records and not is_own(records[user])]
    amendments = _amendments(records[id], records)
    named = [user for user in reached if is_result(user)] + [user for user in reached if user.startswith("lemma-")]
    return {
        "record": records[id],
        "count": len(reached),
        "named": named,
        "others": len(reached) - len(named),
        "amendment": best(amendments),
        "further": [one for one in amendments if one is not best(amendments)],
    }


def _amendments(record: Record, records: Records) -> list[Record]:
    return [records[id] for id in record["amended_by"] if id in records]


def results(catalogue: Catalogue, records: Records) -> list[dict[str, Any]]:
    """The theorems and corollaries, each with its amendments and what both rest on."""
    network = network_of(catalogue, records)
    return [
        {
            "record": records[id],
            "rests": rests(id, network, records),
            "amendments": [
                {"record": one, "rests": rests(one["id"], network, records)}
                for one in _amendments(records[id], records)
            ],
        }
        for id in network.uses
        if is_result(id) and id in records
    ]


def rests(id: str, network: Network, records: Records) -> dict[str, Any]:
    """What a proof uses, through the proofs of that: how many by standing, and which are refuted."""
    used = [records[one] for one in network.rests(id) if one in records]
    standings = Counter(standing(record) for record in used)
    return {
        "count": len(used),
        "standings": [(name, standings[name]) for name in _by_strength(standings)],
        "refuted": [record["id"] for record in used if record["verdict"] == "refuted"],
        "directly": [used for used in network.uses[id] if used in records],
    }


def _by_strength(standings: Iterable[str]) -> list[str]:
    known = list(VERDICTS)
    return sorted(standings, key=lambda name: (known.index(name) if name in known else len(known), name))


def doubtful(catalogue: Catalogue, records: Records) -> list[dict[str, Any]]:
    """What is proved, or supported, though its proof uses refuted statements.

    `directly` are those that it uses itself, `through` what it uses that is not refuted but rests on others, `open`
    those refuted without an amendment that is proved and rests on nothing refuted, `instead` its own amendments.
    """
    shaky = [records[id] for id in catalogue.in_order() if id in records and records[id]["rests_on"]]
    return [
        {
            "record": record,
            "directly": [id for id in record["uses"] if id in record["rests_on"]],
            "through": [id for id in record["uses"] if id not in record["rests_on"] and _is_shaky(id, records)],
            "count": len(record["rests_on"]),
            "open": [id for id in record["rests_on"] if not _is_replaced(id, records)],
            "instead": [(one["id"], standing(one)) for one in _amendments(record, records)],
        }
        for record in shaky
        if record["verdict"] in ("proved", "supported")
    ]


def _is_shaky(id: str, records: Records) -> bool:
    return id in records and bool(records[id]["rests_on"])


def _is_replaced(id: str, records: Records) -> bool:
    found = best(_amendments(records[id], records)) if id in records else None
    return found is not None and found["verdict"] == "proved" and not found["rests_on"]


def in_sections(catalogue: Catalogue, records: Records) -> list[tuple[str, Sequence[Record]]]:
    """The settled statements by the section that prints them, in the paper's order, each before its amendments."""
    grouped: dict[str, list[Record]] = {}
    for id, section in catalogue.sections().items():
        if id in records:
            grouped.setdefault(section, []).append(records[id])
    return list(grouped.items())
