"""Claims: one true, one false with its amendment, one that rests on the false one, one that waits."""

from analog_theory import Identity, Implication, Registry, symbol
from analog_theory.theory.statement import Pending

registry = Registry(ids=("eq-1", "lemma-1", "eq-2", "theorem-1", "eq-9", "eq-10"))
x, y = symbol("x"), symbol("y")


def index():
    columns = ("id", "same_as", "kind", "place", "needs_verdict", "needs_part")
    rows = [
        ("eq-1", "", "identity", "sec. 1", "yes", ""),
        ("lemma-1", "eq-2", "inequality", "sec. 1", "yes", ""),
        ("theorem-1", "", "bound", "sec. 2", "yes", ""),
        ("eq-9", "", "bound", "sec. 2", "yes", "pulses"),
        ("eq-10", "", "bound", "app. A, proof", "yes", ""),
        ("text-1", "", "informal claim", "sec. 2", "no", ""),
    ]
    return [dict(zip(columns, row, strict=True)) for row in rows]


@registry.statement("eq-1", source="Sec. 1, (1)")
def binomial():
    """The square of a sum."""
    return Identity((x + y) ** 2, x**2 + 2 * x * y + y**2)


@registry.statement("lemma-1", source="Sec. 1, Lemma 1")
def grows():
    """Squares are not less than their roots."""
    return Implication(given=(x >= 0,), claim=x**2 >= x)


@registry.statement("lemma-1.amended-1", source="Sec. 1, Lemma 1", amends="lemma-1", judgement="gap")
def grows_from_one_on():
    """Squares are not less than their roots from 1 on."""
    return Implication(given=(x >= 1,), claim=x**2 >= x)


@registry.statement("theorem-1", source="Sec. 2, Theorem 1", uses=["lemma-1"])
def bounded():
    """A consequence."""
    return Implication(given=(x >= 1,), claim=x**2 + 1 >= x)


@registry.statement("eq-9", source="Sec. 2, (9)")
def pulsed():
    """What pulses do."""
    return Pending("pulses")
