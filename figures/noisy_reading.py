"""Noisy reading: the bias of W over the reading noise, where its law fails, and the buffer's radius over its rate."""

from __future__ import annotations

import matplotlib.pyplot as plt
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .style import DOWN, MARK, UP, styled

SHAPES = {"quadratic": ("o", UP), "logistic": ("s", "#CC79A7")}


def _points(axes: Axes, x: xr.DataArray, pair: xr.DataArray, shape: str, colour: str, label: str) -> None:
    value, half = (pair.sel(part=part) for part in ("value", "half"))
    axes.errorbar(x, value, half, fmt=shape, ms=4, color=colour, capsize=2, label=label)


def _bias(axes: Axes, ds: xr.Dataset) -> None:
    """Bias of W over the reading noise."""
    axes.plot(ds["between"], ds["exact"], color=UP, lw=1.2, label="predicted")
    axes.plot(ds["between"], ds["linearised"], "--", color=UP, lw=1, label="predicted, linearised (43)")
    axes.plot(ds["between"], ds["printed"], ":", color=DOWN, lw=1.5, label=r"as printed: $\gamma/2$ of it")
    for loss, (shape, colour) in SHAPES.items():
        shift = 0.004 if loss == "logistic" else 0.0
        _points(axes, ds["reading"] + shift, ds["limit"].sel(loss=loss), shape, colour, f"simulated, {loss}")
    axes.set(xlabel="std of the reading noise", ylabel=r"$E W-w^*$")
    axes.set_title(r"Slow transfer, no gradient noise, $w^*=\tau/2$")
    axes.legend(fontsize="x-small", loc="lower left")


def _fast(axes: Axes, ds: xr.Dataset) -> None:
    """Bias over the transfer rate."""
    axes.axhline(ds.attrs["slow_predicted"], color=UP, lw=1.2, label=r"predicted for $\beta\to 0$")
    axes.axvspan(ds.attrs["slow_edge"], 1, color="0.92", label="condition not met")
    _points(axes, ds["beta"], ds["slow"], "o", UP, "simulated")
    axes.set(xscale="log", xlabel=r"transfer rate $\beta$", ylabel=r"$E W-w^*$", xlim=(0.003, 1))
    axes.set_title("It fails where the transfer is not slow")
    axes.legend(fontsize="x-small", loc="lower left")


def _shifted(axes: Axes, ds: xr.Dataset) -> None:
    """Bias over the asymmetry of the residual array, with gradient noise."""
    axes.axhline(ds.attrs["shifted_predicted"], color=UP, lw=1.2, label="predicted for a zero-shifted P")
    _points(axes, ds["c_lin"], ds["shifted"], "o", UP, "simulated")
    axes.set(xlabel=r"$c_{\mathrm{lin}}$ of the residual array", ylabel=r"$E W-w^*$")
    axes.set_title("It fails where gradient noise meets an asymmetric P")
    axes.legend(fontsize="x-small", loc="upper left")


def _radius(axes: Axes, ds: xr.Dataset) -> None:
    """Spread of the buffer over its rate."""
    shapes = (("o", UP, "P at rest"), ("s", DOWN, "P moves, memory 0.9"))
    for memory, (shape, colour, label) in zip(ds["memory"].values, shapes, strict=True):
        axes.plot(ds["rate"], ds["radius_predicted"].sel(memory=memory), color=colour, lw=1.2)
        _points(axes, ds["buffer"], ds["radius"].sel(memory=memory), shape, colour, label)
    axes.axvline(2, color=MARK, ls=":", lw=1, label="edge: it grows without end")
    axes.set(yscale="log", xlabel="rate $b$ of the buffer", ylabel=r"std of $H$")
    axes.set_title("The buffer's radius")
    axes.legend(fontsize="x-small", loc="upper left")


def draw(ds: xr.Dataset) -> Figure:
    """Bias and its edges; the buffer."""
    with styled():
        figure, grid = plt.subplots(2, 2, figsize=(10, 7.4))
        for panel, axes in zip((_bias, _fast, _shifted, _radius), grid.flat, strict=True):
            panel(axes, ds)
        figure.suptitle(_title(ds), fontsize="medium")
    return figure


def _title(ds: xr.Dataset) -> str:
    return (
        f"Reading noise pulls W {2 / ds.attrs['gamma']:.0f} times as far as the printed objective says at "
        rf"$\gamma={ds.attrs['gamma']:g}$;"
        "\nlines are predicted, points simulated (99 % intervals that hold together)"
    )
