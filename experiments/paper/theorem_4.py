"""Theorem 4: how far the smooth update is from pulses, its three errors measured one at a time, and what a cap does.

Granularity: pulses at a fixed dw, rounded up, less the continuous limit dw/dD = s q_s(w); order 1 in dw_min. Curvature:
pulses with dw_min = dw^2, which divides dw, less the smooth update (3); order 2 in dw. Cycle variation: the standard
deviation of the weight after pulses that divide dw; order 1/2 in dw_min and, at a fixed dw_min, in dw. The constants
are those of `theory.pulses`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from scipy import stats

from ...theory.compile import array_function
from ...theory.orders import CONFIDENCE, interval, slope
from ...theory.pulses import (
    DQ,
    DW_MIN,
    SENT,
    Q,
    bit_length,
    composed,
    curvature,
    flow_gap,
    noise_variance,
    shortfall,
)
from ...theory.response import ResponseFunction, W, exponential, linear, power
from ..finding import Finding

Array = Any
Parts = tuple[Array, Array]


@dataclass(frozen=True)
class Case:
    """An element and the polarity s of its pulses."""

    label: str
    device: ResponseFunction
    s: int

    def response(self) -> Callable[[Array], Array]:
        """q_s of an array of weights."""
        both = self.device.array_functions("q_plus" if self.s > 0 else "q_minus")
        return lambda w: both(w)[0]

    def with_slope(self, w: Array) -> Parts:
        """q_s and its derivative at an array of weights."""
        q = self.device.q_plus if self.s > 0 else self.device.q_minus
        here, bend = array_function((W,), (q, q.diff(W)))(w)
        return here, bend


CASES = (
    Case("linear, up", linear(2, "1/5"), 1),
    Case("power, down", power(2, 2), -1),
    Case("exponential, up", exponential(2, 2), 1),
)
STARTS, REMAINDERS, RUNGE_KUTTA = 24, 32, 256
DW, GRAINS = 2.0**-2, tuple(2.0**-k for k in range(4, 11))
STEPS = tuple(2.0**-k for k in range(3, 10))
SIGMA_C, START = 0.5, 0.25
NOISE_DW, NOISE_GRAINS = 2.0**-4, tuple(2.0**-k for k in range(6, 12))
NOISE_GRAIN, NOISE_STEPS = 2.0**-12, tuple(2.0**-k for k in range(5, 11))
SEEDS, GROUPS = {"default": 20_000, "full": 200_000}, 20
CAPS = (8, 32)
CURVE_START, CURVE_GRAIN, CURVE_COUNT = -1.5, 2.0**-2, 16


def fired(w: Array, case: Case, dw: float, dw_min: float, cap: int | None = None) -> Array:
    """The weights after the pulses of an increment of size `dw`, without noise."""
    count = int(bit_length(dw, dw_min))
    return composed(w, case.s, dw_min, case.response(), [0] * (count if cap is None else min(count, cap)))


def limit(w: Array, case: Case, sent: Array) -> Array:
    """w(D) of the continuous limit dw/dD = s q_s(w), by Runge-Kutta steps of the fourth order."""
    q, h = case.response(), case.s * sent / RUNGE_KUTTA
    for _ in range(RUNGE_KUTTA):
        a = q(w)
        b = q(w + h * a / 2)
        c = q(w + h * b / 2)
        w = w + h * (a + 2 * b + 2 * c + q(w + h * c)) / 6
    return w


def granularity(case: Case, rng: np.random.Generator) -> Parts:
    """Mean of s (pulses - continuous limit) over increments up to a pulse below DW, and predicted: (grain, start)."""
    w = rng.uniform(-0.5, 0.5, (STARTS, 1))
    unused = (np.arange(REMAINDERS) + rng.random((STARTS, REMAINDERS))) / REMAINDERS
    end = case.response()(limit(w, case, DW))
    ratio = np.log(end / case.response()(w))
    measured, predicted = [], []
    for grain in GRAINS:
        gaps = case.s * (fired(w, case, DW, grain) - limit(w, case, DW - grain * unused))
        measured.append(gaps.mean(-1))
        predicted.append((grain / 2 * end + case.s * flow_gap(case.s, grain, end, ratio))[:, 0])
    return np.array(measured), np.array(predicted)


def bending(case: Case, rng: np.random.Generator) -> Parts:
    """Pulses with dw_min = dw^2 less the smooth update (3), and the curvature predicted: (step, start)."""
    w = rng.uniform(-0.5, 0.5, STARTS)
    q, bend = case.with_slope(w)
    constant = array_function((Q, DQ, SENT, DW_MIN), (curvature(),))
    measured = [fired(w, case, dw, dw**2) - (w + case.s * dw * q) for dw in STEPS]
    predicted = [constant(q, bend + 0 * w, dw + 0 * w, dw**2 + 0 * w)[0] for dw in STEPS]
    return np.array(measured), np.array(predicted)


def variances(case: Case, rng: np.random.Generator, seeds: int, sizes: Sequence[Sequence[float]]) -> Parts:
    """The variance of the weight after noisy pulses, for each (dw, dw_min), and predicted: (size, group), (size,)."""
    bend = float(case.with_slope(np.array(START))[1])
    measured, predicted = [], []
    for dw, grain in sizes:
        count = int(bit_length(dw, grain))
        noises = (SIGMA_C * rng.standard_normal((GROUPS, seeds // GROUPS)) for _ in range(count))
        w = composed(START, case.s, grain, case.response(), noises)
        measured.append(w.var(-1, ddof=1))
        predicted.append(noise_variance(count * grain, grain, SIGMA_C, case.s * bend))
    return np.array(measured), np.array(predicted)


def relative_errors(case: Case) -> Parts:
    """|pulses - (3)| / |pulses - w| at dw_min = dw^2 for each cap and without one, and predicted without: by step."""
    q, bend = (float(part) for part in case.with_slope(np.array(START)))

    def error(cap: int | None, dw: float) -> float:
        moved = float(fired(START, case, dw, dw**2, cap)) - START
        return abs(moved - case.s * dw * q) / abs(moved)

    measured = [[error(cap, dw) for dw in STEPS] for cap in (*CAPS, None)]
    leading = [abs(curvature().subs({Q: q, DQ: bend, SENT: dw, DW_MIN: dw**2})) / (q * dw) for dw in STEPS]
    return np.array(measured), np.array(leading, float)


def response_curve(case: Case) -> dict[str, Any]:
    """Coarse pulses one after another, the continuous limit, and the smooth update for all of them at once."""
    sent = CURVE_GRAIN * np.arange(CURVE_COUNT + 1)
    q = float(case.response()(CURVE_START))
    by_pulse = [fired(CURVE_START, case, total, CURVE_GRAIN) for total in sent]
    start = np.full(sent.shape, CURVE_START)
    curve = {"pulses": by_pulse, "limit": limit(start, case, sent), "smooth": start + case.s * sent * q}
    return {name: ("sent", np.array(values, float)) for name, values in curve.items()} | {"sent": sent}


def _slopes(sizes: Sequence[float], errors: Array) -> tuple[float, float]:
    """The 99 % interval of the order at small sizes, over the last axis of errors (size, instance)."""
    found = [slope(sizes, column) for column in errors.T]
    return interval([one for one in found if one is not None])


def _fit(sizes: Sequence[float], values: Array) -> Array:
    """The slope of values (size, ...) over sizes, log against log, by least squares."""
    logs = np.log(sizes) - np.mean(np.log(sizes))
    return np.tensordot(logs, np.log(values), 1) / (logs**2).sum()


def _over_groups(values: Array) -> Parts:
    """Mean and half-width of the t-interval over the last axis."""
    quantile = stats.t.ppf((1 + CONFIDENCE) / 2, GROUPS - 1)
    return values.mean(-1), quantile * values.std(-1, ddof=1) / np.sqrt(GROUPS)


def _noisy(name: str, case: Case, rng: np.random.Generator, seeds: int) -> dict[str, Any]:
    """Variances and slopes of one sweep, over the granularity or over the increment."""
    grains = name == "grain"
    sizes = [(NOISE_DW, g) for g in NOISE_GRAINS] if grains else [(dw, NOISE_GRAIN) for dw in NOISE_STEPS]
    measured, predicted = variances(case, rng, seeds, sizes)
    along = [grain if grains else dw for dw, grain in sizes]
    value, half = _over_groups(measured)
    order, order_half = _over_groups(_fit(along, measured) / 2)
    values = {"measured": value, "half": half, "predicted": predicted}
    orders = {"slope": order, "slope_half": order_half, "expected": _fit(along, predicted) / 2}
    return {f"noise_{name}_{key}": (f"noise_{name}", v) for key, v in values.items()} | {
        f"noise_{name}_{key}": ((), v) for key, v in orders.items()
    }


def _one(case: Case, rng: np.random.Generator, seeds: int) -> xr.Dataset:
    grain, grain_predicted = granularity(case, rng)
    bent, bent_predicted = bending(case, rng)
    relative, relative_predicted = relative_errors(case)
    fields: dict[str, Any] = {
        "granularity": (("grain", "start"), grain),
        "granularity_predicted": (("grain", "start"), grain_predicted),
        "granularity_slope": ("end", list(_slopes(GRAINS, grain))),
        "curvature": (("step", "start"), bent),
        "curvature_predicted": (("step", "start"), bent_predicted),
        "curvature_slope": ("end", list(_slopes(STEPS, bent))),
        "relative": (("cap", "step"), relative),
        "relative_predicted": ("step", relative_predicted),
        **_noisy("grain", case, rng, seeds),
        **_noisy("step", case, rng, seeds),
        **response_curve(case),
    }
    return xr.Dataset(fields)


def data(depth: str = "default", workers: int = 1, progress: Any = None) -> xr.Dataset:
    """Errors of the smooth update against pulses, and what the expansion predicts, a case an entry.

    `granularity`, `curvature` and `relative` are without noise; slopes come with 99 % intervals, over starts where
    there is no noise and over groups of seeds where there is.
    """
    del workers
    parts = []
    for case, stream in zip(CASES, np.random.SeedSequence(4).spawn(len(CASES)), strict=True):
        parts.append(_one(case, np.random.default_rng(stream), SEEDS[depth]))
        if progress is not None:
            progress(len(parts) / len(CASES))
    ds = xr.concat(parts, "case")
    axes = {"grain": GRAINS, "step": STEPS, "noise_grain": NOISE_GRAINS, "noise_step": NOISE_STEPS}
    names = {"case": [case.label for case in CASES], "cap": [*map(str, CAPS), "none"], "end": ["low", "high"]}
    attrs = {"confidence": CONFIDENCE, "seeds": SEEDS[depth], "sigma_c": SIGMA_C, "dw": DW, "noise_dw": NOISE_DW}
    return ds.assign_coords({**{name: list(values) for name, values in axes.items()}, **names}).assign_attrs(attrs)


def beyond_the_cap(cap: str, steps: Array) -> Array:
    """The relative error that a cap leaves at dw_min = dw^2 on a constant response; 0 where it does not bind."""
    return np.array([max(0.0, shortfall(dw, dw**2, int(cap))) for dw in steps])


CLAIMS = {
    "granularity": ("of granularity, rounding averaged, is of order 1 in dw_min", 1),
    "curvature": ("of curvature is of order 2 in dw", 2),
}
CLOSE = 1 / REMAINDERS  # the mean of so many strata of the last pulse is off by at most half of one, of a half


def _order(ds: xr.Dataset, name: str) -> Finding:
    claim, order = CLAIMS[name]
    low, high = (ds[f"{name}_slope"].sel(end=end) for end in ("low", "high"))
    smallest = {ds[name].dims[1]: -1}
    off = float(abs(ds[name].isel(smallest) / ds[f"{name}_predicted"].isel(smallest) - 1).max())
    return Finding(
        "eq-31",
        f"the error {claim}, with the constant of the expansion",
        bool(((low <= order) & (order <= high)).all() and off < CLOSE),
        f"intervals within [{float(low.min()):.4f}, {float(high.max()):.4f}] at 99 %; the smallest error is what "
        f"the expansion predicts, within {off:.1%}",
    )


def _noise(ds: xr.Dataset, name: str, size: str) -> Finding:
    found, half, expected = (ds[f"noise_{name}_{key}"] for key in ("slope", "slope_half", "expected"))
    low, high = found - half, found + half
    return Finding(
        "eq-31",
        f"the standard deviation that cycle variation adds is of order 1/2 in {size}",
        bool(((low <= expected) & (expected <= high)).all() and (abs(expected - 0.5) < 0.01).all()),
        f"intervals within [{float(low.min()):.3f}, {float(high.max()):.3f}] at 99 %; the next order shifts the fit to "
        f"{float(expected.min()):.3f} to {float(expected.max()):.3f}",
    )


def findings(ds: xr.Dataset) -> list[Finding]:
    """What the measured errors say of Theorem 4 and its proof."""
    free, capped = ds["relative"].sel(cap="none"), ds["relative"].sel(cap=str(CAPS[0]))
    falls = bool((free.diff("step") < 0).all() and (free.isel(step=-1) < 0.01).all())
    return [
        Finding(
            "theorem-4",
            "with dw_min = dw^2 the relative error of the smooth update vanishes with dw",
            falls,
            f"{float(free.isel(step=0).max()):.1%} at dw = 2^-3, {float(free.isel(step=-1).max()):.2%} at dw = 2^-9",
        ),
        _order(ds, "granularity"),
        _order(ds, "curvature"),
        _noise(ds, "grain", "dw_min"),
        _noise(ds, "step", "dw"),
        Finding(
            "",
            f"with at most {CAPS[0]} pulses the relative error grows as dw falls, beyond every bound",
            bool((capped.diff("step") > 0).isel(step=slice(1, None)).all()),
            f"{float(capped.isel(step=-1).max()):.0f} times the update at dw = 2^-9",
        ),
    ]
