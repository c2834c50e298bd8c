"""A verdict's evidence in words: one line of it, and every failing part with the numbers to follow it by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .records import Record, listed

# In a failing part, what has a line of its own or is for programs; and what tells most of a verdict without a point.
_TOLD = (
    *("counterexample", "claim", "violated", "assumptions", "left", "right"),
    *("verdict", "method", "dimension", "seed", "trust", "query", "refuted", "lift", "recheck"),
)
_STRENGTH = ("proved", "supported", "unsettled", "refuted")
_TELLING = (
    "obstruction",
    "seen",
    "computed",
    "printed",
    "difference",
    "order",
    "slope",
    "interval",
    "instances",
    "tightest",
    "points",
)


def summary(record: Record) -> str:
    """One line of evidence for a verdict, with its method, its dimension and what it rests on."""
    told = "; ".join(filter(None, (_told(record["evidence"]), f"by {record['method']}")))
    rests = f"; rests on refuted {listed(record['rests_on'])}" if record["rests_on"] else ""
    return f"{told} (dimension: {record['dimension']}){rests}"


def _told(evidence: Record) -> str:
    if parts := evidence.get("parts"):
        name = _weakest(parts)
        return f"{name}: {_told(parts[name])}" if parts[name]["verdict"] != "proved" else f"{len(parts)} parts"
    if point := evidence.get("counterexample"):
        sides = f": {evidence['left']} against {evidence['right']}" if "left" in evidence else ""
        return f"fails at {_point(point)}{sides}"
    if "why" in evidence:
        return str(evidence["why"])
    if "terms" in evidence:
        return _certified(evidence)
    return ", ".join(f"{name} {_value(evidence[name])}" for name in _TELLING if name in evidence)


def _certified(evidence: Record) -> str:
    """What a certificate is made of, or what it lacks."""
    if "certificate" in evidence:
        return f"tightest {evidence['tightest']}, but no certificate: {evidence['certificate']}"
    made = (("term", len(evidence["terms"])), ("premise", len(evidence["premises"])))
    parts = " and ".join(f"{number} {word}{'s' * (number != 1)}" for word, number in made if number)
    read = listed(evidence["sum"].get("read", ()))
    taken = f", {read} as it is read" if read else ""
    return f"sum of {parts}{taken}, checked at {evidence['sum']['exact_instances']} exact instances"


def _weakest(parts: Record) -> str:
    """The part that decides the verdict of a claim with several."""
    return max(parts, key=lambda name: _STRENGTH.index(parts[name]["verdict"]))


def _point(point: Record) -> str:
    return ", ".join(f"{name} = {_value(value)}" for name, value in point.items())


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"({_point(value)})"
    return f"[{', '.join(map(_value, value))}]" if isinstance(value, list | tuple) else str(value)


def failing(evidence: Record, name: str = "") -> Iterator[dict[str, Any]]:
    """The parts of a refuted claim that fail: point, assumptions at it, the two sides, and what else is short."""
    if "parts" in evidence:
        for part in evidence.get("refuted", ()):
            yield from failing(evidence["parts"][part], part)
        return
    yield {
        "name": name,
        "claim": evidence.get("violated", evidence.get("claim", "")),
        "point": {key: _value(value) for key, value in evidence.get("counterexample", {}).items()},
        "assumptions": {text: told for text, told in evidence.get("assumptions", {}).items() if text != "True"},
        "left": evidence.get("left"),
        "right": evidence.get("right"),
        "more": {key: _value(value) for key, value in evidence.items() if key not in _TOLD and _is_short(value)},
    }


def _is_short(value: Any) -> bool:
    return isinstance(value, str | int | float) and len(str(value)) <= 200
