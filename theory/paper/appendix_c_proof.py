"""Appendix C: Theorem 4, the error of the smooth update against pulses, its expansion (31), and the noise in it."""

from __future__ import annotations

import sympy as sp

from ..pulses import BL, DERIVATIVES, DQ, DW_MIN, SENT, SIGMA_C, Q, S, curvature, moved, noise_variance, pulse
from ..statement import All, Form, Identity, Implication, Order
from ..symbols import symbol
from . import statement
from .appendix_c import BOUNDED, COUNTED, DW, NOISE, Q_MAX, Q_MIN, W

SIZE, SMALL, PART = sp.Abs(DW), symbol("small", "positive"), symbol("unused_part", "nonnegative")
W_T, Q_T, NOISE_T, NEAR = symbol("w_t"), symbol("q_t"), symbol("noise_t"), symbol("L_q", "nonnegative")
MET, DEVIATION = symbol("noise_met", "nonnegative"), symbol("deviation", "nonnegative")
POLARITY, LOCAL = sp.Eq(sp.Abs(S), 1), (Q_MIN <= Q_T, Q_T <= Q_MAX)
FINE = {DW_MIN: SMALL**2, SENT: SMALL + PART * SMALL**2}  # an increment `small`, dw_min its square
Parts = tuple[tuple[str, Form], ...]

# Theorem 4

WAY = W_T - W - NOISE_T  # from w to w_t, the noise of the pulses so far taken off
BEND = symbol("bend", "nonnegative")  # a letter for BENT: so written, the induction is easy for a second solver
BENT = NEAR * Q_MAX * DW_MIN**2 / 2


def _so_far(error: sp.Expr, count: sp.Expr, met: sp.Expr) -> sp.Basic:
    """That the way misses s D q by at most bend BL (BL - 1), bend = L_q q_max dw_min^2/2, and the noise met."""
    return sp.Abs(error) <= BEND * count * (count - 1) + met


def _one_more_pulse() -> Parts:
    """From t = BL pulses to t + 1, the noise that they add taken off: the way from w, and the error of w + s D q.

    Before the first pulse all of it is 0. `noise_met` is L_q dw_min times the sum of |noise_t| over the pulses so far.
    """
    following, noise = pulse(W_T, S, DW_MIN, Q_T, NOISE), NOISE_T + S * DW_MIN * NOISE
    later = following - W - noise
    error, more = WAY - S * BL * DW_MIN * Q, later - S * (BL + 1) * DW_MIN * Q
    gain, most, least = S * DW_MIN * (Q_T - Q), DW_MIN * Q_MAX, DW_MIN * Q_MIN
    far = (POLARITY, *LOCAL, sp.Abs(WAY) <= BL * most)
    forward = (POLARITY, *LOCAL, S * WAY >= BL * least)
    near = sp.Abs(Q_T - Q) <= NEAR * (BL * most + sp.Abs(NOISE_T))
    heard = NEAR * DW_MIN * sp.Abs(NOISE_T)
    away = (sp.Abs(WAY) <= BL * most, sp.Abs(Q_T - Q) <= NEAR * sp.Abs(W_T - W))
    return (
        ("at most q_max a pulse", Implication(far, sp.Abs(later) <= (BL + 1) * most)),
        ("at least q_min a pulse", Implication(forward, S * later >= (BL + 1) * least)),
        ("the response met", Implication(away, near)),
        ("what the error gains", Identity(more, error + gain)),
        ("which is small", Implication((POLARITY, near), sp.Abs(gain) <= 2 * BENT * BL + heard)),
        _error_of_one_more(),
    )


def _error_of_one_more() -> tuple[str, Form]:
    """The step in letters: `off` is the error so far, `gain` what a pulse adds to it, `heard` what to noise_met."""
    off, gain, heard = symbol("off"), symbol("gain"), symbol("heard", "nonnegative")
    given = (_so_far(off, BL, MET), sp.Abs(gain) <= 2 * BEND * BL + heard)
    name = "error, one more pulse, bend = L_q q_max dw_min^2/2"
    return name, Implication(given, _so_far(off + gain, BL + 1, MET + heard))


def _errors(sent: sp.Expr, noise: sp.Expr) -> sp.Expr:
    """What |w_BL - U_q| is at most: rounding, what the response changes on the way, noise, and the noise it met."""
    return DW_MIN * Q_MAX + NEAR * Q_MAX * sent**2 / 2 + noise + MET


def _joined() -> Parts:
    """From the way to the weight: the error of (3) and the move, the noise of all pulses and rounding (30) put back."""
    sent, noise = BL * DW_MIN, sp.Abs(NOISE_T)
    error, off, unsent = sp.Abs(W_T - W - DW * Q), symbol("off"), symbol("unsent", "nonnegative")
    errors = _errors(sent, noise) - BENT * BL**2 + BEND * BL**2
    apart = sp.Abs(WAY - S * sent * Q) + noise + Q * sp.Abs(S * sent - DW)
    given = (*BOUNDED, unsent <= DW_MIN, _so_far(off, BL, MET))
    forward = (POLARITY, S * WAY >= BL * DW_MIN * Q_MIN)
    return (
        ("the error of (3)", Implication((), error <= apart)),
        ("by (30) and the induction", Implication(given, sp.Abs(off) + noise + Q * unsent <= errors)),
        ("the move", Implication((), sp.Abs(W_T - W) >= sp.Abs(WAY) - noise)),
        ("by the induction", Implication(forward, sp.Abs(WAY) - noise >= Q_MIN * sent - noise)),
    )


def _near_everywhere() -> Parts:
    """|q_s(w_t) - q_s(w)| <= L_q |w_t - w| for all w_t, from a derivative at w and the bounds of the response.

    The derivative gives a radius within which the quotient is at most |q_s'(w)| + 1.
    """
    distance, radius = symbol("distance", "nonnegative"), symbol("radius", "positive")
    change, steep = sp.Abs(Q_T - Q), sp.Abs(DQ) + 1
    inside = sp.Or(distance > radius, change <= steep * distance)
    given = (*BOUNDED, *LOCAL, inside, NEAR >= steep, NEAR * radius >= Q_MAX - Q_MIN)
    return (("L_q from a derivative at w", Implication(given, change <= NEAR * distance)),)


def _limit() -> Parts:
    """The ratio is at most 2 delta (q_max + 3)/q_min where each error is at most delta of D, and D is small."""
    error, move, noise = (symbol(name, "nonnegative") for name in ("error", "move", "noise"))
    sent = symbol("sent", "positive")
    small = (DW_MIN <= SMALL * sent, NEAR * Q_MAX * sent <= 2 * SMALL, noise <= SMALL * sent, MET <= SMALL * sent)
    given = (error <= _errors(sent, noise), move >= Q_MIN * sent - noise, 2 * SMALL <= Q_MIN, *small)
    return (
        ("and so is D", Implication((*COUNTED, DW_MIN <= SMALL * SIZE, SMALL <= 1), BL * DW_MIN <= 2 * SIZE)),
        ("the ratio", Implication(given, error * Q_MIN <= 2 * SMALL * (Q_MAX + 3) * move)),
    )


def _noise_met_in_mean() -> Parts:
    """E noise_met <= L_q D deviation, pulse by pulse, where E|noise_t| <= deviation = sqrt(sigma_c^2 dw_min D)."""
    one = symbol("mean_noise_t", "nonnegative")
    bound = NEAR * DW_MIN * DEVIATION
    given = (MET <= BL * bound, one <= DEVIATION)
    return (("noise met, one more pulse", Implication(given, MET + NEAR * DW_MIN * one <= (BL + 1) * bound)),)


def _noise_is_rarely_large() -> Parts:
    """Noise, and the noise that the responses met, exceed delta D with a small chance only.

    By Chebyshev's and by Markov's inequality, for E|noise_t| <= sqrt(sigma_c^2 dw_min D), which is `deviation`.
    """
    beyond, chance, sent = symbol("P_beyond", "nonnegative"), symbol("chance", "positive"), symbol("sent", "positive")
    chebyshev = beyond * (SMALL * sent) ** 2 <= noise_variance(sent, bend=0)
    fine = SIGMA_C**2 * DW_MIN <= chance * SMALL**2 * sent
    markov = (beyond * SMALL * sent <= NEAR * sent * DEVIATION, NEAR * DEVIATION <= chance * SMALL)
    return (
        ("noise is rarely large", Implication((chebyshev, fine), beyond <= chance)),
        *_noise_met_in_mean(),
        ("nor is what the responses met", Implication(markov, beyond <= chance)),
    )


@statement(
    "theorem-4",
    source="App. C, Theorem 4, (28)",
    uses=["definition-1", "eq-26.amended-1", "eq-27", "eq-30", "text-c-11"],
    reading="no cap on BL; for cycle variation the limit is in probability, the xi_t being uncorrelated as in "
    "text-c-11; by induction on BL. That the response is within L_q times the distance of q_s(w) is no further "
    "assumption: it follows from a derivative at w and the bounds of Definition 1",
)
def relative_error_vanishes() -> Form:
    """|pulses - U_q| / |pulses - w| -> 0 as dw -> 0 and dw_min/dw -> 0."""
    return All((*_near_everywhere(), *_one_more_pulse(), *_joined(), *_noise_is_rarely_large(), *_limit()))


RATE, GRADIENT = symbol("alpha"), symbol("g_size", "positive")  # dw = alpha g


@statement(
    "text-c-8",
    source="App. C",
    uses=["theorem-4"],
    reading="under Theorem 4's assumption that dw_min = o(dw) it is Theorem 4; false is the reason printed, that it "
    "holds because dw always includes a small learning rate. On a device, whose dw_min does not shrink with the rate, "
    "a small rate takes dw out of dw_min << |dw|, here 100 dw_min <= |dw|, down to one pulse; on an ideal response, "
    "where (3) errs by rounding alone",
)
def error_is_negligible() -> Form:
    """A smaller learning rate keeps dw_min << |dw|, and with it the relative error of (3) vanishes."""
    share, update = symbol("share", "positive"), RATE * GRADIENT
    fine = 100 * DW_MIN <= update
    still_fine = 100 * DW_MIN <= share * update
    one_pulse = pulse(W, 1, DW_MIN, 1)
    relative = (one_pulse - (W + update)) / (one_pulse - W)
    return All(
        (
            ("a smaller rate keeps dw_min << |dw|", Implication((fine, share < 1), still_fine)),
            ("the error vanishes with the rate", Order(sp.cancel(relative), RATE, sp.S.One)),
        )
    )


@statement(
    "text-c-8.amended-1",
    source="App. C",
    amends="text-c-8",
    judgement="gap",
    reading="it is negligible where |dw| and dw_min/|dw| are both small: a small learning rate on a given device makes "
    "the first small, and the second large. error and move are those of Theorem 4's proof, which bounds them",
    uses=["theorem-4"],
)
def error_is_negligible_with_fine_pulses() -> Form:
    """The error of (3) relative to the move is at most (q_max/q_min) (dw_min/|dw| + L_q |dw|), cycle variation apart.

    That adds, in root mean square and relative to D, at most sigma_c sqrt(dw_min/|dw|).
    """
    error, move, share = (symbol(name, "nonnegative") for name in ("error", "move", "share"))
    sent = symbol("sent", "positive")
    counted, quiet = (SIZE <= sent, sent <= 2 * SIZE), _errors(sent, sp.S.Zero).subs(MET, 0)
    relative = (error * SIZE <= share * sent, move >= Q_MIN * sent)
    variance = noise_variance(sent, bend=0)
    return All(
        (
            ("D", Implication((*COUNTED, DW_MIN <= SIZE), sp.And(SIZE <= BL * DW_MIN, BL * DW_MIN <= 2 * SIZE))),
            ("the error", Implication(counted, quiet * SIZE <= Q_MAX * (DW_MIN + NEAR * DW**2) * sent)),
            ("relative to the move", Implication(relative, error * SIZE * Q_MIN <= share * move)),
            ("cycle variation", Implication(counted, variance * SIZE <= SIGMA_C**2 * DW_MIN * sent**2)),
        )
    )


# The expansion (31)

MANY = (sp.Eq(BL, 101), *COUNTED, sp.Ne(DW, 0), sp.Eq(S, sp.sign(DW)))


@statement(
    "eq-31",
    source="App. C, (31)",
    uses=["eq-26.amended-1", "eq-27", "eq-30"],
    reading="xi for s xi, which has the same mean and variance; its size as an order, in |dw|. Line 4 lacks the factor "
    "q_s of rounding, here with 101 pulses, so that dw_min < |dw|/100; nor does Theta(dw^2) take it up where dw_min "
    "falls more slowly: here D = n^-2, dw_min = n^-3, the last of n pulses half used. Theta from both sides fails too, "
    "but only where q_s' is 0 or dw_min divides dw",
)
def expansion() -> Form:
    """The chain of (31), line by line."""
    sent = BL * DW_MIN
    line_3, line_4 = S * sent * Q, DW * Q + (S * sent - DW)
    coarse = {BL: 1 / SMALL, DW_MIN: SMALL**3, DW: SMALL**2 - SMALL**3 / 2, S: 1}  # small = 1/n
    taken = sp.expand((line_3 - line_4).subs(coarse, simultaneous=True))
    rounded, bent = (sent - SIZE) * Q, curvature().subs(SENT, sent)
    return All(
        (
            ("line 4: rounding", Implication(MANY, sp.Eq(line_3, line_4))),
            ("line 4: rounding, within Theta(dw^2)", Order(taken, SMALL, sp.Integer(4))),
            ("line 3: Theta(BL^2 dw_min^2), so not 0", Implication(MANY, sp.Ne(bent, 0))),
            ("line 5: Theta(dw_min), so not 0", Implication(MANY, sp.Ne(rounded, 0))),
        )
    )


def _recurrence(s: int) -> Form:
    """That one pulse more takes the expansion for BL pulses to that for BL + 1, up to dw_min^3 at a fixed BL."""
    here = moved(2)
    met = DERIVATIVES[0] + DERIVATIVES[1] * here + DERIVATIVES[2] * here**2 / 2
    gap = here.subs(BL, BL + 1) - here - S * DW_MIN * met
    return Order(sp.expand(gap.subs(S, s)), DW_MIN, sp.Integer(3))


def _second_order() -> Parts:
    """The series of the pulses to dw_min^2, which at a fixed BL is where it begins."""
    return (
        ("at fixed BL: no pulse", Identity(moved(2).subs(BL, 0), sp.S.Zero)),
        ("at fixed BL: one pulse more, up", _recurrence(1)),
        ("at fixed BL: one pulse more, down", _recurrence(-1)),
        ("its second order, for dw_min = dw^2", Order(curvature().subs(FINE), SMALL, sp.Integer(2))),
    )


@statement(
    "eq-31.amended-1",
    source="App. C, (31)",
    amends="eq-31",
    judgement="slip",
    reading="rounding times q_s(w); O for Theta, since rounding vanishes at multiples of dw_min and curvature where "
    "q_s' does; |dw| under the root. Uniform in BL, with noise and one derivative at w, by Theorem 4's induction; "
    "noise that goes through q_s is noise_met, in mean at most L_q D times the root mean square of noise. The series "
    "is at fixed BL, without noise",
    uses=["eq-26.amended-1", "eq-27", "eq-30", "text-c-11"],
)
def expansion_with_constants() -> Form:
    """|w_BL - U_q| <= q_max dw_min + 2 L_q q_max dw^2 + noise of variance sigma_c^2 dw_min D + what q_s makes of it.

    At fixed BL its second term begins as (1/2) q q' D (D - dw_min).
    """
    noise, fine = symbol("noise", "nonnegative"), (*COUNTED, DW_MIN <= SIZE)
    bound = DW_MIN * Q_MAX + 2 * NEAR * Q_MAX * DW**2 + noise + MET
    between = sp.And(SIZE <= BL * DW_MIN, BL * DW_MIN <= 2 * SIZE)
    return All(
        (
            ("rounding", Identity(S * SENT * Q, DW * Q + (S * SENT - DW) * Q)),
            *_near_everywhere(),
            *_one_more_pulse(),
            *_joined(),
            ("in |dw|", Implication(fine, _errors(BL * DW_MIN, noise) <= bound)),
            ("noise", Identity(SIGMA_C**2 * DW_MIN**2 * BL, noise_variance(BL * DW_MIN, bend=0))),
            ("noise, in |dw|", Implication(fine, between)),
            *_noise_met_in_mean(),
            *_second_order(),
        )
    )


# The accumulated noise


@statement(
    "text-c-11",
    source="App. C",
    reading="cycle variation (text-c-1) is the deviation of a cycle by itself: the xi_t of different cycles are "
    "uncorrelated, as Theorem 4 needs too. Mean 0 and variance 1 alone do not do: for equal xi_t it is BL. For any BL "
    "by induction on the variance of the sum",
)
def accumulated_noise() -> Form:
    """(xi_0 + ... + xi_{BL-1})/sqrt(BL) has variance 1."""
    so_far, covariance = symbol("variance_so_far", "nonnegative"), symbol("covariance")
    count = symbol("BL", "positive")
    uncorrelated = sp.Eq(covariance, 0)
    one_more = Implication((sp.Eq(so_far, BL), uncorrelated), sp.Eq(so_far + 1 + 2 * covariance, BL + 1))
    two = Implication((sp.Abs(covariance) <= 1, uncorrelated), sp.Eq((1 + 1 + 2 * covariance) / 2, 1))
    return All(
        (
            ("two pulses", two),
            ("one more pulse", one_more),
            ("over sqrt(BL)", Identity((1 / sp.sqrt(count)) ** 2 * count, sp.S.One)),
        )
    )
