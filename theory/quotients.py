"""Exact quotients of polynomials in named symbols, with the standard library alone: what `recheck` shows identities by.

A polynomial maps words to coefficients. A word has names with their powers, sorted; the names of matrices, which start
with "~", do not commute and stand last. Signs are those of a `World`: what it does not know has to be tried, case by
case, and raises `Split`.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from math import prod
from typing import Any

Word = tuple[tuple[str, int], ...]
Poly = dict[Word, Fraction]
ONE: Poly = {(): Fraction(1)}
ZERO_AS_NEGATIVE = -3


class Split(ValueError):
    """A sign is not known: of what (a name or a polynomial), and whether zero is to be told from the others."""


def _word(letters: Word) -> Word:
    merged: list[tuple[str, int]] = []
    for name, exponent in sorted(letters, key=lambda letter: min(letter[0], "~")):
        if merged and merged[-1][0] == name:
            exponent += merged.pop()[1]
        if exponent:
            merged.append((name, exponent))
    return tuple(merged)


def _plus(one: Poly, other: Poly) -> Poly:
    total = {word: one.get(word, Fraction(0)) + other.get(word, Fraction(0)) for word in {**one, **other}}
    return {word: c for word, c in total.items() if c}


def _times(one: Poly, other: Poly) -> Poly:
    total: Poly = {}
    for first, c in one.items():
        for second, d in other.items():
            word = _word(first + second)
            total[word] = total.get(word, Fraction(0)) + c * d
    return {word: c for word, c in total.items() if c}


def lowest(poly: Poly, name: str) -> int:
    """The least power of a name in any term."""
    return min(dict(word).get(name, 0) for word in poly)


@dataclass(frozen=True)
class World:
    """What is assumed: the domain of each symbol, the signs of this case, and which symbol is infinitely small.

    A sign is -1, 0 or 1; -2 or 2 where it is not told from zero; or ZERO_AS_NEGATIVE, for |p| is p and -p where p is 0.
    """

    domains: Mapping[str, str]
    signs: Mapping[Any, int] = field(default_factory=dict)
    small: str = ""

    def symbols(self) -> dict[str, Any]:
        """The symbols as quotients; one whose sign is 0 as the number 0."""
        letters = {name: f"~{name}" if domain == "matrix" else name for name, domain in self.domains.items()}
        found = {name: Quotient({((letter, 1),): Fraction(1)}, ONE, self) for name, letter in letters.items()}
        return {name: Fraction(0) if self.signs.get(name) == 0 else symbol for name, symbol in found.items()}

    def sign(self, poly: Poly, strict: bool = True) -> int:
        """The sign of a polynomial: where a symbol is infinitely small, of the part with its lowest power.

        Where it is not `strict`, 1 stands for >= 0. Raises Split.
        """
        if poly and self.small:
            least = lowest(poly, self.small)
            poly = {word: c for word, c in poly.items() if dict(word).get(self.small, 0) == least}
        if not poly:
            return 0
        common = {name: lowest(poly, name) for name in sorted({name for word in poly for name, _ in word})}
        rest = _times(poly, {tuple((name, -least) for name, least in common.items()): Fraction(1)})
        leading = rest[max(rest)]
        terms = tuple(sorted((word, c / leading) for word, c in rest.items()))
        powers = {name: abs(least) if strict else least % 2 for name, least in common.items()}
        outside = prod(self._of(name, strict) for name, power in powers.items() for _ in range(power))
        return outside * (1 if leading > 0 else -1) * (1 if self._evident(terms) else self._known(terms, strict))

    def _of(self, name: str, strict: bool) -> int:
        evident = ("positive",) if strict else ("positive", "nonnegative")
        return 1 if self.domains[name] in evident else self._known(name, strict)

    def _evident(self, terms: tuple[tuple[Word, Fraction], ...]) -> bool:
        """Whether no term can be negative, and one is positive."""
        squares = ("positive", "nonnegative")
        above = all(c > 0 and all(e % 2 == 0 or self.domains[n] in squares for n, e in word) for word, c in terms)
        return above and any(all(self.domains[name] == "positive" for name, _ in word) for word, _ in terms)

    def _known(self, key: Any, strict: bool) -> int:
        sign = self.signs.get(key)
        if sign is None or (strict and abs(sign) == 2):
            raise Split(key, strict)
        zero = strict and sign in (0, ZERO_AS_NEGATIVE)
        return 0 if zero else 1 if sign >= 0 else -1


@dataclass(frozen=True)
class Quotient:
    """A polynomial over one that is not zero; its operators take numbers too."""

    top: Poly
    bottom: Poly
    world: World

    def sign(self, strict: bool = True) -> int:
        """The sign of the quotient; where it is not `strict`, 1 stands for >= 0."""
        return self.world.sign(self.top, strict) * self.world.sign(self.bottom, strict)

    def order(self, small: str) -> Fraction:
        """The power of `small` that leads as it goes to zero."""
        return Fraction(lowest(self.top, small) - lowest(self.bottom, small))

    def _of(self, other: Any) -> Quotient:
        if isinstance(other, Quotient):
            return other
        return Quotient({(): Fraction(other)} if other else {}, ONE, self.world)

    def __add__(self, other: Any) -> Quotient:
        other = self._of(other)
        if self.bottom == other.bottom:
            return Quotient(_plus(self.top, other.top), self.bottom, self.world)
        top = _plus(_times(self.top, other.bottom), _times(other.top, self.bottom))
        return Quotient(top, _times(self.bottom, other.bottom), self.world)

    def __mul__(self, other: Any) -> Quotient:
        other = self._of(other)
        return Quotient(_times(self.top, other.top), _times(self.bottom, other.bottom), self.world)

    def inverse(self) -> Quotient:
        """One over the quotient: of a sum only where its symbols commute."""
        if not self.top:
            raise ZeroDivisionError("one over zero")
        if len(self.top) == 1:
            ((word, c),) = self.top.items()
            over = _word(tuple((name, -exponent) for name, exponent in reversed(word)))
            return Quotient(_times({over: 1 / c}, self.bottom), ONE, self.world)
        if any(name.startswith("~") for word in self.top for name, _ in word):
            raise ValueError("the inverse of a sum of matrices")
        return Quotient(self.bottom, self.top, self.world)

    def __pow__(self, exponent: int) -> Quotient:
        factor = self if exponent > 0 else self.inverse()
        return reduce(operator.mul, [factor] * abs(exponent), self._of(1))

    def __truediv__(self, other: Any) -> Quotient:
        return self * self._of(other).inverse()

    def __rtruediv__(self, other: Any) -> Quotient:
        return self._of(other) * self.inverse()

    def __neg__(self) -> Quotient:
        return self * -1

    def __pos__(self) -> Quotient:
        return self

    def __sub__(self, other: Any) -> Quotient:
        return self + -self._of(other)

    def __rsub__(self, other: Any) -> Quotient:
        return self._of(other) + -self

    def __abs__(self) -> Quotient:
        return -self if self.sign(strict=False) < 0 else self

    __radd__, __rmul__ = __add__, __mul__
