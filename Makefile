# Two commands set everything up on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CROSSFIX_DATA ?= $(wildcard ../shared/data)
export CROSSFIX_DATA

.PHONY: demo test accept lint bench clean

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable '.[all]' --group test
	touch $@

demo: $(VENV)/.installed
	$(BIN)/crossfix demo

lint: $(VENV)/.installed-test
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	$(BIN)/pytest -n 2 -m 'not accept'

accept: $(VENV)/.installed-test
	$(BIN)/pytest -m accept

bench: $(VENV)/.installed-test
	$(BIN)/python -m pip install --quiet --group bench
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) out demo .mypy_cache .ruff_cache .pytest_cache
