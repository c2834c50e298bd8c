"""Algorithms with a digital buffer between the residual array and the weights (section 5, Appendix D).

The buffer H is digital, so it holds any number exactly; what it takes in is P as it is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import sympy as sp

from .algorithm import ALL, Arrays, Oracle, Schedule, descended, told
from .validate import nonnegative, positive


class Buffered(NamedTuple):
    """The state of an algorithm with a weight array W, a residual array P and a digital buffer H."""

    W: Any
    P: Any
    H: Any


@dataclass(frozen=True)
class BufferedResidualLearning:
    """Residual Learning with a digital buffer (14)-(15): the transfer moves an average of what was read of P.

    P as in (10), then H <- (1 - buffer) H + buffer (P + eps) and W <- W + beta H F(W) - beta |H| G(W); the paper takes
    buffer = beta.

    Parameters
    ----------
    alpha, beta : learning rate and transfer rate, > 0; numbers of any kind or positive SymPy symbols.
    gamma : mixing coefficient of the residual array, >= 0.
    buffer : rate of the average, > 0; `beta` if None.
    transfer : when which entries of P are read and transferred; all of them in every step by default.
    """

    alpha: Any
    beta: Any
    gamma: Any
    buffer: Any = None
    transfer: Schedule = ALL
    arrays: ClassVar[tuple[str, ...]] = ("W", "P")
    __str__ = told

    def __post_init__(self) -> None:
        positive("alpha", self.alpha)
        positive("beta", self.beta)
        nonnegative("gamma", self.gamma)
        if self.buffer is not None:
            positive("buffer", self.buffer)

    def init(self, start: Any) -> Buffered:
        """W at `start`, P and H at 0."""
        return Buffered(start, 0 * start, 0 * start)

    def step(self, state: Buffered, oracle: Oracle, on: Arrays) -> Buffered:
        """One step of (10), of (14), then of (15)."""
        P = descended(self, state, oracle, on)
        rate = self.beta if self.buffer is None else self.buffer
        H = self.transfer.due(oracle, averaged(state.H, on["P"].read(P), rate), state.H)
        W = on["W"].update(state.W, [self.transfer.due(oracle, self.beta * H, 0 * H)])
        return Buffered(W, P, H)

    def point(self, state: Buffered) -> Any:
        """Wbar = W + gamma P."""
        return state.W + self.gamma * state.P


@dataclass(frozen=True)
class ResidualLearningV2:
    """Residual Learning v2 (section 5): a digital buffer, of which a pulse's worth is transferred once it holds one.

    P as in (10), H <- (1 - beta) H + beta (P + eps) (14); then where |H| >= dw_min an increment of dw_min with the sign
    of H is sent to W and taken off H.

    Parameters
    ----------
    alpha, beta : learning rate and rate of the buffer, > 0; numbers of any kind or positive SymPy symbols.
    gamma : mixing coefficient of the residual array, >= 0.
    dw_min : the threshold and the increment, > 0, in units of weight: the granularity of W.
    transfer : when which entries of P are read and transferred; all of them in every step by default.
    """

    alpha: Any
    beta: Any
    gamma: Any
    dw_min: Any
    transfer: Schedule = ALL
    arrays: ClassVar[tuple[str, ...]] = ("W", "P")
    __str__ = told

    def __post_init__(self) -> None:
        for name in ("alpha", "beta", "dw_min"):
            positive(name, getattr(self, name))
        nonnegative("gamma", self.gamma)

    def init(self, start: Any) -> Buffered:
        """W at `start`, P and H at 0."""
        return Buffered(start, 0 * start, 0 * start)

    def step(self, state: Buffered, oracle: Oracle, on: Arrays) -> Buffered:
        """One step of (10), of (14), then the transfer of what has reached the threshold."""
        P = descended(self, state, oracle, on)
        return _sent(self, state, P, averaged(state.H, on["P"].read(P), self.beta), oracle, on)

    def point(self, state: Buffered) -> Any:
        """Wbar = W + gamma P."""
        return state.W + self.gamma * state.P


@dataclass(frozen=True)
class TikiTakaV2:
    """Tiki-Taka v2 (32): a buffer without decay, H <- H + beta (P + eps), and the gradient taken at W alone.

    What reaches the threshold dw_min is transferred as in Residual Learning v2.

    Parameters
    ----------
    alpha, beta : learning rate and rate of the buffer, > 0; numbers of any kind or positive SymPy symbols.
    dw_min : the threshold and the increment, > 0, in units of weight: the granularity of W.
    transfer : when which entries of P are read and transferred; all of them in every step by default.
    """

    alpha: Any
    beta: Any
    dw_min: Any
    transfer: Schedule = ALL
    arrays: ClassVar[tuple[str, ...]] = ("W", "P")
    __str__ = told

    def __post_init__(self) -> None:
        for name in ("alpha", "beta", "dw_min"):
            positive(name, getattr(self, name))

    def init(self, start: Any) -> Buffered:
        """W at `start`, P and H at 0."""
        return Buffered(start, 0 * start, 0 * start)

    def step(self, state: Buffered, oracle: Oracle, on: Arrays) -> Buffered:
        """One step of (10) with the gradient at W, of (32), then the transfer of what has reached the threshold."""
        P = descended(self, state, oracle, on)
        return _sent(self, state, P, state.H + self.beta * on["P"].read(P), oracle, on)

    def point(self, state: Buffered) -> Any:
        """W."""
        return state.W


def averaged(H: Any, read: Any, rate: Any) -> Any:
    """The digital buffer (14): H moved by `rate` of the way to what was read."""
    return (1 - rate) * H + rate * read


def fired(H: Any, dw_min: Any) -> Any:
    """The pulse that a buffer asks for: +1 where H >= dw_min, -1 where H <= -dw_min, else 0."""
    return _indicator(dw_min <= H) - _indicator(dw_min <= -H)


def _indicator(condition: Any) -> Any:
    return sp.Piecewise((1, condition), (0, True)) if isinstance(condition, sp.Basic) else condition * 1


def _sent(rule: Any, state: Buffered, P: Any, H: Any, oracle: Oracle, on: Arrays) -> Buffered:
    """The threshold transfer of section 5: pulses leave the buffer H for W where it is their turn."""
    dw = rule.dw_min * fired(H, rule.dw_min)
    W = on["W"].update(state.W, [rule.transfer.due(oracle, dw, 0 * dw)])
    return Buffered(W, P, rule.transfer.due(oracle, H - dw, state.H))
