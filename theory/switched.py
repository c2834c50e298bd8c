"""Residual Learning next to its fixed point: a piecewise linear map of the plane, and how fast it grows.

In one coordinate let x = W - w*, g = h (x + gamma P). Without gradient noise a step of (10)-(11) is P' = P - alpha h a
(x + gamma P), x' = x + beta b P', where a is the response of P against the gradient's sign, b that of W with the sign
of P': four linear modes, switched by two signs. The map is positively homogeneous, so it turns directions and
stretches, and what decides is its growth a step, not the eigenvalues of its modes.

Scaled by alpha h it has the parameters C = alpha h gamma, a = (q_-(0), q_+(0)) of P for g > 0 and g < 0, and
y = alpha h beta (q_+, q_-)(w*) of W for P' > 0 and P' < 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

STEPS, BURNED, STARTS = 2000, 400, 12
ARCS, HORIZON = 1000, 250
GRID, PEAKS = 500, 2  # numbers at which a growth is asked for at once, and how often more closely at its peaks


class Orbit(NamedTuple):
    """growth: what the distance is multiplied by in a step. turns: turns of (x, P) in a step; in the long run."""

    growth: np.ndarray
    turns: np.ndarray


def harmonic(pair: Any) -> Any:
    """The harmonic mean of two gains, q_+ q_-/F where they are a device's."""
    one, other = pair
    return 2 * one * other / (one + other)


def trace(step: Any, transfer: Any) -> Any:
    """The trace of a mode with step = C a and transfer = a y, in any algebra; its determinant is 1 - step."""
    return 2 - step - transfer


def flip_transfer(step: Any, gain: Any) -> Any:
    """The y at which a mode has the eigenvalue -1: 2 step + gain y = 4."""
    return (4 - 2 * step) / gain


def turning_transfer(step: Any, gain: Any, sqrt: Any = np.sqrt) -> Any:
    """The y from which on a mode has complex eigenvalues: (step + gain y)^2 = 4 gain y; for step <= 1."""
    return (1 - sqrt(1 - step)) ** 2 / gain


@dataclass(frozen=True)
class SwitchedMap:
    """The map in scaled form; every number may be an array of one shape (...), for as many maps at once.

    descent: a for g > 0 and for g < 0. transfer: y for P' > 0 and P' < 0. mixing: C.
    """

    descent: tuple[Any, Any]
    transfer: tuple[Any, Any]
    mixing: Any

    @cached_property
    def _scale(self) -> Any:
        """P is measured in this unit, in which the map is nearly a rotation where it is slow."""
        return np.sqrt(np.sqrt(np.multiply(*self.transfer) / np.multiply(*self.descent)))

    def steps(self) -> tuple[Any, Any]:
        """1 - det of the modes with g > 0 and with g < 0."""
        return tuple(a * self.mixing for a in self.descent)

    def step(self, x: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """One step; x and p shaped (..., starts), p in units of the scale."""
        scale, mixing = (np.asarray(v)[..., None] for v in (self._scale, self.mixing))
        a, y = ([np.asarray(v)[..., None] for v in pair] for pair in (self.descent, self.transfer))
        g = x + mixing * p / scale
        p = p - np.where(g > 0, a[0], a[1]) * scale * g
        return x + np.where(p > 0, y[0], y[1]) / scale * p, p

    def mode(self, i: int, j: int) -> np.ndarray:
        """The matrix of the mode with descent i and transfer j, of (x, P) in units of the scale, shaped (2, 2)."""
        a, y, scale = self.descent[i], self.transfer[j] / self._scale, self._scale
        keep = 1 - a * self.mixing
        return np.array([[1 - y * a * scale, y * keep], [-a * scale, keep]])

    def mode_radii(self) -> list[float]:
        """The spectral radii of the modes: (g > 0, P' > 0), (g > 0, P' < 0), (g < 0, P' > 0), (g < 0, P' < 0)."""
        return [float(abs(np.linalg.eigvals(self.mode(i, j))).max()) for i in (0, 1) for j in (0, 1)]

    def orbit(self, steps: int = STEPS, starts: int = STARTS, burned: int = BURNED) -> Orbit:
        """Growth and turning, the largest over starts in all directions; shaped (...).

        Where the directions come to rest, or both gains are equal, the growth is exact. Else it is a mean of a long run
        with smooth weights, whose error falls faster than any power of `steps` where the directions turn smoothly.
        """
        shape = np.broadcast_shapes(*(np.shape(v) for v in (*self.descent, *self.transfer, self.mixing)))
        angle = 2 * np.pi * (np.arange(starts) + 0.37) / starts
        x, p = (np.broadcast_to(f(angle), (*shape, starts)) for f in (np.cos, np.sin))
        grown, crossed = np.zeros((2, *shape, starts))
        at = (np.arange(steps - burned) + 0.5) / (steps - burned)
        weights = np.exp(-1 / (at * (1 - at)))
        weights = np.concatenate([np.zeros(burned), weights / weights.sum()])
        for weight in weights:
            x_next, p_next = self.step(x, p)
            size = np.hypot(x_next, p_next)
            grown += weight * np.log(size)
            crossed += weight * ((p_next > 0) != (p > 0))
            x, p = x_next / size, p_next / size
        return Orbit(self._exact(np.exp(grown.max(-1))), crossed.max(-1) / 2)

    def _exact(self, grown: np.ndarray) -> np.ndarray:
        """`grown`, or the exact growth where it is known."""
        slow = [_slow(k, a * y) for k, a, y in zip(self.steps(), self.descent, self.transfer, strict=True)]
        rests = np.fmax(*slow)
        injective = np.maximum(*self.steps()) < 1
        equal = (np.equal(*self.descent) & np.equal(*self.transfer)) * np.ones_like(grown)
        known = np.where(injective & np.isfinite(rests), rests, grown)
        return np.where(equal == 1, radius(self.steps()[0], self.descent[0] * self.transfer[0]), known)

    def bound(self, any_order: bool = False, arcs: int = ARCS, horizon: int = HORIZON) -> float:
        """A number that the growth is certainly at most, up to rounding; for one map.

        The circle of directions is cut into arcs, at the switches too. An arc's stretch is bounded by its ends', its
        image covered by arcs, and the best chain of arcs taken, for every trajectory follows one. With `any_order`
        every mode may act on every arc: a bound of the joint spectral radius of the four. It comes down to the growth
        as `arcs` and `horizon` grow; slowly where directions nearly lock.
        """
        ends = self._ends(arcs)
        images = [_image(self.mode(i, j), ends) for i in (0, 1) for j in (0, 1)]
        if not any_order:
            images = [_chosen(images, self._modes(ends))]
        settled = _chains(np.zeros(ends.size - 1), images, horizon)
        # what `horizon` more arcs add at most to any chain, they add again and again
        return float(np.exp((_chains(settled, images, horizon) - settled).max() / horizon))

    def _ends(self, arcs: int) -> np.ndarray:
        """The ends of the arcs in [0, 2 pi], with the directions in which g = 0 or P' = 0 among them."""
        rows = [np.array([1.0, self.mixing / self._scale]), *(self.mode(i, 0)[1] for i in (0, 1))]
        cuts = np.concatenate([np.arctan2(-r[0], r[1]) + np.array([0, np.pi]) for r in rows]) % (2 * np.pi)
        return np.unique(np.concatenate([np.linspace(0, 2 * np.pi, arcs + 1), cuts]))

    def _modes(self, ends: np.ndarray) -> np.ndarray:
        """The mode, as its place among the four, in which each arc lies."""
        middle = (ends[1:] + ends[:-1]) / 2
        x, p = np.cos(middle), np.sin(middle)
        after = self.step(x, p)[1]
        return np.asarray(2 * (x + self.mixing * p / self._scale <= 0) + (after <= 0))


def least_above(growth: Callable[[np.ndarray], np.ndarray], top: float, level: float) -> tuple[float, float] | None:
    """Between which two numbers of (0, top] `growth` first exceeds `level`; None where that is not seen.

    It is asked on a grid, then more closely around its peaks, for it can exceed a level in narrow intervals alone, then
    around the first number at which it does. What is narrower than the grid may be overlooked.
    """
    at = np.linspace(0, top, GRID + 1)[1:]
    values = growth(at)
    for _ in range(PEAKS):
        first = int(np.argmax(values > level)) if (values > level).any() else at.size
        inner = np.arange(1, first - 1)
        peaks = inner[(values[inner] > values[inner - 1]) & (values[inner] >= values[inner + 1])]
        peaks = peaks[np.argsort(-values[peaks])][:8]
        if peaks.size:
            more = np.linspace(at[peaks - 1], at[peaks + 1], 11)[1:-1].ravel()
            at, order = np.unique(np.concatenate([at, more]), return_index=True)
            values = np.concatenate([values, growth(more)])[order]
    if not (values > level).any():
        return None
    k = int(np.argmax(values > level))
    low, high = float(at[k - 1]) if k else 0.0, float(at[k])
    for _ in range(2):
        at = np.linspace(low, high, 17)[1:]
        k = int(np.argmax(growth(at) > level))
        low, high = float(at[k - 1]) if k else low, float(at[k])
    return low, high


def radius(step: Any, transfer: Any) -> Any:
    """The spectral radius of a mode with that step = C a and transfer = a y."""
    half, det = trace(step, transfer) / 2, 1 - step
    gap = half**2 - det
    return np.asarray(np.where(gap < 0, np.sqrt(abs(det)), abs(half) + np.sqrt(np.maximum(gap, 0))))


def _slow(step: Any, transfer: Any) -> Any:
    """The eigenvalue of the ray that a mode leaves where it is, with x and P of opposite signs; NaN without one."""
    total = step + transfer
    gap = total**2 - 4 * transfer
    return np.where((gap >= 0) & (total < 2), 1 - (total - np.sqrt(np.maximum(gap, 0))) / 2, np.nan)


Image = tuple[np.ndarray, np.ndarray, np.ndarray]


def _image(matrix: np.ndarray, ends: np.ndarray) -> Image:
    """Log of the largest stretch of each arc, and the first and last arc that cover its image; last may be beyond all.

    A unit vector of an arc is a convex combination of the arc's ends times at most 1/cos(half its width).
    """
    count = ends.size - 1
    moved = matrix @ np.array([np.cos(ends), np.sin(ends)])
    size, angle = np.hypot(*moved), np.arctan2(moved[1], moved[0])
    stretch = np.log(np.maximum(size[1:], size[:-1]) / np.cos(np.diff(ends) / 2))
    turned = (np.diff(angle) + np.pi) % (2 * np.pi) - np.pi
    low = (angle[:-1] + np.minimum(turned, 0) - 1e-12) % (2 * np.pi)
    width = abs(turned) + 2e-12
    first = np.searchsorted(ends, low, side="right") - 1
    last = np.searchsorted(ends, (low + width) % (2 * np.pi), side="right") - 1
    return stretch, first, last + count * (low + width >= 2 * np.pi)


def _chosen(images: list[Image], modes: np.ndarray) -> Image:
    """For each arc the image under its own mode."""
    arcs = np.arange(modes.size)
    stretch, first, last = (np.array(part)[modes, arcs] for part in zip(*images, strict=True))
    return stretch, first, last


def _chains(best: np.ndarray, images: list[Image], length: int) -> np.ndarray:
    """From each arc the largest log stretch of a chain of `length` arcs and of what `best` gives its last one."""
    for _ in range(length):
        best = np.max([stretch + _range_max(best, first, last) for stretch, first, last in images], axis=0)
    return best


def _range_max(values: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """The maximum of values[first], ..., values[last], round the circle, for each pair."""
    row = np.concatenate([values, values])
    level = np.log2(last - first + 1).astype(int)
    table = [row]
    for k in range(int(level.max())):
        table.append(np.maximum(table[-1], np.roll(table[-1], -(2**k))))
    stack = np.array(table)
    return np.asarray(np.maximum(stack[level, first], stack[level, last - 2**level + 1]))
