"""simulate(): many seeds and configurations of one problem at once.

Seeds run in chunks that fit the cache. Seed i owns a random stream and stands in row i mod BLOCK of a block of rows,
whichever chunk it is in: so every matrix product has the same shape, and a trajectory has the same bits for any chunk
size and any other seeds beside it. The noise of some steps is drawn once and all configurations run on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import xarray as xr
from threadpoolctl import threadpool_limits

from ..theory.algorithm import Algorithm, OnArray
from ..theory.noise import GradientOracle, Noise, NoNoise
from ..theory.objective import Objective
from ..theory.validate import integer
from .draws import Draws
from .hardware import Bounds, Device, Hardware, Smooth
from .plan import Configuration, Devices, Plan, checked_plan
from .reading import Exact, Reading
from .record import CURVES, Record, Results, TimeAverage, curves

Array = Any
Progress = Callable[[float], object]

BLOCK = 16
_CHUNK_WEIGHTS = 49_000
_NO_NOISE, _SMOOTH, _EXACT, _RECORD = NoNoise(), Smooth(), Exact(), Record()


class DivergedError(ArithmeticError):
    """A configuration left the finite numbers: `configuration` is its label, `step` the first step that did."""

    def __init__(self, configuration: str, step: int) -> None:
        super().__init__(
            f"configuration={configuration!r} diverged at step={step}: a weight, the loss or its gradient is NaN or "
            "infinite; take a smaller rate, or a device with a bounded range"
        )
        self.configuration, self.step = configuration, step


@dataclass(frozen=True)
class _Rows:
    """Where the seeds of a chunk stand: rows of blocks, seed i in row i mod BLOCK of block i // BLOCK."""

    seeds: range

    @property
    def blocks(self) -> int:
        return -(-self.seeds.stop // BLOCK) - self.seeds.start // BLOCK

    @property
    def own(self) -> slice:
        """The rows that belong to seeds; the others are padding."""
        first = self.seeds.start % BLOCK
        return slice(first, first + len(self.seeds))

    def spread(self, values: Array) -> Array:
        """Values (seeds, ...) as (blocks, BLOCK, ...). Padding repeats the first seed, so it behaves as a seed does."""
        rows = np.empty((self.blocks * BLOCK, *values.shape[1:]), values.dtype)
        rows[...] = values[0]
        rows[self.own] = values
        return rows.reshape(self.blocks, BLOCK, *values.shape[1:])

    def draws(self, plan: Plan, purpose: str) -> Draws:
        """The random numbers of that purpose, from the seeds' own streams; all configurations are given the same."""
        return Draws(partial(plan.generators, self.seeds, purpose), self.own, self.blocks * BLOCK)

    def gather(self, values: Array, axis: int = 0) -> Array:
        """The seeds' values out of an array with axes (blocks, BLOCK) at `axis`."""
        flat = values.reshape(*values.shape[:axis], -1, *values.shape[axis + 2 :])
        return flat[(slice(None),) * axis + (self.own,)]


class _Stream:
    """The noise of a chunk's seeds, a block of steps at a time.

    One buffer serves all blocks: what `draw` returned is overwritten by the next call.
    """

    def __init__(self, plan: Plan, rows: _Rows) -> None:
        self._plan, self._rows, self._generators = plan, rows, plan.generators(rows.seeds)
        self._buffer: Array = None

    def draw(self, count: int) -> Sequence[Array]:
        """The noise of the next `count` steps, one array (blocks, BLOCK, ...) a step; padding repeats a seed's."""
        own, blocks = self._rows.own, self._rows.blocks
        for row, generator in enumerate(self._generators, own.start):
            drawn = self._plan.noise.draw(generator, count, self._plan.problem)
            if drawn is None:
                return [None] * count
            if self._buffer is None:
                self._buffer = np.empty((count, blocks * BLOCK, *drawn.shape[1:]), drawn.dtype)
            self._buffer[:count, row] = drawn
        block = self._buffer[:count]
        block[:, : own.start] = block[:, own.stop :] = block[:, own.start, None]
        return list(block.reshape(count, blocks, BLOCK, *block.shape[2:]))


class _Run:
    """One configuration on the seeds of one chunk: its state, and what has been recorded of it."""

    def __init__(self, plan: Plan, configuration: Configuration, rows: _Rows, start: Array) -> None:
        self._plan, self._rows, self._label = plan, rows, configuration.label
        self._algorithm = configuration.algorithm
        counts = (rows.blocks, BLOCK)
        self._bounds = {name: _bounds(device, counts) for name, device in configuration.devices.items()}
        self._on: Mapping[str, OnArray] = {
            name: OnArray(
                plan.hardware[name].update(device, self._bounds[name], rows.draws(plan, name)),
                plan.reading[name].reader(rows.draws(plan, f"{name} read")),
            )
            for name, device in configuration.devices.items()
        }
        self._state = self._algorithm.init(start)
        self._curves = np.empty((3, len(plan.record.at(plan.steps)), *counts))
        self._recorded = 0
        self._every = plan.record.interval(plan.steps)
        self._average_from = plan.record.averages_from(plan.steps)
        self._averages: dict[str, TimeAverage] = {}
        self._late_from = plan.steps - max(1, plan.steps // 10)
        self._early = self._counted()

    def advance(self, first: int, xi: Sequence[Array]) -> None:
        """Take the steps from `first` on with the noise `xi`; raises DivergedError."""
        before, k = self._state, first
        try:
            for k, now in enumerate(xi, first):
                if k % self._every == 0:
                    self._record()
                if k >= self._average_from:
                    self._average()
                if k == self._late_from:
                    self._early = self._counted()
                self._state = self._step(self._state, k, now)
            _check_finite(self._state)
        except FloatingPointError as error:
            raise DivergedError(self._label, self._first_bad(before, first, xi, k)) from error

    def _step(self, state: Any, k: int, xi: Array) -> Any:
        return self._algorithm.step(state, GradientOracle(self._plan.problem, self._plan.noise, xi, k), self._on)

    def _first_bad(self, state: Any, first: int, xi: Sequence[Array], noticed: int) -> int:
        """The step whose update left the finite numbers, found by taking a block's steps again, a check after each.

        Where all weights stay finite it is the step in which it was noticed: the record failed, or pulses, which are
        not the same when they are fired again, and which notice at once.
        """
        for k, now in enumerate(xi, first):
            try:
                state = self._step(state, k, now)
                _check_finite(state)
            except FloatingPointError:
                return k
        return noticed

    def _record(self) -> None:
        self._curves[:, self._recorded] = curves(self._plan.problem, self._state, self._algorithm.point(self._state))
        self._recorded += 1

    def _average(self) -> None:
        for name, array in self._state._asdict().items():
            if name not in self._averages:
                self._averages[name] = TimeAverage(array)
            self._averages[name].add(array)

    def _counted(self) -> dict[str, tuple[Array, int]]:
        return {name: (bounds.stopped.copy(), bounds.applied) for name, bounds in self._bounds.items()}

    def _stopped_since(self, early: Mapping[str, tuple[Array, int]]) -> Array:
        """The fraction of updates that ended at a bound, in the array where it is largest, for each row."""
        dim, worst = self._plan.problem.dim, np.zeros((self._rows.blocks, BLOCK))
        for name, bounds in self._bounds.items():
            stopped, applied = early[name]
            worst = np.maximum(worst, (bounds.stopped - stopped) / (dim * max(1, bounds.applied - applied)))
        return worst

    def finish(self) -> tuple[dict[str, Array], Array]:
        """All that was recorded, the last state included, and the bound fraction late in the run."""
        try:
            self._record()
        except FloatingPointError as error:
            raise DivergedError(self._label, self._plan.steps) from error
        kept = {f"final_{name}": array for name, array in self._state._asdict().items()}
        for name, average in self._averages.items():
            kept |= {f"mean_{name}": average.mean(), f"var_{name}": average.variance()}
        kept["bound_fraction"] = self._stopped_since(dict.fromkeys(self._bounds, (0, 0)))
        gathered = {name: self._rows.gather(array) for name, array in kept.items()}
        curve = dict(zip(CURVES, self._rows.gather(self._curves, axis=2), strict=True))
        return {**gathered, **curve}, self._rows.gather(self._stopped_since(self._early))


def simulate(
    algorithms: Algorithm | Sequence[Algorithm],
    problem: Objective,
    devices: Devices | Sequence[Devices],
    *,
    noise: Noise = _NO_NOISE,
    start: Any = None,
    steps: int,
    seeds: int = 1,
    record: Record = _RECORD,
    rng: int | np.random.SeedSequence = 0,
    hardware: Hardware | Mapping[str, Hardware] = _SMOOTH,
    reading: Reading | Mapping[str, Reading] = _EXACT,
    chunk: int | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Run every algorithm on every device, for many seeds, on the same noise.

    Parameters
    ----------
    algorithms : one update rule, or several.
    problem : the objective.
    devices : a response function for all arrays, a mapping from array name ("W", "P") to one, or a sequence of these.
        The configurations are all pairs of an algorithm and an entry. An array that has no device, as in Digital SGD,
        has no bounds.
    noise : gradient noise; the exact gradient by default.
    start : W at step 0, shape (dim,) or (seeds, dim), inside every device's range; 0 by default.
    steps : number of steps, >= 1.
    seeds : number of seeds, >= 1.
    record : what to keep.
    rng : a seed, or a SeedSequence; seed i has its i-th child. The result depends on nothing else that is random.
    hardware : how increments are applied, for all arrays or by array name; the smooth update (5) by default.
    reading : how the residual array is read for a transfer, for all arrays or by array name; exactly by default.
    chunk : seeds that run together; chosen to fit the cache by default. The result does not depend on it.
    progress : called with the fraction done, from time to time.

    Returns
    -------
    Dataset with the dimensions configuration, step, seed, weight and

    - loss, gradient_norm2 (configuration, step, seed): f and ||grad f||^2 at the point where the algorithm takes its
      gradient (W, or W + gamma P), before the update of that step; the last entry is the final state.
    - error2: ||W - W*||^2 of the array W.
    - final_W, and final_P where an algorithm has it (NaN for those that do not) (configuration, seed, weight).
    - mean_W, var_W, mean_P, var_P: averages over time from `record.average_from` on.
    - bound_fraction (configuration, seed): the fraction of updates that the range stopped, in the array with most.

    The attribute `saturated` lists the configurations with more than a tenth of their updates stopped in the last
    tenth of the run.

    Raises
    ------
    ValueError
        Before any work, for arguments that do not fit.
    DivergedError
        When a weight, the loss or the gradient becomes NaN or infinite; it names the configuration and the step.
    """
    plan = checked_plan(algorithms, problem, devices, noise, start, steps, seeds, record, rng, hardware, reading)
    _try_noise(plan)
    size = _chunk_size(problem.dim) if chunk is None else integer("chunk", chunk)
    results = Results(_array_names(plan), len(plan.configurations), record.at(steps), seeds, problem.dim)
    _keep_freed_memory()
    with threadpool_limits(1), np.errstate(over="ignore", invalid="ignore"):
        for first in range(0, seeds, size):
            part = range(first, min(first + size, seeds))
            for done in _run_chunk(plan, part, results):
                if progress is not None:
                    progress((first + done * len(part)) / seeds)
    return results.dataset(_labels(plan))


def _run_chunk(plan: Plan, seeds: range, results: Results) -> Iterator[float]:
    """Run some seeds to the end and put what they found into `results`; yields the fraction done."""
    rows = _Rows(seeds)
    stream = _Stream(plan, rows)
    start = rows.spread(np.broadcast_to(plan.start, (plan.seeds, plan.problem.dim))[seeds.start : seeds.stop])
    runs = [_Run(plan, configuration, rows, start) for configuration in plan.configurations]
    for first in range(0, plan.steps, plan.noise_steps):
        count = min(plan.noise_steps, plan.steps - first)
        xi = stream.draw(count)
        for run in runs:
            run.advance(first, xi)
        yield (first + count) / plan.steps
    for c, run in enumerate(runs):
        results.put(c, slice(seeds.start, seeds.stop), *run.finish())


def _check_finite(state: Any) -> None:
    if not all(np.isfinite(array).all() for array in state):
        raise FloatingPointError("a weight is NaN or infinite")


def _bounds(device: Device, counts: tuple[int, int]) -> Bounds:
    low, high = (np.asarray(end, dtype=np.float64)[()] for end in (device.tau_min, device.tau_max))
    return Bounds(low, high, np.zeros(counts, dtype=np.int64))


def _keep_freed_memory() -> None:
    """Free one large block: from then on glibc keeps what arrays free, where it gave every page back to the kernel."""
    np.empty(16 * 2**20, dtype=np.uint8)


def _chunk_size(dim: int) -> int:
    """Seeds whose weights are an array of 392 kB: from 256 kB on NumPy reuses temporaries, and some fit a cache."""
    return max(1, _CHUNK_WEIGHTS // (dim * BLOCK)) * BLOCK


def _array_names(plan: Plan) -> list[str]:
    names = dict.fromkeys(name for c in plan.configurations for name in c.algorithm.init(plan.start)._fields)
    kinds = ["final"] if plan.record.average_from is None else ["final", "mean", "var"]
    return [f"{kind}_{name}" for kind in kinds for name in names]


def _labels(plan: Plan) -> dict[str, list[str]]:
    return {
        "configuration": [c.label for c in plan.configurations],
        "algorithm": [c.names[0] for c in plan.configurations],
        "device": [c.names[1] for c in plan.configurations],
    }


def _try_noise(plan: Plan) -> None:
    """Draw and use the noise of one step, so that a noise that does not fit the problem shows at once."""
    xi = _Stream(plan, _Rows(range(1))).draw(1)[0]
    plan.noise.gradients(plan.problem, np.zeros((1, BLOCK, plan.problem.dim)), xi)
