"""Single pulsed updates: the peer's variance over that of the binomial law, with and without bit-length management."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from ..experiments.paper.single_update import variance_ratios
from .style import styled

NAMES = {True: "BL follows the wanted pulses", False: "BL always 31"}


def draw(ds: xr.Dataset) -> Figure:
    """Ratios over the number of wanted pulses; the band is two standard errors of 20 000 trials."""
    ratio, error = variance_ratios(ds), (2 / ds.attrs["trials"]) ** 0.5
    with styled():
        figure, axes = plt.subplots(figsize=(7, 4))
        for k, (managed, name) in enumerate(NAMES.items()):
            for share, marker in ((1.0, "o"), (0.4, "s")):
                kept = ((ds["managed"] == managed) & (ds["share"] == share) & ratio.notnull()).values
                at = ds["pulses"].values[kept] * (1.04 if share < 1 else 0.96) * (1.02 if managed else 0.98)
                label = f"{name}, {'largest' if share == 1 else '0.4 of the largest'} column"
                axes.plot(at, ratio.values[kept], marker, ms=4, color=f"C{k}", mfc="none", label=label)
        axes.axhspan(1 - 2 * error, 1 + 2 * error, color="0.9", zorder=0)
        axes.set(
            xscale="log", xlabel=r"wanted pulses $|\Delta w| / \Delta w_{\min}$", ylabel="peer's variance / binomial"
        )
        axes.set_xticks(np.unique(ds["pulses"]), [f"{n:g}" for n in np.unique(ds["pulses"])], minor=False)
        axes.minorticks_off()
        axes.legend(fontsize="x-small")
        figure.suptitle(
            "A peer's pulse trains against the binomial law: where their length is managed their variance is\n"
            f"{_range(ratio.where(ds['managed']))} of it, where it is not {_range(ratio.where(~ds['managed']))}",
            fontsize="medium",
        )
    return figure


def _range(ratio: xr.DataArray) -> str:
    return f"{float(ratio.min()):.2f} to {float(ratio.max()):.2f}"
