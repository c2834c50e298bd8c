from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from analog_theory.theory import validate


@pytest.mark.parametrize(
    ("given", "exact"),
    [
        (0.1, (1, 10)),
        ("0.1", (1, 10)),
        ("-7/2", (-7, 2)),
        (3, (3, 1)),
        (Fraction(2, 6), (1, 3)),
        (sp.Rational(1, 3), (1, 3)),
        (np.float64(0.25), (1, 4)),
        (np.int64(4), (4, 1)),
        (1e-4, (1, 10000)),
    ],
)
def test_rational_is_the_number_as_written(given, exact):
    assert validate.rational("x", given) == sp.Rational(*exact)


@pytest.mark.parametrize(
    "given", [True, np.True_, float("nan"), float("inf"), "1/0", "one", None, sp.sqrt(2), sp.oo, 1j]
)
def test_rational_refuses_what_is_no_rational(given):
    with pytest.raises(ValueError, match=r"^x=.*must be a finite number"):
        validate.rational("x", given)


def test_positive_returns_its_value_unchanged():
    tau = sp.Symbol("tau", positive=True)
    assert [validate.positive("x", v) for v in (2, 0.5, tau)] == [2, 0.5, tau]


@pytest.mark.parametrize("given", [0, -1, float("nan"), float("inf"), True, "1", sp.Symbol("x"), sp.S.Zero])
def test_positive_refuses_the_rest(given):
    with pytest.raises(ValueError, match=r"tau=.*: must be > 0"):
        validate.positive("tau", given)


def test_integer_takes_whole_numbers_of_any_library():
    assert [validate.integer("n", v) for v in (1, np.int32(5), sp.Integer(7))] == [1, 5, 7]
    assert type(validate.integer("n", np.int32(5))) is int


@pytest.mark.parametrize("given", [0, -3, 1.0, "2", True, None])
def test_integer_refuses_the_rest(given):
    with pytest.raises(ValueError, match=r"steps=.*must be an integer >= 1"):
        validate.integer("steps", given)


def test_finite_array_names_the_entry_that_is_not():
    with pytest.raises(ValueError, match=r"A\[0, 1\]=nan: must be finite"):
        validate.finite_array("A", [[1, np.nan]])


def test_finite_array_tells_both_shapes():
    with pytest.raises(ValueError, match=r"b.shape=\(3,\): must be \(2,\)"):
        validate.finite_array("b", [1, 2, 3], (2,))
    assert validate.finite_array("A", [[1, 2]], (None, 2)).shape == (1, 2)


def test_finite_array_does_not_share_memory_with_its_argument():
    given = np.zeros(2)
    validate.finite_array("b", given)[0] = 1
    assert given[0] == 0


def test_one_of_guesses_what_was_meant():
    assert validate.one_of("id", "lemma-3", ["lemma-3"]) == "lemma-3"
    with pytest.raises(ValueError, match="id='lema-3': must be one of lemma-3, eq-5; did you mean 'lemma-3'"):
        validate.one_of("id", "lema-3", ["lemma-3", "eq-5"])
