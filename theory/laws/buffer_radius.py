"""How far the digital buffer of section 5 strays: H <- (1 - b) H + b (P + eps), (14), with the residual array at rest.

H is an autoregression: H_k - P = b sum_j (1 - b)^j eps_{k-j}, so that Var H = b s^2/(2 - b) for readings of standard
deviation s. The law is exact at every rate 0 < b < 2.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..law import Inputs, Law, Parameter, Prediction
from ..validate import nonnegative, positive


def variance(rate: Any, reading: Any) -> Any:
    """Var H of the buffer (14) with that rate, for readings of P with that standard deviation, in any algebra."""
    return rate * reading**2 / (2 - rate)


def _predict(inputs: Inputs) -> Prediction:
    rate, reading = positive("buffer", inputs["buffer"]), nonnegative("reading", inputs["reading"])
    stable = rate < 2
    std = float(sp.sqrt(variance(rate, reading))) if stable else None
    return Prediction(
        {"std_H": std, "mean_abs_H": std * float(sp.sqrt(2 / sp.pi)) if std is not None else None},
        "exact at every rate of the buffer",
        {"0 < buffer < 2": bool(stable)},
        {} if stable else {"0 < buffer < 2": "1 - buffer is at most -1, so the average grows from step to step"},
    )


LAW = Law(
    "buffer-radius",
    "how far the digital buffer strays from the residual array at rest, by its rate",
    (
        Parameter("buffer", "rate b of the average (14)", "1 a step", 0.1),
        Parameter("reading", "standard deviation of the noise in reading P", "weight", 0.1),
    ),
    _predict,
)
