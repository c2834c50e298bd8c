"""Table 7's question: onsets by hand, findings on data made from the predictions and spoiled, and a short run."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from analog_theory.experiments.paper import table_7
from analog_theory.figures import table_7 as figure


@pytest.fixture(scope="module")
def perfect():
    """The data as they would be if every prediction were right, with intervals of 1 %."""

    def made(rule, dw_min, sigma_c, depth):
        values = np.array(table_7.predicted(table_7.expected(rule, dw_min, sigma_c)))
        return values[:, None] * (1 + 0.001 * np.array([-1.0, 0.0, 1.0, 0.0, -1.0, 1.0, 1.0, -1.0]))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table_7, "_measured", made)
        return table_7.data()


def verdicts(ds):
    return [finding.agrees for finding in table_7.findings(ds)]


def test_the_predictions_themselves_are_flat_for_fine_pulses_alone(perfect):
    assert verdicts(perfect) == [True, False, True, True, None]


def test_the_onset_is_where_the_predicted_error_is_a_quarter_more(perfect):
    for rule in table_7.RULES:
        onset = float(perfect["risen"].sel(rule=rule, dw_min=table_7.COARSE))
        less, more = (table_7.expected(rule, table_7.COARSE, s).error2 for s in (0.0, onset))
        assert more == pytest.approx(1.25 * less, rel=1e-3)


def test_the_onset_in_one_update_by_hand():
    # many pulses: (alpha sigma)^2 = dw_min alpha sigma sqrt(2/pi) sigma_c^2; rounding up costs dw_min/(alpha sigma)
    assert table_7.update_onset(1e-5, 0.25) == pytest.approx((0.05 * 0.25 / 1e-5 * np.sqrt(np.pi / 2)) ** 0.5, rel=1e-2)
    # a quarter of the variance at 120 %: the onset is at 240 %
    least = table_7.least_noise(table_7.FINE, 1.2)
    assert table_7.update_onset(table_7.FINE, least) == pytest.approx(2.4, rel=1e-6)


@pytest.mark.parametrize(("dw_min", "factor", "finding"), [(table_7.FINE, 2.0, 0), (table_7.COARSE, 0.5, 2)])
def test_a_spoiled_ratio_is_noticed(perfect, dw_min, factor, finding):
    spoiled = perfect.copy(deep=True)
    spoiled["ratio"].loc[{"dw_min": dw_min, "sigma_c": 1.2}] *= factor
    assert verdicts(spoiled)[finding] is False


def test_a_spoiled_floor_is_noticed(perfect):
    spoiled = perfect.copy(deep=True)
    spoiled["value"][0, 0, 0] *= 1.08
    assert verdicts(spoiled)[3] is False


def test_the_figure_draws_with_what_cycle_variation_adds_in_its_title(perfect):
    drawn = figure.draw(perfect)
    drawn.canvas.draw()
    assert "From 10 to 120 % cycle variation adds 2%" in drawn.get_suptitle()
    plt.close(drawn)


def test_a_short_run_is_where_it_is_predicted():
    """Within 5 standard errors (4 numbers, a false alarm in 4e5) plus 5 %."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table_7, "DEPTHS", {"default": (32, 700)})
        for rule in table_7.RULES:
            found = table_7._measured(rule, table_7.COARSE, 1.2, "default")[:2]
            wanted = np.array(table_7.predicted(table_7.expected(rule, table_7.COARSE, 1.2)))[:2]
            assert (abs(found.mean(1) - wanted) <= 5 * found.std(1) / np.sqrt(31) + 0.05 * wanted).all()
