"""`analog-theory predict`: what it prints, what it answers to bad input, and its exit status."""

import json
import math

import pytest
from analog_theory.experiments import laws as checks
from analog_theory.report.catalogue import Catalogue
from analog_theory.report.cli import run
from analog_theory.theory.laws import MODULES, law

# they are of the bounds of theorems, which no law computes: the figure tightness
ELSEWHERE = {"lib-law-analog-sgd-tight", "lib-law-analog-gd-tight", "lib-law-tightness"}
KEYS = ["law", "inputs", "values", "order", "conditions", "valid", "reason"]


def _printed(capsys, *arguments):
    status = run(["predict", *arguments, "--json"])
    return status, json.loads(capsys.readouterr().out)


def test_it_predicts_by_hand_checked_numbers(capsys):
    """b = 0.5, s = 0.3: Var H = 0.5 * 0.09/1.5 = 0.03."""
    status, found = _printed(capsys, "buffer-radius", "--set", "buffer=0.5", "reading=0.3")
    assert status == 0
    assert list(found) == KEYS
    assert found["values"]["std_H"] == pytest.approx(math.sqrt(0.03))
    assert found["inputs"]["buffer"] == 0.5
    assert found["valid"] is True
    assert found["reason"] == ""


def test_set_may_be_repeated(capsys):
    _, found = _printed(capsys, "buffer-radius", "--set", "buffer=0.5", "--set", "reading=0.3")
    assert found["values"]["std_H"] == pytest.approx(math.sqrt(0.03))


def test_a_condition_that_is_not_met_is_told_with_the_reason(capsys):
    status, found = _printed(capsys, "buffer-radius", "--set", "buffer=2.5", "--check")
    assert status == 0
    assert found["valid"] is False
    assert found["values"]["std_H"] is None
    assert found["reason"]
    assert found["check"]["agrees"] is None


def test_a_check_that_fails_is_exit_status_1(capsys, monkeypatch):
    def wrong(name, prediction, inputs, seed):
        return {"std_H": checks.Held(1.1 * prediction.values["std_H"], checks.Interval(0.0320256, 0.0003))}

    monkeypatch.setattr(checks, "held", wrong)
    status, found = _printed(capsys, "buffer-radius", "--check")
    assert status == 1
    assert found["check"]["agrees"] is False


def test_a_check_holds_every_value(capsys):
    status, found = _printed(capsys, "buffer-radius", "--check")
    assert status == 0
    assert found["check"]["agrees"] is True
    assert all(one["inside"] and one["sharp"] for one in found["check"]["values"].values())


def test_without_a_name_it_lists_all_laws_with_their_parameters(capsys):
    assert run(["predict", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["law"] for one in found] == list(MODULES)
    for one in found:
        assert one["says"]
        for parameter in one["parameters"]:
            assert parameter["meaning"]
            assert parameter["unit"]


def test_text_names_inputs_values_and_conditions(capsys):
    assert run(["predict", "buffer-radius"]) == 0
    text = capsys.readouterr().out
    for part in ("buffer-radius", "buffer = 0.1", "std_H = ", "0 < buffer < 2: met"):
        assert part in text


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["residual-bais"], 2, "did you mean 'residual-bias'"),
        (["buffer-radius", "--set", "bufer=1"], 1, "did you mean buffer"),
        (["buffer-radius", "--set", "buffer"], 2, "set='buffer': must be NAME=VALUE"),
        (["buffer-radius", "--set", "buffer=fast"], 1, "buffer='fast': must be a number"),
        (["buffer-radius", "--set", "buffer=-1"], 1, "buffer=-1.0: must be > 0"),
        (["buffer-radius", "--device", "ReRamES"], 1, "buffer-radius takes no device"),
        (["buffer-radius", "--algorithm", "residual"], 1, "has no such parameter"),
        (["buffer-radius", "--data", "nowhere.csv"], 1, "must be a CSV file that exists"),
    ],
)
def test_bad_input_is_answered_by_what_was_wrong(capsys, arguments, status, message):
    assert run(["predict", *arguments]) == status
    assert message in capsys.readouterr().err


SLOW = {"critical-asymmetry", "residual-v2-bias"}  # seconds each; both are predicted in tests of their own


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in MODULES]
)
def test_every_law_is_valid_at_its_defaults_and_tells_its_order(name):
    found = law(name).predict()
    assert found.valid, found.reasons
    assert found.order
    assert set(found.conditions)


@pytest.mark.parametrize("name", list(MODULES))
def test_every_law_names_its_figure_and_its_statements(name):
    catalogue = Catalogue()
    one = law(name)
    assert one.figure in catalogue.figures
    assert one.statements
    assert set(one.statements) <= set(catalogue.registry)


def test_every_statement_of_a_law_is_named_by_one():
    named = {id for name in MODULES for id in law(name).statements}
    assert {id for id in Catalogue().registry if id.startswith("lib-law-")} - named == ELSEWHERE
