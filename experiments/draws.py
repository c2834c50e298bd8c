"""Random numbers of a chunk's seeds, each seed from a stream of its own.

What a seed is given depends on its own stream and on the order of requests alone, so it does not change with the other
seeds of the chunk. Rows that belong to no seed are given what the first seed is given, or zeros.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from .kernels import sfc64

Array = Any
_NORMALS, _LANES = 4096, 16


class Draws:
    """The random numbers of one array of a chunk.

    Parameters
    ----------
    generators : makes one generator for each seed; called when the first number is asked for.
    own : the rows that belong to seeds, as many as there are generators.
    rows : number of rows.
    """

    def __init__(self, generators: Callable[[], Sequence[np.random.Generator]], own: slice, rows: int) -> None:
        self._make, self._own, self._rows = generators, own, rows
        self._normals: Array = np.empty((rows, 0))

    @cached_property
    def _generators(self) -> Sequence[np.random.Generator]:
        return self._make()

    @cached_property
    def _words(self) -> Array:
        """The states of the streams of words, shaped (rows, 4, lanes)."""
        states = np.empty((self._rows, 4, _LANES), np.uint64)
        for row, generator in enumerate(self._generators, self._own.start):
            for lane, child in enumerate(generator.spawn(_LANES)):
                states[row, :, lane] = child.bit_generator.state["state"]["state"]
        return self._padded(states)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self._rows

    def words(self, count: int) -> Array:
        """Uniform integers of 16 bits, at least `count` of them for each row, (rows, ...)."""
        found = np.empty((self._rows, -(-count // (4 * _LANES)), _LANES), np.uint64)
        sfc64(self._words, found)
        return found.reshape(self._rows, -1).view(np.uint16)

    def binomial(self, n: Array, p: Array) -> Array:
        """Binomial numbers for n and p shaped (rows, ...)."""
        found = np.empty(np.broadcast_shapes(n.shape, p.shape), np.int64)
        for row, generator in enumerate(self._generators, self._own.start):
            found[row] = generator.binomial(n[row], p[row])
        return self._padded(found)

    def normals(self, dim: int) -> Array:
        """Standard normal numbers, shaped (rows, dim); drawn for several requests of one `dim` at once."""
        if self._normals.shape[1] < dim:
            fresh = np.empty((self._rows, max(1, _NORMALS // dim) * dim))
            for row, generator in enumerate(self._generators, self._own.start):
                generator.standard_normal(out=fresh[row])
            self._normals = self._padded(fresh)
        taken, self._normals = self._normals[:, :dim], self._normals[:, dim:]
        return taken

    def normals_each(self, counts: Array) -> Array:
        """Standard normal numbers in a line: counts[r] of them for row r, zeros for the rows of no seed."""
        ends = np.cumsum(counts)
        found = np.zeros(int(ends[-1]))
        for row, generator in enumerate(self._generators, self._own.start):
            if counts[row]:
                generator.standard_normal(out=found[ends[row] - counts[row] : ends[row]])
        return found

    def _padded(self, found: Array) -> Array:
        first, last = self._own.start, self._own.start + len(self._generators)
        found[:first] = found[first]
        found[last:] = found[first]
        return found
