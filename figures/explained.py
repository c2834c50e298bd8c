"""One statement as a picture: its claim along a line, and the statements around it by their verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..experiments.slices import Approach, Slice
from .style import DOWN, MARK, SIGNS, UP, styled

ROW, WIDTH = 0.24, 9.6  # height of a row of statements, and the figure's width, in inches
FAILS = SIGNS["refuted"].colour


@dataclass(frozen=True)
class Around:
    """A statement with what it uses, its amendments, what uses it, and the theorems that it reaches through those.

    Statements are pairs of an id and a sign; `more` counts those of each column that are not shown; `leads` tells
    through which of those that use it which theorem is reached.
    """

    centre: tuple[tuple[str, str], ...]
    uses: tuple[tuple[str, str], ...] = ()
    used_by: tuple[tuple[str, str], ...] = ()
    reaches: tuple[tuple[str, str], ...] = ()
    more: tuple[int, int, int] = (0, 0, 0)
    leads: tuple[tuple[str, str], ...] = ()

    @property
    def rows(self) -> int:
        """How many rows the longest column has."""
        columns = (self.uses, self.used_by, self.reaches)
        return max(len(self.centre), *(len(c) + (m > 0) for c, m in zip(columns, self.more, strict=True)))


def draw(title: str, panels: Sequence[Slice | Approach], around: Around | None) -> Figure:
    """The claim along its lines (top), the statements around it (bottom), or one of the two."""
    heights = ([3.3] if panels else []) + ([ROW * (around.rows + 3)] if around else [])
    with styled():
        figure = plt.figure(figsize=(WIDTH, sum(heights) + 0.6))
        grid = figure.add_gridspec(len(heights), max(len(panels), 1), height_ratios=heights)
        for column, panel in enumerate(panels):
            axes = figure.add_subplot(grid[0, column])
            _slice(axes, panel) if isinstance(panel, Slice) else _approach(axes, panel)
        if around:
            _around(figure.add_subplot(grid[-1, :]), around)
        figure.suptitle(title, x=0.01, ha="left", fontsize="medium", wrap=True)
    return figure


def _slice(axes: Axes, panel: Slice) -> None:
    """Both sides over the number that moves; where the claim fails, and where it is not made."""
    x, left, right = panel.values, panel.left, panel.right
    axes.plot(x, np.where(panel.assumed, left, np.nan), color=DOWN, label=panel.words[0])
    axes.plot(x, np.where(panel.assumed, right, np.nan), color=UP, ls="--", label=panel.words[1])
    low, high = axes.get_ylim()
    if panel.sign != "=" and panel.fails.sum() > 1:
        axes.fill_between(x, left, right, where=panel.fails, color=FAILS, alpha=0.25, lw=0, label="the claim fails")
    if not panel.assumed.all():
        axes.fill_between(
            x, low, high, where=~panel.assumed, color="0.88", lw=0, label="an assumption fails", zorder=0.5
        )
    here = int(np.argmin(abs(x - panel.at)))
    marked = "the counterexample" if panel.fails.any() else "the witness"
    axes.plot([x[here]] * 2, [left[here], right[here]], "o", ms=6, mfc="white", mew=1.4, color=MARK, label=marked)
    axes.set(xlabel=panel.name, ylim=(low, high), xlim=(x[0], x[-1]))
    axes.set_title(f"claimed: {panel.claim or f'left {panel.sign} right'}", fontsize="medium")
    axes.legend(fontsize="x-small", loc="best", frameon=True, edgecolor="0.8")
    _note(axes, panel.fixed, panel.following)


def _note(axes: Axes, fixed: Mapping[str, str] | None, following: Sequence[str] = ()) -> None:
    told = ", ".join(f"{name} = {value}" for name, value in (fixed or {}).items())
    follows = f"{', '.join(following)} as assumed" if following else ""
    if text := "; ".join(filter(None, (told, follows))):
        axes.set_xlabel(f"{axes.get_xlabel()}\n(with {text})", fontsize=8.5)


def _approach(axes: Axes, panel: Approach) -> None:
    """|error| over the small number against the power that is claimed, through the last value."""
    shown = panel.errors > 0
    for k, (errors, kept) in enumerate(zip(panel.errors, shown, strict=True)):
        axes.plot(panel.smalls[kept], errors[kept], "o-", ms=2.5, lw=1, color=DOWN, label=None if k else "|error|")
    last = panel.errors[:, np.argmax(panel.smalls)]
    anchor = float(last.max()) or 1.0
    claimed = anchor * (panel.smalls / panel.smalls.max()) ** panel.power
    axes.plot(panel.smalls, claimed, color=UP, ls="--", label=f"claimed: {panel.sense}({panel.small}^{panel.power:g})")
    axes.set(xscale="log", yscale="log", xlabel=panel.small)
    falls = f"|error| falls as {panel.small}^{panel.slope:.2f}" if np.isfinite(panel.slope) else "|error| vanishes"
    axes.set_title(f"{falls}; claimed: {panel.sense}({panel.small}^{panel.power:g})", fontsize="medium")
    axes.legend(fontsize="x-small", loc="best")
    _note(axes, panel.fixed)


def _around(axes: Axes, around: Around) -> None:
    """Columns from what is used to what is reached, with lines between them."""
    axes.set(xlim=(0, 4), ylim=(-around.rows - 1.2, 1.2))
    axes.set_axis_off()
    columns = (around.uses, around.centre, around.used_by, around.reaches)
    heads = ("it uses", "", "is used by", "and reaches")
    more = (around.more[0], 0, *around.more[1:])
    places = [_column(axes, at, *column) for at, column in enumerate(zip(columns, heads, more, strict=True))]
    centre = places[1][0]
    for used, place in zip(around.uses, places[0], strict=True):
        _line(axes, _end(used, place), centre)
    for place in places[2]:
        _line(axes, _end(around.centre[0], centre), place)
    for user, place in zip(around.used_by, places[2], strict=True):
        for end, target in zip(around.reaches, places[3], strict=True):
            if (user[0], end[0]) in around.leads:
                _line(axes, _end(user, place), target, ls=":")
    _signs(axes, [sign for column in columns for _, sign in column])


def _column(
    axes: Axes, at: int, statements: Sequence[tuple[str, str]], head: str, more: int
) -> list[tuple[float, float]]:
    x = at + 0.08
    if statements:
        axes.text(x - 0.03, 0.75, head, fontsize=9, style="italic", va="center", color="0.3")
    for row, (id, name) in enumerate(statements):
        sign, y = SIGNS[name], -float(row)
        face = sign.colour if sign.filled else "white"
        axes.plot(x, y, sign.shape, ms=7, mfc=face, mec=sign.colour, zorder=3)
        weight = "bold" if at == 1 and row == 0 else "normal"
        behind = {"fc": "white", "ec": "none", "pad": 0.5}
        axes.text(x + 0.06, y, id, fontsize=8.5, va="center", weight=weight, bbox=behind, zorder=2)
    if more:
        axes.text(x + 0.06, -float(len(statements)), f"and {more} more", fontsize=8.5, va="center", color="0.3")
    return [(x, -float(row)) for row in range(len(statements))]


def _end(statement: tuple[str, str], place: tuple[float, float]) -> tuple[float, float]:
    """Where a statement's name ends."""
    return place[0] + 0.09 + 0.031 * len(statement[0]), place[1]


def _line(axes: Axes, start: tuple[float, float], end: tuple[float, float], ls: str = "-") -> None:
    axes.plot([start[0], end[0]], [start[1], end[1]], color="0.8", lw=0.9, ls=ls, zorder=1)


def _signs(axes: Axes, names: Sequence[str]) -> None:
    handles = []
    for name in (name for name in SIGNS if name in names):
        sign = SIGNS[name]
        face = sign.colour if sign.filled else "white"
        handles.append(Line2D([], [], ls="", marker=sign.shape, ms=6, mfc=face, mec=sign.colour, label=name))
    axes.legend(handles=handles, loc="lower left", ncols=len(handles), fontsize="x-small")
