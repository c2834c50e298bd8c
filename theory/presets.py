"""Devices that people know: presets with the parameters that AIHWKit publishes (0.9.0 and 1.1.0 have the same).

Numbers are printed decimals and become exact. The response is that of the nominal device, all variation off.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import sympy as sp

from . import device_models
from .response import ResponseFunction
from .validate import one_of, rational

MODELS: Mapping[str, Callable[..., ResponseFunction]] = MappingProxyType(
    {
        "ConstantStep": device_models.constant_step,
        "LinearStep": device_models.linear_step,
        "SoftBoundsReference": device_models.soft_bounds,
        "ExpStep": device_models.exp_step,
    }
)


@dataclass(frozen=True)
class Preset:
    """A known device: its model with published parameters, and how it varies.

    Parameters
    ----------
    name : str
        As in AIHWKit, without "PresetDevice".
    source : str
        What was measured, and by whom.
    model : str
        A key of `MODELS`.
    dw_min, w_min, w_max : str
        Response granularity and range, in the units of the weight, as printed decimals.
    dw_min_std : str
        Cycle variation: a step is dw_min (q + dw_min_std xi), or dw_min q (1 + dw_min_std xi) where `multiplicative`.
    up_down : str
        Bias between the polarities.
    parameters : mapping
        The model's own parameters.
    variation : mapping
        What differs from device to device, and write noise, by AIHWKit's names.
    remarks : tuple of str
        What else has to be known to use it.
    """

    name: str
    source: str
    model: str
    dw_min: str
    w_min: str
    w_max: str
    dw_min_std: str
    multiplicative: bool
    variation: Mapping[str, str]
    up_down: str = "0"
    parameters: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    @cached_property
    def response(self) -> ResponseFunction:
        """The pair of response functions, exact."""
        return MODELS[self.model](self.w_max, self.w_min, up_down=self.up_down, **self.parameters)

    @property
    def states(self) -> sp.Rational:
        """The number of states, (w_max - w_min)/dw_min."""
        return (rational("w_max", self.w_max) - rational("w_min", self.w_min)) / rational("dw_min", self.dw_min)

    @property
    def aihwkit(self) -> str:
        """The name of the class in `aihwkit.simulator.presets.devices`."""
        return f"{self.name}PresetDevice"


_VARIED = ("dw_min_dtod", "up_down_dtod", "w_max_dtod", "w_min_dtod", "write_noise_std")


def _varied(*values: str, **further: str) -> Mapping[str, str]:
    return MappingProxyType({**dict(zip(_VARIED, values, strict=True)), **further})


_ARRAY = (
    "the device's symmetric point is subtracted; the reference itself varies by reference_std",
    "dw_min varies as exp(dw_min_dtod xi)",
)
_PRESETS = (
    Preset(
        "EcRam",
        "lithium ECRAM, Tang et al. 2018, and Li et al. 2018",
        "LinearStep",
        ".002",
        "-.8276",
        "1.1724",
        ".3",
        True,
        _varied(".1", ".01", ".05", ".05", "0", gamma_up_dtod=".05", gamma_down_dtod=".05"),
        parameters={"gamma_up": ".1153", "gamma_down": ".5085"},
        remarks=("the range is shifted so that the symmetric point is 0",),
    ),
    Preset(
        "EcRamMO",
        "metal-oxide ECRAM, Kim et al. 2019",
        "LinearStep",
        "2.8214e-4",
        "-.8286",
        "1.1714",
        "2",
        True,
        _varied(".1", ".01", ".05", ".05", "0", gamma_up_dtod=".05", gamma_down_dtod=".05"),
        parameters={"gamma_up": ".4152", "gamma_down": ".7342"},
        remarks=("the range is shifted so that the symmetric point is 0",),
    ),
    Preset(
        "ReRamES",
        "ReRAM, exponential step, Gong et al. 2018",
        "ExpStep",
        ".00135",
        "-1",
        "1",
        "5",
        True,
        _varied(".2", ".05", ".3", ".3", "75"),
        up_down=".259359",
        parameters={
            "A_up": "-1.18445",
            "A_down": "-.081404",
            "gamma_up": "5",
            "gamma_down": "5",
            "a": "-.5",
            "b": "-.5",
        },
    ),
    Preset(
        "ReRamSB",
        "ReRAM, soft bounds, Gong et al. 2018",
        "SoftBoundsReference",
        ".002",
        "-.75",
        "1.25",
        "3.75",
        False,
        _varied(".3", ".01", ".24", ".4", "56"),
        remarks=("taken as calibrated to its symmetric point",),
    ),
    Preset(
        "Capacitor",
        "capacitor cell, Li et al. 2018",
        "LinearStep",
        ".005",
        "-1",
        "1",
        ".3",
        False,
        _varied(".1", ".06", ".07", ".07", "0", gamma_up_dtod=".01", gamma_down_dtod=".01", lifetime_dtod=".3"),
        parameters={"gamma_up": ".05", "gamma_down": ".05"},
        remarks=("leaks with a lifetime of 1e6 mini-batches, which is no part of the response",),
    ),
    Preset(
        "Idealized",
        "idealised device, after Gokmen & Vlasov 2016",
        "ConstantStep",
        "2e-4",
        "-1",
        "1",
        ".3",
        True,
        _varied(".3", "0", ".3", ".3", "0"),
    ),
    Preset(
        "GokmenVlasov",
        "specification of Gokmen & Vlasov 2016",
        "ConstantStep",
        ".0016",
        "-1",
        "1",
        ".3",
        True,
        _varied(".3", ".01", ".3", ".3", "0"),
    ),
    Preset(
        "PCM",
        "phase change memory, Nandakumar et al. 2020",
        "ExpStep",
        ".01",
        "0",
        "2",
        ".6",
        True,
        _varied(".2", ".05", ".1", "0", "0", dw_min_std_add=".042", dw_min_std_slope=".108", reset_dtod=".02"),
        parameters={"A_up": "-27.235", "A_down": "-2.235", "gamma_up": "2.5", "gamma_down": "2.5", "a": "-1", "b": "0"},
        remarks=(
            "one-directional: used as a pair, where a decrement is an up pulse on the other element; what follows here "
            "is of a single element whose down pulses are as in the model",
            "noise of a step: std = 0.6 (|dw| + 0.042 + 0.108 |w|)",
        ),
    ),
    Preset(
        "ReRamArrayOM",
        "ReRAM array, optimised material, Gong & Rasch et al. 2022",
        "SoftBoundsReference",
        ".0949",
        "-1",
        "1",
        ".4158",
        False,
        _varied(".7829", ".01", ".3499", ".5695", "1.4113", reference_std=".05"),
        remarks=(*_ARRAY, "13.5 % of the measured array is corrupt; the preset has none"),
    ),
    Preset(
        "ReRamArrayHfO2",
        "ReRAM array, HfO2, Gong & Rasch et al. 2022",
        "SoftBoundsReference",
        ".4622",
        "-1",
        "1",
        ".2174",
        False,
        _varied(".7125", ".01", ".4295", ".5990", ".5841", reference_std=".05"),
        remarks=(*_ARRAY, "about 10 % of the measured array is corrupt; the preset has none"),
    ),
)
_SUFFIXES = ("presetdevice", "preset")


def presets() -> tuple[Preset, ...]:
    """All presets, in the order of the published list."""
    return _PRESETS


def preset(name: str) -> Preset:
    """The preset of that name; letter case, "-" and "_", and an ending "Preset" or "PresetDevice" do not matter.

    Raises ValueError for an unknown name; it lists the presets and guesses which was meant.
    """
    known = {one.name.casefold(): one for one in _PRESETS}
    key = name.casefold().translate({ord(mark): None for mark in "-_ "})
    for suffix in _SUFFIXES:
        key = key.removesuffix(suffix)
    if key not in known:
        one_of("name", name, [one.name for one in _PRESETS])
    return known[key]
