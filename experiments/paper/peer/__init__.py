"""What a peer simulator (AIHWKit 0.9.0, CPU) measured: numbers to check ours against, and never to tune to.

figure_2_data.csv: the least-squares data of the authors' Figure 2 script; figure_2_curves.csv, figure_2_plateaus.csv:
its loss over steps, mean and standard deviation over 10 seeds; single_update.csv: single pulsed updates of one device.
"""

from __future__ import annotations

import csv
from importlib import resources
from typing import Any

import numpy as np
import xarray as xr

NAMES = {"analog_sgd": "Analog SGD", "tiki_taka": "Tiki-Taka"}


def _rows(name: str) -> list[dict[str, str]]:
    with resources.files(__package__).joinpath(f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def figure_2_data() -> tuple[np.ndarray, np.ndarray]:
    """The rows A (100, 50) and the solution W* (50,) of the authors' Figure 2; the labels are A W*."""
    numbers = [[float(value) for name, value in row.items() if name[0] == "x"] for row in _rows("figure_2_data")]
    return np.array(numbers[1:]), np.array(numbers[0])


def figure_2_curves() -> xr.Dataset:
    """Loss over steps, `mean` and `std` (algorithm, c_lin, step) over `n` seeds, for the one-sided pair."""
    rows = _rows("figure_2_curves")
    axes: dict[str, list[Any]] = {
        "algorithm": [NAMES[name] for name in dict.fromkeys(row["algorithm"] for row in rows)],
        "c_lin": sorted({float(row["c_lin"]) for row in rows}),
        "step": sorted({int(row["step"]) for row in rows}),
    }
    found = {kind: xr.DataArray(np.full([len(a) for a in axes.values()], np.nan), axes) for kind in ("mean", "std")}
    for row in rows:
        at = {"algorithm": NAMES[row["algorithm"]], "c_lin": float(row["c_lin"]), "step": int(row["step"])}
        for kind, values in found.items():
            values.loc[at] = float(row[f"loss_{kind}"])
    return xr.Dataset(found, attrs={"n": int(rows[0]["n"])})


def figure_2_plateaus() -> dict[tuple[str, float], float]:
    """Mean loss of steps 901 to 1000, by algorithm and c_lin."""
    return {
        (NAMES[row["algorithm"]], float(row["c_lin"])): float(row["plateau_mean"]) for row in _rows("figure_2_plateaus")
    }


def single_updates() -> list[dict[str, str]]:
    """Mean and standard deviation of one pulsed update, a row for each device setting and wanted increment."""
    return _rows("single_update")
