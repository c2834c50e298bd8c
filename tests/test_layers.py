"""The arrow: symbols -> numbers -> pictures -> words, and no import back."""

import sys
from pathlib import Path

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

CONFIGURATION = Path(__file__).parent.parent / "pyproject.toml"


def test_imports_run_one_way(monkeypatch, capsys):
    monkeypatch.setattr(sys, "path", list(sys.path))
    status = lint_imports(config_filename=str(CONFIGURATION), no_cache=True, no_logo=True)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out
