"""The stationary law of a chain of few numbers, without sampling: Galerkin's method on Hermite polynomials.

The density is sought as a normal one, of independent coordinates, times a polynomial of total degree `degree`. That a
polynomial's mean is the same before and after a step, for all of that degree, is a linear system for its coefficients.
Means are exact to rounding once the degree is high enough, so that a higher degree tells how exact they are. Centre and
width of the normal factor are those of the law itself, found in a few rounds.

Chains are given by what they do to polynomials: one step (`of_steps`), or the generator of a diffusion (`of_drift`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import pi, sqrt

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from numpy.polynomial.legendre import leggauss

Points = np.ndarray
END = 9.0  # standard deviations beyond which a normal law has a share of 2e-19
WIDER = 1.2  # the normal factor's width over the law's own: what is skewed has a heavier tail than a normal law
_SLAB = 512  # nodes whose images are held at once


def hermite(x: np.ndarray, degree: int) -> np.ndarray:
    """Hermite polynomials of degrees 0 to `degree`, orthonormal under the standard normal law, (degree + 1, ...)."""
    found = np.ones((degree + 1, *x.shape))
    if degree:
        found[1] = x
    for n in range(1, degree):
        found[n + 1] = (x * found[n] - sqrt(n) * found[n - 1]) / sqrt(n + 1)
    return found


@dataclass(frozen=True)
class Frame:
    """Centre and width of each coordinate, (d,), and the total degree of the polynomials in units of them."""

    mean: np.ndarray
    std: np.ndarray
    degree: int

    def inner(self, points: Points) -> Points:
        """Points (d, ...) in units of the widths, from the centre."""
        axes = (slice(None), *(None,) * (points.ndim - 1))
        return np.asarray((points - self.mean[axes]) / self.std[axes])

    def outer(self, inner: Points) -> Points:
        """The inverse of `inner`."""
        axes = (slice(None), *(None,) * (inner.ndim - 1))
        return np.asarray(self.mean[axes] + self.std[axes] * inner)

    @cached_property
    def powers(self) -> np.ndarray:
        """The degrees of every polynomial of the basis, (count, d); the constant comes first."""
        every = product(range(self.degree + 1), repeat=self.mean.size)
        return np.array(sorted((power for power in every if sum(power) <= self.degree), key=sum))

    def basis(self, points: Points) -> np.ndarray:
        """All polynomials at points (d, n), shaped (count, n)."""
        each = [hermite(x, self.degree) for x in self.inner(points)]
        return np.asarray(np.prod([h[power] for h, power in zip(each, self.powers.T, strict=True)], axis=0))


Change = Callable[[Frame, Points], np.ndarray]
Rule = Callable[[Frame], tuple[Points, np.ndarray]]


@dataclass(frozen=True)
class Stationary:
    """A stationary law as points (d, n) with weights (n,), of which the mean of any function is a sum."""

    points: Points
    weights: np.ndarray

    def mean(self, values: np.ndarray) -> np.ndarray:
        """The mean of a function with these values at the points, (..., n)."""
        return np.asarray(values @ self.weights)


def stationary(change: Change, rule: Rule, start: Frame, rounds: int = 3) -> Stationary:
    """The law that `change` leaves as it is.

    change: maps a frame and points (d, n) to how every polynomial of the basis changes there in the mean, (n, count).
    rule: points and weights that integrate against the normal density of a frame. start: the frame of the first round.

    Cost: n count^2 multiplications a round, beside those of `change`. Raises numpy.linalg.LinAlgError for a chain that
    has several stationary laws, and ArithmeticError where a variance comes out negative: the degree is too low.
    """
    frame = start
    for _ in range(rounds):
        law = _solved(change, frame, *rule(frame))
        mean = law.mean(law.points)
        variance = law.mean((law.points - mean[:, None]) ** 2)
        if not (variance > 0).all():
            raise ArithmeticError(f"no stationary law found with polynomials of degree {frame.degree}")
        frame = Frame(mean, WIDER * np.sqrt(variance), frame.degree)
    return law


def _solved(change: Change, frame: Frame, points: Points, weights: np.ndarray) -> Stationary:
    basis = frame.basis(points)
    changes = (basis * weights) @ change(frame, points)
    rest = np.linalg.solve(changes[1:, 1:].T, -changes[0, 1:])
    return Stationary(points, weights * (basis[0] + rest @ basis[1:]))


def of_steps(advance: Callable[[Points], tuple[Points, np.ndarray]]) -> Change:
    """The change of a chain: `advance` maps points (d, n) to their images (d, n, q), with probabilities (n, q)."""

    def change(frame: Frame, points: Points) -> np.ndarray:
        slabs = [_moved(frame, *advance(points[:, part])) for part in _parts(points.shape[1])]
        return np.asarray(np.concatenate(slabs) - frame.basis(points).T)

    return change


def _parts(count: int) -> Iterator[slice]:
    for first in range(0, count, _SLAB):
        yield slice(first, first + _SLAB)


def _moved(frame: Frame, images: Points, probabilities: np.ndarray) -> np.ndarray:
    """The mean of all polynomials over the images, (n, count); the first coordinate is summed as a matrix product."""
    first, *others = (hermite(x, frame.degree) for x in frame.inner(images))
    pairs, inverse = np.unique(frame.powers[:, 1:], axis=0, return_inverse=True)
    rest = np.ones((len(pairs), *first.shape[1:]))
    for h, power in zip(others, pairs.T, strict=True):
        rest *= h[power]
    means = np.moveaxis(first * probabilities, 0, 1) @ np.moveaxis(rest, 0, -1)
    return np.asarray(means[:, frame.powers[:, 0], inverse.ravel()])


def of_drift(drift: Callable[[Points], Points], diffusion: np.ndarray) -> Change:
    """The change of dz = drift(z) dt + sqrt(2 diffusion) dB; drift maps points (d, n) to (d, n), diffusion is (d,)."""

    def change(frame: Frame, points: Points) -> np.ndarray:
        basis = frame.basis(points)
        place = {tuple(power): i for i, power in enumerate(frame.powers)}
        found = np.zeros_like(basis)
        for d, towards in enumerate(drift(points)):
            first = _derivative(basis, place, d) / frame.std[d]
            found += towards * first
            if diffusion[d]:
                found += diffusion[d] * _derivative(first, place, d) / frame.std[d]
        return found.T

    return change


def _derivative(basis: np.ndarray, place: dict[tuple[int, ...], int], d: int) -> np.ndarray:
    """d/dx_d of every polynomial, given their values: He_n' = sqrt(n) He_{n-1} in this normalisation."""
    found = np.zeros_like(basis)
    for power, i in place.items():
        if power[d]:
            lower = (*power[:d], power[d] - 1, *power[d + 1 :])
            found[i] = sqrt(power[d]) * basis[place[lower]]
    return found


def smooth_rule(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights (count,) for smooth functions under the standard normal law."""
    nodes, weights = hermegauss(count)
    return nodes, weights / weights.sum()


def kinked_rule(kink: np.ndarray, width: np.ndarray, count: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights (..., m) under the standard normal law, for functions with a kink of that width, (...)."""
    apart = np.array([-1.5, -0.5, 0.5, 1.5])
    near = kink[..., None] + np.array([-3, 0, 3]) * width[..., None]
    far = np.broadcast_to([-END, *(3 * apart), END], (*kink.shape, 6))
    cuts = np.sort(np.clip(np.concatenate([near, far], axis=-1), -END, END), axis=-1)
    return _pieces(cuts, count)


def split_rule(cuts: np.ndarray, count: int = 14) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights (..., m) under the standard normal law, for functions that are smooth between cuts (..., c)."""
    ends = np.broadcast_to([-END, END], (*cuts.shape[:-1], 2))
    return _pieces(np.sort(np.clip(np.concatenate([cuts, ends], axis=-1), -END, END), axis=-1), count)


def _pieces(cuts: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    nodes, weights = leggauss(count)
    middle, half = (cuts[..., 1:] + cuts[..., :-1]) / 2, (cuts[..., 1:] - cuts[..., :-1]) / 2
    x = (middle[..., None] + half[..., None] * nodes).reshape(*cuts.shape[:-1], -1)
    inside = (half[..., None] * weights).reshape(x.shape) * np.exp(-(x**2) / 2) / sqrt(2 * pi)
    return x, inside / inside.sum(-1, keepdims=True)
