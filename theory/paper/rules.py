"""Rules of ours that proofs lean on: from one coordinate to vectors, and inequalities that are well known.

A lifting rule is the step of an induction on the number of coordinates: what is already summed, and one more.
"""

from __future__ import annotations

import sympy as sp

from ..statement import All, Form, Implication
from ..symbols import symbol
from . import statement

SUM, TERM = symbol("sum_so_far"), symbol("term")
A, B = symbol("a"), symbol("b")


@statement("lib-lift-sum", source="induction on the dimension")
def sum_over_coordinates() -> Form:
    """A sum of terms that are not negative is not negative: the step from D to D + 1 coordinates."""
    return Implication(given=(SUM >= 0, TERM >= 0), claim=SUM + TERM >= 0)


@statement("lib-lift-elementwise", source="definition of equality and order of vectors")
def element_by_element() -> Form:
    """Vectors that agree so far still agree, or are ordered, with one coordinate more: largest distance and gap."""
    distance = symbol("largest_distance_so_far", "nonnegative")
    gap = symbol("smallest_gap_so_far")
    return All(
        (
            ("equal", Implication((sp.Eq(distance, 0), sp.Eq(A, B)), sp.Eq(sp.Max(distance, sp.Abs(A - B)), 0))),
            ("ordered", Implication((gap >= 0, A <= B), sp.Min(gap, B - A) >= 0)),
        )
    )


@statement("lib-lift-weighted-norm", source="definition of ||.||_S")
def weighted_norm() -> Form:
    """|x_d| <= c |y_d| in every coordinate gives ||x||_S <= c ||y||_S: the step from D to D + 1 of the squares."""
    x, y, c = symbol("x"), symbol("y"), symbol("c", "nonnegative")
    weight = symbol("s", "nonnegative")
    left, right = symbol("left_so_far", "nonnegative"), symbol("right_so_far", "nonnegative")
    return Implication(
        given=(sp.Abs(x) <= c * sp.Abs(y), left <= c**2 * right),
        claim=left + weight * x**2 <= c**2 * (right + weight * y**2),
    )


@statement("lib-young", source="Young's inequality")
def young() -> Form:
    """2 |x y| <= e x^2 + y^2 / e for every e > 0."""
    x, y, e = symbol("x"), symbol("y"), symbol("e", "positive")
    return Implication(given=(), claim=2 * sp.Abs(x * y) <= e * x**2 + y**2 / e)


@statement("lib-reverse-triangle", source="reverse triangle inequality")
def reverse_triangle() -> Form:
    """||x| - |y|| <= |x - y|."""
    return Implication(given=(), claim=sp.Abs(sp.Abs(A) - sp.Abs(B)) <= sp.Abs(A - B))
