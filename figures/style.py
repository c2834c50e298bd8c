"""The one look of all figures: `with styled(): ...` around whatever draws."""

from __future__ import annotations

from contextlib import AbstractContextManager
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import matplotlib.style


class Sign(NamedTuple):
    """How a verdict is drawn: by colour and by shape, so that neither has to be told apart alone."""

    colour: str
    shape: str
    filled: bool = True


SIGNS = {
    "proved": Sign("#009E73", "o"),
    "refuted": Sign("#D55E00", "X"),
    "supported": Sign("#56B4E9", "^"),
    "unsettled": Sign("#CC79A7", "D", False),
    "waiting": Sign("#8A8A8A", "s", False),
    "not settled yet": Sign("#8A8A8A", "p", False),
}
UP, DOWN, MARK = "#0072B2", "#D55E00", "#000000"


def styled() -> AbstractContextManager[None]:
    """Matplotlib's settings from `style.mplstyle` while the context lasts, over the defaults and nothing else."""
    return matplotlib.style.context(["default", str(files(__package__) / "style.mplstyle")])


def fewer_colours(picture: Path, reduced: Path) -> None:
    """Write a PNG again with 40 colours: a third of the size for a picture of thin lines and much text."""
    from PIL import Image

    with Image.open(picture) as full:
        palette = full.convert("RGB").quantize(40, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        palette.save(reduced, format="PNG", optimize=True)
