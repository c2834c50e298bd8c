"""The bias of Residual Learning with a buffer, simulated as that without one."""

from __future__ import annotations

from ...theory.law import Inputs
from ...theory.laws.residual_v2_bias import setting
from . import Interval
from .residual_bias import simulated


def measured(inputs: Inputs, seed: int = 0) -> dict[str, Interval]:
    """mean_P, bias_W and bias_Wbar over chains at the inputs' own rates."""
    return simulated(setting(inputs), seed)
