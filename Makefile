# Everything a developer or a newcomer runs. `make help` prints this list.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# one more than there are cores, at most four: tests also wait for servers and clocks
WORKERS ?= $(shell $(PYTHON) -c "import os; print(min(4, (os.cpu_count() or 1) + 1))")
REPLAY := warcio==1.8.1 fastwarc==2.0.1 wacz==0.6.0 pywb==2.10.0 setuptools==65.5.0

.PHONY: help demo test nightly fleet soak lint fix types house docs docs-check check install-check real replay web-check screenshots samples bench lock clean

help:           ## print this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## (.*)/  make \1|\2/' | column -t -s '|'

$(READY): requirements-dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY)  ## run the main job end to end, on a portal that the program serves itself
	$(BIN)/archiver demo

test: $(READY)  ## run the tests, including README and docs, without the slow ones (four minutes on two cores)
	$(BIN)/pytest -q -n $(WORKERS) --dist loadfile -m "not slow"

nightly: $(READY) ## run all tests, also the slow ones (half an hour on two cores)
	$(BIN)/pytest -q -n $(WORKERS) --dist loadfile

fleet: $(READY)   ## run the slow tests of fleets: workers, Postgres and storage that fail, and a short trial of kills (four minutes on two cores)
	$(BIN)/pytest -q -n $(WORKERS) --dist loadfile -m slow tests/fleet

soak: $(READY)  ## run the kill, fault and hostile-server tests at full length (about half an hour; for every night)
	ARCHIVER_SOAK=1 $(BIN)/pytest -q -m soak -n $(WORKERS) --dist loadfile

lint: $(READY)  ## check rules and format with ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

fix: $(READY)   ## apply the fixes and the format of ruff
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format --quiet .

types: $(READY) ## run mypy --strict on src and tests
	$(BIN)/mypy

house: $(READY) ## check that imports follow the layers
	$(BIN)/lint-imports

docs: $(READY)  ## regenerate docs/reference, the profile schema and the CLDR words
	$(BIN)/python -m cogapp -r -I docs docs/reference/*.md docs/explain/security.md
	$(BIN)/python docs/schema.py
	$(BIN)/python docs/cldr_words.py

docs-check: $(READY) ## fail if docs/reference or the schema is out of date
	$(BIN)/python -m cogapp --check -I docs docs/reference/*.md docs/explain/security.md
	$(BIN)/python docs/schema.py --check

check: lint types house docs-check test ## run what CI runs, except the demo

install-check: $(READY) ## build the sdist and the wheel, install each into a new venv, and run it
	bash tests/real/install.sh $(BIN)/python $(PYTHON)

real: $(READY)  ## crawl a real documentation site served on loopback (installs it first; needs root on Debian)
	PYTHON=$(BIN)/python bash tests/real/run.sh

replay: $(READY) ## check exported files with third-party validators, pywb and ReplayWeb.page (a second venv; needs chromium and npm)
	test -x $(VENV)-replay/bin/wayback || $(PYTHON) -m venv $(VENV)-replay
	$(VENV)-replay/bin/pip install --quiet --disable-pip-version-check $(REPLAY)
	$(BIN)/python tests/real/replay.py --tools $(VENV)-replay

web-check: $(READY) ## check every page of the web interface in Chromium with axe-core, at two widths, light and dark (needs chromium and npm)
	$(BIN)/python tests/real/web_check.py --tools $(VENV)-web

screenshots: $(READY) ## make the pictures of the README: docs/images (needs chromium)
	$(BIN)/python tests/real/screenshots.py

samples: $(READY) ## compare what is imported from SAMPLES="FILE-OR-FOLDER ..." with what warcio reads in them
	$(BIN)/python tests/real/samples.py $(SAMPLES)

bench: $(READY) ## run all benchmarks and write benchmarks/RESULTS.md (15 minutes; needs nginx and debian-handbook)
	$(BIN)/python benchmarks/run_all.py

lock:           ## update requirements-dev.txt: pinned, with hashes, without index URLs (needs uv)
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header -q -o requirements-dev.txt

clean:          ## remove the venv and the caches of the tools
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
