"""The floor of Analog SGD over sigma^2 S: over the asymmetry for several noises, and over the step size."""

from __future__ import annotations

import matplotlib.pyplot as plt
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .style import styled

SHAPES = ("o", "s", "^")
LABELS = {
    "two signs": r"$\pm\sigma$: exactly $\sigma^2S$",
    "normal": "normal",
    "rare": r"rare: $7\sigma$ in one of 50, $-\sigma/7$ else",
}


def _noises(axes: Axes, ds: xr.Dataset) -> None:
    axes.fill_between(ds["between"], ds["largest"], 12, color="#EEEEEE")
    axes.plot(ds["between"], ds["largest"], color="black", lw=1.2, label=r"largest of any noise, $1/(1-r^2)$")
    for k, (name, shape) in enumerate(zip(ds["noise"].values, SHAPES, strict=True)):
        at = ds.sel(noise=name)
        axes.plot(ds["between"], at["curve"], color=f"C{k}", lw=1.2)
        axes.errorbar(ds["r"], at["value"], at["half"], fmt=shape, ms=5, capsize=2, color=f"C{k}", label=LABELS[name])
    axes.set(yscale="log", ylim=(0.05, 12), xlim=(0, 0.92))
    axes.set(xlabel=r"asymmetry $r=|R|$ where it stops", ylabel=r"floor of $\|\nabla f\|^2$ over $\sigma^2S$")
    axes.set_title(r"$\alpha\to0$: points measured, lines the root of $T$")
    axes.legend(fontsize=8.5, loc="upper left")


def _step_sizes(axes: Axes, ds: xr.Dataset) -> None:
    for k, (ratio, shape) in enumerate(zip(ds["stiffness"].values, SHAPES, strict=True)):
        at = ds.sel(stiffness=ratio)
        label = rf"$h\tau/\sigma={ratio:g}$"
        axes.errorbar(
            ds["step"],
            at["ratio"],
            at["ratio_half"],
            fmt=shape + "-",
            lw=0.8,
            ms=5,
            capsize=2,
            color=f"C{k}",
            label=label,
        )
        beyond = at.where(~at["kept"], drop=True)
        axes.plot(beyond["step"], beyond["ratio"], "x", ms=13, mew=2, color="black")
        if ratio < 1:
            axes.axhline(ratio**2, color=f"C{k}", ls="--", lw=1)
    axes.axhline(1, color="black", ls="--", lw=1)
    told = r"fails: $2\alpha\sigma>\tau$, $w$ leaves its range"
    axes.plot([], [], "x", color="black", ms=9, mew=2, label=told)
    axes.plot([], [], "--", color="black", lw=1, label=r"lower bound $\min(1,(h\tau/\sigma)^2)$")
    axes.set(
        xscale="log", yscale="log", xlabel=r"step size $\alpha h$", ylabel=r"$E\,\|\nabla f\|^2$ over $\sigma^2 E S$"
    )
    axes.minorticks_off()
    axes.set_xticks(ds["step"].values, [f"{step:g}" for step in ds["step"].values])
    axes.set_yticks([0.25, 0.5, 1, 2, 4], ["1/4", "1/2", "1", "2", "4"])
    axes.set_title(r"finite step sizes, noise $\pm\sigma$")
    axes.legend(fontsize=8.5)


def draw(ds: xr.Dataset) -> Figure:
    """Two panels: noises, step sizes."""
    with styled():
        figure, row = plt.subplots(1, 2, figsize=(10.5, 4.4))
        _noises(row[0], ds)
        _step_sizes(row[1], ds)
        figure.suptitle(
            r"No step size takes Analog SGD below order $\sigma^2S$, but rare noise does, and no noise lifts it far",
            fontsize="medium",
        )
    return figure
