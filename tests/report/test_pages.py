"""The report's page and lines, from records written out by hand."""

import pytest
from analog_theory import All, Exists, ForAll, Identity, Implication, Order, Published, SumOverCoordinates, symbol
from analog_theory.report.evidence import failing, summary
from analog_theory.report.pages import cell, counts, graph, page
from analog_theory.report.words import as_latex, as_text, assumptions, legend
from sympy import Abs, Eq, Integer, Or

w, tau = symbol("w"), symbol("tau")


def record(id, verdict, evidence=None, **more):
    return {
        "id": id,
        "source": "Sec. 1, (1)",
        "verdict": verdict,
        "method": "hand",
        "evidence": evidence or {},
        "dimension": "1",
        "amended_by": [],
        "rests_on": [],
        "title": f"claim of {id}",
        "formula": "w = w",
        "text": "w = w",
        "symbols": [{"name": "w", "latex": "w", "meaning": "a | weight", "unit": "1", "domain": "real"}],
        "uses": [],
        "amends": None,
        "judgement": None,
        "reading": "",
        **more,
    }


POINT = {"counterexample": {"w": "3/2", "A": ["1", "2"]}, "left": "2", "right": "1", "claim": "x <= y"}


@pytest.mark.parametrize(
    ("verdict", "evidence", "told"),
    [
        ("refuted", POINT, "fails at w = 3/2, A = [1, 2]: 2 against 1; by hand (dimension: 1)"),
        (
            "refuted",
            {"refuted": ["b"], "parts": {"a": {"verdict": "proved"}, "b": {"verdict": "refuted", **POINT}}},
            "b: fails",
        ),
        ("supported", {"instances": {"corners": 3}, "tightest": "0"}, "instances (corners = 3), tightest 0; by hand"),
        ("unsettled", {"why": "the budget ran out"}, "the budget ran out; by hand"),
        ("proved", {"parts": {"a": {"verdict": "proved"}}}, "1 parts; by hand"),
        ("proved", {}, "by hand (dimension: 1)"),
    ],
)
def test_one_line_of_evidence_tells_the_verdicts_ground(verdict, evidence, told):
    assert summary(record("eq-1", verdict, evidence)).startswith(told)


def test_a_verdict_that_rests_on_refuted_statements_says_so():
    assert "rests on refuted eq-2" in summary(record("eq-1", "proved", rests_on=["eq-2"]))


def test_every_failing_part_comes_with_its_numbers():
    evidence = {
        "refuted": ["b"],
        "parts": {"a": {"verdict": "proved"}, "b": {**POINT, "assumptions": {"w > 0": "True"}}},
    }
    (part,) = failing(evidence)
    assert part["name"] == "b"
    assert part["point"] == {"w": "3/2", "A": "[1, 2]"}
    assert (part["left"], part["right"], part["claim"]) == ("2", "1", "x <= y")
    assert part["assumptions"] == {"w > 0": "True"}


def test_counts_come_from_the_index(toy):
    found = counts(toy)
    assert (found["ids"], found["due"], found["stated"], found["missing"]) == (5, 4, 3, 1)
    assert found["waiting"] == [("pulses", 1)]


def test_the_page_follows_a_refuted_statement_to_its_amendment(toy):
    records = {
        "eq-1": record("eq-1", "proved", uses=["lemma-1"], rests_on=["lemma-1"]),
        "lemma-1": record("lemma-1", "refuted", POINT, amended_by=["lemma-1.amended-1"]),
        "lemma-1.amended-1": record("lemma-1.amended-1", "proved", amends="lemma-1", judgement="gap"),
        "figure_1": {
            "figure": "figure_1",
            "about": "A line.",
            "files": ["figures/rendered/figure_1.png"],
            "findings": [{"id": "eq-1", "claim": "a | b", "agrees": None, "evidence": "none"}],
        },
    }
    text = page(toy, records, {"broken": "ArithmeticError: no"})
    for part in (
        "| proved | 1 |",
        "Take `w = 3/2`, `A = [1, 2]`.",
        "the left side is `2`, the right side is `1`",
        "Amendment **lemma-1.amended-1**",
        "Judgement: gap.",
        "![figure 1](figures/rendered/figure_1.png)",
        r"| a \| b (eq-1) | cannot tell | none |",
        "- `broken`: ArithmeticError: no",
        r"| `w` | $w$ | a \| weight | 1 | real |",
        "n0 --> n1",
    ):
        assert part in text
    assert text == page(toy, records, {"broken": "ArithmeticError: no"})


def test_the_graph_has_what_rests_on_refuted_statements_only():
    statements = [
        record("a", "refuted"),
        record("b", "proved", uses=["a"], rests_on=["a"]),
        record("c", "proved", uses=["b", "d"], rests_on=["a"]),
        record("d", "proved"),
    ]
    assert [line for line in graph(statements) if "-->" in line] == ["n0 --> n1", "n1 --> n2"]
    assert graph([record("d", "proved")]) == []


def test_a_cell_is_one_line_without_bars():
    assert cell("a\n | b") == r"a \| b"


@pytest.mark.parametrize(
    ("form", "text", "latex"),
    [
        (
            Identity(w * tau, tau * w, given=(w > 0,)),
            "tau*w = tau*w, where w > 0",
            r"w > 0 \;\Rightarrow\; \tau w = \tau w",
        ),
        (Implication((), Or(Eq(w, 1), w > 2)), "w = 1 or w > 2", r"w = 1 \vee w > 2"),
        (
            SumOverCoordinates(Abs(w), ()),
            "sum over coordinates of (Abs(w)) >= 0",
            r"\sum_d \left(\left|{w}\right|\right) \ge 0",
        ),
        (ForAll((), lambda _: 0, "for all | w_1"), "for all | w_1", r"\text{for all | w\_1}"),
        (Order(w, tau, Integer(2), "Theta"), "w = Theta(tau**2)", r"w = \Theta\left(\tau^{2}\right)"),
        (Exists(w > tau), "there are tau, w with w > tau", r"\exists\, \tau, w:\; w > \tau"),
        (Published(Integer(2), "1.9", "ns"), "2 = 1.9 ns", r"2 = \text{1.9 ns}"),
        (All((("a_1", Identity(w, w)),)), "a_1: w = w", r"\begin{aligned}&\text{a\_1:}\quad w = w\end{aligned}"),
    ],
)
def test_every_form_has_its_words(form, text, latex):
    assert as_text(form) == text
    assert as_latex(form) == latex


def test_assumptions_and_symbols_of_the_parts_are_told_once():
    form = All((("a", Implication((w > 0,), tau > w)), ("b", Implication((w > 0,), tau > 2 * w))))
    assert assumptions(form) == ["w > 0"]
    assert [symbol["name"] for symbol in legend(form)] == ["tau", "w"]
