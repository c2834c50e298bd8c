"""The floor of Analog SGD over sigma^2 S: for several noises as alpha -> 0, and at finite step sizes.

One weight, f = h (w - w*)^2/2, the linear response. The minimiser is laid so that the root of T has a given asymmetry
r = |R|. At finite step sizes the noise is +-sigma, where E grad^2 is at least min(1, (h tau/sigma)^2) sigma^2 E S while
2 alpha sigma <= tau; one step size is beyond that, and an increment can throw the weight out of its range.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import xarray as xr
from scipy.optimize import brentq

from ...theory.laws.analog_sgd_floor import floor, largest_floor
from ...theory.noise import FiniteSupport, Gaussian, Noise, Rademacher
from ...theory.objective import Quadratic
from ...theory.penalty import scaled_update
from ...theory.response import linear
from ..convergence import NORMAL, Problems, affine_rows, single
from ..finding import Finding
from ..intervals import interval

CURVATURE, STD, TAU = 3.0, 0.5, 1.0
RARE = Fraction(1, 50)  # how often the rare noise is large: 7 sigma, and -sigma/7 else
NOISES: dict[str, tuple[Noise, float]] = {
    "two signs": (Rademacher(scale=STD), 0.5),
    "normal": (Gaussian(std=STD), NORMAL),
    "rare": (FiniteSupport((Fraction(7, 2), Fraction(-1, 14)), (RARE, 1 - RARE)), float(RARE)),
}
ASYMMETRIES, CURVE = (0.2, 0.4, 0.6, 0.8), np.linspace(0.02, 0.9, 45)
ALPHAS, WEIGHTS = (0.02, 0.01, 0.005), np.array([1 / 3, -2.0, 8 / 3])  # rates in units of 1/h, and the extrapolation
RELAXATIONS = 100
STEPS, RATIOS, MEAN = (0.4, 0.2, 0.1, 0.05, 0.025), (0.5, 1.0, 2.0), 0.2  # alpha h, h tau/sigma, and E w in the second
DEPTHS = {"default": 64, "full": 1024}


def minimizer_for(noise: Noise, r: float) -> float:
    """The w* with which T has its root at w = r tau: grad f there solves g + E|g(.; xi)| r = 0."""

    def step(g: float) -> float:
        objective = Quadratic([[CURVATURE]], [r * TAU - g / CURVATURE])
        return float(scaled_update(g, noise.abs_mean(objective, np.array([r * TAU]))[0], r))

    return r * TAU - float(brentq(step, -4 * STD * r / np.sqrt(1 - r**2), 0.0, xtol=1e-14)) / CURVATURE


def predicted(noise: Noise, r: float) -> float:
    """The floor over sigma^2 S at the asymmetry r."""
    stop = floor(Quadratic([[CURVATURE]], [minimizer_for(noise, r)]), linear(TAU), noise)
    return stop.gradient2 / stop.sigma2_S


def _by_root(noise: Noise, r: float) -> float:
    """The same from the root that `minimizer_for` finds."""
    return (CURVATURE * (r * TAU - minimizer_for(noise, r)) / (STD * r)) ** 2


def _problems(h: float, w_star: float, start: float, std: float, probability: float, alpha: np.ndarray) -> Problems:
    ones = np.ones((len(alpha), 1))
    steps = np.ceil(RELAXATIONS / (alpha * h)).astype(int)
    shared = np.full(len(alpha), probability)
    return Problems(h * ones[:, :, None], w_star * ones, start * ones, std * ones, shared, alpha, steps)


def _measured(name: str, r: float, seeds: int) -> np.ndarray:
    """||grad f||^2 over sigma^2 S at the root, extrapolated to alpha = 0, per seed."""
    noise, probability = NOISES[name]
    alpha = np.array(ALPHAS) / CURVATURE
    given = _problems(CURVATURE, minimizer_for(noise, r), r * TAU, STD, probability, alpha)
    run = single(given, affine_rows([linear(TAU)] * len(alpha)), seeds, 31)
    return np.asarray(WEIGHTS @ run.gradient2 / (STD * r) ** 2)


def _at_step_sizes(ratio: float, seeds: int) -> tuple[np.ndarray, np.ndarray]:
    """E grad^2 and sigma^2 E S, (alpha, seed), for h tau = ratio sigma, started at the mean that stands still."""
    h, alpha = ratio * STD / TAU, np.array(STEPS)
    w_star = MEAN * (1 + STD / (h * TAU))
    given = _problems(h, w_star, MEAN, STD, 0.5, alpha / h)
    run = single(given, affine_rows([linear(TAU)] * len(alpha)), 4 * seeds, 37)
    return run.gradient2, STD**2 * run.S


def data(depth: str = "default", workers: int = 1, progress: Callable[[float], Any] | None = None) -> xr.Dataset:
    """Floors over (noise, r), measured with intervals and predicted, and ratios over (stiffness, step).

    `excess` is E grad^2 - sigma^2 S - (h^2 - sigma^2/tau^2) Var w, which is 0 at every step size, in units of
    sigma^2 S. Intervals of each kind hold together.
    """
    del workers
    seeds, count = DEPTHS[depth], len(NOISES) * len(ASYMMETRIES)
    samples = np.array([[_measured(name, r, seeds) for r in ASYMMETRIES] for name in NOISES])
    if progress is not None:
        progress(0.5)
    value, half = interval(samples, count)
    moments = np.array([_at_step_sizes(ratio, seeds) for ratio in RATIOS])
    ratio, ratio_half, excess = _ratios(moments)
    axes, finite = ("noise", "r"), ("stiffness", "step")
    variables: dict[str, Any] = {"value": (axes, value), "half": (axes, half)}
    variables["predicted"] = (axes, np.array([[predicted(n, r) for r in ASYMMETRIES] for n, _ in NOISES.values()]))
    curves = np.array([[_by_root(n, r) for r in CURVE] for n, _ in NOISES.values()])
    variables["curve"] = (("noise", "between"), curves)
    variables["largest"] = ("between", np.array([largest_floor(1.0, 1.0, r) / r**2 for r in CURVE]))
    variables |= {"ratio": (finite, ratio), "ratio_half": (finite, ratio_half), "excess": (finite, excess[0])}
    variables["excess_half"] = (finite, excess[1])
    alpha_sigma = np.outer(1 / np.array(RATIOS), STEPS) * TAU  # alpha sigma = (alpha h) tau/(h tau/sigma)
    variables["kept"] = (finite, 2 * alpha_sigma <= TAU)
    coords = {"noise": list(NOISES), "r": list(ASYMMETRIES), "between": CURVE}
    return xr.Dataset(variables, {**coords, "stiffness": list(RATIOS), "step": list(STEPS)}, {"seeds": seeds})


def _ratios(moments: np.ndarray) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """E grad^2/(sigma^2 E S) with its interval, and the excess with its own; moments (stiffness, 2, step, seed)."""
    gradient2, sigma2_S = moments[:, 0], moments[:, 1]
    together, mean = len(RATIOS) * len(STEPS), sigma2_S.mean(-1, keepdims=True)
    ratio = gradient2.mean(-1, keepdims=True) / mean
    _, half = interval((gradient2 - ratio * sigma2_S) / mean, together)
    variance = sigma2_S / STD**2 * TAU**2 - MEAN**2
    stiff = np.reshape(RATIOS, (-1, 1, 1)) ** 2
    away = gradient2 - sigma2_S - (stiff - 1) * (STD / TAU) ** 2 * variance
    return ratio[..., 0], half, interval(away / mean, together)


def findings(ds: xr.Dataset) -> list[Finding]:
    """Whether the floors are the predicted ones, and whether the lower bound holds at every step size."""
    off = abs(ds["value"] - ds["predicted"])
    low, high = float(ds["predicted"].min()), float(ds["predicted"].max())
    least = np.minimum(1, ds["stiffness"] ** 2)
    spare = ds["ratio"] + ds["ratio_half"] - least
    kept, zero = ds["kept"], abs(ds["excess"]) <= ds["excess_half"]
    ratios = f"{float(ds['ratio'].min()):.3f} to {float(ds['ratio'].max()):.3f}"
    return [
        Finding(
            "lib-law-analog-sgd-floor-seen",
            "as alpha -> 0 the floor of ||grad f||^2 is the predicted one, for three noises and four asymmetries",
            bool((off <= ds["half"]).all()),
            f"predicted from {low:.3f} to {high:.3f} times sigma^2 S; largest distance {float(off.max()):.3f}, "
            f"intervals up to +-{float(ds['half'].max()):.3f}",
        ),
        Finding(
            "lib-law-analog-sgd-lower-bound-seen",
            "E grad^2 = sigma^2 S + (h^2 - sigma^2/tau^2) Var w at every step size with 2 alpha sigma <= tau",
            bool((zero & (spare >= 0)).where(kept, True).all()),
            f"{int((zero & kept).sum())} of {int(kept.sum())} inside; E grad^2 over sigma^2 S from {ratios}",
        ),
        Finding(
            "",
            "beyond 2 alpha sigma <= tau, where increments throw w out of its range, that law fails",
            not bool((zero & ~kept).any()),
            f"{int((~kept & ~zero).sum())} of {int((~kept).sum())} outside",
        ),
    ]
