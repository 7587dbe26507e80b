"""`rips` against explicit boundary matrices, gudhi and ripser."""

from __future__ import annotations

import gudhi
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ripser import ripser
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import cdist, pdist, squareform

import topolens as tl
from oracle import (
    MOORE_SPACE,
    PROJECTIVE_PLANE,
    betti_by_rank,
    check_cocycles,
    persistence,
    subdivision,
)
from topolens import datasets

INF = np.inf
primes = st.sampled_from([2, 3, 5])
dims = st.integers(0, 3)
seeds = st.integers(0, 2**32 - 1)


def cases(count):
    return settings(max_examples=count, deadline=None)


# --- spaces -------------------------------------------------------------------------------------


@st.composite
def tied_matrices(draw, max_n=8, low=1, high=4):
    """Symmetric matrices of small integers; the triangle inequality may fail."""
    n = draw(st.integers(0, max_n))
    m = n * (n - 1) // 2
    entries = draw(st.lists(st.integers(low, high), min_size=m, max_size=m))
    return squareform(np.array(entries, dtype=float)) if n > 1 else np.zeros((n, n))


@st.composite
def random_matrices(draw, max_n=9):
    n = draw(st.integers(0, max_n))
    D = np.triu(np.random.default_rng(draw(seeds)).uniform(0, 10, (n, n)), 1)
    return D + D.T


@st.composite
def lattice_points(draw, max_n=8, side=2):
    """Points with small integer coordinates, many of them equal."""
    d = draw(st.integers(1, 3))
    coordinates = st.lists(st.integers(0, side), min_size=d, max_size=d)
    return np.array(draw(st.lists(coordinates, max_size=max_n)), dtype=float).reshape(-1, d)


def as_sparse(D):
    """The sparse matrix whose missing entries are the infinite entries of `D`."""
    i, j = np.nonzero(np.isfinite(D) & ~np.eye(len(D), dtype=bool))
    return coo_matrix((D[i, j], (i, j)), shape=D.shape)


def scattered(D, n, seed):
    """The sparse matrix of the space at random places among `n` points, and the places."""
    places = np.sort(np.random.default_rng(seed).choice(n, len(D), replace=False))
    small = as_sparse(D)
    return coo_matrix((small.data, (places[small.row], places[small.col])), (n, n)), places


def random_matrix(n, seed, ties=None):
    rng = np.random.default_rng(seed)
    D = np.triu(rng.integers(1, ties, (n, n)) if ties else rng.uniform(size=(n, n)), 1)
    return (D + D.T).astype(float)


# --- comparison ---------------------------------------------------------------------------------


def rips(D, **kwargs):
    return tl.rips(D, metric="precomputed", **kwargs)


def assert_same(result, expected, rtol=0.0):
    """Diagrams of the right type, order and values."""
    assert len(result.dgms) == len(expected)
    for got, want in zip(result.dgms, expected, strict=True):
        assert got.dtype == np.float64 and got.shape == want.shape
        np.testing.assert_allclose(got, want, rtol=rtol, atol=0)
        assert got.tolist() == sorted(got.tolist())


def by_gudhi(D, maxdim, p, threshold=INF):
    complex_ = gudhi.RipsComplex(distance_matrix=D, max_edge_length=threshold)
    tree = complex_.create_simplex_tree(max_dimension=maxdim + 1)
    tree.persistence(homology_coeff_field=p, min_persistence=0, persistence_dim_max=True)
    found = (tree.persistence_intervals_in_dimension(d) for d in range(maxdim + 1))
    return [np.array(sorted(map(tuple, f)), dtype=float).reshape(-1, 2) for f in found]


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
    """Simplices too large for 64 bits: a seven-sphere among ten thousand points."""
    D = 1.0 - np.eye(16)
    D[np.arange(16), np.arange(16) ^ 1] = INF
    space, _ = scattered(D, 10_000, seed=0)
    result = rips(space, maxdim=8, coeff=p)
    assert result.betti_numbers(1).tolist() == [10_000 - 15, 0, 0, 0, 0, 0, 0, 1, 0]
    with pytest.raises(OverflowError, match="`maxdim`"):
        rips(space, maxdim=15)


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


# --- laws ---------------------------------------------------------------------------------------


@cases(60)
@given(tied_matrices(), primes, st.randoms(use_true_random=False))
def test_order_of_points_does_not_matter(D, p, random):
    order = random.sample(range(len(D)), len(D))
    shuffled = rips(D[np.ix_(order, order)], maxdim=2, coeff=p)
    assert_same(shuffled, rips(D, maxdim=2, coeff=p).dgms)


@pytest.mark.parametrize("ties", [None, 10])
@pytest.mark.parametrize(("n", "maxdim", "p"), [(150, 1, 2), (150, 1, 3), (40, 2, 2), (40, 2, 3)])
def test_threads_do_not_matter(n, maxdim, p, ties):
    D = random_matrix(n, 7, ties)
    for space in (D, as_sparse(np.where(np.median(D) < D, INF, D))):
        one, *others = (
            rips(space, maxdim=maxdim, coeff=p, cocycles=True, n_threads=t) for t in (1, 2, 3)
        )
        for other in others:
            for a, b in zip(one.dgms, other.dgms, strict=True):
                np.testing.assert_array_equal(a, b)
            for a, b in zip(one.cocycles, other.cocycles, strict=True):
                assert len(a) == len(b)
                for x, y in zip(a, b, strict=True):
                    np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize("maxdim", [0, 1, 2])
def test_cocycles_do_not_change_the_diagrams(maxdim):
    D = random_matrix(40, 3, ties=15)
    assert_same(rips(D, maxdim=maxdim, cocycles=True), rips(D, maxdim=maxdim).dgms)


@cases(60)
@given(lattice_points(max_n=12, side=4), st.integers(0, 2))
def test_all_kinds_of_input_agree(X, maxdim):
    D = cdist(X, X)
    points = tl.rips(X, maxdim=maxdim).dgms
    assert_same(rips(D, maxdim=maxdim), points)
    if len(X) > 1:
        assert_same(rips(squareform(D), maxdim=maxdim), points)
    if len(np.unique(X, axis=0)) == len(X):
        for sparse in (as_sparse(D), csr_matrix(D), csr_matrix(D).tocsc()):
            assert_same(rips(sparse, maxdim=maxdim), points)


def test_all_kinds_of_input_agree_on_clouds():
    X = datasets.torus(120, rng=0)
    D = squareform(pdist(X))
    dense = rips(D, threshold=1.5)
    assert_same(rips(as_sparse(np.where(D > 1.5, INF, D))), dense.dgms)
    assert_same(rips(pdist(X), threshold=1.5), dense.dgms)
    assert_same(tl.rips(X, threshold=1.5), dense.dgms, rtol=1e-12)


@pytest.mark.parametrize("maxdim", [0, 1, 2])
def test_nothing_happens_beyond_the_enclosing_radius(maxdim):
    for D in (squareform(pdist(datasets.circle(40, noise=0.2, rng=0))), random_matrix(30, 1, 9)):
        radius = D.max(axis=1).min()
        result = rips(D, maxdim=maxdim)
        assert_same(rips(D, maxdim=maxdim, threshold=radius), result.dgms)
        assert_same(rips(D, maxdim=maxdim, threshold=D.max()), result.dgms)
        assert result.threshold == radius


def test_components_alone_are_the_components_of_the_whole():
    X = datasets.torus(200, noise=0.1, rng=0)
    for kwargs in ({}, {"threshold": 0.7}):
        alone, whole = (tl.rips(X, maxdim=m, **kwargs).dgms[0] for m in (0, 1))
        np.testing.assert_array_equal(alone, whole)


@pytest.mark.parametrize(
    "metric", ["cityblock", "chebyshev", "sqeuclidean", "cosine", lambda a, b: abs(a - b).max()]
)
def test_metrics(metric):
    X = np.random.default_rng(0).normal(size=(40, 3))
    want = rips(squareform(pdist(X, metric))).dgms
    assert_same(tl.rips(X, metric=metric), want, rtol=1e-9)


# --- landmarks ----------------------------------------------------------------------------------


@pytest.mark.parametrize("precomputed", [False, True])
def test_landmarks(precomputed):
    X = datasets.circle(200, noise=0.1, rng=0)
    D = cdist(X, X)
    kwargs = {"metric": "precomputed"} if precomputed else {}
    space = D if precomputed else X
    whole = tl.rips(space, **kwargs)
    thinned = tl.rips(space, n_landmarks=30, rng=0, **kwargs)
    assert len(np.unique(thinned.landmarks)) == 30
    np.testing.assert_allclose(
        thinned.covering_radius, D[:, thinned.landmarks].min(axis=1).max(), rtol=1e-12
    )
    assert_same(rips(D[np.ix_(thinned.landmarks, thinned.landmarks)]), thinned.dgms, rtol=1e-12)
    for full, part in zip(whole.dgms, thinned.dgms, strict=True):
        apart = gudhi.bottleneck_distance(full, part)
        assert apart <= 2 * thinned.covering_radius * (1 + 1e-9)
    assert whole.landmarks is None and whole.covering_radius is None


def test_landmarks_follow_the_seed():
    X = datasets.sphere(150, rng=0)
    first, again, other = (tl.rips(X, n_landmarks=20, rng=seed).landmarks for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert set(first.tolist()) != set(other.tolist())


def test_every_point_a_landmark():
    X = datasets.sphere(40, rng=0)
    result = tl.rips(X, n_landmarks=40, rng=0)
    assert result.covering_radius == 0
    assert_same(result, tl.rips(X).dgms, rtol=1e-12)
