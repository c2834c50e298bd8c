"""Section 5's findings: on data made from the predictions, with each one spoiled in turn; and a short run."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from analog_theory.experiments.paper import section_5
from analog_theory.figures import section_5 as figure


@pytest.fixture(scope="module")
def perfect():
    """The data as they would be if every prediction were right, with intervals of 2 %."""

    def made(rule, reading, grains, seeds, steps):
        values = np.array(section_5.predicted(section_5.prediction(rule, reading, grains)))
        return values[:, None] * (1 + 0.002 * np.array([-1.0, 0.0, 1.0, 0.0, -1.0, 1.0, 1.0, -1.0]))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(section_5, "measured", made)
        return section_5.data()


def verdicts(ds):
    return [finding.agrees for finding in section_5.findings(ds)]


def test_the_predictions_themselves_bear_the_claims_out_but_for_the_order_by_the_error_of_w(perfect):
    assert verdicts(perfect) == [True, True, True, False, True, True]
    assert "holds for s = 0.05, 0.1, 0.2, fails for s = 0.4, 0.8" in section_5.findings(perfect)[3].evidence


@pytest.mark.parametrize(
    ("panel", "rule", "factor", "finding"),
    [
        ("reading", "buffer", 3.0, 0),
        ("granular", "v2: threshold", 20.0, 1),
        ("granular", "buffer, no threshold", 0.05, 2),
        ("merit", section_5.ANALOG, 0.1, 4),
        ("merit", section_5.RESIDUAL, 1.2, 5),
    ],
)
def test_a_spoiled_measurement_is_noticed(perfect, panel, rule, factor, finding):
    spoiled = perfect.copy(deep=True)
    spoiled[f"{panel}_value"].loc[{f"{panel}_rule": rule}] *= factor
    assert verdicts(spoiled)[finding] is False


def test_wide_intervals_cannot_tell_the_order(perfect):
    wide = perfect.copy(deep=True)
    wide["merit_half"] += abs(wide["merit_value"])
    assert verdicts(wide)[3:5] == [None, None]


def test_the_figure_draws_with_the_order_in_its_title(perfect):
    drawn = figure.draw(perfect)
    drawn.canvas.draw()
    assert "by the loss: holds for s = 0.05, 0.1, 0.2, 0.4, 0.8; by the error of W" in drawn.get_suptitle()
    plt.close(drawn)


def test_a_short_run_is_where_it_is_predicted():
    """One point of each panel, within 5 standard errors (6 numbers, a false alarm in 3e5) plus 10 %."""
    for panel, rule in (("reading", "no buffer"), ("granular", "v2: threshold"), ("merit", section_5.RESIDUAL)):
        case = section_5._case(section_5.PANELS[panel], rule, section_5.PANELS[panel].values[1])
        found = section_5.measured(*case, 48, 900)[:2]
        wanted = np.array(section_5.predicted(section_5.prediction(*case)))[:2]
        off = abs(found.mean(1) - wanted)
        assert (off <= 5 * found.std(1) / np.sqrt(47) + 0.1 * wanted).all()
