"""The penalty that noise in reading P brings back to Residual Learning (section 5), with its constants.

A slow transfer sees P + eps with P spread around its mean, (w* - W)/mixing. So W is Analog SGD on the upper level
(W - w*)^2/(2 mixing) with the noise of what is read: it descends (W - w*)^2/(2 mixing) + Sigma R_c(W), Sigma =
E|P + eps| at w*, and stands still where P = E|P + eps| R(W). `theory.penalty` has these formulas; here stand what the
upper level and its noise are. The paper prints ||P*(W)||^2 for the first term, which pulls gamma/2 times as hard.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from ..law import Inputs, Law, Parameter, Prediction
from ..noise import Gaussian, folded_normal
from ..objective import Quadratic
from ..penalty import Devices, ImplicitPenalty, dynamic_range, root
from ..response import ResponseFunction, W
from ..validate import nonnegative, positive
from .arrays import devices_of

SLOW = 0.1  # the most by which W may move while P forgets, for the transfer to count as slow


def mixing_of(gamma: Any, abs_noise: Any, slope: Any, h: Any, F: Any) -> Any:
    """The mixing coefficient that P shows: gamma, and what its own decay alpha abs_noise slope adds; in any algebra.

    P rests, in the mean and to first order in P, where h F (W + gamma P - w*) + abs_noise slope P = 0.
    """
    return gamma + abs_noise * slope / (h * F)


def memory_of(alpha: Any, h: Any, mixing: Any, F: Any) -> Any:
    """The share of its distance from rest that P keeps in a step, W at rest."""
    return 1 - alpha * h * mixing * F


def fluctuation(alpha: Any, sigma: Any, h: Any, mixing: Any, F: Any) -> Any:
    """The variance of P around its rest by gradient noise of standard deviation sigma, to first order in alpha."""
    return alpha * sigma**2 * F / (2 * h * mixing)


def read_penalty(w_star: Any, mixing: Any, std: Any, devices: Devices) -> ImplicitPenalty:
    """The upper level with its penalty, in D weights: (W - w*)^2/(2 mixing) under normal noise of the transfer.

    Parameters
    ----------
    w_star : shape (D,).
    mixing : > 0, a number or shape (D,), `mixing_of` each coordinate; gamma without gradient noise, for any Hessian.
    std : > 0, a number or shape (D,): of P + eps around the mean of P.
    devices : of W.

    Raises ValueError for numbers or shapes that are not so.
    """
    w_star = np.atleast_1d(np.asarray(w_star, dtype=float))
    each = np.broadcast_to(np.asarray(mixing, dtype=float), w_star.shape)
    for d, value in enumerate(each):
        positive(f"mixing[{d}]", float(value))
    return ImplicitPenalty(Quadratic(np.diag(1 / each), w_star), devices, Gaussian(std))


class Residual(NamedTuple):
    """P under a slow transfer: the mixing it shows, how much it remembers a step, its standard deviation."""

    mixing: float
    memory: float
    std: float


def residual_array(inputs: Inputs, device_P: ResponseFunction) -> Residual:
    """P at a law's inputs."""
    sigma, alpha, h = inputs["sigma"], inputs["alpha"], inputs["h"]
    F, slope = (float(e.subs(W, 0)) for e in (device_P.F, sp.diff(device_P.G, W)))
    abs_noise = float(folded_normal(sp.S.Zero, sigma)) if sigma else 0.0
    mixing = mixing_of(inputs["gamma"], abs_noise, slope, h, F)
    memory = memory_of(alpha, h, mixing, F)
    return Residual(mixing, memory, float(np.sqrt(fluctuation(alpha, sigma, h, mixing, F))))


def _checked(inputs: Inputs) -> None:
    for name in ("gamma", "h", "alpha", "beta"):
        positive(name, inputs[name])
    for name in ("reading", "sigma"):
        nonnegative(name, inputs[name])


ORDER = (
    "without gradient noise exact as beta -> 0; with it exact as alpha and beta/alpha -> 0 at fixed alpha sigma^2 and "
    "sigma/tau_P"
)
NAMES = ("Sigma", "std_P", "bias_W", "bias_W_linearised", "bias_Wbar", "printed_bias")
WHY = {
    "w* inside the range of W": "the upper level has its minimum where W cannot go",
    "P alone is stable": "alpha h gamma F(0) must be below 2, else P does not come to rest",
    "G(0) = 0 of P, or no gradient noise": "the gradient's noise holds P at its own symmetric point, not at P*(W)",
    "slow transfer": f"W moves by more than {SLOW:.0%} of its way while P forgets, so P does not follow P*(W)",
}


def conditions(inputs: Inputs) -> dict[str, bool]:
    """What the law needs, at its inputs."""
    device_W, device_P = devices_of(inputs)
    P = residual_array(inputs, device_P)
    shifted = not inputs["sigma"] or device_P.G.subs(W, 0) == 0
    met = (
        bool(float(device_W.tau_min) < inputs["w_star"] < float(device_W.tau_max)),
        abs(P.memory) < 1,
        bool(shifted),
        inputs["beta"] <= SLOW * P.mixing * (1 - P.memory),
    )
    return dict(zip(WHY, met, strict=True))


def _predict(inputs: Inputs) -> Prediction:
    _checked(inputs)
    met = conditions(inputs)
    reasons = {name: WHY[name] for name, holds in met.items() if not holds}
    if not (met["w* inside the range of W"] and met["P alone is stable"]):
        return Prediction(dict.fromkeys(NAMES), ORDER, met, reasons)
    device, device_P = devices_of(inputs)
    P = residual_array(inputs, device_P)
    return Prediction(_values(inputs, device, P), ORDER, met, reasons)


def _values(inputs: Inputs, device: ResponseFunction, P: Residual) -> dict[str, Any]:
    gamma, std = inputs["gamma"], float(np.hypot(inputs["reading"], P.std))
    if not std:
        return {**dict.fromkeys(NAMES, 0.0)}
    upper = read_penalty(inputs["w_star"], P.mixing, std, device)
    bias = float((upper.fixed_point - upper.minimizer)[0])
    return {
        "Sigma": float(upper.Sigma[0]),
        "std_P": P.std,
        "bias_W": bias,
        "bias_W_linearised": float((upper.w_tilde - upper.minimizer)[0]),
        "bias_Wbar": bias * (1 - gamma / P.mixing) + 0.0,  # no -0
        "printed_bias": _printed_bias(inputs, device),
    }


def _printed_bias(inputs: Inputs, device: ResponseFunction) -> float:
    """W - w* at the minimum of what section 5 prints, ||P*(W)||^2 + E|eps| R_c(W)."""
    if not inputs["reading"]:
        return 0.0
    printed = read_penalty(inputs["w_star"], inputs["gamma"] ** 2 / 2, inputs["reading"], device)
    found = root(printed.gradient, printed.w_tilde, *dynamic_range(device, 1))
    return float((found - printed.minimizer)[0])


LAW = Law(
    "noisy-read-penalty",
    "the penalty that noise in reading P brings back to Residual Learning, and how far it pulls W off w*",
    (
        Parameter("reading", "standard deviation of the noise in reading P", "weight", 0.1),
        Parameter("gamma", "mixing coefficient of P", "1", 0.4),
        Parameter("w_star", "minimiser w*", "weight", 0.5),
        Parameter("tau", "end of the range of W, linear (16)", "weight", 1.0),
        Parameter("c_lin", "asymmetry of W, linear (16)", "1", 0.0),
        Parameter("h", "curvature of the loss", "loss/weight^2", 1.0),
        Parameter("alpha", "learning rate", "weight^2/loss", 0.5),
        Parameter("beta", "transfer rate", "1 a step", 0.005),
        Parameter("sigma", "standard deviation of the gradient noise", "loss/weight", 0.0),
        Parameter("tau_P", "end of the range of P", "weight", 1.0),
        Parameter("c_lin_P", "asymmetry of P", "1", 0.0),
    ),
    _predict,
    takes=("device",),
    figure="noisy_reading",
    statements=(
        "lib-law-noisy-read-penalty-bias",
        "lib-law-noisy-read-penalty",
    ),
)
