"""Response functions of one resistive element and all that derives from them (model, section 1).

A response function is the pair q_+, q_- of `symbol("w")` on a dynamic range. Symmetric and asymmetric part,
asymmetry ratio, its integral, saturation and symmetric points follow from the pair by SymPy; array functions and
exact functions are compiled from those same expressions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp

from . import validate
from .antiderivative import antiderivative
from .compile import array_function, exact_function
from .definition_1 import Membership, membership
from .symbols import symbol
from .zeros import pieces, zeros

W = symbol("w")
_FINE = 1000
_DERIVED = ("q_plus", "q_minus", "F", "G", "R", "R_c", "M", "dR")


@dataclass(frozen=True, repr=False)
class ResponseFunction:
    """A pair of responses q_+(w), q_-(w) on the dynamic range [tau_min, tau_max], all exact SymPy expressions.

    Parameters
    ----------
    name : str
        What the pair is called in labels, such as "linear(tau=7/2, c_lin=1/10)".
    q_plus, q_minus : sympy.Expr
        Responses to an up and to a down pulse, dimensionless, of `symbol("w")`; other symbols are parameters.
    tau_min, tau_max : sympy.Expr
        The dynamic range, in units of conductance; may be infinite.
    primitive : sympy.Expr, optional
        A known antiderivative of R. It is used only when its derivative is R.

    Raises
    ------
    ValueError
        Where tau_min < tau_max fails, or a response is not positive inside the open range.
    """

    name: str
    q_plus: sp.Expr
    q_minus: sp.Expr
    tau_min: sp.Expr
    tau_max: sp.Expr
    primitive: sp.Expr | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if (self.tau_min < self.tau_max) == sp.false:
            validate.reject("tau_max", self.tau_max, f"must be > tau_min={self.tau_min}")
        for name in ("q_plus", "q_minus"):
            _check_positive(name, getattr(self, name), self.tau_min, self.tau_max)

    def __repr__(self) -> str:
        return self.name

    @cached_property
    def F(self) -> sp.Expr:
        """Symmetric part (q_- + q_+)/2 (4)."""
        return _tidy((self.q_minus + self.q_plus) / 2)

    @cached_property
    def G(self) -> sp.Expr:
        """Asymmetric part (q_- - q_+)/2 (4)."""
        return _tidy((self.q_minus - self.q_plus) / 2)

    @cached_property
    def R(self) -> sp.Expr:
        """Asymmetry ratio G/F."""
        ratio = (self.q_minus - self.q_plus) / (self.q_minus + self.q_plus)
        if ratio.has(sp.Piecewise) or _fine_exponents(ratio):
            return ratio
        above, below = sp.fraction(sp.cancel(ratio))
        # F > 0, so the denominator can be written positive
        return -above / -below if below.subs(W, (self.tau_min + self.tau_max) / 2).is_negative else above / below

    @cached_property
    def dR(self) -> sp.Expr:
        """Derivative of the asymmetry ratio, 1/conductance."""
        return sp.cancel(sp.diff(self.R, W)) if self.R.is_rational_function(W) else sp.diff(self.R, W)

    @cached_property
    def M(self) -> sp.Expr:
        """Saturation F^2 - G^2 = q_+ q_- (65)."""
        return self.q_plus * self.q_minus

    @cached_property
    def symmetric_points(self) -> sp.Set:
        """All w of the closed range with q_+(w) = q_-(w): points, or intervals where the responses coincide."""
        return zeros(self.G, W, self.tau_min, self.tau_max)

    @property
    def symmetric_point(self) -> sp.Expr:
        """The symmetric point that R_c starts at: the one nearest to 0. Raises ValueError where there is none."""
        where = self.symmetric_points
        if where.is_empty:
            validate.reject("response", self.name, "must have a symmetric point in its range; q_+ and q_- never meet")
        if not isinstance(where, sp.FiniteSet):
            return sp.S.Zero if where.contains(0) == sp.true else min((where.inf, where.sup), key=abs)
        return min(where, key=abs) if len(where) > 1 else next(iter(where))

    @cached_property
    def R_c(self) -> sp.Expr:
        """Integral of R from the symmetric point to w (41), in closed form where one is found and verified."""
        start, parts = self.symmetric_point, tuple(pieces(self.R, W, self.tau_min, self.tau_max))
        if len(parts) == 1 or self.parameters:
            return antiderivative(self.R, W, start, self.primitive)
        return sp.Add(*(_integral_over(smooth, start, low, high) for low, high, smooth in parts))

    @property
    def affine(self) -> tuple[tuple[float, float], tuple[float, float]] | None:
        """(q(0), slope) of q_+ and of q_- where both are affine in w, else None."""
        if self.parameters or not all(q.is_polynomial(W) and sp.degree(q, W) <= 1 for q in (self.q_plus, self.q_minus)):
            return None
        up, down = ((float(q.subs(W, 0)), float(sp.diff(q, W))) for q in (self.q_plus, self.q_minus))
        return up, down

    def zero_shifted(self) -> ResponseFunction:
        """The same element read against a reference that holds the symmetric point, which so becomes 0."""
        shift = self.symmetric_point
        if shift == 0:
            return self
        return replace(self.shifted(shift), name=f"{self.name}.zero_shifted()")

    def shifted(self, reference: Any) -> ResponseFunction:
        """The same element read against a reference: its weight w is the conductance less `reference`."""
        shift = reference if isinstance(reference, sp.Expr) else validate.rational("reference", reference)
        moved = {W: W + shift}
        up, down = (_tidy(q.subs(moved)) for q in (self.q_plus, self.q_minus))
        primitive = None if self.primitive is None else self.primitive.subs(moved)
        bounds = (self.tau_min - shift, self.tau_max - shift)
        return ResponseFunction(f"{self.name}.shifted({shift})", up, down, *bounds, primitive)

    def definition_1(self, low: Any = None, high: Any = None) -> Membership:
        """Membership in Definition 1 on the closed interval [low, high], by default the dynamic range.

        Raises ValueError when the response has parameters without a value.
        """
        if self.parameters:
            validate.reject("response", self.name, f"must have numbers for {sorted(map(str, self.parameters))}")
        ends = (
            self.tau_min if low is None else _bound("low", low),
            self.tau_max if high is None else _bound("high", high),
        )
        return membership(self.q_plus, self.q_minus, W, *ends)

    @property
    def parameters(self) -> frozenset[sp.Symbol]:
        """The symbols, apart from w, that have no value yet."""
        given = (self.q_plus, self.q_minus, self.tau_min, self.tau_max)
        return frozenset().union(*(e.free_symbols for e in given)) - {W}

    def array_functions(self, *names: str) -> Callable[[Any], tuple[Any, ...]]:
        """A function of an array w (any shape, any array-API library) that returns the tuple of the named arrays.

        Names: q_plus, q_minus, F, G, R, R_c, M, dR. All are computed together and share their subexpressions. What
        does not depend on w comes back as a float, which broadcasts against w.
        """
        return array_function((W,), self._expressions(names))

    def exact_functions(self, *names: str) -> Callable[[Any], tuple[Any, ...]]:
        """The same on exact rationals; TypeError on a float, ValueError for what is not rational in w."""
        return exact_function((W,), self._expressions(names))

    def _expressions(self, names: tuple[str, ...]) -> tuple[sp.Expr, ...]:
        return tuple(getattr(self, validate.one_of("name", name, _DERIVED)) for name in names)


def _integral_over(smooth: sp.Expr, start: sp.Expr, low: sp.Expr, high: sp.Expr) -> sp.Expr:
    """The part of the integral from `start` to w that lies within [low, high], where the integrand has no kink."""
    t = sp.Dummy("t", real=True)
    ends = (sp.Min(sp.Max(end, low), high) for end in (start, W))
    return sp.Integral(smooth.xreplace({W: t}), (t, *ends))


def _fine_exponents(ratio: sp.Expr) -> bool:
    """Whether exp(w p/q) with large q occurs: SymPy would cancel in powers of exp(w/q), thousands of them."""
    rates = (power.args[0].coeff(W) for power in ratio.atoms(sp.exp))
    return any(rate.is_Rational and rate.q > _FINE for rate in rates)


def _tidy(expr: sp.Expr) -> sp.Expr:
    return sp.expand(expr) if expr.is_polynomial(W) else expr


def _check_positive(name: str, q: sp.Expr, low: sp.Expr, high: sp.Expr) -> None:
    if q.free_symbols - {W} or low.free_symbols or high.free_symbols:
        return
    found = _not_positive(q, low, high)
    if found is not None:
        point, value = found
        validate.reject(f"{name}({point})", value, f"must be > 0 inside the range ({low}, {high})")


def _not_positive(q: sp.Expr, low: sp.Expr, high: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    if q.is_rational_function(W):
        inside = [low + 1 if high == sp.oo else (low + high) / 2] if low.is_finite else [sp.S.Zero]
        where = sp.Union(*(zeros(part, W, low, high) for part in sp.fraction(sp.cancel(q))))
        points = [*inside, *(where if isinstance(where, sp.FiniteSet) else inside)]
    else:
        points = [low + (high - low) * sp.Rational(k, 256) for k in range(1, 256)]
        values, *_ = array_function((W,), (q,))(np.array([float(p) for p in points]))
        points = [p for p, bad in zip(points, ~(np.atleast_1d(values) > 0), strict=False) if bad][:1]
    bad = [p for p in points if p not in (low, high) and (q.subs(W, p) > 0) != sp.true]
    return (bad[0], q.subs(W, bad[0])) if bad else None


def _parameter(name: str, value: Any) -> sp.Expr:
    return value if isinstance(value, sp.Basic) and value.free_symbols else validate.rational(name, value)


def _bound(name: str, value: Any) -> sp.Expr:
    return value if value in (sp.oo, -sp.oo) else validate.rational(name, value)


def _positive(name: str, value: Any) -> sp.Expr:
    return validate.positive(name, _parameter(name, value))


def ideal() -> ResponseFunction:
    """q_+ = q_- = 1 without bounds: every increment arrives as wanted."""
    return ResponseFunction("ideal()", sp.S.One, sp.S.One, -sp.oo, sp.oo)


def linear(tau: Any, c_lin: Any = 0) -> ResponseFunction:
    """q_+ = (1 + c_lin)(1 - w/tau), q_- = (1 - c_lin)(1 + w/tau); (16), generalised in section 1.1.

    The symmetric point is c_lin tau. Raises ValueError unless tau > 0 and -1 < c_lin < 1.
    """
    tau, c_lin = _positive("tau", tau), _parameter("c_lin", c_lin)
    if (1 - c_lin**2).is_positive is False:
        validate.reject("c_lin", c_lin, "must lie in (-1, 1)")
    up, down = (1 + c_lin) * (1 - W / tau), (1 - c_lin) * (1 + W / tau)
    return ResponseFunction(f"linear(tau={tau}, c_lin={c_lin})", up, down, -tau, tau)


def one_sided(tau: Any, c_lin: Any) -> ResponseFunction:
    """q_+ = 1 - w/tau, q_- = (1 - c_lin)(1 + w/tau): the pair of the authors' Figure 2 script, |R(0)| = c/(2 - c).

    The bias is on one side, where `linear` has it on both, with |R(0)| = c_lin. Raises ValueError unless tau > 0 and
    0 <= c_lin < 1.
    """
    tau, c_lin = _positive("tau", tau), _parameter("c_lin", c_lin)
    if c_lin.is_negative or (1 - c_lin).is_positive is False:
        validate.reject("c_lin", c_lin, "must lie in [0, 1)")
    up, down = 1 - W / tau, (1 - c_lin) * (1 + W / tau)
    return ResponseFunction(f"one_sided(tau={tau}, c_lin={c_lin})", up, down, -tau, tau)


def power(tau: Any, gamma_res: Any) -> ResponseFunction:
    """q_+ = (1 - w/tau)^gamma_res, q_- = (1 + w/tau)^gamma_res (148). Raises ValueError unless both are > 0."""
    tau, g = _positive("tau", tau), _positive("gamma_res", gamma_res)
    up, down = (1 - W / tau) ** g, (1 + W / tau) ** g
    half = sp.sqrt(1 - W / tau) * sp.sqrt(1 + W / tau)
    primitive = tau * (sp.log((1 + half) / 2) - half) if g == sp.Rational(1, 2) else None
    return ResponseFunction(f"power(tau={tau}, gamma_res={g})", up, down, -tau, tau, primitive)


def exponential(tau: Any, gamma_res: Any) -> ResponseFunction:
    """q_+- = (exp(gamma_res (1 -+ w/tau)) - 1)/(exp(gamma_res) - 1) (149). Raises ValueError unless both are > 0."""
    tau, g = _positive("tau", tau), _positive("gamma_res", gamma_res)
    up, down = ((sp.exp(g * (1 + sign * W / tau)) - 1) / (sp.exp(g) - 1) for sign in (-1, 1))
    primitive = tau / g * sp.log(sp.cosh(g * W / tau) - sp.exp(-g))
    return ResponseFunction(f"exponential(tau={tau}, gamma_res={g})", up, down, -tau, tau, primitive)


def from_expressions(q_plus: Any, q_minus: Any, tau_min: Any, tau_max: Any) -> ResponseFunction:
    """The pair given by two expressions of w (SymPy, or text such as "1 - w/2") on the range [tau_min, tau_max].

    Numbers become exact: 0.1 is 1/10. Raises ValueError for an expression of another symbol, a bad range, and a
    response that is not positive inside the range (with the point and the value).
    """
    up, down = _expression("q_plus", q_plus), _expression("q_minus", q_minus)
    low, high = _bound("tau_min", tau_min), _bound("tau_max", tau_max)
    return ResponseFunction(f"from_expressions({up}, {down}, {low}, {high})", up, down, low, high)


def _expression(name: str, value: Any) -> sp.Expr:
    try:
        expr = sp.sympify(value, locals={"w": W}, rational=True)
    except (sp.SympifyError, TypeError, SyntaxError):
        validate.reject(name, value, "must be an expression of w")
    if not isinstance(expr, sp.Expr) or len(expr.free_symbols) > 1:
        validate.reject(name, value, "must be an expression of one symbol, w")
    expr = expr.xreplace(dict.fromkeys(expr.free_symbols, W))
    return expr.xreplace({f: validate.rational(name, f) for f in expr.atoms(sp.Float)})
