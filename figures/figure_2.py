"""Figure 2: loss over steps for four asymmetries; a column a pair of responses, a row without or with the cap."""

from __future__ import annotations

import matplotlib.pyplot as plt
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..experiments.paper.figure_2 import crossing
from .style import styled

DASHES = {"Analog SGD": (0, (4, 2)), "Tiki-Taka": "solid"}
FLOOR = 1e-12


def _panel(axes: Axes, ds: xr.Dataset) -> None:
    for algorithm, dashes in DASHES.items():
        for k, c_lin in enumerate(ds["c_lin"].values):
            axes.plot(ds["step"], ds["loss"].sel(algorithm=algorithm, c_lin=c_lin), color=f"C{k}", ls=dashes, lw=1.3)
    axes.set(yscale="log", ylim=(FLOOR, 30), title=f"{ds['pair'].item()} pair, {ds['cap'].item()}")


def _legend(figure: Figure, ds: xr.Dataset) -> None:
    asymmetries = [
        Line2D([], [], color=f"C{k}", label=rf"$c_{{\rm lin}}={c:g}$") for k, c in enumerate(ds["c_lin"].values)
    ]
    rules = [Line2D([], [], color="0.2", ls=dashes, label=name) for name, dashes in DASHES.items()]
    figure.legend(handles=[*asymmetries, *rules], loc="outside lower center", ncols=6)


def draw(ds: xr.Dataset) -> Figure:
    """Loss curves, Analog SGD dashed and Tiki-Taka solid."""
    pairs, caps = ds["pair"].values, ds["cap"].values
    with styled():
        figure, grid = plt.subplots(len(caps), len(pairs), figsize=(9, 6.6), sharex=True, sharey=True)
        for row, cap in enumerate(caps):
            for column, pair in enumerate(pairs):
                _panel(grid[row, column], ds.sel(pair=pair, cap=cap))
        for axes in grid[:, 0]:
            axes.set_ylabel("loss / D")
        for axes in grid[-1]:
            axes.set_xlabel("step")
        _legend(figure, ds)
        first, second = (crossing(ds, pair, caps[-1]) for pair in pairs)
        figure.suptitle(
            rf"Capped, Tiki-Taka is worse than Analog SGD from $c_{{\rm lin}}$ = {first} on ({pairs[0]} pair), "
            f"{second} ({pairs[1]} pair)\nmean field: the paper's plateau of 1e-5 waits for single pulses",
            fontsize="medium",
        )
    return figure
