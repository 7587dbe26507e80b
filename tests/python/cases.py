"""Spaces to try `rips` on, and how to compare its diagrams."""

from __future__ import annotations

import gudhi
import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.spatial.distance import squareform

import topolens as tl

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
