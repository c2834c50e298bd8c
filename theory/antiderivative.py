"""Antiderivatives that are verified by differentiation; an unevaluated integral where none is found."""

from __future__ import annotations

import sympy as sp
from sympy.integrals.rationaltools import ratint

_ROOTS = 16


def antiderivative(f: sp.Expr, w: sp.Symbol, start: sp.Expr, known: sp.Expr | None = None) -> sp.Expr:
    """The integral of `f` from `start` to `w`: closed form when `known` or rational integration gives a real one.

    A candidate counts only when its derivative simplifies to `f`; otherwise the integral stays unevaluated.
    """
    for candidate in (known, _rational(f, w, start)):
        if candidate is not None:
            closed = _from_start(candidate, w, start)
            if _vanishes(sp.diff(closed, w) - f, w):
                return closed
    t = sp.Dummy("t", real=True)
    return sp.Integral(f.xreplace({w: t}), (t, start, w))


def _rational(f: sp.Expr, w: sp.Symbol, start: sp.Expr) -> sp.Expr | None:
    if not f.is_rational_function(w) or not (start.is_Rational or start.free_symbols):
        return None
    if not all(_has_radicals(factor, w) for factor, _ in sp.factor_list(sp.fraction(f)[1], w)[1]):
        return None
    found = ratint(f, w, real=True)
    return None if found.has(sp.RootSum, sp.I) else found


def _has_radicals(factor: sp.Expr, w: sp.Symbol) -> bool:
    """Whether the roots, over which the logarithms run, are square roots; beyond, SymPy searches long and in vain."""
    polynomial = sp.Poly(factor, w)
    even = all(power % 2 == 0 for (power,) in polynomial.monoms())
    return bool(polynomial.degree() <= (4 if even else 2))


def _from_start(expr: sp.Expr, w: sp.Symbol, start: sp.Expr) -> sp.Expr:
    """`expr` minus its value at `start`, each log(u) taken as log(u/u(start)), which is real and zero there."""

    def scaled(u: sp.Expr) -> sp.Expr:
        there = u.subs(w, start)
        ratio = u / there
        return sp.log(sp.cancel(ratio) if ratio.is_rational_function(w) else ratio)

    real = expr.replace(sp.log, lambda u: scaled(u) if u.has(w) else sp.log(u))
    offset = real.subs(w, start)
    return real - offset if offset.is_finite is not False else sp.nan


def _vanishes(expr: sp.Expr, w: sp.Symbol) -> bool:
    if expr.is_rational_function(w) and expr.free_symbols == {w} and expr.has(sp.Rational(1, 2)):
        return _vanishes_numerically(expr, w)
    if expr.has(sp.cosh, sp.sinh, sp.exp):
        expr = sp.expand(expr.rewrite(sp.exp), power_exp=True)
    return bool(sp.simplify(expr) == 0)


def _vanishes_numerically(expr: sp.Expr, w: sp.Symbol) -> bool:
    """Zero to 50 digits at more points than a numerator has roots: simplifying its radicals can take minutes."""
    points = (sp.Rational(k, 101) for k in range(1, 4 * _ROOTS))
    return all(abs(sp.N(expr.subs(w, p), 15, maxn=80, chop=False)) < sp.Float("1e-50") for p in points)
