"""SymPy formulas as the Python expressions that `recheck` reads, and that a script of plain fractions can run.

Roots are written out of formulas: a symbol under a root becomes a power of a new one, or a name is chosen for the root
and a symbol that is under it linearly is expressed by the others. What is not algebraic (exp, pi) becomes a new symbol:
what is shown holds whatever its value.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.core.relational import Relational
from sympy.printing.str import StrPrinter

from .smt import symbols_of

_RESERVED = {"abs", "max", "min", "root", "Fraction", "undefined", "order"}


class Unwritable(Exception):
    """A formula has no such text."""


def name_of(text: str) -> str:
    """A symbol's name as Python allows it."""
    plain = re.sub(r"\W", "_", text)
    return f"{plain}_" if keyword.iskeyword(plain) or plain in _RESERVED or not plain.isidentifier() else plain


class _Python(StrPrinter):  # type: ignore[misc]  # SymPy is untyped
    def _print_Symbol(self, symbol: Any) -> str:
        return name_of(symbol.name)

    def _print_Rational(self, number: Any) -> str:
        return f"Fraction({number.p}, {number.q})"

    def _print_Half(self, _: Any) -> str:
        return "Fraction(1, 2)"

    def _print_Pow(self, formula: Any, rational: bool = False) -> str:  # noqa: ARG002 (as StrPrinter calls it)
        base, exponent = formula.args
        if not isinstance(exponent, sp.Rational):
            raise Unwritable(f"the power {formula}")
        inner = self._print(base) if exponent.q == 1 else f"root({self._print(base)}, {exponent.q})"
        bracketed = inner if re.fullmatch(r"\w+|root\(.*\)", inner) else f"({inner})"
        return bracketed if exponent.p == 1 else f"{bracketed}**{exponent.p if exponent > 0 else f'({exponent.p})'}"

    def _print_Abs(self, formula: Any) -> str:
        return f"abs({self._print(formula.args[0])})"

    def _print_Max(self, formula: Any) -> str:
        return f"max({', '.join(map(self._print, formula.args))})"

    def _print_Min(self, formula: Any) -> str:
        return f"min({', '.join(map(self._print, formula.args))})"

    def _print_sign(self, formula: Any) -> str:
        inner = self._print(formula.args[0])
        return f"(1 if {inner} > 0 else -1 if {inner} < 0 else 0)"

    def _print_Heaviside(self, formula: Any) -> str:
        inner, at_zero = map(self._print, formula.args)
        return f"(1 if {inner} > 0 else 0 if {inner} < 0 else {at_zero})"

    def _print_Piecewise(self, formula: Any) -> str:
        cases = [f"{self._print(v)} if {self._print(c)} else " for v, c in formula.args if c != sp.true]
        last = self._print(formula.args[-1].expr) if formula.args[-1].cond == sp.true else "1/0"
        return f"({''.join(cases)}{last})"

    def _print_Relational(self, relation: Any) -> str:
        return f"{self._print(relation.lhs)} {relation.rel_op} {self._print(relation.rhs)}"

    def _print_And(self, formula: Any) -> str:
        return " and ".join(map(self._inner, formula.args))

    def _print_Or(self, formula: Any) -> str:
        return " or ".join(map(self._inner, formula.args))

    def _print_Not(self, formula: Any) -> str:
        return f"not ({self._print(formula.args[0])})"

    def _print_Equivalent(self, formula: Any) -> str:
        first, *others = map(self._inner, formula.args)
        return " and ".join(f"({first}) == ({other})" for other in others)

    def _print_Implies(self, formula: Any) -> str:
        return str(self._print(sp.Or(sp.Not(formula.args[0]), formula.args[1])))

    def _inner(self, part: Any) -> str:
        text = str(self._print(part))
        return text if isinstance(part, Relational | sp.logic.boolalg.BooleanAtom) else f"({text})"

    def emptyPrinter(self, formula: Any) -> str:
        raise Unwritable(f"{type(formula).__name__} is not rational arithmetic")

    _print_Function = _print_NumberSymbol = _print_Float = _print_AppliedUndef = emptyPrinter
    _print_CRootOf = _print_ComplexRootOf = _print_Infinity = _print_NaN = _print_ImaginaryUnit = emptyPrinter


def python(formula: sp.Basic) -> str:
    """A formula as a Python expression. Raises Unwritable."""
    return str(_Python().doprint(formula))


def domains(symbols: Iterable[sp.Symbol]) -> dict[str, str]:
    """What is assumed of symbols, by name: the strongest that `recheck` knows."""
    return {name_of(symbol.name): _domain(symbol) for symbol in symbols}


def _domain(symbol: sp.Symbol) -> str:
    if not symbol.is_commutative:
        return "matrix"
    if not symbol.is_real:
        raise Unwritable(f"{symbol} is not a real number")
    known = (kind for kind in ("positive", "nonnegative", "nonzero") if getattr(symbol, f"is_{kind}"))
    return next(known, "real")


@dataclass(frozen=True)
class Written:
    """Formulas as text, rational in their free `symbols` (name: domain).

    lines: definitions of the symbols that are not free; whole: those that became whole powers of others, and of which;
    opaque: what the symbols that stand for functions and numbers stand for.
    """

    formulas: tuple[str, ...]
    symbols: dict[str, str]
    lines: list[str]
    whole: dict[str, str]
    opaque: dict[str, str]


def written(formulas: Sequence[sp.Basic], small: sp.Symbol | None = None) -> Written:
    """Formulas for all values of their symbols, without roots. Raises Unwritable.

    Where a symbol is `small`, what depends on it and stands for a function has a limit, in its domain, as it goes to 0.
    """
    taken = {symbol.name for symbol in symbols_of(formulas)}
    functions: dict[sp.Basic, sp.Symbol] = {}
    near = [_near_zero(formula, small, functions, taken) if small else formula for formula in formulas]
    apart = _with_exponentials_apart(near, functions, taken)
    algebraic = [_without_functions(formula, functions, taken) for formula in apart]
    roots = _definitions(_radicands(algebraic), taken)
    powers = {p: roots[p.base].letter ** (p.exp * roots[p.base].degree) for f in algebraic for p in _roots_in(f)}
    rootless = [formula.xreplace(powers) for formula in algebraic]
    lines = {root.symbol: root.value for root in sorted(roots.values(), key=lambda root: root.rank)}
    free = set(symbols_of([*rootless, *lines.values(), *lines])) - set(lines)
    return Written(
        tuple(map(python, rootless)),
        domains(sorted(free, key=lambda symbol: str(symbol.name))),
        [f"{name_of(symbol.name)} = {python(value)}" for symbol, value in lines.items()],
        {name_of(r.symbol.name): name_of(r.letter.name) for r in roots.values() if r.base == r.symbol},
        {name_of(letter.name): str(function) for function, letter in functions.items()},
    )


TAYLOR = 4  # terms written of a function of what is small; the rest stands for the others


def _near_zero(formula: Any, small: sp.Symbol, functions: dict[sp.Basic, sp.Symbol], taken: set[str]) -> Any:
    """The formula with roots near a positive number as symbols, and functions near zero as their first terms."""
    found: dict[sp.Basic, sp.Expr] = {}
    for part in (part for part in _roots_in(formula) if part.base.has(small) and part.base != small):
        root = sp.Pow(part.base, sp.Rational(1, part.exp.q))
        if not part.base.subs(small, 0).is_positive:
            raise Unwritable(f"{part.base} under a root, which may vanish as {small} does")
        if root not in functions:
            functions[root] = sp.Symbol(_new("root", taken), positive=True)
        found[part] = functions[root] ** part.exp.p
    for part in (part for part in _transcendental(formula) if part.has(small)):
        (inner, *others), rest = part.args, sp.Symbol(_new("rest", taken), real=True)
        argument = sp.Symbol("x")
        terms = [sp.diff(part.func(argument), argument, k).subs(argument, 0) / sp.factorial(k) for k in range(TAYLOR)]
        if others or inner.subs(small, 0) != 0 or not all(term.is_Rational for term in terms):
            raise Unwritable(f"{part} near {small} = 0")
        first = sum(term * inner**k for k, term in enumerate(terms))
        functions[(part - first) / inner**TAYLOR] = rest
        found[part] = first + inner**TAYLOR * rest
    return formula.xreplace(found)


def _with_exponentials_apart(
    formulas: Sequence[Any], functions: dict[sp.Basic, sp.Symbol], taken: set[str]
) -> list[Any]:
    """The formulas with whole powers of a few symbols for exponentials: exp(x + y/2) and exp(y) share that of y/2."""
    hyperbolic = (sp.sinh, sp.cosh, sp.tanh)
    plain = [formula.replace(lambda f: isinstance(f, hyperbolic), lambda f: f.rewrite(sp.exp)) for formula in formulas]
    found = sorted({part for formula in plain for part in formula.atoms(sp.exp)}, key=sp.default_sort_key)
    exponents = {part: dict(_multiples(part.args[0])) for part in found}
    units: dict[sp.Expr, sp.Rational] = {}
    for terms in exponents.values():
        for factor, multiple in terms.items():
            units[factor] = sp.gcd(units.get(factor, 0), multiple)
    letters = {factor: sp.Symbol(_new("exp", taken), positive=True) for factor in units}
    functions.update({sp.exp(units[factor] * factor): letter for factor, letter in letters.items()})
    powers = {
        part: sp.Mul(*(letters[factor] ** (multiple / units[factor]) for factor, multiple in terms.items()))
        for part, terms in exponents.items()
    }
    return [formula.xreplace(powers) for formula in plain]


def _multiples(exponent: sp.Expr) -> Iterator[tuple[sp.Expr, sp.Rational]]:
    for term in sp.Add.make_args(sp.expand(exponent)):
        multiple, factor = term.as_coeff_Mul(rational=True)
        yield factor, multiple


_FUNCTIONS = (sp.Abs, sp.sign, sp.Heaviside, sp.Max, sp.Min, sp.Piecewise)


def _without_functions(formula: Any, functions: dict[sp.Basic, sp.Symbol], taken: set[str]) -> Any:
    """The formula with a symbol for each part that is not algebraic, kept in `functions`."""
    parts = _transcendental(formula)
    for part in parts:
        if part not in functions:
            domain = {f"is_{kind}": getattr(part, f"is_{kind}") for kind in ("positive", "nonnegative", "nonzero")}
            known = {kind.removeprefix("is_"): True for kind, holds in domain.items() if holds}
            functions[part] = sp.Symbol(_new(type(part).__name__, taken), real=True, **known)
    return formula.xreplace({part: functions[part] for part in parts})


def _transcendental(formula: Any) -> list[sp.Basic]:
    def stands(part: sp.Basic) -> bool:
        function = isinstance(part, sp.Function) and not isinstance(part, _FUNCTIONS)
        number = part.is_Pow and part.is_number and not part.is_Rational
        return function or number or isinstance(part, sp.NumberSymbol) or (part.is_Pow and not part.exp.is_Rational)

    return sorted({part for part in sp.preorder_traversal(formula) if stands(part)}, key=sp.default_sort_key)


def _new(stem: str, taken: set[str]) -> str:
    name = next(name for k in range(1, 10**6) if (name := f"{stem}_{k}") not in taken)
    taken.add(name)
    return name


@dataclass(frozen=True)
class _Root:
    """letter**degree = base, as a definition of one of the symbols of the base; `rank` orders the definitions."""

    base: sp.Expr
    degree: int
    letter: sp.Symbol
    symbol: sp.Symbol
    value: sp.Expr
    rank: int


def _roots_in(formula: Any) -> list[sp.Pow]:
    return [power for power in formula.atoms(sp.Pow) if power.exp.is_Rational and not power.exp.is_Integer]


def _radicands(formulas: Iterable[Any]) -> dict[sp.Expr, int]:
    """What stands under roots, with the degree of all of its roots; symbols first."""
    found: dict[sp.Expr, int] = {}
    for power in (power for formula in formulas for power in _roots_in(formula)):
        found[power.base] = int(sp.ilcm(found.get(power.base, 1), power.exp.q))
    return dict(sorted(found.items(), key=lambda item: (not item[0].is_Symbol, sp.default_sort_key(item[0]))))


def _definitions(radicands: dict[sp.Expr, int], taken: set[str]) -> dict[sp.Expr, _Root]:
    """A letter for each root, and what it makes of a symbol; where the base is negative no formula has a value."""
    roots: dict[sp.Expr, _Root] = {}
    for rank, (base, degree) in enumerate(radicands.items()):
        domain = "positive" if base.is_positive else "nonnegative"
        letter = sp.Symbol(_new("root", taken), **{domain: True})
        used = {s for root in roots.values() for s in (root.symbol, *root.value.free_symbols)}
        symbol = next((s for s in sorted(base.free_symbols, key=str) if s not in used and _is_linear(base, s)), None)
        if symbol is None or _roots_in(base):
            raise Unwritable(f"the root of {base}")
        slope = sp.diff(base, symbol)
        value = (letter**degree - (base - slope * symbol)) / slope
        roots[base] = _Root(base, degree, letter, symbol, value, rank)
    return roots


def _is_linear(base: sp.Expr, symbol: sp.Symbol) -> bool:
    slope = sp.diff(base, symbol)
    return slope.is_nonzero is True and symbol not in slope.free_symbols
