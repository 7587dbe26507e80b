"""What every result can do: be compared, hashed, inspected, shown, copied and pickled."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import warnings
from contextlib import suppress
from functools import cache
from typing import Any

import pytest
from matplotlib import pyplot as plt

import topolens as tl
from signature_cases import BARS, CALLS, LOGITS, MORE_BARS, OWNERS, RESULTS, networks
from test_signatures import call, repeatable

MORE = {
    "matching": lambda: tl.bottleneck_distance(BARS, MORE_BARS, matching=True),
    "outputs": lambda: tl.NetworkSpace.from_outputs(LOGITS),
    "logits": lambda: tl.NetworkSpace.from_logits(LOGITS, ties="set"),
    "paired": lambda: networks().trajectory([0, 1], paired=[2, 3]),
    "paired alike": lambda: networks().trajectory([0, 1], paired=[0, 1]),
}


def class_of(value: Any) -> str:
    kind = type(value)
    return f"{kind.__module__.removeprefix('topolens.')}.{kind.__qualname__}"


@cache
def instances() -> dict[str, list[Any]]:
    """Return all objects of the package's own classes that the cases return, and their parts."""
    found: dict[str, list[Any]] = {}

    def collect(value: Any, depth: int = 0) -> None:
        if isinstance(value, list | tuple) and type(value).__module__ == "builtins":
            for part in value[:3]:
                collect(part, depth)
        if not type(value).__module__.startswith("topolens") or depth > 3:
            return
        found.setdefault(class_of(value), []).append(value)
        if dataclasses.is_dataclass(value):
            for part in dataclasses.fields(value):
                collect(getattr(value, part.name, None), depth + 1)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in sorted(set(CALLS) - {"cli.main"}):
            collect(call(name, **repeatable(name)))
        for owner in OWNERS.values():
            made = owner()
            collect(made)
            for name, member in inspect.getmembers(type(made)):
                plain = inspect.isfunction(member) and not name.startswith("_")
                if plain and not set(inspect.signature(member).parameters) - {"self"}:
                    with suppress(ValueError, TypeError):  # of an empty builder, or a path
                        collect(member(made))
        for make in MORE.values():
            collect(make())
    plt.close("all")
    return found


@pytest.fixture(autouse=True)
def strict():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def test_every_result_is_met():
    assert sorted(set(RESULTS) - set(instances())) == []
    assert len(instances()) > 45


ALL = sorted({*RESULTS, *OWNERS})


@pytest.mark.parametrize("name", ALL)
def test_results_are_compared_and_hashed(name):
    for value in instances()[name]:
        assert (value == value) is True and (value != value) is False
        for other in (copy.copy(value), copy.deepcopy(value), 3, "x", None):
            assert type(value == other) is bool
        assert (value == 3) is False
        assert value in [3, value] and {value: 1}[value] == 1
        assert hash(value) == hash(value)


@pytest.mark.parametrize("name", ALL)
def test_equal_results_have_equal_hashes(name):
    for value in instances()[name]:
        again = pickle.loads(pickle.dumps(value))
        if value == again:
            assert hash(value) == hash(again)


@pytest.mark.parametrize("name", ALL)
def test_results_are_inspected(name):
    for value in instances()[name]:
        members = dict(inspect.getmembers(value))
        assert set(members) <= {*dir(value)}
        assert inspect.getmembers(type(value))
        assert [member for member in dir(value) if hasattr(value, member)] == [
            member for member in dir(value) if member in members
        ]


@pytest.mark.parametrize("name", ALL)
def test_results_are_shown(name):
    for value in instances()[name]:
        text = repr(value)
        assert 0 < len(text) < 5000
        assert str(value) and f"{value}"
        if hasattr(value, "_repr_html_"):
            html = value._repr_html_()
            kind = "ul" if name == "layers.Findings" else "table"
            assert isinstance(html, str)
            assert html.count(f"<{kind}") == html.count(f"</{kind}>") > 0


@pytest.mark.parametrize("name", ALL)
def test_results_are_copied_and_pickled(name):
    for value in instances()[name]:
        copies = (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value)))
        for again in copies:
            assert type(again) is type(value)
            if "object at 0x" not in repr(value):
                assert repr(again) == repr(value)
            if hasattr(value, "_repr_html_") and not name.startswith("sklearn."):  # has a counter
                assert again._repr_html_() == value._repr_html_()


def test_what_results_are_made_of_is_compared_too():
    inner = set(instances()) - set(ALL)
    assert inner
    for name in inner:
        for value in instances()[name]:
            if not isinstance(value, tuple):
                assert type(value == copy.copy(value)) is bool and hash(value) == hash(value)


def test_properties_that_an_object_has_not():
    for make, name in (
        (networks, "tie_mass"),
        (MORE["outputs"], "tie_mass"),
        (lambda: networks().trajectory([0, 1]), "contraction"),
        (MORE["paired alike"], "contraction"),
    ):
        assert not hasattr(make(), name)
    with pytest.raises(ValueError, match="`tie_mass` must be asked of networks with logits"):
        networks().prune(0.1)
    with pytest.raises(tl.NumericalError, match="no ratio is defined"):
        _ = MORE["paired alike"]().contraction
