"""The exact laws, a module each: what the paper only bounds, computed."""

from __future__ import annotations

from importlib import import_module

from ..law import Law
from ..validate import one_of

MODULES = {
    "analog-sgd-stationary": "analog_sgd_stationary",
    "analog-sgd-floor": "analog_sgd_floor",
    "residual-bias": "residual_bias",
    "residual-v2-bias": "residual_v2_bias",
    "residual-offset": "residual_offset",
    "critical-asymmetry": "critical_asymmetry",
    "residual-stability": "residual_stability",
    "noisy-read-penalty": "noisy_read_penalty",
    "buffer-radius": "buffer_radius",
    "tolerances": "tolerances",
}
"""Each law's name and the module here that has it as `LAW`, and its check as `measured` in `experiments.laws`."""


def law(name: str) -> Law:
    """The law of that name. Raises ValueError, with the names, for another."""
    found: Law = import_module(f"{__name__}.{MODULES[one_of('law', name, MODULES)]}").LAW
    return found
