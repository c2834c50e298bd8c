"""The report's page, from records alone: the same records give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from ..theory.laws import MODULES, law
from .catalogue import Catalogue
from .evidence import failing, summary
from .findings import by_section, counts, doubtful, findings, in_sections, results
from .records import Record, listed, standing


def page(
    catalogue: Catalogue, records: Mapping[str, Record], failures: Mapping[str, str], picture: str | None = None
) -> str:
    """The whole report as Markdown; `picture` is the path of the picture of all statements."""
    statements = {id: records[id] for id in catalogue.in_order() if id in records}
    text: str = _template().render(
        counts=counts(catalogue, statements),
        rows=by_section(catalogue, statements),
        findings=findings(catalogue, statements),
        results=results(catalogue, statements),
        doubtful=doubtful(catalogue, statements),
        sections=in_sections(catalogue, statements),
        refuted=[refutation(one, statements) for one in statements.values() if one["verdict"] == "refuted"],
        laws=(own := explained(records)),
        figures=[records[name] for name in catalogue.figures if name in records and not _is_of(name, own)],
        legend=legend(list(statements.values())),
        picture=picture,
        failures=failures,
    )
    return text


def explained(records: Mapping[str, Record]) -> list[dict[str, Any]]:
    """The exact laws whose figure was drawn: what each says, its statements' records, and its figure's."""
    laws = [one for one in map(law, MODULES) if one.figure in records]
    return [
        {
            "law": one,
            "statements": [records[id] for id in one.statements if id in records],
            "figure": records[one.figure],
            "first": one is next(other for other in laws if other.figure == one.figure),
        }
        for one in laws
    ]


def _is_of(figure: str, laws: Sequence[Mapping[str, Any]]) -> bool:
    return any(one["law"].figure == figure for one in laws)


def _template() -> Any:
    loader = PackageLoader(__package__, ".")
    environment = Environment(
        loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    environment.filters.update(
        cell=cell, agreement=agreement, summary=summary, listed=listed, standing=standing, sentence=sentence
    )
    return environment.get_template("paper_repro.md.j2")


def cell(text: Any) -> str:
    """Text for a table's cell: one line, bars escaped."""
    return " ".join(str(text).split()).replace("|", r"\|")


def sentence(text: str) -> str:
    """A title within a sentence: without its full stop, and with nothing that Markdown would take for emphasis."""
    return text.strip().removesuffix(".").replace("*", r"\*")


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
