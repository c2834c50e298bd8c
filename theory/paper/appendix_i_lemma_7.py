"""Appendix I.4, (116) to (121): what the proof of Lemma 7 makes of <P_k - P*(W_k), P_{k+1} - P_k>.

The claims are about the expectation over one sample; the lines stand in `residual_terms`. The printed proof turns the
sign of |grad f| G against (10).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..domains import gradient, mixed_weight, norm2, strongly_convex, value
from ..statement import (
    All,
    Assumption,
    Certified,
    Field,
    ForAll,
    Form,
    Identity,
    Implication,
    Instance,
    Premise,
    Same,
    Sides,
    Term,
)
from ..symbols import symbol
from . import registry, residual_terms as lines, statement
from .convexity import at_points, convexity, from_the_minimiser, nesterov, quadratic_growth, rule_at_one
from .descent_terms import GRADIENT, SAMPLE, F, G, L, Line, Viewer
from .lemma_7_step import ANY, SIZES, moves
from .residual_terms import GAMMA, MU, PRINTED, RIGHT, E, by_the_gradient, view

LIFT = "lib-lift-elementwise"
Domain = tuple[Assumption, ...]
EXACT_VARIANCE = moves()


def certified(line: Line, says: str, *premises: Premise, domain: Domain = ANY, view: Viewer = view) -> Certified:
    """A line over all steps of P, with its proof."""
    return line.certified(domain, view, says, SIZES, premises)


def searched(line: Line, says: str, domain: Domain = EXACT_VARIANCE, dimensions: tuple[int, ...] = SIZES) -> ForAll:
    """A line over all steps of P, without proof; sigma^2 is the variance, unless the domain says other."""
    return line.claim(domain, view, says, dimensions)


# (116), (117)


@statement("eq-116", source="App. I.4, (116)")
def expansion() -> Form:
    """||P' - P*(W)||^2 = ||P - P*(W)||^2 + 2 <P - P*(W), P' - P> + ||P' - P||^2, in expectation."""
    return certified(lines.expands, "(116)")


@statement(
    "eq-117",
    source="App. I.4, (117)",
    uses=["eq-10", "assumption-2"],
    reading="(10) adds -alpha |g| G: its sign is turned in L2, and again between L3 and L4, so that T2 comes out right",
)
def inner_product() -> Form:
    """2 E<P - P*(W), P' - P> by the update (10), split into T1 and T2; as printed, with g F - |g| G."""
    e, g, grad = E, SAMPLE, GRADIENT
    return All(
        (
            ("L1 = L2", searched(lines.updates(PRINTED), "L1 = L2 of (117)")),
            ("L2 = L3", Identity(-e * (g * F - sp.Abs(g) * G), -e * g * F + e * sp.Abs(g) * G, lift=LIFT)),
            ("L3 = L4", searched(lines.takes_the_mean(PRINTED), "L3 = L4 of (117)")),
            ("L4 = L5", Identity(-e * grad * F + e * sp.Abs(grad) * G, -e * (grad * F - sp.Abs(grad) * G), lift=LIFT)),
        )
    )


@statement(
    "eq-117.amended-1",
    source="App. I.4, (117)",
    amends="eq-117",
    judgement="slip",
    reading="g F + |g| G throughout, as in (10); T2 as printed",
    uses=["eq-10", "assumption-2"],
)
def inner_product_with_its_sign() -> Form:
    """2 E<P - P*(W), P' - P> = T1 + T2 with T1 = -2 alpha <P - P*(W), grad f F + |grad f| G> and the printed T2."""
    return All(
        (
            ("L1 = L2", certified(lines.updates(RIGHT), "L1 = L2 of (117), the sign turned")),
            ("L2 = L5", certified(lines.splits_off_the_mean, "L2 = L5 of (117), the sign turned")),
        )
    )


# (118) to (120)


def lemma_4(view: Viewer) -> Premise:
    """Lemma 4 for P_k - P*(W_k), grad f(Wbar_k) and q_s."""
    return Premise("lemma-4", lambda step: lines.lemma_4(view(step)))


SELECTS = (
    "q_s is the response of the sign of each increment, as in (3); (125) needs it so, for it is about the update. "
)


@statement("eq-118", source="App. I.4, (118)", uses=["eq-117", "lemma-4"], reading=SELECTS + "T1 as (117) prints it")
def T1_by_the_selected_responses() -> Form:
    """T1 = -2 alpha <P - P*, grad f q_s> <= -2 alpha C_+ <P - P*, grad f> + 2 alpha C_- <|P - P*|, |grad f|>."""
    return All(
        (
            ("the equality", searched(lines.selects(PRINTED), "T1 = -2 alpha <P - P*, grad f q_s>")),
            ("Lemma 4", certified(lines.bounds_the_product, "<= of (118)", lemma_4(view))),
        )
    )


@statement(
    "eq-118.amended-1",
    source="App. I.4, (118)",
    amends="eq-118",
    judgement="slip",
    reading=SELECTS + "T1 with grad f F + |grad f| G",
    uses=["eq-117.amended-1", "lemma-4"],
)
def T1_with_its_sign() -> Form:
    """(118) with the sign of |grad f| G turned, from its first to its last line."""
    return All(
        (
            ("the equality", certified(lines.selects(RIGHT), "T1 = -2 alpha <P - P*, grad f q_s>, the sign turned")),
            ("Lemma 4", certified(lines.bounds_T1_by_q_s(RIGHT), "(118), the sign turned", lemma_4(view))),
        )
    )


@statement(
    "eq-118.amended-2",
    source="App. I.4, (118)",
    amends="eq-118",
    judgement="slip",
    reading="T1 as printed, q_s the response of the sign of the gradient: then (118) holds, but its q_s is not the "
    "response that the update meets, and (125) does not follow",
    uses=["lemma-4"],
)
def T1_by_the_other_responses() -> Form:
    """(118) as printed, when q_s is read as the response of the sign of the gradient."""
    line, chain = lines.selects(PRINTED), lines.bounds_T1_by_q_s(PRINTED)
    premise = lemma_4(by_the_gradient)
    return All(
        (
            ("the equality", certified(line, "T1 = -2 alpha <P - P*, grad f q_s>, other q_s", view=by_the_gradient)),
            ("Lemma 4", certified(chain, "(118), other q_s", premise, view=by_the_gradient)),
        )
    )


Q_MIN, Q_MAX, LOW, HIGH, Q_S = (symbol(name) for name in ("q_min", "q_max", "q_low", "q_high", "q_s"))
CENTRE, RADIUS = (HIGH + LOW) / 2, (HIGH - LOW) / 2
CLASS = (Q_MIN <= LOW, LOW <= Q_S, Q_S <= HIGH, HIGH <= Q_MAX)


@statement(
    "eq-119",
    source="App. I.4, (119)",
    uses=["definition-1", "eq-37"],
    reading="q_s as in (118): C_+ is divided by later",
)
def centre() -> Form:
    """C_+ is that of (37) for Q = q_s(P), and lies between q_min and q_max: it is not 0."""
    return All(
        (
            ("as (37)", registry.build("eq-37").form),
            ("between the bounds", Implication(CLASS, sp.And(Q_MIN <= CENTRE, CENTRE <= Q_MAX))),
        )
    )


@statement("eq-120", source="App. I.4, (120)", uses=["definition-1", "eq-37"], reading="q_s as in (118)")
def radius() -> Form:
    """C_- is that of (37) for Q = q_s(P), not negative, at most (q_max - q_min)/2, and less than C_+."""
    bounds = sp.And(RADIUS >= 0, RADIUS <= (Q_MAX - Q_MIN) / 2, RADIUS < CENTRE)
    return All((("as (37)", registry.build("eq-37").form), ("bounds", Implication(CLASS, bounds))))


# phi(P) = f(W + gamma P), and (121)

two_residuals = Assumption(
    "a second residual", "any P'", holds=lambda _: True, fields=(Field("P_other", ("D",), -2, 2),)
)
PHI = (strongly_convex, mixed_weight, two_residuals)


def phi(instance: Instance, P: Any) -> Any:
    """phi(P) = f(W + gamma P)."""
    return value(instance, instance["W"] + instance["gamma"] * P)


def grad_phi(instance: Instance, P: Any) -> Any:
    """Gamma grad f(W + gamma P), the gradient of phi by the chain rule."""
    return instance["gamma"] * gradient(instance, instance["W"] + instance["gamma"] * P)


def phi_between(instance: Instance, constant: str) -> tuple[Any, Any]:
    """phi(P) - phi(P') - <grad phi(P'), P - P'>, and gamma^2 constant ||P - P'||^2/2."""
    here, there = instance["P"], instance["P_other"]
    excess = phi(instance, here) - phi(instance, there) - grad_phi(instance, there) @ (here - there)
    return excess, instance["gamma"] ** 2 * instance[constant] * norm2(here - there) / 2


def _mixed_points(instance: Instance) -> tuple[Any, Any]:
    W, gamma = instance["W"], instance["gamma"]
    return W + gamma * instance["P"], W + gamma * instance["P_other"]


def _descent_lemma(instance: Instance) -> Any:
    """The slack of lib-descent-lemma from W + gamma P' to W + gamma P."""
    x, y = _mixed_points(instance)
    linear = value(instance, y) + gradient(instance, y) @ (x - y)
    return linear + instance["L"] * norm2(x - y) / 2 - value(instance, x)


def _grows(instance: Instance) -> Sides:
    away = norm2(instance["P"] - instance["P_opt"])
    least = phi(instance, instance["P_opt"])
    return Sides(least + instance["gamma"] ** 2 * instance["mu"] * away / 2, phi(instance, instance["P"]))


@statement(
    "text-i-14",
    source="App. I.4",
    uses=["assumption-3", "text-4-6", "lib-descent-lemma", "lib-quadratic-growth"],
    reading="gamma not 0: for Tiki-Taka with gamma = 0, phi is constant and P*(W) is not defined. Smoothness is read "
    "as the descent inequality, which is what it gives",
)
def objective_of_the_residual() -> Form:
    """phi(P) = f(W + gamma P) has gradient gamma grad f, is gamma^2 L-smooth, gamma^2 mu-convex, least at P*(W)."""
    smooth = ForAll(PHI, lambda i: Sides(*phi_between(i, "L")), "phi is gamma^2 L-smooth", SIZES)
    convex = ForAll(PHI, lambda i: Sides(*phi_between(i, "mu")[::-1]), "phi is gamma^2 mu-convex", SIZES)
    least = ForAll(PHI, _grows, "phi(P) >= phi(P*) + (gamma^2 mu/2) ||P - P*||^2", SIZES)
    growth = at_points("lib-quadratic-growth", rule_at_one(quadratic_growth), from_the_minimiser("W_bar"))
    return All(
        (
            ("its gradient", registry.build("text-4-6").form),
            ("smooth", Certified(smooth, (), (Premise("lib-descent-lemma", _descent_lemma),))),
            (
                "strongly convex",
                Certified(convex, (), (at_points("assumption-3", convexity, lambda i: (_mixed_points(i),)),)),
            ),
            ("P*(W) is its only optimal point", Certified(least, (), (growth,))),
        )
    )


def _by_phi(step: Instance) -> Same:
    """L1 = L2 of (121)."""
    e = step["P"] - step["P_opt"]
    return Same(step["gradient_bar"] @ e, grad_phi(step, step["P"]) @ e / step["gamma"])


def _at_product(step: Instance) -> dict[str, Any]:
    return {"e": step["P"] - step["P_opt"], "grad": step["gradient_bar"], "gamma": step["gamma"]}


def monotone(step: Instance) -> Any:
    """The slack of (121)."""
    return lines.is_monotone.slack(view(step))


@statement("eq-121", source="App. I.4, (121)", uses=["text-i-14", "assumption-1", "assumption-3", "lib-nesterov-2-1-9"])
def product_with_the_gradient() -> Form:
    """<grad f(Wbar), P - P*> >= (gamma mu L/(mu + L)) ||P - P*||^2 + ||grad f(Wbar)||^2/(gamma (mu + L))."""
    mu, large, e, g = GAMMA**2 * MU, GAMMA**2 * L, E, GRADIENT
    inside = (mu * large * e**2 + (GAMMA * g) ** 2) / (mu + large) / GAMMA
    last = GAMMA * MU * L / (MU + L) * e**2 + g**2 / (GAMMA * (MU + L))
    chain_rule = Term(g * e - GAMMA * g * e / GAMMA, (), _at_product)
    theorem = at_points("lib-nesterov-2-1-9", nesterov, from_the_minimiser("W_bar"), lambda step: 1 / step["gamma"])

    return All(
        (
            ("L1 = L2", Certified(ForAll(ANY, _by_phi, "L1 = L2 of (121)", SIZES), (chain_rule,))),
            ("L3 = L4", Identity(inside, last, lift=LIFT)),
            ("L1 >= L4", certified(lines.is_monotone, "(121)", theorem)),
        )
    )
