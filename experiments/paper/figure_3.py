"""Figure 3: three pairs of responses (linear, monotone nonlinear, non-monotone) and their symmetric points."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp
import xarray as xr

from ...theory.response import ResponseFunction, W, from_expressions, linear
from ..finding import Finding

POINTS = 401
# Definition 1 is about bounds that are attained; the linear pair meets it on every closed interval inside its range
INSIDE = Fraction(99, 100)


def devices() -> dict[str, ResponseFunction]:
    """The three pairs, all on the range [-1, 1]."""
    return {
        "linear": linear(1, c_lin=0.2),
        "monotone": from_expressions("(exp(1 - w) - 1/2)/(exp(1) - 1/2)", "1/4 + (1 + w/2)**2", -1, 1),
        "non-monotone": from_expressions("1 - w/3 + 2*w**3/5", "9/10 + w/2 + w**2/2 - w**3/2", -1, 1),
    }


def data(depth: str = "default", workers: int = 1, progress: Any = None) -> xr.Dataset:
    """Responses (pair, polarity, w), up to 3 symmetric points a pair (NaN where fewer), and Definition 1's bounds.

    Every depth has the same data.
    """
    del depth, workers, progress
    w = np.linspace(-1.0, 1.0, POINTS)
    pairs = devices()
    members = [device.definition_1(-INSIDE, INSIDE) for device in pairs.values()]
    closed = [device.definition_1() for device in pairs.values()]
    points = np.full((len(pairs), 3), np.nan)
    for row, device in zip(points, pairs.values(), strict=True):
        found = sorted(float(p) for p in device.symmetric_points)
        row[: len(found)] = found
    return xr.Dataset(
        {
            "response": (
                ("pair", "polarity", "w"),
                [d.array_functions("q_plus", "q_minus")(w) for d in pairs.values()],
            ),
            "symmetric_point": (("pair", "which"), points),
            "q_min": ("pair", [float(m.q_min) for m in members]),
            "q_max": ("pair", [float(m.q_max) for m in members]),
            "slope_max": ("pair", [float(m.slope_max) for m in members]),
            "member": ("pair", [m.holds for m in members]),
            "member_closed": ("pair", [m.holds for m in closed]),
            "monotone": ("pair", [is_monotone(device) for device in pairs.values()]),
        },
        coords={"pair": list(pairs), "polarity": ["up", "down"], "w": w},
        attrs={"inside": float(INSIDE), "reasons_closed": [m.reason for m in closed]},
    )


def is_monotone(device: ResponseFunction) -> bool:
    """Whether q_+ decreases and q_- increases all over the range: as seen at 63 exact points."""
    up, down = sp.diff(device.q_plus, W), sp.diff(device.q_minus, W)
    at = [device.tau_min + (device.tau_max - device.tau_min) * sp.Rational(k, 64) for k in range(1, 64)]
    return all(up.subs(W, p) < 0 and down.subs(W, p) > 0 for p in at)


def findings(ds: xr.Dataset) -> list[Finding]:
    """Each pair lies in the response class, and has the symmetric points that are marked."""
    return [*(_in_class(ds, str(name)) for name in ds["pair"].values), _in_class_up_to_the_bounds(ds), _crossings(ds)]


def _in_class(ds: xr.Dataset, name: str) -> Finding:
    one = ds.sel(pair=name)
    return Finding(
        "figure-3",
        f"the {name} pair of Figure 3 lies in Definition 1 on |w| <= {ds.attrs['inside']:g}",
        bool(one["member"]),
        f"{float(one['q_min']):.3g} <= q <= {float(one['q_max']):.3g}, |q'| <= {float(one['slope_max']):.3g}",
    )


def _in_class_up_to_the_bounds(ds: xr.Dataset) -> Finding:
    failing = [reason for reason in ds.attrs["reasons_closed"] if reason]
    return Finding(
        "figure-3",
        "all three pairs lie in Definition 1 on the whole closed dynamic range",
        bool(ds["member_closed"].all()),
        "; ".join(failing) or "no point of the range offends",
    )


def _crossings(ds: xr.Dataset) -> Finding:
    marked = ds["symmetric_point"].notnull().sum("which").values
    gaps = (ds["response"].sel(polarity="down") - ds["response"].sel(polarity="up")).values
    seen = [_sign_changes(gap) for gap in gaps]
    return Finding(
        "figure-3",
        "the symmetric points are all the crossings of the two responses",
        list(marked) == seen,
        "; ".join(
            f"{n}: {int(m)} found, {int(s)} crossings" for n, m, s in zip(ds["pair"].values, marked, seen, strict=True)
        ),
    )


def _sign_changes(gap: np.ndarray) -> int:
    """Sign changes along the grid; a crossing on a point of it, where the gap is rounding alone, counts once."""
    signs = np.sign(gap[abs(gap) > 1e-12])
    return int((np.diff(signs) != 0).sum())
