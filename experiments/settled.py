"""Settled errors, measured: least squares with orthonormal columns, on which `theory.floors` predicts each coordinate.

All weights' minimisers are equally far from the symmetric point, on either side of it, so that one predicted coordinate
stands for all of them, and their mean over a run's last part is what is measured for a seed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..theory.algorithm import Algorithm
from ..theory.floors import Coordinate, Floor, Grains
from ..theory.noise import Gaussian
from ..theory.objective import LeastSquares
from ..theory.response import linear
from .engine import simulate
from .hardware import Hardware, Smooth
from .intervals import interval
from .pulses import Pulses
from .reading import Converters, Exact, Reading
from .record import Record

COORDINATE = Coordinate(curvature=1.0, minimizer=0.5, std=0.25, tau=1.0)
ROWS, DIM, EVERY = 32, 8, 8
MEASURES = ("error2", "excess", "bias")


def problem() -> LeastSquares:
    """||A W - b||^2/2 with orthonormal columns, b = A W*, W* = +-1/2: the Hessian is the identity."""
    A = np.linalg.qr(np.random.default_rng(2502).standard_normal((ROWS, DIM)))[0]
    return LeastSquares(A, A @ (COORDINATE.minimizer * sides()), scale=COORDINATE.curvature)


def sides() -> np.ndarray:
    """On which side of the symmetric point each weight's minimiser is: +1 or -1."""
    return np.where(np.arange(DIM) % 2, -1.0, 1.0)


def noisy(std: float) -> Reading:
    """Reading with normal noise of that standard deviation and nothing else; exactly for 0."""
    if not std:
        return Exact()
    return Converters(std, out_bound=math.inf, in_bound=math.inf, adc_bits=None, dac_bits=None)


def measured(rule: Algorithm, reading: float, grains: Grains, seeds: int, steps: int) -> np.ndarray:
    """What `rule` settles at, (measure, seed), from W = W* on; the last three fifths of its steps are averaged.

    error2: ||W - W*||^2, and excess: f(Wbar) - f*, both over the number of weights; bias: of W, away from the symmetric
    point, so that a pull towards it is negative.
    """
    squares, first = problem(), steps * 2 // 5
    pulses: dict[str, Hardware] = {name: Pulses(grain.dw_min, sigma_c=grain.sigma_c) for name, grain in grains.items()}
    runs = simulate(
        rule,
        squares,
        linear(COORDINATE.tau),
        noise=Gaussian(std=COORDINATE.std),
        start=squares.minimizer,
        steps=steps,
        seeds=seeds,
        record=Record(every=EVERY, average_from=first),
        hardware={name: pulses.get(name, Smooth()) for name in rule.arrays},
        reading=noisy(reading),
        rng=2502,
    ).isel(configuration=0)
    away = runs["mean_W"].values - squares.minimizer
    error2 = (away**2 + runs["var_W"].values).mean(-1)
    excess = runs["loss"].sel(step=runs["step"] >= first).mean("step").values - squares.f_star
    return np.stack([error2, excess / DIM, (away * sides()).mean(-1)])


def predicted(floor: Floor) -> list[float]:
    """The measures as predicted, in their order."""
    return [getattr(floor, name) for name in MEASURES]


def outside(value: np.ndarray, half: np.ndarray, prediction: np.ndarray) -> np.ndarray:
    """By how much a prediction is outside the interval value +- half, relative to the value; 0 inside."""
    return np.asarray(np.maximum(abs(value - prediction) - half, 0) / abs(value))


def ratio(first: np.ndarray, second: np.ndarray, together: int = 1) -> tuple[float, float]:
    """mean(first)/mean(second) over the same seeds, and the half-width of its interval (delta method, paired)."""
    value = float(first.mean() / second.mean())
    _, half = interval((first - value * second) / second.mean(), together)
    return value, float(half)


def told(values: Sequence[float]) -> str:
    """Numbers in a line."""
    return ", ".join(f"{value:g}" for value in values) or "none"
