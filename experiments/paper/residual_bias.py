"""The bias of Residual Learning at finite rates: predicted by the law `residual-bias`, and simulated.

One weight, its minimiser at half the range, zero-shifted linear arrays. Where W needs a pull to stay, the spread of the
residual array leaks into it; so "exact convergence" is that of alpha -> 0, and the bias falls as sqrt(alpha) only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp
import xarray as xr

from ...theory.algorithm import AnalogSGD, ResidualLearning
from ...theory.buffered import BufferedResidualLearning
from ...theory.compile import array_function
from ...theory.floors import Coordinate, floor
from ...theory.residual_law import Setting, chain_bias, contracts, leading_bias, slow_bias
from ...theory.symbols import symbol
from ..finding import Finding
from ..intervals import CONFIDENCE
from ..laws import Interval
from ..laws.residual_bias import Effort, simulated

COORDINATE, TAU_P, GAMMA = Coordinate(curvature=1.0, minimizer=0.5, std=0.25, tau=1.0), 1.0, 0.4
RATIO, BUFFER = 0.2, 0.5  # beta/alpha, and the buffer's rate over alpha
ALPHAS = (0.0125, 0.025, 0.05, 0.1)
ALPHA, RATIOS = 0.05, (0.05, 0.2, 0.8)
LOGISTIC = (0.0125, 0.1)
STEEP = 4.0
RULES = ("no buffer", "buffer")
EFFORTS = {"default": Effort(400, 3_000, 12_000), "full": Effort(2000, 20_000, 80_000)}
LIMITS = ("bias_Wbar", "bias_W")
DRAWN = {"no buffer": None, "buffer": 6}  # the degree for curves; a buffer makes the law one of three numbers


def setting(rule: str, alpha: float, ratio: float = RATIO, coordinate: Coordinate = COORDINATE) -> Setting:
    """Residual Learning at these rates, with a buffer or without."""
    beta = ratio * alpha
    made = BufferedResidualLearning(alpha, beta, GAMMA, BUFFER * alpha) if rule == "buffer" else None
    return Setting(made or ResidualLearning(alpha, beta, GAMMA), coordinate, TAU_P)


def logistic() -> tuple[Coordinate, Callable[[np.ndarray], np.ndarray]]:
    """A logistic loss with the same minimiser: its curvature there, and its gradient.

    f(w) = 4 (log(1 + e^w) - p w) with p = 1/(1 + e^{-w*}), so that f'(w*) = 0 and f''(w*) = 4 p (1 - p).
    """
    w, at = symbol("w"), sp.Rational(str(COORDINATE.minimizer))
    share = 1 / (1 + sp.exp(-at))
    slope = STEEP * (1 / (1 + sp.exp(-w)) - share)
    gradient = array_function((w,), (slope,))
    curvature = float(sp.diff(slope, w).subs(w, at))
    return Coordinate(curvature, COORDINATE.minimizer, COORDINATE.std, COORDINATE.tau), lambda x: gradient(x)[0]


def data(depth: str = "default", workers: int = 1, progress: Callable[[float], Any] | None = None) -> xr.Dataset:
    """Bias of Wbar and of W, (rule, alpha, measure) and (rule, ratio, measure): simulated, exact, and both limits.

    `logistic` is the simulated bias of W on a logistic loss over the quadratic's slow limit, (local, ), with its
    half-width. `analog` is the bias of Analog SGD on the same weight. All intervals hold together with 99 %.
    """
    del workers
    effort, tell = EFFORTS[depth], progress or (lambda _: None)
    over = [(rule, alpha, RATIO) for rule in RULES for alpha in ALPHAS]
    across = [(rule, ALPHA, ratio) for rule in RULES for ratio in RATIOS]
    points = list(dict.fromkeys([*over, *across]))
    total, rows = 3 * (len(points) + len(LOGISTIC)), {}
    for k, point in enumerate(points, 1):
        rows[point] = _row(point[0], setting(*point), effort, total)
        tell(k / (len(points) + 1))
    found = np.array([rows[point] for point in (*over, *across)])
    near, gradient = logistic()
    places = [setting("no buffer", alpha, coordinate=near) for alpha in LOGISTIC]
    local = [simulated(at, 3, effort, total, gradient)["bias_W"] for at in places]
    return _dataset(found, local, [slow_bias(at).bias_W for at in places], depth)


def _row(rule: str, at: Setting, effort: Effort, total: int) -> list[list[float]]:
    """For each measure: value, half-width, exact, leading order, slow limit; NaN where the loop is unstable."""
    if not contracts(at):
        return [[np.nan] * 4 + [getattr(slow_bias(at), name)] for name in LIMITS]
    measured = simulated(at, 2, effort, total)
    laws = chain_bias(at, DRAWN[rule]), leading_bias(at, DRAWN[rule]), slow_bias(at)
    return [[measured[n].value, measured[n].half, *(getattr(law, n) for law in laws)] for n in LIMITS]


def _dataset(found: np.ndarray, local: list[Interval], slow: list[float], depth: str) -> xr.Dataset:
    names = ("value", "half", "exact", "leading", "slow")
    split = len(RULES) * len(ALPHAS)
    variables: dict[str, Any] = {}
    for part, axis, label in ((found[:split], "alpha", ""), (found[split:], "ratio", "_ratio")):
        shaped = part.reshape(len(RULES), -1, len(LIMITS), len(names))
        variables |= {f"{n}{label}": (("rule", axis, "measure"), shaped[..., i]) for i, n in enumerate(names)}
    variables["logistic"] = ("local", [one.value / s for one, s in zip(local, slow, strict=True)])
    variables["logistic_half"] = ("local", [one.half / abs(s) for one, s in zip(local, slow, strict=True)])
    analog = floor(AnalogSGD(ALPHA), COORDINATE).bias
    coords = {"rule": list(RULES), "alpha": list(ALPHAS), "ratio": list(RATIOS), "measure": list(LIMITS)}
    attributes = {"confidence": CONFIDENCE, "analog": analog, "chains": EFFORTS[depth].chains}
    return xr.Dataset(variables, {**coords, "local": list(LOGISTIC)}, attributes)


def findings(ds: xr.Dataset) -> list[Finding]:
    """Whether the law holds, what the order is, how good its limits are."""
    return [_inside(ds), _order(ds), _limits(ds), _against_analog(ds), _buffer(ds), _logistic(ds)]


def _inside(ds: xr.Dataset) -> Finding:
    parts = [
        np.concatenate([ds[n].values.ravel(), ds[f"{n}_ratio"].values.ravel()]) for n in ("value", "half", "exact")
    ]
    value, half, exact = (part[np.isfinite(parts[0])] for part in parts)
    away = abs(value - exact)
    return Finding(
        "lib-law-residual-bias",
        "every predicted bias is inside its simulated interval",
        bool((away <= half).all()),
        f"{int((away <= half).sum())} of {value.size} inside; the widest half-width is {(half / abs(value)).max():.1%} "
        f"of its value, the largest distance {(away / abs(value)).max():.1%}",
    )


def _order(ds: xr.Dataset) -> Finding:
    """The power of alpha between the two least rates, with what the intervals leave open."""
    least = ds.sel(rule="no buffer", measure="bias_Wbar").isel(alpha=[0, 1])
    value, half = abs(least["value"].values), least["half"].values
    ratio = np.log(least["alpha"].values[1] / least["alpha"].values[0])
    power = float(np.log(value[1] / value[0]) / ratio)
    wide = float((half / value).sum() / ratio)
    expected = float(np.log(least["exact"].values[1] / least["exact"].values[0]) / ratio)
    return Finding(
        "lib-law-residual-bias",
        "the bias of Wbar falls as sqrt(alpha): the power of alpha between the two least rates is 1/2 within its "
        "interval and the law's own correction there",
        bool(abs(power - 0.5) <= wide + abs(expected - 0.5)),
        f"power {power:.3f} +- {wide:.3f} between alpha = {ALPHAS[0]:g} and {ALPHAS[1]:g}; the law has {expected:.3f}",
    )


def _limits(ds: xr.Dataset) -> Finding:
    exact, both = ds["exact"].sel(measure="bias_Wbar"), {}
    for name in ("leading", "slow"):
        both[name] = abs(ds[name].sel(measure="bias_Wbar") / exact - 1).sel(rule="no buffer").values
    ratio = abs(ds["slow_ratio"] / ds["exact_ratio"] - 1).sel(measure="bias_Wbar")
    shown = "; ".join(f"{rule}: {_told(ratio.sel(rule=rule).values)}" for rule in RULES)
    return Finding(
        "",
        f"at alpha <= {ALPHAS[1]:g} both limits are good to 10 % without a buffer",
        bool(max(both["leading"][:2].max(), both["slow"][:2].max()) < 0.1),
        f"off by {_told(both['leading'])} (fixed beta/alpha) and {_told(both['slow'])} (W slow) at alpha = "
        f"{', '.join(f'{a:g}' for a in ALPHAS)}; at alpha = {ALPHA:g} the slow limit is off at beta/alpha = "
        f"{', '.join(f'{r:g}' for r in RATIOS)} by {shown}",
    )


def _told(shares: np.ndarray) -> str:
    return ", ".join("no stationary law" if not np.isfinite(s) else f"{s:.1%}" for s in shares)


def _against_analog(ds: xr.Dataset) -> Finding:
    at = ds.sel(rule="no buffer", measure="bias_W", alpha=ALPHA)
    return Finding(
        "",
        "convergence is exact in the limit alpha -> 0 only: at a finite alpha the bias is not 0 (though smaller than "
        "that of Analog SGD, which no alpha takes away)",
        bool(abs(at["value"]) > at["half"] and abs(at["value"]) < abs(ds.attrs["analog"])),
        f"at alpha = {ALPHA:g}, beta = {RATIO * ALPHA:g} W is off by {float(at['value']):.4f} +- "
        f"{float(at['half']):.4f}, Analog SGD by {ds.attrs['analog']:.3f}",
    )


def _buffer(ds: xr.Dataset) -> Finding:
    at = ds.sel(measure="bias_W", ratio=RATIOS[0])
    with_buffer, without = (float(at["value_ratio"].sel(rule=rule)) for rule in ("buffer", "no buffer"))
    unstable = [f"{r:g}" for r in RATIOS if not np.isfinite(float(ds["exact_ratio"].sel(rule="buffer", ratio=r)[0]))]
    return Finding(
        "",
        "a buffer lessens the bias where W is slow, for H is spread less than P; and it takes stability away",
        bool(abs(with_buffer) < abs(without) and unstable),
        f"at beta/alpha = {RATIOS[0]:g} W is off by {with_buffer:.4f} with, by {without:.4f} without; with a buffer of "
        f"the rate {BUFFER:g} alpha there is no stationary law at beta/alpha = {', '.join(unstable) or 'none of them'}",
    )


def _logistic(ds: xr.Dataset) -> Finding:
    value, half = ds["logistic"].values, ds["logistic_half"].values
    away = abs(value - 1)
    return Finding(
        "",
        "on a logistic loss the bias tends to that of its curvature at w* as alpha falls (the least alpha is nearest, "
        "and within 10 %)",
        bool(away[0] - half[0] < 0.1 and away[0] <= away.max()),
        f"bias of W over the slow limit: {', '.join(f'{v:.3f} +- {s:.3f}' for v, s in zip(value, half, strict=True))} "
        f"at alpha = {', '.join(f'{a:g}' for a in LOGISTIC)}",
    )
