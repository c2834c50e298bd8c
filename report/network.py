"""The graph of what uses what: what a statement rests on, and what it reaches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..theory.registry import Registry

Edge = tuple[str, str]


@dataclass(frozen=True)
class Network:
    """Statements in an order that all answers keep, each with the ids that its proof uses."""

    uses: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, order: Iterable[str], registry: Registry, records: Mapping[str, Mapping[str, Any]]) -> Network:
        """What the statements use as stated, and the lifting rules that known records tell of."""
        told = {id: records[id]["uses"] if id in records else () for id in order}
        return cls({id: tuple(dict.fromkeys((*registry.uses(id), *named))) for id, named in told.items()})

    @cached_property
    def used_by(self) -> Mapping[str, tuple[str, ...]]:
        """The ids that use each statement themselves."""
        found: dict[str, list[str]] = {id: [] for id in self.uses}
        for user, used in self.uses.items():
            for id in used:
                found.setdefault(id, []).append(user)
        return {id: tuple(users) for id, users in found.items()}

    @property
    def edges(self) -> tuple[Edge, ...]:
        """From what is used to what uses it."""
        return tuple((used, user) for user, every in self.uses.items() for used in every if used in self.uses)

    def rests(self, id: str) -> dict[str, int]:
        """All that the proof of `id` uses, through the proofs of those, with the number of steps to each."""
        return self._steps(id, lambda node: self.uses.get(node, ()))

    def reaches(self, id: str) -> dict[str, int]:
        """All whose proof uses `id`, through the proofs of those, with the number of steps to each."""
        return self._steps(id, lambda node: self.used_by.get(node, ()))

    def _steps(self, start: str, following: Callable[[str], Iterable[str]]) -> dict[str, int]:
        steps, wave = {start: 0}, [start]
        while wave:
            wave = list(dict.fromkeys(n for node in wave for n in following(node) if n in self.uses and n not in steps))
            steps.update(dict.fromkeys(wave, max(steps.values()) + 1))
        return {id: steps[id] for id in self.uses if id in steps and id != start}

    def chain(self, start: str, end: str) -> tuple[Edge, ...]:
        """The edges of a shortest way from what is used to what it reaches; none where there is no way."""
        steps, edges, here = {start: 0, **self.reaches(start)}, list[Edge](), end
        while steps.get(here):
            before = next(used for used in self.uses[here] if steps.get(used) == steps[here] - 1)
            edges.append((before, here))
            here = before
        return tuple(reversed(edges))
