"""Sections 1 and 2: the analog update, its symmetric decomposition and the class of response functions."""

from __future__ import annotations

import sympy as sp

from ..algorithm import analog_update
from ..presets import preset
from ..pulses import BL, pulse
from ..response import ideal, linear
from ..statement import All, Exists, Form, Identity, Implication, Order
from ..symbols import symbol
from . import registry, statement

W, DW, G_SAMPLE, ALPHA = symbol("w"), symbol("dw"), symbol("g"), symbol("alpha")
F, G = symbol("F"), symbol("G")
Q_PLUS, Q_MINUS = symbol("q_plus"), symbol("q_minus")
TAU, C_LIN = symbol("tau"), symbol("c_lin")
LIFT = "lib-lift-elementwise"


def printed_analog_sgd() -> sp.Expr:
    """One coordinate of (2), as printed."""
    return W - ALPHA * G_SAMPLE * F - ALPHA * sp.Abs(G_SAMPLE) * G


def parts() -> tuple[sp.Expr, sp.Expr]:
    """F and G of (4) from the two responses."""
    return (Q_MINUS + Q_PLUS) / 2, (Q_MINUS - Q_PLUS) / 2


@statement("eq-2", source="Sec. 1.1, (2)", uses=["eq-5", LIFT])
def analog_sgd() -> Form:
    """Analog SGD is the analog update (5) of the step -alpha grad f."""
    return Identity(printed_analog_sgd(), analog_update(W, -ALPHA * G_SAMPLE, F, G), lift=LIFT)


PULSE = symbol("dw_min")


def _pulse(w: sp.Expr, sign: int, F: sp.Expr, G: sp.Expr) -> sp.Expr:
    """One pulse without noise: the increment dw_min up or down."""
    return analog_update(w, sign * PULSE, F, G)


@statement(
    "figure-1",
    source="Fig. 1",
    uses=["eq-4", "eq-5"],
    reading="slopes per pulse, in units of dw_min; under negative pulses the curve falls, with slope -q_-; the right "
    "panel for a linear response",
)
def response_curve() -> Form:
    """q_+ and -q_- are the slopes of the curve, approximately so for the smooth one; they meet where w is symmetric."""
    device, start, decay, t = linear(TAU, C_LIN), symbol("w_start"), symbol("decay"), symbol("t")
    one_way, smooth = linear(TAU), TAU - (TAU - start) * sp.exp(-PULSE * t / TAU)
    after = TAU - (TAU - start) * decay  # decay = (1 - dw_min/tau)^t after t up pulses
    later = after.subs(decay, decay * (1 - PULSE / TAU))
    parts_there = one_way.F.subs(W, after), one_way.G.subs(W, after)
    elsewhere = (sp.Ne(W, C_LIN * TAU),)
    by_pulse = (TAU - W) * (1 - sp.exp(-PULSE / TAU)) / PULSE
    return All(
        (
            ("up", Identity((_pulse(W, 1, *parts()) - W) / PULSE, Q_PLUS)),
            ("down", Identity((_pulse(W, -1, *parts()) - W) / PULSE, -Q_MINUS)),
            ("left: every point is symmetric", Identity(ideal().q_plus, ideal().q_minus)),
            ("right: the pulses", Identity(_pulse(after, 1, *parts_there), later)),
            ("right: a smooth curve", Identity(sp.diff(smooth, t), PULSE * one_way.q_plus.subs(W, smooth))),
            ("and what it gains in a pulse", Order(by_pulse - one_way.q_plus, PULSE, sp.S.One)),
            ("right: symmetric at one point", Implication(elsewhere, sp.Ne(device.q_plus, device.q_minus))),
        )
    )


@statement(
    "text-1-7",
    source="Sec. 1",
    uses=["eq-5", LIFT],
    reading="a number of pulses that need not be whole is rounded up, as in (27): about dW is within dw_min",
)
def pulses_for_an_increment() -> Form:
    """On an ideal element |dW|/dw_min pulses of dw_min add up to dW; rounded up, to dW within dw_min."""
    way, size = sp.sign(DW), sp.Abs(DW)
    rounded_up = ((BL - 1) * PULSE < size, size <= BL * PULSE)
    within = sp.Abs(pulse(W, way, BL * PULSE, 1) - (W + DW)) <= PULSE
    return All(
        (
            ("one pulse up", Identity(pulse(W, 1, PULSE, 1) - W, PULSE, lift=LIFT)),
            ("one pulse down", Identity(W - pulse(W, -1, PULSE, 1), PULSE, lift=LIFT)),
            ("all of them", Identity(pulse(W, way, size / PULSE * PULSE, 1), W + DW, lift=LIFT)),
            ("rounded up", Implication(rounded_up, within, lift=LIFT)),
        )
    )


def _is_smooth_and_bounded(f: sp.Expr, smoothness: int) -> tuple[tuple[str, Form], ...]:
    bend = sp.together(sp.diff(f, W, 2))
    return (
        (f"{f} is {smoothness}-smooth", Implication((), sp.Abs(bend) <= smoothness)),
        (f"{f} >= 0", Implication((), f >= 0)),
    )


@statement("eq-1", source="Sec. 1, (1)", reading="of an f as in Assumption 1; `W* := argmin` says that there is one W*")
def minimiser() -> Form:
    """Every smooth f that is bounded below has a minimiser: f(W*) <= f(|W*| + 1) for some W*; and no more than one."""
    w_star, other = symbol("w_star"), symbol("w_star_other")
    falling, two_wells = 1 / (1 + W**2), (1 - W**2) ** 2 / (1 + W**2) ** 2
    least = tuple(sp.Eq(two_wells.subs(W, w), 0) for w in (w_star, other))
    return All(
        (
            *_is_smooth_and_bounded(falling, 2),
            ("it has a minimiser", Exists(falling.subs(W, w_star) <= falling.subs(W, sp.Abs(w_star) + 1))),
            *_is_smooth_and_bounded(two_wells, 8),
            ("it has no more than one", Implication(least, sp.Eq(w_star, other))),
        )
    )


@statement(
    "eq-1.amended-1",
    source="Sec. 1, (1)",
    amends="eq-1",
    judgement="gap",
    reading="f is mu-strongly convex (Assumption 3); of analysis it takes that f has a least value on the closed ball "
    "of radius 2 ||grad f(0)||/mu about 0",
    uses=["assumption-3"],
)
def minimiser_of_a_strongly_convex_objective() -> Form:
    """A strongly convex f is above f(0) far from 0, so it has a minimiser; two of them coincide, by their midpoint."""
    mu, slope, radius = symbol("mu"), symbol("slope", "nonnegative"), symbol("radius", "nonnegative")
    origin, here, least = symbol("f_at_0"), symbol("f_at_W"), symbol("f_star")
    square, middle = symbol("gap_squared", "nonnegative"), symbol("f_at_midpoint")
    far = (origin - slope * radius + mu * radius**2 / 2 <= here, radius > 2 * slope / mu)
    midpoint = (mu * square / 8 <= (least + least) / 2 - middle, least <= middle)
    return All(
        (
            ("above f(0) outside the ball", Implication(far, here > origin)),
            ("minimisers coincide", Implication(midpoint, sp.Eq(square, 0))),
        )
    )


@statement("text-1-15", source="Sec. 1.1")
def generalised_linear_response() -> Form:
    """The generalised linear response is the special one of (16) at c_lin = 0."""
    device = linear(TAU, C_LIN)
    return All(
        (
            ("q_plus", Identity(device.q_plus.subs(C_LIN, 0), 1 - W / TAU)),
            ("q_minus", Identity(device.q_minus.subs(C_LIN, 0), 1 + W / TAU)),
        )
    )


def by_cases(w: sp.Expr, dw: sp.Expr, up: sp.Expr, down: sp.Expr) -> sp.Expr:
    """(3) of one element."""
    return sp.Piecewise((w + dw * up, dw >= 0), (w + dw * down, True))


@statement("eq-3", source="Sec. 2, (3)", uses=["eq-4", LIFT])
def two_sided_update() -> Form:
    """The update by cases (3) is the compact update (5)."""
    return Identity(by_cases(W, DW, Q_PLUS, Q_MINUS), analog_update(W, DW, *parts()), lift=LIFT)


@statement("eq-4", source="Sec. 2, (4)", uses=[LIFT])
def symmetric_decomposition() -> Form:
    """F and G exist for every pair and determine it: q_+ = F - G and q_- = F + G, and no other F, G do."""
    symmetric, asymmetric = parts()
    return All(
        (
            ("q_plus is F - G", Identity(symmetric - asymmetric, Q_PLUS, lift=LIFT)),
            ("q_minus is F + G", Identity(symmetric + asymmetric, Q_MINUS, lift=LIFT)),
            (
                "unique",
                Implication(
                    given=(sp.Eq(F - G, Q_PLUS), sp.Eq(F + G, Q_MINUS)),
                    claim=sp.And(sp.Eq(F, symmetric), sp.Eq(G, asymmetric)),
                    lift=LIFT,
                ),
            ),
        )
    )


@statement("eq-5", source="Sec. 2, (5)", uses=["eq-4", LIFT])
def compact_update() -> Form:
    """The compact update moves a weight by dw q_+ on a rise and by dw q_- on a fall, as (3) does."""
    step = analog_update(W, DW, *parts())
    return All(
        (
            ("rise", Implication(given=(DW >= 0,), claim=sp.Eq(step, W + DW * Q_PLUS), lift=LIFT)),
            ("fall", Implication(given=(DW < 0,), claim=sp.Eq(step, W + DW * Q_MINUS), lift=LIFT)),
        )
    )


@statement("text-2-2", source="Sec. 2", uses=["eq-3", "eq-5"])
def stacked_update() -> Form:
    """The stacked update moves each element as (3) does, by its own response, weight and increment."""
    return registry.build("eq-3").form


@statement("text-2-3", source="Sec. 2", uses=["eq-5", LIFT])
def gradient_as_increment() -> Form:
    """Putting the stochastic gradient itself for the increment in (5) gives Analog SGD (2)."""
    positive_responses = (sp.Abs(G) < F,)
    return Identity(analog_update(W, G_SAMPLE, F, G), printed_analog_sgd(), positive_responses, lift=LIFT)


@statement(
    "text-2-3.amended-1",
    source="Sec. 2",
    amends="text-2-3",
    judgement="slip",
    reading="the increment is the gradient step, -alpha grad f, as Appendix G writes it",
    uses=["eq-5", LIFT],
)
def step_as_increment() -> Form:
    """Putting the gradient step -alpha grad f for the increment in (5) gives Analog SGD (2)."""
    return Identity(analog_update(W, -ALPHA * G_SAMPLE, F, G), printed_analog_sgd(), lift=LIFT)


@statement("text-2-4", source="Sec. 2", uses=["eq-2", "eq-16", LIFT])
def linear_special_case() -> Form:
    """For the linear response of (16), Analog SGD is w - alpha g - (alpha/tau) |g| w."""
    device = linear(TAU)
    step = analog_update(W, -ALPHA * G_SAMPLE, device.F, device.G)
    return Identity(step, W - ALPHA * G_SAMPLE - ALPHA / TAU * sp.Abs(G_SAMPLE) * W, lift=LIFT)


@statement(
    "text-2-5",
    source="Sec. 2",
    uses=["definition-1"],
    reading="what the definition presupposes: that there is such a point",
)
def symmetric_point_exists() -> Form:
    """Every pair of responses of Definition 1 has a symmetric point; here the pairs that do not vary with w."""
    return Implication(given=(Q_PLUS > 0, Q_MINUS > 0), claim=sp.Eq(Q_PLUS, Q_MINUS))


@statement(
    "text-2-5.amended-1",
    source="Sec. 2",
    amends="text-2-5",
    judgement="gap",
    reading="a pair has a symmetric point when one response starts above the other and ends below it; for responses "
    "that are continuous by the intermediate value theorem, here for those that are linear",
)
def symmetric_point_by_crossing() -> Form:
    """Two linear responses, one above at the left end of an interval and below at the right, meet inside it."""
    left, right, share = symbol("gap_left"), symbol("gap_right"), symbol("share")
    vanishes = (1 - share) * left + share * right
    crosses = (left < 0, right > 0, sp.Eq(share * (left - right), left))
    return All(
        (
            ("the responses are equal there", Implication(crosses, sp.Eq(vanishes, 0))),
            ("it is inside", Implication(crosses, sp.And(share > 0, share < 1))),
        )
    )


@statement("text-2-6", source="Sec. 2", uses=["eq-4", LIFT])
def meaning_of_the_parts() -> Form:
    """|G| is half the difference of the responses, zero just where they are equal; F is their average."""
    symmetric, asymmetric = parts()
    return All(
        (
            ("|G|", Identity(sp.Abs(asymmetric), sp.Abs(Q_MINUS - Q_PLUS) / 2, lift=LIFT)),
            ("F", Identity(2 * symmetric, Q_PLUS + Q_MINUS, lift=LIFT)),
            ("zero", Implication(given=(sp.Eq(asymmetric, 0),), claim=sp.Eq(Q_PLUS, Q_MINUS), lift=LIFT)),
        )
    )


@statement("definition-1", source="Sec. 2, Definition 1")
def response_class() -> Form:
    """The class of Definition 1 is not empty: some responses lie between positive bounds."""
    q_min, q_max = symbol("q_min"), symbol("q_max")
    return Exists(sp.And(q_min <= Q_PLUS, Q_PLUS <= q_max, q_min <= Q_MINUS, Q_MINUS <= q_max, q_min < q_max))


def _positive_up_response(given: tuple[sp.Basic, ...]) -> Form:
    return Implication(given=given, claim=linear(TAU).q_plus > 0)


@statement("figure-3", source="Fig. 3", uses=["definition-1", "eq-16"])
def linear_example() -> Form:
    """The linear example lies in Definition 1: its up response is positive on all of the dynamic range."""
    return _positive_up_response((-TAU <= W, W <= TAU))


@statement(
    "figure-3.amended-1",
    source="Fig. 3",
    amends="figure-3",
    judgement="gap",
    reading="inside the dynamic range, away from its ends (text-b-3 keeps the weights there)",
)
def linear_example_inside() -> Form:
    """The linear example lies in Definition 1 on every closed interval inside the dynamic range."""
    bound = symbol("W_max")
    return _positive_up_response((-bound <= W, W <= bound, bound < TAU))


KNOWN = {
    "ECRAM": "EcRam",
    "ECRAM, metal oxide": "EcRamMO",
    "ReRAM, exponential steps": "ReRamES",
    "ReRAM, soft bounds": "ReRamSB",
    "ReRAM, array of HfO2": "ReRamArrayHfO2",
    "PCM": "PCM",
}


def _positive_on(inside: bool) -> Form:
    """That both responses of the known devices are positive on the range, or inside it."""
    parts = []
    for label, name in KNOWN.items():
        device = preset(name).response
        low, high = device.tau_min, device.tau_max
        where = (low < W, W < high) if inside else (low <= W, W <= high)
        parts.append((label, Implication(where, sp.And(device.q_plus > 0, device.q_minus > 0))))
    return All(tuple(parts))


@statement(
    "text-2-9",
    source="Sec. 2",
    uses=["definition-1"],
    reading="as a claim about all of these devices, with their published parameters (`theory/presets.py`), variation "
    "off, on the whole dynamic range; PCM with its steps down in place of resets. ReRAM with soft bounds alone fails, "
    "single or in an array, and at its end points alone; both ECRAMs, ReRAM with exponential steps and PCM pass",
)
def known_devices() -> Form:
    """The responses of published PCM, ReRAM and ECRAM devices are positive, as Definition 1 asks."""
    return _positive_on(inside=False)


@statement(
    "text-2-9.amended-1",
    source="Sec. 2",
    amends="text-2-9",
    judgement="gap",
    reading="inside the dynamic range: with soft bounds a response is 0 at the end. Positivity alone is claimed here; "
    "being affine or exponential in w, the responses are differentiable, and so have bounds q_min > 0 and q_max on "
    "every closed interval inside",
    uses=["definition-1"],
)
def known_devices_inside() -> Form:
    """The responses of published PCM, ReRAM and ECRAM devices are positive inside the dynamic range."""
    return _positive_on(inside=True)
