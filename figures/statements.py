"""All statements of the paper as one picture: each by its verdict, and what rests on what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, PathPatch
from matplotlib.path import Path

from .style import SIGNS, styled

Edge = tuple[str, str]
Place = tuple[float, float]
COLUMNS, WIDTH, ROW = 7, 1.36, 0.158  # columns, and their width and the height of a row in inches
INDENT, STEP = 0.34, 0.095  # of a marker from its column's left edge, and between the markers of amendments
FAINT, SHAKY, CHAIN = "#DCDCDC", "#F0BC98", SIGNS["refuted"].colour


@dataclass(frozen=True)
class Node:
    """A statement: its id, the section under which it stands, its standing, and the id that it amends, if any."""

    id: str
    section: str
    standing: str
    amends: str | None = None


@dataclass(frozen=True)
class Graph:
    """Statements in the paper's order, amendments after what they amend; edges from what is used to what uses it."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    chain: tuple[Edge, ...] = ()
    title: str = ""


@dataclass
class _Layout:
    """Where everything stands: columns are filled one after another, from the top, a row for a statement."""

    rows: int
    places: dict[str, Place] = field(default_factory=dict)
    heads: list[tuple[Place, str]] = field(default_factory=list)
    next: int = 0

    def row(self) -> Place:
        column, row = divmod(self.next, self.rows)
        self.next += 1
        return column * WIDTH, -row * ROW

    def head(self, section: str) -> None:
        if self.next % self.rows == self.rows - 1:  # a heading does not stand alone at the foot of a column
            self.next += 1
        self.heads.append((self.row(), section))

    def place(self, node: Node) -> None:
        if self.next % self.rows == 0:
            self.head(f"{node.section}, continued")
        left, height = self.row()
        self.places[node.id] = (left + INDENT, height)


def _layout(nodes: Sequence[Node]) -> _Layout:
    own = [node for node in nodes if node.amends is None]
    sections = dict.fromkeys(node.section for node in own)
    made = _Layout(-(-(len(own) + 2 * len(sections) + 2 * COLUMNS) // COLUMNS))
    for section in sections:
        made.head(section)
        for node in own:
            if node.section == section:
                made.place(node)
    return made


def _satellites(nodes: Sequence[Node], places: Mapping[str, Place]) -> Iterator[tuple[str, Place]]:
    """Amendments stand left of what they amend, the first one nearest."""
    count: dict[str, int] = {}
    for node in nodes:
        if node.amends is not None and node.amends in places:
            count[node.amends] = count.get(node.amends, 0) + 1
            x, y = places[node.amends]
            yield node.id, (x - STEP * count[node.amends] - 0.02, y)


def draw(graph: Graph) -> Figure:
    """Every statement under its section, with thin lines between what rests on what and the chain in colour."""
    layout = _layout(graph.nodes)
    places = {**layout.places, **dict(_satellites(graph.nodes, layout.places))}
    height = layout.rows * ROW
    with styled():
        figure, axes = plt.subplots(figsize=(COLUMNS * WIDTH + 0.2, height + 0.95), dpi=140)
        axes.set(xlim=(-0.1, COLUMNS * WIDTH + 0.1), ylim=(-height - 0.35, 0.6))
        axes.set_axis_off()
        _edges(axes, graph, places)
        for place, section in layout.heads:
            axes.text(place[0] + INDENT - 0.06, place[1], section, fontsize=7, weight="bold", va="center")
        _nodes(axes, graph, places)
        _legend(axes, graph.nodes)
        axes.text(0.05, 0.38, graph.title, fontsize=9.5, weight="bold", va="center")
    return figure


def _edges(axes: Axes, graph: Graph, places: Mapping[str, Place]) -> None:
    refuted = {node.id for node in graph.nodes if node.standing == "refuted"}
    for used, user in sorted(graph.edges, key=lambda edge: edge[0] in refuted):
        if used in places and user in places:
            colour = SHAKY if used in refuted else FAINT
            # thin lines without grey levels: a third of the file's size
            line = PathPatch(_curve(places[used], places[user]), fc="none", ec=colour, lw=0.35, aa=False, zorder=1)
            axes.add_patch(line)
    for used, user in graph.chain:
        if used in places and user in places:
            path = _curve(places[used], places[user])
            arrow = FancyArrowPatch(path=path, arrowstyle="-|>", mutation_scale=6, color=CHAIN, lw=1.3, zorder=2)
            axes.add_patch(arrow)


def _curve(start: Place, end: Place) -> Path:
    """From marker to marker, by the free strip left of the further column."""
    (x0, y0), (x1, y1) = start, end
    bulge = 0.12 + 0.05 * abs(y1 - y0) ** 0.5
    reach = bulge if abs(x1 - x0) < WIDTH / 2 else WIDTH / 2
    towards = x0 - reach if x1 - x0 < WIDTH / 2 else x0 + reach
    corners = [(x0, y0), (towards, y0), (x1 - reach, y1), (x1, y1)]
    return Path(corners, [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4])


def _nodes(axes: Axes, graph: Graph, places: Mapping[str, Place]) -> None:
    marked = {id for edge in graph.chain for id in edge}
    for node in graph.nodes:
        if node.id not in places:
            continue
        (x, y), sign, own = places[node.id], SIGNS[node.standing], node.amends is None
        size = 5.0 if own else 3.4
        face = sign.colour if sign.filled else "white"
        axes.plot(x, y, sign.shape, ms=size, mfc=face, mec=sign.colour, mew=0.7 if not sign.filled else 0, zorder=4)
        if own:
            weight, colour = ("bold", CHAIN) if node.id in marked else ("normal", "0.15")
            behind = {"fc": "white", "ec": "none", "pad": 0.2}
            axes.text(
                x + 0.07, y, node.id, fontsize=6.2, va="center", weight=weight, color=colour, bbox=behind, zorder=3
            )


def _legend(axes: Axes, nodes: Sequence[Node]) -> None:
    shown = [name for name in SIGNS if any(node.standing == name for node in nodes)]
    handles = [_handle(name) for name in shown]
    if any(node.amends for node in nodes):
        handles.append(Line2D([], [], ls="", marker="o", ms=3, color="0.4", label="small: amendment"))
    lines = ((FAINT, "is used by"), (SHAKY, "is refuted and used by"), (CHAIN, "chain of the title"))
    handles += [Line2D([], [], color=colour, lw=1.2, label=label) for colour, label in lines]
    axes.legend(handles=handles, loc="lower left", ncols=len(handles), fontsize=7, borderaxespad=0.2)


def _handle(name: str) -> Line2D:
    sign = SIGNS[name]
    face = sign.colour if sign.filled else "white"
    return Line2D([], [], ls="", marker=sign.shape, ms=5, mfc=face, mec=sign.colour, label=name)
