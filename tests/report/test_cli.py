"""The command line: what it prints, refuses and exits with."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from analog_theory.report import cli
from analog_theory.report.catalogue import Catalogue, UnknownNameError
from analog_theory.report.pipeline import verify
from analog_theory.report.tasks import Job
from analog_theory.report.telling import listed

SCRIPT = str(Path(sys.executable).with_name("analog-theory"))
COMMANDS = ("reproduce", "verify", "recheck", "show", "explain", "figure", "device", "predict", "list")


@pytest.fixture
def run(tmp_path, monkeypatch, capfd):
    """Run the command line in an empty folder; returns status, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        status = cli.run(arguments)
        return status, *capfd.readouterr()

    return run


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)])
def test_help_tells_what_a_command_does(run, command):
    status, out, err = run(*command, "--help")
    assert status == 0
    assert out.startswith(f"Usage: analog-theory{''.join(f' {c}' for c in command)}")
    assert err == ""


def test_help_names_every_command(run):
    assert all(command in run("--help")[1] for command in COMMANDS)


def test_help_loads_no_heavy_library_and_is_quick():
    """Under 0.3 s; here under 0.3 s and ten bare starts, the best of three, so that a busy machine does not fail it."""

    def best(*command):
        times = []
        for _ in range(3):
            start = time.perf_counter()
            subprocess.run(command, capture_output=True, check=True)
            times.append(time.perf_counter() - start)
        return min(times)

    assert best(SCRIPT, "verify", "--help") < 0.3 + 10 * best(sys.executable, "-c", "pass")
    code = "import sys; from analog_theory.report import cli; cli.run(['--help']); print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    heavy = {"sympy", "numpy", "scipy", "xarray", "matplotlib", "z3", "hypothesis"}
    assert not heavy & set(told.splitlines()[-1].split())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("verify", "lema-3"), ["id='lema-3'", "did you mean lemma-3"]),
        (("show", "eq-0"), ["id='eq-0'", "must be"]),
        (("explain", "lema-3"), ["id='lema-3'", "did you mean lemma-3"]),
        (("explain", "lemma-3", "--depth", "half"), ["half", "default", "full"]),
        (("explain",), ["ID"]),
        (("figure", "7"), ["figure='7'", "1, 2, 3, 6, theorem-1, penalty-order"]),
        (("figure", "theorm-1"), ["figure='theorm-1'", "did you mean theorem-1"]),
        (("verify", "lemma-3", "--workers", "0"), ["workers=0", "at least 1"]),
        (("recheck", "lema-3"), ["id='lema-3'", "did you mean lemma-3"]),
        (("recheck", "lemma-3"), ["id='lemma-3'", "has no certificate", "analog-theory verify"]),
        (("reproduce", "--depth", "half"), ["half", "default", "full"]),
        (("verfy",), ["verfy", "verify"]),
        (("verify", "--jsn"), ["--jsn", "--json"]),
        (("show",), ["ID"]),
    ],
)
def test_a_usage_error_names_the_argument_and_what_is_allowed(run, tmp_path, arguments, told):
    status, out, err = run(*arguments)
    assert status == 2
    assert out == ""
    assert all(text in " ".join(err.split()) for text in told), err
    assert list(tmp_path.iterdir()) == [], "nothing is begun"


def test_an_error_that_is_not_usage_exits_with_1(run, tmp_path):
    (tmp_path / "file").touch()
    status, _, err = run("verify", "lib-young", "--out", "file")
    assert status == 1
    assert "file" in err


def test_ctrl_c_says_that_what_is_finished_is_kept(run, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("analog_theory.report.pipeline.verify", interrupted)
    status, _, err = run("verify", "lib-young")
    assert status == 130
    assert err == "Interrupted. What was finished is kept; the same command continues from there.\n"


def test_verify_prints_json_alone_on_stdout_and_exits_with_0_for_a_refuted_statement(run):
    status, out, err = run("verify", "eq-33", "--json")
    assert status == 0
    (verdict,) = json.loads(out)
    assert {
        "id",
        "source",
        "verdict",
        "method",
        "evidence",
        "amended_by",
        "title",
        "formula",
        "dimension",
        "rests_on",
    } <= set(verdict)
    assert (verdict["id"], verdict["verdict"]) == ("lemma-3", "refuted")
    assert "lemma-3.amended-1" in verdict["amended_by"]
    assert err == "[1/1] lemma-3: refuted\n"

    status, out, err = run("verify", "lemma-3")
    assert (status, err) == (0, ""), "the verdict comes from the store"
    assert out.startswith("lemma-3 (App. F.3, Lemma 3, (33)): refuted\n")
    assert ["lemma-3", "refuted"] in [[row["id"], row["verdict"]] for row in json.loads(run("list", "--json")[1])]
    assert "refuted" in run("show", "lemma-3")[1]


def test_show_tells_where_a_statement_is(run):
    status, out, _ = run("show", "eq-17")
    assert status == 0
    for text in ("eq-17", "theory.paper.appendix_b", r"W_{\max}", "assumes: W_max < tau"):
        assert text in out
    found = json.loads(run("show", "eq-33", "--json")[1])
    assert found["id"] == "lemma-3"
    assert found["names"] == ["lemma-3", "eq-33"]
    assert "eq-35" in found["uses"]


def test_explain_teaches_and_draws_one_statement(run, tmp_path):
    status, out, err = run("explain", "eq-33", "--figure", "--out", "results")
    assert status == 0
    assert err.startswith("[1/")
    lines = out.splitlines()
    assert lines[0].startswith("lemma-3 (App. F.3, Lemma 3, (33); also eq-33): refuted")
    for heading in ("What is claimed:", "What the letters mean:", "How it fails:", "What holds instead:"):
        assert heading in lines
    path = tmp_path / "results/figures/explain/lemma-3.png"
    assert lines[-2:] == ["Picture:", f"  {path}"]
    assert path.stat().st_size > 10_000

    status, out, err = run("explain", "lemma-3", "--json", "--out", "results")
    assert (status, err) == (0, ""), "the verdicts come from the store"
    found = json.loads(out)
    assert (found["id"], found["verdict"], found["figure"]) == ("lemma-3", "refuted", None)
    assert "How it fails" in [section["heading"] for section in found["sections"]]


def test_list_tells_what_a_statement_waits_for_and_what_a_proof_rests_on(toy, tmp_path):
    job = Job(tmp_path, catalogue=toy)
    rows = {row["id"]: row for row in listed(job)}
    assert (rows["eq-9"]["verdict"], rows["eq-1"]["verdict"]) == ("waits for pulses", "-")
    verify(job, ["theorem-1", "eq-9"], 1)
    rows = {row["id"]: row for row in listed(job)}
    assert rows["eq-9"]["verdict"] == "waits for pulses"
    assert (rows["theorem-1"]["verdict"], rows["theorem-1"]["rests_on"]) == ("proved", ["lemma-1"])


def test_list_has_statements_and_figures(run):
    lines = run("list")[1].splitlines()
    ids = [line.split("\t")[0] for line in lines]
    assert {"lemma-3", "lemma-3.amended-1", "figure 1", "figure theorem-1"} <= set(ids)
    assert all(line.count("\t") == 3 for line in lines)


@pytest.mark.parametrize(("typed", "name"), [("2", "figure_2"), ("figure-2", "figure_2"), ("theorem_1", "theorem_1")])
def test_figures_have_the_names_that_a_person_types(typed, name):
    assert Catalogue().figure_names((typed,)) == [name]


def test_a_statement_of_the_paper_without_a_form_here_says_so(toy):
    with pytest.raises(UnknownNameError, match="id='eq-10': in the paper, but not yet stated"):
        toy.statement_ids(("eq-10",))


def test_another_name_of_a_statement_finds_it(toy):
    assert toy.statement_ids(("eq-2", "lemma-1")) == ["lemma-1"]
