# `make help` prints the text after ## of each target.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV ?= .venv
STAMP := $(VENV)/.stamp
MUTATION := tests/mutation/requirements
SITE := $(VENV)-site
PACKAGES := components/lifecycle_demo components/lifecycle_rules policies/kubernetes_lifecycle cli/lifecycle_cli sandbox benchmarks

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): requirements.lock pyproject.toml components/pyproject.toml policies/pyproject.toml
	@echo "environment: $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --require-hashes -r requirements.lock
	@$(VENV)/bin/python -m pip install --quiet --no-deps --no-build-isolation -e ./components -e ./policies -e .
	@touch $(STAMP)

$(SITE)/.stamp: docs/requirements.lock
	@$(PYTHON) -m venv $(SITE)
	@$(SITE)/bin/python -m pip install --quiet --require-hashes -r docs/requirements.lock
	@touch $@

demo: $(STAMP) ## everything from nothing: start a Kubernetes node, run `pulumi up` with the policies, read the message back
	@$(VENV)/bin/python -m sandbox demo

preview: $(STAMP) ## run `pulumi preview` with the policies: needs no cluster, root or credentials
	@$(VENV)/bin/python -m sandbox preview

rollout: $(STAMP) ## roll examples/rollout under load on the node, with and without a preStop, and count the lost requests
	@$(VENV)/bin/python -m sandbox rollout

status: $(STAMP) ## show whether the node runs
	@$(VENV)/bin/python -m sandbox status

down: $(STAMP) ## stop the node and remove everything it left
	@$(VENV)/bin/python -m sandbox down

test: $(STAMP) ## run the unit, policy and command tests: needs no cluster, root or CLI
	$(VENV)/bin/python -m pytest --numprocesses auto tests/unit tests/policies tests/cli

test-lowest: ## run the same tests with the lowest supported versions
	@$(PYTHON) -m venv $(VENV)-lowest
	@$(VENV)-lowest/bin/python -m pip install --quiet --require-hashes -r requirements.lock
	@$(VENV)-lowest/bin/python -m pip install --quiet --no-deps -r tests/lowest.txt
	@$(VENV)-lowest/bin/python -m pip install --quiet --no-deps --no-build-isolation -e ./components -e ./policies -e .
	$(VENV)-lowest/bin/python -m pytest --numprocesses auto tests/unit tests/policies tests/cli

test-latest: ## run the same tests with the newest allowed versions: needs a network
	@$(PYTHON) -m venv $(VENV)-latest
	@$(VENV)-latest/bin/python -m pip install --quiet --upgrade -r requirements.txt -r requirements-dev.txt -e ./policies -e .
	$(VENV)-latest/bin/python -m pytest --numprocesses auto tests/unit tests/policies tests/cli

test-engine: $(STAMP) ## test the program and the policies on the real Pulumi engine: needs no cluster or root
	$(VENV)/bin/python -m pytest tests/engine

test-cluster: $(STAMP) ## test hooks, rollouts, the stack and the sandbox on a real node: needs root
	$(VENV)/bin/python -m pytest tests/cluster

test-installed: $(STAMP) ## test the distributions in empty environments, as pip installs them: needs a network
	$(VENV)/bin/python -m pytest tests/installed

test-machine: $(STAMP) ## run `make demo`, `make test` and `make down` on a fresh Debian 13 in an emulated machine: needs root
	$(VENV)/bin/python -m pytest --capture=no tests/machine

bench: $(STAMP) ## run all benchmarks, and write docs/benchmarks.md with its pictures: needs root, Go and about 40 minutes
	$(VENV)/bin/python -m benchmarks

mutation: $(STAMP) ## make small changes to lifecycle_rules, and check that the unit tests notice (mutmut; about twenty minutes)
	@$(VENV)/bin/python -m pip install --quiet --require-hashes -r $(MUTATION).lock
	$(VENV)/bin/python -m tests.mutation

rule-pages: $(STAMP) ## write the pages that name each rule: docs/rules.md (and the command's copy), configuration.md, reference.md
	PYTHONPATH=.:tests/cluster $(VENV)/bin/python -m proofs > docs/rules.md.new
	mv docs/rules.md.new docs/rules.md
	cp docs/rules.md cli/lifecycle_cli/rules.md
	PYTHONPATH=tests/policies $(VENV)/bin/python -m configuration > docs/configuration.md.new
	mv docs/configuration.md.new docs/configuration.md
	$(VENV)/bin/python -m tests.unit.reference > docs/reference.md.new
	mv docs/reference.md.new docs/reference.md

docs: rule-pages ## write rule-pages and the other generated pages: reports, the commands' output and pictures
	PYTHONPATH=tests/unit/rules $(VENV)/bin/python -m reported > docs/reports.md.new
	mv docs/reports.md.new docs/reports.md
	for page in check start; do PYTHONPATH=tests/cli $(VENV)/bin/python tests/cli/test_docs.py $$page.md > docs/page.new || exit; mv docs/page.new docs/$$page.md; done
	PYTHONPATH=. $(VENV)/bin/python -m tests.cli.audit.page > docs/audit.md.new
	mv docs/audit.md.new docs/audit.md
	PYTHONPATH=. $(VENV)/bin/python -m tests.cli.image.page > docs/image.md.new
	mv docs/image.md.new docs/image.md
	PYTHONPATH=.:tests/cli $(VENV)/bin/python -m tests.cli.trace.page

site: $(SITE)/.stamp ## build docs/ as a web site in build/site: needs Python 3.11 or later
	$(SITE)/bin/python -m sphinx -q -n -W --keep-going -E -b html docs build/site

lint: $(STAMP) ## run ruff, the type checker and the import contracts
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	cd components && PYTHONPATH=../policies:../cli ../$(VENV)/bin/lint-imports --config ../pyproject.toml

check: lint ## run lint, then check links, licences, duplicated code and the workflows: actionlint (needs Go) and zizmor
	$(VENV)/bin/python -m pytest -q tests/unit/test_links.py
	$(VENV)/bin/pip-licenses --summary
	$(VENV)/bin/pylint $(PACKAGES)
	cd .github/tools && go tool actionlint ../workflows/*.yml
	$(VENV)/bin/zizmor --quiet --offline .

audit: $(STAMP) ## look for known vulnerabilities in the dependencies and secrets in the history: needs a network and Go
	$(VENV)/bin/python -m pip install --quiet pip-audit
	for each in $$(git ls-files '*.lock'); do $(VENV)/bin/pip-audit --require-hashes --disable-pip -r "$$each" || exit; done
	cd .github/tools && go build -o ../../build/ golang.org/x/vuln/cmd/govulncheck github.com/zricethezav/gitleaks/v8
	for each in $$(git ls-files '*go.mod'); do build/govulncheck -C "$${each%go.mod}" -scan module || exit; done
	build/gitleaks git --no-banner --redact .

dist: $(STAMP) ## build wheels and sdists of the three distributions in dist/
	$(VENV)/bin/python -m tests.distributions dist

policy-pack: $(STAMP) ## write the pack to a folder of its own, TO=… outside the checkout, for `pulumi policy publish`
	@test -n "$(TO)" || { echo "name a folder outside the checkout: make policy-pack TO=/tmp/pack"; exit 2; }
	@$(VENV)/bin/python -m tests.distributions "$(TO)" --pack

release-notes: ## print what CHANGELOG.md says about the newest version
	@awk '/^## /{n++} n==1' CHANGELOG.md

lock: ## update requirements.lock, and the locks of the mutation tests and the site
	uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-annotate \
		--no-emit-package lifecycle-demo -o requirements.lock requirements.txt requirements-dev.txt
	uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-annotate \
		--constraint requirements.lock -o $(MUTATION).lock $(MUTATION).txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
		-o docs/requirements.lock docs/requirements.txt

.PHONY: help demo preview rollout status down test test-lowest test-latest check audit dist policy-pack release-notes test-engine test-cluster test-installed test-machine bench mutation rule-pages docs site lint lock
