"""Figure 3: three pairs of response functions with their symmetric points."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .style import DOWN, MARK, UP, styled


def draw(ds: xr.Dataset) -> Figure:
    """Both responses over the weight, a panel a pair; symmetric points marked, bounds of Definition 1 as a band."""
    with styled():
        figure, panels = plt.subplots(1, ds.sizes["pair"], figsize=(11.5, 4.1))
        for axes, name in zip(panels, ds["pair"].values, strict=True):
            _pair(axes, ds.sel(pair=name), str(name))
        panels[0].set_ylabel("response $q$")
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))
        figure.suptitle(_title(ds), x=0.01, ha="left")
    return figure


def _title(ds: xr.Dataset) -> str:
    inside, closed, pairs = int(ds["member"].sum()), int(ds["member_closed"].sum()), ds.sizes["pair"]
    where = rf"$|w| \leq {ds.attrs['inside']:g}\,\tau$"
    return f"{inside} of {pairs} pairs lie in Definition 1 on {where}, {closed} of {pairs} on the whole dynamic range"


def _pair(axes: Axes, one: xr.Dataset, name: str) -> None:
    w = one["w"].values
    axes.axhspan(float(one["q_min"]), float(one["q_max"]), color="0.93", lw=0, label=r"$[q_{\min}, q_{\max}]$")
    axes.plot(w, one["response"].sel(polarity="up"), color=UP, label="$q_+$ (up)")
    axes.plot(w, one["response"].sel(polarity="down"), color=DOWN, label="$q_-$ (down)")
    points = one["symmetric_point"].values
    points = points[np.isfinite(points)]
    heights = np.interp(points, w, one["response"].sel(polarity="up").values)
    axes.plot(points, heights, "o", ms=7, mfc="white", mew=1.6, color=MARK, label="symmetric point", zorder=4)
    axes.vlines(points, 0, heights, color=MARK, lw=0.8, ls=":")
    for point in points:
        axes.annotate(f"${point:.2f}$", (point, 0), (4, 6), textcoords="offset points", fontsize=9.5)
    count = f"{points.size} symmetric point{'s' if points.size != 1 else ''}"
    axes.set(title=f"{name}: {count}", xlabel=r"weight $w$ / $\tau$", xlim=(-1, 1))
    axes.set_ylim(0, 1.12 * float(one["response"].max()))
