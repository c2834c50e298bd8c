"""Rates: mean ||grad f||^2 over K with predicted lines, bounds over what they bound, and Residual Learning's bias."""

from __future__ import annotations

import matplotlib.pyplot as plt
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .style import styled

SHAPES = ("o", "s", "^", "D")
RESIDUAL = "Residual Learning"


def _slope(at: xr.Dataset) -> str:
    half = float(at["slope_half"])
    return f"${float(at['slope']):.3f}$" + (rf"$\pm{half:.3f}$" if half > 1e-4 else " exactly")


def _decay(axes: Axes, ds: xr.Dataset) -> None:
    """Points with intervals; dashed: the predicted power law through the last point, above the predicted floor."""
    K, standard_errors = ds["K"].values, 3
    for k, (name, shape) in enumerate(zip(ds["algorithm"].values, SHAPES, strict=True)):
        at, colour = ds.sel(algorithm=name), f"C{k}"
        error = standard_errors * at["gradient2_error"]
        label = f"{name}: slope {_slope(at)}"
        axes.errorbar(K, at["gradient2"], error, fmt=shape, ms=4.5, color=colour, capsize=2, label=label)
        last, floor = float((at["gradient2"] - at["floor"]).isel(K=-1)), float(at["floor"])
        axes.plot(K, floor + last * (K / K[-1]) ** float(at["predicted"]), "--", color=colour, lw=1)
        if floor:
            axes.axhline(floor, color=colour, lw=1, ls=":")
            told = r"predicted floor $(E|g|)^2R^2$"
            axes.annotate(told, (K[-1], floor), (0, -12), textcoords="offset points", fontsize=8.5, ha="right")
    axes.plot([], [], "--", color="grey", lw=1, label="predicted power of K, above the floor")
    axes.set(xscale="log", yscale="log", xlabel="number of steps $K$", ylabel=r"mean of $\|\nabla f\|^2$ over $k<K$")
    axes.set_title("each K with its theorem's rates")
    axes.legend(fontsize=8, loc="lower left")


def _bounds(axes: Axes, ds: xr.Dataset) -> None:
    ratio = ds["bound"] / ds["metric"]
    for k, (name, shape) in enumerate(zip(ds["algorithm"].values, SHAPES, strict=True)):
        at = ratio.sel(algorithm=name)
        axes.plot(ds["K"], at, shape + "-", ms=4.5, color=f"C{k}", lw=1)
        axes.annotate(name, (ds["K"][3], at[3]), (0, 7), textcoords="offset points", fontsize=8.5, color=f"C{k}")
    axes.axhline(1, color="black", lw=1)
    axes.set(xscale="log", yscale="log", xlabel="number of steps $K$", ylim=(0.8, 25))
    axes.set_yticks([1, 2, 5, 10, 20], ["1", "2", "5", "10", "20"])
    axes.set_title("repaired bound over the metric that it bounds")


def _bias(axes: Axes, ds: xr.Dataset) -> None:
    K, at = ds["K"], ds.sel(algorithm=RESIDUAL)
    axes.plot(K, at["gradient2"], "^", ms=4.5, color="C2", label=r"mean of $\|\nabla f(\bar W_k)\|^2$")
    axes.errorbar(
        K,
        ds["bias2"],
        3 * ds["bias2_error"],
        fmt="v",
        ms=4.5,
        color="C3",
        capsize=2,
        label=r"$(E\,\nabla f)^2$, settled",
    )
    axes.plot(K, ds["bias2_predicted"], color="C3", lw=1, label=r"predicted, $\propto\alpha(K)$")
    axes.set(xscale="log", yscale="log", xlabel="number of steps $K$")
    axes.set_title("Residual Learning's bias on Corollary 1's schedule")
    axes.legend(fontsize=8, loc="center right")


def draw(ds: xr.Dataset) -> Figure:
    """Three panels: rates and floor, looseness of the bounds, bias."""
    with styled():
        figure, row = plt.subplots(1, 3, figsize=(14.5, 4.6))
        for panel, axes in zip((_decay, _bounds, _bias), row, strict=True):
            panel(axes, ds)
        share = float(ds["floor"].max()) / ds.attrs["sigma2_S"]
        figure.suptitle(
            rf"All fall as $K^{{-1/2}}$ but Analog GD ($1/K$) and Analog SGD, which stops at ${share:.2f}\,\sigma^2S$; "
            "the bias of Residual Learning keeps pace",
            fontsize="medium",
        )
    return figure
