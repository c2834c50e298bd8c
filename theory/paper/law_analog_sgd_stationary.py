"""Laws of ours about the stationary law of Analog SGD at a finite step, and about kinks of E|grad|."""

from __future__ import annotations

import sympy as sp

from ..laws.analog_sgd_stationary import kinked_mean
from ..statement import All, Form, Identity, Implication, Measured, Order
from ..symbols import symbol
from . import statement

ALPHA, X = symbol("alpha"), symbol("away")
SLOPE, CURVE, BEND = symbol("d_1", "positive"), symbol("d_2"), symbol("d_3")
NOISE, TILT, BOW = symbol("c_0", "positive"), symbol("c_1"), symbol("c_2")
THIRD, FOURTH = symbol("m_3"), symbol("m_4", "positive")
NEXT_MEAN, NEXT_SQUARE = symbol("s_1"), symbol("s_2")
OURS = "a law of ours"
MEASURED = "analog_sgd_stationary"


def stationary_square() -> sp.Expr:
    """The leading coefficient of E (W - fixed point)^2 in alpha, one weight."""
    return NOISE / (2 * SLOPE)


def next_order_mean() -> sp.Expr:
    """The leading coefficient of E W - fixed point in alpha, one weight."""
    return -CURVE * stationary_square() / (2 * SLOPE)


def _moments() -> dict[int, sp.Expr]:
    """Moments of W - fixed point with any next terms: a normal law's orders, odd ones an order in alpha up."""
    return {
        0: sp.S.One,
        1: next_order_mean() * ALPHA + NEXT_MEAN * ALPHA**2,
        2: stationary_square() * ALPHA + NEXT_SQUARE * ALPHA**2,
        3: THIRD * ALPHA**2,
        4: FOURTH * ALPHA**2,
    }


def _averaged(polynomial: sp.Expr) -> sp.Expr:
    moments = _moments()
    return sp.Add(*(c * moments[power] for (power,), c in sp.Poly(sp.expand(polynomial), X).terms()))


@statement(
    "lib-law-stationary-balance",
    source=OURS,
    uses=["eq-2"],
    reading="one weight; the mean of a step over -alpha and its mean square over alpha^2 have any Taylor coefficients "
    "at the fixed point; moments scale as those of a law of width sqrt(alpha), which simulation bears out",
)
def stationary_balance() -> Form:
    """With J S + S J = alpha C and J E delta = -d'' S/2, a step changes the mean by O(alpha^3), the square by the same.

    Each is one order below its terms: the law is the one that balances to leading order.
    """
    drift = SLOPE * X + CURVE * X**2 / 2 + BEND * X**3 / 6
    square = NOISE + TILT * X + BOW * X**2 / 2
    mean_moves = -ALPHA * _averaged(drift)
    square_moves = _averaged(-2 * ALPHA * X * drift + ALPHA**2 * square)
    return All(
        (
            ("the mean", Order(mean_moves, ALPHA, sp.Integer(3))),
            ("the mean square", Order(square_moves, ALPHA, sp.Integer(3))),
        )
    )


@statement("lib-law-no-kink-of-signs", source=OURS, uses=["eq-42"])
def no_kink_of_signs() -> Form:
    """Under Rademacher noise no fixed point inside the range is on a kink |g| = s of E|g| = (|g + s| + |g - s|)/2."""
    g, s, R = symbol("g"), symbol("s", "positive"), symbol("R")
    size = (sp.Abs(g + s) + sp.Abs(g - s)) / 2
    return Implication((sp.Abs(R) < 1, sp.Eq(g + size * R, 0)), sp.Abs(g) < s)


@statement(
    "lib-law-mean-on-a-kink",
    source=OURS,
    reading="one weight, for small alpha: the law of density p with (variance/2) p' = -slope x p on either side "
    "of 0, the slopes differing",
)
def mean_on_a_kink() -> Form:
    """On a kink of E|grad| the mean is off the fixed point by sqrt(2/pi) (s_right - s_left), so by O(sqrt(alpha))."""
    variance, left, right = (symbol(name, "positive") for name in ("variance", "slope_left", "slope_right"))
    x = symbol("x")
    sides = [
        (sp.integrate(x**k * sp.exp(-slope * x**2 / variance), (x, 0, sp.oo)) * sign**k)
        for k in (1, 0)
        for slope, sign in ((right, 1), (left, -1))
    ]
    return Identity((sides[0] + sides[1]) / (sides[2] + sides[3]), kinked_mean(variance, left, right))


@statement(
    "lib-law-stationary-measured",
    source=OURS,
    uses=["lib-law-stationary-balance", "lib-law-mean-on-a-kink"],
    experiment=MEASURED,
)
def stationary_measured() -> Form:
    """Covariances and next-order biases for three noises, in two dimensions and on a logistic loss, as predicted."""
    says = (
        "Analog SGD settles where the law says: std, covariance, next-order bias under normal, two-point, row noise, "
        "f''' counted; on a kink of E|grad| the bias is O(sqrt(alpha)) instead"
    )
    return Measured(MEASURED, says, "1 and 2")
