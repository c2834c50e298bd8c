"""Residual Learning next to its fixed point: where it is stable, where eigenvalues mislead, and how fast it can be.

The residual array is zero-shifted, as Corollary 1 asks, and the main array is the linear device with w* = tau/2, whose
one-sided responses are 1/2 and 3/2. Lines are predicted (`theory.switched`); points are the algorithm's own steps, on a
quadratic and next to the minimiser of a logistic loss.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import sympy as sp
import xarray as xr

from ...theory.algorithm import ResidualLearning
from ...theory.laws.residual_stability import Gains, edges, fastest, first_order_rates, local_map, printed_beta
from ...theory.objective import SmoothObjective
from ...theory.response import linear
from ...theory.switched import radius
from ..finding import Finding
from ..laws.residual_stability import Local, quadratic

AT_W = 0.5  # w*/tau
GAINS = Gains((1.0, 1.0), (1 - AT_W, 1 + AT_W))
EQUAL = Gains((1.0, 1.0), (1.0, 1.0))
CUT = 0.1  # alpha h gamma of the cut through the region
MIXING, MOVES = np.geomspace(0.01, 1.6, 45), np.linspace(0.02, 5.6, 100)
TRIED_MIXING, TRIED = (0.012, 0.026, 0.055, 0.12, 0.26, 0.55, 1.2), np.array([0.4, 1.4, 2.4, 3.4, 4.8])
ALONG = np.linspace(0.02, 5.6, 280)
POINTS = np.array([0.4, 1.0, 1.4, 1.6, 1.9, 2.2, 2.4, 2.7, 3.2, 3.8, 4.6, 5.3])
KAPPA, KAPPAS = np.geomspace(1.2, 300, 40), (2.0, 10.0, 60.0)
GAMMAS, GAMMA_POINTS, ALPHA = np.geomspace(2e-3, 3.2, 40), (0.1, 0.4, 1.4), 0.5
METHODS = ("Residual Learning", "gradient descent", "Nesterov", "heavy ball")
LOSSES = ("quadratic", "logistic")
DEPTHS = {"default": (500, 1000), "full": (4000, 6000)}
TOLERANCE = 4e-3


def logistic() -> SmoothObjective:
    """The loss log(1 + e^w) - a w + w^2/20 of one weight, with the a that puts its minimiser at 1/2."""
    w = sp.Symbol("w", real=True)
    free = sp.log(1 + sp.exp(w)) + w**2 / 20
    return SmoothObjective.from_expression(free - free.diff(w).subs(w, sp.Rational(1, 2)) * w, (w,))


@cache
def fixed_point(loss: str) -> Local:
    """The loss with a zero-shifted P and a W of which w* is half the range."""
    objective = logistic() if loss == "logistic" else quadratic(1.0, AT_W)
    return Local(objective, linear(1), linear(1))


def alike(h: float) -> Local:
    """A quadratic of curvature h with both arrays at their symmetric points."""
    device = fixed_point("quadratic").device_P
    return Local(quadratic(h, 0.0), device, device)


def _grown(loss: str, mixing: float, moves: np.ndarray, steps: int) -> np.ndarray:
    """Measured growth at alpha h gamma = mixing and alpha h beta in `moves`."""
    at = fixed_point(loss)
    alpha = 1 / float(at.objective.hessian(np.asarray(at.objective.minimizer))[0, 0])
    return at.run(ResidualLearning(alpha, 1.0, mixing), steps, 0, moves, 8).growth()


def _edge_points(steps: int) -> np.ndarray:
    """Transfer rates (gamma, edge), to 2.5 %, from which it is seen to grow, and to turn, with equal gains."""
    at, found = alike(1.0), []
    for gamma in GAMMA_POINTS:
        said, rule = edges(EQUAL, 1.0, ALPHA, gamma), ResidualLearning(ALPHA, 1.0, gamma)
        tried = [np.asarray(b) * np.geomspace(0.8, 1.25, 19) for b in (said.stable, said.turning)]
        grows = at.run(rule, steps, 0, tried[0], 6).growth() > 1
        turns = at.run(rule, steps, 0, tried[1], 6).turns() > 0
        found.append([tried[0][np.argmax(grows)], tried[1][np.argmax(turns)]])
    return np.array(found)


def _fastest_points(steps: int) -> np.ndarray:
    """The measured worst growth over curvatures at the fastest gamma and beta, one for each of `KAPPAS`."""
    found = []
    for kappa in KAPPAS:
        best = fastest(EQUAL, 1.0, 1 / kappa, 1.0)
        rule = ResidualLearning(1.0, best.beta, best.gamma)
        at = (alike(h) for h in (1 / kappa, 0.5, 1.0))
        found.append(max(float(local.run(rule, steps, 0, starts=6).growth()[0]) for local in at))
    return np.array(found)


def data(depth: str = "default", workers: int = 1, progress: Callable[[float], Any] | None = None) -> xr.Dataset:
    """Predicted and measured growth a step, edges and rates.

    growth (mixing, move), tried (tried_mixing, tried_move): over alpha h gamma and alpha h beta. cut, modes (along) and
    measured (loss, point): at alpha h gamma = `CUT`, modes being the largest spectral radius of a mode. rates
    (algorithm, kappa), fastest (kappa_point): rates a step. printed, swings, grows (gamma) and edges (gamma_point,
    edge): transfer rates.
    """
    del workers
    short, long = DEPTHS[depth]
    C, y = MIXING[:, None] * np.ones_like(MOVES), MOVES * np.ones_like(MIXING)[:, None]
    variables: dict[str, Any] = {
        "growth": (("mixing", "move"), local_map(GAINS, 1.0, 1.0, y, C).orbit(short, 4, short // 4).growth),
        "tried": (
            ("tried_mixing", "tried_move"),
            np.array([_grown("quadratic", c, TRIED, short) for c in TRIED_MIXING]),
        ),
        "cut": ("along", local_map(GAINS, 1.0, 1.0, ALONG, CUT * np.ones_like(ALONG)).orbit().growth),
        "predicted": ("point", local_map(GAINS, 1.0, 1.0, POINTS, CUT * np.ones_like(POINTS)).orbit().growth),
        "modes": ("along", np.max([radius(CUT, ALONG * q) for q in GAINS.transfer], axis=0)),
        "point_modes": ("point", np.max([radius(CUT, POINTS * q) for q in GAINS.transfer], axis=0)),
        "measured": (("loss", "point"), np.array([_grown(loss, CUT, POINTS, long) for loss in LOSSES])),
    }
    if progress is not None:
        progress(0.5)
    variables |= _rates(long) | _transfer_rates(long)
    coords = {"mixing": MIXING, "move": MOVES, "tried_mixing": list(TRIED_MIXING), "tried_move": TRIED, "along": ALONG}
    coords |= {"point": POINTS, "loss": list(LOSSES), "kappa": KAPPA, "kappa_point": list(KAPPAS), "gamma": GAMMAS}
    coords |= {"gamma_point": list(GAMMA_POINTS), "edge": ["grows", "swings"], "algorithm": list(METHODS)}
    return xr.Dataset(variables, coords, {"cut": CUT, "alpha": ALPHA, "at_w": AT_W})


def _rates(steps: int) -> dict[str, Any]:
    rates = [[fastest(EQUAL, 1.0, 1 / k, 1.0).rate, *first_order_rates(1 / k, 1.0).values()] for k in KAPPA]
    expected = [fastest(EQUAL, 1.0, 1 / k, 1.0).rate for k in KAPPAS]
    return {
        "rates": (("algorithm", "kappa"), np.array(rates).T),
        "fastest": ("kappa_point", _fastest_points(steps)),
        "fastest_predicted": ("kappa_point", np.array(expected)),
    }


def _transfer_rates(steps: int) -> dict[str, Any]:
    each = [edges(EQUAL, 1.0, ALPHA, gamma) for gamma in GAMMAS]
    points = [edges(EQUAL, 1.0, ALPHA, gamma) for gamma in GAMMA_POINTS]
    none = float("nan")
    return {
        "printed": ("gamma", np.array([printed_beta(EQUAL, ALPHA, gamma, 1.0) for gamma in GAMMAS])),
        "swings": ("gamma", np.array([none if e.turning is None else e.turning for e in each])),
        "grows": ("gamma", np.array([none if e.stable is None else e.stable for e in each])),
        "edges": (("gamma_point", "edge"), _edge_points(steps)),
        "edges_predicted": (("gamma_point", "edge"), np.array([[e.stable, e.turning] for e in points], dtype=float)),
    }


def findings(ds: xr.Dataset) -> list[Finding]:
    """What the figure shows."""
    return [_agree(ds), _mislead(ds), _twice(ds), _power(ds)]


def _agree(ds: xr.Dataset) -> Finding:
    off = abs(ds["measured"] / ds["predicted"] - 1)
    tried = local_map(
        GAINS, 1.0, 1.0, TRIED * np.ones((len(TRIED_MIXING), 1)), np.array(TRIED_MIXING)[:, None] + 0 * TRIED
    )
    same = (ds["tried"].values > 1) == (tried.orbit().growth > 1)
    return Finding(
        "lib-law-residual-stability-local",
        "the growth of the switched map is that of the algorithm next to the fixed point, on a logistic loss too",
        bool(off.max() < TOLERANCE and same.all()),
        f"largest relative distance {float(off.max()):.1e} at {off.size} points; stable or not as predicted at "
        f"{int(same.sum())} of {same.size}",
    )


def _mislead(ds: xr.Dataset) -> Finding:
    grows, alone = ds["measured"].sel(loss="quadratic") > 1, ds["point_modes"] > 1
    worse, better = int((grows & ~alone).sum()), int((~grows & alone).sum())
    return Finding(
        "",
        "eigenvalues of the modes do not decide: it grows where all modes contract, and contracts where one does not",
        worse > 0 and better > 0,
        f"at alpha h gamma = {CUT:g}: grows at {worse} of {grows.size} measured points where every mode contracts, "
        f"contracts at {better} where a mode alone would not; largest growth with contracting modes "
        f"{float(ds['measured'].sel(loss='quadratic').where(~alone).max()):.3f} a step",
    )


def _twice(ds: xr.Dataset) -> Finding:
    off = abs(ds["fastest"] / ds["fastest_predicted"] - 1)
    return Finding(
        "",
        "at its best Residual Learning contracts by the square root of gradient descent's rate: in twice the steps",
        bool(off.max() < TOLERANCE),
        f"measured at the best gamma and beta for kappa = {', '.join(f'{k:g}' for k in KAPPAS)}: "
        f"{', '.join(f'{float(v):.4f}' for v in ds['fastest'])}, within {float(off.max()):.1e} of the prediction",
    )


def _power(ds: xr.Dataset) -> Finding:
    off = abs(np.log(ds["edges"] / ds["edges_predicted"]))
    crossing = float(ds["gamma"][int(np.argmax((ds["swings"] > ds["printed"]).values))])
    return Finding(
        "",
        "the transfer rate beta = O(alpha gamma^(3/2)) of Theorem 3 is neither where it grows nor where it swings",
        bool(off.max() < 0.03),
        "next to the fixed point it is stable up to 4/(alpha h) - 2 gamma and swings from about alpha h gamma^2/4 on; "
        f"the beta of (89) swings for gamma below {crossing:.2g}; every gamma in (0, 2/(alpha L)) has stable beta, "
        "so gamma >= Omega(q_min^(-2/5)) is not needed there without noise, and is too large unless alpha is small",
    )
