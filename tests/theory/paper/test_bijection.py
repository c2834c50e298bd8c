"""The registry and the index of the paper's ids are in bijection for all that has a verdict due."""

from __future__ import annotations

from collections import Counter

from analog_theory.theory.paper import index, registry
from analog_theory.theory.statement import Pending

NAMES = {row["id"]: (row["id"], *row["same_as"].split()) for row in index()}
DUE = [row for row in index() if row["needs_verdict"] == "yes"]


def test_every_statement_with_a_verdict_due_is_stated_once() -> None:
    stated = Counter(row["id"] for row in DUE for name in NAMES[row["id"]] if name in registry)
    assert stated == Counter(row["id"] for row in DUE)


def test_what_is_stated_is_in_the_index_an_amendment_or_ours() -> None:
    known = {name for names in NAMES.values() for name in names}
    stems = {id.partition(".amended-")[0] for id in registry if not id.startswith("lib-")}
    assert stems <= known


def test_what_waits_is_what_the_index_says_needs_a_part_that_is_not_built() -> None:
    parts = {row["id"]: row["needs_part"] for row in DUE if row["needs_part"]}
    forms = {id: registry.build(id).form for id in registry}
    waiting = {id: form.part for id, form in forms.items() if isinstance(form, Pending)}
    assert waiting.items() <= parts.items()
    assert Counter(waiting.values()) == {"networks": 12}
