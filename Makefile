# The commands that people and .ci/run use. Needs python3 (3.11 or newer) and make, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help demo dev test check bench format lock clean

help: ## list the commands
	@grep -hE '^[a-z.]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z.]+):.*## /  make \1\t/' | expand -t 18

$(STAMP): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "newsdesk needs Python 3.11 or newer; set PYTHON=/path/to/python3")'
	@# Some systems part venv's own pip from python3; the system's pip serves as well then.
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || $(PYTHON) -m venv --without-pip $(VENV)
	@pip="$(BIN)/python -m pip"; $$pip --version >/dev/null 2>&1 || pip="$(PYTHON) -m pip --python $(BIN)/python"; \
	  $$pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-uv.txt
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements-uv.txt requirements.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

.venv: $(STAMP) ## the environment alone

demo: $(STAMP) ## everything from nothing: servers, worker, all samples processed
	@if [ -t 1 ]; then exec $(BIN)/newsdesk dev --samples; else exec $(BIN)/newsdesk dev --samples --exit-when-idle; fi

dev: $(STAMP) ## embedded servers and worker, until Ctrl-C
	@exec $(BIN)/newsdesk dev

test: $(STAMP) ## the whole test suite, real servers included
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: $(STAMP) ## formatter, linter, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports --no-cache

bench: $(STAMP) ## speed and quality, small
	$(BIN)/python -m pytest -m bench -q

format: $(STAMP) ## format and mend what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(STAMP) ## resolve the dependencies anew, with hashes
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --extra embedded --group dev --custom-compile-command 'make lock' -o requirements.txt pyproject.toml

clean: ## remove the environment and the state of `newsdesk dev`
	rm -rf $(VENV) .newsdesk
