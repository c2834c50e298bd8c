"""What holds of Residual Learning next to its fixed point: the law `residual-stability`, stated and settled.

A mode is a step of the algorithm itself in which P answers by `a` and W by `b`. Two numbers tell its characteristic
polynomial: step = alpha h gamma a, which is 1 - det, and move = alpha h beta a b.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..algorithm import OnArray, Pair, ResidualLearning, smooth
from ..statement import All, Form, Identity, Implication, Measured, Order
from ..switched import flip_transfer, harmonic, trace, turning_transfer
from ..symbols import symbol
from . import statement
from .section_4 import ALPHA, BETA, Affine

X, P, GAMMA = symbol("x"), symbol("p"), symbol("gamma", "positive")
H, A, B = symbol("h"), symbol("a", "positive"), symbol("b", "positive")
STEP, MOVE, SMALL = symbol("step"), symbol("move"), symbol("step", "positive")
ROOT, OTHER, RE, IM = symbol("root"), symbol("other"), symbol("re"), symbol("im")
KAPPA, SHARE, RATE = symbol("kappa", "positive"), symbol("share", "positive"), symbol("rate", "nonnegative")
MODE = "gains a of P at 0 and b of W at w*, those of the signs at hand; no gradient noise"


def _stepped(at: Pair, P_gains: tuple[Any, Any], W_gains: tuple[Any, Any], rates: tuple[Any, Any, Any]) -> Pair:
    """A step at w* = 0 and curvature h, with (F, G) of the two arrays as given; rates: alpha h, beta, gamma."""
    on = {"P": OnArray(smooth(lambda _: P_gains)), "W": OnArray(smooth(lambda _: W_gains))}
    alpha, beta, gamma = rates
    after: Pair = ResidualLearning(alpha, beta, gamma).step(at, Affine(sp.S.One, sp.S.Zero), on)
    return after


def _mode(a: Any, b: Any) -> sp.Matrix:
    """The matrix of the mode, of (x, P)."""
    after = _stepped(Pair(X, P), (a, 0), (b, 0), (ALPHA * H, BETA, GAMMA))
    return sp.Matrix([[sp.expand(entry).coeff(of) for of in (X, P)] for entry in after])


def _stable(step: Any, move: Any) -> sp.Basic:
    """Jury's conditions."""
    return sp.And(0 < step, step < 2, 0 < move, 2 * step + move < 4)


def _polynomial(root: Any, step: Any, move: Any) -> Any:
    return root**2 - trace(step, move) * root + 1 - step


@statement("lib-law-residual-stability", source="a law of ours", uses=["eq-10", "eq-11"], reading=MODE)
def a_mode_contracts() -> Form:
    """A mode contracts just where 0 < alpha h gamma a < 2, beta > 0 and alpha h a (2 gamma + beta b) < 4."""
    mode, unit = _mode(A, B), sp.And(sp.Abs(ROOT) < 1, sp.Abs(OTHER) < 1)
    named = {"step": ALPHA * H * GAMMA * A, "move": ALPHA * H * BETA * A * B}
    real = {"step": 1 - ROOT * OTHER, "move": (1 - ROOT) * (1 - OTHER)}
    pair = {"step": 1 - RE**2 - IM**2, "move": (1 - RE) ** 2 + IM**2}
    return All(
        (
            ("its trace", Identity(sp.expand(mode.trace()), trace(**_renamed(named)))),
            ("its determinant", Identity(sp.expand(mode.det()), 1 - named["step"])),
            ("two real roots are these", Identity(_polynomial(ROOT, **real), sp.S.Zero)),
            ("if real roots are inside the circle", Implication((unit,), _stable(**real))),
            ("and only if", Implication((_stable(**real),), unit)),
            ("if complex roots are", Implication((IM**2 > 0, RE**2 + IM**2 < 1), _stable(**pair))),
            ("and only if they are", Implication((IM**2 > 0, _stable(**pair)), RE**2 + IM**2 < 1)),
        )
    )


def _renamed(named: dict[str, Any]) -> dict[str, Any]:
    return {"step": named["step"], "transfer": named["move"]}


@statement(
    "lib-law-residual-stability-turning",
    source="a law of ours",
    uses=["lib-law-residual-stability"],
    reading=f"{MODE}. So without swinging beta is at most alpha h gamma^2 a/(4 b) and a little more: gamma^2, where "
    "Theorem 3 has gamma^(3/2)",
)
def where_a_mode_turns() -> Form:
    """A mode swings from beta b = gamma (1 - sqrt(1 - step))^2/step on, for small steps alpha h gamma^2 a/4."""
    least = turning_transfer(SMALL, sp.S.One, sp.sqrt)
    real, total = symbol("u", "nonnegative"), symbol("total")
    complex_ = total**2 < 4 * MOVE
    given = (real <= 1, sp.Eq(total, 1 - real**2 + MOVE), 0 < MOVE, MOVE < 1)
    return All(
        (
            ("the discriminant vanishes there", Identity(trace(SMALL, least) ** 2, 4 * (1 - SMALL), (SMALL <= 1,))),
            ("it turns beyond, with real = sqrt(1 - step)", Implication((*given, MOVE > (1 - real) ** 2), complex_)),
            ("not before", Implication((*given, MOVE <= (1 - real) ** 2), total**2 >= 4 * MOVE)),
            ("step^2/4", Order(least - SMALL**2 / 4, SMALL, sp.Integer(3))),
        )
    )


PAIR_P, PAIR_W = (
    tuple(symbol(f"a_{k}", "positive") for k in (1, 2)),
    tuple(symbol(f"b_{k}", "positive") for k in (1, 2)),
)


@statement(
    "lib-law-residual-stability-flip",
    source="a law of ours",
    uses=["lib-law-residual-stability"],
    reading="an orbit that changes the signs of the gradient and of P in every step meets the modes (a_1, b_1) and "
    "(a_2, b_2) in turn; the harmonic mean of a device's gains is q_+ q_-/F",
)
def the_flip_has_harmonic_means() -> Form:
    """Where modes alternate the edge is alpha h a (2 gamma + beta b) = 4 with harmonic means of the one-sided gains."""
    a, b = harmonic(PAIR_P), harmonic(PAIR_W)
    edge = {BETA: flip_transfer(ALPHA * H * GAMMA * a, ALPHA * H * a) / b}
    twice = _mode(PAIR_P[1], PAIR_W[1]) * _mode(PAIR_P[0], PAIR_W[0])
    steps, moves = [symbol(f"step_{k}", "positive") for k in (1, 2)], [symbol(f"B_{k}", "positive") for k in (1, 2)]
    alone = [step * (2 + move) < 4 for step, move in zip(steps, moves, strict=True)]
    return All(
        (
            ("two steps have the eigenvalue 1", Identity(sp.together((twice - sp.eye(2)).det().subs(edge)), sp.S.Zero)),
            ("not where each mode contracts", Implication(tuple(alone), harmonic(steps) * (2 + harmonic(moves)) < 4)),
        )
    )


# The modes P (1), W (1/2, 3/2) at alpha h = 1, gamma = 1/10, beta = 12/5: a linear device with w* = tau/2, P at 0

GROWING = (sp.S.One, sp.Rational(12, 5), sp.Rational(1, 10))
GAINS_P, GAINS_W = (sp.S.One, sp.S.Zero), (sp.S.One, sp.Rational(1, 2))
PERIOD, STRETCH = 4, sp.Rational(17, 10)


@statement(
    "lib-law-residual-stability-switching",
    source="a law of ours",
    uses=["lib-law-residual-stability"],
    reading="P zero-shifted, a linear W with w* = tau/2; alpha h = 1, gamma = 1/10, beta = 12/5. The cone is "
    "15 |P| <= x - w* <= 30 |P|, P < 0; what comes back is 1.7 times as far after four steps, in x",
)
def stable_modes_that_grow_together() -> Form:
    """All modes contract, the spectral radius of each is sqrt(9/10), and yet the map grows, from a whole cone."""
    alpha, beta, gamma = GROWING
    moves = {name: alpha * beta * b for name, b in (("up", GAINS_W[0] - GAINS_W[1]), ("down", sum(GAINS_W)))}
    inside = sp.And(_stable(STEP, MOVE), trace(STEP, MOVE) ** 2 < 4 * (1 - STEP))
    alone = ((name, Implication((sp.Eq(STEP, alpha * gamma), sp.Eq(MOVE, y)), inside)) for name, y in moves.items())
    path = [Pair(symbol(f"x_{k}"), symbol(f"p_{k}")) for k in range(PERIOD + 1)]
    steps = [_stepped(at, GAINS_P, GAINS_W, GROWING) for at in path[:-1]]
    taken = (
        sp.Eq(one, other)
        for made, seen in zip(steps, path[1:], strict=True)
        for one, other in zip(seen, made, strict=True)
    )
    back = sp.And(_cone(path[-1]), path[-1].W >= STRETCH * path[0].W)
    return All((*alone, ("together", Implication((_cone(path[0]), *taken), back))))


def _cone(at: Pair) -> sp.Basic:
    return sp.And(at.P < 0, -15 * at.P <= at.W, at.W <= -30 * at.P)


@statement(
    "lib-law-residual-stability-fastest",
    source="a law of ours",
    uses=["lib-law-residual-stability"],
    reading="equal gains, one gamma and one beta for all curvatures between mu = L/kappa and L. (kappa - 1)/(kappa + "
    "1) is the best rate of gradient descent: twice its steps are needed",
)
def no_faster_than_the_root_of_gradient_descent() -> Form:
    """No worst rate is below sqrt((kappa - 1)/(kappa + 1)), that of gamma = 2/(alpha (mu + L)), beta = gamma/kappa."""
    best = (KAPPA - 1) / (KAPPA + 1)
    within = sp.And(sp.Abs(ROOT) <= RATE, sp.Abs(OTHER) <= RATE)
    ends = (1 - STEP <= RATE**2, KAPPA * STEP - 1 <= RATE**2, KAPPA >= 1)
    at = (KAPPA >= 1, SHARE <= 1, KAPPA * SHARE >= 1)
    step, total = 2 * KAPPA * SHARE / (KAPPA + 1), 2 * SHARE
    real = sp.Eq((KAPPA + 1) * (ROOT**2 - (2 - total) * ROOT + 1) - 2 * KAPPA * SHARE, 0)
    return All(
        (
            (
                "|det| <= rate^2, two real roots; of complex ones det is |root|^2",
                Implication((within,), sp.Abs(ROOT * OTHER) <= RATE**2),
            ),
            ("so at mu and at L", Implication(ends, RATE**2 * (KAPPA + 1) >= KAPPA - 1)),
            ("at the best gamma and beta: step + move", Identity(step * (1 + 1 / KAPPA), total)),
            ("real roots", Implication((*at, real), ROOT**2 * (KAPPA + 1) <= KAPPA - 1)),
            ("complex roots", Implication(at, (1 - step) * (KAPPA + 1) <= KAPPA - 1)),
            ("the rate there", Identity(best, 1 - step.subs(SHARE, 1 / KAPPA))),
        )
    )


@statement(
    "lib-law-residual-stability-local",
    source="a law of ours",
    uses=["lib-law-residual-stability"],
    reading=MODE,
    experiment="residual_stability",
)
def the_local_map_is_what_the_algorithm_does() -> Form:
    """Next to its fixed point the algorithm grows as the switched map does, on a quadratic and on a logistic loss."""
    return Measured("residual_stability", "the growth of the switched map is that of the algorithm", "1")
