# The few habits of this project. `make run` on a fresh machine makes the report; `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
CORES ?= 4
VENV := .venv
BIN := $(VENV)/bin
unexport PYTHONDONTWRITEBYTECODE
unexport PYTHONPATH
export OMP_NUM_THREADS := 1

.PHONY: setup setup-dev run test lint oracle docs rulegraph wheelhouse fuzz bench clean help

setup: $(VENV)/.run ## make .venv from requirements.lock
setup-dev: $(VENV)/.dev ## the same with what tests and reconstruction need

$(BIN)/python:
	@if ! $(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))'; then \
	  echo "Python 3.11 to 3.13 is needed; set PYTHON=... to one"; exit 1; fi
	@if ! $(PYTHON) -m venv $(VENV); then rm -rf $(VENV); \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
	    apt-get update -qq && apt-get install -y -qq python3-venv && $(PYTHON) -m venv $(VENV); \
	  else echo "This Python has no venv module; on Debian: apt install python3-venv"; exit 1; fi; fi

$(VENV)/.run: requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q -j 2 $(VENV)/lib src > /dev/null || true
	MPLCONFIGDIR=$(VENV)/.matplotlib $(BIN)/python -W ignore -c 'import matplotlib.font_manager'
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m compileall -q -j 2 $(VENV)/lib > /dev/null || true
	@touch $@

run: setup ## run the pipeline on the extracts in data/raw and make the report
	$(BIN)/snakemake --cores $(CORES)

test: setup-dev ## all tests; those that need R or Chromium skip with a reason where they are not installed
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: setup-dev ## style, types and the floors of the architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/mypy
	$(BIN)/lint-imports
	@if git rev-parse --git-dir > /dev/null 2>&1; then git ls-files -z | xargs -0 $(BIN)/python workflow/refuse_data.py; fi

oracle: setup-dev ## compute the reference results anew in R and fail on any difference
	CI=true $(BIN)/python -m pytest tests/oracle

docs: setup-dev ## build this documentation as a site that opens without network: site/index.html
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

rulegraph: setup ## draw the rule graph of the documentation anew
	$(BIN)/snakemake --rulegraph mermaid-js 2> /dev/null | $(BIN)/python docs/rulegraph.py > docs/rulegraph.svg

wheelhouse: setup-dev ## all that an environment without internet needs to install it, in wheelhouse/
	rm -rf wheelhouse
	$(BIN)/python -m pip download -q --disable-pip-version-check --require-hashes --dest wheelhouse -r requirements.lock
	$(BIN)/python -m pip download -q --disable-pip-version-check --dest wheelhouse setuptools wheel  # one package has no wheel
	$(BIN)/python -m pip wheel -q --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir wheelhouse .
	cp requirements.lock wheelhouse/

fuzz: setup-dev ## 5,000 damaged extracts and 1,000 drawn by Hypothesis: each is refused with a reason or changes nothing unseen
	$(BIN)/python -m tests.fuzz
	$(BIN)/python -m pytest tests/fuzz -k hypothesis --hypothesis-profile=fuzz

bench: setup-dev ## validate a million police rows (fails over 20 seconds or 2 GB); the whole run, with ratio (over 30 seconds)
	$(BIN)/python -m tests.bench

clean: ## remove results and processed data, never raw extracts
	rm -rf results data/processed .snakemake

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12
