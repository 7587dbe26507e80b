"""Magnitude and weightings: closed forms, laws, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist, pdist

import topolens as tl

TS = [0.01, 0.3, 1.0, 2.5, 40.0]


def cloud(n, d, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d))


def test_cycles():
    for n in (3, 6, 11):
        steps = np.arange(n)
        hops = np.minimum(steps, n - steps)
        D = hops[(steps[:, None] - steps) % n].astype(float)
        f = tl.magnitude_function(D, TS, metric="precomputed")
        assert np.allclose(f.values, [n / np.exp(-t * hops).sum() for t in TS], rtol=1e-10)


def test_boxes_are_products():
    corners = np.indices((2, 3, 2)).reshape(3, -1).T.astype(float)
    f = tl.magnitude_function(corners, TS, metric="cityblock")
    two, three = ([1 + k * np.tanh(t / 2) for t in TS] for k in (1, 2))
    assert np.allclose(f.values, np.square(two) * three, rtol=1e-10)


def test_slope_is_the_derivative():
    X, h = cloud(60, 4), 1e-5
    f = tl.magnitude_function(X, TS[1:4])
    near = tl.magnitude_function(X, np.outer([1 - h, 1 + h], TS[1:4]).ravel(), tol=1e-12)
    below, above = near.values.reshape(2, 3)
    assert np.allclose(f.slope, (above - below) / (2 * h * f.ts), rtol=1e-7)


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_units_do_not_matter(unit):
    X = cloud(50, 3)
    f, g = tl.magnitude_function(X, TS), tl.magnitude_function(unit * X, np.array(TS) / unit)
    assert np.allclose(f.values, g.values, rtol=1e-10)
    assert np.allclose(f.slope, g.slope / unit, rtol=1e-8)
    f, g = tl.magnitude_function(X), tl.magnitude_function(unit * X)
    assert np.allclose(f.ts, unit * g.ts, rtol=1e-12)
    assert np.allclose(f.values, g.values, rtol=1e-10)


def test_every_form_of_distances_gives_the_same():
    X = cloud(30, 3)
    right = tl.magnitude(X, 0.7)
    assert np.isclose(tl.magnitude(cdist(X, X), 0.7, metric="precomputed"), right, rtol=1e-12)
    assert np.isclose(tl.magnitude(pdist(X), 0.7, metric="precomputed"), right, rtol=1e-12)


def test_infinite_distances_make_unions():
    from scipy.sparse import block_diag

    X, Y = cloud(20, 3), cloud(9, 2, seed=1)
    apart = block_diag([cdist(X, X), cdist(Y, Y)])
    total = tl.magnitude(X, 0.7) + tl.magnitude(Y, 0.7)
    assert np.isclose(tl.magnitude(apart, 0.7, metric="precomputed"), total, rtol=1e-10)
    full = apart.toarray()
    full[(full == 0) & ~np.eye(29, dtype=bool)] = np.inf
    assert np.isclose(tl.magnitude(full, 0.7, metric="precomputed"), total, rtol=1e-10)
    f = tl.magnitude_function(np.where(np.eye(3), 0, np.inf), metric="precomputed")
    assert np.array_equal(f.ts, [1.0]) and np.array_equal(f.values, [3.0])


def test_copies_share_one_weight():
    X = cloud(12, 3)
    several = np.concatenate([X, X[:5], X[:2]])
    alone, shared = tl.magnitudes.weighting(X, 0.5), tl.magnitudes.weighting(several, 0.5)
    counts = np.array([3, 3, 2, 2, 2] + [1] * 7)
    assert np.allclose(shared[:12], alone / counts, rtol=1e-10)
    assert np.array_equal(shared[12:], shared[[0, 1, 2, 3, 4, 0, 1]])
    f = tl.magnitude_function(several)
    assert (f.n_points, f.n_distinct) == (19, 12)
    assert np.array_equal(f.ts, tl.magnitude_function(X).ts)


def test_the_default_scales_reach_from_one_point_to_all():
    for X in (cloud(40, 2), cloud(400, 16), np.concatenate([cloud(90, 3), 1e-3 * cloud(90, 3, 1)])):
        f = tl.magnitude_function(X)
        assert len(f) <= 32
        assert np.allclose(np.diff(np.log(f.ts), 2), 0, atol=1e-9)
        assert 1 < f.values[0] <= 1.1 + 1e-9
        assert f.values[-1] >= 0.95 * len(X) - 0.01 * len(X)


def test_spaces_with_one_distinct_point():
    for X in ([[0.0, 3.0]], np.ones((7, 2))):
        f = tl.magnitude_function(X)
        assert np.array_equal(f.ts, [1.0]) and np.array_equal(f.values, [1.0])
        assert np.array_equal(f.slope, [0.0])
        assert np.allclose(tl.magnitudes.weighting(X), 1 / len(X))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tl.magnitude(np.empty((0, 3))), "`X` must have at least one point; found 0"),
        (lambda: tl.magnitude([[0.0], [np.nan]]), "`X` must be finite; found nan"),
        (lambda: tl.magnitude([[0.0]], t=0), "`t` must be positive and finite; found 0.0"),
        (lambda: tl.magnitude([[0.0]], t=np.nan), "`t` must be positive and finite; found nan"),
        (
            lambda: tl.magnitude_function([[0.0]], [1.0, -2.0]),
            r"`ts` must be positive and finite; found -2.0 at \[1\]",
        ),
        (lambda: tl.magnitude_function([[0.0]], [[1.0]]), "`ts` must have shape"),
        (lambda: tl.magnitude([[0.0]], tol=0), "`tol` must be above 0 and below 1; found 0"),
        (
            lambda: tl.magnitude([[0.0, -1.0], [-1.0, 0.0]], metric="precomputed"),
            "`X` must hold non-negative distances; found -1",
        ),
        (
            lambda: tl.magnitude([[0.0, 1.0], [2.0, 0.0]], metric="precomputed"),
            "`X` must be symmetric; found 1 and 2",
        ),
        (
            lambda: tl.magnitude([0.0, 1.0, 2.0], metric="precomputed"),
            r"`X` must have equal rows for points at distance zero; found 1 and 2 at \[0, 1, 2\]",
        ),
        (
            lambda: tl.magnitude([[0.0, 0.0], [1.0, 0.0]], metric="cosine"),
            "`X` must have non-zero rows",
        ),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_what_does_not_fit_is_refused():
    with pytest.raises(MemoryError, match="the magnitude of 3000 points needs about"):
        tl.magnitude(cloud(3000, 2), max_memory=1_000_000)


def test_results_are_shown():
    f = tl.magnitude_function(cloud(20, 2))
    columns = f.to_columns()
    assert list(columns) == ["t", "magnitude", "slope", "dimension", "residual", "method"]
    assert {len(column) for column in columns.values()} == {len(f)}
    assert f._repr_html_().count("<tr>") == len(f) + 1
    assert "20" in repr(f)
    ax = f.plot()
    assert ax.get_xlabel() == "scale t" and len(ax.lines) == 2
    assert f.plot(ax=ax) is ax
