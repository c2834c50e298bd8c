# Each target sets itself up: a virtual environment in .venv with the versions that constraints/ pins for this Python.
PYTHON ?= python3
DEPTH ?= default
VENV := .venv
BIN := $(VENV)/bin
PYVER := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
CONSTRAINTS := $(wildcard constraints/python-$(PYVER).txt)
INSTALLED := $(VENV)/.installed-$(PYVER)
READY := $(VENV)/.ready-$(PYVER)

.PHONY: reproduce test test-all seeds lint bench constraints clean

reproduce: $(INSTALLED)
	$(BIN)/analog-theory reproduce --depth $(DEPTH)

test: $(READY)
	$(BIN)/python -m pytest -m "not slow" -n auto --dist worksteal

test-all: $(READY)
	HYPOTHESIS_PROFILE=deep $(BIN)/python -m pytest -n auto --dist worksteal

seeds: $(READY)
	$(BIN)/python -m pytest -n auto --dist worksteal tests/theory/paper/test_seeds.py

# Types are checked on the installed wheel: an editable install hides the package from type checkers.
lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/validate-pyproject pyproject.toml
	$(BIN)/sp-repo-review .
	rm -rf build/wheel build/lib build/typed
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir build/wheel .
	$(BIN)/python -m pip install --quiet --no-deps --target build/typed build/wheel/*.whl
	cp pyproject.toml build/mypy.toml
	cd build/typed && ../../$(BIN)/mypy --config-file ../mypy.toml -p analog_theory

bench: $(READY)
	$(BIN)/python benchmarks/exact.py
	$(BIN)/python benchmarks/pulses.py
	$(BIN)/python benchmarks/engine.py

# Needs uv and the registries; every file pins all that pyproject.toml asks for, for one Python.
constraints:
	for version in 3.11 3.12 3.13; do \
		uv pip compile --quiet --python-version $$version --no-header --no-emit-index-url --no-annotate \
			--all-extras --output-file constraints/python-$$version.txt pyproject.toml || exit 1; \
	done

clean:
	rm -rf $(VENV) build dist *.egg-info .analog-theory .pytest_cache .ruff_cache .mypy_cache .import_linter_cache

$(INSTALLED): pyproject.toml $(CONSTRAINTS)
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "PYTHON=$(PYTHON) must be Python 3.11 or newer")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[proofs]' $(addprefix --constraint ,$(CONSTRAINTS))
	touch $@

$(READY): $(INSTALLED)
	$(BIN)/python -m pip install --quiet --editable '.[dev,proofs]' $(addprefix --constraint ,$(CONSTRAINTS))
	touch $@
