"""The device of AIHWKit that has a given response, as a class name with its parameters, and as a snippet of Python.

AIHWKit is not needed for it. Weights are in [-1, 1], and all variation is off: one curve of one element tells none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..theory.presets import Preset
from .families import exp_step_terms
from .fit import Fit

NODES = 33
_OFF = ("dw_min_dtod", "up_down_dtod", "w_max_dtod", "w_min_dtod", "dw_min_std")


@dataclass(frozen=True)
class AihwkitDevice:
    """A device class of AIHWKit with its parameters; `exact` where its response is the fitted one, else why not."""

    device: str
    parameters: Mapping[str, Any]
    off: tuple[str, ...] = _OFF
    exact: bool = True

    @property
    def snippet(self) -> str:
        """Python text that makes the configuration of a tile of such devices."""
        given = {**self.parameters, **dict.fromkeys(self.off, 0.0)}
        lines = [f"        {name}={_shown(value)}," for name, value in given.items()]
        return "\n".join(
            [
                f"from aihwkit.simulator.configs import SingleRPUConfig, {self.device}",
                "",
                "rpu_config = SingleRPUConfig(",
                f"    device={self.device}(",
                *lines,
                "    )",
                ")",
            ]
        )


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(f'{x:.6g}' for x in value)}]"
    return str(value) if isinstance(value, bool) else f"{value:.6g}"


def preset_snippet(preset: Preset) -> str:
    """The configuration with a published preset; a one-directional device comes as a pair."""
    if preset.name == "PCM":
        return (
            "from aihwkit.simulator.configs import UnitCellRPUConfig\n"
            "from aihwkit.simulator.presets.compounds import PCMPresetUnitCell\n\n"
            "rpu_config = UnitCellRPUConfig(device=PCMPresetUnitCell())"
        )
    return (
        "from aihwkit.simulator.configs import SingleRPUConfig\n"
        f"from aihwkit.simulator.presets.devices import {preset.aihwkit}\n\n"
        f"rpu_config = SingleRPUConfig(device={preset.aihwkit}())"
    )


def equivalent(fit: Fit) -> AihwkitDevice:
    """The device with the fitted response; where no class has it, the piecewise linear one through 33 of its points."""
    makers = {
        "constant step": _constant,
        "linear (16)": _soft_bounds,
        "power (148)": _power,
        "power step": _power,
        "linear step": _linear,
        "exponential step": _exponential,
    }
    made = makers[fit.best.family.name](fit) if fit.best.family.name in makers else None
    return made or _piecewise(fit)


def _at(fit: Fit, w: Any) -> tuple[Any, Any]:
    """Steps of a pulse up and of one down at w, in units of w."""
    up, down = fit.response.array_functions("q_plus", "q_minus")(w)
    return fit.dw_min * up, fit.dw_min * down


def _sized(up: float, down: float) -> dict[str, float]:
    """dw_min and up_down with s_u dw_min = up and s_d dw_min = down."""
    larger = max(up, down)
    bias = 1 - down / up if up >= down else up / down - 1
    return {"dw_min": larger, "up_down": bias, "w_max": 1.0, "w_min": -1.0}


def _constant(fit: Fit) -> AihwkitDevice:
    return AihwkitDevice("ConstantStepDevice", _sized(*map(float, _at(fit, 0.0))))


def _soft_bounds(fit: Fit) -> AihwkitDevice:
    return AihwkitDevice("SoftBoundsDevice", _sized(*map(float, _at(fit, 0.0))))


def _linear(fit: Fit) -> AihwkitDevice:
    (u, d), (U, D) = (tuple(map(float, _at(fit, w))) for w in (0.0, 1.0))
    gammas = {"gamma_up": 1 - U / u, "gamma_down": D / d - 1}
    increasing = {"allow_increasing": True} if min(gammas.values()) < 0 else {}
    off = (*_OFF, "gamma_up_dtod", "gamma_down_dtod")
    return AihwkitDevice("LinearStepDevice", {**_sized(u, d), **gammas, **increasing}, off)


def _power(fit: Fit) -> AihwkitDevice:
    """q0 is the distance to the bound, in ranges, to the power gamma: at w = 0 it is 2^-gamma."""
    up, down = map(float, _at(fit, 0.0))
    U, D = float(_at(fit, 0.5)[0]), float(_at(fit, -0.5)[1])
    g, h = (float(np.log(near / at_0) / np.log(0.5)) for near, at_0 in ((U, up), (D, down)))
    shape = {"pow_gamma": max(g, h), "pow_up_down": 1 - h / g if g >= h else g / h - 1}
    return AihwkitDevice("PowStepDevice", {**_sized(up * 2**g, down * 2**h), **shape}, (*_OFF, "pow_gamma_dtod"))


def _exponential(fit: Fit) -> AihwkitDevice | None:
    """None where a response is p + r exp(k w) with p <= 0, which 1 - A exp(gamma w) has no multiple of."""
    terms = exp_step_terms(fit.best.theta[1:].tolist(), fit.scale)
    (p, r, k), (s, t, m) = terms["up"], terms["down"]
    if min(p, s) <= 0:
        return None
    shape = {"A_up": -r / p, "A_down": -t / s, "gamma_up": k, "gamma_down": -m, "a": 1.0, "b": 0.0}
    return AihwkitDevice("ExpStepDevice", {**_sized(fit.dw_min * p, fit.dw_min * s), **shape})


def _piecewise(fit: Fit) -> AihwkitDevice:
    w = np.linspace(-1, 1, NODES)
    up, down = (np.maximum(np.broadcast_to(side, w.shape), 0.0) / fit.dw_min for side in _at(fit, w))
    nodes = {"piecewise_up": up.tolist(), "piecewise_down": down.tolist()}
    return AihwkitDevice("PiecewiseStepDevice", {**_sized(fit.dw_min, fit.dw_min), **nodes}, exact=False)
