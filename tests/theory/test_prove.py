"""Proof back-ends on statements known to be true, known to be false, and neither."""

from __future__ import annotations

import json

import pytest
import sympy as sp
from analog_theory.theory import solver
from analog_theory.theory.outcome import Budget
from analog_theory.theory.prove import agreement, existence, identity, implication
from analog_theory.theory.statement import Identity

X, Y, Z = sp.symbols("x y z", real=True)
A, B = sp.symbols("a b", positive=True)
M, N = sp.symbols("M N", commutative=False)
BUDGET = Budget.default()
CARRIED = {"witness", "boundary", "planted", "second_method", "trust"}


def exact(text: str) -> sp.Rational:
    return sp.Rational(text)


TRUE = {
    "no assumption": ((), X**2 + Y**2 >= 2 * X * Y),
    "reverse triangle": ((), sp.Abs(sp.Abs(X) - sp.Abs(Y)) <= sp.Abs(X - Y)),
    "tight at one point only": ((X + Y >= 2,), X**2 + Y**2 >= 2),
    "division": ((), A / B + B / A >= 2),
    "true where it is defined": ((), X * (1 / X + 1) >= X + 1),
    "root": ((X >= 0,), sp.sqrt(1 + X) <= 1 + X / 2),
    "max and min": ((), sp.Eq(sp.Max(X, Y) + sp.Min(X, Y), X + Y)),
    "cases": ((), sp.Piecewise((X, X > 0), (-X, True)) >= X),
    "conjunction": ((X >= 0, X <= 1), sp.And(X**2 >= 0, X**2 <= X)),
    "a function kept abstract": ((sp.exp(Y) >= X, sp.exp(Y) <= Z), X <= Z),
}


@pytest.mark.parametrize("name", TRUE)
def test_true_implications_are_proved_and_carry_their_doubts(name: str) -> None:
    outcome = implication(*TRUE[name], BUDGET)
    assert outcome.status == "proved"
    assert set(outcome.evidence) >= CARRIED
    assert outcome.evidence["planted"]["counterexample"]
    json.dumps(dict(outcome.evidence))


@pytest.mark.parametrize("name", TRUE)
def test_what_could_be_false_is_proved_against_an_informative_variant(name: str) -> None:
    assert implication(*TRUE[name], BUDGET).evidence["planted"]["variant"] not in (
        "none informative",
        "the claim denied",
    )


# every neighbour of the first and the last is true, too; the second is false without its assumption
@pytest.mark.parametrize(("given", "claim"), [((), X**2 + 1 > 0), ((X > 5,), X > 0), ((), sp.true)])
def test_a_proof_that_no_false_neighbour_tries_says_so(given: tuple[sp.Basic, ...], claim: sp.Basic) -> None:
    outcome = implication(given, claim, BUDGET)
    assert outcome.status == "proved"
    assert (outcome.evidence["planted"]["variant"] == "none informative") == (given == ())


def test_neighbours_of_equivalences_are_tried() -> None:
    claim = sp.Equivalent(sp.Eq(X, Y), sp.Eq(3 * (X - Y), 0, evaluate=False))
    assert implication((), claim, BUDGET).evidence["planted"]["variant"].startswith("a side")


# each is false at the points where its last factor says so, and nowhere else
FALSE = {
    "everywhere else true, but where x = y": ((), sp.Ne(X, Y)),
    "true but for one point": ((), (X - 1) ** 2 + (Y + 2) ** 2 > 0),
    "true but on a line": ((A + B >= 2,), A**2 + B**2 > 2),
    "true but at the end of a closed box": ((X <= 1,), X < 1),
    "wrong side of a case": ((), sp.Abs(X) + X > 0),
}


@pytest.mark.parametrize("name", FALSE)
def test_false_implications_are_refuted_also_where_they_fail_on_thin_sets(name: str) -> None:
    given, claim = FALSE[name]
    outcome = implication(given, claim, BUDGET)
    assert outcome.status == "refuted"
    symbols = {s.name: s for s in claim.free_symbols}
    point = {symbols[k]: exact(v) for k, v in outcome.evidence["counterexample"].items()}
    assert claim.subs(point) == sp.false
    assert all(condition.subs(point) == sp.true for condition in given)
    assert all(v.q <= 10 and abs(v) <= 10 for v in point.values())


def test_a_violation_at_an_irrational_point_alone_is_shown_exactly() -> None:
    outcome = implication((X > 0,), sp.Ne(X**2, 2), BUDGET)
    assert outcome.status == "refuted"
    assert outcome.evidence["counterexample"] == {"x": "sqrt(2)"}


def test_a_vacuous_implication_is_unsettled() -> None:
    outcome = implication((X > 0, X < 0), Y > 0, BUDGET)
    assert outcome.status == "unsettled"
    assert "vacuous" in outcome.evidence["why"]


def test_a_budget_that_runs_out_settles_nothing() -> None:
    given, claim = TRUE["tight at one point only"]
    outcome = implication(given, claim, Budget(rlimit=1))
    assert outcome.status == "unsettled"
    assert "ran out" in outcome.evidence["why"]


def test_verdicts_do_not_depend_on_the_second_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analog_theory.theory.implication.has_cvc5", lambda: False)
    outcome = implication(*TRUE["reverse triangle"], BUDGET)
    assert outcome.status == "proved"
    assert "weaker" in outcome.evidence["second_method"]["method"]


def test_a_second_solver_that_disagrees_unsettles_a_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analog_theory.theory.implication.has_cvc5", lambda: True)
    monkeypatch.setattr("analog_theory.theory.implication.cvc5", lambda text, rlimit: "sat")
    assert implication(*TRUE["reverse triangle"], BUDGET).status == "unsettled"


def test_a_prover_that_says_unsat_of_everything_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def unsound(formulas: object, rlimit: int, tactics: object = ()) -> solver.Answer:
        return solver.Answer("unsat", "unsound")

    monkeypatch.setattr("analog_theory.theory.implication.ask", unsound)
    monkeypatch.setattr("analog_theory.theory.implication.second_solver", lambda *_: {"method": "", "result": "unsat"})
    assert implication((), X**2 + Y**2 >= 2 * X * Y, BUDGET).status == "unsettled"


IDENTITIES = {
    "polynomial": ((X + Y) ** 2, X**2 + 2 * X * Y + Y**2),
    "fractions": (1 / A + 1 / B, (A + B) / (A * B)),
    "trigonometry": (sp.sin(X) ** 2 + sp.cos(X) ** 2, sp.S.One),
    "cases against |.|": (sp.Piecewise((X * A, X >= 0), (X * B, True)), X * (A + B) / 2 - sp.Abs(X) * (B - A) / 2),
    "constants": (sp.S.One, sp.S.One),
    "matrices that do not commute": ((M + N) ** 2, M**2 + M * N + N * M + N**2),
    "explicit matrices": (sp.Matrix([[X, 1]]) * sp.Matrix([[X], [1]]), sp.Matrix([[X**2 + 1]])),
}


@pytest.mark.parametrize("name", IDENTITIES)
def test_identities_are_proved(name: str) -> None:
    outcome = identity(*IDENTITIES[name], (), BUDGET)
    assert outcome.status == "proved"
    assert outcome.dimension == ("every D" if "not commute" in name else "1")


NOT_IDENTITIES = {
    "true where y = 0": ((X + Y) ** 2, X**2 + Y**2),
    "true where x >= 0": (sp.Abs(X), X),
    "off by little": (sp.sin(X) ** 2 + sp.cos(X) ** 2, 1 + sp.Rational(1, 10**9)),
    "true for numbers, false for matrices": ((M + N) ** 2, M**2 + 2 * M * N + N**2),
    "nonsense": (X, Y),
}


@pytest.mark.parametrize("name", NOT_IDENTITIES)
def test_false_identities_are_refuted_with_both_sides(name: str) -> None:
    outcome = identity(*NOT_IDENTITIES[name], (), BUDGET)
    assert outcome.status == "refuted"
    assert outcome.evidence["left"] != outcome.evidence["right"]


def test_an_identity_may_need_its_assumption() -> None:
    assert identity(sp.Abs(X), X, (X >= 0,), BUDGET).status == "proved"


def test_existence_by_witness_and_by_obstruction() -> None:
    assert existence((X > 0,), sp.Eq(X**2, 4), BUDGET).evidence["witness"] == {"x": "2"}
    assert existence((), X**2 < 0, BUDGET).status == "refuted"
    assert existence((X > 0,), sp.Eq(X**2, 2), BUDGET).evidence["witness"] == {"x": "sqrt(2)"}


# half a unit of the last digit is .05 for 165.9
@pytest.mark.parametrize(
    ("computed", "status"), [("165.9", "proved"), ("165.95", "proved"), ("165.951", "refuted"), ("165.84", "refuted")]
)
def test_printed_numbers_agree_within_half_a_unit_of_their_last_digit(computed: str, status: str) -> None:
    assert agreement(sp.Rational(computed), "165.9", "ns").status == status


def test_two_symbols_of_one_name_are_turned_away() -> None:
    with pytest.raises(ValueError, match=r"symbol=x: .*different domains"):
        implication((), sp.Symbol("x", positive=True) > X, BUDGET)


# what is undefined in one part must not be assumed away in another
@pytest.mark.parametrize(
    ("given", "claim"),
    [
        ((), sp.And(sp.Ne(X, 0), 1 / X**2 > 0)),
        ((sp.Or(sp.Eq(X, 0), 1 / X > 1),), X > 0),
        ((), sp.Or(X > 0, sp.And(X < 0, 1 / X < 0))),
        ((sp.Not(sp.And(sp.Ne(X, 0), 1 / X <= 1)),), X > 0),
    ],
)
def test_a_part_that_is_undefined_does_not_hide_a_counterexample(given: tuple[sp.Basic, ...], claim: sp.Basic) -> None:
    outcome = implication(given, claim, BUDGET)
    assert outcome.status == "refuted"
    assert outcome.evidence["counterexample"] == {"x": "0"}


def test_a_part_that_is_undefined_does_not_hide_a_witness() -> None:
    # y^2 > 10^6 rules out the small exact points: x = 0, |y| > 1000 is the only kind of witness
    given = (sp.Eq(X * Y, 0), sp.Ne(Y, 0), sp.Or(sp.Eq(X, 0), 1 / X > 0))
    outcome = existence(given, Y**2 > 10**6, BUDGET)
    assert outcome.status == "proved"
    assert outcome.evidence["witness"]["x"] == "0"


def test_cases_that_may_be_undefined_in_part_are_not_decided() -> None:
    # at x = 0 the first case holds, by its first part, and the claim fails
    claim = sp.Piecewise((1, sp.Or(sp.Eq(X, 0), 1 / X > 0)), (0, True)) < sp.Rational(1, 2) + X**2 * 1000
    assert implication((), claim, BUDGET).status == "refuted"


def test_a_quotient_that_cancels_is_true_where_it_is_defined() -> None:
    outcome = implication((), (X**2 - 1) / (X - 1) >= X + 1, BUDGET)
    assert outcome.status == "proved"
    assert outcome.evidence["defined"]


WHOLE = sp.Symbol("n", integer=True)
EVEN = sp.Symbol("k", even=True)


def test_whole_numbers_are_not_taken_for_reals() -> None:
    # true of integers, false at 1/2, which the real solver finds
    assert implication((), WHOLE**2 >= WHOLE, BUDGET).status == "unsettled"
    assert existence((WHOLE > 0,), WHOLE < 1, BUDGET).status != "proved"
    assert existence((EVEN > 2,), EVEN < 5, BUDGET).evidence["witness"] == {"k": "4"}
    assert existence((EVEN > 2,), EVEN < 4, BUDGET).status != "proved"
    rational = sp.Symbol("q", rational=True)
    assert implication((rational > 0,), sp.Ne(rational**2, 2), BUDGET).status != "refuted"


def test_numbers_that_are_not_real_are_not_given_to_the_real_solver() -> None:
    z = sp.Symbol("z", complex=True)
    assert implication((), z**2 > -1, BUDGET).status != "proved"


@pytest.mark.parametrize(
    ("left", "right"),
    [(sp.sqrt(X * Y), sp.sqrt(X) * sp.sqrt(Y)), (1 / (1 + 1 / X), X / (1 + X)), (sp.sqrt(X) ** 4, X**2)],
)
def test_an_identity_is_not_refuted_where_a_part_is_not_real(left: sp.Expr, right: sp.Expr) -> None:
    assert identity(left, right, (), BUDGET).status != "refuted"


@pytest.mark.parametrize("name", ["t0", "t1", "t", "t_0"])
def test_names_of_symbols_do_not_meet_those_of_auxiliary_reals(name: str) -> None:
    t = sp.Symbol(name, real=True)
    assert implication((t >= 0,), sp.sqrt(1 + t) <= 1 + t / 2, BUDGET).status == "proved"


def test_an_identity_of_matrices_is_one_also_where_sympy_sees_no_difference() -> None:
    # both sides are built alike, so that their difference is the commuting 0
    outcome = identity(M * N + N, M * N + N, (), BUDGET)
    assert (outcome.status, outcome.dimension) == ("proved", "every D")
    assert outcome.evidence["witness"]["M"].startswith("Matrix")


def test_assumptions_on_matrices_are_turned_away_and_not_dropped() -> None:
    with pytest.raises(ValueError, match=r"given=.*must be empty"):
        Identity(X * M, M, given=(sp.Eq(X, 1),))


def test_points_that_contradict_a_simplification_unsettle_it(monkeypatch: pytest.MonkeyPatch) -> None:
    # a step that calls everything equal, and a first search that is blind: |x| = x fails at negative points alone
    monkeypatch.setattr("analog_theory.theory.identity.closes", lambda *_: "wrong")
    monkeypatch.setattr("analog_theory.theory.identity._differing", lambda *_: None)
    assert identity(sp.Abs(X), X, (), BUDGET).status == "unsettled"
    assert "contradicts" in identity(sp.Abs(X), X, (), BUDGET).evidence["why"]


def test_a_claim_about_known_numbers_is_computed_and_asked_of_a_solver() -> None:
    known = (sp.Eq(X, sp.Rational(719, 100)), sp.Eq(Y, 7))
    near = implication(known, sp.Abs(X - Y) <= sp.Rational(1, 5), BUDGET)
    assert (near.status, near.method) == ("proved", "exact arithmetic")
    assert set(near.evidence) >= CARRIED
    assert near.evidence["second_method"]["result"] == "unsat"
    far = implication(known, sp.Abs(X - Y) <= sp.Rational(1, 10), BUDGET)
    assert (far.status, far.evidence["counterexample"]) == ("refuted", {"x": "719/100", "y": "7"})


def test_one_value_that_is_not_known_leaves_a_claim_to_the_solver() -> None:
    assert implication((sp.Eq(X, 1),), Y**2 + X > 0, BUDGET).method != "exact arithmetic"
    assert implication((sp.Eq(X, 1), sp.Eq(X, 2)), X > 5, BUDGET).status == "unsettled"
