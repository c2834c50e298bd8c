"""A straight line."""

import numpy as np
import xarray as xr
from analog_theory import Finding


def data(depth="default", workers=1, progress=None):
    points = {"default": 5, "full": 50}[depth]
    x = np.linspace(0, 1, points)
    if progress is not None:
        progress(0.5)
    return xr.Dataset({"y": ("x", 2 * x)}, coords={"x": x}, attrs={"depth": depth})


def findings(ds):
    return [
        Finding("eq-1", "the line rises", bool(ds["y"][-1] > ds["y"][0]), f"from {float(ds['y'][0])}"),
        Finding("", "it is the | only one", None, "one line was drawn"),
    ]
