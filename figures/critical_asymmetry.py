"""Figure 2's transition: losses over |R(0)| between the critical ratios; transitions by the reach of an update."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..experiments.paper.critical_asymmetry import as_run
from ..experiments.paper.figure_2 import CAP, DW_MIN
from .style import styled

SHAPES = {"paper": "o", "one-sided": "s"}
LINES = {
    "capped": ("C0", "-", "all samples capped"),
    "at_rates": ("C2", ":", "W swings against P"),
    "uncapped": ("C1", "--", "no cap"),
}


def _printed(pair: str, ratios: np.ndarray) -> list[tuple[float, str]]:
    """The ratios that are those of a c_lin of Figure 2, with it."""
    c_lin = ratios if pair == "paper" else 2 * ratios / (1 + ratios)
    return [(r, f"{c:.1f}") for r, c in zip(ratios, c_lin, strict=True) if abs(c - round(c, 1)) < 1e-9]


def _losses(axes: Axes, ds: xr.Dataset) -> None:
    ratios = ds["ratio"].values
    for k, (pair, shape) in enumerate(SHAPES.items()):
        each = ds["loss"].sel(pair=pair)
        axes.plot(ratios, each.mean("seed"), shape, ms=5, mfc="none" if k else "0.15", mec="0.15", label=f"{pair} pair")
        for ratio, c_lin in _printed(pair, ratios):
            at = float(each.sel(ratio=ratio).mean())
            near, side = ((6, -11), "left") if k else ((-1, 7), "center")
            told = rf"$c_{{\rm lin}}={c_lin}$"
            axes.annotate(told, (ratio, at), textcoords="offset points", xytext=near, ha=side, fontsize="x-small")
    for name, (colour, dashes, told) in LINES.items():
        axes.axvline(ds.attrs[name], color=colour, ls=dashes, lw=1.4, label=f"predicted, {told}: {ds.attrs[name]:.3f}")
    axes.set(yscale="log", xlabel=r"$|R(0)|$ of the device", ylabel="loss / D after 1000 steps", ylim=(2e-6, 30))
    axes.set_title("as Figure 2 runs it")
    axes.legend(fontsize="x-small", loc="lower right", frameon=True, framealpha=1, edgecolor="none")


def _transitions(axes: Axes, ds: xr.Dataset) -> None:
    axes.plot(
        ds["reach"], ds["close"], "-", marker=".", color="0.4", lw=1.2, label="mean field, long runs from near $W^*$"
    )
    far = ds.sel(reach=ds["reach"] >= CAP * DW_MIN / 1.01)
    axes.plot(far["reach"], far["far"], "-.", color="0.6", lw=1.2, label="mean field, start and steps of Figure 2")
    reach = ds["dw_min"] * ds["bl_max"]
    for shape, dw_min in zip("D^vs", np.unique(ds["dw_min"]), strict=True):
        own = ds["dw_min"].values == dw_min
        found = np.stack([ds[name].values[own] for name in ("transition", "below", "above")])
        _points(axes, reach.values[own], found, shape, rf"pulses, $\Delta w_{{\min}}={1e4 * dw_min:g}\cdot10^{{-4}}$")
    run = np.array(as_run(ds, "paper"))[:, None]
    _points(axes, np.array([CAP * DW_MIN]), run, "o", "pulses, as Figure 2 runs it")
    for name, (colour, dashes, _) in LINES.items():
        axes.axhline(ds.attrs[name], color=colour, ls=dashes, lw=1.4)
    axes.set(xscale="log", xlabel=r"largest step of an update, cap $\times\ \Delta w_{\min}$ ")
    axes.set(ylabel=r"$|R(0)|$ at the transition", ylim=(0.06, 0.235), title="other caps, coarser and finer pulses")
    axes.legend(fontsize="x-small", loc="upper left")


def _points(axes: Axes, x: np.ndarray, found: np.ndarray, shape: str, told: str) -> None:
    """Transitions with the grid points on either side of them, (3, point)."""
    at, below, above = found
    face, sides = "0.15" if shape == "o" else "w", [at - below, above - at]
    axes.errorbar(x, at, sides, fmt=shape, ms=5, color="0.15", mfc=face, capsize=2, lw=1, label=told)


def draw(ds: xr.Dataset) -> Figure:
    """Losses and transitions as points, the predicted critical ratios as lines."""
    with styled():
        figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.4))
        _losses(left, ds)
        _transitions(right, ds)
        low, high = ds.attrs["capped"], ds.attrs["uncapped"]
        figure.suptitle(
            rf"Tiki-Taka fails in Figure 2 where $|R(0)|$ is above {low:.3f} (all samples capped) to {high:.3f} "
            "(no cap): there $W^*$ does not\nattract, though it fits every sample. Straight lines: predicted from the "
            "data; points: pulse by pulse",
            fontsize="medium",
        )
    return figure
