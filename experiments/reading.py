"""Reading an array through analog-digital converters, with noise (the paper's Table 4)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from ..theory.algorithm import Reading as Read, exactly
from ..theory.validate import integer, nonnegative, positive
from .draws import Draws

Array = Any


class Reading(Protocol):
    """A way to read an array."""

    def reader(self, draws: Draws) -> Read:
        """The function values -> values as read; its noise comes from `draws`."""


@dataclass(frozen=True)
class Exact:
    """The values themselves."""

    def reader(self, draws: Draws) -> Read:  # noqa: ARG002
        """The identity."""
        return exactly


@dataclass(frozen=True)
class Converters:
    """A matrix-vector product on the array: digital-analog and analog-digital conversion, noise and bounds.

    An input is cut at +- in_bound and rounded to a step of the DAC, then noise is added; so is noise to each output,
    which is then rounded to a step of the ADC and cut at +- out_bound. A converter of b bits has 2**b - 2 steps from
    bound to bound. A column is read with the input 1 on it.

    Parameters
    ----------
    out_noise, in_noise : standard deviations >= 0 of normal noise, in units of output and of input.
    out_bound, in_bound : largest output and input, > 0; infinite for none.
    adc_bits, dac_bits : resolutions, >= 2; None for no rounding. A resolution needs a finite bound.
    """

    out_noise: float = 0.06
    in_noise: float = 0.0
    out_bound: float = 12.0
    in_bound: float = 1.0
    adc_bits: int | None = 9
    dac_bits: int | None = 7

    def __post_init__(self) -> None:
        for name in ("out_noise", "in_noise"):
            nonnegative(name, getattr(self, name))
        for bits, bound in (("adc_bits", "out_bound"), ("dac_bits", "in_bound")):
            if getattr(self, bits) is not None:
                integer(bits, getattr(self, bits), 2)
                positive(bound, getattr(self, bound))
            elif getattr(self, bound) != math.inf:
                positive(bound, getattr(self, bound))

    def product(self, x: Array, w: Array, in_noise: Array, out_noise: Array) -> Array:
        """Outputs (...,) of inputs x (..., columns) on weights w (columns,) or (..., columns), from standard noise."""
        sent = converted(x, self.in_bound, self.dac_bits) + self.in_noise * in_noise
        return converted((sent * w).sum(-1) + self.out_noise * out_noise, self.out_bound, self.adc_bits)

    def reader(self, draws: Draws) -> Read:
        """Reads one column after another, each alone with the input 1."""

        def read(values: Array) -> Array:
            shape, dim = values.shape, values.shape[-1]
            ins, outs = (self._noise(scale, dim, draws) for scale in (self.in_noise, self.out_noise))
            found = self.product(np.ones(1), values.reshape(-1, dim)[..., None], ins[..., None], outs)
            return found.reshape(shape)

        return read

    def _noise(self, scale: float, dim: int, draws: Draws) -> Array:
        return draws.normals(dim) if scale else np.zeros((1, dim))


def converted(values: Array, bound: float, bits: int | None) -> Array:
    """Values rounded to a converter's step, 2 bound / (2**bits - 2), and cut at +- bound."""
    if bits is not None:
        step = 2 * bound / (2**bits - 2)
        values = step * np.rint(values / step)
    return np.clip(values, -bound, bound)
