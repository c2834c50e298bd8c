"""How wanted increments become conductance changes: the update of an array on a device, within its dynamic range.

A hardware turns a device into the update that an algorithm's step runs on. The smooth formula (5) is one; pulses are
another of the same shape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from ..theory.algorithm import Update, smooth
from ..theory.validate import integer, positive
from .draws import Draws

Array = Any


class Device(Protocol):
    """What a hardware needs to know of a resistive element; `theory.response.ResponseFunction` is one."""

    @property
    def name(self) -> str:
        """The device's name, for labels."""

    @property
    def tau_min(self) -> Any:
        """The lower bound of the dynamic range."""

    @property
    def tau_max(self) -> Any:
        """The upper bound of the dynamic range."""

    def array_functions(self, *names: str) -> Callable[[Array], tuple[Any, ...]]:
        """A function of w that returns the named response functions ("F", "G", ...) as arrays."""


@dataclass
class Bounds:
    """The dynamic range [low, high] of one array, and the count of the updates that it stopped.

    low, high: one number, or one for each weight.
    stopped: how many updates of single weights ended at a bound, a count for each row of weights.
    applied: how many updates each weight has had.
    """

    low: Any
    high: Any
    stopped: Array
    applied: int = field(default=0)

    def __post_init__(self) -> None:
        self._inner = float(np.max(self.low)), float(np.min(self.high))

    def stop(self, w: Array) -> Array:
        """`w` as it is inside the range; what would leave the range stops at the bound and is counted.

        Raises FloatingPointError where w is NaN or infinite.
        """
        self.applied += 1
        low, high = self._inner
        # NaN fails both comparisons, so that two reductions are all that a step inside the range costs
        if np.minimum.reduce(w, None) >= low and np.maximum.reduce(w, None) <= high:
            return w
        if not np.isfinite(w).all():
            raise FloatingPointError("a weight is NaN or infinite")
        self.stopped += ((w < self.low) | (w > self.high)).sum(-1).reshape(self.stopped.shape)
        return np.clip(w, self.low, self.high)


class Hardware(Protocol):
    """A way to apply increments to an array."""

    def update(self, device: Device, bounds: Bounds, draws: Draws) -> Update:
        """The update (w, increments) -> w of an array of `device` elements that `bounds` holds in its range.

        What is random in it comes from `draws`. It raises FloatingPointError for what is NaN or infinite.
        """


@dataclass(frozen=True)
class Smooth:
    """The smooth update (5): every increment meets the response at the current weights, then the bounds."""

    def update(self, device: Device, bounds: Bounds, draws: Draws | None = None) -> Update:  # noqa: ARG002
        """The update of one array."""
        one, stop = smooth(device.array_functions("F", "G")), bounds.stop

        def update(w: Array, increments: Iterable[Array]) -> Array:
            for dw in increments:
                w = stop(one(w, (dw,)))
            return w

        return update


@dataclass(frozen=True)
class PulseCap:
    """The smooth update (5) under a cap on the pulses of one update, which shrinks large increments in proportion.

    An increment vector is scaled by min(1, bl_max dw_min / max_j |dw_j|), the maximum taken along its last axis: the
    mean of what a pulse train of at most `bl_max` slots delivers.

    Parameters
    ----------
    bl_max : largest number of pulses in one update, >= 1.
    dw_min : response granularity > 0, in units of weight.
    """

    bl_max: int
    dw_min: float

    def __post_init__(self) -> None:
        integer("bl_max", self.bl_max)
        positive("dw_min", self.dw_min)

    def capped(self, dw: Array) -> Array:
        """The increment that the pulses can deliver."""
        reach = float(self.bl_max * self.dw_min)
        return dw * (reach / np.maximum(abs(dw).max(-1, keepdims=True), reach))

    def update(self, device: Device, bounds: Bounds, draws: Draws | None = None) -> Update:  # noqa: ARG002
        """The update of one array."""
        uncapped = Smooth().update(device, bounds)
        return lambda w, increments: uncapped(w, map(self.capped, increments))
