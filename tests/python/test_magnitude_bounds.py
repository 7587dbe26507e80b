"""Lower bounds on magnitudes by landmarks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

import topolens as tl


@given(
    seed=st.integers(0, 10**6),
    n=st.integers(1, 60),
    dim=st.integers(1, 6),
    t=st.sampled_from([0.05, 0.7, 5.0]),
    metric=st.sampled_from(["euclidean", "cityblock"]),
)
def test_it_is_a_bound_that_rises_to_the_magnitude(seed, n, dim, t, metric):
    X = np.random.default_rng(seed).normal(size=(n, dim))
    bounds = [
        tl.magnitudes.magnitude_lower_bound(X, t, n_landmarks=count, metric=metric, rng=seed)
        for count in (1, 5, 20, 100)
    ]
    values = np.array([float(bound) for bound in bounds])
    whole = np.linalg.solve(np.exp(-t * cdist(X, X, metric)), np.ones(n)).sum()
    assert values[0] == 1
    assert np.all(np.diff(values) >= -1e-9 * whole)  # the landmarks are nested
    np.testing.assert_allclose(values[-1], whole, rtol=1e-7)
    assert all(bound.certain and bound.n_points == n for bound in bounds)


def test_it_is_the_magnitude_of_the_landmarks():
    X = tl.datasets.sphere(3000, rng=1)
    bound = tl.magnitudes.magnitude_lower_bound(X, 2.0, n_landmarks=400, rng=3)
    assert len(set(bound.indices)) == 400
    np.testing.assert_allclose(bound.value, tl.magnitude(X[bound.indices], 2.0), rtol=1e-9)
    assert 0.9 * tl.magnitude(X, 2.0) < bound.value < tl.magnitude(X, 2.0)
    assert repr(bound).startswith("MagnitudeBound(at least ")


def test_what_is_not_known_to_be_a_bound_says_so():
    X = np.random.default_rng(0).normal(size=(50, 3))
    bound = tl.magnitudes.magnitude_lower_bound(cdist(X, X), metric="precomputed", n_landmarks=20)
    assert not bound.certain
    assert "if similarities are definite" in repr(bound)


def test_indefinite_similarities_bound_nothing():
    part = np.arange(5) < 3
    hops = np.where(part[:, None] == part, 2.0, 1.0) * (1 - np.eye(5))
    with pytest.raises(tl.NumericalError, match="not positive definite"):
        tl.magnitudes.magnitude_lower_bound(hops, 0.3, metric="precomputed")


@pytest.mark.parametrize("count", [0, -1, 1.5, "all"])
def test_bad_numbers_of_landmarks(count):
    with pytest.raises((ValueError, TypeError), match="`n_landmarks` must"):
        tl.magnitudes.magnitude_lower_bound(np.eye(3), n_landmarks=count)
