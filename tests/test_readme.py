"""The README's examples run as printed."""

from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

ROOT = Path(__file__).parent.parent
README = Sybil([PythonCodeBlockParser()], path=str(ROOT), patterns=["README.md"])


def test_the_readme_has_its_example_in_the_first_40_lines():
    head = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:40]
    fences = [number for number, line in enumerate(head) if line.startswith("```")]
    assert "```python" in head
    assert head.index("```python") < fences[-1], "the example ends within the first 40 lines"


def test_the_examples_run_as_printed(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (document,) = README.all_documents() if hasattr(README, "all_documents") else [README.parse(ROOT / "README.md")]
    examples = list(document)
    assert examples
    for example in examples:
        example.evaluate()


@pytest.mark.parametrize("target", ["make reproduce", "make test"])
def test_the_readme_names_the_two_commands(target):
    assert target in (ROOT / "README.md").read_text(encoding="utf-8")
