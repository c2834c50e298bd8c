"""Reading a measured curve: its forms, its turning point, and what is refused, with the words."""

from __future__ import annotations

import re

import numpy as np
import pytest
from analog_theory.experiments.measured import Curve, read_curve, scatter


def triangle(up=40, down=30):
    return np.concatenate([np.arange(up + 1.0), up - 1 - np.arange(down)])


def written(tmp_path, lines):
    path = tmp_path / "curve.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def rows(values, first=1, step=1):
    return [f"{first + step * k},{value}" for k, value in enumerate(values)]


@pytest.mark.parametrize(
    "head",
    [
        [],
        ["pulse,conductance"],
        ["# measured on a Monday", "Pulse number, G (uS), comment"],
        ["\ufeffpulse,conductance"],
    ],
)
def test_headings_and_remarks_are_skipped(tmp_path, head):
    curve = read_curve(written(tmp_path, [*head, "", *rows(triangle())]))
    np.testing.assert_array_equal(curve.conductance, triangle())
    assert (curve.turn, curve.every) == (40, 1)


def test_readings_every_few_pulses(tmp_path):
    curve = read_curve(written(tmp_path, [f"{row},x" for row in rows(triangle(), first=0, step=10)]))
    assert (curve.turn, curve.every) == (40, 10)


LINES = rows(triangle())


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([*LINES[:5], "6,", *LINES[6:]], r"curve.csv, line 6: conductance='': is a gap: must be a number"),
        ([*LINES[:5], "6,abc", *LINES[6:]], r"line 6: conductance='abc': must be a finite number"),
        ([*LINES[:5], "6,nan", *LINES[6:]], r"line 6: conductance='nan': must be a finite number"),
        ([*LINES[:5], "six,5", *LINES[6:]], r"line 6: pulse='six': must be a finite number"),
        ([*LINES[:5], "6", *LINES[6:]], r"line 6: 6: must have two columns"),
        ([*LINES[:5], *LINES[6:]], r"pulse\[5\]=7.0: must be 6 after 5: .* without gaps"),
        ([*LINES[:5], LINES[4], *LINES[5:]], r"pulse\[5\]=5.0: must be 6 after 5"),
        (rows(triangle(), step=0.5), r"pulse\[1\]=1.5: must be .* a whole number of pulses"),
        (LINES[::-1], r"pulse\[1\]="),
        (rows(np.arange(60.0)), "turning point='none': must be where .* stops rising"),
        (rows(-triangle()), "turning point='none'"),
        (rows(np.ones(60)), "turning point='none'"),
        (rows(np.random.default_rng(0).standard_normal(80)), "turning point='none'"),
        (rows(np.arange(200) + 10 * np.random.default_rng(1).standard_normal(200)), "turning point='none'"),
        (rows(np.tile(triangle(30, 30), 2)), "turning points='several'"),
        (rows(triangle(12, 3)), "readings=16: must be at least 21"),
        (["pulse,conductance"], "readings=0: must be at least 21"),
    ],
)
def test_bad_files_are_refused_with_their_reason(tmp_path, lines, words):
    with pytest.raises(ValueError, match=words):
        read_curve(written(tmp_path, lines))


def test_a_file_that_is_not_text_is_refused(tmp_path):
    path = tmp_path / "curve.csv"
    path.write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(ValueError, match=re.escape("must be text in UTF-8")):
        read_curve(path)


def test_a_missing_file_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_curve(tmp_path / "none.csv")


@pytest.mark.parametrize("seed", range(5))
def test_the_turn_of_a_noisy_curve_is_near(seed):
    clean = triangle(150, 150)
    noisy = clean + 0.05 * 150 * np.random.default_rng(seed).standard_normal(clean.size)
    curve = Curve(np.arange(clean.size), noisy)
    # where a line of slope 1 turns to -1 under noise of 7.5, the corner of 300 readings is known to a few readings
    assert abs(curve.turn - 150) < 15
    # third differences of 300 readings know the noise to about 8 %
    assert scatter(noisy) == pytest.approx(7.5, rel=0.32)


def test_a_turn_that_is_known_is_kept():
    clean = triangle(150, 150)
    assert Curve(np.arange(clean.size), clean, turn=140).turn == 140
    with pytest.raises(ValueError, match="turn=295: must leave 10 readings"):
        Curve(np.arange(clean.size), clean, turn=295)
    with pytest.raises(ValueError, match="turn=3: must be an integer >= 10"):
        Curve(np.arange(clean.size), clean, turn=3)
