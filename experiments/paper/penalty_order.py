"""How fast the error of Wt* (43) falls with the distance of the symmetric point from the minimiser.

The order and its constant are predicted from the series of T (42) for each response, noise and objective; the error is
then measured, as the distance of Wt* from the root of T. No sampling is involved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp
import xarray as xr

from ...theory.noise import FiniteSupport, Gaussian, Noise, Rademacher
from ...theory.objective import Objective, Quadratic, SmoothObjective
from ...theory.penalty import fixed_point, w_tilde
from ...theory.penalty_series import fixed_point_order
from ...theory.response import ResponseFunction, exponential, linear, power
from ..finding import Finding

DELTAS = tuple(2.0**-k for k in range(3, 10))
ROUNDING = 1e-13
ONE_SIDED = FiniteSupport(points=(Fraction(-1, 4), Fraction(1)), probabilities=(Fraction(4, 5), Fraction(1, 5)))


def quadratic(minimizer: float) -> Objective:
    """(w - w*)^2 / 2."""
    return Quadratic([[1.0]], [minimizer])


def exponential_loss(minimizer: float) -> Objective:
    """exp(w - w*) - (w - w*): smooth and convex, every derivative at w* from the second on is 1."""
    w = sp.Symbol("w", real=True)
    return SmoothObjective.from_expression(sp.exp(w - minimizer) - (w - minimizer), [w])


@dataclass(frozen=True)
class Case:
    """One line of the figure: a response, a noise and an objective with its derivatives f'', f''', ... at W*."""

    label: str
    device: ResponseFunction
    noise: Noise
    objective: Callable[[float], Objective] = quadratic
    derivatives: tuple[int, ...] = (1,)


CASES = (
    Case("linear, Gaussian", linear(2), Gaussian(std=1)),
    Case("power, Gaussian", power(2, 2), Gaussian(std=1)),
    Case("exponential, Gaussian", exponential(2, 2), Gaussian(std=1)),
    Case("linear c = 0.2, Gaussian", linear(2, 0.2), Gaussian(std=1)),
    Case("linear, one-sided noise", linear(2), ONE_SIDED),
    Case("linear, Gaussian, exp. loss", linear(2), Gaussian(std=1), exponential_loss, (1, 1, 1, 1, 1)),
    Case("power, Rademacher", power(2, 2), Rademacher(scale=1)),
    Case("linear, Rademacher", linear(2), Rademacher(scale=1)),
)


def errors(case: Case) -> np.ndarray:
    """|root of T - Wt*| at every distance of DELTAS."""
    centre = float(case.device.symmetric_point)
    objectives = [case.objective(centre + delta) for delta in DELTAS]
    points = [(fixed_point(f, case.device, case.noise), w_tilde(f, case.device, case.noise)) for f in objectives]
    return np.array([abs(float((root - first)[0])) for root, first in points])


def slope(sizes: np.ndarray) -> float:
    """Order between the two smallest distances at which the error stands clear of rounding; NaN where none does."""
    clear = np.flatnonzero(sizes > ROUNDING)[-2:]
    if clear.size < 2:
        return float("nan")
    low, high = clear
    return float(np.log(sizes[low] / sizes[high]) / np.log(DELTAS[low] / DELTAS[high]))


def data(depth: str = "default", workers: int = 1, progress: Any = None) -> xr.Dataset:
    """Measured errors and predicted orders, constants and causes, a case a row; an order of infinity is exactness."""
    del depth, workers
    predictions, measured = [], []
    for done, case in enumerate(CASES, start=1):
        predictions.append(fixed_point_order(case.device, case.noise, case.derivatives))
        measured.append(errors(case))
        if progress is not None:
            progress(done / len(CASES))
    return xr.Dataset(
        {
            "error": (("case", "delta"), np.array(measured)),
            "slope": ("case", [slope(sizes) for sizes in measured]),
            "order": ("case", [float(p.order) for p in predictions]),
            "coefficient": ("case", [float(p.coefficient) for p in predictions]),
            "cause": ("case", ["; ".join(p.causes) or "none: T(Wt*) = 0" for p in predictions]),
        },
        coords={"case": [case.label for case in CASES], "delta": list(DELTAS)},
    )


def findings(ds: xr.Dataset) -> list[Finding]:
    """Whether the measured orders are the predicted ones, and what they mean for Theorem 5."""
    finite = np.isfinite(ds["order"])
    off = float(abs(ds["slope"] - ds["order"]).where(finite).max())
    exact = float(ds["error"].where(~finite).max())
    orders = sorted({f"{order:g}" for order in ds["order"].values})
    return [
        Finding(
            "theorem-5",
            "Wt* approaches the root of T faster than the distance of the symmetric point from the minimiser",
            bool((ds["slope"].where(finite, np.inf) > 1.5).all()),
            f"predicted orders {', '.join(orders)}; none is 1",
        ),
        Finding(
            "",
            "the order of the error of Wt* is the one that the series of T predicts",
            bool(off < 0.1 and exact < ROUNDING),
            f"largest difference of a measured from a predicted order {off:.3f}; where 0 is predicted, {exact:.0e}",
        ),
    ]
