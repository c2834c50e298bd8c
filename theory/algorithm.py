"""The smooth analog update (5) and the update rules that run on it.

Everything here is plain arithmetic, so one function serves derivations (SymPy symbols), counterexamples (exact
rationals) and simulation (arrays). A rule's parameters are kept as they are given: with fractions and exact states a
step is exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar, NamedTuple, Protocol

import sympy as sp

from .validate import positive, reject

Response = Callable[[Any], tuple[Any, Any]]
Update = Callable[[Any, Iterable[Any]], Any]


def analog_update(w: Any, dw: Any, F: Any, G: Any) -> Any:
    """The smooth Analog Update (5), w + dw F(w) - |dw| G(w), element-wise; F and G are the values at w."""
    return w + dw * F - abs(dw) * G


def smooth(response: Response) -> Update:
    """The update that applies (5) to one increment after another.

    `response` maps w to (F(w), G(w)). The result maps (w, increments) to the weights after all increments, each of
    which meets the response at the weights that the one before it left.
    """

    def update(w: Any, increments: Iterable[Any]) -> Any:
        for dw in increments:
            w = analog_update(w, dw, *response(w))
        return w

    return update


class Oracle(Protocol):
    """What a step may ask of the problem at one point in time: its gradients, with the noise of this step."""

    def sample(self, W: Any) -> Sequence[Any]:
        """Stochastic gradients at W, in the order in which the hardware applies them."""

    def full(self, W: Any) -> Any:
        """The exact gradient at W."""


class Single(NamedTuple):
    """The state of an algorithm with one array."""

    W: Any


class Pair(NamedTuple):
    """The state of an algorithm with a weight array W and a residual array P."""

    W: Any
    P: Any


class Algorithm(Protocol):
    """An update rule as a pure function on a small named state (a NamedTuple whose first array is W).

    arrays: the names of its analog arrays. A step is given one update for each of them, by name.
    """

    arrays: ClassVar[tuple[str, ...]]

    def init(self, start: Any) -> Any:
        """The state at step 0, with W at `start`."""

    def step(self, state: Any, oracle: Oracle, update: Mapping[str, Update]) -> Any:
        """The state after one step."""

    def point(self, state: Any) -> Any:
        """The point at which loss and gradient are evaluated: W, or W + gamma P."""


@dataclass(frozen=True)
class DigitalSGD:
    """Digital SGD: W <- W - alpha grad f(W; xi), on ideal elements without bounds.

    Parameters
    ----------
    alpha : learning rate, > 0; a number of any kind or a positive SymPy symbol.
    """

    alpha: Any
    arrays: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        positive("alpha", self.alpha)

    def init(self, start: Any) -> Single:
        """W at `start`."""
        return Single(start)

    def step(self, state: Single, oracle: Oracle, update: Mapping[str, Update]) -> Single:  # noqa: ARG002
        """One step; the increments of a batch add up."""
        W = state.W
        for g in oracle.sample(state.W):
            W = W - self.alpha * g
        return Single(W)

    def point(self, state: Single) -> Any:
        """W."""
        return state.W


@dataclass(frozen=True)
class AnalogSGD:
    """Analog SGD (2): W <- W - alpha grad f(W; xi) F(W) - alpha |grad f(W; xi)| G(W).

    Parameters
    ----------
    alpha : learning rate, > 0; a number of any kind or a positive SymPy symbol.
    """

    alpha: Any
    arrays: ClassVar[tuple[str, ...]] = ("W",)

    def __post_init__(self) -> None:
        positive("alpha", self.alpha)

    def init(self, start: Any) -> Single:
        """W at `start`."""
        return Single(start)

    def step(self, state: Single, oracle: Oracle, update: Mapping[str, Update]) -> Single:
        """One step of (2)."""
        return Single(update["W"](state.W, [-self.alpha * g for g in oracle.sample(state.W)]))

    def point(self, state: Single) -> Any:
        """W."""
        return state.W


@dataclass(frozen=True)
class AnalogGD:
    """Analog GD: Analog SGD (2) with the exact gradient.

    Parameters
    ----------
    alpha : learning rate, > 0; a number of any kind or a positive SymPy symbol.
    """

    alpha: Any
    arrays: ClassVar[tuple[str, ...]] = ("W",)

    def __post_init__(self) -> None:
        positive("alpha", self.alpha)

    def init(self, start: Any) -> Single:
        """W at `start`."""
        return Single(start)

    def step(self, state: Single, oracle: Oracle, update: Mapping[str, Update]) -> Single:
        """One step of (2) without gradient noise."""
        return Single(update["W"](state.W, [-self.alpha * oracle.full(state.W)]))

    def point(self, state: Single) -> Any:
        """W."""
        return state.W


@dataclass(frozen=True)
class ResidualLearning:
    """Residual Learning (10)-(11), the gradient taken at Wbar = W + gamma P, the transfer made with the new P.

    P <- P - alpha grad f(Wbar; xi) F(P) - alpha |grad f(Wbar; xi)| G(P),
    W <- W + beta P F(W) - beta |P| G(W).

    Parameters
    ----------
    alpha, beta : learning rate and transfer rate, > 0; numbers of any kind or positive SymPy symbols.
    gamma : mixing coefficient of the residual array, >= 0.
    """

    alpha: Any
    beta: Any
    gamma: Any
    arrays: ClassVar[tuple[str, ...]] = ("W", "P")

    def __post_init__(self) -> None:
        positive("alpha", self.alpha)
        positive("beta", self.beta)
        _nonnegative("gamma", self.gamma)

    def init(self, start: Any) -> Pair:
        """W at `start`, P at 0."""
        return Pair(start, 0 * start)

    def step(self, state: Pair, oracle: Oracle, update: Mapping[str, Update]) -> Pair:
        """One step of (10), then of (11)."""
        return _transfer(state, self.point(state), self.alpha, self.beta, oracle, update)

    def point(self, state: Pair) -> Any:
        """Wbar = W + gamma P."""
        return state.W + self.gamma * state.P


@dataclass(frozen=True)
class TikiTaka:
    """Tiki-Taka: Residual Learning (10)-(11) with gamma = 0, so that the gradient is taken at W alone.

    Parameters
    ----------
    alpha, beta : learning rate and transfer rate, > 0; numbers of any kind or positive SymPy symbols.
    """

    alpha: Any
    beta: Any
    arrays: ClassVar[tuple[str, ...]] = ("W", "P")

    def __post_init__(self) -> None:
        positive("alpha", self.alpha)
        positive("beta", self.beta)

    def init(self, start: Any) -> Pair:
        """W at `start`, P at 0."""
        return Pair(start, 0 * start)

    def step(self, state: Pair, oracle: Oracle, update: Mapping[str, Update]) -> Pair:
        """One step of (10), then of (11)."""
        return _transfer(state, state.W, self.alpha, self.beta, oracle, update)

    def point(self, state: Pair) -> Any:
        """W."""
        return state.W


def _transfer(state: Pair, point: Any, alpha: Any, beta: Any, oracle: Oracle, update: Mapping[str, Update]) -> Pair:
    """(10) with the gradient at `point`, then (11) with the new P."""
    P = update["P"](state.P, [-alpha * g for g in oracle.sample(point)])
    W = update["W"](state.W, [beta * P])
    return Pair(W, P)


def _nonnegative(name: str, value: Any) -> None:
    """Reject a value that is not >= 0; a symbol of unknown sign passes, as the table's gamma is one."""
    if isinstance(value, sp.Basic):
        allowed = value.is_nonnegative is not False
    else:
        allowed = isinstance(value, Real) and 0 <= float(value) < math.inf
    if not allowed:
        reject(name, value, "must be >= 0")
