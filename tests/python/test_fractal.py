"""Lifetime sums and PH dimensions against scipy's spanning trees and sets of known dimension."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.cluster.hierarchy import linkage
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import cdist, pdist, squareform

import topolens as tl

CLOUD = np.random.default_rng(0).normal(size=(300, 4))


def tree_sum(points, alpha, metric="euclidean"):
    # scipy's trees take a zero for a missing edge; single linkage takes it for what it is.
    return (linkage(pdist(points, metric), "single")[:, 2] ** alpha).sum()


@pytest.mark.parametrize("alpha", [0.5, 1, 2.5])
def test_sums_of_points_distances_and_spaces(alpha):
    expected = (minimum_spanning_tree(cdist(CLOUD, CLOUD)).data ** alpha).sum()
    D = pdist(CLOUD)
    assert tl.homology.lifetime_sum(CLOUD, alpha) == pytest.approx(expected, rel=1e-13)
    for X in (D, squareform(D)):
        found = tl.homology.lifetime_sum(X, alpha, metric="precomputed")
        assert found == pytest.approx(expected, rel=1e-13)
    assert tl.homology.lifetime_sum(tl.MetricSpace(D), alpha) == pytest.approx(expected, rel=1e-13)


@settings(max_examples=60, deadline=None)
@given(
    X=arrays(
        np.float64, st.tuples(st.integers(2, 30), st.integers(1, 4)), elements=st.integers(0, 3)
    ),
    alpha=st.sampled_from([0.5, 1.0, 2.0]),
    metric=st.sampled_from(["euclidean", "cityblock", "chebyshev"]),
)
def test_sums_where_points_repeat_and_distances_tie(X, alpha, metric):
    expected = tree_sum(X, alpha, metric)
    assert tl.homology.lifetime_sum(X, alpha, metric=metric) == pytest.approx(expected, rel=1e-12)
    space = tl.MetricSpace(pdist(X, metric))
    assert tl.homology.lifetime_sum(space, alpha) == pytest.approx(expected, rel=1e-12)


def test_sum_is_that_of_the_bars():
    bars = tl.rips(CLOUD, maxdim=0)[0]
    assert tl.homology.lifetime_sum(CLOUD) == pytest.approx(bars[:-1, 1].sum(), rel=1e-13)


@pytest.mark.parametrize("X", [np.zeros((0, 2)), np.zeros((1, 2)), np.ones((5, 2))])
def test_sum_of_next_to_nothing(X):
    found = tl.homology.lifetime_sum(X)
    assert found == 0 and not np.signbit(found)


@pytest.mark.parametrize(
    ("given_as", "n_subsets"), [("points", 1), ("distances", 1), ("points", 3)]
)
def test_fit_by_hand(given_as, n_subsets):
    X = CLOUD if given_as == "points" else tl.MetricSpace(pdist(CLOUD))
    sizes = [20, 50, 120, 300]
    found = tl.ph_dimension(X, 1.5, sizes=sizes, n_subsets=n_subsets, rng=3)

    rng = np.random.default_rng(3)
    repeated = np.repeat(sizes, n_subsets)
    subsets = [rng.choice(300, m, replace=False) for m in repeated]
    sums = [tree_sum(CLOUD[subset], 1.5) for subset in subsets]
    np.testing.assert_allclose(found.lifetime_sums, sums, rtol=1e-12)
    np.testing.assert_array_equal(found.sizes, repeated)
    slope, intercept = np.polyfit(np.log(repeated), np.log(sums), 1)
    assert found.slope == pytest.approx(slope, rel=1e-9)
    assert found.intercept == pytest.approx(intercept, rel=1e-9)
    assert found.value == float(found) == pytest.approx(1.5 / (1 - slope), rel=1e-9)
    residuals = np.log(sums) - intercept - slope * np.log(repeated)
    assert found.fit_error == pytest.approx(np.sqrt((residuals**2).mean()), rel=1e-6)
    np.testing.assert_allclose(
        found.to_columns()["fitted"], np.exp(intercept) * repeated**slope, rtol=1e-9
    )


def test_default_sizes_are_those_of_the_paper():
    points = np.random.default_rng(1).random((1000, 1))
    np.testing.assert_array_equal(tl.ph_dimension(points).sizes, np.arange(200, 1001, 50))


@pytest.mark.parametrize("d", [1, 2, 3])
def test_dimension_of_cubes(d):
    points = np.random.default_rng(d).random((2000, d)) @ np.eye(d, 10)
    found = tl.ph_dimension(points, n_subsets=5, rng=0)
    assert found.value == pytest.approx(d, rel=0.12)
    low, high = found.interval
    assert low < found.value < high < low + 0.5 * d


def test_interval_covers_the_draw_of_subsets():
    """The middle of many estimates is in nearly all of their own 95 % intervals."""
    points = np.random.default_rng(0).random((1000, 2))
    sizes = np.arange(100, 500, 25)
    found = [tl.ph_dimension(points, sizes=sizes, rng=seed) for seed in range(60)]
    middle = np.median([one.value for one in found])
    covered = np.mean([one.interval[0] <= middle <= one.interval[1] for one in found])
    assert covered > 0.8


def test_threads_and_seeds():
    one, two = (tl.ph_dimension(CLOUD, rng=5, n_threads=n) for n in (1, 2))
    np.testing.assert_array_equal(one.lifetime_sums, two.lifetime_sums)
    assert one.interval == two.interval
    assert tl.ph_dimension(CLOUD, rng=6).value != one.value


def test_points_without_room_for_their_distances():
    with_room = tl.ph_dimension(CLOUD, rng=5)
    without = tl.ph_dimension(CLOUD, rng=5, max_memory=100_000)
    np.testing.assert_allclose(without.lifetime_sums, with_room.lifetime_sums, rtol=1e-13)


def test_scale_does_not_matter():
    expected = tl.ph_dimension(CLOUD, rng=0).value
    for scale in (1e-6, 1e6):
        assert tl.ph_dimension(scale * CLOUD, rng=0).value == pytest.approx(expected, rel=1e-9)


def test_no_finite_dimension():
    D = np.ones(4950)  # equidistant points: E grows faster than their number
    found = tl.ph_dimension(tl.MetricSpace(D))
    assert found.slope > 1 and found.value == np.inf and found.interval == (np.inf, np.inf)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tl.ph_dimension(np.ones((50, 2))), "`X` must not repeat one point; found a sub"),
        (lambda: tl.ph_dimension(CLOUD, 0), "`alpha` must be a positive number; found 0"),
        (
            lambda: tl.homology.lifetime_sum(CLOUD, np.nan),
            "`alpha` must be a positive number; found NaN",
        ),
        (lambda: tl.ph_dimension(CLOUD, sizes=[5]), "`sizes` must hold two different numbers"),
        (
            lambda: tl.ph_dimension(CLOUD, sizes=[5, 301]),
            "`sizes` must be at most .* 300; found 301",
        ),
        (lambda: tl.ph_dimension(CLOUD, sizes=[1, 9]), "`sizes` must be at least 2; found 1"),
        (lambda: tl.ph_dimension(CLOUD[:2]), "`sizes` must hold two .* those of 2 points"),
        (lambda: tl.ph_dimension(CLOUD, n_subsets=0), "`n_subsets` must be at least 1; found 0"),
        (
            lambda: tl.ph_dimension(CLOUD, confidence_level=1),
            "`confidence_level` must be above 0 and below 1",
        ),
        (
            lambda: tl.homology.lifetime_sum(tl.MetricSpace([1, np.inf, np.inf])),
            "must hold finite distances",
        ),
        (lambda: tl.PHDimension(alpha=-1), "`alpha` must be a positive number; found -1"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_joins_the_layer_table():
    layers = {"input": CLOUD, "line": CLOUD[:, :1] * [[1.0, 2.0]]}
    table = tl.analyse(layers, tl.PHDimension(n_subsets=3), rng=0)
    values = table.select(measure="ph_dimension").columns["value"]
    assert 2.5 < values[0] < 5 and values[1] == pytest.approx(1, abs=0.3)
    assert (
        tl.plotting.plot_layers(table, "ph_dimension").get_ylabel()
        == "persistent homology dimension"
    )
    with pytest.raises(ValueError, match="needs at least 10 points"):
        tl.analyse({"input": CLOUD[:9]}, tl.PHDimension())
