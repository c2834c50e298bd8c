"""Hypothesis strategies of response functions, with exact parameters, for our tests and for others'.

Each draws a `ResponseFunction` whose responses are positive inside its range. All but `exponentials` and `powers`
are rational in w, so they serve exact work.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp
from hypothesis import strategies as st

from .response import ResponseFunction, W, exponential, linear, power


def rationals(low: Any, high: Any, denominator: int = 20) -> st.SearchStrategy[sp.Rational]:
    """Rationals in [low, high] with a small denominator, which makes counterexamples readable."""
    return st.fractions(low, high, max_denominator=denominator).map(lambda f: sp.Rational(f.numerator, f.denominator))


def linears() -> st.SearchStrategy[ResponseFunction]:
    """Generalised linear devices (16), tau in [1/10, 10], c_lin in [-9/10, 9/10]."""
    return st.builds(linear, rationals(sp.Rational(1, 10), 10), rationals(sp.Rational(-9, 10), sp.Rational(9, 10)))


def powers() -> st.SearchStrategy[ResponseFunction]:
    """Power devices (148), tau in [1/10, 10], gamma_res in [1/4, 4]."""
    return st.builds(power, rationals(sp.Rational(1, 10), 10), rationals(sp.Rational(1, 4), 4, denominator=4))


def exponentials() -> st.SearchStrategy[ResponseFunction]:
    """Exponential devices (149), tau in [1/10, 10], gamma_res in [1/4, 5]."""
    return st.builds(exponential, rationals(sp.Rational(1, 10), 10), rationals(sp.Rational(1, 4), 5, denominator=4))


@st.composite
def ranges(draw: st.DrawFn) -> tuple[sp.Rational, sp.Rational]:
    """Dynamic ranges, also asymmetric ones: tau_min in [-3, -1/5], tau_max in [1/5, 3]."""
    return draw(rationals(-3, sp.Rational(-1, 5))), draw(rationals(sp.Rational(1, 5), 3))


@st.composite
def polynomials(draw: st.DrawFn, degree: int = 4) -> ResponseFunction:
    """Pairs of polynomials through 1 at a common point: at least 1/4 on the range, not monotone in general."""
    low, high = draw(ranges())
    meeting = draw(rationals(low, high))
    q_plus, q_minus = (_positive_polynomial(draw(_coefficients(degree)), meeting, low, high) for _ in range(2))
    return ResponseFunction("polynomial pair", q_plus, q_minus, low, high)


def _coefficients(degree: int) -> st.SearchStrategy[list[sp.Rational]]:
    return st.lists(rationals(-2, 2, denominator=8), min_size=1, max_size=degree)


def _positive_polynomial(coefficients: Sequence[sp.Rational], at: sp.Expr, low: sp.Expr, high: sp.Expr) -> sp.Expr:
    # |sum c_k x^k| <= sum |c_k| for |x| <= 1, so the scaled sum stays within 3/4 of 1
    x = (W - at) / (high - low)
    bound = sum(map(abs, coefficients), sp.S.Zero)
    scale = sp.Rational(3, 4) / max(bound, sp.Rational(3, 4))
    return sp.expand(1 + scale * sum(c * x ** (k + 1) for k, c in enumerate(coefficients)))


@st.composite
def splines(draw: st.DrawFn, knots: int = 3) -> ResponseFunction:
    """Pairs of differentiable quadratic splines with values in [1/4, 7/4]; their symmetric points, if any, are free."""
    low, high = draw(ranges())
    inner = sorted(draw(st.sets(rationals(low, high), min_size=1, max_size=knots)) - {low, high})
    q_plus, q_minus = (_spline(draw(_levels(len(inner) + 1)), [low, *inner, high]) for _ in range(2))
    return ResponseFunction("spline pair", q_plus, q_minus, low, high)


def _levels(count: int) -> st.SearchStrategy[list[sp.Rational]]:
    return st.lists(rationals(-1, 1, denominator=8), min_size=count, max_size=count)


def _spline(slopes: Sequence[sp.Rational], corners: Sequence[sp.Expr]) -> sp.Expr:
    """1 plus the integral of the continuous, piecewise linear slope that has the given values at the corners."""
    # |integral of a slope within [-1, 1]| <= width, so the scale keeps the spline within 3/4 of 1
    scale = sp.Rational(3, 4) / max(corners[-1] - corners[0], sp.Rational(3, 4))
    height, cases = sp.S.One, []
    ends = [*slopes, slopes[-1]]
    for a, b, left, right in zip(corners, corners[1:], ends, ends[1:], strict=False):
        bend = (right - left) / (b - a) / 2
        piece = sp.expand(height + scale * (left * (W - a) + bend * (W - a) ** 2))
        cases.append((piece, b > W))
        height = piece.subs(W, b)
    return sp.Piecewise(*cases[:-1], (cases[-1][0], True))


def rational_devices() -> st.SearchStrategy[ResponseFunction]:
    """Devices whose responses are exact at every rational w."""
    return linears() | polynomials() | splines()


def devices() -> st.SearchStrategy[ResponseFunction]:
    """Any device: the paper's families, random polynomials and splines, also non-monotone and asymmetric ones."""
    return linears() | powers() | exponentials() | polynomials() | splines()
