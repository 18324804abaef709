# Works as the first command on a fresh clone: it makes its own virtual environment, with uv if it is there, else pip.
.DEFAULT_GOAL := help
.PHONY: help setup demo check test golden gallery torture bench bench-send preview lock clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
RUN_STAMP := $(VENV)/.run-installed
DEV_STAMP := $(VENV)/.dev-installed

ifdef UV
  INSTALL := $(UV) pip install --quiet --python $(BIN)/python
else
  INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
endif

# The demonstration has a list of its own, so that it never meets yours.
DEMO := NEWSLETTER_TRANSPORT=outbox NEWSLETTER_STORE=sqlite:///.newsletter/demo.db $(BIN)/newsletter

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
ifdef UV
	@$(UV) venv --quiet --python $(PYTHON) $(VENV)
else
	@$(PYTHON) -m venv $(VENV)
endif

$(RUN_STAMP): requirements/run.txt pyproject.toml | $(BIN)/python
	@echo "Installing the tool (about a minute the first time) ..."
	@$(INSTALL) --require-hashes -r requirements/run.txt
	@$(INSTALL) --require-hashes -r requirements/build.txt
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV_STAMP): requirements/dev.txt $(RUN_STAMP)
	@echo "Installing what the tests need ..."
	@$(INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

.venv-ministack/.installed: requirements/ministack.txt
ifdef UV
	@$(UV) venv --quiet --clear --python $(PYTHON) .venv-ministack
	@$(UV) pip install --quiet --python .venv-ministack/bin/python --require-hashes -r requirements/ministack.txt
else
	@$(PYTHON) -m venv .venv-ministack
	@.venv-ministack/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/ministack.txt
endif
	@touch $@

# Only tests need these; without npm, or where it fails, they are skipped (and fail where CI is set).
tests/npm/node_modules/.installed: tests/npm/package.json tests/npm/package-lock.json tests/npm/.npmrc
	@if ! command -v npm >/dev/null; then echo "No npm here: the tests against the official MJML engine will be skipped."; \
	elif (cd tests/npm && npm ci --silent); then touch $@; \
	else echo "npm failed: the tests against the official MJML engine will be skipped."; fi

setup: $(DEV_STAMP) .venv-ministack/.installed tests/npm/node_modules/.installed  ## Install everything into .venv

demo: $(RUN_STAMP)  ## Build both issues, import 25 sample readers, send the newest to the outbox
	@rm -f .newsletter/demo.db*
	@for issue in vol-1-issue-6 vol-2-issue-3; do $(DEMO) build $$issue && echo; done
	@$(DEMO) subscribers import tests/data/subscribers.csv
	@echo
	@$(DEMO) send vol-2-issue-3 --yes
	@echo
	@echo "Open a message of .newsletter/outbox in your mail program, build/vol-2-issue-3/email.html in a browser,"
	@echo "or see it change as you write: make preview"

check: setup  ## Everything CI checks: style, types, floors, tests
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(MAKE) --no-print-directory test

test: setup  ## Run the tests, for two cores: many of them wait; what a file starts is shared by its tests
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

golden: setup  ## Write the golden files anew; read their diff like code
	@$(BIN)/python -m tests.golden --write

gallery: setup  ## Show both issues and every block at once: phone, desktop, light, dark, text
	@$(BIN)/python -m tests.gallery

torture: setup  ## Kill three hundred senders at random and check every book
	@$(BIN)/python -m tests.torture

bench: setup  ## Measure; figures are ratios within one run
	@$(BIN)/python -m tests.bench

bench-send: setup  ## Measure sending: 100,000 recipients, every mode and store; the rates that are held
	@$(BIN)/python -m tests.bench.sending
	@$(BIN)/python -m tests.bench.pacing

preview: $(RUN_STAMP)  ## See the newest issue change as you write
	@$(BIN)/newsletter preview

COMPILE = uv pip compile --quiet --generate-hashes --no-emit-index-url --universal --python-version 3.11

lock:  ## Pin the dependencies anew (needs uv)
	@$(COMPILE) pyproject.toml -o requirements/run.txt
	@$(COMPILE) requirements/build.in -o requirements/build.txt
	@$(COMPILE) pyproject.toml --group dev --extra postgresql -c requirements/run.txt -o requirements/dev.txt
	@$(COMPILE) requirements/ministack.in -o requirements/ministack.txt

clean:  ## Remove what was built; keep the list and the outbox
	@rm -rf build dist $(VENV) .venv-ministack tests/npm/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find newsletter tests -name __pycache__ -type d -prune -exec rm -rf {} +
