"""The one look of all figures: `with styled(): ...` around whatever draws."""

from __future__ import annotations

from contextlib import AbstractContextManager
from importlib.resources import files

import matplotlib.style

UP, DOWN, MARK = "#0072B2", "#D55E00", "#000000"


def styled() -> AbstractContextManager[None]:
    """Matplotlib's settings from `style.mplstyle` while the context lasts, over the defaults and nothing else."""
    return matplotlib.style.context(["default", str(files(__package__) / "style.mplstyle")])
