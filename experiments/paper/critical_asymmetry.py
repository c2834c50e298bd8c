"""Where Figure 2's transition comes from: the critical asymmetry of its data, under a cap on pulses and without one.

Tiki-Taka as in Figure 2, pulse trains on its data, many devices side by side. W* fits every sample, so the loss falls
to the floor of the noisy reading for small asymmetries and stays large for large ones; between is the transition. It
is shown over |R(0)| for both pairs, and against the largest step of an update, cap times dw_min, for several of each.
The response of the arrays is taken once a step, not after each pulse, which is exact to first order in dw_min.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import numpy as np
import xarray as xr

from ...theory.algorithm import ResidualLearning, analog_update
from ...theory.homogeneous import crossing
from ...theory.interpolation import capped_critical_ratio, critical_ratio
from ...theory.laws.critical_asymmetry import PAIRS, Critical, pair_responses
from ...theory.objective import LeastSquares
from ..draws import Draws
from ..finding import Finding
from ..pulses import LoneTrains, PulseTrain
from ..reading import Converters
from .figure_2 import ALGORITHMS, CAP, DW_MIN, PLATEAU, STEPS, TAU, TRANSFER_CAP, problem

RULE = cast("ResidualLearning", ALGORITHMS["Tiki-Taka"])
OUT_BOUND = 10.0
WORSE = 1e-3  # about where Analog SGD ends in Figure 2 at c_lin = 0: 1.2e-3
PRINTED = (0.1, 0.2, 0.3)  # the c_lin of Figure 2
SIZES = (0.1 / 1.9, 0.07, 0.085, 0.1, 0.2 / 1.8, 0.14, 0.3 / 1.7, 0.2)
AROUND = np.linspace(0.07, 0.16, 7)
GRAINS = ((DW_MIN / 2, 16), (DW_MIN, 32), (4 * DW_MIN, 8), (10 * DW_MIN, 32))
REACHES = np.geomspace(1e-4, 0.1, 6)
BETWEEN = np.linspace(0.07, 0.19, 13)
CLOSE, LONG = (
    0.01,
    6000,
)  # a start so much closer to W* that P stays near 0, and steps enough to come from it to the end
ALPHAS = (0.4, 0.6, 0.8)
DEPTHS = {"default": 1, "full": 4}


class Devices(NamedTuple):
    """Devices side by side, one a row: `response` maps weights (rows, weight) to (F, G); ratios are |R(0)|, (rows,)."""

    response: Callable[[Any], tuple[Any, Any]]
    ratios: np.ndarray


def devices(pair: str, ratios: Any) -> Devices:
    """Devices of a pair with these |R(0)|."""
    both, sizes = pair_responses(PAIRS[pair], TAU), np.asarray(ratios, dtype=float)
    c_lin = c_lin_of(pair, sizes)[:, None]
    return Devices(lambda at: both(at, c_lin), sizes)


def c_lin_of(pair: str, ratios: Any) -> Any:
    """The c_lin at which |R(0)| is `ratios`."""
    return ratios if pair == "paper" else 2 * ratios / (1 + ratios)


def side_by_side(*groups: Devices) -> Devices:
    """The rows of several groups under each other."""
    ends = np.cumsum([len(group.ratios) for group in groups])

    def response(at: Any) -> tuple[Any, Any]:
        parts = zip(groups, np.split(at, ends[:-1]), strict=True)
        F, G = zip(*(group.response(part) for group, part in parts), strict=True)
        return np.concatenate(F), np.concatenate(G)

    return Devices(response, np.concatenate([group.ratios for group in groups]))


class Increments(NamedTuple):
    """What an update sends to each weight: the sum of its increments, and the sum of their sizes."""

    total: np.ndarray
    size: np.ndarray


@dataclass(frozen=True, eq=False)
class Mean:
    """The mean field of pulse trains: samples under a cap of `reach` (rows, 1), transfers cut at `transfer`."""

    reach: Any
    transfer: float = TRANSFER_CAP * DW_MIN

    def samples(self, errors: np.ndarray, A: np.ndarray) -> Increments:
        """Increments errors_i a_i of all samples; errors (rows, sample)."""
        largest = np.maximum(abs(errors) * abs(A).max(1), 1e-300)
        sent = errors * np.minimum(1, self.reach / largest)
        return Increments(sent @ A, abs(sent) @ abs(A))

    def read(self, P: np.ndarray) -> np.ndarray:
        """P itself."""
        return P

    def moved(self, increments: np.ndarray) -> np.ndarray:
        """What a transfer sends of wanted increments."""
        return np.asarray(np.clip(increments, -self.transfer, self.transfer))


class Trains:
    """Pulse trains of at most `cap` pulses of `dw_min` for the samples; reading and transfer as in Figure 2."""

    def __init__(self, dw_min: float, cap: int, rows: int, seed: int) -> None:
        self._dw_min, self._trains = dw_min, PulseTrain(dw_min, cap)
        self._samples, self._transfer, reading = (
            _drawn(sequence, rows) for sequence in np.random.SeedSequence([2502, seed]).spawn(3)
        )
        self.read = Converters().reader(reading)

    def samples(self, errors: np.ndarray, A: np.ndarray) -> Increments:
        """The pulses' increments of all samples; errors (rows, sample)."""
        pulses = self._trains.pulses(errors[..., None] * A, self._samples)
        return Increments(self._dw_min * pulses.sum(1), self._dw_min * abs(pulses).sum(1))

    def moved(self, increments: np.ndarray) -> np.ndarray:
        """What a transfer sends of wanted increments."""
        pulses = LoneTrains(DW_MIN, TRANSFER_CAP).pulses(increments[:, None], self._transfer)
        return np.asarray(DW_MIN * pulses[:, 0])


def _drawn(sequence: np.random.SeedSequence, rows: int) -> Draws:
    """Random numbers, a stream for each row."""
    streams = [np.random.Generator(np.random.SFC64(one)) for one in sequence.spawn(rows)]
    return Draws(lambda: streams, slice(0, rows), rows)


def losses(made: Devices, hardware: Any, steps: int = STEPS, away: float = 1.0) -> np.ndarray:
    """Tiki-Taka's loss per weight at Wbar before each step, (step, row), from P = 0 and W = W* + away (1 - W*)."""
    squares, tau = problem(), float(TAU)
    W = np.tile(squares.minimizer + away * (1 - squares.minimizer), (len(made.ratios), 1))
    P, found = 0 * W, np.empty((steps, len(W)))
    for k in range(steps):
        found[k], errors = _errors(squares, W + RULE.gamma * P)
        P = _sent(P, hardware.samples(-RULE.alpha * errors, squares.A), made)
        W = np.clip(analog_update(W, hardware.moved(RULE.beta * hardware.read(P)), *made.response(W)), -tau, tau)
    return found


def _errors(squares: LeastSquares, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The loss per weight, and the coefficient of each sample in the gradient."""
    outputs = at @ squares.A.T
    loss = ((outputs - squares.b) ** 2).mean(-1) / (2 * squares.dim)
    return loss, (np.clip(outputs, -OUT_BOUND, OUT_BOUND) - squares.b) / squares.rows


def _sent(w: np.ndarray, sent: Increments, made: Devices) -> np.ndarray:
    F, G = made.response(w)
    return np.asarray(np.clip(w + sent.total * F - sent.size * G, -float(TAU), float(TAU)))


def analog_losses(reach: float, steps: int = STEPS) -> np.ndarray:
    """Analog SGD's loss per weight at c_lin = 0 in the mean field, (step, alpha), for `ALPHAS`."""
    squares, made = problem(), devices("paper", np.zeros(len(ALPHAS)))
    alpha, hardware = np.array(ALPHAS)[:, None], Mean(reach)
    W, found = np.ones((len(ALPHAS), squares.dim)), np.empty((steps, len(ALPHAS)))
    for k in range(steps):
        found[k], errors = _errors(squares, W)
        W = _sent(W, hardware.samples(-alpha * errors, squares.A), made)
    return found


def transition(ratios: np.ndarray, ends: np.ndarray, worse: float = WORSE) -> tuple[float, float, float]:
    """The ratio where `ends` passes `worse`, interpolated in its logarithm, and the ratios on either side; or NaN."""
    above = int(np.argmax(ends > worse))
    if not 0 < above < len(ends):
        return np.nan, np.nan, np.nan
    low, high = ratios[above - 1], ratios[above]
    down, up = np.log(ends[above - 1 : above + 1] / worse)
    return float(low - down * (high - low) / (up - down)), float(low), float(high)


def _pulsed(made: Devices, dw_min: float, cap: int, seeds: int) -> np.ndarray:
    """The loss of the last steps of each seed, (seed, row)."""
    ends = [losses(made, Trains(dw_min, cap, len(made.ratios), k))[-PLATEAU:].mean(0) for k in range(seeds)]
    return np.array(ends)


def _mean_field(away: float, steps: int) -> np.ndarray:
    """Transitions over the reach of an update, in units of `away`: where the loss rises from half-time to the end.

    From Figure 2's start, where the loss ends above `WORSE`, as it is measured.
    """
    rows = devices("paper", np.tile(BETWEEN, len(REACHES)))
    hardware = Mean(away * np.repeat(REACHES, len(BETWEEN))[:, None], away * TRANSFER_CAP * DW_MIN)
    run = losses(rows, hardware, steps, away).reshape(steps, len(REACHES), -1) / away**2
    end, middle = run[-PLATEAU:].mean(0), run[steps // 2 - PLATEAU : steps // 2].mean(0)
    rise = np.where(end < WORSE * 1e-6, 0.5, end / middle)
    found = [
        transition(BETWEEN, e) if away == 1 else transition(BETWEEN, r, 1.0) for e, r in zip(end, rise, strict=True)
    ]
    return np.array(found)[:, 0]


def limits() -> dict[str, float]:
    """The critical ratios of Figure 2's data: capped, where an oscillation grows at Figure 2's rates, and uncapped."""
    squares = problem()
    one = Critical(RULE, PAIRS["paper"], float(TAU), squares)
    swing = crossing(lambda c, steps: one.rates(c, "mean-field", steps), 0.1, 0.18, ((9, 1500), (9, 2000)))
    found = critical_ratio(squares.A)
    return {"capped": capped_critical_ratio(squares.A), "at_rates": swing, "uncapped": found.ratio}


def data(depth: str = "default", workers: int = 1, progress: Callable[[float], Any] | None = None) -> xr.Dataset:
    """Losses after Figure 2's steps (pair, ratio, seed), and transitions in |R(0)| by the reach of an update.

    `transition`, with the grid points `below` and `above` it, is of pulse trains (grain: dw_min and cap); `far` is of
    their mean field, and `close` of long runs of it from near W*, over `reach`. Limits are attributes. `analog` is
    Analog SGD's last loss at c_lin = 0 in the mean field, without a cap and with Figure 2's, by alpha.
    """
    del workers
    seeds, tell = DEPTHS[depth], progress or (lambda _: None)
    both = side_by_side(*(devices(pair, SIZES) for pair in PAIRS))
    ends = _pulsed(both, DW_MIN, CAP, seeds).reshape(seeds, len(PAIRS), -1)
    tell(0.2)
    found = []
    for k, grain in enumerate(GRAINS, 1):
        found.append(transition(AROUND, _pulsed(devices("paper", AROUND), *grain, seeds).mean(0)))
        tell(0.2 + 0.6 * k / len(GRAINS))
    analog = [analog_losses(reach)[-PLATEAU:].mean(0) for reach in (np.inf, CAP * DW_MIN)]
    values = {
        "loss": (("seed", "pair", "ratio"), ends),
        **{name: ("grain", [one[k] for one in found]) for k, name in enumerate(("transition", "below", "above"))},
        "far": ("reach", _mean_field(1.0, STEPS)),
        "close": ("reach", _mean_field(CLOSE, LONG)),
        "analog": (("cap", "alpha"), np.array(analog)),
    }
    grains = {"dw_min": ("grain", [g[0] for g in GRAINS]), "bl_max": ("grain", [g[1] for g in GRAINS])}
    axes = {
        "pair": list(PAIRS),
        "ratio": list(SIZES),
        "reach": REACHES,
        "cap": ["none", "Figure 2's"],
        "alpha": list(ALPHAS),
    }
    return xr.Dataset(values, {**axes, **grains}, {**limits(), "worse": WORSE, "seeds": seeds, "steps": STEPS})


def as_run(ds: xr.Dataset, pair: str) -> tuple[float, float, float]:
    """The transition of Figure 2 as it is run, for one pair, and the ratios on either side of it."""
    return transition(ds["ratio"].values, ds["loss"].sel(pair=pair).mean("seed").values)


def findings(ds: xr.Dataset) -> list[Finding]:
    """What the transitions say of Figure 2."""
    return [_between(ds), _same_for_pairs(ds), _capped(ds), _close(ds), _printed(ds), _analog(ds)]


def _between(ds: xr.Dataset) -> Finding:
    low, high = ds.attrs["capped"], ds.attrs["uncapped"]
    inside = (ds["below"] <= high) & (ds["above"] >= low)
    each = zip(ds["transition"].values, ds["dw_min"].values, ds["bl_max"].values, strict=True)
    told = ", ".join(f"{at:.3f} (dw_min {dw_min:g}, cap {cap})" for at, dw_min, cap in each)
    return Finding(
        "lib-law-figure-2-transition",
        "for every dw_min and cap the transition lies between the capped and the uncapped critical ratio (read as: the "
        "grid points on either side of it do not lie outside)",
        bool(inside.all()),
        f"limits {low:.4f} and {high:.4f}; transitions {told}",
    )


def _same_for_pairs(ds: xr.Dataset) -> Finding:
    found = {pair: as_run(ds, pair) for pair in PAIRS}
    spans = list(found.values())
    overlap = max(one[1] for one in spans) <= min(one[2] for one in spans)
    told = ", ".join(f"{pair} {at:.4f}, so c_lin = {c_lin_of(pair, at):.3f}" for pair, (at, *_) in found.items())
    return Finding(
        "lib-law-figure-2-transition", "both pairs have it at the same |R(0)|", bool(overlap), f"|R(0)| = {told}"
    )


def _capped(ds: xr.Dataset) -> Finding:
    low, spans = ds.attrs["capped"], [as_run(ds, pair) for pair in PAIRS]
    return Finding(
        "lib-law-figure-2-transition",
        "as Figure 2 is run the capped limit lies between the grid points on either side of the transition",
        all(below <= low <= above for _, below, above in spans),
        f"predicted {low:.4f}; seen {', '.join(f'{at:.4f} (between {b:.3f} and {a:.3f})' for at, b, a in spans)}; in "
        "longer runs the transition from so far away moves up, for P is far from 0 on its way",
    )


def _close(ds: xr.Dataset) -> Finding:
    ends, step = ds["close"].values[[0, -1]], float(np.diff(BETWEEN)[0])
    aims = (ds.attrs["capped"], ds.attrs["at_rates"])
    return Finding(
        "lib-law-figure-2-transition",
        "in long runs from near W* the mean field's transition goes from the capped limit, for small updates, to where "
        f"W begins to swing against P, for large ones (within a step of the grid, {step:g})",
        bool(np.all(abs(ends - aims) <= step)),
        f"predicted {aims[0]:.4f} and {aims[1]:.4f}, seen {ends[0]:.4f} and {ends[1]:.4f}",
    )


def _printed(ds: xr.Dataset) -> Finding:
    low = ds.attrs["capped"]
    said = {(pair, c): c / (1 if pair == "paper" else 2 - c) for pair in PAIRS for c in PRINTED}
    seen = {
        (pair, c): float(ds["loss"].sel(pair=pair).sel(ratio=r, method="nearest").mean())
        for (pair, c), r in said.items()
    }
    inside = {key: r for key, r in said.items() if r <= max(SIZES)}
    return Finding(
        "",
        "at the c_lin that Figure 2 prints Tiki-Taka fails (loss above 1e-3) where |R(0)| is above the capped limit, "
        "and only there",
        all((seen[key] > WORSE) == (r > low) for key, r in inside.items()),
        "; ".join(
            f"{pair} pair, c_lin = {c:g}: |R(0)| = {r:.3f}, loss {seen[pair, c]:.0e}" for (pair, c), r in inside.items()
        ),
    )


def _analog(ds: xr.Dataset) -> Finding:
    free, capped = (ds["analog"].sel(cap=cap) for cap in ds["cap"].values)
    least = 2 / problem().L
    told = ", ".join(
        f"alpha = {a:g}: {float(free.sel(alpha=a)):.0e} without the cap, {float(capped.sel(alpha=a)):.0e} with it"
        for a in ALPHAS
    )
    below = free["alpha"] < least
    return Finding(
        "",
        "Analog SGD's plateau at c_lin = 0 in Figure 2 is the cap's: without it the loss falls below 1e-5 where alpha "
        "is below 2/L, and stays above 1e-3 beyond",
        bool((free < 1e-5).where(below, free > WORSE).all() and (capped > 1e-4).all()),
        f"2/L = {least:.3f}; {told}",
    )
