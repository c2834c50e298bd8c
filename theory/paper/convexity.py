"""Rules of ours about mu-strongly convex, L-smooth objectives: interpolation, and what follows from it.

What is trusted is the first-order form of Assumptions 1 and 3, at any two points x and y, with r = y - x:
f(x) + <grad f(x), r> + (mu/2)||r||^2 <= f(y) <= f(x) + <grad f(x), r> + (L/2)||r||^2. From it interpolation is proved
in scalars (inner products and squared norms, so in every dimension); and it is proved, term by term, for the objectives
that instances are drawn from. The other rules rest on these two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import sympy as sp

from ..domains import gradient, norm2, reflection, strongly_convex, value
from ..statement import All, Assumption, Certified, Field, ForAll, Form, Implication, Instance, Premise, Sides, Term
from ..symbols import symbol
from . import statement
from .residual_step import slack

MU, L = symbol("mu"), symbol("L")

pair = Assumption(
    "a second point",
    "any V",
    holds=lambda _: True,
    fields=(Field("V", ("D",), -2, 2),),
)
PAIRS = (strongly_convex, pair)
SIZES = (1, 2, 3)
Sided = Callable[[Instance, Any, Any], Sides]


def two_points(instance: Instance) -> tuple[Any, Any]:
    """W and V."""
    return instance["W"], instance["V"]


# What the rules compare, at any two points of an instance with an objective


def excess(instance: Instance, x: Any, y: Any) -> Any:
    """f(x) - f(y) - <grad f(y), x - y>."""
    return value(instance, x) - value(instance, y) - gradient(instance, y) @ (x - y)


def convexity(instance: Instance, x: Any, y: Any) -> Sides:
    """(mu/2) ||x - y||^2 <= f(x) - f(y) - <grad f(y), x - y>."""
    return Sides(instance["mu"] * norm2(x - y) / 2, excess(instance, x, y))


def interpolation(instance: Instance, x: Any, y: Any) -> Sides:
    """||d||^2 + mu L ||r||^2 - 2 mu <d, r> <= 2 (L - mu) (f(x) - f(y) - <grad f(y), r>); r = x - y, d of gradients."""
    r, d = x - y, gradient(instance, x) - gradient(instance, y)
    mu, L = instance["mu"], instance["L"]
    return Sides(norm2(d) + mu * L * norm2(r) - 2 * mu * (d @ r), 2 * (L - mu) * excess(instance, x, y))


def nesterov(instance: Instance, x: Any, y: Any) -> Sides:
    """(mu L/(mu + L)) ||r||^2 + ||d||^2/(mu + L) <= <d, r>, with r = x - y and d of their gradients."""
    r, d = x - y, gradient(instance, x) - gradient(instance, y)
    mu, L = instance["mu"], instance["L"]
    return Sides((mu * L * norm2(r) + norm2(d)) / (mu + L), d @ r)


def monotonicity(instance: Instance, x: Any, y: Any) -> Sides:
    """<d, r> is at least mu ||r||^2."""
    r, d = x - y, gradient(instance, x) - gradient(instance, y)
    return Sides(instance["mu"] * norm2(r), d @ r)


def gradient_growth(instance: Instance, x: Any) -> Sides:
    """mu^2 ||x - W*||^2 <= ||grad f(x)||^2."""
    return Sides(instance["mu"] ** 2 * norm2(x - instance["W_star"]), norm2(gradient(instance, x)))


def quadratic_growth(instance: Instance, x: Any) -> Sides:
    """(mu/2) ||x - W*||^2 <= f(x) - f*."""
    W_star = instance["W_star"]
    return Sides(instance["mu"] * norm2(x - W_star) / 2, value(instance, x) - value(instance, W_star))


def gradient_dominance(instance: Instance, x: Any) -> Sides:
    """2 mu (f(x) - f*) <= ||grad f(x)||^2."""
    gap = value(instance, x) - value(instance, instance["W_star"])
    return Sides(2 * instance["mu"] * gap, norm2(gradient(instance, x)))


# The objectives of the domain, along their axes: x and y at u and v from W*, with the curvatures of their sides

U, V = symbol("u"), symbol("v")
ABOVE_MU_X, ABOVE_MU_Y, BELOW_L_X, BELOW_L_Y = (
    symbol(f"curvature_{side}_at_{point}", "nonnegative") for side in ("above_mu", "below_L") for point in "xy"
)
TOGETHER = sp.Max(U * V, 0)  # not 0 on one side of W* only, where both curvatures are the same
ONE_SIDE = (sp.Eq((ABOVE_MU_X - ABOVE_MU_Y) * TOGETHER, 0), sp.Eq((BELOW_L_X - BELOW_L_Y) * TOGETHER, 0))


def _along(instance: Instance) -> Mapping[str, Any]:
    """Both points of an instance along the axes, and how far their curvatures are from mu and from L."""
    turned = reflection(instance["axis"]).T
    found: dict[str, Any] = {}
    for name, letter, point in zip("uv", "xy", two_points(instance), strict=True):
        along = turned @ (point - instance["W_star"])
        curvature = np.where(along < 0, instance["h_left"], instance["h_right"])
        beyond = {f"curvature_above_mu_at_{letter}": curvature - instance["mu"]}
        found |= {name: along, **beyond, f"curvature_below_L_at_{letter}": instance["L"] - curvature}
    return found


def on_pairs(sides: Sided, says: str, *terms: Term, premises: tuple[Premise, ...] = ()) -> Certified:
    """Left <= right at any two points W and V of the domain's objectives."""
    claim = ForAll(PAIRS, lambda instance: sides(instance, *two_points(instance)), says, SIZES)
    return Certified(claim, terms, premises)


def at_one(
    sides: Callable[[Instance, Any], Sides], says: str, *terms: Term, premises: tuple[Premise, ...] = ()
) -> Certified:
    """Left <= right at any point W of the domain's objectives."""
    claim = ForAll((strongly_convex,), lambda instance: sides(instance, instance["W"]), says, SIZES)
    return Certified(claim, terms, premises)


# Assumption 3

SQUARE, EXCESS = symbol("distance_squared", "nonnegative"), symbol("excess")


def _own_definition() -> Form:
    """What the domain's predicate admits is mu-strongly convex by the definition: its two faces agree."""
    term = Term(ABOVE_MU_X * U**2 / 2 + ABOVE_MU_Y * V**2 / 2 - ABOVE_MU_Y * U * V, ONE_SIDE[:1], _along)
    return on_pairs(convexity, "f(W) >= f(V) + <grad f(V), W - V> + (mu/2)||W - V||^2", term)


@statement("assumption-3", source="Sec. 4, Assumption 3", uses=["assumption-1"])
def strong_convexity() -> Form:
    """Strong convexity: the domain's f are mu-strongly convex, none with less curvature is; W* is unique; mu <= L."""
    there, least, step, h = symbol("f_at_V"), symbol("f_star"), symbol("t", "nonzero"), symbol("h")
    growth = MU * SQUARE / 2 <= there - least
    both = (MU * SQUARE / 2 <= EXCESS, EXCESS <= L * SQUARE / 2, SQUARE > 0)
    flat = Implication((h < MU,), h * step**2 / 2 < MU * step**2 / 2)
    return All(
        (
            ("the domain's f are", _own_definition()),
            ("one with less curvature is not", flat),
            ("no second minimiser", Implication((growth, there <= least), sp.Eq(SQUARE, 0))),
            ("mu <= L where f is L-smooth", Implication(both, MU <= L)),
        )
    )


# Interpolation, and what follows

DD, RR, DR = (symbol(name) for name in ("gradient_gap_squared", "distance_squared_x_y", "inner_product_gaps"))


def _from_first_order() -> Form:
    """Convexity from y to z and descent from x to z, for z = x - t c, add up to it: t = 1/(L - mu), c = d - mu r.

    r = x - y, d = grad f(x) - grad f(y), so that ||d||^2 + mu L ||r||^2 - 2 mu <d, r> = ||c||^2 + (mu/t) ||r||^2.
    """
    at_x, at_y, at_z = (symbol(f"f_at_{name}") for name in "xyz")
    cc, rr, cr = symbol("c_c", "nonnegative"), symbol("r_r", "nonnegative"), symbol("c_r")
    yr, yc, t = symbol("grad_y_r"), symbol("grad_y_c"), symbol("t", "positive")
    convex = at_y + yr - t * yc + MU * (rr - 2 * t * cr + t**2 * cc) / 2 <= at_z
    smooth = at_z <= at_x - t * (yc + cc + MU * cr) + (MU + 1 / t) * t**2 * cc / 2
    return Implication((convex, smooth), MU * rr / 2 + t * cc / 2 <= at_x - at_y - yr)


@statement("lib-interpolation-in-scalars", source="Nesterov, Introductory lectures, Theorem 2.1.5, (2.1.10)")
def interpolates_in_scalars() -> Form:
    """Interpolation follows, in every dimension, from convexity and descent: Assumptions 1 and 3 in first order."""
    return _from_first_order()


@statement(
    "lib-interpolation",
    source="Taylor, Hendrickx, Glineur: Smooth strongly convex interpolation, 2017, Theorem 4 (necessity)",
    uses=["lib-interpolation-in-scalars", "assumption-1", "assumption-3"],
)
def interpolates() -> Form:
    """||d||^2 + mu L ||r||^2 - 2 mu <d, r> <= 2 (L - mu) (f(x) - f(y) - <grad f(y), r>), d and r between x and y."""
    gap = BELOW_L_X * ABOVE_MU_X * U**2 + BELOW_L_Y * ABOVE_MU_Y * V**2 - 2 * BELOW_L_X * ABOVE_MU_Y * U * V
    return on_pairs(interpolation, "interpolation at W and V", Term(gap, ONE_SIDE, _along))


def between(instance: Instance, x: Any, y: Any) -> Instance:
    """The instance with x for W and y for V."""
    return {**instance, "W": x, "V": y, "gradient": gradient(instance, x)}


def at_points(
    id: str,
    sides: Sided,
    points: Callable[[Instance], tuple[tuple[Any, Any], ...]],
    weight: Callable[[Instance], Any] = lambda _: 1,
) -> Premise:
    """A rule about W and V as a premise at other pairs of points, each with the same weight."""

    def at(instance: Instance) -> list[tuple[Any, Instance]]:
        return [(weight(instance), between(instance, *pair)) for pair in points(instance)]

    return Premise(id, lambda instance: slack(sides(instance, *two_points(instance))), at)


def both_ways(instance: Instance) -> tuple[tuple[Any, Any], ...]:
    """From W to V and from V to W."""
    W, V = two_points(instance)
    return (W, V), (V, W)


def from_the_minimiser(name: str) -> Callable[[Instance], tuple[tuple[Any, Any], ...]]:
    """From W* to the point of that name, which stands first."""
    return lambda instance: ((instance[name], instance["W_star"]),)


def rule_at_one(sides: Callable[[Instance, Any], Sides]) -> Sided:
    """A rule about one point as one about two, the second of which it leaves aside."""
    return lambda instance, x, _: sides(instance, x)


@statement("lib-nesterov-2-1-9", source="Nesterov, Introductory lectures, Theorem 2.1.9", uses=["lib-interpolation"])
def nesterov_product() -> Form:
    """<d, r> >= (mu L/(mu + L)) ||r||^2 + ||d||^2/(mu + L): interpolation from x to y and from y to x, added."""
    added = at_points("lib-interpolation", interpolation, both_ways, lambda i: 1 / (2 * (i["mu"] + i["L"])))
    return on_pairs(nesterov, "at W and V", premises=(added,))


@statement("lib-strong-monotonicity", source="Assumption 3 from x to y and from y to x", uses=["assumption-3"])
def monotone_gradient() -> Form:
    """<grad f(x) - grad f(y), x - y> >= mu ||x - y||^2."""
    return on_pairs(monotonicity, "at W and V", premises=(at_points("assumption-3", convexity, both_ways),))


# Distance from the minimiser

GRADIENT, AWAY = symbol("grad"), symbol("away")


def _off_the_line() -> Term:
    """(grad f(x) - mu (x - W*))^2 in each coordinate."""

    def at(instance: Instance) -> Mapping[str, Any]:
        return {"grad": instance["gradient"], "away": instance["W"] - instance["W_star"], "mu": instance["mu"]}

    return Term((GRADIENT - MU * AWAY) ** 2, (), at)


@statement("lib-quadratic-growth", source="Assumption 3 from W*, where the gradient is 0", uses=["assumption-3"])
def grows_quadratically() -> Form:
    """f(x) - f* >= (mu/2) ||x - W*||^2."""
    whole = at_points("assumption-3", convexity, from_the_minimiser("W"))
    return at_one(quadratic_growth, "at W", premises=(whole,))


@statement("lib-gradient-growth", source="strong monotonicity at W*", uses=["lib-strong-monotonicity"])
def gradient_grows() -> Form:
    """||grad f(x)|| >= mu ||x - W*|| (squares compared)."""
    rest = at_points("lib-strong-monotonicity", monotonicity, from_the_minimiser("W"), lambda i: 2 * i["mu"])
    return at_one(gradient_growth, "at W", _off_the_line(), premises=(rest,))


@statement("lib-gradient-dominance", source="Polyak, Lojasiewicz; Assumption 3 at W*", uses=["assumption-3"])
def gradient_dominates() -> Form:
    """||grad f(x)||^2 >= 2 mu (f(x) - f*)."""
    to_it = at_points("assumption-3", convexity, lambda i: ((i["W_star"], i["W"]),), lambda i: 2 * i["mu"])
    return at_one(gradient_dominance, "at W", _off_the_line(), premises=(to_it,))
