"""Section 1.1: Figure 2 and what the paper reads from it, settled by our own pulses."""

from __future__ import annotations

from ..statement import Form, Measured
from . import statement


@statement(
    "text-1-14",
    source="Sec. 1.1",
    uses=["text-1-15"],
    reading="one response for which its loss rises, and ends above where it starts, shows it; for the paper's pair at "
    "c_lin = 0.3, with the pulse cap of the authors' script",
    experiment="figure_2",
)
def tiki_taka_on_other_responses() -> Form:
    """Tiki-Taka does not converge on every linear response: with the generalised one its loss can rise."""
    return Measured("figure_2", "on a generalised linear response Tiki-Taka does not converge", "50")


@statement(
    "text-1-16",
    source="Sec. 1.1",
    uses=["figure-2"],
    reading="after the 1000 steps of the figure; significantly: by a factor of ten in the loss; degrades: the loss "
    "rises from each c_lin to the next; for the paper's pair of responses and for the one-sided pair of the script",
    experiment="figure_2",
)
def tiki_taka_degrades() -> Form:
    """At c_lin = 0 Tiki-Taka is far better than Analog SGD; from 0.1 to 0.3 it degrades and becomes worse."""
    says = "Tiki-Taka is far better at c_lin = 0, and degrades from 0.1 to 0.3 until it is worse"
    return Measured("figure_2", says, "50")


@statement(
    "figure-2",
    source="Fig. 2",
    reading="the loss that the authors' script records, per weight; the granularity is at fault where half of dw_min, "
    "with updates that reach as far, at least halves the plateau",
    experiment="figure_2",
)
def plateau() -> Form:
    """The error has a plateau of order 1e-5, which comes from the response granularity dw_min = 1e-4."""
    return Measured("figure_2", "the plateau is of order 1e-5 and comes from the granularity", "50")


@statement(
    "figure-2.amended-1",
    source="Fig. 2",
    amends="figure-2",
    judgement="error",
    reading="if a finer device is given no more pulses an update, the largest transfer shrinks with dw_min, and so "
    "does the plateau: in this sense, which the amendment states, the caption holds",
    experiment="figure_2",
)
def plateau_of_the_reading() -> Form:
    """The plateau comes from the noise in reading P, which is sent as up to 31 pulses of dw_min."""
    says = "the plateau comes from the noise in reading P, sent as up to 31 pulses, and falls with 31 dw_min"
    return Measured("figure_2", says, "50")
