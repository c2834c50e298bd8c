"""Orders of magnitude: the leading term of a series where SymPy finds one, and measured slopes where it does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from .exact import points, shown, text
from .outcome import Budget, Outcome
from .prove import existence
from .smt import symbols_of
from .statement import MeasuredOrder, Order
from .trust import trust

TERMS = (2, 4, 8)
CONFIDENCE = 0.99
FLOOR = 1e-13  # errors below it are rounding: values are of order 1, their digits end at 2e-16
DISTINCT = 0.25  # orders of algebraic errors come in steps of a half


@dataclass(frozen=True)
class Leading:
    """The leading term coefficient * small**order; infinite order for an error that vanishes."""

    coefficient: sp.Expr
    order: sp.Expr


def leading(error: sp.Expr, small: sp.Symbol) -> Leading | None:
    """The leading term as small -> 0+, or None where SymPy finds no power of `small` that leads."""
    if sp.simplify(error) == 0:
        return Leading(sp.S.Zero, sp.oo)
    for terms in TERMS:
        try:
            expansion = sp.series(error, small, 0, terms, dir="+").removeO()
        except (ValueError, NotImplementedError, TypeError, sp.PoleError):
            return None
        found = next(_ascending(sp.expand(expansion), small), None)
        if found is not None:
            return None if found.coefficient.has(small) else found
    return None


def _ascending(expansion: sp.Expr, small: sp.Symbol) -> Iterator[Leading]:
    powers: dict[sp.Expr, sp.Expr] = {}
    for term in sp.Add.make_args(expansion):
        coefficient, exponent = term.as_coeff_exponent(small)
        powers[exponent] = powers.get(exponent, sp.S.Zero) + coefficient
    for exponent in sorted(powers):
        coefficient = sp.simplify(powers[exponent])
        if coefficient != 0:
            yield Leading(coefficient, exponent)


def order(form: Order, budget: Budget) -> Outcome:
    """Whether the error is O or Theta of the claimed power, by its leading term."""
    term = leading(form.error, form.small)
    if term is None:
        return Outcome("unsettled", "SymPy series", {"why": "no leading power found", "error": text(form.error)})
    checked = _numeric(form, term, budget)
    evidence: dict[str, Any] = {
        "error": text(form.error),
        "claimed": f"{form.sense}({form.small}**{text(form.claims)})",
        "leading_coefficient": text(term.coefficient),
        "order": text(term.order),
        "second_method": checked,
        "trust": list(trust("sympy")),
    }
    if not checked["agrees"]:
        return Outcome("unsettled", "SymPy series", {**evidence, "why": "the error's values do not follow the series"})
    return _compare(form, term, budget, evidence)


def _compare(form: Order, term: Leading, budget: Budget, evidence: dict[str, Any]) -> Outcome:
    if _excluded(form, term):
        return Outcome("refuted", "SymPy series", {**evidence, "counterexample": _example(form, term, budget)})
    for expression in _delicate(form, term):
        zero = existence((), sp.Eq(expression, 0, evaluate=False), budget)
        if zero.status == "refuted":
            continue
        where = zero.evidence.get("witness", "undecided")
        evidence |= {"vanishing": text(expression), "coefficient_vanishes_at": where}
        there = _leading_at(form, where) if zero.status == "proved" else None
        if there is not None and _excluded(form, there):
            evidence["counterexample"] = {**where, "leading_term": text(there.coefficient * form.small**there.order)}
            return Outcome("refuted", "SymPy series", evidence)
        return Outcome("unsettled", "SymPy series", {**evidence, "why": "the series is not uniform in the parameters"})
    return _proof(term, form, evidence)


def _excluded(form: Order, term: Leading) -> bool:
    """Whether a leading term that is not zero contradicts the claim."""
    return bool(term.order < form.claims) or (form.sense == "Theta" and bool(term.order > form.claims))


def _proof(term: Leading, form: Order, evidence: dict[str, Any]) -> Outcome:
    steeper = form.claims + 1 if term.order == sp.oo else term.order + 1
    planted = {"variant": f"O({form.small}**{text(steeper)})", "refuted_by": f"the leading order {text(term.order)}"}
    if term.order == sp.oo:
        planted = {"variant": "an error that is larger by small**(claims - 1)", "refuted_by": "its leading term"}
    witness = evidence["second_method"]["at"]
    boundary = {"small": evidence["second_method"]["smalls"]}
    return Outcome("proved", "SymPy series", {**evidence, "witness": witness, "planted": planted, "boundary": boundary})


def _delicate(form: Order, term: Leading) -> Iterator[sp.Expr]:
    """What must not vanish for any parameters: for Theta the coefficient, and where the series would not be uniform.

    The series holds at every value of the parameters where, as small -> 0, no denominator, radicand, logarithm's
    argument or kink tends to zero faster than it does elsewhere: where its own leading coefficient is not zero.
    """
    if form.sense == "Theta" and not term.coefficient.is_nonzero:
        yield term.coefficient
    for inner in _singular(form.error, form.small):
        found = leading(inner, form.small)
        coefficient = inner if found is None else found.coefficient
        if not (coefficient.is_nonzero or (coefficient.is_number and coefficient != 0)):
            yield coefficient


def _singular(error: sp.Expr, small: sp.Symbol) -> list[sp.Expr]:
    powers = (p.base for p in error.atoms(sp.Pow) if not (p.exp.is_integer and p.exp.is_nonnegative))
    kinks = (f.args[0] for f in error.atoms(sp.Abs, sp.sign, sp.log))
    inner = (*powers, *kinks)
    return [e for e in sorted(set(inner), key=sp.default_sort_key) if e.has(small) and e.free_symbols != {small}]


def _leading_at(form: Order, witness: dict[str, str]) -> Leading | None:
    """The leading term at the parameters of a witness, where the error is defined there."""
    symbols = {symbol.name: symbol for symbol in form.error.free_symbols}
    error = form.error.subs({symbols[name]: sp.sympify(value) for name, value in witness.items() if name in symbols})
    return None if error.has(sp.nan, sp.zoo, sp.oo) else leading(error, form.small)


def _example(form: Order, term: Leading, budget: Budget) -> dict[str, Any]:
    """Parameters at which the order is seen, with the leading term there."""
    symbols = symbols_of([form.error, term.coefficient])
    others = [symbol for symbol in symbols if symbol != form.small]
    for point in points(others, 50, budget.seed) if others else ({},):
        coefficient = term.coefficient.xreplace(dict(point))
        if term.order == sp.oo or (coefficient.is_finite and coefficient.is_nonzero):
            return {**shown(point), "leading_term": text(coefficient * form.small**term.order)}
    return {}


SMALLS = (sp.Rational(1, 10**6), sp.Rational(1, 10**9))


def _numeric(form: Order, term: Leading, budget: Budget) -> dict[str, Any]:
    """The error's values to 60 digits against the leading term, at exact parameters: the ratio must tend to 1."""
    others = [symbol for symbol in symbols_of([form.error]) if symbol != form.small]
    for point in points(others, 50, budget.seed) if others else ({},):
        ratios = [_ratio(form, term, point, small) for small in SMALLS]
        if all(ratio is not None for ratio in ratios):
            first, last = (abs(ratio - 1) for ratio in ratios)  # type: ignore[operator]
            agrees = bool(last <= max(first, sp.Float("1e-20")) and last < 0.01)
            return {"method": "60 digits", "at": shown(point), "smalls": [text(s) for s in SMALLS], "agrees": agrees}
    return {"method": "60 digits", "at": {}, "smalls": [], "agrees": False}


def _ratio(form: Order, term: Leading, point: Any, small: sp.Rational) -> sp.Float | None:
    values = {**point, form.small: small}
    error = sp.N(form.error.xreplace(values), 60)
    if term.order == sp.oo:
        return 1 + error if error.is_finite else None
    predicted = sp.N((term.coefficient * form.small**term.order).xreplace(values), 60)
    known = error.is_Float and predicted.is_Float and predicted != 0
    return error / predicted if known else None


# Measured orders


@dataclass(frozen=True)
class Slope:
    """The local order of one instance as small -> 0, extrapolated, and how far the last local slope is from it."""

    value: float
    bias: float


def slope(smalls: Sequence[float], errors: Sequence[float]) -> Slope | None:
    """The slope in a log-log plot at the smallest errors above rounding; None where fewer than three are above it."""
    pairs = sorted((h, abs(e)) for h, e in zip(smalls, errors, strict=True) if abs(e) > FLOOR and np.isfinite(e))[:3]
    if len(pairs) < 3:
        return None
    (h0, e0), (h1, e1), (h2, e2) = pairs
    near, far = (float(np.log(b / a) / np.log(y / x)) for a, b, x, y in ((e0, e1, h0, h1), (e1, e2, h1, h2)))
    # a local slope is off by a multiple of small: Richardson's step for the ratio of the smalls used
    ratio = h2 / h1
    value = (ratio * near - far) / (ratio - 1)
    return Slope(value, abs(value - near))


def measured(form: MeasuredOrder, budget: Budget) -> Outcome:
    """Slopes over random instances with a t-interval: supported, or unsettled where they speak against the claim.

    A slope is measured at finite values, where the order can still be hidden: it neither proves nor refutes.
    """
    count = max(10, budget.instances // 10)
    draws = [form.error(np.random.default_rng([budget.seed, i]), form.smalls) for i in range(count)]
    slopes = [slope(form.smalls, errors) for errors in draws]
    known = [found for found in slopes if found is not None]
    if len(known) < 5:
        why = "errors at the level of rounding in nearly all instances"
        return Outcome("unsettled", "measured slopes", {"why": why, "claim": form.says, "instances": count})
    return _judge(form, slopes, known, budget)


def _judge(form: MeasuredOrder, slopes: Sequence[Slope | None], known: Sequence[Slope], budget: Budget) -> Outcome:
    low, high = interval(known)
    below = [s for s in known if s.value + 3 * s.bias + DISTINCT < form.claims]
    above = form.sense == "Theta" and low > form.claims
    worst = max(known, key=lambda s: abs(s.value - form.claims))
    evidence = {
        "claim": form.says,
        "claimed": f"{form.sense}(small**{form.claims:g})",
        "slope": f"{(low + high) / 2:.3f}",
        "interval": [f"{low:.3f}", f"{high:.3f}"],
        "confidence": f"{CONFIDENCE:.0%}",
        "instances": len(slopes),
        "at_rounding_level": len(slopes) - len(known),
        "furthest_off": {"instance": slopes.index(worst), "slope": f"{worst.value:.3f}"},
        "smalls": [f"{small:g}" for small in form.smalls],
        "seed": budget.seed,
        "trust": list(trust("numpy", "scipy")),
    }
    method = "measured slopes (a measurement, not a proof)"
    if high < form.claims or above or below:
        why = "the slopes measured speak against the claim, but show no exact counterexample"
        return Outcome("unsettled", method, {"why": why, **evidence}, form.dimension)
    return Outcome("supported", method, evidence, form.dimension)


def interval(slopes: Sequence[Slope]) -> tuple[float, float]:
    """The mean slope's t-interval over instances, widened by the mean bias of the extrapolation."""
    from scipy.stats import t  # costs start-up time

    values = np.array([found.value for found in slopes])
    spread = float(values.std(ddof=1) / np.sqrt(len(values)))
    half = float(t.ppf((1 + CONFIDENCE) / 2, len(values) - 1)) * spread + float(np.mean([s.bias for s in slopes]))
    return float(values.mean()) - half, float(values.mean()) + half
