"""The experiment on trajectories: its parts against what is known, its claims on made-up runs."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

pytest.importorskip("torch")
pytest.importorskip("sklearn")

from experiment_tables import magnitude_table, walk_values
from experiments import magnitude
from experiments.harness.runner import one_thread
from experiments.magnitude.across import with_accuracy, with_gap
from experiments.magnitude.along import claims_along
from experiments.magnitude.levy import levy, levy_path
from experiments.magnitude.networks import alexnet, fully_connected
from experiments.magnitude.runs import concordance, ends
from experiments.magnitude.walks import WINDOWS, walk


@pytest.fixture(scope="module")
def table():
    return magnitude_table(1)


@pytest.fixture(scope="module")
def claims(table):
    return {claim.statement: claim for claim in magnitude.claims(table)}


@pytest.mark.parametrize("alpha", [1.0, 1.5, 1.95])
def test_steps_of_paths_are_stable(alpha):
    """The characteristic function of an isotropic stable step is exp(-(u²/2)^(α/2))."""
    path = levy_path(alpha, 40_000, 2, np.random.default_rng(0))
    steps = np.diff(path, axis=0, prepend=np.zeros((1, 2)))
    for u in (0.5, 1.0, 2.0):
        for axis in (0, 1):
            expected = np.exp(-((u**2 / 2) ** (alpha / 2)))
            assert np.cos(u * steps[:, axis]).mean() == pytest.approx(expected, abs=0.015)


def test_a_path_has_both_estimates():
    rows = levy(alpha=1.95, n=300, dimension=10, seed=0)
    found = {row["measure"]: row["value"] for row in rows}
    assert found.keys() == {"magnitude dimension", "PH dimension"}
    assert all(1.2 < value < 2.6 for value in found.values())
    assert rows == levy(alpha=1.95, n=300, dimension=10, seed=0)


def test_a_walk_measures_all_windows_at_the_end():
    with one_thread():  # as the runner does; more are slower on so small a network
        rows = walk("digits", "fully connected", 8, 2, 0.2, 0, 2000, projection=256)
    found = {(row["iteration"], row["window"], row["measure"]): row["value"] for row in rows}
    assert len(found) == len(rows)
    ends = [(1000, WINDOWS[-1]), *((2000, window) for window in WINDOWS)]
    assert {key[:2] for key in found} == set(ends)
    names = {key[2] for key in found}
    assert names == walk_values(1, 1, np.random.default_rng(0)).keys()
    for place in ends:
        assert found[*place, "gap"] == pytest.approx(
            found[*place, "training accuracy"] - found[*place, "test accuracy"]
        )
        assert 1 <= found[*place, "|1.36 W|"] <= found[*place, "|30.51 W|"] <= place[1]
    of_windows = [found[2000, window, "diameter"] for window in WINDOWS]
    assert of_windows == sorted(of_windows)
    assert found[2000, 1000, "test accuracy"] > 70


@pytest.mark.parametrize("seed", range(5))
def test_concordance_is_kendalls_tau_without_ties(seed):
    x, y = np.random.default_rng(seed).permuted(np.tile(np.arange(9.0), (2, 1)), axis=1)
    assert concordance(x, y) == pytest.approx(scipy.stats.kendalltau(x, y).statistic)
    assert concordance(np.ones(9), y) == 0


def test_networks_have_the_depth_they_say():
    import torch

    layers = [m for m in fully_connected(64, 16, 5) if isinstance(m, torch.nn.Linear)]
    assert [layer.out_features for layer in layers] == [16, 16, 16, 16, 10]
    assert alexnet()(torch.zeros(2, 3, 32, 32)).shape == (2, 10)


def test_missing_data_sets_are_named(tmp_path, monkeypatch):
    from experiments.magnitude.data import split

    pytest.importorskip("torchvision")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"must hold MNIST.*download=True"):
        split("MNIST")


def test_claims_that_are_true_of_the_runs_hold(claims):
    for statement in (
        "Magnitude at t = 1.36 falls along training as test accuracy rises.",
        "Magnitude at t = 1.36 is low where test accuracy is high (all networks).",
        "Magnitude at t = 1.36 is low where the generalisation gap is small.",
        "The magnitude dimension of a Lévy process is estimated too low.",
        "It is too low by about 0.3.",
        "The PH dimension of a Lévy process is α, to 0.1 on average.",
    ):
        assert claims[statement].verdict in ("reproduced", "holds"), statement
    at_end = "Networks that have learned their training images get no better while magnitude falls."
    assert claims[at_end].verdict == "fails"


def test_claims_that_are_false_of_the_runs_fail():
    runs = magnitude_table(-1)
    at_end = ends(runs)
    found = [*claims_along(runs), *with_accuracy(at_end), *with_gap(at_end)]
    reverse = {claim.statement: claim for claim in found}
    for statement in (
        "Magnitude at t = 1.36 falls along training as test accuracy rises.",
        "Magnitude at t = 1.36 is low where test accuracy is high (all networks).",
        "Magnitude at t = 1.36 is low where the generalisation gap is small.",
    ):
        assert reverse[statement].verdict == "not reproduced at this size", statement
