"""Single pulsed updates against a peer's measurements: the binomial law of a train, its mean and its variance.

A train of BL slots in which both bits are set with probability p fires a binomial number n of pulses; on the linear
response a pulse maps w to a w + b, so E a^n = (1 - p + p a)^BL tells mean and variance exactly. The peer measured one
update of many sizes, with bit-length management (BL follows the wanted number of pulses) and without it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from scipy import stats

from ..finding import Finding
from ..kernels import managed_train
from .peer import single_updates

FAMILY = 0.01


def law(row: dict[str, str]) -> tuple[float, float]:
    """Mean and variance of the change of the weight in one update of the table, exact."""
    value = {name: float(text) for name, text in row.items() if name != "pulse_type"}
    dw, share, h, tau = (value[name] for name in ("dw_over_dwmin", "x_rel", "dw_min", "tau"))
    managed = value["update_bl_management"] == 1
    slots, p_row, p_column = managed_train(abs(dw) / share, int(value["desired_bl"]), managed)
    p, a, away = p_row * p_column * share, 1 - h / tau, value["w0_over_tau"] * tau - np.sign(dw) * tau
    first, second = (float((1 - p + p * a**power) ** slots) for power in (1, 2))
    return away * (first - 1), max(away**2 * (second - first**2), 0.0)


def data(depth: str = "default", workers: int = 1, progress: Any = None) -> xr.Dataset:
    """Of each stochastic update: the law's mean and variance, the peer's, and the settings (update)."""
    del depth, workers
    rows = [row for row in single_updates() if row["pulse_type"] == "stochastic_compressed"]
    mean, variance = np.array([law(row) for row in rows]).T
    if progress is not None:
        progress(1.0)
    return xr.Dataset(
        {
            "mean": ("update", mean),
            "variance": ("update", variance),
            "peer_mean": ("update", [float(row["mean_change"]) for row in rows]),
            "peer_variance": ("update", [float(row["std_change"]) ** 2 for row in rows]),
            "managed": ("update", [row["update_bl_management"] == "1" for row in rows]),
            "pulses": ("update", [abs(float(row["dw_over_dwmin"])) for row in rows]),
            "share": ("update", [float(row["x_rel"]) for row in rows]),
        },
        {"setting": ("update", [f"{row['x_rel']}, {abs(float(row['dw_over_dwmin']))}" for row in rows])},
        {"trials": int(rows[0]["n_trials"]), "dw_min": float(rows[0]["dw_min"])},
    )


def variance_ratios(ds: xr.Dataset) -> xr.DataArray:
    """The peer's variance over the law's, NaN where every pulse is certain."""
    return (ds["peer_variance"] / ds["variance"]).where(ds["variance"] > (1e-3 * ds.attrs["dw_min"]) ** 2)


def in_errors(ds: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray]:
    """How far the peer's means and its variance ratios are from the law, in standard errors of its trials.

    Single precision adds 1e-6 to the error of a mean; a variance's is that of a normal law.
    """
    means = (ds["peer_mean"] - ds["mean"]) / ((ds["variance"] / ds.attrs["trials"]) ** 0.5 + 1e-6)
    return means, (variance_ratios(ds) - 1) / (2 / ds.attrs["trials"]) ** 0.5


def _of_mean(ds: xr.Dataset, pooled: xr.DataArray) -> float:
    """The largest deviation of a mean of variance ratios over starting weights and signs, in its standard errors."""
    weights = ds["setting"].where(ds["managed"], drop=True).groupby("setting").count().max()
    return float(abs(pooled).max() / (2 / ds.attrs["trials"] / weights) ** 0.5)


def findings(ds: xr.Dataset) -> list[Finding]:
    """Where the binomial law is the peer's, and by how much its variance is not."""
    means, variances = in_errors(ds)
    limit = float(stats.norm.isf(FAMILY / 2 / (ds.sizes["update"] + int(ds["managed"].sum()))))
    managed = abs(variances.where(ds["managed"]))
    free, kept = (variance_ratios(ds).where(ds["managed"] == managed) for managed in (False, True))
    pooled = kept.groupby("setting").mean() - 1
    return [
        Finding(
            "",
            "the peer's mean updates are those of the binomial law",
            bool(abs(means).max() < limit),
            f"largest difference of {ds.sizes['update']}: {float(abs(means).max()):.1f} standard errors, "
            f"limit {limit:.1f} (family-wise 1 %)",
        ),
        Finding(
            "",
            "with bit-length management its variances are too",
            bool(managed.max() < limit),
            f"largest difference {float(managed.max()):.1f} standard errors, limit {limit:.1f}; yet the mean over the "
            f"starting weights is off by up to {float(abs(pooled).max()):.1%}, {_of_mean(ds, pooled):.0f} standard "
            "errors of that mean",
        ),
        Finding(
            "",
            "without bit-length management its variance is the binomial one",
            bool(abs(variances.where(~ds["managed"])).max() < limit),
            f"the peer's variance is {float(free.min()):.2f} to {float(free.max()):.2f} of it",
        ),
    ]
