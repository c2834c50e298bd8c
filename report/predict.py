"""The command `predict`: what an exact law says at some parameters, and whether simulation bears it out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from ..theory.law import Law, Prediction
from ..theory.laws import MODULES, law
from .catalogue import UnknownNameError

Switch = Annotated[bool, Parameter(negative=())]
_ERROR = 1


def predict(
    name: Annotated[str | None, Parameter(name="law")] = None,
    /,
    *,
    set_: Annotated[tuple[str, ...], Parameter(name="--set", consume_multiple=True, negative=())] = (),
    algorithm: str | None = None,
    device: str | None = None,
    data: Path | None = None,
    check: Switch = False,
    seed: int = 0,
    json: Switch = False,
) -> int:
    """Predict what the paper only bounds, by an exact law; without a name it lists the laws with their parameters.

    Predicting does not simulate. The exit status is 1 where `--check` finds a value outside its interval.

    Examples: `analog-theory predict buffer-radius --set buffer=0.05 reading=0.2 --check`

    Parameters
    ----------
    name
        A law, such as `residual-bias`.
    set_
        Parameters as NAME=VALUE; those that are not given have their default.
    algorithm
        Short for `--set algorithm=...`, for a law that has this parameter.
    device
        A known device or a CSV file with a response curve, for a law that takes a device.
    data
        A CSV file with least-squares data, for a law that takes data.
    check
        Simulate too, within about a minute, and hold each value against its 99 % interval.
    seed
        Seed of the simulation.
    json
        Print one object, or the list of laws, for a program to read.
    """
    from .console import article, print_json

    if name is None:
        _listed(json)
        return 0
    try:
        wanted = law(name)
    except ValueError as error:
        raise UnknownNameError(str(error)) from None
    given = _given(set_) | ({"algorithm": algorithm} if algorithm else {})
    inputs = wanted.inputs(given, _device(device), _data(data))
    made = wanted.predicts(inputs)
    checked = _checked(wanted, made, inputs, seed) if check else None
    found = told(wanted, inputs, made, checked)
    if json:
        print_json(found)
    else:
        article(f"{wanted.name}: {wanted.says}", sections(wanted, found))
    return _ERROR if checked is not None and checked["agrees"] is False else 0


def _given(pairs: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name and equals and value):
            raise UnknownNameError(f"set={pair!r}: must be NAME=VALUE")
        found[name.strip()] = value.strip()
    return found


def _device(name: str | None) -> Any:
    if name is None:
        return None
    from .device_page import Problem, page

    return page(name, Problem()).device.response


def _data(path: Path | None) -> Any:
    if path is None:
        return None
    from ..experiments.samples import read_samples

    return read_samples(path)


def _checked(wanted: Law, made: Prediction, inputs: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Every measured value, and whether all agree; nothing is simulated where the law is not valid."""
    from ..experiments.intervals import CONFIDENCE
    from ..experiments.laws import held, told as told_value

    if not made.valid:
        return {"agrees": None, "values": {}, "why": "not simulated: a condition of the law is not met"}
    found = held(wanted.name, made, inputs, seed)
    return {
        "agrees": all(one.inside for one in found.values()),
        "confidence": CONFIDENCE,
        "values": {value: told_value(one) for value, one in found.items()},
    }


def told(
    wanted: Law, inputs: Mapping[str, Any], made: Prediction, checked: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """A prediction as an object."""
    shown = {name: value if isinstance(value, float | str) else _named(value) for name, value in inputs.items()}
    found = {
        "law": wanted.name,
        "inputs": {name: value for name, value in shown.items() if value is not None},
        "values": dict(made.values),
        "order": made.order,
        "conditions": dict(made.conditions),
        "valid": made.valid,
        "reason": "; ".join(f"{name}: {why}" for name, why in made.reasons.items()),
    }
    return found if checked is None else {**found, "check": dict(checked)}


def _named(extra: Any) -> str | None:
    """What is told of a device or data: its response functions, or the size of its matrix."""
    if extra is None:
        return None
    return f"{extra.rows} x {extra.dim} least squares" if hasattr(extra, "rows") else f"{extra.q_plus}, {extra.q_minus}"


def sections(wanted: Law, found: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """The same as text."""
    units = {parameter.name: parameter for parameter in wanted.parameters}
    parts = [
        ("At", [f"{name} = {_number(value)}{_unit(units, name)}" for name, value in found["inputs"].items()]),
        ("Predicted", [f"{name} = {_number(value)}" for name, value in found["values"].items()]),
        ("Order", [found["order"]]),
        ("Conditions", [f"{name}: {'met' if met else 'not met'}" for name, met in found["conditions"].items()]),
        ("Why", [found["reason"]] if found["reason"] else []),
        ("Simulated", _simulated(found["check"]) if "check" in found else []),
    ]
    return [(title, lines) for title, lines in parts if lines]


def _unit(units: Mapping[str, Any], name: str) -> str:
    return f" ({units[name].meaning})" if name in units else ""


def _simulated(check: Mapping[str, Any]) -> list[str]:
    if "why" in check:
        return [check["why"]]
    return [
        f"{name} = {one['measured']:.5g} +- {one['half_width']:.1g}, predicted {one['predicted']:.5g}: "
        f"{'inside' if one['inside'] else 'OUTSIDE'}{'' if one['sharp'] else ' (wide)'}"
        for name, one in check["values"].items()
    ]


def _number(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_number(entry) for entry in value) + "]"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_number(entry)}" for name, entry in value.items())
    return f"{value:.6g}" if isinstance(value, float) else "none" if value is None else str(value)


def listing() -> list[dict[str, Any]]:
    """All laws: name, what each says, its parameters with meaning, unit, default and choices, and what it takes."""
    return [
        {
            "law": one.name,
            "says": one.says,
            "parameters": [
                {"name": p.name, "meaning": p.meaning, "unit": p.unit, "default": p.default, "choices": list(p.choices)}
                for p in one.parameters
            ],
            "takes": list(one.takes),
        }
        for one in map(law, MODULES)
    ]


def _listed(json: bool) -> None:
    from .console import article, print_json

    if json:
        print_json(listing())
        return
    for one in listing():
        lines = [
            f"{p['name']} = {_number(p['default'])}: {' or '.join(p['choices']) or p['meaning']} ({p['unit']})"
            for p in one["parameters"]
        ]
        takes = [f"takes --{kind}" for kind in one["takes"]]
        article(f"{one['law']}: {one['says']}", [("Parameters", [*lines, *takes])])
