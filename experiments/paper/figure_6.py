"""Figure 6: the power and exponential families of responses for several gamma_res."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

from ...theory.response import ResponseFunction, exponential, power
from ..finding import Finding

POINTS = 401
SHAPES = {"power": (0.25, 0.5, 1.0, 2.0, 4.0), "exponential": (0.5, 1.0, 2.0, 3.0, 5.0)}
_FAMILIES: dict[str, Callable[[Any, Any], ResponseFunction]] = {"power": power, "exponential": exponential}


def data(depth: str = "default", workers: int = 1, progress: Any = None) -> xr.Dataset:
    """Responses and asymmetry ratio (family, shape, w) on [-1, 1], tau = 1, and gamma_res of each (family, shape).

    Every depth has the same data.
    """
    del depth, workers, progress
    w = np.linspace(-1.0, 1.0, POINTS)
    names = ("q_plus", "q_minus", "R")
    curves = [[_FAMILIES[f](1, g).array_functions(*names)(w) for g in SHAPES[f]] for f in _FAMILIES]
    return xr.Dataset(
        {"curve": (("family", "shape", "name", "w"), np.array(curves))},
        coords={
            "family": list(_FAMILIES),
            "shape": np.arange(len(SHAPES["power"])),
            "name": list(names),
            "w": w,
            "gamma_res": (("family", "shape"), np.array([SHAPES[f] for f in _FAMILIES])),
        },
    )


def findings(ds: xr.Dataset) -> list[Finding]:
    """Both families cross at 0 alone, where q = 1; and they grow more asymmetric with gamma_res at every weight."""
    return [_cross_at_zero(ds), _asymmetry_grows(ds)]


def _cross_at_zero(ds: xr.Dataset) -> Finding:
    gap = ds["curve"].sel(name="q_minus") - ds["curve"].sel(name="q_plus")
    same_sign = bool((np.sign(gap) == np.sign(ds["w"])).where(ds["w"] != 0, True).all())
    middle = ds["curve"].sel(name=["q_plus", "q_minus"]).sel(w=0.0)
    off = float(abs(middle - 1).max())
    # rounding of values near 1
    return Finding(
        "figure-6",
        "every member of both families has the one symmetric point 0, where both responses are 1",
        same_sign and off < 1e-14,
        f"q_- - q_+ has the sign of w at {ds.sizes['w']} weights; |q(0) - 1| <= {off:.1g}",
    )


def _asymmetry_grows(ds: xr.Dataset) -> Finding:
    ratio = abs(ds["curve"].sel(name="R"))
    inside = (abs(ds["w"]) > 0) & (abs(ds["w"]) < 1)
    least = float(ratio.diff("shape").where(inside).min())
    return Finding(
        "",
        "at every weight the asymmetry |R| grows with gamma_res",
        least > 0,
        f"smallest growth between neighbouring gamma_res inside the range: {least:.2g}",
    )
