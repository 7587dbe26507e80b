"""Errors that areas and differences state, against closed forms over many orders of size."""

from __future__ import annotations

import warnings
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.spatial.distance import cdist

import topolens as tl
from cases import cases, seeds

GOAL = 2.501e-3
KINDS = ["even", "wild", "near pairs", "decades", "copies", "one", "two"]


@pytest.fixture(autouse=True)
def _no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def places(kind, rng):
    """Points on a line."""
    n = int(rng.integers(2, 30))
    gaps = {
        "even": rng.uniform(0.1, 1.0, n),
        "wild": np.exp(rng.uniform(0, 4) * rng.normal(size=n)),
        "near pairs": np.where(rng.uniform(size=n) < 0.5, 1e-6, 1.0) * rng.uniform(0.5, 1.0, n),
        "decades": 10.0 ** -rng.integers(0, 8, size=n),
        "copies": rng.integers(0, 2, size=n).astype(float),
        "one": np.zeros(n),
        "two": np.array([10.0 ** rng.uniform(-3, 3)]),
    }[kind]
    return rng.permutation(np.concatenate([[0.0], np.cumsum(gaps)]))


def gaps_of(x):
    return np.diff(np.unique(x))


def log_cosh(z):
    return np.where(z < 1, np.log1p(2 * np.sinh(np.minimum(z, 1) / 2) ** 2), z - np.log(2))


def line_area(x, t):
    """The integral of 1 + Σ tanh(t·gap/2)."""
    half = gaps_of(x) / 2
    z = half * t
    rest = np.where(z < 1, 0.0, np.log1p(np.exp(-2 * z)))
    return t + ((log_cosh(z) + rest) / half).sum()


def line_difference(x, y, t):
    """The integral of the distance between two such sums, by Gauss between zeros."""
    of_x, of_y = gaps_of(x) / 2, gaps_of(y) / 2

    def apart(t):
        t = np.asarray(t)[..., None]
        return np.tanh(t * of_x).sum(axis=-1) - np.tanh(t * of_y).sum(axis=-1)

    longest = max(of_x.max(initial=0), of_y.max(initial=0))
    if longest == 0:
        return 0.0
    ends = np.concatenate([[0.0], np.geomspace(min(1e-3 / longest, t / 2), t, 600)])
    signs = np.sign(apart(ends))
    low, high = (ends[np.flatnonzero(signs[1:] * signs[:-1] < 0) + k] for k in (0, 1))
    for _ in range(60):
        middle = (low + high) / 2
        same = np.sign(apart(middle)) == np.sign(apart(low))
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    ends = np.sort(np.concatenate([ends, low]))
    nodes, weights = np.polynomial.legendre.leggauss(12)
    half = np.diff(ends)[:, None] / 2
    return np.abs((half * weights * apart(ends[:-1, None] + half * (1 + nodes))).sum(axis=1)).sum()


def check(found, want, goal=GOAL):
    assert abs(found.value - want) <= found.error
    assert found.error <= goal * want


@cases(300)
@given(seeds, st.sampled_from(KINDS), st.floats(-3, 3), st.floats(-3, 5))
def test_areas_under_points_on_a_line(seed, kind, unit, cut):
    x = places(kind, np.random.default_rng(seed))
    t = (tl.magnitudes.convergence_scale(x[:, None]) or 1.0) * 10.0**cut
    size = 10.0**unit
    check(tl.magnitudes.magnitude_area(size * x[:, None], t / size), line_area(size * x, t / size))


@cases(100)
@given(seeds, st.sampled_from(KINDS), st.sampled_from(KINDS), st.floats(-3, 5) | st.none())
def test_differences_of_points_on_lines(seed, kind, other, cut):
    rng = np.random.default_rng(seed)
    x, y = places(kind, rng), places(other, rng) * 10.0 ** rng.uniform(-1, 1)
    found = tl.magnitudes.magnitude_difference(x[:, None], y[:, None])
    if cut is not None:
        t = (found.t_cut or 1.0) * 10.0**cut
        found = tl.magnitudes.magnitude_difference(x[:, None], y[:, None], t)
    want = line_difference(x, y, found.t_cut) if found.t_cut else 0.0
    assert abs(found.value - want) <= found.error + 1e-12 * found.t_cut
    both = sum(line_area(each, found.t_cut) for each in (x, y)) if found.t_cut else 0.0
    assert found.error <= GOAL * found.value + 1e-7 * both


@cases(40)
@given(st.integers(2, 400), st.floats(-3, 3), st.floats(-2, 4))
def test_areas_under_equidistant_points(n, power, cut):
    d = 10.0**power
    t = np.log(19 * n) / d * 10.0**cut
    found = tl.magnitudes.magnitude_area(d * (1 - np.eye(n)), t, metric="precomputed")
    check(found, n / d * (np.logaddexp(t * d, np.log(n - 1)) - np.log(n)))


@cases(10)
@given(seeds, st.integers(1, 5), st.floats(0, 3))
def test_areas_under_near_pairs_in_clouds(seed, d, cut):
    rng = np.random.default_rng(seed)
    X = rng.uniform(size=(12, d))
    X[:4] = X[4:8] + 1e-6 * rng.uniform(0.5, 1, size=(4, d))
    D = cdist(X, X)

    def at(log_t):
        t = np.exp(log_t)
        return t * np.linalg.solve(np.exp(-t * D), np.ones(12)).sum()

    t = tl.magnitudes.convergence_scale(X) * 10.0**cut
    ends = np.append(np.arange(np.log(1e-6), np.log(t), 2.0), np.log(t))
    pieces = pairwise(ends)
    want = 1e-6 + sum(quad(at, *piece, epsrel=1e-9)[0] for piece in pieces)
    check(tl.magnitudes.magnitude_area(X, t), want)


def test_no_structure_leaves_no_error():
    """One point, and points that never meet, have one magnitude at all scales."""
    far = np.where(np.eye(3) > 0, 0.0, np.inf)
    for X, metric, count in [([[1.0]], "euclidean", 1), (far, "precomputed", 3)]:
        area = tl.magnitudes.magnitude_area(X, 7.0, metric=metric)
        assert (area.value, area.error) == (7.0 * count, 0.0)
        same = tl.magnitudes.magnitude_difference(X, X, 7.0, metric=metric)
        assert (same.value, same.error) == (0.0, 0.0)


# --- what scales depend on ----------------------------------------------------------------------


@pytest.mark.parametrize(("n", "metric"), [(40, "euclidean"), (700, "euclidean"), (700, "given")])
def test_scales_do_not_depend_on_the_order_of_points(n, metric):
    rng = np.random.default_rng(n)
    X = np.sort(rng.normal(size=(n, 3)) * np.exp(rng.normal(size=(n, 1))), axis=0)
    metric, X = (metric, X) if metric == "euclidean" else ("precomputed", tl.distances(X))
    order = rng.permutation(n)
    Y = X[order] if metric == "euclidean" else X[np.ix_(order, order)]
    one, other = (tl.magnitude_function(Z, metric=metric) for Z in (X, Y))
    assert one.ts.tolist() == other.ts.tolist()
    assert np.allclose(one.values, other.values, rtol=1e-9, atol=0)
    one, other = (tl.magnitudes.convergence_scale(Z, metric=metric) for Z in (X, Y))
    assert one == pytest.approx(other, rel=1e-8)
    one, other = (tl.magnitudes.magnitude_area(Z, metric=metric) for Z in (X, Y))
    assert one.t_cut == pytest.approx(other.t_cut, rel=1e-8)
    assert abs(one.value - other.value) <= one.error + other.error


def test_scales_of_few_points_apart_are_seen():
    """Where the clusters stand in the list does not tell which of them is looked at."""
    rng = np.random.default_rng(0)
    X = np.vstack([rng.normal(size=(1000, 2)), 1e-4 * rng.normal(size=(1000, 2)) + 50.0])
    mixed = np.empty_like(X)
    mixed[::2], mixed[1::2] = X[:1000], X[1000:]
    assert tl.magnitude_function(X).ts.tolist() == tl.magnitude_function(mixed).ts.tolist()


# --- shares that every scale has ----------------------------------------------------------------

NEVER = np.where(np.eye(4) > 0, 0.0, np.inf)
PAIRS = np.where(np.kron(np.eye(2), np.ones((2, 2))) > 0, 1.0 - np.eye(4), np.inf)
# Leinster 2013, example 2.2.8: its magnitude goes to 6/5 as t goes to 0.
SIX = np.block([[2.0 * (1 - np.eye(3)), np.ones((3, 3))], [np.ones((3, 3)), 1.0 - np.eye(3)]])


@pytest.mark.parametrize(
    ("D", "share"),
    [
        (np.zeros((1, 1)), 0.95),
        (np.zeros((5, 5)), 0.95),
        (NEVER, 0.95),
        (NEVER, 0.999),
        (PAIRS, 0.5),
        (PAIRS, 0.3),
        (SIX, 0.19),
        (1 - np.eye(4), 0.25),
    ],
)
def test_no_scale_is_below_the_share(D, share):
    assert tl.magnitudes.convergence_scale(D, share, metric="precomputed") == 0.0
    if share >= 0.95:
        area = tl.magnitudes.magnitude_area(D, metric="precomputed")
        assert (area.value, area.error, area.t_cut) == (0.0, 0.0, 0.0)
        both = tl.magnitudes.magnitude_difference(D, D[:1, :1], metric="precomputed")
        assert (both.value, both.error, both.t_cut) == (0.0, 0.0, 0.0)
        measure = tl.measures.Magnitude(ts=[1.0], unit="convergence", metric="precomputed")
        (value,) = measure.measure(D, rng=np.random.default_rng(0)).values
        assert value.value == pytest.approx(len(np.unique(D, axis=0)))


@pytest.mark.parametrize(("D", "share"), [(PAIRS, 0.501), (SIX, 0.3), (1 - np.eye(4), 0.2500001)])
def test_shares_just_above_are_found(D, share):
    t = tl.magnitudes.convergence_scale(D, share, metric="precomputed")
    assert t > 0
    assert tl.magnitude(D, t, metric="precomputed") == pytest.approx(share * len(D), rel=1e-8)


def test_a_plateau_at_the_share_has_an_end():
    """Far pairs: two points each at nearly all scales."""
    x = np.concatenate([1e6 * np.arange(5.0), 1e6 * np.arange(5.0) + 1e-6])
    t = tl.magnitudes.convergence_scale(x[:, None], 0.5)
    assert tl.magnitude(x[:, None], t) == pytest.approx(5.0, rel=1e-9)
    far = np.array([0.0, 1e-100, *range(1, 11)])[:, None]
    t = tl.magnitudes.convergence_scale(far)
    assert tl.magnitude(far, t) == pytest.approx(0.95 * 12, rel=1e-9)
