"""Figure 2: loss over steps pulse by pulse, for both pairs; below, plateaus with one cause switched off."""

from __future__ import annotations

import matplotlib.pyplot as plt
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..experiments.paper.figure_2 import AS_RUN, crossing
from ..experiments.paper.peer import figure_2_curves
from .style import styled

DASHES = {"Analog SGD": (0, (4, 2)), "Tiki-Taka": "solid"}
MARKERS = ("o", "s", "^", "D")


def _curves(axes: Axes, ds: xr.Dataset) -> None:
    """Loss over steps of one pair; the peer's measurements, where it has them, as circles."""
    for algorithm, dashes in DASHES.items():
        for k, c_lin in enumerate(ds["c_lin"].values):
            mean = ds["loss"].sel(algorithm=algorithm, c_lin=c_lin)
            axes.plot(ds["step"], mean, color=f"C{k}", ls=dashes, lw=1.2)
    axes.set(yscale="log", ylim=(3e-6, 60), xlabel="step", title=f"{ds['pair'].item()} pair")


def _peer(axes: Axes) -> None:
    measured = figure_2_curves()
    for algorithm in DASHES:
        for k, c_lin in enumerate(measured["c_lin"].values):
            points = measured["mean"].sel(algorithm=algorithm, c_lin=c_lin).isel(step=slice(0, None, 5))
            axes.plot(points["step"], points, "o", ms=3, mfc="none", mec=f"C{k}", mew=0.8)


def _plateaus(axes: Axes, ds: xr.Dataset) -> None:
    """Plateaus over c_lin, as run and with one cause off."""
    for algorithm, dashes in DASHES.items():
        for k, off in enumerate(ds["off"].values):
            one = ds.sel(off=off, algorithm=algorithm)
            axes.errorbar(
                ds["c_lin"],
                one["plateau"],
                one["half"],
                color="k" if off == AS_RUN else f"C{k + 3}",
                ls=dashes,
                marker=MARKERS[k],
                ms=4,
                lw=1.2,
                capsize=2,
            )
    axes.set(yscale="log", ylim=(1e-7, 8), xlabel=r"$c_{\rm lin}$", xticks=ds["c_lin"].values)


def _legends(top: Axes, bottom: Axes, ds: xr.Dataset) -> None:
    rules = [Line2D([], [], color="0.2", ls=dashes, label=name) for name, dashes in DASHES.items()]
    c_lin = [Line2D([], [], color=f"C{k}", label=rf"$c_{{\rm lin}}={c:g}$") for k, c in enumerate(ds["c_lin"].values)]
    peer = Line2D([], [], ls="", marker="o", ms=3, mfc="none", mec="0.2", label="peer simulator")
    top.legend(handles=[*c_lin, *rules, peer], fontsize="x-small", ncols=2, loc="upper right")
    off = [
        Line2D([], [], color="k" if name == AS_RUN else f"C{k + 3}", marker=MARKERS[k], ms=4, label=name)
        for k, name in enumerate(ds["off"].values)
    ]
    bottom.legend(handles=[*off, *rules], fontsize="x-small", loc="lower right")


def draw(ds: xr.Dataset) -> Figure:
    """Loss curves, Analog SGD dashed and Tiki-Taka solid, and the plateaus with one cause switched off."""
    pairs = ds["pair"].values
    with styled():
        figure, grid = plt.subplots(2, len(pairs), figsize=(9, 7.4), sharey="row")
        for column, pair in enumerate(pairs):
            _curves(grid[0, column], ds.sel(pair=pair, off=AS_RUN))
            _plateaus(grid[1, column], ds.sel(pair=pair))
        _peer(grid[0, list(pairs).index("one-sided")])
        grid[0, 0].set_ylabel("loss / D")
        grid[1, 0].set_ylabel("plateau of loss / D")
        _legends(grid[0, 1], grid[1, 0], ds)
        first, second = (crossing(ds, pair) for pair in pairs)
        figure.suptitle(
            rf"After 1000 steps Tiki-Taka is worse than Analog SGD from $c_{{\rm lin}}$ = {first} on ({pairs[0]}"
            f" pair), {second} ({pairs[1]} pair):\npair and cap decide where, the noisy reading does not",
            fontsize="medium",
        )
    return figure
