"""Certificates of real statements: every kind is rechecked, and what is tampered with does not pass."""

import json
import re
import subprocess
import sys
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
import sympy as sp
from analog_theory.report.certificates import _cvc5
from analog_theory.theory.certificate import certificate
from analog_theory.theory.outcome import Budget
from analog_theory.theory.paper import registry
from analog_theory.theory.recheck import FAILS, HOLDS, LACKING, SOLVER, recheck
from analog_theory.theory.recorded import Program
from analog_theory.theory.settle import settle
from analog_theory.theory.statement import (
    Assumption,
    Certified,
    Field,
    ForAll,
    Identity,
    Implication,
    Order,
    Same,
    Sides,
    Statement,
    Term,
)
from analog_theory.theory.symbols import symbol
from analog_theory.theory.written import Unwritable, python, written

QUICK = Budget(points=60, instances=40, generations=1)
x, y, d, r = symbol("x"), symbol("y"), symbol("delta", "positive"), symbol("r", "positive")


@cache
def of_paper(id):
    return certificate(settle(registry.build(id), QUICK, registry))


def of_form(form):
    return certificate(settle(Statement("mine", "here", form), QUICK))


def statuses(found, solve=None):
    return {result.status for result in recheck(found, solve)}


def kinds(found):
    return {check["kind"] for check in found["checks"]}


IDS = {
    "lemma-3": ("refuted", {"point"}),
    "eq-46": ("refuted", {"point"}),
    "eq-67": ("refuted", {"point"}),
    "definition-1": ("proved", {"point"}),
    "table-3": ("proved", {"point"}),
    "eq-65": ("proved", {"identity"}),
    "eq-38-a": ("proved", {"identity"}),
    "text-4-8": ("proved", {"identity"}),
    "eq-60.amended-1": ("proved", {"identity"}),
    "text-4-23": ("proved", {"order"}),
    "eq-50": ("refuted", {"order"}),
    "lib-young": ("proved", {"point", "solver"}),
    "lemma-3.amended-1": ("proved", {"point", "solver"}),
    "lemma-2": ("refuted", {"solver"}),
}


@pytest.mark.parametrize("id", IDS)
def test_every_kind_of_verdict_leaves_what_is_rechecked(id):
    found = of_paper(id)
    assert (found["id"], found["verdict"]) == (id, IDS[id][0])
    assert found["lacks"] == []
    assert kinds(found) >= IDS[id][1] - {"point"}
    assert kinds(found) <= IDS[id][1] | {"point"}
    again = json.loads(json.dumps(found))
    assert statuses(again) == ({HOLDS} if "solver" not in kinds(found) else {HOLDS, SOLVER} & statuses(again))
    assert statuses(again, lambda text: "unsat") == {HOLDS}
    assert len(json.dumps(found)) < 5000


def test_a_lifted_proof_names_the_rule_it_relies_on():
    assert of_paper("eq-65")["relies_on"] == ["lib-lift-elementwise"]
    assert of_paper("lemma-3.amended-1")["relies_on"] == ["lib-lift-weighted-norm"]
    assert of_paper("lemma-3")["relies_on"] == []


def turned(found):
    """The certificate with one sign turned, in every place in turn."""
    text = json.dumps(found)
    for sign in re.finditer(r" ([+-]) ", text):
        yield json.loads(f"{text[: sign.start(1)]}{'-' if sign[1] == '+' else '+'}{text[sign.end(1) :]}")


@pytest.mark.parametrize("id", ["eq-65", "eq-38-a", "text-3-6", "eq-60.amended-1"])
def test_an_identity_with_a_sign_turned_fails(id):
    tampered = list(turned(of_paper(id)))
    assert tampered
    assert all(FAILS in statuses(one) for one in tampered)


def test_a_counterexample_with_a_fraction_changed_or_a_sign_turned_fails():
    found = of_paper("lemma-3")
    assert found["checks"][0]["values"]["q_plus"] == "3/2"
    same = json.loads(json.dumps(found).replace('"3/2"', '"1/2"'))  # equal responses: no asymmetry, no violation
    assert statuses(same) == {FAILS}
    outside = json.loads(json.dumps(found).replace('"q_minus": "1/2"', '"q_minus": "-1/2"'))
    assert statuses(outside) == {FAILS}, "Definition 1 wants positive responses"
    assert any(FAILS in statuses(one) for one in turned(found))


def test_an_order_with_a_number_changed_fails():
    found = of_paper("text-4-23")
    claimed = json.loads(json.dumps(found).replace('"order": "1"', '"order": "2"'))
    assert FAILS in statuses(claimed)
    refuted = of_paper("eq-50")
    (check,) = [check for check in refuted["checks"] if check["kind"] == "order"]
    assert statuses({"checks": [{**check, "order": "2"}]}) == {FAILS}
    assert statuses({"checks": [{**check, "true": ["order >= 2"]}]}) == {FAILS}


def test_a_query_with_an_assertion_dropped_is_not_confirmed():
    pytest.importorskip("cvc5")
    (check,) = [check for check in of_paper("lemma-3.amended-1")["checks"] if check["kind"] == "solver"]
    assert statuses({"checks": [check]}, _cvc5) == {HOLDS}
    lines = check["smt"].splitlines()
    asserted = [i for i, line in enumerate(lines) if line.startswith("(assert")]
    dropped = [{**check, "smt": "\n".join(lines[:i] + lines[i + 1 :])} for i in asserted]
    found = [statuses({"checks": [one]}, _cvc5) for one in dropped]
    assert found.count({FAILS}) >= 3, "q_minus, q_plus <= q_max, and the violation itself"
    broken = {**check, "smt": check["smt"].replace("(assert", "(assertt", 1)}
    assert statuses({"checks": [broken]}, _cvc5) == {FAILS}


def run(script):
    assert len(script.strip().splitlines()) <= 15
    told = subprocess.run([sys.executable, "-S", "-c", script], capture_output=True, text=True, check=True)
    return [Fraction(number) for number in told.stdout.split()]


def test_fifteen_lines_reproduce_the_refutation_of_lemma_3():
    evidence = settle(registry.build("lemma-3"), QUICK, registry).evidence
    point = evidence["counterexample"]
    left, right, largest, bound = run(f"""
from fractions import Fraction
q_plus, q_minus = Fraction("{point["q_plus"]}"), Fraction("{point["q_minus"]}")
dw, dw_other, F_max = Fraction("{point["dw"]}"), Fraction("{point["dw_other"]}"), Fraction("{point["F_max"]}")
F, G = (q_minus + q_plus) / 2, (q_minus - q_plus) / 2
moved = dw * F - abs(dw) * G
moved_other = dw_other * F - abs(dw_other) * G
print(abs(moved - moved_other), F_max * abs(dw - dw_other), F, F_max)
""")
    assert largest <= bound
    assert left > right
    assert [str(left), str(right)] == [evidence["left"], evidence["right"]]


def test_fifteen_lines_reproduce_the_refutation_of_67():
    evidence = settle(registry.build("eq-67"), QUICK, registry).evidence
    (values,) = (check["values"] for check in of_paper("eq-67")["checks"])
    drawn = {name.removesuffix("_0"): number for name, number in values.items()}
    found = run(f"""
from fractions import Fraction as Q
W, W_star, alpha = Q("{drawn["W"]}"), Q("{drawn["W_star"]}"), Q("{drawn["alpha"]}")
up, down = Q("{drawn["q_plus"]}"), Q("{drawn["q_minus"]}")
atoms = [Q("{values["atoms_0_0"]}"), Q("{values["atoms_1_0"]}")]
weights = [Q("{values["atom_weights_0"]}"), Q("{values["atom_weights_1"]}")]
bend = Q("{drawn["bend_right"]}") if W >= W_star else Q("{drawn["bend_left"]}")
p = [weight / sum(weights) for weight in weights]
xi = [atom - p[0] * atoms[0] - p[1] * atoms[1] for atom in atoms]
s2 = (p[0] * xi[0]**2 + p[1] * xi[1]**2) * (1 + Q("{drawn["variance_excess"]}"))
F, G, g = (down + up) / 2, (down - up) / 2, Q("{drawn["L"]}") * bend * (W - W_star)
F_max = F * (1 + Q("{drawn["F_excess"]}"))
moves = [-alpha * (g + x) * F - alpha * abs(g + x) * G for x in xi]
off = sum(q * (move + alpha * x * F)**2 for q, move, x in zip(p, moves, xi))
print(g * (p[0] * moves[0] + p[1] * moves[1]))
print(-alpha / 2 / F_max * g**2 * (F**2 - G**2) + alpha * s2 / 2 * G**2 / F - off / 2 / alpha / F_max)
""")
    assert found[0] != found[1]
    assert list(map(str, found)) == [evidence["left"], evidence["right"]]


# Claims over instances


def pairs(holds=lambda i: bool(np.all(abs(i["u"]) <= i["bound"]))):
    fields = (Field("u", ("D",), -2, 2), Field("v", ("D",), -2, 2), Field("bound", (), 2, 3))
    return Assumption(
        "two vectors", "entries in [-2, 2]", holds=holds, fields=fields, build=lambda i: {"uv": i["u"] * i["v"]}
    )


CASES = symbol("u"), symbol("v")


def halves(i):
    return Sides(i["uv"].sum(), (i["u"] @ i["u"] + i["v"] @ i["v"]) / 2)


def term(formula):
    return Term(formula, (), lambda i: {"u": i["u"], "v": i["v"]})


def test_a_proof_over_instances_leaves_its_sum_at_some_and_its_terms_for_a_solver():
    u, v = CASES
    found = of_form(Certified(ForAll((pairs(),), halves, "u v <= (u^2 + v^2)/2"), (term((u - v) ** 2 / 2),)))
    assert (found["verdict"], found["dimension"], found["lacks"]) == ("proved", "every D", [])
    assert [check["kind"] for check in found["checks"]] == ["point", "point", "solver"]
    assert statuses(found, lambda text: "unsat") == {HOLDS}
    sums = [check for check in found["checks"] if check["name"].startswith("the sum")]
    for check in sums:
        assert any("term_1 ==" in formula for formula in check["true"])
        tampered = list(turned({"checks": [check]}))
        assert tampered
        assert all(statuses(one) == {FAILS} for one in tampered)


def test_an_equality_over_instances_is_shown_by_polynomials():
    u, v = CASES
    claim = ForAll((pairs(),), lambda i: Same((i["u"] + i["v"]) @ i["u"], i["u"] @ i["u"] + i["uv"].sum()), "(u + v) u")
    found = of_form(Certified(claim, (term((u + v) * u - u**2 - u * v),)))
    assert (found["verdict"], kinds(found), statuses(found)) == ("proved", {"point", "identity"}, {HOLDS})


def test_a_violation_is_replayed_with_its_assumptions_and_its_largest_entries():
    claim = ForAll((pairs(),), lambda i: Sides(i["uv"].max(), i["u"].max() * i["v"].max()), "max u v <= max u max v")
    found = of_form(claim)
    (check,) = found["checks"]
    assert (found["verdict"], statuses(found)) == ("refuted", {HOLDS})
    assert any("bound" in formula for formula in check["true"]), "the assumption is part of it"
    numbers = {name: Fraction(number) for name, number in check["values"].items()}
    u, v = ([numbers[n] for n in sorted(numbers) if n.startswith(letter)] for letter in "uv")
    assert max(a * b for a, b in zip(u, v, strict=True)) > max(u) * max(v)
    beyond = {**check, "values": {**check["values"], "bound": "0", "u_0": "1"}}
    assert statuses({"checks": [beyond]}) == {FAILS}


def test_numbers_that_are_not_fractions_but_exact_are_replayed():
    numbers = Program().drawn("u", np.array([Fraction(1, 2), Fraction(-3)], dtype=object))
    counts = numbers[0].program
    named = counts.named("n", np.array([1, 2]))
    total = (named * numbers).sum() + (numbers > 0) @ numbers  # 1/2 - 6 + 1/2, by a choice among them
    assert numbers[1] <= 0.0625, "a bound of a box is exact, too"
    check = counts.check("a", [f"{total.text} == -5"])
    assert check["true"][:3] == ["u_0 > 0", "u_1 <= 0", "u_1 <= Fraction(1, 16)"]
    assert statuses({"checks": [check]}) == {HOLDS}


@pytest.mark.parametrize(
    ("slack", "why"),
    [
        (lambda i: float(i["u"][0]) - 1, "as a float"),
        (lambda i: Fraction(i["u"][0]) - 1, "is taken apart"),
    ],
)
def test_a_number_that_leaves_the_record_is_found_out(slack, why):
    numbers = Program().drawn("u", np.array([Fraction(1, 2)], dtype=object))
    with pytest.raises(Unwritable, match=why):
        slack({"u": numbers})


def test_a_verdict_says_what_has_no_check():
    fields = (Field("u", (), -2, 2),)
    opaque = Assumption("a number", "", holds=lambda i: Fraction(i["u"]) <= 2, fields=fields)
    verdict = settle(Statement("mine", "here", ForAll((opaque,), lambda i: i["u"], "u >= 0", (1,))), QUICK)
    assert (verdict.verdict, verdict.checks) == ("refuted", ())
    assert verdict.evidence["recheck"] == "none: u is taken apart"
    assert statuses(certificate(verdict)) == {LACKING}


def test_what_is_neither_proved_nor_refuted_has_no_certificate():
    assert of_form(ForAll((pairs(),), halves, "u v <= (u^2 + v^2)/2")) is None


# Formulas


def test_roots_are_written_out():
    found = of_form(Identity(sp.sqrt(r) * sp.sqrt(r + 1) * sp.sqrt(r) / sp.sqrt(r + 1), r))
    assert (kinds(found), statuses(found)) == ({"identity"}, {HOLDS})
    rooted = written([sp.sqrt(r + x) / sp.sqrt(r)])
    assert (rooted.formulas, rooted.lines) == (("root_2/root_1",), ["r = root_1**2", "x = -r + root_2**2"])
    assert rooted.symbols == {"root_1": "positive", "root_2": "nonnegative"}
    with pytest.raises(Unwritable):
        written([sp.sqrt(1 + r**2)])


def test_functions_are_symbols_but_near_zero_their_first_terms():
    found = of_form(Identity(sp.exp(x) * (y + 1), sp.exp(x) + y * sp.exp(x)))
    assert found["checks"][0]["stands_for"] == {"exp_1": "exp(x)"}
    near = of_form(Order(sp.exp(d) - 1 - d, d, sp.Integer(2), "Theta"))
    assert (kinds(near), statuses(near)) == ({"order"}, {HOLDS})
    far = of_form(Order(d * sp.exp(-r) / sp.sqrt(1 + d), d, sp.Integer(1)))
    assert set(far["checks"][0]["stands_for"].values()) == {"exp(r)", "sqrt(delta + 1)"}
    with pytest.raises(Unwritable):
        written([sp.exp(-1 / d)], d)  # it is no constant near 0


def test_a_refuted_order_is_shown_at_parameters_that_make_its_roots_fractions():
    found = of_form(Order(d * (sp.sqrt(r + 1) + sp.sqrt(2) + sp.exp(r)), d, sp.Integer(2)))
    (check,) = found["checks"]
    assert (found["verdict"], kinds(found), statuses(found)) == ("refuted", {"order"}, {HOLDS})
    assert set(check["stands_for"].values()) == {"sqrt(2)", "exp(r)"}
    assert set(check["symbols"]) == {"delta", *check["stands_for"]}, "what is opaque has no value of its own"
    assert "r > 0" in check["true"]
    assert FAILS in statuses({"checks": [{**check, "order": "2"}]})


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (sp.exp(x + y / 2) * sp.exp(-y), sp.exp(x) / sp.exp(y / 2)),
        (sp.tanh(x), (sp.exp(2 * x) - 1) / (sp.exp(2 * x) + 1)),
        (sp.exp(r * (1 - x / r)) - sp.exp(1), sp.exp(r) * sp.exp(-x) - sp.exp(1)),
    ],
)
def test_exponentials_are_powers_of_a_few(left, right):
    found = of_form(Identity(left, right))
    assert (kinds(found), statuses(found), found["lacks"]) == ({"identity"}, {HOLDS}, [])
    (check,) = found["checks"]
    assert statuses({"checks": [{**check, "right": f"{check['right']} + 1"}]}) == {FAILS}


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (sp.Abs(x) + sp.Rational(1, 2), "abs(x) + Fraction(1, 2)"),
        (x ** sp.Rational(3, 2), "root(x, 2)**3"),
        (1 / sp.sqrt(r), "root(r, 2)**(-1)"),
        (sp.Piecewise((x, x > 0), (y, True)), "(x if x > 0 else y)"),
        (sp.Piecewise((x, x > 0)), "(x if x > 0 else 1/0)"),
        (sp.And(x > 0, sp.Or(y > 0, y < -1)), "x > 0 and (y > 0 or y < -1)"),
        (sp.Equivalent(x > 0, y > 0), "(x > 0) == (y > 0)"),
        (sp.Eq(sp.Max(x, y), 1), "max(x, y) == 1"),
        (sp.Symbol("lambda", real=True) * sp.Symbol("max", real=True), "lambda_*max_"),
    ],
)
def test_formulas_are_python(formula, text):
    assert python(formula) == text


def test_an_implication_that_equates_is_shown_by_polynomials_where_its_cases_do():
    found = of_form(Implication((x >= 0, y >= 0), sp.Eq(sp.Abs(x * y), x * y)))
    assert (kinds(found), statuses(found)) == ({"identity", "point"}, {HOLDS})


def test_a_claim_that_rewrites_an_assumption_is_shown_by_polynomials():
    assumed = y <= x * (1 - d / r) + d
    found = of_form(Implication((assumed,), y - r <= (1 - d / r) * (x - r)))
    assert (kinds(found), statuses(found)) == ({"identity", "point"}, {HOLDS})
    weaker = of_form(Implication((assumed,), y - r < (1 - d / r) * (x - r) + 1))
    assert kinds(weaker) == {"solver", "point"}
