"""The inequalities of one transfer (11) from P to W, sample by sample: (107)-(115), as printed and as repaired.

The lines have the shape of `descent_terms`: both sides of left <= right in a view of the step, and the terms that prove
it. x is W_k - W*; the pull is what (11) would add to W_k from P*(W_k), the push what it adds from P_{k+1}, both over
beta.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from ..algorithm import analog_update
from ..statement import Instance, Same, Sides
from ..symbols import symbol
from .descent_terms import BOUNDED_F, F_MAX, PROBABILITY, F, G, Line, View, total
from .residual_step import M_W, away, first_sample, miss_next, moved_W, pull, pushed

BETA, GAMMA, Q_MAX = symbol("beta"), symbol("gamma", "positive"), symbol("q_max")
X, W, W_STAR, W_NEXT = symbol("x"), symbol("w"), symbol("w_star"), symbol("w_next")
P_NEXT, P_OPT, M = symbol("P_next"), symbol("P_opt"), symbol("M", "positive")
PULL, PUSH, MISS = symbol("u_opt"), symbol("u_next"), symbol("miss")
Q_HERE, Q_BACK = symbol("q_here", "positive"), symbol("q_back", "positive")


def in_expectation(step: Instance) -> View:
    """The view of a transfer; `q_here` is the response that P*(W_k) meets, `q_back` that of the other sign."""
    forward = step["P_opt"] >= 0
    return {
        **{name: step[name] for name in ("beta", "gamma", "F_max", "q_max", "P_opt", "P_next")},
        "p": step["p"][:, None],
        "F": step["F_W"],
        "G": step["G_W"],
        "M": M_W(step),
        "w": step["W"],
        "w_star": step["W_star"],
        "w_next": step["W_next"],
        "x": away(step),
        "u_opt": pull(step),
        "u_next": pushed(step),
        "miss": miss_next(step),
        "move": moved_W(step),
        "q_here": np.where(forward, step["q_plus_W"], step["q_minus_W"]),
        "q_back": np.where(forward, step["q_minus_W"], step["q_plus_W"]),
    }


def for_every_sample(step: Instance) -> View:
    """The view of a transfer after one sample."""
    return in_expectation(first_sample(step))


def increment(P: sp.Expr) -> sp.Expr:
    """P F(W) - |P| G(W) in one coordinate."""
    return analog_update(W, P, F, G) - W


# Sizes


def x2(v: View) -> Any:
    """||W_k - W*||^2."""
    return total(v, v["x"] ** 2)


def next2(v: View) -> Any:
    """E||W_{k+1} - W*||^2."""
    return total(v, (v["w_next"] - v["w_star"]) ** 2)


def moved_along(v: View) -> Any:
    """2 E<W_k - W*, W_{k+1} - W_k>."""
    return 2 * total(v, v["x"] * v["move"])


def saturated2(v: View) -> Any:
    """||W_k - W*||_M^2 / (gamma F_max), M = M(W_k)."""
    return total(v, v["x"] ** 2 * v["M"]) / (v["gamma"] * v["F_max"])


def pull2(v: View) -> Any:
    """||P* F - |P*| G||^2."""
    return total(v, v["u_opt"] ** 2)


def miss2(v: View) -> Any:
    """E||P_{k+1} - P*||^2."""
    return total(v, v["miss"] ** 2)


def lost2(v: View) -> Any:
    """E||P_{k+1} - P*||^2 weighted with the pseudo-inverse of M(W_k), which is 1/M as M > 0."""
    return total(v, v["miss"] ** 2 / v["M"])


def _by_pull(v: View) -> Any:
    """The first term of (108)."""
    return 2 * v["beta"] * total(v, v["x"] * v["u_opt"])


def _by_error(v: View) -> Any:
    """The second term of (108)."""
    return 2 * v["beta"] * total(v, v["x"] * (v["u_next"] - v["u_opt"]))


def _linear(v: View) -> Any:
    return total(v, v["x"] ** 2 * v["F"])


def _folded(v: View) -> Any:
    return total(v, v["x"] * abs(v["x"]) * v["G"])


def _half_saturated(v: View) -> Any:
    return v["beta"] * saturated2(v) / 2


def _mixed2(v: View) -> Any:
    """||x sqrt F + |x| G / sqrt F||^2."""
    return total(v, (v["x"] * v["F"] + abs(v["x"]) * v["G"]) ** 2 / v["F"])


def pulled(v: View) -> Any:
    """The last line of (109)."""
    return -v["beta"] * saturated2(v) - v["beta"] * v["gamma"] * pull2(v) / v["F_max"]


def _ratio(v: View) -> Any:
    return v["beta"] / v["gamma"]


# (107), (108)

_SQUARES = (W_NEXT - W_STAR) ** 2 - (W - W_STAR) ** 2 - 2 * (W - W_STAR) * (W_NEXT - W) - (W_NEXT - W) ** 2
_TRANSFERRED = BETA * (P_NEXT * F - sp.Abs(P_NEXT) * G)
_BY_PARTS = BETA * increment(P_OPT) + BETA * (increment(P_NEXT) - increment(P_OPT))


def _moved_by(v: View) -> Any:
    return 2 * v["beta"] * total(v, v["x"] * v["u_next"])


expands = Line(
    lambda v: Same(next2(v), x2(v) + moved_along(v) + total(v, v["move"] ** 2)), terms=((PROBABILITY * _SQUARES, ()),)
)
transfers = Line(
    lambda v: Same(moved_along(v), _moved_by(v)),
    terms=((2 * PROBABILITY * X * (increment(BETA * P_NEXT) - _TRANSFERRED), ()),),
)
splits = Line(
    lambda v: Same(_moved_by(v), _by_pull(v) + _by_error(v)),
    terms=((2 * PROBABILITY * X * (_TRANSFERRED - _BY_PARTS), ()),),
)


# (109), (110): what P* does. The right-hand sides have no roots: ||u sqrt F||^2 is the sum of u^2 F

_MIXED = X * F + sp.Abs(X) * G
_PULLED = increment(-X / GAMMA)


def _signed(v: View, sign: int) -> Any:
    """The third line of (109), its second term with this sign; printed is +."""
    return 2 * _ratio(v) * (sign * _folded(v) - _linear(v))


def _squared(v: View) -> Any:
    """The fourth line of (109)."""
    return _ratio(v) * (total(v, v["x"] ** 2 * v["G"] ** 2 / v["F"]) - _linear(v) - _mixed2(v))


def _saturating(v: View) -> Any:
    """The fifth line of (109)."""
    return -v["beta"] * saturated2(v) - _ratio(v) * _mixed2(v)


prints_the_sign = Line(lambda v: Same(_by_pull(v), _signed(v, 1)))
prints_the_squares = Line(lambda v: Same(_signed(v, 1), _squared(v)))
turns_the_sign = Line(
    lambda v: Same(_by_pull(v), _signed(v, -1)),
    terms=((2 * PROBABILITY * BETA * (X * _PULLED + X * _MIXED / GAMMA), ()),),
)
completes_the_square = Line(
    lambda v: Same(_signed(v, -1), _squared(v)),
    terms=((PROBABILITY * BETA / GAMMA * (X**2 * F - 2 * X * _MIXED - X**2 * G**2 / F + _MIXED**2 / F), ()),),
)
_SATURATES = (PROBABILITY * BETA / GAMMA * X**2 * M * (1 / F - 1 / F_MAX), (BOUNDED_F,))
_FRAMES = (PROBABILITY * BETA / GAMMA * _MIXED**2 * (1 / F - 1 / F_MAX), (BOUNDED_F,))
saturates = Line(lambda v: Sides(_squared(v), _saturating(v)), terms=(_SATURATES,))
restores_the_pull = Line(lambda v: Sides(_saturating(v), pulled(v)), terms=(_FRAMES,))
pulls_back = Line(lambda v: Sides(_by_pull(v), pulled(v)), terms=(_SATURATES, _FRAMES))
rescales = Line(
    lambda v: Same(-_ratio(v) * _mixed2(v), -v["beta"] * v["gamma"] * _mixed2({**v, "x": v["x"] / v["gamma"]})),
    terms=((PROBABILITY * BETA * (GAMMA * _MIXED.subs(X, X / GAMMA) ** 2 - _MIXED**2 / GAMMA) / F, ()),),
)
takes_out_F_max = Line(
    lambda v: Sides(-_ratio(v) * _mixed2(v), -v["beta"] * v["gamma"] * pull2(v) / v["F_max"]), terms=(_FRAMES,)
)


# (111): what the distance of P_{k+1} from P* does

_ERROR = PUSH - PULL


def _error2(v: View) -> Any:
    return total(v, (v["u_next"] - v["u_opt"]) ** 2 / v["M"])


def lost_by_lipschitz(v: View) -> Any:
    """2 beta gamma F_max q_max^2 E||P_{k+1} - P*||^2, weighted with 1/M(W_k)."""
    return 2 * v["beta"] * v["gamma"] * v["F_max"] * v["q_max"] ** 2 * lost2(v)


def printed_loss(v: View) -> Any:
    """2 beta F_max^3 / gamma E||P_{k+1} - P*||^2, weighted with 1/M(W_k)."""
    return 2 * _ratio(v) * v["F_max"] ** 3 * lost2(v)


def _printed_young(v: View) -> Any:
    return _half_saturated(v) + 2 * _ratio(v) * v["F_max"] * _error2(v)


def _young(v: View) -> Any:
    return _half_saturated(v) + 2 * v["beta"] * v["gamma"] * v["F_max"] * _error2(v)


_SPLIT = PROBABILITY * BETA / (2 * GAMMA * F_MAX * M)
splits_the_printed_product = Line(
    lambda v: Sides(_by_error(v) / v["gamma"], _printed_young(v)),
    terms=((_SPLIT * (X * M - 2 * F_MAX * _ERROR) ** 2, ()),),
)
prints_the_constant = Line(lambda v: Sides(_printed_young(v), _half_saturated(v) + printed_loss(v)))
prints_the_bound = Line(lambda v: Sides(_by_error(v), _half_saturated(v) + printed_loss(v)))
splits_the_product = Line(
    lambda v: Sides(_by_error(v), _young(v)), terms=((_SPLIT * (X * M - 2 * GAMMA * F_MAX * _ERROR) ** 2, ()),)
)
is_lipschitz = Line(lambda v: Sides(_young(v), _half_saturated(v) + lost_by_lipschitz(v)))
bounds_the_error = Line(
    lambda v: Sides(_by_error(v), _half_saturated(v) + lost_by_lipschitz(v)), terms=splits_the_product.terms
)


def lipschitz(v: View, weights: Any) -> Any:
    """The slack of Lemma 3 with q_max, squared, in the norm with these weights."""
    return total(v, weights * (v["q_max"] ** 2 * v["miss"] ** 2 - (v["u_next"] - v["u_opt"]) ** 2))


# (112)-(114)


def _step2(v: View) -> Any:
    return total(v, v["move"] ** 2)


def _pull_and_error(v: View) -> Any:
    return 2 * v["beta"] ** 2 * (pull2(v) + total(v, (v["u_next"] - v["u_opt"]) ** 2))


def _before_the_rate(v: View) -> Any:
    """(114) without its last two terms."""
    given_up = v["beta"] * v["gamma"] / v["F_max"] - 2 * v["beta"] ** 2
    return x2(v) - _half_saturated(v) - given_up * pull2(v)


def _missed(v: View) -> Any:
    return 2 * v["beta"] ** 2 * miss2(v)


def _missed_by_lipschitz(v: View) -> Any:
    return v["q_max"] ** 2 * _missed(v)


prints_the_inner_product = Line(lambda v: Sides(moved_along(v), pulled(v) + printed_loss(v)))
bounds_the_inner_product = Line(lambda v: Sides(moved_along(v), pulled(v) + _half_saturated(v) + lost_by_lipschitz(v)))
is_transferred = Line(
    lambda v: Same(_step2(v), v["beta"] ** 2 * total(v, v["u_next"] ** 2)),
    terms=((PROBABILITY * (increment(BETA * P_NEXT) ** 2 - _TRANSFERRED**2), ()),),
)
parts_the_step = Line(
    lambda v: Sides(v["beta"] ** 2 * total(v, v["u_next"] ** 2), _pull_and_error(v)),
    terms=((PROBABILITY * BETA**2 * (PUSH - 2 * PULL) ** 2, ()),),
)
prints_no_constant = Line(lambda v: Sides(_pull_and_error(v), 2 * v["beta"] ** 2 * pull2(v) + _missed(v)))
is_lipschitz_too = Line(lambda v: Sides(_pull_and_error(v), 2 * v["beta"] ** 2 * pull2(v) + _missed_by_lipschitz(v)))
bounds_the_step = Line(
    lambda v: Sides(_step2(v), 2 * v["beta"] ** 2 * pull2(v) + _missed_by_lipschitz(v)), terms=parts_the_step.terms
)
prints_the_descent = Line(lambda v: Sides(next2(v), _before_the_rate(v) + printed_loss(v) + _missed(v)))
descends = Line(lambda v: Sides(next2(v), _before_the_rate(v) + lost_by_lipschitz(v) + _missed_by_lipschitz(v)))


# (115), that is Lemma 6


def _contracted(v: View) -> Any:
    return x2(v) - _half_saturated(v) - v["beta"] * v["gamma"] * pull2(v) / (2 * v["F_max"])


def sharp_loss(v: View) -> Any:
    """Beta gamma q_max^3 E||P_{k+1} - P*||^2, weighted with 1/M(W_k)."""
    return v["beta"] * v["gamma"] * v["q_max"] ** 3 * lost2(v)


lemma_6_printed = Line(lambda v: Sides(next2(v), _contracted(v) + printed_loss(v) + _missed(v)))
lemma_6_amended = Line(
    lambda v: Sides(next2(v), _contracted(v) + lost_by_lipschitz(v) + _missed_by_lipschitz(v)),
    terms=((PROBABILITY * BETA * (GAMMA / (2 * F_MAX) - 2 * BETA) * PULL**2, (BETA <= GAMMA / (4 * F_MAX),)),),
)

_HALF_F = (Q_HERE + Q_BACK) / 2
_WITHIN, _RATE = _HALF_F <= F_MAX, BETA <= GAMMA / (2 * F_MAX)
_PB = PROBABILITY * BETA
lemma_6_sharp = Line(
    lambda v: Sides(next2(v), _contracted(v) + sharp_loss(v)),
    terms=(
        (_PB * (GAMMA / (2 * F_MAX) - BETA) * PUSH**2, (_RATE,)),
        (_PB * GAMMA / Q_HERE * (1 - _HALF_F / F_MAX) * PULL**2, (_WITHIN,)),
        (_PB * GAMMA / Q_HERE * (1 - Q_HERE / (2 * F_MAX)) * PUSH**2, (_WITHIN,)),
        (_PB * GAMMA / Q_HERE * Q_MAX**2 * (Q_MAX / Q_BACK - 1) * MISS**2, (Q_BACK <= Q_MAX,)),
    ),
)
lemma_6_mixed_little = Line(
    lemma_6_printed.sides,
    terms=(
        (_PB * (2 * F_MAX**3 / GAMMA - GAMMA * Q_MAX**3) * MISS**2 / M, (GAMMA**2 * Q_MAX**3 <= 2 * F_MAX**3,)),
        (2 * PROBABILITY * BETA**2 * MISS**2, ()),
    ),
)
