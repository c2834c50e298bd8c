"""What a claim is: its logical form, its assumptions, and the verdict a machine returns for it.

A statement is built by one function, registered under the paper's id:

    @statement("eq-65", source="App. H, (65)", uses=["eq-4"])
    def saturation():
        return Identity(F**2 - G**2, q_plus * q_minus)

The function returns the logical form alone; `settle.settle` turns it into a `Verdict`. Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, NamedTuple

import sympy as sp

from .validate import one_of

LIFTS = ("lib-lift-sum", "lib-lift-elementwise", "lib-lift-weighted-norm", "lib-lift-maximum")
"""The rules that take a claim from one coordinate to vectors; each is itself a statement, which must be proved."""

Status = Literal["proved", "refuted", "supported", "unsettled"]
Judgement = Literal["slip", "gap", "error"]
Instance = Mapping[str, Any]


@dataclass(frozen=True)
class Field:
    """A block of real numbers that an instance is drawn from: name, shape and box [low, high].

    A letter in `shape` is a dimension shared by all fields of a domain ("D" for weights, "K" for noise atoms).
    """

    name: str
    shape: tuple[str | int, ...]
    low: float
    high: float


@dataclass(frozen=True)
class Assumption:
    """One hypothesis with three faces, so that prover, falsifier and recheck mean the same thing by it.

    constraint: what a solver gets (SymPy relations; empty where the hypothesis is about whole objects).
    holds: the exact predicate a counterexample is checked with, on rationals; by default `constraint`.
    fields, build: how instances are drawn. `build` maps the values of the fields (and of the assumptions before it) to
        further named values in plain arithmetic, so that it runs on floats and on exact rationals alike.
    """

    name: str
    says: str
    constraint: tuple[sp.Basic, ...] = ()
    holds: Callable[[Instance], bool] | None = None
    fields: tuple[Field, ...] = ()
    build: Callable[[Instance], Instance] | None = None


@dataclass(frozen=True)
class Identity:
    """left = right wherever `given` holds; expressions, or matrices of one shape.

    Symbols that do not commute stand for matrices: then the identity holds in every dimension, and takes no `given`.
    Lifted by lib-lift-elementwise it is the equality of two vectors: of their entries in every coordinate.
    Raises ValueError for a `lift` that is not one of `LIFTS`, and for assumptions on matrices.
    """

    left: sp.Basic
    right: sp.Basic
    given: tuple[sp.Basic, ...] = ()
    lift: str | None = None

    def __post_init__(self) -> None:
        _check_lift(self.lift)
        if self.given and any(has_matrices(side) for side in (self.left, self.right)):
            raise ValueError(f"given={self.given}: must be empty for an identity of symbols that do not commute")


@dataclass(frozen=True)
class Implication:
    """`claim` follows from `given`, for all real values of the symbols (polynomials with |.|, min, max).

    Lifted by lib-lift-elementwise the claim about vectors is the conjunction over the coordinates of `claim`, with
    `given` in every coordinate. By lib-lift-weighted-norm or lib-lift-maximum, `claim` is |x| <= c |y| in one
    coordinate and stands for ||x|| <= c ||y|| in any weighted or in the maximum norm: c has no index. By lib-lift-sum,
    `claim` is term >= 0. Raises ValueError for a `lift` that is not one of `LIFTS`.
    """

    given: tuple[sp.Basic, ...]
    claim: sp.Basic
    lift: str | None = None

    def __post_init__(self) -> None:
        _check_lift(self.lift)


@dataclass(frozen=True)
class SumOverCoordinates:
    """sum_d term_d >= 0 in every dimension, `given` holding in each coordinate; `shared` symbols carry no index.

    It follows from term >= 0 in one coordinate by the lifting rule `lift`, itself a proved statement; a counterexample
    in one coordinate refutes it.
    """

    term: sp.Basic
    given: tuple[sp.Basic, ...]
    shared: tuple[sp.Symbol, ...] = ()
    lift: str = "lib-lift-sum"

    def __post_init__(self) -> None:
        if self.lift != "lib-lift-sum":
            raise ValueError(f"lift={self.lift!r}: must be 'lib-lift-sum' for a sum over coordinates")


def _check_lift(rule: str | None) -> None:
    if rule is not None:
        one_of("lift", rule, LIFTS)


def has_matrices(side: Any) -> bool:
    """Whether a formula has symbols that do not commute, which stand for square matrices."""
    return any(not symbol.is_commutative for symbol in getattr(side, "free_symbols", ()))


class Sides(NamedTuple):
    """Both sides of left <= right at one instance; its slack is right - left, and its scale |left| + |right|."""

    left: Any
    right: Any


class Same(NamedTuple):
    """Two values that an instance should make equal: slack -|one - other|, scale |one| + |other|."""

    one: Any
    other: Any


def difference(result: Any) -> Any:
    """What a claim's slack is when signed: right - left, one - other, or the slack itself."""
    match result:
        case Sides(left, right):
            return right - left
        case Same(one, other):
            return one - other
    return result


@dataclass(frozen=True)
class ForAll:
    """slack(instance) >= 0 for every instance of the domain that its assumptions describe.

    The slack is plain arithmetic on the instance's arrays; it runs on floats (search) and on exact rationals (recheck).
    Given as `Sides` or `Same`, it is reported with both sides, and relative to their size.
    `says` is its line in the report, for it has no symbolic form.
    """

    domain: tuple[Assumption, ...]
    slack: Callable[[Instance], Any]
    says: str
    dimensions: tuple[int, ...] = (1, 2, 3)


@dataclass(frozen=True)
class Term:
    """A formula that is >= 0 where `given` holds; `at` tells what its symbols stand for in an instance.

    `at` maps an instance to values by the symbols' names, which broadcast against each other: numbers, coordinates
    (D,), samples (K, D), probabilities (K, 1). The formula is summed over all entries.
    """

    formula: sp.Expr
    given: tuple[sp.Basic, ...]
    at: Callable[[Instance], Mapping[str, Any]]


Combination = Callable[[Instance], Iterable[tuple[Any, Instance]]]


def scaled(weight: Callable[[Instance], Any]) -> Combination:
    """The instance itself, with a weight >= 0 that depends on it."""
    return lambda instance: ((weight(instance), instance),)


_ONCE = scaled(lambda _: 1)


@dataclass(frozen=True)
class Premise:
    """Another statement, by its id, as it enters a proof: its slacks at instances of it, with weights >= 0.

    `at` tells which instances of the statement, and their weights, an instance of the proof's own claim leads to.
    Whether the slack is that of what the statement claims, and these instances are in its domain, is tried at exact
    instances; where it is not seen, as for a statement in scalars, the premise is taken as it is read, and the proof
    says so.
    """

    id: str
    slack: Callable[[Instance], Any]
    at: Combination = _ONCE

    def value(self, instance: Instance) -> Any:
        """What the premise adds to a slack at an instance."""
        return sum((weight * self.slack(there) for weight, there in self.at(instance)), Fraction(0))


@dataclass(frozen=True)
class Certified:
    """A claim left <= right over instances with its proof: the slack is the sum of the terms and the premises.

    A term is proved >= 0 by a solver for every real value of its symbols, so the claim holds in every dimension, for
    any law of the noise, and for any objective that the premises hold of. The sum is checked exactly, at instances.
    Where the claim is `Same`, one - other is the sum, and every term is proved to be 0.
    """

    claim: ForAll
    terms: tuple[Term, ...]
    premises: tuple[Premise, ...] = ()

    def __post_init__(self) -> None:
        ids = [premise.id for premise in self.premises]
        if twice := next((id for id in ids if ids.count(id) > 1), None):
            raise ValueError(f"premises={ids}: must name {twice!r} once, with the sum of what it is used for")


@dataclass(frozen=True)
class Pending:
    """Nothing is claimed yet: the verdict waits for a part of the system that is not built."""

    part: str


@dataclass(frozen=True)
class Order:
    """error = O(small**claims) (or Theta) as `small` -> 0+, decided by the leading term of a series."""

    error: sp.Expr
    small: sp.Symbol
    claims: sp.Rational
    sense: Literal["O", "Theta"] = "O"


@dataclass(frozen=True)
class MeasuredOrder:
    """The same claim where no series is at hand: the error is evaluated over instances and a range of small values.

    `error(rng, smalls)` draws one instance and returns the error at every value of `smalls`; the verdict is a slope
    with a confidence interval over instances, and the instance that is furthest off.
    """

    error: Callable[[Any, Sequence[float]], Sequence[float]]
    claims: float
    says: str
    sense: Literal["O", "Theta"] = "O"
    smalls: tuple[float, ...] = (2**-4, 2**-5, 2**-6, 2**-7, 2**-8, 2**-9)
    dimension: str = "1"


@dataclass(frozen=True)
class Measured:
    """A claim about what experiments show, settled by the findings that an experiment of ours lists under its id.

    experiment: the experiment's name, such as "figure_2"; the findings say how the words are read. dimension: that of
    what is run.
    """

    experiment: str
    says: str
    dimension: str


@dataclass(frozen=True)
class Exists:
    """Some real values satisfy `claim` and `given`: settled by an exact witness or by an obstruction."""

    claim: sp.Basic
    given: tuple[sp.Basic, ...] = ()


@dataclass(frozen=True)
class Published:
    """A number that the paper prints against the one we compute; they agree within half a unit of the last digit."""

    computed: sp.Expr
    printed: str
    unit: str = "1"


@dataclass(frozen=True)
class All:
    """Every part holds; the parts are the named steps of a chain or the items of a list."""

    parts: tuple[tuple[str, Form], ...]


Form = (
    Identity
    | Implication
    | SumOverCoordinates
    | ForAll
    | Certified
    | Order
    | MeasuredOrder
    | Exists
    | Published
    | Measured
    | Pending
    | All
)


def named_in(form: Form) -> tuple[str, ...]:
    """The ids of the lifting rules and the premises that a form names, in its parts too."""
    if isinstance(form, All):
        return tuple(dict.fromkeys(id for _, part in form.parts for id in named_in(part)))
    rule = getattr(form, "lift", None)
    return premises_of(form) if rule is None else (rule,)


def claims_of(form: Form) -> tuple[ForAll, ...]:
    """The claims over instances that a form makes, in its parts too."""
    if isinstance(form, All):
        return tuple(claim for _, part in form.parts for claim in claims_of(part))
    claim = form.claim if isinstance(form, Certified) else form
    return (claim,) if isinstance(claim, ForAll) else ()


def premises_of(form: Form) -> tuple[str, ...]:
    """The ids of the premises of a form's certificates, in its parts too."""
    if isinstance(form, All):
        return tuple(dict.fromkeys(id for _, part in form.parts for id in premises_of(part)))
    return tuple(premise.id for premise in form.premises) if isinstance(form, Certified) else ()


@dataclass(frozen=True)
class Statement:
    """A claim under its id: where the paper prints it, what it assumes and uses, its form, and what it amends.

    `judgement` and `reading` are a person's: how grave the error is that an amendment repairs, and how the words were
    read. The verdict never depends on them.
    """

    id: str
    source: str
    form: Form
    title: str = ""
    uses: tuple[str, ...] = ()
    amends: str | None = None
    judgement: Judgement | None = None
    reading: str = ""
    where: str = ""


@dataclass(frozen=True)
class Verdict:
    """What the machine found: status, the method that decided, the dimension it holds for, and replayable evidence.

    evidence holds only JSON types; exact numbers are strings such as "3/2". checks and lacks make its certificate: what
    `theory.recheck` rechecks, and what has no check, with the reason.
    """

    id: str
    source: str
    verdict: Status
    method: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    dimension: str = "1"
    amended_by: tuple[str, ...] = ()
    rests_on: tuple[str, ...] = ()
    checks: tuple[Mapping[str, Any], ...] = ()
    lacks: tuple[str, ...] = ()
