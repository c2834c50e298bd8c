"""False neighbours of a statement, which a method must refute before its proof of the statement counts."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp
from sympy.core.relational import Relational

from .exact import text

Variant = tuple[str, tuple[sp.Basic, ...], sp.Basic]


def variants(given: tuple[sp.Basic, ...], claim: sp.Basic) -> Iterator[Variant]:
    """Likely false neighbours of a statement: a constant weakened, a sign turned, an assumption dropped.

    That the claim is denied is none of them: any point that meets the assumptions refutes it.
    """
    if isinstance(claim, sp.And):  # args are ordered, make_args are not
        part = next((part for part in claim.args if isinstance(part, Relational)), None)
        yield from ((how, given, variant) for how, variant in (_weakened(part) if part is not None else ()))
    else:
        for part in sorted(claim.atoms(Relational), key=sp.default_sort_key):
            yield from ((how, given, claim.xreplace({part: weaker})) for how, weaker in _weakened(part))
    for index, dropped in enumerate(given):
        yield f"without the assumption {text(dropped)}", given[:index] + given[index + 1 :], claim


def _weakened(relation: Relational) -> Iterator[tuple[str, sp.Basic]]:
    left, right = relation.args
    kind = type(relation)
    nine = sp.Rational(9, 10)
    tight = isinstance(relation, sp.Lt | sp.Le)
    yield "a side scaled by 9/10", kind(left, nine * right) if tight else kind(nine * left, right)
    yield (
        "a side moved by 1/10",
        kind(left, right - sp.Rational(1, 10)) if tight else kind(left, right + sp.Rational(1, 10)),
    )
    yield "a sign turned", kind(left, -right)


def perturbed(side: sp.Expr) -> Iterator[tuple[str, sp.Expr]]:
    """False neighbours of one side of an identity: one term's sign turned, the side scaled, the side moved."""
    terms = sp.Add.make_args(sp.expand(side))
    if len(terms) > 1:
        yield "the sign of a term turned", side - 2 * terms[-1]
    yield "a side scaled by 9/10", sp.Rational(9, 10) * side
    yield "a side moved by 1/10", side + sp.Rational(1, 10)
