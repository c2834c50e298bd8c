"""Residual Learning next to its fixed point: its stable region, a cut through it, its best rate, its transfer rates."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure

from .style import DOWN, MARK, UP, styled

SHAPES = {"quadratic": ("o", UP), "logistic": ("s", "#CC79A7")}
STYLES = ("-", "--", "-.", ":")


def _region(figure: Figure, axes: Axes, ds: xr.Dataset) -> None:
    """Growth over both rates; black: where it is 1; dashed: where a mode alone would grow."""
    growth = ds["growth"].T
    norm = TwoSlopeNorm(1.0, float(growth.min()), 1.25)
    shown = axes.pcolormesh(
        ds["mixing"], ds["move"], growth, cmap="PuOr_r", norm=norm, shading="gouraud", rasterized=True
    )
    figure.colorbar(shown, ax=axes, label="growth a step", extend="max")
    axes.contour(ds["mixing"], ds["move"], growth, levels=[1.0], colors=MARK, linewidths=1.2)
    axes.plot(ds["mixing"], (4 - 2 * ds["mixing"]) / (1 + ds.attrs["at_w"]), "--", color=MARK, lw=1)
    for name, grows, shape in (("contracts", False, "o"), ("grows", True, "X")):
        c, y = np.meshgrid(ds["tried_mixing"], ds["tried_move"], indexing="ij")
        chosen = (ds["tried"].values > 1) == grows
        axes.scatter(
            c[chosen], y[chosen], s=22, marker=shape, c="white", edgecolors=MARK, lw=0.8, label=f"simulated: {name}"
        )
    axes.plot([], [], "--", color=MARK, lw=1, label="below: all modes contract")
    flip = (4 - 2 * ds["mixing"]) / (1 - ds.attrs["at_w"] ** 2)
    axes.plot(ds["mixing"], flip, ":", color=DOWN, lw=2, label="above: alternating modes grow")
    axes.set(xscale="log", xlabel=r"$\alpha h\gamma$", ylabel=r"$\alpha h\beta$", ylim=(0, 5.6))
    axes.legend(fontsize="x-small", loc="upper left", bbox_to_anchor=(-0.1, -0.18), ncols=2)
    axes.set_title("Contracts where purple or white, $q_\\pm(w^*)=1/2,\\ 3/2$")


def _cut(axes: Axes, ds: xr.Dataset) -> None:
    """Growth and the modes' radii along the cut."""
    axes.axhline(1, color="0.7", lw=0.8)
    axes.plot(ds["along"], ds["cut"], color=UP, lw=1.2, label="growth of the switched map")
    axes.plot(ds["along"], ds["modes"], "--", color=DOWN, lw=1.2, label="largest spectral radius of a mode")
    for loss, (shape, colour) in SHAPES.items():
        shift = 0.03 if loss == "logistic" else 0.0
        axes.plot(
            ds["point"] + shift, ds["measured"].sel(loss=loss), shape, color=colour, ms=4, label=f"simulated, {loss}"
        )
    axes.set(xlabel=r"$\alpha h\beta$", ylabel="growth a step", ylim=(0.9, 1.6))
    axes.set_title(rf"Eigenvalues mislead: cut at $\alpha h\gamma={ds.attrs['cut']:g}$")
    axes.legend(fontsize="x-small", loc="upper left")


def _rates(axes: Axes, ds: xr.Dataset) -> None:
    """Steps for a factor of ten over the condition number."""
    for method, style in zip(ds["algorithm"].values, STYLES, strict=True):
        axes.plot(ds["kappa"], -1 / np.log10(ds["rates"].sel(algorithm=method)), style, lw=1.2, label=method)
    axes.plot(ds["kappa_point"], -1 / np.log10(ds["fastest"]), "o", color="C0", ms=4, label="simulated")
    axes.set(xscale="log", yscale="log", xlabel=r"$\kappa=L/\mu$", ylabel="steps for a factor of ten")
    axes.set_title("At its best: twice the steps of gradient descent")
    axes.legend(fontsize="x-small", loc="upper left")


def _transfer(axes: Axes, ds: xr.Dataset) -> None:
    """Transfer rates over the mixing coefficient, for equal gains."""
    axes.plot(ds["gamma"], ds["grows"], color=DOWN, lw=1.2, label=r"grows from $4/(\alpha h)-2\gamma$ on")
    axes.plot(ds["gamma"], ds["swings"], color=UP, lw=1.2, label=r"swings from $\approx\alpha h\gamma^2/4$ on")
    axes.plot(ds["gamma"], ds["printed"], "--", color=MARK, lw=1.2, label=r"(89) of the paper, $\propto\gamma^{3/2}$")
    for edge, colour, shape in (("grows", DOWN, "X"), ("swings", UP, "o")):
        points = ds["edges"].sel(edge=edge)
        axes.errorbar(points["gamma_point"], points, 0.025 * points, fmt=shape, color=colour, ms=4, capsize=2)
    axes.set(xscale="log", yscale="log", xlabel=r"$\gamma$", ylabel=r"transfer rate $\beta$")
    axes.set_title(rf"Equal gains, $\alpha={ds.attrs['alpha']:g}$, $h=\mu=1$")
    axes.legend(fontsize="x-small", loc="lower right")


def draw(ds: xr.Dataset) -> Figure:
    """Region and cut (top), best rate and transfer rates (bottom)."""
    with styled():
        figure, grid = plt.subplots(2, 2, figsize=(10, 7.6))
        _region(figure, grid[0, 0], ds)
        _cut(grid[0, 1], ds)
        _rates(grid[1, 0], ds)
        _transfer(grid[1, 1], ds)
        figure.suptitle(_title(ds), fontsize="medium")
    return figure


def _title(ds: xr.Dataset) -> str:
    worst = float(ds["measured"].sel(loss="quadratic").where(ds["point_modes"] < 1).max())
    return (
        f"Residual Learning can grow by {worst:.2f} a step although every mode contracts;\n"
        "lines are predicted, points simulated next to the fixed point"
    )
