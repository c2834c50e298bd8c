"""The report's page, from records alone: the same records give the same bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from .catalogue import Catalogue
from .evidence import failing, summary

Record = Mapping[str, Any]
_COLOURS = {"proved": "#2a7", "refuted": "#c33", "supported": "#ca2", "unsettled": "#999"}


def page(catalogue: Catalogue, records: Mapping[str, Record], failures: Mapping[str, str]) -> str:
    """The whole report as Markdown."""
    statements = [records[id] for id in catalogue.registry if id in records]
    text: str = _template().render(
        counts=counts(catalogue),
        verdicts=Counter(record["verdict"] for record in statements if not is_own(record)),
        sections=list(sections(statements)),
        refuted=[refutation(record, records) for record in statements if record["verdict"] == "refuted"],
        figures=[records[name] for name in catalogue.figures if name in records],
        graph=graph(statements),
        legend=legend(statements),
        failures=failures,
    )
    return text


def _template() -> Any:
    loader = PackageLoader(__package__, ".")
    environment = Environment(
        loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    environment.filters.update(cell=cell, agreement=agreement, summary=summary)
    return environment.get_template("paper_repro.md.j2")


def is_own(record: Record) -> bool:
    """Whether a statement is ours (an amendment or a rule), not the paper's."""
    return record["amends"] is not None or str(record["id"]).startswith("lib-")


def counts(catalogue: Catalogue) -> dict[str, Any]:
    """How many of the paper's ids have a verdict due, are stated, or wait, and for what."""
    index = catalogue.index()
    due = [row for row in index if row["needs_verdict"] == "yes"]
    missing = [row for row in due if not any(name in catalogue.registry for name in _names(row))]
    waiting = Counter(row["needs_part"] for row in missing if row["needs_part"])
    return {
        "ids": len(index),
        "due": len(due),
        "stated": len(due) - len(missing),
        "beyond": sum(any(name in catalogue.registry for name in _names(row)) for row in index if row not in due),
        "missing": len(missing),
        "waiting": sorted(waiting.items()),
    }


def _names(row: Mapping[str, str]) -> list[str]:
    return [row["id"], *row["same_as"].split()]


def sections(statements: Sequence[Record]) -> Iterator[tuple[str, list[Record]]]:
    """Statements by the section that prints them, in the order of the registry."""
    grouped: dict[str, list[Record]] = {}
    for record in statements:
        grouped.setdefault(_section(record), []).append(record)
    yield from grouped.items()


def _section(record: Record) -> str:
    return "Rules of ours" if str(record["id"]).startswith("lib-") else str(record["source"]).partition(",")[0]


def cell(text: Any) -> str:
    """Text for a table's cell: one line, bars escaped."""
    return " ".join(str(text).split()).replace("|", r"\|")


def agreement(agrees: bool | None) -> str:
    """Whether data agrees with a claim, in words."""
    return {True: "agrees", False: "disagrees", None: "cannot tell"}[agrees]


def refutation(record: Record, records: Mapping[str, Record]) -> dict[str, Any]:
    """A refuted statement with every counterexample found, and its amendments."""
    amendments = [records[id] for id in record["amended_by"] if id in records]
    return {"record": record, "failing": list(failing(record["evidence"])), "amendments": amendments}


def legend(statements: Sequence[Record]) -> list[dict[str, str]]:
    """The symbols that the statements use, each once, in alphabetical order of their names in code."""
    found = {symbol["name"]: symbol for record in statements for symbol in record["symbols"]}
    return [found[name] for name in sorted(found, key=str.lower)]


def graph(statements: Sequence[Record]) -> list[str]:
    """Mermaid lines: what is refuted, and all whose proof uses it, coloured by verdict."""
    verdicts = {str(record["id"]): str(record["verdict"]) for record in statements}
    shaky = {str(record["id"]) for record in statements if record["verdict"] == "refuted" or record["rests_on"]}
    edges = [(used, str(record["id"])) for record in statements for used in record["uses"] if used in shaky]
    nodes = list(dict.fromkeys(node for edge in edges for node in edge))
    numbers = {node: f"n{number}" for number, node in enumerate(nodes)}
    return [
        *(f'{numbers[node]}["{node}"]:::{verdicts.get(node, "unsettled")}' for node in nodes),
        *(f"{numbers[used]} --> {numbers[user]}" for used, user in edges),
        *(f"classDef {verdict} stroke:{colour},stroke-width:2px" for verdict, colour in _COLOURS.items() if nodes),
    ]
