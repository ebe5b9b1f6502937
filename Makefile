# Each target has a line after ##; `make help` prints them.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
STAMP := $(VENV)/.stamp

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): requirements.lock components/pyproject.toml
	@echo "environment: $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --require-hashes -r requirements.lock
	@$(VENV)/bin/python -m pip install --quiet --no-deps --no-build-isolation -e ./components
	@touch $(STAMP)

test: $(STAMP) ## unit and policy tests: no cluster, no root, no CLI
	$(VENV)/bin/python -m pytest tests/unit tests/policies

lint: $(STAMP) ## ruff, the type checker, and the import contracts
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	cd components && ../$(VENV)/bin/lint-imports --config ../pyproject.toml

lock: ## renew requirements.lock from requirements.txt and requirements-dev.txt
	uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-annotate \
		--no-emit-package lifecycle-demo -o requirements.lock requirements.txt requirements-dev.txt

.PHONY: help test lint lock
