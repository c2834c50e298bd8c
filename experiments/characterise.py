"""What follows from a device's response: its class, where Analog SGD settles, and what asymmetry Tiki-Taka bears."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise

import numpy as np
import sympy as sp
from scipy.optimize import brentq

from ..theory.definition_1 import Membership
from ..theory.interpolation import CriticalRatio, critical_ratio
from ..theory.noise import Gaussian, NoNoise
from ..theory.objective import Quadratic
from ..theory.penalty import ImplicitPenalty, roots
from ..theory.response import ResponseFunction
from ..theory.validate import finite_array, nonnegative, positive, reject
from .paper.peer import figure_2_data

INSIDE = sp.Rational(9, 10)  # the part of the range, about its middle, that is called its inside
_FINEST = 2000


@dataclass(frozen=True)
class Problem:
    """The problem that a device's bias is predicted on: one weight, f(w) = curvature (w - w*)^2/2, normal noise.

    curvature: h > 0. w_star: where in the range w* lies, from 0 (its lower bound) to 1. noise: the gradient's standard
    deviation, in units of h times the range's width; >= 0. Raises ValueError for anything else.
    """

    curvature: float = 1.0
    w_star: float = 0.75
    noise: float = 0.1

    def __post_init__(self) -> None:
        positive("curvature", self.curvature)
        nonnegative("noise", self.noise)
        if not 0 < self.w_star < 1:
            reject("w_star", self.w_star, "must lie in (0, 1): a place within the range")


@dataclass(frozen=True)
class Bias:
    """Where Analog SGD settles, in the mean and for small steps, when it starts at w*.

    w_star, settles: weights. in_ranges: settles - w*, in widths of the range. others: further roots of T (42) in the
    range. w_tilde: the root of the linearised problem (43); None without a symmetric point. bound: whether it settles
    at a bound because T has no root on the way.
    """

    w_star: float
    settles: float
    in_ranges: float
    others: tuple[float, ...]
    w_tilde: float | None
    bound: bool


@dataclass(frozen=True)
class Limit:
    """How much asymmetry Tiki-Taka bears on Figure 2's data, and this device's.

    critical: of the data. asymmetry: |R(0)|. stops: whether it is above. window: the weights around the symmetric point
    between which |R| is at most critical, as zero of the residual array; None without a symmetric point.
    """

    critical: CriticalRatio
    asymmetry: float
    stops: bool
    window: tuple[float, float] | None


@dataclass(frozen=True, eq=False)
class Characterised:
    """A response on its finite range, with dw_min in units of the weight, and what follows from them."""

    response: ResponseFunction
    dw_min: float

    def __post_init__(self) -> None:
        positive("dw_min", self.dw_min)
        if not (self.response.tau_min.is_finite and self.response.tau_max.is_finite):
            reject("response", self.response.name, "must have a finite range")

    @property
    def range(self) -> tuple[float, float]:
        """The dynamic range."""
        return float(self.response.tau_min), float(self.response.tau_max)

    @property
    def states(self) -> float:
        """The number of states, the range's width over dw_min."""
        return (self.range[1] - self.range[0]) / self.dw_min

    @property
    def zero(self) -> float:
        """The weight that stands for 0: 0, or the nearest weight of the range where it has no 0."""
        return float(np.clip(0.0, *self.range))

    @property
    def at_0(self) -> tuple[float, float, float]:
        """q_+, q_- and R at 0."""
        up, down, ratio = (float(one) for one in self.response.array_functions("q_plus", "q_minus", "R")(self.zero))
        return up, down, ratio

    @cached_property
    def whole(self) -> Membership:
        """Definition 1 on the closed range."""
        return self.response.definition_1()

    @cached_property
    def inside(self) -> Membership:
        """Definition 1 on the inner `INSIDE` of the range."""
        low, high = self.response.tau_min, self.response.tau_max
        middle, half = (low + high) / 2, INSIDE * (high - low) / 2
        return self.response.definition_1(*(_rounded(end) for end in (middle - half, middle + half)))

    def bias(self, problem: Problem) -> Bias:
        """Where Analog SGD settles on the problem."""
        low, high = self.range
        w_star, std = low + problem.w_star * (high - low), problem.noise * problem.curvature * (high - low)
        noise = Gaussian(std) if std > 0 else NoNoise()
        penalty = ImplicitPenalty(Quadratic([[problem.curvature]], [w_star]), self.response, noise)
        settles, others, bound = _settled(penalty, w_star, low, high)
        linearised = None if self.response.symmetric_points.is_empty else float(penalty.w_tilde[0])
        return Bias(w_star, settles, (settles - w_star) / (high - low), others, linearised, bound)

    @cached_property
    def tiki_taka(self) -> Limit:
        """The asymmetry at 0 against the critical one of Figure 2's data."""
        critical, asymmetry = figure_2_limit(), abs(self.at_0[2])
        return Limit(critical, asymmetry, asymmetry > critical.ratio, self._window(critical.ratio))

    def _window(self, most: float) -> tuple[float, float] | None:
        if self.response.symmetric_points.is_empty:
            return None
        R, point = self.response.array_functions("R"), float(self.response.symmetric_point)

        def excess(w: float) -> float:
            return abs(float(R(w)[0])) - most

        return _outward(excess, point, self.range[0]), _outward(excess, point, self.range[1])

    def curve(self) -> tuple[np.ndarray, np.ndarray, int]:
        """(pulses, weights, up pulses): the response curve from the lower bound, as many up pulses as down pulses.

        So many that a step of dw_min F at the range's middle would cross the range 1.3 times; at least 20.
        """
        low, high = self.range
        F = float(self.response.array_functions("F")((low + high) / 2)[0])
        count = max(20, round(1.3 * self.states / F))
        every = -(-count // _FINEST)
        count = every * -(-count // every)
        responses = self.response.array_functions("q_plus", "q_minus")
        w, found = low, [low]
        for pulse in range(2 * count):
            up, down = responses(w)
            w = float(np.clip(w + self.dw_min * (up if pulse < count else -down), low, high))
            found.append(w)
        return np.arange(2 * count + 1)[::every], np.array(found)[::every], count


@cache
def figure_2_limit() -> CriticalRatio:
    """The critical asymmetry of the authors' Figure 2 data."""
    samples, _ = figure_2_data()
    return critical_ratio(finite_array("A", samples))


def _rounded(end: sp.Expr) -> sp.Expr:
    return end if end.is_Rational else sp.Rational(f"{float(end):.12g}")


def _settled(penalty: ImplicitPenalty, w_star: float, low: float, high: float) -> tuple[float, tuple[float, ...], bool]:
    """Where w' = -F T leads from w*: the next root of T on the way, or the bound; and the other roots."""

    def T(w: np.ndarray) -> np.ndarray:
        return penalty.T(np.asarray(w)[..., None])[..., 0]

    try:
        found = [float(root) for root in roots(T, low, high)]
    except ArithmeticError:
        found = []
    pull = float(T(np.asarray(w_star)))
    tolerance = 1e-12 * (high - low)
    if pull == 0 or any(abs(root - w_star) <= tolerance for root in found):
        return w_star, tuple(root for root in found if abs(root - w_star) > tolerance), False
    ahead = [root for root in found if (root < w_star) == (pull > 0)]
    settles = min(ahead, key=lambda root: abs(root - w_star), default=low if pull > 0 else high)
    return settles, tuple(root for root in found if root != settles), not ahead


def _outward(excess: Callable[[float], float], start: float, end: float) -> float:
    """The first weight from `start` towards `end` at which the excess turns positive; `end` where it does not."""
    grid = np.linspace(start, end, 513)
    for near, far in pairwise(grid):
        if excess(float(far)) > 0:
            return float(brentq(excess, near, far)) if excess(float(near)) < 0 else float(near)
    return end
