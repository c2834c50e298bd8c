"""Where Analog SGD settles at a finite step: lines predicted, points sampled."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .style import MARK, styled

COLOURS, SHAPES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000"), ("o", "s", "^", "D", "X")
LOGISTIC, KINKED = "logistic, normal", "rows, on a kink"


def _signs(ds: xr.Dataset) -> list[tuple[str, str, str]]:
    return list(zip(ds["case"].values.tolist(), COLOURS, SHAPES, strict=True))


def _rates(axes: Axes, alpha: np.ndarray) -> None:
    axes.set(xscale="log", xlabel=r"learning rate $\alpha$", xlim=(alpha.min() / 1.2, alpha.max() * 1.2))
    axes.set_xticks(alpha, [f"{rate:g}" for rate in alpha])
    axes.set_xticks([], minor=True)


def _spread(axes: Axes, ds: xr.Dataset) -> None:
    alpha = ds["alpha"].values
    for case, colour, shape in _signs(ds)[:-1]:
        part = ds.sel(case=case)
        axes.plot(alpha, float(part["predicted_std"]) * np.sqrt(alpha), color=colour, lw=1)
        axes.errorbar(alpha, part["std"], part["std_half"], fmt=shape, ms=5, color=colour, capsize=2, label=case)
    _rates(axes, alpha)
    axes.set(yscale="log", ylabel="standard deviation of $W$")
    axes.legend(fontsize="x-small")
    axes.set_title(r"spread, of order $\sqrt{\alpha}$", fontsize="small")


def _bias(axes: Axes, ds: xr.Dataset) -> None:
    alpha = ds["alpha"].values
    for case, colour, shape in _signs(ds)[:-1]:
        part = ds.sel(case=case)
        axes.axhline(float(part["predicted_mean"]), color=colour, lw=1)
        axes.errorbar(alpha, part["mean"] / alpha, part["mean_half"] / alpha, fmt=shape, ms=5, color=colour, capsize=2)
        if case == LOGISTIC:
            axes.axhline(ds.attrs["without_third"], color=colour, lw=1, ls=":")
            axes.text(alpha[-1], ds.attrs["without_third"], "logistic without $f'''$", fontsize="x-small", va="bottom")
    _rates(axes, alpha)
    axes.set_ylabel(r"(E$W-$ fixed point)$/\alpha$")
    axes.set_title(r"next-order bias, of order $\alpha$", fontsize="small")


def _entries(axes: Axes, ds: xr.Dataset) -> None:
    for plane, colour, shape in zip(ds["plane"].values, COLOURS, SHAPES, strict=False):
        part = ds.sel(plane=plane)
        said, seen = part["predicted_covariance"], part["covariance"]
        axes.errorbar(said, seen, part["covariance_half"], fmt=shape, ms=5, color=colour, capsize=2, label=plane)
        for x, y, entry in zip(said.values, seen.values, part["entry"].values, strict=True):
            axes.annotate(f"$S_{{{entry}}}$", (x, y), (5, -9), textcoords="offset points", fontsize="xx-small")
    ends = np.array([ds["predicted_covariance"].min(), ds["predicted_covariance"].max()])
    axes.plot(ends, ends, color=MARK, lw=0.8)
    axes.set(xlabel=r"predicted covariance over $\alpha$", ylabel="sampled")
    axes.legend(fontsize="x-small")
    axes.set_title("two weights, by Lyapunov's equation", fontsize="small")


def _edge(axes: Axes, ds: xr.Dataset) -> None:
    alpha, part = ds["alpha"].values, ds.sel(case=KINKED)
    axes.errorbar(alpha, abs(part["mean"]), part["mean_half"], fmt=SHAPES[-1], ms=5, color=COLOURS[-1], capsize=2)
    axes.plot(
        alpha,
        abs(ds.attrs["on_the_kink"]) * np.sqrt(alpha),
        color=COLOURS[-1],
        lw=1,
        label=r"two half normals, $\sqrt{\alpha}$",
    )
    axes.plot(
        alpha,
        abs(float(part["predicted_mean"])) * alpha,
        color=COLOURS[1],
        lw=1,
        ls="--",
        label=r"kink ignored, $\alpha$ (and of the other sign)",
    )
    _rates(axes, alpha)
    axes.set(yscale="log", ylabel="|E$W-$ fixed point|")
    axes.legend(fontsize="x-small")
    axes.set_title("the edge: the fixed point on a kink of E|grad|", fontsize="small")


def draw(ds: xr.Dataset) -> Figure:
    """Spread and next-order bias over alpha, the covariances of two weights, and a fixed point on a kink."""
    with styled():
        figure, grid = plt.subplots(2, 2, figsize=(9.6, 7.2))
        for panel, axes in zip((_spread, _bias, _entries, _edge), grid.flat, strict=True):
            panel(axes, ds)
        figure.suptitle(
            "Analog SGD settles with the spread, the covariances and the bias that the law predicts,\n"
            "unless its fixed point is on a kink (lines predicted, points sampled with 99 % intervals)",
            fontsize="medium",
        )
    return figure
