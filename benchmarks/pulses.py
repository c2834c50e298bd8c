"""What pulses cost: nanoseconds per weight and rank-one update, and per pulse, on one core; beside the smooth update.

The shapes are those of Figure 2: 50 weights, 100 rank-one updates a step, seeds side by side. The floor is what no
simulation of trains can do without: the random words of the slots, and one pass over the increments. Pulses, smooth
update and floor take turns, and ratios are medians over turns; times are processor times.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from analog_theory.experiments.draws import Draws
from analog_theory.experiments.engine import BLOCK
from analog_theory.experiments.hardware import Bounds, Smooth
from analog_theory.experiments.pulses import LoneTrains, Pulses, PulseTrain
from analog_theory.theory.response import linear, power
from threadpoolctl import threadpool_limits

DIM, ROWS, UPDATES, DW_MIN = 50, 4 * BLOCK, 100, 1e-4
AIM = 10.0
CASES: dict[str, tuple[Any, Any]] = {
    "trains of 8 slots, linear": (PulseTrain(DW_MIN, 8), linear(3.5, 0.1)),
    "trains of 31 slots, linear": (PulseTrain(DW_MIN, 31), linear(3.5, 0.1)),
    "trains of 8 slots, power": (PulseTrain(DW_MIN, 8), power(3.5, 2)),
    "trains of 8 slots, cycle variation": (PulseTrain(DW_MIN, 8, sigma_c=0.3), linear(3.5, 0.1)),
    "lone trains of 8 slots, linear": (LoneTrains(DW_MIN, 8), linear(3.5, 0.1)),
    "counted, at most 8, linear": (Pulses(DW_MIN, 8), linear(3.5, 0.1)),
}


def draws() -> Draws:
    generators = [np.random.Generator(np.random.SFC64(np.random.SeedSequence(7, spawn_key=(i,)))) for i in range(ROWS)]
    return Draws(lambda: generators, slice(0, ROWS), ROWS)


def increments() -> list[np.ndarray]:
    """Rank-one increments of 2 to 30 wanted pulses in the largest column, as Figure 2 has them along the way."""
    rng = np.random.default_rng(0)
    sizes = DW_MIN * rng.uniform(2, 30, (UPDATES, ROWS, 1)) * rng.choice([-1, 1], (UPDATES, ROWS, 1))
    columns = rng.normal(size=(UPDATES, 1, DIM))
    return list(sizes * columns / abs(columns).max(-1, keepdims=True))


def seconds(work: Callable[[], Any]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def updating(hardware: Any, device: Any, wanted: list[np.ndarray]) -> Callable[[], Any]:
    bounds = Bounds(-3.5, 3.5, np.zeros(ROWS, dtype=np.int64))
    update, w = hardware.update(device, bounds, draws()), np.random.default_rng(1).normal(size=(ROWS, DIM)) / 2
    return lambda: update(w, wanted)


def least(hardware: Any, wanted: list[np.ndarray]) -> Callable[[], Any]:
    source, stacked = draws(), np.stack(wanted, axis=1)
    random = 0 if isinstance(hardware, Pulses) else 20 * (hardware.bl_max + 1) * DIM

    def work() -> None:
        abs(stacked)
        if random:
            for _ in range(0, UPDATES, 20):
                source.words(random)

    return work


def main(turns: int = 7) -> None:
    wanted = increments()
    print(f"D = {DIM}, {ROWS} seeds, {UPDATES} rank-one updates; aim: {AIM:g} ns per weight and update\n")
    print("| hardware | ns a weight and update | ns a pulse | floor | ratio | smooth update | aim met |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with threadpool_limits(1):
        for name, (hardware, device) in CASES.items():
            works = [
                updating(hardware, device, wanted),
                least(hardware, wanted),
                updating(Smooth(), device, wanted),
            ]
            for work in works:
                work()
            taken = [[seconds(work) for work in works] for _ in range(turns)]
            per = 1e9 / (UPDATES * ROWS * DIM)
            pulsed, floor, smooth = (per * statistics.median(column) for column in zip(*taken, strict=True))
            ratio = statistics.median(one[0] / one[1] for one in taken)
            fired = float(np.mean(abs(hardware.pulses(np.stack(wanted, axis=1), draws()))))
            met = "yes" if pulsed <= AIM else "no"
            shown = (f"{pulsed:.1f}", f"{pulsed / fired:.1f}", f"{floor:.1f}", f"{ratio:.1f}", f"{smooth:.1f}", met)
            print(f"| {name} | {' | '.join(shown)} |", flush=True)


if __name__ == "__main__":
    main()
