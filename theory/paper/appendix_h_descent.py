"""Appendix H: the one-step descent inequality of Analog SGD: (62)-(64), (66)-(69) and (72).

The lines and their terms stand in `descent_terms`. Norms of x / sqrt(F) are taken without the roots, which is proved.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from ..domains import analog_step, noise, responses, smooth, value
from ..statement import All, Certified, ForAll, Form, Identity, Implication, Instance, Premise, Sides, Term
from . import descent_terms as lines, statement
from .appendix_h import DIMENSIONS, STEP, VIEW, certified, descent_lemma, mean_value
from .descent_terms import ALPHA, F_MAX, GRADIENT, MOVE, NOISE, SAMPLE, F, G, L, View, loose_variance
from .residual_step import rate_up_to

LIFT = "lib-lift-elementwise"
ROOT = sp.sqrt(F)
small_rate = rate_up_to("alpha", lambda step: 1 / (4 * step["L"] * step["F_max"]), "1/(4 L F_max)")
SMALL_STEP = (smooth, noise, loose_variance, responses, small_rate, analog_step)
SMALL_RATE = ALPHA <= 1 / (4 * L * F_MAX)


# (62)-(64): the second term of (61)


def _inner_product() -> tuple[tuple[str, Form], ...]:
    """L1 = L2 of (62), and L2 without its roots."""
    scaled = ALPHA * (GRADIENT * ROOT) * (MOVE / (ALPHA * ROOT) + NOISE * ROOT)
    return (
        ("L2 without roots", Identity(scaled, GRADIENT * (MOVE + ALPHA * NOISE * F), lift=LIFT)),
        ("L1 = L2", certified(lines.adds_noise, "L1 = L2 of (62)")),
    )


def _without_roots(by: sp.Expr) -> Identity:
    """(move / sqrt F + alpha by sqrt F)^2 = (move + alpha by F)^2 / F."""
    return Identity((MOVE / ROOT + ALPHA * by * ROOT) ** 2, (MOVE + ALPHA * by * F) ** 2 / F, lift=LIFT)


@statement("eq-62", source="App. H, (62)", uses=["assumption-2", "eq-62-s1", LIFT])
def polarisation() -> Form:
    """The inner product of (61) with the noise added, as a difference of three squares."""
    return All(
        (
            *_inner_product(),
            ("second norm of L3 without roots", _without_roots(NOISE)),
            ("third norm of L3 without roots", _without_roots(SAMPLE)),
            ("L2 = L3", certified(lines.polarises, "L2 = L3 of (62)")),
        )
    )


@statement("eq-62-s1", source="App. H, (62), L1 to L2", uses=["assumption-2", LIFT])
def noise_of_mean_zero() -> Form:
    """L1 = L2 of (62): the noise added inside the inner product has mean zero."""
    return All(_inner_product())


@statement("eq-63", source="App. H, (63)", uses=["lemma-2.amended-1", LIFT])
def deviation_without_its_weight() -> Form:
    """The second term of (62) is at least its norm without 1/sqrt(F), divided by 2 alpha F_max."""
    one_fraction = ((MOVE + ALPHA * NOISE * F) / ROOT) ** 2
    return All(
        (
            ("L1 = L2", Identity((MOVE / ROOT + ALPHA * NOISE * ROOT) ** 2, one_fraction, lift=LIFT)),
            ("L2 without roots", Identity(one_fraction, (MOVE + ALPHA * NOISE * F) ** 2 / F, lift=LIFT)),
            ("L2 >= L3", certified(lines.takes_out_F_max, "L2 >= L3 of (63)")),
        )
    )


@statement(
    "eq-64",
    source="App. H, (64)",
    uses=["eq-2", "assumption-2", "eq-64-s1", LIFT],
    reading="the maximum norm in the last term, as one of the two readings has it: the other term is larger",
)
def asymmetric_residue() -> Form:
    """The third term of (62) is the square of |grad f(.; xi)| G / sqrt(F), bounded by its mean and the variance."""
    premise = lines.splits_off_variance.premise("eq-64-s1", VIEW)
    return All(
        (
            ("L1 without roots", _without_roots(SAMPLE)),
            ("L1 = L2", certified(lines.residue_is_asymmetric, "L1 = L2 of (64)")),
            ("L1 <= L3", certified(lines.residue_is_bounded, "L1 <= L3 of (64)", premise)),
        )
    )


@statement("eq-64-s1", source="App. H, (64), L2 to L3", uses=["assumption-2"])
def variance_decomposition() -> Form:
    """L2 <= L3 of (64): the square of the mean and the variance, which the largest G^2 / F weighs at most."""
    return All(
        (
            ("decomposition", certified(lines.decomposes_variance, "L2 of (64), mean and variance apart")),
            ("L2 <= L3", certified(lines.splits_off_variance, "L2 <= L3 of (64)")),
        )
    )


# (66) and (67)


@statement("eq-66", source="App. H, (66)", uses=["eq-65", "lemma-2.amended-1", LIFT])
def saturation_weighs_the_gradient() -> Form:
    """The first terms of (62) and of (64) together are at most -(alpha/(2 F_max)) ||grad f||_M^2, which is <= 0."""
    square = GRADIENT**2
    return All(
        (
            ("L1 = L2", Identity(-square * F + square * G**2 / F, -square * (F - G**2 / F), lift=LIFT)),
            ("L2 = L3", Identity(-square * (F - G**2 / F), -square * (F**2 - G**2) / F, lift=LIFT)),
            ("L1 <= L5", certified(lines.saturates, "L1 <= L5 of (66)")),
            ("L5 <= 0", certified(lines.does_not_ascend, "L5 <= 0 of (66)")),
        )
    )


USES_OF_67 = ("assumption-2", "eq-62", "eq-63", "eq-64", "eq-66")


@statement("eq-67", source="App. H, (67)", uses=USES_OF_67)
def inner_product() -> Form:
    """The inner product of (61) equals the sum of the bounds (63), (64) and (66)."""
    return lines.equals_the_inner_product.claim(STEP, VIEW, "(67)", DIMENSIONS)


@statement(
    "eq-67.amended-1",
    source="App. H, (67)",
    amends="eq-67",
    judgement="slip",
    reading="<= for the =, for (63), (64) and (66) are bounds",
    uses=USES_OF_67,
)
def inner_product_is_bounded() -> Form:
    """The inner product of (61) is at most the sum of the bounds (63), (64) and (66)."""
    parts = (
        lines.takes_out_F_max.premise("eq-63", VIEW),
        lines.residue_is_bounded.premise("eq-64", VIEW),
        lines.saturates.premise("eq-66", VIEW),
    )
    return certified(lines.bounds_the_inner_product, "(67) as an inequality", *parts)


# (68)


@statement("eq-68", source="App. H, (68)", uses=["assumption-2", "lemma-2.amended-1", "eq-68-s1"])
def third_term() -> Form:
    """The third term of (61) is at most L times the mean square of the deviation, and alpha^2 L F_max^2 sigma^2."""
    premise = lines.bounds_the_noise.premise("eq-68-s1", VIEW)
    return All(
        (
            ("L1 <= L2", certified(lines.splits_the_step, "L1 <= L2 of (68)")),
            ("L1 <= L3", certified(lines.bounds_the_step, "L1 <= L3 of (68)", premise)),
        )
    )


@statement("eq-68-s1", source="App. H, (68), L2 to L3", uses=["assumption-2", "lemma-2.amended-1"])
def noise_within_f_max() -> Form:
    """L2 <= L3 of (68): F is at most F_max, the variance at most sigma^2."""
    return certified(lines.bounds_the_noise, "L2 <= L3 of (68)")


# (69) and (72)


def descends(bound: Callable[[View], Any]) -> Callable[[Instance], Sides]:
    """E f(W_{k+1}) <= f(W_k) + bound."""
    return lambda step: Sides(mean_value(step), value(step, step["W"]) + bound(VIEW(step)))


def slack_of(sides: Callable[[Instance], Sides]) -> Callable[[Instance], Any]:
    """Right - left."""
    return lambda step: sides(step).right - sides(step).left


def _excess(v: View) -> Any:
    """1/(2 alpha) - L F_max."""
    return 1 / (2 * v["alpha"]) - v["L"] * v["F_max"]


def first_bound(v: View) -> Any:
    """What (69) adds to f(W_k)."""
    noise_terms = lines.noise_bound(v) + v["alpha"] * lines.through_ratio(v) / 2
    return lines.saturating(v) + noise_terms - _excess(v) * lines.deviation2(v) / v["F_max"]


def second_bound(v: View) -> Any:
    """What (72) adds to f(W_k)."""
    return third_bound(v) - v["alpha"] * lines.drift2(v) / (8 * v["F_max"])


def third_bound(v: View) -> Any:
    """What (74) adds to f(W_k)."""
    return lines.saturating(v) + lines.noise_bound(v) + v["alpha"] * lines.through_ratio(v)


@statement("eq-69", source="App. H, (69)", uses=["assumption-1", "assumption-2", "eq-61", "eq-67.amended-1", "eq-68"])
def one_step() -> Form:
    """The one-step descent of Analog SGD for every learning rate: (67) and (68) in (61)."""
    parts = (
        Premise("eq-61", descent_lemma),
        lines.bounds_the_inner_product.premise("eq-67.amended-1", VIEW),
        lines.bounds_the_step.premise("eq-68", VIEW),
    )
    return Certified(ForAll(STEP, descends(first_bound), "(69)", DIMENSIONS), (), parts)


def _rate_of_the_deviation(order: Callable[[sp.Expr, sp.Expr], sp.Basic]) -> Form:
    return Implication(given=(SMALL_RATE,), claim=order(1 / (2 * ALPHA) - L * F_MAX, 1 / (4 * ALPHA)))


@statement("text-h-2", source="App. H")
def step_size() -> Form:
    """A learning rate alpha <= 1/(4 L F_max) gives 1/(2 alpha) - L F_max <= 1/(4 alpha)."""
    return _rate_of_the_deviation(sp.Le)


@statement(
    "text-h-2.amended-1",
    source="App. H",
    amends="text-h-2",
    judgement="slip",
    reading=">= for the <=, which is what (72) needs",
)
def step_size_turned() -> Form:
    """A learning rate alpha <= 1/(4 L F_max) gives 1/(2 alpha) - L F_max >= 1/(4 alpha)."""
    return _rate_of_the_deviation(sp.Ge)


def _of_step_size(v: View) -> Any:
    """The slack of text-h-2.amended-1, times the mean square of the deviation over F_max."""
    return (_excess(v) - 1 / (4 * v["alpha"])) * lines.deviation2(v) / v["F_max"]


@statement(
    "eq-72", source="App. H, (72)", uses=["assumption-1", "assumption-2", "eq-69", "eq-70", "text-h-2.amended-1"]
)
def descent_of_analog_sgd() -> Form:
    """The one-step descent of Analog SGD for alpha <= 1/(4 L F_max); a quarter of its noise term is to spare."""
    spare = Term(ALPHA * lines.SIGMA2 * lines.RATIO / 4, (), VIEW)
    parts = (
        Premise("eq-69", slack_of(descends(first_bound))),
        lines.bounds_the_deviation.premise("eq-70", VIEW, times=lambda v: 1 / (4 * v["alpha"] * v["F_max"])),
        Premise("text-h-2.amended-1", lambda step: _of_step_size(VIEW(step))),
    )
    return Certified(ForAll(SMALL_STEP, descends(second_bound), "(72)", DIMENSIONS), (spare,), parts)
