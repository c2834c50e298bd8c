"""The two tasks that a worker process is given: settle one statement, or make one figure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from .catalogue import Catalogue
from .sources import code_hash
from .store import Store, key, written_beside

Depth = Literal["default", "full"]
Progress = Callable[[float], object]
RENDERED = Path("figures") / "rendered"
_TOP = __name__.removesuffix(".report.tasks")
NO_DATES: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


@dataclass(frozen=True)
class Job:
    """What all tasks of a run share: where results go, and how much work each may do."""

    out: Path
    depth: Depth = "default"
    seed: int = 0
    catalogue: Catalogue = field(default_factory=Catalogue)

    @property
    def store(self) -> Store:
        """The store under the output folder."""
        return Store.under(self.out)

    @property
    def budget(self) -> Any:
        """The budget of a verdict, in units that do not depend on the machine."""
        budget = import_module(f"{_TOP}.theory.outcome").Budget
        return replace(getattr(budget, self.depth)(), seed=self.seed)


@dataclass(frozen=True)
class StatementTask:
    """Settle the statement of that id."""

    id: str

    @property
    def label(self) -> str:
        """What progress calls it."""
        return self.id

    def key(self, job: Job) -> str:
        """Where its record is kept: changes with the statement, what it uses, the method, the budget, the tools."""
        facts = {"budget": asdict(job.budget), "amendments": job.catalogue.registry.amendments(self.id)}
        return key("verdict", self.id, code=code_hash(_modules(job.catalogue, self.id)), **facts)

    def known(self, job: Job) -> dict[str, Any] | None:
        """Its record, where it is finished."""
        return job.store.record(self.key(job))

    def run(self, job: Job, progress: Progress) -> dict[str, Any]:
        """Its record, once those of all that it uses are kept, so that none of them is settled twice."""
        from ..theory.settle import is_decided

        *used, own = job.catalogue.registry.reach((self.id,))
        for id in used:
            if not is_decided(id, job.budget, job.catalogue.registry):
                _record(job, id)
        record = _record(job, own)
        progress(1.0)
        return record


def _record(job: Job, id: str) -> dict[str, Any]:
    """The record of a statement, from the store or of settling it, which is kept; the registry learns its outcome."""
    from ..theory.outcome import Outcome
    from ..theory.settle import remember, settle
    from ..theory.statement import Measured
    from .words import words

    registry, task = job.catalogue.registry, StatementTask(id)
    record = task.known(job)
    if record is None:
        statement = registry.build(id)
        if isinstance(statement.form, Measured):
            remember(id, _observed(job, id, statement.form), job.budget, registry)
        record = {**asdict(settle(statement, job.budget, registry)), **words(statement)}
        job.store.save_record(task.key(job), record)
    else:
        found = Outcome(record["verdict"], record["method"], record["evidence"], record["dimension"])
        remember(id, found, job.budget, registry)
    return record


def _observed(job: Job, id: str, form: Any) -> Any:
    """The outcome of a claim about measurements: by the findings of its experiment, made where it is not kept."""
    from ..theory.observed import judged

    experiment, data = FigureTask(form.experiment).made(job, lambda _: None)
    return judged(form, [finding for finding in experiment.findings(data) if finding.id == id])


def _modules(catalogue: Catalogue, id: str) -> list[str]:
    """The modules that a verdict rests on: those that state it, what it uses and our own rules, and the method.

    For a claim about measurements also those of its experiment.
    """
    registry = catalogue.registry
    rules = (rule for rule in registry if rule.startswith("lib-") and not rule.startswith("lib-law-"))
    ids = registry.reach((id, *rules))
    places = {registry.where(used).rpartition(".")[0] for used in ids}
    made = {registry.experiment(used) for used in registry.reach((id,))} - {""}
    experiments = sorted(f"{catalogue.experiments}.{name}" for name in made)
    return [f"{_TOP}.theory.settle", f"{_TOP}.report.words", *sorted(places), *experiments]


@dataclass(frozen=True)
class FigureTask:
    """Compute a figure's data, or take it from the store, and draw it."""

    name: str

    @property
    def label(self) -> str:
        """What progress calls it."""
        return self.name

    def key(self, job: Job) -> str:
        """Where its data are kept: changes with the experiment's code, its depth, the tools."""
        return key("data", self.name, depth=job.depth, code=code_hash([f"{job.catalogue.experiments}.{self.name}"]))

    def known(self, _: Job) -> None:
        """None: a figure is drawn anew, which is quick once its data are in the store."""

    def run(self, job: Job, progress: Progress) -> dict[str, Any]:
        """Data from the store or computed, then the pictures; returns findings and files, relative to the output."""
        experiment, data = self.made(job, progress)
        record = {
            "figure": self.name,
            "about": _first_line(experiment.__doc__),
            "findings": [asdict(finding) for finding in experiment.findings(data)],
            "files": [path.as_posix() for path in _pictures(job, self.name, data)],
            "curves": experiment.listed(data) if hasattr(experiment, "listed") else [],
        }
        job.store.save_record(_figure_key(self.name), record)
        progress(1.0)
        return record

    def made(self, job: Job, progress: Progress) -> tuple[Any, Any]:
        """The experiment and its data, from the store or computed."""
        experiment = job.catalogue.experiment(self.name)
        data = job.store.data_or(self.key(job), lambda: experiment.data(depth=job.depth, workers=1, progress=progress))
        return experiment, data

    def last(self, job: Job) -> dict[str, Any] | None:
        """Its record of the last run, whatever has changed since."""
        return job.store.record(_figure_key(self.name))


def _figure_key(name: str) -> str:
    return key("figure", name)


def _first_line(text: str | None) -> str:
    return (text or "").strip().partition("\n")[0]


def _pictures(job: Job, name: str, data: Any) -> list[Path]:
    """Draw the PNG and the PDF, with the same bytes for the same data."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure = job.catalogue.drawing(name).draw(data)
    files = _saved(job, name, figure)
    pyplot.close(figure)
    return files


def _saved(job: Job, name: str, figure: Any) -> list[Path]:
    """Write a figure's files whole or not at all."""
    from ..figures.style import styled

    files = [RENDERED / f"{name}.{kind}" for kind in NO_DATES]
    # a colour such as C0 is looked up when the figure is written
    with styled():
        for file, metadata in zip(files, NO_DATES.values(), strict=True):
            with written_beside(job.out / file) as beside:
                figure.savefig(beside, metadata=metadata)
    return files


@dataclass(frozen=True)
class GraphTask:
    """Draw what rests on what, of all statements that are settled."""

    @property
    def label(self) -> str:
        """What progress calls it, and what its files are called."""
        return "statements"

    def known(self, _: Job) -> None:
        """None: it is drawn anew from the records."""

    def run(self, job: Job, progress: Progress) -> dict[str, Any]:
        """The pictures; their files, relative to the output."""
        import matplotlib

        matplotlib.use("Agg")
        from ..figures.statements import draw
        from ..figures.style import fewer_colours
        from .pictures import graph_of

        every = {id: StatementTask(id).known(job) for id in job.catalogue.registry}
        records = {id: record for id, record in every.items() if record is not None}
        files = _saved(job, self.label, draw(graph_of(job.catalogue, records)))
        with written_beside(job.out / files[0]) as beside:
            fewer_colours(job.out / files[0], beside)
        progress(1.0)
        return {"files": [path.as_posix() for path in files]}
