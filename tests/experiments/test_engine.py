"""simulate(): closed forms, the same bits for any chunk, common random numbers, bounds, divergence, bad input."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
import xarray as xr
from analog_theory.experiments.engine import BLOCK, DivergedError, simulate
from analog_theory.experiments.hardware import PulseCap, Smooth
from analog_theory.experiments.pulses import LoneTrains, Pulses, PulseTrain
from analog_theory.experiments.reading import Converters
from analog_theory.experiments.record import Record
from analog_theory.theory.algorithm import AnalogGD, AnalogSGD, DigitalSGD, ResidualLearning, Schedule, TikiTaka
from analog_theory.theory.buffered import ResidualLearningV2
from analog_theory.theory.noise import Gaussian, NoNoise, Rademacher, Rows, SampleSequence
from analog_theory.theory.objective import LeastSquares, Quadratic
from analog_theory.theory.response import exponential, ideal, linear, power

DEVICE = linear(tau=3)
CURVES = Quadratic(np.diag([1.0, 0.5]), [1.0, -0.5])


def _quadratic(dim):
    root = np.random.default_rng(dim).normal(size=(dim, 2 * dim)) / np.sqrt(2 * dim)
    return Quadratic(root @ root.T, np.linspace(-1, 1, dim))


def _least_squares(dim):
    return LeastSquares.gaussian(2 * dim, dim, w_std=0.5, label_noise=0.2, rng=dim, scale=0.5 / dim)


@pytest.mark.parametrize("rule", [DigitalSGD, AnalogSGD, AnalogGD])
def test_without_noise_ideal_elements_converge_at_the_known_rate(rule):
    """(1 - alpha h)^k times the first error, to the rounding of 40 steps."""
    runs = simulate(rule(0.25), CURVES, ideal(), steps=40, start=[2.0, 1.5], record=Record(every=1))
    k = np.arange(41)
    errors = np.array([1.0, 2.0]) * np.stack([0.75**k, 0.875**k], axis=1)
    assert runs.step.values.tolist() == k.tolist()
    assert runs.error2.values[0, :, 0] == pytest.approx((errors**2).sum(-1), rel=1e-12)
    assert runs.loss.values[0, :, 0] == pytest.approx((errors**2 @ [1.0, 0.5]) / 2, rel=1e-12)
    assert runs.gradient_norm2.values[0, :, 0] == pytest.approx(errors**2 @ [1.0, 0.25], rel=1e-12)
    assert runs.final_W.values[0, 0] == pytest.approx(errors[-1] + [1.0, -0.5], rel=1e-12)


def test_residual_learning_by_hand():
    """H = 1, W* = 1, tau = 3, one step from W = 0: g = -1, P = 1/2, then W = 1/4, Wbar = 1/4 + 1/8 = 3/8."""
    problem = Quadratic([[1.0]], [1.0])
    runs = simulate(ResidualLearning(0.5, 0.5, 0.25), problem, DEVICE, steps=1)
    assert (runs.final_P.item(), runs.final_W.item()) == (0.5, 0.25)
    assert runs.loss.values[0, :, 0].tolist() == [0.5, (5 / 8) ** 2 / 2]
    assert runs.error2.values[0, :, 0].tolist() == [1.0, 0.75**2]


@pytest.mark.parametrize("dim", [50, 200])
@pytest.mark.parametrize(
    ("make", "noise"),
    [
        (_quadratic, Gaussian(0.3)),
        (_quadratic, Rademacher(0.3)),
        (_least_squares, Gaussian(0.3)),
        (_least_squares, Rows(2)),
    ],
    ids=["quadratic-gaussian", "quadratic-rademacher", "least-squares-gaussian", "least-squares-rows"],
)
def test_same_bits_for_any_chunk(dim, make, noise):
    """20 seeds, more than one block of rows: chunks of 1, of 7 (across blocks), of all; and 9 seeds on their own."""
    problem, rules = make(dim), [AnalogSGD(0.02), ResidualLearning(0.02, 0.05, 0.4)]
    devices = [DEVICE, power(tau=3, gamma_res=Fraction(1, 2)), exponential(tau=3, gamma_res=2)]

    def run(seeds, chunk):
        record = Record(every=10, average_from=30)
        return simulate(rules, problem, devices, noise=noise, steps=60, seeds=seeds, record=record, rng=4, chunk=chunk)

    assert BLOCK < 20
    together = run(20, 20)
    for alone in [run(20, 1), run(20, 7), run(20, None)]:
        assert alone.identical(together)
    assert run(9, None).identical(together.isel(seed=slice(9)))
    assert float(together.final_W.std("seed").min()) > 0


@pytest.mark.parametrize(
    ("hardware", "device"),
    [
        (PulseTrain(1e-3, 8), linear(3, 0.1)),
        (PulseTrain(1e-4, 200), linear(3, 0.1)),
        ({"W": LoneTrains(1e-3, 31), "P": Pulses(1e-3, sigma_c=0.5)}, linear(3, 0.1)),
        ({"W": LoneTrains(1e-3, 31), "P": Pulses(1e-3, sigma_c=0.5)}, power(3, 2)),
    ],
    ids=["trains", "long trains", "cycle variation", "cycle variation, one by one"],
)
def test_same_bits_for_any_chunk_on_pulses_that_are_read_with_noise(hardware, device):
    """As above, with all that hardware draws."""
    rules = [ResidualLearning(0.1, 0.05, 0.4), ResidualLearningV2(0.1, 0.05, 0.4, 1e-3, Schedule(columns=2))]

    def run(seeds, chunk):
        options = {"hardware": hardware, "reading": Converters(), "rng": 4, "chunk": chunk, "seeds": seeds}
        return simulate(rules, _quadratic(5), device, noise=Gaussian(0.3), steps=5, **options)

    whole = run(20, None)
    for chunk in (1, 7):
        xr.testing.assert_identical(run(20, chunk), whole)
    xr.testing.assert_identical(run(9, None), whole.isel(seed=slice(9)))
    assert len(np.unique(whole["final_W"].values[0, :, 0])) > 10


def test_a_pulsed_run_that_is_not_finite_names_its_step():
    """The objective's slope is 1 at 0 and infinite beyond 2; ideal elements move by 1 a step: step 3 asks for it."""

    class Cliff(Quadratic):
        def gradient(self, W):
            return np.where(W < -2, np.inf, 1.0)

    with pytest.raises(DivergedError) as caught:
        simulate(AnalogSGD(1.0), Cliff([[1.0]], [0.0]), ideal(), steps=9, hardware=Pulses(0.25), record=Record(every=9))
    assert caught.value.step == 3


def test_a_run_starts_as_a_longer_one_does():
    short, long = (
        simulate(AnalogSGD(0.1), CURVES, DEVICE, noise=Gaussian(1.0), steps=n, seeds=3, record=Record(every=10))
        for n in (150, 310)
    )
    assert (short.loss == long.loss.sel(step=short.step)).all()


def test_configurations_share_the_noise_and_do_not_touch_each_other():
    """On ideal elements Analog and Digital SGD are one algorithm; a third beside them changes nothing."""
    shared = {"noise": Gaussian(0.5), "steps": 50, "seeds": 3, "rng": 9}
    both = simulate([AnalogSGD(0.1), DigitalSGD(0.1), TikiTaka(0.1, 0.1)], CURVES, ideal(), **shared)
    analog, digital, _ = both.loss.values
    assert analog == pytest.approx(digital, rel=1e-12)
    assert both.isel(configuration=[0]).loss.equals(simulate(AnalogSGD(0.1), CURVES, ideal(), **shared).loss)
    assert np.isnan(both.final_P.values[:2]).all()
    other = simulate(AnalogSGD(0.1), CURVES, ideal(), **(shared | {"rng": 10}))
    assert not np.array_equal(other.loss.values[0], analog)
    sequence = simulate(AnalogSGD(0.1), CURVES, ideal(), **(shared | {"rng": np.random.SeedSequence(9)}))
    assert np.array_equal(sequence.loss.values[0], analog)


def test_labels_name_algorithm_and_device():
    devices = [DEVICE, {"W": DEVICE, "P": ideal()}]
    runs = simulate([AnalogSGD(0.1), TikiTaka(0.1, 0.2)], CURVES, devices, steps=3)
    assert runs.algorithm.values.tolist() == ["AnalogSGD(alpha=0.1)"] * 2 + ["TikiTaka(alpha=0.1, beta=0.2)"] * 2
    assert runs.device.values[:2].tolist() == [DEVICE.name, f"W: {DEVICE.name}, P: {ideal().name}"]
    assert runs.configuration.values[0] == f"AnalogSGD(alpha=0.1) on {DEVICE.name}"
    assert runs.loss.dims == ("configuration", "step", "seed")
    assert runs.final_W.dims == ("configuration", "seed", "weight")


def test_a_mapping_gives_each_array_its_device():
    """P on ideal elements follows (10) without asymmetry: after one step P = alpha |g| exactly."""
    problem = Quadratic([[1.0]], [1.0])
    start, steps = [2.0], 1
    runs = simulate(TikiTaka(0.5, 0.5), problem, {"P": ideal(), "W": linear(tau=4)}, start=start, steps=steps)
    assert runs.final_P.item() == -0.5
    assert runs.final_W.item() == 2 - 0.25 * (1 + 2 / 4)


def test_time_averages_are_those_of_the_states():
    """Records of every step give the states of one weight: the averages are NumPy's, to rounding."""
    problem = Quadratic([[1.0]], [0.0])
    runs = simulate(
        AnalogSGD(0.1), problem, DEVICE, noise=Gaussian(0.5), steps=200, seeds=4, start=[2.0], record=Record(1, 150)
    )
    size = np.sqrt(runs.error2.values[0, 150:200])
    longer = simulate(AnalogSGD(0.1), problem, DEVICE, noise=Gaussian(0.5), steps=200, seeds=4, start=[2.0])
    assert longer.final_W.equals(runs.final_W)
    assert "mean_W" not in longer
    second_moment = runs.mean_W.values[0, :, 0] ** 2 + runs.var_W.values[0, :, 0]
    assert second_moment == pytest.approx((size**2).mean(0), rel=1e-12)


def test_bounds_stop_count_and_are_reported():
    """W* = 5 beyond ideal elements' range [-1, 1]: from 0, alpha = 0.1 reaches the bound at step 3, then every step.

    0 -> 0.5 -> 0.95 -> 1.355, which stops: 98 of 100 updates of that weight, half of all, for the other never moves.
    """
    box = _Box()
    problem = Quadratic(np.eye(2), [5.0, 0.0])
    runs = simulate(AnalogSGD(0.1), problem, box, steps=100, seeds=2)
    assert runs.final_W.values[0, 0].tolist() == [1.0, 0.0]
    assert runs.bound_fraction.values.tolist() == [[0.49, 0.49]]
    assert runs.attrs["saturated"] == ["AnalogSGD(alpha=0.1) on box"]
    inside = simulate(AnalogSGD(0.1), Quadratic(np.eye(2), [0.5, 0.0]), box, steps=100, seeds=2)
    assert inside.bound_fraction.values.tolist() == [[0.0, 0.0]]
    assert inside.attrs["saturated"] == []


def test_bounds_met_early_only_are_not_saturation():
    """Error factor -1/2 from -3/2: the first update ends at 5/4, beyond the bound, and no other: 1 of 8."""
    runs = simulate(AnalogSGD(1.5), Quadratic([[1.0]], [0.5]), _Box(), steps=8, start=[-1.0])
    assert runs.bound_fraction.item() == 1 / 8
    assert runs.attrs["saturated"] == []


class _ByRow(Quadratic):
    """A quadratic whose gradient depends on the row in a block, as a matrix product's rounding may."""

    def gradient(self, W):
        return super().gradient(W) + 0.01 * np.arange(BLOCK)[:, None]


def test_a_seed_stands_in_the_same_row_of_a_block_in_any_chunk():
    problem = _ByRow([[1.0]], [0.0])
    one, all_seeds = (
        simulate(AnalogSGD(0.1), problem, DEVICE, steps=9, seeds=2 * BLOCK + 3, chunk=chunk) for chunk in (5, None)
    )
    assert one.identical(all_seeds)
    assert np.unique(all_seeds.final_W).size == BLOCK


class _Box:
    """Ideal elements between -1 and 1: all that the engine asks of a device."""

    name, tau_min, tau_max = "box", -1, 1

    def array_functions(self, *names):
        return lambda w: tuple({"F": 1.0, "G": 0.0}[name] for name in names)


@pytest.mark.parametrize("rule", [DigitalSGD, AnalogSGD])
@pytest.mark.parametrize(("every", "step"), [(324, 324), (1000, 645)], ids=["in a record", "between records"])
def test_a_diverging_run_names_configuration_and_step(rule, every, step):
    """Error factor -3 from 1: (3^k)^2 overflows at k = 324 first; the increment 4 3^k at k = 645 first."""
    problem = Quadratic([[1.0]], [0.0])
    with pytest.raises(DivergedError, match=rf"diverged at step={step}: .* smaller rate") as found:
        simulate([rule(0.5), rule(4.0)], problem, ideal(), steps=1000, start=[1.0], record=Record(every=every))
    assert found.value.configuration.startswith(f"{rule.__name__}(alpha=4.0)")
    assert found.value.step == step


def test_a_response_that_is_not_a_number_is_not_silent():
    class Broken(_Box):
        def array_functions(self, *names):
            return lambda w: (np.where(w > 0.4, np.nan, 1.0), 0.0)

    with pytest.raises(DivergedError, match="step=2"):
        simulate(AnalogSGD(0.25), Quadratic([[1.0]], [1.0]), Broken(), steps=10)  # 0, 1/4, 7/16, NaN


def test_exact_parameters_are_simulated_as_floats():
    exact = simulate(AnalogSGD(Fraction(1, 8)), CURVES, DEVICE, steps=5)
    symbolic = simulate(AnalogSGD(sp.Rational(1, 8)), CURVES, DEVICE, steps=5)
    assert (exact.final_W == simulate(AnalogSGD(0.125), CURVES, DEVICE, steps=5).final_W.values).all()
    assert (symbolic.final_W == exact.final_W.values).all()


def test_sample_sequence_moves_one_row_after_another():
    """A = (1; 2), b = 0, tau = 2, alpha = 1/4 from W = 1: down by 1/4 at F + G = 3/2, then by 1 at 1 + 5/16."""
    problem = LeastSquares([[1.0], [2.0]], [0.0, 0.0])
    runs = simulate(AnalogSGD(0.25), problem, linear(tau=2), noise=SampleSequence(), steps=1, start=[1.0])
    first = 1 - 0.25 * 1.5
    assert runs.final_W.item() == first - 1.0 * (1 + first / 2)
    capped = simulate(
        AnalogSGD(0.25), problem, ideal(), noise=SampleSequence(), steps=1, start=[1.0], hardware=PulseCap(1, 0.125)
    )
    assert capped.final_W.item() == 0.75


def test_memory_does_not_grow_with_steps():
    """Peak beyond the result itself: no more for 20 times the steps (NumPy reports its arrays to tracemalloc)."""
    import tracemalloc

    def peak(steps):
        tracemalloc.start()
        simulate(
            AnalogSGD(0.1), _quadratic(20), DEVICE, noise=Gaussian(1.0), steps=steps, seeds=32, record=Record(steps)
        )
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(200)
    assert peak(4000) < 1.1 * peak(200)


def test_progress_ends_at_one():
    seen = []
    simulate(AnalogSGD(0.1), CURVES, DEVICE, noise=Gaussian(1.0), steps=300, seeds=5, chunk=2, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_an_interrupt_passes_through():
    def interrupt(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(AnalogSGD(0.1), CURVES, DEVICE, steps=3, progress=interrupt)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"steps": 0}, r"steps=0: must be an integer >= 1"),
        ({"steps": -3}, r"steps=-3"),
        ({"steps": 2.5}, r"steps=2.5"),
        ({"seeds": 0}, r"seeds=0"),
        ({"chunk": 0}, r"chunk=0"),
        ({"rng": -1}, r"rng=-1"),
        ({"start": [0.0]}, r"start.shape=\(1,\)"),
        ({"start": [0.0, np.nan]}, r"start\[1\]=nan"),
        ({"start": np.zeros((3, 2))}, r"start.shape=\(3, 2\)"),
        ({"start": [0.0, 3.5]}, r"start of W=3.5: must lie in the range \[-3.0, 3.0\]"),
        ({"algorithms": []}, r"at least one of each"),
        ({"algorithms": AnalogSGD(sp.Symbol("a", positive=True))}, r"must have numbers as parameters"),
        ({"algorithms": [AnalogSGD(0.1)] * 2}, r"must differ"),
        ({"devices": {"W": DEVICE}, "algorithms": TikiTaka(0.1, 0.1)}, r"\['P'\] missing"),
        ({"hardware": {"P": Smooth()}}, r"hardware=\['P'\]: .*\['W'\] missing"),
        ({"noise": Rows()}, r"needs an objective with rows"),
        ({"noise": Gaussian([1.0, 1.0, 1.0])}, r"std.shape=\(3,\)"),
        ({"record": Record(average_from=10)}, r"average_from=10: must be < steps=10"),
    ],
)
def test_bad_input_is_rejected_before_any_work(changes, says):
    def no_work(_):
        raise AssertionError("work was done")

    given = {"algorithms": AnalogSGD(0.1), "problem": CURVES, "devices": DEVICE, "steps": 10, "noise": NoNoise()}
    with pytest.raises(ValueError, match=says):
        simulate(**(given | changes), progress=no_work)


@pytest.mark.parametrize(
    ("build", "says"), [(lambda: Record(0), "every=0"), (lambda: Record(1, -1), "average_from=-1")]
)
def test_records_out_of_range_are_rejected(build, says):
    with pytest.raises(ValueError, match=says):
        build()
