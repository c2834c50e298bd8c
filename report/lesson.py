"""What the command `explain` does: settle a statement and what it rests on, tell of it, and draw it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .explain import MOST, Explanation, explanation
from .network import Network
from .pipeline import finish
from .records import standing
from .store import written_beside
from .tasks import NO_DATES, Job, StatementTask

FOLDER = Path("figures") / "explain"
NO_PICTURE = "No picture would help: the claim is not a line in one or two letters, and no other statement is near it."


@dataclass(frozen=True)
class Lesson:
    """An explanation, or None where the statement could not be settled; what is known around it; what went wrong."""

    told: Explanation | None
    records: Mapping[str, dict[str, Any]]
    network: Network
    failures: Mapping[str, str]


def lesson(job: Job, id: str) -> Lesson:
    """The explanation of the statement of that id, settled with all that it rests on and with its amendments.

    One worker does it, for statements share what they rest on; so are the amendments of what is refuted below. Of what
    uses it, only what the store has is told.
    Raises UnknownNameError.
    """
    (found,) = job.catalogue.statement_ids((id,))
    registry = job.catalogue.registry
    statement, order = registry.build(found), job.catalogue.in_order()
    stated = Network.of(order, registry, {found: {"uses": statement.uses}})
    amended = (statement.amends,) if statement.amends else ()
    near = dict.fromkeys((found, *registry.amendments(found), *amended, *stated.rests(found)))
    finished = finish([StatementTask(one) for one in near], job, 1)
    named = finished.records.get(found, _NOTHING)["rests_on"][:MOST]
    instead = [new for old in named for new in registry.amendments(old)]
    further = finish([StatementTask(one) for one in instead if one not in near], job, 1)
    known = {user: record for user in stated.reaches(found) if (record := StatementTask(user).known(job)) is not None}
    records = {**known, **finished.records, **further.records}
    network, failures = Network.of(order, registry, records), {**finished.failures, **further.failures}
    if found not in records:
        return Lesson(None, records, network, failures)
    titles = {one: registry.title(one) for one in registry}
    told = explanation(statement, job.catalogue.names(found), titles, records, network)
    return Lesson(told, records, network, failures)


_NOTHING: dict[str, Any] = {"rests_on": []}


def picture(job: Job, made: Lesson) -> Path | None:
    """Draw a statement and write it under the output folder; None where no picture would help."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    from ..figures.explained import draw
    from ..figures.style import styled
    from .pictures import around, panels

    assert made.told is not None
    record = made.told.record
    shown = panels(job.catalogue.registry.build(record["id"]).form, record, job.seed)
    near = around(record["id"], made.records, made.network)
    if not shown and near is None:
        return None
    figure = draw(f"{record['id']}: {standing(record)}. {record['title']}", shown, near)
    path = job.out / FOLDER / f"{record['id']}.png"
    with styled(), written_beside(path) as beside:
        figure.savefig(beside, metadata=NO_DATES["png"])
    pyplot.close(figure)
    return path
