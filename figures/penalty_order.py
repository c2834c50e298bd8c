"""The order of the error of Wt*: measured points on the lines that the series of T predicts."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from .style import styled

MARKERS = "osD^vP*X"
PANELS = {2.0: "order 2", 3.0: "order 3"}


def _label(part: xr.Dataset) -> str:
    return f"{part['case'].item()}: {float(part['slope']):.2f}\n  from {part['cause'].item()}"


def draw(ds: xr.Dataset) -> Figure:
    """A panel for each predicted order: errors (points) and predicted leading terms (lines) over the distance."""
    delta = ds["delta"].values
    exact = ds["case"].values[~np.isfinite(ds["order"].values)]
    with styled():
        figure, grid = plt.subplots(1, len(PANELS), figsize=(10, 5), sharey=True)
        for axes, (order, title) in zip(grid, PANELS.items(), strict=True):
            chosen = ds.isel(case=np.flatnonzero(ds["order"].values == order))
            for k, case in enumerate(chosen["case"].values):
                part = chosen.sel(case=case)
                axes.plot(delta, abs(float(part["coefficient"])) * delta**order, color=f"C{k}", lw=1)
                axes.plot(delta, part["error"], MARKERS[k], ms=5, color=f"C{k}", label=_label(part))
            axes.set(xscale="log", yscale="log", title=title, xlabel=r"$\delta$ = minimiser $-$ symmetric point")
            axes.legend(loc="upper left", fontsize="x-small", title="measured order", title_fontsize="x-small")
            axes.set_ylim(ds["error"].where(ds["error"] > 0).min() / 3, ds["error"].max() * 300)
        grid[0].set_ylabel(r"|root of $T$ $-$ $\widetilde W^*$|")
        figure.suptitle(
            r"The error of $\widetilde W^*$ falls with the order that the series of $T$ predicts (lines)"
            f"\nexact, so not drawn: {', '.join(exact)}"
        )
    return figure
