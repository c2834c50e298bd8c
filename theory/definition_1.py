"""Definition 1, the response class: bounded away from 0 and oo, differentiable with bounded derivative."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import sympy as sp

from .zeros import extremes, pieces, value_at


@dataclass(frozen=True)
class Membership:
    """Whether a pair lies in Definition 1 on an interval; where not, the point that offends and why.

    q_min and q_max are the least and the largest response, slope_max the largest |dq_s/dw|, over both polarities;
    oo where unbounded.
    """

    holds: bool
    q_min: sp.Expr
    q_max: sp.Expr
    slope_max: sp.Expr
    offending: sp.Expr | None = None
    reason: str = ""


def membership(q_plus: sp.Expr, q_minus: sp.Expr, w: sp.Symbol, low: sp.Expr, high: sp.Expr) -> Membership:
    """Membership of the pair q_+, q_- in Definition 1 on the closed interval [low, high]."""
    pair = {"q_plus": q_plus, "q_minus": q_minus}
    ends = {name: extremes(q, w, low, high) for name, q in pair.items()}
    steep = {name: _steepest(q, w, low, high) for name, q in pair.items()}
    flaws = [flaw for name, q in pair.items() for flaw in _flaws(name, q, ends[name], steep[name], w, low, high)]
    point, reason = flaws[0] if flaws else (None, "")
    return Membership(
        not flaws,
        min((least for (least, _), _ in ends.values()), key=sp.N),
        max((largest for _, (largest, _) in ends.values()), key=sp.N),
        max((slope for slope, _ in steep.values()), key=sp.N),
        point,
        reason,
    )


def _steepest(q: sp.Expr, w: sp.Symbol, low: sp.Expr, high: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    found = []
    for a, b, smooth in pieces(q, w, low, high):
        (least, at_least), (largest, at_largest) = extremes(sp.diff(smooth, w), w, a, b)
        found += [(abs(least), at_least), (abs(largest), at_largest)]
    return max(found, key=lambda pair: sp.N(pair[0]))


def _flaws(
    name: str,
    q: sp.Expr,
    ends: tuple[tuple[sp.Expr, sp.Expr], tuple[sp.Expr, sp.Expr]],
    steep: tuple[sp.Expr, sp.Expr],
    w: sp.Symbol,
    low: sp.Expr,
    high: sp.Expr,
) -> list[tuple[sp.Expr, str]]:
    (least, at_least), (largest, at_largest) = ends
    found = []
    if not least > 0:
        found.append((at_least, f"{name}({at_least}) = {least}, not > 0"))
    if largest.is_infinite:
        found.append((at_largest, f"{name} is unbounded at {at_largest}"))
    found += _kinks(name, q, w, low, high)
    if steep[0].is_infinite:
        found.append((steep[1], f"the derivative of {name} is unbounded at {steep[1]}"))
    return found


def _kinks(name: str, q: sp.Expr, w: sp.Symbol, low: sp.Expr, high: sp.Expr) -> list[tuple[sp.Expr, str]]:
    found = []
    for (_, joint, left), (_, _, right) in pairwise(pieces(q, w, low, high)):
        if sp.simplify(value_at(left, w, joint, "-") - value_at(right, w, joint)) != 0:
            found.append((joint, f"{name} jumps at {joint}"))
        elif sp.simplify(value_at(sp.diff(left, w), w, joint, "-") - value_at(sp.diff(right, w), w, joint)) != 0:
            found.append((joint, f"{name} is not differentiable at {joint}"))
    return found
