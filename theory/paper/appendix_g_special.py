"""Appendix G: the special case of a linear response, (58)-(60)."""

from __future__ import annotations

import sympy as sp

from ..penalty import penalised
from ..penalty_series import scalar_w_tilde
from ..response import linear
from ..statement import All, Form, Identity, Implication
from ..symbols import symbol
from . import statement

W, TAU, W_SP, W_STAR, SIGMA, CURVATURE = (symbol(name) for name in ("w", "tau", "w_sp", "w_star", "Sigma", "h"))
LOWEST = symbol("tau_min")
DEVICE = linear(TAU)
LIFT = "lib-lift-elementwise"
PRINTED = W**2 / (2 * TAU) - LOWEST**2 / (2 * TAU)
WEIGHTS = sp.symbols("w_1 w_2", real=True)
AMOUNTS = sp.symbols("Sigma_1 Sigma_2", real=True)
SQUARES = sum(s * w**2 for s, w in zip(AMOUNTS, WEIGHTS, strict=True)) / (2 * TAU)


def penalty(accumulated: sp.Expr) -> sp.Expr:
    """<Sigma, R_c(W)> for two weights."""
    return sum(s * accumulated.subs(W, w) for s, w in zip(AMOUNTS, WEIGHTS, strict=True))


@statement("text-g-17", source="App. G, special case", uses=["eq-4", "eq-41"])
def parts_of_the_linear_response() -> Form:
    """For the linear response F = 1, G = w/tau and R = w/tau."""
    values = {"F": (DEVICE.F, sp.S.One), "G": (DEVICE.G, W / TAU), "R": (DEVICE.R, W / TAU)}
    return All(tuple((name, Identity(left, right, lift=LIFT)) for name, (left, right) in values.items()))


@statement("eq-58", source="App. G, (58)", uses=["eq-41", "text-g-17"])
def accumulated_asymmetry() -> Form:
    """R_c of (41) is the integral of R from tau_min, (w^2 - tau_min^2)/(2 tau)."""
    integral = sp.integrate(DEVICE.R, (W, LOWEST, W))
    inside = (LOWEST >= -TAU, LOWEST < 0, LOWEST < W, W < TAU)
    return All((("integral", Identity(integral, PRINTED)), ("R_c of (41)", Identity(DEVICE.R_c, PRINTED, inside))))


@statement(
    "eq-58.amended-1",
    source="App. G, (58)",
    amends="eq-58",
    judgement="slip",
    reading="the lower limit of (41), the symmetric point 0; (58) differs by the constant tau_min^2/(2 tau)",
    uses=["eq-41", "text-g-17"],
)
def accumulated_asymmetry_from_the_symmetric_point() -> Form:
    """R_c of (41) is w^2/(2 tau) for the linear response."""
    return Identity(DEVICE.R_c, W**2 / (2 * TAU), lift=LIFT)


@statement("eq-59", source="App. G, (59)", uses=["eq-41", "eq-58.amended-1"])
def weighted_squares() -> Form:
    """<Sigma, R_c(W)> is ||W||_Sigma^2/(2 tau) up to a constant, with R_c of (41) and of (58); two weights."""
    parts = []
    for source, accumulated in (("(41)", DEVICE.R_c), ("(58)", PRINTED)):
        slopes = sp.Matrix([sp.diff(penalty(accumulated) - SQUARES, w) for w in WEIGHTS])
        parts.append((f"R_c of {source}", Identity(slopes, sp.zeros(2, 1))))
    return All(tuple(parts))


@statement("text-g-18", source="App. G, special case", uses=["eq-59", "lemma-1"])
def weighted_norm() -> Form:
    """(59) is the square of a weighted norm: W' Diag(Sigma) W, never negative; here two weights."""
    vector = sp.Matrix(WEIGHTS)
    form = (vector.T * sp.diag(*AMOUNTS) * vector)[0]
    return All(
        (("form", Identity(2 * TAU * SQUARES, form)), ("sign", Implication(tuple(s >= 0 for s in AMOUNTS), form >= 0)))
    )


@statement("text-g-19", source="App. G, special case", uses=["eq-44", "eq-58.amended-1", "eq-59"])
def ridge() -> Form:
    """In one weight f_Sigma is f + Sigma w^2/(2 tau)."""
    value = symbol("f")
    return Identity(penalised(value, SIGMA, DEVICE.R_c), value + SIGMA * W**2 / (2 * TAU))


def _solves(solution: sp.Expr) -> Form:
    """Whether a point is stationary for the ridge problem with a quadratic f, and is Wt* of (43), in one weight."""
    pull = DEVICE.dR * SIGMA
    objective = CURVATURE * (W - W_STAR) ** 2 / 2 + SIGMA * W**2 / (2 * TAU)
    here = solution.subs(W_SP, DEVICE.symmetric_point)
    return All(
        (
            ("stationary for quadratic f", Identity(sp.diff(objective, W).subs(W, here), sp.S.Zero)),
            ("Wt* of (43)", Identity(solution, scalar_w_tilde(CURVATURE, pull, W_STAR, W_SP))),
        )
    )


@statement("eq-60", source="App. G, (60)", uses=["text-g-19"])
def approximated_solution() -> Form:
    """The ridge problem has the solution (h W* - R' Sigma W_sp)/(h - R' Sigma)."""
    pull = DEVICE.dR * SIGMA
    return _solves((CURVATURE * W_STAR - pull * W_SP) / (CURVATURE - pull))


@statement(
    "eq-60.amended-1",
    source="App. G, (60)",
    amends="eq-60",
    judgement="slip",
    reading="plus signs in numerator and denominator, as (43) has them",
    uses=["text-g-19"],
)
def approximated_solution_with_plus() -> Form:
    """The ridge problem has the solution (h W* + R' Sigma W_sp)/(h + R' Sigma)."""
    pull = DEVICE.dR * SIGMA
    return _solves((CURVATURE * W_STAR + pull * W_SP) / (CURVATURE + pull))
