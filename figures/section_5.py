"""Section 5: the floors of transfers with and without buffer and threshold, measured and predicted, and their order."""

from __future__ import annotations

import matplotlib.pyplot as plt
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..experiments.paper.section_5 import PANELS, holds_up_to, part
from .style import styled

COLOURS, SHAPES = ("C0", "C1", "C2"), ("o", "s", "^")
ERROR, EXCESS = r"$E(W-W^*)^2$ of a weight", r"$E f(\bar W)-f^*$ of a weight"


def _lines(axes: Axes, ds: xr.Dataset, panel: str, measure: str) -> None:
    """One panel: points with 99 % intervals, predictions as lines."""
    x = ds[PANELS[panel].axis].values
    for rule, colour, shape in zip(PANELS[panel].rules, COLOURS, SHAPES, strict=False):
        value, half, expected = part(ds, panel, rule, measure)
        axes.plot(x, expected, color=colour, lw=1.2)
        axes.errorbar(x, value, half, fmt=shape, ms=4, color=colour, capsize=2, label=rule)
    axes.set(xscale="log", yscale="log")
    axes.set_xticks(x, [f"{value:g}" for value in x])
    axes.set_xticks([], minor=True)
    if measure == "error2":
        axes.legend(fontsize="x-small")


def draw(ds: xr.Dataset) -> Figure:
    """Buffer against reading noise, threshold against granularity (top); the order with both, by two measures."""
    with styled():
        figure, grid = plt.subplots(2, 2, figsize=(10, 7.4))
        panels = (("reading", "error2"), ("granular", "error2"), ("merit", "error2"), ("merit", "excess"))
        for axes, (panel, measure) in zip(grid.flat, panels, strict=True):
            _lines(axes, ds, panel, measure)
            axes.set_ylabel(EXCESS if measure == "excess" else ERROR)
        noise, dw_min = r"noise $s$ in reading $P$", r"granularity $\Delta w_{\min}$ of $W$"
        for axes, label in zip(grid.flat, (noise, dw_min, noise, noise), strict=True):
            axes.set_xlabel(label)
        size = f"{ds.attrs['dw_min']:g}"
        grid[0, 0].set_title("a buffer takes the pull of reading noise off")
        grid[0, 1].set_title(f"a threshold helps against granularity ($s={ds.attrs['reading']:g}$)")
        grid[1, 0].set_title(rf"both, all arrays at $\Delta w_{{\min}}={size}$: by the error of $W$")
        grid[1, 1].set_title(r"the same, by the loss at $\bar W$")
        figure.suptitle(_title(ds), fontsize="medium")
    return figure


def _title(ds: xr.Dataset) -> str:
    return (
        "From worst to best: Analog SGD, Residual Learning, v2\n"
        f"by the loss: {holds_up_to(ds, 'excess')}; by the error of W: {holds_up_to(ds, 'error2')}\n"
        "lines are predicted, points measured (99 % intervals that hold together)"
    )
