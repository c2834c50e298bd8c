"""Figure 2: least squares under growing asymmetry, Analog SGD against Tiki-Taka, pulse by pulse.

The data and the settings are those of the authors' script. A step freezes the residuals of the 100 samples and applies
their 100 rank-one updates one after another, each as a stochastic pulse train of at most 8 slots; Tiki-Taka then reads
every weight of P through a noisy converter of step 24/510 and moves W by at most 31 pulses. Two pairs of responses are
run: the paper's, and the one-sided pair of the script. Then what makes the transition is switched off in turn: the cap
on pulses, the coarse reading; and the granularity is made finer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise, product
from typing import Any

import numpy as np
import sympy as sp
import xarray as xr
from scipy import stats

from ...theory.algorithm import Algorithm, AnalogSGD, ResidualLearning
from ...theory.interpolation import critical_ratio
from ...theory.noise import SampleSequence
from ...theory.objective import LeastSquares
from ...theory.response import ResponseFunction, linear, one_sided
from ...theory.symbols import symbol
from ..engine import simulate
from ..finding import Finding
from ..hardware import Hardware
from ..pulses import LoneTrains, PulseTrain
from ..reading import Converters, Exact, Reading
from ..record import Record
from .peer import figure_2_curves, figure_2_data, figure_2_plateaus

TAU = sp.Rational(7, 2)
DW_MIN, CAP, TRANSFER_CAP = 1e-4, 8, 31
C_LIN = (0.0, 0.1, 0.2, 0.3)
ALGORITHMS: dict[str, Algorithm] = {
    "Analog SGD": AnalogSGD(alpha=0.8),
    "Tiki-Taka": ResidualLearning(alpha=0.8, beta=0.8, gamma=0.4),
}
STEPS, PLATEAU = 1000, 100
CONFIDENCE = 0.99
DEPTHS = {"default": 16, "full": 64}


PAIRS = {"paper": linear, "one-sided": one_sided}


def problem() -> LeastSquares:
    """(150) with the scale 1/rows of the authors' script, on its data; labels are exact."""
    A, w_star = figure_2_data()
    return LeastSquares(A, A @ w_star, scale=1 / len(A))


@dataclass(frozen=True)
class Setting:
    """How one run's hardware works: of the array that gradients go to, of the transfer, and how P is read.

    seeds: at most so many, fewer where a run is slow; steps: the length of the run; analog_steps: that of Analog SGD,
    where it settles sooner.
    """

    gradients: Hardware = field(default_factory=lambda: PulseTrain(DW_MIN, CAP))
    transfer: Hardware = field(default_factory=lambda: LoneTrains(DW_MIN, TRANSFER_CAP))
    reading: Reading = field(default_factory=Converters)
    seeds: int = 10**6
    steps: int = STEPS
    analog_steps: int | None = None


AS_RUN = "as the script runs it"
OFF = {
    AS_RUN: Setting(),
    "no coarse reading": Setting(reading=Exact(), seeds=6),
    "no cap": Setting(gradients=PulseTrain(DW_MIN, 10_000), seeds=2, analog_steps=300),
}
SAME_REACH, SAME_COUNT, QUIET = "half dw_min, twice the pulses", "half dw_min, as many pulses", "no noise in reading"
PLATEAUS_OF = {
    SAME_REACH: Setting(PulseTrain(DW_MIN / 2, 2 * CAP), LoneTrains(DW_MIN / 2, 2 * TRANSFER_CAP), seeds=8),
    SAME_COUNT: Setting(PulseTrain(DW_MIN / 2, CAP), LoneTrains(DW_MIN / 2, TRANSFER_CAP), seeds=8, steps=2 * STEPS),
    QUIET: Setting(reading=Converters(out_noise=0.0), seeds=8),
}


def curve(setting: Setting, pair: str, algorithm: str, c_lin: float, seeds: int) -> np.ndarray:
    """Loss before each step's update, (step, seed), divided by the number of weights as the authors record it."""
    squares, rule = problem(), ALGORITHMS[algorithm]
    hardware = dict.fromkeys(rule.arrays, setting.transfer) | {rule.arrays[-1]: setting.gradients}
    runs = simulate(
        rule,
        squares,
        PAIRS[pair](TAU, c_lin),
        noise=SampleSequence(out_bound=10.0),
        start=np.ones(squares.dim),
        steps=setting.analog_steps or setting.steps if algorithm == "Analog SGD" else setting.steps,
        seeds=min(seeds, setting.seeds),
        record=Record(every=1),
        hardware=hardware,
        reading=setting.reading,
        rng=2502,
    )
    return np.asarray(runs["loss"].values[0] / squares.dim)


def _plateau(loss: np.ndarray) -> tuple[float, float]:
    """Mean over the last 100 steps (901 to 1000 of 1000), and the half-width of its interval over seeds."""
    each = loss[-PLATEAU:].mean(0)
    if each.size < 2:
        return float(each.mean()), 0.0
    return float(each.mean()), float(stats.t.ppf((1 + CONFIDENCE) / 2, each.size - 1) * stats.sem(each))


@dataclass(frozen=True)
class _Run:
    """Mean and standard deviation of the loss over steps, and its plateau: value, half-width, seeds."""

    mean: np.ndarray
    std: np.ndarray
    plateau: tuple[float, float, int]


def _run(setting: Setting, pair: str, algorithm: str, c_lin: float, seeds: int) -> _Run:
    loss = curve(setting, pair, algorithm, c_lin, seeds)
    return _Run(loss.mean(1), loss.std(1, ddof=1), (*_plateau(loss), loss.shape[1]))


def _same_as(off: str, pair: str, algorithm: str, c_lin: float) -> tuple[str, str, str, float]:
    """The run that is this one: at c_lin = 0 the pairs are one, and Analog SGD reads no residual array."""
    if algorithm == "Analog SGD" and OFF[off].gradients == OFF[AS_RUN].gradients:
        off = AS_RUN
    return off, next(iter(PAIRS)) if c_lin == 0 else pair, algorithm, c_lin


def data(depth: str = "default", workers: int = 1, progress: Callable[[float], Any] | None = None) -> xr.Dataset:
    """Mean loss over steps as run, `loss` with its standard deviation over seeds; and plateaus with intervals.

    `plateau`, `half` and `seeds` have the dimensions off, pair, algorithm, c_lin; `cause` and `cause_half` are those of
    Tiki-Taka at c_lin = 0 with one thing changed. A plateau is the mean loss of a run's last 100 steps: steps 901 to
    1000, but 201 to 300 for Analog SGD without the cap, and 1901 to 2000 where half of dw_min halves the speed. It need
    not be where the loss would end.
    """
    del workers
    panels, seeds = list(product(OFF, PAIRS, ALGORITHMS, C_LIN)), DEPTHS[depth]
    runs: dict[tuple[str, str, str, float], _Run] = {}
    for k, (off, pair, algorithm, c_lin) in enumerate(panels, 1):
        same = runs.get(_same_as(off, pair, algorithm, c_lin))
        runs[off, pair, algorithm, c_lin] = same or _run(OFF[off], pair, algorithm, c_lin, seeds)
        if progress is not None:
            progress(k / (len(panels) + 2 * len(PLATEAUS_OF)))
    causes = [_run(setting, "paper", "Tiki-Taka", 0.0, seeds) for setting in PLATEAUS_OF.values()]
    return _labelled(runs, causes, seeds)


def _labelled(runs: dict[Any, _Run], causes: list[_Run], seeds: int) -> xr.Dataset:
    names: dict[str, list[Any]] = {
        "off": list(OFF),
        "pair": list(PAIRS),
        "algorithm": list(ALGORITHMS),
        "c_lin": list(C_LIN),
    }
    shape, axes = tuple(map(len, names.values())), tuple(names)
    plateaus = np.array([run.plateau for run in runs.values()]).reshape(*shape, 3)
    curves = [(run.mean, run.std) for (off, *_), run in runs.items() if off == AS_RUN]
    over = np.array(curves).reshape(*shape[1:], 2, -1)
    return xr.Dataset(
        {
            "plateau": (axes, plateaus[..., 0]),
            "half": (axes, plateaus[..., 1]),
            "seeds": (axes, plateaus[..., 2].astype(int)),
            "loss": ((*axes[1:], "step"), over[..., 0, :]),
            "loss_std": ((*axes[1:], "step"), over[..., 1, :]),
            "cause": ("changed", [run.plateau[0] for run in causes]),
            "cause_half": ("changed", [run.plateau[1] for run in causes]),
        },
        {**names, "step": np.arange(over.shape[-1]), "changed": list(PLATEAUS_OF)},
        {"confidence": CONFIDENCE, "seeds": seeds},
    )


def listed(ds: xr.Dataset) -> list[dict[str, Any]]:
    """One object a curve of the figure: what was run, its plateau and the plateau's interval."""
    run = ds.sel(off=AS_RUN)
    return [
        {
            "algorithm": algorithm.lower().replace(" ", "_").replace("-", "_"),
            "pair": pair,
            "c_lin": float(c_lin),
            "plateau": float(one["plateau"]),
            "plateau_interval": [float(one["plateau"] - one["half"]), float(one["plateau"] + one["half"])],
            "seeds": int(one["seeds"]),
        }
        for pair in PAIRS
        for algorithm in ALGORITHMS
        for c_lin in C_LIN
        for one in [run.sel(pair=pair, algorithm=algorithm, c_lin=c_lin)]
    ]


def crossing(ds: xr.Dataset, pair: str, off: str = AS_RUN) -> str:
    """The first c_lin of the grid at which Tiki-Taka is worse than Analog SGD, or words that there is none."""
    ratio = _ratio(ds).sel(pair=pair, off=off)
    worse = ratio["c_lin"].values[ratio.values > 1]
    return f"{worse[0]:g}" if worse.size else f"above {C_LIN[-1]:g}"


def _ratio(ds: xr.Dataset) -> xr.DataArray:
    """Plateau of Tiki-Taka over that of Analog SGD (off, pair, c_lin)."""
    return ds["plateau"].sel(algorithm="Tiki-Taka") / ds["plateau"].sel(algorithm="Analog SGD")


def furthest_from_peer(ds: xr.Dataset) -> tuple[float, float]:
    """Against the peer's curves: the largest difference of means in standard errors, and of plateaus, relative.

    A standard error is widened by a quarter of 1e-5 of the loss, for rounding.
    """
    peer = figure_2_curves()
    ours = ds.sel(pair="one-sided", c_lin=peer["c_lin"], algorithm=peer["algorithm"])
    shared = [step for step in peer["step"].values if 0 < step <= STEPS]
    mean, theirs = ours["loss"].sel(step=shared), peer.sel(step=shared)
    error = (ours["loss_std"].sel(step=shared) ** 2 / ds.attrs["seeds"] + theirs["std"] ** 2 / peer.attrs["n"]) ** 0.5
    away = abs(mean - theirs["mean"]) / (error + 1e-5 * theirs["mean"] / 4)
    plateau = ours["plateau"].sel(off=AS_RUN)
    apart = [abs(float(plateau.sel(algorithm=a, c_lin=c)) / last - 1) for (a, c), last in figure_2_plateaus().items()]
    return float(away.max()), max(apart)


def findings(ds: xr.Dataset) -> list[Finding]:
    """What the pulses say of the paper's reading of Figure 2, and what makes the transition."""
    run = ds.sel(off=AS_RUN)
    return [
        _far_better_at_zero(run),
        *(_degrades(ds, pair) for pair in PAIRS),
        _not_trivial(run),
        _order(run),
        *_granularity(ds),
        _transition(ds),
        _critical(ds),
        _pairs_differ(run),
        _as_the_peer(ds),
    ]


def _above(one: xr.Dataset, other: xr.Dataset) -> bool | None:
    """Whether one plateau is above another; None where their intervals overlap."""
    away = float(one["plateau"] - other["plateau"])
    return None if abs(away) <= float(one["half"] + other["half"]) else away > 0


def _both(run: xr.Dataset, pair: str, c_lin: float) -> tuple[xr.Dataset, xr.Dataset]:
    """Tiki-Taka and Analog SGD at one asymmetry."""
    at = run.sel(pair=pair, c_lin=c_lin)
    return at.sel(algorithm="Tiki-Taka"), at.sel(algorithm="Analog SGD")


def _shown(one: xr.Dataset) -> str:
    return f"{float(one['plateau']):.2e} +- {float(one['half']):.0e}"


def _far_better_at_zero(run: xr.Dataset) -> Finding:
    tiki_taka, analog = _both(run, "paper", 0.0)
    better = bool(tiki_taka["plateau"] + tiki_taka["half"] < (analog["plateau"] - analog["half"]) / 10)
    return Finding(
        "text-1-16",
        "at c_lin = 0 Tiki-Taka significantly outperforms Analog SGD (read as: its loss is ten times lower)",
        better,
        f"losses after 1000 steps {_shown(tiki_taka)} and {_shown(analog)}",
    )


def _degrades(ds: xr.Dataset, pair: str) -> Finding:
    run = ds.sel(off=AS_RUN)
    rises = [_above(_both(run, pair, b)[0], _both(run, pair, a)[0]) for a, b in pairwise(C_LIN[1:])]
    worse = _above(*_both(run, pair, C_LIN[-1]))
    plateaus = [float(_both(run, pair, c)[0]["plateau"]) for c in C_LIN]
    return Finding(
        "text-1-16",
        f"from c_lin = 0.1 to 0.3 Tiki-Taka degrades, and becomes worse than Analog SGD ({pair} pair)",
        None if None in (*rises, worse) else all((*rises, worse)),
        f"after 1000 steps its losses are {', '.join(f'{p:.1e}' for p in plateaus)} at c_lin = "
        f"{', '.join(f'{c:g}' for c in C_LIN)}; it is worse than Analog SGD from {crossing(ds, pair)} on",
    )


def _not_trivial(run: xr.Dataset) -> Finding:
    loss = run["loss"].sel(pair="paper", algorithm="Tiki-Taka", c_lin=C_LIN[-1])
    error = run["loss_std"].sel(pair="paper", algorithm="Tiki-Taka", c_lin=C_LIN[-1]) / run.attrs["seeds"] ** 0.5
    at = [0, STEPS // 2, STEPS]
    start, middle, end = (float(loss.sel(step=step)) for step in at)
    clear = 5 * float(error.sel(step=at[1:]).max())
    return Finding(
        "text-1-14",
        "on a linear response that is not that of [21] Tiki-Taka's loss rises, and ends above where it starts "
        "(paper's pair, c_lin = 0.3)",
        bool(end > middle + clear and end > start + clear),
        f"loss per weight {start:.2f} at the start, {middle:.2f} after {at[1]} steps, {end:.2f} after {at[2]}",
    )


def _order(run: xr.Dataset) -> Finding:
    tiki_taka, _ = _both(run, "paper", 0.0)
    low, high = (float(tiki_taka["plateau"] + sign * tiki_taka["half"]) for sign in (-1, 1))
    within = low >= 10**-5.5 and high <= 10**-4.5
    outside = high < 10**-5.5 or low > 10**-4.5
    return Finding(
        "figure-2",
        "at c_lin = 0 Tiki-Taka's error has a plateau of order 1e-5 (between 10^-5.5 and 10^-4.5)",
        True if within else False if outside else None,
        f"its loss per weight stays at {_shown(tiki_taka)}",
    )


def _granularity(ds: xr.Dataset) -> Iterator[Finding]:
    base, _ = _both(ds.sel(off=AS_RUN), "paper", 0.0)
    reach, count, quiet = (ds["cause"].sel(changed=name) for name in PLATEAUS_OF)
    half = float(ds["cause_half"].max() + base["half"])
    told = (
        f"{_shown(base)} as run; {float(reach):.1e} with half of dw_min and twice the pulses, {float(count):.1e} with "
        f"half of dw_min and as many pulses, {float(quiet):.1e} without noise in reading P"
    )
    yield Finding(
        "figure-2",
        "the plateau comes from the granularity dw_min (read as: with half of it, and pulses that reach as far, the "
        "plateau is at most half)",
        bool(reach < base["plateau"] / 2),
        told,
    )
    yield Finding(
        "figure-2.amended-1",
        "it comes from the noise in reading P: without it the plateau is ten times lower",
        bool(quiet < base["plateau"] / 10),
        told,
    )
    yield Finding(
        "figure-2.amended-1",
        "dw_min enters as a factor of the largest transfer, 31 dw_min: half of both, and the plateau is at most half",
        bool(count + half < base["plateau"] / 2),
        told,
    )


def _transition(ds: xr.Dataset) -> Finding:
    where = {off: {pair: crossing(ds, pair, off) for pair in PAIRS} for off in OFF}
    told = "; ".join(f"{off}: {', '.join(f'{c} ({pair})' for pair, c in at.items())}" for off, at in where.items())
    return Finding(
        "",
        "the c_lin from which Tiki-Taka is worse depends on the pair and on the cap, not on the coarse noisy reading",
        where[AS_RUN] == where["no coarse reading"] != where["no cap"],
        f"it is worse at the end of the run from c_lin = {told}",
    )


def _critical(ds: xr.Dataset) -> Finding:
    limit = critical_ratio(problem().A).ratio
    plateau = ds["plateau"].sel(off="no cap", algorithm="Tiki-Taka")
    ratio = {(pair, c): abs(_asymmetry(PAIRS[pair](TAU, c))) for pair in PAIRS for c in C_LIN}
    ends = {(pair, c): float(plateau.sel(pair=pair, c_lin=c)) for pair, c in ratio}
    told = ", ".join(f"{ends[key]:.0e} at {value:.3f}" for key, value in sorted(ratio.items(), key=lambda one: one[1]))
    return Finding(
        "",
        "without the cap Tiki-Taka converges (loss below 1e-4 after 1000 steps) where |R(0)| of its device is below "
        "the critical ratio of the data, and only there",
        all((ends[key] < 1e-4) == (value < limit) for key, value in ratio.items()),
        f"critical ratio {limit:.4f}; loss by |R(0)|: {told}",
    )


def _asymmetry(device: ResponseFunction) -> float:
    return float(device.R.subs(symbol("w"), 0))


def _pairs_differ(run: xr.Dataset) -> Finding:
    paper, script = (_both(run, pair, 0.1)[0] for pair in PAIRS)
    return Finding(
        "",
        "at c_lin = 0.1, after 1000 steps, Tiki-Taka's losses for the paper's pair and for the script's differ by "
        "orders of magnitude",
        bool(paper["plateau"] > 100 * script["plateau"]),
        f"{_shown(paper)} and {_shown(script)}; besides its one-sided pair the script differs from the paper's text by "
        "pulsing sample after sample, by a cap of 8 pulses in proportion, and by a coarse noisy reading of P",
    )


def _as_the_peer(ds: xr.Dataset) -> Finding:
    errors, apart = furthest_from_peer(ds)
    return Finding(
        "",
        "the curves are those of a peer simulator (each step within 4 standard errors, plateaus within 10 %)",
        errors <= 4 and apart <= 0.1,
        f"largest difference {errors:.1f} standard errors of 400 steps, of plateaus {apart:.1%}",
    )
