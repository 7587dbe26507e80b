"""What must hold for `rips` whatever the space."""

from __future__ import annotations

import gudhi
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.spatial.distance import cdist, pdist, squareform

import topolens as tl
from cases import (
    INF,
    as_sparse,
    assert_same,
    cases,
    lattice_points,
    primes,
    random_matrix,
    rips,
    tied_matrices,
)
from topolens import datasets


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
