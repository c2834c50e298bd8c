"""What an experiment's findings make of a claim about measurements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from .outcome import Outcome
from .statement import Measured
from .trust import trust


class Finding(Protocol):
    """A claim held against data: `agrees` is None where the data cannot tell."""

    @property
    def claim(self) -> str:
        """What is claimed, as it was read."""

    @property
    def agrees(self) -> bool | None:
        """Whether the data agree."""

    @property
    def evidence(self) -> str:
        """The numbers."""


def unseen(form: Measured) -> Outcome:
    """The outcome before the experiment was made."""
    why = f"needs the data of the experiment {form.experiment}, which `analog-theory verify` and `reproduce` make"
    return Outcome("unsettled", "none yet", {"why": why, "claim": form.says})


def judged(form: Measured, findings: Sequence[Finding]) -> Outcome:
    """Supported where all findings agree, refuted where one does not, unsettled where the data cannot tell.

    A measurement, not a proof: its numbers hold for the settings that were run, with the confidence that is told.
    """
    told: list[dict[str, Any]] = [
        {"claim": one.claim, "agrees": one.agrees, "evidence": one.evidence} for one in findings
    ]
    evidence: dict[str, Any] = {
        "claim": form.says,
        "experiment": form.experiment,
        "findings": told,
        "trust": list(trust("numpy", "scipy")),
    }
    method = f"simulation: {form.experiment} (a measurement, not a proof)"
    against = next((one for one in findings if one.agrees is False), None)
    if against is not None:
        told_against = f"not seen: {against.claim}; {against.evidence}"
        return Outcome("refuted", method, {"obstruction": told_against, **evidence}, form.dimension)
    if not findings or any(one.agrees is None for one in findings):
        why = "the data cannot tell" if findings else f"the experiment {form.experiment} says nothing of it"
        return Outcome("unsettled", method, {"why": why, **evidence}, form.dimension)
    seen = "; ".join(one.evidence for one in findings)
    return Outcome("supported", method, {"seen": seen, **evidence}, form.dimension)
