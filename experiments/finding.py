"""What a figure's data says about one claim of the paper."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """A claim held against data: `agrees` is True, False, or None where the data cannot tell; `evidence` says why.

    id is the paper's id of the claim, or empty for one of ours.
    """

    id: str
    claim: str
    agrees: bool | None
    evidence: str
