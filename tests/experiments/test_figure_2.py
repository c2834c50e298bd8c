"""Figure 2 in the mean field, against an independent loop over samples and weights."""

from __future__ import annotations

import numpy as np
import pytest
from analog_theory.experiments.paper import figure_2

STEPS = 15


def by_hand(pair: str, c: float, capped: bool, tiki_taka: bool) -> np.ndarray:
    """Losses of the first steps by the formulas of the issue, sample after sample, without the library."""
    squares = figure_2.problem()
    tau, (a, b) = 3.5, {"paper": (1 + c, 1 - c), "one-sided": (1.0, 1 - c)}[pair]

    def moved(w: np.ndarray, dw: np.ndarray) -> np.ndarray:
        step = np.where(dw >= 0, dw * a * (1 - w / tau), dw * b * (1 + w / tau))
        return np.clip(w + step, -tau, tau)

    W, P, losses = np.ones(50), np.zeros(50), []
    for _ in range(STEPS):
        residuals = squares.A @ (W + 0.4 * P if tiki_taka else W) - squares.b
        losses.append((residuals**2).sum() / 200 / 50)
        target = P if tiki_taka else W
        for row, residual in zip(squares.A, residuals, strict=True):
            wanted = -0.8 * residual / 100 * row
            target = moved(target, wanted * min(1, 8e-4 / abs(wanted).max()) if capped else wanted)
        P, W = (target, moved(W, 0.8 * target)) if tiki_taka else (P, target)
    return np.array(losses)


@pytest.mark.parametrize("pair", ["paper", "one-sided"])
@pytest.mark.parametrize("cap", ["no cap", "8 pulses"])
@pytest.mark.parametrize("algorithm", ["Analog SGD", "Tiki-Taka"])
def test_curves_follow_the_formulas(pair: str, cap: str, algorithm: str) -> None:
    curves = figure_2._curves(pair, cap, algorithm, STEPS)
    for k, c in enumerate(figure_2.C_LIN):
        expected = by_hand(pair, c, cap == "8 pulses", algorithm == "Tiki-Taka")
        # rounding alone tells the two apart: 1500 updates of relative error 1e-16, amplified while the loss moves
        assert curves[k].values == pytest.approx(expected, rel=1e-9), c


def test_the_cap_and_the_pair_matter() -> None:
    capped, free = (figure_2._curves("paper", cap, "Analog SGD", STEPS)[1] for cap in ("8 pulses", "no cap"))
    other = figure_2._curves("one-sided", "8 pulses", "Analog SGD", STEPS)[1]
    assert abs(capped - free)[-1] > 1e-3
    assert abs(capped - other)[-1] > 1e-3


def test_crossing_names_the_first_asymmetry_at_which_tiki_taka_is_worse() -> None:
    plateau = figure_2.xr.DataArray(
        [[[[1.0, 1.0, 1.0, 1.0], [0.1, 0.5, 2.0, 3.0]], [[1.0, 1.0, 1.0, 1.0], [0.1, 0.1, 0.1, 0.1]]]],
        {
            "pair": ["paper"],
            "cap": list(figure_2.CAPS),
            "algorithm": list(figure_2.ALGORITHMS),
            "c_lin": [0, 0.1, 0.2, 0.3],
        },
        ("pair", "cap", "algorithm", "c_lin"),
    )
    ds = figure_2.xr.Dataset({"plateau": plateau})
    assert figure_2.crossing(ds, "paper", "no cap") == "0.2"
    assert figure_2.crossing(ds, "paper", "8 pulses") == "above 0.3"
