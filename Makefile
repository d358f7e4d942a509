# Two commands: `make run` serves Sekisho with sample data; `make test` runs the tests. Both set up all they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Tests of what knows no database: one run of them says all there is to say.
PURE := tests/analysis tests/sanitizer tests/test_tables.py tests/test_values.py

.PHONY: run test lint fuzz screens messages clean

run: $(VENV)/.installed
	@$(BIN)/sekisho serve

# The sanitizer knows no database, so its tests run once; code 5 says that nothing else was asked for.
test: $(VENV)/.installed-test
	@echo "sekisho: running the tests on SQLite"
	@DATABASE_URL= $(BIN)/pytest -n auto -q $(ARGS)
	@if [ -n "$$SEKISHO_TEST_POSTGRES_URL" ]; then \
	  echo "sekisho: running the tests on PostgreSQL"; \
	  DATABASE_URL="$$SEKISHO_TEST_POSTGRES_URL" $(BIN)/pytest -n auto -q $(PURE:%=--ignore=%) $(ARGS) \
	    || [ $$? -eq 5 ]; \
	fi

lint: $(VENV)/.installed-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint --lint --quiet src
	$(BIN)/lint-imports
	$(BIN)/mypy

fuzz: $(VENV)/.installed-test
	@echo "sekisho: trying broken and poisoned files on the sanitizer"
	@SEKISHO_FUZZ_EXAMPLES=$${EXAMPLES:-2000} DATABASE_URL= $(BIN)/pytest -n auto -q tests/sanitizer/test_promise.py tests/sanitizer/test_pdf_mutations.py

screens: $(VENV)/.installed-test
	$(BIN)/python -m tests.browser.screens docs/screens

messages: $(VENV)/.installed-test
	cd src/sekisho && ../../$(BIN)/django-admin makemessages --locale ja --no-location --no-wrap --ignore "static/*"
	$(BIN)/python -m tests.compile_messages

clean:
	rm -rf $(VENV) build dist

$(VENV)/bin/python:
	@echo "sekisho: making the Python environment in $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit("sekisho: Python 3.11 or newer is needed, this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "sekisho: installing Sekisho and what it needs (a minute the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	@echo "sekisho: installing what the tests need"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@

$(VENV)/.installed-lint: $(VENV)/.installed-test
	@echo "sekisho: installing the linters"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test,lint]'
	@touch $@
