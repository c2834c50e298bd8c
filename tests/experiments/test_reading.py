"""Readings through converters, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from analog_theory.experiments.draws import Draws
from analog_theory.experiments.reading import Converters, Exact, converted


def draws(rows: int = 1) -> Draws:
    children = [np.random.SeedSequence(3, spawn_key=(i,)) for i in range(rows)]
    generators = [np.random.Generator(np.random.SFC64(child)) for child in children]
    return Draws(lambda: generators, slice(0, rows), rows)


def test_a_converter_rounds_to_its_step_and_is_cut_at_its_bound():
    """Bound 6 and 3 bits: 6 steps of 2 from bound to bound."""
    found = converted(np.array([0.9, 1.1, -2.9, -3.1, 100.0, -7.0]), 6.0, 3)
    assert found.tolist() == [0.0, 2.0, -2.0, -4.0, 6.0, -6.0]
    assert converted(np.array([0.123, 7.0]), 6.0, None).tolist() == [0.123, 6.0]


def test_the_papers_converters_have_the_steps_of_table_4():
    """9 bits to 12: 24/510; 7 bits to 1: 2/126."""
    table = Converters(out_noise=0.0)
    assert table.product(np.ones(1), np.array([0.1]), 0.0, 0.0) == pytest.approx(2 * 24 / 510)
    assert converted(np.array([0.02]), table.in_bound, table.dac_bits).item() == pytest.approx(2 / 126)


def test_a_product_by_hand():
    """DAC of 2 steps to 1 makes (0.3, 0.8, 3) into (0, 1, 1); 1 * 2 + 1 * 0.5 + noise 0.25 * 2 = 3."""
    io = Converters(out_noise=0.25, out_bound=math.inf, adc_bits=None, dac_bits=2)
    assert io.product(np.array([0.3, 0.8, 3.0]), np.array([7.0, 2.0, 0.5]), 0.0, 2.0) == 3.0


def test_noise_has_the_stated_spread_and_each_entry_its_own():
    """Input noise multiplies a column: std 0.5 * 2, with output noise 0.75 together 1.25. 6 sigma in 50 000: 2e-9."""
    read = Converters(out_noise=0.75, in_noise=0.5, out_bound=math.inf, adc_bits=None).reader(draws())
    found = read(np.full((1, 50_000), 2.0)).ravel()
    assert found.mean() == pytest.approx(2.0, abs=6 * 1.25 / np.sqrt(found.size))
    assert found.std() == pytest.approx(1.25, rel=6 / np.sqrt(2 * found.size))


def test_without_noise_a_fine_reading_is_exact_and_keeps_the_shape():
    values = np.random.default_rng(0).normal(size=(2, 1, 3))
    io = Converters(out_noise=0.0, adc_bits=None, dac_bits=None)
    assert io.reader(draws(2))(values) == pytest.approx(values)
    assert Exact().reader(draws())(values) is values


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: Converters(out_noise=-0.1), "out_noise=-0.1: must be >= 0"),
        (lambda: Converters(adc_bits=1), "adc_bits=1: must be an integer >= 2"),
        (lambda: Converters(out_bound=math.inf), "out_bound=inf: must be > 0"),
        (lambda: Converters(in_bound=0.0, dac_bits=None), "in_bound=0.0: must be > 0"),
    ],
)
def test_parameters_out_of_range_are_rejected(build, says):
    with pytest.raises(ValueError, match=says):
        build()
