"""Arrays whose elements differ: each weight has response parameters of its own (element variation)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ..theory.compile import array_function
from ..theory.response import ResponseFunction, W
from ..theory.symbols import symbol
from ..theory.validate import finite_array, integer, reject

Array = Any


@dataclass(frozen=True, eq=False)
class Elements:
    """One family of responses with parameters that differ from weight to weight.

    Parameters
    ----------
    family : a function of the parameters that returns a `ResponseFunction`, such as `linear`.
    parameters : for each parameter that varies, its values, shaped (dim,).
    name : what the array is called in labels.

    Raises
    ------
    ValueError
        Where lengths differ, or an element has parameters that the family does not allow; it names the element.
    """

    family: Callable[..., ResponseFunction]
    parameters: Mapping[str, Array]
    name: str = field(default="elements")

    def __post_init__(self) -> None:
        if not self.parameters:
            reject("parameters", self.parameters, "must name at least one parameter that varies")
        given = {name: finite_array(name, values, (None,)) for name, values in self.parameters.items()}
        sizes = {name: values.size for name, values in given.items()}
        if len(set(sizes.values())) != 1:
            reject("parameters", sizes, "must all have the same length")
        object.__setattr__(self, "parameters", given)
        for d in sorted({int(at(values)) for values in given.values() for at in (np.argmin, np.argmax)}):
            self._check(d)
        for d in np.flatnonzero(~self._positive())[:1]:
            self._check(int(d))
            reject(f"parameters[{d}]", self._of(d), "must give responses that are > 0 inside the range")

    def _of(self, d: int) -> dict[str, float]:
        return {name: float(values[d]) for name, values in self.parameters.items()}

    def _check(self, d: int) -> None:
        """One element as the family sees it: those with the least and the greatest of each parameter are tried."""
        try:
            self.family(**self._of(d))
        except ValueError as error:
            raise ValueError(f"element {d}: {error}") from error

    def _positive(self) -> Array:
        """Whether each element's range is not empty, and its responses are positive at points inside it."""
        low, high = self._range
        with np.errstate(invalid="ignore"):
            inside = low + (high - low) * np.linspace(0, 1, 34)[1:-1, None]
            responses = self.array_functions("q_plus", "q_minus")(inside)
            return (low < high) & np.all([np.broadcast_to(q > 0, inside.shape).all(0) for q in responses], axis=0)

    @property
    def dim(self) -> int:
        """The number of elements."""
        return int(next(iter(self.parameters.values())).size)

    @cached_property
    def _symbolic(self) -> ResponseFunction:
        return self.family(**{name: symbol(name) for name in self.parameters})

    @property
    def tau_min(self) -> Array:
        """The lower bounds of the elements, shaped (dim,)."""
        return self._range[0]

    @property
    def tau_max(self) -> Array:
        """The upper bounds of the elements, shaped (dim,)."""
        return self._range[1]

    @cached_property
    def _range(self) -> tuple[Array, ...]:
        letters = tuple(symbol(name) for name in self.parameters)
        ends = array_function(letters, (self._symbolic.tau_min, self._symbolic.tau_max))(*self.parameters.values())
        return tuple(np.broadcast_to(np.asarray(end, dtype=np.float64), (self.dim,)) for end in ends)

    def array_functions(self, *names: str) -> Callable[[Array], tuple[Any, ...]]:
        """A function of w (..., dim) that returns the named response functions, each element's at its own weight."""
        compute = self._compiled(names)
        return lambda w: compute(w, *self.parameters.values())

    def at(self, *names: str) -> Callable[[Array, Array], tuple[Any, ...]]:
        """The same as a function of weights and of the elements that they belong to, both shaped (n,)."""
        compute = self._compiled(names)
        return lambda w, d: compute(w, *(values[d] for values in self.parameters.values()))

    def _compiled(self, names: tuple[str, ...]) -> Callable[..., tuple[Any, ...]]:
        letters = tuple(symbol(name) for name in self.parameters)
        return array_function((W, *letters), tuple(getattr(self._symbolic, name) for name in names))


def varied(
    family: Callable[..., ResponseFunction], dim: int, spread: Mapping[str, float], *, rng: int, **nominal: float
) -> Elements:
    """`dim` elements whose parameters scatter about nominal values.

    Parameters
    ----------
    family : such as `linear`.
    spread : the standard deviation of each parameter that varies, in its own unit; normal.
    rng : the seed of the elements.
    nominal : the values that they scatter about.
    """
    integer("dim", dim)
    for name in spread:
        if name not in nominal:
            reject("spread", name, f"must be one of the parameters {', '.join(nominal)}")
    generator = np.random.default_rng(integer("rng", rng, 0))
    drawn = {
        name: value + spread.get(name, 0.0) * generator.standard_normal(dim) for name, value in sorted(nominal.items())
    }
    label = ", ".join(f"{name}={value:g} +- {spread.get(name, 0.0):g}" for name, value in sorted(nominal.items()))
    return Elements(family, drawn, f"{family.__name__}({label})")


def calibrated(device: ResponseFunction, dim: int, error: float, *, rng: int) -> Elements:
    """`dim` equal elements, each read against a reference that holds the symmetric point up to a calibration error.

    Zero-shifting with an error: the reference of element d holds w_sp + error xi_d, xi normal; what is read is the
    weight less the reference, so 0 is off the symmetric point by -error xi_d.

    Parameters
    ----------
    device : the element, with a symmetric point.
    error : standard deviation of the reference's error, >= 0, in units of conductance.
    rng : the seed of the errors.
    """
    if not (np.isfinite(error) and error >= 0):
        reject("error", error, "must be >= 0")
    generator = np.random.default_rng(integer("rng", rng, 0))
    reference = float(device.symmetric_point) + error * generator.standard_normal(integer("dim", dim))
    return Elements(device.shifted, {"reference": reference}, f"{device.name}, reference off by {error:g}")
