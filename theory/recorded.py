"""Numbers that write down what is done with them: an instance's slack as the lines of a program over fractions.

A claim over instances is a function of arrays. Run on recorded numbers it leaves every step from the numbers drawn to
the result, and every comparison on which a step depended; `recheck` replays both by fractions alone.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from .written import Unwritable, name_of

LENGTH = 60  # of a formula that stays within another one

SUM, PRODUCT, POWER, ATOM = 1, 2, 3, 4  # how much the last operator of a formula binds

_NAME = re.compile(r"[A-Za-z_]\w*")
_NEUTRAL = {"+": 0, "-": 0, "*": 1, "/": 1}


@dataclass
class Program:
    """Values of the numbers drawn, lines that define further names, and comparisons that held."""

    values: dict[str, str] = field(default_factory=dict)
    lines: dict[str, str] = field(default_factory=dict)
    compared: dict[str, None] = field(default_factory=dict)
    _shared: dict[str, str] = field(default_factory=dict)

    def drawn(self, name: str, value: Any) -> Any:
        """A drawn number, or an array of them, recorded under its name."""
        return _each(name_of(name), value, self._draw)

    def _draw(self, name: str, value: Any) -> Recorded:
        self.values[name] = str(Fraction(value))
        return Recorded(Fraction(value), name, self)

    def named(self, name: str, value: Any) -> Any:
        """A computed number, or an array of them, under a name of its own."""
        return _each(name_of(name), value, self._name)

    def _name(self, name: str, value: Any) -> Any:
        if not isinstance(value, Recorded):
            return int(value) if isinstance(value, np.integer) else value
        if value.text in self.values or (value.text in self.lines and value.text not in self._shared.values()):
            return value
        name = self._free(name)
        self.lines[name] = value.text
        return Recorded(value.number, name, self)

    def _free(self, name: str) -> str:
        while name in self.lines or name in self.values:
            name += "_"
        return name

    def short(self, number: Fraction, text: str, binds: int) -> Recorded:
        """A number with its formula, which gets a line of its own where it is long."""
        if len(text) <= LENGTH:
            return Recorded(number, text, self, binds)
        if text not in self._shared:
            self._shared[text] = self._free(f"t{len(self.lines) + 1}")
            self.lines[self._shared[text]] = text
        return Recorded(number, self._shared[text], self)

    def check(self, name: str, wanted: Iterable[str]) -> dict[str, Any]:
        """The check that these formulas hold; lines on which neither they nor a comparison depend are left out."""
        true = [*self.compared, *wanted]
        needed = set(_NAME.findall(" ".join(true)))
        lines: list[str] = []
        for defined, text in reversed(self.lines.items()):
            if defined in needed:
                lines.insert(0, f"{defined} = {text}")
                needed |= set(_NAME.findall(text))
        values = {name: value for name, value in self.values.items() if name in needed}
        return {"name": name, "kind": "point", "values": values, "lines": lines, "true": true}


def _each(name: str, value: Any, record: Callable[[str, Any], Any]) -> Any:
    if not isinstance(value, np.ndarray):
        return record(name, value)
    found = np.empty(value.shape, dtype=object)
    for index in np.ndindex(value.shape):
        found[index] = record("_".join([name, *map(str, index)]), value[index])
    return found


def spelled(value: Any, least: int = 0) -> str:
    """A number as part of a formula, in brackets where it binds less than `least`. Raises Unwritable if not exact."""
    if isinstance(value, Recorded):
        return value.text if value.binds >= least else f"({value.text})"
    if not isinstance(value, int | Fraction | np.integer | np.bool_):
        raise Unwritable(f"{value!r} is not an exact number")
    exact = value if isinstance(value, Fraction) else Fraction(int(value))
    if exact.denominator > 1:
        return f"Fraction({exact.numerator}, {exact.denominator})"
    return f"({exact})" if exact < 0 and least else str(exact)


def _binary(
    sign: str, binds: int, compute: Callable[[Any, Any], Any], turned: bool = False
) -> Callable[[Recorded, Any], Any]:
    def method(self: Recorded, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        if not isinstance(other, Recorded) and other == _NEUTRAL[sign] and not (turned and sign in "-/"):
            return self
        left, right = (other, self) if turned else (self, other)
        text = f"{spelled(left, binds)} {sign} {spelled(right, binds + (sign in '-/'))}"
        return self.program.short(compute(_number(left), _number(right)), text, binds)

    return method


def _relation(sign: str, opposite: str, compute: Callable[[Any, Any], bool]) -> Callable[[Recorded, Any], bool]:
    def method(self: Recorded, other: Any) -> bool:
        if isinstance(other, np.ndarray):
            return NotImplemented  # type: ignore[no-any-return]
        other = Fraction(other) if isinstance(other, float) else other  # such as a box's bound, of which it is exact
        held: bool = compute(self.number, _number(other))
        self.program.compared[f"{spelled(self)} {sign if held else opposite} {spelled(other)}"] = None
        return held

    return method


def _number(value: Any) -> Fraction:
    if isinstance(value, Recorded):
        return value.number
    return value if isinstance(value, Fraction) else Fraction(int(value))


class Recorded(Fraction):
    """A fraction with the formula that gave it. What would make a plain number of it raises Unwritable."""

    number: Fraction
    text: str
    program: Program
    binds: int

    def __new__(cls, number: Fraction, text: str, program: Program, binds: int = ATOM) -> Recorded:
        """The number `number`, which `text` gives in a program; the text's last operator binds so much."""
        self: Recorded = super().__new__(cls, number)
        self.number, self.text, self.program, self.binds = number, text, program, binds
        return self

    @property
    def numerator(self) -> int:
        """Not for others to take: what they make of it would not be recorded."""
        raise Unwritable(f"{self.text} is taken apart")

    @property
    def denominator(self) -> int:
        """Not for others to take either."""
        raise Unwritable(f"{self.text} is taken apart")

    __add__, __radd__ = _binary("+", SUM, operator.add), _binary("+", SUM, operator.add, turned=True)
    __sub__, __rsub__ = _binary("-", SUM, operator.sub), _binary("-", SUM, operator.sub, turned=True)
    __mul__, __rmul__ = _binary("*", PRODUCT, operator.mul), _binary("*", PRODUCT, operator.mul, turned=True)
    __truediv__ = _binary("/", PRODUCT, operator.truediv)
    __rtruediv__ = _binary("/", PRODUCT, operator.truediv, turned=True)
    __lt__, __ge__ = _relation("<", ">=", operator.lt), _relation(">=", "<", operator.ge)
    __gt__, __le__ = _relation(">", "<=", operator.gt), _relation("<=", ">", operator.le)
    __eq__, __ne__ = _relation("==", "!=", operator.eq), _relation("!=", "==", operator.ne)

    def __hash__(self) -> int:  # type: ignore[override]  # of the typeshed, where complex numbers have none
        return hash(self.number)

    def __pow__(self, exponent: Any) -> Any:
        if isinstance(exponent, bool) or not isinstance(exponent, int | np.integer):
            raise Unwritable(f"{self.text}**{exponent}")
        text = f"{spelled(self, ATOM)}**{spelled(int(exponent), ATOM)}"
        return self.program.short(self.number ** int(exponent), text, POWER)

    def __neg__(self) -> Recorded:
        return self.program.short(-self.number, f"-{spelled(self, PRODUCT)}", SUM)

    def __pos__(self) -> Recorded:
        return self

    def __abs__(self) -> Recorded:
        return self.program.short(abs(self.number), f"abs({self.text})", ATOM)

    def __bool__(self) -> bool:
        return bool(self != 0)

    def __float__(self) -> float:
        raise Unwritable(f"{self.text} as a float")
