"""Section 5's noisy reading: how far it pulls W off w*, and how far the buffer that answers it strays.

Lines are the laws `noisy-read-penalty` and `buffer-radius`; points are the algorithm's own steps, on a quadratic and on
a logistic loss with the same minimiser, half the range of W. What the laws need is broken too: a transfer that is not
slow, a residual array that is not zero-shifted, a buffer whose rate reaches 2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

from ...theory.buffered import averaged
from ...theory.laws.buffer_radius import variance
from ...theory.laws.noisy_read_penalty import LAW, SLOW, residual_array
from ...theory.objective import Objective
from ...theory.response import linear
from ..finding import Finding
from ..laws import Interval
from ..laws.noisy_read_penalty import SCALES, extrapolated, samples
from ..laws.residual_stability import quadratic
from .residual_stability import logistic

READINGS, CURVE = (0.05, 0.15, 0.35), np.linspace(0.01, 0.4, 40)
LOSSES = ("quadratic", "logistic")
ALPHA, BETA, READING = 0.5, 0.008, 0.15
BETAS, ASYMMETRIES = (0.004, 0.016, 0.05, 0.15, 0.5), (0.0, 0.1, 0.2)
NOISY: dict[str, Any] = {"alpha": 0.1, "beta": 0.002, "sigma": 0.3, "reading": READING}
BUFFERS, MEMORIES, STD_P = np.array([0.02, 0.1, 0.3, 0.7, 1.2, 1.7, 1.9, 2.02]), (0.0, 0.9), 0.1
RATES = np.concatenate([np.geomspace(0.01, 1, 30), 2 - np.geomspace(0.9, 0.01, 20)])
DEPTHS = {"default": (128, 10_000), "full": (2048, 60_000)}
LONG = 30.0  # memories of the buffer in a run; beyond the edge, where it has none, this many for the rate 1/5


def _objective(loss: str) -> Objective:
    return logistic() if loss == "logistic" else quadratic(1.0, 0.5)


def _inputs(loss: str, **given: float) -> dict[str, Any]:
    """The law's inputs on that loss, with a learning rate at which P is as fast as at curvature 1."""
    objective = _objective(loss)
    h = float(objective.hessian(np.asarray(objective.minimizer))[0, 0])
    settings = {"alpha": ALPHA, "beta": BETA, "reading": READING} | given
    return LAW.inputs({**settings, "alpha": settings["alpha"] / h, "h": h})


def _limit(loss: str, reading: float, seeds: int) -> Interval:
    rng = np.random.default_rng([2502, int(1000 * reading)])
    inputs = _inputs(loss, reading=reading)
    return extrapolated([samples(inputs, t, _objective(loss), seeds, rng) for t in SCALES], 2 * len(READINGS))[0]


def _direct(inputs: dict[str, Any], seeds: int, together: int) -> Interval:
    """The bias of W as it is at these rates, without going to a limit."""
    found = samples(inputs, 1.0, quadratic(1.0, 0.5), 4 * seeds, np.random.default_rng(2502))
    return Interval.of(found[0, 0], together)


def _buffered(memory: float, rate: float, seeds: int) -> Interval:
    """The spread of the buffer at the end of a run."""
    generator = np.random.default_rng(2502)
    fresh = STD_P * np.sqrt(1 - memory**2) if memory else 0.0
    H, P = np.zeros(seeds), np.zeros(seeds)
    keeps = max(abs(1 - rate), memory) if rate < 2 else 0.8
    for _ in range(int(np.ceil(LONG / (1 - keeps) / 2))):
        P = memory * P + fresh * generator.standard_normal(seeds)
        H = averaged(H, P + READING * generator.standard_normal(seeds), rate)
    square = Interval.of(H**2, len(MEMORIES) * len(BUFFERS))
    return Interval(float(np.sqrt(square.value)), square.half / (2 * float(np.sqrt(square.value))))


def _pairs(intervals: list[Interval]) -> np.ndarray:
    return np.array([(one.value, one.half) for one in intervals]).T


def data(depth: str = "default", workers: int = 1, progress: Callable[[float], Any] | None = None) -> xr.Dataset:
    """Biases of W and spreads of H, predicted and measured; `value` and half-width `half` along the axis `part`.

    limit (part, loss, reading): of the slow transfer; exact, linearised, printed (between): predicted. slow (part,
    beta) and shifted (part, c_lin): at finite rates, with what is predicted for the limit. radius (part, memory,
    buffer), radius_predicted (memory, rate).
    """
    del workers
    seeds, many = DEPTHS[depth]
    limits = np.array([_pairs([_limit(loss, s, 4 * seeds) for s in READINGS]) for loss in LOSSES])
    if progress is not None:
        progress(0.5)
    predictions = [LAW.predict(reading=s).values for s in CURVE]
    points = [LAW.predict(reading=s).values["bias_W"] for s in READINGS]
    slow = [_direct(_inputs("quadratic", beta=beta), seeds, len(BETAS)) for beta in BETAS]
    shifted = [_direct(_inputs("quadratic", **NOISY, c_lin_P=c), seeds, len(ASYMMETRIES)) for c in ASYMMETRIES]
    spreads = np.array([_pairs([_buffered(m, float(b), many) for b in BUFFERS]) for m in MEMORIES])
    lines = [[np.sqrt(variance(b, READING, STD_P if m else 0.0, m)) for b in RATES] for m in MEMORIES]
    variables: dict[str, Any] = {
        "limit": (("loss", "part", "reading"), limits),
        "limit_predicted": ("reading", np.array(points)),
        **{name: ("between", np.array([p[key] for p in predictions])) for name, key in _CURVES.items()},
        "slow": (("part", "beta"), _pairs(slow)),
        "shifted": (("part", "c_lin"), _pairs(shifted)),
        "radius": (("memory", "part", "buffer"), spreads),
        "radius_predicted": (("memory", "rate"), np.array(lines)),
    }
    coords = {"loss": list(LOSSES), "part": ["value", "half"], "reading": list(READINGS), "between": CURVE}
    coords |= {
        "beta": list(BETAS),
        "c_lin": list(ASYMMETRIES),
        "memory": list(MEMORIES),
        "buffer": BUFFERS,
        "rate": RATES,
    }
    return xr.Dataset(variables, coords, _attributes())


_CURVES = {"exact": "bias_W", "linearised": "bias_W_linearised", "printed": "printed_bias"}


def _attributes() -> dict[str, float]:
    quick = _inputs("quadratic")
    P = residual_array(quick, linear(1))
    return {
        "slow_predicted": float(LAW.predict(reading=READING).values["bias_W"]),
        "slow_edge": SLOW * P.mixing * (1 - P.memory),
        "shifted_predicted": float(LAW.predict(**NOISY).values["bias_W"]),
        "gamma": float(quick["gamma"]),
    }


def findings(ds: xr.Dataset) -> list[Finding]:
    """What the figure shows."""
    return [_bias(ds), _printed(ds), _fails(ds), _buffer(ds)]


def _bias(ds: xr.Dataset) -> Finding:
    off = abs(ds["limit"].sel(part="value") - ds["limit_predicted"]) - ds["limit"].sel(part="half")
    return Finding(
        "lib-law-noisy-read-penalty-bias",
        "reading noise pulls W to the root of P = E|P + eps| R(W), on a quadratic and on a logistic loss",
        bool((off <= 0).all()),
        f"{int((off <= 0).sum())} of {off.size} predictions are in their intervals, which hold together with 99 % for "
        "each loss",
    )


def _printed(ds: xr.Dataset) -> Finding:
    at = ds.sel(reading=READING, loss="quadratic")
    value, half = (float(at["limit"].sel(part=part)) for part in ("value", "half"))
    said = float(ds["printed"].interp(between=READING))
    return Finding(
        "",
        "W descends ||P*(W)||^2 + <Sigma_eps, R_c(W)>, as printed",
        abs(value - said) <= half,
        f"at gamma = {ds.attrs['gamma']:g} and reading noise {READING:g} the bias is {value:.4f} +- {half:.1g}; "
        f"printed: {said:.4f}, smaller by gamma/2",
    )


def _fails(ds: xr.Dataset) -> Finding:
    fast, shifted = ds["slow"].isel(beta=-1), ds["shifted"].isel(c_lin=-1)
    away = [
        abs(float(one.sel(part="value")) - ds.attrs[f"{name}_predicted"]) - float(one.sel(part="half"))
        for one, name in ((fast, "slow"), (shifted, "shifted"))
    ]
    return Finding(
        "",
        "the law fails where its conditions do: for a fast transfer, and for a residual array that is not zero-shifted",
        bool(min(away) > 0),
        f"bias at beta = {float(fast['beta']):g}: {float(fast.sel(part='value')):.4f}, predicted for slow transfer "
        f"{ds.attrs['slow_predicted']:.4f}; at c_lin = {float(shifted['c_lin']):g} of P: "
        f"{float(shifted.sel(part='value')):.4f}, for a zero-shifted P {ds.attrs['shifted_predicted']:.4f}",
    )


def _buffer(ds: xr.Dataset) -> Finding:
    inside = ds["radius"].sel(buffer=ds["buffer"] < 2)
    said = np.array(
        [[np.sqrt(variance(b, READING, STD_P if m else 0.0, m)) for b in inside["buffer"].values] for m in MEMORIES]
    )
    off = abs(inside.sel(part="value").values - said) - inside.sel(part="half").values
    beyond = ds["radius"].sel(part="value").isel(buffer=-1)
    return Finding(
        "",
        "the buffer strays by sqrt(b s^2/(2 - b)) for b < 2, by its formula where P moves; from b = 2 on it grows",
        bool((off <= 0).all() and (beyond > ds["radius"].sel(part="value").isel(buffer=-2)).all()),
        f"{int((off <= 0).sum())} of {off.size} spreads in their intervals; at b = {float(ds['buffer'][-1]):g} it is "
        f"{float(beyond[0]):.2g} when the run ends",
    )
