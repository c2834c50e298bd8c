"""Where Residual Learning and Tiki-Taka settle without the zero shift, and when that is worse than Analog SGD.

For small alpha and beta/alpha both stand still at P = 0, so W solves E g + E|g| R_P(0) = 0 for any gamma. Analog SGD
solves the same with its own ratio R(W) at its own fixed point in the place of R_P(0).

One coordinate of the equation under additive noise is g = -R E|g + noise|. With one size of noise, r = v/E|v + xi| has

    dr/dv = (E|v + xi| - v d/dv E|v + xi|)/E|v + xi|^2 = E[xi sign(v + xi)]/E|v + xi|^2 > 0,

so that |g| grows with |R|, from 0 at R = 0 beyond any bound as |R| -> 1: a root exists for every |R| < 1. In a
coordinate of the gradient Residual Learning is worse, then, exactly where |R_P(0)| > |R(w_A)|, w_A being where Analog
SGD settles; for one weight with a quadratic objective so it is in W. In D dimensions under additive noise W is
W* + H^{-1} g with these g, but f and the Euclidean norm weigh the coordinates, and their signs count: see `Comparison`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
from scipy.optimize import brentq

from ..algorithm import ResidualLearning
from ..bilevel import MeanDynamics
from ..compile import array_function
from ..interpolation import critical_ratio
from ..law import Inputs, Law, Parameter, Prediction
from ..noise import Noise, Rows, folded_normal
from ..objective import LeastSquares, Objective
from ..penalty import Devices, ImplicitPenalty
from ..response import ResponseFunction, linear
from ..symbols import symbol
from ..validate import positive, reject
from .analog_sgd_stationary import setting

GRID = 20


@dataclass(frozen=True)
class Comparison:
    """Residual Learning without the zero shift, and Analog SGD, where each settles for small rates.

    residual, analog: their fixed points W, shaped (D,); minimizer: W*. worse: coordinate by coordinate, whether |bias|
    of Residual Learning is the larger one.
    """

    objective: Objective
    residual: np.ndarray
    analog: np.ndarray

    @property
    def biases(self) -> tuple[np.ndarray, np.ndarray]:
        """W - W* of Residual Learning and of Analog SGD, each shaped (D,)."""
        minimizer = np.asarray(self.objective.minimizer, dtype=np.float64)
        return self.residual - minimizer, self.analog - minimizer

    @property
    def norms(self) -> tuple[float, float]:
        """||W - W*|| of both."""
        residual, analog = (float(np.linalg.norm(bias)) for bias in self.biases)
        return residual, analog

    @property
    def excesses(self) -> tuple[float, float]:
        """f(W) - f* of both."""
        residual, analog = (float(self.objective.value(W)) for W in (self.residual, self.analog))
        return residual - float(self.objective.f_star), analog - float(self.objective.f_star)

    @property
    def worse(self) -> np.ndarray:
        """Whether Residual Learning's |bias| is larger, shaped (D,)."""
        residual, analog = self.biases
        return np.asarray(abs(residual) > abs(analog))


def residual_offset(objective: Objective, devices_W: Devices, devices_P: Devices, noise: Noise) -> Comparison:
    """Where Residual Learning (any gamma, so Tiki-Taka too) and Analog SGD settle, on the same devices for W.

    Raises ArithmeticError where one of them has no fixed point inside the range of W.
    """
    analog = ImplicitPenalty(objective, devices_W, noise).fixed_point
    return Comparison(objective, residual_point(objective, devices_W, devices_P, noise), analog)


def residual_point(objective: Objective, devices_W: Devices, devices_P: Devices, noise: Noise) -> np.ndarray:
    """Where Residual Learning settles. Raises ArithmeticError where it has no fixed point inside the range of W."""
    return MeanDynamics(ResidualLearning(1, 1, 1), objective, devices_W, devices_P, noise).fixed_point.W


def ratio_of(v: Any) -> sp.Expr:
    """The |R| at which |g| settles at v standard deviations of its normal noise: v/E|v + xi|."""
    v = sp.sympify(v)
    return v / folded_normal(v, sp.S.One)


def ratio(bias: float, h: float, sigma: float) -> float:
    """The |R| at which one weight, of curvature h under normal noise of std sigma, settles at that |bias|."""
    v = symbol("v", "nonnegative")
    value: Any = array_function((v,), (ratio_of(v),))(abs(h * bias) / positive("sigma", sigma))[0]
    return float(value)


def offset_device(tau: float, offset: float) -> ResponseFunction:
    """A linear device of radius tau whose symmetric point is `offset` away from 0, where it should be.

    Raises ValueError unless |offset| < tau.
    """
    positive("tau_P", tau)
    if not abs(offset) < tau:
        reject("offset", offset, f"must lie in (-tau_P, tau_P), tau_P={tau}")
    return linear(tau).shifted(-offset)


Size = Callable[[Comparison], tuple[float, float]]


def break_even(objective: Objective, devices_W: Devices, tau_P: float, noise: Noise, size: Size) -> float | None:
    """The smallest offset > 0 of the residual array at which `size` is the same for both; None where there is none.

    For one weight it is tau_P |R(w_A)|; in D dimensions it is bracketed on a grid, as far as fixed points exist.
    """
    analog = ImplicitPenalty(objective, devices_W, noise).fixed_point

    def gap(offset: float) -> float:
        at = residual_point(objective, devices_W, offset_device(tau_P, offset), noise)
        residual, other = size(Comparison(objective, at, analog))
        return residual - other

    before = 0.0
    for offset in (tau_P * np.linspace(0, 1, GRID, endpoint=False)[1:]).tolist():
        try:
            if gap(offset) > 0:
                return float(brentq(gap, before, offset, xtol=1e-10))
        except ArithmeticError:
            return None
        before = offset
    return None


ROOT, CRITICAL = "both have a fixed point inside the range", "|R_P(0)| is below the critical ratio of the data"
ORDER = "the limit of small alpha and small beta/alpha; at a finite alpha the bias is off by O(sqrt(alpha))"
ONE = ("bias_residual", "bias_analog", "worse", "break_even_offset")
SEVERAL = (
    *ONE,
    "excess_residual",
    "excess_analog",
    "worse_in_f",
    "norm_residual",
    "norm_analog",
    "worse_in_norm",
    "break_even_offset_in_norm",
)


def _predict(inputs: Inputs) -> Prediction:
    objective, device, noise = setting(inputs)
    devices_P = offset_device(inputs["tau_P"], inputs["offset"])
    conditions, reasons = _existence(objective, noise, abs(inputs["offset"]) / inputs["tau_P"])
    names = ONE if objective.dim == 1 else SEVERAL
    try:
        found = residual_offset(objective, device, devices_P, noise)
    except (ArithmeticError, np.linalg.LinAlgError) as error:
        return Prediction(dict.fromkeys(names), ORDER, {ROOT: False, **conditions}, {**reasons, ROOT: str(error)})
    values = _one(found, device, inputs) if objective.dim == 1 else _several(found, device, noise, inputs)
    none = {name: "no offset makes both equal" for name, value in values.items() if value is None}
    return Prediction(values, ORDER, {ROOT: True, **conditions}, {**reasons, **none})


def _existence(objective: Objective, noise: Noise, r: float) -> tuple[dict[str, bool], dict[str, str]]:
    """With rows, a root exists below the critical ratio: none comes from infinity on the way from R = 0."""
    if not isinstance(noise, Rows) or not isinstance(objective, LeastSquares):
        return {}, {}
    found = critical_ratio(objective.A)
    if r < found.ratio:
        return {CRITICAL: True}, {}
    return {CRITICAL: False}, {CRITICAL: f"it is {r:.4g}, the ratio {found.ratio:.4g}: a root need not exist"}


def _one(found: Comparison, device: ResponseFunction, inputs: Inputs) -> dict[str, Any]:
    residual, analog = (float(bias[0]) for bias in found.biases)
    R = abs(float(device.array_functions("R")(found.analog)[0][0]))
    offset = float(inputs["tau_P"]) * R
    return dict(zip(ONE, (residual, analog, bool(found.worse[0]), offset), strict=True))


def _several(found: Comparison, device: ResponseFunction, noise: Noise, inputs: Inputs) -> dict[str, Any]:
    excesses, norms, tau_P = found.excesses, found.norms, float(inputs["tau_P"])
    equal = [break_even(found.objective, device, tau_P, noise, size) for size in (_excesses, _norms)]
    parts = (excesses, excesses[0] > excesses[1]), (norms, norms[0] > norms[1])
    told = [value for pair, worse in parts for value in (*pair, worse)]
    residual, analog = (bias.tolist() for bias in found.biases)
    return dict(zip(SEVERAL, (residual, analog, found.worse.tolist(), equal[0], *told, equal[1]), strict=True))


def _excesses(found: Comparison) -> tuple[float, float]:
    return found.excesses


def _norms(found: Comparison) -> tuple[float, float]:
    return found.norms


LAW = Law(
    "residual-offset",
    "bias of Residual Learning and Tiki-Taka without the zero shift, and when it is more than that of Analog SGD",
    (
        Parameter("h", "curvature of the objective (without data)", "loss/weight^2", 1.0),
        Parameter("w_star", "minimiser (without data)", "weight", 0.4),
        Parameter("sigma", "size of the gradient noise that is added", "loss/weight", 0.5),
        Parameter("tau", "radius of the range of a linear device for W", "weight", 1.0),
        Parameter("c_lin", "slope asymmetry of a linear device for W", "1", 0.0),
        Parameter("tau_P", "radius of the range of the residual array", "weight", 1.0),
        Parameter("offset", "symmetric point of the residual array, 0 after a zero shift", "weight", 0.2),
        Parameter("noise", "law of the gradient noise", "word", "auto", ("auto", "gaussian", "rademacher", "rows")),
    ),
    _predict,
    takes=("device", "data"),
    figure="residual_offset",
    statements=(
        "lib-law-offset-ratio",
        "lib-law-offset-measured",
        "lib-law-offset-order",
        "lib-law-offset-several",
    ),
)
