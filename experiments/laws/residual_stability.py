"""Residual Learning's own step next to its fixed point, on the devices themselves: growth, turning and their edges.

Distances are set back to `SIZE` after every step, so that a run stays where the responses hardly change; what it grew
by is kept. There is no sampling: half-widths tell how far two lengths of a run, or two neighbours on a grid, differ.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ...theory.algorithm import DigitalSGD, OnArray, Pair, ResidualLearning, Single, smooth
from ...theory.law import Inputs
from ...theory.laws.arrays import devices_of
from ...theory.laws.residual_stability import fastest, local_gains
from ...theory.noise import GradientOracle, NoNoise
from ...theory.objective import Objective, Quadratic
from ...theory.response import ResponseFunction
from ...theory.switched import least_above
from . import Interval

SIZE = 1e-7
LONG, SHORT, STARTS = 8000, 1500, 24
GROWN, TOLD = 3e-4, 1e-4  # what counts as growth in a short run, and to what share a long one tells it
CURVATURES = 9


class Run(NamedTuple):
    """Each step's growth, as a log, and whether P changed its sign; shaped (steps, ..., starts)."""

    grown: np.ndarray
    crossed: np.ndarray

    def growth(self, share: float = 1.0) -> np.ndarray:
        """The growth a step in the first `share` of the run, the largest over starts."""
        return np.asarray(np.exp(_smooth_mean(self.grown, share).max(-1)))

    def turns(self, share: float = 1.0) -> np.ndarray:
        """The turns a step, likewise."""
        return np.asarray(_smooth_mean(self.crossed, share).max(-1) / 2)


def _smooth_mean(values: np.ndarray, share: float) -> np.ndarray:
    """The mean over the first `share` of the steps but for their first sixth, with a window that ends smoothly."""
    steps = int(share * len(values))
    kept = values[steps // 6 : steps]
    window = np.hanning(len(kept) + 2)[1:-1] ** 2
    return np.asarray(np.tensordot(window / window.sum(), kept, axes=1))


class Local(NamedTuple):
    """A fixed point to start next to: the loss in one weight, the devices of W and of P."""

    objective: Objective
    device_W: ResponseFunction
    device_P: ResponseFunction

    def run(self, rule: ResidualLearning, steps: int, seed: int, factors: Any = (1.0,), starts: int = STARTS) -> Run:
        """`rule` from `starts` directions at random, with beta times each of `factors`; arrays (factors, starts, 1)."""
        factor = np.asarray(factors, dtype=float)[:, None, None]
        angle = np.random.default_rng([2502, seed]).uniform(0, 2 * np.pi, (1, starts, 1)) + 0 * factor
        on = {"W": OnArray(smooth(_answer(self.device_W, factor))), "P": OnArray(smooth(_answer(self.device_P)))}
        at, oracle = np.asarray(self.objective.minimizer), GradientOracle(self.objective, NoNoise(), None)
        scale = _unit(rule, float(self.objective.hessian(at)[0, 0]))
        x, P = SIZE * np.cos(angle), SIZE * scale * np.sin(angle)
        grown, crossed = np.empty((2, steps, factor.size, starts))
        for k in range(steps):
            after = rule.step(Pair(at + x, P), oracle, on)
            x, size = after.W - at, np.hypot(after.W - at, after.P / scale) / SIZE
            grown[k], crossed[k] = np.log(size)[..., 0], ((after.P > 0) != (P > 0))[..., 0]
            x, P = x / size, after.P / size
        return Run(grown, crossed)


def _unit(rule: ResidualLearning, h: float) -> float:
    """P in units of this turns nearly in a circle."""
    return float(np.sqrt(rule.alpha * h / rule.beta))


def _answer(device: ResponseFunction, factor: Any = 1.0) -> Callable[[Any], tuple[Any, Any]]:
    functions = device.array_functions("F", "G")

    def response(w: Any) -> tuple[Any, Any]:
        F, G = functions(w)
        return factor * F, factor * G

    return response


def quadratic(h: float, w_star: float) -> Quadratic:
    """The loss h (w - w*)^2/2."""
    return Quadratic([[h]], [w_star])


def measured(inputs: Inputs, seed: int = 0) -> dict[str, Interval]:
    """Growth, turning, edges, the fastest rate and gradient descent's."""
    rates = {"fastest_rate": _fastest(inputs, seed), "gradient_descent_rate": _gradient_descent(inputs)}
    at = Local(quadratic(inputs["h"], inputs["w_star"]), *devices_of(inputs))
    rule = ResidualLearning(inputs["alpha"], inputs["beta"], inputs["gamma"])
    run = at.run(rule, LONG, seed)
    growth, shorter = float(run.growth()[0]), float(run.growth(0.7)[0])
    turns, fewer = float(run.turns()[0]), float(run.turns(0.7)[0])
    found = {
        "growth_rate": Interval(growth, 4 * abs(growth - shorter) + TOLD * growth, growth),
        "turns": Interval(turns, 4 * abs(turns - fewer) + 1 / LONG, 1.0),
    }
    return {**found, **_edges(inputs, at, rule, seed), **rates}


def _edges(inputs: Inputs, at: Local, rule: ResidualLearning, seed: int) -> dict[str, Interval]:
    """The least beta at which it grows, and that from which it turns for ever, each where there is one."""
    gains = local_gains(inputs)
    speed, mixing = rule.alpha * inputs["h"], rule.alpha * inputs["h"] * rule.gamma
    top = 4 / min(gains.descent) - 2 * mixing
    found: dict[str, Interval] = {}
    if not mixing or mixing * max(gains.descent) >= 1:
        return found  # without damping all betas are on the edge; where P overshoots there is no turning

    def growth(betas: np.ndarray) -> np.ndarray:
        return at.run(rule, SHORT, seed, betas / rule.beta, 8).growth()

    def turns(betas: np.ndarray) -> np.ndarray:
        crossed = at.run(rule, LONG // 2, seed, betas / rule.beta, 4).crossed[LONG // 8 :]
        return np.asarray(crossed.sum(0).max(-1) > 1)  # once may be on the way to rest on the other side

    least = min(gains.transfer)
    edge = least_above(growth, top / speed / least, 1 + GROWN)
    if edge is not None:
        found["largest_beta"] = _between(*edge, 0.005)
    found["oscillation_beta"] = _between(*_first_turning(turns, rule.gamma / least), 0.002)
    return found


def _first_turning(turns: Callable[[np.ndarray], np.ndarray], unit: float) -> tuple[float, float]:
    """Between which two betas it begins to turn for ever."""
    low, high = 0.0, 1.5 * unit
    for betas in (np.geomspace(1e-4, 1.5, 16) * unit, None, None):
        tried = np.linspace(low, high, 13)[1:] if betas is None else betas
        k = int(np.argmax(turns(tried)))
        low, high = float(tried[k - 1]) if k else low, float(tried[k])
    return low, high


def _between(low: float, high: float, share: float) -> Interval:
    """The interval of two neighbours, wider by a share."""
    middle = (low + high) / 2
    return Interval(middle, (high - low) / 2 + share * middle, middle)


def _fastest(inputs: Inputs, seed: int) -> Interval:
    """The worst growth over the curvatures at the predicted gamma and beta."""
    mu, L, devices = inputs["mu"], inputs["L"], devices_of(inputs)
    best = fastest(local_gains(inputs), inputs["alpha"], mu, L)
    rule = ResidualLearning(inputs["alpha"], best.beta, best.gamma)
    found = []
    for h in np.geomspace(mu, L, CURVATURES):
        run = Local(quadratic(float(h), inputs["w_star"]), *devices).run(rule, SHORT, seed, starts=8)
        found.append((float(run.growth()[0]), float(run.growth(0.7)[0])))
    worst, shorter = max(found)
    return Interval(worst, 4 * abs(worst - shorter) + 2e-3 * worst, worst)


def _gradient_descent(inputs: Inputs) -> Interval:
    """Gradient descent on a quadratic with the curvatures mu and L, at the step 2/(mu + L)."""
    mu, L = inputs["mu"], inputs["L"]
    objective, rule = Quadratic(np.diag([mu, L]), np.zeros(2)), DigitalSGD(2 / (mu + L))
    state: Any = Single(np.ones(2))
    sizes = []
    for _ in range(20):
        state = rule.step(state, GradientOracle(objective, NoNoise(), None), {})
        sizes.append(float(np.linalg.norm(state.W)))
    rate = sizes[-1] / sizes[-2] if sizes[-2] else 0.0
    return Interval(rate, 1e-9, 1.0)
