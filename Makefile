# Everything a developer or a newcomer runs. `make help` prints this list.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
REPLAY := warcio==1.8.1 fastwarc==2.0.1 wacz==0.6.0 pywb==2.10.0 setuptools==65.5.0

.PHONY: help demo test soak lint fix types house docs docs-check check real replay bench lock clean

help:           ## print this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## (.*)/  make \1|\2/' | column -t -s '|'

$(READY): requirements-dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY)  ## the main job, end to end, on a living portal this program serves to itself
	$(BIN)/archiver demo

test: $(READY)  ## the whole test suite, README and docs included
	$(BIN)/pytest -q -n auto --maxprocesses 4 --dist loadfile

soak: $(READY)  ## kill, fault and hostile trials at full length: for every night, takes about half an hour
	ARCHIVER_SOAK=1 $(BIN)/pytest -q -m soak -n auto --maxprocesses 4 --dist loadfile

lint: $(READY)  ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

fix: $(READY)   ## mend what ruff can mend
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format --quiet .

types: $(READY) ## mypy --strict on src and tests
	$(BIN)/mypy

house: $(READY) ## imports go down the floors
	$(BIN)/lint-imports

docs: $(READY)  ## write docs/reference, the profile schema and the words of CLDR
	$(BIN)/python -m cogapp -r -I docs docs/reference/*.md
	$(BIN)/python docs/schema.py
	$(BIN)/python docs/cldr_words.py

docs-check: $(READY) ## fail when docs/reference does not say what the code says
	$(BIN)/python -m cogapp --check -I docs docs/reference/*.md
	$(BIN)/python docs/schema.py --check

check: lint types house docs-check test ## all that CI asks, but the demo

real: $(READY)  ## crawl a real documentation site served on loopback (installs it first; needs root on Debian)
	PYTHON=$(BIN)/python bash tests/real/run.sh

replay: $(READY) ## hold what is exported against other people's validators and pywb (installs them beside)
	test -x $(VENV)-replay/bin/wayback || $(PYTHON) -m venv $(VENV)-replay
	$(VENV)-replay/bin/pip install --quiet --disable-pip-version-check $(REPLAY)
	$(BIN)/python tests/real/replay.py --tools $(VENV)-replay

bench: $(READY) ## benchmarks beside named peers; prints ratios
	$(BIN)/python benchmarks/extract.py
	$(BIN)/python benchmarks/store.py

lock:           ## pin development dependencies again, with hashes and without addresses (needs uv)
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header -q -o requirements-dev.txt

clean:          ## remove what `make` made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
