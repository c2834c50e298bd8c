"""The bias that Residual Learning keeps at finite rates, even where the residual array is zero-shifted.

One coordinate: gradient h (W + gamma P - w*) + sigma xi on linear devices with the symmetric point 0. Where W stands
still the transfer (11) has E P = E|P| W/tau: the spread of P leaks through |P| G(W) into the main array, and only a
mean of P other than 0 holds against it. That mean is kept by (10), E g = -E[|g| P]/tau_P. So W and Wbar = W + gamma P
are biased, by the order sqrt(alpha) of the spread of P. With the buffer (14)-(15) it is the spread of H that leaks.

Three descriptions, from the exact to the simple: the stationary law of the chain itself (`chain_bias`), its limit
alpha -> 0 at fixed beta/alpha (`leading_bias`), and the limit beta/alpha -> 0, in which W is slow (`slow_bias`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from math import pi, sqrt
from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import solve_continuous_lyapunov, solve_discrete_lyapunov

from .algorithm import OnArray, Pair, ResidualLearning, TikiTaka, smooth
from .buffered import Buffered, BufferedResidualLearning
from .compile import array_function
from .floors import Coordinate, mixing, transferring
from .noise import folded_normal
from .response import linear
from .stationary import (
    Frame,
    Points,
    Rule as Quadrature,
    Stationary,
    kinked_rule,
    of_drift,
    of_steps,
    smooth_rule,
    split_rule,
    stationary,
)
from .symbols import symbol
from .validate import positive

Gradient = Callable[[np.ndarray], np.ndarray]
Rule = ResidualLearning | TikiTaka | BufferedResidualLearning
RULES = (ResidualLearning, TikiTaka, BufferedResidualLearning)
DEGREES = {2: 16, 3: 8}  # by the number of arrays
SETTLED = 1e-12
SMALL = 1e-3


class Bias(NamedTuple):
    """Stationary means: E P, E W - w*, and E(W + gamma P) - w*, in units of weight."""

    mean_P: float
    bias_W: float
    bias_Wbar: float


@dataclass(frozen=True)
class Setting:
    """A rule on one coordinate, with W on a linear device of that range and P on one of the range tau_P."""

    rule: Rule
    coordinate: Coordinate
    tau_P: float

    def __post_init__(self) -> None:
        transferring(self.rule, *RULES)
        positive("tau_P", self.tau_P)

    @property
    def arrays(self) -> int:
        """How many numbers the chain has: (P, W), or (P, H, W)."""
        return 2 if self.buffer is None else 3

    @cached_property
    def gamma(self) -> float:
        """The mixing coefficient, 0 for Tiki-Taka."""
        return mixing(self.rule)

    @cached_property
    def k(self) -> float:
        """w*/tau, the asymmetry ratio of W at the minimiser."""
        return self.coordinate.minimizer / self.coordinate.tau

    @cached_property
    def pull(self) -> float:
        """E|sigma xi|/tau_P, which draws P to 0."""
        return self.coordinate.std * sqrt(2 / pi) / self.tau_P

    @cached_property
    def kappa(self) -> float:
        """The rate at which P forgets, over alpha: gamma h + pull."""
        return self.gamma * self.coordinate.curvature + self.pull

    @cached_property
    def buffer(self) -> float | None:
        """The rate of the buffer; None without one."""
        if not isinstance(self.rule, BufferedResidualLearning):
            return None
        return float(self.rule.beta if self.rule.buffer is None else self.rule.buffer)

    @cached_property
    def std_P(self) -> float:
        """The spread of P in the limit of small alpha."""
        return sqrt(float(self.rule.alpha)) * self.coordinate.std / sqrt(2 * self.kappa)

    @cached_property
    def std_sent(self) -> float:
        """The spread of what is sent to W: of P, or of its average H."""
        if self.buffer is None:
            return self.std_P
        ratio = self.buffer / float(self.rule.alpha)
        return self.std_P * sqrt(ratio / (ratio + self.kappa))


# The limit in which W is slow


def leaking_mean(k: Any) -> Any:
    """X = k E|x + xi|, xi standard normal: the mean of what is sent to W, in units of its spread; k in (-1, 1).

    The right-hand side changes by less than the left with x, so there is one solution, to which iteration contracts.
    """
    k = np.asarray(k, dtype=np.float64)
    x = np.zeros_like(k)
    for _ in range(100_000):
        x, before = k * _absolute(x), x
        if np.abs(x - before).max(initial=0) <= SETTLED * (1 + np.abs(x).max(initial=0)):
            break
    return x


_FOLDED = array_function((symbol("a"),), (folded_normal(symbol("a"), 1),))


def _absolute(x: np.ndarray) -> np.ndarray:
    """E|x + xi|."""
    return np.asarray(_FOLDED(x)[0])


def slow_bias(setting: Setting) -> Bias:
    """The bias to leading order in alpha where beta/alpha -> 0 as well: of order sqrt(alpha), without beta in it."""
    mean = float(leaking_mean(setting.k)) * setting.std_sent
    return _with_mean(setting, mean)


def _with_mean(setting: Setting, mean: float) -> Bias:
    """The bias that (10) keeps at that mean of P, to leading order: h (E Wbar - w*) = -pull E P."""
    point = -setting.pull * mean / setting.coordinate.curvature
    return Bias(mean, point - setting.gamma * mean, point)


def slow_bias_in_space(
    hessian: np.ndarray, covariance: np.ndarray, minimizer: np.ndarray, rule: ResidualLearning, tau: Any, tau_P: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """E P, E W - W* and E Wbar - W*, each (dim,), in the same limit for a quadratic in `dim` weights.

    hessian: H. covariance: that of the normal gradient noise. minimizer: W*. tau, tau_P: ranges, one number or (dim,).
    P has the covariance that solves K C + C K^T = alpha covariance, K = gamma H + Diag(E|noise|/tau_P).
    """
    pull = np.sqrt(np.diag(covariance) * 2 / pi) / tau_P
    K = float(rule.gamma) * hessian + np.diag(np.broadcast_to(pull, minimizer.shape))
    C = solve_continuous_lyapunov(K, float(rule.alpha) * covariance)
    mean = leaking_mean(minimizer / tau) * np.sqrt(np.diag(C))
    point = -np.linalg.solve(hessian, pull * mean)
    return mean, point - float(rule.gamma) * mean, point


# The limit of small alpha at fixed beta/alpha


def leading_bias(setting: Setting, degree: int | None = None) -> Bias:
    """The bias to leading order in alpha at fixed beta/alpha (and buffer/alpha), of order sqrt(alpha).

    In units of sqrt(alpha) and of 1/alpha steps (P, W - w*) is a diffusion whose drift is linear but for |P|, or |H|.
    Only E P is taken from its law: how (10) divides it between W and Wbar is exact at this order.
    """
    diffusion = np.zeros(setting.arrays)
    diffusion[0] = setting.coordinate.std**2 / 2
    law = stationary(of_drift(_drift(setting), diffusion), _quadrature(setting, 0.0), _scaled(setting, degree))
    return _with_mean(setting, float(law.mean(law.points)[0]) * sqrt(float(setting.rule.alpha)))


def _drift(setting: Setting) -> Callable[[Points], Points]:
    h, alpha = setting.coordinate.curvature, float(setting.rule.alpha)
    slow = float(setting.rule.beta) / alpha

    def drift(points: Points) -> Points:
        P, *buffer, W = points
        sent = buffer[0] if buffer else P
        towards = [-(h * W + setting.kappa * P)]
        if setting.buffer is not None:
            towards.append(setting.buffer / alpha * (P - sent))
        return np.array([*towards, slow * (sent - setting.k * abs(sent))])

    return drift


def _scaled(setting: Setting, degree: int | None) -> Frame:
    """Where to begin, in units of sqrt(alpha), W counted from w*: as the chain does at rates that are small enough."""
    rates = [f.name for f in fields(setting.rule) if f.name in ("alpha", "beta", "buffer")]
    given = {name: getattr(setting.rule, name) for name in rates}
    small: dict[str, Any] = {name: SMALL * float(rate) for name, rate in given.items() if rate is not None}
    own = _start(replace(setting, rule=replace(setting.rule, **small)), degree)
    scale = sqrt(small["alpha"])
    shift = np.zeros(own.mean.size)
    shift[-1] = setting.coordinate.minimizer
    return Frame((own.mean - shift) / scale, own.std / scale, own.degree)


def _start(setting: Setting, degree: int | None) -> Frame:
    """The frame of the slow limit's means, with the spread that the arrays have without asymmetry."""
    slow, (map_, push) = slow_bias(setting), linear_map(setting)
    spread = np.sqrt(np.diag(solve_discrete_lyapunov(map_, np.outer(push, push))))
    means = [slow.mean_P] * (spread.size - 1) + [setting.coordinate.minimizer + slow.bias_W]
    return Frame(np.array(means), spread, degree or DEGREES[spread.size])


# The chain itself


def linear_map(setting: Setting) -> tuple[np.ndarray, np.ndarray]:
    """One step of (P, W - w*), or of (P, H, W - w*), without what the asymmetry of W adds: z <- M z + b xi.

    Returns M (d, d) and b (d,).
    """
    size, alpha, h = setting.arrays, float(setting.rule.alpha), setting.coordinate.curvature
    descent, after = np.eye(size), np.eye(size)
    descent[0, 0] -= alpha * setting.kappa
    descent[0, -1] -= alpha * h
    if setting.buffer is not None:
        after[1, :2] = setting.buffer, 1 - setting.buffer
    after[-1] += float(setting.rule.beta) * after[-2]
    return after @ descent, after[:, 0] * alpha * setting.coordinate.std


def contracts(setting: Setting) -> bool:
    """Whether the means settle: all eigenvalues of `linear_map` are inside the unit circle."""
    return bool(np.abs(np.linalg.eigvals(linear_map(setting)[0])).max() < 1)


def contracts_slowly(setting: Setting) -> bool:
    """The same in the limit of small alpha at fixed beta/alpha (and buffer/alpha).

    By Routh's criterion it holds without a buffer, and with one where h beta/alpha < kappa (kappa + buffer/alpha).
    """
    if setting.buffer is None:
        return True
    alpha, kappa = float(setting.rule.alpha), setting.kappa
    return setting.coordinate.curvature * float(setting.rule.beta) < kappa * (alpha * kappa + setting.buffer)


def chain_law(setting: Setting, degree: int | None = None) -> Stationary:
    """The stationary law of (P, W), or of (P, H, W), after whole steps of the rule itself."""
    width = float(setting.rule.alpha) * setting.coordinate.std
    return stationary(of_steps(_advance(setting)), _quadrature(setting, width), _start(setting, degree))


def chain_bias(setting: Setting, degree: int | None = None) -> Bias:
    """The bias at the setting's own rates, exact but for the degree."""
    law = chain_law(setting, degree)
    P, *_, W = law.mean(law.points)
    bias = float(W - setting.coordinate.minimizer)
    return Bias(float(P), bias, bias + setting.gamma * float(P))


class _Oracle(NamedTuple):
    """The gradients of one weight with that noise."""

    gradient: Gradient
    noise: np.ndarray
    k: int = 0

    def sample(self, W: np.ndarray) -> Sequence[np.ndarray]:
        return [self.gradient(W) + self.noise]

    def full(self, W: np.ndarray) -> np.ndarray:
        return self.gradient(W)


def rule_step(setting: Setting, gradient: Gradient | None = None) -> Callable[[Any, np.ndarray], Any]:
    """One step of the rule: maps its state, arrays of one shape, and normal numbers xi to the state after it.

    gradient: that of another loss of one weight, element-wise; h (w - w*) by default.
    """
    ranges = {"W": setting.coordinate.tau, "P": setting.tau_P}
    on = {name: OnArray(smooth(linear(tau).array_functions("F", "G"))) for name, tau in ranges.items()}
    coordinate = setting.coordinate
    slope = gradient or (lambda w: np.asarray(coordinate.curvature * (w - coordinate.minimizer)))
    return lambda state, xi: setting.rule.step(state, _Oracle(slope, coordinate.std * xi), on)


def chain_start(setting: Setting, chains: int) -> Any:
    """A state of many chains at the means of the slow limit, (chains,) each."""
    means = _start(setting, None).mean
    return _state(np.broadcast_to(means[:, None], (means.size, chains)))


def _advance(setting: Setting) -> Callable[[Points], tuple[Points, np.ndarray]]:
    step = rule_step(setting)

    def advance(points: Points) -> tuple[Points, np.ndarray]:
        state = _state(points[..., None])
        xi, probabilities = split_rule(_cuts(setting, state))
        after = step(state, xi)
        return np.array([after.P, *(() if setting.buffer is None else (after.H,)), after.W]), probabilities

    return advance


def _state(points: Points) -> Any:
    P, *buffer, W = points
    return Buffered(W, P, buffer[0]) if buffer else Pair(W, P)


def _cuts(setting: Setting, state: Any) -> np.ndarray:
    """The xi, (n, c), at which a step has a kink: where g is 0, and without a buffer where the new P is 0."""
    mean = setting.coordinate.curvature * (setting.rule.point(state) - setting.coordinate.minimizer)
    kinks = [np.zeros_like(mean)]
    if setting.buffer is None:
        kinks.append(state.P / (float(setting.rule.alpha) * (1 + abs(state.P) / setting.tau_P)))
    return np.asarray(np.concatenate([kink - mean for kink in kinks], axis=-1) / setting.coordinate.std)


def _quadrature(setting: Setting, width: float) -> Quadrature:
    """Points (d, n) for a frame: finer about the kink in P, or for every P in H; `width` is what a step moves P by."""

    def rule(frame: Frame) -> tuple[Points, np.ndarray]:
        y, weights_y = smooth_rule(frame.degree + 6)
        if setting.buffer is None:
            x, weights_x = kinked_rule(np.array(-frame.mean[0] / frame.std[0]), np.array(width / frame.std[0]))
            return _grid(frame, x, y), np.outer(weights_x, weights_y).ravel()
        x, weights_x = smooth_rule(frame.degree + 6)
        share = setting.buffer / (1 - setting.buffer) if width else 0.0
        at = -(frame.mean[1] + share * (frame.mean[0] + frame.std[0] * x)) / frame.std[1]
        z, weights_z = kinked_rule(at, np.full(x.size, share * width / frame.std[1]))
        inner = np.broadcast_arrays(x[:, None, None], z[:, :, None], y)
        weights = weights_x[:, None, None] * weights_z[:, :, None] * weights_y
        return frame.outer(np.array([part.ravel() for part in inner])), weights.ravel()

    return rule


def _grid(frame: Frame, x: np.ndarray, y: np.ndarray) -> Points:
    return frame.outer(np.array([part.ravel() for part in np.broadcast_arrays(x[:, None], y)]))
