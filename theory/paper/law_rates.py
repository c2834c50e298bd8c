"""Laws of ours about rates: the floor of Analog SGD from both sides, and how tight the theorems' constants are."""

from __future__ import annotations

import sympy as sp

from ..algorithm import analog_update
from ..laws.analog_sgd_floor import largest_floor, metric_of
from ..penalty import scaled_update
from ..rates import (
    analog_gd_gradient_rate,
    analog_gd_rate,
    analog_sgd_rate,
    analog_sgd_rate_of_any_length,
    unsaturated_rate,
)
from ..statement import All, Form, Identity, Implication, Measured
from ..symbols import symbol
from . import statement

OURS = "a law of ours"
F, G, GRADIENT = symbol("F", "positive"), symbol("G"), symbol("grad")
SIGMA, C_NOISE, SPREAD = symbol("sigma", "positive"), symbol("c_noise", "positive"), symbol("mean_abs_g", "nonnegative")
RATIO, H, TAU, L, K = symbol("ratio", "positive"), symbol("h"), symbol("tau"), symbol("L"), symbol("K")
ALPHA, RESPONSE = symbol("alpha"), symbol("q_s", "positive")
M, FLOOR = F**2 - G**2, GRADIENT**2


@statement(
    "lib-law-analog-sgd-floor",
    source=OURS,
    uses=["eq-42", "text-b-10"],
    reading="one weight, at a root of the mean update T: the floor of ||grad f||^2 as alpha -> 0, S = G^2/F there. "
    "E|g| <= sqrt(grad^2 + sigma^2) is Jensen's inequality, with equality where |g| is constant; c_noise is that of "
    "text-b-10. Without it nothing keeps the floor up: E|g| can be as small as |grad f| with any sigma",
)
def floor_from_both_sides() -> Form:
    """c^2 sigma^2 S/F <= floor <= sigma^2 F S/M for E|g| >= c sigma; the floor is sigma^2 S/F where |g| is sigma."""
    given = (sp.Abs(G) < F, sp.Eq(scaled_update(GRADIENT, SPREAD, G / F), 0))
    S, second = G**2 / F, FLOOR + SIGMA**2
    equal = sp.Eq(M * FLOOR, SIGMA**2 * F * S)
    return All(
        (
            ("at most", Implication((*given, SPREAD**2 <= second), M * FLOOR <= SIGMA**2 * F * S)),
            ("which |g| of one size has", Implication((*given, sp.Eq(SPREAD**2, second)), equal)),
            ("at least", Implication((*given, SPREAD >= C_NOISE * SIGMA), F * FLOOR >= C_NOISE**2 * SIGMA**2 * S)),
            ("with E|g| = sigma", Implication((*given, sp.Eq(SPREAD, SIGMA)), sp.Eq(F * FLOOR, SIGMA**2 * S))),
            ("F S/M is G^2/M", Identity(largest_floor(SIGMA**2, F, G), SIGMA**2 * F * S / M)),
        )
    )


MEAN, VARIANCE, W_STAR = symbol("mean_W"), symbol("variance_W", "nonnegative"), symbol("w_star")


@statement(
    "lib-law-analog-sgd-lower-bound",
    source=OURS,
    uses=["eq-2", "eq-16"],
    reading="a lower bound as [21] announces one, for an instance of ours: one weight, f = h (w - w*)^2/2, the linear "
    "response, gradient noise +-sigma. |grad f| <= sigma and |w| <= tau are kept by every step with alpha h q_max <= 1 "
    "and 2 alpha sigma <= tau; then E|g| = sigma at every w, and where the mean of w stands still, E grad f = -sigma E "
    "w/tau at every such step size. S is E w^2/tau^2",
)
def lower_bound_at_every_step_size() -> Form:
    """E (grad f)^2 = sigma^2 S + (h^2 - sigma^2/tau^2) Var w >= min(1, (h tau/sigma)^2) sigma^2 S."""
    mean = H * (MEAN - W_STAR)
    moments, S = mean**2 + H**2 * VARIANCE, (MEAN**2 + VARIANCE) / TAU**2
    still = sp.Eq(mean * TAU, -SIGMA * MEAN)
    equal = sp.Eq((moments - SIGMA**2 * S) * TAU**2, (H**2 * TAU**2 - SIGMA**2) * VARIANCE)
    both = (sp.Abs(GRADIENT + SIGMA) + sp.Abs(GRADIENT - SIGMA)) / 2
    return All(
        (
            *((f"|grad f| <= sigma is kept, noise of sign {sign:+}", _kept(sign)) for sign in (1, -1)),
            *((f"|w| <= tau is kept, increment of sign {sign:+}", _stays_in_range(sign)) for sign in (1, -1)),
            ("E|g| = sigma", Implication((sp.Abs(GRADIENT) <= SIGMA,), sp.Eq(both, SIGMA))),
            ("the second moment", Implication((still,), equal)),
            ("h tau >= sigma", Implication((still, H * TAU >= SIGMA), moments >= SIGMA**2 * S)),
            ("h tau <= sigma", Implication((still, H * TAU <= SIGMA), moments >= (H * TAU) ** 2 * S)),
        )
    )


def _kept(sign: int) -> Implication:
    """The gradient after a step with noise of that sign; q is the response that the increment meets."""
    moved = analog_update(0, -ALPHA * (GRADIENT + sign * SIGMA), RESPONSE, 0)
    given = (sp.Abs(GRADIENT) <= SIGMA, ALPHA * H * RESPONSE <= 1)
    return Implication(given, sp.Abs(GRADIENT + H * moved) <= SIGMA)


def _stays_in_range(sign: int) -> Implication:
    """A step by an increment of that sign and of the share alpha |g|/tau <= 1 of the range, on the linear response."""
    w, share = symbol("w"), symbol("share", "nonnegative")
    after = analog_update(w, sign * share * TAU, 1, w / TAU)
    return Implication((sp.Abs(w) <= TAU, share <= 1), sp.Abs(after) <= TAU)


@statement(
    "lib-law-analog-sgd-looseness",
    source=OURS,
    uses=["lib-law-analog-sgd-floor", "theorem-2.amended-1", "eq-75.amended-1"],
    reading="one weight at a root of T, where K -> oo and alpha -> 0 leave the radius 8 F sigma^2 S alone; r = |R| "
    "there, E|g| = sigma. For (75) the noise with the largest floor, S/M_min as it is proved",
)
def looseness_of_the_radius() -> Form:
    """The metric of (73) is F sigma^2 S (5 - 2 r - 3 r^2): 8 could be 5, and not less; 2 in (75) could be 1."""
    given, share = (RATIO < 1,), symbol("constant", "positive")
    found = metric_of(-SIGMA * RATIO, F, F * RATIO)
    radius = analog_sgd_rate(0, 1, F * RATIO**2, F, L, SIGMA**2, sp.sqrt)
    tight = unsaturated_rate(0, 1, F * RATIO**2 / (F**2 * (1 - RATIO**2)), 1, F, L, SIGMA**2, sp.sqrt)
    less = SIGMA**2 * F * F * RATIO**2 * share
    by_r = SIGMA**2 * F * F * RATIO**2 * (5 - 2 * RATIO - 3 * RATIO**2)
    return All(
        (
            ("the metric at the root", Identity(found, by_r)),
            ("5 is enough", Implication(given, 8 * by_r <= 5 * radius)),
            ("less than 5 is not, r small", Implication((share < 5, 5 * RATIO < 5 - share, *given), by_r > less)),
            ("(75)", Identity(tight, 2 * largest_floor(SIGMA**2, F, F * RATIO))),
        )
    )


@statement(
    "lib-law-analog-sgd-tight",
    source=OURS,
    uses=["theorem-2.amended-2"],
    reading="one weight, f = L w^2/2, constant responses with F = F_max, sigma -> 0, so alpha = 1/(4 L F_max); q is "
    "the response that the steps meet. As q -> 0 and K -> oo, f(W_K) -> f* and the term 32 L F_max^2 gap/K is used up",
)
def constant_of_any_length() -> Form:
    """Of 32 L F^2 (f(W_0) - f(W_K))/K the metric is the share (8 F - 3 q)/(8 F - q), which tends to 1 as q -> 0."""
    g, rising = symbol("grad", "positive"), symbol("G")
    q = F + rising
    after = g + L * analog_update(0, -g / (4 * L * F), F, rising)
    used = analog_sgd_rate_of_any_length((g**2 - after**2) / (2 * L), 1, 0, F, L, 0, sp.sqrt)
    share = (8 * F - 3 * q) / (8 * F - q)
    lost = symbol("lost", "positive")
    return All(
        (
            ("the share", Identity(metric_of(g, F, rising), share * used)),
            ("near 1", Implication((0 < q, q <= 2 * F, q <= 3 * lost * F), share >= 1 - lost)),
            ("f(W_K) vanishes", Implication((0 < q, q <= 2 * F), sp.Abs(1 - q / (4 * F)) < 1)),
        )
    )


@statement(
    "lib-law-analog-gd-tight",
    source=OURS,
    uses=["theorem-6.amended-1", "eq-137.amended-1"],
    reading="one weight, f = L w^2/2, constant responses with F = F_max, which Definition 1 allows; q is the one that "
    "the step meets. (136), with a plus, for any K, its first step alone counted: the share q/(2 F) of the bound, "
    "which tends to 1 as the other response tends to 0. (137): all of the bound but for f(W_K) - f*",
)
def constants_of_analog_gd() -> Form:
    """E_K >= q/(2 F) times (136), for every K; the mean of ||grad f||^2 is (137) with f(W_0) - f(W_K) for the gap."""
    g, rising = symbol("grad", "positive"), symbol("G", "positive")
    q = F + rising
    first = metric_of(g, F, rising, 1) / K
    bound = analog_gd_rate(g**2 / (2 * L), K, F, L)
    after = g + L * analog_update(0, -g / (L * F), F, rising)
    fall = (g**2 - after**2) / (2 * L)
    return All(
        (
            ("(136), the first step", Identity(first, q / (2 * F) * bound)),
            ("(137), every step", Identity(analog_gd_gradient_rate(fall, 1, F, L, F**2 - rising**2), g**2)),
            ("f(W_K) vanishes", Implication((rising < F,), sp.Abs(1 - q / F) < 1)),
        )
    )


@statement(
    "lib-law-rates",
    source=OURS,
    uses=["theorem-2.amended-2", "corollary-1.amended-1", "theorem-6.amended-1"],
    reading="slopes over two decades of K with 99 % intervals that hold together, a term of relative order K^-1/2 "
    "allowed for; one weight, the linear response",
    experiment="rates",
)
def slopes() -> Form:
    """With its theorem's rates mean ||grad f||^2 falls as K^-1/2, as 1/K for Analog GD, to a floor for Analog SGD."""
    return Measured("rates", "the mean of ||grad f||^2 falls at the rates of the theorems", "1")


@statement("lib-law-rates-floor", source=OURS, uses=["lib-law-analog-sgd-floor"], experiment="rates")
def stops_at_the_floor() -> Form:
    """Analog SGD's mean of ||grad f||^2, extrapolated in K, is its square at the root of T."""
    return Measured("rates", "Analog SGD stops at the floor that the root of T predicts", "1")


@statement(
    "lib-law-rates-bias",
    source=OURS,
    uses=["corollary-1.amended-1"],
    reading="the settled mean of grad f(Wbar) is of order sqrt(alpha); so with alpha = O(K^-1/2) its square is of the "
    "order of the fluctuations, and Corollary 1's rate stands",
    experiment="rates",
)
def bias_along_the_schedule() -> Form:
    """With Corollary 1's alpha(K), beta(K) the square of the settled mean of grad f(Wbar) falls as K^-1/2."""
    return Measured("rates", "the squared bias of Residual Learning falls as K^-1/2 with Corollary 1's schedule", "1")


@statement(
    "lib-law-tightness",
    source=OURS,
    uses=["theorem-2.amended-1", "theorem-3.amended-1", "corollary-1.amended-1", "theorem-6.amended-1"],
    experiment="tightness",
)
def bounds_hold() -> Form:
    """No instance, drawn or found by a search, is above the repaired bounds of Theorems 2, 3, 6 and Corollary 1."""
    return Measured("tightness", "no instance is above a repaired bound", "1 to 3")


@statement(
    "lib-law-analog-sgd-floor-seen", source=OURS, uses=["lib-law-analog-sgd-floor"], experiment="analog_sgd_floor"
)
def floor_of_several_noises() -> Form:
    """As alpha -> 0 the measured floor is that at the root of T, for normal, two-signed and rare noise."""
    return Measured("analog_sgd_floor", "the floor is the predicted one for several noises and asymmetries", "1")


@statement(
    "lib-law-analog-sgd-lower-bound-seen",
    source=OURS,
    uses=["lib-law-analog-sgd-lower-bound"],
    experiment="analog_sgd_floor",
)
def bound_at_several_step_sizes() -> Form:
    """At every step size tried E grad^2 is sigma^2 S + (h^2 - sigma^2/tau^2) Var w, where w keeps within its range."""
    return Measured("analog_sgd_floor", "no step size removes the floor", "1")
