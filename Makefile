# Two commands set everything up on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Where the real data sets are, if they are here: tests that need them are skipped elsewhere.
CROSSFIX_DATA ?= $(abspath $(wildcard ../shared/data))
export CROSSFIX_DATA
# The encoders that tests of meaning use; these are skipped where pip cannot fetch them.
export MEANING_MODELS := $(abspath $(VENV))/meaning/models
# One benchmark to run, as in `make bench BENCH=speed.start`; all of them without it.
BENCH ?=

.PHONY: demo test accept browser lint bench clean

$(VENV)/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	|| { echo '$(PYTHON) is not Python 3.11 or newer. Name one: make PYTHON=python3.12 ...' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable '.[all]' --group test
	$(BIN)/crossfix meaning install --data $(VENV)/meaning \
	|| echo 'No encoders: tests of meaning will be skipped.' >&2
	touch $@

$(VENV)/.installed-demo: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable '.[guard]'
	touch $@

demo: $(VENV)/.installed-demo
	$(BIN)/crossfix demo

lint: $(VENV)/.installed-test
	$(BIN)/ruff format --check src tests benchmarks docs
	$(BIN)/ruff check src tests benchmarks docs
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	$(BIN)/pytest -n 2 --dist loadfile -m 'not accept'

accept: $(VENV)/.installed-test browser
	$(BIN)/pytest -m accept

# Where this is Debian and we are root, get a browser; elsewhere its tests say what is missing.
browser: $(VENV)/.installed-test
	$(BIN)/python -m pip install --quiet --group browser
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null \
	|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq \
	&& DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; } \
	|| echo 'No chromium: the browser tests will be skipped (apt-get install chromium).' >&2

bench: $(VENV)/.installed-test
	$(BIN)/python -m pip install --quiet --group bench
	$(BIN)/python -m benchmarks $(BENCH)

clean:
	rm -rf $(VENV) out demo .mypy_cache .ruff_cache .pytest_cache
