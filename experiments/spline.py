"""Responses without a family: free step sizes at equally spaced conductances, joined by a monotone cubic spline.

Steps are positive, so the fitted curve rises under every up pulse and falls under every down pulse.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import sympy as sp

from ..theory.response import ResponseFunction, W, from_expressions
from .composition import CUBICS, Step, Steps, step
from .families import Family, Rates, Scale, Vector, _exp, _log, number

NAME = "monotone spline"


def spline_family(nodes: int) -> Family:
    """The family whose parameters are the logarithms of both steps at `nodes` points from y = -1 to y = 1."""

    def steps(theta: Vector) -> Steps:
        up, down = (_interpolant([_exp(z) for z in side]) for side in (theta[:nodes], theta[nodes : 2 * nodes]))
        return Steps(up, down, -4.0, 4.0)

    def starts(rates: Rates) -> list[list[float]]:
        ends = ((rates.up_low, rates.up_high), (rates.down_low, rates.down_high))
        return [[_log(a + (b - a) * k / (nodes - 1)) for a, b in ends for k in range(nodes)]]

    def pair(theta: Vector, scale: Scale) -> ResponseFunction:
        sides = (theta[:nodes], theta[nodes : 2 * nodes])
        up, down = (_expression([_exp(z) / scale.dw_min for z in side]) for side in sides)
        return from_expressions(up, down, -1, 1)

    return Family(NAME, f"{nodes} free values each, cubic between them", steps, starts, pair, covers="data")


def slopes(values: Sequence[Any], width: Any) -> list[Any]:
    """Slopes at equally spaced nodes that keep a cubic between them monotone (Fritsch and Butland)."""
    secants = [(right - left) / width for left, right in pairwise(values)]
    inner = [2 * a * b / (a + b) if a * b > 0 else 0 * a for a, b in pairwise(secants)]
    return [secants[0], *inner, secants[-1]]


def cubics(values: Sequence[Any], width: Any) -> list[tuple[Any, Any, Any, Any]]:
    """Coefficients of each cell's cubic in the distance from its left node, lowest first; any kind of number."""
    m, found = slopes(values, width), []
    for k, (a, b) in enumerate(pairwise(values)):
        secant = (b - a) / width
        found.append((a, m[k], (3 * secant - 2 * m[k] - m[k + 1]) / width, (m[k] + m[k + 1] - 2 * secant) / width**2))
    return found


def _interpolant(values: Sequence[float]) -> Step:
    """The spline through the values at nodes from -1 to 1, constant beyond them."""
    cells = len(values) - 1
    return step(CUBICS, cells, *(c for cubic in cubics(values, 2 / cells) for c in cubic))


def _expression(values: Sequence[float]) -> sp.Expr:
    """The same spline in fractions, as a function of the weight: cells agree in value and slope exactly."""
    exact = [number(value) for value in values]
    width, cases = sp.Rational(2, len(values) - 1), []
    for k, coefficients in enumerate(cubics(exact, width)):
        x = W + 1 - k * width
        cases.append((sp.expand(sum(c * x**power for power, c in enumerate(coefficients))), (k + 1) * width - 1 >= W))
    return sp.Piecewise(*cases[:-1], (cases[-1][0], True))
