# make setup | run | test | check | proof [NAME] | lock        (they need Python 3.11 or newer and make)
PYTHON ?= python3
BOOTSTRAP = $(PYTHON) -I tools/bootstrap.py
BIN = .venv/bin

.PHONY: setup setup-dev run test check coverage-floor proof lock
.DEFAULT_GOAL := setup

setup:
	@$(BOOTSTRAP)

setup-dev:
	@$(BOOTSTRAP) --dev

run: setup
	@exec $(BIN)/zyn run

test: setup-dev
	@$(BIN)/python -m pytest -n 3 --dist worksteal --cov --cov-report=term $(ARGS)

check: setup-dev
	@$(BIN)/ruff format --check bot core web tests tools benchmarks
	@$(BIN)/ruff check bot core web tests tools benchmarks
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -q tests/house $(ARGS)

coverage-floor: setup-dev
	@$(BIN)/python tools/coverage_floor.py

# `make proof` lists the campaigns; `make proof NAME` runs or resumes one.
proof: setup-dev
	@$(BIN)/python -m tools.proof $(filter-out $@,$(MAKECMDGOALS))

ifeq (proof,$(firstword $(MAKECMDGOALS)))
%:
	@:
endif

lock: setup-dev
	@$(BIN)/python tools/lock.py
