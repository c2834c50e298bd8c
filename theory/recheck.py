"""Recheck certificates with Python's standard library alone: `python theory/recheck.py FILE...`.

To trust a recheck, read this file and `quotients.py` beside it; nothing else runs. A certificate is a JSON object: its
`checks` must hold, and `lacks` tells what none of them shows. Formulas are Python expressions, numbers exact fractions,
`lines` definitions `name = formula`, in order. A check is of one of four kinds:

point     at `values` and `lines`, every formula of `true` is true and every formula of `false` is false
identity  `left` == `right` for all `symbols` (name: real, positive, nonnegative, nonzero, matrix), wherever both are
          defined and `given` holds: in every case of the signs their difference, a quotient of polynomials, is zero
order     as `small` -> 0+, `error` is O or Theta (`sense`) of `unit`**`order` for all `symbols`; `true` of that `order`
solver    `smt`, an SMT-LIB text, has no solution: a solver has to say so
"""

from __future__ import annotations

import ast
import json
import operator
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from math import isqrt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING or __package__:
    from .quotients import ZERO_AS_NEGATIVE, Quotient, Split, World
else:
    from quotients import ZERO_AS_NEGATIVE, Quotient, Split, World

HOLDS, FAILS, SOLVER, LACKING = "holds", "fails", "needs a solver", "has no check"
DEPTH = 8  # signs known when cases are no longer told apart
Check = Mapping[str, Any]
Solve = Callable[[str], str]


@dataclass(frozen=True)
class Result:
    """What became of one check: it holds, fails, or needs a solver; or that a part of the verdict has none, and why."""

    name: str
    kind: str
    status: str
    why: str = ""


def recheck(certificate: Mapping[str, Any], solve: Solve | None = None) -> list[Result]:
    """All checks of a certificate. `solve` says unsat, sat or unknown of an SMT-LIB text."""
    found = [_result(check, solve) for check in certificate["checks"]]
    found += [Result("", "", LACKING, why) for why in certificate.get("lacks", ())]
    return found or [Result("", "", FAILS, "there is nothing to check")]


def _result(check: Check, solve: Solve | None) -> Result:
    kinds: Mapping[str, Callable[[Check], str]] = {"point": point, "identity": identity, "order": order}
    try:
        why = solver(solve, check) if check["kind"] == "solver" else kinds[check["kind"]](check)
    except (ArithmeticError, AttributeError, LookupError, SyntaxError, TypeError, ValueError) as error:
        why = f"{type(error).__name__}: {error}"
    name, kind = str(check.get("name", "")), str(check.get("kind"))
    if why == SOLVER:
        return Result(name, kind, SOLVER, "" if solve is None else "the one asked does not know")
    return Result(name, kind, FAILS if why else HOLDS, why)


# Formulas: parsed, never executed. One that has no value (1/0, the root of 2) raises ArithmeticError.


def power(base: Any, exponent: Fraction) -> Any:
    """A whole power, not a large one."""
    if exponent.denominator != 1 or abs(exponent) > 99:
        raise ValueError(f"exponent {exponent}: must be whole and small")
    return base ** int(exponent)


def root(number: Fraction, degree: Fraction) -> Fraction:
    """The exact root of a number >= 0."""
    parts = (max(number.numerator, 0), number.denominator)
    found = Fraction(*(isqrt(part) if degree == 2 else round(part ** float(1 / degree)) for part in parts))
    if power(found, degree) != number:
        raise ArithmeticError(f"{number} has no exact root of degree {degree}")
    return found


def largest(*values: Any) -> Any:
    """The largest of numbers or quotients."""
    return reduce(lambda one, other: (one + other + abs(one - other)) / 2, values)


def smallest(*values: Any) -> Any:
    """The smallest of numbers or quotients."""
    return -largest(*(-value for value in values))


FUNCTIONS: Mapping[str, Callable[..., Any]] = {"abs": abs, "max": largest, "min": smallest, "root": root}
OPERATORS: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
UNARY: Mapping[type, Callable[[Any], Any]] = {ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Not: operator.not_}
RELATIONS: Mapping[type, Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def value(formula: str, names: Mapping[str, Any]) -> Any:
    """The value of a formula, `names` giving those of its names."""
    return _value(ast.parse(formula.strip(), mode="eval").body, names)


def _value(node: ast.expr, names: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=int() as number):
            return number if isinstance(number, bool) else Fraction(number)
        case ast.Name(id=name):
            return names[name]
        case ast.UnaryOp(op=sign, operand=inner):
            return UNARY[type(sign)](_value(inner, names))
        case ast.BinOp(left=left, op=sign, right=right):
            binary = power if isinstance(sign, ast.Pow) else OPERATORS[type(sign)]
            return binary(_value(left, names), _value(right, names))
        case ast.Compare(left=left, ops=[sign], comparators=[right]):
            gap = _value(left, names) - _value(right, names)
            return RELATIONS[type(sign)](gap.sign() if isinstance(gap, Quotient) else gap, 0)
        case ast.BoolOp(op=sign, values=parts):
            return _joined(isinstance(sign, ast.Or), parts, names)
        case ast.IfExp(test=test, body=body, orelse=other):
            return _value(body if _value(test, names) else other, names)
        case ast.Call(func=ast.Name(id="Fraction"), args=[top, bottom]):
            return _value(top, names) / _value(bottom, names)
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return FUNCTIONS[name](*(_value(argument, names) for argument in arguments))
    raise ValueError(f"{ast.unparse(node)}: not arithmetic")


def _joined(decisive: bool, parts: Sequence[ast.expr], names: Mapping[str, Any]) -> bool:
    """Whether any part holds, or all do; a part that decides does so whatever parts have no value."""
    doubts: list[ArithmeticError] = []
    for part in parts:
        try:
            found: bool = _value(part, names)
            if found is decisive:
                return found
        except ArithmeticError as doubt:
            doubts.append(doubt)
    if doubts:
        raise doubts[0]
    return not decisive


def _defined(check: Check, names: dict[str, Any]) -> dict[str, Any]:
    for name, _, formula in (line.partition(" = ") for line in check.get("lines", ())):
        names[name] = value(formula, names)
    return names


# The kinds of checks: each tells why it fails, or nothing.


def point(check: Check) -> str:
    """At one point, formulas are true and others false."""
    names = _defined(check, {name: Fraction(number) for name, number in check["values"].items()})
    wanted = [(formula, True) for formula in check.get("true", ())]
    wanted += [(formula, False) for formula in check.get("false", ())]
    wrong = [f"{formula} is not {truth}" for formula, truth in wanted if value(formula, names) is not truth]
    return wrong[0] if wrong else "" if wanted else "nothing is claimed of the point"


def solver(solve: Solve | None, check: Check) -> str:
    """A solver says that a text has no solution."""
    said = "unknown" if solve is None else solve(check["smt"])
    return {"unsat": "", "unknown": SOLVER}.get(said, f"the solver says {said}")


def identity(check: Check) -> str:
    """Two sides are equal in every case of the signs."""
    return "" if _agree(check, World(check["symbols"])) else "the difference is not zero in every case"


def _agree(check: Check, world: World) -> bool | None:
    """Whether both sides are equal; None where they are nowhere defined, or not meant."""
    try:
        names = _defined(check, world.symbols())
        gap = value(check["left"], names) - value(check["right"], names)
        if not (gap.top if isinstance(gap, Quotient) else gap):
            return True
        return None if any(value(formula, names) is False for formula in check.get("given", ())) else False
    except ArithmeticError:
        return None
    except Split as split:
        key, strict = split.args
    if len(world.signs) == DEPTH:
        return False

    def case(sign: int) -> bool | None:
        return _agree(check, World(world.domains, {**world.signs, key: sign}))

    before, domain = world.signs.get(key, 0), check["symbols"].get(key, "")
    apart = (-1, 1) if strict else (-2, 2)
    found = [case(sign) for sign in apart if sign * before >= 0 and (sign > 0 or domain != "nonnegative")]
    if strict and domain != "nonzero":
        at_zero = case(0)
        found.append(case(ZERO_AS_NEGATIVE) if at_zero is False else at_zero)
    return None if set(found) == {None} else False not in found


def order(check: Check) -> str:
    """An error is of an order, at every value of the symbols."""
    small, stated, world = check["small"], Fraction(check["order"]), World(check["symbols"], small=check["small"])
    names = _defined(check, world.symbols())
    error = value(check["error"], names) + 0 * names[small]
    if any(value(formula, {**names, "order": stated}) is not True for formula in check.get("true", ())):
        return "the order is not what is claimed of it"
    if not error.top:
        return "the error is zero" if check["sense"] == "Theta" else ""
    world.sign(error.bottom)  # raises Split where it vanishes at some values
    found = error.order(small) / names[check["unit"]].order(small)
    if check["sense"] == "O":
        return "" if found >= stated else f"the order is {found}"
    return "" if found == stated and world.sign(error.top) else f"the order is {found}"


def main(files: Sequence[str]) -> int:
    """Recheck files, a line a check; 1 where one fails."""
    failed = False
    for file in files:
        with open(file, encoding="utf-8") as opened:
            certificate = json.load(opened)
        for result in recheck(certificate):
            failed |= result.status == FAILS
            print(certificate["id"], result.kind, result.name, result.status, result.why, sep="\t")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
