"""The house: which file may import which, what is public, and where it is found.

The floors are computed from the imports themselves, at the top of a file, within functions and
for types alike.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import topolens as tl

ROOT = Path(tl.__file__).parent
FLOORS = (
    ("_arrays", "_faces", "_html", "_memory", "_style", "_vocabulary"),
    ("_calls",),
    ("_bootstrap",),
    ("spaces", "statistics"),
    ("datasets", "homology", "magnitudes", "transfer"),
    ("diagrams",),
    ("measures", "sklearn"),
    ("layers",),
    ("torch",),
    ("networks", "profiles"),
    ("plotting", "report"),
    ("cli",),
)
FLOOR = {name: floor for floor, names in enumerate(FLOORS) for name in names}
PACKAGES = sorted(name for name in FLOOR if not name.startswith("_"))
ON_TOP = {
    *("record", "TrajectoryRecorder", "analyse", "analyze", "pool", "choose_scale"),
    "layer_distances",
    "cubical_profile",
    *("ttp_score", "NetworkSpace", "write_report", "plot_diagram"),
    *("HopBetti", "Loops", "Rips", "Cubical", "PHDimension", "Magnitude", "MagnitudeDimension"),
    *("Pieces", "Spread"),
    *("distances", "landmarks", "MetricSpace", "rips", "rips_batch", "hop_betti", "cubical"),
    *("cubical_betti", "magnitude", "magnitude_function", "ph_dimension"),
    *("bottleneck_distance", "wasserstein_distance", "distance_matrix", "confidence_band"),
    *("NumericalError", "__version__"),
}
MOST_ON_TOP = 40
MOST_LINES = 500
MOST_IN_A_ROW = 5  # arguments without a name
DRAWING = ("_style.py", "_plots.py", "_page.py")
BRIDGES = {"networks/_models.py", "cli/_demo.py"}  # to torch, from above it


def module_of(path: Path) -> str:
    parts = ("topolens", *path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts).removesuffix(".__init__")


FILES = {module_of(path): path for path in sorted(ROOT.rglob("*.py"))}


def imports_of(source: str) -> list[str]:
    """Every module that a file imports, and every name from a module as if it were one."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            found += [f"{node.module}.{name.name}" for name in node.names]
    return found


def arrows(sources: dict[str, str]) -> dict[str, set[str]]:
    """From each file to the files that it imports."""
    graph = {}
    for module, source in sources.items():
        names = imports_of(source)
        targets = {n if n in sources else n.rpartition(".")[0] for n in names}
        graph[module] = {target for target in targets if target in sources} - {module}
    return graph


def ring_in(graph: dict[str, set[str]]) -> list[str]:
    """Files that import each other, in a row, or none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def climbs(graph: dict[str, set[str]]) -> list[tuple[str, str]]:
    """Arrows between floors that do not lead down."""
    return [
        (module, target)
        for module, targets in graph.items()
        for target in targets
        if (one := part_of(module)) != (other := part_of(target)) and FLOOR[other] >= FLOOR[one]
    ]


def part_of(module: str) -> str:
    return module.split(".")[1]


def graph_of_the_house() -> dict[str, set[str]]:
    below = {
        module: path.read_text(encoding="utf-8")
        for module, path in FILES.items()
        if module not in ("topolens", "topolens.__main__")
    }
    return arrows(below)


# --- arrows -------------------------------------------------------------------------------------


def test_every_file_stands_on_a_floor():
    assert {part_of(module) for module in graph_of_the_house()} == set(FLOOR)


def test_no_files_import_each_other():
    assert not ring_in(graph_of_the_house())


def test_imports_lead_down():
    assert not climbs(graph_of_the_house())


def test_the_drawing_shows_the_floors():
    text = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    drawn = [set(line.split()) for line in text.splitlines()]
    places = [drawn.index(set(floor)) for floor in FLOORS]
    assert places == list(range(places[0], places[0] - len(FLOORS), -1))


def test_these_tests_can_fail():
    ring = {
        "topolens._calls": "",
        "topolens.spaces._a": "def f():\n    from topolens.spaces._b import g",
        "topolens.spaces._b": "if TYPE_CHECKING:\n    from topolens.spaces import f",
        "topolens.spaces": "from topolens.spaces._a import f",
    }
    assert len(set(ring_in(arrows(ring)))) == 3
    up = {"topolens.spaces._a": "import topolens.layers._b", "topolens.layers._b": ""}
    assert climbs(arrows(up)) == [("topolens.spaces._a", "topolens.layers._b")]
    assert not ring_in(arrows(up))


# --- rooms --------------------------------------------------------------------------------------


def test_files_are_private_and_packages_public():
    for module, path in FILES.items():
        name = path.stem
        assert name in ("__init__", "__main__") or name.startswith("_"), module
    folders = {path.name for path in ROOT.iterdir() if path.is_dir()} - {"__pycache__"}
    assert folders == set(PACKAGES)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_is_opened_by_its_table_of_contents(package):
    body = ast.parse((ROOT / package / "__init__.py").read_text(encoding="utf-8")).body
    allowed = (ast.Expr, ast.Import, ast.ImportFrom, ast.Assign)
    if package == "sklearn":
        allowed = (*allowed, ast.Try)  # it says what to install
    assert ast.get_docstring(ast.Module(body, [])) and all(isinstance(n, allowed) for n in body)
    assigned = [target.id for n in body if isinstance(n, ast.Assign) for target in n.targets]
    assert assigned == ["__all__"]


@pytest.mark.parametrize("module", sorted(FILES))
def test_files_are_short(module):
    lines = FILES[module].read_text(encoding="utf-8").splitlines()
    assert len(lines) < MOST_LINES, f"{module} has {len(lines)} lines"


@pytest.mark.parametrize("module", sorted(FILES))
def test_libraries_are_imported_where_they_belong(module):
    path = FILES[module]
    place = path.relative_to(ROOT).as_posix()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):  # what is for types alone is not imported
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            node.body = [ast.Pass()]
    used = {name.split(".")[0] for name in imports_of(ast.unparse(tree))}
    assert "matplotlib" not in used or place.endswith(DRAWING)
    assert "torch" not in used or place.startswith("torch/") or place in BRIDGES
    assert "sklearn" not in used or place.startswith("sklearn/")


# --- names --------------------------------------------------------------------------------------


def test_names_on_top_are_those_of_the_list():
    assert set(tl.__all__) == ON_TOP and len(tl.__all__) <= MOST_ON_TOP


@pytest.mark.parametrize("package", PACKAGES)
def test_public_names_say_where_they_are_found(package):
    module = importlib.import_module(f"topolens.{package}")
    assert list(module.__all__) == sorted(set(module.__all__), key=sorting)
    for name in module.__all__:
        thing = getattr(module, name)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            assert thing.__module__ == module.__name__, name


def sorting(name: str) -> tuple[int, str]:
    """Constants, classes, then functions, as the linter wants them."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2, name)


@pytest.mark.parametrize("module", FILES)
def test_calls_name_all_but_few_arguments(module):
    tree = ast.parse(FILES[module].read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    long = [ast.unparse(call) for call in calls if len(call.args) > MOST_IN_A_ROW]
    assert not long


def test_public_functions_are_called_with_few_arguments_without_a_name():
    in_a_row = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    for package in PACKAGES:
        module = importlib.import_module(f"topolens.{package}")
        for name in module.__all__:
            thing = getattr(module, name)
            found = [thing] if inspect.isfunction(thing) else vars(thing).values()
            for function in (getattr(one, "__func__", one) for one in found):
                if inspect.isfunction(function) and re.match(r"__init__|[^_]", function.__name__):
                    parameters = inspect.signature(function).parameters.values()
                    named = [p for p in parameters if p.name not in ("self", "cls")]
                    assert sum(p.kind in in_a_row for p in named) <= MOST_IN_A_ROW, function


def test_a_public_name_has_one_path():
    where: dict[str, list[str]] = {}
    for package in PACKAGES:
        for name in importlib.import_module(f"topolens.{package}").__all__:
            where.setdefault(name, []).append(package)
    twice = {name: places for name, places in where.items() if len(places) > 1}
    assert twice == {"MagnitudeFunction": ["magnitudes", "sklearn"]}  # the result, the estimator
    shadows = set(where) & set(PACKAGES)
    assert not shadows


def test_packages_are_reached_from_the_top():
    for package in PACKAGES:
        assert getattr(tl, package).__name__ == f"topolens.{package}"
    assert set(PACKAGES) <= set(dir(tl))
    with pytest.raises(AttributeError, match="has no attribute 'homologies'"):
        _ = tl.homologies


def test_a_name_that_stands_in_a_package_says_where():
    assert {*tl._SEARCHED, "cli", "sklearn"} == set(PACKAGES)
    for package in tl._SEARCHED:
        for name in set(getattr(tl, package).__all__) - set(tl.__all__):
            with pytest.raises(AttributeError, match=f"; it is topolens.{package}.{name}$"):
                getattr(tl, name)


def test_completion_offers_public_names_only():
    assert set(dir(tl)) == {*tl.__all__, *PACKAGES}
    for package in tl._SEARCHED:
        module = getattr(tl, package)
        assert dir(module) == sorted(module.__all__)
