"""Theorem 1: the measured limit of Analog SGD against W*, Wt* and the root of T, and its approach in alpha."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..experiments.paper.theorem_1 import relative_miss, relative_width
from .style import styled

COLOURS = ("C0", "C1")
WEIGHT = 0


def _limits(axes: Axes, ds: xr.Dataset) -> None:
    """One family: the first weight's limit over the noise level, measured and predicted."""
    for colour, tau in zip(COLOURS, ds["tau"].values, strict=True):
        part = ds.sel(tau=tau).isel(weight=WEIGHT)
        axes.plot(part["std"], part["fixed_point"], color=colour, label=rf"root of $T$, $\tau={tau:g}$")
        axes.plot(part["std"], part["w_tilde"], color=colour, ls=":", label=rf"$\widetilde W^*$ (43), $\tau={tau:g}$")
        axes.errorbar(part["std"], part["limit"], part["limit_half"], fmt="o", ms=4, color=colour, capsize=2)
    axes.axhline(float(ds["minimizer"][WEIGHT]), color="0.4", ls="--", lw=1, label="$W^*$")
    axes.set(title=str(ds["family"].item()), xlabel=r"noise level $\sigma$")


def _approach(axes: Axes, ds: xr.Dataset, std: float) -> None:
    """One family: distance of the mean from the root of T over alpha, with the measured slope."""
    alphas = ds["alpha"].values
    for colour, tau in zip(COLOURS, ds["tau"].values, strict=True):
        part = ds.sel(tau=tau, std=std)
        distance = np.linalg.norm(part["mean"] - part["fixed_point"], axis=-1)
        half = np.linalg.norm(part["mean_half"], axis=-1)
        label = rf"$\tau={tau:g}$: slope ${float(part['slope']):.2f}\pm{float(part['slope_half']):.2f}$"
        axes.errorbar(alphas, distance, np.minimum(half, 0.9 * distance), fmt="o", ms=4, color=colour, label=label)
        axes.plot(alphas, distance[-1] * alphas / alphas[-1], color=colour, lw=1, alpha=0.6)
    axes.set(xscale="log", yscale="log", xlabel=r"learning rate $\alpha$")
    axes.set_xticks(alphas, [f"1/{1 / alpha:.0f}" for alpha in alphas], minor=False)
    axes.set_xticks([], minor=True)
    axes.legend(loc="upper left")


def _title(ds: xr.Dataset, std: float) -> str:
    width, exact, first = (
        float(v.max()) for v in (relative_width(ds), relative_miss(ds, "fixed_point"), relative_miss(ds, "w_tilde"))
    )
    slopes = ds["slope"].sel(std=std)
    return (
        rf"Analog SGD settles at the root of $T$: off by at most {exact:.2%} of |root $-\ W^*$| (99 % intervals up to "
        rf"{width:.2%});"
        "\n"
        rf"$\widetilde W^*$ of Theorem 1 is off by up to {first:.1%}. In $\alpha$ the mean nears the root with slope "
        rf"{float(slopes.min()):.2f} to {float(slopes.max()):.2f}"
    )


def draw(ds: xr.Dataset) -> Figure:
    """Limits over noise level and range (top), approach in the learning rate (bottom), a column a family."""
    std = float(ds["std"].values[-2])
    with styled():
        figure, grid = plt.subplots(2, ds.sizes["family"], figsize=(10, 6.6), sharey="row")
        for column, family in enumerate(ds["family"].values):
            _limits(grid[0, column], ds.sel(family=family))
            _approach(grid[1, column], ds.sel(family=family), std)
        grid[0, 0].set_ylabel("weight 1 (points: measured, 99 %)")
        grid[1, 0].set_ylabel(rf"|mean $-$ root|, $\sigma={std:g}$")
        grid[0, 0].legend(loc="lower left", fontsize="x-small")
        figure.suptitle(_title(ds, std), fontsize="medium")
    return figure
