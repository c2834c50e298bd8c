"""The inner loops of pulses, compiled: how many fire, and where they lead.

Arrays are shaped (rows, increments, weights). Each loop runs over a row by itself, so a seed's numbers do not depend
on the other seeds beside it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

Array = Any
_SCALE = 2.0**31


@njit(cache=True, nogil=True)
def managed_train(k: float, bl_max: int, managed: bool) -> tuple[int, float, float]:
    """Slots, the row's probability and the largest column's, for k = max |dw| / dw_min wanted pulses.

    BL = min(ceil(k), bl_max), or bl_max where the length is not managed, and r = max(k / bl_max, 1): the row's is
    min(1, sqrt(k / BL) sqrt(r)) and the column's sqrt(k / BL) / sqrt(r), as AIHWKit 0.9 has them.
    """
    slots = min(int(np.ceil(k)), bl_max) if managed else bl_max
    root, over = np.sqrt(k / max(slots, 1)), np.sqrt(max(k / bl_max, 1.0))
    return slots, min(root * over, 1.0), root / over


@njit(cache=True, nogil=True)
def _threshold(p: float, dither: int) -> int:
    """A probability as a threshold for words of 15 bits, its rounding dithered by a word of 16: the mean is exact."""
    return int((np.uint32(p * _SCALE) + np.uint32(dither)) >> np.uint32(16))


@njit(cache=True, nogil=True)
def trains(dw: Array, dw_min: float, bl_max: int, managed: bool) -> tuple[Array, Array, Array]:
    """For each increment its slots and its row's probability (rows, increments), and the columns' (as dw)."""
    rows, increments, dim = dw.shape
    slots, p_row = np.zeros((rows, increments), np.int64), np.zeros((rows, increments))
    p = np.zeros(dw.shape)
    for r in range(rows):
        for i in range(increments):
            most = np.abs(dw[r, i]).max()
            if most > 0:
                slots[r, i], p_row[r, i], p_column = managed_train(most / dw_min, bl_max, managed)
                for d in range(dim):
                    p[r, i, d] = p_column * abs(dw[r, i, d]) / most
    return slots, p_row, p


@njit(cache=True, nogil=True)
def coincidences(dw: Array, row_words: Array, words: Array, dw_min: float, bl_max: int, managed: bool) -> Array:
    """Signed pulses: the slots of an increment's trains in which both the row's bit and the column's are set.

    row_words, words: 16-bit words of each row in a line, for each increment those of its bl_max slots and of the
    dither, for each slot one, or one a weight. Slots of one update share their dither, which moves a variance by less
    than 2**-30 a pair.
    """
    rows, increments, dim = dw.shape
    found = np.zeros(dw.shape, np.int16)
    level, count = np.empty(dim, np.uint16), np.empty(dim, np.int16)
    for r in range(rows):
        for i in range(increments):
            most = 0.0
            for d in range(dim):
                most = max(most, abs(dw[r, i, d]))
            if most == 0:
                continue
            slots, p_row, p_column = managed_train(most / dw_min, bl_max, managed)
            first = i * (bl_max + 1)
            row_level, share = _threshold(p_row, row_words[r, first + bl_max]), p_column / most
            word = words[r, (first + bl_max) * dim :]
            for d in range(dim):
                level[d] = _threshold(min(share * abs(dw[r, i, d]), 1.0), word[d])
                count[d] = 0
            for slot in range(slots):
                if row_words[r, first + slot] >> 1 < row_level:
                    word = words[r, (first + slot) * dim :]
                    for d in range(dim):
                        count[d] += word[d] >> 1 < level[d]
            for d in range(dim):
                found[r, i, d] = count[d] if dw[r, i, d] > 0 else -count[d]
    return found


@njit(cache=True, nogil=True)
def sfc64(states: Array, out: Array) -> None:
    """Fill `out` (rows, words, lanes) with the next words of SFC64 streams, and move `states` (rows, 4, lanes) on.

    A lane's words are those of NumPy's bit generator of that state; sixteen lanes at once take a third of the time.
    """
    for row in range(len(out)):
        state = states[row].copy()
        a, b, c, counter = state[0], state[1], state[2], state[3]
        for k in range(out.shape[1]):
            for lane in range(out.shape[2]):
                word = a[lane] + b[lane] + counter[lane]
                counter[lane] += np.uint64(1)
                a[lane] = b[lane] ^ (b[lane] >> np.uint64(11))
                b[lane] = c[lane] + (c[lane] << np.uint64(3))
                c[lane] = ((c[lane] << np.uint64(24)) | (c[lane] >> np.uint64(40))) + word
                out[row, k, lane] = word
        states[row] = state


@njit(cache=True, nogil=True)
def composed(w: Array, pulses: Array, powers: Array, shifts: Array, low: Array, high: Array, stopped: Array) -> Array:
    """Weights (rows, weights) after signed pulse numbers (rows, increments, weights), for affine responses.

    n > 0 pulses up map w to powers[1, n] w + shifts[1, n], -n > 0 down with index 0; what would leave the weight's
    range stops at its bound and is counted in `stopped` (rows,).
    """
    rows, increments, dim = pulses.shape
    found = w.copy()
    for r in range(rows):
        out = 0
        for i in range(increments):
            for d in range(dim):
                n = pulses[r, i, d]
                s, m = (1, n) if n > 0 else (0, -n)
                moved = powers[s, m] * found[r, d] + shifts[s, m]
                inside = min(max(moved, low[d]), high[d])
                out += inside != moved
                found[r, d] = inside
        stopped[r] += out
    return found


@njit(cache=True, nogil=True)
def composed_noisily(
    w: Array, pulses: Array, a: Array, b: Array, low: Array, high: Array, noise: Array, stopped: Array
) -> Array:
    """As `composed`, pulse after pulse, each with noise of its own; a pulse maps w to a[s] w + b[s] + noise.

    noise: in a line, row after row, as many as a row has pulses. A weight stops at its bound after every pulse; counted
    is an update whose last pulse was stopped.
    """
    rows, increments, dim = pulses.shape
    found, taken = w.copy(), 0
    for r in range(rows):
        out = 0
        for i in range(increments):
            for d in range(dim):
                n = pulses[r, i, d]
                s, here, moved = int(n > 0), found[r, d], found[r, d]
                for _ in range(abs(n)):
                    moved = a[s] * here + b[s] + noise[taken]
                    here = min(max(moved, low[d]), high[d])
                    taken += 1
                out += here != moved
                found[r, d] = here
        stopped[r] += out
    return found
