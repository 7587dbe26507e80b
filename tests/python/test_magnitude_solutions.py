"""Magnitude, weighting and slope against elimination in fractions and with fifty digits."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from mpmath import mp, mpf

import magnitude_cases
import topolens as tl
from cases import cases, seeds
from magnitude_oracle import (
    METRICS,
    Singular,
    as_exact,
    distances,
    exact_magnitude,
    hops,
    inertia,
    magnitude,
    powers,
)

DEFINITE = ["euclidean", "cityblock", "hamming"]
scales = st.floats(-3, 3).map(lambda power: 10.0**power)


def function(space, ts, metric="precomputed", **kwargs):
    return magnitude_cases.function(space, ts, metric, **kwargs)


def assert_solves(space, t, want, metric="precomputed", rtol=1e-10):
    """All that is given for one scale is what the oracle found.

    The magnitude to `rtol`, and to some roundings of the similarities; the weights to
    what a residual of 1e-8 leaves, as sums and in the slope.
    """
    largest = max(abs(float(w)) for w in want.weights)
    magnitude_ = float(want.magnitude)
    room = rtol * abs(magnitude_) + 50 * want.blur
    found = function(space, [t], metric)
    assert abs(tl.magnitude(space, t=t, metric=metric) - magnitude_) <= room
    assert abs(found.values[0] - magnitude_) <= room
    assert found.residuals[0] <= 1e-8
    w = tl.magnitudes.weighting(space, t=t, metric=metric)
    assert w.shape == (len(want.weights),) and w.dtype == np.float64
    assert abs(w.sum() - magnitude_) <= room
    exact = np.array([float(x) for x in want.weights])
    # Near points exchange their weights freely: by as much as the rounding of Z allows.
    D = space if metric == "precomputed" else tl.distances(space, metric=metric)
    distinct = np.unique(D, axis=0, return_index=True)[1]
    rounding = 1e-14 * np.linalg.cond(np.exp(-t * D[np.ix_(distinct, distinct)]))
    assert np.abs(w - exact).max() <= (1e-7 + rounding) * largest
    pulled = sum(abs(x) for x in exact) * largest / t
    assert abs(found.slope[0] - float(want.slope)) <= 1e-8 * abs(float(want.slope)) + (
        1e-10 * pulled + 100 * want.blur / t
    )


# --- clouds -------------------------------------------------------------------------------------


@st.composite
def clouds(draw, max_n=12):
    """Points of many kinds: scattered, on a lattice, copied, on a line, in tight clusters."""
    n, d = draw(st.integers(1, max_n)), draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(seeds))
    kind = draw(st.sampled_from(["gaussian", "lattice", "copies", "line", "clusters", "far"]))
    if kind == "lattice":
        return rng.integers(0, 3, (n, d)).astype(float)
    X = rng.normal(size=(n, d))
    if kind == "copies":
        return X[rng.integers(0, n, n)]
    if kind == "line":
        return np.outer(rng.normal(size=n), X[0])
    if kind == "clusters":
        return X[rng.integers(0, 3, n) % n] + 1e-4 * rng.normal(size=(n, d))
    if kind == "far":
        return X * 10.0 ** rng.integers(-2, 3, (n, 1))
    return X


@cases(150)
@given(clouds(), scales, st.sampled_from(DEFINITE))
def test_clouds(X, t, metric):
    assert_solves(X, t, magnitude(distances(X, metric), t), metric)


@cases(60)
@given(clouds(), scales, st.sampled_from([1e-6, 1e6]), st.sampled_from(["euclidean", "cityblock"]))
def test_clouds_in_other_units(X, t, unit, metric):
    """Micrometres or kilometres, with the scale inverse: no underflow, no loss."""
    scaled = X * unit
    assert_solves(scaled, t / unit, magnitude(distances(scaled, metric), t / unit), metric)


@cases(60)
@given(clouds(max_n=10), scales, st.sampled_from(sorted(METRICS.keys() - set(DEFINITE))))
def test_metrics_that_may_be_indefinite(X, t, metric):
    """The right answer, or none where there is nearly no answer."""
    if metric in ("cosine", "correlation"):
        X = X[:, :1] + np.arange(1, 5) * (1 + np.abs(X[:, -1:]))
        assume((np.ptp(X, axis=1) > 1e-3).all())
    # Rounded once, so that both sides solve the same system: some of them are near a pole.
    D = tl.distances(X, metric=metric)
    try:
        want = magnitude(as_exact(D), t)
    except Singular:
        with pytest.raises(tl.NumericalError):
            tl.magnitude(D, t=t, metric="precomputed")
        return
    near = min((d for d in D[D > 0]), default=1.0)
    # In float64 a pole, or two points that differ by less than a rounding of one similarity.
    hopeless = want.blur > 1e-9 * abs(float(want.magnitude)) or t * near < 1e-13
    try:
        assert_solves(D, t, want)
    except tl.NumericalError:
        assert hopeless
    except AssertionError:
        if not hopeless:
            raise
        # Too near a singular matrix for ten digits, and yet an answer was given.
        found = tl.magnitude(D, t=t, metric="precomputed")
        assert found == pytest.approx(float(want.magnitude), rel=1e-4)


@pytest.mark.parametrize("n", [8, 15, 25])
@pytest.mark.parametrize("t", [0.01, 0.1, 1.0, 10.0])
@pytest.mark.parametrize("metric", ["sqeuclidean", "cosine"])
def test_smooth_similarities_are_solved_or_refused(metric, n, t):
    """Nearly singular, so that a small residual says nothing: never garbage."""
    X = np.random.default_rng(0).normal(size=(n, 1 if metric == "sqeuclidean" else 3))
    D = tl.distances(1 + np.abs(X), metric=metric)
    want = magnitude(as_exact(D), t)
    try:
        found = tl.magnitude(D, t=t, metric="precomputed")
    except tl.NumericalError:
        assert want.blur > 1e-9 * float(want.magnitude)
    else:
        assert found == pytest.approx(float(want.magnitude), rel=1e-4)


@cases(80)
@given(seeds, st.integers(1, 8), scales)
def test_matrices_that_are_no_metric(seed, n, t):
    """Symmetric numbers without the triangle inequality: whatever the inertia, Zw = 1."""
    D = np.triu(np.random.default_rng(seed).uniform(0.1, 10, (n, n)), 1)
    D += D.T
    want = magnitude(as_exact(D), t)
    assume(want.blur < 1e-11 * abs(float(want.magnitude)))
    assert_solves(D, t, want)


def test_a_distance_of_zero_between_unlike_points_is_no_copy():
    """Points 0 and 1 have distance zero, but not the same distances: no weight is shared."""
    D = np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 2.0], [1.0, 2.0, 0.0]])
    want = magnitude(as_exact(D), 1.0)
    try:
        found = tl.magnitudes.weighting(D, t=1.0, metric="precomputed")
    except ValueError as refusal:
        assert "`X`" in str(refusal)
    else:
        np.testing.assert_allclose(found, [float(w) for w in want.weights], rtol=1e-9)


def test_larger_clouds():
    """Beyond the sizes of the examples above, where other ways to solve are worth it."""
    rng = np.random.default_rng(3)
    for n, d, t in [(40, 2, 0.05), (60, 16, 0.3), (60, 1, 10.0)]:
        X = rng.normal(size=(n, d))
        assert_solves(X, t, magnitude(distances(X), t), "euclidean")


# --- graphs, in fractions -----------------------------------------------------------------------


@st.composite
def graphs(draw, max_n=8):
    """Any graph, of several components as it may be."""
    n = draw(st.integers(1, max_n))
    pairs = [(i, j) for j in range(n) for i in range(j)]
    if not pairs:
        return n, []
    return n, draw(st.lists(st.sampled_from(pairs), max_size=2 * n, unique=True))


@cases(120)
@given(graphs(), st.sampled_from([Fraction(3, 2), 2, 3, 4, 8, Fraction(5, 4)]))
def test_graphs(graph, base):
    """Hops at t = log(base): an exact answer, or an exact zero eigenvalue and a refusal."""
    n, edges = graph
    H = hops(n, edges)
    D, t = np.array(H, dtype=float).reshape(n, n), float(np.log(float(base)))
    try:
        want = exact_magnitude(H, base)
    except Singular:
        try:
            found = tl.magnitude(D, t=t, metric="precomputed")
        except tl.NumericalError:
            return
        # Leinster's magnitude needs no inverse, only a weighting: all of them have one sum.
        assert found == pytest.approx(consistent(H, base), rel=1e-10)
        return
    assert_solves(D, t, want)


def consistent(H, base):
    """The sum of any weighting of a singular matrix: of one with small changes that vanish."""
    sums = []
    for step in (mpf(10) ** -15, mpf(10) ** -16):
        sums.append(magnitude(H, mp.log(mpf(Fraction(base).numerator)) + step).magnitude)
    assert abs(sums[0] - sums[1]) < 1e-12, "there is no weighting"
    return float(sums[1])


def bipartite(m, n):
    return hops(m + n, [(i, m + j) for i in range(m) for j in range(n)])


@pytest.mark.parametrize("base", [2, 3, 4, 5, Fraction(3, 2)])
def test_inertia_is_reported(base):
    """Whether Z is definite is known in fractions; what is said of the method agrees."""
    H = bipartite(6, 4)
    _, negative, zero = inertia(powers(H, base))
    assert zero == 0
    found = function(np.array(H, dtype=float), [float(np.log(float(base)))])
    assert_solves(np.array(H, dtype=float), float(np.log(float(base))), exact_magnitude(H, base))
    assert (negative > 0) == bool(found.negative_eigenvalues[0])
    if negative:
        assert found.negative_eigenvalues[0] == negative


# --- slopes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [5, 80, 400])
@pytest.mark.parametrize("metric", DEFINITE)
def test_slopes_are_the_limits_of_differences(n, metric):
    X = np.round(np.random.default_rng(n).normal(size=(n, 5)), 1)
    ts = np.geomspace(0.05, 20, 7)
    h = 1e-4 * ts
    found = function(X, ts, metric)
    away = [function(X, ts + k * h, metric).values for k in (-2, -1, 1, 2)]
    centered = (8 * (away[2] - away[1]) - (away[3] - away[0])) / (12 * h)
    np.testing.assert_allclose(found.slope, centered, rtol=1e-6, atol=1e-9 * n)


@pytest.mark.parametrize("n", [5, 80, 400])
def test_the_dimension_profile_is_the_slope_on_two_logarithms(n):
    X = np.random.default_rng(n).normal(size=(n, 3))
    found = function(X, np.geomspace(0.05, 20, 7), "euclidean")
    np.testing.assert_allclose(
        found.dimension_profile, found.ts * found.slope / found.values, rtol=1e-14
    )
    h = 1e-4
    low, high = (function(X, found.ts * np.exp(k * h), "euclidean") for k in (-1, 1))
    centered = (np.log(high.values) - np.log(low.values)) / (2 * h)
    np.testing.assert_allclose(found.dimension_profile, centered, rtol=1e-6, atol=1e-8)


# --- larger spaces, in float64 by LAPACK --------------------------------------------------------


def by_lapack(D, t):
    """The weighting by LU, which knows nothing of definite matrices, and its refinement."""
    from scipy.linalg import lu_factor, lu_solve

    Z = np.exp(-t * D)
    factors = lu_factor(Z)
    w = lu_solve(factors, np.ones(len(Z)))
    for _ in range(2):
        residual = 1 - (Z.astype(np.longdouble) @ w.astype(np.longdouble))
        w += lu_solve(factors, residual.astype(float))
    return w


SPACES = {
    "gaussian in R^16": lambda rng: rng.normal(size=(700, 16)),
    "gaussian in R^3": lambda rng: rng.normal(size=(900, 3)),
    "clusters": lambda rng: (
        rng.normal(size=(20, 16))[np.arange(600) % 20] + 0.02 * rng.normal(size=(600, 16))
    ),
    "lattice with copies": lambda rng: rng.integers(0, 5, (800, 3)).astype(float),
    "line": lambda rng: rng.uniform(size=(500, 1)),
}


@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("count", [2, 20])
def test_against_lapack(name, count):
    X = SPACES[name](np.random.default_rng(8))
    distinct, inverse, copies = np.unique(X, axis=0, return_inverse=True, return_counts=True)
    D = tl.distances(distinct)
    ts = np.geomspace(0.1, 30, count) / np.median(D[D > 0])
    found = function(X, ts, "euclidean")
    assert found.n_distinct == len(distinct)
    for t, value, slope, residual in zip(
        ts, found.values, found.slope, found.residuals, strict=True
    ):
        w = by_lapack(D, t)
        assert value == pytest.approx(w.sum(), rel=1e-10)
        assert slope == pytest.approx(w @ (D * np.exp(-t * D)) @ w, rel=1e-7)
        assert residual <= 1e-8
        # Points near each other exchange weight freely within a residual of 1e-8.
        got = tl.magnitudes.weighting(X, t=t, tol=1e-12)
        np.testing.assert_allclose(
            got, (w / copies)[inverse.ravel()], rtol=0, atol=1e-6 * np.abs(w).max()
        )
        # The residual that is reported is that of the weights that are handed out.
        Z = np.exp(-t * tl.distances(X))
        assert abs(1 - Z @ got).max() <= 2e-12
        assert abs(1 - Z @ tl.magnitudes.weighting(X, t=t)).max() <= 1.001e-8


@pytest.mark.parametrize("tol", [1e-3, 1e-6, 1e-10])
def test_tolerance_bounds_the_residual(tol):
    X = np.random.default_rng(4).normal(size=(1500, 16))
    ts = np.linspace(0.05, 2, 20)
    found = function(X, ts, "euclidean", tol=tol)
    assert (found.residuals <= tol).all()
    exact = function(X, ts, "euclidean", tol=1e-12)
    # The error of the magnitude is of second order in the residual.
    np.testing.assert_allclose(found.values, exact.values, rtol=max(30 * tol**2, 1e-10))
