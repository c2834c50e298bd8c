"""A toy paper for the report: `toy_paper`, importable here and in worker processes."""

import sys
from pathlib import Path

import pytest
from analog_theory.report.catalogue import Catalogue

TOYS = str(Path(__file__).parent / "toys")


@pytest.fixture
def toy(monkeypatch):
    monkeypatch.syspath_prepend(TOYS)
    yield Catalogue("toy_paper.statements", "toy_paper.experiments", "toy_paper.drawings", ("figure_1",))
    for name in [name for name in sys.modules if name.partition(".")[0] == "toy_paper"]:
        del sys.modules[name]
