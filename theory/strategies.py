"""The domains as Hypothesis strategies, for our tests and for others': responses, quadratics, noise, whole instances.

Everything drawn is exact (fractions in object arrays), so that a test may ask for equality and a failure reads well.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st

from .domains import reflection
from .falsify import vectors
from .instances import Arena, admitted
from .response_strategies import exponentials, linears, polynomials, powers, splines
from .statement import Assumption, ForAll, Instance

__all__ = [
    "exponentials",
    "finite_noise",
    "instances",
    "linears",
    "polynomials",
    "powers",
    "quadratics",
    "rational_vectors",
    "splines",
]


def rational_vectors(dim: int, low: Any = -2, high: Any = 2, denominator: int = 6) -> st.SearchStrategy[np.ndarray]:
    """Vectors of `dim` fractions in [low, high] with small denominators, shape (dim,)."""
    entries = st.fractions(Fraction(low), Fraction(high), max_denominator=denominator)
    return st.lists(entries, min_size=dim, max_size=dim).map(lambda values: np.array(values, dtype=object))


@st.composite
def quadratics(draw: st.DrawFn, mu: Any, L: Any, dim: int) -> tuple[np.ndarray, np.ndarray]:
    """Hessian (dim, dim) and minimiser (dim,) of a quadratic whose extreme eigenvalues are exactly mu and L.

    For dim 1 the only eigenvalue is L. The Hessian is a reflected diagonal, all of it in fractions.
    """
    mu, L = Fraction(mu), Fraction(L)
    share = draw(rational_vectors(dim, 0, 1))
    eigenvalues = mu + (L - mu) * share
    eigenvalues[0], eigenvalues[-1] = mu, L
    rotation = reflection(draw(rational_vectors(dim, -1, 1)))
    return (rotation * eigenvalues) @ rotation.T, draw(rational_vectors(dim))


@st.composite
def finite_noise(draw: st.DrawFn, dim: int, atoms: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Noise of finite support: points (atoms, dim) of mean exactly zero, and their probabilities (atoms,)."""
    weights = draw(rational_vectors(atoms, Fraction(1, 6), 1))
    probabilities = weights / weights.sum()
    points = np.array(draw(st.lists(rational_vectors(dim), min_size=atoms, max_size=atoms)), dtype=object)
    return points - probabilities @ points, probabilities


def instances(domain: Sequence[Assumption], dim: int = 2, atoms: int = 2) -> st.SearchStrategy[Instance]:
    """Exact instances that meet every assumption of a domain, in `dim` dimensions with `atoms` noise atoms."""
    arena = Arena(ForAll(tuple(domain), lambda _: 0, ""), {"D": dim, "K": atoms})
    return vectors(arena).map(arena.instance).filter(lambda instance: admitted(domain, instance))
