"""What the command line prints of statements and figures, as plain lines and as objects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .catalogue import short
from .evidence import summary
from .pages import agreement
from .records import Record, standing
from .tasks import FigureTask, Job, StatementTask
from .words import waits_for, words


def verdict_lines(record: Record) -> str:
    """A verdict: what is claimed, what the machine found, and what follows."""
    lines = [
        f"{record['id']} ({record['source']}): {standing(record)}",
        f"  {record['title']}",
        f"  claim: {_indented(record['text'])}",
        f"  evidence: {summary(record)}",
    ]
    if "recheck" in record["evidence"]:
        lines.append(f"  to recheck: {record['evidence']['recheck']}")
    if record["amended_by"]:
        lines.append(f"  amended by: {', '.join(record['amended_by'])}")
    return "\n".join(lines)


def _indented(text: str) -> str:
    return text.replace("\n", "\n    ")


def facts(job: Job, id: str) -> dict[str, Any]:
    """All that is known of a statement without settling it. Raises UnknownNameError."""
    catalogue = job.catalogue
    (found,) = catalogue.statement_ids((id,))
    statement, registry = catalogue.registry.build(found), catalogue.registry
    last = StatementTask(found).known(job)
    return {
        "id": found,
        "names": list(catalogue.names(found)),
        "source": statement.source,
        **words(statement),
        "used_by": list(registry.users(found)),
        "amended_by": list(registry.amendments(found)),
        "verdict": last["verdict"] if last else None,
        "evidence": summary(last) if last else None,
    }


def fact_lines(found: Record) -> str:
    """The facts of a statement, a line each; those that are empty left out."""
    others = [name for name in found["names"] if name != found["id"]]
    named = f"{found['id']} ({', '.join([found['source'], *others])})"
    lines = {
        "formula": _indented(found["text"]),
        "LaTeX": found["formula"],
        "assumes": "; ".join(found["assumptions"]),
        "read as (judgement)": found["reading"],
        "stated in": found["where"],
        "uses": ", ".join(found["uses"]),
        "used by": ", ".join(found["used_by"]),
        "amends": found["amends"],
        "judgement": found["judgement"],
        "amended by": ", ".join(found["amended_by"]),
        "last verdict": f"{found['verdict']}, {found['evidence']}" if found["verdict"] else "none in the store",
    }
    return "\n".join([named, f"  {found['title']}", *(f"  {name}: {line}" for name, line in lines.items() if line)])


def figure_lines(record: Record, out: Path) -> str:
    """A figure: its files, and what its data says of each claim."""
    findings = (f"  {agreement(f['agrees'])}: {f['claim']} ({f['evidence']})" for f in record["findings"])
    return "\n".join([*(str(out / file) for file in record["files"]), *findings])


def figure_objects(record: Record) -> list[dict[str, Any]]:
    """A figure for a program: one object a curve where it lists its curves, else one for the figure."""
    named = {"figure": record["figure"], "files": record["files"]}
    return [{**named, **curve} for curve in record["curves"]] or [
        {name: value for name, value in record.items() if name != "curves"}
    ]


def listed(job: Job) -> list[dict[str, Any]]:
    """Every statement and figure with its last verdict, and the refuted statements that the verdict rests on."""
    catalogue = job.catalogue
    figures = [
        {
            "id": f"figure {short(name)}",
            "source": "",
            "title": _about(job, name),
            "verdict": _found(job, name),
            "rests_on": [],
        }
        for name in catalogue.figures
    ]
    registered = catalogue.registered()
    parts = {registered.get(row["id"]) for row in catalogue.index() if row["needs_part"]}
    return [*(_listed(job, id, id in parts) for id in catalogue.registry), *figures]


def _listed(job: Job, id: str, may_wait: bool) -> dict[str, Any]:
    registry, record = job.catalogue.registry, StatementTask(id).known(job)
    # a statement that waits says so though it was never settled
    part = waits_for(registry.build(id).form) if record is None and may_wait else ""
    unknown = f"waits for {part}" if part else "-"
    return {
        "id": id,
        "source": registry.source(id),
        "title": registry.title(id),
        "verdict": standing(record) if record else unknown,
        "rests_on": record["rests_on"] if record else [],
    }


def _about(job: Job, name: str) -> str:
    record = FigureTask(name).last(job)
    return str(record["about"]) if record else name.replace("_", " ")


def _found(job: Job, name: str) -> str:
    """How many of a figure's claims its data agrees with."""
    record = FigureTask(name).last(job)
    if record is None:
        return "-"
    words = [agreement(finding["agrees"]) for finding in record["findings"]]
    return ", ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(words))
