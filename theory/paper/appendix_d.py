"""Appendix D: Residual Learning v2 beside Tiki-Taka v2."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..algorithm import OnArray, smooth
from ..buffered import ResidualLearningV2, TikiTakaV2
from ..pulses import DW_MIN
from ..statement import All, Form, Identity
from . import statement
from .section_4 import ALPHA, BETA, F_P, G_P, GAMMA, LIFT, ORACLE, P, W
from .section_5 import EPS, READ, H, buffered_step

RULES: dict[str, Any] = {
    "Residual Learning v2": ResidualLearningV2(ALPHA, BETA, GAMMA, DW_MIN),
    "Tiki-Taka v2": TikiTakaV2(ALPHA, BETA, DW_MIN),
}


def _half(name: str) -> tuple[sp.Expr, sp.Expr]:
    """H_{k+1/2} and P_{k+1} of a rule: what it has after the step, with the pulse that left for an ideal W put back."""
    after = buffered_step(RULES[name], {**READ, "W": OnArray(smooth(lambda _: (sp.S.One, sp.S.Zero)))})
    return after.H + (after.W - W), after.P


@statement("eq-32", source="App. D, (32)", uses=["text-5-7", LIFT])
def buffer_without_decay() -> Form:
    """(32) is what a step of Tiki-Taka v2 does to H before the threshold."""
    half, P_next = _half("Tiki-Taka v2")
    return Identity(half, H + BETA * (P_next + EPS), lift=LIFT)


@statement("text-d-2", source="App. D", uses=["eq-32", "eq-14", LIFT])
def no_decay() -> Form:
    """H_k enters H_{k+1/2} with the coefficient 1 in Tiki-Taka v2, and 1 - beta in Residual Learning v2."""
    coefficients = {"Tiki-Taka v2": sp.S.One, "Residual Learning v2": 1 - BETA}
    return All(tuple((name, Identity(sp.diff(_half(name)[0], H), c, lift=LIFT)) for name, c in coefficients.items()))


@statement("text-d-3", source="App. D", uses=["eq-10", "eq-32", LIFT])
def where_the_gradient_is_taken() -> Form:
    """Tiki-Taka v2 takes the gradient of (10) at W, Residual Learning v2 at W + gamma P."""
    points = {"Tiki-Taka v2": W, "Residual Learning v2": W + GAMMA * P}
    steps = {name: ORACLE.full(point) for name, point in points.items()}
    return All(
        tuple(
            (name, Identity(_half(name)[1], P - ALPHA * g * F_P - ALPHA * sp.Abs(g) * G_P, lift=LIFT))
            for name, g in steps.items()
        )
    )
