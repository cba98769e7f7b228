# Targets: `make` lists them.

GO       ?= go
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS   = -s -w -X statusd/app/cli.version=$(VERSION)
FUZZTIME ?= 10s

# Packages in which several things go on at once, and the tests of app in which they do. The rest is pure or one thing after the other,
# waits for a browser, or runs the program itself, which shares no memory with its test.
RACE    = ./app/deliver ./app/snapshot ./app/watch ./app/web ./app/web/view ./notify/... ./probe/... ./store/...
AT_ONCE = AtOnce|Follow|TheWholeRoad|Ready|Stranger|Snapshot|BrokenMail|NewMailServer|GraceOfAStart|FiresItsTarget|ByHandOff|CutOff

.PHONY: help run build test lint golden fuzz bench screens image clean

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: ## the server, with its data in ./data
	$(GO) run . serve

build: ## bin/statusd: static, stripped
	CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=auto -ldflags '$(LDFLAGS)' -o bin/statusd .

test: ## everything CI checks; installs what it needs where it may
	./.ci/tools
	$(MAKE) --no-print-directory lint
	$(GO) test -race -timeout 9m $(RACE)
	$(GO) test -race -timeout 9m -run '$(AT_ONCE)' ./app
	$(GO) test -race -short -run 'Stream' ./app/web/dashboard
	$(GO) test -timeout 9m $$($(GO) list ./... | grep -v -x -F "$$($(GO) list $(RACE))")

lint: ## gofmt, vet, staticcheck
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "not gofmt-ed:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

golden: ## rewrite golden files; read the diff
	$(GO) test ./app/web/public ./app/api ./notify/email -update

fuzz: ## every fuzz target for FUZZTIME each
	@for pkg in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$pkg | grep ^Fuzz); do \
			echo "$$pkg $$target"; $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; \
		done; \
	done

bench: ## our code beside a bare loop in the same run, as ratios; docs/performance.md says how to read them
	$(GO) test -run '^$$' -bench . -benchmem ./probe ./store ./app ./app/watch ./app/snapshot ./app/web/... ./notify/...

screens: ## every screen at two widths, two themes, two languages, and the demo for the README, into screens/
	mkdir -p screens
	STATUSD_SCREENS=$(CURDIR)/screens $(GO) test -run TestScreens -count=1 -timeout 30m . ./app/web/public ./app/web/dashboard

image: ## the container image, by whichever builder there is
	buildah bud --isolation chroot --format docker -t statusd:$(VERSION) .

clean: ## what the targets above left
	rm -rf bin screens
