"""A device on one page: its response curve, measured or composed, and its responses with the symmetric point."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..experiments.characterise import Characterised
from ..experiments.fit import Fit
from .style import DOWN, MARK, UP, styled


def draw(title: str, device: Characterised, fit: Fit | None = None) -> Figure:
    """The weight over pulses, with the readings where there are any, and both responses over the weight."""
    with styled():
        figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.3))
        if fit is None:
            _composed(left, device)
        else:
            _measured(left, fit)
        _responses(right, device, fit)
        figure.suptitle(title, x=0.01, ha="left")
    return figure


def points(device: Characterised) -> list[float]:
    """The symmetric points, where they are single points."""
    where = device.response.symmetric_points
    return [float(point) for point in where] if isinstance(where, sp.FiniteSet) else []


def _composed(axes: Axes, device: Characterised) -> None:
    pulses, w, up = device.curve()
    rising, falling = pulses <= up, pulses >= up
    axes.plot(pulses[rising], w[rising], color=UP, label="up pulses")
    axes.plot(pulses[falling], w[falling], color=DOWN, label="down pulses")
    for point in points(device):
        axes.axhline(point, color=MARK, lw=1, ls=":", label=f"symmetric point {point:.3g}")
    axes.set(title="response curve without variation", xlabel="pulses", ylabel="weight $w$")
    _legend_below(axes)


def _measured(axes: Axes, fit: Fit) -> None:
    pulse, turn, fitted = fit.curve.pulse, fit.best.turn, fit.best.fitted
    axes.plot(pulse, fit.curve.conductance, ".", ms=3, color="0.6", label="readings", zorder=1)
    band = 2 * fit.noise
    axes.fill_between(
        pulse, fitted - band, fitted + band, color="0.88", lw=0, label=r"$\pm$ 2 std of a reading", zorder=0
    )
    axes.plot(pulse[: turn + 1], fitted[: turn + 1], color=UP, label="fit, up pulses")
    axes.plot(pulse[turn:], fitted[turn:], color=DOWN, label="fit, down pulses")
    if fit.symmetric_point is not None:
        w, error = fit.symmetric_point
        at = fit.centre + fit.half * w
        axes.axhline(at, color=MARK, lw=1, ls=":", label=rf"symmetric point {at:.3g} $\pm$ {fit.half * error:.1g}")
    axes.set(
        title=f"measured response curve; fit: {fit.best.family.name}",
        xlabel="pulses",
        ylabel="conductance, as in the file",
    )
    _legend_below(axes)


def _legend_below(axes: Axes) -> None:
    axes.legend(
        loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=3, fontsize=8.5, columnspacing=1.2, handlelength=1.5
    )


def _responses(axes: Axes, device: Characterised, fit: Fit | None) -> None:
    w = np.linspace(*device.range, 801)
    found = device.response.array_functions("q_plus", "q_minus")(w)
    up, down = (np.broadcast_to(np.asarray(q, dtype=float), w.shape) for q in found)
    same = np.allclose(up, down)
    axes.plot(w, up, color=UP, label="$q_+$ (up)")
    axes.plot(w, down, color=DOWN, ls="--" if same else "-", label="$q_-$ (down)")
    for point in points(device):
        height = float(np.interp(point, w, up))
        axes.plot(point, height, "o", ms=7, mfc="white", mew=1.6, color=MARK, zorder=4)
        axes.vlines(point, 0, height, color=MARK, lw=0.8, ls=":")
        axes.annotate(f"${point:.3g}$", (point, 0), (4, 6), textcoords="offset points", fontsize=9.5)
    if fit is not None and fit.symmetric_point is not None:
        point, error = fit.symmetric_point
        axes.axvspan(point - 2 * error, point + 2 * error, color="0.9", lw=0, label=r"its $\pm$ 2 std", zorder=0)
    scaled = "weight $w$" if fit is None else f"weight $w$ = (conductance {-fit.centre:+.3g})/{fit.half:.3g}"
    axes.set(title="responses", xlabel=scaled, xlim=device.range)
    axes.set_ylabel(r"step of a pulse, in $\Delta w_{\min}$")
    axes.set_ylim(0, 1.12 * float(max(up.max(), down.max())))
    _legend_below(axes)
