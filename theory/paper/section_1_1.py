"""Section 1.1: Figure 2 and what the paper reads from it, settled by our own pulses."""

from __future__ import annotations

from ..statement import Form, Measured
from . import statement


@statement(
    "text-1-14",
    source="Sec. 1.1",
    uses=["text-1-15"],
    reading="one response for which Tiki-Taka stays worse than Analog SGD, from the same start, shows it",
)
def tiki_taka_on_other_responses() -> Form:
    """Tiki-Taka does not converge on every linear response: with the generalised one it can end above Analog SGD."""
    return Measured("figure_2", "on a generalised linear response Tiki-Taka does not converge", "50")


@statement(
    "text-1-16",
    source="Sec. 1.1",
    uses=["figure-2"],
    reading="significantly: by a factor of ten in the loss; degrades: the loss rises from each c_lin to the next; for "
    "the paper's pair of responses and for the one-sided pair of the authors' script",
)
def tiki_taka_degrades() -> Form:
    """At c_lin = 0 Tiki-Taka is far better than Analog SGD; from 0.1 to 0.3 it degrades and becomes worse."""
    says = "Tiki-Taka is far better at c_lin = 0, and degrades from 0.1 to 0.3 until it is worse"
    return Measured("figure_2", says, "50")


@statement(
    "figure-2",
    source="Fig. 2",
    reading="the loss that the authors' script records, per weight; the granularity is at fault where half of dw_min, "
    "with as many pulses an update, at least halves the plateau",
)
def plateau() -> Form:
    """The error has a plateau of order 1e-5, which comes from the response granularity dw_min = 1e-4."""
    return Measured("figure_2", "the plateau is of order 1e-5 and comes from the granularity", "50")
