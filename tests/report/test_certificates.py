"""The certificates of a run: what it leaves, that it is the same each time, and what a recheck of them says."""

import json

import pytest
from analog_theory.report import cli
from analog_theory.report.certificates import counted, keep, kept, rechecked
from analog_theory.report.pipeline import verify
from analog_theory.report.tasks import Job, StatementTask

TOY = ("eq-1", "lemma-1", "lemma-1.amended-1", "theorem-1")


RECORDS = {}


@pytest.fixture
def out(toy, tmp_path):
    """A folder with the certificates of the toy paper, which is settled once."""
    if not RECORDS:
        job = Job(tmp_path / "store", catalogue=toy)
        RECORDS.update({id: StatementTask(id).run(job, lambda _: None) for id in toy.registry})
    keep(tmp_path, RECORDS.values())
    return tmp_path


@pytest.fixture
def recheck(monkeypatch, capfd, toy, out):
    """Run `analog-theory recheck` on that folder; returns status, stdout, stderr."""
    monkeypatch.setattr("analog_theory.report.tasks.Catalogue", lambda: toy)
    monkeypatch.setattr(cli, "_job", lambda folder, *_: Job(folder.resolve(), catalogue=toy))
    capfd.readouterr()

    def run(*arguments):
        status = cli.run(["recheck", "--out", str(out), *arguments])
        return status, *capfd.readouterr()

    return run


def file(out, id):
    return out / "certificates" / f"{id}.json"


def tamper(out, id, old, new):
    text = file(out, id).read_text(encoding="utf-8")
    assert old in text
    file(out, id).write_text(text.replace(old, new), encoding="utf-8")


def test_each_settled_verdict_leaves_one_small_file(out):
    assert sorted(path.stem for path in (out / "certificates").iterdir()) == sorted(TOY)
    for id in TOY:
        found = json.loads(file(out, id).read_text(encoding="utf-8"))
        assert found["id"] == id
        assert found["checks"]
        assert found["lacks"] == []
        assert file(out, id).stat().st_size < 5000


def test_the_files_are_the_same_each_time_and_come_back_from_the_store(out, toy, tmp_path, capfd):
    job = Job(tmp_path / "again", catalogue=toy)
    verify(job, TOY, 2)
    assert [file(job.out, id).read_bytes() for id in TOY] == [file(out, id).read_bytes() for id in TOY]
    file(job.out, "eq-1").unlink()
    capfd.readouterr()
    verify(job, TOY, 1)
    assert capfd.readouterr().err == "", "nothing is settled again"
    assert file(job.out, "eq-1").read_bytes() == file(out, "eq-1").read_bytes()


def test_a_verdict_that_is_settled_no_more_loses_its_file(out):
    keep(out, [{**RECORDS["eq-1"], "verdict": "supported", "checks": [], "lacks": []}])
    assert not file(out, "eq-1").exists()
    assert file(out, "lemma-1").exists()


def test_recheck_tells_how_each_certificate_stands(recheck):
    pytest.importorskip("cvc5")
    status, told, progress = recheck()
    assert status == 0
    rows = {line.split("\t")[0]: line.split("\t")[1:] for line in told.splitlines()}
    assert rows["eq-1"] == ["proved", "holds", "1 identity"]
    assert rows["lemma-1"] == ["refuted", "holds", "1 point"]
    assert rows["theorem-1"] == ["proved", "holds", "1 solver; 1 point"]
    assert progress.splitlines()[-1] == "[4/4] theorem-1: holds"


def test_recheck_prints_json_alone_on_stdout(recheck):
    status, told, _ = recheck("lemma-1", "--json")
    assert status == 0
    (found,) = json.loads(told)
    assert found["checks"] == [{"name": "counterexample", "kind": "point", "status": "holds", "why": ""}]
    assert (found["id"], found["verdict"], found["result"]) == ("lemma-1", "refuted", "holds")


def test_without_the_second_solver_its_part_says_so(recheck, monkeypatch):
    monkeypatch.setattr("analog_theory.theory.solver.has_cvc5", lambda: False)
    status, told, _ = recheck("theorem-1")
    assert status == 0
    assert told == "theorem-1\tproved\tneeds a solver\t1 point; no violation: needs a solver\n"


@pytest.mark.parametrize(
    ("id", "old", "new"),
    [
        ("eq-1", "2*x*y", "3*x*y"),  # a coefficient of the identity
        ("lemma-1", "1/2", "3/2"),  # the counterexample's fraction
        ("theorem-1", "(assert ", "(assert true) ;"),  # the SMT-LIB text without its assertions
    ],
)
def test_recheck_fails_where_a_certificate_was_tampered_with(recheck, out, id, old, new):
    if id == "theorem-1":
        pytest.importorskip("cvc5")
    tamper(out, id, old, new)
    status, told, _ = recheck("--json")
    assert status == 1
    assert [one["id"] for one in json.loads(told) if one["result"] == "fails"] == [id]


def test_recheck_says_what_it_cannot_find(recheck, out):
    file(out, "eq-1").unlink()
    status, told, problem = recheck("eq-1")
    assert (status, told) == (2, "")
    assert "id='eq-1': has no certificate" in problem
    for id in TOY[1:]:
        file(out, id).unlink()
    status, _, problem = recheck()
    assert status == 2
    assert "must have certificates" in problem


def test_what_a_proof_relies_on_is_rechecked_with_it(out):
    tamper(out, "theorem-1", '"relies_on": []', '"relies_on": ["lemma-1", "lib-absent"]')
    found = rechecked(kept(out, ["theorem-1"]))
    assert [one["id"] for one in found] == ["theorem-1", "lemma-1", "lib-absent"]
    assert found[2]["result"] == "has no check"
    assert "not in" in counted(found[2]["checks"])
