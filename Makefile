# Two commands matter: `make demo` shows the whole story, `make test` proves it. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ROOMS := server sync conflict offline_bundles notifications
WORKERS ?= 2
# A file's tests share servers, so they share a worker; files in the order that tests/conftest.py gives them.
SPREAD := --dist loadfile --no-loadscope-reorder

PWA_SOURCES := $(shell find pwa/src pwa/public pwa/*.html pwa/*.ts -type f 2>/dev/null)

.PHONY: help setup demo serve test check bench types lock licences clean system

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.ready pwa/dist/.ready ## make the Python environment and build the app

demo: setup ## pack the sample course, make people and codes, and serve everything on one port
	$(BIN)/tiffin demo

serve: setup ## serve what is there
	$(BIN)/tiffin serve

test: system setup check-app ## every test, with real servers and a real browser (installs them from apt)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n $(WORKERS) $(SPREAD)

check: $(VENV)/.ready pwa/node_modules/.ready check-app ## fast: lint, types, and the tests that need no server and no browser
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -q -n $(WORKERS) $(SPREAD) -m "not browser and not servers and not slow"

.PHONY: check-app
check-app: $(VENV)/.ready pwa/node_modules/.ready
	cd pwa && npx tsc --noEmit && npx vitest run

.PHONY: simulate
simulate: $(VENV)/.ready ## more simulated worlds than the tests run: SEEDS=500 FIRST_SEED=1 WORLDS=small
	SEEDS=$(or $(SEEDS),500) FIRST_SEED=$(or $(FIRST_SEED),1) WORLDS=$(or $(WORLDS),small) $(BIN)/python -m tests.simulation

.PHONY: fuzz
fuzz: $(VENV)/.ready ## throw mutated requests at the door and at every route: SECONDS=60 SEED=1
	SECONDS_OF_FUZZING=$(if $(filter command% environment,$(origin SECONDS)),$(SECONDS),60) SEED=$(SEED) $(BIN)/python -m tests.fuzz

bench: setup system ## measure every budget: lines of `figure NAME VALUE UNIT`; PHONES=5000 for a smaller crowd than 40,000
	$(BIN)/python -m benchmarks

types: $(VENV)/.ready pwa/node_modules/.ready ## write the OpenAPI description and the app's types made from it
	$(BIN)/tiffin openapi > pwa/src/api/openapi.json.new
	mv pwa/src/api/openapi.json.new pwa/src/api/openapi.json
	cd pwa && npm run types

lock: $(VENV)/.ready ## compile requirements.lock and the app's lock file anew
	$(BIN)/pip install -q uv
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
		--all-extras --python-version 3.11 pyproject.toml -o requirements.lock
	cd pwa && npm install --package-lock-only

licences: $(VENV)/.ready pwa/node_modules/.ready ## list the licences of what is shipped
	$(BIN)/python deploy/list_licences.py > docs/licences.md

system: ## install Chromium, PostgreSQL, Redis, nginx, Caddy and systemd from apt, where they are missing
	@deploy/install-system-packages

clean: ## remove what was built, not what was learned
	rm -rf $(VENV) pwa/node_modules pwa/dist build *.egg-info

$(VENV)/.ready: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

pwa/node_modules/.ready: pwa/package-lock.json
	cd pwa && npm ci --no-audit --no-fund
	touch $@

pwa/dist/.ready: pwa/node_modules/.ready $(PWA_SOURCES)
	cd pwa && npm run build
	touch $@
