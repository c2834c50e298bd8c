"""Which claims a lifting rule takes from one coordinate to vectors: the shape that each rule demands."""

from __future__ import annotations

import sympy as sp

from .statement import Identity, Implication, SumOverCoordinates

NORMS = ("lib-lift-weighted-norm", "lib-lift-maximum")


def misfit(form: Identity | Implication | SumOverCoordinates) -> str | None:
    """Why the rule that a form names does not take its claim, or None where it does."""
    match form:
        case Implication(lift="lib-lift-sum") if not is_term(form.claim):
            return "lib-lift-sum takes claims term >= 0"
        case Implication(lift=lift) if lift in NORMS and not is_proportion(form.claim):
            return f"{lift} takes claims |x| <= c |y|, with c >= 0 free of the symbols of x and y"
        case Identity(lift=lift) if lift != "lib-lift-elementwise":
            return f"{lift} takes no equalities"
    return None


def is_term(claim: sp.Basic) -> bool:
    """Whether a claim is term >= 0."""
    return isinstance(claim, sp.Ge | sp.Le) and bool(claim.lts == 0)


def is_proportion(claim: sp.Basic) -> bool:
    """Whether a claim is |x| <= c |y|, for some c >= 0 that shares no symbol with the coordinates x and y."""
    if not isinstance(claim, sp.Ge | sp.Le) or not claim.lts.is_nonnegative:
        return False
    sizes, constant = [], sp.S.One
    for factor in sp.Mul.make_args(claim.gts):
        if isinstance(factor, sp.Abs):
            sizes.append(factor)
        else:
            constant *= factor
    coordinate = sp.Mul(claim.lts, *sizes, evaluate=False).free_symbols
    return bool(sizes and constant.is_nonnegative and not constant.free_symbols & coordinate)
