# `make` lists the targets. `make demo` and `make test` set a fresh Debian or Ubuntu up by themselves.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
SETUP := $(PYTHON) tools/setup.py
SOURCES := provider tests tools examples benchmarks
LANGUAGES := python nodejs go
NOT_GENERATED := '*.egg-info' __pycache__ build bin node_modules package-lock.json go.mod go.sum

.DEFAULT_GOAL := help
.PHONY: help demo test faults mutants bench check format schema sdk docs lock dist clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## The main job: certificates through a real engine and a real DNS server, shown in a table
	@$(SETUP) venv debian engine
	@$(BIN)/python -m tools.demo

test: ## Everything CI runs: set-up, checks, all tests
	@$(SETUP) venv debian test-debian engine verifiers foreign languages
	@$(MAKE) --no-print-directory check
	@PATH="$(CURDIR)/.tools/bin:$$PATH" $(BIN)/python -m pytest -n 2 --dist worksteal

faults: ## Every fault in full: hundreds of kills, crowds of stacks (hours, with progress)
	@$(SETUP) venv debian test-debian engine
	@PATH="$(CURDIR)/.tools/bin:$$PATH" CERTWRIGHT_FAULT_POINTS=$${CERTWRIGHT_FAULT_POINTS:-42} $(BIN)/python -m pytest tests/faults tests/core/test_model.py -v -n 2 --dist worksteal

mutants: ## Mutation testing of the security core: a table, and 1 below 90 % killed (minutes)
	@$(SETUP) venv
	@$(BIN)/python -m tools.mutants

bench: ## Measure speed and memory beside a floor: a table, and benchmarks/results.json (up to 15 minutes)
	@$(SETUP) venv debian engine
	@PATH="$(CURDIR)/.tools/bin:$$PATH" $(BIN)/python -m benchmarks

check: ## Format, lint, types, imports, schema and SDK up to date (seconds)
	@$(SETUP) venv sdkgen
	@$(BIN)/ruff format --check --quiet $(SOURCES) || { echo "Run: make format"; exit 1; }
	@$(BIN)/ruff check --quiet $(SOURCES)
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports
	@$(BIN)/python -m certwright.resources.schema | diff -q - schema.json >/dev/null || { echo "schema.json is out of date. Run: make schema sdk"; exit 1; }
	@.tools/bin/sdkgen schema.json check
	@for language in $(LANGUAGES); do \
	  rm -rf build/sdk/$$language && .tools/bin/sdkgen schema.json $$language build/sdk/$$language && \
	  diff -r -q $(NOT_GENERATED:%=-x %) build/sdk/$$language sdk/$$language || { echo "sdk/$$language is out of date. Run: make sdk"; exit 1; }; \
	done

format: ## Format and fix what can be fixed
	@$(SETUP) venv
	@$(BIN)/ruff check --quiet --fix $(SOURCES) || true
	@$(BIN)/ruff format --quiet $(SOURCES)

schema: ## Write schema.json from the resources
	@$(SETUP) venv
	@$(BIN)/python -m certwright.resources.schema schema.json

sdk: schema ## Write sdk/python, sdk/nodejs and sdk/go from schema.json
	@$(SETUP) sdkgen
	@rm -rf sdk/python sdk/nodejs sdk/go/certwright
	@for language in $(LANGUAGES); do .tools/bin/sdkgen schema.json $$language sdk/$$language || exit 1; done
	@$(SETUP) venv

docs: ## The documentation as a site in build/site; broken links fail (seconds)
	@$(SETUP) venv
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict
	@echo "Open build/site/index.html, or for its search: $(PYTHON) -m http.server -b 127.0.0.1 -d build/site"

lock: ## Write requirements.lock from pyproject.toml
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --group dev --all-extras pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-deps tools/foreign/requirements.in -o tools/foreign/requirements.lock

dist: ## Everything that a release consists of, from the commit, reproducibly; publishes nothing
	@$(SETUP) venv nodejs
	@$(BIN)/python -m tools.release

clean: ## Remove what was built here (caches of the user stay)
	@rm -rf .venv .tools .demo build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis
