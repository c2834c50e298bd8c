"""Instances of the theorems from points of a unit cube, so that they can be drawn and searched alike.

Quadratics with L = 1 in D weights, on constant responses 1 +- c or linear ones, with normal or two-point noise.
Units make L = 1 and weights at most 1 no restriction.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .convergence import NORMAL, Problems

Cube = np.ndarray
SHARED = ("curvature", "angle", "device", "shape", "sigma", "noise", "length", "gamma", "device_P", "shape_P", "reach")
LONGEST = 3.0  # the largest K is 10 to this


class Elements(NamedTuple):
    """Affine responses (N, 6) as `convergence` takes them, tau and c of each, and whether they are constant."""

    rows: np.ndarray
    tau: np.ndarray
    c: np.ndarray
    constant: np.ndarray

    @property
    def F_max(self) -> np.ndarray:
        """The largest symmetric part in the range: 1 where c is 0 or the responses are constant."""
        return np.where(self.constant, 1.0, 1 + abs(self.c))


def size(dim: int) -> int:
    """How many coordinates the cube of instances with `dim` weights has."""
    return len(SHARED) + 3 * dim


def named(cube: Cube, name: str) -> np.ndarray:
    """The coordinate of that name, (N,)."""
    return cube[:, SHARED.index(name)]


def elements(kind: np.ndarray, shape: np.ndarray, zero_shifted: bool = False) -> Elements:
    """Constant responses 1 +- c for kinds below 1/2, else linear ones with c = 0 for kinds below 3/4.

    Zero-shifted elements all have c = 0.
    """
    constant = kind < 0.5
    c = np.where(constant | (kind >= 0.75), 1.98 * shape - 0.99, 0.0) * (not zero_shifted)
    tau = 1.02 * 10 ** (1.5 * np.where(kind >= 0.75, 2 * (kind - 0.75) * 2, shape))
    flat = np.where(constant, 0.0, 1 / tau)
    ends = np.where(constant, np.inf, tau)
    rows = np.stack([1 + c, -(1 + c) * flat, 1 - c, (1 - c) * flat, -ends, ends], 1)
    return Elements(rows, tau, c, constant)


def problems(cube: Cube, dim: int) -> Problems:
    """The problems without their learning rates: alpha is 0."""
    own = cube[:, len(SHARED) :].reshape(len(cube), 3, dim)
    minimizer, start, share = 2 * own[:, 0] - 1, 2 * own[:, 1] - 1, own[:, 2] + 1e-3
    sigma = 10 ** (3 * named(cube, "sigma") - 2)
    std = sigma[:, None] * share / np.linalg.norm(share, axis=1, keepdims=True)
    noise = named(cube, "noise")
    probability = np.where(noise < 0.2, NORMAL, 0.05 + 0.9 * (noise - 0.2) / 0.8)
    steps = np.round(10 ** (LONGEST * named(cube, "length"))).astype(int)
    return Problems(_hessians(cube, dim), minimizer, start, std, probability, np.zeros(len(cube)), steps)


def _hessians(cube: Cube, dim: int) -> np.ndarray:
    """Eigenvalues from mu to L = 1, evenly in logarithms; turned in the plane of the first two weights."""
    values = np.ones((len(cube), dim))
    values[:, 1:] = (10 ** (-2 * named(cube, "curvature")))[:, None] ** (np.arange(1, dim) / max(dim - 1, 1))
    turned = np.tile(np.eye(dim), (len(cube), 1, 1))
    if dim > 1:
        angle = np.pi * named(cube, "angle")
        turned[:, 0, 0] = turned[:, 1, 1] = np.cos(angle)
        turned[:, 1, 0] = np.sin(angle)
        turned[:, 0, 1] = -np.sin(angle)
    return np.asarray(np.einsum("nij,nj,nkj->nik", turned, values, turned))
