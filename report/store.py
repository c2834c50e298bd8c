"""The store: what is finished, under the hash of all that it depends on.

An entry is written beside its place and moved in by one rename, so that it is whole or absent, whenever a run is
killed. An entry that cannot be read counts as absent.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import xarray as xr

FOLDER = ".analog-theory"


def key(kind: str, id: str, **depends_on: Any) -> str:
    """The name of an entry: sha256 of the canonical JSON of its kind, its id and what it depends on."""
    text = json.dumps([kind, id, depends_on], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


@contextmanager
def written_beside(path: Path) -> Iterator[Path]:
    """A path in the same folder to write to (a file or a folder); it becomes `path` in one rename at the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".partial-", dir=path.parent))
    try:
        beside = scratch / path.name
        yield beside
        _replace(beside, path)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _replace(source: Path, target: Path) -> None:
    """Rename over `target`. A folder cannot be renamed over a filled one, so that one is moved aside first."""
    if target.is_dir():
        os.replace(target, source.with_name("replaced"))
    os.replace(source, target)


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    with written_beside(path) as beside:
        beside.write_text(text, encoding="utf-8", newline="\n")


@dataclass(frozen=True)
class Store:
    """Finished records (JSON) and data (zarr groups) under `root`."""

    root: Path

    @classmethod
    def under(cls, out: Path) -> Store:
        """The store of an output folder."""
        return cls(out / FOLDER)

    def record(self, key: str) -> dict[str, Any] | None:
        """The record of that key, or None."""
        try:
            found = json.loads(self._record_path(key).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def save_record(self, key: str, record: Mapping[str, Any]) -> None:
        """Keep a record of JSON types, its keys in their order: what is told of it follows that order."""
        write_text(self._record_path(key), json.dumps(record, ensure_ascii=False, indent=1) + "\n")

    def data(self, key: str) -> xr.Dataset | None:
        """The data of that key, loaded, or None."""
        path = self._data_path(key)
        if not path.is_dir():
            return None
        try:
            return _read(path)
        except Exception:  # whatever a damaged entry makes zarr, a codec or JSON raise, the cure is to compute it again
            return None

    def save_data(self, key: str, data: xr.Dataset) -> None:
        """Keep a dataset; its attributes are JSON types."""
        with written_beside(self._data_path(key)) as beside:
            _text_as_objects(data).to_zarr(beside, mode="w", consolidated=False, zarr_format=3)

    def data_or(self, key: str, compute: Callable[[], xr.Dataset]) -> xr.Dataset:
        """The data of that key, computed and kept where there is none."""
        found = self.data(key)
        if found is None:
            found = compute()
            self.save_data(key, found)
        return found

    def _record_path(self, key: str) -> Path:
        return self.root / "records" / f"{key}.json"

    def _data_path(self, key: str) -> Path:
        return self.root / "data" / f"{key}.zarr"


def _read(path: Path) -> xr.Dataset:
    import xarray as xr

    with xr.open_zarr(path, consolidated=False, chunks=None) as opened:
        return _text_as_text(opened.load())


def _text_as_objects(data: xr.Dataset) -> xr.Dataset:
    """Text as variable-length strings, for which zarr 3 has a settled format; fixed-length text has none."""
    return data.assign({name: v.astype(object) for name, v in data.variables.items() if v.dtype.kind == "U"})


def _text_as_text(data: xr.Dataset) -> xr.Dataset:
    import numpy as np

    texts = {name: v for name, v in data.variables.items() if v.dtype.kind in "OT"}
    return data.assign({name: (v.dims, np.array(v.values.tolist(), dtype=str), v.attrs) for name, v in texts.items()})
