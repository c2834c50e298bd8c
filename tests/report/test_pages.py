"""The report's page and lines, from records written out by hand."""

import pytest
from analog_theory import All, Exists, ForAll, Identity, Implication, Order, Published, SumOverCoordinates, symbol
from analog_theory.report.evidence import failing, summary
from analog_theory.report.findings import by_section, counts, doubtful, findings, in_sections, results
from analog_theory.report.network import Network
from analog_theory.report.pages import cell, page
from analog_theory.report.pictures import graph_of
from analog_theory.report.words import as_latex, as_text, assumptions, legend, waits_for
from analog_theory.theory.statement import Pending
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
        "assumptions": [],
        "waits_for": "",
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
        (
            "proved",
            {"terms": {"term 1": {}}, "premises": {"a": "proved", "b": "proved"}, "sum": {"exact_instances": 24}},
            "sum of 1 term and 2 premises, checked at 24 exact instances; by hand",
        ),
        (
            "supported",
            {"terms": {}, "premises": {}, "sum": {}, "tightest": "0", "certificate": "it does not add up"},
            "tightest 0, but no certificate: it does not add up; by hand",
        ),
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


def toy_records(**more):
    every = [
        record("eq-1", "proved"),
        record("lemma-1", "refuted", POINT, amended_by=["lemma-1.amended-1"], uses=["eq-1"]),
        record("lemma-1.amended-1", "proved", amends="lemma-1", judgement="gap", title="Better."),
        record("theorem-1", "proved", uses=["lemma-1"], rests_on=["lemma-1"]),
        record("eq-9", "unsettled", waits_for="pulses"),
    ]
    return {one["id"]: {**one, **more.get(one["id"].replace("-", "_"), {})} for one in every}


def test_counts_come_from_the_index_and_what_waits_is_not_settled(toy):
    found = counts(toy, toy_records())
    assert (found["ids"], found["due"], found["settled"], found["missing"]) == (6, 5, 3, ["eq-10"])
    assert found["waiting"] == [("pulses", 1)]
    without = counts(toy, toy_records(eq_9={"waits_for": ""}))
    assert (without["settled"], without["waiting"]) == (4, [])


def test_verdicts_are_counted_by_section_and_amendments_apart(toy):
    rows = {name: dict(row) for name, row in by_section(toy, toy_records())}
    assert rows == {
        "Sec. 1": {"proved": 1, "refuted": 1},
        "Sec. 2": {"proved": 1, "waiting": 1},
        "The paper": {"proved": 2, "refuted": 1, "waiting": 1},
        "Amendments": {"proved": 1},
    }


def test_a_refuted_verdict_is_no_waiting_whatever_a_part_waits_for(toy):
    rows = dict(by_section(toy, toy_records(eq_9={"verdict": "refuted"})))
    assert dict(rows["Sec. 2"]) == {"proved": 1, "refuted": 1}


def test_sections_follow_the_paper_and_amendments_what_they_amend(toy):
    found = [(name, [one["id"] for one in records]) for name, records in in_sections(toy, toy_records())]
    assert found == [("Sec. 1", ["eq-1", "lemma-1", "lemma-1.amended-1"]), ("Sec. 2", ["theorem-1", "eq-9"])]


def test_findings_come_by_consequence(toy):
    records = toy_records(eq_1={"verdict": "refuted", "amended_by": []})
    first, second = findings(toy, records)
    assert (first["record"]["id"], first["count"], first["named"], first["others"]) == (
        "eq-1",
        2,
        ["theorem-1", "lemma-1"],
        0,
    )
    assert first["amendment"] is None
    assert (second["record"]["id"], second["count"], second["named"]) == ("lemma-1", 1, ["theorem-1"])
    assert second["amendment"]["id"] == "lemma-1.amended-1"


def test_a_refuted_statement_of_ours_is_no_finding(toy):
    records = toy_records(lemma_1={"verdict": "proved"})
    records["lemma-1.amended-1"]["verdict"] = "refuted"
    assert findings(toy, records) == []


def test_a_theorem_tells_what_it_rests_on(toy):
    (theorem,) = results(toy, toy_records())
    assert theorem["rests"] == {
        "count": 2,
        "standings": [("proved", 1), ("refuted", 1)],
        "refuted": ["lemma-1"],
        "directly": ["lemma-1"],
    }


@pytest.mark.parametrize(
    ("amendment", "still_open"),
    [({}, []), ({"verdict": "supported"}, ["lemma-1"]), ({"rests_on": ["eq-1"]}, ["lemma-1"])],
)
def test_what_is_proved_on_refuted_ground_says_which_ground_is_open(toy, amendment, still_open):
    records = toy_records()
    records["lemma-1.amended-1"] |= amendment
    records["theorem-1"]["uses"] = ["lemma-1", "lemma-1.amended-1"]
    entry = {one["record"]["id"]: one for one in doubtful(toy, records)}["theorem-1"]
    found = (entry["directly"], entry["through"], entry["count"], entry["open"])
    assert found == (["lemma-1"], ["lemma-1.amended-1"] if "rests_on" in amendment else [], 1, still_open)


def test_of_two_amendments_the_one_on_firm_ground_is_told_first(toy):
    records = toy_records(lemma_1={"amended_by": ["lemma-1.amended-1", "other"]})
    records["lemma-1.amended-1"]["rests_on"] = ["eq-1"]
    records["other"] = record("other", "proved", amends="lemma-1")
    (found,) = findings(toy, records)
    assert found["amendment"]["id"] == "other"
    assert [one["id"] for one in found["further"]] == ["lemma-1.amended-1"]


def test_what_is_itself_refuted_is_not_called_doubtful(toy):
    assert doubtful(toy, toy_records(theorem_1={"verdict": "refuted"})) == []


NETWORK = Network({"a": (), "b": ("a",), "c": ("b", "lib-x"), "d": ("a", "c"), "e": (), "f": ("f",)})


def test_a_network_goes_through_the_proofs_of_others():
    assert NETWORK.reaches("a") == {"b": 1, "c": 2, "d": 1}
    assert NETWORK.rests("d") == {"a": 1, "b": 2, "c": 1}
    assert NETWORK.reaches("e") == {}
    assert NETWORK.reaches("f") == {}
    assert NETWORK.reaches("lib-x") == {"c": 1, "d": 2}
    assert set(NETWORK.edges) == {("a", "b"), ("b", "c"), ("a", "d"), ("c", "d"), ("f", "f")}


def test_a_chain_is_a_shortest_way():
    assert NETWORK.chain("a", "d") == (("a", "d"),)
    assert NETWORK.chain("b", "d") == (("b", "c"), ("c", "d"))
    assert NETWORK.chain("d", "a") == ()
    assert NETWORK.chain("a", "e") == ()


def test_the_picture_has_every_settled_statement_and_the_chain_from_the_lemma(toy):
    graph = graph_of(toy, toy_records())
    assert [(node.id, node.section, node.standing, node.amends) for node in graph.nodes] == [
        ("eq-1", "Sec. 1", "proved", None),
        ("lemma-1", "Sec. 1", "refuted", None),
        ("lemma-1.amended-1", "Sec. 1", "proved", "lemma-1"),
        ("theorem-1", "Sec. 2", "proved", None),
        ("eq-9", "Sec. 2", "waiting", None),
    ]
    assert graph.edges == (("eq-1", "lemma-1"), ("lemma-1", "theorem-1"))
    assert graph.chain == (("lemma-1", "theorem-1"),)
    assert graph.title == "1 of 4 statements are refuted; the chain from lemma-1 leads to theorem-1"


def test_no_chain_is_told_where_nothing_refuted_reaches_a_theorem(toy):
    graph = graph_of(toy, toy_records(theorem_1={"verdict": "refuted"}, lemma_1={"verdict": "proved"}))
    assert graph.chain == ()
    assert graph.title == "1 of 4 statements are refuted"


def test_the_page_follows_a_refuted_statement_to_its_amendment(toy):
    records = {
        **toy_records(),
        "figure_1": {
            "figure": "figure_1",
            "about": "A line.",
            "files": ["figures/rendered/figure_1.png"],
            "findings": [{"id": "eq-1", "claim": "a | b", "agrees": None, "evidence": "none"}],
        },
    }
    text = page(toy, records, {"broken": "ArithmeticError: no"}, "figures/rendered/statements.png")
    for part in (
        "3 of these are settled here; 1 waits for pulses.\n1 are not yet stated.",
        "| Sec. 2 | 1 |  |  |  | 1 |",
        "| **The paper** | 2 | 1 |  |  | 1 |",
        "1. **lemma-1** (Sec. 1, (1)). Claimed: claim of lemma-1. This fails. Reaches 1 statement: theorem-1."
        " Instead (lemma-1.amended-1, **proved**; judgement: gap): Better.\n",
        "### theorem-1 (Sec. 1, (1)): proved",
        "Rests on 2 statements: 1 proved, 1 refuted; refuted are lemma-1. Directly: lemma-1.",
        "| theorem-1 | proved | lemma-1 |  | 1 | none |  |",
        "(figures/rendered/statements.png)",
        "| eq-9 | claim of eq-9 | **waits for pulses** |",
        "Take `w = 3/2`, `A = [1, 2]`.",
        "the left side is `2`, the right side is `1`",
        "Amendment **lemma-1.amended-1**",
        "Judgement: gap.",
        "![figure 1](figures/rendered/figure_1.png)",
        r"| a \| b (eq-1) | cannot tell | none |",
        "- `broken`: ArithmeticError: no",
        r"| `w` | $w$ | a \| weight | 1 | real |",
    ):
        assert part in text
    assert text == page(toy, records, {"broken": "ArithmeticError: no"}, "figures/rendered/statements.png")


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


def test_a_form_says_what_it_waits_for():
    assert waits_for(Pending("pulses")) == "pulses"
    assert waits_for(All((("a", Identity(w, w)), ("b", Pending("networks"))))) == "networks"
    assert waits_for(Identity(w, w)) == ""
