"""Every public signature: its seeds, threads, progress, memory and choices are read in one way.

The walk finds the callables; each must have a small call among the cases.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import re
from typing import Any

import matplotlib.axes
import numpy as np
import pytest

import topolens as tl
from signature_cases import (
    BARS,
    CALLS,
    CLASSES,
    CLOUD,
    DRIVEN,
    IMAGES,
    LAYERS,
    LOGITS,
    MAPS,
    MORE_BARS,
    OWNERS,
    PROTOCOLS,
    RESULTS,
    ROWS,
    model,
    network_distances,
    table,
)
from test_house import PACKAGES
from topolens._arrays import as_rng
from topolens._calls import as_count, as_non_negative, as_number, as_threads, memory_limit


def walk() -> dict[str, Any]:
    """Every public callable that has parameters, by its name."""
    found = {}
    for package in PACKAGES:
        module = importlib.import_module(f"topolens.{package}")
        for name in module.__all__:
            thing, place = getattr(module, name), f"{package}.{name}"
            if not callable(thing) or place in PROTOCOLS:
                continue
            if not inspect.isclass(thing):
                found[place] = thing
                continue
            if place not in RESULTS:
                found[place] = thing
            for method in dir(thing):
                of_class = getattr(thing, method)
                ours = str(getattr(of_class, "__module__", "")).startswith("topolens")
                if method.startswith("_") or not (ours and callable(of_class)):
                    continue
                if set(inspect.signature(of_class).parameters) - {"self"}:
                    found[f"{place}.{method}"] = of_class
    return found


WALKED = walk()
HAND_A_GENERATOR = {f"{place}.measure" for place in OWNERS}  # made by `analyse`


def taking(parameter: str, but: tuple[str, ...] = ()) -> list[str]:
    known = (name for name in WALKED if name in CALLS and name not in but)
    return [n for n in known if parameter in inspect.signature(WALKED[n]).parameters]


def call(name: str, /, **changes: Any) -> Any:
    owner, _, method = name.rpartition(".")
    if name in DRIVEN:
        function = DRIVEN[name]
    elif owner in OWNERS:
        function = getattr(OWNERS[owner](), method)
    else:
        function = WALKED[name]
    return function(**{**CALLS[name], **changes})


def repeatable(name: str) -> dict[str, Any]:
    return {"rng": 0} if "rng" in inspect.signature(WALKED[name]).parameters else {}


def plain(value: Any) -> Any:
    """What a result holds, to be compared."""
    if isinstance(value, np.ndarray):
        return (
            str(value.dtype),
            value.shape,
            value.tolist() if value.dtype == object else bytes(np.ascontiguousarray(value).data),
        )
    if isinstance(value, dict):
        times = ("seconds", "by_measure")
        return {key: plain(part) for key, part in value.items() if key not in times}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, tl.MetricSpace):
        return plain(value.distances)
    if hasattr(value, "tocoo"):
        return plain(value.toarray())
    if isinstance(value, matplotlib.axes.Axes):
        return "axes"
    if dataclasses.is_dataclass(value) or isinstance(value, tl.layers.Table):
        return plain({k: v for k, v in vars(value).items() if not callable(v) and k != "source"})
    return repr(value)


def message_of(function: Any, *arguments: Any) -> str:
    with pytest.raises((TypeError, ValueError)) as caught:
        function(*arguments)
    return str(caught.value)


@pytest.fixture(autouse=True)
def no_figures_left():
    yield
    from matplotlib import pyplot as plt

    plt.close("all")


# --- the table ----------------------------------------------------------------------------------


def test_every_public_callable_has_a_case():
    assert set(WALKED) == set(CALLS)


@pytest.mark.parametrize("name", sorted(set(CALLS) - {"cli.main"}))
def test_the_cases_work(name):
    call(name, **repeatable(name))


# --- seeds --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", taking("rng", but=tuple(HAND_A_GENERATOR)))
def test_seeds(name):
    for wrong in (True, -1, "x", 1.5):
        with pytest.raises((TypeError, ValueError)) as caught:
            call(name, rng=wrong)
        assert str(caught.value) == message_of(as_rng, wrong)
    assert plain(call(name, rng=7)) == plain(call(name, rng=7))
    generators = np.random.default_rng(7), np.random.default_rng(7)
    assert plain(call(name, rng=generators[0])) == plain(call(name, rng=generators[1]))


@pytest.mark.parametrize("name", taking("random_state"))
def test_random_states(name):
    with pytest.raises(ValueError, match="cannot be used to seed"):
        call(name, random_state="x")
    assert plain(call(name, random_state=7)) == plain(call(name, random_state=7))


# --- threads, progress, memory ------------------------------------------------------------------


@pytest.mark.parametrize("name", taking("n_threads"))
def test_threads(name):
    for wrong in (-1, 0, 2000, True, 1.5, "2"):
        with pytest.raises((TypeError, ValueError)) as caught:
            call(name, n_threads=wrong)
        assert str(caught.value) == message_of(as_threads, wrong)

    def run(n_threads):
        given = {k: np.random.default_rng(0) for k in repeatable(name)}
        return plain(call(name, n_threads=n_threads, **given))

    assert run(1) == run(2)


@pytest.mark.parametrize("name", taking("progress"))
def test_progress(name):
    for wrong in ("yes", 3, None):
        with pytest.raises(TypeError, match="`progress` must be True, False or a function"):
            call(name, progress=wrong)
    calls = []
    call(name, progress=lambda done, total: calls.append((done, total)))
    assert calls and all(0 <= done <= total for done, total in calls)
    assert calls[-1][0] == calls[-1][1]

    class Stopped(Exception):
        pass

    def stop(done, total):
        raise Stopped

    with pytest.raises(Stopped):
        call(name, progress=stop)


@pytest.mark.parametrize("name", taking("progress"))
def test_bars(name, capsys):
    call(name, progress=True)
    assert "/" in capsys.readouterr().err


# Of points these need no memory to speak of.
NEEDS_DISTANCES = {
    name: {"X": tl.distances(CLOUD), "metric": "precomputed"}
    for name in ("diagrams.confidence_band", "homology.lifetime_sum", "homology.ph_dimension")
}


@pytest.mark.parametrize("name", taking("max_memory"))
def test_memory(name):
    for wrong in (-1, 0, True, float("nan"), "1"):
        with pytest.raises((TypeError, ValueError)) as caught:
            call(name, max_memory=wrong)
        assert str(caught.value) == message_of(memory_limit, wrong)
    with pytest.raises(MemoryError):
        call(name, max_memory=1, **NEEDS_DISTANCES.get(name, {}))


# --- choices ------------------------------------------------------------------------------------

FREE = {"title", "lead"}
# What the message must name, where no documentation lists all and no default is among them.
CHOICES = {
    "by": ("class", "prediction"),
    "control": ("untrained", "shuffled"),
    "essential": ("drop",),
    "induced": ("chain",),
    "networks.NetworkSpace.builder.kind": ("labels", "logits", "probs", "outputs"),
    "networks.NetworkDistances.quotient.method": ("exact", "net", "single", "complete"),
    "networks.NetworkSpace.quotient.method": ("exact", "net", "single", "complete"),
    "networks.quotient.method": ("exact", "net", "single", "complete"),
    "layers": ("1",),
    "layers.Contrast.plot.measure": ("longest_loop", "pieces"),
    "measure": ("betti", "components"),
    "name": ("D-I", "D-II", "D-III"),
    "scores": ("knn", "leep"),
}
NOT_CHOSEN = {
    "networks.NetworkSpace.with_truth": {"name"},  # of a network
    "statistics.granulated_kendall": {"measure"},  # a column
    "statistics.partial_correlation": {"measure"},
    "statistics.rank_correlation": {"scores"},  # numbers
    "layers.analyse": {"layers"},
    "layers.choose_scale": {"layers"},
    "layers.estimate": {"layers"},
    "layers.concat": {"name"},  # of the new column
}


def choices() -> list[tuple[str, str]]:
    found = []
    for name, function in WALKED.items():
        for parameter in inspect.signature(function).parameters.values():
            said = isinstance(parameter.default, str) or is_closed(function, parameter.annotation)
            said |= bool({parameter.name, f"{name}.{parameter.name}"} & CHOICES.keys())
            listed = said or documented(function, parameter.name)
            free = FREE | NOT_CHOSEN.get(name, set())
            if listed and name in CALLS and parameter.name not in free:
                found.append((name, parameter.name))
    return found


def is_closed(function: Any, annotation: Any) -> bool:
    """Whether a type holds a Literal, under its own name or another."""
    if not isinstance(annotation, str):
        return False
    known = vars(importlib.import_module(file_of(function)))
    try:
        return "Literal[" in str(eval(annotation, dict(known)))
    except NameError:  # of a type that is imported for type checkers only
        return "Literal[" in annotation


def file_of(thing: Any) -> str:
    """The private file in which a public thing is written."""
    code = inspect.unwrap(thing.__init__ if inspect.isclass(thing) else thing)
    return getattr(code, "__globals__", {}).get("__name__", thing.__module__)


def documented(function: Any, parameter: str) -> list[str]:
    """The choices in braces of numpydoc."""
    line = re.search(rf"^ *{parameter} : .*$", inspect.getdoc(function) or "", re.MULTILINE)
    braces = re.search(r"\{(.*)\}", line.group()) if line else None
    return [part.strip(" \"'") for part in braces.group(1).split(",")] if braces else []


@pytest.mark.parametrize(("name", "parameter"), choices())
def test_choices(name, parameter):
    given = {"labels": None} if parameter == "by" else {}
    with pytest.raises((TypeError, ValueError)) as caught:
        call(name, **{parameter: "nonsense"}, **given)
    message = str(caught.value)
    default = inspect.signature(WALKED[name]).parameters[parameter].default
    known = CHOICES.get(f"{name}.{parameter}", CHOICES.get(parameter, [default]))
    wanted = documented(WALKED[name], parameter) or known
    assert "nonsense" in message
    assert f"`{parameter}`" in message
    assert [choice for choice in wanted if str(choice) not in message] == []


@pytest.mark.parametrize(
    "name",
    [n for n in CALLS if "options" in inspect.signature(WALKED[n]).parameters],
)
def test_unknown_options_are_refused(name):
    with pytest.raises(TypeError, match="nonsense"):
        call(name, nonsense=1)


# --- arguments without effect -------------------------------------------------------------------

BAND = tl.diagrams.landscape_band([BARS, MORE_BARS], grid=[0.0, 1.0], rng=0)
CURVE = tl.magnitude_function(CLOUD)
DGMS = [BARS, MORE_BARS]
UNUSED = {
    "metric": [
        lambda **x: tl.magnitudes.vendi_score(ROWS, **x),
        lambda **x: tl.magnitudes.vendi_score(ROWS @ ROWS.T, "precomputed", **x),
        lambda **x: tl.confidence_band(CLOUD, "bootstrap", n_resamples=2, **x),
        lambda **x: tl.magnitudes.magnitude_dimension(CURVE, **x),
        lambda **x: tl.rips(tl.MetricSpace([1.0]), **x),
    ],
    "t": [lambda **x: tl.magnitudes.vendi_score(ROWS, **x)],
    "subsample_size": [lambda **x: tl.confidence_band(CLOUD, "bootstrap", **x)],
    "mass": [lambda **x: tl.confidence_band(CLOUD, **x)],
    "resolution": [
        lambda **x: tl.confidence_band(CLOUD, **x),
        lambda **x: tl.sklearn.BettiCurve(grid=[0.0, 1.0], **x).fit(DGMS),
        lambda **x: tl.sklearn.PersistenceLandscape(grid=[0.0, 1.0], **x).fit(DGMS),
    ],
    "maxdim": [lambda **x: tl.confidence_band(CLOUD, **x)],
    "p": [
        lambda **x: tl.distance_matrix(DGMS, **x),
        lambda **x: tl.distance_matrix(DGMS, "sliced_wasserstein", **x),
        lambda **x: tl.diagrams.amplitude(BARS, **x),
        lambda **x: tl.diagrams.permutation_test([BARS] * 2, [BARS] * 2, **x),
        lambda **x: network_distances()._predictions.distances(**x),
    ],
    "q": [
        lambda **x: tl.distance_matrix(DGMS, "landscape", **x),
        lambda **x: tl.diagrams.amplitude(BARS, "betti", **x),
    ],
    "delta": [lambda **x: tl.distance_matrix(DGMS, "landscape", **x)],
    "n_directions": [lambda **x: tl.distance_matrix(DGMS, **x)],
    "k": [
        lambda **x: tl.distance_matrix(DGMS, **x),
        lambda **x: tl.plotting.plot_landscape(BAND, **x),
        lambda **x: tl.transfer.transfer_scores(ROWS, CLASSES, scores=["logme"], **x),
    ],
    "grid": [lambda **x: tl.plotting.plot_landscape(BAND, **x)],
    "degree": [lambda **x: tl.plotting.plot_landscape(BAND, **x)],
    "n_resamples": [
        lambda **x: network_distances().interval(**x),
        lambda **x: tl.ttp_score([4.0, 3.0, 2.0, 1.0], **x),
        lambda **x: tl.magnitudes.magnitude_dimension(CURVE, bootstrap=None, **x),
    ],
    "confidence_level": [
        lambda **x: tl.magnitudes.magnitude_dimension(CURVE, bootstrap=None, **x),
    ],
    "labels": [lambda **x: tl.analyse(LAYERS, tl.Rips(), by="prediction", **x)],
    "eps": [
        lambda **x: tl.plotting.plot_network_space(network_distances(), "matrix", **x),
        lambda **x: tl.plotting.plot_network_space(network_distances(), groups=range(4), **x),
    ],
    "groups": [lambda **x: tl.plotting.plot_network_space(network_distances(), "matrix", **x)],
    "trajectories": [
        lambda **x: tl.plotting.plot_network_space(network_distances(), "matrix", **x),
    ],
    "reduce": [lambda **x: tl.cubical_profile({"a": MAPS}, **x), tl.Cubical],
    "n_permutations": [lambda **x: tl.cubical_profile({"a": MAPS}, **x), tl.Cubical],
    "max_images": [lambda **x: tl.cubical_profile({"a": MAPS}, **x)],
    "device": [lambda **x: tl.cubical_profile({"a": MAPS}, **x)],
    "missing": [lambda **x: tl.NetworkSpace.builder("logits", **x).update(LOGITS)],
    "soft": [lambda **x: tl.NetworkSpace.builder("labels", **x).update(LOGITS[:, :, 0])],
    "ties": [lambda **x: tl.NetworkSpace.builder("outputs", **x).update(LOGITS)],
    "projection": [
        lambda **x: tl.TrajectoryRecorder(model(), weights=False, losses=len, **x),
    ],
    "max_memory": [
        lambda **x: tl.TrajectoryRecorder(model(), weights=False, losses=len, **x),
    ],
}
OTHERS = {
    "metric": "cityblock",
    "labels": CLASSES,
    "grid": [0.0, 1.0],
    "groups": [0, 1, 0, 1],
    "trajectories": [[0, 1]],
    "reduce": "sum",
    "device": "cpu",
    "missing": "pairwise",
    "soft": True,
    "ties": "set",
    "confidence_level": 0.9,
    "n_resamples": 200,
    "delta": 0.1,
    "mass": 0.1,
    "eps": 0.1,
}


@pytest.mark.parametrize(
    ("parameter", "function"), [(name, one) for name, several in UNUSED.items() for one in several]
)
def test_arguments_without_effect_are_refused(parameter, function):
    with pytest.raises(ValueError, match=f"`{parameter}` must be (left out|1 for 'disagreement')"):
        function(**{parameter: OTHERS.get(parameter, 3)})


def test_labels_split_by_class():
    alone = tl.analyse(LAYERS, tl.HopBetti(k=4), labels=CLASSES, rng=0)
    said = tl.analyse(LAYERS, tl.HopBetti(k=4), labels=CLASSES, by="class", rng=0)
    assert plain(alone) == plain(said) and set(alone.columns["class"]) == {"0", "1"}
    whole = tl.analyse(tl.record(model(), (IMAGES, np.arange(6))), tl.Rips(), rng=0)
    assert set(whole.columns["class"]) == {"all"}


def test_options_without_a_pair_of_layers_are_refused():
    alone = table().select(layer="first")
    with pytest.raises(TypeError, match="`degree` must be an option of 'bottleneck': delta"):
        tl.layer_distances(alone, degree=1)


# --- what no argument can be --------------------------------------------------------------------

OF_TABLES = ("layers.", "report.", "statistics.", "torch.", "transfer.")
# Truth values take anything, axes are matplotlib's, and the columns of `table` are its own.
ANYTHING = {"ax", "device", "lead", "scaled", "weights", "equal", "options", "path", "directory"}
ANYTHING |= {"self", "measure", "target"}
ALSO = {
    *((f"networks.NetworkSpace.from_{kind}", kind) for kind in ("labels", "logits", "outputs")),
    *((f"networks.NetworkSpace.from_{kind}", "names") for kind in ("labels", "logits", "outputs")),
    ("profiles.cubical_profile", "images"),
    ("plotting.plot_layers", "table"),
}


class Opaque:
    """What no argument can be."""


def opaque_cases() -> list[tuple[str, str]]:
    found = sorted(ALSO)
    for name in CALLS:
        if name.startswith(OF_TABLES) and name not in DRIVEN:
            parameters = inspect.signature(WALKED[name]).parameters
            unread = ANYTHING | ({"rng"} if name in HAND_A_GENERATOR else set())
            found += [(name, parameter) for parameter in parameters if parameter not in unread]
    return found


@pytest.mark.parametrize(("name", "parameter"), opaque_cases())
def test_what_no_argument_can_be_names_the_argument(name, parameter):
    with pytest.raises((TypeError, ValueError, KeyError), match=f"`{parameter}[^`]*` must "):
        call(name, **{parameter: Opaque()})


def test_numbers_in_messages():
    for function, found in (
        (lambda: as_count(1e10, "k"), "`k` must be a whole number; found 10000000000"),
        (lambda: as_count(np.float64(1.5), "k"), "`k` must be a whole number; found 1.5"),
        (lambda: as_count(10**10, "k"), "`k` must be below 2**32; found 10000000000"),
        (lambda: as_number(10**400, "k"), "`k` must be below 1.8e308; found 1000"),
        (lambda: as_non_negative(np.float64(-1e-20), "k"), "must be non-negative; found -1e-20"),
        (lambda: memory_limit(-1e30), "`max_memory` must be a positive number of bytes; found -1e"),
        (
            lambda: tl.analyse(LAYERS, tl.Rips(), subsample=10.0),
            "`subsample` as a share must be in (0, 1]; found 10: write 10 for so many points",
        ),
    ):
        with pytest.raises((TypeError, ValueError), match=re.escape(found)):
            function()
