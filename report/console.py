"""What a person sees: progress on stderr, tables on stdout; bars and colours at a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

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
