"""Diversities and Vendi scores of all orders, against forty digits."""

from __future__ import annotations

import warnings
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf
from scipy.spatial.distance import cdist

import topolens as tl
from cases import cases, seeds

STEPS = [10.0**-k for k in range(1, 16)]
NEAR = [1 + sign * step for step in STEPS for sign in (-1, 1)]
ORDERS = [0.0, 1e-300, 1e-9, 0.5, 1.0, *NEAR, 2.0, 50.0, 1e3, 1e6, 1e12, 1e300, np.inf]


@pytest.fixture(autouse=True)
def _no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def exact(weights, commonness, order):
    """The inverse of the power mean of order q − 1, in mpmath."""
    total = sum(weights)
    pairs = [(w / total, z) for w, z in zip(weights, commonness, strict=True) if w]
    if order == np.inf:
        return float(1 / max(z for _, z in pairs))
    power = mpf(order) - 1
    if power == 0:
        return float(mp.exp(-sum(p * mp.log(z) for p, z in pairs)))
    return float(sum(p * mp.exp(power * mp.log(z)) for p, z in pairs) ** (-1 / power))


def exact_diversity(D, t, order, weights):
    with mp.workdps(60):
        weights = [mpf(float(w)) for w in weights]
        total = sum(weights)
        rows = [[mp.exp(-mpf(float(t)) * mpf(float(d))) for d in row] for row in D]
        sums = [sum(z * w for z, w in zip(row, weights, strict=True)) / total for row in rows]
        return exact(weights, sums, order)


@cases(60)
@given(seeds, st.sampled_from(ORDERS), st.sampled_from([0.0, 1.0, 20.0]), st.floats(-2, 2))
def test_diversities_of_all_orders(seed, order, spread, power):
    """Weights over `spread` times as many orders of size as a Gaussian has."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 9))
    X, t = rng.normal(size=(n, 2)), 10.0**power
    weights = np.exp(spread * rng.normal(size=n)) * rng.integers(0, 2, size=n)
    weights[0] = 1.0
    found = tl.magnitudes.diversity(X, t, order, weights)
    assert found == pytest.approx(exact_diversity(cdist(X, X), t, order, weights), rel=1e-11)


@pytest.mark.parametrize("order", ORDERS)
def test_the_rarest_points_count(order):
    """Far apart, with weights that differ by more than similarities do from zero."""
    X, weights = [[0.0], [1e4], [2e4]], [1.0, 1e-200, 1e-30]
    found = tl.magnitudes.diversity(X, 1.0, order, weights)
    want = exact_diversity(cdist(X, X), 1.0, order, weights)
    assert found == pytest.approx(want, rel=1e-11)


def exact_vendi(shares, order):
    with mp.workdps(60):
        shares = [mpf(float(x)) for x in shares]
        total = sum(shares)
        return exact(shares, [x / total for x in shares], order)


@pytest.mark.parametrize("order", ORDERS)
def test_vendi_scores_of_all_orders(order):
    """Groups of equal directions: the eigenvalues are their sizes."""
    sizes = [1, 2, 3, 40]
    X = np.repeat(np.eye(4), sizes, axis=0)
    for kernel, points in [("cosine", X), ("precomputed", X @ X.T)]:
        found = tl.magnitudes.vendi_score(points, kernel, order=order)
        assert found == pytest.approx(exact_vendi(sizes, order), rel=1e-11)
    apart = tl.magnitudes.vendi_score(1e4 * X, "exponential", order=order)
    assert apart == pytest.approx(exact_vendi(sizes, order), rel=1e-11)


def test_next_to_order_one_nothing_jumps():
    rng = np.random.default_rng(0)
    X, p = rng.normal(size=(7, 2)), rng.dirichlet(np.ones(7))
    for measure in (
        lambda q: tl.magnitudes.diversity(X, 3.0, q, p),
        lambda q: tl.magnitudes.vendi_score(X, order=q),
        lambda q: tl.magnitudes.vendi_score(X, "exponential", order=q),
    ):
        right = measure(1.0)
        for order in NEAR:
            assert measure(order) == pytest.approx(right, rel=20 * abs(order - 1))
        values = [measure(q) for q in sorted(ORDERS)]
        assert all(a >= b * (1 - 1e-13) for a, b in pairwise(values))


@cases(30)
@given(seeds, st.sampled_from([1e-308, 1e-20, 1.0, 7.0, 1e200, 1e307]))
def test_weights_are_divided_by_their_sum(seed, size):
    rng = np.random.default_rng(seed)
    X, p = rng.normal(size=(6, 2)), rng.uniform(0.1, 1.0, size=6)
    for order in (0.0, 0.5, 1.0, 2.0, np.inf):
        want = tl.magnitudes.diversity(X, 1.0, order, p)
        assert tl.magnitudes.diversity(X, 1.0, order, size * p) == pytest.approx(want, rel=1e-13)
    counts = tl.magnitudes.diversity(X, p=np.arange(6))
    assert counts == pytest.approx(tl.magnitudes.diversity(X, p=np.arange(6) / 15.0))


# --- which eigenvalues count --------------------------------------------------------------------


@pytest.mark.parametrize("small", [1e-3, 1e-6, 1e-9, 1e-12])
def test_small_eigenvalues_count(small):
    """Of [[1, c], [c, 1]], 1 + c and 1 - c."""
    K = np.array([[1.0, 1.0 - small], [1.0 - small, 1.0]])
    rank = tl.magnitudes.vendi_score(K, "precomputed", order=0.0)
    assert rank == pytest.approx(2.0)
    angle = np.sqrt(2 * small)
    X = [[1.0, 0.0], [np.cos(angle), np.sin(angle)]]
    assert tl.magnitudes.vendi_score(X, order=0.0) == pytest.approx(2.0)
    assert tl.magnitudes.vendi_score([[0.0], [small]], "exponential", order=0) == pytest.approx(2.0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("n", "rank"), [(5, 1), (40, 3), (200, 20)])
def test_rounding_is_no_rank(dtype, n, rank):
    X = np.random.default_rng(n).normal(size=(n, rank))
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    K = (X.astype(dtype) @ X.T.astype(dtype)).astype(dtype)
    np.fill_diagonal(K, 1.0)
    assert tl.magnitudes.vendi_score(K, "precomputed", order=0.0) == pytest.approx(rank)
    assert tl.magnitudes.vendi_score(X.astype(dtype), order=0.0) == pytest.approx(rank)
