# make demo    see it work: the real daemon against a mail server of its own, in a minute
# make run     start it for real: make run CONFIG=config.toml
# make test    everything that must hold; installs Dovecot and PostgreSQL where they are missing
# make quick   the tests that take seconds      make lint     style and types
# make crash   two hours of kills and faults  make quality  how well it reads the labelled mails
# make bench   how fast, beside a plain ingester, and what reading costs
SHELL := /bin/bash
.DEFAULT_GOAL := help
CONFIG ?= config.toml
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input install --no-compile --constraint constraints.txt
REQUIREMENTS := pyproject.toml constraints.txt
PYTEST := MAILBOT_TEST_EVERYTHING=1 $(BIN)/python -m pytest

.PHONY: help demo run test quick lint quality weights crash bench clean

help:
	@sed -n 's/^# //p' Makefile | head -6

demo: $(VENV)/.demo
	@$(BIN)/mailbot demo

run: $(VENV)/.run
	$(BIN)/mailbot run --config $(CONFIG)

test: lint
	@tests/setup.sh servers
	$(PYTEST) -n 2 --dist loadscope --no-loadscope-reorder -m "not long"

quick: $(VENV)/.test
	$(BIN)/python -m pytest -q -n 2 -m "not long and not slow"

lint: $(VENV)/.test
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --check --quiet
	$(BIN)/mypy

# CRASH_SECONDS of each of the three storms
crash: $(VENV)/.test
	@tests/setup.sh servers
	MAILBOT_CRASH_SECONDS=$(or $(CRASH_SECONDS),600) $(PYTEST) -m long tests/crash

mutants: $(VENV)/.test
	@tests/setup.sh servers
	$(BIN)/python -m tests.crash.mutants

quality: $(VENV)/.test
	$(BIN)/python tests/corpus/quality.py

weights: $(VENV)/.test
	$(BIN)/python tests/corpus/learn.py

bench: $(VENV)/.test
	$(BIN)/python -m bench.reading
	$(BIN)/python -m bench.impact
	$(BIN)/python -m bench.road

clean:
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis

# One environment; a stamp for each set of packages that is in it. The larger set holds the smaller.
$(BIN)/python:
	@tests/setup.sh venv $(VENV)

$(VENV)/.run: $(REQUIREMENTS) | $(BIN)/python
	@echo "installing mailbot into $(VENV) ..."
	@$(PIP) --editable .
	@touch $@

$(VENV)/.demo: $(REQUIREMENTS) | $(BIN)/python
	@echo "installing mailbot and its demonstration into $(VENV) ..."
	@$(PIP) --editable '.[demo]'
	@touch $(VENV)/.run $@

$(VENV)/.test: $(REQUIREMENTS) | $(BIN)/python
	@echo "installing mailbot and its tests into $(VENV) ..."
	@$(PIP) --editable '.[test]'
	@touch $(VENV)/.run $(VENV)/.demo $@
