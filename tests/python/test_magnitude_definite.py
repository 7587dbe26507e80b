"""Negative eigenvalues of spaces that are large enough for conjugate gradients: none uncounted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import shortest_path
from scipy.spatial.distance import cdist

import topolens as tl
from cases import cases, seeds
from magnitude_cases import by_method


def bipartite(m, n):
    """Hops of the complete bipartite graph."""
    left = np.arange(m + n) < m
    return np.where(left[:, None] == left, 2.0, 1.0) - 2.0 * np.eye(m + n)


def hops(n, rng):
    """Hops of a random graph that is connected by a ring."""
    A = rng.uniform(size=(n, n)) < 3.0 / n
    A[np.arange(n), np.arange(n) - 1] = True
    return shortest_path(A | A.T, unweighted=True)


def lattice(n, rng):
    """City block distances of distinct points of a small box: definite, but barely so."""
    side = np.arange(7)
    box = np.stack(np.meshgrid(side, side, side, side), axis=-1).reshape(-1, 4)
    return cdist(*2 * [rng.permutation(box)[:n]], "cityblock")


def with_one_bad_pair(n, rng):
    """A cloud in which one pair is further apart than any path between them."""
    D = cdist(*2 * [rng.normal(size=(n, 3))])
    D[0, 1] = D[1, 0] = 40.0 * D.max()
    return D


SPACES = {
    "bipartite": lambda n, rng: bipartite(n // 2, n - n // 2),
    "hops": hops,
    "chebyshev": lambda n, rng: cdist(*2 * [rng.normal(size=(n, 12))], "chebyshev"),
    "minkowski": lambda n, rng: cdist(*2 * [rng.normal(size=(n, 12))], "minkowski", p=7),
    "no metric": lambda n, rng: np.abs(np.subtract.outer(*2 * [rng.normal(size=n)])) ** 2.5,
    "bad pair": with_one_bad_pair,
    "euclidean": lambda n, rng: cdist(*2 * [rng.normal(size=(n, 5))]),
    "lattice": lattice,
}


@cases(25)
@given(seeds, st.sampled_from(sorted(SPACES)), st.integers(193, 330), st.floats(-2, 1))
def test_all_negative_eigenvalues_are_counted(seed, name, n, power):
    D = SPACES[name](n, np.random.default_rng(seed))
    ts = 10.0**power / np.median(D) * np.array([0.3, 1.0, 3.0])
    wanted = []
    for t in ts:
        eigenvalues = np.linalg.eigvalsh(np.exp(-t * D))
        near = np.abs(eigenvalues).min() < 1e-10 * n
        wanted.append(None if near else int((eigenvalues < 0).sum()))
    for t, want in zip(ts, wanted, strict=True):
        try:
            f = tl.magnitude_function(D, [t], metric="precomputed")
        except tl.NumericalError:
            # Near a singular matrix, or where large weights cancel near a pole.
            assert want != 0
            continue
        assert isinstance(f.negative_eigenvalues[0], int)
        assert want is None or f.negative_eigenvalues == [want]


@pytest.mark.parametrize("name", ["bipartite", "chebyshev", "bad pair"])
def test_the_iteration_alone_passes_no_indefinite_matrix(name):
    D = SPACES[name](250, np.random.default_rng(0))
    for t in np.array([0.1, 0.5, 1.0, 2.0]) / np.median(D):
        least = np.linalg.eigvalsh(np.exp(-t * D))[0]
        try:
            f = by_method(D, [t], "conjugate gradients", "precomputed")
        except tl.NumericalError:
            assert least < 1e-9
        else:
            assert least > 0 and f.negative_eigenvalues == [0]


def test_metrics_by_name_need_no_factors():
    X = np.random.default_rng(0).normal(size=(400, 4))
    f = tl.magnitude_function(X, [0.5, 2.0])
    assert f.methods == ["conjugate gradients"] * 2 and f.negative_eigenvalues == [0, 0]
    given_distances = tl.magnitude_function(tl.distances(X), [0.5, 2.0], metric="precomputed")
    assert given_distances.methods == f.methods and given_distances.negative_eigenvalues == [0, 0]
    assert np.allclose(given_distances.values, f.values, rtol=1e-9)


def test_the_plan_says_why_there_are_factors():
    f = tl.magnitude_function(bipartite(150, 100), [0.5, 3.0], metric="precomputed")
    assert "negative eigenvalues are possible" in f.plan
    assert f.methods[0] == "lblt" and "conjugate gradients" not in f.methods
    few = csr_matrix(bipartite(150, 100) == 1, dtype=float)
    assert tl.magnitude_function(few, [4.0], metric="precomputed").negative_eigenvalues == [1]


@pytest.mark.parametrize("name", ["bipartite", "chebyshev", "hops"])
@pytest.mark.parametrize("n", [60, 250])
def test_what_needs_definite_similarities_refuses_others(name, n):
    D = SPACES[name](n, np.random.default_rng(1))
    assert np.linalg.eigvalsh(np.exp(-0.1 * D / np.median(D)))[0] < -1e-9
    for call in (
        tl.magnitudes.magnitude_area,
        lambda D, t, **kwargs: tl.magnitudes.magnitude_difference(D, D[:3, :3], t, **kwargs),
        tl.magnitudes.max_diversity,
        tl.magnitudes.magnitude_lower_bound,
    ):
        with pytest.raises(tl.NumericalError, match="positive definite"):
            call(D, 0.1 / np.median(D), metric="precomputed")
