# Needs python3 (3.11 or newer, with venv) and nothing else; README gives the plain commands.
# Where a container sets PYTHONDONTWRITEBYTECODE, every process would compile Prefect again:
# half a minute lost at each start.
unexport PYTHONDONTWRITEBYTECODE
export DO_NOT_TRACK = 1

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help run test test-all check lock existence clean
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: $(STAMP) ## set up, run the main job on examples/, show the ranked cases
	@$(BIN)/python -m namaak run --watch examples/watch.toml

test: $(STAMP) ## set up, run the tests but for those of test-all
	@$(BIN)/python -m pytest -n auto --dist loadfile -m "not prefect and not peer and not long"

test-all: $(STAMP) ## all tests, also those with Prefect's server, with other programs, with kills and races
	@$(BIN)/python -m pytest -n auto --dist loadfile

check: $(STAMP) ## lint, formatting, types, who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lock: ## make the locks again from pyproject.toml (needs uv)
	$(PYTHON) .ci/lock

existence: ## set up Maigret for the source `existence`, in an environment of its own
	@$(PYTHON) -m venv .venv-existence
	@.venv-existence/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-existence.lock
	@echo 'Write into the watch file: [sources.existence], enabled = true, command = "$(CURDIR)/.venv-existence/bin/maigret"'

clean: ## remove what runs and set-up made
	rm -rf $(VENV) .venv-existence .prefect namaak-data examples/namaak-data .pytest_cache .hypothesis .mypy_cache .ruff_cache

# uv is used where it is on PATH, from the same lock: same versions, less waiting.
$(STAMP): requirements.lock pyproject.toml
	@echo "namaak: installing the locked packages into $(VENV) (a minute or three, once)" >&2
	@$(PYTHON) -m venv $(VENV)
	@if command -v uv >/dev/null 2>&1; then \
		uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements.lock; \
	else \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock; \
	fi
	@echo "$(CURDIR)" > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/namaak.pth"
	@$(BIN)/python -m compileall -q flows detectors namaak
	@touch $@
