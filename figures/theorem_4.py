"""Theorem 4: the three errors of the smooth update against pulses, with what the expansion predicts, and a cap."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..experiments.paper.theorem_4 import beyond_the_cap
from .style import styled

MARKERS = "os^"
TITLES = {
    "granularity": ("Granularity: order 1 in $\\Delta w_{\\min}$", "$\\Delta w_{\\min}$", "mean |pulses $-$ limit|"),
    "curvature": ("Curvature: order 2 in $\\Delta w$", "$\\Delta w$", "mean |pulses $-$ (3)|"),
    "noise_grain": ("Cycle variation: order 1/2 in $\\Delta w_{\\min}$", "$\\Delta w_{\\min}$", "standard deviation"),
    "noise_step": ("Cycle variation: order 1/2 in $\\Delta w$", "$\\Delta w$", "standard deviation"),
}


def _framed(axes: Axes, name: str) -> None:
    title, x, y = TITLES[name]
    axes.set(xscale="log", yscale="log", xlabel=x, ylabel=y)
    axes.set_title(title, fontsize="small")
    axes.legend(fontsize="x-small", title="measured slope, 99 %", title_fontsize="x-small")


def _exact(axes: Axes, ds: xr.Dataset, name: str) -> None:
    """Errors without noise, averaged over the starts, with their range; the prediction as a line."""
    sizes = ds[ds[name].dims[1]].values
    for k, case in enumerate(ds["case"].values):
        part = abs(ds.sel(case=case))
        mean = part[name].mean("start")
        spread = [mean - part[name].min("start"), part[name].max("start") - mean]
        low, high = part[f"{name}_slope"].values
        label = f"{case}: {low:.3f} to {high:.3f}"
        axes.plot(sizes, part[f"{name}_predicted"].mean("start"), color=f"C{k}", lw=1)
        axes.errorbar(sizes, mean, spread, fmt=MARKERS[k], ms=4, color=f"C{k}", capsize=2, label=label)
    _framed(axes, name)


def _noisy(axes: Axes, ds: xr.Dataset, name: str) -> None:
    """Standard deviations with their intervals over groups of seeds; the prediction as a line."""
    for k, case in enumerate(ds["case"].values):
        part = ds.sel(case=case)
        variance, half = part[f"{name}_measured"], part[f"{name}_half"]
        size = np.sqrt(variance)
        bars = [size - np.sqrt(variance - half), np.sqrt(variance + half) - size]
        label = rf"{case}: ${float(part[f'{name}_slope']):.3f}\pm{float(part[f'{name}_slope_half']):.3f}$"
        axes.plot(part[name], np.sqrt(part[f"{name}_predicted"]), color=f"C{k}", lw=1)
        axes.errorbar(part[name], size, bars, fmt=MARKERS[k], ms=4, color=f"C{k}", capsize=2, label=label)
    _framed(axes, name)


def _capped(axes: Axes, ds: xr.Dataset) -> None:
    """The relative error for each cap, and what the cap leaves of it on a constant response."""
    part, steps = ds.isel(case=0), ds["step"].values
    for k, cap in enumerate(ds["cap"].values):
        label = "no cap" if cap == "none" else f"at most {cap} pulses"
        axes.plot(steps, part["relative"].sel(cap=cap), MARKERS[k], ms=4, color=f"C{k}", label=label)
        if cap != "none":
            left = beyond_the_cap(str(cap), steps)
            axes.plot(steps[left > 0], left[left > 0], color=f"C{k}", lw=1)
    axes.plot(steps, part["relative_predicted"], color=f"C{ds.sizes['cap'] - 1}", lw=1)
    axes.set(xscale="log", yscale="log", xlabel=r"$\Delta w$, with $\Delta w_{\min}=\Delta w^2$")
    axes.set_ylabel("relative error of (3)")
    axes.set_title(f"{part['case'].item()}: a cap turns the limit round", fontsize="small")
    axes.legend(fontsize="x-small")


def _curve(axes: Axes, ds: xr.Dataset) -> None:
    """The response curve by coarse pulses, its continuous limit, and one smooth update."""
    part = ds.isel(case=0)
    axes.plot(part["sent"], part["limit"], color="C0", label=r"limit $\mathrm{d}w/\mathrm{d}D=q_+(w)$")
    axes.plot(part["sent"], part["smooth"], color="0.4", ls="--", label="(3), one update")
    axes.plot(part["sent"], part["pulses"], "o", ms=4, color="C1", label=r"pulses of $\Delta w_{\min}=1/4$")
    top = float(part["limit"].max())
    axes.set_ylim(float(part["limit"].min()) - 0.2, top + 1)
    axes.set(xlabel=r"$D=\mathrm{BL}\,\Delta w_{\min}$", ylabel="$w$")
    axes.set_title(f"{part['case'].item()}: the response curve", fontsize="small")
    axes.legend(fontsize="x-small", loc="lower right")


def _title(ds: xr.Dataset) -> str:
    free = ds["relative"].sel(cap="none")
    cap = ds["cap"].values[0]
    capped = float(ds["relative"].sel(cap=cap).isel(step=-1).max())
    return (
        "The smooth update errs by orders 1, 2 and 1/2, with the constants that the expansion of the pulses gives "
        f"(lines);\nrelative to the update down to {float(free.isel(step=-1).max()):.2%} at the smallest $\\Delta w$, "
        f"but to {capped:.0f} times the update with at most {cap} pulses"
    )


def draw(ds: xr.Dataset) -> Figure:
    """The errors of granularity, curvature and cycle variation, the effect of a cap, and the response curve."""
    with styled():
        figure, grid = plt.subplots(2, 3, figsize=(11, 6.6))
        _exact(grid[0, 0], ds, "granularity")
        _exact(grid[0, 1], ds, "curvature")
        _capped(grid[0, 2], ds)
        _noisy(grid[1, 0], ds, "noise_grain")
        _noisy(grid[1, 1], ds, "noise_step")
        _curve(grid[1, 2], ds)
        figure.suptitle(_title(ds), fontsize="medium")
    return figure
