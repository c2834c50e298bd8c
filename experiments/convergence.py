"""Convergence metrics of many runs at once, compiled: what Theorems 2, 3 and 6 bound, over (problem, seed).

Problems are quadratics in D weights on elements with affine responses; each has a noise, rates and a length of its own.
A weight stays in its range: responses vanish at its ends, and an increment that would still leave it stops there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from ..theory.algorithm import analog_update
from ..theory.response import ResponseFunction

Array = Any
_update = njit(analog_update)
NORMAL = 0.0  # in the place of a probability: normal noise
UP, SLOPE_UP, DOWN, SLOPE_DOWN, LOW, HIGH = range(6)


class Single(NamedTuple):
    """Means over k < K of runs with one array, and what was met on the way; each (problem, seed).

    gradient2: ||grad f(W_k)||^2. drift2, saturated2: ||grad f F + |grad f| G||^2 and ||grad f||_M^2. printed2: the
    former with a minus. S: ||G/sqrt(F)||_inf^2. F_max, q_min, q_max, M_min: extremes met.
    """

    gradient2: Array
    drift2: Array
    saturated2: Array
    printed2: Array
    S: Array
    F_max: Array
    q_min: Array
    q_max: Array
    M_min: Array


class Double(NamedTuple):
    """The same for runs with the arrays W and P: the squares that (91) weighs, in its order, and S over P_k.

    late_push: the mean of |grad f(Wbar_k; xi)| G(P_k) over the last half of the runs, of the first weight. The others:
    extremes met.
    """

    drift: Array
    gradient: Array
    pull: Array
    main: Array
    residual: Array
    S: Array
    M_P: Array
    M_W: Array
    F_max: Array
    q_max: Array
    late_push: Array


@dataclass(frozen=True)
class Problems:
    """N problems in D weights: f = (W - W*)' H (W - W*)/2, and noise of its own in each weight.

    hessian (N, D, D), minimizer (N, D), start (N, D), std (N, D) of the noise; probability (N,): that of the upper of
    the noise's two values, or `NORMAL`. alpha (N,), steps (N,).
    """

    hessian: Array
    minimizer: Array
    start: Array
    std: Array
    probability: Array
    alpha: Array
    steps: Array

    @property
    def sigma2(self) -> Array:
        """The total variance of the noise, (N,)."""
        return (self.std**2).sum(-1)

    @property
    def gap(self) -> Array:
        """f(W_0) - f*, (N,)."""
        away = self.start - self.minimizer
        return np.einsum("nd,nde,ne->n", away, self.hessian, away) / 2

    @property
    def curvatures(self) -> tuple[Array, Array]:
        """Mu and L, (N,) each."""
        values = np.linalg.eigvalsh(self.hessian)
        return values[:, 0], values[:, -1]


def affine_rows(devices: Sequence[ResponseFunction]) -> Array:
    """The responses' coefficients and the ends of the range, (N, 6). Raises ValueError for one that is not affine."""
    rows = []
    for device in devices:
        if device.affine is None:
            raise ValueError(f"device={device}: must have affine responses")
        (up, slope_up), (down, slope_down) = device.affine
        rows.append([up, slope_up, down, slope_down, float(device.tau_min), float(device.tau_max)])
    return np.array(rows)


def single(problems: Problems, devices: Array, seeds: int, seed: int = 0, noisy: bool = True) -> Single:
    """Analog SGD, or Analog GD where not `noisy`, on elements (N, 6) as `affine_rows` gives them."""
    out = np.zeros((len(problems.alpha), seeds, len(Single._fields)))
    p, streams = problems, _streams(seed, len(problems.alpha))
    for n, rng in enumerate(streams):
        args = (p.hessian[n], p.minimizer[n], p.start[n], p.std[n] if noisy else 0 * p.std[n], p.probability[n])
        _single(rng, *args, devices[n], p.alpha[n], int(p.steps[n]), out[n])
    return Single(*np.moveaxis(out, -1, 0))


def double(problems: Problems, W: Array, P: Array, beta: Array, gamma: Array, seeds: int, seed: int = 0) -> Double:
    """Residual Learning from P = 0, on elements W and P (N, 6), with transfer rates and mixing coefficients (N,)."""
    out = np.zeros((len(problems.alpha), seeds, len(Double._fields)))
    p, streams = problems, _streams(seed, len(problems.alpha))
    for n, rng in enumerate(streams):
        args = (p.hessian[n], p.minimizer[n], p.start[n], p.std[n], p.probability[n], W[n], P[n], p.alpha[n])
        _double(rng, *args, beta[n], gamma[n], int(p.steps[n]), out[n])
    return Double(*np.moveaxis(out, -1, 0))


def _streams(seed: int, count: int) -> list[np.random.Generator]:
    return [np.random.default_rng(child) for child in np.random.SeedSequence([2502, seed]).spawn(count)]


@njit(cache=True, nogil=True)
def _drawn(rng: Any, std: float, probability: float) -> float:
    if std == 0.0:
        return 0.0
    if probability == NORMAL:
        return float(std * rng.standard_normal())
    if rng.random() < probability:
        return float(std * np.sqrt((1 - probability) / probability))
    return float(-std * np.sqrt(probability / (1 - probability)))


@njit(cache=True, nogil=True)
def _response(device: Array, w: float) -> tuple[float, float]:
    up, down = device[UP] + device[SLOPE_UP] * w, device[DOWN] + device[SLOPE_DOWN] * w
    return (down + up) / 2, (down - up) / 2


@njit(cache=True, nogil=True)
def _moved(device: Array, w: float, dw: float) -> float:
    F, G = _response(device, w)
    return float(min(max(_update(w, dw, F, G), device[LOW]), device[HIGH]))


@njit(cache=True, nogil=True)
def _single(
    rng: Any,
    H: Array,
    minimizer: Array,
    start: Array,
    std: Array,
    p: float,
    device: Array,
    alpha: float,
    K: int,
    out: Any,
) -> None:
    dim = len(start)
    W, g = start.copy(), np.zeros(dim)
    for s in range(out.shape[0]):
        W[:] = start
        row = out[s]
        row[6], row[8] = np.inf, np.inf
        for _ in range(K):
            worst = 0.0
            for d in range(dim):
                g[d] = 0.0
                for e in range(dim):
                    g[d] += H[d, e] * (W[e] - minimizer[e])
            for d in range(dim):
                F, G = _response(device, W[d])
                gradient, M = g[d], F * F - G * G
                row[0] += gradient**2 / K
                row[1] += (gradient * F + abs(gradient) * G) ** 2 / K
                row[2] += gradient**2 * M / K
                row[3] += (gradient * F - abs(gradient) * G) ** 2 / K
                worst = max(worst, G * G / F)
                row[5], row[6] = max(row[5], F), min(row[6], F - abs(G))
                row[7], row[8] = max(row[7], F + abs(G)), min(row[8], M)
                W[d] = _moved(device, W[d], -alpha * (gradient + _drawn(rng, std[d], p)))
            row[4] += worst / K


@njit(cache=True, nogil=True)
def _double(
    rng: Any,
    H: Array,
    minimizer: Array,
    start: Array,
    std: Array,
    p: float,
    on_W: Array,
    on_P: Array,
    alpha: float,
    beta: float,
    gamma: float,
    K: int,
    out: Any,
) -> None:
    dim, half = len(start), K // 2
    W, P, g = start.copy(), np.zeros(dim), np.zeros(dim)
    for s in range(out.shape[0]):
        W[:], P[:] = start, 0.0
        row = out[s]
        row[6], row[7] = np.inf, np.inf
        for k in range(K):
            worst = 0.0
            for d in range(dim):
                g[d] = 0.0
                for e in range(dim):
                    g[d] += H[d, e] * (W[e] + gamma * P[e] - minimizer[e])
            for d in range(dim):
                (F, G), (F_W, G_W) = _response(on_P, P[d]), _response(on_W, W[d])
                M, M_W, x = F * F - G * G, F_W * F_W - G_W * G_W, W[d] - minimizer[d]
                aim, sample = -x / gamma, g[d] + _drawn(rng, std[d], p)
                row[0] += (g[d] * F + abs(g[d]) * G) ** 2 / K
                row[1] += g[d] ** 2 / K
                row[2] += (aim * F_W - abs(aim) * G_W) ** 2 / K
                row[3] += x * x * M_W / K
                row[4] += (P[d] - aim) ** 2 / K
                worst = max(worst, G * G / F)
                row[6], row[7] = min(row[6], M), min(row[7], M_W)
                row[8] = max(row[8], F, F_W)
                row[9] = max(row[9], F + abs(G), F_W + abs(G_W))
                if k >= half and d == 0:
                    row[10] += abs(sample) * G / (K - half)
                P[d] = _moved(on_P, P[d], -alpha * sample)
            for d in range(dim):
                W[d] = _moved(on_W, W[d], beta * P[d])
            row[5] += worst / K
