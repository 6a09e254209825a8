# make plan      the main job: the pilot scenario's answer, report and charts
# make open      the same on a page in the browser: change a number, see what follows
# make test      the quick tests (some minutes)
# make check     what CI runs: format, lint, types, all tests, the examples in the documentation
# make notebook  JupyterLab on the scenario notebooks
# make prove     the long proofs: kills, races, hostile input; each prints its count, seed and time (hours)
# make bench     speed and size, as ratios measured in one run
# make lock      choose new versions of what we depend on (needs uv)
# make clean     remove the environment and the caches, never out/: a stored plan may have been consented to
#
# Each target sets up .venv once, with no more than it needs, and again when the lock changes.

SCENARIO ?= scenarios/pilot-5.yaml
WORKERS ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)

PYTHON := .venv/bin/python
LOCK := requirements.lock
PYTEST := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(PYTHON) -m pytest -q --durations=12 -n $(WORKERS) --dist worksteal

.PHONY: help plan open test check style types slow docs notebook prove bench lock clean

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

plan: .venv/.plan
	@$(PYTHON) -m planner plan $(SCENARIO)

open: .venv/.page
	@$(PYTHON) -m planner open $(SCENARIO)

test: .venv/.test
	$(PYTEST) -m "not slow"

check: style types test slow

style: .venv/.check
	$(PYTHON) -m ruff format --check
	$(PYTHON) -m ruff check

types: .venv/.check
	$(PYTHON) -m mypy

slow: .venv/.check
	$(PYTEST) -m slow

docs: .venv/.test
	$(PYTEST) tests/test_docs.py

notebook: .venv/.notebooks
	$(PYTHON) -m jupyter lab notebooks

# one after the other, each to its end: what fails must not hide what else does
prove: .venv/.test
	@failed=0; for script in tests/prove/prove_*.py; do \
		OMP_NUM_THREADS=1 PYTHONPATH=.:tests $(PYTHON) $$script || failed=1; \
	done; exit $$failed

bench: .venv/.test
	@for script in tests/benchmarks/bench_*.py; do \
		echo; echo "$$script"; OMP_NUM_THREADS=1 PYTHONPATH=. $(PYTHON) $$script || exit 1; \
	done

lock:
	uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --all-extras --upgrade \
		--annotation-style line --custom-compile-command "make lock" pyproject.toml --output-file $(LOCK)

clean:
	rm -rf .venv build *.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A link to a Python that is gone counts as missing, so the environment is then made anew.
.venv/bin/python:
	@sh .ci/setup environment

.venv/.plan: .venv/bin/python pyproject.toml $(LOCK)
	@sh .ci/setup install ".[fast]"
	@touch $@

.venv/.page: .venv/bin/python pyproject.toml $(LOCK)
	@sh .ci/setup install ".[fast,page]"
	@touch $@ .venv/.plan

.venv/.test: .venv/bin/python pyproject.toml $(LOCK)
	@sh .ci/setup install ".[test]"
	@touch $@ .venv/.plan .venv/.page

.venv/.check: .venv/bin/python pyproject.toml $(LOCK)
	@sh .ci/setup install ".[test,check]"
	@touch $@ .venv/.test .venv/.plan .venv/.page

.venv/.notebooks: .venv/bin/python pyproject.toml $(LOCK)
	@sh .ci/setup install ".[fast,notebooks]"
	@touch $@ .venv/.plan
