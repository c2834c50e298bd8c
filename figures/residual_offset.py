"""Residual Learning without the zero shift: how far from W* it settles, over the error, beside Analog SGD."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .style import styled

COLOURS = {"Residual Learning": "#0072B2", "Tiki-Taka": "#D55E00", "Analog SGD": "#009E73"}
SHAPES = {"Residual Learning": "o", "Tiki-Taka": "s"}
TITLES = {"quadratic": "a quadratic loss", "logistic": "a logistic loss", "two weights": "two coupled weights"}


def _part(ds: xr.Dataset, rule: str, kind: str) -> xr.Dataset:
    return ds.isel(weight=np.flatnonzero((ds["rule"].values == rule) & (ds["kind_of"].values == kind)))


def _distances(part: xr.Dataset, kind: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Errors, distances from W* and half-widths; a pair's half-width is that of its larger weight."""
    offset, bias, half = (part[name].values for name in ("offset", "bias", "half"))
    if kind != "two weights":
        return offset, abs(bias), half
    bias, half = bias.reshape(-1, 2), half.reshape(-1, 2)
    distance = np.linalg.norm(bias, axis=1)
    return offset[::2], distance, (abs(bias) * half).sum(1) / distance


def _panel(axes: Axes, ds: xr.Dataset, kind: str) -> None:
    at = ds.sel(kind=kind, size="distance")
    axes.plot(ds["between"], at["curve"].sel(settled="residual"), color="0.3", lw=1.2, label="predicted")
    axes.axhline(float(at["curve"].sel(settled="analog")[0]), color=COLOURS["Analog SGD"], lw=1.2)
    axes.errorbar(
        [0.0],
        [float(at["analog"])],
        [float(at["analog_half"])],
        fmt="D",
        ms=5,
        color=COLOURS["Analog SGD"],
        label="Analog SGD",
    )
    for k, (rule, shape) in enumerate(SHAPES.items()):
        part = _part(ds, rule, kind)
        if part.sizes["weight"]:
            offset, distance, half = _distances(part, kind)
            shifted = offset + 0.015 * k
            axes.errorbar(shifted, distance, half, fmt=shape, ms=5, color=COLOURS[rule], capsize=2, label=rule)
    _equal(axes, ds, kind)
    axes.set(xlabel="zero-shift error: symmetric point of P", ylim=(0, None))
    axes.set_title(TITLES[kind], fontsize="small")


def _equal(axes: Axes, ds: xr.Dataset, kind: str) -> None:
    """The errors at which both are as far off, dotted; for several weights in f too, dash-dotted."""
    in_f, in_norm = (float(ds["equal"].sel(kind=kind, size=size)) for size in ("excess", "distance"))
    axes.axvline(in_norm, color="0.5", ls=":", lw=1, label=f"break-even at {in_norm:.2f}")
    if abs(in_f - in_norm) > 1e-3:
        axes.axvline(in_f, color="0.5", ls="-.", lw=1, label=f"in $f$ at {in_f:.2f}")
    axes.legend(fontsize="x-small", loc="upper center")
    top = float(ds.sel(kind=kind, size="distance")["curve"].max())
    axes.set_ylim(0, 1.7 * top)


def draw(ds: xr.Dataset) -> Figure:
    """A panel a kind of problem: distance from W* over the zero-shift error, predicted and simulated."""
    with styled():
        figure, row = plt.subplots(1, 3, figsize=(11, 4.4))
        for axes, kind in zip(row, ds["kind"].values, strict=True):
            _panel(axes, ds, kind)
        row[0].set_ylabel(r"$\|W-W^*\|$ for small rates")
        equal = float(ds["equal"].sel(kind="quadratic", size="distance"))
        figure.suptitle(
            f"Residual Learning loses to Analog SGD once its zero-shift error is beyond {equal:.2f} (tau = 1, "
            "$\\sigma$ = 0.5, $w^*$ = 0.4);\nTiki-Taka settles at the same point (lines predicted, points extrapolated "
            "to small rates, 99 % intervals)",
            fontsize="medium",
        )
    return figure
