"""Appendix G: the implicit penalty. Its definitions, and Theorem 5 with Theorem 1, its short version.

The steps of the proof are in `appendix_g_proof`, the special case of a linear response in `appendix_g_special`.
Expectations are over two samples, as in section 3: what is claimed is linear in the law of the gradient.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import sympy as sp

from ..algorithm import AnalogSGD, OnArray, smooth
from ..penalty import ImplicitPenalty, penalised, scaled_update
from ..penalty_series import DELTA, scalar_w_tilde
from ..response import from_expressions, linear, power
from ..statement import All, Form, Identity, Implication
from ..symbols import symbol
from . import registry, statement
from .near_symmetry import ROUGH_NOISE, ROUGH_RATIO, SIGMA, SMOOTH, OneWeight, measured, order, quadratic

W, TAU, C_LIN, W_SP, W_STAR, ALPHA = (symbol(name) for name in ("w", "tau", "c_lin", "w_sp", "w_star", "alpha"))
F, R, SLOPE = symbol("F", "positive"), symbol("R"), symbol("slope_of_R")
G_1, G_2, P = symbol("g_1"), symbol("g_2"), symbol("p")
LIFT = "lib-lift-elementwise"
PROBABILITY = (P > 0, P < 1)
INSIDE = (-TAU < W, W < TAU, -1 < C_LIN, C_LIN < 1)


def mean(value: Callable[[sp.Expr], sp.Expr]) -> sp.Expr:
    """Expectation over the two samples."""
    return P * value(G_1) + (1 - P) * value(G_2)


@dataclass(frozen=True)
class Given:
    """An oracle whose sample gradient is given."""

    gradient: sp.Expr
    k: int = 0

    def sample(self, W: sp.Expr) -> list[sp.Expr]:  # noqa: ARG002
        """The given gradient."""
        return [self.gradient]

    def full(self, W: sp.Expr) -> sp.Expr:  # noqa: ARG002
        """The given gradient."""
        return self.gradient


def next_weight(gradient: sp.Expr) -> sp.Expr:
    """W after one step of Analog SGD on a sample gradient, with F and G = F R at W."""
    rule = AnalogSGD(ALPHA)
    return rule.step(rule.init(W), Given(gradient), {"W": OnArray(smooth(lambda _: (F, F * R)))}).W


T = scaled_update(mean(lambda g: g), mean(sp.Abs), R)


@statement("text-g-1", source="App. G", uses=["definition-1"])
def ratio_is_defined() -> Form:
    """R = G/F is defined in each coordinate, and lies in (-1, 1), where both responses are positive."""
    up, down = symbol("q_plus"), symbol("q_minus")
    ratio = (down - up) / (down + up)
    return Implication(given=(up > 0, down > 0), claim=sp.And(down + up > 0, -1 < ratio, ratio < 1), lift=LIFT)


@statement("eq-41", source="App. G, (41)", uses=["eq-4"])
def ratio_and_its_integral() -> Form:
    """R is G/F, and R_c vanishes at the symmetric point with derivative R; here for two families with parameters."""
    parts = []
    for device, where in ((linear(TAU, C_LIN), INSIDE), (power(TAU, 2), INSIDE[:2])):
        parts += [
            (f"{device}: R F = G", Identity(device.R * device.F, device.G, where)),
            (f"{device}: dR_c/dw = R", Identity(sp.diff(device.R_c, W), device.R, where)),
            (f"{device}: R_c(w_sp) = 0", Identity(device.R_c.subs(W, device.symmetric_point), 0, where[2:])),
        ]
    return All(tuple(parts))


@statement("text-g-2", source="App. G", uses=["eq-41"])
def gradient_of_the_weighted_sum() -> Form:
    """The gradient of <C, R_c(W)> is C times R(W), element-wise; here two coordinates of a power response."""
    device, weights, weighting = power(TAU, 2), sp.symbols("w_1 w_2", real=True), sp.symbols("C_1 C_2", real=True)
    total = sum(c * device.R_c.subs(W, w) for c, w in zip(weighting, weights, strict=True))
    slopes = sp.Matrix([sp.diff(total, w) for w in weights])
    ratios = sp.Matrix([c * device.R.subs(W, w) for c, w in zip(weighting, weights, strict=True)])
    return Identity(slopes, ratios)


def _least_at_the_symmetric_point(monotone: sp.Basic) -> Form:
    """R_c(w) = (w - w_sp) R(z) for some z between (mean value theorem): is it positive away from w_sp."""
    between = symbol("z")
    share = symbol("share")
    given = (share > 0, share < 1, sp.Eq(between, W_SP + share * (W - W_SP)), sp.Ne(W, W_SP), monotone)
    return Implication(given=(*given, sp.Abs(R) < 1), claim=(W - W_SP) * R > 0, lift=LIFT)


@statement("text-g-3", source="App. G", uses=["text-g-2"])
def penalty_is_least_at_the_symmetric_point() -> Form:
    """If R is strictly monotonic then R_c >= 0, least at w_sp: R is the ratio at the mean-value point z."""
    z = symbol("z")
    return _least_at_the_symmetric_point(sp.Or((z - W_SP) * R > 0, (z - W_SP) * R < 0))


@statement(
    "text-g-3.amended-1",
    source="App. G",
    amends="text-g-3",
    judgement="gap",
    reading="strictly increasing: with q_+ rising and q_- falling R decreases, and R_c is largest at w_sp",
    uses=["text-g-2"],
)
def penalty_of_an_increasing_ratio() -> Form:
    """If R is strictly increasing then R_c >= 0, and is least at w_sp: R is the ratio at the mean-value point z."""
    return _least_at_the_symmetric_point((symbol("z") - W_SP) * R > 0)


@statement("eq-42", source="App. G, (42)", uses=["eq-2"])
def scaled_mean_update() -> Form:
    """The mean step of Analog SGD is -alpha F T."""
    return Identity(mean(next_weight), W - ALPHA * F * T, lift=LIFT)


@statement("text-g-4", source="App. G", uses=["eq-42"])
def root_is_stable() -> Form:
    """Where T = 0, Analog SGD stays in conditional expectation."""
    return Implication(given=(*PROBABILITY, sp.Eq(T, 0)), claim=sp.Eq(mean(next_weight), W), lift=LIFT)


def _inverse(given: tuple[sp.Basic, ...]) -> Form:
    return Implication(given=given, claim=sp.Ne(symbol("curvature") + symbol("Sigma") * SLOPE, 0))


@statement("eq-43", source="App. G, (43)")
def linearised_point_exists() -> Form:
    """The inverse in (43) exists, W* being the unique minimiser: h >= 0, Sigma >= 0, any slope of R; one weight."""
    flat = _inverse((symbol("curvature") >= 0, SLOPE >= 0))
    return All((("h >= 0, R rising", flat), ("h > 0, any R", _inverse((symbol("curvature") > 0,)))))


@statement(
    "eq-43.amended-1",
    source="App. G, (43)",
    amends="eq-43",
    judgement="gap",
    reading="the Hessian is positive definite at W*, and R does not fall at W_sp",
)
def linearised_point_exists_for_rising_ratios() -> Form:
    """H + Diag(Sigma) R' is positive definite, so that (43) has its inverse, for H positive definite and R' >= 0.

    Along any direction v the form is v'Hv + sum_d Sigma_d R'_d v_d^2: the second term is named `pull`.
    """
    along, term = symbol("v_H_v"), symbol("pull", "nonnegative")
    square = symbol("v_d")
    terms = Implication(given=(SLOPE >= 0,), claim=symbol("Sigma") * SLOPE * square**2 >= 0, lift="lib-lift-sum")
    return All((("each term", terms), ("the form", Implication(given=(along > 0,), claim=along + term > 0))))


@statement("text-g-6", source="App. G")
def diagonal_and_first_moment() -> Form:
    """Diag(M) v is M times v, element-wise; Sigma is not negative, and is the first moment of the noise at W*."""
    vector, other = (sp.Matrix(sp.symbols(f"{name}_1:4", real=True)) for name in "Mv")
    noise = mean(lambda g: sp.Abs(g - mean(lambda x: x)))
    critical = (*PROBABILITY, sp.Eq(mean(lambda g: g), 0))
    return All(
        (
            ("Diag", Identity(sp.diag(*vector) * other, vector.multiply_elementwise(other))),
            ("sign", Implication(given=PROBABILITY, claim=mean(sp.Abs) >= 0, lift=LIFT)),
            ("moment of the noise", Implication(given=critical, claim=sp.Eq(mean(sp.Abs), noise), lift=LIFT)),
        )
    )


@statement("eq-44", source="App. G, (44)", uses=["eq-43.amended-1", "text-g-2"])
def penalised_objective() -> Form:
    """Wt* of (43) is the stationary point of f_Sigma, exactly, for quadratic f and linear response."""
    device = linear(TAU)
    objective = penalised(symbol("h") * (W - W_STAR) ** 2 / 2, SIGMA, device.R_c)
    point = scalar_w_tilde(symbol("h"), SIGMA * device.dR, W_STAR, device.symmetric_point)
    return Identity(sp.diff(objective, W).subs(W, point), sp.S.Zero)


def limits(instance: OneWeight, rate: sp.Rational = sp.S.One) -> tuple[tuple[str, Form], ...]:
    """Both limits (45) for one weight: each ratio to either point of the minimum vanishes; the proof's rate is 1."""
    small = instance.w_tilde
    slope, update = instance.penalised_slope, instance.T
    return (
        ("grad f_Sigma, Wt* against W*", order(slope(small) / slope(DELTA), rate)),
        ("grad f_Sigma, Wt* against W_sp", order(slope(small) / slope(0), rate)),
        ("T, Wt* against W*", order(update(small) / update(DELTA), rate)),
        ("T, Wt* against W_sp", order(update(small) / update(0), rate)),
    )


def named(case: str, parts: tuple[tuple[str, Form], ...]) -> tuple[tuple[str, Form], ...]:
    """The parts under the name of their case."""
    return tuple((f"{case}: {name}", part) for name, part in parts)


def _without(moment: Callable[[sp.Expr], sp.Expr], ratio: sp.Expr, slope: Callable[[sp.Expr], sp.Expr]) -> OneWeight:
    return OneWeight(slope, lambda w: ratio.subs(W, w), moment)


def printed_limits() -> Form:
    """The limits for members of every kind that the stated assumption, a unique minimiser, admits."""
    linear_ratio = linear(TAU).R
    flat = from_expressions("1 - w**3/2", "1 + w**3/2", -1, 1).R
    jump = _without(lambda w: SIGMA if w == DELTA else 2 * SIGMA, linear_ratio, quadratic)
    vanishing = Implication(
        given=(W_SP < W_STAR, symbol("h") > 0, symbol("Sigma") >= 0, TAU > 0),
        claim=sp.Min(sp.Abs(symbol("Sigma") * (W_STAR - W_SP) / TAU), sp.Abs(symbol("h") * (W_SP - W_STAR))) > 0,
    )
    return All(
        (
            *named("f'' > 0, R' > 0, smooth noise", limits(SMOOTH)),
            ("any noise: the denominators are not zero", vanishing),
            *named("R flat at W_sp", limits(_without(lambda _: SIGMA, flat, quadratic))[:1]),
            *named("f'' = 0 at W*", limits(_without(lambda _: SIGMA, linear_ratio, lambda w: (w - DELTA) ** 3))[1:2]),
            *named("E|f'(.; xi)| doubles away from W*", limits(jump)[2:3]),
        )
    )


@statement(
    "theorem-5",
    source="App. G, Theorem 5, (45)",
    uses=["eq-43", "eq-51", "eq-52", "eq-53", "text-g-15", "text-g-16"],
)
def implicit_penalty() -> Form:
    """With W* the unique minimiser, |grad f_Sigma| and |T| at Wt* vanish against those at W* and W_sp: O(|W_sp - W*|).

    As printed the ratios tend to 0; the order is the proof's. Where the form fails, they do not tend to 0 either:
    they are undefined without noise, and of order 0 where R is flat, where f'' = 0 and where E|f'(.; xi)| jumps.
    """
    return printed_limits()


@statement("theorem-1", source="Sec. 3.1, Theorem 1, (7)", uses=["theorem-5"])
def implicit_penalty_in_short() -> Form:
    """Analog SGD implicitly optimises f_Sigma, in the sense that its full version, Theorem 5, gives to it."""
    return registry.build("theorem-5").form


def _against(point: str, field: str) -> Form:
    """The ratio of a field's norm at Wt* to that at W* or W_sp, over random instances in several dimensions."""

    def ratio(penalty: ImplicitPenalty) -> float:
        at = getattr(penalty, field)
        return float(np.linalg.norm(at(penalty.w_tilde)) / np.linalg.norm(at(getattr(penalty, point))))

    return measured(ratio, 1, f"|{field}(Wt*)| / |{field}({point})| = O(|W_sp - W*|)")


NONDEGENERATE = (
    "Sigma > 0, H positive definite, R rising at W_sp; near W*, f is three times and R and E|grad f(W; xi)| are twice "
    "continuously differentiable"
)


def amended_limits() -> Form:
    """The limits with what they need: one weight by series, several by measured orders."""
    several = (
        (f"several weights: {field} against {point}", _against(point, field))
        for field in ("gradient", "T")
        for point in ("minimizer", "symmetric_point")
    )
    return All((*named("one weight", limits(SMOOTH)), *several))


@statement(
    "theorem-5.amended-1",
    source="App. G, Theorem 5, (45)",
    amends="theorem-5",
    judgement="gap",
    reading=NONDEGENERATE,
    uses=[
        *("eq-43.amended-1", "eq-51.amended-1", "eq-52.amended-1", "eq-53.amended-1", "eq-54.amended-1"),
        *("eq-55.amended-1", "eq-56.amended-1", "eq-57.amended-1", "text-g-15.amended-1", "text-g-16.amended-1"),
    ],
)
def implicit_penalty_without_degeneracy() -> Form:
    """With noise at W*, curvature, rising R and smoothness, both ratios of (45) are O(|W_sp - W*|)."""
    return amended_limits()


EPSILON, STEP = symbol("epsilon", "positive"), symbol("delta", "positive")
TO_MINIMUM, TO_CENTRE = symbol("to_minimum"), symbol("to_centre")
REST, CHANGE = symbol("rest"), symbol("change_of_abs_mean")
CURVATURE, RATE = symbol("h", "positive"), symbol("r_1", "positive")


def vanishing_ratios() -> tuple[tuple[str, Form], ...]:
    """Both limits (45) in one weight, for every f, R and noise with f'' = h, R' = r_1 and E|f'(.; xi)| continuous.

    At distances of up to delta from W* and W_sp what is left of f' and R after their linear terms is at most epsilon
    times the distance, and E|f'(.; xi)| is within epsilon of Sigma; epsilon -> 0 as delta = W* - W_sp -> 0.
    """
    point = (sp.Eq(CURVATURE * TO_MINIMUM + SIGMA * RATE * TO_CENTRE, 0), sp.Eq(TO_CENTRE - TO_MINIMUM, STEP))
    slope_rest, ratio_rest = symbol("rest_of_gradient"), symbol("rest_of_ratio")
    rests = (sp.Abs(slope_rest) <= EPSILON * sp.Abs(TO_MINIMUM), sp.Abs(ratio_rest) <= EPSILON * sp.Abs(TO_CENTRE))
    ratio = RATE * TO_CENTRE + ratio_rest
    slope = scaled_update(CURVATURE * TO_MINIMUM + slope_rest, SIGMA, ratio)
    moved = (sp.Abs(TO_CENTRE) <= STEP, rests[1], sp.Abs(CHANGE) <= EPSILON)
    small = (sp.Abs(REST) <= EPSILON * STEP,)
    least = (CURVATURE - EPSILON) * STEP, SIGMA * (RATE - EPSILON) * STEP
    return (
        ("Wt* is between", Implication(point, sp.And(sp.Abs(TO_MINIMUM) <= STEP, sp.Abs(TO_CENTRE) <= STEP))),
        ("grad f_Sigma(Wt*)", Implication((*point, *rests), sp.Abs(slope) <= EPSILON * (1 + SIGMA) * STEP)),
        ("T(Wt*) apart from it", Implication(moved, sp.Abs(CHANGE * ratio) <= EPSILON * (RATE + EPSILON) * STEP)),
        ("grad f_Sigma(W_sp), T(W_sp)", Implication(small, sp.Abs(REST - CURVATURE * STEP) >= least[0])),
        ("grad f_Sigma(W*), T(W*)", Implication(small, sp.Abs(SIGMA * (RATE * STEP + REST)) >= least[1])),
    )


@statement(
    "theorem-5.amended-2",
    source="App. G, Theorem 5, (45)",
    amends="theorem-5",
    judgement="gap",
    reading="the printed limits alone: H positive definite at W*; Sigma > 0 and R' > 0 at W_sp, in every coordinate; "
    "E|grad f(W; xi)| continuous at W*. One weight is shown",
    uses=["eq-43.amended-1", "eq-48", "text-g-10"],
)
def implicit_penalty_where_continuous() -> Form:
    """With noise at W* that is continuous there, curvature and rising R, both ratios of (45) tend to 0; one weight."""
    rough = {"R without a second derivative": ROUGH_RATIO, "noise that is not Lipschitz": ROUGH_NOISE}
    orders = (part for case, instance in rough.items() for part in named(case, limits(instance, sp.S.Half)))
    return All((*named("any epsilon", vanishing_ratios()), *orders))


@statement(
    "theorem-1.amended-1",
    source="Sec. 3.1, Theorem 1, (7)",
    amends="theorem-1",
    judgement="gap",
    reading=NONDEGENERATE,
    uses=["theorem-5.amended-1"],
)
def implicit_penalty_in_short_without_degeneracy() -> Form:
    """Analog SGD implicitly optimises f_Sigma, in the sense of Theorem 5 with its missing assumptions."""
    return registry.build("theorem-5.amended-1").form
