"""Least-squares data from a CSV file: the samples' rows A and labels y, one sample a line, under a heading.

Columns whose names begin with `x` are the entries of A, in their order; the column `y` holds the labels. A line whose
first cell is `w_star` may give the solution: it is not needed, for W* is found from A and y.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from ..theory.objective import LeastSquares
from ..theory.validate import reject


def read_samples(path: str | Path) -> LeastSquares:
    """||A W - y||^2/(2 rows) of a file.

    Raises ValueError that names the file, the line and the cell, for a file that is missing, has no such columns, holds
    what is no finite number, or has fewer independent rows than columns.
    """
    path = Path(path)
    if not path.is_file():
        reject("data", str(path), "must be a CSV file that exists")
    with path.open(encoding="utf-8", newline="") as file:
        heading, *lines = list(csv.reader(file)) or [[]]
    columns = [k for k, name in enumerate(heading) if name.strip().startswith("x")]
    if not columns or "y" not in heading:
        reject("data", str(path), "must have a heading with columns x0, x1, ... and y")
    kept = [(number, line) for number, line in enumerate(lines, 2) if line and line[0].strip() != "w_star"]
    wanted = [*columns, heading.index("y")]
    numbers = [[_number(path, number, line, heading, k) for k in wanted] for number, line in kept]
    return _problem(path, numbers, len(columns))


def _number(path: Path, number: int, line: Sequence[str], heading: Sequence[str], k: int) -> float:
    try:
        return float(line[k])
    except (ValueError, IndexError):
        cell = line[k] if k < len(line) else ""
        return reject("data", cell, f"must be a number, in column {heading[k]} of line {number} of {path}")


def _problem(path: Path, numbers: Sequence[Sequence[float]], dim: int) -> LeastSquares:
    if len(numbers) < dim:
        reject("data", str(path), f"must have at least {dim} samples, one a column, has {len(numbers)}")
    problem = LeastSquares([row[:-1] for row in numbers], [row[-1] for row in numbers], scale=1 / len(numbers))
    if not problem.mu > 1e-12 * problem.L:
        reject("data", str(path), "must have as many independent rows as columns: else W* is not unique")
    return problem
