# The contract: people, packagers and CI call these targets and nothing else.
PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift
PROGRAMS = gopm gopmd gopm-logs gopm-mcp gopm-pid gopm-pm2
RELEASE = $(SWIFT) build -c release --static-swift-stdlib
# Names only the tests that fail.
TEST = $(SWIFT) test --quiet
SOURCES = Sources Tests Package.swift

.PHONY: all deps build demo man completions check format lint unit test test-build test-short test-stress test-install \
	test-race soak soak-all day fuzz \
	bench bench-check install uninstall dist deb test-package clean mcp-client

all: build

# libsystemd's headers, through sudo when not root, only if they are missing.
deps:
	@pkg-config --exists libsystemd 2>/dev/null || { \
		sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
		$$sudo apt-get update -qq && $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq libsystemd-dev pkg-config; }

# The release programs, stripped, in bin/.
build: deps
	@for program in $(PROGRAMS); do $(RELEASE) --product $$program || exit 1; done
	@mkdir -p bin
	@for program in $(PROGRAMS); do \
		strip -o bin/$$program "$$($(RELEASE) --show-bin-path)/$$program" || exit 1; done
	@ls -l bin

demo: build
	@PATH="$(CURDIR)/bin:$$PATH" Documentation/demo.sh

# The manual pages and the completion scripts, made anew of what the programs say about themselves; commit them.
man completions: deps
	@for program in $(PROGRAMS); do $(SWIFT) build --product $$program || exit 1; done
	Documentation/generate "$$($(SWIFT) build --show-bin-path)"

format:
	$(SWIFT) format --in-place --parallel --recursive $(SOURCES)

lint:
	$(SWIFT) format lint --strict --parallel --recursive $(SOURCES)

# Formatting, warnings as errors, unit tests: what every commit passes.
check: lint deps unit

unit: deps
	$(TEST) --skip 'IntegrationTests|FaultTests|SystemdTests'

test-build: deps
	$(SWIFT) build --build-tests

test: deps mcp-client
	$(TEST)

# The official client of the Model Context Protocol, which judges gopm-mcp in the tests; from PyPI.
MCP_CLIENT = mcp==2.3.0 mcp-types==2.3.0
mcp-client:
	@[ "$$(cat .build-mcp/made 2>/dev/null)" = "$(MCP_CLIENT)" ] || { rm -rf .build-mcp && python3 -m venv .build-mcp && \
		.build-mcp/bin/pip install --quiet --disable-pip-version-check $(MCP_CLIENT) && \
		echo "$(MCP_CLIENT)" >.build-mcp/made; }

# Without the tests that put the machine under load.
test-short: deps mcp-client
	$(TEST) --skip 'Stress'

test-stress: deps mcp-client
	$(TEST) --filter 'Stress'

# Random commands, crashes and daemon kills for so long:  make soak SECONDS=600
SECONDS ?= 60
soak: deps
	$(SWIFT) build --product soak
	$(SWIFT) run --skip-build soak --seconds $(SECONDS)

# Everything at once under a systemd of its own, with the programs of bin/; ten minutes, as root:  make soak-all SECONDS=60
soak-all: SECONDS = 600
soak-all: build mcp-client
	$(SWIFT) build --product soak
	GOPM_TEST_PROGRAMS="$(CURDIR)/bin" $(SWIFT) run --skip-build soak --everything --seconds $(SECONDS)

# A day's work in ten minutes; memory and descriptors end where they began.
day: deps
	$(SWIFT) build --product soak
	$(SWIFT) run --skip-build soak --day

# Speed and size beside limits and peers, one table:  make bench ARGS="startup capture --json numbers.json"
bench: build
	@Benchmarks/bench $(ARGS)

# Counts that don't wobble against the committed ones; fails at 5 % above.  make bench-check ARGS=--update
bench-check: build
	@Benchmarks/bench-check $(ARGS)

# Attacks all text from outside, each target for so long, under the address and undefined sanitizers; what makes one fail
# is kept in .build-fuzz:  make fuzz SECONDS=600 TARGETS="logs stamper"
fuzz: deps
	GOPM_FUZZ=1 $(SWIFT) build --product fuzz --scratch-path .build-fuzz \
		--sanitize=address -Xcc -fsanitize=undefined -Xswiftc -sanitize=fuzzer -Xswiftc -use-ld=lld
	@for target in $(or $(TARGETS),$$(.build-fuzz/debug/fuzz)); do \
		mkdir -p .build-fuzz/corpus/$$target && echo "== $$target" && \
		ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=halt_on_error=1 SWIFT_BACKTRACE=enable=no \
		.build-fuzz/debug/fuzz $$target -max_total_time=$(SECONDS) -timeout=10 -rss_limit_mb=2048 -max_len=4096 \
			-print_final_stats=1 -verbosity=0 -artifact_prefix=.build-fuzz/$$target- \
			.build-fuzz/corpus/$$target Tests/fuzz/seeds/$$target || exit 1; \
	done; rm -rf /dev/shm/gopm-fuzz-*

# Installs into a folder, runs the programs from there, and takes everything away again.
test-install: build
	@root=$$(mktemp -d) && trap 'rm -rf "$$root"' EXIT && \
		$(MAKE) --no-print-directory install DESTDIR="$$root" PREFIX=/usr && \
		for program in $(PROGRAMS); do "$$root/usr/bin/$$program" --version || exit 1; done && \
		$(MAKE) --no-print-directory uninstall DESTDIR="$$root" PREFIX=/usr && \
		[ -z "$$(find "$$root" ! -type d)" ] && [ -z "$$(find "$$root" -name 'gopm*')" ] && \
		echo "installed, ran, uninstalled"

# The archive and the package: lintian, a Debian of their own, installing, upgrading under programs, removing. As root.
test-package: build
	@Packaging/test

# The daemon's threads under the thread sanitizer: control, logs, disk.
test-race: deps
	@rm -rf .build-race/reports && mkdir -p .build-race/reports
	TSAN_OPTIONS="log_path=$(CURDIR)/.build-race/reports/race" $(TEST) --sanitize=thread --scratch-path .build-race \
		--filter 'GopmCaptureTests|GopmKeeperTests|SpawnTests|StartTests|TargetTests|StatsTests|TelemetryTests|PortTests|StateTests' \
		--skip killMinus9
	@! grep -s . .build-race/reports/*

install:
	@[ -x bin/gopm ] || { echo "run make build first" >&2; exit 1; }
	@Packaging/install install "$(PREFIX)" "$(DESTDIR)"

uninstall:
	@Packaging/install uninstall "$(PREFIX)" "$(DESTDIR)"

# An archive to unpack on a server, in dist/; gopmd needs libsystemd.so.0 there, nothing else is needed.
dist: build
	@Packaging/build-archive

# A Debian package, in dist/.
deb: build
	@Packaging/build-deb

clean:
	rm -rf .build .build-race .build-fuzz .build-mcp bin dist
