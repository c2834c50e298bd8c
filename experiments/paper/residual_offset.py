"""Residual Learning without the zero shift: its bias over the zero-shift error, predicted and simulated.

Weights of a kind are simulated side by side, so that every weight has a residual array with an error of its own: single
quadratic weights, weights with a logistic loss, and coupled pairs. A weight apart has so large an error that there is
no fixed point inside its range.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp
import xarray as xr
from scipy.optimize import brentq

from ...theory.algorithm import ResidualLearning
from ...theory.laws.residual_offset import Comparison, break_even, offset_device, ratio, residual_offset
from ...theory.noise import Gaussian
from ...theory.objective import Objective, Quadratic, SmoothObjective
from ...theory.penalty import fixed_point
from ...theory.response import linear
from ..engine import simulate
from ..finding import Finding
from ..intervals import CONFIDENCE
from ..laws import Interval
from ..laws.analog_sgd_stationary import sampled
from ..laws.residual_offset import Effort, Setting, biases, extrapolated
from ..record import Record

H, W_STAR, SIGMA, TAU = 1.0, 0.4, 0.5, 1.0
DEVICE, NOISE = linear(TAU), Gaussian(SIGMA)
OFFSETS = (-0.6, -0.4, -0.15, 0.1, 0.4, 0.55)
FEW = (-0.5, -0.25, 0.3)
HESSIAN, PAIR_STAR = np.array([[1.3, 0.4], [0.4, 0.8]]), np.array([0.5, -0.4])
CURVE = np.linspace(-0.66, 0.66, 23)
EDGE = 0.96
RULES = {"Residual Learning": 0.4, "Tiki-Taka": 0.0}
DEPTHS = {
    "default": Effort(seeds=64, shrink=0.7, first=0.1, forget=(4.0, 1.5, 1.5), average=1.5),
    "full": Effort(seeds=192, shrink=0.6, first=0.03, forget=(6.0, 3.0, 3.0), average=4.0),
}
MEASURED = "lib-law-offset-measured"


def logistic(w: sp.Symbol) -> sp.Expr:
    """The loss of the weights in the second panel: log(1 + exp(4 w))/2 - 3 w/2 + w^2/20."""
    return sp.log(1 + sp.exp(4 * w)) / 2 - sp.Rational(3, 2) * w + w**2 / 20


def single() -> Objective:
    """A quadratic weight."""
    return Quadratic([[H]], [W_STAR])


def smooth() -> Objective:
    """A weight with the logistic loss."""
    w = sp.Symbol("w", real=True)
    return SmoothObjective.from_expression(logistic(w), [w])


def pair() -> Objective:
    """Two coupled weights."""
    return Quadratic(HESSIAN, PAIR_STAR)


KINDS: dict[str, tuple[Callable[[], Objective], tuple[float, ...]]] = {
    "quadratic": (single, OFFSETS),
    "logistic": (smooth, FEW),
    "two weights": (pair, FEW),
}
RUNS = (
    ("Residual Learning", "quadratic"),
    ("Tiki-Taka", "quadratic"),
    ("Residual Learning", "logistic"),
    ("Residual Learning", "two weights"),
)


def together(kind: str) -> tuple[Objective, list[float]]:
    """The sum of a kind's losses, one for each zero-shift error, and the error of every weight."""
    made, offsets = KINDS[kind]
    if kind == "logistic":
        w = sp.symbols(f"w0:{len(offsets)}", real=True)
        return SmoothObjective.from_expression(sp.Add(*map(logistic, w)), w), list(offsets)
    one = made()
    H_one = np.asarray(one.hessian(np.asarray(one.minimizer)))
    whole = Quadratic(np.kron(np.eye(len(offsets)), H_one), np.tile(one.minimizer, len(offsets)))
    return whole, np.repeat(offsets, one.dim).tolist()


def law(kind: str, offset: float) -> Comparison:
    """Where both settle."""
    return residual_offset(KINDS[kind][0](), DEVICE, offset_device(TAU, offset), NOISE)


def data(depth: str = "default", workers: int = 1, progress: Callable[[float], Any] | None = None) -> xr.Dataset:
    """Biases of every weight with half-widths, extrapolated to small rates, predictions, and curves over the error.

    curve: f - f* and distance (size), of both rules (settled), over (between, kind). The intervals of all weights hold
    together with 99 %.
    """
    del workers
    rows: list[tuple[Any, ...]] = []
    for done, (rule, kind) in enumerate(RUNS, 1):
        rows += _biases(rule, kind, DEPTHS[depth], done)
        if progress is not None:
            progress(done / (len(RUNS) + 1))
    return dataset(rows, DEPTHS[depth])


def _biases(rule: str, kind: str, effort: Effort, key: int) -> list[tuple[Any, ...]]:
    """(rule, kind, offset, bias, half-width, predicted bias) of every weight."""
    objective, offsets = together(kind)
    devices = tuple(offset_device(TAU, offset) for offset in offsets)
    found = residual_offset(objective, DEVICE, devices, NOISE)
    runs = biases(Setting(objective, DEVICE, devices, NOISE, found.residual), RULES[rule], [2502, key], effort)
    limits = [extrapolated(runs[:, :, i], effort.nodes, ALL) for i in range(len(offsets))]
    said = found.biases[0].tolist()
    return [
        (rule, kind, offset, one.value + b, one.half, b) for offset, one, b in zip(offsets, limits, said, strict=True)
    ]


ALL = sum(len(KINDS[kind][1]) * KINDS[kind][0]().dim for _, kind in RUNS)


def dataset(rows: list[tuple[Any, ...]], effort: Effort) -> xr.Dataset:
    """The data with what is predicted between, and Analog SGD."""
    curves = np.array([[_sizes(law(kind, offset)) for kind in KINDS] for offset in CURVE.tolist()])
    analog = _analog()
    names = ("rule", "kind_of", "offset", "bias", "half", "predicted")
    variables: dict[str, Any] = {
        n: ("weight", list(column)) for n, column in zip(names, zip(*rows, strict=True), strict=True)
    }
    variables |= {
        "curve": (("between", "kind", "size", "settled"), curves),
        "analog": ("kind", [one.value for one in analog]),
        "analog_half": ("kind", [one.half for one in analog]),
        "equal": (("kind", "size"), np.array([[_equal(kind, k) for k in range(2)] for kind in KINDS])),
    }
    coords = {"between": CURVE, "kind": list(KINDS), "size": list(SIZES), "settled": list(SETTLED)}
    return xr.Dataset(variables, coords, {"confidence": CONFIDENCE, "seeds": effort.seeds, **_beyond()})


def _equal(kind: str, size: int) -> float:
    """The zero-shift error > 0 at which both are as far off; NaN where there is none."""

    def both(found: Comparison) -> tuple[float, float]:
        return _sizes(found)[size]

    equal = break_even(KINDS[kind][0](), DEVICE, TAU, NOISE, both)
    return float("nan") if equal is None else equal


SIZES, SETTLED = ("excess", "distance"), ("residual", "analog")


def _sizes(both: Comparison) -> list[tuple[float, float]]:
    return [both.excesses, both.norms]


def _analog() -> list[Interval]:
    """The distance of Analog SGD from the minimiser for each kind, at small alpha, less its O(alpha) part."""
    found = []
    for k, (made, _) in enumerate(KINDS.values()):
        objective = made()
        at, alpha = fixed_point(objective, DEVICE, NOISE), 0.04
        runs = [sampled(objective, DEVICE, NOISE, alpha * share, 100, [2502, 7, k], at).mean for share in (1, 0.5)]
        means = at - np.asarray(objective.minimizer) + 2 * runs[1] - runs[0]
        direction = means.mean(0) / np.linalg.norm(means.mean(0))
        found.append(Interval.of(means @ direction, len(KINDS)))
    return found


def edge() -> float:
    """The zero-shift error at which the quadratic weight's fixed point is at the end of its range."""
    return TAU * ratio(TAU - W_STAR, H, SIGMA)


def _beyond() -> dict[str, float]:
    """Means of W and P with an error beyond the edge: W at its bound, P away from 0."""
    steps = 6000
    runs = simulate(
        ResidualLearning(alpha=0.05, beta=0.01, gamma=RULES["Residual Learning"]),
        single(),
        {"W": DEVICE, "P": offset_device(TAU, EDGE)},
        noise=NOISE,
        start=[0.9],
        steps=steps,
        seeds=16,
        record=Record(every=steps, average_from=steps // 2),
        rng=2502,
    )
    unbounded = brentq(lambda bias: ratio(bias, H, SIGMA) - EDGE / TAU, 0.0, 20.0)
    means = {name: float(runs[f"mean_{name}"].mean()) for name in "WP"}
    return {"edge": edge(), "W_beyond": means["W"], "P_beyond": means["P"], "unbounded": W_STAR + float(unbounded)}


def findings(ds: xr.Dataset) -> list[Finding]:
    """Whether the biases are what the law says, for both rules, and where Analog SGD is nearer."""
    return [*(_rule(ds, rule) for rule in RULES), _same(ds), _order(ds), _edge(ds)]


def part(ds: xr.Dataset, rule: str, kind: str = "") -> xr.Dataset:
    """The weights of one rule, of one kind or of all."""
    chosen = (ds["rule"].values == rule) & ((ds["kind_of"].values == kind) | (not kind))
    return ds.isel(weight=np.flatnonzero(chosen))


def _rule(ds: xr.Dataset, rule: str) -> Finding:
    at = part(ds, rule)
    off = abs(at["bias"] - at["predicted"])
    inside = int((off <= at["half"]).sum())
    claim = f"without the zero shift {rule} has the bias that the law says, for small rates"
    shown = (
        f"{inside} of {off.size} weights are inside their intervals; the largest distance is {float(off.max()):.4f}, "
        f"the widest interval +- {float(at['half'].max()):.4f}, of biases up to {float(abs(at['predicted']).max()):.2f}"
    )
    return Finding(MEASURED, claim, inside == off.size, shown)


def _same(ds: xr.Dataset) -> Finding:
    one, two = (part(ds, rule, "quadratic") for rule in RULES)
    gap = abs(one["bias"].values - two["bias"].values)
    agree = bool((gap <= one["half"].values + two["half"].values).all())
    claim = "Residual Learning and Tiki-Taka settle at the same point"
    return Finding(MEASURED, claim, agree, f"largest distance of a weight {float(gap.max()):.4f}")


def _order(ds: xr.Dataset) -> Finding:
    """Whether Residual Learning is measured farther from w* than Analog SGD exactly beyond the break-even error."""
    own, analog = part(ds, "Residual Learning", "quadratic"), ds.sel(kind="quadratic")
    equal, reach = float(analog["equal"].sel(size="distance")), float(analog["analog"])
    away = abs(own["bias"].values)
    clear = abs(away - reach) > own["half"].values + float(analog["analog_half"])
    agree = ((away > reach) == (abs(own["offset"].values) > equal)) & clear
    in_f, in_norm = (float(ds["equal"].sel(kind="two weights", size=size)) for size in SIZES)
    two = f"{in_f:.3f} in f and {in_norm:.3f} in the norm"
    shown = f"break-even at an error of {equal:.3f}; of two coupled weights at {two}"
    claim = "Residual Learning is farther from W* than Analog SGD exactly where the error is beyond the break-even"
    return Finding(MEASURED, claim, bool(agree.all()), shown)


def _edge(ds: xr.Dataset) -> Finding:
    at = ds.attrs
    shown = (
        f"the fixed point leaves the range at an error of {at['edge']:.3f}; at {EDGE:g} it would be at W = "
        f"{at['unbounded']:.2f}, and W is at {at['W_beyond']:.3f} with P at {at['P_beyond']:.3f}"
    )
    claim = "where the fixed point is outside the range W goes to its bound, and P is not 0 there"
    return Finding(MEASURED, claim, bool(at["W_beyond"] > 0.9 * TAU and at["P_beyond"] > 0.02), shown)
