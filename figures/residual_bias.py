"""The bias of Residual Learning at finite rates: predicted lines, simulated points."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .style import styled

COLOURS, SHAPES = {"no buffer": "C0", "buffer": "C1"}, {"no buffer": "o", "buffer": "s"}


def _lines(axes: Axes, ds: xr.Dataset, axis: str, measure: str) -> None:
    """Both rules over alpha or beta/alpha: the exact law, its two limits, and points with intervals."""
    end = "" if axis == "alpha" else "_ratio"
    x = ds[axis].values
    for rule in ds["rule"].values:
        part, colour = abs(ds.sel(rule=rule, measure=measure)), COLOURS[rule]
        axes.plot(x, part[f"exact{end}"], color=colour, lw=1.3, label=rule)
        axes.plot(x, part[f"leading{end}"], color=colour, lw=1, ls="--")
        axes.plot(x, part[f"slow{end}"], color=colour, lw=1, ls=":")
        axes.errorbar(x, part[f"value{end}"], part[f"half{end}"], fmt=SHAPES[rule], ms=4, color=colour, capsize=2)
    axes.set(xscale="log", yscale="log")
    axes.set_xticks(x, [f"{value:g}" for value in x])
    axes.set_xticks([], minor=True)


def _local(axes: Axes, ds: xr.Dataset) -> None:
    axes.axhline(1, color="0.5", lw=1)
    axes.errorbar(ds["local"], ds["logistic"], ds["logistic_half"], fmt="D", ms=4, color="C2", capsize=2)
    axes.set(xlabel=r"learning rate $\alpha$", ylabel=r"bias of $W$ over the slow limit", xlim=(0, None))
    axes.set_title("locally on a logistic loss")


def draw(ds: xr.Dataset) -> Figure:
    """Bias of Wbar over alpha, bias of W over beta/alpha, and a logistic loss."""
    with styled():
        figure, (first, second, third) = plt.subplots(1, 3, figsize=(12.6, 4.2))
        _lines(first, ds, "alpha", "bias_Wbar")
        first.set(xlabel=r"learning rate $\alpha$ ($\beta/\alpha=0.2$)", ylabel=r"$|E\bar W-w^*|$")
        first.set_title(r"falls as $\sqrt{\alpha}$")
        _lines(second, ds, "ratio", "bias_W")
        second.set(xlabel=r"$\beta/\alpha$ ($\alpha=0.05$)", ylabel=r"$|EW-w^*|$")
        analog = abs(ds.attrs["analog"])
        second.axhline(analog, color="0.5", lw=1)
        second.annotate(
            "Analog SGD", (0.02, analog), xycoords=("axes fraction", "data"), va="bottom", fontsize="x-small"
        )
        second.set_title("W slow, or not")
        second.set_ylim(None, 1.4 * max(analog, float(np.nanmax(abs(ds["value_ratio"])))))
        for style, told in (("-", "exact"), ("--", r"limit $\alpha\to0$"), (":", r"limit $\beta/\alpha\to0$ too")):
            first.plot([], [], color="0.3", ls=style, lw=1, label=told)
        first.legend(fontsize="x-small")
        _local(third, ds)
        figure.suptitle(_title(ds), fontsize="medium")
    return figure


def _title(ds: xr.Dataset) -> str:
    at = ds.sel(rule="no buffer", measure="bias_Wbar").isel(alpha=-1)
    return (
        r"At finite rates Residual Learning is biased, by the order $\sqrt{\alpha}$: the spread of $P$ leaks into $W$"
        "\n"
        f"(lines are predicted, points simulated with 99 % intervals that hold together; {float(at['value']):+.3f} at "
        rf"$\alpha={float(at['alpha']):g}$)"
    )
