"""Pictures of statements: they draw without warnings, show every statement, and tell verdicts by colour and shape."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from analog_theory.experiments.slices import Approach, Slice
from analog_theory.figures import explained, statements
from analog_theory.figures.statements import Graph, Node
from analog_theory.figures.style import SIGNS, fewer_colours, styled
from matplotlib.image import imread


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def graph(count, edges=()):
    names = list(SIGNS)
    nodes = [Node(f"eq-{i}", f"Sec. {i // 30}", names[i % len(names)]) for i in range(count)]
    return Graph((*nodes, Node("eq-1.amended-1", "Sec. 0", "proved", "eq-1")), edges, edges[:1], "A title")


def test_every_statement_is_named_and_no_two_stand_in_one_place():
    figure = statements.draw(graph(320, (("eq-1", "eq-300"), ("eq-1.amended-1", "eq-2"), ("eq-5", "unknown"))))
    (axes,) = figure.axes
    texts = {text.get_text(): text.get_position() for text in axes.texts}
    assert {f"eq-{i}" for i in range(320)} <= set(texts)
    assert "eq-1.amended-1" not in texts, "an amendment is a mark beside what it amends"
    places = [position for text, position in texts.items() if text.startswith("eq-")]
    assert len(set(places)) == 320
    tops = [text for text, (_, height) in texts.items() if height == 0]
    assert len(tops) == statements.COLUMNS
    assert all(text.startswith("Sec. ") for text in tops), "every column says where it is"
    marks = [tuple(np.ravel(line.get_xydata())) for line in axes.lines]
    assert len(marks) == len(set(marks)) == 321
    figure.canvas.draw()


def test_the_picture_of_all_statements_is_small_once_its_colours_are_few(tmp_path):
    edges = tuple((f"eq-{i}", f"eq-{(7 * i) % 320}") for i in range(320)) + tuple(
        (f"eq-{i}", f"eq-{i + 1}") for i in range(319)
    )
    figure = statements.draw(graph(320, edges))
    with styled():
        figure.savefig(tmp_path / "all.png", metadata={"Software": None})
    fewer_colours(tmp_path / "all.png", tmp_path / "few.png")
    assert (tmp_path / "few.png").stat().st_size < 200_000
    assert imread(tmp_path / "few.png").shape[:2] == imread(tmp_path / "all.png").shape[:2]
    fewer_colours(tmp_path / "all.png", tmp_path / "again.png")
    assert (tmp_path / "few.png").read_bytes() == (tmp_path / "again.png").read_bytes()


def test_verdicts_differ_by_shape_as_well_as_by_colour():
    settled = [SIGNS[name] for name in ("proved", "refuted", "supported", "unsettled", "waiting")]
    assert len({sign.shape for sign in settled}) == len({sign.colour for sign in settled}) == 5


def slice_of(sign, fails):
    line = np.linspace(-1, 1, 21)
    return Slice("w", sign, 0.0, line, line**2, line, line > -0.5, np.full(21, fails) & (line > -0.5))


@pytest.mark.parametrize(("sign", "fails", "shaded"), [("<=", True, True), ("<=", False, False), ("=", True, False)])
def test_a_slice_marks_where_the_claim_fails(sign, fails, shaded):
    figure = explained.draw("A title", [slice_of(sign, fails)], None)
    (axes,) = figure.axes
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert ("the claim fails" in labels) is shaded
    assert "an assumption fails" in labels
    assert ("the counterexample" in labels) is fails
    figure.canvas.draw()


def test_the_neighbours_of_a_statement_are_named_and_those_left_out_counted():
    near = explained.Around(
        (("lemma-3", "refuted"), ("lemma-3.amended-1", "proved")),
        (("eq-34", "proved"),),
        (("eq-81", "not settled yet"), ("eq-99", "proved")),
        (("theorem-3", "waiting"),),
        (0, 5, 0),
        (("eq-81", "theorem-3"),),
    )
    powers = np.logspace(-3, 0, 7)
    figure = explained.draw("A title", [slice_of("<", True), Approach("d", "O", 2.0, powers, powers[None])], near)
    texts = {text.get_text() for axes in figure.axes for text in axes.texts}
    assert {"lemma-3", "lemma-3.amended-1", "eq-34", "eq-81", "theorem-3", "and 5 more"} <= texts
    assert sum(line.get_linestyle() == ":" for line in figure.axes[-1].lines) == 1
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert "|error| falls as d^1.00; claimed: O(d^2)" in titles
    figure.canvas.draw()
