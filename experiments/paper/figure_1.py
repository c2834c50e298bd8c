"""Figure 1: the weight under 400 up pulses and then 400 down pulses, for the ideal and an asymmetric device."""

from __future__ import annotations

from itertools import accumulate, repeat
from typing import Any

import numpy as np
import xarray as xr

from ...theory.response import ResponseFunction, from_expressions, linear
from ..finding import Finding

PULSES = 400
SPAN = 1.0
# the least square fit of a line to 9 weights measures the slope over 8 pulses
WINDOW = 4


def devices() -> dict[str, ResponseFunction]:
    """The two devices, on the range [-1, 1]: ideal, and linear with its symmetric point off the middle."""
    return {"ideal": from_expressions(1, 1, -1, 1), "asymmetric": linear(1, c_lin=0.2)}


def data(depth: str = "default", workers: int = 1, progress: Any = None) -> xr.Dataset:
    """Weights after each pulse (device, pulse), both responses there, and each device's symmetric point.

    The pulses are the deterministic (26): w + dw_min q_+(w), then w - dw_min q_-(w); dw_min carries the ideal device
    from the lower bound to the upper one in `PULSES` pulses. Every depth has the same data.
    """
    del depth, workers, progress
    granularity = 2 * SPAN / PULSES
    curves = {name: _curve(device, granularity) for name, device in devices().items()}
    responses = [
        np.broadcast_arrays(*device.array_functions("q_plus", "q_minus")(w), w)[:2]
        for (_, w), device in zip(curves.items(), devices().values(), strict=True)
    ]
    return xr.Dataset(
        {
            "weight": (("device", "pulse"), np.array(list(curves.values()))),
            "response": (("device", "polarity", "pulse"), np.array(responses)),
            "symmetric_point": ("device", [float(device.symmetric_point) for device in devices().values()]),
        },
        coords={"device": list(curves), "polarity": ["up", "down"], "pulse": np.arange(2 * PULSES + 1)},
        attrs={"pulses": PULSES, "dw_min": granularity, "devices": [d.name for d in devices().values()]},
    )


def _curve(device: ResponseFunction, granularity: float) -> np.ndarray:
    responses = device.array_functions("q_plus", "q_minus")

    def pulse(w: float, up: bool) -> float:
        q_plus, q_minus = responses(w)
        return float(w + granularity * q_plus if up else w - granularity * q_minus)

    polarities = [*repeat(True, PULSES), *repeat(False, PULSES)]
    return np.array(list(accumulate(polarities, pulse, initial=-SPAN)))


def measured_slopes(ds: xr.Dataset) -> xr.DataArray:
    """Slope of each curve per pulse, in units of dw_min: the fit of a line around each pulse; NaN near the turns."""
    offsets = np.arange(-WINDOW, WINDOW + 1)
    weight = ds["weight"].rolling(pulse=offsets.size, center=True).construct("offset")
    slope = (weight * offsets).sum("offset", skipna=False) / (offsets**2).sum() / ds.attrs["dw_min"]
    turn = abs(ds["pulse"] - ds.attrs["pulses"]) < WINDOW
    measured: xr.DataArray = slope.where(~turn)
    return measured


def findings(ds: xr.Dataset) -> list[Finding]:
    """Text-1-4, "the response is the slope of the curve", and the symmetric point as the weight where slopes agree."""
    return [_slope_is_the_response(ds), _slopes_meet(ds)]


def _slope_is_the_response(ds: xr.Dataset) -> Finding:
    slope, up = measured_slopes(ds), ds["pulse"] < ds.attrs["pulses"]
    expected = ds["response"].sel(polarity="up").where(up, -ds["response"].sel(polarity="down"))
    gap = float(abs(slope - expected).max())
    # a pulse moves by q at its start, half a pulse before the middle of what the line measures, so up to half of
    # q's change in one pulse is lost; the curvature within the window is smaller by WINDOW^2 dw_min |q''| / |q'|
    allowed = float(abs(ds["response"].diff("pulse")).max())
    return Finding(
        "text-1-4",
        "the response is the slope of the response curve",
        gap <= allowed,
        f"fitted slope over {2 * WINDOW} pulses differs from q by at most {gap:.2g}; "
        f"the change of q in one pulse allows {allowed:.2g}",
    )


def slopes_meet(ds: xr.Dataset, device: str) -> float:
    """The weight at which the measured up and down slopes of a device are equal in size."""
    slope, one = measured_slopes(ds).sel(device=device), ds["weight"].sel(device=device)
    up, down = ds["pulse"] < ds.attrs["pulses"], ds["pulse"] > ds.attrs["pulses"]
    sides = []
    for side in (up, down):
        weight, size = one.values[side & slope.notnull()], abs(slope).values[side & slope.notnull()]
        order = np.argsort(weight)
        sides.append((weight[order], size[order]))
    grid = np.linspace(max(w[0] for w, _ in sides), min(w[-1] for w, _ in sides), 4001)
    apart = np.interp(grid, *sides[1]) - np.interp(grid, *sides[0])
    at = int(np.argmin(abs(apart)))
    return float(grid[at])


def _slopes_meet(ds: xr.Dataset) -> Finding:
    found, exact = slopes_meet(ds, "asymmetric"), float(ds["symmetric_point"].sel(device="asymmetric"))
    return Finding(
        "figure-1",
        "up and down slopes agree at the symmetric point",
        abs(found - exact) <= 2 * ds.attrs["dw_min"],
        f"measured slopes meet at w = {found:.3f}, the symmetric point is {exact:.3f} "
        f"(dw_min = {ds.attrs['dw_min']:g})",
    )
