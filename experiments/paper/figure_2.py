"""Figure 2: least squares under growing asymmetry, Analog SGD against Tiki-Taka, in the mean field of the authors' run.

A step freezes the residuals of the 100 samples and applies their 100 increments one after another. With the cap, each
sample's increment is scaled by min(1, 8 dw_min / max_j |increment_j|), as at most 8 pulses allow; the transfer is not
capped. The plateau of order 1e-5 comes from single pulses of 1e-4, which this smooth model does not have.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import sympy as sp
import xarray as xr

from ...theory.algorithm import Algorithm, AnalogSGD, ResidualLearning
from ...theory.noise import SampleSequence
from ...theory.objective import LeastSquares
from ...theory.response import ResponseFunction, from_expressions, linear
from ...theory.symbols import symbol
from ..engine import simulate
from ..finding import Finding
from ..hardware import Hardware, PulseCap, Smooth
from ..record import Record

TAU = sp.Rational(7, 2)
C_LIN = (0.0, 0.1, 0.2, 0.3)
ALGORITHMS: dict[str, Algorithm] = {
    "Analog SGD": AnalogSGD(alpha=0.8),
    "Tiki-Taka": ResidualLearning(alpha=0.8, beta=0.8, gamma=0.4),
}
CAP = PulseCap(bl_max=8, dw_min=1e-4)
CAPS: dict[str, Hardware] = {"no cap": Smooth(), "8 pulses": CAP}
PLATEAU = 100


def one_sided(tau: Any, c_lin: Any) -> ResponseFunction:
    """The pair of the authors' script: q_+ = 1 - w/tau, q_- = (1 - c)(1 + w/tau)."""
    w, c = symbol("w"), sp.Rational(str(c_lin))
    return from_expressions(1 - w / tau, (1 - c) * (1 + w / tau), -tau, tau)


PAIRS = {"paper": linear, "one-sided": one_sided}


def problem() -> LeastSquares:
    """(150) with the scale 1/rows of the authors' script; labels are exact."""
    return LeastSquares.gaussian(rows=100, dim=50, w_std=0.5, rng=150, scale=1 / 100)


def _hardware(algorithm: Algorithm, cap: Hardware) -> dict[str, Hardware]:
    """The cap holds where gradients are applied: on the last array that the algorithm names."""
    return {name: Smooth() for name in algorithm.arrays} | {algorithm.arrays[-1]: cap}


def _curves(pair: str, cap: str, algorithm: str, steps: int) -> xr.DataArray:
    """Loss (c_lin, step), divided by the number of weights as the authors record it."""
    squares, rule = problem(), ALGORITHMS[algorithm]
    runs = simulate(
        rule,
        squares,
        [PAIRS[pair](TAU, c) for c in C_LIN],
        noise=SampleSequence(),
        start=np.ones(squares.dim),
        steps=steps,
        record=Record(every=1),
        hardware=_hardware(rule, CAPS[cap]),
    )
    return (runs["loss"].isel(seed=0, step=slice(steps)) / squares.dim).drop_vars(
        ["configuration", "algorithm", "device"]
    )


def _panels() -> Iterator[tuple[str, str, str]]:
    for pair in PAIRS:
        for cap in CAPS:
            for algorithm in ALGORITHMS:
                yield pair, cap, algorithm


def data(depth: str = "default", workers: int = 1, progress: Any = None) -> xr.Dataset:
    """Loss over steps (pair, cap, algorithm, c_lin, step) and its plateau, the mean of the last 100 steps."""
    del depth, workers
    steps, panels, curves = 1000, list(_panels()), []
    for panel in panels:
        curves.append(_curves(*panel, steps).values)
        if progress is not None:
            progress(len(curves) / len(panels))
    axes = ("pair", "cap", "algorithm", "c_lin", "step")
    sizes = (len(PAIRS), len(CAPS), len(ALGORITHMS), len(C_LIN), steps)
    names = {"pair": list(PAIRS), "cap": list(CAPS), "algorithm": list(ALGORITHMS), "c_lin": list(C_LIN)}
    loss = xr.DataArray(np.array(curves).reshape(sizes), {**names, "step": np.arange(steps)}, axes)
    return xr.Dataset({"loss": loss, "plateau": loss[..., -PLATEAU:].mean("step")})


def _ratio(ds: xr.Dataset) -> xr.DataArray:
    """Plateau of Tiki-Taka over that of Analog SGD (pair, cap, c_lin)."""
    return ds["plateau"].sel(algorithm="Tiki-Taka") / ds["plateau"].sel(algorithm="Analog SGD")


def crossing(ds: xr.Dataset, pair: str, cap: str) -> str:
    """The first c_lin of the grid at which Tiki-Taka is worse, or words that there is none."""
    ratio = _ratio(ds).sel(pair=pair, cap=cap)
    worse = ratio["c_lin"].values[ratio.values > 1]
    return f"{worse[0]:g}" if worse.size else f"above {C_LIN[-1]:g}"


def findings(ds: xr.Dataset) -> list[Finding]:
    """The paper's reading of Figure 2 in the mean field, for each pair with the cap that the authors' run has."""
    ratio = _ratio(ds)
    found = []
    for pair in PAIRS:
        capped = ratio.sel(pair=pair, cap="8 pulses")
        shown = ", ".join(f"{float(r):.1e} at c = {float(c):g}" for c, r in zip(C_LIN, capped, strict=True))
        found += [
            Finding(
                "text-1-16",
                f"at c_lin = 0 Tiki-Taka is far better than Analog SGD ({pair} pair, capped)",
                bool(capped[0] < 0.1),
                f"plateau of Tiki-Taka over that of Analog SGD: {shown}",
            ),
            Finding(
                "text-1-16",
                f"from 0.1 to 0.3 it degrades until it is worse ({pair} pair, capped)",
                bool(
                    capped[-1] > 1
                    and (np.diff(ds["plateau"].sel(pair=pair, cap="8 pulses", algorithm="Tiki-Taka")) > 0).all()
                ),
                f"it is worse from c_lin = {crossing(ds, pair, '8 pulses')} on with the cap, "
                f"from {crossing(ds, pair, 'no cap')} on without",
            ),
        ]
    return [
        *found,
        Finding("figure-2", "the plateau is of order 1e-5", None, "granularity needs pulses, which come later"),
    ]
