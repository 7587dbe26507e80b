"""The experiment on trajectories: its parts against what is known, its claims on made-up runs."""

from __future__ import annotations

import gzip
import struct

import numpy as np
import pytest
import scipy.stats

pytest.importorskip("torch")
pytest.importorskip("sklearn")

import torch

import topolens as tl
from experiment_tables import magnitude_table, restart_values, walk_values
from experiments import magnitude
from experiments.harness import Finding
from experiments.harness.runner import one_thread
from experiments.magnitude import data, digits, restarts, walks
from experiments.magnitude.across import claims_across, granulated
from experiments.magnitude.along import among_others, claims_along
from experiments.magnitude.intervals import MIDDLES, turns, within
from experiments.magnitude.levy import levy, levy_path
from experiments.magnitude.measures import RATIO, STARTS, of_scales
from experiments.magnitude.networks import alexnet, fully_connected
from experiments.magnitude.runs import (
    concordance,
    correlations,
    mean_correlation,
    over_networks,
    windows,
)
from experiments.magnitude.runs import restarts as rows_of_restarts


@pytest.fixture(scope="module")
def table():
    return magnitude_table(1)


@pytest.fixture(scope="module")
def claims(table):
    return {claim.statement: claim for claim in magnitude.claims(table)}


@pytest.fixture
def few_images(monkeypatch):
    """Let jobs find 400 images to train on and 200 for the test, and take short windows."""
    few = digits.shaken_digits(400, 200)
    for module in (walks, restarts):
        monkeypatch.setattr(module, "split", lambda name: few)
        monkeypatch.setattr(module, "WINDOW", 200)


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
    (row,) = levy(alpha=1.95, n=300, dimension=10, seed=0)
    assert row.keys() == {"part", "magnitude dimension", "PH dimension"}
    assert all(1.2 < row[name] < 2.6 for name in ("magnitude dimension", "PH dimension"))
    assert [row] == levy(alpha=1.95, n=300, dimension=10, seed=0)


def test_a_walk_measures_every_window(few_images):
    with one_thread():  # as the runner does; more are slower on so small a network
        rows = walks.walk("few", "fully connected", 8, 2, 0.2, 0, 200, 600, projection=256)
        (last,) = walks.walk("few", "fully connected", 8, 2, 0.2, 0, 600, 600, projection=256)
    assert [row["iteration"] for row in rows] == [200, 400, 600]
    assert last["training accuracy"] == rows[-1]["training accuracy"]
    assert last["|1.36 W|"] == pytest.approx(rows[-1]["|1.36 W|"], rel=1e-6)
    for row in rows:
        assert (
            row.keys() - {"part", "iteration"}
            == walk_values(80, 1, np.random.default_rng(0)).keys()
        )
        assert row["gap"] == pytest.approx(row["training accuracy"] - row["test accuracy"])
        assert 1 <= row["|1.36 W|"] <= row["|6.78 W|"] <= row["|30.51 W|"] <= 200
    assert rows[-1]["test accuracy"] > 40


def test_restarts_begin_alike_and_differ_in_rate_and_batch(few_images, monkeypatch):
    monkeypatch.setattr(restarts, "RATES", (1e-6, 0.1))
    monkeypatch.setattr(restarts, "BATCHES", (10, 50))
    monkeypatch.setattr(restarts, "LOOK_EVERY", 50)
    with one_thread():
        rows = restarts.restart("few", 400, 8, 2, 0.2, 0, 300, projection=256)
    places = [(row["new rate"], row["batch"]) for row in rows]
    assert places == [(1e-6, 10), (1e-6, 50), (0.1, 10), (0.1, 50)]
    expected = restart_values(0, 1, np.random.default_rng(0)).keys()
    assert all(row.keys() - {"part", "new rate", "batch"} == expected for row in rows)
    still, moved = rows[:2], rows[2:]
    assert still[0]["norm"] == pytest.approx(still[1]["norm"], rel=1e-4)
    assert max(row["diameter"] for row in still) < 0.01 < min(row["diameter"] for row in moved)
    assert all(row["largest gap"] >= row["gap"] for row in rows)


def test_slopes_are_those_of_lines_between_two_scales():
    space = tl.MetricSpace(tl.distances(np.random.default_rng(0).normal(size=(60, 3))))
    found = of_scales(space)
    slopes = [float(text) for text in found["slopes"].split()]
    assert len(slopes) == len(STARTS)
    for t, slope in list(zip(STARTS, slopes, strict=True))[::6]:
        ends = (t, RATIO * t)
        grid = tl.magnitude_function(space, np.geomspace(*ends, 9))
        line = tl.magnitudes.magnitude_dimension(grid, ends, bootstrap=None)
        assert slope == pytest.approx(float(line), abs=2e-3)
    assert found["|6.78 W|"] == pytest.approx(tl.magnitude(space, 6.78))


@pytest.mark.parametrize("seed", range(5))
def test_concordance_is_kendalls_tau_without_ties(seed):
    x, y = np.random.default_rng(seed).permuted(np.tile(np.arange(9.0), (2, 1)), axis=1)
    assert concordance(x, y) == pytest.approx(scipy.stats.kendalltau(x, y).statistic)
    assert concordance(np.ones(9), y) == 0


def test_correlations_are_averaged_in_fishers_scale(table):
    found = windows(table)
    values = correlations(found, "slope below them", "PH dimension")
    assert len(values) == 25
    some = found[(found["depth"] == 7) & (found["seed"] == 3)]
    expected = np.corrcoef(some["slope below them"], some["PH dimension"])[0, 1]
    assert values.xs((7, 3), level=("depth", "seed")).item() == pytest.approx(expected)
    of = mean_correlation(values)
    assert of.estimate == pytest.approx(np.tanh(np.arctanh(values).mean()))
    assert of.low < of.estimate < of.high < 1


def test_correlations_over_every_interval_change_their_sign_where_slopes_do(table):
    """Slopes go with the PH dimension at the first scale, against it at the last, in even steps."""
    found = windows(table)
    of_all = within(found, "PH dimension")
    assert of_all.shape == (25, len(STARTS))
    some = found[(found["depth"] == 7) & (found["seed"] == 9)]
    first = [float(text.split()[0]) for text in some["slopes"]]
    expected = np.corrcoef(first, some["PH dimension"])[0, 1]
    assert of_all[19, 0] == pytest.approx(expected)
    assert (of_all[:, 0] > 0.9).all() and (of_all[:, -1] < -0.9).all()
    assert turns(found, "PH dimension") == [
        pytest.approx(np.sqrt(MIDDLES[0] * MIDDLES[-1]), rel=0.2)
    ]


def test_windows_of_one_network_are_drawn_together(table):
    found = windows(table)
    sizes = []
    one = over_networks(found, ["iteration"], lambda groups: sizes.append(groups) or len(groups))
    assert one[:4] == (25, 25, 25, 25)
    assert all(len(group) == 10 for groups in sizes for group in groups)
    assert len({id(group) for groups in sizes for group in groups}) == 25


def test_a_network_that_is_drawn_twice_makes_no_pair():
    groups = list(np.random.default_rng(0).normal(size=(6, 4, 2)))  # networks, ages, columns
    at_age = [scipy.stats.kendalltau(*np.array(groups)[:, k].T).statistic for k in range(4)]
    assert among_others(groups) == pytest.approx(np.mean(at_age))
    assert among_others([*groups[:2], groups[0]]) == pytest.approx(among_others(groups[:2]))


def test_networks_have_the_depth_they_say():
    layers = [m for m in fully_connected(64, 16, 5) if isinstance(m, torch.nn.Linear)]
    assert [layer.out_features for layer in layers] == [16, 16, 16, 16, 10]
    assert alexnet()(torch.zeros(2, 3, 32, 32)).shape == (2, 10)


def test_missing_data_sets_are_named(tmp_path, monkeypatch):
    pytest.importorskip("torchvision")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"must hold MNIST.*download=True"):
        data.split("MNIST")


def test_fashion_is_read_where_it_is_and_else_digits_stand_in(tmp_path, monkeypatch):
    monkeypatch.setattr("experiments.harness.fashion.FOLDERS", (tmp_path / "none", tmp_path))
    assert data.of_the_size_of_mnist() == "shaken digits"
    with pytest.raises(FileNotFoundError, match="dataset-fashion-mnist"):
        data.split("Fashion-MNIST")
    images = np.random.default_rng(0).integers(0, 256, (3, 28, 28), dtype=np.uint8)
    for part in ("train", "t10k"):
        for name, values in {
            "images-idx3": images,
            "labels-idx1": np.array([7, 0, 9], "u1"),
        }.items():
            head = struct.pack(f">4B{values.ndim}I", 0, 0, 8, values.ndim, *values.shape)
            with gzip.open(tmp_path / f"{part}-{name}-ubyte.gz", "wb") as file:
                file.write(head + values.tobytes())
    assert data.of_the_size_of_mnist() == "Fashion-MNIST"
    for X, y in data.split("Fashion-MNIST"):
        np.testing.assert_allclose(X[:, 0] * 255, images, rtol=1e-6)
        assert y.tolist() == [7, 0, 9]


def test_digits_that_are_not_shaken_are_those_of_scikit_learn(monkeypatch):
    for name in ("ANGLE", "SHIFT", "SCALE", "NOISE"):
        monkeypatch.setattr(digits, name, 0)
    known = digits.load_digits()
    originals = torch.nn.functional.interpolate(
        torch.tensor(known.images / 16, dtype=torch.float32)[:, None], 28, mode="bilinear"
    )
    places = []
    for X, y in digits.shaken_digits(1198, 599):
        nearest = torch.cdist(X.flatten(1), originals.flatten(1)).argmin(1)
        inner = (slice(None), 0, slice(2, -2), slice(2, -2))  # beyond the border all is black
        torch.testing.assert_close(X[inner], originals[nearest][inner])
        np.testing.assert_array_equal(y, known.target[nearest])
        places.append(nearest)
    assert len(torch.cat(places).unique()) == 1797


def test_digits_are_shaken_alike_each_time():
    first, again = digits.shaken_digits(50, 20), digits.shaken_digits(50, 20)
    assert torch.equal(first[0][0], again[0][0])
    assert first[1][0].shape == (20, 1, 28, 28)
    assert 0 <= first[0][0].min() < first[0][0].max() <= 1


FALLS = (
    "fcn-5 on shaken digits: the effective number of models at t = 1.36 falls as test accuracy "
    "rises.",
    "fcn-7 on Fashion-MNIST: the PH dimension falls as test accuracy rises.",
    "The generalisation gap grows with the sum of lifetimes E_1 of the trajectory.",
)


def test_claims_that_are_true_of_the_runs_are_reproduced(claims):
    for statement in FALLS:
        assert claims[statement].verdict == "reproduced", statement


def test_claims_that_are_false_of_the_runs_are_not():
    runs = magnitude_table(-1)
    reverse = {claim.statement: claim for claim in [*claims_along(runs), *claims_across(runs)]}
    for statement in FALLS:
        assert reverse[statement].verdict == "not reproduced at this size", statement


def test_one_dimension_may_go_with_the_other_or_against_it(claims):
    kind, two = "fcn-5 on shaken digits", "PH dimension of one network"
    small = f"{kind}: magnitude dimension (slope from t = 0.1 to 1.36) and {two} go together."
    steep = f"{kind}: the slope where the curve is straightest and the {two} go together too."
    assert claims[small].verdict == "reproduced"
    assert claims[steep].verdict == "fails"
    assert claims[steep].interval.high < -0.9


def test_what_another_estimator_found_has_no_verdict(claims):
    of_paths = [one for one in claims.values() if "α" in one.statement]
    assert len(of_paths) == 2
    assert all(isinstance(one, Finding) for one in of_paths)
    told = claims["It is estimated somewhat too low."].estimate
    assert float(told.split()[0]) == pytest.approx(-0.3, abs=0.01)


def test_each_start_has_a_correlation_of_its_own(table):
    found = granulated(rows_of_restarts(table), "sum of lifetimes")
    assert found.index.tolist() == [0, 1, 2, 3]
    assert (found[["Psi", "tau", "new rate", "batch"]] > 0.9).all(axis=None)
