"""What there is to settle and to draw, and what a person may call it."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from re import search
from typing import Any

from ..theory.registry import Registry

OWN_RULES = "Rules of ours"
FIGURES = (
    "figure_1",
    "figure_2",
    "figure_3",
    "figure_6",
    "theorem_1",
    "penalty_order",
    "theorem_4",
    "single_update",
    "section_5",
    "table_7",
    "analog_sgd_stationary",
    "analog_sgd_floor",
    "residual_bias",
    "residual_offset",
    "critical_asymmetry",
    "residual_stability",
    "noisy_reading",
    "rates",
    "tightness",
)
LONGEST_FIRST = (
    "figure_2",
    "theorem_1",
    "rates",
    "critical_asymmetry",
    "residual_bias",
    "tightness",
    "section_5",
    "table_7",
    "residual_stability",
    "noisy_reading",
    "residual_offset",
    "analog_sgd_stationary",
    "analog_sgd_floor",
    "penalty_order",
    "theorem_4",
    "figure_6",
    "figure_3",
    "figure_1",
    "single_update",
)
_TOP = __name__.removesuffix(".report.catalogue")


class UnknownNameError(ValueError):
    """A name that no statement or figure has: the message tells the argument, its value and what is allowed."""


@dataclass(frozen=True)
class Catalogue:
    """Statements and figures, held as names of modules so that a worker process finds the same ones.

    statements: a package with `registry` and `index()`; experiments and drawings: packages with a module a figure.
    """

    statements: str = f"{_TOP}.theory.paper"
    experiments: str = f"{_TOP}.experiments.paper"
    drawings: str = f"{_TOP}.figures"
    figures: tuple[str, ...] = FIGURES

    @property
    def registry(self) -> Registry:
        """All statements under their ids."""
        found: Registry = import_module(self.statements).registry
        return found

    def index(self) -> list[dict[str, str]]:
        """The paper's ids: id, same_as, kind, place, needs_verdict, needs_part."""
        rows: list[dict[str, str]] = import_module(self.statements).index()
        return rows

    def experiment(self, figure: str) -> Any:
        """The module with a figure's `data` and `findings`."""
        return import_module(f"{self.experiments}.{figure}")

    def drawing(self, figure: str) -> Any:
        """The module with a figure's `draw`."""
        return import_module(f"{self.drawings}.{figure}")

    def names(self, id: str) -> tuple[str, ...]:
        """The id and the paper's other names for the same statement."""
        for row in self.index():
            group = (row["id"], *row["same_as"].split())
            if id in group:
                return group
        return (id,)

    def stated(self, id: str) -> str | None:
        """The id under which the statement of that name is registered, or None."""
        return next((name for name in (id, *self.names(id)) if name in self.registry), None)

    def registered(self) -> dict[str, str]:
        """For each id of the index that is stated, in the paper's order, the id under which it is registered."""
        named = {row["id"]: (row["id"], *row["same_as"].split()) for row in self.index()}
        found = {id: next((name for name in names if name in self.registry), None) for id, names in named.items()}
        return {id: name for id, name in found.items() if name is not None}

    def in_order(self) -> list[str]:
        """The registered ids in the paper's order, each followed by its amendments; then what is ours alone."""
        amended: dict[str, list[str]] = {}
        for id in self.registry:
            amended.setdefault(id.partition(".amended-")[0], []).append(id)
        ordered = (id for stem in self.registered().values() for id in amended[stem])
        return list(dict.fromkeys((*ordered, *self.registry)))

    def sections(self) -> dict[str, str]:
        """For each registered id, in the paper's order, the section or appendix that prints it or what it amends."""
        registered = self.registered()
        places = {registered.get(row["id"]): section(row["place"]) for row in reversed(self.index())}
        return {id: places.get(id.partition(".amended-")[0], OWN_RULES) for id in self.in_order()}

    def statement_ids(self, wanted: tuple[str, ...]) -> list[str]:
        """The registered ids for some names, all of them for none. Raises UnknownNameError."""
        return list(dict.fromkeys(self._statement_id(id) for id in wanted)) if wanted else list(self.registry)

    def _statement_id(self, wanted: str) -> str:
        if (found := self.stated(wanted)) is not None:
            return found
        if self.in_index(wanted):
            raise UnknownNameError(f"id={wanted!r}: in the paper, but not yet stated here; `list` tells what is")
        every = [*self.registry, *(name for row in self.index() for name in (row["id"], *row["same_as"].split()))]
        raise UnknownNameError(_unknown("id", wanted, every, "an id that `analog-theory list` prints, such as lemma-3"))

    def in_index(self, id: str) -> bool:
        """Whether the paper has a statement of that name."""
        return any(id in (row["id"], *row["same_as"].split()) for row in self.index())

    def figure_names(self, wanted: tuple[str, ...]) -> list[str]:
        """The figures' names for what a person types ("2", "theorem-1"). Raises UnknownNameError."""
        return list(dict.fromkeys(self._figure_name(name) for name in wanted))

    def _figure_name(self, wanted: str) -> str:
        for name in (wanted.replace("-", "_"), f"figure_{wanted}"):
            if name in self.figures:
                return name
        allowed = [short(name) for name in self.figures]
        raise UnknownNameError(_unknown("figure", wanted, allowed, f"one of {', '.join(allowed)}"))


def section(place: str) -> str:
    """The section or appendix of a place in the index: "Sec. 3", "App. I"."""
    found = search(r"(sec|app)\. (\w+)", place)
    return f"{found[1].capitalize()}. {found[2]}" if found else place


def short(figure: str) -> str:
    """What a person types for a figure: "2", "theorem-1"."""
    return figure.removeprefix("figure_").replace("_", "-")


def _unknown(argument: str, value: str, known: list[str], allowed: str) -> str:
    close = get_close_matches(value, list(dict.fromkeys(known)), n=3)
    hint = f"; did you mean {' or '.join(close)}?" if close else ""
    return f"{argument}={value!r}: must be {allowed}{hint}"
