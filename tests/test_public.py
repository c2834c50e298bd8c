"""The flat public namespace: every name there is importable, documented, and listed for type checkers."""

import subprocess
import sys

import analog_theory
import pytest


@pytest.mark.parametrize("name", sorted(analog_theory.__all__))
def test_a_public_name_is_importable_and_documented(name):
    value = getattr(analog_theory, name)
    assert (value.__doc__ or "").strip()
    assert value.__module__.startswith("analog_theory.")


def test_importing_the_package_loads_no_library():
    code = "import sys, analog_theory; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"sympy", "numpy", "scipy", "xarray", "matplotlib", "z3", "hypothesis"} & set(loaded.split())
