# Everything sets itself up: `make help` lists what there is.
.DEFAULT_GOAL := install
.PHONY: install demo page kernel test advisories differential check quick lint bench load attacks mutants lock hooks picture clean distclean help tool node page-if-node kernel-if-cargo crate types
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url
LOCK := $(COMPILE) --group build pyproject.toml
WORKERS ?= 3
# Servers are waited for: more workers than two cores. A file's tests share what is made for them:
# one worker runs them all. What takes long comes first.
PYTEST = PYTHONDONTWRITEBYTECODE= $(BIN)/pytest --dist loadfile --no-loadscope-reorder
PAGE := bot/miniapp
PAGE_FILES := $(shell find $(PAGE) \( -name node_modules -o -name dist -o -name catalogue.d.ts \) -prune -o -type f -print)
MODULES := $(PAGE)/node_modules/.package-lock.json
CRATE := kernel
# Before 1.89 Rust has no AVX-512: without what kernel/.cargo/config.toml asks for.
OLD_RUST := $(shell { rustc --version | awk -F'[ .]' '$$3 < 89 { print "RUSTFLAGS=" }'; } 2>/dev/null)
HAS_NODE := node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null && \
	command -v npm >/dev/null

install: $(VENV)/.runtime page-if-node kernel-if-cargo ## install .venv/bin/phieukin (also plain `make`)

demo: $(VENV)/.runtime page-if-node kernel-if-cargo ## a whole session on this machine, to audited results (ARGS="--voters 50")
	@$(BIN)/phieukin demo $(ARGS)

page: node $(PAGE)/dist/ban-kiem-phieu.html ## build the pages for phones, hall and committee (needs node 20 or newer)

kernel: $(VENV)/.kernel ## build what checks ballots faster (needs Rust 1.85 or newer)

test: $(VENV)/.dev tool page-if-node kernel-if-cargo ## the whole test suite (ARGS="-k ballot" WORKERS=4)
	@$(PYTEST) -n $(WORKERS) $(ARGS)

check: $(VENV)/.dev ## lint and the quick tests, side by side, in half a minute
	@$(MAKE) --no-print-directory -j 2 --output-sync=target lint quick

quick:
	@HYPOTHESIS_PROFILE=quick $(PYTEST) -q -n 2 -m "not slow and not tool" $(ARGS)

lint: $(VENV)/.dev types crate ## style, types, layers, dependencies, dead code
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/vulture

advisories: ## look up known weaknesses of the kernel's crates (needs cargo-audit and a network)
	@cd $(CRATE) && cargo audit

differential: $(VENV)/.dev kernel ## compare the kernel with libsodium, a million cases (ARGS="--seed 7")
	@$(BIN)/python -m tests.crypto.differential $(ARGS)

bench: $(VENV)/.dev tool kernel-if-cargo ## measure, beside belenios-tool: prints tables, asserts nothing (ARGS=--quick)
	@$(BIN)/python -m tests.bench ballot audit session demo page second $(ARGS)

load: $(VENV)/.dev kernel-if-cargo ## measure a crowd that votes at once, judged by an audit (ARGS=--record: into docs/)
	@$(BIN)/python -m tests.bench load $(ARGS)

attacks: $(VENV)/.dev tool page-if-node kernel-if-cargo ## forged records before every verifier, long (ARGS="--number 600 --seed 1 --record")
	@$(BIN)/python -m tests.attacks.forgeries $(ARGS)

mutants: $(VENV)/.dev ## weaken one check at a time, and see whether its tests notice (ARGS="--number 120 --seed 1 --record")
	@$(BIN)/python -m tests.weakened $(ARGS)

lock: $(VENV)/.dev ## choose the newest allowed versions again
	$(LOCK) --upgrade -o requirements.lock
	$(LOCK) --upgrade --group dev -c requirements.lock -o requirements-dev.lock
	$(COMPILE) --upgrade --group kernel -o $(CRATE)/requirements.lock

hooks: $(VENV)/.dev ## judge what is staged before every commit (pre-commit)
	$(BIN)/pre-commit install

picture: docs/images/architecture.svg ## draw the layers (needs graphviz)

docs/images/architecture.svg: docs/architecture.dot
	dot -Tsvg $< -o $@

clean: ## remove caches and what the demo wrote
	rm -rf build dist $(PAGE)/dist demo-out .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find bot crypto storage admin tests -name node_modules -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## also remove the environments and the stock tool
	rm -rf $(VENV) $(PAGE)/node_modules $(CRATE)/target .tools

help: ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## /  make \1 - /p' $(MAKEFILE_LIST)

# Without the stock tool a developer may go on: those tests are skipped. Under CI that is a failure.
tool:
	@.ci/setup || { [ -z "$$CI" ] && echo "make: going on without belenios-tool: the tests against it are skipped" >&2; }

node:
	@$(HAS_NODE) || { \
	  echo "make: error: node is missing or older than 20, or npm is missing" >&2; \
	  echo "make: hint: install Node.js 20 or newer with npm, then run make page again" >&2; exit 1; }

# Everything but the page goes without node. Under CI the page is part of it.
page-if-node:
	@why="it needs node 20 or newer"; \
	if $(HAS_NODE); then $(MAKE) --no-print-directory page && exit; why="its build failed, see above"; fi; \
	[ -z "$$CI" ] && echo "make: going on without the phone page: $$why" >&2

# Everything goes without the kernel, by libsodium: what keeps it from being built is said in one line.
kernel-if-cargo: $(VENV)/.runtime
	@log=$(VENV)/kernel.log; why=; \
	if [ "$$PHIEUKIN_KERNEL" = 0 ]; then why=" (PHIEUKIN_KERNEL=0)"; \
	elif ! command -v cargo >/dev/null; then why=" (no cargo to build the kernel)"; \
	elif ! $(MAKE) --no-print-directory kernel >$$log 2>&1; then why=" (the kernel cannot be built, see $$log)"; fi; \
	$(BIN)/python -c 'from crypto.group import backend; b = backend(); print("make: ballots are checked by", b.name, b.version, b.problem, end="")' && echo "$$why"

# The crate's own linters and tests, where cargo has them.
crate:
	@if cargo clippy --version >/dev/null 2>&1 && cargo fmt --version >/dev/null 2>&1; then cd $(CRATE) && \
	  cargo fmt --check && $(OLD_RUST) cargo clippy --quiet --locked --all-targets --all-features -- --deny warnings && \
	  $(OLD_RUST) cargo test --quiet --locked --release >/dev/null; \
	  else [ -z "$$CI" ] && echo "make: going on without cargo: the kernel is not checked" >&2; fi

types:
	@if $(HAS_NODE); then $(MAKE) --no-print-directory $(MODULES) && cd $(PAGE) && npm run --silent check; \
	  else [ -z "$$CI" ] && echo "make: going on without node: the page is not checked" >&2; fi

$(MODULES): $(PAGE)/package.json $(PAGE)/package-lock.json | node
	@echo "make: installing what the phone page is built from"
	@cd $(PAGE) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(PAGE)/dist/ban-kiem-phieu.html: $(MODULES) $(PAGE_FILES) | node
	@echo "make: building the phone page"
	@cd $(PAGE) && npm run --silent build
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "make: error: $(PYTHON) is missing or older than 3.11" >&2; \
	  echo "make: hint: install a newer Python, then: make PYTHON=python3.12" >&2; exit 1; }
	@echo "make: creating $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "make: hint: on Debian and Ubuntu install the package python3-venv" >&2; exit 1; }

$(VENV)/.runtime: requirements.lock pyproject.toml | $(BIN)/python
	@echo "make: installing the locked dependencies and phieukin"
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.kernel: $(CRATE)/requirements.lock $(CRATE)/Cargo.lock $(CRATE)/Cargo.toml $(CRATE)/pyproject.toml $(CRATE)/.cargo/config.toml $(wildcard $(CRATE)/src/*.rs) $(VENV)/.runtime
	@$(PIP) --require-hashes -r $(CRATE)/requirements.lock
	@rm -rf build/kernel
	cd $(CRATE) && $(OLD_RUST) ../$(BIN)/maturin build --quiet --release --locked --interpreter ../$(BIN)/python --out ../build/kernel
	@$(PIP) --no-deps --no-index --force-reinstall build/kernel/*.whl
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo "make: installing the locked development tools"
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@
