"""How far the digital buffer of section 5 strays: H <- (1 - b) H + b (P + eps), (14), with W at rest.

H is an autoregression: H_k - mean = b sum_j (1 - b)^j (P + eps - mean)_{k-j}. Readings of standard deviation s are
white; P, where the gradient's noise moves it, remembers a share of its distance from its mean from step to step. The
law is exact at every rate 0 < b < 2.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..law import Inputs, Law, Parameter, Prediction
from ..validate import nonnegative, positive


def covariance(rate: Any, std_P: Any, memory: Any) -> Any:
    """Cov(H, P) after the reading, in any algebra."""
    return rate * std_P**2 / (1 - memory * (1 - rate))


def variance(rate: Any, reading: Any, std_P: Any = 0, memory: Any = 0) -> Any:
    """Var H of the buffer (14), in any algebra.

    Parameters
    ----------
    rate : b, with 0 < b < 2.
    reading : standard deviation of the noise in reading P.
    std_P, memory : standard deviation of P around its mean, and the share of its distance from it that it keeps in a
        step, with |memory| < 1.
    """
    moved = std_P**2 * (1 + memory * (1 - rate)) / (1 - memory * (1 - rate))
    return rate * (reading**2 + moved) / (2 - rate)


def off_square(rate: Any, reading: Any, std_P: Any = 0, memory: Any = 0) -> Any:
    """E(H - P)^2 after the reading, in any algebra."""
    return variance(rate, reading, std_P, memory) + std_P**2 - 2 * covariance(rate, std_P, memory)


STABLE, REMEMBERS = "0 < buffer < 2", "-1 < memory_P < 1"
WHY = {
    STABLE: "1 - buffer is at most -1, so the average grows from step to step",
    REMEMBERS: "P does not come to rest",
}


def _predict(inputs: Inputs) -> Prediction:
    rate, reading = positive("buffer", inputs["buffer"]), nonnegative("reading", inputs["reading"])
    moving = nonnegative("std_P", inputs["std_P"]), inputs["memory_P"]
    met = {STABLE: bool(rate < 2), REMEMBERS: bool(abs(inputs["memory_P"]) < 1)}
    order, names = "exact at every rate of the buffer; mean_abs_H for a normal P", ("std_H", "mean_abs_H", "off_P")
    reasons = {name: WHY[name] for name, holds in met.items() if not holds}
    if reasons:
        return Prediction(dict.fromkeys(names), order, met, reasons)
    std, off = (float(sp.sqrt(f(rate, reading, *moving))) for f in (variance, off_square))
    return Prediction(dict(zip(names, (std, std * float(sp.sqrt(2 / sp.pi)), off), strict=True)), order, met)


LAW = Law(
    "buffer-radius",
    "how far the digital buffer strays from the residual array, by its rate",
    (
        Parameter("buffer", "rate b of the average (14)", "1 a step", 0.1),
        Parameter("reading", "standard deviation of the noise in reading P", "weight", 0.1),
        Parameter("std_P", "standard deviation of P itself", "weight", 0.0),
        Parameter("memory_P", "share of its distance from its mean that P keeps in a step", "1", 0.0),
    ),
    _predict,
    figure="noisy_reading",
    statements=("lib-law-buffer-radius",),
)
