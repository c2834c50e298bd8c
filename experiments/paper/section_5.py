"""Section 5's two mechanisms on least squares: a buffer against noise in reading, a threshold against granularity.

Each is switched alone first: noise in reading P with smooth arrays, then a granular W with smooth P. Then both
imperfections are there at once, on every array, for the paper's order of merit: Analog SGD, Residual Learning, v2.
Every point is predicted (`theory.floors`): no number in it is fitted, but the rates of pulses between which v2's law is
held to be good (`RATES`) were read off simulations and not derived.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from ...theory.algorithm import Algorithm, AnalogSGD, ResidualLearning
from ...theory.buffered import BufferedResidualLearning, ResidualLearningV2
from ...theory.floors import Floor, Grains, floor
from ...theory.increments import Grain
from ...theory.oscillation import limit_cycle
from ..finding import Finding
from ..intervals import CONFIDENCE, interval
from ..settled import COORDINATE, MEASURES, measured, outside, predicted, told

ALPHA, BETA, GAMMA, DW_MIN = 0.05, 0.01, 0.4, 0.01
NOISES = (0.05, 0.1, 0.2, 0.4)
GRAINS = (0.0025, 0.005, 0.01, 0.02)
READING = 0.1
MERIT_NOISES = (0.05, 0.1, 0.2, 0.4, 0.8)
DEPTHS = {"default": (96, 1200), "full": (384, 5000)}
RATES = (2 * BETA, 0.4)

DIRECT = ResidualLearning(alpha=ALPHA, beta=BETA, gamma=GAMMA)
BUFFERED = BufferedResidualLearning(alpha=ALPHA, beta=BETA, gamma=GAMMA)
ANALOG, RESIDUAL, V2 = "Analog SGD", "Residual Learning", "Residual Learning v2"
Rules = Mapping[str, Callable[[float], Algorithm]]


def v2(dw_min: float) -> ResidualLearningV2:
    """Residual Learning v2 with that threshold."""
    return ResidualLearningV2(alpha=ALPHA, beta=BETA, gamma=GAMMA, dw_min=dw_min)


@dataclass(frozen=True)
class Panel:
    """One comparison: `rules` over `values`; `setting` maps a value to the reading noise, dw_min and the grains."""

    axis: str
    values: tuple[float, ...]
    rules: Rules
    setting: Callable[[float], tuple[float, float, Grains]]


PANELS = {
    "reading": Panel(
        "reading_noise",
        NOISES,
        {"no buffer": lambda _: DIRECT, "buffer": lambda _: BUFFERED},
        lambda s: (s, DW_MIN, {}),
    ),
    "granular": Panel(
        "dw_min",
        GRAINS,
        {"no buffer, no threshold": lambda _: DIRECT, "buffer, no threshold": lambda _: BUFFERED, "v2: threshold": v2},
        lambda dw_min: (READING, dw_min, {"W": Grain(dw_min)}),
    ),
    "merit": Panel(
        "merit_noise",
        MERIT_NOISES,
        {ANALOG: lambda _: AnalogSGD(alpha=ALPHA), RESIDUAL: lambda _: DIRECT, V2: v2},
        lambda s: (s, DW_MIN, {"W": Grain(DW_MIN), "P": Grain(DW_MIN)}),
    ),
}


def _case(panel: Panel, rule: str, value: float) -> tuple[Any, float, Grains]:
    """The rule, the reading noise and the grains of one point."""
    noise, dw_min, grains = panel.setting(value)
    made = panel.rules[rule](dw_min)
    return made, noise if "P" in made.arrays else 0.0, {name: g for name, g in grains.items() if name in made.arrays}


def prediction(rule: Any, reading: float, grains: Grains) -> Floor:
    """The floor; of a granular buffered transfer without a threshold, its limit cycle."""
    if isinstance(rule, BufferedResidualLearning) and "W" in grains:
        return limit_cycle(rule, COORDINATE, grains["W"].dw_min)
    return floor(rule, COORDINATE, reading, grains)


def points() -> int:
    """How many points there are: their intervals hold together."""
    return sum(len(panel.rules) * len(panel.values) for panel in PANELS.values())


def data(depth: str = "default", workers: int = 1, progress: Callable[[float], Any] | None = None) -> xr.Dataset:
    """Measured and predicted floors of every panel, (rule, value, measure), and the pulses a step that v2 fires.

    `half` is the half-width of intervals that hold together, for each measure, with 99 %.
    """
    del workers
    seeds, steps = DEPTHS[depth]
    done: dict[str, np.ndarray] = {}
    variables: dict[str, Any] = {}
    for name, panel in PANELS.items():
        found, rates = [], []
        for rule in panel.rules:
            for value in panel.values:
                case = _case(panel, rule, value)
                if repr(case) not in done:
                    done[repr(case)] = measured(*case, seeds, steps)
                expected = prediction(*case)
                found.append((*interval(done[repr(case)], points()), predicted(expected)))
                rates.append(expected.rate)
                if progress is not None:
                    progress(len(done) / points())
        variables |= _variables(name, panel, np.array(found), np.array(rates))
    attributes = {"confidence": CONFIDENCE, "seeds": seeds, "steps": steps, "dw_min": DW_MIN, "reading": READING}
    return xr.Dataset(variables, _labels(), attributes)


def _labels() -> dict[str, Any]:
    labels: dict[str, Any] = {"measure": list(MEASURES)}
    for name, panel in PANELS.items():
        labels |= {f"{name}_rule": list(panel.rules), panel.axis: list(panel.values)}
    return labels


def _variables(name: str, panel: Panel, found: np.ndarray, rates: np.ndarray) -> dict[str, Any]:
    axes, sizes = (f"{name}_rule", panel.axis), (len(panel.rules), len(panel.values))
    kinds = ("value", "half", "predicted")
    shaped = found.reshape(*sizes, len(kinds), len(MEASURES))
    parts = {f"{name}_{kind}": ((*axes, "measure"), shaped[:, :, k]) for k, kind in enumerate(kinds)}
    return {**parts, f"{name}_rate": (axes, rates.reshape(sizes))}


def part(ds: xr.Dataset, panel: str, rule: str, measure: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values, half-widths and predictions of one line of a panel."""
    at = {f"{panel}_rule": rule, "measure": measure}
    value, half, expected = (ds[f"{panel}_{kind}"].sel(at).values for kind in ("value", "half", "predicted"))
    return value, half, expected


def misses(ds: xr.Dataset, panel: str, rule: str, measure: str) -> np.ndarray:
    """By how much each prediction is outside its interval, relative to what is measured."""
    return outside(*part(ds, panel, rule, measure))


def ordered(ds: xr.Dataset, measure: str, better: str, worse: str) -> list[bool | None]:
    """Over the reading noise: whether `better` settles lower than `worse`; None where intervals overlap."""
    (low, low_half, _), (high, high_half, _) = (part(ds, "merit", rule, measure) for rule in (better, worse))
    apart = abs(high - low) > low_half + high_half
    return [bool(h > lo) if a else None for h, lo, a in zip(high, low, apart, strict=True)]


def holds_up_to(ds: xr.Dataset, measure: str) -> str:
    """Up to which reading noise the paper's order holds, and from where it does not, in words."""
    both = [ordered(ds, measure, RESIDUAL, ANALOG), ordered(ds, measure, V2, RESIDUAL)]
    steps = [all(step) for step in zip(*both, strict=True)]
    good = [s for s, holds in zip(MERIT_NOISES, steps, strict=True) if holds]
    broken = [s for s, *step in zip(MERIT_NOISES, *both, strict=True) if False in step]
    return f"holds for s = {told(good)}" + (f", fails for s = {told(broken)}" if broken else "")


def findings(ds: xr.Dataset) -> list[Finding]:
    """What the measured floors say of section 5."""
    return [_buffer(ds), _threshold(ds), _swings(ds), *(_order(ds, m) for m in ("error2", "excess")), *_predictions(ds)]


def _buffer(ds: xr.Dataset) -> Finding:
    (direct, direct_half, _), (kept, kept_half, _) = (
        part(ds, "reading", rule, "bias") for rule in PANELS["reading"].rules
    )
    bounds = abs(kept[-1]) + kept_half[-1], abs(direct[-1]) - direct_half[-1]
    return Finding(
        "text-1-22",
        f"the digital buffer filters the reading errors (read as: at s = {NOISES[-1]:g} it takes three quarters of the "
        "pull off W)",
        bool(bounds[0] <= bounds[1] / 4),
        f"W is {abs(kept[-1]):.3f} short of W* with the buffer and {abs(direct[-1]):.3f} without, at s = "
        f"{NOISES[-1]:g}; {abs(kept[0]):.3f} and {abs(direct[0]):.3f} at s = {NOISES[0]:g}",
    )


def _threshold(ds: xr.Dataset) -> Finding:
    lines = [part(ds, "granular", rule, "error2") for rule in PANELS["granular"].rules]
    (direct, direct_half, _), (buffered, buffered_half, _), (v2_value, v2_half, _) = lines
    least = np.minimum(direct - direct_half, buffered - buffered_half)
    return Finding(
        "text-1-22",
        "the threshold alleviates what limited granularity does (read as: the error is lower at every dw_min tried)",
        bool((v2_value + v2_half < least).all()),
        f"at dw_min = {GRAINS[-1]:g} the mean square error of a weight is {v2_value[-1]:.1e} with the threshold, "
        f"{direct[-1]:.1e} without threshold and buffer, {buffered[-1]:.1e} with the buffer alone; at "
        f"{GRAINS[0]:g} {v2_value[0]:.1e}, {direct[0]:.1e} and {buffered[0]:.1e}",
    )


def _swings(ds: xr.Dataset) -> Finding:
    direct, buffered, _ = PANELS["granular"].rules
    (value, half, _), (swinging, swinging_half, expected) = (
        part(ds, "granular", rule, "error2") for rule in (direct, buffered)
    )
    return Finding(
        "",
        "on granular weights the buffer alone makes it worse: its lag behind one-pulse transfers is a limit cycle",
        bool((swinging - swinging_half > value + half).all()),
        f"{_span(swinging / value)} times the error without the buffer; the describing function's swing gives "
        f"{_span(expected / swinging)} of it (it leaves out the even harmonics that W* off the symmetric point makes)",
    )


def _order(ds: xr.Dataset, measure: str) -> Finding:
    steps = [*ordered(ds, measure, RESIDUAL, ANALOG), *ordered(ds, measure, V2, RESIDUAL)]
    name = {"error2": "||W - W*||^2", "excess": "f(Wbar) - f*"}[measure]
    lowest, highest = (
        ", ".join(f"{part(ds, 'merit', rule, measure)[0][k]:.1e}" for rule in PANELS["merit"].rules) for k in (0, -1)
    )
    return Finding(
        "",
        f"with both imperfections Analog SGD, Residual Learning and v2 settle lower in this order, by {name}, at every "
        f"reading noise from {MERIT_NOISES[0]:g} to {MERIT_NOISES[-1]:g}",
        False if False in steps else None if None in steps else True,
        f"{holds_up_to(ds, measure)}; a weight's share is {lowest} at the least noise, {highest} at the most",
    )


def _predictions(ds: xr.Dataset) -> list[Finding]:
    inside, beyond = [], []
    for name, panel in PANELS.items():
        for rule in panel.rules:
            if rule == "buffer, no threshold":
                continue
            rates = ds[f"{name}_rate"].sel({f"{name}_rule": rule}).values
            lawful = np.isnan(rates) | ((rates >= RATES[0]) & (rates <= RATES[1]))
            for measure in ("error2", "excess"):
                missed = misses(ds, name, rule, measure)
                inside.extend(missed[lawful])
                beyond.extend(missed[~lawful])
    rest = f"; beyond, up to {max(beyond):.0%}" if beyond else ""
    return [
        Finding(
            "",
            f"every predicted floor is within 10 % of the intervals, where v2 fires {RATES[0]:g} to {RATES[1]:g} "
            "pulses a step",
            bool(max(inside) <= 0.1),
            f"largest miss beyond the intervals {max(inside):.1%}, of {len(inside)} floors; "
            f"{sum(miss == 0 for miss in inside)} are inside them{rest}",
        )
    ]


def _span(values: np.ndarray) -> str:
    return f"{values.min():.2g} to {values.max():.2g}"
