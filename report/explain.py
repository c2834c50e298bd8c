"""One statement as a person would teach it: what is claimed, what it takes, how it was settled, and what follows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..theory.statement import All, Certified, ForAll, Form, Statement
from .evidence import summary
from .formulas import readable
from .network import Network
from .records import Record, best, is_result, listed, standing
from .steps import letters, steps
from .words import symbols_in

Records = Mapping[str, Record]
Lines = list[str]
MOST = 12  # statements that are named one by one
UNKNOWN = "not settled yet"
_HOW = {
    "proved": "How it is proved",
    "refuted": "How it fails",
    "supported": "What speaks for it",
    "unsettled": "Why it is not settled",
}


@dataclass(frozen=True)
class Explanation:
    """A statement's headline and sections, each a heading with lines; a line that is indented belongs to the last."""

    record: Record
    headline: str
    sections: tuple[tuple[str, tuple[str, ...]], ...]

    def told(self) -> dict[str, Any]:
        """The same in JSON types."""
        facts = {key: self.record[key] for key in ("id", "source", "title", "formula", "rests_on", "amended_by")}
        sections = [{"heading": heading, "lines": list(lines)} for heading, lines in self.sections]
        return {**facts, "verdict": standing(self.record), "headline": self.headline, "sections": sections}


def explanation(
    statement: Statement, names: Sequence[str], titles: Mapping[str, str], records: Records, network: Network
) -> Explanation:
    """All that is to be said of a settled statement, from its form, the records that are known, and what uses what."""
    record, id = records[statement.id], statement.id
    others = [name for name in names if name != id]
    places = f"{statement.source}; also {', '.join(others)}" if others else statement.source
    known = _Known(titles, records, network)
    sections = {
        "": [statement.title, *_read(record)],
        "What is claimed": [*_claimed(record), *_sides(statement.form, record)],
        "What the letters mean": letters(sorted(symbols_in(statement.form), key=lambda s: str(s.name).lower())),
        "What is assumed": _first(list(map(readable, record["assumptions"])), "as printed with each part"),
        "What it waits for" if record["waits_for"] else _HOW[record["verdict"]]: how(statement.form, record),
        "What it amends": known.amended(record),
        "What holds instead": known.instead(record),
        "What it rests on": known.rests(record),
        "Where it is used": known.used(id),
    }
    kept = tuple((heading, tuple(lines)) for heading, lines in sections.items() if lines)
    return Explanation(record, f"{id} ({places}): {standing(record)}", kept)


def _read(record: Record) -> Lines:
    return [f"Read as (judgement): {record['reading']}."] if record["reading"] else []


def _claimed(record: Record) -> Lines:
    return [] if record["waits_for"] else readable(record["text"]).splitlines()


def _first(lines: Lines, others: str) -> Lines:
    """The first lines, and the number of those left out."""
    more = len(lines) - MOST
    return [*lines[:MOST], f"and {more} more, {others}"] if more > 1 else lines


def _sides(form: Form, record: Record) -> Lines:
    """Where to find a claim that no formula prints."""
    parts = [part for _, part in form.parts] if isinstance(form, All) else [form]
    if not any(isinstance(part, ForAll | Certified) for part in parts):
        return []
    return [f"Both sides are worked out at whole instances, in plain arithmetic, by {record['where']}."]


def how(form: Form, record: Record) -> Lines:
    """The way to the verdict, part by part; where the claim fails, the parts that fail come first and in full."""
    every = list(steps(form, record))
    if len(every) == 1:
        ((_, _, lines),) = every
        return [*lines, *_at_which_dimension(record)]
    first = [part for part in every if part[1] == record["verdict"]]
    others = [part for part in every if part[1] != record["verdict"]]
    told = [line for name, verdict, lines in first for line in _part(name, verdict, lines)]
    if record["verdict"] == "refuted":
        counted = Counter(verdict for _, verdict, _ in others)
        rest = ", ".join(f"{number} {verdict}" for verdict, number in counted.items())
        told += [f"Of its other parts: {rest}."] if rest else []
    else:
        told += [line for name, verdict, lines in others for line in _part(name, verdict, lines)]
    return [*told, *_at_which_dimension(record)]


def _part(name: str, verdict: str, lines: Iterable[str]) -> Lines:
    return [f"{name} ({verdict}):", *(f"  {line}" for line in lines)]


def _at_which_dimension(record: Record) -> Lines:
    if record["verdict"] in ("unsettled", "refuted"):
        return []
    dimension = record["dimension"]
    return [f"It is {record['verdict']} for {dimension if dimension == 'every D' else f'dimension {dimension}'}."]


@dataclass(frozen=True)
class _Known:
    """What is known of the statements around one: titles of all, records of those that were settled."""

    titles: Mapping[str, str]
    records: Records
    network: Network

    def verdict(self, id: str) -> str:
        return standing(self.records[id]) if id in self.records else UNKNOWN

    def named(self, id: str) -> str:
        """One statement around, in a line."""
        return f"  {id} ({self.verdict(id)}): {self.titles.get(id, '')}"

    def counted(self, ids: Iterable[str]) -> str:
        counts = Counter(map(self.verdict, ids))
        return ", ".join(f"{number} {verdict}" for verdict, number in sorted(counts.items()))

    def several(self, ids: Sequence[str]) -> Lines:
        named = [self.named(id) for id in ids[:MOST]]
        return [*named, f"  and {len(ids) - MOST} more: {self.counted(ids[MOST:])}"] if len(ids) > MOST else named

    def amended(self, record: Record) -> Lines:
        """For an amendment: what it amends, and how grave a person judged that."""
        if record["amends"] is None:
            return []
        grave = [f"Judgement: the original has {_grave(record['judgement'])}."] if record["judgement"] else []
        return [self.named(record["amends"]).strip(), *grave, *self.changed(record)]

    def instead(self, record: Record) -> Lines:
        """The amendments of a statement, each with what changed and its verdict."""
        lines = []
        for one in (self.records[id] for id in record["amended_by"] if id in self.records):
            lines.append(f"{one['id']}: {one['title']}")
            lines += [f"  {line}" for line in _claimed(one)]
            lines += [f"  {line}" for line in (*self.changed(one), *_read(one))]
            judgement = f" Judgement: {_grave(one['judgement'])}." if one["judgement"] else ""
            lines.append(f"  Verdict: {standing(one)}, {readable(summary(one))}.{judgement}")
        missing = record["verdict"] == "refuted" and not record["amended_by"]
        return ["No amendment is stated yet."] if missing else lines

    def changed(self, amendment: Record) -> Lines:
        """What an amendment assumes that the original does not, and the other way round."""
        original = self.records.get(amendment["amends"])
        if original is None:
            return []
        more = [line for line in amendment["assumptions"] if line not in original["assumptions"]]
        less = [line for line in original["assumptions"] if line not in amendment["assumptions"]]
        told = ((more, "Assumed besides"), (less, "No longer assumed"))
        return [f"{words}: {readable('; '.join(_first(lines, 'all its own')))}." for lines, words in told if lines]

    def rests(self, record: Record) -> Lines:
        """What the proof uses, and what of it is refuted, further down too."""
        direct = [id for id in self.network.uses.get(record["id"], ()) if id in self.network.uses]
        below = self.network.rests(record["id"])
        lines = self.several(direct)
        if len(below) > len(direct):
            lines.append(f"Through these it rests on {len(below)} statements: {self.counted(below)}.")
        if record["rests_on"]:
            lines += [_warning(record), f"  They come in through {', '.join(self._shaky(direct))}."]
            lines += [f"  {id}: {self._replaced(id)}" for id in record["rests_on"][:MOST]]
            more = len(record["rests_on"]) - MOST
            lines += [f"  and {more} more"] if more > 0 else []
        return lines

    def _shaky(self, ids: Iterable[str]) -> Lines:
        known = [self.records[id] for id in ids if id in self.records]
        return [str(one["id"]) for one in known if one["verdict"] == "refuted" or one["rests_on"]]

    def _replaced(self, id: str) -> str:
        amendments = [one for one in self.records.values() if one["amends"] == id]
        found = best(amendments)
        return f"instead {found['id']} ({standing(found)})" if found else "without an amendment that is settled here"

    def used(self, id: str) -> Lines:
        """What uses a statement itself, and the theorems and the number of statements that it reaches."""
        reached = self.network.reaches(id)
        direct = [user for user, far in reached.items() if far == 1]
        lines = self.several(direct) or ["No other statement uses it."]
        results = [f"{user} ({self.verdict(user)})" for user in reached if is_result(user) and user not in direct]
        if results:
            lines.append(f"Through these it reaches {listed(results, 6)}.")
        if len(reached) > len(direct):
            lines.append(f"It reaches {len(reached)} statements in all: {self.counted(reached)}.")
        if any(user not in self.records for user in reached):
            lines.append(f"`{UNKNOWN}`: `analog-theory reproduce` settles all, `verify` single ones.")
        return lines


def _warning(record: Record) -> str:
    if record["verdict"] in ("proved", "supported"):
        return f"It is {record['verdict']}, but its proof takes for granted what is refuted:"
    return "Refuted are, among all that it rests on:"


def _grave(judgement: str) -> str:
    meanings = {
        "slip": "a slip (a sign, a letter: it was meant right)",
        "gap": "a gap (an assumption is missing)",
        "error": "an error (the claim itself fails)",
    }
    return meanings.get(judgement, judgement)
