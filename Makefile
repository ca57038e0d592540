# customer360: `make` lists what can be made.
.DEFAULT_GOAL := help
.PHONY: help run generate test test-systems test-federation test-defer kills-full prove show-calls search-plain bench lint console identity identity-million
N ?= 40
OPERATIONS ?= 50000

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sort | awk -F':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

run: ## serve the demo on 127.0.0.1:4000
	go run .

generate: ## write graph/ anew from schema.graphqls and gqlgen.yml
	go generate ./graph

test: ## every test; installs and starts what it needs (PostgreSQL, Chromium, Node packages)
	@.ci/test

test-systems: ## the gateway over the four real systems, N people each (N=40)
	@.ci/test-systems $(N)

test-federation: ## composed with a neighbour, asked through Apollo Gateway and Hive Gateway; the table of bad representations
	@.ci/test-federation

test-defer: ## Apollo Client, urql and graphql-sse ask the demo with a slow shop; what they show, and when
	@.ci/test-defer

kills-full: ## kill -9 amid learning, decisions and rekeys 200 times; what is left equals what nobody killed
	C360_KILLS=200 go test ./idgraph/sqlstore -count=1 -v -timeout 60m -run TestAKilledRekeyCarriesOn

prove: ## the two-worlds proof: OPERATIONS random operations (50000), every gate off in turn
	C360_PROVE_OPERATIONS=$(OPERATIONS) go test ./resolvers/prove -count=1 -v -timeout 60m -run 'TestTwoWorlds|TestWhy|TestGates|TestPlanted|TestCoverage'

show-calls: ## calls per source and record kind, for 50 customers with everything
	go test ./internal/command -count=1 -v -run TestShowCalls

search-plain: ## search the gateway's folder and its debug log for the demo's e-mails, phones and names
	go test ./internal/command -count=1 -v -run TestSearchPlain

identity: ## every set of records with a known truth, resolved and scored; C360_IDENTITY names a folder with more of them
	go run ./internal/identitytest

identity-million: ## sets of 10 thousand to a million records: seconds, memory, pairs, precision; draws docs/identity-growth.svg
	go run ./internal/identitytest -million -chart docs/identity-growth.svg

bench: ## the benchmarks of docs/benchmarks.md
	go test ./... -run '^$$' -bench . -benchmem

lint: ## gofumpt, vet, staticcheck, errorlint, godot
	@.ci/lint

console: ## build the web pages anew into console/dist
	cd console && npm ci && npm run check && npm run build
