"""The package as it is shipped: stubs, docstrings, imports, results that travel."""

from __future__ import annotations

import copy
import dataclasses
import doctest
import importlib
import importlib.metadata
import inspect
import json
import pickle
import pkgutil
import re
import subprocess
import sys
from importlib.machinery import ExtensionFileLoader
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

import topolens as tl
from topolens import _core
from topolens.diagrams._distances import DiagramMetric
from topolens.layers._distances import DISTANCES
from topolens.networks._comparisons import COMPARISONS, ComparisonName
from topolens.statistics._generalization import CORRELATIONS, Correlation

PACKAGE = Path(tl.__file__).parent
MODULES = sorted(
    info.name
    for info in pkgutil.walk_packages([str(PACKAGE)], "topolens.")
    if not info.name.endswith("__main__")
)
PACKAGES = [name for name in MODULES if not name.rpartition(".")[2].startswith("_")]
PUBLIC = {
    f"{package}.{name}": getattr(importlib.import_module(package), name)
    for package in PACKAGES
    for name in importlib.import_module(package).__all__
}
FUNCTIONS = [name for name, thing in PUBLIC.items() if inspect.isfunction(thing)]
CLASSES = [name for name, thing in PUBLIC.items() if inspect.isclass(thing)]


def python(*arguments):
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


# --- types --------------------------------------------------------------------------------------


def test_stub_agrees_with_the_compiled_module():
    assert "no issues found" in python("-m", "mypy.stubtest", "topolens._core")


def test_types_are_shipped():
    assert (PACKAGE / "py.typed").is_file() and (PACKAGE / "_core.pyi").is_file()


def test_extension_is_abi3_and_built_for_release():
    assert isinstance(_core.__spec__.loader, ExtensionFileLoader)
    assert re.search(r"\.abi3\.so$|\.pyd$", _core.__file__)
    assert not re.search(r"cp\d+|cpython-\d+", Path(_core.__file__).name)
    assert _core.DEBUG_BUILD is False


def test_version_is_said_once():
    assert tl.__version__ == _core.__version__ == importlib.metadata.version("topolens")


# --- imports ------------------------------------------------------------------------------------


def test_import_is_light():
    program = "import json, sys, topolens; print(json.dumps(sorted(sys.modules)))"
    loaded = set(json.loads(python("-c", program)))
    assert "topolens._core" in loaded and "numpy" in loaded
    heavy = {"torch", "pandas", "scipy", "safetensors", "sklearn", "matplotlib.pyplot"}
    assert not heavy & loaded


def test_all_is_complete():
    assert tl.__all__ == sorted(set(tl.__all__))
    named = {name for name in vars(tl) if not name.startswith("_")}
    things = {name for name in named if not inspect.ismodule(getattr(tl, name))}
    things -= {"annotations"}
    assert things == {name for name in tl.__all__ if name != "__version__"}


@pytest.mark.parametrize("name", CLASSES)
def test_constructors_that_are_called_amiss_name_public_names(name):
    """Not those of private bases, who are nobody that a user knows."""
    for given, named in ([[object()] * 40, {}], [[], {"no_such_argument": 1}]):
        with pytest.raises(TypeError) as refused:
            PUBLIC[name](*given, **named)
        called = re.findall(r"(\w+)\.__(?:init|new)__", str(refused.value))
        assert set(called) <= {PUBLIC[name].__name__}


# --- docstrings ---------------------------------------------------------------------------------


@pytest.mark.parametrize("module", MODULES)
def test_doctests(module):
    found = doctest.testmod(
        importlib.import_module(module), optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    )
    assert found.failed == 0


@pytest.mark.parametrize("name", CLASSES)
def test_doctests_of_methods(name):
    """Which a module does not find, since they come from a private one."""
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    names = vars(importlib.import_module(PUBLIC[name].__module__)).copy()
    found = doctest.DocTestFinder(exclude_empty=True).find(
        PUBLIC[name], name, module=False, globs=names
    )
    for test in found:
        runner.run(test)
    assert runner.summarize().failed == 0


def test_there_are_doctests():
    finder = doctest.DocTestFinder(exclude_empty=True)
    count = {
        module: sum(len(test.examples) for test in finder.find(importlib.import_module(module)))
        for module in MODULES
    }
    assert sum(count.values()) > 20
    assert count["topolens.homology"] > 3 and count["topolens.spaces"] > 3


def sections(thing):
    """The numpydoc sections of a docstring with their text."""
    text = inspect.getdoc(thing) or ""
    parts = re.split(r"^([A-Z][A-Za-z ]+)\n-{3,}\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_public_functions_are_documented(name):
    function = PUBLIC[name]
    found = sections(function)
    assert {"Parameters", "Returns", "Raises", "See Also", "Examples"} <= set(found), sorted(found)
    if "max_memory" in inspect.signature(function).parameters:
        assert "MemoryError" in found["Raises"]
    described = set()
    for line in found["Parameters"].splitlines():
        if line and not line.startswith(" "):
            described |= {part.strip(" *") for part in line.split(":")[0].split(",")}
    assert described == set(inspect.signature(function).parameters)
    assert ">>>" in found["Examples"]


@pytest.mark.parametrize("name", [name for name in PUBLIC if "See Also" in sections(PUBLIC[name])])
def test_what_is_named_beside_it_is_public(name):
    package = name.rpartition(".")[0]
    for line in sections(PUBLIC[name])["See Also"].splitlines():
        for other in filter(None, line.split(" :")[0].split(", ")):
            full = other if other.startswith("topolens.") else f"{package}.{other}"
            found = [public for public in PUBLIC if f"{full}.".startswith(f"{public}.")]
            assert found, full
            thing = PUBLIC[max(found, key=len)]
            for member in full.removeprefix(max(found, key=len)).split(".")[1:]:
                thing = getattr(thing, member)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_public_functions_are_annotated(name):
    signature = inspect.signature(PUBLIC[name])
    assert signature.return_annotation is not inspect.Signature.empty
    for parameter in signature.parameters.values():
        assert parameter.annotation is not inspect.Parameter.empty, parameter.name


@pytest.mark.parametrize("name", CLASSES)
def test_public_classes_are_documented(name):
    thing = PUBLIC[name]
    text = inspect.getdoc(thing)
    assert text and not text.startswith(f"{thing.__name__}(")
    own = [owner for owner in thing.__mro__ if owner.__module__.startswith("topolens")]
    for member, value in (item for owner in own for item in vars(owner).items()):
        if not member.startswith("_") and (
            inspect.isfunction(value) or isinstance(value, property)
        ):
            assert inspect.getdoc(value), f"{name}.{member}"


NAMED = {
    ComparisonName: COMPARISONS,
    Correlation: CORRELATIONS,
    DiagramMetric: DISTANCES,
}


@pytest.mark.parametrize("alias", NAMED)
def test_choices_are_said_once(alias):
    assert get_args(alias) == tuple(NAMED[alias])


# --- results ------------------------------------------------------------------------------------

X = np.random.default_rng(0).normal(size=(30, 3))
NETWORKS = tl.NetworkSpace.from_labels(np.random.default_rng(0).integers(3, size=(6, 20)))
RESULTS = {
    "rips": lambda: tl.rips(X, maxdim=2, cocycles=True, n_landmarks=20, rng=0),
    "rips, bare": lambda: tl.rips(X),
    "hop_betti": lambda: tl.hop_betti(X, k=5),
    "landmarks": lambda: tl.landmarks(X, 5, rng=0),
    "intervals": lambda: NETWORKS.distances().interval(),
    "quotient": lambda: NETWORKS.distances().quotient(0.3),
    "embedding": lambda: NETWORKS.distances().embed(2),
    "covering curve": lambda: NETWORKS.distances().covering_curve(),
    "network trajectory": lambda: NETWORKS.trajectory(range(4)),
    "confidence band": lambda: tl.confidence_band(X, n_resamples=9, rng=0),
    "band of a measure": lambda: tl.confidence_band(X, "bootstrap", resolution=4, n_resamples=9),
    "landscape band": lambda: tl.diagrams.landscape_band([[[0.0, 1.0]], []], grid=[0.5], rng=0),
    "permutation test": lambda: tl.diagrams.permutation_test(
        [[]] * 2, [[]] * 2, np.zeros((4, 4)), rng=0
    ),
    "contrast": lambda: tl.statistics.copy_contrast([1.0, 2.0], np.arange(80.0).reshape(40, 2)),
    "disputed samples": lambda: NETWORKS.disputed_samples(3),
}


@pytest.mark.parametrize("name", [name for name in RESULTS if name != "confidence band"])
def test_results_are_columns_of_one_length(name):
    result = RESULTS[name]()
    columns = result.to_columns()  # a band of subsamples holds no bars of its own
    assert columns and len({len(column) for column in columns.values()}) == 1
    assert len(repr(result)) < 400
    assert all(isinstance(column, np.ndarray) for column in columns.values())


def equal(a, b):
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(equal, a, b))
    return type(a) is type(b) and a == b


@pytest.mark.parametrize("name", RESULTS)
@pytest.mark.parametrize(
    "travel", [copy.copy, copy.deepcopy, lambda r: pickle.loads(pickle.dumps(r))]
)
def test_results_travel(name, travel):
    result = RESULTS[name]()
    arrived = travel(result)
    assert type(arrived) is type(result)
    assert dataclasses.is_dataclass(result)
    names = [field.name for field in dataclasses.fields(result) if not field.name.startswith("_")]
    for name in [*names, *(["distances"] if hasattr(result, "distances") else [])]:
        assert equal(getattr(result, name), getattr(arrived, name)), name


def test_a_deep_copy_shares_nothing():
    result = RESULTS["rips"]()
    other = copy.deepcopy(result)
    before = result[0].copy()
    other[0][:] = -1
    np.testing.assert_array_equal(result[0], before)
