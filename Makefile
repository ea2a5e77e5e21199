# Two commands are all a fresh clone needs: `make demo` and `make test`. Both set themselves up.
SHELL := /bin/sh
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes
WORKERS ?= 2
# Files in their order, so that a failure comes back; `make test ORDER=` shuffles them.
ORDER ?= -p no:randomly

# Modules are compiled once for the hundreds of processes that tests start, whatever this shell does.
test check fast: export PYTHONDONTWRITEBYTECODE =

.DEFAULT_GOAL := help
.PHONY: help demo test check lint fast bench clean

help: ## Show these lines
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: $(VENV)/runtime.done ## Build the demo shop (first time) and serve its dashboard
	$(BIN)/ordersight demo

test: $(VENV)/test.done lint ## Run everything: lint, types, contracts, all tests on SQLite and PostgreSQL, a real browser
	$(BIN)/python -m pytest $(ORDER) -n $(WORKERS) --dist loadfile --no-loadscope-reorder

check: $(VENV)/test.done lint fast ## Lint, types, contracts and the fast tests

lint: $(VENV)/test.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fast: $(VENV)/test.done
	$(BIN)/python -m pytest -n $(WORKERS) -m "not slow and not browser" tests

bench: $(VENV)/test.done ## Measure us and peers side by side (BENCH=name for one)
	$(BIN)/ordersight bench $(or $(BENCH),--all)

clean: ## Remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info

# The virtual environment is made once for each lock file; what is installed is exactly what was locked.
$(VENV)/python.done:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it, or say make PYTHON=/path/to/python3.11"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than Python 3.11: say make PYTHON=/path/to/python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/runtime.done: $(VENV)/python.done requirements.lock pyproject.toml
	@echo "Installing what is locked (about two minutes the first time) ..."
	$(PIP) --requirement requirements.lock
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/test.done: $(VENV)/python.done requirements-test.lock pyproject.toml
	@echo "Installing what is locked for tests (about two minutes the first time) ..."
	$(PIP) --requirement requirements-test.lock
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/runtime.done
