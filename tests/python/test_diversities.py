"""Diversities and outlier scores on larger spaces, and what they refuse."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import nnls
from scipy.spatial.distance import cdist

import topolens as tl
from cases import cases, seeds

RNG = np.random.default_rng(0)
X = RNG.normal(size=(80, 4))


# --- the largest diversity ----------------------------------------------------------------------


@cases(25)
@given(seeds, st.integers(2, 300), st.integers(1, 16), st.floats(-2.0, 1.0))
def test_max_diversity_by_nonnegative_least_squares(seed, n, d, power):
    """Z = LLᵀ: the weights w ≥ 0 with least ½wᵀZw − Σw are those nearest to Lᵀw = L⁻¹1."""
    X, t = np.random.default_rng(seed).normal(size=(n, d)), 10.0**power
    found = tl.magnitudes.max_diversity(X, t)
    Z = np.exp(-t * cdist(X, X))
    L = np.linalg.cholesky(Z)
    want, _ = nnls(L.T, np.linalg.solve(L, np.ones(n)), maxiter=50 * n)
    assert found.value == pytest.approx(want.sum(), rel=1e-8)
    assert found.value <= found.upper_bound <= found.value * (1 + 1e-6)
    np.testing.assert_allclose(found.distribution, want / want.sum(), atol=1e-6)
    assert found.value <= tl.magnitude(X, t) * (1 + 1e-9)
    for order in (0.0, 1.0, 2.0, np.inf):
        # The same for every order, and more than that of the uniform distribution.
        same = tl.magnitudes.diversity(X, t, order, found.distribution)
        assert same == pytest.approx(found.value, rel=1e-6)
        assert tl.magnitudes.diversity(X, t, order) <= found.value * (1 + 1e-9)


def test_iterative_normalisation_converges_to_the_largest_diversity():
    """Andreeva et al. 2025: w ← w / (Zw), from the uniform distribution."""
    Z = np.exp(-0.4 * cdist(X, X))
    w = np.full(len(X), 1 / len(X))
    for _ in range(20_000):
        w = w / (Z @ w)
    assert tl.magnitudes.max_diversity(X, 0.4).value == pytest.approx(w.sum(), rel=1e-4)


def test_copies_share_the_probability():
    Y = np.vstack([X, X[:3], X[:1]])
    one, other = tl.magnitudes.max_diversity(X, 2.0), tl.magnitudes.max_diversity(Y, 2.0)
    assert other.value == pytest.approx(one.value, rel=1e-12)
    assert other.distribution[[0, 80, 83]] == pytest.approx(one.distribution[0] / 3)


def test_graphs_have_diversities():
    """Of a path, hop by hop: a tree, the magnitude of which is known."""
    from scipy.sparse import csr_matrix

    hops = np.abs(np.subtract.outer(np.arange(6.0), np.arange(6.0)))
    path = csr_matrix(np.where(hops == 1, hops, 0))
    Z = np.exp(-np.where(hops <= 1, hops, np.inf))
    spread = tl.magnitudes.diversity(path, order=0, metric="precomputed")
    assert spread == pytest.approx((1 / Z.sum(axis=1)).sum())
    found = tl.magnitudes.max_diversity(path, metric="precomputed")
    p = found.distribution
    assert found.value == pytest.approx(1 / (p @ Z @ p))


def test_indefinite_similarities_are_not_certified():
    D = np.ones((5, 5)) - np.eye(5)
    D[:3, :3] *= 2
    D[3:, 3:] *= 2
    with pytest.raises(tl.NumericalError, match="positive definite"):
        tl.magnitudes.max_diversity(D, 0.2, metric="precomputed")


# --- the Vendi score ----------------------------------------------------------------------------


def by_eigenvalues(K):
    values = np.linalg.eigvalsh(K / len(K))
    values = values[values > 1e-13]
    return np.exp(-(values * np.log(values)).sum())


@pytest.mark.parametrize("shape", [(300, 5), (300, 299), (40, 300), (300, 600), (7, 1)])
def test_either_gram_matrix(shape):
    X = np.random.default_rng(1).normal(size=shape)
    unit = X / np.linalg.norm(X, axis=1, keepdims=True)
    assert tl.magnitudes.vendi_score(X) == pytest.approx(by_eigenvalues(unit @ unit.T), rel=1e-10)


def test_kernels_of_distances():
    squares = cdist(X, X, "sqeuclidean")
    gaussian = tl.magnitudes.vendi_score(X, "exponential", 0.3, metric="sqeuclidean")
    assert gaussian == pytest.approx(by_eigenvalues(np.exp(-0.3 * squares)), rel=1e-9)
    space = tl.MetricSpace(tl.distances(X))
    want = by_eigenvalues(np.exp(-2 * np.sqrt(squares)))
    assert tl.magnitudes.vendi_score(space, "exponential", 2.0) == pytest.approx(want, rel=1e-9)


def test_known_scores():
    assert tl.magnitudes.vendi_score([[3.0, 4.0]] * 9) == pytest.approx(1.0)
    assert tl.magnitudes.vendi_score(np.eye(9)) == pytest.approx(9.0)
    assert tl.magnitudes.vendi_score(
        np.repeat(np.eye(3), 4, axis=0), order=np.inf
    ) == pytest.approx(3.0)
    assert tl.magnitudes.vendi_score(np.eye(4), "precomputed", order=0.0) == pytest.approx(4.0)
    single = np.exp(-cdist(X, X)).astype(np.float32)
    want = tl.magnitudes.vendi_score(X, "exponential")
    assert tl.magnitudes.vendi_score(single, "precomputed") == pytest.approx(want, rel=1e-4)


def test_kernels_with_negative_eigenvalues_are_refused():
    with pytest.raises(tl.NumericalError, match=r"eigenvalue -1"):
        tl.magnitudes.vendi_score([[1.0, -1, -1], [-1, 1, -1], [-1, -1, 1]], "precomputed")


# --- outliers -----------------------------------------------------------------------------------


@pytest.mark.parametrize("metric", ["euclidean", "cityblock", "correlation"])
def test_queries_by_points_and_by_distances(metric):
    Q = np.random.default_rng(2).normal(size=(300, 4))
    found = tl.magnitudes.outlier_scores(X, 1.5, Q, metric=metric)
    D, to_queries = tl.distances(X, metric=metric), cdist(Q, X, metric)
    for space, kwargs in [(D, {"metric": "precomputed"}), (tl.MetricSpace(D), {})]:
        other = tl.magnitudes.outlier_scores(space, 1.5, to_queries, **kwargs)
        for name in ("weights", "variances", "gains"):
            np.testing.assert_allclose(getattr(found, name), getattr(other, name), rtol=1e-4)
    i = 17
    both = tl.magnitude(np.vstack([X, Q[i]]), 1.5, metric=metric)
    assert both - tl.magnitude(X, 1.5, metric=metric) == pytest.approx(found.gains[i], rel=1e-6)


def test_queries_by_a_function():
    def metric(u, v):
        return float(np.abs(u - v).sum())

    found = tl.magnitudes.outlier_scores(X[:20], 1.0, X[20:25], metric=metric)
    want = tl.magnitudes.outlier_scores(X[:20], 1.0, X[20:25], metric="cityblock")
    np.testing.assert_allclose(found.weights, want.weights, rtol=1e-9)


def test_a_query_that_is_there_already():
    Y = np.vstack([X, X[:1]])
    weights = tl.magnitudes.weighting(X, 1.0)
    found = tl.magnitudes.outlier_scores(Y, 1.0, X[:2])
    np.testing.assert_allclose(found.weights, weights[:2], rtol=1e-9)
    assert found.variances.tolist() == found.gains.tolist() == [0.0, 0.0]
    assert tl.magnitudes.outlier_scores(Y).weights[[0, -1]] == pytest.approx(weights[0] / 2)


def test_outliers_stand_out():
    Y = np.vstack([0.1 * X, [[5.0, 5.0, 5.0, 5.0]]])
    found = tl.magnitudes.outlier_scores(Y, 1.0)
    assert found.weights.argmax() == found.gains.argmax() == found.variances.argmax() == 80
    assert len(found) == 81 and "81 points" in repr(found)
    assert len(tl.magnitudes.outlier_scores(X, 1.0, np.zeros((0, 4)))) == 0


def test_larger_than_a_tile():
    Y = np.random.default_rng(3).normal(size=(700, 3))
    Z = np.exp(-2 * cdist(Y, Y))
    found = tl.magnitudes.outlier_scores(Y, 2.0)
    np.testing.assert_allclose(found.variances, 1 / np.diag(np.linalg.inv(Z)), rtol=1e-9)
    three = tl.magnitudes.outlier_scores(Y, 2.0, n_threads=3)
    one = tl.magnitudes.outlier_scores(Y, 2.0, n_threads=1)
    assert (one.variances == three.variances).all() and (one.weights == three.weights).all()


def test_queries_lost_in_rounding_are_refused():
    with pytest.raises(tl.NumericalError, match=r"`query` 1 is too close"):
        tl.magnitudes.outlier_scores(X, 1.0, [X[0] + 1.0, X[0] + 1e-13])


# --- input --------------------------------------------------------------------------------------

CALLS = {
    "spread": partial(tl.magnitudes.diversity, order=0),
    "diversity": tl.magnitudes.diversity,
    "positive_magnitude": partial(tl.magnitude, positive=True),
    "max_diversity": tl.magnitudes.max_diversity,
    "vendi_score": lambda X, t=1.0, **kwargs: tl.magnitudes.vendi_score(
        X, "exponential", t, **kwargs
    ),
    "outlier_scores": tl.magnitudes.outlier_scores,
}


@pytest.mark.parametrize("name", CALLS)
def test_bad_spaces(name):
    call = CALLS[name]
    for t in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(ValueError, match="`t` must be positive and finite"):
            call(X, t)
    with pytest.raises(ValueError, match="`X` must have at least one point"):
        call(np.zeros((0, 3)))
    with pytest.raises(ValueError, match="`X` must be finite"):
        call([[0.0], [np.nan]])
    with pytest.raises(ValueError, match="non-negative"):
        call([[0.0, -1.0], [-1.0, 0.0]], metric="precomputed")
    with pytest.raises(ValueError, match="symmetric"):
        call([[0.0, 1.0], [2.0, 0.0]], metric="precomputed")
    with pytest.raises(ValueError, match="non-zero rows"):
        call([[0.0, 0.0], [1.0, 0.0]], metric="cosine")
    with pytest.raises(MemoryError, match="memory"):
        call(X, max_memory=1000)


@pytest.mark.parametrize("name", ["spread", "diversity", "positive_magnitude", "max_diversity"])
def test_one_point(name):
    for X in ([[1.0, 2.0]], [[1.0, 2.0]] * 5):
        assert float(CALLS[name](X)) == pytest.approx(1.0, rel=1e-12)
        assert tl.magnitudes.vendi_score(X, "exponential") == pytest.approx(1.0)
    found = tl.magnitudes.outlier_scores([[1.0]])
    assert (found.weights, found.variances, found.gains) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tl.magnitudes.diversity(X, order=-0.5), "`order` must be at least 0; found -0.5"),
        (lambda: tl.magnitudes.diversity(X, order=np.nan), "`order` must be at least 0"),
        (lambda: tl.magnitudes.diversity(X[:2], p=[0, 0]), "`p` must have a positive sum; found 0"),
        (
            lambda: tl.magnitudes.diversity(X[:2], p=[np.inf, 1]),
            "`p` must be non-negative and finite; found inf at [0]",
        ),
        (
            lambda: tl.magnitudes.diversity(X[:2], p=[1.5, -0.5]),
            "`p` must be non-negative and finite; found -0.5 at [1]",
        ),
        (
            lambda: tl.magnitudes.diversity(X[:2], p=[np.nan, 1]),
            "`p` must be non-negative and finite; found NaN at [0]",
        ),
        (
            lambda: tl.magnitudes.diversity(X[:2], p=[1.0]),
            "`p` must have shape (2,); found shape (1,)",
        ),
        (lambda: tl.magnitudes.vendi_score(X, "linear"), '`kernel` must be "cosine"'),
        (lambda: tl.magnitudes.vendi_score(X, order=-1), "`order` must be at least 0"),
        (lambda: tl.magnitudes.vendi_score([[0.0], [1.0]]), "non-zero rows"),
        (lambda: tl.magnitudes.vendi_score(np.zeros((0, 2))), "`X` must have at least one point"),
        (lambda: tl.magnitudes.vendi_score(X, "precomputed"), "`X` must be square"),
        (
            lambda: tl.magnitudes.vendi_score([[2.0]], "precomputed"),
            "`X` must have a diagonal of ones",
        ),
        (
            lambda: tl.magnitudes.vendi_score([[1, 0.5], [0.4, 1]], "precomputed"),
            "`X` must be symmetric",
        ),
        (lambda: tl.magnitudes.vendi_score([[np.nan]], "precomputed"), "`X` must be finite"),
        (
            lambda: tl.magnitudes.outlier_scores(X, query=[[1.0, 2.0]]),
            "`query` must have 4 coordinates",
        ),
        (lambda: tl.magnitudes.outlier_scores(X, query=[[np.nan] * 4]), "`query` must be finite"),
        (
            lambda: tl.magnitudes.outlier_scores(
                [[0, 1], [1, 0]], query=[[1]], metric="precomputed"
            ),
            "`query` must have 2 columns",
        ),
        (
            lambda: tl.magnitudes.outlier_scores(
                [[0, 1], [1, 0]], query=[[1, -1]], metric="precomputed"
            ),
            "`query` must hold non-negative distances; found -1 at [0, 1]",
        ),
    ],
)
def test_bad_values(call, message):
    with pytest.raises(ValueError) as raised:
        call()
    assert message in str(raised.value)
