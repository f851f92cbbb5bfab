# Two commands on a fresh machine: `make demo` and `make test`. Both set up what they need.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
BUILT  := $(VENV)/.built
KERNEL := setup.py $(wildcard */*/*.pyx */*/*.pxd */*/*.c */*/*.h) models/compiled/tables.py models/compiled/word_characters.py models/folding/tables.json
PEERS  := .cache/bench/venv
ARGS   ?=
# Of the whole suite; each has a Kafka of its own.
PROCESSES ?= 2

.PHONY: help install demo kafka picture test fuzz check audit sbom format lock bench guard chaos overload soak generate clean

help: ## Show what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(BUILT) ## Build the virtual environment .venv with the sluicegate command in it

$(STAMP): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "sluicegate needs Python 3.11 or later; set PYTHON to one, as in: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@touch $@

$(BUILT): $(STAMP) $(KERNEL)
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(BUILT) ## See it work: embedded broker, worker, generator and a live screen (ARGS="--plain --duration 20")
	@$(BIN)/sluicegate demo $(ARGS)

kafka: $(BUILT) ## Run one Kafka on 127.0.0.1:9092 until Ctrl-C; needs Java 17 and Maven (ARGS="--port 9192")
	@$(BIN)/python -m sluicegate.deploy.kafka $(ARGS)

picture: $(BUILT) ## Draw docs/demo.svg anew, the README's picture of the demo
	@$(BIN)/sluicegate demo --plain --duration 30 --rate 60 --picture docs/demo.svg

test: $(BUILT) ## Run all tests, several files at once (ARGS="tests/unit -k name" for some, one by one)
	$(BIN)/python -m pytest $(or $(ARGS),--numprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder --durations 25)

fuzz: $(BUILT) ## Fuzz what reads untrusted bytes, ten minutes; needs clang (ARGS="--seconds 3600" or "--target policy")
	@$(BIN)/python -m tests.fuzz $(ARGS)

check: $(BUILT) ## Format, lint, types, import rules, generated files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/generated

audit: $(BUILT) ## Compare the pinned packages with advisories (ARGS=FOLDER or all.zip, in osv.dev's format); says so if there are none
	@$(BIN)/python -m sluicegate.deploy.supply $(ARGS)

sbom: $(BUILT) ## Write the software bill of materials of a worker, dist/sbom.cdx.json (CycloneDX)
	@$(BIN)/python -m sluicegate.deploy.supply.bill dist/sbom.cdx.json

$(PEERS)/.installed: requirements-bench.lock
	$(PYTHON) -m venv --clear $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --require-hashes -r requirements-bench.lock
	@touch $@

bench: $(BUILT) $(PEERS)/.installed ## Measure side by side with its peers; writes docs/benchmarks.md (ARGS="--quick" or "--long")
	@$(BIN)/python -m sluicegate.bench $(ARGS)

guard: $(BUILT) ## Compare the speed of what is here with that of its base revision; fails at 15 % slower
	@$(BIN)/python -m sluicegate.bench.guard $(ARGS)

chaos: $(BUILT) ## Kill, stop and freeze workers and a Kafka under load, and judge what came of it (ARGS="--quick --seed 7")
	@$(BIN)/python -m sluicegate.bench.chaos $(ARGS)

overload: $(BUILT) ## Load a worker with three times what it can do for ten minutes; fails unless it stays flat and catches up (ARGS="--seconds 60")
	@$(BIN)/python -m sluicegate.bench.overload $(ARGS)

soak: $(BUILT) ## Load workers with 70 % of what they can do, killing one every hour; fails unless all stays flat (ARGS="--minutes 30")
	@$(BIN)/python -m sluicegate.bench.soak $(ARGS)

format: $(BUILT) ## Format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

generate: $(BUILT) ## Write the generated pages of docs/ anew
	$(BIN)/python -m sluicegate.models.folding.making
	$(BIN)/python -m sluicegate.cli.documents docs

lock: ## Pin all dependencies with hashes: all, those of the image, those that build the package, and the peers of make bench
	uv pip compile pyproject.toml --extra demo --extra reports --extra opinion-export --group dev --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet --output-file requirements.lock
	uv pip compile pyproject.toml --constraint requirements.lock --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet --output-file requirements-runtime.lock
	$(PYTHON) -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' \
	  | uv pip compile - --constraint requirements.lock --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet --output-file requirements-build.lock
	# An environment of its own: what it shares with the others keeps their versions wherever the peers allow it.
	cp requirements.lock requirements-bench.lock
	uv pip compile pyproject.toml --group bench --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet --output-file requirements-bench.lock
	# Nothing but the fuzzer, which goes to a folder of its own.
	uv pip compile --group pyproject.toml:fuzz --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet --output-file requirements-fuzz.lock

clean: ## Remove what was built
	rm -rf $(VENV) build dist .cache src/*.egg-info
