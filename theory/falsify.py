"""The search for counterexamples to claims over whole instances.

It goes from the corners where inequalities break, over random floats and small exact fractions (Hypothesis, driven
towards small slack), to a global optimiser (SciPy). Whatever it finds is rounded to short fractions, rebuilt and
rechecked exactly, and then made small: few dimensions, entries 0 and 1, short fractions.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings, strategies as st, target

from .instances import Arena, shown, sizes_of, slack_and_scale
from .outcome import Budget, Outcome
from .statement import Field, ForAll
from .trust import trust

Exact = tuple[Fraction, ...]
DENOMINATORS = (1, 2, 3, 4, 6, 8, 10, 20, 100, 1000, 10**6)
RECHECKS = 12  # suspects rounded to short fractions, a stage
CLEARED = 1000  # suspects examined at their exact doubles, a stage
SAMPLE = 10  # vectors whose assumptions are checked exactly, a stage
ROUNDING = 1e-9  # of a relative slack in floats
LADDER = tuple(
    sorted(
        {Fraction(p, q) for q in (1, 2, 3, 4, 5) for p in range(-10, 11) if abs(p) <= 3 * q},
        key=lambda value: (abs(value.numerator) + value.denominator, value.denominator, value < 0),
    )
)


@dataclass(frozen=True)
class Stage:
    """What one stage saw: how many instances and the smallest relative slack.

    suspects: the vectors that seem to violate the claim, worst first, each with its slack; sample: some of all vectors.
    """

    name: str
    instances: int
    tightest: float
    suspects: tuple[tuple[float, Sequence[Any]], ...]
    sample: tuple[Sequence[Any], ...]


Search = Callable[[Arena, Budget], Stage]


def search(form: ForAll, budget: Budget, stages: Sequence[Search] = ()) -> Outcome:
    """Refuted by a small exact counterexample, or supported with what was tried and the tightest slack seen.

    `stages` are all four, in the order of this module, unless some are given.
    """
    stages = stages or (corners, floats, fractions, optimised)
    seen: list[tuple[Arena, Stage]] = []
    for sizes in sizes_of(form):
        arena = Arena(form, sizes)
        for find in stages:
            stage = find(arena, budget)
            found = first_exact(arena, [vector for _, vector in stage.suspects[:RECHECKS]])
            if found is not None:
                return _refutation(*shrunk(arena, found), stage.name, budget)
            seen.append((arena, cleared(arena, stage)))
    return _support(form, seen, budget)


def cleared(arena: Arena, stage: Stage) -> Stage:
    """The stage without the suspects that exact arithmetic clears: no instance of the domain, or violated by rounding.

    What remains unconfirmed either way keeps its negative slack.
    """
    instances, tightest = stage.instances, stage.tightest
    for rank, (gap, vector) in enumerate(stage.suspects):
        exact = tuple(Fraction(value) for value in vector)
        if rank >= CLEARED or (arena.admits(exact) and arena.exact_slack(exact) is None):
            return replace(stage, instances=instances, tightest=gap)
        instances -= not arena.admits(exact)
    return replace(stage, instances=instances, tightest=max(tightest, 0.0) if stage.suspects else tightest)


def _refutation(arena: Arena, vector: Exact, stage: str, budget: Budget) -> Outcome:
    instance = arena.instance(vector)
    slack, _ = slack_and_scale(arena.form, instance)
    result: Any = arena.form.slack(instance)
    sides = dict(zip(("left", "right"), map(shown, result), strict=True)) if isinstance(result, tuple) else {}
    evidence: dict[str, Any] = {
        "claim": arena.form.says,
        "counterexample": {name: shown(value) for name, value in instance.items()},
        **sides,
        "slack": shown(slack),
        "assumptions": {assumption.name: "holds exactly" for assumption in arena.form.domain},
        "dimension": arena.sizes["D"],
        "seed": budget.seed,
        "trust": list(trust("numpy", "hypothesis", "scipy")),
    }
    return Outcome("refuted", f"search ({stage}), rechecked exactly", evidence, str(arena.sizes["D"]))


def _support(form: ForAll, seen: Sequence[tuple[Arena, Stage]], budget: Budget) -> Outcome:
    counts: dict[str, int] = {}
    for _, stage in seen:
        counts[stage.name] = counts.get(stage.name, 0) + stage.instances
    tightest = min(stage.tightest for _, stage in seen)
    checked = [arena.admits(tuple(Fraction(v) for v in vector)) for arena, stage in seen for vector in stage.sample]
    if (doubt := _doubt(tightest, checked)) is not None:
        return Outcome("unsettled", "search", {"why": doubt, "claim": form.says, "seed": budget.seed})
    dimensions = list(dict.fromkeys(arena.sizes["D"] for arena, _ in seen))
    evidence = {
        "claim": form.says,
        "domain": {assumption.name: assumption.says for assumption in form.domain},
        "instances": counts,
        "dimensions": dimensions,
        "assumptions_met": f"by {sum(checked)} of {len(checked)} instances that were checked exactly",
        "tightest": "0 (within 1e-9)" if abs(tightest) < ROUNDING else f"{tightest:.2e}",
        "seed": budget.seed,
        "trust": list(trust("numpy", "hypothesis", "scipy")),
    }
    return Outcome("supported", "search", evidence, ", ".join(map(str, dimensions)))


def _doubt(tightest: float, checked: Sequence[bool]) -> str | None:
    """What keeps a search that refuted nothing from supporting the claim."""
    if not np.isfinite(tightest):
        return "the slack is defined for no instance"
    if not any(checked):
        return "no instance meets the assumptions exactly"
    if tightest < -ROUNDING:
        return f"a slack of {tightest:.2e} that exact arithmetic does not confirm"
    return None


# Stages


def _stage(name: str, arena: Arena, vectors: Iterable[Sequence[Any]]) -> Stage:
    graded = [(arena.gap(vector), vector) for vector in vectors]
    suspects = sorted(((gap, vector) for gap, vector in graded if gap < -ROUNDING), key=lambda pair: pair[0])
    sample = tuple(vector for _, vector in graded[:: len(graded) // SAMPLE + 1])
    tightest = min((gap for gap, _ in graded), default=float("inf"))
    return Stage(name, len(graded), tightest, tuple(suspects), sample)


def _rng(arena: Arena, budget: Budget) -> np.random.Generator:
    return np.random.default_rng([budget.seed, arena.sizes["D"], arena.sizes["K"]])


def corners(arena: Arena, budget: Budget) -> Stage:
    """Fields at the ends of their boxes, at 0 and 1, opposite in sign, or zero but for one coordinate."""
    rng = _rng(arena, budget)
    vectors = [
        [value for field, start, end in arena.spans for value in _corner(field, end - start, rng)]
        for _ in range(budget.instances)
    ]
    return _stage("corners", arena, vectors)


def _corner(field: Field, count: int, rng: np.random.Generator) -> list[Fraction]:
    levels = _levels(field.low, field.high)
    first, second = (levels[int(i)] for i in rng.integers(0, len(levels), 2))
    pattern = int(rng.integers(0, 4))
    lone = int(rng.integers(0, count)) if count else 0
    scattered = rng.integers(0, len(levels), count).tolist()
    if pattern == 0:
        return [first] * count
    if pattern == 1:
        return [first if i % 2 else second for i in range(count)]
    if pattern == 2:
        return [first if i == lone else second for i in range(count)]
    return [levels[i] for i in scattered]


@cache
def _levels(low: float, high: float) -> tuple[Fraction, ...]:
    ends = Fraction(low), Fraction(high)
    return (*ends, *(value for value in (Fraction(0), Fraction(1), Fraction(-1)) if ends[0] <= value <= ends[1]))


def floats(arena: Arena, budget: Budget) -> Stage:
    """Uniform floats in the box."""
    low, high = (np.array(side) for side in zip(*arena.bounds, strict=True))
    draws = _rng(arena, budget).uniform(low, high, (budget.instances, len(low)))
    return _stage("random floats", arena, draws.tolist())


def fractions(arena: Arena, budget: Budget) -> Stage:
    """Small exact fractions from Hypothesis, which moves them towards small slack."""
    seen: list[Sequence[Fraction]] = []

    @seed(budget.seed)
    @settings(
        max_examples=max(1, budget.instances // 3),
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.target),
        suppress_health_check=list(HealthCheck),
    )
    @given(vectors(arena))
    def probe(vector: tuple[Fraction, ...]) -> None:
        seen.append(vector)
        gap = arena.gap(vector)
        target(-gap if np.isfinite(gap) else -1e6)

    probe()
    return _stage("small fractions", arena, seen)


def vectors(arena: Arena) -> st.SearchStrategy[tuple[Fraction, ...]]:
    """Vectors of small fractions inside the box."""
    return st.tuples(*(st.sampled_from(ladder(low, high)) for low, high in arena.bounds))


def ladder(low: float, high: float) -> tuple[Fraction, ...]:
    """Short fractions of a box, shortest first; fewer than a hundred, so that Hypothesis draws no stray constants."""
    inside = tuple(value for value in LADDER if Fraction(low) <= value <= Fraction(high))
    return inside or (Fraction(low), Fraction(high))


def optimised(arena: Arena, budget: Budget) -> Stage:
    """SciPy's differential evolution on the box."""
    from scipy.optimize import differential_evolution  # costs start-up time

    seen: list[list[float]] = []

    def objective(vector: np.ndarray) -> float:
        seen.append(vector.tolist())
        # rounding hides the last bits, which differ between machines, from the optimiser's decisions
        return round(min(arena.gap(vector.tolist()), 1e6), 9)

    rng = _rng(arena, budget)
    differential_evolution(objective, arena.bounds, maxiter=budget.generations, popsize=4, tol=0, polish=False, rng=rng)
    return _stage("global optimiser", arena, seen)


# From a float to a small exact counterexample


def first_exact(arena: Arena, suspects: Iterable[Sequence[Any]]) -> Exact | None:
    """The first suspect that is a counterexample in exact arithmetic too, at its shortest fractions."""
    return next((v for suspect in suspects for v in roundings(arena, suspect) if arena.violated(v)), None)


def roundings(arena: Arena, vector: Sequence[Any]) -> Iterator[Exact]:
    """A vector at fractions of larger and larger denominators, inside the box."""
    exact = [Fraction(value) for value in vector]
    for denominator in DENOMINATORS:
        yield tuple(
            min(max(value.limit_denominator(denominator), Fraction(low)), Fraction(high))
            for value, (low, high) in zip(exact, arena.bounds, strict=True)
        )


def shrunk(arena: Arena, vector: Exact) -> tuple[Arena, Exact]:
    """A counterexample that no single step makes smaller: a dimension or an atom less, or one entry shorter."""
    for smaller, shorter in _fewer(arena, vector):
        if smaller.violated(shorter):
            return shrunk(smaller, shorter)
    for _ in range(4):
        before, vector = vector, _shorter(arena, vector)
        if before == vector:
            break
    return arena, vector


def _fewer(arena: Arena, vector: Exact) -> Iterator[tuple[Arena, Exact]]:
    for letter, count in arena.sizes.items():
        if count > 1:
            smaller = replace(arena, sizes={**arena.sizes, letter: count - 1})
            yield from ((smaller, _without(arena, vector, letter, index)) for index in range(count))


def _without(arena: Arena, vector: Exact, letter: str, index: int) -> Exact:
    kept: list[Fraction] = []
    for field, start, end in arena.spans:
        block = np.array(vector[start:end], dtype=object).reshape(arena.shape(field))
        for axis, size in enumerate(field.shape):
            block = np.delete(block, index, axis=axis) if size == letter else block
        kept.extend(block.ravel().tolist())
    return tuple(kept)


def _shorter(arena: Arena, vector: Exact) -> Exact:
    for index, (low, high) in enumerate(arena.bounds):
        for value in itertools.takewhile(lambda v: _size(v) < _size(vector[index]), ladder(low, high)):  # noqa: B023
            trial = (*vector[:index], value, *vector[index + 1 :])
            if arena.violated(trial):
                vector = trial
                break
    return vector


def _size(value: Fraction) -> tuple[int, int, bool]:
    return (abs(value.numerator) + value.denominator, value.denominator, value < 0)
