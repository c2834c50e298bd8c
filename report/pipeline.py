"""From what is wanted to what is finished: known results from the store, the rest from worker processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import certificates
from .catalogue import LONGEST_FIRST
from .console import steps
from .pages import page
from .store import write_text
from .tasks import FigureTask, GraphTask, Job, StatementTask
from .workers import Outcome, Task, run

REPORT = "paper_repro.md"
Record = dict[str, Any]


@dataclass(frozen=True)
class Finished:
    """Records by task label, in the order asked for, and what went wrong for the tasks that have none."""

    records: Mapping[str, Record]
    failures: Mapping[str, str]


def finish(tasks: Sequence[StatementTask | FigureTask | GraphTask], job: Job, workers: int) -> Finished:
    """The records of all tasks; one that fails does not stop the others."""
    records = {task.label: record for task in tasks if (record := task.known(job)) is not None}
    missing = [task for task in tasks if task.label not in records]
    failures: dict[str, str] = {}
    if missing:
        with steps(len(missing)) as progress:
            for task, outcome in run(missing, job, workers, progress.advanced):
                _sort_in(task, outcome, records, failures)
                progress.finished(task.label, _ended(outcome))
    return Finished({task.label: records[task.label] for task in tasks if task.label in records}, failures)


def _sort_in(task: Task, outcome: Outcome, records: dict[str, Record], failures: dict[str, str]) -> None:
    if isinstance(outcome, Exception):
        failures[task.label] = f"{type(outcome).__name__}: {outcome}"
    else:
        records[task.label] = outcome


def _ended(outcome: Outcome) -> str:
    """What progress tells of a finished task."""
    if isinstance(outcome, Exception):
        return f"failed, {type(outcome).__name__}: {outcome}"
    return str(outcome.get("verdict", "drawn"))


def verify(job: Job, ids: Sequence[str], workers: int) -> Finished:
    """Settle the statements of these ids, and leave their certificates."""
    finished = finish([StatementTask(id) for id in ids], job, workers)
    certificates.keep(job.out, finished.records.values())
    return finished


def draw(job: Job, names: Sequence[str], workers: int) -> Finished:
    """Make these figures."""
    return finish([FigureTask(name) for name in names], job, workers)


def reproduce(job: Job, workers: int) -> Finished:
    """Settle everything, make every figure, the longest first, and write the report from what succeeded.

    Claims about measurements come after all others, so that the data of their figures are there. Last the picture of
    what rests on what, for its data are the verdicts.
    """
    figures = sorted(job.catalogue.figures, key=_cost)
    registry = job.catalogue.registry
    tasks: list[StatementTask | FigureTask] = [
        *map(FigureTask, figures),
        *map(StatementTask, sorted(registry.layers(registry), key=lambda id: bool(registry.experiment(id)))),
    ]
    finished = finish(tasks, job, workers)
    certificates.keep(job.out, (record for label, record in finished.records.items() if label in registry))
    graph = finish([GraphTask()], job, workers)
    picture = next((record["files"][0] for record in graph.records.values()), None)
    failures = {**finished.failures, **graph.failures}
    write_text(job.out / REPORT, page(job.catalogue, finished.records, failures, picture))
    return Finished(finished.records, failures)


def _cost(figure: str) -> int:
    return LONGEST_FIRST.index(figure) if figure in LONGEST_FIRST else len(LONGEST_FIRST)
