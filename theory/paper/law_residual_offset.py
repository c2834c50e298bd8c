"""Laws of ours about Residual Learning without the zero shift: where it settles, and when Analog SGD is nearer."""

from __future__ import annotations

import sympy as sp

from ..laws.residual_offset import ratio_of
from ..noise import folded_normal
from ..statement import All, Exists, Form, Identity, Implication, Measured
from ..symbols import symbol
from . import statement

V = symbol("v", "nonnegative")
OURS = "a law of ours"


@statement("lib-law-offset-ratio", source=OURS, uses=["eq-42"])
def offset_ratio() -> Form:
    """Under normal noise r = v/E|v + xi| grows with v: dr/dv = E[xi sign(v + xi)]/E|v + xi|^2 > 0, from r(0) = 0."""
    size = folded_normal(V, sp.S.One)
    peak = sp.sqrt(2 / sp.pi) * sp.exp(-(V**2) / 2)
    return All(
        (
            ("the slope", Identity(sp.diff(ratio_of(V), V), peak / size**2)),
            ("the start", Identity(ratio_of(sp.S.Zero), sp.S.Zero)),
        )
    )


@statement(
    "lib-law-offset-order",
    source=OURS,
    uses=["lib-reverse-triangle", "lib-law-offset-ratio"],
    reading="any additive noise of mean 0 that changes the sign of u + xi with some probability: E|u + xi| > |u|; "
    "E|u + xi| moves by no more than u does, by the triangle inequality",
)
def offset_order() -> Form:
    """Of two roots of u = r E|u + xi|, u >= 0, that with the larger r is larger: u_1 > u_2 exactly where r_1 > r_2."""
    one, two = symbol("u_1", "nonnegative"), symbol("u_2", "nonnegative")
    size_one, size_two, r_one, r_two = (symbol(name, "positive") for name in ("size_1", "size_2", "r_1", "r_2"))
    given = (
        size_one > one,
        size_two > two,
        sp.Abs(size_one - size_two) <= sp.Abs(one - two),
        sp.Eq(one, r_one * size_one),
        sp.Eq(two, r_two * size_two),
    )
    return All(
        (
            ("if", Implication((*given, r_one > r_two), one > two)),
            ("only if", Implication((*given, one > two), r_one > r_two)),
        )
    )


@statement(
    "lib-law-offset-several",
    source=OURS,
    uses=["lib-law-offset-order"],
    reading="two weights, additive noise, f = g^T H^{-1} g/2 at a gradient g; the diagonal of H^{-1} is 1",
)
def offset_in_several_weights() -> Form:
    """A larger |gradient| in every weight can leave f smaller: signs count, so that f has to be computed."""
    g_one, g_two, a_one, a_two, inverse = map(symbol, ("g_1", "g_2", "a_1", "a_2", "inverse_12"))
    residual, analog = ((x**2 + 2 * inverse * x * y + y**2) / 2 for x, y in ((g_one, g_two), (a_one, a_two)))
    given = (sp.Abs(inverse) < 1, sp.Abs(g_one) > sp.Abs(a_one), sp.Abs(g_two) > sp.Abs(a_two))
    return Exists(residual < analog, given)


@statement("lib-law-offset-measured", source=OURS, uses=["lib-law-offset-order"], experiment="residual_offset")
def offset_measured() -> Form:
    """Residual Learning and Tiki-Taka settle at one point, and change places with Analog SGD where the law says."""
    says = (
        "without the zero shift Residual Learning and Tiki-Taka settle at one point for small rates, and are nearer to "
        "W* than Analog SGD where the law says so, for normal noise, on a logistic loss and in two dimensions"
    )
    return Measured("residual_offset", says, "1 and 2")
