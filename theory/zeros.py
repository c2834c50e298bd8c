"""Where an expression of one symbol is zero, and how large it gets, on an interval: exact wherever it can be.

Polynomials and rational functions with rational coefficients are settled exactly (Sturm's theorem isolates every real
root). Everything else is searched for sign changes and touching points on a grid of `GRID` intervals and refined to
`DIGITS` digits; a root that is exactly rational there is recognised and then checked exactly.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import mpmath
import sympy as sp

GRID = 512
DIGITS = 30
_TINY = mpmath.mpf(10) ** (-DIGITS + 5)


def pieces(expr: sp.Expr, w: sp.Symbol, low: sp.Expr, high: sp.Expr) -> Iterator[tuple[sp.Expr, sp.Expr, sp.Expr]]:
    """(a, b, smooth expression) for the parts of [low, high] between the kinks of Piecewise, |x|, Max, Min and sign."""
    kinked = expr.rewrite([sp.Abs, sp.Max, sp.Min, sp.sign], sp.Piecewise)
    inside = _kinks(kinked, w, low, high)
    corners = [low, *inside, high]
    for a, b in pairwise(corners):
        yield a, b, (_branch(kinked, w, _between(a, b)) if inside or kinked.has(sp.Piecewise) else expr)


def _kinks(expr: sp.Expr, w: sp.Symbol, low: sp.Expr, high: sp.Expr) -> list[sp.Expr]:
    borders = [c.lhs - c.rhs for c in expr.atoms(sp.core.relational.Relational)]
    found = {p for border in borders for p in _points(zeros(border, w, low, high)) if p not in (low, high)}
    return sorted(found, key=lambda p: sp.N(p, DIGITS))


def _points(where: sp.Set) -> tuple[sp.Expr, ...]:
    return tuple(where) if isinstance(where, sp.FiniteSet) else ()


def _between(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    if a == -sp.oo:
        return sp.S.Zero if b == sp.oo else b - 1
    return a + 1 if b == sp.oo else (a + b) / 2


def _branch(expr: sp.Expr, w: sp.Symbol, inside: sp.Expr) -> sp.Expr:
    def chosen(*cases: Any) -> sp.Expr:
        return next(value for value, condition in cases if condition.subs(w, inside) == sp.true)

    return expr.replace(sp.Piecewise, chosen)


@functools.cache
def zeros(expr: sp.Expr, w: sp.Symbol, low: sp.Expr, high: sp.Expr) -> sp.Set:
    """All zeros of `expr` in the closed interval [low, high]: points, or whole intervals where it vanishes.

    With other symbols than `w` in `expr`, all real roots that SymPy finds are returned, for no range can be compared.
    """
    if not expr.has(sp.Piecewise, sp.Abs, sp.Max, sp.Min, sp.sign):
        return _smooth_zeros(expr, w, low, high)
    return sp.Union(*(_smooth_zeros(smooth, w, a, b) for a, b, smooth in pieces(expr, w, low, high)))


def _smooth_zeros(expr: sp.Expr, w: sp.Symbol, low: sp.Expr, high: sp.Expr) -> sp.Set:
    numerator = _numerator(expr, w)
    if numerator == 0:
        return sp.Interval(low, high)
    if expr.free_symbols - {w}:
        return _symbolic_zeros(numerator, w)
    if numerator.is_polynomial(w) and all(c.is_Rational for c in sp.Poly(numerator, w).coeffs()):
        roots = sp.real_roots(sp.Poly(numerator, w), multiple=False) if numerator.has(w) else ()
        return sp.FiniteSet(*(root for root, _ in roots if _within(root, low, high)))
    return sp.Interval(low, high) if expr.equals(0) else sp.FiniteSet(*_searched_zeros(expr, w, low, high))


def _numerator(expr: sp.Expr, w: sp.Symbol) -> sp.Expr:
    return sp.fraction(sp.cancel(expr))[0] if expr.is_rational_function(w) else expr


def _within(root: sp.Expr, low: sp.Expr, high: sp.Expr) -> bool:
    return bool(sp.And(low <= root, root <= high))


def _symbolic_zeros(expr: sp.Expr, w: sp.Symbol) -> sp.Set:
    if expr.is_polynomial(w):
        return sp.FiniteSet(*(root for root in sp.roots(sp.Poly(expr, w)) if root.is_real is not False))
    return sp.FiniteSet(sp.S.Zero) if sp.simplify(expr.subs(w, 0)) == 0 else sp.S.EmptySet


def _searched_zeros(expr: sp.Expr, w: sp.Symbol, low: sp.Expr, high: sp.Expr) -> list[sp.Expr]:
    if not (low.is_finite and high.is_finite):
        raise ValueError(f"range=[{low}, {high}]: must be finite for {expr}, whose zeros are searched on a grid")
    with mpmath.workdps(DIGITS + 10):
        value, slope = _on_reals(expr, w), _on_reals(sp.diff(expr, w), w)
        found = [_recognised(root, expr, w) for root in _roots(value, slope, *map(_real, (low, high)))]
    exact = {p for p in (low, high, sp.S.Zero) if _within(p, low, high) and expr.subs(w, p).equals(0)}
    return [*exact, *(p for p in found if not any(abs(p - q) < 1e-20 for q in exact))]


def _real(x: sp.Expr) -> Any:
    return mpmath.mpf(str(sp.N(x, DIGITS + 10)))


def _on_reals(expr: sp.Expr, w: sp.Symbol) -> Callable[[Any], Any]:
    function = sp.lambdify(w, expr, "mpmath")

    def value(x: Any) -> Any:
        try:
            y = function(x)
        except ZeroDivisionError:
            return mpmath.nan
        # a root at the range's bound, rounded to just outside of the domain, is complex
        if isinstance(y, mpmath.mpc):
            return y.real if abs(y.imag) < _TINY else mpmath.nan
        return y

    return value


def _roots(value: Callable[[Any], Any], slope: Callable[[Any], Any], low: Any, high: Any) -> list[Any]:
    """Sign changes of `value`, and the sign changes of `slope` at which `value` vanishes without one."""
    points = [low + (high - low) * k / GRID for k in range(GRID + 1)]
    scale = max((abs(y) for y in map(value, points) if mpmath.isfinite(y)), default=mpmath.mpf(1))
    touching = [x for x in _sign_changes(slope, points) if abs(value(x)) < _TINY * scale]
    return [*_sign_changes(value, points), *touching]


def _sign_changes(function: Callable[[Any], Any], points: list[Any]) -> list[Any]:
    values = [function(x) for x in points]
    found = [x for x, y in zip(points, values, strict=True) if y == 0]
    for a, b, left, right in zip(points, points[1:], values, values[1:], strict=False):
        if left * right < 0:
            found.append(mpmath.findroot(function, (a, b), solver="anderson", tol=_TINY**2))
    return found


def _recognised(root: Any, expr: sp.Expr, w: sp.Symbol) -> sp.Expr:
    near = sp.Rational(str(root)).limit_denominator(10**6)
    if abs(_real(near) - root) < _TINY and expr.subs(w, near).equals(0):
        return near
    return sp.Float(str(root), DIGITS)


def extremes(expr: sp.Expr, w: sp.Symbol, low: sp.Expr, high: sp.Expr) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """((least value, its point), (largest value, its point)) of `expr` on the closed interval [low, high].

    A limit that is infinite counts as the value there. Values are exact where the points are.
    """
    found = [(value, p) for a, b, smooth in pieces(expr, w, low, high) for value, p in _candidates(smooth, w, a, b)]
    ordered = sorted(found, key=lambda pair: _size(pair[0]))
    return ordered[0], ordered[-1]


def _candidates(smooth: sp.Expr, w: sp.Symbol, low: sp.Expr, high: sp.Expr) -> Iterator[tuple[sp.Expr, sp.Expr]]:
    for end, side in ((low, "+"), (high, "-")):
        yield value_at(smooth, w, end, side), end
    for p in (*_poles(smooth, w, low, high), *_points(zeros(sp.diff(smooth, w), w, low, high))):
        yield value_at(smooth, w, p), p


def _poles(smooth: sp.Expr, w: sp.Symbol, low: sp.Expr, high: sp.Expr) -> tuple[sp.Expr, ...]:
    rational = smooth.is_rational_function(w)
    return _points(zeros(sp.fraction(sp.cancel(smooth))[1], w, low, high)) if rational else ()


def value_at(expr: sp.Expr, w: sp.Symbol, point: sp.Expr, side: str = "+") -> sp.Expr:
    """The value of `expr` at `point`, or its limit from `side` where there is none; any infinity is oo."""
    value = expr.subs(w, point)
    if value is sp.nan:
        value = sp.limit(expr, w, point, side)
    return sp.oo if value in (sp.zoo, sp.nan) else value


def _size(value: sp.Expr) -> sp.Expr:
    return value if value.is_infinite else sp.N(value, DIGITS)
