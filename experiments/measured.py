"""A measured response curve: conductance against pulse number, up pulses and then down pulses, read from a CSV file."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import numpy as np

from ..theory.validate import finite_array, integer, reject

SIDE = 10  # the fewest readings of either polarity
SURE = 5.0  # standard errors by which a rise or a fall has to show
_CANDIDATES = 200
_RATES = (3.0, 10.0, 30.0)  # of relaxations, each over the length of a side
_BLOCKS = 8


@dataclass(frozen=True, eq=False)
class Curve:
    """Readings of one element under up pulses, then down pulses.

    Parameters
    ----------
    pulse : pulse numbers, rising in equal steps of a whole number, shaped (n,).
    conductance : the reading after each, any unit, shaped (n,).
    turn : index of the last reading before the first down pulse; found from the data where it is not given.
    name : what the curve is called, for messages.
    smooth : a smooth curve through the readings with a corner at the turn, shaped (n,); derived.
    turns : where the turn may be, the likeliest first: a curve that stays at a bound has a corner at either end of it.

    Raises
    ------
    ValueError
        Where pulse numbers leave a gap, a reading is not finite, there are fewer than 10 readings of a polarity, or the
        curve does not rise and then fall, by 5 standard errors each.
    """

    pulse: np.ndarray
    conductance: np.ndarray
    turn: int = -1
    name: str = "curve"
    smooth: np.ndarray = field(init=False)
    turns: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        pulse = finite_array("pulse", self.pulse, (None,))
        reading = finite_array("conductance", self.conductance, (pulse.size,))
        if pulse.size < 2 * SIDE + 1:
            reject("readings", pulse.size, f"must be at least {2 * SIDE + 1} in {self.name}: {SIDE} of either polarity")
        _check_even(pulse, self.name)
        object.__setattr__(self, "pulse", pulse)
        object.__setattr__(self, "conductance", reading)
        given = None if self.turn == -1 else integer("turn", self.turn, SIDE)
        if given is not None and given > pulse.size - 1 - SIDE:
            reject("turn", given, f"must leave {SIDE} readings after it in {self.name}")
        corners = _corners(reading, given)
        _, turn, relaxations = corners[0]
        object.__setattr__(self, "turn", turn)
        object.__setattr__(self, "turns", _apart((at for _, at, _ in corners), reading.size // 25))
        object.__setattr__(self, "smooth", _cornered(reading, turn, relaxations)[0])
        _check_turn(reading, turn, relaxations, self.name)

    @property
    def every(self) -> int:
        """Pulses from one reading to the next."""
        return int(self.pulse[1] - self.pulse[0])


def smoothed(reading: np.ndarray, turn: int) -> np.ndarray:
    """A smooth curve through the readings with a corner at `turn`."""
    _, _, relaxations = _corners(reading, turn)[0]
    return _cornered(reading, turn, relaxations)[0]


def read_curve(path: Path | str) -> Curve:
    """The curve in a CSV file: two columns, pulse number and conductance, with or without a line of headings.

    Further columns are not read. Empty lines and lines that begin with "#" are skipped. Raises ValueError that names
    the file, and the line where there is one, for a cell that is empty or no number, pulse numbers with a gap, and a
    curve without a turning point; OSError where the file cannot be read.
    """
    path = Path(path)
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        reject("file", str(path), "must be text in UTF-8")
    rows = [(number, row) for number, row in enumerate(csv.reader(lines), 1) if _counts(row)]
    if rows and _is_heading(rows[0][1]):
        rows = rows[1:]
    numbers = np.array([_numbers(path, line, row) for line, row in rows]).reshape(-1, 2)
    return Curve(numbers[:, 0], numbers[:, 1], name=str(path))


def _counts(row: Sequence[str]) -> bool:
    return any(cell.strip() for cell in row) and not row[0].lstrip().startswith("#")


def _is_heading(row: Sequence[str]) -> bool:
    return all(_number(cell) is None for cell in row[:2] if cell.strip())


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _numbers(path: Path, line: int, row: Sequence[str]) -> tuple[float, float]:
    if len(row) < 2:
        _wrong(path, line, ",".join(row), "must have two columns, pulse number and conductance")
    found = []
    for name, cell in zip(("pulse", "conductance"), row, strict=False):
        value = _number(cell)
        if value is None or not math.isfinite(value):
            what = "is a gap: must be a number" if not cell.strip() else "must be a finite number"
            _wrong(path, line, f"{name}={cell.strip()!r}", what)
        found.append(value)
    return found[0], found[1]


def _wrong(path: Path, line: int, shown: str, allowed: str) -> NoReturn:
    raise ValueError(f"{path}, line {line}: {shown}: {allowed}")


def _check_even(pulse: np.ndarray, name: str) -> None:
    steps = np.diff(pulse)
    if steps[0] < 1 or steps[0] % 1:
        reject("pulse[1]", float(pulse[1]), f"must be pulse[0]={pulse[0]:g} and a whole number of pulses, in {name}")
    wrong = np.flatnonzero(steps != steps[0])
    if wrong.size:
        k = int(wrong[0])
        gap = f"must be {pulse[k] + steps[0]:g} after {pulse[k]:g}: pulse numbers rise in equal steps, without gaps"
        reject(f"pulse[{k + 1}]", float(pulse[k + 1]), f"{gap}, in {name}")


def _side(count: int, relaxations: int) -> np.ndarray:
    """Columns of a smooth approach within `count` steps, 0 at the first: a line, and so many relaxations."""
    i = np.arange(count) / max(count - 1, 1)
    return np.stack([i, *(np.expm1(-i * rate) for rate in _RATES[:relaxations])], 1)


def _design(size: int, turn: int, relaxations: int) -> np.ndarray:
    """The level at the corner, which both sides share, and each side's columns."""
    width = 1 + relaxations
    columns = np.zeros((size, 1 + 2 * width))
    columns[:, 0] = 1
    up = _side(turn + 1, relaxations)
    columns[: turn + 1, 1 : 1 + width] = up - up[-1]
    columns[turn:, 1 + width :] = _side(size - turn, relaxations)
    return columns


def _cornered(reading: np.ndarray, turn: int, relaxations: int) -> tuple[np.ndarray, float]:
    """The best curve with its corner at `turn`, and its BIC."""
    X = _design(reading.size, turn, relaxations)
    fitted = X @ np.linalg.lstsq(X, reading, rcond=1e-10)[0]
    left = float(((reading - fitted) ** 2).mean())
    return fitted, reading.size * math.log(max(left, 1e-300)) + X.shape[1] * math.log(reading.size)


def _corners(reading: np.ndarray, turn: int | None = None) -> list[tuple[float, int, int]]:
    """(BIC, turn, relaxations) of the best corner for each number of relaxations, the least BIC first.

    Turns are tried on a coarse grid first, then around its best.
    """
    first, last = (SIDE, reading.size - 1 - SIDE) if turn is None else (turn, turn)
    step = max(1, (last - first) // _CANDIDATES)
    found = []
    for relaxations in range(len(_RATES) + 1):
        _, at, _ = _least(reading, range(first, last + 1, step), relaxations)
        found.append(_least(reading, range(max(first, at - step + 1), min(last, at + step - 1) + 1), relaxations))
    return sorted(found)


def _apart(turns: Iterable[int], gap: int) -> tuple[int, ...]:
    """The turns, in order, without those near an earlier one."""
    kept: list[int] = []
    for turn in turns:
        kept += [turn] if all(abs(turn - other) > gap for other in kept) else []
    return tuple(kept)


def _least(reading: np.ndarray, turns: Iterable[int], relaxations: int) -> tuple[float, int, int]:
    return min((_cornered(reading, turn, relaxations)[1], turn, relaxations) for turn in turns)


def _check_turn(reading: np.ndarray, turn: int, relaxations: int, name: str) -> None:
    """ValueError unless the curve rises up to the turn, falls after it, and turns nowhere else."""
    noise, X = scatter(reading), _design(reading.size, turn, relaxations)
    if len(_runs(reading, noise)) > 2:
        reject("turning points", "several", f"must be one in {name}: one run of up pulses, then one of down pulses")
    inverse = np.linalg.pinv(X, rcond=1e-10)
    for end in (0, -1):
        contrast = (X[turn] - X[end]) @ inverse
        if not contrast @ reading > SURE * noise * np.linalg.norm(contrast):
            reject(
                "turning point", "none", f"must be where {name} stops rising and begins to fall: up pulses, then down"
            )


def _runs(reading: np.ndarray, noise: float) -> list[int]:
    """Signs of the runs, up and down in turn, that the means of blocks show beyond noise and a tenth of the range."""
    means = np.array([block.mean() for block in np.array_split(reading, 2 * _BLOCKS)])
    sure = max(SURE * noise * math.sqrt(4 * _BLOCKS / reading.size), 0.1 * float(np.ptp(means)))
    runs, lowest, highest = [0], means[0], means[0]
    for mean in means:
        lowest, highest = min(lowest, mean), max(highest, mean)
        if runs[-1] <= 0 and mean - lowest > sure:
            runs, highest = [*runs, 1], mean
        elif runs[-1] >= 0 and highest - mean > sure:
            runs, lowest = [*runs, -1], mean
    return runs[1:]


def scatter(reading: np.ndarray) -> float:
    """Standard deviation of independent reading noise, from third differences, which a smooth curve hardly has."""
    third = np.diff(reading, 3)
    return float(np.sqrt((third**2).mean() / 20))
