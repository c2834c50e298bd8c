"""Where W* attracts although the responses are asymmetric, on data that it fits exactly: what the law rests on.

t_i = a_i . d is sample i's error at d = Wbar - W*, s_i = |a_i| . d with the ratios R in it, g the gradient.
"""

from __future__ import annotations

import sympy as sp

from ..response import linear, one_sided
from ..statement import All, Form, Identity, Implication, Measured, SumOverCoordinates
from ..symbols import symbol
from . import statement

OURS = "a law of ours"
LIFT = "lib-lift-sum"
g, F, G = symbol("g"), symbol("F", "positive"), symbol("G")
t, s, r, k = symbol("t"), symbol("s"), symbol("r", "nonnegative"), symbol("k", "positive")


@statement("lib-law-asymmetry-attracts", source=OURS, uses=[LIFT])
def attracts() -> Form:
    """W* attracts for every |R| < 1 with a full batch, for r k < 1 without a cap, inside the zonotope under it.

    The flow d' = -Diag(F)(g + R E|g|) then makes (1/2) d . H d fall (full batch, g = H d), or ||d||^2/F (without a cap,
    k^2 sum t^2 a bound of sum s^2; under the cap, r c = sum sigma_i u_i with |sigma_i| <= 1 - margin).
    """
    sizes, errors, fall = symbol("sizes", "nonnegative"), symbol("errors", "nonnegative"), symbol("fall")
    sigma, margin = symbol("sigma_i"), symbol("margin", "nonnegative")
    batch = SumOverCoordinates(g * (F * g + sp.Abs(g) * G) - (F - sp.Abs(G)) * g**2, (sp.Abs(G) < F,), (), LIFT)
    sample = SumOverCoordinates(s * sp.Abs(t) + s**2 / (2 * k) + k * t**2 / 2, (), (k,), LIFT)
    enough = Implication(
        given=(sizes <= k**2 * errors, fall >= errors - r * (sizes / (2 * k) + k * errors / 2)),
        claim=fall >= (1 - r * k) * errors,
    )
    capped = SumOverCoordinates(
        sp.Abs(t) + sigma * t - margin * sp.Abs(t), (sp.Abs(sigma) <= 1 - margin,), (margin,), LIFT
    )
    return All(
        (("full batch", batch), ("a sample without a cap", sample), ("their sum", enough), ("under the cap", capped))
    )


@statement("lib-law-asymmetry-volume", source=OURS)
def volume() -> Form:
    """A step of Residual Learning near W* scales the volume of (v, P) by det(1 - gamma S): not at all for gamma = 0.

    S and T are the slopes, on one piece, of P's update in d = v + gamma P and of W's update in P; two weights.
    """
    S, T = (sp.Matrix(2, 2, lambda i, j, name=name: symbol(f"{name}_{i + 1}{j + 1}")) for name in ("S", "T"))
    gamma, one = symbol("gamma"), sp.eye(2)
    P_slopes = sp.Matrix.hstack(-S, one - gamma * S)
    v_slopes = sp.Matrix.hstack(one, sp.zeros(2)) + T * P_slopes
    step = sp.Matrix.vstack(v_slopes, P_slopes)
    return Identity(step.det(), (one - gamma * S).det())


@statement("lib-law-asymmetry-pairs", source=OURS)
def pairs() -> Form:
    """|R(0)| is c_lin for the paper's pair, c/(2 - c) for the one-sided: it reaches r at c = r and at 2 r/(1 + r).

    With one weight the critical ratio is 1 for any data: a device has less.
    """
    c, tau, h, v = symbol("c_lin", "positive"), symbol("tau", "positive"), symbol("h", "positive"), symbol("v")
    w, inside = symbol("w"), (c < 1, r < 1)
    both, one = (-pair(tau, c).R.subs(w, 0) for pair in (linear, one_sided))
    ray = (h * v + r * h * sp.Abs(v) <= 0, h * v + r * h * sp.Abs(v) >= 0, sp.Ne(v, 0))
    return All(
        (
            ("paper", Identity(both, c, inside)),
            ("one-sided", Identity(one, c / (2 - c), inside)),
            ("its inverse", Identity(one.subs(c, 2 * r / (1 + r)), r)),
            ("one weight", Implication(ray, r >= 1)),
        )
    )


@statement(
    "lib-law-figure-2-transition",
    source=OURS,
    reading="from the transition on Tiki-Taka's loss is above 1e-3, about that of Analog SGD at c_lin = 0, after the "
    "steps of Figure 2; pulse trains on its data, response taken once a step",
    experiment="critical_asymmetry",
)
def transition() -> Form:
    """Figure 2's transition is where |R(0)| passes from the capped to the uncapped critical ratio of its data."""
    says = (
        "the transition lies between the two critical ratios for every cap and dw_min, near the capped one where all "
        "samples are capped, and at the same |R(0)| for both pairs"
    )
    return Measured("critical_asymmetry", says, "50")
