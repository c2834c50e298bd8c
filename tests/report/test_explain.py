"""Explanations: the numbers of a counterexample by hand, the parts of a proof, and what rests on what."""

import json
import re
import sys

import numpy as np
import pytest
from analog_theory import (
    All,
    Budget,
    Exists,
    Identity,
    Implication,
    Order,
    Published,
    Registry,
    Statement,
    SumOverCoordinates,
    symbol,
)
from analog_theory.report.console import article
from analog_theory.report.explain import how
from analog_theory.report.formulas import meaning, readable, with_numbers, worked_out
from analog_theory.report.lesson import lesson, picture
from analog_theory.report.network import Network
from analog_theory.report.pictures import around, panels
from analog_theory.report.pipeline import verify
from analog_theory.report.steps import steps
from analog_theory.report.tasks import Job
from analog_theory.theory.settle import settle
from analog_theory.theory.statement import Assumption, Certified, Field, ForAll, MeasuredOrder, Same, Sides, Term
from sympy import Abs, Eq, Integer, Max, Or, Rational, Symbol, sin

x, y, z = (symbol(name) for name in "xyz")
p = symbol("prob", "nonnegative")
BUDGET = Budget(points=40, instances=40, generations=1)


def told(form):
    """The lines for a form, as settled, in one text."""
    verdict = settle(Statement("own", "notes", form), BUDGET, Registry())
    record = {"verdict": verdict.verdict, "method": verdict.method, "dimension": verdict.dimension}
    return verdict.verdict, "\n".join(how(form, {**record, "evidence": json.loads(json.dumps(verdict.evidence))}))


# Formulas


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Abs(x)**2 + 1", "|x|^2 + 1"),
        ("Abs(x - Abs(y*(1 + z)))", "|x - |y*(1 + z)||"),
        ("sqrt(x)", "sqrt(x)"),
        ("1 + Piecewise((Abs(x), x > 1), (x**2, True))", "1 + {|x| if x > 1, else x^2}"),
    ],
)
def test_text_is_made_readable(text, read):
    assert readable(text) == read


def test_numbers_stand_where_letters_stood():
    point = {x: Rational(-1, 2), y: Integer(3), z: Integer(0)}
    assert with_numbers(x * Abs(y) - z, point) == "(-1/2)*|3| - 0"
    assert with_numbers(x + symbol("t"), point) == "t + (-1/2)"


def test_inner_parts_are_worked_out_before_what_holds_them():
    point = {x: Integer(2), y: Integer(5)}
    assert worked_out(x * Abs(x - y) - 1, point) == ["x - y = -3", "|x - y| = 3"]


def test_letters_have_the_tables_words_or_their_own():
    assert meaning(symbol("F_max")) == "bound of the symmetric part, positive"
    assert meaning(symbol("w_left")) == "weight of one resistive element [conductance], left"
    assert meaning(symbol("slope_of_R")) == "slope of R"
    assert meaning(symbol("a_1", "positive")) == "named in this statement only, positive"
    assert meaning(Symbol("K", commutative=False)).startswith("a square matrix")


# Refuted


def test_a_counterexample_is_followed_step_by_step():
    """(x - 3)^2 >= x fails at x = 3, among others; whichever was found, the lines must compute it."""
    verdict, text = told(Implication((x >= 1,), (x - 3) ** 2 >= x))
    assert verdict == "refuted"
    value = Rational(re.match(r"Take x = (\S+)\.\n", text)[1])
    left = (value - 3) ** 2
    assert f"  x >= 1:  {value} >= 1" in text
    assert f"  x - 3 = {value - 3}\n" in text
    assert f"The left side is (x - 3)^2 = ({value} - 3)^2 = {left}." in text
    assert f"The right side is x = {value}." in text
    assert f"So the claim asks for {left} >= {value}. It fails." in text


def test_numbers_that_are_given_are_not_checked_against_themselves():
    _, text = told(Implication((Eq(x, 3), y >= x), y >= 2 * x))
    assert "y >= x:  " in text
    assert "x = 3:" not in text


def test_an_equality_and_a_sum_tell_both_sides():
    _, text = told(Identity(x * y, x + y))
    assert re.search(r"So the claim asks for \S+ = \S+\. It fails\.", text)
    _, text = told(SumOverCoordinates(x, ()))
    assert re.search(r"So the claim asks for -\S+ >= 0\. It fails\.", text)


def test_a_claim_of_several_relations_names_the_one_that_fails():
    verdict, text = told(Implication((), Or(Eq(x, 1), Eq(x, 2))))
    assert verdict == "refuted"
    assert "Of the claim this part fails: x = 1." in text


def test_only_the_failing_parts_of_a_refuted_claim_are_told():
    parts = (("good", Implication((), x**2 >= 0)), ("bad", Implication((), x >= 0)))
    _, text = told(All(parts))
    assert text.startswith("bad (refuted):\n  Take x = ")
    assert text.endswith("Of its other parts: 1 proved.")


def test_the_entries_of_a_matrix_are_told_apart():
    from sympy import Matrix

    _, text = told(Identity(Matrix([[x], [2 * x]]), Matrix([[x], [x]])))
    assert text.startswith("entry 2 (refuted):")
    assert "The left side is 2*x" in text


def test_an_order_that_fails_tells_its_leading_term():
    verdict, text = told(Order(3 * symbol("delta") ** 2, symbol("delta"), Integer(3)))
    assert verdict == "refuted"
    assert "The error is 3*delta^2; claimed is that it is O(delta^3) as delta -> 0." in text
    assert "Its leading term is 3*delta^2, which is not of that order. The claim fails." in text


def test_an_obstruction_and_a_wrong_number_are_told():
    assert "no real point meets the conditions" in told(Exists(Eq(x**2, -1)))[1]
    assert "Computed: 2 ns; printed: 1.9 ns; they differ by 1/10." in told(Published(Integer(2), "1.9", "ns"))[1]


box = Assumption(
    "a box",
    "v within [-1, 1], and its double",
    holds=lambda _: True,
    fields=(Field("v", ("D",), -1, 1),),
    build=lambda drawn: {"double": 2 * drawn["v"]},
)


def test_a_counterexample_of_whole_objects_tells_what_is_chosen_and_what_follows():
    form = ForAll((box,), lambda one: Sides(one["double"].sum(), 1 + 0 * one["v"].sum()), "the doubles sum to 1", (1,))
    verdict, text = told(form)
    assert verdict == "refuted"
    chosen, double = re.search(r"  a box\n    chosen: v = \[(\S+)\]\n    so that double = \[(\S+)\]\n", text).groups()
    assert Rational(double) == 2 * Rational(chosen)
    assert f"the left side of the claim is {double}, the right side 1." in text
    assert f"Right minus left should be >= 0 and is {1 - Rational(double)}. The claim fails." in text


def test_a_value_that_is_built_twice_is_told_as_it_was_each_time():
    again = Assumption("more", "one is added", holds=lambda _: True, build=lambda one: {"double": one["double"] + 1})
    form = ForAll((box, again), lambda one: Same(one["double"].sum(), one["v"].sum()), "they are equal", (1,))
    verdict, text = told(form)
    assert verdict == "refuted"
    before, after = map(Rational, re.findall(r"so that double = \[(\S+)\]", text))
    assert after == before + 1
    assert "They should be equal. The claim fails." in text


# Proved and supported


def test_a_proof_tells_how_it_was_put_to_the_test():
    verdict, text = told(Implication((x >= 1,), x**2 >= x))
    assert verdict == "proved"
    for part in (
        "Proof: no real numbers meet all that is assumed and break the claim (Z3",
        "Not empty: all is defined, and all that is assumed holds, at x = 1.",
        "Not blind: a false neighbour, ",
        "Tried at the edges too: x = 1.",
        "Checked again: ",
        "It is proved for dimension 1.",
    ):
        assert part in text


def test_a_claim_without_false_neighbours_is_said_to_test_little():
    _, text = told(Implication((), Or(x >= 0, x <= 1)))
    assert "Perhaps blind" in text or "Not blind" in text
    _, text = told(Implication((), Max(x, 0) >= 0))
    assert "Proof:" in text


def test_an_identity_a_series_a_witness_and_a_number_tell_their_kind_of_proof():
    assert (
        "the difference of the two sides comes to 0 (SymPy expand)" in told(Identity((x + 1) ** 2, x**2 + 2 * x + 1))[1]
    )
    assert (
        "it is led by (1)*delta^1, claimed is O(delta^1)"
        in told(Order(sin(symbol("delta")), symbol("delta"), Integer(1)))[1]
    )
    assert re.search(r"Take x = \S+: then\n  x > 1: true", told(Exists(x > 1))[1])
    assert "within half a unit of the last printed digit, 1/20" in told(Published(Integer(2), "2.0"))[1]


def square(one):
    return Sides(0 * one["v"].sum(), (one["v"] ** 2).sum())


def test_a_certificate_tells_its_terms_and_that_they_add_up():
    term = Term(x**2, (), lambda one: {"x": one["v"]})
    verdict, text = told(Certified(ForAll((box,), square, "squares are not negative", (1, 2)), (term,)))
    assert verdict == "proved"
    assert "right minus left, which should be >= 0, is a sum, and every part of it is never negative." in text
    assert "  term 1, summed over samples and coordinates: x^2 >= 0\n    Proof: " in text
    assert re.search(r"checked in exact numbers, at \d+ instances of sizes D = 1; D = 2\.", text)
    assert text.endswith("It is proved for every D.")


def test_a_certificate_that_does_not_add_up_is_no_proof():
    term = Term(x**2 / 2, (), lambda one: {"x": one["v"]})
    verdict, text = told(Certified(ForAll((box,), square, "squares are not negative", (1,)), (term,)))
    assert verdict == "supported"
    assert "Its certificate is not enough for a proof: the parts do not add up to the slack" in text
    assert "A search that finds nothing is no proof." in text


def test_a_measured_order_is_not_called_a_proof():
    form = MeasuredOrder(lambda rng, smalls: list((1 + rng.random()) * np.array(smalls) ** 2), 2.0, "the error")
    verdict, text = told(form)
    assert verdict == "supported"
    assert "the order was measured, which proves nothing" in text
    assert "the slope is 2.000" in text


def test_every_part_has_its_verdict():
    parts = (("a", Implication((), x**2 >= 0)), ("b", Identity(x, x)))
    form = All(parts)
    verdict = settle(Statement("own", "notes", form), BUDGET, Registry())
    record = {"verdict": verdict.verdict, "method": verdict.method, "dimension": "1", "evidence": verdict.evidence}
    assert [(name, status) for name, status, _ in steps(form, record)] == [("a", "proved"), ("b", "proved")]


# The toy paper


@pytest.fixture
def job(toy, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", sys.path[0])
    return Job(tmp_path, catalogue=toy)


def sections(made):
    return {heading: "\n".join(lines) for heading, lines in made.told.sections}


def test_a_refuted_lemma_is_taught(job):
    made = lesson(job, "eq-2")
    assert made.told.headline == "lemma-1 (Sec. 1, Lemma 1; also eq-2): refuted"
    found = sections(made)
    assert list(found) == [
        "",
        "What is claimed",
        "What the letters mean",
        "What is assumed",
        "How it fails",
        "What holds instead",
        "Where it is used",
    ]
    assert found["What is claimed"] == "x^2 >= x, where x >= 0"
    assert "So the claim asks for 1/4 >= 1/2. It fails." in found["How it fails"]
    for part in (
        "lemma-1.amended-1: Squares are not less than their roots from 1 on.",
        "  Assumed besides: x >= 1.",
        "  No longer assumed: x >= 0.",
        "  Verdict: proved, ",
        "Judgement: a gap (an assumption is missing).",
    ):
        assert part in found["What holds instead"]
    assert "  theorem-1 (not settled yet): A consequence." in found["Where it is used"]
    assert "`analog-theory reproduce` settles all" in found["Where it is used"]

    verify(job, ["theorem-1"], 1)
    used = sections(lesson(job, "lemma-1"))["Where it is used"]
    assert used == "  theorem-1 (proved): A consequence."


def test_what_is_proved_on_refuted_ground_says_so(job):
    found = sections(lesson(job, "theorem-1"))
    assert "  lemma-1 (refuted): Squares are not less than their roots." in found["What it rests on"]
    assert "It is proved, but its proof takes for granted what is refuted:" in found["What it rests on"]
    assert "  They come in through lemma-1.\n" in found["What it rests on"]
    assert "  lemma-1: instead lemma-1.amended-1 (proved)" in found["What it rests on"]
    assert found["Where it is used"] == "No other statement uses it."


def test_an_amendment_tells_what_it_amends(job):
    made = lesson(job, "lemma-1.amended-1")
    found = sections(made)
    assert found["What it amends"].startswith("lemma-1 (refuted): Squares are not less than their roots.\nJudgement: ")
    assert "How it is proved" in found


def test_what_waits_says_for_what_and_has_no_picture(job):
    made = lesson(job, "eq-9")
    assert made.told.headline == "eq-9 (Sec. 2, (9)): waits for pulses"
    assert list(sections(made)) == ["", "What it waits for", "Where it is used"]
    assert picture(job, made) is None
    assert not (job.out / "figures").exists()


def test_an_explanation_has_its_picture_and_its_object(job):
    made = lesson(job, "lemma-1")
    path = picture(job, made)
    assert path == job.out / "figures/explain/lemma-1.png"
    first = path.read_bytes()
    assert picture(job, made).read_bytes() == first, "the same bytes again"
    told = json.loads(json.dumps(made.told.told()))
    assert (told["id"], told["verdict"], told["amended_by"]) == ("lemma-1", "refuted", ["lemma-1.amended-1"])
    assert [one["heading"] for one in told["sections"]][-1] == "Where it is used"


def form_and_record(form):
    verdict = settle(Statement("own", "notes", form), BUDGET, Registry())
    record = {"verdict": verdict.verdict, "method": verdict.method, "dimension": "1", "evidence": verdict.evidence}
    return form, record, 0


@pytest.mark.parametrize(
    ("form", "names"),
    [
        (Implication((x >= 1,), x**2 >= x), ["x"]),
        (Identity((x + 1) ** 2, x**2 + 2 * x + 1), []),
        (Implication((), x**2 + y**2 + z**2 >= 0), []),
        (All((("good", Implication((), x**2 >= 0)), ("bad", Implication((), y >= 0)))), ["y"]),
        (Exists(x > 1), []),
    ],
)
def test_a_claim_is_drawn_along_a_line_where_that_tells_something(form, names):
    assert [made.name for made in panels(*form_and_record(form))] == names


def test_a_refuted_claim_of_many_letters_is_drawn_along_two_of_them():
    assert len(panels(*form_and_record(Implication((), x + y + z + symbol("t") <= 1)))) == 2


def test_the_statements_around_one_lead_where_they_do():
    network = Network({"a": (), "lemma-1": ("a",), "b": ("lemma-1",), "c": ("lemma-1",), "theorem-1": ("b",)})
    near = around("lemma-1", {}, network)
    assert near.centre == (("lemma-1", "not settled yet"),)
    assert near.uses == (("a", "not settled yet"),)
    assert [id for id, _ in near.used_by] == ["b", "c"]
    assert near.leads == (("b", "theorem-1"),)
    assert around("alone", {}, Network({"alone": ()})) is None


def test_an_article_is_plain_lines_where_there_is_no_terminal(capsys):
    article("eq-1 (here): proved", [("", ["About."]), ("How", ["so", "  and so"])])
    assert capsys.readouterr().out == "eq-1 (here): proved\nAbout.\n\nHow:\n  so\n    and so\n"


def test_an_article_is_wrapped_with_its_indent_at_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setenv("TERM", "xterm")
    article("eq-1 (here): proved", [("How", ["  " + "word " * 10])])
    out = capsys.readouterr().out
    lines = [line for line in out.splitlines() if "word" in line]
    assert len(lines) > 1
    assert all(line.startswith("    word") for line in lines)
