"""Appendix F: the useful lemmas: weighted norm, bounds, Lipschitz continuity, element-wise products.

Claims about vectors are proved in one coordinate and lifted; claims about max{Q} and min{Q} hold those as shared
bounds that every coordinate keeps to.
"""

from __future__ import annotations

import sympy as sp

from ..algorithm import analog_update
from ..statement import All, Exists, Form, Identity, Implication, SumOverCoordinates
from ..symbols import symbol
from . import statement

W, DW, DW_OTHER, F_MAX = (symbol(name) for name in ("w", "dw", "dw_other", "F_max"))
Q_PLUS, Q_MINUS, Q_MAX, Q_MIN = (symbol(name) for name in ("q_plus", "q_minus", "q_max", "q_min"))
F, G = (Q_MINUS + Q_PLUS) / 2, (Q_MINUS - Q_PLUS) / 2
S, S_MAX, S_MIN = (symbol(name, "nonnegative") for name in ("s", "s_max", "s_min"))
CLASS = (Q_MIN <= Q_PLUS, Q_PLUS <= Q_MAX, Q_MIN <= Q_MINUS, Q_MINUS <= Q_MAX)
BOUNDED = (F <= F_MAX,)


def increment(dw: sp.Expr) -> sp.Expr:
    """The increment in (5) of one coordinate."""
    return analog_update(W, dw, F, G) - W


@statement("lemma-1", source="App. F.1, Lemma 1", uses=["lib-lift-sum"])
def weighted_norm() -> Form:
    """||W||_S is ||W * sqrt(S)||, and lies between ||W|| sqrt(min S) and ||W|| sqrt(max S) (squares compared)."""
    shared = (S_MIN, S_MAX)
    return All(
        (
            ("(a)", Identity(S * W**2, (W * sp.sqrt(S)) ** 2, lift="lib-lift-elementwise")),
            ("(b)", SumOverCoordinates(S_MAX * W**2 - S * W**2, given=(S <= S_MAX,), shared=shared)),
            ("(c)", SumOverCoordinates(S * W**2 - S_MIN * W**2, given=(S_MIN <= S,), shared=shared)),
        )
    )


@statement("text-f-1", source="App. F.2", uses=["definition-1"])
def responses_are_bounded() -> Form:
    """For q_+ and q_- within [q_min, q_max], F lies within these bounds too."""
    return Implication(CLASS, sp.And(Q_MIN <= F, F <= Q_MAX), lift="lib-lift-elementwise")


SLOPE_BOUND, COUNT, RESPONSE = symbol("L_Q", "positive"), symbol("n", "positive"), symbol("q")
OSCILLATION = W**2 * sp.sin(1 / W**2)


def _steepness() -> sp.Expr:
    """|q'| at w = 1/sqrt(2 pi n), n = 1, 2, ..., as a formula in n that is defined for every n > 0."""
    n = sp.Symbol("n", integer=True, positive=True)
    return sp.Abs(sp.diff(OSCILLATION, W).subs(W, 1 / sp.sqrt(2 * sp.pi * n))).subs(n, COUNT)


def _bounds_of_f() -> Form:
    return Implication(CLASS, sp.And(sp.Abs(F) <= Q_MAX, Q_MAX > 0), lift="lib-lift-elementwise")


@statement(
    "lemma-2",
    source="App. F.2, Lemma 2",
    uses=["text-f-1", "definition-1"],
    reading="charitable: L_Q may differ from one response to another; `grad Q_-` before `bounded` is read as grad Q_+; "
    "the response tried is differentiable on the compact range [-1, 1], its derivative not continuous at 0",
)
def bounds_of_the_responses() -> Form:
    """F is bounded, and the slopes by some L_Q: tried on q = 2 + w^2 sin(1/w^2), q(0) = 2, at 1/w^2 = 2 pi n."""
    away, inside = (sp.Ne(W, 0),), (sp.Abs(RESPONSE - 2) <= W**2, sp.Abs(W) <= 1)
    return All(
        (
            ("(a) F is bounded", _bounds_of_f()),
            ("|q - 2| <= w^2", Implication(away, sp.Abs(OSCILLATION) <= W**2)),
            ("so 1 <= q <= 3 on [-1, 1]", Implication(inside, sp.And(1 <= RESPONSE, RESPONSE <= 3))),
            ("and q'(0) = 0: |q - q(0)| / |w| <= |w|", Implication(away, sp.Abs(OSCILLATION / W) <= sp.Abs(W))),
            ("(b) some L_Q bounds its slope", Exists(_steepness() <= SLOPE_BOUND, given=(COUNT >= SLOPE_BOUND**2,))),
        )
    )


@statement(
    "lemma-2.amended-1",
    source="App. F.2, Lemma 2",
    amends="lemma-2",
    judgement="gap",
    reading="Definition 1 asks for differentiable responses and bounds no slope: that both slopes are within some L_Q "
    "is a further assumption; responses with continuous derivatives on a compact dynamic range meet it",
    uses=["text-f-1"],
)
def bounds_with_bounded_slopes() -> Form:
    """F is bounded by F_max = q_max; where the slopes of both responses are within L_Q, so are those of F and G."""
    up, down = symbol("slope_plus"), symbol("slope_minus")
    slopes = sp.And(sp.Abs(down + up) / 2 <= SLOPE_BOUND, sp.Abs(down - up) / 2 <= SLOPE_BOUND)
    given = (sp.Abs(up) <= SLOPE_BOUND, sp.Abs(down) <= SLOPE_BOUND)
    return All((("(a)", _bounds_of_f()), ("(b)", Implication(given, slopes, lift="lib-lift-elementwise"))))


def lipschitz(bound: sp.Expr, *given: sp.Basic) -> Form:
    """(33) in one coordinate, lifted to any weighted norm, with the constant `bound`."""
    moved = increment(DW) - increment(DW_OTHER)
    return Implication(given, sp.Abs(moved) <= bound * sp.Abs(DW - DW_OTHER), lift="lib-lift-weighted-norm")


@statement("lemma-3", source="App. F.3, Lemma 3, (33)", uses=["eq-34", "eq-35", "lib-lift-weighted-norm"])
def lipschitz_increment() -> Form:
    """The increment in (5) is Lipschitz in dw with constant F_max, in any weighted norm."""
    return lipschitz(F_MAX, *BOUNDED)


@statement(
    "lemma-3.amended-1",
    source="App. F.3, Lemma 3, (33)",
    amends="lemma-3",
    judgement="error",
    reading="the constant is max(q_+, q_-) = F + |G|, bounded by the q_max of Definition 1",
    uses=["definition-1", "lib-lift-weighted-norm"],
)
def lipschitz_with_q_max() -> Form:
    """The increment in (5) is Lipschitz in dw with constant q_max, in any weighted norm."""
    return lipschitz(Q_MAX, Q_PLUS <= Q_MAX, Q_MINUS <= Q_MAX)


@statement(
    "lemma-3.amended-2",
    source="App. F.3, Lemma 3, (33)",
    amends="lemma-3",
    judgement="error",
    reading="with F_max as printed, twice it serves, for q_+ and q_- are below 2 F",
    uses=["lib-lift-weighted-norm"],
)
def lipschitz_with_twice_f_max() -> Form:
    """The increment in (5) is Lipschitz in dw with constant 2 F_max, in any weighted norm."""
    return lipschitz(2 * F_MAX, *BOUNDED)


@statement(
    "lemma-3.amended-3",
    source="App. F.3, Lemma 3, (33)",
    amends="lemma-3",
    judgement="slip",
    reading="charitable: F_max is any bound of F (Lemma 2 claims no more), and F_max := q_max is one",
    uses=["text-f-1", "lib-lift-weighted-norm"],
)
def lipschitz_with_a_large_f_max() -> Form:
    """The increment in (5) is Lipschitz in dw with constant F_max, where F_max is taken to be q_max."""
    return lipschitz(F_MAX, sp.Eq(F_MAX, Q_MAX), Q_PLUS <= Q_MAX, Q_MINUS <= Q_MAX)


def _size(vector: tuple[sp.Expr, sp.Expr]) -> sp.Expr:
    return sp.sqrt(vector[0] ** 2 + vector[1] ** 2)


@statement("text-f-2", source="App. F.3, proof", uses=["lib-lift-sum"])
def scalar_case_suffices() -> Form:
    """What holds with a constant for D = 1 and S = 1 holds in every weighted norm; and for D = 1, |.| is ||.||."""
    moved, gap, bound = symbol("moved"), symbol("gap"), symbol("c", "nonnegative")
    scalar = sp.Abs(moved) <= bound * sp.Abs(gap)
    return All(
        (
            ("lift", SumOverCoordinates(S * ((bound * gap) ** 2 - moved**2), given=(scalar,), shared=(bound,))),
            ("norm of one coordinate", Identity(_size((moved, sp.S.Zero)), sp.Abs(moved))),
        )
    )


def regrouped(F: sp.Expr = F, G: sp.Expr = G) -> sp.Expr:
    """The right-hand side of (34) and L1 of (35), inside the norm."""
    return (DW - DW_OTHER) * F - (sp.Abs(DW) - sp.Abs(DW_OTHER)) * G


@statement("eq-34", source="App. F.3, (34)", uses=["eq-5"])
def regrouping() -> Form:
    """The difference of two increments, regrouped by F and G."""
    return Identity(sp.Abs(increment(DW) - increment(DW_OTHER)), sp.Abs(regrouped()))


@statement("text-f-3", source="App. F.3, proof", uses=["lib-reverse-triangle", "eq-4"])
def two_facts() -> Form:
    """||dw| - |dw'|| <= |dw - dw'|, and |G| <= |F|."""
    return All(
        (
            ("reverse triangle", Implication((), sp.Abs(DW - DW_OTHER) >= sp.Abs(sp.Abs(DW) - sp.Abs(DW_OTHER)))),
            ("|G| <= |F|", Implication((), sp.Abs(G) <= sp.Abs(F))),
        )
    )


@statement("eq-35", source="App. F.3, (35)", uses=["text-f-3"])
def lipschitz_chain() -> Form:
    """The chain of the proof of Lemma 3, step by step."""
    gap = DW - DW_OTHER
    lines = (
        sp.Abs(regrouped()),
        sp.Abs(gap * (F - sp.Abs(G))),
        sp.Abs(gap) * sp.Abs(F - sp.Abs(G)),
        F_MAX * sp.Abs(gap),
    )
    return All(
        tuple((f"L{n} <= L{n + 1}", Implication(BOUNDED, lines[n - 1] <= lines[n])) for n in range(1, len(lines)))
    )


@statement(
    "eq-35.amended-1",
    source="App. F.3, (35)",
    amends="eq-35",
    judgement="error",
    reading="F + |G| in place of F - |G|, which is max(q_+, q_-), and q_max in place of F_max",
    uses=["text-f-3"],
)
def lipschitz_chain_with_a_plus() -> Form:
    """The chain with F + |G|, which is max(q_+, q_-), bounded by q_max."""
    gap = DW - DW_OTHER
    given = (Q_PLUS <= Q_MAX, Q_MINUS <= Q_MAX)
    return All(
        (
            ("L1 <= L2", Implication((), sp.Abs(regrouped()) <= sp.Abs(gap) * (F + sp.Abs(G)))),
            ("F + |G| is the larger response", Identity(F + sp.Abs(G), sp.Max(Q_PLUS, Q_MINUS))),
            ("L2 <= L3", Implication(given, sp.Abs(gap) * (F + sp.Abs(G)) <= Q_MAX * sp.Abs(gap))),
        )
    )


# F.4: element-wise products; q is an entry of any real vector Q, q_low and q_high its least and largest entries

U, V, Q = (symbol(name) for name in ("u", "v", "q"))
LOW, HIGH = symbol("q_low"), symbol("q_high")
C_PLUS, C_MINUS = (HIGH + LOW) / 2, (HIGH - LOW) / 2
ENTRY = (LOW <= Q, Q <= HIGH)
SHARED = (LOW, HIGH)
SIGNED = C_PLUS * U * V - C_MINUS * sp.Abs(U * V)


@statement("lemma-4", source="App. F.4, Lemma 4, (36)", uses=["eq-38", "lib-lift-sum"])
def product_error() -> Form:
    """<U, V * Q> >= C_+ <U, V> - C_- <|U|, |V|>."""
    right = C_PLUS * U * V - C_MINUS * sp.Abs(U) * sp.Abs(V)
    return SumOverCoordinates(U * V * Q - right, given=ENTRY, shared=SHARED)


@statement("eq-37", source="App. F.4, (37)")
def centre_and_radius() -> Form:
    """C_+ and C_- are centre and radius of the range of Q: consistent, C_- is not negative, and both ends come back."""
    return All(
        (
            ("radius", Implication(ENTRY, C_MINUS >= 0)),
            ("max", Identity(C_PLUS + C_MINUS, HIGH)),
            ("min", Identity(C_PLUS - C_MINUS, LOW)),
        )
    )


RISING, FALLING = sp.Piecewise((U * V, U * V >= 0), (0, True)), sp.Piecewise((U * V, U * V < 0), (0, True))


@statement("eq-38", source="App. F.4, (38)", uses=["eq-37", "eq-38-a", "lib-lift-sum"])
def product_chain() -> Form:
    """The chain of the proof of Lemma 4, coordinate by coordinate."""
    lift = "lib-lift-elementwise"
    by_sign = C_PLUS * RISING - C_MINUS * sp.Abs(RISING) + C_PLUS * FALLING - C_MINUS * sp.Abs(FALLING)
    return All(
        (
            ("L1 = L2", Identity(U * V * Q, RISING * Q + FALLING * Q, lift=lift)),
            ("L2 >= L3", SumOverCoordinates((Q - LOW) * RISING + (Q - HIGH) * FALLING, given=ENTRY, shared=SHARED)),
            ("L3 = L4", Identity(LOW * RISING + HIGH * FALLING, by_sign, lift=lift)),
            ("L4 = L5", Identity(by_sign, SIGNED, lift=lift)),
            ("L5 = L6", Identity(SIGNED, C_PLUS * U * V - C_MINUS * sp.Abs(U) * sp.Abs(V), lift=lift)),
        )
    )


@statement("eq-38-a", source="App. F.4, (38), step (a)", uses=["eq-39", "eq-40"])
def step_a() -> Form:
    """The sums with the factors min{Q} and max{Q}, rewritten with C_+ and C_-."""
    lift = "lib-lift-elementwise"
    return All(
        (
            ("where u v >= 0", Identity(LOW * RISING, C_PLUS * RISING - C_MINUS * sp.Abs(RISING), lift=lift)),
            ("where u v < 0", Identity(HIGH * FALLING, C_PLUS * FALLING - C_MINUS * sp.Abs(FALLING), lift=lift)),
        )
    )


@statement("eq-39", source="App. F.4, (39)", uses=["eq-37"])
def smallest_product() -> Form:
    """min{Q} u v = C_+ u v - C_- |u v| where u v >= 0."""
    return Implication((U * V >= 0,), sp.Eq(LOW * U * V, SIGNED), lift="lib-lift-elementwise")


@statement("eq-40", source="App. F.4, (40)", uses=["eq-37"])
def largest_product() -> Form:
    """max{Q} u v = C_+ u v - C_- |u v| where u v < 0."""
    return Implication((U * V < 0,), sp.Eq(HIGH * U * V, SIGNED), lift="lib-lift-elementwise")
