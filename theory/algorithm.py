"""The smooth analog update (5) and the update rules that run on it.

Everything here is plain arithmetic, so one function serves derivations (SymPy symbols), counterexamples (exact
rationals) and simulation (arrays). A rule's parameters are kept as they are given: with fractions and exact states a
step is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, NamedTuple, Protocol

from .validate import integer, nonnegative, positive

Response = Callable[[Any], tuple[Any, Any]]
Update = Callable[[Any, Iterable[Any]], Any]
Reading = Callable[[Any], Any]


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


def exactly(values: Any) -> Any:
    """A reading without error: the values themselves."""
    return values


class OnArray(NamedTuple):
    """What hardware does for one analog array: `update` applies increments, `read` returns its values as read out."""

    update: Update
    read: Reading = exactly


Arrays = Mapping[str, OnArray]


class Oracle(Protocol):
    """What a step may ask of the problem at one point in time: its gradients, with the noise of this step.

    k: the number of steps that were taken before; only a schedule of transfers asks for it.
    """

    @property
    def k(self) -> int:
        """The number of steps taken before."""

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

    arrays: the names of its analog arrays. A step is given for each of them, by name, what the hardware does for it.
    """

    arrays: ClassVar[tuple[str, ...]]

    def init(self, start: Any) -> Any:
        """The state at step 0, with W at `start`."""

    def step(self, state: Any, oracle: Oracle, on: Arrays) -> Any:
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

    def step(self, state: Single, oracle: Oracle, on: Arrays) -> Single:  # noqa: ARG002
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

    def step(self, state: Single, oracle: Oracle, on: Arrays) -> Single:
        """One step of (2)."""
        return Single(on["W"].update(state.W, [-self.alpha * g for g in oracle.sample(state.W)]))

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

    def step(self, state: Single, oracle: Oracle, on: Arrays) -> Single:
        """One step of (2) without gradient noise."""
        return Single(on["W"].update(state.W, [-self.alpha * oracle.full(state.W)]))

    def point(self, state: Single) -> Any:
        """W."""
        return state.W


@dataclass(frozen=True)
class Schedule:
    """When which entries of a residual array are read and transferred: `columns` of them in turn, every `every` steps.

    Parameters
    ----------
    every : number of steps between two transfers, >= 1; the first transfer is made in step `every` - 1.
    columns : how many entries a transfer moves, >= 1, the next ones in cyclic order; None moves all.
    """

    every: int = 1
    columns: int | None = None

    def __post_init__(self) -> None:
        integer("every", self.every)
        if self.columns is not None:
            integer("columns", self.columns)

    def due(self, oracle: Oracle, new: Any, old: Any) -> Any:
        """`new` in the entries whose turn it is, `old` in the others; columns lie along the last axis."""
        if self == ALL:
            return new
        if (oracle.k + 1) % self.every:
            return old
        return new if self.columns is None else _replaced(old, new, self._turn(oracle.k, new.shape[-1]))

    def _turn(self, k: int, dim: int) -> list[int]:
        first = ((k + 1) // self.every - 1) * self.columns  # type: ignore[operator]
        return [(first + column) % dim for column in range(self.columns)]  # type: ignore[arg-type]


ALL = Schedule()


def _replaced(old: Any, new: Any, columns: Sequence[int]) -> Any:
    mixed = old + 0 * new
    for column in columns:
        mixed[..., column] = new[..., column]
    return mixed


def told(rule: Any) -> str:
    """A rule with its parameters; those that have their default are left out."""
    given = ((f, getattr(rule, f.name)) for f in fields(rule))
    return f"{type(rule).__name__}({', '.join(f'{f.name}={value}' for f, value in given if value != f.default)})"


@dataclass(frozen=True)
class ResidualLearning:
    """Residual Learning (10)-(11), the gradient taken at Wbar = W + gamma P, the transfer made with the new P.

    P <- P - alpha grad f(Wbar; xi) F(P) - alpha |grad f(Wbar; xi)| G(P),
    W <- W + beta P F(W) - beta |P| G(W), with P as it is read.

    Parameters
    ----------
    alpha, beta : learning rate and transfer rate, > 0; numbers of any kind or positive SymPy symbols.
    gamma : mixing coefficient of the residual array, >= 0.
    transfer : when which entries of P are transferred; all of them in every step by default.
    """

    alpha: Any
    beta: Any
    gamma: Any
    transfer: Schedule = ALL
    arrays: ClassVar[tuple[str, ...]] = ("W", "P")
    __str__ = told

    def __post_init__(self) -> None:
        positive("alpha", self.alpha)
        positive("beta", self.beta)
        nonnegative("gamma", self.gamma)

    def init(self, start: Any) -> Pair:
        """W at `start`, P at 0."""
        return Pair(start, 0 * start)

    def step(self, state: Pair, oracle: Oracle, on: Arrays) -> Pair:
        """One step of (10), then of (11)."""
        return _transferred(self, state, oracle, on)

    def point(self, state: Pair) -> Any:
        """Wbar = W + gamma P."""
        return state.W + self.gamma * state.P


@dataclass(frozen=True)
class TikiTaka:
    """Tiki-Taka: Residual Learning (10)-(11) with gamma = 0, so that the gradient is taken at W alone.

    Parameters
    ----------
    alpha, beta : learning rate and transfer rate, > 0; numbers of any kind or positive SymPy symbols.
    transfer : when which entries of P are transferred; all of them in every step by default.
    """

    alpha: Any
    beta: Any
    transfer: Schedule = ALL
    arrays: ClassVar[tuple[str, ...]] = ("W", "P")
    __str__ = told

    def __post_init__(self) -> None:
        positive("alpha", self.alpha)
        positive("beta", self.beta)

    def init(self, start: Any) -> Pair:
        """W at `start`, P at 0."""
        return Pair(start, 0 * start)

    def step(self, state: Pair, oracle: Oracle, on: Arrays) -> Pair:
        """One step of (10), then of (11)."""
        return _transferred(self, state, oracle, on)

    def point(self, state: Pair) -> Any:
        """W."""
        return state.W


def descended(rule: Any, state: Any, oracle: Oracle, on: Arrays) -> Any:
    """(10): P after the gradient, which is taken at the rule's point."""
    return on["P"].update(state.P, [-rule.alpha * g for g in oracle.sample(rule.point(state))])


def _transferred(rule: Any, state: Pair, oracle: Oracle, on: Arrays) -> Pair:
    """(10), then (11) with the new P as it is read."""
    P = descended(rule, state, oracle, on)
    moved = rule.beta * on["P"].read(P)
    return Pair(on["W"].update(state.W, [rule.transfer.due(oracle, moved, 0 * moved)]), P)
