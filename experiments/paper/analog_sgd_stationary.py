"""Where Analog SGD settles at a finite step: predicted, and sampled at falling rates, with three noises.

The last two cases are the law's edges: a logistic loss, on which f''' enters the bias, and rows of data one of which
has its kink at the fixed point, where the law does not hold.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
import xarray as xr
from scipy.optimize import brentq
from threadpoolctl import threadpool_limits

from ...theory.gradient_moments import gradient_moments
from ...theory.laws.analog_sgd_stationary import (
    Stationary,
    analog_sgd_stationary,
    drift_curvature,
    kinked_mean,
    responses,
)
from ...theory.noise import Gaussian, Noise, Rademacher, Rows
from ...theory.objective import LeastSquares, Objective, Quadratic, SmoothObjective
from ...theory.penalty import ImplicitPenalty
from ...theory.response import ResponseFunction, linear
from ..finding import Finding
from ..intervals import CONFIDENCE
from ..laws import Interval
from ..laws.analog_sgd_stationary import extrapolated, sampled

ALPHAS = (0.08, 0.04, 0.02, 0.01)
DEPTHS = {"default": (400, 300), "full": (6000, 4000)}
KINK = 0.7
MEASURED = "lib-law-stationary-measured"


@dataclass(frozen=True)
class Case:
    """An objective, a device and a noise."""

    label: str
    objective: Objective
    device: ResponseFunction
    noise: Noise

    def law(self, alpha: float) -> Stationary:
        """The prediction."""
        return analog_sgd_stationary(self.objective, self.device, self.noise, alpha)


def logistic() -> SmoothObjective:
    """log(1 + exp(4 w))/2 - 0.6 w + w^2/20."""
    w = sp.Symbol("w", real=True)
    return SmoothObjective.from_expression(sp.log(1 + sp.exp(4 * w)) / 2 - sp.Rational(3, 5) * w + w**2 / 20, [w])


def kinked() -> LeastSquares:
    """Three rows, the second of which has no residual at `KINK`, the fixed point on a linear device of radius 1."""
    A = np.array([[1.0], [2.0], [1.0]])

    def rows(last: float) -> LeastSquares:
        return LeastSquares(A, [-0.5, 2 * KINK, last], scale=1 / 3)

    def off(last: float) -> float:
        return float(ImplicitPenalty(rows(last), linear(1), Rows()).T(np.array([KINK]))[0])

    return rows(brentq(off, 1.0, 20.0, xtol=1e-15))


def apart(dim: int) -> LeastSquares:
    """Rows whose residuals are all far from 0: E|grad| has no kink near by."""
    A = np.array([[1.0, 0.4], [0.8, -0.5], [-0.3, 1.2], [1.1, 0.6], [-0.2, 0.9], [0.7, -1.0]])[:, :dim]
    return LeastSquares(A, A @ np.array([0.5, -0.4])[:dim] + 0.9 * np.array([1, -1, 1, -1, -1, 1]), scale=1 / 6)


HESSIAN = np.array([[1.5, 0.6], [0.6, 0.8]])
SCALAR = (
    Case("normal", Quadratic([[2.0]], [0.6]), linear(2, -0.2), Gaussian(1.0)),
    Case("two points", Quadratic([[1.0]], [0.6]), linear(1, 0.3), Rademacher(0.6)),
    Case("rows", apart(1), linear(1, -0.2), Rows()),
    Case("logistic, normal", logistic(), linear(1, -0.2), Gaussian(0.5)),
    Case("rows, on a kink", kinked(), linear(1), Rows()),
)
PLANE = (
    Case("normal", Quadratic(HESSIAN, [0.5, -0.3]), linear(1, 0.2), Gaussian(np.array([0.4, 0.8]))),
    Case("two points", Quadratic(HESSIAN, [0.5, -0.3]), linear(1, 0.2), Rademacher(0.6)),
    Case("rows", apart(2), linear(1, 0.2), Rows()),
)
VALID = [case.label for case in SCALAR[:-1]]
ENTRIES = ((0, 0), (0, 1), (1, 1))


def without_third(case: Case) -> float:
    """The next-order bias over alpha as it were if f''' were 0."""
    law = case.law(1.0)
    moments = gradient_moments(case.noise, case.objective, law.fixed_point)
    all_of_it = drift_curvature(moments, responses(case.device, law.fixed_point))
    F, _, _, G, _, _ = responses(case.device, law.fixed_point)[:, 0]
    share = moments.size.first[0, 0] / moments.mean.first[0, 0]
    third = moments.mean.second[0, 0, 0] * (F + G * share)
    return float(-(all_of_it[0, 0, 0] - third) * law.covariance[0, 0] / (2 * law.jacobian[0, 0]))


def on_the_kink() -> float:
    """E W - fixed point over sqrt(alpha) of the last case."""
    case, step = SCALAR[-1], 1e-9
    law = case.law(1.0)
    slopes = []
    for side in (-step, step):
        at = law.fixed_point + side
        moments, (F, dF, _, G, dG, _) = gradient_moments(case.noise, case.objective, at), responses(case.device, at)
        slopes.append(float((dF * moments.mean.value + dG * moments.size.value)[0]))
        slopes[-1] += float(F[0] * moments.mean.first[0, 0] + G[0] * moments.size.first[0, 0])
    return float(kinked_mean(float(law.noise[0, 0]), *slopes))


def _runs(case: Case, alphas: tuple[float, ...], seeds: int, key: int) -> list[Any]:
    at = case.law(alphas[0]).fixed_point
    return [
        sampled(case.objective, case.device, case.noise, alpha, seeds, [2502, key, k], at)
        for k, alpha in enumerate(alphas)
    ]


def data(depth: str = "default", workers: int = 1, progress: Callable[[float], Any] | None = None) -> xr.Dataset:
    """Measured and predicted moments about the fixed point: over (case, alpha) for one weight, (plane, entry) for two.

    std, mean: of W, at every alpha, with half-widths; limit_*: over sqrt(alpha) and alpha, extrapolated to 0. All
    intervals of a name hold together with 99 %.
    """
    del workers
    few, fewer = DEPTHS[depth]
    scalar, plane, total = [], [], len(SCALAR) + len(PLANE)
    with threadpool_limits(1):
        for k, case in enumerate(SCALAR):
            scalar.append(_scalar(case, few, k))
            _tell(progress, (k + 1) / total)
        for k, case in enumerate(PLANE):
            plane.append(_plane(case, fewer, 10 + k))
            _tell(progress, (len(SCALAR) + k + 1) / total)
    return _dataset(np.array(scalar), np.array(plane), depth)


def _tell(progress: Callable[[float], Any] | None, done: float) -> None:
    if progress is not None:
        progress(done)


def _scalar(case: Case, seeds: int, key: int) -> list[list[float]]:
    """The std and the mean with half-widths at every alpha, then the limits of both over their leading powers."""
    runs, together = _runs(case, ALPHAS, seeds, key), len(SCALAR) * len(ALPHAS)
    rows = []
    for run in runs:
        square, mean = (Interval.of(part.reshape(seeds), together) for part in (run.square, run.mean))
        std = float(np.sqrt(square.value - mean.value**2))
        rows.append([std, square.half / (2 * std), mean.value, mean.half])
    last = ALPHAS[1]
    squares, means = (np.stack([getattr(run, part).reshape(seeds) for run in runs[1:]]) for part in ("square", "mean"))
    variance, bias = (extrapolated(part, 2 * len(SCALAR)) for part in (squares, means))
    std = float(np.sqrt(variance.value / last))
    return [*rows, [std, variance.half / last / (2 * std), bias.value / last, bias.half / last]]


def _plane(case: Case, seeds: int, key: int) -> list[list[float]]:
    """Covariances over alpha, extrapolated, with half-widths."""
    runs, alpha = _runs(case, ALPHAS[1:], seeds, key), ALPHAS[1]
    together = len(PLANE) * len(ENTRIES)
    found = [extrapolated(np.stack([run.square[:, i, j] for run in runs]), together) for i, j in ENTRIES]
    law = case.law(1.0).covariance
    return [[one.value / alpha, one.half / alpha, float(law[i, j])] for one, (i, j) in zip(found, ENTRIES, strict=True)]


def _dataset(scalar: np.ndarray, plane: np.ndarray, depth: str) -> xr.Dataset:
    names = ("std", "std_half", "mean", "mean_half")
    laws = [case.law(1.0) for case in SCALAR]
    variables: dict[str, Any] = {name: (("case", "alpha"), scalar[:, :-1, k]) for k, name in enumerate(names)}
    variables |= {f"limit_{name}": ("case", scalar[:, -1, k]) for k, name in enumerate(names)}
    variables |= {"predicted_std": ("case", [law.std[0] for law in laws])}
    variables |= {"predicted_mean": ("case", [law.next_order_bias[0] for law in laws])}
    planar = ("covariance", "covariance_half", "predicted_covariance")
    variables |= {name: (("plane", "entry"), plane[:, :, k]) for k, name in enumerate(planar)}
    coords = {
        "case": [case.label for case in SCALAR],
        "alpha": list(ALPHAS),
        "plane": [case.label for case in PLANE],
        "entry": ["11", "12", "22"],
    }
    edges = {"without_third": without_third(SCALAR[3]), "on_the_kink": on_the_kink()}
    return xr.Dataset(variables, coords, {"confidence": CONFIDENCE, "seeds": DEPTHS[depth][0], **edges})


def findings(ds: xr.Dataset) -> list[Finding]:
    """Whether what is sampled is what the law says, and that it fails on a kink as it should."""
    return [_limits(ds), _covariances(ds), _third(ds), _kink(ds)]


def _limits(ds: xr.Dataset) -> Finding:
    part = ds.sel(case=VALID)
    inside = [abs(part[f"limit_{n}"] - part[f"predicted_{n}"]) <= part[f"limit_{n}_half"] for n in ("std", "mean")]
    shown = "; ".join(
        f"{case}: std {float(at['limit_std']):.4f} +- {float(at['limit_std_half']):.4f} of sqrt(alpha), said "
        f"{float(at['predicted_std']):.4f}, bias {float(at['limit_mean']):.4f} +- "
        f"{float(at['limit_mean_half']):.4f} of alpha, said {float(at['predicted_mean']):.4f}"
        for case in VALID
        for at in [part.sel(case=case)]
    )
    claim = "std/sqrt(alpha) and next-order bias/alpha of one weight tend to what the law says, for three noises"
    return Finding(MEASURED, claim, all(bool(x.all()) for x in inside), shown)


def _covariances(ds: xr.Dataset) -> Finding:
    off = abs(ds["covariance"] - ds["predicted_covariance"])
    inside = int((off <= ds["covariance_half"]).sum())
    width = float((ds["covariance_half"] / abs(ds["covariance"])).max())
    claim = "the covariance of two weights over alpha tends to the solution of Lyapunov's equation, for three noises"
    shown = (
        f"{inside} of {off.size} entries are inside their intervals, of which the widest is {width:.1%} of its value"
    )
    return Finding(MEASURED, claim, inside == off.size, shown)


def _third(ds: xr.Dataset) -> Finding:
    at, without = ds.sel(case="logistic, normal"), float(ds.attrs["without_third"])
    missed = abs(float(at["limit_mean"]) - without) > float(at["limit_mean_half"])
    shown = f"{float(at['limit_mean']):.4f} +- {float(at['limit_mean_half']):.4f} of alpha, {without:.4f} without f'''"
    return Finding(MEASURED, "on a logistic loss the next-order bias needs f'''", bool(missed), shown)


def _kink(ds: xr.Dataset) -> Finding:
    at, kink = ds.sel(case="rows, on a kink"), float(ds.attrs["on_the_kink"])
    shares = at["mean"].values / np.sqrt(ALPHAS)
    slope = float(np.log(at["mean"].values[-1] / at["mean"].values[0]) / np.log(ALPHAS[-1] / ALPHAS[0]))
    shown = (
        f"its order in alpha is {slope:.2f}, and it is {shares[-1]:.4f} sqrt(alpha) at alpha = {ALPHAS[-1]:g}, said "
        f"{kink:.4f} sqrt(alpha); the law that ignores the kink says {float(at['predicted_mean']):.4f} alpha"
    )
    claim = "where the fixed point is on a kink of E|grad| the bias is O(sqrt(alpha)), not O(alpha)"
    return Finding(MEASURED, claim, bool(abs(slope - 0.5) < 0.1 and abs(shares[-1] / kink - 1) < 0.1), shown)
