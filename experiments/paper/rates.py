"""Rates: E_K against K over four decades, for each algorithm with the learning rates of its theorem.

One weight, a quadratic, the linear response; each K has runs of its own with alpha(K), and beta(K), as the proofs
choose them. Bounds are those of `theory.rates` with the best constants that hold along the runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import xarray as xr
from scipy import stats

from ...theory import rates
from ...theory.algorithm import ResidualLearning
from ...theory.floors import Coordinate
from ...theory.laws.analog_sgd_floor import floor
from ...theory.noise import Gaussian
from ...theory.objective import Quadratic
from ...theory.residual_law import Setting, slow_bias
from ...theory.response import ideal, linear
from ..convergence import NORMAL, Double, Problems, Single, affine_rows, double, single
from ..finding import Finding

DIGITAL, ANALOG, RESIDUAL, EXACT = "Digital SGD", "Analog SGD", "Residual Learning", "Analog GD"
ALGORITHMS = (DIGITAL, ANALOG, RESIDUAL, EXACT)
CURVATURE, MINIMIZER, STD, TAU = 1.0, 0.3, 0.1, 1.0
W_REACH, P_REACH = 0.4, 0.15  # bounds of |W| and |P| that the constants of Theorem 3 are taken for; tested
L, SIGMA2, GAP = CURVATURE, STD**2, CURVATURE * MINIMIZER**2 / 2
M_W, M_P, F_MAX, Q_MAX = 1 - (W_REACH / TAU) ** 2, 1 - (P_REACH / TAU) ** 2, 1.0, 1 + W_REACH / TAU
GAMMA = float(np.sqrt(rates.exact_convergence_gamma2(L, SIGMA2, 1 / TAU, M_P, M_W, F_MAX, Q_MAX)))
METRIC = rates.residual_metric(L, GAMMA, M_P, M_W, F_MAX, Q_MAX)
LENGTHS = np.round(10 ** np.arange(2, 6.01, 0.5)).astype(int)
FITTED = 1e4  # slopes are fitted from this K on, over two decades
CONFIDENCE = 0.99
SLOPES = {DIGITAL: -0.5, ANALOG: -0.5, RESIDUAL: -0.5, EXACT: -1.0}
RELAXATIONS = 24  # how many relaxation times of W the runs have that tell where Residual Learning settles
DEPTHS = {"default": 24, "full": 256}


def lyapunov_at_start() -> float:
    """V_0 (82) from W_0 = P_0 = 0, with the weight C of the repaired proof."""
    beta = rates.residual_transfer_rate(1.0, GAMMA, L, M_P, np.sqrt(M_W), F_MAX, Q_MAX)
    return float(GAP + rates.lyapunov_weight(1.0, beta, GAMMA, M_P, F_MAX) * MINIMIZER**2)


def learning_rate(algorithm: str, K: np.ndarray) -> Any:
    """alpha(K): as the theorem chooses it, or the largest that its proof allows where that is smaller."""
    if algorithm == EXACT:
        return np.full(K.shape, 1 / (2 * L * F_MAX))
    if algorithm == RESIDUAL:
        chosen = rates.residual_learning_rate(lyapunov_at_start(), GAMMA, K, F_MAX, L, SIGMA2, np.sqrt)
        return np.minimum(chosen, 1 / (8 * GAMMA * L * F_MAX))
    if algorithm == DIGITAL:
        return np.minimum(np.sqrt(2 * GAP / (L * SIGMA2 * K)), 1 / L)
    return np.minimum(rates.analog_sgd_learning_rate(GAP, K, F_MAX, L, SIGMA2, np.sqrt), 1 / (4 * L * F_MAX))


def transfer_rate(alpha: np.ndarray) -> np.ndarray:
    """beta(K) of the repaired Theorem 3, for its alpha(K)."""
    return np.asarray(rates.residual_transfer_rate(alpha, GAMMA, L, M_P, np.sqrt(M_W), F_MAX, Q_MAX))


def problems(alpha: np.ndarray, steps: np.ndarray, start: float = 0.0) -> Problems:
    """The one problem, once for each learning rate."""
    ones = np.ones((len(alpha), 1))
    hessian, probability = CURVATURE * ones[:, :, None], np.full(len(alpha), NORMAL)
    return Problems(hessian, MINIMIZER * ones, start * ones, STD * ones, probability, alpha, steps)


def _doubled(given: Problems, seeds: int, seed: int) -> Double:
    rows = affine_rows([linear(TAU)] * len(given.alpha))
    gamma = np.full(len(given.alpha), GAMMA)
    return double(given, rows, rows, transfer_rate(given.alpha), gamma, seeds, seed)


def settled_bias(seeds: int, seed: int) -> np.ndarray:
    """E grad f(Wbar) that Residual Learning settles at with the rates of each K, (K, seed), up to its sign.

    It is E[|g| G(P)] where F = 1 and the mean stands still, which has a fraction of the gradient's own noise.
    """
    alpha = learning_rate(RESIDUAL, LENGTHS)
    steps = np.ceil(RELAXATIONS * GAMMA / transfer_rate(alpha)).astype(int)
    return np.asarray(_doubled(problems(alpha, steps, MINIMIZER), seeds, seed).late_push)


def bound(algorithm: str, K: np.ndarray, S: np.ndarray) -> np.ndarray:
    """The repaired bound of the metric that is drawn; S is the measured amplification factor."""
    if algorithm == DIGITAL:
        return np.asarray(rates.digital_sgd_bound(GAP, learning_rate(DIGITAL, K), K, L, SIGMA2))
    if algorithm == ANALOG:
        return np.asarray(rates.analog_sgd_rate_of_any_length(GAP, K, S, F_MAX, L, SIGMA2, np.sqrt))
    if algorithm == RESIDUAL:
        start = lyapunov_at_start()
        exact = rates.exact_convergence_rate(start, K, F_MAX, L, SIGMA2, np.sqrt)
        return np.where(rates.residual_least_steps(start, L, SIGMA2) <= K, exact, np.nan)
    return np.asarray(rates.analog_gd_rate(GAP, K, F_MAX, L))


def _metric(algorithm: str, run: Single) -> np.ndarray:
    """The metric that a theorem bounds: of the mean of ||grad f||^2 for Digital SGD, (73), (135) with a plus."""
    if algorithm == DIGITAL:
        return np.asarray(run.gradient2)
    return np.asarray(run.drift2 + (4 if algorithm == ANALOG else 1) * run.saturated2)


def _measured(algorithm: str, seeds: int, seed: int) -> dict[str, np.ndarray]:
    """Per (K, seed): the theorem's metric, the mean of ||grad f||^2, S; for Residual Learning extremes too."""
    given = problems(learning_rate(algorithm, LENGTHS), LENGTHS)
    if algorithm == RESIDUAL:
        run = _doubled(given, seeds, seed)
        metric = sum(weight * square for weight, square in zip(METRIC, run[:5], strict=True))
        extremes = {"least_M_W": run.M_W, "least_M_P": run.M_P}
        return {"metric": metric, "gradient2": run.gradient, "S": run.S, **extremes}
    rows = affine_rows([ideal() if algorithm == DIGITAL else linear(TAU)] * len(LENGTHS))
    one = single(given, rows, seeds, seed, noisy=algorithm != EXACT)
    return {"metric": _metric(algorithm, one), "gradient2": one.gradient2, "S": one.S}


def digital_mean(K: np.ndarray) -> np.ndarray:
    """The mean of E ||grad f(W_k)||^2 over k < K for Digital SGD, exactly: grad f is an autoregression."""
    alpha = learning_rate(DIGITAL, K)
    keeps = (1 - alpha * CURVATURE) ** 2
    settled = (alpha * CURVATURE * STD) ** 2 / (1 - keeps)
    started = (CURVATURE * MINIMIZER) ** 2
    return np.asarray(settled + (started - settled) * (1 - keeps**K) / (1 - keeps) / K)


def residual_bias2(alpha: np.ndarray) -> np.ndarray:
    """The square of E grad f(Wbar) that Residual Learning settles at, to first order in alpha, whatever beta is."""
    where = Coordinate(CURVATURE, MINIMIZER, STD, TAU)
    rules = [ResidualLearning(rate, rate, GAMMA) for rate in alpha]
    return np.array([(CURVATURE * slow_bias(Setting(rule, where, TAU)).bias_Wbar) ** 2 for rule in rules])


def fitted(K: np.ndarray, value: np.ndarray, error: np.ndarray, together: int) -> tuple[float, float]:
    """The slope s of log value = a + s log K + b/sqrt(K), and the half-width of its interval from the errors."""
    kept = K >= FITTED
    columns = np.stack([np.ones(kept.sum()), np.log(K[kept]), K[kept] ** -0.5], 1)
    weights = value[kept] / np.maximum(error[kept], 1e-12 * value[kept])
    scaled = columns * weights[:, None]
    found = np.linalg.lstsq(scaled, np.log(value[kept]) * weights, rcond=None)[0]
    spread = np.sqrt(np.linalg.inv(scaled.T @ scaled)[1, 1])
    return float(found[1]), float(stats.norm.ppf(1 - (1 - CONFIDENCE) / (2 * together)) * spread)


def fixed_point_floor() -> Any:
    """Where Analog SGD stops, as alpha -> 0."""
    return floor(Quadratic([[CURVATURE]], [MINIMIZER]), linear(TAU), Gaussian(std=STD))


def data(depth: str = "default", workers: int = 1, progress: Callable[[float], Any] | None = None) -> xr.Dataset:
    """Metrics with standard errors and bounds over (algorithm, K), fitted slopes, floors and Residual Learning's bias.

    `slope` is that of `excess`: the mean of ||grad f||^2, less its predicted floor for Analog SGD.
    """
    del workers
    seeds, runs = DEPTHS[depth], {}
    for k, name in enumerate(ALGORITHMS, 1):
        runs[name] = _measured(name, 1 if name == EXACT else seeds, k)
        if progress is not None:
            progress(k / len(ALGORITHMS))
    return _dataset(runs, settled_bias(seeds, len(ALGORITHMS) + 1), seeds)


def _error(values: np.ndarray) -> np.ndarray:
    return np.asarray(stats.sem(values, axis=-1)) if values.shape[-1] > 1 else np.zeros(values.shape[:-1])


def _dataset(runs: Mapping[str, Mapping[str, np.ndarray]], bias: np.ndarray, seeds: int) -> xr.Dataset:
    stop, axes = fixed_point_floor(), ("algorithm", "K")
    floors = np.array([stop.gradient2 if name == ANALOG else 0.0 for name in ALGORITHMS])
    variables: dict[str, Any] = {}
    for part in ("metric", "gradient2", "S"):
        variables[part] = (axes, np.array([runs[name][part].mean(-1) for name in ALGORITHMS]))
        variables[f"{part}_error"] = (axes, np.array([_error(runs[name][part]) for name in ALGORITHMS]))
    variables["bound"] = (axes, np.array([bound(a, LENGTHS, runs[a]["S"].mean(-1)) for a in ALGORITHMS]))
    variables["alpha"] = (axes, np.array([learning_rate(a, LENGTHS) for a in ALGORITHMS]))
    variables["floor"] = ("algorithm", floors)
    slopes = _slopes(variables["gradient2"][1] - floors[:, None], variables["gradient2_error"][1])
    variables |= {"slope": ("algorithm", slopes[:, 0]), "slope_half": ("algorithm", slopes[:, 1])}
    variables["predicted"] = ("algorithm", np.array([SLOPES[a] for a in ALGORITHMS]))
    variables["digital_exact"] = ("K", digital_mean(LENGTHS))
    variables["bias2"] = ("K", bias.mean(-1) ** 2)
    variables["bias2_error"] = ("K", 2 * abs(bias.mean(-1)) * _error(bias))
    variables["bias2_predicted"] = ("K", residual_bias2(learning_rate(RESIDUAL, LENGTHS)))
    attributes = {"seeds": seeds, "confidence": CONFIDENCE, "gamma": GAMMA, "sigma2_S": stop.sigma2_S}
    attributes |= {f"least_{m}": float(runs[RESIDUAL][f"least_{m}"].min()) for m in ("M_W", "M_P")}
    return xr.Dataset(variables, {"algorithm": list(ALGORITHMS), "K": LENGTHS}, attributes)


def _slopes(excess: np.ndarray, error: np.ndarray) -> np.ndarray:
    together = len(ALGORITHMS)
    return np.array([fitted(LENGTHS, *pair, together) for pair in zip(excess, error, strict=True)])


# What is found


def findings(ds: xr.Dataset) -> list[Finding]:
    """What the measured slopes, floors and biases say of the theorems' rates."""
    return [*(_slope(ds, name) for name in ALGORITHMS), _exact(ds), _floor(ds), _bounded(ds), _bias(ds)]


def _slope(ds: xr.Dataset, name: str) -> Finding:
    at = ds.sel(algorithm=name)
    slope, half, wanted = (float(at[part]) for part in ("slope", "slope_half", "predicted"))
    of = "the mean of ||grad f||^2 less the predicted floor" if name == ANALOG else "the mean of ||grad f||^2"
    return Finding(
        "lib-law-rates",
        f"{name}: {of} falls as K^{wanted:g} with the theorem's learning rate",
        bool(abs(slope - wanted) <= half + 1e-6),
        f"slope {slope:.4f} +- {half:.4f} over the last two decades, a term of relative order K^-1/2 allowed for",
    )


def _exact(ds: xr.Dataset) -> Finding:
    at = ds.sel(algorithm=DIGITAL)
    quantile = stats.t.ppf(1 - (1 - CONFIDENCE) / (2 * len(LENGTHS)), ds.attrs["seeds"] - 1)
    away = abs(at["gradient2"] - ds["digital_exact"]) / at["gradient2_error"]
    return Finding(
        "",
        "Digital SGD's mean of ||grad f||^2 is what its autoregression gives, at every K",
        bool((away <= quantile).all()),
        f"largest distance {float(away.max()):.1f} standard errors, {quantile:.1f} allowed for {len(LENGTHS)} at once",
    )


def intercept(K: np.ndarray, value: np.ndarray, error: np.ndarray) -> tuple[float, float]:
    """Where value = floor + a/sqrt(K) + b/K leads as K grows, and the half-width of its interval."""
    kept = K >= FITTED
    columns = np.stack([np.ones(kept.sum()), K[kept] ** -0.5, 1 / K[kept]], 1) / error[kept][:, None]
    found = np.linalg.lstsq(columns, value[kept] / error[kept], rcond=None)[0]
    spread = np.sqrt(np.linalg.inv(columns.T @ columns)[0, 0])
    return float(found[0]), float(stats.norm.ppf((1 + CONFIDENCE) / 2) * spread)


def _floor(ds: xr.Dataset) -> Finding:
    at = ds.sel(algorithm=ANALOG)
    value, half = intercept(ds["K"].values, at["gradient2"].values, at["gradient2_error"].values)
    wanted = float(at["floor"])
    other = float(ds["gradient2"].sel(algorithm=RESIDUAL).isel(K=-1))
    return Finding(
        "lib-law-rates-floor",
        "Analog SGD stops at the floor that the root of T predicts, and Residual Learning comes below it",
        bool(abs(value - wanted) <= half and other < wanted),
        f"extrapolated to all K {value:.3e} +- {half:.0e}, predicted {wanted:.3e}, which is "
        f"{wanted / ds.attrs['sigma2_S']:.3f} sigma^2 S; Residual Learning is at {other:.1e}",
    )


def _bounded(ds: xr.Dataset) -> Finding:
    ratio = ds["bound"] / ds["metric"]
    enough = ds.attrs["least_M_W"] >= M_W and ds.attrs["least_M_P"] >= M_P
    shown = "; ".join(f"{a}: {float(ratio.sel(algorithm=a).min()):.2f}" for a in ALGORITHMS)
    return Finding(
        "",
        "every measured metric is below its theorem's repaired bound, over four decades of K",
        bool((ratio.fillna(np.inf) >= 1).all() and enough),
        f"least bound over measured: {shown}",
    )


def _bias(ds: xr.Dataset) -> Finding:
    """The order of the bias, sqrt(alpha), as Corollary 1's schedule meets it."""
    slope, half = fitted(ds["K"].values, ds["bias2"].values, ds["bias2_error"].values, 1)
    last = ds.isel(K=-1)
    share = float(last["bias2"] / last["gradient2"].sel(algorithm=RESIDUAL))
    off, wide = (float(x) for x in (last["bias2"] / last["bias2_predicted"] - 1, last["bias2_error"] / last["bias2"]))
    return Finding(
        "lib-law-rates-bias",
        "with Corollary 1's alpha(K) and beta(K) the square of the settled mean of grad f(Wbar) falls as K^-1/2 "
        "to its first-order prediction",
        bool(abs(slope + 0.5) <= half and abs(off) <= 3 * wide) if half < 0.25 else None,
        f"slope {slope:.3f} +- {half:.3f}; at the largest K it is {share:.1e} of the mean of ||grad f||^2, and "
        f"{off:+.1%} +- {3 * wide:.1%} off its first-order prediction",
    )
