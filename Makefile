# Everything a person does here. `make` alone prints the targets.

PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo story test check format coverage mutate bench bench-peers eval cold-start

help: ## print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

setup: $(READY) ## make .venv with everything in it, once

$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "labjournal needs Python 3.11 or later on the PATH (or: make PYTHON=/path/to/python)."; exit 1; }
	@echo "Setting up .venv with $(PYTHON); this takes a few minutes, once."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,experiments,serve]'
	@touch $@

demo: $(READY) ## train a small network, fill a demo journal with it, and open it
	@$(BIN)/journal demo

story: $(READY) ## a day with the journal in a folder that is thrown away: papers, training, a crash, the evening
	@$(BIN)/python -m tests.story

test: $(READY) ## run the tests, on two cores
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile

check: $(READY) ## format, lint, types, import contracts
	@$(BIN)/ruff format --check --quiet . || { echo "Not formatted: run 'make format'."; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: $(READY) ## format the code and mend what the linter can
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

coverage: $(READY) ## branch coverage of the core
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest -q
	@$(BIN)/coverage combine --quiet || true # a test kills processes, which leave half a file
	@$(BIN)/coverage report

mutate: $(READY) ## deliberate mistakes in migrate, spool and store, each of which a test must see
	@$(BIN)/python -m tests.mutate

bench: $(READY) ## speed, each beside its floor in the same run, as ratios
	@$(BIN)/python -m tests.bench

bench-peers: $(READY) ## the same tasks beside newsboat and lemon24/reader, which it installs under build/
	@$(BIN)/python -m tests.bench.peers

eval: $(READY) ## quality: what the reference experiments reach, beside the published figures
	@$(BIN)/python -m tests.eval

cold-start: $(READY) ## what starting each command costs and loads
	@$(BIN)/python -m tests.bench.cold_start
