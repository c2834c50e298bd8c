"""Section 3.2: what the text says of Theorem 2: which of its terms vanishes, and when the other one is large."""

from __future__ import annotations

import sympy as sp

from .. import rates
from ..algorithm import analog_update
from ..statement import All, Form, Identity, Implication, Order
from ..symbols import symbol
from . import statement
from .appendix_h_rate import GAP, NOISE, K, S
from .descent_terms import ALPHA, F_MAX, F, G, L

LIFT = "lib-lift-elementwise"
Q_MIN = symbol("q_min")
SMALL = symbol("one_over_K", "positive")
W, SIGMA, h = symbol("w"), symbol("sigma", "positive"), symbol("h")


def _mean_step() -> tuple[sp.Expr, sp.Expr]:
    """The mean of the next weight under noise +-sigma that outweighs the gradient h w, and where it stands still."""
    moved = [analog_update(W, -ALPHA * (h * W + sign * SIGMA), F, G) for sign in (1, -1)]
    return sum(moved) / 2, -SIGMA * G / (h * F)


@statement(
    "text-3-16",
    source="Sec. 3.2",
    uses=["theorem-2.amended-1"],
    reading="the bound of theorem-2.amended-1; of Digital SGD that of [38] at its best alpha; the error that stays is "
    "one of a quadratic, with constant responses and noise +-sigma that outweighs the gradient",
)
def what_vanishes_with_k() -> Form:
    """The first term is Theta(K^(-1/2)), a constant times that of Digital SGD; the second is there for every K."""
    scales = (F_MAX, L, NOISE, sp.sqrt)
    first = rates.analog_sgd_rate(GAP, 1 / SMALL, 0, *scales)
    ratio = rates.analog_sgd_rate(GAP, K, 0, *scales) / rates.digital_sgd_rate(GAP, K, L, NOISE, sp.sqrt)
    best = rates.digital_sgd_bound(GAP, sp.sqrt(2 * GAP / (L * NOISE * K)), K, L, NOISE)
    following, still = _mean_step()
    outweighed = (sp.Abs(G) < F, sp.Abs(h * W) <= SIGMA)
    at_rest = (*outweighed, sp.Eq(following, W))
    return All(
        (
            ("rate of the first term", Order(first, SMALL, sp.Rational(1, 2), "Theta")),
            ("Digital SGD at its best alpha", Identity(best, rates.digital_sgd_rate(GAP, K, L, NOISE, sp.sqrt))),
            ("the ratio is a constant", Identity(ratio, 4 * sp.sqrt(2) * F_MAX**2)),
            ("second term", Implication((S > 0,), rates.analog_sgd_rate(GAP, K, S, *scales) > 8 * F_MAX * NOISE * S)),
            (
                "the mean tends to a point",
                Implication(outweighed, sp.Eq(following - still, (1 - ALPHA * h * F) * (W - still))),
            ),
            ("whose gradient is not 0", Implication(at_rest, sp.Eq((h * W) ** 2, SIGMA**2 * (G**2 / F) / F))),
        )
    )


def _ratio(up: sp.Expr, down: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """F and G^2/F."""
    F, G = (down + up) / 2, (down - up) / 2
    return F, G**2 / F


NEAR, FAR = symbol("near", "nonnegative"), symbol("far", "nonnegative")


def _close() -> Implication:
    """|G| <= L_G |w - w_sp| and F >= q_min give G^2/F <= (L_G^2/q_min) |w - w_sp|^2."""
    slope, distance = symbol("L_G", "positive"), symbol("distance", "nonnegative")
    given = (sp.Abs(G) <= slope * distance, Q_MIN <= F)
    return Implication(given, claim=G**2 / F <= slope**2 / Q_MIN * distance**2, lift=LIFT)


@statement(
    "text-3-18",
    source="Sec. 3.2",
    uses=["theorem-2.amended-1", "definition-1"],
    reading="G^2/F at W*, which S_K is made of, against the distance of W* from W_sp; any response of Definition 1, "
    "here q_+- = 1 -+ w (5 - w^2)/8 on [-2, 2], with w_sp = 0 its one symmetric point",
)
def far_from_the_symmetric_point() -> Form:
    """S_K is small where W* is close to W_sp, and the larger the farther W* is from W_sp."""

    def size(w: sp.Symbol) -> sp.Expr:
        asymmetric = w * (5 - w**2) / 8
        return _ratio(1 - asymmetric, 1 + asymmetric)[1]

    in_class = sp.And(*(1 + sign * W * (5 - W**2) / 8 >= sp.Rational(1, 4) for sign in (1, -1)))
    return All(
        (
            ("close", _close()),
            ("the response is in the class", Implication((sp.Abs(W) <= 2,), in_class)),
            ("far", Implication((NEAR < FAR, FAR <= 2), claim=size(NEAR) < size(FAR))),
        )
    )


def _monotone() -> tuple[tuple[str, Form], ...]:
    """G^2/F and (G/F)^2 grow away from w_sp, where the smaller response falls (right of it q_+), the other rises."""
    names = ("q_smaller", "q_larger")
    (low, high), (lower, higher) = (tuple(symbol(f"{q}_{at}", "positive") for q in names) for at in ("near", "far"))
    given = (low <= high, lower < low, high < higher)
    (F, near), (F_far, far) = _ratio(low, high), _ratio(lower, higher)
    claims = (("S", near < far), ("asymptotic error", near / F < far / F_far))
    return tuple((what, Implication(given, claim, lift=LIFT)) for what, claim in claims)


@statement(
    "text-3-18.amended-1",
    source="Sec. 3.2",
    amends="text-3-18",
    judgement="gap",
    reading="strictly monotonic responses, q_+ falling and q_- rising; the asymptotic error is sigma^2 (G/F)^2, as in "
    "text-3-16, at a point that moves away from W_sp with W*",
    uses=["text-3-16", "text-3-3.amended-1"],
)
def far_with_monotone_responses() -> Form:
    """With monotonic responses S and the asymptotic error grow with the distance of W*, and are small near W_sp."""
    R, R_far, there, there_far = (symbol(name) for name in ("R_near", "R_far", "w_star_near", "w_star_far"))
    near, far, curved = symbol("w_near"), symbol("w_far"), symbol("h", "positive")
    rising = sp.Or(near < far, sp.And(sp.Eq(near, far), sp.Eq(R, R_far)), sp.And(near > far, R > R_far))
    rest = (sp.Eq(curved * (near - there), -SIGMA * R), sp.Eq(curved * (far - there_far), -SIGMA * R_far))
    return All(
        (
            ("close", _close()),
            *_monotone(),
            ("the mean's resting point moves with W*", Implication((rising, *rest, there < there_far), near < far)),
        )
    )
