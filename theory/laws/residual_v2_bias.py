"""The bias of Residual Learning with a digital buffer (14)-(15) at finite rates, with both arrays zero-shifted."""

from __future__ import annotations

from ..buffered import BufferedResidualLearning
from ..law import Inputs, Law, Parameter
from ..residual_law import Setting
from ..validate import reject
from .residual_bias import PARAMETERS, coordinate, predicted


def setting(inputs: Inputs) -> Setting:
    """The setting of these inputs. Raises ValueError for a buffer of rate 1 or more: it holds what P is."""
    if not inputs["buffer"] < 1:
        reject("buffer", inputs["buffer"], "must be < 1; at 1 the buffer is P itself, which is the law residual-bias")
    rule = BufferedResidualLearning(inputs["alpha"], inputs["beta"], inputs["gamma"], inputs["buffer"])
    return Setting(rule, coordinate(inputs), inputs["tau_P"])


LAW = Law(
    "residual-v2-bias",
    "the same with a digital buffer between the arrays, by the rate of the buffer",
    (*PARAMETERS, Parameter("buffer", "rate of the buffer's average (14), below 1", "1 a step", 0.05)),
    lambda inputs: predicted(setting(inputs)),
    figure="residual_bias",
    statements=("lib-law-buffer-stability", "lib-law-residual-bias"),
)
