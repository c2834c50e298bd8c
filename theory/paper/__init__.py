"""The paper's statements, in its own order and numbers: a module a section or appendix.

`registry` holds them all under their ids; `statement` registers one. Importing this package states everything.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib import import_module, resources

from ..statement import Registry

MODULES = (
    "rules",
    "sections_1_2",
    "section_3",
    "section_4",
    "appendix_b",
    "appendix_e",
    "appendix_f",
    "appendix_g",
    "appendix_g_proof",
    "appendix_g_update",
    "appendix_g_special",
    "appendix_h",
)


def index() -> list[dict[str, str]]:
    """The paper's ids as rows: id, same_as, kind, place, needs_verdict, needs_part."""
    with resources.files(__package__).joinpath("index.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _ids() -> Iterator[str]:
    for row in index():
        yield row["id"]
        yield from row["same_as"].split()


registry = Registry(ids=tuple(_ids()))
statement = registry.statement

for _module in MODULES:
    import_module(f"{__name__}.{_module}")
