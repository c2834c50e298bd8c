"""The recheck, apart from all that writes certificates: formulas, identities and orders worked out by hand."""

import ast
import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from analog_theory.theory import quotients, recheck
from analog_theory.theory.recheck import FAILS, HOLDS, LACKING, SOLVER, value

FILES = [Path(module.__file__) for module in (recheck, quotients)]


def result(**check):
    (found,) = recheck.recheck({"checks": [check]})
    return found


def imported(file):
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        if isinstance(node, ast.ImportFrom):
            yield f"{'.' * node.level}{node.module}"


def test_only_the_standard_library_is_imported():
    ours = {"quotients", ".quotients"}
    names = {name for file in FILES for name in imported(file)} - ours
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def test_nothing_is_executed():
    assert not {"eval", "exec", "compile", "__import__"} & {
        node.func.id
        for file in FILES
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }


def test_it_runs_by_itself_without_installed_packages(tmp_path):
    square = {"name": "a", "kind": "point", "values": {"x": "-3/2"}, "true": ["x**2 == Fraction(9, 4)"]}
    query = {"name": "b", "kind": "solver", "smt": "(check-sat)"}
    files = {"good": [square, query], "bad": [square | {"values": {"x": "1"}}]}
    for name, checks in files.items():
        (tmp_path / name).write_text(json.dumps({"id": name, "checks": checks, "lacks": ["part: why"]}))

    def run(name):
        command = [sys.executable, "-E", "-S", str(FILES[0]), str(tmp_path / name)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    good, bad = run("good"), run("bad")
    assert (good.returncode, good.stderr) == (0, "")
    assert [line.split("\t") for line in good.stdout.splitlines()] == [
        ["good", "point", "a", "holds", ""],
        ["good", "solver", "b", "needs a solver", ""],
        ["good", "", "", "has no check", "part: why"],
    ]
    assert bad.returncode == 1
    assert "x**2 == Fraction(9, 4) is not True" in bad.stdout


@pytest.mark.parametrize(
    ("formula", "found"),
    [
        ("x/2 + y**2", Fraction(37, 4)),  # -3/2 / 2 is -3/4, and 10 of it is 9.25
        ("-x**2", Fraction(-9)),
        ("2**(-1)", Fraction(1, 2)),
        ("max(x, y, 1) - min(x, 1)", Fraction(13, 2)),
        ("abs(x)*root(Fraction(4, 9), 2)", Fraction(2)),
        ("root(27, 3)", Fraction(3)),
        ("x if y > 0 else 1/0", Fraction(-3)),
        ("not x > 0 and y >= Fraction(7, 2)", True),
        ("(x > 0) == (y < 0)", True),
        ("x == 1 or 1/0 == 1 or y > 0", True),  # a part that decides does, whatever others are not defined
        ("1/0 == 1 and x == 1", False),
    ],
)
def test_formulas_have_exact_values(formula, found):
    numbers = {"x": Fraction(-3), "y": Fraction(7, 2)}
    if formula == "x/2 + y**2":
        found = Fraction(-3, 2) + Fraction(49, 4)
    assert value(formula, numbers) == found
    assert type(value(formula, numbers)) is type(found)


@pytest.mark.parametrize("formula", ["1/0", "root(2, 2)", "root(-4, 2)", "1/0 == 1 or x == 2", "0**(-1)"])
def test_what_has_no_value_says_so(formula):
    with pytest.raises(ArithmeticError):
        value(formula, {"x": Fraction(1)})


@pytest.mark.parametrize(
    "formula",
    [
        "__import__('os')",
        "x.numerator",
        "open(1)",
        "[x]",
        "x**x",
        "2**1000",
        "'a'",
        "1.5",
        "x < 1 < 2",
        "lambda: 1",
        "x = 1",
    ],
)
def test_what_is_not_arithmetic_is_refused(formula):
    with pytest.raises((ValueError, LookupError, SyntaxError)):
        value(formula, {"x": Fraction(1, 2)})
    assert result(name="", kind="point", values={"x": "1/2"}, true=[formula]).status == FAILS


REAL, POSITIVE = dict.fromkeys("xyz", "real"), dict.fromkeys("xyz", "positive")
CASES = "(x*y if x*y < 0 else 0)"


@pytest.mark.parametrize(
    ("left", "right", "symbols"),
    [
        ("(x + y)**2", "x**2 + 2*x*y + y**2", REAL),
        ("(x**2 - y**2)/(x - y)", "x + y", REAL),
        ("1/(1 + 1/x)", "x/(1 + x)", REAL),
        ("abs(x*y)", "abs(x)*abs(y)", REAL),
        ("abs(-2*x)", "2*abs(x)", REAL),
        ("abs(x)", "x", POSITIVE),
        ("abs(x + y/z)", "x + y/z", POSITIVE),
        ("abs(x**2 + 1)", "x**2 + 1", REAL),
        ("max(x, y)", "x/2 + y/2 + abs(x/2 - y/2)", REAL),
        ("min(x, y) + max(x, y)", "x + y", REAL),
        ("(1 if x > 0 else -1 if x < 0 else 0)*x", "abs(x)", REAL),
        ("(x if x >= 0 else -x)", "abs(x)", REAL),
        (f"abs({CASES})", f"-{CASES}", REAL),
        ("x/x", "1", REAL),
        ("abs(abs(x) - abs(y))", "max(abs(x), abs(y)) - min(abs(x), abs(y))", REAL),
        ("K**(-1)*(x*K + K*S)", "x + S", {"x": "real", "K": "matrix", "S": "matrix"}),
        ("(K*S)**(-1)", "S**(-1)*K**(-1)", {"K": "matrix", "S": "matrix"}),
        ("root(4, 2)*x", "2*x", REAL),
    ],
)
def test_identities_are_shown(left, right, symbols):
    check = {"name": "", "kind": "identity", "symbols": symbols, "left": left, "right": right}
    assert result(**check).status == HOLDS, result(**check)
    for wrong in (f"{right} + Fraction(1, 1000)*x" if "x" in symbols else f"{right} + S", f"-({right})"):
        assert result(**{**check, "right": wrong}).status == FAILS


@pytest.mark.parametrize(
    ("left", "right", "symbols"),
    [
        ("abs(x)", "x", REAL),
        ("abs(x - y)", "x - y", POSITIVE),
        ("abs(x)", "x", {"x": "nonzero"}),
        ("(1 if x >= 0 else -1)", "(1 if x > 0 else -1)", REAL),  # they differ at 0 alone
        ("(1 if x - y > 0 else -1)", "(1 if x - y >= 0 else -1)", REAL),
        ("(1 if x**2 > 0 else 0)", "1", REAL),
        ("K*S", "S*K", {"K": "matrix", "S": "matrix"}),
        ("K**(-1)*S*K", "S", {"K": "matrix", "S": "matrix"}),
        ("1/(x - x)", "1", REAL),  # nowhere defined
        ("x**2", "x**2 + 0*y + (x - x + 1)/1000", REAL),
    ],
)
def test_identities_that_fail_are_not(left, right, symbols):
    assert result(name="", kind="identity", symbols=symbols, left=left, right=right).status == FAILS


def test_an_identity_is_asked_where_its_assumptions_hold_alone():
    check = {"name": "", "kind": "identity", "symbols": REAL, "left": "abs(x - y)", "right": "x - y"}
    assert result(**check, given=["x >= y"]).status == HOLDS
    assert result(**check, given=["x > y"]).status == HOLDS
    assert result(**check, given=["x <= y"]).status == FAILS
    rooted = {"name": "", "kind": "identity", "symbols": {"r": "positive"}, "lines": ["x = r**2"]}
    assert result(**rooted, left="x/r", right="r").status == HOLDS
    assert result(**rooted, left="abs(x)", right="r").status == FAILS


@pytest.mark.parametrize(
    ("error", "order", "sense", "status"),
    [
        ("d**2*(1 + c*d)", "2", "O", HOLDS),
        ("d**2*(1 + c*d)", "1", "O", HOLDS),
        ("d**2*(1 + c*d)", "3", "O", FAILS),
        ("d**2*(1 + c*d)", "2", "Theta", HOLDS),
        ("d**2*(1 + c*d)", "1", "Theta", FAILS),
        ("d**2*(c + d)", "2", "Theta", FAILS),  # the order is 3 where c is 0
        ("p*d + d**2", "1", "Theta", HOLDS),
        ("(1 + d)**2 - 1 - 2*d", "2", "Theta", HOLDS),
        ("d/(p + d)", "1", "O", HOLDS),
        ("d/(c + d)", "1", "O", FAILS),  # not where c is 0
        ("d**3/(d + d**2)", "2", "Theta", HOLDS),
        ("abs(d**2 - p*d)", "1", "Theta", HOLDS),
        ("abs(d**2 - p*d) - p*d", "2", "Theta", HOLDS),  # p d > d^2 at last, so that this is -d^2
        ("max(d, d**2)", "1", "Theta", HOLDS),
        ("c - c", "7", "O", HOLDS),
        ("c - c", "7", "Theta", FAILS),
        ("c", "1", "O", FAILS),
    ],
)
def test_orders_are_those_of_the_leading_term(error, order, sense, status):
    symbols = {"d": "positive", "c": "real", "p": "positive"}
    check = {"name": "", "kind": "order", "symbols": symbols, "small": "d", "unit": "d", "error": error}
    assert result(**check, order=order, sense=sense).status == status


def test_an_order_may_be_fractional_and_is_compared_with_the_claimed_one():
    check = {
        "name": "",
        "kind": "order",
        "symbols": {"r": "positive"},
        "small": "r",
        "unit": "d",
        "lines": ["d = r**2"],
    }
    check |= {"error": "r**3/8", "order": "3/2", "sense": "Theta"}
    assert result(**check, true=["order < 2", "d > 0"]).status == HOLDS
    assert result(**check, true=["order < 1"]).status == FAILS
    assert result(**{**check, "order": "1"}).status == FAILS


def test_a_point_must_do_what_is_claimed_of_it():
    check = {"name": "", "kind": "point", "values": {"x": "1/3"}, "lines": ["y = 3*x", "z = y - 1"]}
    assert result(**check, true=["z == 0", "y > x"], false=["y < x"]).status == HOLDS
    assert result(**check, true=["z == 0"], false=["y > x"]).status == FAILS
    assert result(**check, true=["1/z == 0"]).status == FAILS
    assert result(**check, false=["1/z == 0"]).status == FAILS, "not defined is not false"
    assert result(**check, true=["x"]).status == FAILS, "a number is not a truth"
    assert result(**check).why == "nothing is claimed of the point"


def test_a_solver_is_asked_for_what_needs_one():
    certificate = {"checks": [{"name": "a", "kind": "solver", "smt": "text"}]}

    def status(said):
        (found,) = recheck.recheck(certificate, lambda text: said if text == "text" else "")
        return found.status

    assert [status(said) for said in ("unsat", "sat", "unknown", "error")] == [HOLDS, FAILS, SOLVER, FAILS]
    assert recheck.recheck(certificate)[0].status == SOLVER


def test_no_check_is_no_certificate():
    assert [found.status for found in recheck.recheck({"checks": []})] == [FAILS]
    assert [found.status for found in recheck.recheck({"checks": [], "lacks": ["why"]})] == [LACKING]
    assert result(name="", kind="faith").status == FAILS
