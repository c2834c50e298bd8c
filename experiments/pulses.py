"""Pulses: what an increment is on hardware, one step of about dw_min after another (26)-(27).

A hardware here decides how many pulses each weight gets, and fires them: each moves its weight by dw_min times the
response at the weight as the pulse before has left it, plus cycle variation. Pulses of one sign on an element whose
response is affine compose in closed form; otherwise they are fired one by one, at a cost in proportion to their number.
Arrays are shaped (rows, increments, weights), rows being the seeds of a chunk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from ..theory.algorithm import Update
from ..theory.pulses import pulse
from ..theory.validate import integer, nonnegative, positive, probabilities
from .draws import Draws
from .elements import Elements
from .hardware import Bounds, Device
from .kernels import coincidences, composed, composed_noisily, managed_train, trains

Array = Any
Fire = Callable[[Array, Array], Array]

LONGEST = 64
_SLAB = 2048


@dataclass(frozen=True)
class Pulses:
    """Counted pulses (26)-(27): an increment dw is ceil(|dw| / dw_min) pulses of its sign, at most `bl_max`.

    Parameters
    ----------
    dw_min : response granularity, > 0, in units of weight.
    bl_max : largest number of pulses in one update, >= 1; no limit if None.
    sigma_c : cycle variation, >= 0: each pulse moves by dw_min (q + sigma_c xi), xi standard normal.
    """

    dw_min: float
    bl_max: int | None = None
    sigma_c: float = 0.0

    def __post_init__(self) -> None:
        _check(self)

    def pulses(self, dw: Array, draws: Draws | None = None) -> Array:  # noqa: ARG002
        """The signed number of pulses for each increment; a ratio that is whole up to rounding is that number."""
        wanted = np.ceil(abs(dw) / self.dw_min * (1 - 1e-12))
        counts = wanted if self.bl_max is None else np.minimum(wanted, self.bl_max)
        return np.copysign(counts, dw).astype(np.int64)

    def update(self, device: Device, bounds: Bounds, draws: Draws | None = None) -> Update:
        """The update of one array."""
        return _pulsed(self, device, bounds, draws)


@dataclass(frozen=True)
class PulseTrain:
    """Stochastic pulse trains of a rank-one update with one row, as crossbars send them.

    Row and columns get trains of BL slots; a weight sees a pulse where both fire. With k = max_j |dw_j| / dw_min,
    BL = min(ceil(k), bl_max) slots and r = max(k / bl_max, 1), the row fires with probability
    min(1, sqrt(k / BL) sqrt(r)) and column j with sqrt(k / BL) / sqrt(r) |dw_j| / max_i |dw_i|, so that weight j gets
    min(k, bl_max) |dw_j| / max_i |dw_i| pulses in the mean: `PulseCap` is this mean field. The row's bit is shared by
    all columns.

    Parameters
    ----------
    dw_min : response granularity, > 0, in units of weight.
    bl_max : largest number of slots, >= 1.
    sigma_c : cycle variation, >= 0.
    managed : whether BL follows k (bit-length management) or is always `bl_max`.
    """

    dw_min: float
    bl_max: int
    sigma_c: float = 0.0
    managed: bool = True

    def __post_init__(self) -> None:
        _check(self)

    def pulses(self, dw: Array, draws: Draws) -> Array:
        """The signed number of pulses for increments (rows, increments, weights)."""
        if self.bl_max > LONGEST:
            slots, p_row, p = trains(dw, self.dw_min, self.bl_max, self.managed)
            return np.copysign(draws.binomial(draws.binomial(slots, p_row)[..., None], p), dw).astype(np.int64)
        count = dw.shape[1] * (self.bl_max + 1)
        words = draws.words(count), draws.words(count * dw.shape[2])
        return coincidences(dw, *words, self.dw_min, self.bl_max, self.managed)

    def update(self, device: Device, bounds: Bounds, draws: Draws) -> Update:
        """The update of one array."""
        return _pulsed(self, device, bounds, draws)


@dataclass(frozen=True)
class LoneTrains:
    """Stochastic pulse trains where each weight is updated alone, as when one column after another is written.

    As `PulseTrain` with one column: a weight gets a binomial number of pulses, of BL = min(ceil(k), bl_max) slots with
    probability min(1, k / BL) each, k = |dw| / dw_min.

    Parameters
    ----------
    dw_min : response granularity, > 0, in units of weight.
    bl_max : largest number of slots, >= 1.
    sigma_c : cycle variation, >= 0.
    managed : whether BL follows k (bit-length management) or is always `bl_max`.
    """

    dw_min: float
    bl_max: int
    sigma_c: float = 0.0
    managed: bool = True

    def __post_init__(self) -> None:
        _check(self)

    def pulses(self, dw: Array, draws: Draws) -> Array:
        """The signed number of pulses for increments (rows, increments, weights)."""
        alone = PulseTrain(self.dw_min, self.bl_max, self.sigma_c, self.managed)
        return alone.pulses(dw.reshape(len(dw), -1, 1), draws).reshape(dw.shape)

    def update(self, device: Device, bounds: Bounds, draws: Draws) -> Update:
        """The update of one array."""
        return _pulsed(self, device, bounds, draws)


@dataclass(frozen=True)
class RoundedTrains:
    """Pulse trains without chance: a weight gets its mean number of pulses, BL p_row p_column, rounded to an integer.

    Parameters
    ----------
    dw_min : response granularity, > 0, in units of weight.
    bl_max : largest number of slots, >= 1.
    sigma_c : cycle variation, >= 0.
    managed : whether BL follows k (bit-length management) or is always `bl_max`.
    """

    dw_min: float
    bl_max: int
    sigma_c: float = 0.0
    managed: bool = True

    def __post_init__(self) -> None:
        _check(self)

    def pulses(self, dw: Array, draws: Draws | None = None) -> Array:  # noqa: ARG002
        """The signed number of pulses for increments (rows, increments, weights)."""
        slots, p_row, p = trains(dw, self.dw_min, self.bl_max, self.managed)
        return np.copysign(np.rint((slots * p_row)[..., None] * p), dw).astype(np.int64)

    def update(self, device: Device, bounds: Bounds, draws: Draws | None = None) -> Update:
        """The update of one array."""
        return _pulsed(self, device, bounds, draws)


def rank_one(x: Array, d: Array, *, dw_min: float, bl_max: int, rng: np.random.Generator) -> Array:
    """Signed pulses of the rank-one increment outer(d, x), as a crossbar of len(d) rows fires them.

    One train for each row and each column, of slots that all share; a weight's pulses are the slots where both fire,
    its sign that of x_j d_i (the quadrant).

    Parameters
    ----------
    x, d : shaped (columns,) and (rows,).
    dw_min, bl_max : as in `PulseTrain`.
    rng : where the bits come from.

    Returns
    -------
    integers shaped (rows, columns)
    """
    integer("bl_max", bl_max)
    positive("dw_min", dw_min)
    high = (abs(x).max(), abs(d).max())
    if not all(high):
        return np.zeros((len(d), len(x)), dtype=np.int64)
    slots, p_row, p_column = managed_train(high[0] * high[1] / dw_min, bl_max, True)
    fired = crossings(p_row * abs(d) / high[1], p_column * abs(x) / high[0], slots=slots, rng=rng)
    return fired * np.sign(np.outer(d, x)).astype(np.int64)


def crossings(p_rows: Array, p_columns: Array, *, slots: int, rng: np.random.Generator) -> Array:
    """In how many slots of its trains a row and a column both fire, for each pair: (rows, columns).

    Parameters
    ----------
    p_rows, p_columns : probabilities of a bit in a slot, shaped (rows,) and (columns,), in [0, 1].
    slots : length of the trains, >= 1.
    rng : where the bits come from.
    """
    bits = [
        rng.random((integer("slots", slots), p.size)) < p
        for p in (probabilities("p_rows", p_rows), probabilities("p_columns", p_columns))
    ]
    rows, columns = (found.astype(np.int64) for found in bits)
    return rows.T @ columns


def _check(hardware: Any) -> None:
    positive("dw_min", hardware.dw_min)
    nonnegative("sigma_c", hardware.sigma_c)
    if hardware.bl_max is not None:
        integer("bl_max", hardware.bl_max)


def _pulsed(hardware: Any, device: Device, bounds: Bounds, draws: Draws | None) -> Update:
    """The update that fires the pulses of one increment after another; how many is told for a slab of them at once."""
    fire = _fire(hardware, device, bounds, draws)

    def update(w: Array, increments: Iterable[Array]) -> Array:
        flat = w.reshape(-1, w.shape[-1])
        for dw in _slabs(increments, w.shape[-1]):
            if not np.isfinite(dw).all():
                raise FloatingPointError("an increment is NaN or infinite")
            flat = fire(flat, hardware.pulses(dw, draws))
        return flat.reshape(w.shape)

    return update


def _slabs(increments: Iterable[Array], dim: int) -> Iterator[Array]:
    """Increments as arrays (rows, increments, dim), some at a time; their number depends on `dim` alone."""
    rest = iter(increments)
    while taken := list(islice(rest, max(1, _SLAB // dim))):
        yield np.stack([dw.reshape(-1, dim) for dw in taken], axis=1)


def _fire(hardware: Any, device: Device, bounds: Bounds, draws: Draws | None) -> Fire:
    lines = getattr(device, "affine", None)
    if lines is None or any(hardware.dw_min * abs(slope) > 1 for _, slope in lines):
        return _OneByOne(hardware.dw_min, hardware.sigma_c, device, bounds, draws)
    return _Composed(hardware.dw_min, hardware.sigma_c, lines, bounds, draws)


class _Composed:
    """Pulses of one sign on affine responses in closed form: n of them map w to a**n w + b_n; with noise in a loop.

    One pulse up maps w to a w + b, a = 1 + dw_min slope, b = dw_min q(0); down with -dw_min. So
    b_n = b (1 + a + ... + a**(n-1)). Stopping at a bound after each pulse or after all is the same, as they go one way.
    """

    def __init__(self, dw_min: float, sigma_c: float, lines: Any, bounds: Bounds, draws: Draws | None) -> None:
        (up, up_slope), (down, down_slope) = lines
        self._spread, self._draws = dw_min * sigma_c, draws
        self._a = np.array([[1 - dw_min * down_slope], [1 + dw_min * up_slope]])
        self._b = np.array([[-dw_min * down], [dw_min * up]])
        self._bounds = bounds
        self._powers, self._shifts = self._tabled(16)

    def __call__(self, w: Array, pulses: Array) -> Array:
        self._bounds.applied += pulses.shape[1]
        low, high = (np.broadcast_to(end, w.shape[-1:]) for end in (self._bounds.low, self._bounds.high))
        stopped = self._bounds.stopped.reshape(-1)
        if self._draws is not None and self._spread:
            noise = self._spread * self._draws.normals_each(abs(pulses).sum((1, 2), dtype=np.int64))
            return composed_noisily(w, pulses, self._a.ravel(), self._b.ravel(), low, high, noise, stopped)
        longest = int(max(pulses.max(initial=0), -pulses.min(initial=0)))
        if self._powers.shape[1] <= longest:
            self._powers, self._shifts = self._tabled(max(2 * longest, 16))
        return composed(w, pulses, self._powers, self._shifts, low, high, stopped)

    def _tabled(self, size: int) -> tuple[Array, Array]:
        n = np.arange(size)
        powers = self._a**n
        sums = np.concatenate([np.zeros((2, 1)), np.cumsum(powers[:, :-1], axis=1)], axis=1)
        return powers, self._b * sums


class _OneByOne:
    """Pulses fired one by one, all weights' t-th pulse at once; a weight that a pulse would take out of range stops."""

    def __init__(self, dw_min: float, sigma_c: float, device: Device, bounds: Bounds, draws: Draws | None) -> None:
        self._dw_min, self._sigma_c, self._bounds, self._draws = dw_min, sigma_c, bounds, draws
        self._responses = _responses(device)

    def __call__(self, w: Array, pulses: Array) -> Array:
        noise = _Noise(self._sigma_c, self._draws, abs(pulses).sum((1, 2), dtype=np.int64))
        for i in range(pulses.shape[1]):
            w = self._bounds.stop(self._fired(w, pulses[:, i], noise))
        return w

    def _fired(self, w: Array, pulses: Array, noise: _Noise) -> Array:
        flat, n, sign = w.ravel().copy(), abs(pulses).ravel(), np.sign(pulses).ravel()
        low, high = (np.broadcast_to(end, w.shape).ravel() for end in (self._bounds.low, self._bounds.high))
        at, fired = np.flatnonzero(n), 0
        while at.size:
            rows, d = np.divmod(at, w.shape[-1])
            s, here = sign[at], flat[at]
            q_plus, q_minus = self._responses(here, d)
            q = np.where(s > 0, q_plus, q_minus)
            flat[at] = pulse(here, s, self._dw_min, q, noise.next(rows))
            fired += 1
            at = at[n[at] > fired]
            # the last pulse's overshoot is left for `bounds` to count
            flat[at] = np.clip(flat[at], low[at], high[at])
        return flat.reshape(w.shape)


class _Noise:
    """Cycle variation for known numbers of pulses a row, drawn at once: each row is given its own, in order."""

    def __init__(self, sigma_c: float, draws: Draws | None, counts: Array) -> None:
        self._sigma_c, self._next = sigma_c, np.cumsum(counts) - counts
        self._normals = draws.normals_each(counts) if sigma_c else None  # type: ignore[union-attr]

    def next(self, rows: Array) -> Any:
        """sigma_c xi for pulses on these rows, which ascend."""
        if self._normals is None:
            return 0.0
        counts = np.bincount(rows, minlength=len(self._next))
        within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        found = self._sigma_c * self._normals[self._next[rows] + within]
        self._next = self._next + counts
        return found


def _responses(device: Device) -> Callable[[Array, Array], tuple[Any, ...]]:
    """q_+ and q_- of weights and of the elements they belong to, both in a line."""
    if isinstance(device, Elements):
        return device.at("q_plus", "q_minus")
    compute = device.array_functions("q_plus", "q_minus")
    return lambda w, _: compute(w)
