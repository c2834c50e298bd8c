"""residual-bias and residual-v2-bias held against simulation, and wrong laws that the same simulation turns down."""

from math import sqrt

import numpy as np
import pytest
from analog_theory.experiments.laws import Held, held
from analog_theory.experiments.laws.residual_bias import Effort, simulated
from analog_theory.theory.laws import law
from analog_theory.theory.laws.residual_bias import setting

INPUTS = law("residual-bias").inputs({})
QUICK = Effort(chains=400, shortest=6_000, longest=6_000)


@pytest.fixture(scope="module")
def measured():
    return simulated(setting(INPUTS), 0, QUICK)


def test_the_law_is_inside_and_the_intervals_are_sharp(measured):
    predicted = law("residual-bias").predict().values
    for name, interval in measured.items():
        one = Held(predicted[name], interval)
        assert one.inside, name
        assert one.sharp, name


@pytest.mark.parametrize(
    "wrong",
    [lambda v: 1.1 * v, lambda v: -v, lambda v: v * sqrt(INPUTS["alpha"]), lambda v: v / sqrt(INPUTS["alpha"])],
    ids=["constant", "sign", "alpha instead of its root", "no alpha"],
)
def test_wrong_laws_are_turned_down(measured, wrong):
    predicted = law("residual-bias").predict().values
    assert not any(Held(wrong(predicted[name]), interval).inside for name, interval in measured.items())


def _drawn(name: str, count: int) -> list[dict[str, float]]:
    """Points that the law is valid at: fifteen at large, five near an edge (w* at 95 % of the range, fast transfer)."""
    rng, found = np.random.default_rng(2502), []
    while len(found) < count:
        near = len(found) >= count - 5
        given = {
            "h": rng.uniform(0.5, 2),
            "w_star": rng.choice([-1, 1]) * (0.95 if near else rng.uniform(0.1, 0.8)),
            "sigma": rng.uniform(0.1, 0.3),
            "gamma": rng.uniform(0.3, 1),
            "alpha": rng.uniform(0.02, 0.08),
        }
        given["beta"] = given["alpha"] * (rng.uniform(0.5, 1) if near else rng.uniform(0.05, 0.4))
        if name == "residual-v2-bias":
            given["buffer"] = given["alpha"] * (rng.uniform(4, 8) if near else rng.uniform(1, 4))
        if law(name).predict(**given).valid:
            found.append({key: float(value) for key, value in given.items()})
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", ["residual-bias", "residual-v2-bias"])
def test_at_twenty_drawn_points(name):
    """Seeded. Each point is held at 99 %, so that of twenty right ones two or more are outside in 1.7 % of seeds."""
    outside = []
    for k, given in enumerate(_drawn(name, 20)):
        one = law(name)
        inputs = one.inputs(given)
        found = held(name, one.predicts(inputs), inputs, seed=k)
        assert all(value.sharp for value in found.values()), given
        if not all(value.inside for value in found.values()):
            outside.append((given, found))
    assert len(outside) <= 1, outside
