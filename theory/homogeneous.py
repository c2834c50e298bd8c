"""What an algorithm does near a W* that fits every sample: a positively homogeneous map, and how fast it grows.

There all gradients vanish in proportion to the distance, so to first order in it the responses stand still at their
values at W* (array W) and at 0 (residual array P). The map of (v, P), v = W - W*, is then the algorithm's own step on
such responses, with samples labelled 0: homogeneous for positive factors, but not linear, for |.| stays. v = P = 0 is a
fixed point for any asymmetry; whether it attracts is told by the growth rate.

Arrays are shaped (configuration, start, weight): configurations are devices, starts run side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any, Literal

import numpy as np

from .algorithm import AnalogSGD, Arrays, OnArray, Pair, ResidualLearning, Single, analog_update, smooth
from .noise import GradientOracle, Noise, NoNoise, Rows
from .objective import LeastSquares
from .response import ResponseFunction
from .validate import one_of

Rule = AnalogSGD | ResidualLearning
Order = Literal["mean-field", "cyclic", "iid", "full-batch"]
ORDERS: tuple[Order, ...] = ("mean-field", "cyclic", "iid", "full-batch")
Gains = Mapping[str, tuple[np.ndarray, np.ndarray]]
State = Any  # the rule's own: `Single` or `Pair`


def gains(devices: Sequence[ResponseFunction], at: Mapping[str, np.ndarray]) -> Gains:
    """F and G of each array at the point where it is at rest, shaped (configuration, 1, weight)."""
    found = {}
    for name, point in at.items():
        pairs = [device.array_functions("F", "G")(point) for device in devices]
        columns = (np.stack([np.broadcast_to(pair[k], point.shape) for pair in pairs])[:, None] for k in (0, 1))
        found[name] = (next(columns), next(columns))
    return found


def at_rest(rule: Rule, minimizer: np.ndarray) -> dict[str, np.ndarray]:
    """Where the arrays of a rule are when it has converged: W at W*, P at 0."""
    return {name: minimizer if name == "W" else 0 * minimizer for name in rule.arrays}


def _standing(pair: tuple[np.ndarray, np.ndarray]) -> Callable[[Any], tuple[Any, Any]]:
    """A response that stands still."""
    return lambda _: pair


@dataclass(frozen=True, eq=False)
class Homogeneous:
    """The map of (v, P) that a rule is near W*, with samples A (N, dim) in one of these orders.

    mean-field: all samples one after another in a step, their errors told before it, each a gradient / N, as Figure 2
        has it; they do not meet what the others did, to first order.
    cyclic, iid: one sample a step, in the order of the rows or drawn with replacement. full-batch: their mean.
    """

    rule: Rule
    A: np.ndarray
    gains: Gains
    order: Order = "mean-field"

    def __post_init__(self) -> None:
        one_of("order", self.order, ORDERS)

    def start(self, starts: int, rng: np.random.Generator) -> State:
        """Random (v, P) of length 1, P at 0, the same for every configuration."""
        v = rng.standard_normal((starts, self.A.shape[1]))
        configurations = len(self.gains[self.rule.arrays[0]][0])
        v = np.tile(v / np.linalg.norm(v, axis=-1, keepdims=True), (configurations, 1, 1))
        return self.rule.init(v)

    def steps(self, starts: int, rng: np.random.Generator) -> Iterator[Callable[[State], State]]:
        """The maps of one step after another, without end."""
        if self.order == "mean-field":
            while True:
                yield self.averaged
        on = {name: OnArray(smooth(_standing(pair))) for name, pair in self.gains.items()}
        squares = LeastSquares(self.A, np.zeros(len(self.A)), 1 / len(self.A))
        noise: Noise = NoNoise() if self.order == "full-batch" else Rows()
        for k in count():
            yield partial(self._step, oracle=GradientOracle(squares, noise, self._row(k, starts, rng), k), on=on)

    def _step(self, state: State, oracle: GradientOracle, on: Arrays) -> State:
        return self.rule.step(state, oracle, on)

    def _row(self, k: int, starts: int, rng: np.random.Generator) -> Any:
        """Which sample a step takes: one for all starts, or one for each."""
        rows = len(self.A)
        return rng.integers(rows, size=(starts, 1)) if self.order == "iid" else np.array([k % rows])

    def averaged(self, state: State) -> State:
        """One step of the order mean-field: the samples' increments add up, and so do their sizes."""
        rule, array = self.rule, self.rule.arrays[-1]
        errors = rule.point(state) @ self.A.T / len(self.A)
        F, G = self.gains[array]
        moved = -rule.alpha * ((errors @ self.A) * F + (abs(errors) @ abs(self.A)) * G)
        if isinstance(rule, AnalogSGD):
            return Single(state.W + moved)
        P = state.P + moved
        return Pair(analog_update(state.W, rule.beta * P, *self.gains["W"]), P)


def growth(
    made: Homogeneous, steps: int, starts: int, rng: int = 0, state: State | None = None, every: int = 10
) -> np.ndarray:
    """Growth of ||(v, P)|| a step, as a rate, (configuration, start): the slope of its logarithm in the last 2/3.

    The length is set back to 1 every so many steps, which a homogeneous map does not notice. A slope, for the length
    swings about its trend where W swings against P.
    """
    generator = np.random.default_rng(rng)
    state = made.start(starts, generator) if state is None else state
    grown = []
    for k, step in zip(range(1, steps + 1), made.steps(starts, generator), strict=False):
        state = step(state)
        if k % every == 0:
            size = np.sqrt(sum((array**2).sum(-1, keepdims=True) for array in state))
            state = type(state)(*(array / size for array in state))
            grown.append(np.log(size[..., 0]))
    logs = np.cumsum(grown, axis=0)[len(grown) // 3 :]
    slopes = np.polyfit(every * np.arange(len(logs)), logs.reshape(len(logs), -1), 1)[0]
    return np.asarray(slopes.reshape(logs.shape[1:]))


def crossing(
    rates: Callable[[np.ndarray, int], np.ndarray], low: float, high: float, rounds: Sequence[tuple[int, int]]
) -> float:
    """The first c in [low, high] where a rate reaches 0 from below: inf where none does, `low` where it begins above.

    `rates` maps points (n,) and a number of steps to rates. A round (points, steps) lays so many points across what the
    round before found, and half a gap to either side; the last is interpolated. A rate that rises above 0 between two
    points and falls back is not seen.
    """
    first, last, at = low, high, low
    for number, steps in rounds:
        points = np.linspace(low, high, number)
        found = rates(points, steps)
        above = np.flatnonzero(found >= 0)
        if not above.size or above[0] == 0:
            return at if (low, high) != (first, last) else first if above.size else np.inf
        up, gap = int(above[0]), float(points[1] - points[0])
        at = float(points[up - 1] - found[up - 1] * gap / (found[up] - found[up - 1]))
        low, high = max(first, float(points[up - 1]) - gap / 2), min(last, float(points[up]) + gap / 2)
    return at
