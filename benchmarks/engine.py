"""The engine's time per weight and step as a ratio to the floor measured in the same run.

The floor is what no simulation of these steps can do without: the gradient's matrix product on the engine's own shapes
for every configuration, drawing the noise once for all of them, and one pass of each transcendental function that the
device needs (one exponential, two powers, none for the linear device). Engine and floor take turns, and the ratio is
the median over turns, so that a machine that is busy with other things slows both; times are processor times.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from analog_theory.experiments.engine import BLOCK, Record, simulate
from analog_theory.experiments.hardware import Bounds
from analog_theory.experiments.record import curves
from analog_theory.theory.algorithm import AnalogSGD, Single, analog_update
from analog_theory.theory.noise import Gaussian, GradientOracle
from analog_theory.theory.objective import LeastSquares, Quadratic
from analog_theory.theory.response import ResponseFunction, exponential, linear, power
from threadpoolctl import threadpool_limits

DIM, SEEDS, NOISE_STEPS = 50, 960, 40  # the chunk and the block of noise that the engine chooses for itself
EVERY = 50  # what a run of 10 000 steps records by default
STEPS = {1: 2000, 16: 400}  # enough to make the set-up of a run small
GOALS = {1: 1.8, 16: 2.2}
DEVICES: dict[str, tuple[ResponseFunction, Callable[[Any], Any]]] = {
    "linear": (linear(tau=3.5), lambda _: None),
    "power": (power(tau=3.5, gamma_res=0.7), lambda W: (W**0.7, W**0.7)),
    "exponential": (exponential(tau=3.5, gamma_res=2), np.exp),
}


def problem() -> Quadratic:
    data = LeastSquares.gaussian(rows=100, dim=DIM, w_std=0.5, scale=1 / 100, rng=42)
    return Quadratic(data.H, data.minimizer)


def seconds(work: Callable[[], Any]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def repeat(work: Callable[[], Any], times: int = 100) -> None:
    for _ in range(times):
        work()


def engine(device: ResponseFunction, configurations: int) -> Callable[[], Any]:
    rules = [AnalogSGD(alpha=0.05 + 0.001 * c) for c in range(configurations)]
    goal = problem()
    return lambda: simulate(
        rules, goal, device, noise=Gaussian(1.0), steps=STEPS[configurations], seeds=SEEDS, record=Record(every=EVERY)
    )


def floor(transcendental: Callable[[Any], Any], configurations: int) -> Callable[[], Any]:
    H, W = problem().H, np.full((SEEDS // BLOCK, BLOCK, DIM), 0.5)
    generators = [np.random.Generator(np.random.SFC64(seed)) for seed in range(SEEDS)]

    def work() -> None:
        for _ in range(0, STEPS[configurations], NOISE_STEPS):
            for generator in generators:
                generator.standard_normal((NOISE_STEPS, DIM))
            for _ in range(configurations * NOISE_STEPS):
                W @ H
                transcendental(W)

    return work


def ratio(name: str, configurations: int, turns: int) -> tuple[float, float, float]:
    """Median ratio, engine and floor in nanoseconds per weight, step and configuration."""
    device, transcendental = DEVICES[name]
    run, least = engine(device, configurations), floor(transcendental, configurations)
    with threadpool_limits(1):
        run()
        times = [(seconds(run), seconds(least)) for _ in range(turns)]
    per = 1e9 / (STEPS[configurations] * SEEDS * DIM * configurations)
    engines, floors = (per * statistics.median(column) for column in zip(*times, strict=True))
    return statistics.median(e / f for e, f in times), engines, floors


def parts(name: str, configurations: int) -> Iterator[tuple[str, float]]:
    """What the pieces of a step cost by themselves, on the engine's shapes, in the same unit."""
    device, goal, rng = DEVICES[name][0], problem(), np.random.Generator(np.random.SFC64(0))
    response, noise = device.array_functions("F", "G"), Gaussian(1.0)
    W = rng.normal(0, 0.3, (SEEDS // BLOCK, BLOCK, DIM))
    xi, dw, bounds = rng.normal(size=W.shape), 0.05 * W, Bounds(-3.5, 3.5, np.zeros(W.shape[:-1], dtype=np.int64))
    F, G = response(W)
    pieces: dict[str, tuple[Callable[[], Any], float]] = {
        "matrix product": (lambda: W @ goal.H, 1),
        "rest of the gradient": (lambda: [-0.05 * g for g in GradientOracle(goal, noise, xi).sample(W)], 1),
        "noise": (lambda: noise.draw(rng, NOISE_STEPS, goal), SEEDS / NOISE_STEPS / configurations),
        "response": (lambda: response(W), 1),
        "update": (lambda: analog_update(W, dw, F, G), 1),
        "bounds": (lambda: bounds.stop(W), 1),
        "recording": (lambda: curves(goal, Single(W), W), 1 / EVERY),
    }
    costs = {}
    for piece, (work, times) in pieces.items():
        one = statistics.median(seconds(lambda work=work: repeat(work)) / 100 for _ in range(15))
        costs[piece] = 1e9 * one * times / W.size
    costs["rest of the gradient"] -= costs["matrix product"]
    yield from costs.items()


def main(turns: int = 5) -> None:
    pieces = ["matrix product", "rest of the gradient", "noise", "response", "update", "bounds", "recording"]
    print(f"ns per weight and step; Analog SGD, Gaussian quadratic, D = {DIM}, {SEEDS} seeds\n")
    columns = ["device", "configurations", "engine", "floor", "ratio", "goal", "met", *pieces, "loop"]
    print(row(columns), row("---" for _ in columns), sep="\n")
    with threadpool_limits(1):
        for name in DEVICES:
            for configurations, goal in GOALS.items():
                median, taken, least = ratio(name, configurations, turns)
                costs = dict(parts(name, configurations))
                spent = [*(costs[piece] for piece in pieces), taken - sum(costs.values())]
                shown = [
                    f"{taken:.2f}",
                    f"{least:.2f}",
                    f"{median:.2f}",
                    f"<= {goal}",
                    "yes" if median <= goal else "no",
                ]
                print(row([name, str(configurations), *shown, *(f"{cost:.2f}" for cost in spent)]), flush=True)


def row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
