"""Section 5: noisy reading and limited granularity, and the digital buffer and the threshold that answer them."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..algorithm import OnArray, Pair, ResidualLearning, smooth
from ..buffered import Buffered, BufferedResidualLearning, ResidualLearningV2, averaged
from ..laws.buffer_radius import variance
from ..noise import folded_normal
from ..penalty import scaled_update
from ..pulses import BL, DW_MIN, Q, pulse
from ..statement import All, Exists, Form, Identity, Implication, Order
from ..symbols import symbol
from . import statement
from .appendix_c import COUNTED, DW, Q_MAX, Q_MIN
from .section_4 import ALPHA, BETA, F_W, G_W, GAMMA, LIFT, ORACLE, UPDATES, P, W

H, R, EPS, SIGMA_EPS, STD = (
    symbol("H"),
    symbol("R"),
    symbol("eps"),
    symbol("Sigma_eps", "nonnegative"),
    symbol("sigma_eps", "positive"),
)
MIX = symbol("gamma", "positive")
READ = {**UPDATES, "P": UPDATES["P"]._replace(read=lambda values: values + EPS)}
STATE = Buffered(W, P, H)


def buffered_step(rule: Any, hardware: Any = READ) -> Buffered:
    """The state after one step of a buffered rule, P being read with the error eps."""
    after: Buffered = rule.step(STATE, ORACLE, hardware)
    return after


@statement("text-5-2", source="Sec. 5", uses=["eq-11", LIFT])
def noisy_transfer() -> Form:
    """The transfer (11) of P as it is read, P + eps, is what a step of Residual Learning does on a noisy reading."""
    after = ResidualLearning(ALPHA, BETA, GAMMA).step(Pair(W, P), ORACLE, READ)
    read = after.P + EPS
    return Identity(after.W, W + BETA * read * F_W - BETA * sp.Abs(read) * G_W, lift=LIFT)


# The penalty that reading noise brings back


def _penalised(coefficient: sp.Expr) -> Form:
    """That where the mean transfer stands still, |P*(W)|^2 + coefficient R_c(W) is stationary, in one weight.

    E|P* + eps| being Sigma_eps, the mean transfer is -beta F times the scaled update below; the derivatives of |P*|^2
    and of R_c are -(2/gamma) P* and R.
    """
    still = sp.Eq(scaled_update(-P, SIGMA_EPS, R), 0)
    return Implication((sp.Abs(R) < 1, still), sp.Eq(-2 / MIX * P + coefficient * R, 0), lift=LIFT)


@statement(
    "text-5-3",
    source="Sec. 5",
    uses=["text-5-2", "text-4-8", "eq-41", LIFT],
    reading="P_k at P*(W); the mean transfer has E|P_k + eps_k|, and the paper's Sigma_eps is E|eps_k|, a constant: "
    "putting the one for the other is ours. That where the mean transfer stands still, the penalised objective is "
    "stationary",
)
def penalised_upper_level() -> Form:
    """Noise in reading makes the upper level |P*(W)|^2 + Sigma_eps R_c(W)."""
    return _penalised(SIGMA_EPS)


@statement(
    "text-5-3.amended-1",
    source="Sec. 5",
    amends="text-5-3",
    judgement="slip",
    reading="with the factor 2/gamma that text-4-9 takes into beta: the transfer is a step along P*, not along the "
    "gradient -(2/gamma) P*; E|P + eps| is constant to second order in P, for normal noise",
    uses=["text-5-2", "text-4-8", "eq-41", LIFT],
)
def penalised_upper_level_with_its_factor() -> Form:
    """Noise in reading makes the upper level |P*(W)|^2 + (2/gamma) Sigma_eps R_c(W)."""
    small = symbol("small", "positive")
    changed = folded_normal(small, STD) - folded_normal(sp.S.Zero, STD)
    return All(
        (
            ("stationary together", _penalised(2 * SIGMA_EPS / MIX)),
            ("Sigma_eps, to second order in P", Order(changed, small, sp.Integer(2))),
        )
    )


# The buffer


@statement("eq-14", source="Sec. 5, (14)", uses=[LIFT], reading="a moving average: its weights add up to 1")
def digital_buffer() -> Form:
    """(14) is what a step does to H; a constant reading stays as it is."""
    after = buffered_step(BufferedResidualLearning(ALPHA, BETA, GAMMA))
    return All(
        (
            ("the step", Identity(after.H, (1 - BETA) * H + BETA * (after.P + EPS), lift=LIFT)),
            ("an average", Identity(averaged(H, H, BETA), H, lift=LIFT)),
        )
    )


def _settled(power: int) -> sp.Expr:
    """The power of the distance from P, in mean square, at which a buffer that reads P + eps settles."""
    return variance(BETA, STD) ** sp.Rational(power, 2)


@statement(
    "text-5-4",
    source="Sec. 5",
    uses=["eq-14"],
    reading="P fixed, reading errors uncorrelated with variance sigma_eps^2; the radius in root mean square, at rest",
)
def radius_of_the_buffer() -> Form:
    """H_k settles around P at a distance O(beta)."""
    return Order(_settled(1), BETA, sp.S.One)


@statement(
    "text-5-4.amended-1",
    source="Sec. 5",
    amends="text-5-4",
    judgement="slip",
    reading="the radius is O(sqrt(beta)), its square sigma_eps^2 beta/(2 - beta); without noise it is 0. In a step the "
    "mean square of H - P goes from m to (1 - beta)^2 m + beta^2 sigma_eps^2",
    uses=["eq-14"],
)
def radius_of_the_buffer_in_mean_square() -> Form:
    """H_k settles around P at a distance O(sqrt(beta)), geometrically fast."""
    rest, mean_square = _settled(2), symbol("mean_square", "nonnegative")
    later = (1 - BETA) ** 2 * mean_square + BETA**2 * STD**2
    error = averaged(H, P + EPS, BETA) - P
    return All(
        (
            ("what a step makes of H - P", Identity(error, (1 - BETA) * (H - P) + BETA * EPS, lift=LIFT)),
            ("the mean square at rest", Identity(later.subs(mean_square, rest), rest)),
            ("and the way to it", Identity(later - rest, (1 - BETA) ** 2 * (mean_square - rest))),
            ("O(sqrt(beta))", Order(_settled(1), BETA, sp.S.Half)),
        )
    )


def mode(transfer: sp.Expr, share: sp.Expr, gamma: sp.Expr) -> sp.Expr:
    """The kappa for which H = kappa P stays so, in the slowest of the ways that buffer and residual decline together.

    With P at P*(W), an ideal response and no noise, P' = P - (transfer/gamma) H and H' = (1 - buffer) H + buffer P'.
    With share = transfer/buffer, kappa is the lesser root of share kappa^2 - (gamma + transfer) kappa + gamma = 0.
    """
    middle = gamma + transfer
    return 2 * gamma / (middle + sp.sqrt(middle**2 - 4 * share * gamma))


def _stays(transfer: sp.Expr, buffer: sp.Expr, kappa: sp.Expr, equation: sp.Expr) -> Form:
    """That H = kappa P is followed by H' = kappa P' where the equation of `mode` holds."""
    P_next = P - transfer / MIX * kappa * P
    return Implication((sp.Eq(equation, 0),), sp.Eq(MIX * averaged(kappa * P, P_next, buffer), MIX * kappa * P_next))


def _equation(kappa: sp.Expr, transfer: sp.Expr, share: sp.Expr, gamma: sp.Expr) -> sp.Expr:
    """What is 0 for the kappa of `mode`."""
    return share * kappa**2 - (gamma + transfer) * kappa + gamma


def mode_gap(transfer: sp.Expr, share: sp.Expr, gamma: sp.Expr) -> sp.Expr:
    """`mode` less 1, with no difference of roots in it: 0 for H = P."""
    middle = gamma + transfer
    root = sp.sqrt(middle**2 - 4 * share * gamma)
    return 4 * gamma * (share - transfer) / ((2 * gamma - middle + root) * (middle + root))


SWINGING = sp.Rational(2, 5)  # gamma of the paper's simulations (App. K)


def _after(transfer: sp.Expr, buffer: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """P and H after a step of what `mode` is about, times gamma."""
    P_next = MIX * P - transfer * H
    return P_next, averaged(MIX * H, P_next, buffer)


@statement(
    "text-5-5",
    source="Sec. 5",
    uses=["text-5-4", "eq-14", "eq-15"],
    reading="P_k moves: (14) and (15) share beta, so the transfer moves W, and so P*(W), at the rate of the buffer; "
    "P_k at P*(W), an ideal response, no noise, the paper's gamma = 2/5. With P fixed it holds, as O(sqrt(beta)): see "
    "text-5-4.amended-1",
)
def buffer_follows_the_residual() -> Form:
    """For small beta H_k follows P_k: it declines with it as H = kappa P, and keeps its sign."""
    kappa = symbol("kappa")
    swinging = (sp.Eq(MIX, SWINGING), 100 * BETA <= 1)
    P_next, H_next = _after(BETA, BETA)
    real = sp.Eq(_equation(kappa, BETA, sp.S.One, MIX), 0)
    return All(
        (
            ("H = kappa P stays so for some kappa", Exists(real, swinging)),
            ("H keeps the sign of P", Implication((*swinging, H * P > 0), H_next * P_next > 0)),
        )
    )


def _other_mode(buffer: sp.Expr, share: sp.Expr) -> Form:
    """That P shrinks by more in a step in the other mode than in the slow one: |1 - transfer kappa/gamma|, times gamma.

    The sum of the two kappa is that of the roots of `mode`'s equation.
    """
    slow, other = symbol("kappa"), symbol("kappa_other")
    transfer = share * buffer
    both = (sp.Eq(share * (slow + other), MIX + transfer), slow < other, 4 * share <= MIX, buffer <= 1)
    return Implication(both, sp.Abs(MIX - transfer * other) < MIX - transfer * slow)


def _swings() -> tuple[tuple[str, Form], ...]:
    """With one rate and gamma = 2/5 the pair (P, H) turns one way, by at least a fixed angle a step.

    H' P - H P' = (beta/gamma) (H^2 - (gamma + beta) H P + gamma P^2) is what it turns by.
    """
    P_next, H_next = _after(BETA, BETA)
    turned = H**2 - (MIX + BETA) * H * P + MIX * P**2
    slow = (sp.Eq(MIX, SWINGING), 100 * BETA <= 1)
    return (
        ("with one rate: what (P, H) turns by", Identity(H_next * P - H * P_next, BETA * turned)),
        ("for gamma = 2/5 one way", Implication(slow, turned >= (P**2 + H**2) / 4)),
    )


@statement(
    "text-5-5.amended-1",
    source="Sec. 5",
    amends="text-5-5",
    judgement="gap",
    reading="where the transfer is much slower than the buffer, whose rate is then its own: H lags behind P by as many "
    "steps as the average is long. With one rate and gamma = 2/5, H swings around P, changing sign against it for ever",
    uses=["text-5-4.amended-1", "eq-14", "eq-15"],
)
def slow_transfer_lets_the_buffer_follow() -> Form:
    """H = P up to O(transfer rate / buffer rate), once the other mode is gone; noise is O(sqrt(buffer rate))."""
    buffer, share, kappa = symbol("buffer", "positive"), symbol("small", "positive"), symbol("kappa")
    transfer = share * buffer
    equation, slow = _equation(kappa, transfer, share, MIX), mode(transfer, share, MIX)
    return All(
        (
            ("the modes", _stays(transfer, buffer, kappa, equation)),
            ("the slow one solves it", Identity(equation.subs(kappa, slow), sp.S.Zero)),
            ("the other dies faster", _other_mode(buffer, share)),
            ("its distance from H = P", Identity(slow - 1, mode_gap(transfer, share, MIX), (4 * share <= MIX,))),
            ("which vanishes", Order(mode_gap(transfer, share, MIX), share, sp.S.One)),
            ("noise", Order(_settled(1).subs(BETA, buffer), buffer, sp.S.Half)),
            *_swings(),
        )
    )


@statement("eq-15", source="Sec. 5, (15)", uses=["eq-11", "eq-14", LIFT])
def transfer_of_the_buffer() -> Form:
    """(15) is what a step does to W, with the H that (14) has left."""
    after = buffered_step(BufferedResidualLearning(ALPHA, BETA, GAMMA))
    return Identity(after.W, W + BETA * after.H * F_W - BETA * sp.Abs(after.H) * G_W, lift=LIFT)


# Granularity


@statement(
    "text-5-6",
    source="Sec. 5",
    uses=["eq-30", "definition-1"],
    reading="the error that rounding makes, without noise; constant: for a small increment it is still of order dw_min",
)
def granular_transfer() -> Form:
    """A pulse moves a weight by at most q_max dw_min; rounding errs by at most that, and by half of q_min dw_min."""
    bounds = (Q_MIN <= Q, Q <= Q_MAX)
    error = sp.Abs(BL * DW_MIN * Q - sp.Abs(DW) * Q)
    small = (0 < sp.Abs(DW), 2 * sp.Abs(DW) <= DW_MIN, sp.Eq(BL, 1))
    return All(
        (
            ("a pulse", Implication(bounds, sp.Abs(pulse(W, 1, DW_MIN, Q) - W) <= Q_MAX * DW_MIN)),
            ("rounding", Implication((*COUNTED, *bounds), error <= Q_MAX * DW_MIN)),
            ("it stays", Implication((*small, *bounds), error >= Q_MIN * DW_MIN / 2)),
        )
    )


def _with_half(after: Buffered, half: sp.Expr, seen: sp.Symbol) -> Buffered:
    """The state with one symbol for H_{k+1/2}."""
    return Buffered(after.W.subs(half, seen), after.P, after.H.subs(half, seen))


@statement(
    "text-5-7",
    source="Sec. 5",
    uses=["eq-14", "eq-15"],
    reading="on W the pulse is an increment of dw_min, with the sign of H. With the decay in (14) a fixed residual "
    "below dw_min never fires: H stays between it and where it was",
)
def threshold_transfer() -> Form:
    """A pulse is fired where |H_{k+1/2}| >= dw_min, and taken off H; otherwise W and H_{k+1/2} stay as they are."""
    ideal = {**READ, "W": OnArray(smooth(lambda _: (sp.S.One, sp.S.Zero)))}
    after = buffered_step(ResidualLearningV2(ALPHA, BETA, GAMMA, DW_MIN), ideal)
    half = averaged(H, after.P + EPS, BETA)
    seen = symbol("H_half")
    state = _with_half(after, half, seen)
    cases = {
        "up": ((seen >= DW_MIN,), seen - DW_MIN, W + DW_MIN),
        "down": ((seen <= -DW_MIN,), seen + DW_MIN, W - DW_MIN),
        "no transfer": ((sp.Abs(seen) < DW_MIN,), seen, W),
    }
    fired = (
        (name, Implication(given, sp.And(sp.Eq(state.H, H_next), sp.Eq(state.W, W_next))))
        for name, (given, H_next, W_next) in cases.items()
    )
    below = (0 <= BETA, BETA <= 1, sp.Abs(H) < DW_MIN, sp.Abs(P) < DW_MIN)
    never = Implication(below, sp.Abs(averaged(H, P, BETA)) < DW_MIN)
    return All((*fired, ("a fixed residual below dw_min", never)))
