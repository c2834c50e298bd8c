"""The trust base of a verdict: the tools that it rests on, with their versions."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version


@cache
def trust(*tools: str) -> tuple[str, ...]:
    """The named distributions with their versions."""
    return tuple(f"{tool} {version(tool)}" for tool in tools)
