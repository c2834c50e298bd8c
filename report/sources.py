"""What a result depends on: the source files that a module reaches by its imports, and the versions of the tools."""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec, resolve_name
from pathlib import Path

TOOLS = ("sympy", "z3-solver", "cvc5", "numpy", "scipy", "hypothesis", "xarray", "zarr")


@cache
def _path(module: str) -> Path | None:
    """The file of a module or package, found without importing it."""
    top, _, rest = module.partition(".")
    spec = find_spec(top)
    for root in (spec.submodule_search_locations or ()) if spec else ():
        place = Path(root, *filter(None, rest.split(".")))
        for path in (place / "__init__.py", place.with_suffix(".py")):
            if path.is_file():
                return path
    return None


def _named(node: ast.AST, package: str) -> Iterator[str]:
    """The modules that an import may load: `from .a import b` may load a, and a.b where that is a module."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = resolve_name("." * node.level + (node.module or ""), package)
        yield base
        yield from (f"{base}.{alias.name}" for alias in node.names)


@cache
def _imports(module: str) -> tuple[str, ...]:
    """The modules of its own top-level package that a module imports, anywhere in its text."""
    path, top = _path(module), module.partition(".")[0]
    if path is None:
        return ()
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    names = (name for node in ast.walk(ast.parse(path.read_bytes())) for name in _named(node, package))
    return tuple(name for name in dict.fromkeys(names) if name.partition(".")[0] == top and _path(name))


def closure(modules: Iterable[str]) -> list[str]:
    """The modules and all that they reach by imports within their own top-level package, sorted."""
    pending, found = list(modules), set[str]()
    while pending:
        module = pending.pop()
        if module not in found:
            found.add(module)
            pending.extend(_imports(module))
    return sorted(found)


@cache
def _digest(module: str) -> str:
    path = _path(module)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path else ""


@cache
def tool_versions() -> tuple[str, ...]:
    """Python and the tools that results rest on, as `name version`."""
    python = f"python {sys.version_info.major}.{sys.version_info.minor}"
    return (python, *(f"{tool} {_version(tool)}" for tool in TOOLS))


def _version(tool: str) -> str:
    try:
        return version(tool)
    except PackageNotFoundError:
        return "absent"


def code_hash(modules: Iterable[str]) -> str:
    """A hash of the sources that the modules reach, and of the tools' versions."""
    lines = [f"{module} {_digest(module)}" for module in closure(modules)]
    return hashlib.sha256("\n".join([*lines, *tool_versions()]).encode()).hexdigest()
