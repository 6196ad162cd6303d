# The commands of the project. `make help` lists them; every one prepares what it needs.
# PYTHON=/usr/bin/python3.11   TRUNKLINE_CACHE=/var/cache/trunkline   INVENTORY=inventories/lab
INVENTORY ?= inventories/lab
BIN := .venv/bin
export TRUNKLINE_CACHE ?= /var/cache/trunkline
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help up down test lint unit roles calls bench reference runtime development

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  for another platform: make up INVENTORY=inventories/single"

up: runtime ## hosts, platform, tenants and a proven call on this machine
	@$(BIN)/trunkline up --inventory $(INVENTORY)

down: runtime ## take the lab away again: nothing of it stays but the cache
	@$(BIN)/trunkline down --inventory $(INVENTORY)

test: development ## every test of the project, one summary
	@$(BIN)/python tools/run_tests.py

lint: development ## ruff, mypy --strict, ansible-lint, yamllint, shellcheck
	@$(BIN)/python tools/run_tests.py lint

unit: development ## unit and property tests, Pulumi mocks, policies
	@$(BIN)/python tools/run_tests.py unit

roles: development ## Molecule: every role on lab hosts of its own
	@$(BIN)/python tools/run_tests.py roles

calls: development ## calls and faults on a lab of their own
	@$(BIN)/python tools/run_tests.py calls

bench: development ## ratios, side by side, from one run
	@$(BIN)/python tools/run_tests.py bench

reference: development ## write the generated reference pages of the tenants' language again
	@$(BIN)/python tools/language-reference

runtime:
	@tools/bootstrap runtime

development:
	@tools/bootstrap development
