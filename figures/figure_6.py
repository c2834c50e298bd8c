"""Figure 6: the power and exponential families of response functions."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..experiments.paper.figure_6 import findings
from .style import styled


def draw(ds: xr.Dataset) -> Figure:
    """Responses (top) and asymmetry ratio (bottom), a column a family, a colour a gamma_res."""
    with styled():
        figure, grid = plt.subplots(2, 2, figsize=(8.4, 5.6), sharex=True, height_ratios=(1.35, 1))
        for (top, bottom), family in zip(grid.T, ds["family"].values, strict=True):
            one = ds.sel(family=family)
            _responses(top, one, str(family))
            _ratio(bottom, one)
        figure.suptitle(_title(ds), x=0.01, ha="left", fontsize="medium")
    return figure


def _title(ds: xr.Dataset) -> str:
    crossing, growth = findings(ds)
    first = "All pairs meet at $w = 0$ alone" if crossing.agrees else "Some pairs do not meet at w = 0 alone"
    second = "and their asymmetry $|R|$ grows" if growth.agrees else "but $|R|$ does not always grow"
    return rf"{first}, {second} with $\gamma_{{\mathrm{{res}}}}$ at every weight"


def _colours(count: int) -> np.ndarray:
    return np.asarray(plt.get_cmap("viridis")(np.linspace(0, 0.88, count)))


def _responses(axes: Axes, one: xr.Dataset, family: str) -> None:
    for shape, colour in zip(one["shape"].values, _colours(one.sizes["shape"]), strict=True):
        part = one["curve"].sel(shape=shape)
        axes.plot(one["w"], part.sel(name="q_plus"), color=colour)
        axes.plot(one["w"], part.sel(name="q_minus"), color=colour, ls="--")
    axes.plot(0, 1, "o", ms=7, mfc="white", mew=1.6, color="black", zorder=4)
    axes.set(title=f"{family} family: $q_+$ solid, $q_-$ dashed", ylabel="response $q$", ylim=(0, 4))


def _ratio(axes: Axes, one: xr.Dataset) -> None:
    for shape, colour in zip(one["shape"].values, _colours(one.sizes["shape"]), strict=True):
        part = one["curve"].sel(shape=shape, name="R")
        axes.plot(one["w"], part, color=colour, label=rf"$\gamma_{{\mathrm{{res}}}} = {float(part['gamma_res']):g}$")
    axes.legend(loc="lower right", fontsize=8.5)
    axes.set(xlabel=r"weight $w$ / $\tau$", ylabel="asymmetry ratio $R = G/F$", xlim=(-1, 1), ylim=(-1.05, 1.05))
