"""The errors of Theorem 4: constants by hand for the linear response, and measurements that a wrong one would fail."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from analog_theory.experiments.paper import theorem_4
from analog_theory.figures import theorem_4 as picture
from analog_theory.theory.pulses import affine_flow

LINEAR = theorem_4.CASES[0]


@pytest.fixture(scope="module")
def ds() -> theorem_4.xr.Dataset:
    return theorem_4.data()


def test_the_linear_case_by_hand() -> None:
    # q_+ = 1.2 (1 - w/2), q_+' = -0.6
    q, slope = LINEAR.with_slope(np.array([0.0, 1.0]))
    np.testing.assert_allclose(q, [1.2, 0.6], rtol=1e-15)
    assert slope == pytest.approx(-0.6, rel=1e-15)
    # two pulses of 1/4 from 0: 0.3, then 0.3 + 0.3 * 0.85
    assert float(theorem_4.fired(0.0, LINEAR, 0.5, 0.25)) == pytest.approx(0.555, rel=1e-14)
    assert float(theorem_4.fired(0.0, LINEAR, 0.5, 0.25, cap=1)) == pytest.approx(0.3, rel=1e-14)


def test_runge_kutta_is_the_closed_form_where_there_is_one() -> None:
    starts = np.array([-0.5, 0.0, 0.5])
    exact = [float(affine_flow(LINEAR.device.q_plus, w, 1, 0.5)) for w in starts]
    # 256 steps of a fourth-order method on 1/2: below 1e-13
    np.testing.assert_allclose(theorem_4.limit(starts, LINEAR, 0.5), exact, rtol=0, atol=1e-13)


def test_curvature_of_the_linear_case_by_hand(ds: theorem_4.xr.Dataset) -> None:
    # pulses on 1 - w/2: (1 - 0.6 dw_min)^BL contracts 2 - w; the leading term is q q' dw^2 (1 - dw)/2
    dw = float(ds["step"][-1])
    rng = np.random.default_rng(np.random.SeedSequence(4).spawn(3)[0])
    theorem_4.granularity(LINEAR, rng)
    starts = rng.uniform(-0.5, 0.5, theorem_4.STARTS)
    ends = 2 - (2 - starts) * (1 - 0.6 * dw**2) ** round(1 / dw)
    by_hand = ends - starts - dw * 1.2 * (1 - starts / 2)
    measured = ds["curvature"].isel(case=0, step=-1)
    # differences of numbers of order 1 after 512 additions
    np.testing.assert_allclose(measured, by_hand, rtol=0, atol=512 * 2**-53)
    leading = -0.36 * (1 - starts / 2) * dw**2 * (1 - dw)
    np.testing.assert_allclose(by_hand, leading, rtol=2 * dw)
    np.testing.assert_allclose(ds["curvature_predicted"].isel(case=0, step=-1), leading, rtol=1e-12)


def test_granularity_of_the_linear_case_by_hand(ds: theorem_4.xr.Dataset) -> None:
    # rounding by half a pulse on q(end) less half of dw_min q(end) log(q(end)/q(w)) = q(end) (1 + 0.6 dw) dw_min/2
    grain, dw = float(ds["grain"][-1]), theorem_4.DW
    rng = np.random.default_rng(np.random.SeedSequence(4).spawn(3)[0])
    starts = rng.uniform(-0.5, 0.5, theorem_4.STARTS)
    q_end = 1.2 * (1 - starts / 2) * np.exp(-0.6 * dw)
    by_hand = grain / 2 * q_end * (1 + 0.6 * dw)
    np.testing.assert_allclose(ds["granularity_predicted"].isel(case=0, grain=-1), by_hand, rtol=1e-12)
    # each stratum of 1/32 is drawn at random within: the mean of 32 is off by at most 1/64 of a pulse
    np.testing.assert_allclose(ds["granularity"].isel(case=0, grain=-1), by_hand, rtol=2 / 64 + grain)


@pytest.mark.parametrize("name", ["grain", "step"])
def test_noise_of_the_linear_case_by_hand(ds: theorem_4.xr.Dataset, name: str) -> None:
    along = {
        "grain": [(theorem_4.NOISE_DW, grain) for grain in theorem_4.NOISE_GRAINS],
        "step": [(dw, theorem_4.NOISE_GRAIN) for dw in theorem_4.NOISE_STEPS],
    }
    exact = np.array([_exact_variance(*sizes) for sizes in along[name]])
    part = ds.isel(case=0)
    # the order after the next is (0.6 dw)^2, at most 1e-3 here
    np.testing.assert_allclose(part[f"noise_{name}_predicted"], exact, rtol=(0.6 * theorem_4.NOISE_DW) ** 2)
    # 99 % intervals by half wider: 99.97 % each, so that one of the twelve misses in 4 runs of a thousand
    assert (abs(part[f"noise_{name}_measured"] - exact) <= 1.5 * part[f"noise_{name}_half"]).all()


def _exact_variance(dw: float, grain: float) -> float:
    """sigma_c^2 dw_min^2 times the sum of the squared contractions of the later pulses."""
    return sum((0.5 * grain * (1 - 0.6 * grain) ** t) ** 2 for t in range(round(dw / grain)))


def test_everything_agrees_and_is_the_same_every_time(ds: theorem_4.xr.Dataset) -> None:
    assert all(finding.agrees for finding in theorem_4.findings(ds))
    assert theorem_4.data().identical(ds)


@pytest.mark.parametrize(
    ("name", "size", "power", "finding"),
    [("granularity", "grain", 0.2, 1), ("curvature", "step", -0.2, 2)],
)
def test_another_order_is_noticed(ds: theorem_4.xr.Dataset, name: str, size: str, power: float, finding: int) -> None:
    bent = ds.copy(deep=True)
    for k in range(ds.sizes["case"]):
        errors = (ds[name].isel(case=k) * ds[size] ** power).values
        bent[f"{name}_slope"][k] = list(theorem_4._slopes(ds[size].values.tolist(), errors))
    assert theorem_4.findings(bent)[finding].agrees is False


@pytest.mark.parametrize(("name", "finding"), [("granularity", 1), ("curvature", 2)])
def test_another_constant_is_noticed(ds: theorem_4.xr.Dataset, name: str, finding: int) -> None:
    bent = ds.assign({f"{name}_predicted": 1.1 * ds[f"{name}_predicted"]})
    assert theorem_4.findings(bent)[finding].agrees is False


@pytest.mark.parametrize(("name", "finding"), [("grain", 3), ("step", 4)])
def test_another_order_of_noise_is_noticed(ds: theorem_4.xr.Dataset, name: str, finding: int) -> None:
    bent = ds.assign({f"noise_{name}_slope": ds[f"noise_{name}_slope"] * 1.2})
    assert theorem_4.findings(bent)[finding].agrees is False


def test_a_cap_makes_the_error_grow_by_what_it_leaves_out(ds: theorem_4.xr.Dataset) -> None:
    # dw = 2^-9, dw_min = 2^-18: 512 pulses wanted, 8 sent: 504/8 too much, on a response that 8 pulses do not change
    last = ds["relative"].isel(case=0, step=-1)
    assert float(last.sel(cap="8")) == pytest.approx(63, rel=1e-3)
    assert theorem_4.beyond_the_cap("8", [2.0**-9, 2.0**-2]).tolist() == [63.0, 0.0]
    # without a cap |q'| dw/2 = 0.3 dw
    assert float(last.sel(cap="none")) == pytest.approx(0.3 / 512, rel=4 / 512)


def test_the_figure_draws(ds: theorem_4.xr.Dataset) -> None:
    figure = picture.draw(ds)
    figure.canvas.draw()
    assert "63 times" in figure.get_suptitle()
    plt.close(figure)
