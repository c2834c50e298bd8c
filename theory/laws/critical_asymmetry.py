"""How much asymmetry Analog SGD and Residual Learning bear on data that W* fits exactly.

The gradient noise vanishes at W* there, so W* (with P = 0) is a fixed point for any asymmetry. Whether it attracts is
a question about the positively homogeneous map that a step is near it (`theory.homogeneous`): the critical c_lin of a
device is where the growth rate of that map rises to 0.

- Small steps, slow transfer, samples one after another: Wbar follows d' = -Diag(F)(H d + Diag(R) (1/N) sum |a_i|
  |a_i . d|), at P = 0 for a residual array, at W* for Analog SGD. The rate is 0 on a ray of fixed points
  (`theory.interpolation`); long trajectories look for an oscillation that grows before.
- At comparable rates a ray of fixed points needs P = 0 and is the same ray, so only an oscillation of W against P can
  make the critical value smaller: `critical_c_lin_at_rates`.
- Once a cap on the pulses holds for every sample: a linear programme.
- Full batch: E|g| = |g|, and (1/2) d . H d falls along the flow for every |R| < 1.
- gamma = 0: a step moves P by a function of W, then W by a function of P; each keeps the volume of (W, P), so W* cannot
  attract a neighbourhood, whatever the asymmetry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import stats
from scipy.optimize import brentq

from ..algorithm import AnalogSGD, ResidualLearning
from ..compile import array_function
from ..homogeneous import ORDERS, Homogeneous, Order, Rule, at_rest, crossing, gains, growth
from ..interpolation import capped_critical_ratio, critical_ratio
from ..law import Inputs, Law, Parameter, Prediction
from ..objective import LeastSquares
from ..response import ResponseFunction, linear, one_sided
from ..symbols import symbol
from ..validate import nonnegative, positive

PAIRS: dict[str, Callable[[Any, Any], ResponseFunction]] = {"paper": linear, "one-sided": one_sided}
LARGEST = 0.98
FITTED = 1e-6  # residuals of labels printed to 9 digits, relative to the labels
STARTS, SEQUENCES, CONFIDENCE = 3, 24, 0.99
SCAN = 50  # points over the range of c_lin: windows of growth can be as narrow as a few hundredths
FINER = ((SCAN, 1000), (9, 3000))
EARLIER = 0.01  # a growing oscillation is told from the ray where it comes this much before


def pair_responses(pair: Callable[[Any, Any], ResponseFunction], tau: Any) -> Callable[[Any, Any], tuple[Any, ...]]:
    """F and G of the devices of a pair, as one array function of (w, c_lin): for many c_lin at once."""
    w, c = symbol("w"), symbol("c_lin", "positive")
    device = pair(tau, c)
    return array_function((w, c), (device.F, device.G))


def samples() -> LeastSquares:
    """Data in the shape of Figure 2 with exact labels: 100 normal samples of 50 weights."""
    return LeastSquares.gaussian(rows=100, dim=50, w_std=0.5, scale=1 / 100, rng=2502)


@dataclass(frozen=True, eq=False)
class Critical:
    """Critical values of c_lin for one algorithm, one pair and the samples of one least-squares problem.

    Every function returns 0 where W* does not attract even at c_lin = 0, inf where it does up to `LARGEST`.
    """

    rule: Rule
    pair: Callable[[Any, Any], ResponseFunction]
    tau: float
    data: LeastSquares

    def ratios(self, c_lin: float) -> np.ndarray:
        """R where an algorithm sends its gradients: R(W*) of Analog SGD, R(0) of a residual array; (dim,)."""
        point = at_rest(self.rule, self.data.minimizer)[self.rule.arrays[-1]]
        device = self.pair(self.tau, c_lin)
        return np.asarray(np.broadcast_to(device.array_functions("R")(point)[0], point.shape))

    def of_ratio(self, ratio: Callable[[Any], float]) -> float:
        """The first c_lin at which `ratio`, of the weights' asymmetries, says that they reach the critical size."""
        points = np.linspace(0, LARGEST, 25)
        return self._first(lambda c: ratio(self.ratios(c)) - 1, points)

    def _first(self, slack: Callable[[float], float], points: np.ndarray) -> float:
        if slack(0.0) <= 0:
            return 0.0
        reached = next((k for k, c in enumerate(points) if slack(float(c)) <= 0), None)
        return np.inf if reached is None else float(brentq(slack, points[reached - 1], points[reached], xtol=1e-12))

    def ray(self) -> float:
        """Where the flow has a ray of fixed points."""
        return self.of_ratio(lambda R: critical_ratio(self.data.A, R=R).ratio if R.any() else np.inf)

    def capped(self) -> float:
        """Where no W attracts once the cap holds for every sample."""
        return self.of_ratio(lambda R: capped_critical_ratio(self.data.A, R))

    def of_flow(self) -> float:
        """Where the flow of Wbar in the limit grows: the ray, or an oscillation that comes before it."""
        ray = self.ray()
        slow = replace(self, rule=AnalogSGD(1 / (2 * _top(self.data))))
        point = at_rest(self.rule, self.data.minimizer)[self.rule.arrays[-1]]
        flow = crossing(lambda c, steps: slow.rates(c, "mean-field", steps, point), 0.0, LARGEST, FINER)
        return min(ray, flow) if flow < (1 - EARLIER) * ray else ray

    def at_rates(self, order: Order) -> float:
        """Where the algorithm's own step grows, at its rates."""
        last = self.lasting(order)
        rounds = ((SCAN, last // 4), (9, last // 2), (7, last), *(((9, last),) if order == "mean-field" else ()))
        found = crossing(lambda c, steps: self.rates(c, order, steps), 0.0, LARGEST, rounds)
        # on the ray itself nothing moves; past it the rate rises as a square root, which a line between points misses
        return min(found, self.ray()) if order == "mean-field" and found > 0 else found

    def lasting(self, order: Order) -> int:
        """How many steps a growth rate is taken over: some forty times what the slowest mode needs, within limits."""
        pace = self.rule.alpha * getattr(self.rule, "gamma", 1.0) * np.linalg.eigvalsh(_hessian(self.data))[0]
        least, most = {"mean-field": (2000, 8000), "iid": (4000, 16_000)}.get(order, (4000, 48_000))
        return int(np.clip(40 / max(pace, 1e-9), least, most))

    def map(self, c_lin: np.ndarray, order: Order, point: np.ndarray | None = None) -> Homogeneous:
        """The homogeneous maps of devices with these c_lin; `point` replaces W* as the place of array W."""
        devices = [self.pair(self.tau, float(c)) for c in c_lin]
        at = at_rest(self.rule, self.data.minimizer) if point is None else {"W": point}
        return Homogeneous(self.rule, self.data.A, gains(devices, at), order)

    def rates(self, c_lin: np.ndarray, order: Order, steps: int, point: np.ndarray | None = None) -> np.ndarray:
        """The largest growth rate over the starts, for each c_lin."""
        with np.errstate(over="ignore"):
            return np.asarray(growth(self.map(c_lin, order, point), steps, STARTS).max(-1))

    def of_sequences(self) -> tuple[float, float]:
        """Where the top Lyapunov exponent of randomly drawn samples is 0, and the half-width of its interval."""
        last = self.lasting("iid")

        def each(c_lin: np.ndarray, steps: int) -> np.ndarray:
            return growth(self.map(c_lin, "iid"), steps, SEQUENCES)

        middle = crossing(lambda c, steps: each(c, steps).mean(-1), 0.0, LARGEST, ((25, last // 4), (7, last // 2)))
        if middle == 0 or middle == np.inf:
            return middle, 0.0
        near = np.clip(middle * np.linspace(0.95, 1.05, 3), 0, LARGEST)
        slopes, heights = np.polyfit(near, each(near, last), 1)
        zeros = -heights / slopes
        quantile = stats.t.ppf((1 + CONFIDENCE) / 2, SEQUENCES - 1)
        return float(zeros.mean()), float(quantile * stats.sem(zeros))


def _hessian(data: LeastSquares) -> np.ndarray:
    """(1/N) A^T A, whatever the scale of the data."""
    return np.asarray(data.A.T @ data.A / data.rows)


def _top(data: LeastSquares) -> float:
    return float(np.linalg.eigvalsh(_hessian(data))[-1])


def critical(inputs: Inputs) -> Critical:
    """What the law's inputs describe. Raises ValueError for rates that an algorithm cannot have."""
    alpha, beta = positive("alpha", inputs["alpha"]), positive("beta", inputs["beta"])
    gamma, data = nonnegative("gamma", inputs["gamma"]), inputs["data"] or samples()
    rule: Rule = AnalogSGD(alpha) if inputs["algorithm"] == "analog-sgd" else ResidualLearning(alpha, beta, gamma)
    return Critical(rule, PAIRS[inputs["pair"]], positive("tau", inputs["tau"]), data)


STEP, GAMMA, FIT, RANGE = "steps descend", "gamma > 0", "W* fits every sample", "W* is inside (-tau, tau)"


def _conditions(one: Critical, order: Order) -> dict[str, str]:
    """Each condition with the reason why it fails, empty where it is met."""
    data, W = one.data, one.data.minimizer
    away = float(abs(data.residuals(W)).max() / max(abs(data.b).max(), 1e-300))
    told = {
        FIT: f"its largest error is {away:.2g} of the largest label: noise is left at W*" if away > FITTED else "",
        RANGE: "" if abs(W).max() < one.tau else f"max |W*| = {abs(W).max():.3g}",
        STEP: _too_large(one, order),
    }
    if isinstance(one.rule, ResidualLearning):
        told[GAMMA] = "" if one.rule.gamma > 0 else UNDAMPED
    return told


def _too_large(one: Critical, order: Order) -> str:
    """Why a step with all samples is too large to descend on a symmetric device, or nothing.

    With one sample a step no such bound is sharp: there the growth rate itself tells.
    """
    if order in ("cyclic", "iid"):
        return ""
    rule, L = one.rule, _top(one.data)
    if isinstance(rule, AnalogSGD):
        return "" if rule.alpha * L < 2 else f"alpha is not below 2/L = {2 / L:.3g}: an error grows as it flips"
    pace = rule.alpha * (2 * rule.gamma + rule.beta) * L
    told = f"alpha (2 gamma + beta) L = {pace:.3g} is not below 4, L = {L:.3g}: an error grows as it flips"
    return "" if pace < 4 else told


FULL_BATCH = (
    "one increment a step: E|g| = |g|, and in the limit of small steps and slow transfer (1/2) d . H d falls by at "
    "least (1 - max |R|) min F sum g^2 along the flow; |R| < 1 all over the range, so W* attracts at any asymmetry"
)
UNDAMPED = (
    "a step moves P by a function of W, then W by a function of P: both keep volume in (W, P), so the swing of W "
    "against P is not damped, and W* attracts for no asymmetry"
)
NONE_BELOW = f"W* attracts at every c_lin up to {LARGEST:g} that was tried"
AT_ZERO = "W* does not attract even at c_lin = 0"
RATIOS = ("critical_ratio", "critical_ratio_lower", "critical_ratio_capped")
C_LIN = ("critical_c_lin", "critical_c_lin_capped", "critical_c_lin_at_rates")


def _predict(inputs: Inputs) -> Prediction:
    one, order = critical(inputs), inputs["order"]
    failed = _conditions(one, order)
    reasons = {name: why for name, why in failed.items() if why}
    none = next(iter(reasons.values()), FULL_BATCH if order == "full-batch" else "")
    if none:
        values: dict[str, Any] = dict.fromkeys((*RATIOS, *C_LIN))
        reasons |= {RATIOS[0]: none} | dict.fromkeys((*RATIOS[1:], *C_LIN), f"as {RATIOS[0]}")
    else:
        found = critical_ratio(one.data.A)
        told = _critical_c_lin(one, order)
        values = dict(zip(RATIOS, (found.ratio, found.lower, capped_critical_ratio(one.data.A)), strict=True))
        values |= {name: None if told[name][1] else told[name][0] for name in sorted(told)}
        reasons |= {name: why for name, (_, why) in told.items() if why}
    return Prediction(values, _order(order), {name: not why for name, why in failed.items()}, reasons)


def _critical_c_lin(one: Critical, order: Order) -> dict[str, tuple[float, str]]:
    """Each critical c_lin, with the reason why there is none."""
    slope = "the slope of R to W* is enough"
    found = {"critical_c_lin_capped": _told(one.capped(), f"{AT_ZERO} once every sample is capped: {slope}")}
    if order == "mean-field":
        found["critical_c_lin"] = _told(one.of_flow(), f"{AT_ZERO}: {slope}")
        found["critical_c_lin_at_rates"] = _told(one.at_rates(order), f"{AT_ZERO} at these rates")
        return found
    value, half = one.of_sequences() if order == "iid" else (one.at_rates(order), 0.0)
    L = float((one.data.A**2).sum(1).max())
    why = f"{AT_ZERO}: one sample after another, with steps up to alpha max_i |a_i|^2 = {one.rule.alpha * L:.3g}"
    found["critical_c_lin"] = found["critical_c_lin_at_rates"] = _told(value, why)
    if half:
        found["critical_c_lin_half_width"] = (half, "")
    return found


def _told(value: float, at_zero: str) -> tuple[float, str]:
    return value, at_zero if value == 0 else NONE_BELOW if value == np.inf else ""


def _order(order: Order) -> str:
    ratios = "the ratios: limit of small steps and slow transfer, samples one after another (the lower one is proved)"
    if order == "mean-field":
        return f"{ratios}; critical_c_lin: the same limit; critical_c_lin_at_rates: exact at these rates, close to W*"
    return f"{ratios}; critical_c_lin: exact at these rates, close to W*"


LAW = Law(
    "critical-asymmetry",
    "the asymmetry from which W* no longer attracts although every sample is fitted there (Figure 2)",
    (
        Parameter("algorithm", "update rule", "word", "residual", ("analog-sgd", "residual")),
        Parameter("pair", "(16) generalised, biased on both sides, or q_- alone scaled", "word", "paper", tuple(PAIRS)),
        Parameter("tau", "end of the dynamic range", "weight", 3.5),
        Parameter("alpha", "learning rate", "1 a step", 0.5),
        Parameter("beta", "transfer rate, of residual", "1 a step", 0.5),
        Parameter("gamma", "mixing coefficient, of residual", "1", 0.4),
        Parameter("order", "order of the samples", "word", "mean-field", ORDERS),
    ),
    _predict,
    takes=("data",),
    figure="critical_asymmetry",
    statements=(
        "lib-law-asymmetry-attracts",
        "lib-law-asymmetry-volume",
        "lib-law-asymmetry-pairs",
        "lib-law-figure-2-transition",
    ),
)
