"""The store: entries are whole or absent, come back as they were, and depend on all that they say."""

import json

import numpy as np
import pytest
import xarray as xr
from analog_theory.report import sources
from analog_theory.report.store import Store, key, write_text, written_beside


@pytest.fixture
def store(tmp_path):
    return Store.under(tmp_path)


def dataset():
    return xr.Dataset(
        {
            "loss": (("label", "step"), np.array([[1.5, np.nan], [2.5, -0.0]])),
            "flag": ("label", np.array([True, False])),
            "count": ("step", np.arange(2)),
            "word": ((), "τ and γ"),
            "empty": ("label", np.array(["", ""])),
        },
        coords={"label": ["linear", "pöwer"], "step": [0, 10]},
        attrs={"seeds": 3, "rates": [1, 2.5], "nested": {"a": [None, True]}, "text": "x"},
    )


def test_a_record_comes_back_as_it_was(store):
    record = {"id": "eq-1", "evidence": {"w": "3/2", "list": [1, None, True]}, "letter": "τ"}
    store.save_record("k", record)
    assert store.record("k") == record
    assert list(store.record("k")["evidence"]) == ["w", "list"], "keys keep their order"
    assert store.record("other") is None


def test_data_comes_back_as_they_were(store):
    store.save_data("k", dataset())
    found = store.data("k")
    xr.testing.assert_identical(found, dataset())
    assert {name: v.dtype.kind for name, v in found.variables.items()} == {
        name: v.dtype.kind for name, v in dataset().variables.items()
    }


def test_data_are_computed_once(store):
    calls = []
    for _ in range(2):
        found = store.data_or("k", lambda: calls.append(1) or dataset())
        xr.testing.assert_identical(found, dataset())
    assert len(calls) == 1


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"a": '])
def test_a_broken_record_counts_as_absent(store, text):
    store.save_record("k", {"a": 1})
    (path,) = (store.root / "records").iterdir()
    path.write_text(text)
    assert store.record("k") is None


def test_broken_data_are_computed_again(store):
    store.save_data("k", dataset())
    (store.root / "data" / "k.zarr" / "loss" / "zarr.json").write_text("{")
    assert store.data("k") is None
    xr.testing.assert_identical(store.data_or("k", dataset), dataset())
    xr.testing.assert_identical(store.data("k"), dataset())


def test_a_write_that_fails_leaves_what_was_there(tmp_path):
    write_text(tmp_path / "page.md", "old")
    with pytest.raises(RuntimeError):
        _write_half(tmp_path / "page.md")
    assert (tmp_path / "page.md").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["page.md"]


def _write_half(path):
    with written_beside(path) as beside:
        beside.write_text("half")
        raise RuntimeError


def test_keys_differ_with_all_they_depend_on():
    keys = {
        key("verdict", "eq-1", code="a", budget={"seed": 0}),
        key("verdict", "eq-1", code="b", budget={"seed": 0}),
        key("verdict", "eq-1", code="a", budget={"seed": 1}),
        key("verdict", "eq-2", code="a", budget={"seed": 0}),
        key("data", "eq-1", code="a", budget={"seed": 0}),
    }
    assert len(keys) == 5
    assert key("a", "b", x=1, y=2) == key("a", "b", y=2, x=1)
    json.dumps(sorted(keys))


def test_a_result_depends_on_what_its_module_reaches():
    reached = sources.closure(["analog_theory.experiments.paper.theorem_1"])
    assert {"analog_theory.experiments.engine", "analog_theory.theory.algorithm"} <= set(reached)
    assert not [module for module in reached if module.startswith("analog_theory.report")]


def test_the_code_hash_follows_the_sources(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    package = tmp_path / "hashed_package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "a.py").write_text("def f():\n    from .b import g\n    return g")
    (package / "b.py").write_text("g = 1")
    (package / "c.py").write_text("unused = 1")

    def hashed():
        for cached in (sources._path, sources._imports, sources._digest):
            cached.cache_clear()
        return sources.code_hash(["hashed_package.a"])

    before = hashed()
    (package / "c.py").write_text("unused = 2")
    assert hashed() == before
    (package / "b.py").write_text("g = 2")
    assert hashed() != before
