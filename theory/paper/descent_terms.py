"""The inequalities of one noisy analog step, once for all appendices that use them: (61)-(71), (96)-(105).

Each line is left <= right (or one = other) between sizes of a step, with the terms that prove it. What differs between
the appendices is which array moves and where the gradient is taken: a `Viewer` tells that. A view maps the names of the
symbols to the step's arrays, which broadcast against each other: (K, 1) probabilities, (K, D) samples, (D,) weights.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..algorithm import analog_update
from ..domains import expectation, norm2
from ..statement import Assumption, Certified, Field, ForAll, Instance, Premise, Same, Sides, Term, scaled
from ..symbols import symbol

View = Mapping[str, Any]
Viewer = Callable[[Instance], View]

PROBABILITY, ALPHA, L = symbol("p", "nonnegative"), symbol("alpha"), symbol("L")
GRADIENT, SAMPLE, NOISE = symbol("grad"), symbol("g"), symbol("xi")
W, F, G, F_MAX = symbol("w"), symbol("F", "positive"), symbol("G"), symbol("F_max")
MOVE, DEVIATION, MEAN_NOISE = symbol("move"), symbol("deviation"), symbol("mean_xi")
RATIO, VARIANCE, SIGMA2 = (symbol(name, "nonnegative") for name in ("ratio_max", "variance", "sigma2"))
DYNAMICS = analog_update(W, -ALPHA * SAMPLE, F, G) - W
POSITIVE_RESPONSES = sp.Abs(G) < F
BOUNDED_F, BOUNDED_RATIO, BOUNDED_VARIANCE = F <= F_MAX, G**2 / F <= RATIO, VARIANCE <= SIGMA2


def viewed(array: str = "W", gradient: str = "gradient", suffix: str = "") -> Viewer:
    """The view of a step in which `array` moves by samples of `gradient`, its responses being F and G with `suffix`."""

    def view(step: Instance) -> View:
        F, G, xi = step[f"F{suffix}"], step[f"G{suffix}"], step["xi"]
        move = step[f"{array}_next"] - step[array]
        scalars = {name: step[name] for name in ("alpha", "L", "F_max", "sigma2")}
        return {
            **scalars,
            "F": F,
            "G": G,
            "grad": step[gradient],
            "g": step["samples"],
            "xi": xi,
            "move": move,
            "p": step["p"][:, None],
            "deviation": move + step["alpha"] * xi * F,
            "mean_xi": step["p"] @ xi,
            "variance": expectation(step, norm2(xi)),
            "ratio_max": (G**2 / F).max(),
        }

    return view


def _build_loose_variance(drawn: Instance) -> Instance:
    return {"sigma2": drawn["sigma2"] * (1 + drawn["variance_excess"])}


loose_variance = Assumption(
    "sigma^2 need not be reached",
    "sigma^2 between the variance and twice that",
    holds=lambda instance: bool(instance["p"] @ norm2(instance["xi"]) <= instance["sigma2"]),
    fields=(Field("variance_excess", (), 0, 1),),
    build=_build_loose_variance,
)


@dataclass(frozen=True)
class Line:
    """One line of a chain: `sides` of a view, and the formulas whose sum over a view is its slack, with conditions."""

    sides: Callable[[View], Sides | Same]
    terms: tuple[tuple[sp.Expr, tuple[sp.Basic, ...]], ...] = ()

    def claim(self, domain: Sequence[Assumption], view: Viewer, says: str, dimensions: tuple[int, ...]) -> ForAll:
        """The line over all steps of a domain."""
        return ForAll(tuple(domain), lambda step: self.sides(view(step)), says, dimensions)

    def certified(
        self,
        domain: Sequence[Assumption],
        view: Viewer,
        says: str,
        dimensions: tuple[int, ...] = (1, 2),
        premises: tuple[Premise, ...] = (),
    ) -> Certified:
        """The line over all steps of a domain, with its proof."""
        terms = tuple(Term(formula, given, view) for formula, given in self.terms)
        return Certified(self.claim(domain, view, says, dimensions), terms, premises)

    def premise(self, id: str, view: Viewer, times: Callable[[View], Any] = lambda _: 1) -> Premise:
        """The line as a premise under its id, multiplied by `times` of the view."""
        return Premise(id, lambda step: self.slack(view(step)), scaled(lambda step: times(view(step))))

    def slack(self, view: View) -> Any:
        """Right - left at a view."""
        left, right = self.sides(view)
        return right - left


# Sizes


def total(v: View, values: Any) -> Any:
    """E sum_d of values by sample and coordinate, or by coordinate alone."""
    return (v["p"] * values).sum()


def inner(v: View) -> Any:
    """E<grad f, move>."""
    return total(v, v["grad"] * v["move"])


def saturated2(v: View) -> Any:
    """||grad f||_M^2."""
    return (v["grad"] ** 2 * saturation(v)).sum()


def saturation(v: View) -> Any:
    """The saturation vector M (65)."""
    return v["F"] ** 2 - v["G"] ** 2


def through_ratio(v: View) -> Any:
    """sigma^2 ||G / sqrt(F)||_inf^2."""
    return v["sigma2"] * v["ratio_max"]


def deviation2(v: View) -> Any:
    """E||move + alpha (grad f(.; xi) - grad f) * F||^2."""
    return total(v, v["deviation"] ** 2)


def drift2(v: View) -> Any:
    """||grad f * F + |grad f| * G||^2."""
    return norm2(v["grad"] * v["F"] + abs(v["grad"]) * v["G"])


def _with_noise(v: View) -> Any:
    """L2 of (62): E<grad f * sqrt F, move/(alpha sqrt F) + noise * sqrt F>, times alpha."""
    return total(v, v["grad"] * v["deviation"])


def _scaled_deviation(v: View) -> Any:
    """L2 of (63)."""
    return total(v, v["deviation"] ** 2 / v["F"]) / (2 * v["alpha"])


def _scaled_residue(v: View) -> Any:
    """L1 of (64), without the roots."""
    return total(v, (v["move"] + v["alpha"] * v["g"] * v["F"]) ** 2 / v["F"]) / (2 * v["alpha"])


def _asymmetric(v: View, vectors: Any) -> Any:
    """(alpha/2) E|| |vectors| * G / sqrt F ||^2."""
    return v["alpha"] * total(v, vectors**2 * v["G"] ** 2 / v["F"]) / 2


def _half(v: View, values: Any) -> Any:
    return v["alpha"] * values.sum() / 2


# (62)-(67), the second term of the descent inequality

_A = PROBABILITY * ALPHA
_SCALED = PROBABILITY / (2 * ALPHA)
_WANTED = ALPHA * (GRADIENT + NOISE) * F
_FULL, _BY_NOISE = MOVE + _WANTED, MOVE + ALPHA * NOISE * F
_POLAR = GRADIENT * _BY_NOISE * PROBABILITY + _A * GRADIENT**2 * F / 2 + _SCALED * (_BY_NOISE**2 - _FULL**2) / F

adds_noise = Line(
    lambda v: Same(inner(v), _with_noise(v)),
    terms=((-ALPHA * GRADIENT * F * MEAN_NOISE, (sp.Eq(MEAN_NOISE, 0),)),),
)
polarises = Line(
    lambda v: Same(_with_noise(v), -_half(v, v["grad"] ** 2 * v["F"]) - _scaled_deviation(v) + _scaled_residue(v)),
    terms=((_POLAR, ()),),
)
takes_out_F_max = Line(
    lambda v: Sides(deviation2(v) / (2 * v["alpha"] * v["F_max"]), _scaled_deviation(v)),
    terms=((_SCALED * DEVIATION**2 * (1 / F - 1 / F_MAX), (BOUNDED_F,)),),
)
residue_is_asymmetric = Line(
    lambda v: Same(_scaled_residue(v), _asymmetric(v, v["g"])),
    terms=((_SCALED * (DYNAMICS + ALPHA * SAMPLE * F) ** 2 / F - _A * SAMPLE**2 * G**2 / F / 2, ()),),
)
splits_off_variance = Line(
    lambda v: Sides(_asymmetric(v, v["g"]), _asymmetric(v, v["grad"]) + v["alpha"] * through_ratio(v) / 2),
    terms=(
        (_A * NOISE**2 * (RATIO - G**2 / F) / 2, (BOUNDED_RATIO,)),
        (ALPHA * RATIO * (SIGMA2 - VARIANCE) / 2, (BOUNDED_VARIANCE,)),
    ),
)
residue_is_bounded = Line(lambda v: Sides(_scaled_residue(v), splits_off_variance.sides(v)[1]))
decomposes_variance = Line(
    lambda v: Same(_asymmetric(v, v["g"]), _asymmetric(v, v["grad"]) + _asymmetric(v, v["xi"])),
    terms=((ALPHA * GRADIENT * MEAN_NOISE * G**2 / F, (sp.Eq(MEAN_NOISE, 0),)),),
)


def _signed(v: View) -> Any:
    """L1 of (66)."""
    return -_half(v, v["grad"] ** 2 * v["F"]) + _half(v, v["grad"] ** 2 * v["G"] ** 2 / v["F"])


def saturating(v: View) -> Any:
    """L5 of (66)."""
    return -v["alpha"] * saturated2(v) / (2 * v["F_max"])


saturates = Line(
    lambda v: Sides(_signed(v), saturating(v)),
    terms=((ALPHA * GRADIENT**2 * (F**2 - G**2) * (1 / F - 1 / F_MAX) / 2, (POSITIVE_RESPONSES, BOUNDED_F)),),
)
does_not_ascend = Line(
    lambda v: Sides(saturating(v), 0 * v["alpha"]),
    terms=((ALPHA * GRADIENT**2 * (F**2 - G**2) / (2 * F_MAX), (POSITIVE_RESPONSES,)),),
)


def inner_bound(v: View) -> Any:
    """The right-hand side of (67)."""
    return saturating(v) + v["alpha"] * through_ratio(v) / 2 - takes_out_F_max.sides(v)[0]


bounds_the_inner_product = Line(lambda v: Sides(inner(v), inner_bound(v)))
equals_the_inner_product = Line(lambda v: Same(inner(v), inner_bound(v)))


# (68), the third term


def _noise_in_F(v: View) -> Any:
    return v["alpha"] ** 2 * v["L"] * total(v, v["xi"] ** 2 * v["F"] ** 2)


def noise_bound(v: View) -> Any:
    """alpha^2 L F_max^2 sigma^2."""
    return v["alpha"] ** 2 * v["L"] * v["F_max"] ** 2 * v["sigma2"]


def _half_step2(v: View) -> Any:
    return v["L"] * total(v, v["move"] ** 2) / 2


splits_the_step = Line(
    lambda v: Sides(_half_step2(v), v["L"] * deviation2(v) + _noise_in_F(v)),
    terms=((PROBABILITY * L * (DEVIATION + ALPHA * NOISE * F) ** 2 / 2, ()),),
)
bounds_the_noise = Line(
    lambda v: Sides(v["L"] * deviation2(v) + _noise_in_F(v), v["L"] * deviation2(v) + noise_bound(v)),
    terms=(
        (PROBABILITY * ALPHA**2 * L * NOISE**2 * (F_MAX**2 - F**2), (BOUNDED_F,)),
        (ALPHA**2 * L * F_MAX**2 * (SIGMA2 - VARIANCE), (BOUNDED_VARIANCE,)),
    ),
)
bounds_the_step = Line(
    lambda v: Sides(_half_step2(v), v["L"] * deviation2(v) + noise_bound(v)), terms=splits_the_step.terms
)


# (70) and (71), the deviation from below; each line of (70) times alpha^2, as printed

_A2 = PROBABILITY * ALPHA**2
_ERROR = GRADIENT - SAMPLE
_DRIFT = GRADIENT * F + sp.Abs(GRADIENT) * G
_RESIZED = GRADIENT * F + sp.Abs(SAMPLE) * G
_SIZE_ERROR = (sp.Abs(GRADIENT) - sp.Abs(SAMPLE)) * G
_TO_DRIFT = _A2 * (_RESIZED**2 - _DRIFT**2 / 2 + _SIZE_ERROR**2)
_TO_ERROR = _A2 * ((_ERROR * G) ** 2 - _SIZE_ERROR**2)
_THROUGH_RATIO = PROBABILITY * (F_MAX * RATIO * _ERROR**2 - _ERROR**2 * G**2)
_VARIANCE_LEFT = F_MAX * RATIO * (SIGMA2 - VARIANCE)


def _resized2(v: View) -> Any:
    return v["alpha"] ** 2 * total(v, (v["grad"] * v["F"] + abs(v["g"]) * v["G"]) ** 2)


def _half_drift2(v: View) -> Any:
    return v["alpha"] ** 2 * drift2(v) / 2


def _by_size(v: View) -> Any:
    return _half_drift2(v) - v["alpha"] ** 2 * total(v, ((abs(v["grad"]) - abs(v["g"])) * v["G"]) ** 2)


def noise_through_G(v: View) -> Any:
    """L1 of (71), E||(grad f - grad f(.; xi)) * G||^2."""
    return total(v, ((v["grad"] - v["g"]) * v["G"]) ** 2)


def _scaled_noise(v: View) -> Any:
    """L3 of (71)."""
    return v["F_max"] * total(v, (v["grad"] - v["g"]) ** 2 * v["G"] ** 2 / v["F"])


def _ratio_and_noise(v: View) -> Any:
    """L4 of (71)."""
    return v["F_max"] * v["ratio_max"] * total(v, (v["grad"] - v["g"]) ** 2)


def _by_error(v: View) -> Any:
    return _half_drift2(v) - v["alpha"] ** 2 * noise_through_G(v)


def deviation_bound(v: View) -> Any:
    """L5 of (70)."""
    return _half_drift2(v) - v["alpha"] ** 2 * v["F_max"] * through_ratio(v)


resizes = Line(
    lambda v: Same(deviation2(v), _resized2(v)),
    terms=((PROBABILITY * (DYNAMICS + ALPHA * (SAMPLE - GRADIENT) * F) ** 2 - _A2 * _RESIZED**2, ()),),
)
keeps_half_the_drift = Line(lambda v: Sides(_by_size(v), _resized2(v)), terms=((_TO_DRIFT, ()),))
reverses_the_triangle = Line(lambda v: Sides(_by_error(v), _by_size(v)), terms=((_TO_ERROR, ()),))
goes_through_the_ratio = Line(
    lambda v: Sides(noise_through_G(v), v["F_max"] * through_ratio(v)),
    terms=((_THROUGH_RATIO, (BOUNDED_RATIO, BOUNDED_F)), (_VARIANCE_LEFT, (BOUNDED_VARIANCE,))),
)
takes_F_out_of_the_noise = Line(
    lambda v: Sides(noise_through_G(v), _scaled_noise(v)),
    terms=((PROBABILITY * _ERROR**2 * G**2 * (F_MAX / F - 1), (BOUNDED_F,)),),
)
takes_the_ratio_out = Line(
    lambda v: Sides(_scaled_noise(v), _ratio_and_noise(v)),
    terms=((PROBABILITY * F_MAX * _ERROR**2 * (RATIO - G**2 / F), (BOUNDED_RATIO,)),),
)
bounds_the_variance = Line(
    lambda v: Sides(_ratio_and_noise(v), v["F_max"] * through_ratio(v)),
    terms=((_VARIANCE_LEFT, (BOUNDED_VARIANCE,)),),
)
ends_in_the_ratio = Line(lambda v: Sides(deviation_bound(v), _by_error(v)))
bounds_the_deviation = Line(lambda v: Sides(deviation_bound(v), deviation2(v)))
