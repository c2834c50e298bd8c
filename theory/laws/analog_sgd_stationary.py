"""Where Analog SGD (2) settles at a finite step: mean and covariance of its stationary law, to leading order in alpha.

A step takes alpha Y off W, Y = grad F + |grad| G. The mean E Y = d(W) vanishes at the fixed point, the root of T (42).
Let J be its Jacobian there and C = Cov Y. Moments that a step leaves as they are have, to leading order in alpha,

    J S + S J^T = alpha C,    J (E W - fixed point) = -(1/2) sum_jk d_jk S_jk,

S = Cov W and d_jk the second derivatives of d. So the mean is off the fixed point by O(alpha), too: by the curvature of
the responses, of E|grad| and, where f''' is not 0, of the gradient. On a kink of E|grad| neither holds: `kinked_mean`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
from scipy.linalg import solve_continuous_lyapunov

from ..compile import array_function
from ..gradient_moments import GradientMoments, gradient_moments
from ..law import Inputs, Law, Parameter, Prediction
from ..noise import Gaussian, Noise, Rademacher, Rows
from ..objective import Objective, Quadratic
from ..penalty import Devices, ImplicitPenalty, dynamic_range, one_a_coordinate
from ..response import ResponseFunction, W as WEIGHT, linear
from ..validate import positive, reject

CLEAR = 3.0
"""How many stationary standard deviations away a kink or an end of the range must be.

At z of them E|x| of a normal x differs from |E x| by 2 (pdf(z) - z cdf(-z)) deviations, and its slope by 2 cdf(-z):
at 3 by 0.0008 and 0.3 %, well below the 3 % at which the law is held; at 2 by 0.017 and 4.6 %.
"""


@dataclass(frozen=True)
class Stationary:
    """The stationary law of Analog SGD to leading order in alpha; vectors (D,), matrices (D, D).

    fixed_point: the root of T (42). next_order_bias: E W - fixed_point, O(alpha). jacobian: J of the mean step over
    alpha. noise: C, the covariance of a step over alpha^2. covariance: of W, O(alpha). nearest_kink, nearest_end: of
    E|grad|, and of the range, in standard deviations; inf where there is none.
    """

    alpha: float
    minimizer: np.ndarray
    fixed_point: np.ndarray
    jacobian: np.ndarray
    noise: np.ndarray
    covariance: np.ndarray
    next_order_bias: np.ndarray
    nearest_kink: float
    nearest_end: float

    @property
    def mean(self) -> np.ndarray:
        """E W, shaped (D,), up to O(alpha^2)."""
        return np.asarray(self.fixed_point + self.next_order_bias)

    @property
    def bias(self) -> np.ndarray:
        """E W - W*, shaped (D,)."""
        return np.asarray(self.mean - self.minimizer)

    @property
    def std(self) -> np.ndarray:
        """Standard deviations of the weights, shaped (D,)."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def stable(self) -> bool:
        """Whether the mean dynamics return to the fixed point: all eigenvalues of J have a positive real part."""
        return _stable(self.jacobian)

    @property
    def contracts(self) -> bool:
        """Whether a step of this alpha does: all eigenvalues of I - alpha J are inside the unit circle."""
        return bool(abs(np.linalg.eigvals(np.eye(self.minimizer.size) - self.alpha * self.jacobian)).max() < 1)


def analog_sgd_stationary(objective: Objective, devices: Devices, noise: Noise, alpha: float) -> Stationary:
    """The stationary law of Analog SGD with that alpha, on one device for all weights or one for each.

    Where the fixed point is not stable, covariance and next-order bias are NaN. Raises ValueError for an alpha that is
    not > 0 and for noise without exact moments, ArithmeticError where no fixed point is found inside the range.
    """
    positive("alpha", alpha)
    at = ImplicitPenalty(objective, devices, noise).fixed_point
    moments, parts = gradient_moments(noise, objective, at), responses(devices, at)
    J, C = drift_jacobian(moments, parts), step_covariance(moments, parts)
    S, away = np.full_like(J, np.nan), np.full_like(at, np.nan)
    if _stable(J):
        S = solve_continuous_lyapunov(J, alpha * C)
        away = -np.linalg.solve(J, np.einsum("ijk,jk->i", drift_curvature(moments, parts), S)) / 2
    low, high = dynamic_range(devices, at.size)
    room = np.minimum(at - low, high - at) / np.sqrt(np.diag(S))
    minimizer = np.asarray(objective.minimizer, dtype=np.float64)
    kink = _nearest_kink(moments, parts, S)
    return Stationary(float(alpha), minimizer, at, J, C, S, away, kink, float(room.min()))


def _stable(J: np.ndarray) -> bool:
    return bool(np.linalg.eigvals(J).real.min() > 0)


def responses(devices: Devices, at: np.ndarray) -> np.ndarray:
    """F, F', F'', G, G', G'' of every weight's device, shaped (6, D)."""

    def of(device: ResponseFunction, w: Any) -> list[Any]:
        values = array_function((WEIGHT,), tuple(sp.diff(q, WEIGHT, k) for q in (device.F, device.G) for k in range(3)))
        return [np.broadcast_to(value, np.shape(w)) for value in values(w)]

    if isinstance(devices, ResponseFunction):
        return np.array(of(devices, at))
    return np.stack(
        [np.array(of(device, w)) for device, w in zip(one_a_coordinate(devices, at.size), at, strict=True)], -1
    )


def drift_jacobian(moments: GradientMoments, responses: np.ndarray) -> np.ndarray:
    """J, shaped (D, D): the derivative of E g F + E|g| G; `responses` are F, F', F'', G, G', G'', shaped (6, D)."""
    F, dF, _, G, dG, _ = responses
    g, size = moments.mean, moments.size
    return np.asarray(np.diag(dF * g.value + dG * size.value) + F[:, None] * g.first + G[:, None] * size.first)


def drift_curvature(moments: GradientMoments, responses: np.ndarray) -> np.ndarray:
    """The second derivatives of E g F + E|g| G, shaped (D, D, D)."""
    (F, dF, ddF, G, dG, ddG), (g, size) = responses, (moments.mean, moments.size)
    found = F[:, None, None] * g.second + G[:, None, None] * size.second
    mixed, i = dF[:, None] * g.first + dG[:, None] * size.first, np.arange(F.size)
    found[i, i, :] += mixed
    found[i, :, i] += mixed
    found[i, i, i] += ddF * g.value + ddG * size.value
    return np.asarray(found)


def step_covariance(moments: GradientMoments, responses: np.ndarray) -> np.ndarray:
    """C = Cov(g F + |g| G), shaped (D, D)."""
    F, G = responses[0], responses[3]
    crossed = np.outer(F, G) * moments.mean_size
    return np.asarray(np.outer(F, F) * moments.mean_mean + crossed + crossed.T + np.outer(G, G) * moments.size_size)


def _nearest_kink(moments: GradientMoments, responses: np.ndarray, S: np.ndarray) -> float:
    """The distance of the nearest kink that the drift feels, in standard deviations of what has it; inf for none."""
    kinks = moments.kinks
    felt = abs(responses[3][kinks.coordinate]) > 0
    spread = np.sqrt(np.einsum("ki,ij,kj->k", kinks.slope, S, kinks.slope))[felt]
    return float((abs(kinks.value[felt]) / spread).min(initial=math.inf))


def kinked_mean(variance: Any, left: Any, right: Any) -> Any:
    """E W - fixed point, to leading order, of one weight whose drift has the slopes left and right of its fixed point.

    variance: alpha times that of a step over alpha^2. Either side is half a normal law of the variance that the slope
    there gives, and both meet at one density: so the mean is off by O(sqrt(alpha)), in any algebra.
    """
    before, after = ((variance / (2 * slope)) ** sp.Rational(1, 2) for slope in (left, right))
    return (after - before) * sp.sqrt(2 / sp.pi)


NOISES: dict[str, Callable[[float], Noise]] = {
    "gaussian": lambda sigma: Gaussian(sigma),
    "rademacher": lambda sigma: Rademacher(sigma),
    "rows": lambda _: Rows(),
}


def setting(inputs: Inputs) -> tuple[Objective, ResponseFunction, Noise]:
    """The problem, the device and the noise of a law's inputs. Raises ValueError."""
    data, chosen = inputs["data"], inputs["noise"]
    device = inputs["device"] or linear(inputs["tau"], inputs["c_lin"])
    if chosen == "auto":
        chosen = "rows" if data is not None else "gaussian"
    if chosen == "rows" and data is None:
        reject("noise", chosen, "needs rows of data (--data)")
    noise = NOISES[chosen](positive("sigma", inputs["sigma"]))
    if data is not None:
        return data, device, noise
    return Quadratic([[positive("h", inputs["h"])]], [inputs["w_star"]]), device, noise


STABLE = "the fixed point is stable"
CONTRACTS = "alpha is small enough to contract"
KINK = f"no kink of E|grad| within {CLEAR:g} standard deviations"
RANGE = f"the ends of the range are {CLEAR:g} standard deviations away"
VALUES = ("fixed_point", "mean", "bias", "next_order_bias", "std", "covariance", "nearest_kink")
ORDER = "leading order in alpha: covariance and next-order bias up to O(alpha^2)"


def _predict(inputs: Inputs) -> Prediction:
    try:
        law = analog_sgd_stationary(*setting(inputs), positive("alpha", inputs["alpha"]))
    except ArithmeticError as error:
        return Prediction(dict.fromkeys(VALUES), ORDER, {STABLE: False}, {STABLE: str(error)})
    conditions = {
        STABLE: law.stable,
        CONTRACTS: law.stable and law.contracts,
        KINK: law.stable and law.nearest_kink >= CLEAR,
        RANGE: law.stable and law.nearest_end >= CLEAR,
    }
    return Prediction(_values(law), ORDER, conditions, _reasons(law, conditions))


def _values(law: Stationary) -> dict[str, Any]:
    """Numbers for one weight, lists for several; None for what an unstable fixed point does not have."""
    found = {name: np.asarray(getattr(law, name)) for name in VALUES}
    one = law.minimizer.size == 1
    return {
        name: None
        if not np.isfinite(value).all()
        else float(value.squeeze())
        if one or not value.ndim
        else value.tolist()
        for name, value in found.items()
    }


def _reasons(law: Stationary, conditions: dict[str, bool]) -> dict[str, str]:
    why = {
        STABLE: "an eigenvalue of the Jacobian of the mean step has no positive real part: there is no stationary law",
        CONTRACTS: "an eigenvalue of I - alpha J is not inside the unit circle",
        KINK: f"the nearest is {law.nearest_kink:.2g} of them away: the slope of E|grad| changes within the spread",
        RANGE: f"the nearest is {law.nearest_end:.2g} of them away: the range would cut the law off",
    }
    failing = {name: why[name] for name, met in conditions.items() if not met}
    if not law.stable:
        return {STABLE: why[STABLE]}
    return failing if math.isfinite(law.nearest_kink) else {**failing, "nearest_kink": "E|grad| has no kink"}


LAW = Law(
    "analog-sgd-stationary",
    "mean and covariance of Analog SGD at a finite step, and how far its mean is off the fixed point",
    (
        Parameter("h", "curvature of the objective (without data)", "loss/weight^2", 1.0),
        Parameter("w_star", "minimiser (without data)", "weight", 0.4),
        Parameter("sigma", "size of the gradient noise that is added", "loss/weight", 0.5),
        Parameter("tau", "radius of the range of a linear device", "weight", 1.0),
        Parameter("c_lin", "slope asymmetry of a linear device", "1", 0.1),
        Parameter("alpha", "learning rate", "1", 0.05),
        Parameter("noise", "law of the gradient noise", "word", "auto", ("auto", "gaussian", "rademacher", "rows")),
    ),
    _predict,
    takes=("device", "data"),
    figure="analog_sgd_stationary",
    statements=(
        "lib-law-stationary-measured",
        "lib-law-no-kink-of-signs",
        "lib-law-stationary-balance",
        "lib-law-mean-on-a-kink",
    ),
)
