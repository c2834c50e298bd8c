"""What an exact law is: named parameters in, predicted numbers out, with the conditions under which they hold.

A law predicts without simulating. What holds it against simulation is its check, in `experiments.laws`.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .objective import LeastSquares
from .response import ResponseFunction
from .validate import one_of, reject

Inputs = Mapping[str, Any]
Extra = Literal["device", "data"]


@dataclass(frozen=True)
class Parameter:
    """A named number, or a word out of `choices`: its symbol in the paper or in words, its unit and its default."""

    name: str
    meaning: str
    unit: str
    default: float | str
    choices: tuple[str, ...] = ()

    def value(self, given: Any) -> float | str:
        """`given` as this parameter's number or word. Raises ValueError for anything else."""
        if self.choices:
            return str(one_of(self.name, given, self.choices))
        try:
            number = float(given)
        except (TypeError, ValueError):
            return reject(self.name, given, f"must be a number ({self.meaning})")
        if not math.isfinite(number):
            reject(self.name, given, "must be finite")
        return number


@dataclass(frozen=True)
class Prediction:
    """What a law says.

    values: numbers, lists of numbers, or None where there is none. order: up to which order in the rates they are
    exact. conditions: what the law needs, each met or not. reasons: why a condition fails, or a value is None.
    """

    values: Mapping[str, Any]
    order: str
    conditions: Mapping[str, bool]
    reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def valid(self) -> bool:
        """Whether all conditions are met."""
        return all(self.conditions.values())


@dataclass(frozen=True)
class Law:
    """A law: its name, what it says in a line, its parameters, and the function from them to a `Prediction`.

    takes: what else it can be given: a device in the place of its default one, data in the place of its problem.
    figure, statements: the figure that holds it against simulation, and the ids of the statements that it rests on.
    """

    name: str
    says: str
    parameters: tuple[Parameter, ...]
    predicts: Callable[[Inputs], Prediction]
    takes: tuple[Extra, ...] = ()
    figure: str = ""
    statements: tuple[str, ...] = ()

    def inputs(
        self, given: Inputs, device: ResponseFunction | None = None, data: LeastSquares | None = None
    ) -> dict[str, Any]:
        """All parameters by name, the defaults filled in; and what the law takes under its kind, None if not given.

        Raises ValueError for a name or a value that the law does not have, and for a device or data that it can't take.
        """
        names = [parameter.name for parameter in self.parameters]
        for name in given:
            if name not in names:
                near = difflib.get_close_matches(name, names, n=1)
                hint = f"; did you mean {near[0]}?" if near else ""
                reject(name, given[name], f"{self.name} has no such parameter; it has {', '.join(names)}{hint}")
        extras = {"device": device, "data": data}
        for kind, extra in extras.items():
            if extra is not None and kind not in self.takes:
                reject(kind, extra, f"{self.name} takes no {kind}")
        found = {p.name: p.value(given.get(p.name, p.default)) for p in self.parameters}
        return {**found, **{kind: extras[kind] for kind in self.takes}}

    def predict(
        self, device: ResponseFunction | None = None, data: LeastSquares | None = None, **given: Any
    ) -> Prediction:
        """The prediction for these parameters, by default for those that are not given. Raises ValueError."""
        return self.predicts(self.inputs(given, device, data))
