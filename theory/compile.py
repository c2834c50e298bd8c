"""SymPy expressions as functions of two kinds of number: arrays of any array-API library, and exact rationals.

Both are printed as Python from the same expressions, once, with their common subexpressions shared. The exact kind
refuses floats, because one float turns every number after it into a float.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

Arguments = tuple[sp.Symbol, ...]
Expressions = tuple[sp.Expr, ...]

_BOTH = {
    name: getattr(sp, name) for name in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sign", "floor")
}
_INVERSE = {name: getattr(sp, name) for name in ("asin", "acos", "atan", "asinh", "acosh", "atanh")}
# SymPy turns 1/exp(x) back into exp(-x), a second exponential; under another name it stays a division
_EXP: Any = sp.Function("exponential")
_ARRAY_FUNCTIONS: dict[Any, str] = {
    **{function: f"xp.{name}" for name, function in (_BOTH | _INVERSE).items()},
    _EXP: "xp.exp",
    sp.ceiling: "xp.ceil",
    sp.Abs: "abs",
    sp.erf: "erf",
}
_RELATIONS = {sp.Lt: "<", sp.Le: "<=", sp.Gt: ">", sp.Ge: ">=", sp.Eq: "==", sp.Ne: "!="}
_NODES = 64


@dataclass(frozen=True)
class _Dialect:
    """How one kind of number is written: its constants, functions, powers, choices and maxima."""

    constant: Callable[[sp.Expr], str]
    functions: dict[Any, str]
    power: Callable[[str, sp.Expr], str]
    choice: Callable[[str, str, str], str]
    largest: Callable[[sp.Expr, Any], str]
    helpers: tuple[str, ...] = ()


def _write(expr: sp.Basic, to: _Dialect) -> str:
    """Python text of an expression; every compound result stands in brackets."""
    say = functools.partial(_write, to=to)
    if expr.is_Symbol:
        return str(expr.name)
    if isinstance(expr, sp.logic.boolalg.Boolean):
        return _write_condition(expr, say)
    if not expr.free_symbols:
        return to.constant(expr)
    if expr.is_Add:
        return _write_sum(expr, say)
    if expr.is_Mul:
        return _write_product(expr, say)
    if expr.is_Pow:
        return to.power(say(expr.base), expr.exp)
    if isinstance(expr, sp.Piecewise):
        return _write_cases(expr, say, to)
    if isinstance(expr, sp.Max | sp.Min):
        return to.largest(expr, say)
    if expr.func not in to.functions:
        raise ValueError(f"expression={expr}: {expr.func} has no function for this kind of number")
    return f"{to.functions[expr.func]}({', '.join(map(say, expr.args))})"


def _write_sum(expr: sp.Expr, say: Callable[[sp.Basic], str]) -> str:
    # a - b is one pass over an array where a + (-1)*b is two
    terms = sorted(
        expr.args, key=lambda t: (t.could_extract_minus_sign(), bool(t.free_symbols), sp.default_sort_key(t))
    )
    first, *rest = terms
    signed = (f" - {say(-t)}" if t.could_extract_minus_sign() else f" + {say(t)}" for t in rest)
    return f"({say(first)}{''.join(signed)})"


def _write_product(expr: sp.Expr, say: Callable[[sp.Basic], str]) -> str:
    constant, rest = expr.as_independent(*expr.free_symbols, as_Add=False)
    above, below = sp.fraction(rest, exact=True)  # exp(-x) stays: 1/exp(x) overflows first
    factors = [say(f) for f in sp.Mul.make_args(above) if f != 1]
    if constant == -1 and factors:
        factors[0] = f"-{factors[0]}"
    elif constant != 1 or not factors:
        factors.insert(0, say(constant))
    divisors = "" if below == 1 else f"/({'*'.join(map(say, sp.Mul.make_args(below)))})"
    return f"({'*'.join(factors)}{divisors})"


def _write_cases(expr: sp.Piecewise, say: Callable[[sp.Basic], str], to: _Dialect) -> str:
    *others, last = expr.args
    if last.cond != sp.true:
        raise ValueError(f"expression={expr}: a piecewise expression needs a last case that always holds")
    text = say(last.expr)
    for value, condition in reversed(others):
        text = to.choice(say(condition), say(value), text)
    return text


def _write_condition(expr: sp.Basic, say: Callable[[sp.Basic], str]) -> str:
    if isinstance(expr, sp.And | sp.Or):
        return f"({(' & ' if isinstance(expr, sp.And) else ' | ').join(map(say, expr.args))})"
    if expr.func not in _RELATIONS:
        raise ValueError(f"condition={expr}: must be made of comparisons, And and Or")
    return f"({say(expr.lhs)} {_RELATIONS[expr.func]} {say(expr.rhs)})"


def _array_constant(expr: sp.Expr) -> str:
    return repr(float(expr if expr.is_Rational else sp.N(expr, 30)))


def _array_power(base: str, exponent: sp.Expr) -> str:
    if exponent == sp.Rational(1, 2):
        return f"xp.sqrt({base})"
    if exponent.is_Integer:
        whole = f"power({base}, {abs(exponent)})" if abs(exponent) != 1 else base
        return whole if exponent > 0 else f"(1.0/{whole})"
    if exponent.free_symbols:
        raise ValueError(f"exponent={exponent}: must be a number (write exp(y*log(x)) for x**y)")
    return f"({base}**{_array_constant(exponent)})"


def _array_choice(condition: str, value: str, other: str) -> str:
    return f"where({condition}, {value}, {other})"


def _array_largest(expr: sp.Expr, say: Any) -> str:
    name = "larger" if isinstance(expr, sp.Max) else "smaller"
    terms: list[str] = [say(term) for term in expr.args]
    return functools.reduce(lambda left, right: f"{name}({left}, {right})", terms)


_ARRAYS = _Dialect(
    _array_constant,
    _ARRAY_FUNCTIONS,
    _array_power,
    _array_choice,
    _array_largest,
    ("xp", "erf", "where", "larger", "smaller", "integral"),
)


def _exact_constant(expr: sp.Expr) -> str:
    if not expr.is_Rational:
        raise ValueError(f"expression={expr}: is not rational, so it has no exact function")
    return f"Fraction({expr.p}, {expr.q})"


def _exact_power(base: str, exponent: sp.Expr) -> str:
    if not exponent.is_Integer:
        raise ValueError(f"expression={base}**{exponent}: is not rational, so it has no exact function")
    return f"({base}**{exponent})"


def _exact_largest(expr: sp.Expr, say: Any) -> str:
    return f"{'max' if isinstance(expr, sp.Max) else 'min'}({', '.join(map(say, expr.args))})"


_FRACTIONS = _Dialect(
    _exact_constant,
    {sp.Abs: "abs", sp.sign: "sign"},
    _exact_power,
    lambda condition, value, other: f"({value} if {condition} else {other})",
    _exact_largest,
)


def _define(args: Arguments, exprs: Expressions, to: _Dialect) -> Callable[..., Any]:
    """A Python function of `to.helpers` and then `args` that returns the tuple of `exprs`."""
    unbound = set().union(*(e.free_symbols for e in exprs)) - set(args)
    if unbound:
        raise ValueError(f"expressions={exprs}: have symbols without a value: {sorted(map(str, unbound))}")
    scope: dict[str, Any] = {"Fraction": Fraction, "power": _power, "sign": _sign}
    lines, exprs = _integrals(args, exprs, to, scope)
    shared, results = sp.cse(exprs, symbols=sp.numbered_symbols("shared"), list=True)
    lines += [f"    {name} = {_write(value, to)}" for name, value in shared]
    returned = "".join(f"{_write(r, to)}, " for r in results)
    names = ", ".join([*to.helpers, *(a.name for a in args)])
    text = "\n".join([f"def compiled({names}):", *lines, f"    return ({returned})"])
    exec(text, scope)
    compiled: Callable[..., Any] = scope["compiled"]
    compiled.__doc__ = text
    return compiled


def _integrals(
    args: Arguments, exprs: Expressions, to: _Dialect, scope: dict[str, Any]
) -> tuple[list[str], Expressions]:
    """Lines that compute the integrals in `exprs`, and `exprs` with a name for each; integrands go into `scope`.

    An integrand is compiled by itself, because a subexpression of its variable cannot be shared outside of it.
    """
    lines, names = [], {}
    for k, found in enumerate(sorted(set().union(*(e.atoms(sp.Integral) for e in exprs)), key=sp.default_sort_key)):
        if "integral" not in to.helpers or len(found.limits) > 1:
            raise ValueError(f"expression={found}: only one-variable integrals are computed, and only on arrays")
        variable, low, high = found.limits[0]
        point = sp.Symbol(f"point{k}")
        integrand = _cheapest((found.function.xreplace({variable: point}),))
        scope[f"integrand{k}"] = _define((point, *args), integrand, to)
        passed = ", ".join([*to.helpers, point.name, *(a.name for a in args)])
        bounds = f"{_write(low, to)}, {_write(high, to)}"
        lines.append(f"    integral{k} = integral(lambda {point.name}: integrand{k}({passed})[0], {bounds})")
        names[found] = sp.Symbol(f"integral{k}")
    return lines, tuple(e.xreplace(names) for e in exprs)


@functools.cache
def array_function(args: Arguments, exprs: Expressions) -> Callable[..., tuple[Any, ...]]:
    """A function of one array for each of `args` that returns the values of `exprs`, in order.

    The arrays' own library computes them (array API 2024.12). An expression without symbols comes back as a float,
    which broadcasts against the arguments at no cost. An integral is computed by Gauss-Legendre quadrature of 64
    nodes, graded towards its upper limit. Raises ValueError for an expression that has no such function.
    """
    args, exprs = tuple(args), tuple(map(sp.sympify, exprs))
    compiled = _define(args, _cheapest(exprs), _ARRAYS)
    on_numpy = functools.partial(compiled, *_operations(np))

    def function(*arrays: Any) -> tuple[Any, ...]:
        if all(isinstance(a, np.ndarray | np.generic | float | int) for a in arrays):
            return on_numpy(*arrays)  # type: ignore[no-any-return]
        return compiled(*_operations(_namespace(*arrays)), *arrays)  # type: ignore[no-any-return]

    function.__doc__ = compiled.__doc__
    return function


def _namespace(*arrays: Any) -> Any:
    from array_api_compat import array_namespace

    return array_namespace(*arrays)


@functools.cache
def _operations(xp: Any) -> tuple[Any, ...]:
    """The namespace, and the operations that the array API lacks or defines for arrays only."""
    return (
        xp,
        functools.partial(_erf, xp),
        functools.partial(_where, xp),
        functools.partial(_extreme, xp.maximum, xp.clip, "min"),
        functools.partial(_extreme, xp.minimum, xp.clip, "max"),
        _integral,
    )


def _erf(xp: Any, x: Any) -> Any:
    if hasattr(getattr(xp, "special", None), "erf"):
        return xp.special.erf(x)
    from scipy import special

    return special.erf(x) if xp is np else xp.asarray(special.erf(np.asarray(x)))


def _where(xp: Any, condition: Any, value: Any, other: Any) -> Any:
    if isinstance(value, float) and isinstance(other, float):
        value = xp.where(condition, xp.asarray(value), xp.asarray(0.0))
    return xp.where(condition, value, other)


def _extreme(of_arrays: Any, clip: Any, side: str, left: Any, right: Any) -> Any:
    if isinstance(left, float):
        left, right = right, left
    return clip(left, **{side: right}) if isinstance(right, float) else of_arrays(left, right)


def _power(x: Any, exponent: int) -> Any:
    """x**exponent for exponent >= 1 by squaring: NumPy's own power costs as much as an exponential from 3 on."""
    half = x if exponent < 4 else _power(x, exponent // 2)
    if exponent == 1:
        return x
    return half * half * x if exponent % 2 else half * half


def _sign(x: Fraction) -> int:
    return (x > 0) - (x < 0)


@functools.cache
def _nodes() -> tuple[tuple[float, float], ...]:
    """Nodes and weights on [0, 1], graded as 1 - (1 - u)^4: a root at the range's bound costs no accuracy."""
    x, weight = np.polynomial.legendre.leggauss(_NODES)
    u = (1 + x) / 2
    return tuple(zip((1 - (1 - u) ** 4).tolist(), (2 * (1 - u) ** 3 * weight).tolist(), strict=True))


def _integral(integrand: Callable[[Any], Any], low: Any, high: Any) -> Any:
    width = high - low
    return width * sum(weight * integrand(low + width * node) for node, weight in _nodes())


def _cheapest(exprs: Sequence[sp.Expr]) -> Expressions:
    """Equal expressions that take fewer passes: constants out of exponentials and powers, exp(-x) as 1/exp(x)."""
    lean = [_separate(e) for e in exprs]
    exponents = {a.args[0] for e in lean for a in e.atoms(sp.exp)}
    twice = {x for x in exponents if -x in exponents and x.could_extract_minus_sign()}
    shared = {sp.exp(x): 1 / _EXP(-x) for x in twice} | {sp.exp(-x): _EXP(-x) for x in twice}
    return tuple(e.xreplace(shared) for e in lean)


def _separate(expr: sp.Expr) -> sp.Expr:
    powers = {p for p in expr.atoms(sp.Pow) if not p.exp.is_Integer and p.base.free_symbols and not p.exp.free_symbols}
    if expr.has(sp.Integral) or not (powers or expr.has(sp.exp)):
        return expr
    apart = expr.xreplace({p: _split_power(p) for p in powers})
    return sp.expand_mul(_fold(apart.replace(sp.exp, lambda exponent: _split_exponential(exponent))))


def _fold(expr: sp.Expr) -> sp.Expr:
    """The expression with each irrational constant as one number, so that none is computed at run time."""
    if expr.is_Symbol or expr.is_Rational or not isinstance(expr, sp.Expr):
        return expr
    if not expr.free_symbols:
        return sp.N(expr, 30)
    if not (expr.is_Add or expr.is_Mul):
        return expr.func(*map(_fold, expr.args)) if not expr.is_Pow else _fold(expr.base) ** expr.exp
    constant, rest = expr.as_independent(*expr.free_symbols)
    return expr.func(_fold(constant), *map(_fold, expr.func.make_args(rest)))


def _split_exponential(exponent: sp.Expr) -> sp.Expr:
    constant, rest = sp.expand(exponent).as_independent(*exponent.free_symbols, as_Add=True)
    return sp.exp(constant) * sp.exp(rest)


def _split_power(expr: sp.Expr) -> sp.Expr:
    """(a + b w)^p as |b|^p (a/|b| +- w)^p, whose base rounds to exactly zero at its root, never to less."""
    base, exponent = expr.as_base_exp()
    linear = sp.Poly(base, *base.free_symbols) if base.is_polynomial() and len(base.free_symbols) == 1 else None
    if linear is None or linear.degree() != 1:
        return expr
    slope = abs(linear.LC())
    return slope**exponent * sp.expand(base / slope) ** exponent


@functools.cache
def exact_function(args: Arguments, exprs: Expressions) -> Callable[..., tuple[Any, ...]]:
    """A function of one exact number for each of `args` that returns the values of `exprs` as Fractions.

    Takes int, Fraction and SymPy rationals, or object arrays of them, element by element. It raises TypeError on any
    float. Raises ValueError where an expression is not rational in `args` (cases, |x|, min and max are allowed).
    """
    args, exprs = tuple(args), tuple(map(sp.sympify, exprs))
    compiled = _define(args, exprs, _FRACTIONS)

    def of_numbers(*values: Any) -> tuple[Fraction, ...]:
        return tuple(map(_fraction, compiled(*map(_fraction, values))))

    def function(*values: Any) -> tuple[Any, ...]:
        if not any(isinstance(v, np.ndarray) for v in values):
            return of_numbers(*values)
        found = np.frompyfunc(of_numbers, len(args), len(exprs))(*values)
        return found if len(exprs) > 1 else (np.frompyfunc(lambda one: one[0], 1, 1)(found),)

    return function


def _fraction(value: Any) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, int | Fraction | sp.Rational):
        raise TypeError(f"value={value!r}: exact functions take integers and fractions only, never floats")
    return value if isinstance(value, Fraction) else Fraction(int(value.numerator), int(value.denominator))
