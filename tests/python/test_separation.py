"""Size of classes over their distance to others, against means of scipy's distances."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

import topolens as tl
from topolens.measures import Spread, Value
from topolens.spaces import within_to_others

METRICS = ("euclidean", "sqeuclidean", "cityblock", "chebyshev", "cosine", "correlation", "hamming")


def means(X, labels, metric="euclidean"):
    D, found = cdist(X, X, metric), []
    for label in np.unique(labels):
        own = labels == label
        n = own.sum()
        found.append((D[np.ix_(own, own)].sum() / (n * (n - 1)), D[np.ix_(own, ~own)].mean()))
    return np.array(found).T


def cloud(n: int, n_classes: int, seed: int = 0):
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) % n_classes)
    return rng.normal(size=(n, 6)) + labels[:, None], labels


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_of_points_and_spaces(metric):
    X, labels = cloud(150, 4)
    if metric == "hamming":
        X = X.round()
    within, to_others = means(X, labels, metric)
    for given_as in (X, tl.MetricSpace.of_points(X, metric)):
        # A space has its own metric.
        found = within_to_others(given_as, labels, metric=metric)
        np.testing.assert_allclose(found.within, within, rtol=1e-12)
        np.testing.assert_allclose(found.to_others, to_others, rtol=1e-12)
        np.testing.assert_allclose(found.ratio, within / to_others, rtol=1e-12)


@settings(max_examples=60, deadline=None)
@given(n_classes=st.integers(2, 9), extra=st.integers(0, 40), seed=st.integers(0, 99))
def test_any_number_of_classes(n_classes, extra, seed):
    X, labels = cloud(2 * n_classes + extra, n_classes, seed)
    found = within_to_others(X, labels)
    np.testing.assert_allclose([found.within, found.to_others], means(X, labels), rtol=1e-12)


def test_threads_and_ways_do_not_matter():
    X, labels = cloud(1500, 10)
    for array in (X, np.tile(X, 5)):  # few coordinates, and many
        one = within_to_others(array, labels, n_threads=1).ratio.tolist()
        assert within_to_others(array, labels, n_threads=4).ratio.tolist() == one
        assert within_to_others(tl.MetricSpace.of_points(array), labels).ratio.tolist() == one


@pytest.mark.parametrize("factor", [2.0**-600, 2.0**300])
def test_scale_does_not_matter(factor):
    X, labels = cloud(90, 3)
    expected = within_to_others(X, labels).ratio
    np.testing.assert_allclose(within_to_others(X * factor, labels).ratio, expected, rtol=1e-9)


def test_the_order_of_rows_does_not_matter():
    X, labels = cloud(90, 3)
    order = np.random.default_rng(1).permutation(90)
    found = within_to_others(X[order], labels[order]).ratio
    np.testing.assert_allclose(found, within_to_others(X, labels).ratio, rtol=1e-12)


def test_shuffled_labels_have_one_in_the_mean():
    X, labels = cloud(90, 3)
    rng = np.random.default_rng(1)
    ratios = [within_to_others(X, rng.permutation(labels)).ratio for _ in range(300)]
    assert np.abs(np.mean(ratios, axis=0) - 1).max() < 0.01


def test_a_class_that_is_a_dot_has_no_size():
    X, labels = cloud(90, 3)
    X[labels == 1] = 5.0
    assert within_to_others(X, labels).ratio[1] == 0


@pytest.mark.parametrize(
    ("X", "labels", "message"),
    [
        ([[0.0], [1.0]], ["a", "a"], "at least two classes; found 1"),
        ([[0.0], [1.0], [2.0]], ["a", "a", "b"], "found 1 of b: leave that class out"),
        (np.ones((4, 2)), [0, 0, 1, 1], "points that differ; found 4 points at distance 0"),
        ([[0.0], [1.0], [np.inf], [3.0]], [0, 0, 1, 1], "finite"),
        ([[0.0], [1.0]], [0, 0, 1], "shape"),
    ],
)
def test_refusals(X, labels, message):
    with pytest.raises(ValueError, match=message):
        within_to_others(X, labels)


def test_more_points_than_fit_are_refused():
    X, labels = cloud(1500, 10)
    with pytest.raises(MemoryError, match="mean distances of classes"):
        within_to_others(X, labels, max_memory=10_000)


def test_distances_without_a_sum_are_refused():
    D = tl.MetricSpace(np.full(6, 1.5e308))
    with pytest.raises(ValueError, match="finite sum"):
        within_to_others(D, [0, 0, 1, 1])
    sparse = tl.spaces.neighbor_graph(np.arange(9.0)[:, None], 3)
    with pytest.raises(ValueError, match="sparse"):
        within_to_others(sparse, np.arange(9) % 2, metric="precomputed")


def test_the_measure_yields_a_number_of_each_class():
    X, labels = cloud(90, 3)
    names = np.array(["x", "y", "z"])[labels]
    measured = Spread().measure(X, labels=names, rng=np.random.default_rng(0))
    ratio = within_to_others(X, names).ratio
    assert measured == {
        name: [Value("within_to_others", -1, np.inf, value)]
        for name, value in zip("xyz", ratio, strict=True)
    }
    space = tl.MetricSpace.of_points(X)
    assert Spread().measure(space, labels=names, rng=np.random.default_rng(0)) == measured
    assert Spread(metric="l1").metric == "cityblock" and Spread.needs_labels
