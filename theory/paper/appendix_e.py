"""Appendix E: the estimate of time consumption (Table 3), in nanoseconds per layer."""

from __future__ import annotations

import sympy as sp

from ..algorithm import AnalogSGD, ResidualLearning
from ..statement import All, Form, Published
from . import statement

PULSES, PULSE, PREPROCESSING, PRODUCT = sp.Integer(32), sp.Integer(5), sp.Rational("5.9"), sp.Integer(40)
ANALOG_UPDATE = PULSES * PULSE + PREPROCESSING
RESIDUAL_UPDATE = 2 * ANALOG_UPDATE + PRODUCT


def _memory() -> Form:
    """The number of analog arrays of Residual Learning, to that of Analog SGD."""
    return Published(sp.Rational(len(ResidualLearning.arrays), len(AnalogSGD.arrays)), "2", "arrays")


def _whole_step() -> sp.Expr:
    """The time of a step of Residual Learning, forward, backward and update, to that of Analog SGD."""
    return (PRODUCT + RESIDUAL_UPDATE) / (PRODUCT + ANALOG_UPDATE)


@statement(
    "text-e-1",
    source="App. E",
    uses=["table-3"],
    reading="`latency`: the time of a step in Table 3; `almost unchanged`: in the ratio 1, to the digit",
)
def memory_and_latency() -> Form:
    """The analog memory doubles, while the time of a step remains almost the same."""
    return All((("memory", _memory()), ("latency", Published(_whole_step(), "1"))))


@statement(
    "text-e-1.amended-1",
    source="App. E",
    amends="text-e-1",
    judgement="slip",
    reading="the latency of the forward and backward passes alone; that of the whole step doubles (text-e-5)",
    uses=["table-3"],
)
def memory_and_latency_of_the_passes() -> Form:
    """The analog memory doubles; forward and backward passes take as long, 40.0 ns, the whole step twice as long."""
    return All(
        (
            ("memory", _memory()),
            ("forward and backward", Published(PRODUCT, "40.0", "ns")),
            ("whole step", Published(_whole_step(), "2")),
        )
    )


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
    return All(
        (
            ("update", Published(RESIDUAL_UPDATE / ANALOG_UPDATE, "2")),
            ("forward, backward and update", Published(_whole_step(), "2")),
        )
    )
