"""`rips` against explicit boundary matrices, gudhi and ripser."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ripser import ripser
from scipy.cluster.hierarchy import linkage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import cdist, pdist, squareform

import topolens as tl
from cases import (
    INF,
    as_sparse,
    assert_same,
    by_gudhi,
    cases,
    dims,
    lattice_points,
    primes,
    random_matrices,
    random_matrix,
    rips,
    scattered,
    seeds,
    tied_matrices,
)
from oracle import (
    MOORE_SPACE,
    PROJECTIVE_PLANE,
    betti_by_rank,
    check_cocycles,
    persistence,
    subdivision,
)
from topolens import datasets

# --- the explicit oracle ------------------------------------------------------------------------


@cases(150)
@given(seeds, st.integers(0, 9), st.integers(1, 4), dims, primes, st.booleans())
def test_euclidean_points(seed, n, d, maxdim, p, cut):
    X = np.random.default_rng(seed).normal(size=(n, d))
    threshold = 1.5 if cut else INF
    want = persistence(squareform(pdist(X)) if n > 1 else np.zeros((n, n)), maxdim, threshold, p)
    assert_same(tl.rips(X, maxdim=maxdim, coeff=p, threshold=threshold), want, rtol=1e-12)


@cases(150)
@given(random_matrices(), dims, primes, st.sampled_from([INF, 2.0, 5.0]))
def test_random_dissimilarities(D, maxdim, p, threshold):
    assert_same(
        rips(D, maxdim=maxdim, coeff=p, threshold=threshold), persistence(D, maxdim, threshold, p)
    )


@cases(300)
@given(tied_matrices(), dims, primes, st.sampled_from([INF, 0.0, 1.0, 2.0, 2.5, 3.0, 4.0]))
def test_tied_dissimilarities(D, maxdim, p, threshold):
    assert_same(
        rips(D, maxdim=maxdim, coeff=p, threshold=threshold), persistence(D, maxdim, threshold, p)
    )


@cases(250)
@given(tied_matrices(high=6), dims, primes, st.sampled_from([INF, 1.0, 2.0, 3.0]), seeds)
def test_sparse_matrices(D, maxdim, p, threshold, seed):
    """Among many isolated points, so that the graph is sparse indeed."""
    D[D > 3] = INF
    want = persistence(D, maxdim, threshold, p)
    assert_same(rips(as_sparse(D), maxdim=maxdim, coeff=p, threshold=threshold), want)
    among, _ = scattered(D, 60, seed)
    want[0] = np.vstack([want[0], [[0, INF]] * (60 - len(D))])
    assert_same(rips(among, maxdim=maxdim, coeff=p, threshold=threshold), want)


@cases(200)
@given(lattice_points(), dims, primes, st.sampled_from([INF, 0.0, 1.0, np.sqrt(2), 2.0]))
def test_repeated_points(X, maxdim, p, threshold):
    want = persistence(cdist(X, X), maxdim, threshold, p)
    assert_same(tl.rips(X, maxdim=maxdim, coeff=p, threshold=threshold), want)


@cases(100)
@given(tied_matrices(low=0, high=3), dims, primes)
def test_zero_distances(D, maxdim, p):
    assert_same(rips(D, maxdim=maxdim, coeff=p), persistence(D, maxdim, p=p))


@cases(100)
@given(tied_matrices(max_n=7), dims, primes, st.integers(0, 5))
def test_betti_numbers_against_ranks(D, maxdim, p, scale):
    result = rips(D, maxdim=maxdim, coeff=p)
    assert result.betti_numbers(scale).tolist() == betti_by_rank(D, scale, maxdim, p)


@cases(150)
@given(st.one_of(tied_matrices(), random_matrices(8)), st.integers(1, 3), primes, st.booleans())
def test_cocycles(D, maxdim, p, cut):
    threshold = 3.0 if cut else INF
    result = rips(D, maxdim=maxdim, coeff=p, threshold=threshold, cocycles=True)
    alive = np.where(threshold < D, INF, D)
    assert_same(result, persistence(alive, maxdim, p=p))
    for dim in range(1, maxdim + 1):
        check_cocycles(alive, result.dgms[dim], result.cocycles[dim], p)


@cases(100)
@given(tied_matrices(high=6), st.integers(1, 2), primes, seeds)
def test_cocycles_of_sparse_matrices(D, maxdim, p, seed):
    D[D > 3] = INF
    among, places = scattered(D, 60, seed)
    result = rips(among, maxdim=maxdim, coeff=p, cocycles=True)
    for dim in range(1, maxdim + 1):
        cocycles = [np.array(c) for c in result.cocycles[dim]]
        for cocycle in cocycles:
            cocycle[:, :-1] = np.searchsorted(places, cocycle[:, :-1])
        check_cocycles(D, result.dgms[dim], cocycles, p)


# --- peers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("p", [2, 3, 5])
@pytest.mark.parametrize(
    ("n", "maxdim", "ties"), [(90, 1, None), (90, 1, 12), (32, 2, None), (32, 2, 8), (16, 3, None)]
)
def test_against_gudhi(n, maxdim, ties, p):
    for seed in range(3):
        D = random_matrix(n, seed, ties)
        assert_same(rips(D, maxdim=maxdim, coeff=p), by_gudhi(D, maxdim, p), rtol=1e-12)


@pytest.mark.parametrize("threshold", [0.5, 1.0, 1.6])
def test_clouds_against_gudhi(threshold):
    for X, maxdim in (
        (datasets.torus(250, rng=0), 1),
        (datasets.sphere(70, rng=1), 2),
        (datasets.figure_eight(120, noise=0.1, rng=2), 1),
    ):
        D = squareform(pdist(X))
        got = rips(D, maxdim=maxdim, threshold=threshold)
        assert_same(got, by_gudhi(D, maxdim, 2, threshold), rtol=1e-12)


@pytest.mark.parametrize("p", [2, 3])
@pytest.mark.parametrize(("n", "maxdim"), [(300, 1), (90, 2)])
def test_against_ripser(n, maxdim, p):
    """On distances that are exact in single precision."""
    X = datasets.sphere(n, noise=0.05, rng=n)
    D = squareform(pdist(X)).astype(np.float32).astype(float)
    want = ripser(D, distance_matrix=True, maxdim=maxdim, coeff=p)["dgms"]
    want = [np.array(sorted(map(tuple, w)), dtype=float).reshape(-1, 2) for w in want]
    assert_same(rips(D, maxdim=maxdim, coeff=p), want, rtol=1e-6)


def test_components_are_a_spanning_tree():
    X = np.random.default_rng(0).normal(size=(600, 3))
    tree = np.sort(minimum_spanning_tree(squareform(pdist(X))).data)
    (h0,) = tl.rips(X, maxdim=0).dgms
    np.testing.assert_allclose(h0[:-1, 1], tree, rtol=1e-12)
    assert h0[-1].tolist() == [0, INF]


@pytest.mark.parametrize("metric", ["euclidean", "cityblock", "chebyshev"])
@pytest.mark.parametrize(("n", "d"), [(2500, 1), (4500, 2), (900, 3), (600, 20), (400, 100)])
def test_components_are_single_linkage(n, d, metric):
    rng = np.random.default_rng(d)
    X = rng.normal(size=(n, d)) * rng.choice([0.01, 1.0], size=(n, 1))
    X[: n // 10] = X[rng.integers(n, size=n // 10)]
    heights = linkage(pdist(X, metric), "single")[:, 2]
    (h0,) = tl.rips(X, maxdim=0, metric=metric).dgms
    np.testing.assert_allclose(h0[:-1, 1], heights[heights > 0], rtol=1e-12)


# --- known answers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("triangles", "torsion"), [(PROJECTIVE_PLANE, 2), (MOORE_SPACE, 3)], ids=["RP2", "Moore"]
)
@pytest.mark.parametrize("p", [2, 3, 5, 7])
def test_torsion_is_seen_by_its_own_field(triangles, torsion, p):
    D = subdivision(triangles)
    result = rips(as_sparse(D), maxdim=2, coeff=p, cocycles=True)
    assert result.betti_numbers(1).tolist() == ([1, 1, 1] if p == torsion else [1, 0, 0])
    check_cocycles(D, result.dgms[1], result.cocycles[1], p)


def test_sampled_projective_plane():
    X = datasets.projective_plane(70, rng=0)
    two, three = (tl.rips(X, maxdim=2, coeff=p).dgms for p in (2, 3))
    assert_same(tl.rips(X, maxdim=2, coeff=3), by_gudhi(cdist(X, X), 2, 3), rtol=1e-12)
    longest = [[float(np.diff(d).max()) for d in dgms[1:]] for dgms in (two, three)]
    assert longest[0][0] > 1.4 * longest[1][0]
    assert longest[0][1] > 2 * longest[1][1]


@pytest.mark.parametrize("m", [2, 3, 4, 5, 6])
@pytest.mark.parametrize("p", [2, 3])
def test_cross_polytopes_are_spheres(m, p):
    """Antipodal pairs at distance 2, everything else at 1."""
    D = 1.0 - np.eye(2 * m)
    D[np.arange(2 * m), np.arange(2 * m) ^ 1] = 2
    want = [[[0, 1]] * (2 * m - 1) + [[0, INF]], *([[]] * (m - 2)), [[1, 2]], []]
    result = rips(D, maxdim=m, coeff=p, cocycles=True)
    assert [d.tolist() for d in result.dgms] == want
    if m < 6:
        check_cocycles(D, result.dgms[m - 1], result.cocycles[m - 1], p)


@pytest.mark.parametrize("p", [2, 3])
def test_high_dimension_among_many_points(p):
    """A seven-sphere among ten thousand points, by itself and with the others joined in pairs.

    The simplices of all points are too large for 64 bits, and in degree 15 for 128.
    """
    D = 1.0 - np.eye(16)
    D[np.arange(16), np.arange(16) ^ 1] = INF
    alone, corners = scattered(D, 10_000, seed=0)
    one, other = np.delete(np.arange(10_000), corners).reshape(2, -1)
    ends = np.r_[alone.row, one], np.r_[alone.col, other]
    paired = coo_matrix((np.r_[alone.data, np.full(len(one), 2.0)], ends), alone.shape)
    for space, maxdim in ((alone, 15), (paired, 8)):
        result = rips(space, maxdim=maxdim, coeff=p)
        betti = [10_000 - 15, *[0] * 6, 1, *[0] * (maxdim - 7)]
        assert result.betti_numbers(1).tolist() == betti
    with pytest.raises(OverflowError, match="`maxdim` can be at most 8"):
        rips(paired, maxdim=15)


def test_short_bars_survive():
    square = squareform([1, 1 + 1e-9, 1, 1, 1 + 1e-9, 1])
    h0, h1 = rips(square).dgms
    assert h1.tolist() == [[1, 1 + 1e-9]]
    X = np.array([[1000.0], [1000.0 + 1e-9], [1001.0]])
    (h0,) = tl.rips(X, maxdim=0).dgms
    assert h0[0, 1] == X[1, 0] - X[0, 0] > 0


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_points(n):
    X = np.arange(2.0 * n).reshape(n, 2)
    for maxdim in (0, 1, 3):
        result = tl.rips(X, maxdim=maxdim)
        components = [[], [[0, INF]], [[0, np.sqrt(8)], [0, INF]]][n]
        assert [d.tolist() for d in result.dgms] == [components] + [[]] * maxdim
        assert all(d.shape == (len(d), 2) for d in result.dgms)
        assert_same(rips(cdist(X, X), maxdim=maxdim), result.dgms)


def test_essential_classes_are_alive_at_infinity():
    assert tl.rips(np.eye(3), maxdim=1).betti_numbers([np.inf, 0.0]).tolist() == [[1, 0], [3, 0]]
