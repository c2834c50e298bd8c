"""Critical asymmetries, located by simulation: the algorithm's own step on the real device, from very near W*.

Devices with many c_lin run side by side from random starts; every so often the distance from W* is set back, so that
a run tells whether W* attracts: the slope of the distance's logarithm changes sign at the critical value. The grid of
c_lin is made finer around it.

In the limit of slow transfer W stands still at W* and P moves from near 0. The ratio under a cap is found by its dual:
the least sum |u_i . v| over v with c . v = 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.optimize import linprog

from ...theory.algorithm import AnalogSGD, OnArray, Pair, ResidualLearning, smooth
from ...theory.homogeneous import Rule
from ...theory.law import Inputs
from ...theory.laws.critical_asymmetry import LARGEST, Critical, critical, pair_responses
from ...theory.noise import GradientOracle, Noise, Rows, SampleSequence
from ...theory.objective import LeastSquares
from . import Interval

DISTANCE, EVERY = 1e-5, 10
STILL = 1e-12
ROUNDS = {
    "mean-field": ((50, 400), (9, 700), (9, 2400)),
    "cyclic": ((50, 6000), (7, 12_000), (7, 40_000)),
    "iid": ((25, 2000), (7, 4000), (5, 8000), (5, 16_000)),
}
STARTS = {"mean-field": 3, "cyclic": 3, "iid": 24}


@dataclass(frozen=True, eq=False)
class Near:
    """A rule on devices of a pair near W*, its samples in one order."""

    one: Critical
    order: str
    seed: int

    @property
    def swings(self) -> bool:
        """Whether W can swing against P, with few periods in a run."""
        rule = self.one.rule
        return self.order == "mean-field" and isinstance(rule, ResidualLearning) and rule.beta > STILL

    def distances(self, c_lin: np.ndarray, steps: int) -> np.ndarray:
        """Growth of the distance a step: the slope of its logarithm in the last 2/3, (c_lin, start)."""
        rng, starts = np.random.default_rng([2502, self.seed]), STARTS[self.order]
        data, rule = self.one.data, self.one.rule
        exact = LeastSquares(data.A, data.A @ data.minimizer, 1 / data.rows)
        on = self._on(c_lin)
        begin = rng.standard_normal((starts, data.dim))
        begin *= DISTANCE / np.linalg.norm(begin, axis=-1, keepdims=True)
        state, found = self._begin(np.tile(begin, (len(c_lin), 1, 1))), []
        for k, (noise, xi) in zip(range(1, steps + 1), self._samples(starts, rng), strict=False):
            state = rule.step(state, GradientOracle(exact, noise, xi, k), on)
            if k % EVERY == 0:
                state, size = self._set_back(state)
                found.append(np.log(size / DISTANCE))
        logs = np.cumsum(found, axis=0)[len(found) // 3 :].reshape(-1, len(c_lin) * starts)
        slopes = np.polyfit(EVERY * np.arange(len(logs)), logs, 1)[0]
        return np.asarray(slopes.reshape(len(c_lin), starts))

    def _begin(self, away: np.ndarray) -> Any:
        """W away from W*, or P from 0 where the transfer is as slow as can be."""
        data, rule = self.one.data, self.one.rule
        if isinstance(rule, ResidualLearning) and rule.beta <= STILL:
            return Pair(data.minimizer + 0 * away, away)
        return rule.init(data.minimizer + away)

    def _on(self, c_lin: np.ndarray) -> dict[str, OnArray]:
        both = pair_responses(self.one.pair, self.one.tau)
        update = smooth(lambda at: both(at, c_lin[:, None, None]))
        return dict.fromkeys(self.one.rule.arrays, OnArray(update))

    def _samples(self, starts: int, rng: np.random.Generator) -> Iterator[tuple[Noise, Any]]:
        rows, k = self.one.data.rows, 0
        while True:
            if self.order == "mean-field":
                yield SampleSequence(), None
            else:
                yield Rows(), np.array([k % rows]) if self.order == "cyclic" else rng.integers(rows, size=(starts, 1))
            k += 1

    def _set_back(self, state: Any) -> tuple[Any, np.ndarray]:
        """The state at the distance `DISTANCE` in its direction, and the distance that it had."""
        rest = [self.one.data.minimizer, *(0 * array for array in state[1:])]
        away = [array - at for array, at in zip(state, rest, strict=True)]
        size = np.sqrt(sum((array**2).sum(-1, keepdims=True) for array in away))
        back = (at + array * (DISTANCE / size) for array, at in zip(away, rest, strict=True))
        return type(state)(*back), size[..., 0]


def located(near: Near) -> Interval:
    """The c_lin at which the distance turns from falling to rising."""
    return _at_random(near) if near.order == "iid" else _between(near)


def _between(near: Near) -> Interval:
    """From the last point of a grid where the distance falls for sure to the first where it rises for sure.

    A slope over so many steps is not sure where it is below 2/steps: on a ray of fixed points the distance grows in
    proportion to time, which looks like 1/steps, and a swing's first periods like as much.
    """
    slower = max(1.0, near.one.lasting("mean-field") / 2000) if near.order == "mean-field" else 1.0
    low, high, turns = 0.0, LARGEST, (0.0, LARGEST)
    for count, steps in ROUNDS[near.order]:
        points, taken = np.linspace(low, high, count), int(slower * steps)
        slopes = near.distances(points, taken).mean(1)
        sure = 2 / taken if near.swings else 0.0
        up = int(np.argmax(slopes > sure)) if (slopes > sure).any() else count - 1
        falls = np.flatnonzero(slopes[:up] < -sure)
        before = turns[0] if turns[0] < points[up] else max(0.0, 2 * low - high)
        turns = float(points[falls[-1]]) if falls.size else before, float(points[up])
        gap = float(points[1] - points[0])
        low, high = max(0.0, turns[0] - gap), min(LARGEST, turns[1] + gap)
    return Interval(sum(turns) / 2, (turns[1] - turns[0]) / 2)


def _at_random(near: Near) -> Interval:
    """The mean of the sequences' own turning points; wider by the root of 2, for the prediction is such a mean too."""
    low, high = 0.0, LARGEST
    for count, steps in ROUNDS[near.order]:
        points = np.linspace(low, high, count)
        found, gap = near.distances(points, steps), float(points[1] - points[0])
        up = max(1, int(np.argmax(found.mean(1) > 0)))
        zeros = points[up - 1] - found[up - 1] * gap / (found[up] - found[up - 1])
        low, high = max(0.0, points[up - 1] - gap), min(LARGEST, points[up] + gap)
    made = Interval.of(zeros)
    return Interval(made.value, np.sqrt(2) * made.half + gap / 2)


def least_sum(A: np.ndarray, R: np.ndarray) -> float:
    """The dual of the capped critical ratio: the least sum_i |u_i . v| with v . Diag(R) c = 1."""
    u = A / abs(A).max(1, keepdims=True)
    rows, dim = u.shape
    one = np.eye(rows)
    less = np.block([[u, -one], [-u, -one]])
    aim = np.append(np.zeros(dim), np.ones(rows))
    push = np.append(R * abs(u).sum(0), np.zeros(rows))[None]
    free = [(None, None)] * dim + [(0, None)] * rows
    return float(linprog(aim, less, np.zeros(2 * rows), push, [1.0], free, method="highs-ipm").fun)


def measured(inputs: Inputs, seed: int = 0) -> dict[str, Interval]:
    """Intervals of the critical values that there are; nothing for a full batch."""
    one, order = critical(inputs), inputs["order"]
    if order == "full-batch":
        return {}
    found = _capped(one)
    if order == "mean-field":
        found["critical_c_lin"] = located(Near(replace(one, rule=slow(one.rule)), order, seed))
        found["critical_c_lin_at_rates"] = located(Near(one, order, seed))
        if isinstance(one.rule, ResidualLearning):
            found["critical_ratio"] = mapped(found["critical_c_lin"], lambda c: float(abs(one.ratios(c)[0])))
        return found
    value = located(Near(one, order, seed))
    return found | {"critical_c_lin": value, "critical_c_lin_at_rates": value}


def slow(rule: Rule) -> Rule:
    """The rule in its limit: a transfer too slow to move W; half the step of Analog SGD."""
    if isinstance(rule, AnalogSGD):
        return AnalogSGD(rule.alpha / 2)
    return ResidualLearning(rule.alpha, STILL, rule.gamma)


def mapped(interval: Interval, f: Callable[[float], float]) -> Interval:
    """The interval of an increasing function."""
    low, high = f(interval.value - interval.half), f(interval.value + interval.half)
    return Interval((low + high) / 2, (high - low) / 2)


def _capped(one: Critical) -> dict[str, Interval]:
    ratio = least_sum(one.data.A, np.ones(one.data.dim))
    return {"critical_ratio_capped": Interval(ratio, 1e-6 * ratio)}
