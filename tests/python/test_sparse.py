"""Sparse filtrations: late by the claimed factor at most, by gudhi's bottleneck distance."""

from __future__ import annotations

import gudhi
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import shortest_path
from scipy.spatial.distance import cdist, squareform

import topolens as tl
from cases import INF, cases, rips, seeds

epsilons = st.sampled_from([0.1, 0.3, 0.5, 1.0, 2.0, 5.0])
ROUNDING = 1e-9


@st.composite
def clouds(draw, max_n=50):
    """Gaussian, on a lattice with copies, or with scales over many orders."""
    rng = np.random.default_rng(draw(seeds))
    n, d = draw(st.integers(1, max_n)), draw(st.integers(1, 3))
    make = draw(st.sampled_from(["normal", "lattice", "scales"]))
    if make == "lattice":
        return rng.integers(0, 5, (n, d)).astype(float)
    size = np.exp(3 * rng.normal(size=(n, 1))) if make == "scales" else 1.0
    return size * rng.normal(size=(n, d))


@st.composite
def path_metrics(draw, max_n=40):
    """Shortest paths on a random connected graph."""
    rng = np.random.default_rng(draw(seeds))
    n = draw(st.integers(1, max_n))
    W = np.where(rng.uniform(size=(n, n)) < 3 / n, rng.integers(1, 9, (n, n)), 0)
    W[range(n - 1), range(1, n)] = rng.integers(1, 9, n - 1)
    return shortest_path(csr_array(W.astype(float)), directed=False)


def log_distances(exact, late):
    """The bottleneck distance of each degree on logarithmic axes; births in degree 0 are 0."""
    for degree, (a, b) in enumerate(zip(exact.dgms, late.dgms, strict=True)):
        essential = np.isinf(a[:, 1]).sum()
        assert essential == np.isinf(b[:, 1]).sum() == (degree == 0)
        if degree == 0:
            assert len(a) == len(b)
            finite = slice(None, -1)
            yield np.abs(np.log(b[finite, 1] / a[finite, 1])).max(initial=0)
        else:
            yield gudhi.bottleneck_distance(np.log(a), np.log(b))


@cases(150)
@given(X=clouds(), epsilon=epsilons)
def test_clouds_are_late_by_the_factor_at_most(X, epsilon):
    late = tl.rips(X, maxdim=2, epsilon=epsilon)
    assert late.epsilon == epsilon and late.complete
    for distance in log_distances(tl.rips(X, maxdim=2), late):
        assert distance <= np.log1p(epsilon) + ROUNDING


@cases(150)
@given(D=path_metrics(), epsilon=epsilons)
def test_metrics_are_late_by_the_factor_at_most(D, epsilon):
    late = rips(D, maxdim=2, epsilon=epsilon)
    for distance in log_distances(rips(D, maxdim=2), late):
        assert distance <= np.log1p(epsilon) + ROUNDING


@pytest.mark.parametrize("metric", ["sqeuclidean", "cosine", "correlation", "cityblock"])
@cases(40)
@given(seed=seeds, epsilon=epsilons)
def test_metrics_by_name_and_squares_of_metrics(metric, seed, epsilon):
    X = np.random.default_rng(seed).normal(size=(40, 4))
    late = tl.rips(X, metric=metric, epsilon=epsilon)
    for distance in log_distances(tl.rips(X, metric=metric), late):
        assert distance <= np.log1p(epsilon) + ROUNDING


def test_the_claim_is_not_an_empty_one():
    """On some cloud a quarter of the claimed distance is too little, in degree 0 and 1."""
    worst = np.zeros(2)
    for seed in range(40):
        X = np.random.default_rng(seed).normal(size=(40, 2))
        late = tl.rips(X, epsilon=0.5)
        worst = np.maximum(worst, [*log_distances(tl.rips(X), late)])
    assert (worst <= np.log(1.5)).all() and worst[0] > np.log(1.5) / 4 and worst[1] > 0


def test_large_clouds_in_little_time_and_memory():
    """All pairs of these would need 1.6 GB."""
    X = tl.datasets.circle(20_000, rng=0)
    late = tl.rips(X, epsilon=1.0, max_memory=5e8)
    (birth, death) = late[1][np.argmax(late[1][:, 1] - late[1][:, 0])]
    # The circle's own loop dies at the side of its equilateral triangle.
    assert np.sqrt(3) - 0.01 <= death <= 2 * np.sqrt(3) and birth < 0.01


def test_with_landmarks_cocycles_and_a_threshold():
    X = tl.datasets.torus(400, rng=0)
    late = tl.rips(X, n_landmarks=200, rng=0, epsilon=0.5, cocycles=True, threshold=1.5)
    L = X[late.landmarks]
    again = tl.rips(L, epsilon=0.5, threshold=1.5)
    assert [d.tolist() for d in late.dgms] == [d.tolist() for d in again.dgms]
    assert late.threshold == 1.5 and not late.complete
    D = cdist(X, X)
    for bar, cocycle in zip(late[1], late.cocycles[1], strict=True):
        assert np.isin(cocycle[:, :2], late.landmarks).all()
        # Edges are late: none that is there by a scale is longer than that.
        assert (D[cocycle[:, 0], cocycle[:, 1]] <= min(bar[1], 1.5)).all()


def test_what_is_refused():
    X = np.random.default_rng(0).normal(size=(10, 2))
    for epsilon in (0, -1, np.nan, INF):
        with pytest.raises(ValueError, match="`epsilon` must be above 0 and finite; found"):
            tl.rips(X, epsilon=epsilon)
    with pytest.raises(TypeError, match="`epsilon` must be a number"):
        tl.rips(X, epsilon="small")
    with pytest.raises(ValueError, match="`epsilon` must be None for sparse distances"):
        rips(csr_array(squareform(np.ones(3))), epsilon=0.5)
    with pytest.raises(MemoryError, match="use a larger `epsilon`"):
        tl.rips(np.random.default_rng(0).normal(size=(500, 9)), epsilon=0.1, max_memory=1e5)
    assert tl.rips(X).epsilon is None
