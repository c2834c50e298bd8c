"""Which family of responses a measured curve comes from: fit, test of fit, choice, and the response that follows.

Every family is composed pulse by pulse and fitted to all readings by least squares, with the first conductance and the
turning point free. A family is rejected by an F test: what a smooth curve (cubic splines in the pulse number, a set for
either side) still explains of its residuals, against what is left, which is the scatter of the readings whatever the
family. The test holds for independent normal noise of equal size, to first order in the parameters. Of the families
that are not rejected the one of least BIC is taken, and a monotone spline where all are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from scipy.interpolate import BSpline
from scipy.optimize import brentq, leastsq
from scipy.stats import f as f_distribution

from ..theory.response import ResponseFunction
from ..theory.validate import reject
from .composition import composed
from .families import FAMILIES, Family, Rates, Scale
from .measured import SIDE, Curve, scatter, smoothed
from .spline import NAME as SPLINE, spline_family

LEVEL = 0.01  # how often a family is rejected that is right
REACH = 2.0
RIDGE = 0.3  # prior scale of a spline's bends against the noise
NODES = (3, 4, 5, 6, 8)
_KNOTS = (0.0, 1 / 64, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 3 / 4, 1.0)
_RANK = 1e-7
_MOVES, _NEAR = 12, 3
_PULLS = np.array([0.1, 0.2])  # of a half-range, how far a hard bound is pulled in
_ROUNDS = (15, 40, 100)  # of least squares: from a start, for a turning point, in the end
_GRID = 401
_FINEST, _EXACT = 1e-12, 1e-9  # scatter, in half-ranges: kept away from 0 by the first; no test below the second


@dataclass(frozen=True, eq=False)
class Trial:
    """One family fitted to a curve.

    parameters: how many numbers are fitted, turning point and first conductance among them; a hard bound counts where
    the curve reaches it. reach: the width of the family's range in widths of the fitted curve; beyond `REACH` the
    range is not in the data, and the family is taken only if no other fits. turn: the index of the last reading before
    the down pulses. rms: root mean square of the residuals, in units of conductance. p_value:
    of the F test. rejected: whether it is below the level. bic: of the fit. theta: the first conductance, then the
    family's parameters, in scaled units. covariance: of theta. fitted: the curve, in units of conductance.
    """

    family: Family
    parameters: int
    reach: float
    turn: int
    rms: float
    p_value: float
    rejected: bool
    bic: float
    theta: np.ndarray
    covariance: np.ndarray
    fitted: np.ndarray


@dataclass(frozen=True, eq=False)
class Fit:
    """What a measured curve tells of its device.

    curve, trials: the data, and all families in the order tried. best: the one chosen. level: of the test.
    centre, half: the weight w is (conductance - centre)/half. dw_min: the granularity in units of w, such that
    F(0) = 1. noise: the readings' standard deviation, from what no smooth curve explains, in units of conductance.
    """

    curve: Curve
    trials: tuple[Trial, ...]
    best: Trial
    level: float
    centre: float
    half: float
    dw_min: float
    noise: float

    @cached_property
    def response(self) -> ResponseFunction:
        """The pair q_+, q_- on w in [-1, 1], its numbers exact to 6 digits of the fit."""
        return self.best.family.pair(self.best.theta[1:].tolist(), self.scale)

    @property
    def scale(self) -> Scale:
        """The weight in the scaled units of the families."""
        middle, width = _unit(self.curve)
        return Scale((self.centre - middle) / width, self.half / width, self.dw_min)

    @cached_property
    def symmetric_point(self) -> tuple[float, float] | None:
        """(w, standard error) of the symmetric point nearest to 0; None where the responses do not meet."""
        return _with_error(_meeting, self.best, self.curve)

    @cached_property
    def asymmetry(self) -> tuple[float, float]:
        """R(0) and its standard error."""
        found = _with_error(_asymmetry, self.best, self.curve)
        assert found is not None
        return found

    @property
    def pulses_up(self) -> int:
        """The number of up pulses, before the turning point."""
        return self.best.turn * self.curve.every


def fit_curve(curve: Curve, level: float = LEVEL) -> Fit:
    """Fit all families to a curve and choose one; deterministic.

    Parameters
    ----------
    curve : the measurement, from `read_curve` or `Curve(pulse, conductance)`.
    level : the false-alarm rate of the test of fit, for each family.

    Raises ValueError unless 0 < level < 1.
    """
    if not 0 < level < 1:
        reject("level", level, "must lie in (0, 1)")
    data = _Data(curve, level)
    trials = [data.trial(family) for family in FAMILIES]
    fitting = [trial for trial in trials if not trial.rejected]
    if not fitting:
        fitting = [min((data.trial(spline_family(nodes)) for nodes in NODES), key=lambda trial: trial.bic)]
        trials += fitting
    best = min(fitting, key=lambda trial: (trial.reach > REACH, trial.bic))
    middle, width = _unit(curve)
    scale = _scale(best.family, best.theta, best.turn, curve)
    centre, half = middle + width * scale.centre, width * scale.half
    return Fit(curve, tuple(trials), best, level, centre, half, scale.dw_min, data.noise(best))


def _unit(curve: Curve) -> tuple[float, float]:
    """Middle and half-width of the smoothed curve."""
    low, high = float(curve.smooth.min()), float(curve.smooth.max())
    return (low + high) / 2, (high - low) / 2


class _Data:
    """A curve in scaled units, and what is the same for all families."""

    def __init__(self, curve: Curve, level: float) -> None:
        self.level, self.every, self.size, self.turns = level, curve.every, curve.pulse.size, curve.turns
        self.middle, self.width = _unit(curve)
        self.y = (curve.conductance - self.middle) / self.width
        self.ridge = RIDGE * scatter(self.y)

    def trial(self, family: Family) -> Trial:
        """The family's best fit, and its test."""
        theta, turn = self._searched(family)
        residuals, J = self._residuals(family, theta, turn), self._jacobian(family, theta, turn)
        p_value, rest = _lack_of_fit(residuals, J, turn)
        rms, path = float(np.sqrt((residuals**2).mean())), self.y - residuals
        count, reach = theta.size + 1 - _unreached(family, theta, path), _reach(family, theta, path)
        bic = self.size * np.log(max(rms, _FINEST) ** 2) + count * np.log(self.size)
        inner = J[:, :-1]
        covariance = max(rest, _FINEST) ** 2 * np.linalg.pinv(inner.T @ inner, rcond=_RANK**2, hermitian=True)
        fitted, rejected = self.middle + self.width * path, p_value < self.level and rms > _EXACT
        return Trial(
            family, count, reach, turn, rms * self.width, p_value, rejected, float(bic), theta, covariance, fitted
        )

    def noise(self, trial: Trial) -> float:
        """Standard deviation of what neither the trial's family nor a smooth curve explains, in conductance."""
        J = self._jacobian(trial.family, trial.theta, trial.turn)
        return _lack_of_fit(self._residuals(trial.family, trial.theta, trial.turn), J, trial.turn)[1] * self.width

    def _residuals(self, family: Family, theta: np.ndarray, turn: int) -> np.ndarray:
        start, *shape = theta.tolist()
        return np.asarray(self.y - composed(family.steps(shape), start, turn, self.size, self.every))

    def _searched(self, family: Family) -> tuple[np.ndarray, int]:
        """The best parameters and turning point: from all starts at all turns, and again at the turning point found."""
        theta, cost, turn = self._from_starts(family, self.turns)
        if min(abs(turn - tried) for tried in self.turns) > _NEAR:
            again = self._from_starts(family, (turn,))
            theta, cost, turn = min((theta, cost, turn), again, key=lambda found: found[1])
        theta, cost, turn = self._pulled(family, theta, cost, turn)
        return self._least(family, theta, turn, _ROUNDS[2])[0], turn

    def _pulled(self, family: Family, theta: np.ndarray, cost: float, turn: int) -> tuple[np.ndarray, float, int]:
        """The same or better, from hard bounds pulled into the curve: beyond it they have no slope to move them."""
        if family.covers != "reached":
            return theta, cost, turn
        path, found = self.y - self._residuals(family, theta, turn), [(theta, cost, turn)]
        lows, highs = ([theta[-2], *path.min() + _PULLS], [theta[-1], *path.max() - _PULLS])
        for low, high in product(lows, highs):
            near = self._least(family, np.array([*theta[:-2], low, high]), turn, _ROUNDS[1])
            found.append(self._turned(family, *near, turn))
        return min(found, key=lambda one: one[1])

    def _from_starts(self, family: Family, turns: tuple[int, ...]) -> tuple[np.ndarray, float, int]:
        rough = []
        for turn in turns:
            smooth = smoothed(self.y, turn)
            starts = [np.array([smooth[0], *start]) for start in family.starts(_rates(smooth, turn, self.every))]
            rough += [(*self._least(family, start, turn, _ROUNDS[0]), turn) for start in starts]
        rough.sort(key=lambda found: found[1])
        polished = [(*self._least(family, theta, turn, _ROUNDS[1]), turn) for theta, _, turn in rough[:2]]
        return self._turned(family, *min(polished, key=lambda found: found[1]))

    def _turned(self, family: Family, theta: np.ndarray, cost: float, turn: int) -> tuple[np.ndarray, float, int]:
        for _ in range(_MOVES):
            moved = self._shift(family, theta, turn)
            options = [t for t in {turn + moved, turn + int(np.sign(moved))} if SIDE <= t <= self.size - 1 - SIDE]
            tried = [(*self._least(family, theta, t, _ROUNDS[1]), t) for t in options]
            better = min(tried, key=lambda found: found[1], default=None)
            if better is None or better[1] >= cost:
                break
            theta, cost, turn = better
        return theta, cost, turn

    def _shift(self, family: Family, theta: np.ndarray, turn: int) -> int:
        """How far the turning point has to move by the linearised fit, at least one reading."""
        J = self._jacobian(family, theta, turn)
        by = -np.linalg.lstsq(J, self._residuals(family, theta, turn), rcond=_RANK)[0][-1]
        return int(np.copysign(max(1, round(min(abs(by), self.size / 4))), by))

    def _least(self, family: Family, theta: np.ndarray, turn: int, rounds: int) -> tuple[np.ndarray, float]:
        """Least squares from `theta` at a given turning point: the parameters, and half the sum of squares."""
        bends = self.ridge * _bends(family, theta.size)

        def residuals(at: np.ndarray) -> np.ndarray:
            own = self._residuals(family, at, turn)
            return np.concatenate([own, bends @ at]) if bends.size else own

        x, _, info, _, _ = leastsq(residuals, theta, maxfev=rounds * (theta.size + 1), full_output=True)
        return x, float((info["fvec"] ** 2).sum() / 2)

    def _jacobian(self, family: Family, theta: np.ndarray, turn: int) -> np.ndarray:
        """Derivatives of the residuals; the last column is that of the turning point."""
        widths, columns = 1e-5 * np.maximum(1.0, np.abs(theta)), []
        for h, unit in zip(widths, np.eye(theta.size), strict=True):
            ends = (self._residuals(family, theta + side * h * unit, turn) for side in (1, -1))
            columns.append(np.subtract(*ends) / (2 * h))
        early, late = turn - 1, turn + 1
        moved = self._residuals(family, theta, late) - self._residuals(family, theta, early)
        return np.stack([*columns, moved / (late - early)], 1)


def _bends(family: Family, size: int) -> np.ndarray:
    """Second differences of a spline's node values; nothing for other families."""
    if family.name != SPLINE:
        return np.zeros((0, size))
    nodes = (size - 1) // 2
    bend = np.diff(np.eye(nodes), 2, axis=0)
    zero, first = np.zeros_like(bend), np.zeros((2 * len(bend), 1))
    return np.hstack([first, np.vstack([np.hstack([bend, zero]), np.hstack([zero, bend])])])


def _rates(y: np.ndarray, turn: int, every: int) -> Rates:
    """Rough steps per pulse at both ends of either side, from the smooth curve: means over an eighth of a side."""
    up, down = y[: turn + 1], y[turn:]
    first, last = max(2, up.size // 8), max(2, down.size // 8)
    steps = (up[first] - up[0], up[-1] - up[-1 - first], down[-1 - last] - down[-1], down[0] - down[last])
    least = 1e-3 / max(up.size, down.size)
    lengths = (first, first, last, last)
    return Rates(*(max(float(step) / length, least) / every for step, length in zip(steps, lengths, strict=True)))


def _smooth_columns(size: int, turn: int) -> np.ndarray:
    """Cubic splines of the pulse number on either side, with more knots near the side's beginning."""
    sides = [_splines(turn + 1), _splines(size - 1 - turn)]
    columns = np.zeros((size, sum(side.shape[1] for side in sides)))
    columns[: turn + 1, : sides[0].shape[1]] = sides[0]
    columns[turn + 1 :, sides[0].shape[1] :] = sides[1]
    return columns


def _splines(count: int) -> np.ndarray:
    inner = [knot for knot in _KNOTS if knot in (0.0, 1.0) or knot * count >= 4]
    knots = np.array([0.0] * 3 + inner + [1.0] * 3)
    return np.asarray(BSpline.design_matrix(np.linspace(0, 1, count), knots, 3).toarray())


def _basis(columns: np.ndarray) -> np.ndarray:
    """An orthonormal basis of the columns' span."""
    sizes = np.linalg.norm(columns, axis=0)
    u, s, _ = np.linalg.svd(columns[:, sizes > 0] / sizes[sizes > 0], full_matrices=False)
    return np.asarray(u[:, s > _RANK * s[0]])


def _lack_of_fit(residuals: np.ndarray, J: np.ndarray, turn: int) -> tuple[float, float]:
    """(p-value of the F test, standard deviation of what neither family nor smooth curve explains)."""
    own = _basis(J)
    left = residuals - own @ (own.T @ residuals)
    smooth = _smooth_columns(residuals.size, turn)
    smooth = smooth - own @ (own.T @ smooth)
    other = _basis(smooth[:, np.linalg.norm(smooth, axis=0) > 1e-6])
    explained = other.T @ left
    rest = left - other @ explained
    free = residuals.size - own.shape[1] - other.shape[1]
    variance = float(rest @ rest) / free
    ratio = float(explained @ explained) / other.shape[1] / max(variance, _FINEST**2)
    return float(f_distribution.sf(ratio, other.shape[1], free)), float(np.sqrt(variance))


def _unreached(family: Family, theta: np.ndarray, path: np.ndarray) -> int:
    """How many hard bounds the curve does not come to."""
    if family.covers != "reached":
        return 0
    steps = family.steps(theta[1:].tolist())
    return int(path.max() < steps.high) + int(path.min() > steps.low)


def _reach(family: Family, theta: np.ndarray, path: np.ndarray) -> float:
    steps = family.steps(theta[1:].tolist())
    return (steps.high - steps.low) / float(np.ptp(path)) if family.covers == "bounds" else 1.0


def _scale(family: Family, theta: np.ndarray, turn: int, curve: Curve) -> Scale:
    """The weight's scale for these parameters of a family."""
    start, *shape = theta.tolist()
    steps = family.steps(shape)
    low, high = (steps.low, steps.high) if family.covers == "bounds" else (-1.0, 1.0)
    if family.covers == "reached":
        path = composed(steps, start, turn, curve.pulse.size, curve.every)
        low, high = float(path.min()), float(path.max())
    centre, half = (low + high) / 2, (high - low) / 2
    return Scale(centre, half, (steps.up(centre) + steps.down(centre)) / 2 / half)


def _steps_at(trial: Trial, theta: np.ndarray, curve: Curve) -> Callable[[float], tuple[float, float]]:
    """Steps of a pulse up and of one down at the weight w, in scaled units."""
    steps, scale = trial.family.steps(theta[1:].tolist()), _scale(trial.family, theta, trial.turn, curve)

    def at(w: float) -> tuple[float, float]:
        y = scale.centre + scale.half * w
        return steps.up(y), steps.down(y)

    return at


def _asymmetry(trial: Trial, curve: Curve, theta: np.ndarray) -> list[float]:
    up, down = _steps_at(trial, theta, curve)(0.0)
    return [(down - up) / (down + up)]


def _meeting(trial: Trial, curve: Curve, theta: np.ndarray) -> list[float]:
    """The weights in [-1, 1] at which both steps are equal."""
    at = _steps_at(trial, theta, curve)

    def gap(w: float) -> float:
        up, down = at(w)
        return down - up

    grid = np.linspace(-1, 1, _GRID)
    values = np.array([gap(w) for w in grid])
    changes = np.flatnonzero(np.signbit(values[:-1]) != np.signbit(values[1:]))
    return [float(brentq(gap, grid[k], grid[k + 1])) for k in changes]


def _with_error(
    quantity: Callable[[Trial, Curve, np.ndarray], list[float]], trial: Trial, curve: Curve
) -> tuple[float, float] | None:
    """The value nearest to 0 of a quantity of the parameters, and its standard error to first order."""
    found = quantity(trial, curve, trial.theta)
    if not found:
        return None
    value, slope = min(found, key=abs), np.zeros(trial.theta.size)
    for k, h in enumerate(1e-4 * np.maximum(1.0, np.abs(trial.theta))):
        moved = h * np.eye(trial.theta.size)[k]
        near = [quantity(trial, curve, trial.theta + side * moved) for side in (1, -1)]
        if all(near):
            above, below = (min(values, key=lambda one: abs(one - value)) for values in near)
            slope[k] = (above - below) / (2 * h)
    return value, float(np.sqrt(slope @ trial.covariance @ slope))
