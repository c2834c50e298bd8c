"""Appendix E: the estimate of time consumption (Table 3), in nanoseconds per layer."""

from __future__ import annotations

import sympy as sp

from ..statement import All, Form, Published
from . import statement

PULSES, PULSE, PREPROCESSING, PRODUCT = sp.Integer(32), sp.Integer(5), sp.Rational("5.9"), sp.Integer(40)
ANALOG_UPDATE = PULSES * PULSE + PREPROCESSING
RESIDUAL_UPDATE = 2 * ANALOG_UPDATE + PRODUCT


@statement("table-3", source="App. E, Table 3")
def time_consumption() -> Form:
    """Table 3 follows from 32 pulses of 5 ns, 5.9 ns of preprocessing and one more product of 40 ns."""
    return All(
        (
            ("update, Analog SGD", Published(ANALOG_UPDATE, "165.9", "ns")),
            ("update, Residual Learning", Published(RESIDUAL_UPDATE, "371.8", "ns")),
        )
    )


@statement("text-e-5", source="App. E", uses=["table-3"])
def overhead() -> Form:
    """The time of Residual Learning is about twice that of Analog SGD, for the update and for the whole step."""
    whole = (PRODUCT + RESIDUAL_UPDATE) / (PRODUCT + ANALOG_UPDATE)
    return All(
        (
            ("update", Published(RESIDUAL_UPDATE / ANALOG_UPDATE, "2")),
            ("forward, backward and update", Published(whole, "2")),
        )
    )
