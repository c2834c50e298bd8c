"""Residual Learning and Tiki-Taka without the zero shift, simulated at falling rates, and Analog SGD.

The law is the limit of small alpha and beta/alpha. In three runs sqrt(alpha) and beta/alpha fall together, by a factor
from one to the next, so that what is measured is a series in sqrt(alpha), which is extrapolated to 0; the difference of
the last two orders of extrapolation is added to the interval.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from ...theory.algorithm import OnArray, Pair, ResidualLearning, TikiTaka, smooth
from ...theory.gradient_moments import gradient_moments
from ...theory.law import Inputs
from ...theory.laws.analog_sgd_stationary import analog_sgd_stationary, responses, setting
from ...theory.laws.residual_offset import Comparison, offset_device, residual_offset
from ...theory.noise import GradientOracle, Noise
from ...theory.objective import Objective
from ...theory.penalty import Devices, dynamic_range, elementwise
from ...theory.response import ResponseFunction
from . import Interval
from .analog_sgd_stationary import HALVINGS, sampled

BLOCK = 64


@dataclass(frozen=True)
class Effort:
    """How much is simulated.

    shrink: of sqrt(alpha) from one run to the next. first: rate at which P relaxes in the first run; W is slower by 10
    and more. forget, average: relaxation times of W before averages are taken, in each run, and over which.
    """

    seeds: int = 192
    shrink: float = 0.6
    first: float = 0.02
    forget: tuple[float, float, float] = (6.0, 3.0, 3.0)
    average: float = 4.0

    @property
    def nodes(self) -> np.ndarray:
        """sqrt(alpha) of the three runs, in units of the first."""
        return self.shrink ** np.arange(3)


CHECK = Effort()
SLOW = 0.1


class Setting(NamedTuple):
    """What a run is of: a device for all weights, or one for each; `at` is the fixed point of the limit."""

    objective: Objective
    devices_W: Devices
    devices_P: Devices
    noise: Noise
    at: np.ndarray


def acting(devices: Devices, dim: int) -> Any:
    """(F, G) of the devices, as a function of weights (..., dim)."""
    if isinstance(devices, ResponseFunction):
        return devices.array_functions("F", "G")
    lines = [device.affine for device in devices]
    if None in lines:
        F, G = (elementwise(devices, dim, name) for name in "FG")
        return lambda W: (F(W), G(W))
    (up, rise), (down, fall) = np.moveaxis(np.array(lines), 0, -1)
    level, tilt = (up + down) / 2, (rise + fall) / 2
    skew, lean = (down - up) / 2, (fall - rise) / 2
    return lambda W: (level + tilt * W, skew + lean * W)


def limits(nodes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights that extrapolate values at three falling nodes to 0: by a parabola, and by a line through the last."""
    cubic = np.linalg.solve(np.vander(nodes, increasing=True).T, np.eye(3)[0])
    line = np.array([0.0, *np.linalg.solve(np.vander(nodes[1:], increasing=True).T, np.eye(2)[0])])
    return cubic, line


def rule_at(shrunk: float, first: float, gamma: float, h: np.ndarray, damping: float) -> ResidualLearning | TikiTaka:
    """Rates at which P relaxes in about 1/(first shrunk^2) steps, and W slower than that by SLOW shrunk.

    h: eigenvalues of the Hessian; damping: E|g|/tau_P, what brings P back where gamma is 0.
    """
    back = damping + gamma * h.min()
    alpha = float(first * shrunk**2 / (damping + gamma * h.max()))
    beta = float(SLOW * shrunk * alpha * back**2 / h.max())
    return ResidualLearning(alpha, beta, gamma) if gamma else TikiTaka(alpha, beta)


def biases(run: Setting, gamma: float, rng: Any, effort: Effort) -> np.ndarray:
    """Time averages of W - `run.at`, the limit's fixed point, shaped (3 rates, seeds, D).

    A run begins where the one before it leads one to expect its mean.
    """
    h = np.linalg.eigvalsh(np.asarray(run.objective.hessian(run.at)))
    low, high = dynamic_range(run.devices_P, run.at.size)
    damping = float((np.asarray(run.noise.abs_mean(run.objective, run.at)) * 2 / (high - low)).min())
    found: list[np.ndarray] = []
    for k, shrunk in enumerate(effort.nodes.tolist()):
        rule = rule_at(shrunk, effort.first, gamma, h, damping)
        relaxation = (damping + gamma * h.min()) / (float(rule.beta) * h.min())
        begin = effort.shrink * found[-1].mean(0) if found else np.zeros_like(run.at)
        steps = int((effort.forget[k] + effort.average) * relaxation), int(effort.forget[k] * relaxation)
        found.append(averaged(run, rule, np.tile(run.at + begin, (effort.seeds, 1)), steps, [*rng, k]))
    return np.array(found)


def averaged(run: Setting, rule: Any, begin: np.ndarray, steps: tuple[int, int], rng: Any) -> np.ndarray:
    """Means of W - run.at over a run of steps[0] steps, from step steps[1] on, (seeds, D); W is (seeds, D) at `begin`.

    Beside the rule runs its linearisation at the fixed point on the same noise, of mean 0, and what can be explained by
    it, by regression over the seeds, is taken off.
    """
    generator, (seeds, dim) = np.random.default_rng(rng), begin.shape
    on = {"W": OnArray(smooth(acting(run.devices_W, dim))), "P": OnArray(smooth(acting(run.devices_P, dim)))}
    alpha, beta, gamma = rule.alpha, rule.beta, getattr(rule, "gamma", 0)
    state, linear = rule.init(begin), rule.init(np.zeros_like(begin))
    pulls, own = linearised(run)
    forward, fixed = acting(run.devices_W, dim)(run.at)[0], np.broadcast_to(run.at, begin.shape)
    F, G = acting(run.devices_P, dim)(np.zeros_like(run.at))
    sums = [np.zeros_like(begin), np.zeros_like(begin)]
    for k in range(steps[0]):
        if k % BLOCK == 0:
            drawn = run.noise.draw(generator, BLOCK * seeds, run.objective)
            drawn = drawn.reshape(BLOCK, seeds, *drawn.shape[1:])
        oracle = GradientOracle(run.objective, run.noise, drawn[k % BLOCK], k)
        state, (g,) = rule.step(state, oracle, on), oracle.sample(fixed)
        moved = g * F + abs(g) * G + (linear.W + gamma * linear.P) @ pulls.T + own * linear.P
        P = linear.P - alpha * moved
        linear = Pair(linear.W + beta * forward * P, P)
        if k >= steps[1]:
            sums[0] += state.W
            sums[1] += linear.W
    W, V = (total / (steps[0] - steps[1]) for total in sums)
    away = V - V.mean(0)
    return np.asarray(W - run.at - V * (away * W).sum(0) / (away**2).sum(0))


def linearised(run: Setting) -> tuple[np.ndarray, np.ndarray]:
    """Derivatives of the mean step of P over -alpha at the fixed point: in the point, (D, D), and in P itself, (D,)."""
    moments, parts = gradient_moments(run.noise, run.objective, run.at), responses(run.devices_P, np.zeros_like(run.at))
    F, dF, _, G, dG, _ = parts
    pulls = F[:, None] * moments.mean.first + G[:, None] * moments.size.first
    return pulls, dF * moments.mean.value + dG * moments.size.value


def gammas(found: Comparison, noise: Noise, tau_P: float) -> dict[str, float]:
    """The mixing coefficients that are tried: the one that doubles what brings P back, and 0, which is Tiki-Taka."""
    size = np.asarray(noise.abs_mean(found.objective, found.residual))
    h = np.asarray(found.objective.hessian(found.residual))
    return {"Residual Learning": float(size.mean() / tau_P / np.trace(h) * len(h)), "Tiki-Taka": 0.0}


def measured(inputs: Inputs, seed: int = 0) -> dict[str, Interval]:
    """bias_residual, of Residual Learning and Tiki-Taka in turn, and bias_analog, of every weight."""
    return measured_with(inputs, seed, "Residual Learning")


def measured_with(inputs: Inputs, seed: int, rule: str) -> dict[str, Interval]:
    """The same with the rule named: the law does not depend on gamma."""
    objective, device, noise = setting(inputs)
    devices = device, offset_device(inputs["tau_P"], inputs["offset"])
    found = residual_offset(objective, *devices, noise)
    gamma = gammas(found, noise, inputs["tau_P"])[rule]
    runs = biases(Setting(objective, *devices, noise, found.residual), gamma, [2502, seed], CHECK) + found.biases[0]
    analog = _analog(objective, device, noise, found.analog, seed)
    intervals: dict[str, Interval] = {}
    for name, nodes, samples in (("bias_residual", CHECK.nodes, runs), ("bias_analog", HALVINGS, analog)):
        for i in range(objective.dim):
            entry = "" if objective.dim == 1 else f"[{i}]"
            intervals[name + entry] = extrapolated(samples[:, :, i], nodes, 2 * objective.dim)
    return intervals


def extrapolated(samples: np.ndarray, nodes: np.ndarray, together: int) -> Interval:
    """The limit at 0 of seeds' values (3, seeds) at the nodes."""
    parabola, line = limits(nodes)
    limit = Interval.of(parabola @ samples, together)
    return Interval(limit.value, limit.half + abs(float((parabola - line) @ samples.mean(1))))


def _analog(objective: Objective, device: Any, noise: Noise, at: np.ndarray, seed: int) -> np.ndarray:
    """Means of W - W* of Analog SGD, (3 rates, seeds, D)."""
    alpha = 0.05 / float(np.linalg.eigvals(analog_sgd_stationary(objective, device, noise, 1.0).jacobian).real.max())
    with threadpool_limits(1):
        runs = [sampled(objective, device, noise, alpha * k, 1000, [2502, seed, 9], at).mean for k in HALVINGS.tolist()]
    return np.asarray(np.array(runs) + at - np.asarray(objective.minimizer))
