"""What a person sees: progress on stderr, tables on stdout; bars and colours at a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from json import dumps
from typing import TYPE_CHECKING, Any, Protocol, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID
    from rich.text import Text

COLOURS = {"proved": "green", "refuted": "red", "supported": "yellow", "unsettled": "magenta"}


class Steps(Protocol):
    """How a run of several tasks tells how far it is."""

    def advanced(self, label: str, fraction: float) -> None:
        """A task is this far, from 0 to 1."""

    def finished(self, label: str, words: str) -> None:
        """A task has ended, as `words` tell."""


class _Lines:
    """One plain line a task."""

    def __init__(self, total: int, stream: TextIO) -> None:
        self._total, self._stream, self._done = total, stream, 0

    def advanced(self, label: str, fraction: float) -> None:
        pass

    def finished(self, label: str, words: str) -> None:
        self._done += 1
        print(f"[{self._done}/{self._total}] {label}: {words}", file=self._stream, flush=True)


class _Bars:
    """A bar for the whole, and one for each task that tells how far it is."""

    def __init__(self, total: int, progress: Progress) -> None:
        self._progress = progress
        self._whole = progress.add_task("all", total=total)
        self._parts: dict[str, TaskID] = {}

    def advanced(self, label: str, fraction: float) -> None:
        if fraction < 1 and label not in self._parts:
            self._parts[label] = self._progress.add_task(label, total=1.0)
        if label in self._parts:
            self._progress.update(self._parts[label], completed=fraction)

    def finished(self, label: str, words: str) -> None:
        if label in self._parts:
            self._progress.remove_task(self._parts.pop(label))
        self._progress.update(self._whole, advance=1, description=f"{label}: {words}")


@contextmanager
def steps(total: int, stream: TextIO | None = None) -> Iterator[Steps]:
    """Progress over `total` tasks on stderr."""
    stream = stream or sys.stderr
    if not stream.isatty():
        yield _Lines(total, stream)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<44.44}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(file=stream), transient=True) as progress:
        yield _Bars(total, progress)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table to stdout: at a terminal with rules and colours, else a line a row with tabs between."""
    if not sys.stdout.isatty():
        print("\n".join("\t".join(row) for row in rows))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(*columns)
    for row in rows:
        shown.add_row(*(Text(cell, style=COLOURS.get(cell, "")) for cell in row))
    Console().print(shown)


def print_json(value: Mapping[str, Any] | Sequence[Any]) -> None:
    """Print an object, or a list of them, for a program to read."""
    print(dumps(value, indent=2, ensure_ascii=False))


def article(headline: str, sections: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Print headed sections to stdout: at a terminal in bold and wrapped, verdicts in colour, else as plain lines."""
    if not sys.stdout.isatty():
        print(headline)
        for heading, lines in sections:
            print("\n".join(["", f"{heading}:", *(f"  {line}" for line in lines)] if heading else lines))
        return
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console()
    console.print(_coloured(headline, "bold"))
    for heading, lines in sections:
        if heading:
            console.print(Text(f"\n{heading}", style="bold"))
        for line in lines:
            indent = len(line) - len(line.lstrip())
            console.print(Padding(_coloured(line.strip()), (0, 0, 0, 2 * bool(heading) + indent)))


def _coloured(line: str, style: str = "") -> Text:
    """A line with the verdicts that it names in their colours, as in "eq-1 (proved): ..." or "Verdict: proved, ..."."""
    from rich.text import Text

    text = Text(line, style)
    for verdict, colour in COLOURS.items():
        text.highlight_regex(rf"(?<=\(){verdict}(?=\))|(?<=: ){verdict}(?=,|$)|(?<=\d ){verdict}\b", colour)
    return text
