"""Where Analog SGD stops: the squared gradient at the fixed point of its mean, against sigma^2 S of Theorem 2.

At a root of T (42) grad f = -E|g| R, R = G/F. So the floor that no step size removes is (E|g|)^2 R^2, which is
sigma^2 S/F where |g| is always sigma, S = G^2/F, and at most sigma^2 F S/M, M = F^2 - G^2, whatever the noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..law import Inputs, Law, Parameter, Prediction
from ..noise import Gaussian, Noise, Rademacher
from ..objective import Quadratic
from ..penalty import ImplicitPenalty
from ..rates import analog_sgd_rate, unsaturated_rate
from ..response import ResponseFunction, linear
from ..validate import positive, reject

NORMAL, SIGNS = "gaussian", "rademacher"


@dataclass(frozen=True)
class Stop:
    """Where one weight stops as the learning rate vanishes.

    w: the root of T. gradient2: ||grad f||^2 there. sigma2_S: sigma^2 G^2/F there. metric: what (73) sums. F, M: the
    symmetric part and the saturation there.
    """

    w: float
    gradient2: float
    sigma2_S: float
    metric: float
    F: float
    M: float


def metric_of(gradient: Any, F: Any, G: Any, saturated: int = 4) -> Any:
    """(grad f F + |grad f| G)^2 + saturated (grad f)^2 M, for one weight: what (73) sums, and for 1 what (135) does."""
    return (gradient * F + abs(gradient) * G) ** 2 + saturated * gradient**2 * (F**2 - G**2)


def largest_floor(sigma2: Any, F: Any, G: Any) -> Any:
    """The largest squared gradient at a root of T, over all noises of variance sigma2: sigma^2 G^2/M."""
    return sigma2 * G**2 / (F**2 - G**2)


def floor(objective: Quadratic, device: ResponseFunction, noise: Noise) -> Stop:
    """Where Analog SGD stops with one weight. Raises ArithmeticError where T has no root in the range."""
    w = float(ImplicitPenalty(objective, device, noise).fixed_point[0])
    F, G = (float(np.asarray(value)) for value in device.array_functions("F", "G")(w))
    gradient = float(objective.gradient(np.array([w]))[0])
    sigma2 = float(noise.variance(objective, np.array([w])))
    return Stop(w, gradient**2, sigma2 * G**2 / F, metric_of(gradient, F, G), F, F**2 - G**2)


def noise_of(inputs: Inputs) -> Noise:
    """The noise that a law's inputs name."""
    return Gaussian(std=inputs["sigma"]) if inputs["noise"] == NORMAL else Rademacher(scale=inputs["sigma"])


def problem_of(inputs: Inputs) -> Quadratic:
    """The quadratic that a law's inputs name."""
    return Quadratic([[inputs["h"]]], [inputs["w_star"]])


def device_of(inputs: Inputs) -> ResponseFunction:
    """The device of a law's inputs, or the linear one with their tau."""
    return inputs["device"] or linear(inputs["tau"])


def _predict(inputs: Inputs) -> Prediction:
    for name in ("h", "sigma", "tau"):
        positive(name, inputs[name])
    device = device_of(inputs)
    low, high = float(device.tau_min), float(device.tau_max)
    if not low < inputs["w_star"] < high:
        reject("w_star", inputs["w_star"], f"must be inside the range ({low:g}, {high:g})")
    T = ImplicitPenalty(problem_of(inputs), device, noise_of(inputs)).fixed_points()
    conditions = {"the mean has one fixed point": len(T) == 1}
    stop = floor(problem_of(inputs), device, noise_of(inputs))
    reasons = {} if len(T) == 1 else {next(iter(conditions)): f"T has the roots {', '.join(f'{w:.6g}' for w in T)}"}
    return Prediction(_values(inputs, stop, reasons), "the limit alpha -> 0; exact there", conditions, reasons)


def _values(inputs: Inputs, stop: Stop, reasons: dict[str, str]) -> dict[str, float | None]:
    sigma2, S = inputs["sigma"] ** 2, stop.sigma2_S / inputs["sigma"] ** 2
    if not S:
        reasons["ratio"] = reasons["looseness"] = "the minimiser is a symmetric point, so that there is no floor"
    radius = analog_sgd_rate(0, 1, S, stop.F, inputs["h"], sigma2, np.sqrt)
    return {
        "w": stop.w,
        "gradient2": stop.gradient2,
        "sigma2_S": stop.sigma2_S,
        "metric": stop.metric,
        "ratio": stop.gradient2 / stop.sigma2_S if S else None,
        "largest_of_any_noise": stop.F * stop.sigma2_S / stop.M,
        "bound_of_metric": radius,
        "bound_of_gradient2": unsaturated_rate(0, 1, S / stop.M, stop.M, stop.F, inputs["h"], sigma2, np.sqrt),
        "looseness": radius / stop.metric if S else None,
    }


LAW = Law(
    "analog-sgd-floor",
    "where the squared gradient of Analog SGD stops falling, and how far that is below the radius of Theorem 2",
    (
        Parameter("h", "curvature of the objective h (w - w*)^2/2", "loss/weight^2", 1.0),
        Parameter("w_star", "its minimiser", "weight", 0.3),
        Parameter("sigma", "standard deviation of the gradient noise", "loss/weight", 0.5),
        Parameter("tau", "end of the range of the linear response, unless a device is given", "weight", 1.0),
        Parameter("noise", "law of the gradient noise", "word", SIGNS, (NORMAL, SIGNS)),
    ),
    _predict,
    takes=("device",),
    figure="analog_sgd_floor",
    statements=(
        "lib-law-analog-sgd-looseness",
        "lib-law-rates-floor",
        "lib-law-analog-sgd-floor",
        "lib-law-analog-sgd-lower-bound",
        "lib-law-analog-sgd-floor-seen",
        "lib-law-analog-sgd-lower-bound-seen",
        "lib-law-rates",
    ),
)
