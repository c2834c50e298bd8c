"""Appendix I.4, (122) to (124): the two terms T1 and T2 of (117), bounded."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..statement import All, Form, Identity, Implication, Instance, Premise, SumOverCoordinates, scaled
from ..symbols import symbol
from . import registry, residual_terms as lines, statement
from .appendix_i_lemma_7 import LIFT, SELECTS, certified, monotone, searched
from .descent_terms import ALPHA, F_MAX, GRADIENT, SAMPLE, F, G, L
from .residual_terms import C_MINUS, C_PLUS, GAMMA, MU, PRINTED, RIGHT, E, view

X, Y, U = symbol("x"), symbol("y"), symbol("u", "positive")


@statement("text-i-15", source="App. I.4", uses=["lib-lift-sum"])
def young() -> Form:
    """2 <x, y> <= u ||x||^2 + ||y||^2/u for every u > 0."""
    return SumOverCoordinates(U * X**2 + Y**2 / U - 2 * X * Y, given=(), shared=(U,))


@statement("eq-122", source="App. I.4, (122)", uses=["text-i-15", "text-i-16"], reading=SELECTS)
def radius_by_young() -> Form:
    """2 alpha C_- <|P - P*|, |grad f|> <= (alpha C_-^2 gamma (mu + L)/C_+) ||P - P*||^2 + half of the term of (121)."""
    return certified(lines.splits_the_radius, "(122)")


@statement(
    "text-i-16",
    source="App. I.4",
    uses=["text-i-15"],
    reading="u = C_- gamma (mu + L)/C_+ for C_- > 0; where C_- = 0 there is no such u > 0, and (122) holds by itself",
)
def choice_of_u() -> Form:
    """With u = C_- gamma (mu + L)/C_+ Young's inequality is (122), which takes half of what (121) gives."""
    u, taken = C_MINUS * GAMMA * (MU + L) / C_PLUS, ALPHA * C_PLUS / (GAMMA * (MU + L))
    positive = (C_MINUS > 0,)
    return All(
        (
            ("u > 0", Implication(positive, u > 0)),
            ("of ||P - P*||^2", Identity(ALPHA * C_MINUS * u, ALPHA * C_MINUS**2 * GAMMA * (MU + L) / C_PLUS)),
            ("of ||grad f||^2", Identity(ALPHA * C_MINUS / u, taken, positive)),
            ("half of (121)", Identity(taken, 2 * ALPHA * C_PLUS / (GAMMA * (MU + L)) / 2)),
        )
    )


@statement(
    "eq-123", source="App. I.4, (123)", uses=["eq-118", "eq-121", "eq-122"], reading=SELECTS + "T1 as (117) prints it"
)
def T1_is_bounded() -> Form:
    """T1 <= -(2 alpha gamma mu L C_+/(mu + L) - alpha C_-^2 gamma (mu + L)/C_+) ||P - P*||^2 - the drop in f."""
    return searched(lines.bounds_T1(PRINTED), "(123)")


@statement(
    "eq-123.amended-1",
    source="App. I.4, (123)",
    amends="eq-123",
    judgement="slip",
    reading="T1 with grad f F + |grad f| G",
    uses=["eq-118.amended-1", "eq-121", "eq-122"],
)
def T1_with_its_sign_is_bounded() -> Form:
    """(123) with the sign of |grad f| G turned."""

    def times(step: Instance) -> Any:
        return 2 * view(step)["alpha"] * view(step)["C_plus"]

    parts = (
        lines.bounds_T1_by_q_s(RIGHT).premise("eq-118.amended-1", view),
        lines.splits_the_radius.premise("eq-122", view),
        Premise("eq-121", monotone, scaled(times)),
    )
    return certified(lines.bounds_T1(RIGHT), "(123), the sign turned", *parts)


# (124)


def _under_the_root() -> Form:
    """L1 = L2 of (124) in one coordinate, of P - P* and of the error of |g|."""
    error = sp.Abs(GRADIENT) - sp.Abs(SAMPLE)
    return Identity(E * error * G, (E * sp.sqrt(F)) * (error * G / sp.sqrt(F)), lift=LIFT)


STEPS_124 = (
    lines.step_a.premise("eq-124-a", view),
    lines.step_b.premise("eq-124-b", view),
    lines.step_c.premise("eq-124-c.amended-1", view),
    lines.step_d.premise("eq-124-d", view),
)


@statement(
    "eq-124",
    source="App. I.4, (124)",
    uses=["text-i-15", "eq-124-a", "eq-124-b", "eq-124-c", "eq-124-d"],
    reading="charitable: sigma^2 is the variance itself, not a bound of it; the = of (c) fails all the same. Steps "
    "(a), (b) and (d) are statements of their own",
)
def T2_is_bounded() -> Form:
    """The chain that bounds T2: under the roots, (a), (b), (c) with its =, (d)."""
    return All(
        (
            ("L1 = L2", _under_the_root()),
            ("(c), printed =", searched(lines.step_c_as_printed, "(c) of (124), =")),
        )
    )


@statement(
    "eq-124.amended-1",
    source="App. I.4, (124)",
    amends="eq-124",
    judgement="slip",
    reading="<= for = in step (c); the first line is at most the last, as printed",
    uses=["text-i-15", "eq-124-a", "eq-124-b", "eq-124-c.amended-1", "eq-124-d"],
)
def T2_is_bounded_with_its_sign() -> Form:
    """T2 <= c ||P - P*||^2 + (alpha^2 F_max sigma^2/c) max G^2/F with c = alpha gamma mu L C_+/(mu + L)."""
    return certified(lines.bounds_T2, "(124)", *STEPS_124)


@statement("eq-124-a", source="App. I.4, (124), step (a)", uses=["text-i-15"])
def step_a() -> Form:
    """U = gamma mu L C_+/((mu + L) F_max) gives (a); after (d) half of the first coefficient of (123) is left."""
    u = GAMMA * MU * L * C_PLUS / ((MU + L) * F_MAX)
    lost = ALPHA * (MU + L) * F_MAX / (GAMMA * MU * L * C_PLUS)
    return All(
        (
            ("u > 0", Implication((), u > 0)),
            ("of the error of |g|", Identity(ALPHA / u, lost)),
            ("half of (123)", Identity(ALPHA * u * F_MAX, 2 * ALPHA * GAMMA * MU * L * C_PLUS / (MU + L) / 2)),
            ("the step", certified(lines.step_a, "(a) of (124)")),
        )
    )


@statement("eq-124-b", source="App. I.4, (124), step (b)", uses=["lib-reverse-triangle"])
def step_b() -> Form:
    """||x| - |y|| <= |x - y|, which gives (b)."""
    triangle = registry.build("lib-reverse-triangle").form
    return All((("the inequality", triangle), ("the step", certified(lines.step_b, "(b) of (124)"))))


@statement(
    "eq-124-c",
    source="App. I.4, (124), step (c)",
    uses=["assumption-2"],
    reading="charitable: sigma^2 is the variance itself; = needs |G|/sqrt(F) to be the same in all weights, too",
)
def step_c() -> Form:
    """Step (c) as printed, an equality."""
    return searched(lines.step_c_as_printed, "(c) of (124), =")


@statement(
    "eq-124-c.amended-1",
    source="App. I.4, (124), step (c)",
    amends="eq-124-c",
    judgement="slip",
    reading="<= in place of =",
    uses=["assumption-2"],
)
def step_c_as_a_bound() -> Form:
    """Step (c) with <=, from the bounded variance."""
    return certified(lines.step_c, "(c) of (124), <=")


@statement("eq-124-d", source="App. I.4, (124), step (d)", uses=["lemma-2.amended-1"])
def step_d() -> Form:
    """Step (d), from F <= F_max."""
    return certified(lines.step_d, "(d) of (124)")
