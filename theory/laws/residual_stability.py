"""Whether Residual Learning (10)-(11) comes to its fixed point (w*, 0), how fast, and whether it swings.

In one coordinate and next to the fixed point it is a switched linear map, `theory.switched`, with the one-sided
responses of P at 0 and of W at w*. Only alpha gamma h and alpha beta h matter, so its best rate over curvatures in
[mu, L] does not depend on alpha: with equal gains of P it is sqrt((kappa - 1)/(kappa + 1)), kappa = L/mu, the square
root of gradient descent's, at gamma = 2/(alpha (mu + L)) and beta = gamma/kappa.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize

from ..law import Inputs, Law, Parameter, Prediction
from ..rates import printed_transfer_rate
from ..response import ResponseFunction
from ..switched import SwitchedMap, harmonic, least_above, turning_transfer
from ..validate import nonnegative, positive, reject
from .arrays import devices_of

GROWS, LONG = 1e-4, 8000  # growth that counts where it is searched for, and steps of the orbit that tells it
ATTAINED = 4e-3  # how well a run tells growth where positive and negative eigenvalues are equally large


class Gains(NamedTuple):
    """What the arrays answer: P at 0 for g > 0 and g < 0, W at w* for P > 0 and P < 0."""

    descent: tuple[float, float]
    transfer: tuple[float, float]


def gains(device_W: ResponseFunction, device_P: ResponseFunction, w_star: float) -> Gains:
    """The one-sided gains of the two arrays."""
    up, down = _at(device_P, 0.0)
    return Gains((down, up), _at(device_W, w_star))


def _at(device: ResponseFunction, w: float) -> tuple[float, float]:
    return tuple(float(np.asarray(q)) for q in device.array_functions("q_plus", "q_minus")(np.asarray(w)))  # type: ignore[return-value]


def local_map(gains: Gains, h: Any, alpha: Any, beta: Any, gamma: Any) -> SwitchedMap:
    """The map next to the fixed point; numbers, or arrays of one shape."""
    up, down = (alpha * h * beta * q for q in gains.transfer)
    return SwitchedMap(gains.descent, (up, down), alpha * h * gamma)


@dataclass(frozen=True)
class Edges:
    """Transfer rates at which the map changes, None where there is none.

    stable: the least beta found from which it grows, of those tried. flip: the beta from which an orbit of
    period two grows, by the harmonic means of the one-sided gains. turning: the beta from which every trajectory turns
    around the fixed point for ever.
    """

    stable: float | None
    flip: float | None
    turning: float | None


def edges(gains: Gains, h: float, alpha: float, gamma: float) -> Edges:
    """The edges over beta at given alpha, gamma and curvature."""
    unit = local_map(gains, h, alpha, 1.0, gamma)
    flip = (4 / harmonic(unit.descent) - 2 * unit.mixing) / harmonic(unit.transfer)
    if min(unit.steps()) <= 0 or flip <= 0:
        return Edges(None, float(flip) if flip > 0 else None, None)
    turning = None
    if max(unit.steps()) < 1:
        pairs = zip(unit.steps(), unit.descent, unit.transfer, strict=True)
        turning = max(float(turning_transfer(k, a * y)) for k, a, y in pairs)
    return Edges(_first_growing(unit, float(flip)), float(flip), turning)


def _first_growing(unit: SwitchedMap, flip: float) -> float:
    """The least beta in (0, flip] at which the map grows; `unit` is the map for beta = 1."""
    if unit.descent[0] == unit.descent[1] and unit.transfer[0] == unit.transfer[1]:
        return flip

    def growth(betas: np.ndarray) -> np.ndarray:
        up, down = (betas * q for q in unit.transfer)
        return SwitchedMap(unit.descent, (up, down), unit.mixing).orbit(1500, 8).growth

    found = least_above(growth, flip, 1 + GROWS)
    return flip if found is None else found[1]


@dataclass(frozen=True)
class Fastest:
    """The gamma and beta that contract fastest in the worst case over the curvatures, and that rate a step."""

    gamma: float
    beta: float
    rate: float


def fastest(gains: Gains, alpha: float, mu: float, L: float) -> Fastest:
    """The best gamma and beta at a given alpha.

    Where P answers both signs alike no gamma and beta do better than sqrt((L - mu)/(L + mu)), for max |det| is at least
    its square; it is attained unless the gains of W are far apart. Otherwise a simplex search finds about three digits.
    """
    kappa = L / mu
    gamma = 2 / (alpha * harmonic(gains.descent) * (mu + L))
    beta, bound = gamma / (kappa * min(gains.transfer)), float(np.sqrt((kappa - 1) / (kappa + 1)))
    alike = [one == other for one, other in (gains.descent, gains.transfer)]
    if all(alike) or (alike[0] and _worst(gains, alpha, gamma, beta, mu, L) <= bound + ATTAINED):
        return Fastest(gamma, beta, bound)
    start = np.log([gamma, beta])
    simplex = start + np.array([[0, 0], [-0.1, 0.1], [0, 0.4]])
    best = minimize(
        lambda z: _worst(gains, alpha, float(np.exp(z[0])), float(np.exp(z[1])), mu, L),
        start,
        method="Nelder-Mead",
        options={"initial_simplex": simplex, "maxfev": 45, "xatol": 1e-4, "fatol": 1e-6},
    )
    return Fastest(float(np.exp(best.x[0])), float(np.exp(best.x[1])), float(best.fun))


def _worst(gains: Gains, alpha: float, gamma: float, beta: float, mu: float, L: float) -> float:
    h = np.geomspace(mu, L, 5)
    return float(local_map(gains, h, alpha, beta, gamma).orbit(600, 6, 150).growth.max())


def first_order_rates(mu: float, L: float) -> dict[str, float]:
    """What the best constant steps of gradient descent, Nesterov's method and heavy ball contract by on quadratics."""
    kappa = L / mu
    root = np.sqrt(kappa)
    return {
        "gradient_descent_rate": (kappa - 1) / (kappa + 1),
        "nesterov_rate": float(1 - 2 / np.sqrt(3 * kappa + 1)),
        "heavy_ball_rate": float((root - 1) / (root + 1)),
    }


def printed_beta(gains: Gains, alpha: float, gamma: float, mu: float) -> float:
    """The beta of (89), with the saturations and F_max of the two points."""
    M_P, M_W = (float(np.prod(pair)) for pair in (gains.descent, gains.transfer))
    F_max = max(sum(gains.descent), sum(gains.transfer)) / 2
    return float(printed_transfer_rate(alpha, mu, np.sqrt(gamma), M_P * np.sqrt(M_W / 2), F_max))


def local_gains(inputs: Inputs) -> Gains:
    """The gains at a law's inputs."""
    return gains(*devices_of(inputs), inputs["w_star"])


def _checked(inputs: Inputs) -> None:
    for name in ("h", "alpha", "beta", "mu"):
        positive(name, inputs[name])
    for name in ("gamma", "sigma"):
        nonnegative(name, inputs[name])
    if inputs["L"] < inputs["mu"]:
        reject("L", inputs["L"], f"must be >= mu={inputs['mu']}")


NAMES = (
    "growth_rate",
    "growth_bound",
    "joint_bound",
    "mode_radii",
    "turns",
    "largest_beta",
    "flip_beta",
    "oscillation_beta",
    "printed_beta",
    "fastest_ratio",
    "fastest_gamma",
    "fastest_rate",
    "gradient_descent_rate",
    "nesterov_rate",
    "heavy_ball_rate",
)
ORDER = "exact next to the fixed point, for distances at which the responses are those of the point"
EDGE_NAMES = ("largest_beta", "flip_beta", "oscillation_beta")
INSIDE = {"w* inside the range of W": "W", "0 inside the range of P": "P"}
QUIET = "no gradient noise"


def _predict(inputs: Inputs) -> Prediction:
    _checked(inputs)
    devices = devices_of(inputs)
    points = zip(INSIDE, devices, (inputs["w_star"], 0.0), strict=True)
    inside = {name: bool(float(d.tau_min) < w < float(d.tau_max)) for name, d, w in points}
    if not all(inside.values()):
        why = {name: "an array at its bound answers in one direction only" for name, met in inside.items() if not met}
        return Prediction(dict.fromkeys(NAMES), ORDER, inside, why)
    at = local_gains(inputs)
    quiet = not inputs["sigma"]
    reasons = {} if quiet else {QUIET: "noise hides the switches from the mean, and its own size pulls at both arrays"}
    values, more = _values(inputs, at)
    return Prediction(values, ORDER, {**inside, QUIET: quiet}, {**reasons, **more})


def _values(inputs: Inputs, at: Gains) -> tuple[dict[str, Any], dict[str, str]]:
    h, alpha, gamma, mu, L = (inputs[name] for name in ("h", "alpha", "gamma", "mu", "L"))
    local = local_map(at, h, alpha, inputs["beta"], gamma)
    orbit, found, best = (
        local.orbit(LONG, burned=LONG // 4),
        edges(at, h, alpha, gamma),
        fastest(at, alpha, mu, L),
    )
    values = {
        "growth_rate": float(orbit.growth),
        "growth_bound": local.bound(),
        "joint_bound": local.bound(any_order=True),
        "mode_radii": local.mode_radii(),
        "turns": float(orbit.turns),
        "largest_beta": found.stable,
        "flip_beta": found.flip,
        "oscillation_beta": found.turning,
        "printed_beta": printed_beta(at, alpha, gamma, mu),
        "fastest_ratio": best.beta / alpha,
        "fastest_gamma": best.gamma,
        "fastest_rate": best.rate,
        **first_order_rates(mu, L),
    }
    return values, _reasons(found, min(local.steps()))


def _reasons(found: Edges, least: float) -> dict[str, str]:
    reasons = {}
    if found.stable is None:
        reasons["largest_beta"] = (
            "nothing damps P, so no beta is stable" if least <= 0 else "alpha h gamma is too large for any beta"
        )
    if found.turning is None:
        reasons["oscillation_beta"] = "no mode with alpha h gamma q >= 1 or gamma = 0 has a real slow direction"
    if found.flip is None:
        reasons["flip_beta"] = "alpha h gamma is too large for any beta"
    return reasons


LAW = Law(
    "residual-stability",
    "growth of Residual Learning next to its fixed point, its stable and its swinging transfer rates, its fastest rate",
    (
        Parameter("h", "curvature of the loss", "loss/weight^2", 1.0),
        Parameter("alpha", "learning rate", "weight^2/loss", 0.5),
        Parameter("beta", "transfer rate", "1 a step", 0.05),
        Parameter("gamma", "mixing coefficient of P", "1", 0.4),
        Parameter("w_star", "minimiser w*", "weight", 0.3),
        Parameter("tau", "end of the range of W, linear (16)", "weight", 1.0),
        Parameter("c_lin", "asymmetry of W, linear (16)", "1", 0.0),
        Parameter("tau_P", "end of the range of P", "weight", 1.0),
        Parameter("c_lin_P", "asymmetry of P", "1", 0.0),
        Parameter("sigma", "standard deviation of the gradient noise, which must be 0", "loss/weight", 0.0),
        Parameter("mu", "least curvature, for the fastest rate", "loss/weight^2", 0.1),
        Parameter("L", "largest curvature, for the fastest rate", "loss/weight^2", 1.0),
    ),
    _predict,
    takes=("device",),
    figure="residual_stability",
    statements=(
        "lib-law-residual-stability-local",
        "lib-law-residual-stability",
        "lib-law-residual-stability-turning",
        "lib-law-residual-stability-flip",
        "lib-law-residual-stability-switching",
        "lib-law-residual-stability-fastest",
    ),
)
