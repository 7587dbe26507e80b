# Everything runs in one virtual environment, made from the files of this project.
# The package is built as a wheel and installed from it: what is tested is what users get.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WHEELS := target/wheels
# magnipy asks for its own versions of scipy and numpy, so it gets its own environment.
MAGNIPY := .venv-magnipy
BENCH := --quick
SIZE := small
SOURCES := $(shell find src python -name '*.rs' -o -name '*.py' -o -name '*.pyi') \
	Cargo.toml Cargo.lock pyproject.toml

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYO3_PYTHON := $(abspath $(BIN)/python)

.PHONY: help demo experiments test lint bench bench-cubical bench-diagrams bench-magnitude bench-networks clean
.DELETE_ON_ERROR:

help:
	@echo 'make demo    analyse a pretrained CNN and write the report to demo/'
	@echo 'make experiments  test the claims of four papers and write docs/results.md (SIZE=paper for full size)'
	@echo 'make test    run the tests in Rust and Python'
	@echo 'make lint    check format and lints'
	@echo 'make bench   compare speed with other packages (BENCH= for all cases)'
	@echo 'make bench-cubical  the same for persistence of images (BENCH= for all sizes)'
	@echo 'make bench-magnitude  the same for magnitude functions'
	@echo 'make bench-networks  the same for distances of networks (NETWORKS=--large for 2 000)'
	@echo 'make bench-diagrams  the same for distances of diagrams (BENCH= for large ones)'
	@echo 'make clean   remove all that these made'

demo: $(VENV)/.demo
	$(BIN)/python examples/pretrained_cnn.py --out demo

experiments: $(VENV)/.experiments
	$(BIN)/python -m experiments --size $(SIZE)

test: $(VENV)/.test
	cargo test --locked
	$(BIN)/python -m pytest

lint: $(VENV)/.test
	cargo fmt --check
	cargo clippy --locked --all-targets --all-features -- -D warnings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

bench: $(VENV)/.bench
	$(BIN)/python benches/compare.py $(BENCH)

bench-cubical: $(VENV)/.bench
	$(BIN)/python benches/cubical.py $(BENCH)

bench-magnitude: $(VENV)/.bench $(MAGNIPY)/.installed
	$(BIN)/python benches/magnitude.py --magnipy-python $(MAGNIPY)/bin/python $(BENCH)

bench-networks: $(VENV)/.bench
	$(BIN)/python benches/networks.py $(NETWORKS)

bench-diagrams: $(VENV)/.bench
	$(BIN)/python benches/diagrams.py $(BENCH)

clean:
	rm -rf target $(VENV) $(MAGNIPY) demo results .pytest_cache .ruff_cache .mypy_cache .hypothesis

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(WHEELS)/.built: $(SOURCES) | $(BIN)/python
	rm -rf $(WHEELS)
	$(BIN)/pip wheel --no-deps --wheel-dir $(WHEELS) .
	touch $@

# A wheel of the same version is not installed over the old one unless that is forced.
$(VENV)/.installed: $(WHEELS)/.built
	$(BIN)/pip install --force-reinstall --no-deps $(WHEELS)/*.whl
	touch $@

$(VENV)/.demo $(VENV)/.experiments $(VENV)/.test: $(VENV)/.%: $(VENV)/.installed pyproject.toml
	$(BIN)/pip install "$$(echo $(WHEELS)/*.whl)[$*]"
	$(BIN)/pip install --no-deps facenet-pytorch==2.6.0
	touch $@

$(VENV)/.bench: $(VENV)/.installed pyproject.toml
	$(BIN)/pip install "$$(echo $(WHEELS)/*.whl)[bench]"
	touch $@

$(MAGNIPY)/.installed:
	$(PYTHON) -m venv $(MAGNIPY)
	$(MAGNIPY)/bin/pip install magnipy==1.0.0
	touch $@
