"""Appendix C: pulses, what they add up to, and Theorem 4, the error of the smooth update against them."""

from __future__ import annotations

import sympy as sp

from ..pulses import (
    BL,
    DERIVATIVES,
    DW_MIN,
    SENT,
    SIGMA_C,
    Q,
    S,
    bit_length,
    composed,
    curvature,
    moved,
    noise_variance,
    pulse,
    shortfall,
)
from ..statement import All, Form, Identity, Implication, Order
from ..symbols import symbol
from . import statement

W, DW, XI, SIZE = symbol("w"), symbol("dw"), symbol("xi"), symbol("dw_size", "positive")
Q_PLUS, Q_MINUS, Q_MIN, Q_MAX = (symbol(name) for name in ("q_plus", "q_minus", "q_min", "q_max"))
NOISE = SIGMA_C * XI
LIPSCHITZ = symbol("L_q", "nonnegative")
SMALL, PART = symbol("small", "positive"), symbol("unused_part", "nonnegative")
REMAINDER = symbol("rounding", "nonnegative")
COUNTED = ((BL - 1) * DW_MIN < sp.Abs(DW), sp.Abs(DW) <= BL * DW_MIN)
BOUNDED = (Q_MIN <= Q, Q <= Q_MAX)
FINE = {DW_MIN: SMALL**2, SENT: SMALL + PART * SMALL**2}  # an increment `small`, dw_min its square

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


@statement("text-c-6", source="App. C", uses=["text-c-5", "eq-27"], reading="its first part; here where BL is 1")
def ideal_pulses() -> Form:
    """On an ideal element without noise, BL pulses give the weight update dw."""
    one_pulse = (sp.Ne(DW, 0), sp.Abs(DW) <= DW_MIN)
    return Implication(one_pulse, sp.Eq(_ideal_pulses(DW_MIN), W + DW))


@statement(
    "text-c-6.amended-1",
    source="App. C",
    amends="text-c-6",
    judgement="slip",
    reading="up to rounding: exact where |dw| is a multiple of dw_min, else too much by less than dw_min",
    uses=["text-c-5", "eq-27"],
)
def ideal_pulses_up_to_rounding() -> Form:
    """BL ideal pulses send |dw| or less than dw_min more; where |dw| is a multiple of dw_min, just dw."""
    excess = sp.sign(DW) * (_ideal_pulses(BL * DW_MIN) - W - DW)
    return All(
        (
            ("up to rounding", Implication(COUNTED, sp.And(0 <= excess, excess < DW_MIN))),
            ("a multiple", Implication((sp.Eq(sp.Abs(DW), BL * DW_MIN),), sp.Eq(_ideal_pulses(BL * DW_MIN), W + DW))),
        )
    )


# Theorem 4

W_T, Q_T, NOISE_T, NEAR = symbol("w_t"), symbol("q_t"), symbol("noise_t"), symbol("L_q", "nonnegative")
POLARITY = sp.Eq(sp.Abs(S), 1)


def _one_more_pulse() -> tuple[tuple[str, Form], ...]:
    """From t = BL pulses to t + 1, the noise that they add taken off: the way from w, and the error of w + s D q.

    `noise_met` is L_q dw_min times the sum of |noise_t| over the pulses so far.
    """
    met = symbol("noise_met", "nonnegative")
    following, noise = pulse(W_T, S, DW_MIN, Q_T, NOISE), NOISE_T + S * DW_MIN * NOISE
    way, later = W_T - W - NOISE_T, following - W - noise
    error, more = way - S * BL * DW_MIN * Q, later - S * (BL + 1) * DW_MIN * Q
    gain, bound = S * DW_MIN * (Q_T - Q), NEAR * Q_MAX * DW_MIN**2 / 2
    local, most, least = (Q_MIN <= Q_T, Q_T <= Q_MAX), DW_MIN * Q_MAX, DW_MIN * Q_MIN
    near = sp.Abs(Q_T - Q) <= NEAR * (BL * most + sp.Abs(NOISE_T))
    so_far = sp.Abs(error) <= bound * BL * (BL - 1) + met
    then = sp.Abs(error + gain) <= bound * BL * (BL + 1) + met + NEAR * DW_MIN * sp.Abs(NOISE_T)
    far = (POLARITY, *local, sp.Abs(way) <= BL * most)
    forward = (POLARITY, *local, S * way >= BL * least)
    return (
        ("at most q_max a pulse", Implication(far, sp.Abs(later) <= (BL + 1) * most)),
        ("at least q_min a pulse", Implication(forward, S * later >= (BL + 1) * least)),
        ("what the error gains", Identity(more, error + gain)),
        ("error, one more pulse", Implication((POLARITY, near, so_far), then)),
    )


def _limit() -> tuple[tuple[str, Form], ...]:
    """The ratio is at most 2 delta (q_max + 3)/q_min where each error is at most delta of D, and D is small."""
    error, move, noise, piled = (symbol(name, "nonnegative") for name in ("error", "move", "noise", "noise_met"))
    sent = symbol("sent", "positive")
    parts = DW_MIN * Q_MAX + NEAR * Q_MAX * sent**2 / 2 + noise + piled
    small = (DW_MIN <= SMALL * sent, NEAR * Q_MAX * sent <= 2 * SMALL, noise <= SMALL * sent, piled <= SMALL * sent)
    given = (error <= parts, move >= Q_MIN * sent - noise, 2 * SMALL <= Q_MIN, *small)
    return (
        (
            "and so is D",
            Implication((*COUNTED, DW_MIN <= SMALL * sp.Abs(DW), SMALL <= 1), BL * DW_MIN <= 2 * sp.Abs(DW)),
        ),
        ("the ratio", Implication(given, error * Q_MIN <= 2 * SMALL * (Q_MAX + 3) * move)),
    )


def _noise_is_rarely_large() -> tuple[tuple[str, Form], ...]:
    """Noise, and the noise that the responses met, exceed delta D with a small chance only.

    By Chebyshev's and by Markov's inequality, for E|noise_t| <= sqrt(sigma_c^2 dw_min D), which is `deviation`.
    """
    beyond, chance, sent = symbol("P_beyond", "nonnegative"), symbol("chance", "positive"), symbol("sent", "positive")
    deviation = symbol("deviation", "nonnegative")
    chebyshev = beyond * (SMALL * sent) ** 2 <= noise_variance(sent, bend=0)
    markov = (beyond * SMALL * sent <= NEAR * sent * deviation, NEAR * deviation <= chance * SMALL)
    return (
        (
            "noise is rarely large",
            Implication((chebyshev, SIGMA_C**2 * DW_MIN <= chance * SMALL**2 * sent), beyond <= chance),
        ),
        ("nor is what the responses met", Implication(markov, beyond <= chance)),
    )


@statement(
    "theorem-4",
    source="App. C, Theorem 4, (28)",
    uses=["definition-1", "eq-26.amended-1", "eq-27", "eq-30", "text-c-11.amended-1"],
    reading="no cap on BL; for cycle variation the limit is in probability, the xi_t being uncorrelated; near w the "
    "response is within L_q times the distance of q_s(w), as where q_s is differentiable at w; by induction on BL",
)
def relative_error_vanishes() -> Form:
    """|pulses - U_q| / |pulses - w| -> 0 as dw -> 0 and dw_min/dw -> 0."""
    return All((*_one_more_pulse(), *_noise_is_rarely_large(), *_limit()))


@statement(
    "text-c-8",
    source="App. C",
    uses=["theorem-4"],
    reading="on a device, whose dw_min does not shrink with the learning rate; here an ideal response, where (3) errs "
    "by rounding alone and a small dw takes one pulse",
)
def error_is_negligible() -> Form:
    """The error of (3) relative to the update vanishes with dw, as O(dw)."""
    return Order((DW_MIN - SMALL) / DW_MIN, SMALL, sp.S.One)


@statement(
    "text-c-8.amended-1",
    source="App. C",
    amends="text-c-8",
    judgement="gap",
    reading="where dw_min falls faster than dw, here as dw^2: a small learning rate on a given device does not do it",
    uses=["theorem-4"],
)
def error_is_negligible_with_fine_pulses() -> Form:
    """Relative to the update, rounding and curvature are O(dw) and cycle variation is O(sqrt(dw)) for dw_min = dw^2."""
    sizes = ((SENT - SMALL) * Q, curvature(), sp.sqrt(noise_variance(bend=0)))
    rounded, bent, noisy = ((size / (Q * SENT)).subs(FINE) for size in sizes)
    return All(
        (
            ("rounding", Order(sp.cancel(rounded), SMALL, sp.S.One)),
            ("curvature", Order(sp.cancel(bent), SMALL, sp.S.One)),
            ("cycle variation", Order(sp.simplify(noisy), SMALL, sp.S.Half)),
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


# The expansion (31)


@statement(
    "eq-31",
    source="App. C, (31)",
    uses=["eq-26.amended-1", "eq-27", "eq-30"],
    reading="xi for s xi, which has the same mean and variance; Theta as printed, from both sides; for two pulses, "
    "rounding in line 4 for any number",
)
def expansion() -> Form:
    """The chain of (31), line by line."""
    two = (sp.Eq(SENT, 2 * DW_MIN), SENT - DW_MIN < sp.Abs(DW), sp.Abs(DW) <= SENT)
    rounded = (SENT - sp.Abs(DW)) * Q
    return All(
        (
            ("line 3: Theta(BL^2 dw_min^2), so not 0", Implication(two, sp.Ne(curvature(), 0))),
            ("line 4: rounding", Identity(S * SENT * Q, DW * Q + (S * SENT - DW))),
            ("line 4: noise", Implication(two, sp.Eq(noise_variance(bend=0), SIGMA_C**2 * DW_MIN * sp.Abs(DW)))),
            ("line 5: Theta(dw_min), so not 0", Implication(two, sp.Ne(rounded, 0))),
        )
    )


def _recurrence(s: int) -> Form:
    """That one pulse more takes the expansion for BL pulses to that for BL + 1, up to dw_min^3."""
    here = moved(2)
    met = DERIVATIVES[0] + DERIVATIVES[1] * here + DERIVATIVES[2] * here**2 / 2
    gap = here.subs(BL, BL + 1) - here - S * DW_MIN * met
    return Order(sp.expand(gap.subs(S, s)), DW_MIN, sp.Integer(3))


@statement(
    "eq-31.amended-1",
    source="App. C, (31)",
    amends="eq-31",
    judgement="slip",
    reading="rounding times q_s(w); O for Theta, since rounding vanishes at multiples of dw_min and curvature where "
    "q_s' does; |dw| under the root; noise in root mean square. The expansion is in dw_min for any BL, by induction",
    uses=["eq-26.amended-1", "eq-27", "eq-30", "text-c-11.amended-1"],
)
def expansion_with_constants() -> Form:
    """w_BL = U_q + (BL dw_min - |dw|) s q + (1/2) q q' D (D - dw_min) + ... + noise of variance sigma_c^2 dw_min D."""
    size = sp.Abs(DW)
    between = sp.And(size <= BL * DW_MIN, BL * DW_MIN <= 2 * size)
    return All(
        (
            ("no pulse", Identity(moved(2).subs(BL, 0), sp.S.Zero)),
            ("one pulse more, up", _recurrence(1)),
            ("one pulse more, down", _recurrence(-1)),
            ("curvature", Order(curvature().subs(FINE), SMALL, sp.Integer(2))),
            ("rounding", Identity(S * SENT * Q, DW * Q + (S * SENT - DW) * Q)),
            ("rounding, its size", Implication((*COUNTED, *BOUNDED), sp.Abs(BL * DW_MIN - size) * Q <= DW_MIN * Q_MAX)),
            ("noise", Identity(SIGMA_C**2 * DW_MIN**2 * BL, noise_variance(BL * DW_MIN, bend=0))),
            ("noise, in |dw|", Implication((*COUNTED, DW_MIN <= size), between)),
        )
    )


# The accumulated noise


def _variance_of_two(*given: sp.Basic) -> Form:
    """The variance of (xi_0 + xi_1)/sqrt(2) for two variables of variance 1."""
    covariance = symbol("covariance")
    return Implication((sp.Abs(covariance) <= 1, *given), sp.Eq((1 + 1 + 2 * covariance) / 2, 1))


@statement(
    "text-c-11", source="App. C", reading="as printed: of the xi_t only mean 0 and variance 1 are assumed; BL = 2"
)
def accumulated_noise() -> Form:
    """(xi_0 + ... + xi_{BL-1})/sqrt(BL) has variance 1."""
    return _variance_of_two()


@statement(
    "text-c-11.amended-1",
    source="App. C",
    amends="text-c-11",
    judgement="gap",
    reading="the xi_t of different pulses are uncorrelated; for any BL by induction on the variance of the sum",
)
def accumulated_uncorrelated_noise() -> Form:
    """For uncorrelated xi_t the sum of BL has variance BL, so that over sqrt(BL) has variance 1."""
    so_far, covariance = symbol("variance_so_far", "nonnegative"), symbol("covariance")
    count = symbol("BL", "positive")
    one_more = Implication((sp.Eq(so_far, BL), sp.Eq(covariance, 0)), sp.Eq(so_far + 1 + 2 * covariance, BL + 1))
    return All(
        (
            ("two pulses", _variance_of_two(sp.Eq(symbol("covariance"), 0))),
            ("one more pulse", one_more),
            ("over sqrt(BL)", Identity((1 / sp.sqrt(count)) ** 2 * count, sp.S.One)),
        )
    )
