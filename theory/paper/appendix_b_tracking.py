"""Appendix B: what P_k tracks while W_k is fixed, with gamma not 0 (text-b-13) and with gamma = 0 ((24) and (25)).

Claims about (24), which is quoted, are about what follows from it.
"""

from __future__ import annotations

import sympy as sp

from ..algorithm import analog_update
from ..bilevel import closed_form_residual
from ..response import linear
from ..statement import All, Exists, Form, Identity, Implication
from ..symbols import symbol
from . import statement

P, ALPHA, GAMMA, H, MU, L = (symbol(name) for name in ("P", "alpha", "gamma", "h", "mu", "L"))
W, W_STAR, TAU = symbol("w"), symbol("w_star"), symbol("tau")
LIFT, NORM = "lib-lift-elementwise", "lib-lift-weighted-norm"
G_SAMPLE, SIGMA = symbol("g"), symbol("sigma", "positive")
MIXING = symbol("gamma_positive", "positive")
DISTANCE, RHO = symbol("distance"), symbol("rho", "nonnegative")

# gamma is not 0: one coordinate, along an eigenvector of the mean Hessian between P and P*(W), of curvature h

STEP = symbol("alpha_gamma", "positive")
RETAINED, PUSH = symbol("retained"), symbol("push", "positive")


def _next_distance(noise: sp.Expr) -> sp.Expr:
    """P_{k+1} - P*(W) of (10) for F = 1, G = 0 and the gradient h gamma (P_k - P*) + noise."""
    return analog_update(DISTANCE, -ALPHA * (H * MIXING * DISTANCE + noise), 1, 0)


@statement(
    "text-b-13",
    source="App. B",
    uses=["eq-10", "text-4-13"],
    reading="`the ideal setting` is F = 1 and G = 0, as printed; the gradients of (10) are stochastic, the noise is "
    "sigma or -sigma, as likely; convergence in mean square, which brings E(P_{k+1} - P*)^2 below any bound",
)
def residual_is_tracked() -> Form:
    """With W fixed, F = 1, G = 0, P_k converges to P*(W), so E(P_{k+1} - P*)^2 can be below (alpha sigma)^2."""
    mean_square = (_next_distance(SIGMA) ** 2 + _next_distance(-SIGMA) ** 2) / 2
    split = ((1 - ALPHA * MIXING * H) * DISTANCE) ** 2 + (ALPHA * SIGMA) ** 2
    return All(
        (
            ("what is retained, and the push of the noise", Identity(mean_square, split)),
            ("below the push", Exists(RETAINED**2 + PUSH**2 < PUSH**2)),
        )
    )


@statement(
    "text-b-13.amended-1",
    source="App. B",
    amends="text-b-13",
    judgement="gap",
    reading="with exact gradients, alpha < 2/(gamma L), and f strongly convex with continuous second derivatives: "
    "P - P* is multiplied by I - alpha gamma H, H the mean Hessian on the segment from W + gamma P to W*",
    uses=["text-4-13", "assumption-3"],
)
def residual_is_tracked_without_noise() -> Form:
    """Without noise P_k - P*(W) shrinks by rho < 1 at every step, also where P*(W) is not 0, that is W is not W*."""
    factors = [sp.Abs(1 - STEP * h) for h in (MU, L)]
    within = (MU <= H, H <= L, *(factor <= RHO for factor in factors))
    residual = closed_form_residual(W_STAR, W, MIXING)
    moved = analog_update(P, -ALPHA * H * (W + MIXING * P - W_STAR), 1, 0)
    kept = Implication((sp.Abs(RETAINED) <= RHO,), sp.Abs(RETAINED * DISTANCE) <= RHO * sp.Abs(DISTANCE), lift=NORM)
    return All(
        (
            ("one step", Identity(moved - residual, (1 - ALPHA * MIXING * H) * (P - residual), lift=LIFT)),
            ("the factor is rho at most", Implication(within, sp.Abs(1 - STEP * H) <= RHO, lift=LIFT)),
            ("so is that of the norm", kept),
            ("rho < 1", Implication((STEP * L < 2, MU <= L), sp.And(*(factor < 1 for factor in factors)))),
            ("P* is 0 at W* alone", Implication((sp.Ne(W, W_STAR),), sp.Ne(residual, 0), lift=LIFT)),
        )
    )


# gamma is 0


def _increment(p: sp.Expr, g: sp.Expr) -> sp.Expr:
    """What (10) adds to P = p for the linear response of [21] (16)."""
    device = linear(TAU)
    F, G = (part.subs(symbol("w"), p) for part in (device.F, device.G))
    return analog_update(p, -ALPHA * g, F, G) - p


OTHER_P, OTHER_G = symbol("P_other"), symbol("g_other")
INSIDE = (sp.Abs(P) < TAU, sp.Abs(OTHER_P) < TAU)


@statement(
    "text-b-14",
    source="App. B",
    uses=["eq-10", "text-b-2"],
    reading="the increment of (10), for the linear response that appendix B is about, with the same gradient each time",
)
def increment_is_constant() -> Form:
    """With W fixed and gamma = 0 the increment of P is the same at any two P."""
    return Implication(INSIDE, sp.Eq(_increment(P, G_SAMPLE), _increment(OTHER_P, G_SAMPLE)))


@statement(
    "text-b-14.amended-1",
    source="App. B",
    amends="text-b-14",
    judgement="gap",
    reading="the increment that is wanted, -alpha grad f(W), is constant in the mean; what (10) makes of it depends on "
    "P unless the response is ideal, and then P_k leaves every bound, against (25)",
    uses=["eq-10"],
)
def wanted_increment_is_constant() -> Form:
    """With gamma = 0 and an ideal response the increment is -alpha g at every P; K of them lead K alpha |g| away."""
    start, steps = symbol("P_start"), symbol("K", "positive")
    by_steps = start + steps * (analog_update(P, -ALPHA * G_SAMPLE, 1, 0) - P)
    return All(
        (
            ("at every P", Identity(analog_update(P, -ALPHA * G_SAMPLE, 1, 0) - P, -ALPHA * G_SAMPLE)),
            ("after K steps", Identity(sp.Abs(by_steps - start), steps * ALPHA * sp.Abs(G_SAMPLE))),
            (
                "the linear response",
                Identity(_increment(P, G_SAMPLE), -ALPHA * (G_SAMPLE + sp.Abs(G_SAMPLE) * P / TAU)),
            ),
        )
    )


ERROR, NEXT_ERROR, GRADIENT2 = (symbol(name, "nonnegative") for name in ("error", "error_next", "grad_squared"))
BETA, C, C_PRIME = (symbol(name, "positive") for name in ("beta", "C", "C_prime"))
REMAINDER = symbol("remainder", "nonnegative")
PRINTED_LIMIT = C * C_PRIME * GRADIENT2


def tracks(remainder: sp.Expr, limit: sp.Expr) -> Form:
    """From (24), what the error is above the limit shrinks by 1 - beta/C at every step: so limsup error <= limit."""
    shrinks = 1 - BETA / C
    recursion = NEXT_ERROR <= shrinks * ERROR + BETA * C_PRIME * GRADIENT2 + remainder
    return Implication((BETA < C, recursion), NEXT_ERROR - limit <= shrinks * (ERROR - limit))


@statement(
    "eq-25",
    source="App. B, (25)",
    uses=["eq-24"],
    reading="the constant hidden in both O is 1, the constants being in C'; the remainder is any that (24) may have",
)
def tracking_error() -> Form:
    """With W fixed, (24) brings the error above C C' ||grad f(W)||^2 down by the factor 1 - beta/C at every step."""
    return tracks(REMAINDER, PRINTED_LIMIT)


@statement(
    "eq-25.amended-1",
    source="App. B, (25)",
    amends="eq-25",
    judgement="gap",
    reading="with the remainder, which telescoping divides by beta/C; without one it is the printed bound",
    uses=["eq-24"],
)
def tracking_error_with_the_remainder() -> Form:
    """With W fixed, (24) gives limsup error <= C C' ||grad f(W)||^2 + (C/beta) remainder."""
    whole = tracks(REMAINDER, PRINTED_LIMIT + C / BETA * REMAINDER)
    return All((("with the remainder", whole), ("without it, as printed", tracks(sp.S.Zero, PRINTED_LIMIT))))


P_MAX = symbol("P_max", "positive")


def _slower() -> Form:
    """The constant of (23) is the larger one; the order in K is the same."""
    ours, theirs = (1 / (1 - factor * P_MAX**2 / TAU**2) for factor in (1, 33))
    return Implication((33 * P_MAX**2 < TAU**2,), theirs > ours)


@statement(
    "text-b-15",
    source="App. B",
    uses=["eq-25", "eq-22", "eq-23"],
    reading="`accurately`: with an error that tends to 0; `only when`: for no other gradient",
)
def tracks_vanishing_gradients_only() -> Form:
    """From error <= C C' ||grad f||^2: the error is 0 only where the gradient is; and (23) is slower than (22)."""
    only = Implication((ERROR <= PRINTED_LIMIT, sp.Eq(ERROR, 0)), sp.Eq(GRADIENT2, 0))
    return All((("only there", only), ("slower", _slower())))


@statement(
    "text-b-15.amended-1",
    source="App. B",
    amends="text-b-15",
    judgement="gap",
    reading="(25) bounds the error from above: it guarantees accuracy only there, and excludes it nowhere; slower is "
    "the constant, not the order in K",
    uses=["eq-25.amended-1", "eq-22", "eq-23"],
)
def guarantees_vanishing_gradients_only() -> Form:
    """The bound (25) is 0 only where the gradient is, and there the error is 0; and (23) has a larger constant."""
    guaranteed = Implication((sp.Eq(PRINTED_LIMIT, 0),), sp.Eq(GRADIENT2, 0))
    there = Implication((ERROR <= PRINTED_LIMIT, sp.Eq(GRADIENT2, 0)), sp.Eq(ERROR, 0))
    return All((("guaranteed only there", guaranteed), ("and there", there), ("a larger constant", _slower())))
