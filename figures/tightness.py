"""Tightness: bound over measured for every drawn instance, a strip a theorem and reading, the tightest one marked."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .style import DOWN, UP, styled

LEAST, MOST = 0.02, 3e3
OFFSETS, COLOURS, SHAPES = (0.19, -0.19), (DOWN, UP), ("x", ".")


def _strip(axes: Axes, ratios: np.ndarray, row: float, look: tuple[str, str], label: str) -> None:
    """Every ratio as a point, those off the scale at its end; the median as a bar."""
    colour, shape = look
    shown = np.clip(ratios[np.isfinite(ratios)], LEAST, MOST)
    spread = np.random.default_rng(0).uniform(-0.13, 0.13, shown.size)
    axes.plot(shown, row + spread, shape, color=colour, ms=4, alpha=0.55, label=label)
    median = np.median(shown) if shown.size else np.nan
    axes.plot([median] * 2, [row - 0.17, row + 0.17], color=colour, lw=2.5)


def _mark(axes: Axes, tightest: float, row: float) -> None:
    told = f"{tightest:.2f}"
    axes.annotate(told, (tightest, row), (-9, -4), textcoords="offset points", fontsize=9, ha="right")


def draw(ds: xr.Dataset) -> Figure:
    """One strip a theorem and reading; below 1 a bound is violated."""
    with styled():
        figure, axes = plt.subplots(figsize=(10.5, 6.2))
        names = list(ds["theorem"].values)
        for k, name in enumerate(names):
            row, at = len(names) - k, ds.sel(theorem=name)
            for reading, offset, *look in zip(ds["reading"].values, OFFSETS, COLOURS, SHAPES, strict=True):
                label = f"{reading}, bar: median" if not k else "_"
                _strip(axes, at["ratio"].sel(reading=reading).values, row + offset, (look[0], look[1]), label)
            tightest = float(at["tightest"])
            axes.plot(
                tightest,
                row + OFFSETS[1],
                "*",
                ms=13,
                color="#E69F00",
                mec="black",
                label="_" if k else "tightest found",
            )
            _mark(axes, tightest, row + OFFSETS[1])
        axes.axvline(1, color="black", lw=1)
        axes.set(xscale="log", xlim=(LEAST / 1.3, MOST * 1.3), ylim=(0.2, len(names) + 0.6))
        axes.set_xlabel("bound / measured (below 1: violated); (137) as printed is read for the run of (136)")
        axes.set_yticks(range(len(names), 0, -1), names)
        axes.legend(loc="lower right", ncols=3, fontsize=9)
        axes.set_title(_title(ds), fontsize="medium")
    return figure


def _title(ds: xr.Dataset) -> str:
    names, found = ds["theorem"].values, ds["tightest"]
    loose = ", ".join(
        f"{name} by {float(found.sel(theorem=name)):.2g}" for name in names if found.sel(theorem=name) >= 1.1
    )
    tight = ", ".join(str(name) for name in names if found.sel(theorem=name) < 1.1)
    held = [str(name) for name in names if not (ds["ratio"].sel(theorem=name, reading="as printed") < 0.99).any()]
    return (
        f"Repaired, none is violated. Tight: {tight}.\nLoose wherever searched: {loose}.\n"
        f"As printed, violated somewhere: all but {', '.join(held) or 'none'}."
    )
