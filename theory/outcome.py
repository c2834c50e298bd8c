"""What a method hands back, and how much work it may do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .statement import Status

Evidence = Mapping[str, Any]


@dataclass(frozen=True)
class Budget:
    """How much work settling may take, in units that do not depend on the machine.

    rlimit: Z3's (and cvc5's) resource units for one query; points: exact points that an identity or an implication is
    tried at; instances: instances drawn in each stage of a search over whole objects; operations: the largest
    expression that SymPy may simplify; generations: of the global optimiser; seed: of everything that draws.
    """

    rlimit: int = 3_000_000
    points: int = 400
    instances: int = 200
    operations: int = 400
    generations: int = 4
    seed: int = 0

    @classmethod
    def default(cls) -> Budget:
        """The budget of the default run."""
        return cls()

    @classmethod
    def quick(cls) -> Budget:
        """A fifth of the search of the default run, for a first look: what is refuted or proved so is so."""
        return cls(points=60, instances=40, generations=1)

    @classmethod
    def full(cls) -> Budget:
        """Ten times the work of the default run."""
        return cls(rlimit=30_000_000, points=4_000, instances=2_000, operations=1_000, generations=40)


@dataclass(frozen=True)
class Outcome:
    """Status, method and evidence of one attempt, and the dimension it holds for. Evidence holds JSON types only."""

    status: Status
    method: str
    evidence: Evidence = field(default_factory=dict)
    dimension: str = "1"

    def with_evidence(self, **more: Any) -> Outcome:
        """The same outcome with more evidence."""
        return replace(self, evidence={**self.evidence, **more})


_RANK = {"proved": 0, "supported": 1, "unsettled": 2, "refuted": 3}


def together(parts: Mapping[str, Outcome], dimension: str | None = None) -> Outcome:
    """The outcome of a claim with several parts: its weakest part's status, every part's evidence."""
    worst = max(parts.values(), key=lambda outcome: _RANK[outcome.status])
    refuted = [name for name, outcome in parts.items() if outcome.status == "refuted"]
    evidence: dict[str, Any] = {"refuted": refuted} if refuted else {}
    evidence["parts"] = {name: _entry(outcome) for name, outcome in parts.items()}
    methods = "; ".join(dict.fromkeys(outcome.method for outcome in parts.values()))
    shared = worst.dimension if refuted else common_dimension(outcome.dimension for outcome in parts.values())
    return Outcome(worst.status, worst.method if refuted else methods, evidence, dimension or shared)


def common_dimension(dimensions: Iterable[str]) -> str:
    """The dimensions for which every part holds; those of the parts side by side where they have none in common."""
    named = list(dict.fromkeys(dimension for dimension in dimensions if dimension != "every D"))
    if not named:
        return "every D"
    listed = [dimension.split(", ") for dimension in named]
    return ", ".join(d for d in listed[0] if all(d in other for other in listed)) or "; ".join(named)


def _entry(outcome: Outcome) -> dict[str, Any]:
    return {
        "verdict": outcome.status,
        "method": outcome.method,
        "dimension": outcome.dimension,
        **outcome.evidence,
    }
