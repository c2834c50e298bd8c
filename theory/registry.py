"""The registry: statements under their ids, built when first asked for, and what uses what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .statement import Form, Measured, Statement, named_in, premises_of


@dataclass(frozen=True)
class _Entry:
    build: Callable[[], Form]
    facts: Mapping[str, Any]
    experiment: str


class Registry:
    """Statements by id, in the order in which they were stated. `ids` names the ids that may be used (None: any).

    `memo` is for what others work out about the statements; one statement more empties it.
    """

    def __init__(self, ids: Sequence[str] | None = None, extra: str = "lib-") -> None:
        self._entries: dict[str, _Entry] = {}
        self._built: dict[str, Statement] = {}
        self._ids = None if ids is None else frozenset(ids)
        self._extra = extra
        self.memo: dict[Any, Any] = {}

    def statement(
        self, id: str, *, experiment: str = "", **facts: Any
    ) -> Callable[[Callable[[], Form]], Callable[[], Form]]:
        """Register the decorated function, which builds the form, under `id`; keywords are `Statement`'s fields.

        experiment: that of a `Measured` form, so that it is known what settles the statement before its form is built.
        """
        self._check(id, facts.get("amends"))

        def register(build: Callable[[], Form]) -> Callable[[], Form]:
            where = f"{build.__module__}.{build.__qualname__}"
            title = (build.__doc__ or build.__name__.replace("_", " ")).strip().splitlines()[0]
            self._entries[id] = _Entry(build, {"title": title, "where": where, **facts}, experiment)
            self.memo.clear()
            return build

        return register

    def _check(self, id: str, amends: str | None) -> None:
        if id in self._entries:
            raise ValueError(f"id={id!r} is already stated by {self._entries[id].facts['where']}")
        known = self._ids is None or id in self._ids or id.startswith(self._extra)
        if not (known or (amends is not None and id.startswith(f"{amends}.amended-"))):
            raise ValueError(
                f"id={id!r} is not an id of the paper; allowed are the ids of index.csv, "
                f"'ID.amended-N' with amends='ID', and '{self._extra}...'"
            )

    def __contains__(self, id: object) -> bool:
        return id in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def build(self, id: str) -> Statement:
        """The statement under `id`, its form built on the first call; it uses the rules and premises named there.

        Raises KeyError for an id that nothing states.
        """
        if id not in self._built:
            entry = self._entries[id]
            facts: dict[str, Any] = {
                key: tuple(value) if isinstance(value, list) else value for key, value in entry.facts.items()
            }
            form = entry.build()
            if (needed := form.experiment if isinstance(form, Measured) else "") != entry.experiment:
                raise ValueError(f"experiment={entry.experiment!r}: must be {needed!r}, as the form of {id} has it")
            stated = facts.get("uses", ())
            if missing := [name for name in premises_of(form) if name not in stated]:
                raise ValueError(f"uses={list(stated)}: must name the premise {missing[0]!r} of {id}")
            facts["uses"] = tuple(dict.fromkeys((*facts.get("uses", ()), *named_in(form))))
            self._built[id] = Statement(id=id, form=form, **facts)
        return self._built[id]

    def uses(self, id: str) -> tuple[str, ...]:
        """The ids that the proof of `id` uses, as stated: without the lifting rules, for its form is not built."""
        return tuple(self._entries[id].facts.get("uses", ()))

    def experiment(self, id: str) -> str:
        """The experiment whose findings settle `id`, empty for a claim that is not measured; the form is not built."""
        return self._entries[id].experiment

    def amendments(self, id: str) -> tuple[str, ...]:
        """The ids of the statements that amend `id`."""
        return tuple(key for key, entry in self._entries.items() if entry.facts.get("amends") == id)

    def reach(self, ids: Iterable[str]) -> tuple[str, ...]:
        """The registered ones of `ids` and all that their proofs use, as stated, each after what it uses itself."""
        found: dict[str, None] = {}
        pending = [(id, False) for id in reversed([*ids])]
        entered: set[str] = set()
        while pending:
            id, left = pending.pop()
            if left:
                found[id] = None
            elif id in self._entries and id not in entered:
                entered.add(id)
                pending.append((id, True))
                pending.extend((used, False) for used in reversed(self.uses(id)))
        return tuple(found)

    def layers(self, ids: Iterable[str]) -> tuple[str, ...]:
        """`ids` by the longest chain of uses below each, shortest first: what one rests on is a layer or more before.

        Those that are settled side by side in that order hardly ever wait for the same third one.
        """
        depth: dict[str, int] = {}
        for id in self.reach(ids := [*ids]):
            depth[id] = 1 + max((depth.get(used, 0) for used in self.uses(id)), default=0)
        return tuple(sorted(ids, key=lambda id: depth.get(id, 0)))

    def users(self, id: str) -> tuple[str, ...]:
        """The ids of the statements whose proof uses `id`."""
        return tuple(key for key, entry in self._entries.items() if id in entry.facts.get("uses", ()))

    def where(self, id: str) -> str:
        """The dotted name of the function that states `id`, without building its form."""
        return str(self._entries[id].facts["where"])

    def source(self, id: str) -> str:
        """Where the paper prints `id`, without building its form."""
        return str(self._entries[id].facts["source"])

    def title(self, id: str) -> str:
        """The line that says what `id` claims, without building its form."""
        return str(self._entries[id].facts["title"])
