"""Where bad input is turned away: every message reads `name=value`, then what is allowed."""

from __future__ import annotations

import difflib
import math
import numbers
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, NoReturn, TypeVar

import numpy as np
import sympy as sp

T = TypeVar("T")


def reject(name: str, value: object, allowed: str) -> NoReturn:
    """Raise the ValueError that all of the package words alike: `name=value: must be ...`."""
    shown = value if isinstance(value, sp.Basic | Fraction) else repr(value)
    raise ValueError(f"{name}={shown}: {allowed}")


def rational(name: str, value: Any) -> sp.Rational:
    """`value` as an exact rational.

    Takes integers, fractions, SymPy rationals, text such as "1/10" or "0.1", and floats through their shortest
    decimal form (0.1 is 1/10). Raises ValueError for anything else: bool, NaN, infinity, irrational numbers.
    """
    exact = _exact(value)
    if exact is None:
        reject(name, value, "must be a finite number with an exact rational value")
    return sp.Rational(exact.numerator, exact.denominator)


def _exact(value: Any) -> Fraction | None:
    if isinstance(value, bool | np.bool_):
        return None
    if isinstance(value, sp.Float):
        value = float(value)
    if isinstance(value, sp.Basic):
        return Fraction(int(value.p), int(value.q)) if isinstance(value, sp.Rational) else None
    if isinstance(value, numbers.Real) and not isinstance(value, numbers.Rational):
        value = repr(float(value))
    if not isinstance(value, numbers.Rational | str):
        return None
    try:
        return Fraction(value)
    except (ValueError, ZeroDivisionError):
        return None


def positive(name: str, value: T) -> T:
    """`value`, unchanged, when it is a number above zero or a symbol that is assumed positive; else ValueError."""
    sign = value.is_positive if isinstance(value, sp.Basic) else _real(value) and 0 < value < math.inf  # type: ignore[operator]
    if not sign:
        reject(name, value, "must be > 0")
    return value


def nonnegative(name: str, value: T) -> T:
    """`value`, unchanged, when it is a number >= 0 or a symbol that may be; else ValueError."""
    if isinstance(value, sp.Basic):
        allowed = value.is_nonnegative is not False
    else:
        allowed = _real(value) and 0 <= float(value) < math.inf  # type: ignore[arg-type]
    if not allowed:
        reject(name, value, "must be >= 0")
    return value


def _real(value: object) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_)


def integer(name: str, value: Any, at_least: int = 1) -> int:
    """`value` as an int; raises ValueError for a bool, a fraction, a float, or a value below `at_least`."""
    whole = isinstance(value, numbers.Integral | sp.Integer) and not isinstance(value, bool)
    if not whole or value < at_least:
        reject(name, value, f"must be an integer >= {at_least}")
    return int(value)


def finite_array(name: str, value: Any, shape: Sequence[int | None] | None = None) -> np.ndarray:
    """`value` as a new float64 array, all of it finite; None in `shape` leaves that length free.

    Raises ValueError that names the first offending entry, or both shapes.
    """
    try:
        array = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        reject(name, value, "must be an array of real numbers")
    if shape is not None and not _fits(array.shape, shape):
        reject(f"{name}.shape", array.shape, f"must be {_worded(shape)}")
    if not np.isfinite(array).all():
        at = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        reject(f"{name}[{', '.join(map(str, at))}]", float(array[at]), "must be finite")
    return array


def probabilities(name: str, value: Any) -> np.ndarray:
    """`value` as a float64 array (n,) of numbers in [0, 1]; raises ValueError that names the first that is not."""
    array = finite_array(name, value, (None,))
    outside = np.flatnonzero((array < 0) | (array > 1))
    if outside.size:
        reject(f"{name}[{outside[0]}]", float(array[outside[0]]), "must lie in [0, 1]")
    return array


def _fits(shape: Sequence[int], wanted: Sequence[int | None]) -> bool:
    return len(shape) == len(wanted) and all(w is None or w == s for s, w in zip(shape, wanted, strict=True))


def _worded(shape: Sequence[int | None]) -> str:
    lengths = ["any" if length is None else str(length) for length in shape]
    return f"({', '.join(lengths)}{',' if len(lengths) == 1 else ''})"


def one_of(name: str, value: T, allowed: Iterable[T]) -> T:
    """`value` when it is one of `allowed`; else ValueError that lists them and guesses the one that was meant."""
    choices = tuple(allowed)
    if value in choices:
        return value
    near = difflib.get_close_matches(str(value), [str(c) for c in choices], n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    reject(name, value, f"must be one of {', '.join(map(str, choices))}{hint}")
