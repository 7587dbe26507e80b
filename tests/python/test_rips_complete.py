"""When nothing can happen beyond the threshold, by plain Python and by what happens."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.cluster.hierarchy import DisjointSet
from scipy.spatial.distance import cdist, squareform

import topolens as tl
from cases import INF, as_sparse, cases, seeds

FORMS = ("square", "condensed", "sparse", "batch", "space")


@st.composite
def matrices(draw):
    """A few points: distances with ties, some of which may be infinite."""
    rng = np.random.default_rng(draw(seeds))
    n = draw(st.integers(1, 7))
    D = np.triu(rng.integers(1, draw(st.sampled_from([3, 30])), size=(n, n)), 1).astype(float)
    if draw(st.booleans()):
        D[np.triu(rng.random((n, n)) < 0.4, 1)] = INF
    return D + D.T


def scales(D):
    """The lengths that there are, those between them, and those around."""
    lengths = np.unique(D[np.isfinite(D)])
    return np.unique(np.r_[0.0, lengths, (lengths[1:] + lengths[:-1]) / 2, lengths.max() + 1, INF])


def components(D, threshold):
    sets = DisjointSet(range(len(D)))
    for i, j in np.argwhere((threshold >= D) & np.isfinite(D)):
        sets.merge(i, j)
    return sets.n_subsets


def nothing_can_happen(D, threshold, maxdim):
    """As `PersistenceResult.complete` is defined."""
    within = (threshold >= D) & np.isfinite(D)
    if within.all(axis=1).any() or (within == np.isfinite(D)).all():
        return True
    only_components = maxdim == 0 or len(D) < 4
    return only_components and components(D, threshold) == components(D, INF)


def go(D, form, **options):
    if form == "square":
        return tl.rips(D, metric="precomputed", **options)
    if form == "condensed":
        return tl.rips(squareform(D, checks=False), metric="precomputed", **options)
    if form == "sparse":
        return tl.rips(as_sparse(D), metric="precomputed", **options)
    if form == "space":
        return tl.rips(tl.MetricSpace(D), **options)
    return tl.rips_batch([D], metric="precomputed", **options)[0]


def same_bars(a, b):
    return all(np.array_equal(x, y) for x, y in zip(a.dgms, b.dgms, strict=True))


@pytest.mark.parametrize("form", FORMS)
@cases(25)
@given(D=matrices(), maxdim=st.integers(0, 3))
def test_complete_says_that_nothing_can_happen(form, D, maxdim):
    if form == "condensed" and len(D) == 1:
        return  # no vector stands for a single point
    last = go(D, form, maxdim=maxdim)
    assert last.complete
    for threshold in scales(D):
        found = go(D, form, maxdim=maxdim, threshold=threshold)
        assert found.complete == nothing_can_happen(D, threshold, maxdim), threshold
        if found.complete:
            assert same_bars(found, last)
        elif maxdim == 0:
            assert not same_bars(found, last)


@pytest.mark.parametrize("epsilon", [None, 0.3, 2.0])
@cases(25)
@given(seed=seeds, maxdim=st.integers(0, 2), n=st.integers(1, 14))
def test_complete_of_points(epsilon, seed, maxdim, n):
    X = np.random.default_rng(seed).integers(0, 9, size=(n, 2)).astype(float)
    D = cdist(X, X)
    last = tl.rips(X, maxdim=maxdim, epsilon=epsilon)
    assert last.complete
    before = False
    lengths = scales(D) if epsilon is None else np.r_[scales(D), last.threshold, 9 * D.max()]
    for threshold in np.unique(lengths):
        found = tl.rips(X, maxdim=maxdim, threshold=threshold, epsilon=epsilon)
        assert found.complete or not before
        before = found.complete
        if epsilon is None:
            assert found.complete == nothing_can_happen(D, threshold, maxdim)
        elif threshold >= last.threshold:
            assert found.complete
        if found.complete:
            assert same_bars(found, last)
        elif maxdim == 0:
            assert not same_bars(found, last)


def test_complete_where_late_edges_end_before_one_point_has_met_all():
    """Two points far from two others: with copies no late edge is longer than the distance."""
    X = np.array([[0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [1.0, 0.0]])
    assert tl.rips(X, epsilon=1.0, threshold=1.0).complete
    assert not tl.rips(X, epsilon=1.0, threshold=0.5).complete


@pytest.mark.parametrize("maxdim", [0, 1])
def test_long_distances_that_were_left_out_of_a_matrix_count(maxdim):
    """Of 600 points on a line the matrix is read as a graph of its short distances."""
    x = np.arange(600.0)
    D = np.abs(x[:, None] - x)
    options = {"metric": "precomputed", "maxdim": maxdim}
    assert tl.rips(D, threshold=2.0, **options).complete == (maxdim == 0)
    assert not tl.rips(D, threshold=0.5, **options).complete
    assert not tl.rips_batch([D], threshold=0.5, **options)[0].complete
    never = np.where(D > 2.0, INF, D)
    assert tl.rips(never, threshold=2.0, **options).complete
    assert tl.rips_batch([never], threshold=2.0, **options)[0].complete


def test_beyond_a_complete_filtration_scales_are_known():
    pair = tl.rips([[0.0], [3.0]], maxdim=0, threshold=3.0)
    assert pair.complete and pair.betti_numbers(100.0).tolist() == [1]
    assert tl.rips([[1.0, 2.0]], threshold=0.0).complete
    square = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]
    assert tl.rips(square, threshold=2**0.5).complete
    assert not tl.rips(square, threshold=1.0).complete
    assert tl.rips(square, threshold=1.0, maxdim=0).complete
