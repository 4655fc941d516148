# The words: install run test test-browser lint types bench figures docs (and lock). Every word makes .venv first when it is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
EXPERIMENT ?= config/experiments/plan-2026.yaml
# Which tests run, as a pytest mark expression; `make test MARKS=` runs the slow ones too.
MARKS ?= not slow
# How pytest runs them: TESTS="-n 2 --dist loadfile" shares them out to two processes.
TESTS ?=
# Python of `make test-newest`; empty: the newest found.
NEWEST ?=
# What `make figures` runs.
SMALL := chain-chiefs chains-alone cold-storage criticality infrastructure-timing permits-and-housing shocks slaughter-or-live-sales training
# The kinds of file people write themselves.
SCHEMAS := chain experiment policies sources

.DEFAULT_GOAL := help
.PHONY: help install run test test-browser test-newest soak lint types bench figures docs lock

help: ## list the words
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

install: $(STAMP) ## make .venv from requirements.lock

$(STAMP): requirements.lock pyproject.toml setup.py
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not installed; Python 3.11 or newer is needed: make PYTHON=/path/to/python3 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$$($(PYTHON) --version) is too old; Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make a virtual environment; on Debian and Ubuntu: sudo apt-get install python3-venv" >&2; exit 1; }
	@echo "making $(VENV) from requirements.lock (once; a few minutes on a slow line)" >&2
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@echo "compiling the loops of the model (once)" >&2
	@$(BIN)/pingliang audit --experiment plan-2026 --scale 0.001 --months 1 >/dev/null
	@touch $@

run: $(STAMP) ## run the plan experiment and write its report (EXPERIMENT=FILE for another)
	@$(BIN)/pingliang run $(EXPERIMENT)

test: $(STAMP) ## run the quick tests (MARKS= for all)
	$(BIN)/pytest -m "$(MARKS)" $(TESTS)

soak: $(STAMP) ## run 200 runs in seven ways, killed and resumed: the same bits (half an hour or more)
	$(BIN)/python tests/soak.py

test-newest: ## run the core tests with the newest Python and Mesa 3 here (NEWEST=PYTHON for another)
	@newest=$(NEWEST); \
	if [ -z "$$newest" ]; then for version in 3.14 3.13 3.12; do python$$version -c 'import venv, ensurepip' 2>/dev/null && newest=python$$version && break; done; fi; \
	[ -n "$$newest" ] || { echo "no Python newer than 3.11 here; nothing to test (NEWEST=/path/to/python for another)" >&2; exit 0; }; \
	$$newest -m venv .venv-newest && \
	.venv-newest/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all: -r requirements.lock && \
	.venv-newest/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --upgrade 'mesa>=3.3,<4' && \
	.venv-newest/bin/python -W error::DeprecationWarning:mesa -m pytest -m "$(MARKS)" tests/agents tests/runs

test-browser: $(STAMP) ## open report, comparison and brief in Chromium (Debian: apt-get install chromium)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: -r requirements-browser.lock
	$(BIN)/pytest tests/browser

lint: $(STAMP) ## check style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP) ## check types
	$(BIN)/mypy

bench: $(STAMP) ## measure speed and memory
	$(BIN)/python bench/run.py

figures: $(STAMP) ## run the small set of experiments (few replicates, small scale) with their reports, and draw the supply picture
	@$(BIN)/pingliang graph
	@for name in $(SMALL); do \
		report=$$($(BIN)/pingliang run config/experiments/$$name.yaml --replicates 2 --scale 0.003) || exit 1; \
		echo "$$report"; $(BIN)/pingliang compare "$$(dirname "$$report")" || exit 1; \
	done

docs: $(STAMP) ## write config/schemas/ (by which editors check YAML files) and docs/accounts.md again
	@mkdir -p config/schemas
	@for kind in $(SCHEMAS); do \
		$(BIN)/pingliang schema $$kind > $(VENV)/schema.json && mv $(VENV)/schema.json config/schemas/$$kind.json || exit 1; \
	done
	@$(BIN)/pingliang accounts --page > $(VENV)/accounts.md && mv $(VENV)/accounts.md docs/accounts.md

lock: ## resolve requirements.lock again (needs uv)
	uv pip compile --universal --python-version 3.11 --upgrade --no-emit-index-url --no-header --no-annotate --extra dev --extra experiments --output-file requirements.lock pyproject.toml
