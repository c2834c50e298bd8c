"""Appendix C: pulses, how many there are, and what they add up to; Theorem 4 is in `appendix_c_proof`."""

from __future__ import annotations

import sympy as sp

from ..pulses import (
    BL,
    DW_MIN,
    SIGMA_C,
    Q,
    S,
    bit_length,
    composed,
    pulse,
    shortfall,
)
from ..statement import All, Form, Identity, Implication, Order
from ..symbols import symbol
from . import statement

W, DW, XI = symbol("w"), symbol("dw"), symbol("xi")
Q_PLUS, Q_MINUS, Q_MIN, Q_MAX = (symbol(name) for name in ("q_plus", "q_minus", "q_min", "q_max"))
NOISE = SIGMA_C * XI
COUNTED = ((BL - 1) * DW_MIN < sp.Abs(DW), sp.Abs(DW) <= BL * DW_MIN)
BOUNDED = (Q_MIN <= Q, Q <= Q_MAX)

# One pulse, and how many


def _cases(first: sp.Expr, second: sp.Expr) -> Form:
    """The cases of (26) against a formula for either polarity."""
    return All(
        (
            ("s = +", Identity(first, W + DW_MIN * (Q_PLUS + NOISE))),
            ("s = -", Identity(second, W - DW_MIN * (Q_MINUS + NOISE))),
        )
    )


@statement("eq-26", source="App. C, (26)", reading="as printed: the first line against the cases")
def pulse_update() -> Form:
    """The first line of (26), w + dw_min (q_s + sigma_c xi), is its cases."""
    return _cases(*(W + DW_MIN * (q + NOISE) for q in (Q_PLUS, Q_MINUS)))


@statement(
    "eq-26.amended-1",
    source="App. C, (26)",
    amends="eq-26",
    judgement="slip",
    reading="with the sign of the polarity in the first line, w + s dw_min (q_s + sigma_c xi)",
)
def signed_pulse_update() -> Form:
    """One pulse moves a weight by s dw_min (q_s + sigma_c xi)."""
    return _cases(pulse(W, 1, DW_MIN, Q_PLUS, NOISE), pulse(W, -1, DW_MIN, Q_MINUS, NOISE))


@statement("text-c-5", source="App. C", reading="the pulses of our hardware, which are counted without a division")
def number_of_pulses() -> Form:
    """BL = ceil(|dw| / dw_min)."""
    return Identity(bit_length(DW, DW_MIN), sp.ceiling(sp.Abs(DW) / DW_MIN).rewrite(sp.floor))


@statement(
    "eq-27",
    source="App. C, (27)",
    uses=["eq-26.amended-1", "text-c-5"],
    reading="every factor with the same polarity and a cycle variation of its own; for any quadratic response",
)
def composition() -> Form:
    """BL pulses are the BL-fold composition of one: here of one, two and three."""
    a, b, c = (symbol(f"coefficient_{k}") for k in range(3))
    noises = tuple(symbol(f"noise_{k}") for k in range(3))

    def response(w: sp.Expr) -> sp.Expr:
        return a + b * w + c * w**2

    one = pulse(W, S, DW_MIN, response(W), noises[0])
    two = pulse(one, S, DW_MIN, response(one), noises[1])
    three = pulse(two, S, DW_MIN, response(two), noises[2])
    by_hand = enumerate((one, two, three), 1)
    return All(tuple((f"BL = {n}", Identity(composed(W, S, DW_MIN, response, noises[:n]), w)) for n, w in by_hand))


@statement(
    "eq-29",
    source="App. C, (29)",
    uses=["text-c-5"],
    reading="within Theorem 4, which assumes dw_min = o(dw), so from dw_min <= |dw| on; for |dw| << dw_min it fails, "
    "for there BL is 1",
)
def order_of_the_number() -> Form:
    """BL = Theta(|dw| / dw_min): |dw|/dw_min <= BL <= 2 |dw|/dw_min."""
    ratio = sp.Abs(DW) / DW_MIN
    return Implication((*COUNTED, DW_MIN <= sp.Abs(DW)), sp.And(ratio <= BL, BL <= 2 * ratio))


@statement("eq-30", source="App. C, (30)", uses=["eq-29"])
def rounding_error() -> Form:
    """|BL dw_min - |dw|| <= dw_min, and |s BL dw_min - dw| <= dw_min with s = sign(dw)."""
    sizes = sp.Abs(BL * DW_MIN - sp.Abs(DW)) <= DW_MIN
    signed = sp.Abs(sp.sign(DW) * BL * DW_MIN - DW) <= DW_MIN
    return All((("sizes", Implication(COUNTED, sizes)), ("with signs", Implication(COUNTED, signed))))


@statement(
    "text-c-10",
    source="App. C",
    uses=["eq-26.amended-1", "definition-1"],
    reading="in root mean square over xi, as the paper reads the order of noise in (31): a single pulse may move the "
    "weight by nothing",
)
def order_of_a_pulse() -> Form:
    """A pulse moves a weight by Theta(dw_min): between q_min and sqrt(q_max^2 + sigma_c^2) times dw_min."""
    mean, square = symbol("mean_xi"), symbol("mean_xi_squared", "nonnegative")
    moment = DW_MIN**2 * (Q**2 + 2 * Q * SIGMA_C * mean + SIGMA_C**2 * square)
    law = (sp.Eq(mean, 0), sp.Eq(square, 1))
    between = sp.And(DW_MIN**2 * Q_MIN**2 <= moment, moment <= DW_MIN**2 * (Q_MAX**2 + SIGMA_C**2))
    expanded = DW_MIN**2 * (Q**2 + 2 * Q * SIGMA_C * XI + SIGMA_C**2 * XI**2)
    return All(
        (
            (
                "its square, of which the mean is taken",
                Identity((pulse(W, S, DW_MIN, Q, NOISE) - W) ** 2, S**2 * expanded),
            ),
            ("its mean square", Implication((*BOUNDED, *law), between)),
        )
    )


def _ideal_pulses(sent: sp.Expr) -> sp.Expr:
    """The weight after pulses on an ideal element without noise, with the sign of dw."""
    return pulse(W, sp.sign(DW), sent, 1)


@statement(
    "text-c-6",
    source="App. C",
    uses=["text-c-5", "eq-27", "theorem-4"],
    reading="up to rounding, as in text-1-7: within dw_min, and exactly where |dw| is a multiple of dw_min. The second "
    "half, w' = U_q approximately, within q_s dw_min where the response is constant; for any other it is Theorem 4",
)
def ideal_pulses() -> Form:
    """On an ideal element without noise, BL pulses give the update dw; a factor q_s of dw_min is one of the update."""
    sent, s = BL * DW_MIN, sp.sign(DW)
    ideal, scaled = (pulse(W, s, sent, q) for q in (1, Q))
    excess = s * (ideal - W - DW)
    return All(
        (
            ("one more ideal pulse", Identity(pulse(pulse(W, S, sent, 1), S, DW_MIN, 1), W + S * (BL + 1) * DW_MIN)),
            ("up to rounding", Implication(COUNTED, sp.And(0 <= excess, excess < DW_MIN))),
            ("a multiple", Implication((sp.Eq(sp.Abs(DW), sent),), sp.Eq(ideal, W + DW))),
            ("one more, scaled", Identity(pulse(pulse(W, S, sent, Q), S, DW_MIN, Q), W + S * (BL + 1) * DW_MIN * Q)),
            ("the increment, scaled", Identity(scaled - W, Q * (ideal - W))),
            ("w' against U_q", Implication(COUNTED, sp.Abs(scaled - (W + DW * Q)) <= Q * DW_MIN)),
        )
    )


@statement(
    "lib-pulse-cap",
    source="after App. C, Theorem 4, for at most BL_max pulses (App. K)",
    reading="a constant response, where there is no other error",
)
def capped_pulses() -> Form:
    """At most BL_max pulses: beyond BL_max dw_min the relative error is |dw|/(BL_max dw_min) - 1.

    It grows without bound where dw_min/|dw| -> 0, so that the limit of Theorem 4 and a cap exclude each other; below
    the cap, dw_min is at least |dw|/BL_max.
    """
    cap, ratio, size = symbol("BL_max", "positive"), symbol("dw_min_over_dw", "positive"), symbol("dw", "positive")
    sent, beyond = cap * DW_MIN, shortfall(size, DW_MIN, cap)
    error = (pulse(W, 1, size, Q) - pulse(W, 1, sent, Q)) / (pulse(W, 1, sent, Q) - W)
    share = 1 / beyond.subs(DW_MIN, ratio * size)
    return All(
        (
            ("beyond the cap", Identity(sp.cancel(error), beyond)),
            ("it grows as |dw|/dw_min", Order(sp.cancel(share), ratio, sp.S.One, "Theta")),
            ("within the cap", Implication((size <= sent,), DW_MIN / size >= 1 / cap)),
        )
    )
