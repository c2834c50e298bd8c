"""Table 7's question: error over cycle variation with fine and coarse pulses, measured and predicted."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .style import styled

COLOURS, SHAPES = ("C0", "C1"), ("o", "s")


def _panel(axes: Axes, ds: xr.Dataset) -> None:
    """One granularity: points with intervals, the predicted curve, the predicted onset as a dotted line."""
    for rule, colour, shape in zip(ds["rule"].values, COLOURS, SHAPES, strict=True):
        part = ds.sel(rule=rule)
        points, onset = part.sel(measure="error2"), float(part["risen"])
        axes.plot(100 * part["between"], part["curve"], color=colour, lw=1.2)
        axes.errorbar(100 * part["sigma_c"], points["value"], points["half"], fmt=shape, ms=4, color=colour, capsize=2)
        told = rf"{rule}: a quarter more at $\sigma_c={100 * onset:.0f}\,\%$"
        axes.plot([], [], color=colour, marker=shape, ms=4, label=told)
        if onset < float(part["between"].max()):
            axes.axvline(100 * onset, color=colour, ls=":", lw=1)
    axes.set(yscale="log", xlabel=r"cycle variation $\sigma_c$ in %")
    axes.set_title(rf"$\Delta w_{{\min}}={float(ds['dw_min']):g}$")
    axes.legend(fontsize="x-small", loc="center left")


def draw(ds: xr.Dataset) -> Figure:
    """The mean square error of a weight over cycle variation, a panel a granularity."""
    with styled():
        figure, row = plt.subplots(1, 2, figsize=(9.6, 4.2), sharey=True)
        for axes, dw_min in zip(row, ds["dw_min"].values, strict=True):
            _panel(axes, ds.sel(dw_min=dw_min))
        row[0].set_ylabel(r"$E(W-W^*)^2$ of a weight")
        figure.suptitle(_title(ds), fontsize="medium")
    return figure


def _title(ds: xr.Dataset) -> str:
    fine, coarse = ((ds["ratio"].isel(dw_min=k, sigma_c=-1) - 1).values for k in (0, 1))
    return (
        f"From 10 to 120 % cycle variation adds {_span(fine)} to the error with fine pulses, {_span(coarse)} with "
        "coarse;\nlines are predicted, points measured (99 % intervals that hold together), dotted: predicted onsets"
    )


def _span(shares: np.ndarray) -> str:
    return " and ".join(f"{share:.0%}" for share in shares)
