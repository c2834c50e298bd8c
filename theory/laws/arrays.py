"""The devices of the two arrays of Residual Learning, as laws take them: one given for both, or a linear one each."""

from __future__ import annotations

from ..law import Inputs
from ..response import ResponseFunction, linear


def devices_of(inputs: Inputs) -> tuple[ResponseFunction, ResponseFunction]:
    """The devices of W and of P at a law's inputs."""
    if inputs.get("device") is not None:
        return inputs["device"], inputs["device"]
    return linear(inputs["tau"], inputs["c_lin"]), linear(inputs["tau_P"], inputs["c_lin_P"])
