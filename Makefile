# Everything here is also what .ci/run runs, in parts that are quick to repeat.

.DEFAULT_GOAL := help
.PHONY: help build test race lint fmt vet generate check golden contracts guests conformance differential oracle soak soak-plugins load overhead browser fuzz bench bench-peers cover demo-pluginhost tidy-check ci

TOOL := go tool -modfile=.ci/go.mod

# What fuzz and bench take: make fuzz FUZZTIME=1m, make bench BENCH=Echo, make bench PKG=./wit OLD=old.txt
FUZZTIME ?= 10s
BENCH ?= .
PKG ?= ./rt
OLD ?=

# What differential takes: make differential WORLDS=2000 PAIRS=300 EDITS=5000 SEED=1
WORLDS ?= 500
PAIRS ?= 100
EDITS ?= 1000
SEED ?= 7

# What soak takes: make soak CYCLES=1000000
CYCLES ?= 1000000

# What soak-plugins takes: make soak-plugins RELOAD=10s KILLS=50
RELOAD ?= 1m
KILLS ?= 200

# What browser takes: make browser SHOTS=.cache
SHOTS ?=

# What load takes: make load TURN=10s TURNS=5 SLOW=1000
TURN ?= 5s
TURNS ?= 3
SLOW ?= 10000

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-15s %s\n", $$1, $$2}' Makefile

build: ## Compile every package
	go build ./...

test: ## Run every test
	go test ./...

race: ## Run every test under the race detector
	.ci/race -count=1 -timeout 10m ./...

lint: ## Run the pinned golangci-lint and look for cgo (the first run builds the linter: minutes)
	.ci/nocgo
	$(TOOL) golangci-lint run ./...

fmt: ## Format every Go file
	gofmt -s -w .

vet: ## Run go vet, in the nested modules too
	go vet ./...
	.ci/nested

generate: ## Generate all code that is generated
	go generate ./...

check: ## Generate, then fail unless the tree is the last commit's
	.ci/check

golden: ## Rewrite the expectations of golden tests; read the diff before committing it
	for dir in $$(git grep --untracked -l 'flag\.Bool.*"update"' -- '*_test.go' | xargs -n 1 dirname | sort -u); do go -C $$dir test -count=1 . -args -update || exit 1; done
	git status --short

contracts: ## Fail unless contracts are those in their golden directories, break nothing, and the table of what runs where is true
	.ci/contracts

guests: ## Rebuild the guests of examples and tests from source, as far as their tools are here
	examples/plugins/guests/build.sh

conformance: ## Run the conformance tests and count them
	.ci/conformance

differential: ## Hold generated code for WORLDS random worlds of SEED, and PAIRS pairs of versions, against dynamic calls, and what is said of EDITS changes against what links
	go test -count=1 -v -timeout 1h -run '^TestRandom(Worlds|Pairs)$$' ./golden/random -worlds $(WORLDS) -pairs $(PAIRS) -seed $(SEED)
	go test -count=1 -v -timeout 1h -run '^TestConformanceEdits$$' ./wit ./rt -edits $(EDITS) -seed $(SEED)

oracle: ## Hold what breaks Go code that uses generated packages against golang.org/x/exp/apidiff
	go -C internal/goapi/oracle test -count=1 ./...

soak: ## Start, call and close CYCLES instances, then have 10,000 at once, and print what the process has
	go test -count=1 -v -timeout 1h -run '^TestSoak$$' ./rt -cycles $(CYCLES)
	go test -count=1 -v -run '^TestManyLive$$' ./rt

soak-plugins: ## Reload a plugin under load for RELOAD, and kill a host KILLS times as it reloads, under the race detector
	.ci/race -count=1 -v -timeout 1h -run '^(TestReloads|TestKilled)$$' ./rt/plugin -reload $(RELOAD) -kills $(KILLS)

load: ## Measure witgen serve under load beside net/http, with SLOW slow clients and with guests that trap
	go run ./internal/load -turn $(TURN) -turns $(TURNS) -slow $(SLOW)

demo-pluginhost: ## Show plugins replaced, tried out and rolled back under load, in half a minute at most
	go run ./examples/pluginhost -demo

browser: ## Click through the operators' page in Chromium, which has to be there; pictures of it go to SHOTS
	go -C rt/plugin/admin/browser test -count=1 -v . $(if $(SHOTS),-args -screenshots $(abspath $(SHOTS)))

fuzz: ## Run every fuzz target in turn, FUZZTIME each, then random worlds
	FUZZTIME=$(FUZZTIME) .ci/fuzz

bench: ## Run benchmarks ten times: calls and starts beside their floors, or those of PKG, or both times with OLD
	@mkdir -p .cache
	go test -run '^$$' -bench '$(BENCH)' -benchmem -count=10 -timeout 1h $(PKG) >.cache/bench.txt || { cat .cache/bench.txt; exit 1; }
ifeq ($(OLD),)
	@$(TOOL) benchstat -filter '/by:(floor OR witgen)' -col /by .cache/bench.txt
	@$(TOOL) benchstat -filter '-/by:(floor OR witgen)' .cache/bench.txt
else
	@$(TOOL) benchstat $(OLD) .cache/bench.txt
endif

bench-peers: ## Compare calls with those of other runtimes and plugin systems, in one table
	go -C rt/bench run .

overhead: ## Measure what the checks in guests cost, by ten turns with and without them
	go test -run '^$$' -bench '^BenchmarkChecked$$' -benchtime 10x -timeout 1h ./rt

cover: ## Measure what the tests cover, into cover.out
	go test -coverpkg=./... -coverprofile=cover.out ./...
	go tool cover -func=cover.out | tail -n 1

tidy-check: ## Fail if a go.mod or go.sum is not tidy
	go mod tidy -diff
	for mod in .ci $$(git ls-files '*/go.mod' | grep -v '^\.ci/' | xargs -n 1 dirname); do go -C $$mod mod tidy -diff || exit 1; done

ci: ## Run all that a change has to pass, on a clean tree
	.ci/run
