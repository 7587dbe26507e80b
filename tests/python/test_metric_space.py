"""Metric spaces that bring their own distances, wherever points are taken."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.spatial.distance import pdist, squareform

import topolens as tl
from topolens._core import METRICS

D = pdist(np.random.default_rng(0).normal(size=(30, 3)))
SPACE = tl.MetricSpace(D, names=range(100, 130))


@pytest.mark.parametrize("given_as", [D, squareform(D), D.tolist(), SPACE])
def test_holds_the_distances(given_as):
    space = tl.MetricSpace(given_as)
    assert len(space) == 30 and repr(space) == "MetricSpace(30 points)"
    np.testing.assert_array_equal(space.distances, D)
    np.testing.assert_array_equal(space.to_square(), squareform(D))
    assert space.names == tuple(range(100, 130) if given_as is SPACE else range(30))


def test_does_not_follow_the_array_it_was_made_from():
    values = D.copy()
    space = tl.MetricSpace(values)
    values[:] = 0
    space.distances[:] = 0
    np.testing.assert_array_equal(space.distances, D)


def test_is_taken_in_the_place_of_points():
    for metric in ("euclidean", "precomputed"):
        np.testing.assert_array_equal(tl.distances(SPACE, metric=metric), squareform(D))
        found, expected = tl.rips(SPACE, metric=metric), tl.rips(D, metric="precomputed")
        np.testing.assert_array_equal(found[1], expected[1])
    batch = tl.rips_batch([SPACE, SPACE])
    np.testing.assert_array_equal(batch[1][1], expected[1])
    chosen = tl.landmarks(SPACE, 5, rng=0)
    np.testing.assert_array_equal(
        chosen.indices, tl.landmarks(D, 5, metric="precomputed", rng=0).indices
    )


@pytest.mark.parametrize("metric", ["cityblock", lambda u, v: 0.0])
def test_another_metric_is_refused(metric):
    with pytest.raises(ValueError, match="`metric` must be left out for a MetricSpace"):
        tl.rips(SPACE, metric=metric)


def test_selection_keeps_order_and_names():
    chosen = SPACE.select([7, 2, 9])
    np.testing.assert_array_equal(chosen.to_square(), squareform(D)[np.ix_([7, 2, 9], [7, 2, 9])])
    assert chosen.names == (107, 102, 109)
    with pytest.raises(ValueError, match="`indices` must be below 30; found 30"):
        SPACE.select([30])


def test_pickles():
    copy = pickle.loads(pickle.dumps(SPACE))
    np.testing.assert_array_equal(copy.distances, D)
    assert copy.names == SPACE.names


@pytest.mark.parametrize("n", [0, 1])
def test_next_to_nothing(n):
    space = tl.MetricSpace(np.zeros((n, n)))
    assert len(space) == n and space.distances.shape == (0,)


@pytest.mark.parametrize(
    ("distances", "names", "error", "message"),
    [
        ([1.0, np.nan, 1.0], None, ValueError, "must hold non-negative distances; found NaN"),
        ([1.0, 1.0], None, ValueError, "must have n"),
        ([[0.0, 1.0], [2.0, 0.0]], None, ValueError, "must be symmetric"),
        (csr_array((3, 3)), None, TypeError, "must hold all pairs; found a sparse matrix"),
        ([1.0], ["a"], ValueError, "`names` must have one entry for each of 2 points; found 1"),
        (["a"], None, TypeError, "must hold real numbers"),
    ],
)
def test_refusals(distances, names, error, message):
    with pytest.raises(error, match=message):
        tl.MetricSpace(distances, names=names)


def test_points_are_needed_by_distances_to_a_measure():
    with pytest.raises(TypeError, match="`X` must hold real numbers"):
        tl.spaces.distance_to_measure(SPACE, [[0.0]])


# --- distances that are computed once -----------------------------------------------------------

X = np.random.default_rng(0).normal(size=(30, 5))


def taxi(u, v):
    return np.abs(u - v).sum()


@pytest.mark.parametrize("metric", [*METRICS, "l1", taxi])
@pytest.mark.parametrize("kind", [np.float64, np.float32, list])
def test_space_of_points_has_their_distances(metric, kind):
    points = X.tolist() if kind is list else X.astype(kind)
    space = tl.MetricSpace.of_points(points, metric, names="abcdefghijklmnopqrstuvwxyz0123")
    np.testing.assert_array_equal(space.to_square(), tl.distances(points, metric=metric))
    assert space.metric == (metric if metric != "l1" else "cityblock")
    assert space.select([3, 1]).metric == space.metric and space.names[:2] == ("a", "b")
    for again in (metric, "euclidean", "precomputed"):
        np.testing.assert_array_equal(tl.distances(space, metric=again), space.to_square())
    other = "chebyshev" if metric != "chebyshev" else "cityblock"
    with pytest.raises(ValueError, match="must be left out for a MetricSpace"):
        tl.distances(space, metric=other)


@pytest.mark.parametrize("metric", METRICS)
def test_magnitudes_of_a_space_are_those_of_its_points(metric):
    """More points than are solved by factors: what is known of the metric stays known."""
    few = np.random.default_rng(0).normal(size=(220, 6))
    space = tl.MetricSpace.of_points(few, metric)
    expected = tl.magnitude_function(few, [0.5, 2.0], metric=metric)
    for one in (space, tl.MetricSpace(space), pickle.loads(pickle.dumps(space))):
        found = tl.magnitude_function(one, [0.5, 2.0])
        assert (found.methods, found.plan) == (expected.methods, expected.plan)
        np.testing.assert_array_equal(found.values, expected.values)
    half, rows = space.select(range(0, 220, 2)), few[::2]
    np.testing.assert_array_equal(half.to_square(), tl.distances(rows, metric=metric))


def test_what_is_no_points_is_refused():
    for given in (SPACE, D):
        with pytest.raises(ValueError, match="must"):
            tl.MetricSpace.of_points(given)
    with pytest.raises(ValueError, match="`X` must be points here"):
        tl.MetricSpace.of_points(X, "precomputed")
    with pytest.raises(ValueError, match=r"must be finite; found nan at \[1, 0\]"):
        tl.MetricSpace.of_points([[0.0], [np.nan]])
    with pytest.raises(ValueError, match="`names` must have one entry for each of 30 points"):
        tl.MetricSpace.of_points(X, names="ab")
    with pytest.raises(MemoryError, match="distances of 30 points"):
        tl.MetricSpace.of_points(X, max_memory=1000)


def test_bands_know_what_metric_a_space_has():
    with pytest.raises(ValueError, match="triangle inequality for a band; found 'cosine'"):
        tl.confidence_band(tl.MetricSpace.of_points(X, "cosine"), rng=0)
