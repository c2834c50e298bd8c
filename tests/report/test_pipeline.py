"""Runs of the toy paper: the same bytes for any number of workers, failures that lose nothing, kills that resume."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from analog_theory import Finding, Measured
from analog_theory.report.pipeline import draw, reproduce, verify
from analog_theory.report.tasks import FigureTask, Job, StatementTask

TOYS = Path(__file__).parent / "toys"


def files(out):
    return {path.name: path.read_bytes() for path in [out / "paper_repro.md", *(out / "figures/rendered").iterdir()]}


def test_a_run_has_the_same_bytes_for_any_workers_and_is_not_repeated(toy, tmp_path, capfd):
    job = Job(tmp_path / "one", catalogue=toy)
    first = reproduce(job, 1)
    assert not first.failures
    assert {id: first.records[id]["verdict"] for id in toy.registry} == {
        "eq-1": "proved",
        "lemma-1": "refuted",
        "lemma-1.amended-1": "proved",
        "theorem-1": "proved",
        "eq-9": "unsettled",
    }
    reproduce(replace(job, out=tmp_path / "two"), 2)
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert set(files(tmp_path / "one")) == {
        "paper_repro.md",
        *(f"{name}.{kind}" for name in ("figure_1", "statements") for kind in ("png", "pdf")),
    }
    reproduce(replace(job, out=tmp_path / "two"), 2)
    assert files(tmp_path / "one") == files(tmp_path / "two"), "known records read as new ones do"
    capfd.readouterr()
    verify(job, list(toy.registry), 1)
    assert capfd.readouterr().err == "", "all verdicts come from the store"


def test_a_failing_figure_loses_nothing_else(toy, tmp_path):
    job = Job(tmp_path, catalogue=replace(toy, figures=("broken", "figure_1")))
    finished = draw(job, job.catalogue.figures, 1)
    assert finished.failures == {"broken": "ArithmeticError: configuration='a' diverged at step=3"}
    assert list(finished.records) == ["figure_1"]
    assert (tmp_path / "figures/rendered/figure_1.png").stat().st_size > 0


def test_keys_follow_budget_seed_and_depth(toy, tmp_path):
    job = Job(tmp_path, catalogue=toy)
    jobs = [job, replace(job, depth="full"), replace(job, seed=1)]
    assert len({StatementTask("eq-1").key(j) for j in jobs}) == 3
    assert len({FigureTask("figure_1").key(j) for j in jobs}) == 2, "data have seeds of their own"


def test_a_claim_about_measurements_is_settled_by_its_experiments_findings(toy, tmp_path, monkeypatch):
    toy.registry.statement("eq-10", source="App. A", experiment="figure_1")(rising)
    experiment, made = toy.experiment("figure_1"), []
    monkeypatch.setattr(
        experiment, "findings", lambda ds: [Finding("eq-10", "it rises", True, f"{ds.sizes['x']} points")]
    )
    monkeypatch.setattr(experiment, "data", lambda data=experiment.data, **given: made.append(1) or data(**given))
    records = []
    for seed in (0, 1):
        records.append(StatementTask("eq-10").run(Job(tmp_path, seed=seed, catalogue=toy), lambda _: None))
        toy.registry.memo.clear()
    assert [(record["verdict"], record["dimension"]) for record in records] == [("supported", "1")] * 2
    assert records[0]["evidence"]["findings"][0]["evidence"] == "5 points"
    assert len(made) == 1, "the experiment's data come from the store"


def rising():
    """The line rises."""
    return Measured("figure_1", "the line rises", "1")


# what runs in the background of a shell is started deaf to Ctrl-C
RUN = """
import signal
from pathlib import Path
from analog_theory.report.catalogue import Catalogue
from analog_theory.report.pipeline import reproduce
from analog_theory.report.tasks import Job
toy = Catalogue("toy_paper.statements", "toy_paper.experiments", "toy_paper.drawings", ("held",))
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    reproduce(Job(Path("out").resolve(), catalogue=toy), 2)
"""


@pytest.mark.parametrize("how", [pytest.param(signal.SIGKILL, marks=pytest.mark.slow), signal.SIGINT])
def test_a_killed_run_keeps_what_is_finished_and_the_next_continues(toy, tmp_path, how):
    hold = tmp_path / "hold"
    hold.touch()
    (tmp_path / "run.py").write_text(RUN)
    environment = {**os.environ, "PYTHONPATH": str(TOYS), "TOY_HOLD": str(hold)}
    command = [sys.executable, "run.py"]
    running = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, start_new_session=True)
    records = tmp_path / "out/.analog-theory/records"
    try:
        until(lambda: records.is_dir() and len(list(records.glob("*.json"))) == len(toy.registry))
        os.kill(running.pid, how) if how == signal.SIGKILL else os.killpg(running.pid, how)
        running.communicate(timeout=30)
        until(lambda: not alive(running.pid))
    finally:
        if alive(running.pid):
            os.killpg(running.pid, signal.SIGKILL)
    kept = {path.name: path.stat().st_mtime_ns for path in records.glob("*.json")}
    assert not (tmp_path / "out/paper_repro.md").exists()

    hold.unlink()
    again = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert again.stderr == "[1/1] held: drawn\n[1/1] statements: drawn\n", "only what was missing is done"
    assert kept.items() <= {path.name: path.stat().st_mtime_ns for path in records.glob("*.json")}.items()
    assert (tmp_path / "out/paper_repro.md").exists()


def until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def alive(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
