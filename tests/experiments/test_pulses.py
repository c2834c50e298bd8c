"""Pulses by hand, against exact laws, and against a peer's measurements of single updates."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from analog_theory.experiments.draws import Draws
from analog_theory.experiments.elements import Elements
from analog_theory.experiments.hardware import Bounds, PulseCap
from analog_theory.experiments.kernels import sfc64
from analog_theory.experiments.paper.peer import single_updates
from analog_theory.experiments.pulses import LoneTrains, Pulses, PulseTrain, RoundedTrains, crossings, rank_one
from analog_theory.theory.response import ideal, linear, power
from scipy import stats

PEER = single_updates()
TRIALS = 20_000


def draws(rows: int = 1, first: int = 0, total: int | None = None, seed: int = 5) -> Draws:
    """The draws of `rows` seeds, in rows from `first` on of `total`."""
    children = [np.random.SeedSequence(seed, spawn_key=(i,)) for i in range(rows)]
    generators = [np.random.Generator(np.random.SFC64(child)) for child in children]
    return Draws(lambda: generators, slice(first, first + rows), first + rows if total is None else total)


def bounds(low=-np.inf, high=np.inf, rows=1) -> Bounds:
    return Bounds(low, high, np.zeros(rows, dtype=np.int64))


class Hidden:
    """A device that does not tell that its responses are affine, so that its pulses are fired one by one."""

    def __init__(self, device) -> None:
        self.array_functions = device.array_functions


# Counting and composing


@pytest.mark.parametrize(
    ("dw", "expected"),
    [(0.0, 0), (0.4, 4), (-0.31, -4), (0.301, 4), (0.1, 1), (1e-9, 1), (7.0, 8), (-9.0, -8), (0.7, 7)],
)
def test_pulses_are_counted_up_and_capped(dw, expected):
    """0.7 / 0.1 is 6.999..., and 3 * 0.1 / 0.1 is 3.0000000000000004: rounding fires no pulse more."""
    assert Pulses(0.1, bl_max=8).pulses(np.array([[[dw]]])).tolist() == [[[expected]]]
    assert Pulses(0.1).pulses(np.array([[[3 * 0.1]]])).tolist() == [[[3]]]


def test_pulses_compose_by_hand_in_fractions():
    """Linear, tau = 2, dw_min = 1/4: each pulse up adds (1 - w/2)/4, each down takes (1 + w/2)/4."""
    w = Fraction(1, 2)
    for sign in (1, 1, 1, -1, -1):
        w += Fraction(sign, 4) * (1 - sign * w / 2)
    update = Pulses(0.25).update(linear(2), bounds(-2.0, 2.0))
    after = update(np.array([[0.5]]), [np.array([[0.75]]), np.array([[-0.5]])])
    assert after.item() == pytest.approx(float(w), rel=1e-14)


def test_one_by_one_is_the_closed_form():
    same = Elements(linear, {"tau": np.full(3, 2.0), "c_lin": np.full(3, 0.25)})
    w, increments = np.array([[0.5, -1.0, 1.9]]), [np.array([[0.8, -0.33, 0.7]]), np.array([[-0.1, 0.5, 0.9]])]
    ways = [
        Pulses(0.05).update(device, bounds(-2.0, 2.0))(w, increments)
        for device in (linear(2, 0.25), same, Hidden(linear(2, 0.25)))
    ]
    np.testing.assert_allclose(ways[1:], [ways[0]] * 2, rtol=1e-13)


def test_a_pulse_meets_the_response_that_the_one_before_left():
    """(1 - w/2)^2 at dw_min = 1/2, from 0: 1/2, then 1/2 + (3/4)^2 / 2 = 25/32."""
    after = Pulses(0.5).update(power(2, 2), bounds(-2.0, 2.0))(np.array([[0.0]]), [np.array([[1.0]])])
    assert after.item() == pytest.approx(25 / 32, rel=1e-14)


@pytest.mark.parametrize("device", [ideal(), Hidden(ideal())], ids=["closed form", "one by one"])
def test_pulses_stop_at_the_bound_and_are_counted(device):
    limits = bounds(-1.0, 1.0, rows=2)
    after = Pulses(0.25).update(device, limits)(
        np.array([[0.9, 0.0], [0.0, 0.0]]), [np.array([[0.5, 0.5], [0.0, -9.0]])]
    )
    assert (after[0, 0], after[1, 1], limits.stopped.tolist(), limits.applied) == (1.0, -1.0, [1, 1], 1)


def test_elements_use_their_own_parameters():
    """tau = 1 and 2 at w = 1/2, one pulse of 1/4 up: 1/2 + 1/8 and 1/2 + 3/16."""
    array = Elements(linear, {"tau": np.array([1.0, 2.0])})
    limits = bounds(array.tau_min, array.tau_max)
    after = Pulses(0.25).update(array, limits)(np.array([[0.5, 0.5]]), [np.array([[0.25, 0.25]])])
    np.testing.assert_allclose(after, [[0.625, 0.6875]], rtol=1e-14)


@pytest.mark.parametrize("device", [ideal(), Hidden(ideal())], ids=["affine", "one by one"])
def test_cycle_variation_has_the_variance_of_26(device):
    """Responses of 1: n pulses add n dw_min and n (dw_min sigma_c)^2 of variance. 6 sigma in 40 000 draws: 2e-9."""
    w = np.zeros((1, 40_000))
    after = Pulses(0.1, sigma_c=0.5).update(device, bounds(), draws())(w, [np.full_like(w, 0.4)]).ravel()
    variance = 4 * (0.1 * 0.5) ** 2
    assert after.mean() == pytest.approx(0.4, abs=6 * np.sqrt(variance / w.size))
    assert after.var() == pytest.approx(variance, rel=6 * np.sqrt(2 / w.size))


@pytest.mark.parametrize("device", [linear(1), Hidden(linear(1))], ids=["affine", "one by one"])
def test_noise_meets_the_response_pulse_after_pulse(device):
    """tau = 1, dw_min = 1/2, two pulses up from 0: w -> w/2 + 1/2 + noise, twice: mean 3/4, variance (1 + 1/4) s^2."""
    w, s = np.zeros((1, 40_000)), 0.5 * 0.1
    after = Pulses(0.5, sigma_c=0.1).update(device, bounds(), draws())(w, [np.ones_like(w)]).ravel()
    assert after.mean() == pytest.approx(0.75, abs=6 * s * np.sqrt(1.25 / w.size))
    assert after.var() == pytest.approx(1.25 * s**2, rel=6 * np.sqrt(2 / w.size))


# Trains


def _pulse_law(slots: int, p: float, hardware, dw, which: int = 0):
    """Chi-square of the pulse numbers of one weight against a binomial, cells of at least five expected."""
    found = abs(hardware.pulses(np.broadcast_to(dw, (1, TRIALS, len(dw))).copy(), draws())[0, :, which])
    expected = stats.binom.pmf(np.arange(slots + 1), slots, p) * TRIALS
    seen = np.bincount(found, minlength=slots + 1)
    keep = expected >= 5
    cells = np.append(expected[keep], expected[~keep].sum()), np.append(seen[keep], seen[~keep].sum())
    last = slice(None) if cells[0][-1] > 1e-9 else slice(-1)
    return stats.chisquare(cells[1][last], cells[0][last]).pvalue


@pytest.mark.parametrize("bl_max", [8, 31, 100])
@pytest.mark.parametrize("k", [0.3, 2.3, 7.9, 20.0, 250.0])
def test_a_train_is_binomial(bl_max, k):
    """Slots min(ceil(k), bl_max), probability of both bits min(k / BL, 1) |dw_j| / max: written out anew, by hand.

    15 seeded tests of two weights at 1e-4: a false alarm in 3 of 1000 seeds.
    """
    slots = min(int(np.ceil(k)), bl_max)
    dw = np.array([-k, 0.4 * k]) * 0.01
    for which, share in enumerate((1.0, 0.4)):
        p = min(k / slots, 1.0) * share
        assert p == 1.0 or _pulse_law(slots, p, PulseTrain(0.01, bl_max), dw, which) > 1e-4


@pytest.mark.parametrize("kind", [PulseTrain, LoneTrains])
def test_certain_and_impossible_pulses(kind):
    """An increment of 0 fires nothing, one beyond the cap all slots of the largest column."""
    found = kind(0.01, 8).pulses(np.tile([5.0, 0.0], (1, 1000, 1)), draws())
    assert (found[..., 0] == 8).all()
    assert not found[..., 1].any()


def test_the_row_bit_is_shared_and_without_it_the_pulses_would_not_vary_together():
    """By hand, k = 2.3, BL = 3, both probabilities p = sqrt(2.3/3): three slots have covariance 3 p^3 (1 - p).

    Its standard error over 20 000 draws is below 0.01, and so is that of independent weights about 0: six of them.
    """
    dw = np.tile([0.023, 0.023], (1, TRIALS, 1))
    p = np.sqrt(2.3 / 3)
    shared, alone = (np.cov(kind(0.01, 8).pulses(dw, draws())[0].T)[0, 1] for kind in (PulseTrain, LoneTrains))
    assert shared == pytest.approx(3 * p**3 * (1 - p), abs=0.06)
    assert alone == pytest.approx(0, abs=0.06)
    assert 3 * p**3 * (1 - p) > 2 * 0.06


def test_the_cap_is_the_mean_of_a_train():
    """`PulseCap` against the mean of 20 000 trains: 6 standard errors of at most sqrt(2)/141 pulses."""
    dw = np.array([0.12, -0.03, 0.0, 0.05])
    mean = PulseTrain(0.01, 8).pulses(np.tile(dw, (1, TRIALS, 1)), draws())[0].mean(0) * 0.01
    np.testing.assert_allclose(mean, PulseCap(8, 0.01).capped(dw), atol=6 * 0.01 * np.sqrt(2 / TRIALS))


def test_rank_one_has_the_quadrants_signs_and_the_means_of_a_train():
    """Two rows, three columns, k = 4 x 2 / 1 = 8 of at most 16 slots: mean pulses |x_j d_i| / dw_min; 4000 repeats."""
    x, d = np.array([4.0, -1.0, 0.0]), np.array([2.0, -1.0])
    rng = np.random.default_rng(3)
    found = np.array([rank_one(x, d, dw_min=1.0, bl_max=16, rng=rng) for _ in range(4000)])
    np.testing.assert_allclose(found.mean(0), np.outer(d, x), atol=6 * np.sqrt(2 / 4000))
    assert not rank_one(0 * x, d, dw_min=1.0, bl_max=16, rng=rng).any()


def test_trains_cross_where_both_fire_and_are_shared():
    """Certain rows and columns meet in every slot; a row of its own bits meets two equal columns of p = 1 alike."""
    found = crossings([1.0, 0.0, 0.5], [1.0, 1.0, 0.0], slots=9, rng=np.random.default_rng(1))
    assert found[:2].tolist() == [[9, 9, 0], [0, 0, 0]]
    assert found[2, 0] == found[2, 1] not in (0, 9)


# The peer's single updates


def _stochastic(managed: str):
    return [
        row for row in PEER if row["pulse_type"] == "stochastic_compressed" and row["update_bl_management"] == managed
    ]


def _moved(kind, row, trials: int) -> np.ndarray:
    """Changes of one weight in `trials` updates, the largest of the columns beside it being |dw| / x_rel."""
    number = {name: float(value) for name, value in row.items() if name != "pulse_type"}
    hardware = kind(number["dw_min"], int(number["desired_bl"]), managed=number["update_bl_management"] == 1)
    dw = number["dw_over_dwmin"] * number["dw_min"] * np.array([1.0, 1.0 / number["x_rel"]])
    pulses = hardware.pulses(
        np.tile(dw, (1, trials, 1)),
        draws(seed=int(1000 * abs(number["dw_over_dwmin"]) + 10 * number["w0_over_tau"] + 50)),
    )[0, :, 0]
    w0, tau, h = number["w0_over_tau"] * number["tau"], number["tau"], number["dw_min"]
    w = np.full(trials, w0)
    for pulse in range(int(abs(pulses).max(initial=0))):
        w += np.where(abs(pulses) > pulse, np.sign(pulses) * h * (1 - np.sign(pulses) * w / tau), 0.0)
    return w - w0


def _z(row) -> tuple[float, float]:
    """Differences of means and of standard deviations in their standard errors; single precision adds 1e-6.

    Where the pulses are certain, the peer's single precision may still miss one in all trials.
    """
    ours = _moved(PulseTrain, row, TRIALS)
    n, mean, std = float(row["n_trials"]), float(row["mean_change"]), float(row["std_change"])
    kurtosis = stats.kurtosis(ours, fisher=False) if ours.std() > 1e-9 else 1.0
    of_mean = np.sqrt(ours.var() / TRIALS + std**2 / n) + 1e-6
    of_std = ours.std() * np.sqrt(max(kurtosis - 1, 0.0) / 4 * (1 / TRIALS + 1 / n)) + 1e-6
    if ours.std() < 1e-9:
        of_std += 2 * float(row["dw_min"]) / np.sqrt(n)
    return (ours.mean() - mean) / of_mean, (ours.std() - std) / of_std


def test_single_updates_have_the_peers_means_and_managed_ones_its_standard_deviations():
    """240 means and 120 standard deviations at a family-wise error of 1 % (Bonferroni)."""
    limit = stats.norm.isf(0.01 / 2 / 360)
    managed, free = ([_z(row) for row in _stochastic(managed)] for managed in ("1", "0"))
    assert len(managed) == len(free) == 120
    assert max(abs(mean) for mean, _ in (*managed, *free)) < limit
    assert max(abs(std) for _, std in managed) < limit


def test_without_the_cap_the_single_updates_would_not_agree():
    row = next(r for r in _stochastic("1") if r["dw_over_dwmin"] == "60.0")
    z, _ = _z(dict(row, desired_bl="64"))
    assert abs(z) > 10


def test_deterministic_updates_agree_to_single_precision():
    """A pulse rounds w, below 1, to 2^-24 of it; up to 31 of them, and the difference once more."""
    rows = [row for row in PEER if row["pulse_type"] == "deterministic_implicit"]
    assert len(rows) == 240
    for row in rows:
        assert _moved(RoundedTrains, row, 1).item() == pytest.approx(float(row["mean_change"]), abs=33 * 2.0**-24)


# Streams


def test_words_are_numpys():
    """Two rows of two lanes, in two calls: each lane has the words of its own seed."""
    seeds = np.array([[7, 8], [9, 10]])
    states = np.empty((2, 4, 2), np.uint64)
    for row, lane in np.ndindex(2, 2):
        states[row, :, lane] = np.random.SFC64(seeds[row, lane]).state["state"]["state"]
    first, second = np.empty((2, 60, 2), np.uint64), np.empty((2, 40, 2), np.uint64)
    sfc64(states, first)
    sfc64(states, second)
    for row, lane in np.ndindex(2, 2):
        words = [*first[row, :, lane], *second[row, :, lane]]
        assert words == np.random.SFC64(seeds[row, lane]).random_raw(100).tolist()


@pytest.mark.parametrize("kind", [PulseTrain(0.01, 8), PulseTrain(0.01, 100), LoneTrains(0.01, 31)], ids=repr)
def test_a_seeds_pulses_do_not_depend_on_the_seeds_beside_it(kind):
    dw = np.random.default_rng(0).normal(size=(3, 7, 5)) * 0.05
    together = kind.pulses(dw, draws(rows=3))
    generator = np.random.Generator(np.random.SFC64(np.random.SeedSequence(5, spawn_key=(1,))))
    alone = kind.pulses(dw[1:2].repeat(4, 0), Draws(lambda: [generator], slice(2, 3), 4))
    assert alone[2].tolist() == together[1].tolist()


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: Pulses(0.0), "dw_min=0.0: must be > 0"),
        (lambda: PulseTrain(-1e-3, 8), "dw_min=-0.001: must be > 0"),
        (lambda: PulseTrain(1e-3, 0), "bl_max=0: must be an integer >= 1"),
        (lambda: LoneTrains(1e-3, 2.5), "bl_max=2.5: must be an integer >= 1"),
        (lambda: Pulses(1e-3, sigma_c=-0.1), "sigma_c=-0.1: must be >= 0"),
        (lambda: RoundedTrains(float("nan"), 8), "dw_min=nan: must be > 0"),
        (lambda: crossings([0.5, 1.5], [0.1], slots=3, rng=None), r"p_rows\[1\]=1.5: must lie in \[0, 1\]"),
        (lambda: crossings([0.5], [-0.1], slots=3, rng=np.random.default_rng(0)), r"p_columns\[0\]=-0.1"),
        (lambda: rank_one(np.ones(2), np.ones(1), dw_min=0, bl_max=1, rng=None), "dw_min=0: must be > 0"),
    ],
)
def test_parameters_out_of_range_are_rejected(build, says):
    with pytest.raises(ValueError, match=says):
        build()


def test_an_increment_that_is_not_a_number_is_an_error():
    with pytest.raises(FloatingPointError):
        Pulses(0.1).update(ideal(), bounds())(np.zeros((1, 2)), [np.array([[np.nan, 0.0]])])
