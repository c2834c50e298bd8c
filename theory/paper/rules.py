"""Rules of ours that proofs lean on: from one coordinate to vectors, and inequalities that are well known.

A lifting rule is the step of an induction on the number of coordinates: what is already summed, and one more.
`statement.LIFTS` names the rules that a form may be lifted by, and `lifting` the shape of claim that each one takes.
"""

from __future__ import annotations

import sympy as sp

from ..statement import All, Form, Identity, Implication
from ..symbols import symbol
from . import statement

SUM, TERM = symbol("sum_so_far"), symbol("term")
A, B = symbol("a"), symbol("b")


@statement("lib-lift-sum", source="induction on the dimension")
def sum_over_coordinates() -> Form:
    """A sum of terms that are not negative is not negative: the step from D to D + 1 coordinates."""
    return Implication(given=(SUM >= 0, TERM >= 0), claim=SUM + TERM >= 0)


@statement("lib-lift-elementwise", source="definition of relations between vectors, entry by entry")
def element_by_element() -> Form:
    """A relation of vectors is, here, the conjunction over the coordinates: that of D, and one coordinate more.

    For =, <= and < the conjunction so far is one number: the largest distance is 0, the smallest gap >= 0 or > 0.
    """
    distance = symbol("largest_distance_so_far", "nonnegative")
    gap = symbol("smallest_gap_so_far")
    return All(
        (
            ("equal", Implication((sp.Eq(distance, 0), sp.Eq(A, B)), sp.Eq(sp.Max(distance, sp.Abs(A - B)), 0))),
            ("ordered", Implication((gap >= 0, A <= B), sp.Min(gap, B - A) >= 0)),
            ("strictly ordered", Implication((gap > 0, A < B), sp.Min(gap, B - A) > 0)),
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


@statement("lib-lift-maximum", source="definition of the maximum norm")
def maximum_norm() -> Form:
    """|x_d| <= c |y_d| in every coordinate gives max|x| <= c max|y|: the step from D to D + 1 of the largest."""
    x, y, c = symbol("x"), symbol("y"), symbol("c", "nonnegative")
    left, right = symbol("left_so_far", "nonnegative"), symbol("right_so_far", "nonnegative")
    return Implication(
        given=(sp.Abs(x) <= c * sp.Abs(y), left <= c * right),
        claim=sp.Max(left, sp.Abs(x)) <= c * sp.Max(right, sp.Abs(y)),
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


@statement("lib-cauchy-schwarz", source="Cauchy-Schwarz inequality, by induction on the dimension")
def cauchy_schwarz() -> Form:
    """<x, y> <= ||x|| ||y||: the step from D to D + 1 coordinates, the norms so far being s and t."""
    x, y, product = symbol("x"), symbol("y"), symbol("product_so_far")
    s, t = symbol("s", "nonnegative"), symbol("t", "nonnegative")
    so_far = (-s * t <= product, product <= s * t)
    squared = (s**2 + x**2) * (t**2 + y**2)
    return All(
        (
            ("signs apart", Implication(so_far, sp.Abs(product + x * y) <= s * t + sp.Abs(x * y))),
            ("squares", Implication((), (s * t + sp.Abs(x * y)) ** 2 <= squared)),
        )
    )


@statement(
    "lib-descent-lemma",
    source="the descent lemma for L-smooth f",
    uses=["lib-cauchy-schwarz"],
    reading="f differentiable, ||grad f(V) - grad f(W)|| <= L ||V - W||. Of analysis it takes the mean value theorem: "
    "with phi(t) = f(W + t d) - f(W) - t <grad f(W), d> - L t^2 ||d||^2 / 2, 0 at 0, phi(1) = phi'(t) at some t",
)
def descent_lemma() -> Form:
    """f(V) <= f(W) + <grad f(W), V - W> + (L/2) ||V - W||^2; at the t of the mean value theorem, size = ||V - W||."""
    L, size, t = symbol("L"), symbol("size", "nonnegative"), symbol("t", "nonnegative")
    here, there, slope, slope_t = (symbol(name) for name in ("f_here", "f_there", "slope", "slope_at_t"))
    change = symbol("gradient_change", "nonnegative")
    quadratic = L * t**2 * size**2 / 2
    mean_value = sp.Eq(there - here - slope - L * size**2 / 2, slope_t - slope - L * t * size**2)
    lipschitz, product = change <= L * t * size, slope_t - slope <= change * size
    return All(
        (
            ("the slope of the quadratic", Identity(sp.diff(quadratic, t), L * t * size**2)),
            ("the slope along the segment", Implication((lipschitz, product), slope_t - slope <= L * t * size**2)),
            (
                "the end of the segment",
                Implication((slope_t - slope <= L * t * size**2, mean_value), there <= here + slope + L * size**2 / 2),
            ),
        )
    )


@statement("lib-telescope", source="induction on the number of steps")
def telescope() -> Form:
    """e_{k+1} <= e_k - gain_k + more_k at every step gives sum gain <= e_0 - e_K + sum more: from K to K + 1 steps."""
    first, last, following = (symbol(name) for name in ("e_first", "e_last", "e_next"))
    gains, more, gain_k, more_k = (symbol(name) for name in ("gains", "more", "gain_k", "more_k"))
    so_far, step = gains <= first - last + more, following <= last - gain_k + more_k
    return Implication((so_far, step), gains + gain_k <= first - following + more + more_k)


@statement("lib-averaged-descent", source="lib-telescope, divided by the number of steps", uses=["lib-telescope"])
def averaged_descent() -> Form:
    """From c K mean <= e_0 - e_K + K more and e_K >= e*: mean <= (e_0 - e*)/(c K) + more/c, for every K >= 1.

    Mean is that of what each step gains, over c; more is the mean of what each step adds.
    """
    first, last, least = (symbol(name) for name in ("e_first", "e_last", "e_star"))
    mean, more, scale = symbol("mean"), symbol("more"), symbol("c", "positive")
    K = symbol("K")
    telescoped = scale * K * mean <= first - last + K * more
    return Implication((K >= 1, telescoped, least <= last), claim=mean <= (first - least) / (scale * K) + more / scale)
