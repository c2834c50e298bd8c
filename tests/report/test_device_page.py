"""The command `device`: pages of known and of measured devices, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from analog_theory.report import cli
from analog_theory.theory.presets import presets


@pytest.fixture
def run(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        status = cli.run(arguments)
        return status, *capfd.readouterr()

    return run


def measured(path, noise=0.05, seed=1):
    """Soft bounds with c = 0.2, in microsiemens: 20 + 15 w."""
    w = [-0.95]
    for k in range(300):
        w.append(w[-1] + (0.02 * 1.2 * (1 - w[-1]) if k < 150 else -0.02 * 0.8 * (1 + w[-1])))
    g = 20 + 15 * np.array(w)
    g += noise * np.ptp(g) * np.random.default_rng(seed).standard_normal(g.size)
    path.write_text("pulse,conductance\n" + "\n".join(f"{k},{x:.5f}" for k, x in enumerate(g)), encoding="utf-8")
    return path


def test_without_a_name_it_lists_the_presets(run):
    status, out, err = run("device")
    assert (status, err) == (0, "")
    rows = [line.split("\t") for line in out.splitlines()]
    assert [row[0] for row in rows] == [one.name for one in presets()]
    by_name = {row[0]: row for row in rows}
    assert by_name["ReRamES"][2:] == ["ExpStep", "1481", "-0.2172", "0.147"]
    assert by_name["Idealized"][4] == "every w"
    assert [one["name"] for one in json.loads(run("device", "--json")[1])] == list(by_name)


def test_a_preset_on_one_page(run, tmp_path):
    status, out, err = run("device", "reram-es", "--out", "results")
    assert (status, err) == (0, "")
    for text in (
        "ReRamES: ",
        "at w = 0: q_+ = 1.0972, q_- = 1.4751, |R(0)| = 0.147",
        "w = -0.21723",
        "closed range: holds",
        "a bias of -4.01 % of the range",
        "stops converging at |R(0)| > r_c = 0.1646",
        "ReRamESPresetDevice()",
        "cycle variation sigma_c = 5",
    ):
        assert text in out
    picture = tmp_path / "results/figures/devices/ReRamES.png"
    assert out.splitlines()[-1].strip() == str(picture)
    assert picture.stat().st_size > 10_000


@pytest.mark.parametrize("name", [one.name for one in presets()])
def test_every_preset_has_an_object(run, name):
    status, out, _ = run("device", name, "--json")
    found = json.loads(out)
    assert status == 0
    assert (found["device"], found["kind"], found["fit"]) == (name, "preset", None)
    assert found["aihwkit"]["exact"]
    compile(found["aihwkit"]["snippet"], "snippet", "exec")
    assert Path(found["figure"]).is_file()


def test_a_measured_curve_on_one_page(run, tmp_path):
    measured(tmp_path / "mine.csv")
    status, out, err = run("device", "mine.csv", "--w-star", "0.6", "--noise", "0.2")
    assert (status, err) == (0, "")
    for text in (
        "mine: measured, linear (16)",
        "constant step: rejected",
        "gradient noise of std 0.2",
        "SoftBoundsDevice(",
    ):
        assert text in out
    found = json.loads(run("device", "mine.csv", "--json")[1])
    fit = found["fit"]
    assert (found["kind"], fit["best"]) == ("measured", "linear (16)")
    # symmetric point c = 0.2, that is 23; false-alarm rate 6e-5
    assert abs(fit["symmetric_point"] - 23) < 4 * fit["symmetric_point_error"] < 3
    assert abs(found["at_0"]["R"] + 0.2) < 4 * fit["asymmetry_at_0_error"]
    assert {one["name"]: one["rejected"] for one in fit["families"]}["constant step"]
    assert found["definition_1"]["range"]["reason"] == "q_plus(1) = 0, not > 0"


def test_equal_steps_are_told_from_responses_that_never_meet(run, tmp_path):
    clean = np.concatenate([np.arange(150.0), 148 - np.arange(148.0)])
    lines = [f"{k},{x:.4f}" for k, x in enumerate(clean + 7 * np.random.default_rng(4).standard_normal(clean.size))]
    (tmp_path / "equal.csv").write_text("\n".join(lines), encoding="utf-8")
    out = run("device", "equal.csv")[1]
    assert "equal: measured, constant step" in out
    assert "equal within two standard errors" in out


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (("device", "ReRamE"), 2, ["device='ReRamE'", "did you mean ReRam", "EcRamMO"]),
        (("device", "none.csv"), 2, ["device='none.csv'", "must be a CSV file that exists"]),
        (("device", "ReRamES", "--w-star", "1.5"), 1, ["w_star=1.5", "(0, 1)"]),
        (("device", "ReRamES", "--noise", "-1"), 1, ["noise=-1.0", ">= 0"]),
        (("device", "gap.csv"), 1, ["gap.csv", "without gaps"]),
        (("device", "word.csv"), 1, ["word.csv, line 12", "conductance='abc'"]),
        (("device", "up.csv"), 1, ["up.csv", "turning point='none'"]),
    ],
)
def test_bad_input_is_told_and_nothing_is_written(run, tmp_path, arguments, status, told):
    lines = measured(tmp_path / "good.csv", noise=0).read_text(encoding="utf-8").splitlines()
    (tmp_path / "good.csv").unlink()
    bad = {"gap": [*lines[:40], *lines[41:]], "word": [*lines[:11], "10,abc", *lines[12:]], "up": lines[:140]}
    for name, text in bad.items():
        (tmp_path / f"{name}.csv").write_text("\n".join(text), encoding="utf-8")
    found, out, err = run(*arguments)
    assert (found, out) == (status, "")
    assert all(text in err for text in told), err
    assert "Traceback" not in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gap.csv", "up.csv", "word.csv"]
