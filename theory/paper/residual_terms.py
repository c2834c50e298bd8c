"""The inequalities of one step (10) from P, (116)-(129), as printed and as repaired.

The lines have the shape of `descent_terms`: both sides of left <= right in a view of the step, and the terms that prove
it. e is P_k - P*(W_k); T1 and T2 are the two terms that (117) ends in. A sign of -1 is the printed one of |grad f| G,
1 that of (10).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..domains import expectation, norm2
from ..statement import Instance, Same, Sides
from ..symbols import symbol
from .descent_terms import (
    ALPHA,
    BOUNDED_F,
    BOUNDED_RATIO,
    BOUNDED_VARIANCE,
    DYNAMICS,
    F_MAX,
    GRADIENT,
    MEAN_NOISE,
    NOISE,
    POSITIVE_RESPONSES,
    PROBABILITY,
    RATIO,
    SAMPLE,
    SIGMA2,
    VARIANCE,
    F,
    G,
    L,
    Line,
    View,
    through_ratio,
    total,
)
from .lemma_7_step import centre, other, radius, selected
from .residual_step import miss, moved_P, ratio_P

MU, GAMMA, Q_MAX = symbol("mu"), symbol("gamma", "positive"), symbol("q_max")
E, KEPT = symbol("e"), symbol("kept", "positive")
C_PLUS, C_MINUS = symbol("C_plus"), symbol("C_minus")
P, P_NEXT, P_OPT = symbol("p_here"), symbol("p_next"), symbol("p_opt")
PRINTED, RIGHT = -1, 1


def view(step: Instance) -> View:
    """The view of a step of P; q_s is the response that each coordinate's increment selects."""
    names = ("alpha", "gamma", "mu", "L", "F_max", "q_max", "sigma2")
    found = {
        **{name: step[name] for name in names},
        "p": step["p"][:, None],
        "p_here": step["P"],
        "p_next": step["P_next"],
        "p_opt": step["P_opt"],
        "F": step["F_P"],
        "G": step["G_P"],
        "grad": step["gradient_bar"],
        "g": step["samples"],
        "xi": step["xi"],
        "mean_xi": step["p"] @ step["xi"],
        "variance": expectation(step, norm2(step["xi"])),
        "ratio_max": ratio_P(step),
        "e": miss(step),
        "move": moved_P(step),
    }
    return with_responses(found, selected(step))


def by_the_gradient(step: Instance) -> View:
    """The view in which q_s is the response of the gradient's sign, which the update does not use."""
    return with_responses(view(step), other(step))


def with_responses(v: View, q_s: Any) -> View:
    """The view with these responses for q_s: they set C_+ (119), C_- (120), and the coefficient kept in (124)."""
    C_plus = centre(q_s)
    return {**v, "q_s": q_s, "C_plus": C_plus, "C_minus": radius(q_s), "kept": contraction(v, C_plus) / v["F_max"]}


# Sizes


def e2(v: View) -> Any:
    """||P_k - P*(W_k)||^2."""
    return total(v, v["e"] ** 2)


def next2(v: View) -> Any:
    """E||P_{k+1} - P*(W_k)||^2."""
    return total(v, (v["p_next"] - v["p_opt"]) ** 2)


def grad2(v: View) -> Any:
    """||grad f(Wbar_k)||^2."""
    return total(v, v["grad"] ** 2)


def along(v: View) -> Any:
    """2 E<P_k - P*(W_k), P_{k+1} - P_k>."""
    return 2 * total(v, v["e"] * v["move"])


def moved2(v: View) -> Any:
    """E||P_{k+1} - P_k||^2."""
    return total(v, v["move"] ** 2)


def drop(v: View) -> Any:
    """The drop: alpha C_+/(gamma (mu + L)) ||grad f(Wbar_k)||^2."""
    return v["alpha"] * v["C_plus"] / (v["gamma"] * (v["mu"] + v["L"])) * grad2(v)


def contraction(v: View, C_plus: Any) -> Any:
    """The rate alpha gamma mu L C_+/(mu + L)."""
    return v["alpha"] * v["gamma"] * v["mu"] * v["L"] * C_plus / (v["mu"] + v["L"])


def spread(v: View) -> Any:
    """The cost alpha C_-^2 gamma (mu + L)/C_+."""
    return v["alpha"] * v["C_minus"] ** 2 * v["gamma"] * (v["mu"] + v["L"]) / v["C_plus"]


def asymptotic(v: View, C_plus: Any) -> Any:
    """(alpha (mu + L) F_max sigma^2/(gamma mu L C_+)) ||G/sqrt F||_inf^2."""
    weight = v["alpha"] * (v["mu"] + v["L"]) * v["F_max"] / (v["gamma"] * v["mu"] * v["L"] * C_plus)
    return weight * through_ratio(v)


def scaled(v: View, vectors: Any, sign: int) -> Any:
    """Vectors * F + sign |vectors| * G."""
    return vectors * v["F"] + sign * abs(vectors) * v["G"]


def T1(v: View, sign: int) -> Any:
    """-2 alpha <e, grad f F + sign |grad f| G>."""
    return -2 * v["alpha"] * total(v, v["e"] * scaled(v, v["grad"], sign))


def T2(v: View) -> Any:
    """2 alpha E<e, (|grad f| - |grad f(.; xi)|) G>."""
    return 2 * v["alpha"] * total(v, v["e"] * (abs(v["grad"]) - abs(v["g"])) * v["G"])


# (116), (117)

_SQUARES = (P_NEXT - P_OPT) ** 2 - (P - P_OPT) ** 2 - 2 * (P - P_OPT) * (P_NEXT - P) - (P_NEXT - P) ** 2

expands = Line(lambda v: Same(next2(v), e2(v) + along(v) + moved2(v)), terms=((PROBABILITY * _SQUARES, ()),))


def _by_update(v: View, sign: int) -> Any:
    """L2 of (117)."""
    return -2 * v["alpha"] * total(v, v["e"] * scaled(v, v["g"], sign))


def _by_parts(v: View, vectors: Any, sign: int) -> Any:
    """L3 of (117) for samples, the first two terms of L4 for their mean."""
    symmetric = total(v, v["e"] * vectors * v["F"])
    return -2 * v["alpha"] * symmetric - 2 * v["alpha"] * sign * total(v, v["e"] * abs(vectors) * v["G"])


def updates(sign: int) -> Line:
    """L1 = L2 of (117)."""
    term = 2 * PROBABILITY * E * (DYNAMICS + ALPHA * SAMPLE * F + ALPHA * sp.Abs(SAMPLE) * G)
    return Line(lambda v: Same(along(v), _by_update(v, sign)), terms=((term, ()),))


def takes_the_mean(sign: int) -> Line:
    """L3 = L4 of (117), whose last term is T2 as printed."""
    return Line(lambda v: Same(_by_parts(v, v["g"], sign), _by_parts(v, v["grad"], sign) + T2(v)))


splits_off_the_mean = Line(
    lambda v: Same(_by_update(v, RIGHT), T1(v, RIGHT) + T2(v)),
    terms=((-2 * ALPHA * E * F * MEAN_NOISE, (sp.Eq(MEAN_NOISE, 0),)),),
)
"""L2 = L5 of (117), the sign turned."""


# (118) to (123)


def _by_q_s(v: View) -> Any:
    """-2 alpha <e, grad f * q_s>."""
    return -2 * v["alpha"] * total(v, v["e"] * v["grad"] * v["q_s"])


def _by_centre(v: View) -> Any:
    """-2 alpha C_+ <e, grad f>."""
    return -2 * v["alpha"] * v["C_plus"] * total(v, v["e"] * v["grad"])


def _by_radius(v: View) -> Any:
    """2 alpha C_- <|e|, |grad f|>."""
    return 2 * v["alpha"] * v["C_minus"] * total(v, abs(v["e"] * v["grad"]))


def selects(sign: int) -> Line:
    """T1 = -2 alpha <e, grad f * q_s> with q_s = F + sign G where grad f > 0, and F - sign G elsewhere."""
    chosen = sp.Piecewise((F + sign * G, GRADIENT > 0), (F - sign * G, True))
    term = -2 * PROBABILITY * ALPHA * E * (GRADIENT * F + sign * sp.Abs(GRADIENT) * G - GRADIENT * chosen)
    return Line(lambda v: Same(T1(v, sign), _by_q_s(v)), terms=((term, ()),))


bounds_the_product = Line(lambda v: Sides(_by_q_s(v), _by_centre(v) + _by_radius(v)))


def bounds_T1_by_q_s(sign: int) -> Line:
    """(118) from its first to its last line."""
    return Line(lambda v: Sides(T1(v, sign), _by_centre(v) + _by_radius(v)))


def lemma_4(v: View) -> Any:
    """The slack of Lemma 4 for e, grad f and q_s, times 2 alpha."""
    product = total(v, v["e"] * v["grad"] * v["q_s"])
    bound = v["C_plus"] * total(v, v["e"] * v["grad"]) - v["C_minus"] * total(v, abs(v["e"]) * abs(v["grad"]))
    return 2 * v["alpha"] * (product - bound)


def _monotone(v: View) -> Any:
    """The last line of (121)."""
    mu, L, gamma = v["mu"], v["L"], v["gamma"]
    return gamma * mu * L / (mu + L) * e2(v) + grad2(v) / (gamma * (mu + L))


is_monotone = Line(lambda v: Sides(_monotone(v), total(v, v["grad"] * v["e"])))

_YOUNG = C_MINUS * GAMMA * (MU + L) / C_PLUS  # the u of (122)
splits_the_radius = Line(
    lambda v: Sides(_by_radius(v), spread(v) * e2(v) + drop(v)),
    terms=((PROBABILITY * ALPHA * C_PLUS / (GAMMA * (MU + L)) * (_YOUNG * sp.Abs(E) - sp.Abs(GRADIENT)) ** 2, ()),),
)


def bounds_T1(sign: int) -> Line:
    """(123)."""
    return Line(lambda v: Sides(T1(v, sign), -(2 * contraction(v, v["C_plus"]) - spread(v)) * e2(v) - drop(v)))


# (124)

_SIZE_ERROR = sp.Abs(GRADIENT) - sp.Abs(SAMPLE)
_LOST = ALPHA**2 / KEPT  # alpha (mu + L) F_max/(gamma mu L C_+)


def _kept(v: View) -> Any:
    """The first term of L3, L4 and L5."""
    return v["kept"] * total(v, v["e"] ** 2 * v["F"])


def _lost(v: View, errors: Any) -> Any:
    """The second term of L3 and L4, for these errors."""
    return v["alpha"] ** 2 / v["kept"] * total(v, errors**2 * v["G"] ** 2 / v["F"])


def _L3(v: View) -> Any:
    return _kept(v) + _lost(v, abs(v["grad"]) - abs(v["g"]))


def _L4(v: View) -> Any:
    return _kept(v) + _lost(v, v["grad"] - v["g"])


def _L5(v: View) -> Any:
    return _kept(v) + asymptotic(v, v["C_plus"])


def _L6(v: View) -> Any:
    return contraction(v, v["C_plus"]) * e2(v) + asymptotic(v, v["C_plus"])


_STEP_A = (PROBABILITY * KEPT * F * (E - ALPHA / KEPT * _SIZE_ERROR * G / F) ** 2, ())
_STEP_B = (PROBABILITY * _LOST * ((GRADIENT - SAMPLE) ** 2 - _SIZE_ERROR**2) * G**2 / F, ())
_STEP_C = (
    (PROBABILITY * _LOST * NOISE**2 * (RATIO - G**2 / F), (BOUNDED_RATIO,)),
    (_LOST * RATIO * (SIGMA2 - VARIANCE), (BOUNDED_VARIANCE,)),
)
_STEP_D = (PROBABILITY * KEPT * E**2 * (F_MAX - F), (BOUNDED_F,))
step_a = Line(lambda v: Sides(T2(v), _L3(v)), terms=(_STEP_A,))
step_b = Line(lambda v: Sides(_L3(v), _L4(v)), terms=(_STEP_B,))
step_c_as_printed = Line(lambda v: Same(_L4(v), _L5(v)))
step_c = Line(lambda v: Sides(_L4(v), _L5(v)), terms=_STEP_C)
step_d = Line(lambda v: Sides(_L5(v), _L6(v)), terms=(_STEP_D,))
bounds_T2 = Line(lambda v: Sides(T2(v), _L6(v)))


# (125), (127), (128) and Lemma 7


def _along_bound(v: View, factor: Any) -> Any:
    """-factor ||e||^2 - the drop + the asymptotic error."""
    return -factor * e2(v) - drop(v) + asymptotic(v, v["C_plus"])


def _first_bound(v: View) -> Any:
    return _along_bound(v, contraction(v, v["C_plus"]) - spread(v))


def _second_bound(v: View) -> Any:
    return _along_bound(v, contraction(v, v["C_plus"]) / 2)


IS_CLOSE = (MU + L) * C_MINUS**2 / C_PLUS**2 <= MU * L / (2 * (MU + L))
"""(126)."""
_ABSORBED = ALPHA * GAMMA * C_PLUS * (IS_CLOSE.rhs - IS_CLOSE.lhs) * E**2
adds_up = Line(lambda v: Sides(along(v), _first_bound(v)))
bounds_the_product_of_the_step = Line(
    lambda v: Sides(along(v), _second_bound(v)), terms=((PROBABILITY * _ABSORBED, (IS_CLOSE,)),)
)


def _move2(v: View, sign: int) -> Any:
    """L2 of (127)."""
    return v["alpha"] ** 2 * total(v, scaled(v, v["g"], sign) ** 2)


def _by_samples(v: View, bound: str) -> Any:
    """L3 of (127), `bound` being F_max or q_max."""
    return v["alpha"] ** 2 * v[bound] ** 2 * total(v, v["g"] ** 2)


def _noise(v: View, bound: str) -> Any:
    return v["alpha"] ** 2 * v[bound] ** 2 * v["sigma2"]


def _by_variance(v: View, bound: str) -> Any:
    return v["alpha"] ** 2 * v[bound] ** 2 * grad2(v) + _noise(v, bound)


def moves_by(sign: int) -> Line:
    """L1 = L2 of (127)."""
    square = ALPHA**2 * (SAMPLE * F + sign * sp.Abs(SAMPLE) * G) ** 2
    return Line(lambda v: Same(moved2(v), _move2(v, sign)), terms=((PROBABILITY * (DYNAMICS**2 - square), ()),))


_RESPONSES = (F + G <= Q_MAX, F - G <= Q_MAX, POSITIVE_RESPONSES)
_LIPSCHITZ = PROBABILITY * ALPHA**2 * (Q_MAX**2 * SAMPLE**2 - (SAMPLE * F + sp.Abs(SAMPLE) * G) ** 2)
is_lipschitz_as_printed = Line(lambda v: Sides(_move2(v, PRINTED), _by_samples(v, "F_max")))
is_lipschitz = Line(lambda v: Sides(_move2(v, RIGHT), _by_samples(v, "q_max")), terms=((_LIPSCHITZ, _RESPONSES),))
is_the_variance = Line(
    lambda v: Same(_by_samples(v, "F_max"), _by_variance(v, "F_max")),
    terms=(
        (2 * ALPHA**2 * F_MAX**2 * GRADIENT * MEAN_NOISE, (sp.Eq(MEAN_NOISE, 0),)),
        (ALPHA**2 * F_MAX**2 * (VARIANCE - SIGMA2), (sp.Eq(VARIANCE, SIGMA2),)),
    ),
)
_VARIANCE_LEFT = (ALPHA**2 * Q_MAX**2 * (SIGMA2 - VARIANCE), (BOUNDED_VARIANCE,))
bounds_the_variance = Line(lambda v: Sides(_by_samples(v, "q_max"), _by_variance(v, "q_max")), terms=(_VARIANCE_LEFT,))


def _slow_enough(bound: sp.Symbol) -> tuple[sp.Expr, tuple[sp.Basic, ...]]:
    gain = C_PLUS / (GAMMA * (MU + L)) - ALPHA * bound**2
    return PROBABILITY * ALPHA * GRADIENT**2 * gain, (GAMMA * (MU + L) * ALPHA * bound**2 <= C_PLUS,)


def is_slow(bound: sp.Symbol) -> Line:
    """L4 <= L5 of (127), `bound` being F_max or q_max."""
    name = bound.name
    return Line(lambda v: Sides(_by_variance(v, name), drop(v) + _noise(v, name)), terms=(_slow_enough(bound),))


bounds_the_move = Line(
    lambda v: Sides(moved2(v), drop(v) + _noise(v, "q_max")),
    terms=((_LIPSCHITZ, _RESPONSES), _VARIANCE_LEFT, _slow_enough(Q_MAX)),
)


bounds_the_move_as_printed = Line(lambda v: Sides(moved2(v), drop(v) + _noise(v, "F_max")))


def contracts(bound: str) -> Line:
    """(128), the last term with F_max as printed, or with q_max."""

    def sides(v: View) -> Sides:
        kept = (1 - contraction(v, v["C_plus"]) / 2) * e2(v)
        return Sides(next2(v), kept + asymptotic(v, v["C_plus"]) + _noise(v, bound))

    return Line(sides)


def _half_each(v: View) -> Sides:
    kept = (1 - contraction(v, 1) / 4) * e2(v)
    return Sides(next2(v), kept + 2 * asymptotic(v, 1) + _noise(v, "F_max"))


_SCALE = C_PLUS >= sp.Rational(1, 2)
contracts_at_half = Line(
    _half_each,
    terms=(
        (PROBABILITY * ALPHA * GAMMA * MU * L / (MU + L) * (C_PLUS / 2 - sp.Rational(1, 4)) * E**2, (_SCALE,)),
        (ALPHA * (MU + L) * F_MAX / (GAMMA * MU * L) * (2 - 1 / C_PLUS) * SIGMA2 * RATIO, (_SCALE,)),
    ),
)
"""(129), the same display as Lemma 7; its terms are what it has beyond (128) with the same bound."""
