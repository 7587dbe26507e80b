"""What must hold for magnitude whatever the space."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.spatial.distance import cdist, pdist, squareform

import magnitude_cases
import topolens as tl
from cases import cases, lattice_points, seeds
from magnitude_cases import METHODS, by_method
from topolens import datasets

TS = np.geomspace(0.05, 20, 12)
DEFINITE = ["euclidean", "cityblock", "hamming"]


def function(space, ts=TS, metric="euclidean", **kwargs):
    return magnitude_cases.function(space, ts, metric, **kwargs)


def cloud(n, d=3, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d))


def assert_same(a, b, rtol=1e-10):
    np.testing.assert_allclose(a.values, b.values, rtol=rtol)
    np.testing.assert_allclose(a.slope, b.slope, rtol=1e-7, atol=1e-12)


# --- of magnitude itself ------------------------------------------------------------------------


@cases(40)
@given(seeds, st.integers(2, 40), st.sampled_from(DEFINITE))
def test_bounds_and_growth(seed, n, metric):
    """Between one and the number of points; with more points, more; smaller parts, less."""
    X = np.round(cloud(n, 3, seed), 1)
    part = function(X[: max(1, n // 2)], metric=metric).values
    most = function(X[:-1], metric=metric).values
    whole = function(X, metric=metric)
    room = 1e-10 * whole.values
    assert (whole.values >= 1 - room).all() and (whole.values <= whole.n_distinct + room).all()
    assert (part <= most + room).all() and (most <= whole.values + room).all()


@cases(25)
@given(seeds, st.integers(1, 30), st.sampled_from([1e-6, 0.3, 7.0, 1e6]))
def test_scale_and_unit_are_one(seed, n, unit):
    X = cloud(n, 2, seed)
    scaled, plain = function(unit * X, TS / unit), function(X)
    np.testing.assert_allclose(scaled.values, plain.values, rtol=1e-10)
    np.testing.assert_allclose(scaled.slope / unit, plain.slope, rtol=1e-7, atol=1e-12)
    np.testing.assert_allclose(scaled.dimension_profile, plain.dimension_profile, rtol=1e-7)


def test_units_of_whole_powers_of_two_change_no_bit():
    X = cloud(200)
    a, b = function(X), function(X * 2.0**40, TS * 2.0**-40)
    np.testing.assert_array_equal(a.values, b.values)
    np.testing.assert_array_equal(a.slope, b.slope * 2.0**-40)


@pytest.mark.parametrize("n", [20, 700])
def test_isometries(n):
    X = cloud(n, 4)
    turn = np.linalg.qr(cloud(4, 4, 1))[0]
    assert_same(function(X @ turn.T + 3), function(X))
    assert_same(function(np.c_[X, np.zeros(n)]), function(X))


@cases(30)
@given(seeds, st.integers(1, 40), st.floats(-1.5, 1.5))
def test_weights_follow_their_points(seed, n, power):
    rng = np.random.default_rng(seed)
    X, order, t = cloud(n, 3, seed), rng.permutation(n), 10.0**power
    w = tl.magnitudes.weighting(X, t=t)
    np.testing.assert_allclose(
        tl.magnitudes.weighting(X[order], t=t), w[order], rtol=1e-6, atol=1e-8
    )
    assert w.sum() == pytest.approx(tl.magnitude(X, t=t), rel=1e-10)


@pytest.mark.parametrize("n", [30, 800])
def test_copies_share_a_weight(n):
    """To the bit: a copy is no other point, so nothing else is solved."""
    rng = np.random.default_rng(n)
    X = cloud(n)
    again = np.sort(np.r_[np.arange(n), rng.integers(0, n, n)])
    copies = np.bincount(again, minlength=n)
    once, often = function(X), function(X[again])
    assert (once.n_distinct, often.n_distinct) == (n, n)
    np.testing.assert_array_equal(often.values, once.values)
    np.testing.assert_array_equal(often.slope, once.slope)
    w, shared = tl.magnitudes.weighting(X, t=0.7), tl.magnitudes.weighting(X[again], t=0.7)
    np.testing.assert_allclose(shared, (w / copies)[again], rtol=1e-14)
    for i in np.flatnonzero(copies > 1)[:20]:
        assert len(set(shared[again == i])) == 1


@pytest.mark.parametrize("form", ["square", "condensed", "sparse", "float32"])
def test_copies_in_matrices_share_a_weight(form):
    """Zero distances: merged whichever way they are told, and no jitter."""
    X = np.random.default_rng(2).integers(0, 3, (60, 3)).astype(float)
    D = squareform(pdist(X, "cityblock"))
    i, j = np.nonzero(~np.eye(60, dtype=bool))
    space = {
        "square": D,
        "condensed": squareform(D),
        "sparse": coo_matrix((D[i, j], (i, j)), shape=D.shape),
        "float32": D.astype(np.float32),
    }[form]
    found, want = function(space, metric="precomputed"), function(X, metric="cityblock")
    assert found.n_distinct == want.n_distinct == len(np.unique(X, axis=0))
    assert_same(found, want)


def test_minus_zero_is_zero():
    X = np.array([[0.0, 1.0], [-0.0, 1.0], [2.0, 1.0]])
    assert function(X).n_distinct == 2


@cases(30)
@given(lattice_points(max_n=15, side=3), st.sampled_from(["euclidean", "cityblock"]))
def test_all_kinds_of_input_agree(X, metric):
    if not len(X):
        return
    D = cdist(X, X, metric)
    points = function(X, metric=metric)
    assert_same(function(D, metric="precomputed"), points)
    if len(X) > 1:
        assert_same(function(squareform(D), metric="precomputed"), points)
    i, j = np.nonzero(~np.eye(len(D), dtype=bool))
    sparse = coo_matrix((D[i, j], (i, j)), shape=D.shape)
    assert_same(function(sparse, metric="precomputed"), points)
    if metric == "euclidean":
        by_function = function(X, metric=lambda a, b: float(np.linalg.norm(a - b)))
        assert_same(by_function, points)


def test_very_small_and_very_large_scales():
    """One point from afar, all of them from near by: exactly, without underflow."""
    X = cloud(100)
    nearest = pdist(X).min()
    far = function(X, [1e-12, 1e-9])
    np.testing.assert_allclose(far.values, 1, atol=1e-6)
    near = function(X, np.array([60.0, 1e3, 1e6, 1e300]) / nearest)
    np.testing.assert_array_equal(near.values, 100)
    np.testing.assert_allclose(near.slope, 0, atol=1e-20)
    np.testing.assert_array_equal(tl.magnitudes.weighting(X, t=1e300), np.ones(100))


def test_units_near_the_ends_of_float64():
    X = cloud(50)
    for unit in (1e-150, 1e-100, 1e100, 1e150):
        np.testing.assert_allclose(
            function(X * unit, TS / unit).values, function(X).values, rtol=1e-10
        )


def test_large_offsets_lose_nothing():
    """Whole coordinates far from the origin: differences are exact."""
    X = np.random.default_rng(0).integers(0, 50, (80, 3)).astype(float)
    np.testing.assert_array_equal(function(X + 2.0**40).values, function(X).values)


# --- of how it is computed ----------------------------------------------------------------------


@pytest.mark.parametrize("n", [50, 900])
@pytest.mark.parametrize("metric", ["euclidean", "chebyshev", "precomputed"])
@pytest.mark.parametrize("count", [1, 2, 20])
def test_threads_do_not_matter(n, metric, count):
    X = cloud(n, 5)
    space = tl.distances(X) if metric == "precomputed" else X
    ts = np.geomspace(0.5, 20, count)
    one, *others = (function(space, ts, metric, n_threads=k) for k in (1, 2, 3))
    for other in others:
        for name in ("values", "slope", "residuals", "dimension_profile"):
            np.testing.assert_array_equal(getattr(other, name), getattr(one, name))


@pytest.mark.parametrize("n", [50, 900])
def test_threads_do_not_matter_for_weights(n):
    X = cloud(n, 5)
    one, *others = (tl.magnitudes.weighting(X, t=0.7, n_threads=k) for k in (1, 2, 3))
    for other in others:
        np.testing.assert_array_equal(other, one)


def test_calls_repeat_to_the_bit():
    X = cloud(800, 16)
    first, again = function(X), function(X)
    np.testing.assert_array_equal(first.values, again.values)
    np.testing.assert_array_equal(first.slope, again.slope)


def test_order_of_scales_does_not_matter():
    X, order = cloud(300, 4), np.random.default_rng(0).permutation(len(TS))
    sorted_, shuffled = function(X), function(X, TS[order])
    np.testing.assert_array_equal(shuffled.ts, TS[order])
    np.testing.assert_allclose(shuffled.values, sorted_.values[order], rtol=1e-10)
    twice = function(X, [0.7, 0.7, 0.1])
    assert twice.values[0] == twice.values[1] > twice.values[2]


@pytest.mark.parametrize("metric", ["euclidean", "cityblock", "precomputed"])
def test_methods_agree(metric):
    X = datasets.torus(400, noise=0.2, rng=0)
    X = tl.distances(X) if metric == "precomputed" else X
    found = [by_method(X, TS, method, metric) for method in METHODS]
    assert [f.method for f in found] == METHODS
    for other in found[1:]:
        np.testing.assert_allclose(other.values, found[0].values, rtol=1e-9)
        np.testing.assert_allclose(other.slope, found[0].slope, rtol=1e-6, atol=1e-10)


def test_even_and_uneven_grids_agree():
    """An even grid may be computed by powers of one similarity, an uneven one may not."""
    X = cloud(700, 16)
    even = np.linspace(0.1, 2, 20)
    uneven = even * (1 + 1e-3 * np.sin(np.arange(20)))
    a, b = function(X, even), function(X, np.r_[even[:10], uneven[10:]])
    np.testing.assert_allclose(a.values[:10], b.values[:10], rtol=1e-10)
    np.testing.assert_allclose(a.slope[:10], b.slope[:10], rtol=1e-7)


def test_the_grid_follows_the_space():
    """Scales chosen from the space: ordered, logarithmic, and inverse to its unit."""
    X = cloud(120)
    found, larger = function(X, None), function(X * 1000, None)
    assert len(found.ts) >= 10 and (np.diff(found.ts) > 0).all()
    steps = np.diff(np.log(found.ts))
    np.testing.assert_allclose(steps, steps[0], rtol=1e-6)
    np.testing.assert_allclose(larger.ts * 1000, found.ts, rtol=1e-6)
    np.testing.assert_allclose(larger.values, found.values, rtol=1e-6)
    assert found.values[0] < 1.5 and found.values[-1] > 0.9 * 120


def test_the_grid_does_not_see_copies():
    X = cloud(120)
    np.testing.assert_allclose(function(np.r_[X, X[:50]], None).ts, function(X, None).ts, rtol=1e-9)
