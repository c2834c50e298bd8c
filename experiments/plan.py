"""The arguments of a simulation, checked, and the configurations that they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from ..theory.algorithm import Algorithm
from ..theory.noise import Noise
from ..theory.objective import Objective
from ..theory.validate import finite_array, integer, reject
from .hardware import Device, Hardware
from .reading import Reading
from .record import Record

Array = Any
Devices = Device | Mapping[str, Device]


@dataclass(frozen=True)
class Configuration:
    """One algorithm on one device for each of its arrays; `names` are the algorithm's and the device's."""

    algorithm: Algorithm
    devices: Mapping[str, Device]
    names: tuple[str, str]

    @property
    def label(self) -> str:
        """The configuration's name in results and errors."""
        return " on ".join(filter(None, self.names))


@dataclass(frozen=True)
class Plan:
    """A validated simulation."""

    configurations: tuple[Configuration, ...]
    problem: Objective
    noise: Noise
    start: Array
    steps: int
    seeds: int
    record: Record
    entropy: np.random.SeedSequence
    hardware: Mapping[str, Hardware]
    reading: Mapping[str, Reading]

    @property
    def noise_steps(self) -> int:
        """Steps drawn at a time: enough to spread a generator's call, few enough for the cache."""
        return min(self.steps, max(16, min(128, 2048 // self.problem.dim)))

    def generators(self, seeds: range, purpose: str = "") -> list[np.random.Generator]:
        """The streams of some seeds; seed i has the i-th child of the seed sequence, and a purpose a child of that."""
        entropy, key = self.entropy.entropy, self.entropy.spawn_key
        children = (np.random.SeedSequence(entropy, spawn_key=(*key, i, *purpose.encode())) for i in seeds)
        return [np.random.Generator(np.random.SFC64(child)) for child in children]


def checked_plan(
    algorithms: Any,
    problem: Objective,
    devices: Any,
    noise: Noise,
    start: Any,
    steps: int,
    seeds: int,
    record: Record,
    rng: Any,
    hardware: Any,
    reading: Any,
) -> Plan:
    """The arguments of `simulate`, checked."""
    record.averages_from(integer("steps", steps))
    configurations = _configurations(_several(algorithms), _several(devices))
    begin = np.zeros(problem.dim) if start is None else start
    shape = (problem.dim,) if np.ndim(begin) == 1 else (integer("seeds", seeds), problem.dim)
    plan = Plan(
        configurations=configurations,
        problem=problem,
        noise=noise,
        start=finite_array("start", begin, shape),
        steps=steps,
        seeds=integer("seeds", seeds),
        record=record,
        entropy=rng if isinstance(rng, np.random.SeedSequence) else np.random.SeedSequence(integer("rng", rng, 0)),
        hardware=_by_array("hardware", hardware, configurations),
        reading=_by_array("reading", reading, configurations),
    )
    for configuration in configurations:
        _check_start(plan.start, configuration)
    return plan


def _several(given: Any) -> list[Any]:
    return list(given) if isinstance(given, Sequence) else [given]


def _configurations(algorithms: Sequence[Algorithm], devices: Sequence[Devices]) -> tuple[Configuration, ...]:
    if not algorithms or not devices:
        reject("algorithms, devices", (len(algorithms), len(devices)), "must be at least one of each")
    found = [_configuration(algorithm, device) for algorithm, device in product(algorithms, devices)]
    seen: dict[tuple[str, str], int] = {}
    for c in found:
        seen[c.names] = seen.get(c.names, 0) + 1
    repeated = [names for names, count in seen.items() if count > 1]
    if repeated:
        reject("configurations", repeated, "must differ in algorithm or device name")
    return tuple(found)


def _configuration(algorithm: Algorithm, device: Devices) -> Configuration:
    missing = [n for n in algorithm.arrays if n not in device] if isinstance(device, Mapping) else []
    if missing:
        reject("devices", sorted(device), f"must have a device for each array of {algorithm}: {missing} missing")  # type: ignore[arg-type]
    by_array = {name: device[name] if isinstance(device, Mapping) else device for name in algorithm.arrays}
    shown = ", ".join(f"{k}: {d.name}" for k, d in device.items()) if isinstance(device, Mapping) else device.name
    return Configuration(_numeric(algorithm), by_array, (str(algorithm), str(shown)))


def _numeric(algorithm: Any) -> Any:
    """The algorithm with its parameters as floats, for exact ones would turn float arrays into arrays of objects."""
    if not is_dataclass(algorithm) or isinstance(algorithm, type):
        return algorithm
    given = {f.name: getattr(algorithm, f.name) for f in fields(algorithm) if f.init}
    try:
        return replace(algorithm, **{name: float(value) for name, value in given.items() if _is_number(value)})
    except TypeError:
        reject("algorithms", algorithm, "must have numbers as parameters to be simulated")


def _is_number(value: Any) -> bool:
    """Whether a parameter is one number; a schedule, or one that is left out, is not."""
    return value is not None and not is_dataclass(value)


def _by_array(argument: str, given: Any, configurations: Sequence[Configuration]) -> dict[str, Any]:
    arrays = dict.fromkeys(name for c in configurations for name in c.devices)
    if not isinstance(given, Mapping):
        return dict.fromkeys(arrays, given)
    missing = [name for name in arrays if name not in given]
    if missing:
        reject(argument, sorted(given), f"must have an entry for each array: {missing} missing")
    return dict(given)


def _check_start(start: Array, configuration: Configuration) -> None:
    state = configuration.algorithm.init(start)
    for name, device in configuration.devices.items():
        low, high = (np.asarray(end, dtype=np.float64) for end in (device.tau_min, device.tau_max))
        if low.ndim and low.shape != start.shape[-1:]:
            reject(f"device of {name}", device.name, f"must have {start.shape[-1]} elements, has {low.size}")
        outside = (getattr(state, name) < low) | (getattr(state, name) > high)
        if outside.any():
            at = tuple(np.argwhere(outside)[0])
            bound = f"[{np.broadcast_to(low, outside.shape)[at]}, {np.broadcast_to(high, outside.shape)[at]}]"
            reject(
                f"start of {name}", float(getattr(state, name)[at]), f"must lie in the range {bound} of {device.name}"
            )
