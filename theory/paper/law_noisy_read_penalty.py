"""The laws `noisy-read-penalty` and `buffer-radius`, stated and settled: what reading noise does in section 5."""

from __future__ import annotations

import sympy as sp

from ..bilevel import closed_form_residual
from ..buffered import averaged
from ..laws.buffer_radius import covariance, variance
from ..laws.noisy_read_penalty import fluctuation, memory_of, mixing_of
from ..penalty import linearised_root, scaled_update
from ..statement import All, Form, Identity, Implication, Measured, Order
from ..symbols import symbol
from . import statement

W, W_STAR, H = symbol("w"), symbol("w_star"), symbol("h")
GAMMA, ALPHA, F = symbol("gamma", "positive"), symbol("alpha"), symbol("F", "positive")
ABS_NOISE, SLOPE, SIGMA = symbol("mean_abs_xi", "nonnegative"), symbol("slope", "nonnegative"), symbol("sigma")
SMALL, PULL = symbol("Sigma", "positive"), symbol("pull", "positive")


def _bias(curvature: sp.Expr) -> sp.Expr:
    """Wt* - W* of (43) for an upper level of that curvature, R' = `PULL` at the symmetric point 0, Sigma small."""
    solved = linearised_root(curvature, SMALL * PULL, W_STAR, sp.S.Zero, lambda matrix, right: right / matrix)
    return sp.simplify(solved - W_STAR)


@statement(
    "lib-law-noisy-read-penalty",
    source="a law of ours",
    uses=["text-5-3.amended-1", "text-5-2"],
    reading="P zero-shifted, slow transfer, one coordinate. mixing = gamma + E|noise| G'(0)/(h F): P shows more mixing "
    "than gamma, for its own decay holds it back. With the printed upper level ||P*(W)||^2 the bias comes out gamma/2 "
    "times as large, to first order in Sigma",
)
def the_penalty_with_its_constants() -> Form:
    """The transfer descends (W - W*)^2/(2 mixing) + Sigma R_c(W), Sigma = E|P + eps| with the spread of P in it."""
    mixing = mixing_of(GAMMA, ABS_NOISE, SLOPE, H, F)
    rest = closed_form_residual(W_STAR, W, mixing)
    memory = memory_of(ALPHA, H, mixing, F)
    spread, leading = (ALPHA * SIGMA * F) ** 2 / (1 - memory**2), fluctuation(ALPHA, SIGMA, H, mixing, F)
    pulled = scaled_update(H * (W + GAMMA * rest - W_STAR), ABS_NOISE, SLOPE * rest / F)
    R, stationary = symbol("R"), sp.Eq((W - W_STAR) / mixing + SMALL * symbol("R"), 0)
    still = Implication((sp.Abs(R) < 1, sp.Eq(scaled_update(-rest, SMALL, R), 0)), stationary)
    return All(
        (
            ("it stands still where this is stationary", still),
            ("where P rests", Identity(pulled, sp.S.Zero)),
            ("its spread stays", Identity(memory**2 * spread + (ALPHA * SIGMA * F) ** 2, spread)),
            ("its spread, small alpha", Order(sp.simplify(spread - leading), ALPHA, sp.Integer(2))),
            ("Wbar is not pulled without gradient noise", Identity(W + GAMMA * rest.subs(ABS_NOISE, 0), W_STAR)),
            (
                "the printed pull is gamma/2 of it",
                Order(_bias(2 / GAMMA**2) - GAMMA / 2 * _bias(1 / GAMMA), SMALL, sp.S(2)),
            ),
        )
    )


@statement(
    "lib-law-noisy-read-penalty-bias",
    source="a law of ours",
    uses=["lib-law-noisy-read-penalty"],
    reading="no gradient noise, beta -> 0 by extrapolation, gamma = 2/5; the root of E|P* + eps| R(W) = P*, in which "
    "E|P* + eps| is not taken to be constant",
    experiment="noisy_reading",
)
def reading_noise_pulls_to_the_root() -> Form:
    """Under reading noise W settles where P* = E|P* + eps| R(W), on a quadratic and on a logistic loss."""
    return Measured("noisy_reading", "W settles at the root of the mean transfer", "1")


RATE, READING, STD_P = symbol("buffer", "positive"), symbol("sigma_eps", "positive"), symbol("std_p", "nonnegative")
MEMORY, SQUARE = symbol("memory"), symbol("mean_square", "nonnegative")


@statement(
    "lib-law-buffer-radius",
    source="a law of ours",
    uses=["eq-14", "text-5-4.amended-1"],
    reading="P around its mean with the variance std_p^2, a distance of which it keeps the share memory in a step; "
    "readings white; W at rest. Second moments of P' = memory P + noise, H' = (1 - b) H + b (P' + eps)",
)
def the_buffer_at_rest() -> Form:
    """Var H and Cov(H, P) stay as they are in a step; from b = 2 on the mean square grows in every step."""
    V, c = variance(RATE, READING, STD_P, MEMORY), covariance(RATE, STD_P, MEMORY)
    kept = averaged(SQUARE, 0, RATE)
    later = (1 - RATE) ** 2 * V + 2 * RATE * (1 - RATE) * MEMORY * c + RATE**2 * (STD_P**2 + READING**2)
    return All(
        (
            ("what H keeps", Identity(kept, (1 - RATE) * SQUARE)),
            ("Cov(H, P)", Identity((1 - RATE) * MEMORY * c + RATE * STD_P**2, c)),
            ("Var H", Identity(later, V)),
            ("a P at rest", Identity(V.subs(STD_P, 0), RATE * READING**2 / (2 - RATE))),
            ("the edge", Implication((RATE >= 2,), (1 - RATE) ** 2 * SQUARE + RATE**2 * READING**2 > SQUARE)),
        )
    )
