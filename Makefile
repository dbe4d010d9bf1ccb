# OMC. `make` prints what it can do. Needs only Python 3.11 to 3.13; everything else is fetched into .venv.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(firstword $(shell for name in python3 python3.13 python3.12 python3.11; do $$name -c 'import sys; exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && echo $$name; done) python3)
BIN := .venv/bin
# A mirror that pip was told of serves uv as well.
UV := $(if $(PIP_INDEX_URL),UV_DEFAULT_INDEX="$(PIP_INDEX_URL)") $(BIN)/uv
INSTALL := $(UV) pip install --python $(BIN)/python --compile-bytecode
LOCK := $(UV) pip compile --universal --generate-hashes --no-emit-index-url --no-header --quiet
# pip trusts whom the machine trusts, a company's proxy included; uv and Node are told to do the same.
TRUSTED := $(wildcard /etc/ssl/certs/ca-certificates.crt /etc/ssl/cert.pem /etc/pki/tls/certs/ca-bundle.crt)
export UV_SYSTEM_CERTS ?= $(if $(TRUSTED),true,false)
export NODE_USE_SYSTEM_CA ?= 1
# What uv says, without its list of every package: the large downloads stay, and so does whatever goes wrong.
NOISE := ^( [+~-] | *Downloaded | *(Building|Built) omc|(Resolved|Prepared|Installed|Uninstalled|Audited|Checked) [0-9]|Bytecode )
calmly = rm -f .venv/.failed; { $(1) 2>&1 || touch .venv/.failed; } | grep -vE '$(NOISE)'; test ! -e .venv/.failed
export OMC_DATA_DIR ?= $(CURDIR)/.data

.PHONY: help setup run web test check fix types lock wheel clean

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.run ## Install what running needs into .venv, and nothing else

run: .venv/.run ## Start everything and print the address to open (data in OMC_DATA_DIR, default ./.data)
	@$(BIN)/omc web build --if-needed
	@$(BIN)/omc up

web: .venv/.run ## Build the page
	@$(BIN)/omc web build

test: .venv/.dev ## Run every test, in parallel, on a PostgreSQL of their own
	@$(BIN)/omc web build --if-needed
	@$(BIN)/omc web npm run test
	@set -e; CHROMIUM="$$(sh .ci/chromium)"; export CHROMIUM; $(BIN)/pytest $(ARGS)

check: .venv/.dev ## Format, lint, types, import contracts
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/ty check --quiet
	$(BIN)/lint-imports --no-logo
	$(if $(CI),$(BIN)/mypy)
	@$(BIN)/omc web check

fix: .venv/.dev ## Format, and mend what the linters can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	@$(BIN)/omc web fix

types: .venv/.dev ## Write the API's description and the page's types from the routes
	@$(BIN)/omc web types

lock: .venv/.run ## Resolve the lock files anew from pyproject.toml
	$(LOCK) pyproject.toml --group dev --group setup --upgrade -o requirements-dev.lock
	$(LOCK) pyproject.toml -c requirements-dev.lock -o requirements.lock
	$(LOCK) --group setup -c requirements-dev.lock -o requirements-setup.lock

wheel: .venv/.run ## Build the package, page included, into dist/
	@$(BIN)/omc web build
	$(UV) build --wheel --no-build-isolation --python $(BIN)/python

clean: ## Remove everything that was made here, but never the data
	rm -rf .venv dist omc/static web/node_modules web/dist .pytest_cache .ruff_cache .mypy_cache .import_linter_cache

.venv/.tools: requirements-setup.lock
	@$(PYTHON) -c 'import sys; (3, 11) <= sys.version_info[:2] < (3, 14) or exit("OMC needs Python 3.11 to 3.13; this is %d.%d. Set PYTHON=/path/to/python3." % sys.version_info[:2])'
	@echo "· Preparing .venv with $$($(PYTHON) --version)"
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv || { rm -rf .venv; echo "This Python cannot make a virtual environment. On Debian or Ubuntu: apt install python3-venv"; exit 1; }
	@echo "· Installing the installer and Node"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-setup.lock
	@touch $@

.venv/.run: .venv/.tools requirements.lock pyproject.toml
	@echo "· Installing OMC"
	@$(call calmly,$(INSTALL) --require-hashes -r requirements.lock)
	@$(call calmly,$(INSTALL) --no-deps --no-build-isolation --editable .)
	@$(BIN)/python -m compileall -q omc
	@echo "· Compiling the loops of the engine"
	@$(BIN)/python -m omc.engine.prepared
	@touch $@

.venv/.dev: .venv/.run requirements-dev.lock
	@echo "· Installing the tools for checks and tests"
	@$(call calmly,$(INSTALL) --require-hashes -r requirements-dev.lock)
	@touch $@
