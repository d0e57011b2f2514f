# The only entrance. Each target is one line; what is behind it is in crates/xtask.

XTASK := cargo run --quiet --package lvcai-xtask --
# What `make test` passes on: FILTER="a name, or options of the runner".
FILTER ?=
# What `make bench` measures on: sqlite or postgres.
DATABASE ?= sqlite

.DEFAULT_GOAL := help
.PHONY: help run test endure ready openapi examples bless docs-test sdk sdk-test fuzz-api bench postgres fmt

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## the registry with example data, on 127.0.0.1:8080
	@cargo run --package lvcai-api --bin lvcai -- demo

test: ## every test, on SQLite and on a PostgreSQL of its own; FILTER="name" for some
	@$(XTASK) test $(FILTER)

endure: ## kills, power cuts, random walks and damaged lists, for an hour, on both databases
	@$(XTASK) endure

ready: ## all that CI checks: formatting, lints, documentation, tests, openapi.yaml, licences
	@$(XTASK) ready

openapi: ## write openapi.yaml from the code
	@$(XTASK) openapi

examples: ## ask a demo for the answers that the document shows, and write the document
	@$(XTASK) examples

bless: ## tell what today's document breaks for clients, and bless it all the same
	@$(XTASK) bless

docs-test: ## the page /docs/ in a browser, where chromium, node and npm can be had
	@$(XTASK) docs-test

sdk: ## clients in target/sdk, made from openapi.yaml by the generators that can be had
	@$(XTASK) sdk

sdk-test: ## those clients compiled, and tried against a demo by the scenarios of tests/sdk
	@$(XTASK) sdk-test

fuzz-api: ## the API fuzzed by its document for half an hour, as nobody and as everybody, on both databases
	@$(XTASK) fuzz-api

bench: ## measure the registry on this machine; DATABASE=postgres for the other database
	@$(XTASK) bench $(DATABASE)

postgres: ## a throw-away PostgreSQL until Ctrl-C, for development
	@$(XTASK) postgres

fmt: ## format the code
	@cargo fmt --all
