"""What a record says of its statement: whose it is, what kind of result, and how it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Record = Mapping[str, Any]

VERDICTS = ("proved", "refuted", "supported", "unsettled")
RESULTS = ("theorem-", "corollary-")


def is_own(record: Record) -> bool:
    """Whether a statement is ours (an amendment or a rule), not the paper's."""
    return record["amends"] is not None or str(record["id"]).startswith("lib-")


def is_result(id: str) -> bool:
    """Whether an id is that of a theorem or a corollary of the paper, and of no amendment."""
    return id.startswith(RESULTS) and ".amended-" not in id


def waits(record: Record) -> str:
    """The part that a statement waits for, or nothing: it is not counted as unsettled."""
    return str(record["waits_for"]) if record["verdict"] == "unsettled" else ""


def standing(record: Record) -> str:
    """The verdict, or what it waits for."""
    return f"waits for {part}" if (part := waits(record)) else str(record["verdict"])


def best(amendments: Iterable[Record]) -> Record | None:
    """The first of the amendments whose verdict is strongest, those that rest on nothing refuted before others."""
    order = ("proved", "supported", "unsettled", "refuted")
    return min(amendments, key=lambda one: (order.index(one["verdict"]), bool(one["rests_on"])), default=None)


def listed(ids: Iterable[str], most: int = 4) -> str:
    """Ids in one line, those beyond the first few as a number."""
    every = list(ids)
    more = len(every) - most
    return ", ".join(every) if more <= 1 else f"{', '.join(every[:most])} and {more} more"
