"""Figure 1: response curves of the ideal and of an asymmetric device, and their slopes."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..experiments.paper.figure_1 import findings, measured_slopes, slopes_meet
from .style import DOWN, MARK, UP, styled


def draw(ds: xr.Dataset) -> Figure:
    """Weight over pulses for both devices, then the asymmetric device's slopes over the weight."""
    with styled():
        figure, (left, middle, right) = plt.subplots(1, 3, figsize=(11.5, 4.1))
        _curve(left, ds, "ideal")
        _curve(middle, ds, "asymmetric")
        _slopes(right, ds, "asymmetric")
        figure.suptitle(_title(ds), x=0.01, ha="left")
    return figure


def _title(ds: xr.Dataset) -> str:
    meet, slope = slopes_meet(ds, "asymmetric"), findings(ds)[0]
    verb = "are" if slope.agrees else "are not"
    return f"The curve's slopes {verb} the responses; up and down agree at w = {meet:.2f}, the symmetric point"


def _curve(axes: Axes, ds: xr.Dataset, device: str) -> None:
    one, turn = ds.sel(device=device), ds.attrs["pulses"]
    axes.plot(ds["pulse"][: turn + 1], one["weight"][: turn + 1], color=UP, label="up pulses")
    axes.plot(ds["pulse"][turn:], one["weight"][turn:], color=DOWN, label="down pulses")
    if device != "ideal":
        point = float(one["symmetric_point"])
        axes.axhline(point, color=MARK, lw=1, ls=":", label=f"symmetric point {point:g}")
    axes.set(title=f"{device} device", xlabel="pulses", ylim=(-1.1, 1.75), yticks=np.linspace(-1, 1, 5))
    axes.set_ylabel(r"weight $w$ / $\tau$")
    axes.legend(loc="upper left", ncols=1)


def _slopes(axes: Axes, ds: xr.Dataset, device: str) -> None:
    one, slope = ds.sel(device=device), abs(measured_slopes(ds).sel(device=device))
    rising = (ds["pulse"] < ds.attrs["pulses"]).values
    for polarity, side, colour, letter in (("up", rising, UP, "q_+"), ("down", ~rising, DOWN, "q_-")):
        order = np.argsort(one["weight"].values[side])
        weight = one["weight"].values[side][order]
        axes.plot(weight, one["response"].sel(polarity=polarity).values[side][order], color=colour, label=f"${letter}$")
        axes.plot(weight[::14], slope.values[side][order][::14], "o", ms=4, mfc="white", color=colour)
    axes.plot([], [], "o", ms=4, mfc="white", color="0.4", label="measured slope")
    meet = slopes_meet(ds, device)
    axes.vlines(float(one["symmetric_point"]), 0, 2.4, color=MARK, lw=1, ls=":", label=f"slopes meet at {meet:.2f}")
    axes.set(title="slopes of the asymmetric device", xlabel=r"weight $w$ / $\tau$", ylim=(0, 3.1))
    axes.set_ylabel(r"|slope| per pulse, in $\Delta w_{\min}$")
    axes.legend(loc="upper left", ncols=2)
