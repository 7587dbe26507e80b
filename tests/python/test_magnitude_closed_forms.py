"""Magnitude of spaces whose magnitude is a formula (Leinster 2013; Leinster and Meckes 2017)."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

import magnitude_cases
import topolens as tl
from magnitude_oracle import hops

SCALES = np.geomspace(1e-3, 1e2, 11)
EXACT = 1e-10  # relative


def function(space, ts=SCALES, metric="precomputed", **kwargs):
    return magnitude_cases.function(space, ts, metric, **kwargs)


def check(space, values, slope=None, weights=None, ts=SCALES, metric="precomputed"):
    """Compare the function, its slope, a magnitude and a weighting with formulas of t."""
    found = function(space, ts, metric)
    np.testing.assert_array_equal(found.ts, ts)
    np.testing.assert_allclose(found.values, values(ts), rtol=EXACT, atol=0)
    if slope is not None:
        np.testing.assert_allclose(found.slope, slope(ts), rtol=1e-7, atol=1e-13 * len(space))
    for t in ts[:: max(1, len(ts) // 3)]:
        alone = tl.magnitude(space, t=t, metric=metric)
        np.testing.assert_allclose(alone, values(np.array([t]))[0], rtol=EXACT, atol=0)
        if weights is not None:
            # Points near each other exchange weight freely within a residual of 1e-8, and some
            # when similarities are rounded: 256 of them stand within 1e-4 of each other here.
            w = tl.magnitudes.weighting(space, t=t, metric=metric, tol=1e-12)
            np.testing.assert_allclose(w, weights(t), rtol=0, atol=1e-4 * np.abs(w).max())


def edge(t, length):
    """What an edge adds to a tree, and the slope of that."""
    return np.tanh(np.multiply.outer(t, length) / 2)


def edge_slope(t, length):
    # sech² written so that a long edge underflows to zero instead of overflowing.
    e = np.exp(-np.multiply.outer(t, length))
    return 2 * length * e / (1 + e) ** 2


# --- few distances ------------------------------------------------------------------------------


@pytest.mark.parametrize("d", [1e-6, 0.3, 1.0, 17.0, 1e6])
def test_two_points(d):
    ts = SCALES / d
    check(
        np.array([[0.0], [d]]),
        lambda t: 1 + edge(t, d),
        lambda t: edge_slope(t, d),
        lambda t: np.full(2, 1 / (1 + np.exp(-t * d))),
        ts,
        "euclidean",
    )


@pytest.mark.parametrize("n", [1, 2, 3, 10, 300])
def test_equidistant(n):
    D = 2.0 * (1 - np.eye(n))

    def row(t):
        return 1 + (n - 1) * np.exp(-2 * t)

    check(
        D,
        lambda t: n / row(t),
        lambda t: 2 * n * (n - 1) * np.exp(-2 * t) / row(t) ** 2,
        lambda t: np.full(n, 1 / row(t)),
    )


# --- homogeneous spaces: n over the sum of a row ------------------------------------------------


def check_homogeneous(D, space=None, metric="precomputed"):
    """Speyer's formula."""
    row, n = D[0], len(D)

    def total(t):
        return np.exp(-np.multiply.outer(t, row)).sum(axis=-1)

    def pulled(t):
        return (row * np.exp(-np.multiply.outer(t, row))).sum(axis=-1)

    check(
        D if space is None else space,
        lambda t: n / total(t),
        lambda t: n * pulled(t) / total(t) ** 2,
        lambda t: np.full(n, 1 / total(t)),
        metric=metric,
    )


def steps_round(n):
    step = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    return np.minimum(step, n - step).astype(float)


@pytest.mark.parametrize("n", [3, 4, 5, 12, 101, 256])
@pytest.mark.parametrize("arc", [True, False])
def test_cycles(n, arc):
    """Arcs on a circle of circumference 1, and hops: the same up to scale, other hop counts."""
    check_homogeneous(steps_round(n) / (n if arc else 1))


@pytest.mark.parametrize("n", [5, 40, 250])
def test_chords(n):
    angle = 2 * np.pi * np.arange(n) / n
    circle = np.c_[np.cos(angle), np.sin(angle)]
    chords = np.abs(2 * np.sin(np.subtract.outer(angle, angle) / 2))
    check_homogeneous(chords, circle, "euclidean")


@pytest.mark.parametrize("m", [1, 2, 5, 8])
def test_hypercubes(m):
    """Similarities are as near to singular as the m-th power of tanh(t/2) says."""
    cube = np.array(list(product([0.0, 1.0], repeat=m)))
    ts = SCALES[np.tanh(SCALES / 2) ** m > 1e-9]
    check(
        cube,
        lambda t: (2 / (1 + np.exp(-t))) ** m,
        lambda t: m * np.exp(-t) / (1 + np.exp(-t)) * (2 / (1 + np.exp(-t))) ** m,
        lambda t: np.full(2**m, (1 + np.exp(-t)) ** -float(m)),
        ts,
        metric="cityblock",
    )


def test_hypercube_by_mismatches():
    """Hamming distance is a share of the coordinates: the scale is larger by their number."""
    cube = np.array(list(product([0.0, 1.0], repeat=4)))
    ts = SCALES[SCALES > 0.01]
    check(cube, lambda t: (2 / (1 + np.exp(-t / 4))) ** 4, ts=ts, metric="hamming")


def test_petersen_graph():
    outer = [(i, (i + 1) % 5) for i in range(5)]
    spokes = [(i, i + 5) for i in range(5)]
    inner = [(5 + i, 5 + (i + 2) % 5) for i in range(5)]
    check_homogeneous(np.array(hops(10, outer + spokes + inner), dtype=float))


# --- lines and trees ----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("metric", ["euclidean", "cityblock", "chebyshev"])
def test_points_on_a_line(seed, metric):
    rng = np.random.default_rng(seed)
    x = np.sort(rng.exponential(size=(2, 9, 60, 200)[seed]) ** 2).cumsum()
    gaps = np.diff(x)
    order = rng.permutation(len(x))

    def weights(t):
        halves = edge(t, gaps) / 2
        w = np.r_[0.5, halves] + np.r_[halves, 0.5]
        return w[order]

    check(
        x[order, None],
        lambda t: 1 + edge(t, gaps).sum(axis=-1),
        lambda t: edge_slope(t, gaps).sum(axis=-1),
        weights,
        metric=metric,
    )


def test_interval():
    """1 + tL/2 for a whole interval; n points fall short by at most (tL/2)³ / 3(n − 1)²."""
    length, n = 3.0, 400
    x = np.linspace(0, length, n)[:, None]
    found = function(x, SCALES[:8], "euclidean").values
    half = SCALES[:8] * length / 2
    short = 1 + half - found
    assert (short > -1e-10).all()
    assert (short <= half**3 / (3 * (n - 1) ** 2) + 1e-10).all()


def random_tree(n, rng):
    """Edges from each vertex to an earlier one, and the distances along them."""
    parent = [int(rng.integers(i)) for i in range(1, n)]
    length = rng.exponential(size=n - 1) + 0.01
    D = np.zeros((n, n))
    for child, (up, step) in enumerate(zip(parent, length, strict=True), start=1):
        D[child, :child] = D[:child, child] = D[up, :child] + step
    return D, parent, length


@pytest.mark.parametrize("n", [2, 3, 20, 150])
def test_trees(n):
    D, parent, length = random_tree(n, np.random.default_rng(n))

    def weights(t):
        w = np.ones(n)
        for child, (up, step) in enumerate(zip(parent, length, strict=True), start=1):
            w[[child, up]] -= 1 / (1 + np.exp(t * step))
        return w

    check(
        D,
        lambda t: 1 + edge(t, length).sum(axis=-1),
        lambda t: edge_slope(t, length).sum(axis=-1),
        weights,
    )


# --- spaces made of spaces ----------------------------------------------------------------------


def test_products_multiply():
    """With the sum of the distances; weights multiply too."""
    rng = np.random.default_rng(5)
    A, B = rng.normal(size=(14, 2)), rng.normal(size=(11, 3))
    AB = np.array([np.r_[a, b] for a in A for b in B])
    a, b, ab = (function(X, metric="cityblock") for X in (A, B, AB))
    np.testing.assert_allclose(ab.values, a.values * b.values, rtol=EXACT)
    np.testing.assert_allclose(
        ab.slope, a.slope * b.values + a.values * b.slope, rtol=1e-8, atol=1e-12
    )
    w = [tl.magnitudes.weighting(X, t=0.9, metric="cityblock") for X in (A, B, AB)]
    np.testing.assert_allclose(w[2], np.outer(w[0], w[1]).ravel(), rtol=1e-8, atol=1e-11)


def glued(A, B):
    """Two spaces at their first points."""
    n = len(A) + len(B) - 1
    D = np.zeros((n, n))
    D[: len(A), : len(A)] = A
    D[len(A) - 1 :, len(A) - 1 :] = B
    places = np.r_[0, len(A) : n]
    D[np.ix_(places, places)] = B
    across = np.add.outer(A[0], B[0, 1:])
    D[: len(A), len(A) :] = across
    D[len(A) :, : len(A)] = across.T
    D[: len(A), : len(A)] = A
    return D


def clouds():
    rng = np.random.default_rng(6)
    return tl.distances(rng.normal(size=(13, 2))), tl.distances(rng.normal(size=(19, 5)))


def test_wedges():
    A, B = clouds()
    a, b, wedge = (function(D) for D in (A, B, glued(A, B)))
    np.testing.assert_allclose(wedge.values, a.values + b.values - 1, rtol=EXACT)
    np.testing.assert_allclose(wedge.slope, a.slope + b.slope, rtol=1e-8, atol=1e-12)


def apart(A, B, distance):
    n = len(A) + len(B)
    D = np.full((n, n), float(distance))
    D[: len(A), : len(A)] = A
    D[len(A) :, len(A) :] = B
    return D


@pytest.mark.parametrize("distance", [np.inf, 1e6])
def test_far_unions_add(distance):
    A, B = clouds()
    a, b, union = (function(D) for D in (A, B, apart(A, B, distance)))
    np.testing.assert_allclose(union.values, a.values + b.values, rtol=EXACT)
    np.testing.assert_allclose(union.slope, a.slope + b.slope, rtol=1e-8, atol=1e-12)


def test_missing_pairs_of_a_sparse_matrix_are_far():
    from scipy.sparse import block_diag

    A, B = clouds()
    union = function(block_diag([A, B]))
    np.testing.assert_allclose(union.values, function(A).values + function(B).values, rtol=EXACT)


# --- graphs that are not positive definite ------------------------------------------------------


def bipartite(m, n):
    edges = [(i, m + j) for i in range(m) for j in range(n)]
    return np.array(hops(m + n, edges), dtype=float)


def bipartite_magnitude(m, n, t):
    """From two unknowns, one a side; the pole is at exp(−2t) = 1/((m − 1)(n − 1))."""
    z = np.exp(-t)
    above = m + n - (2 * m * n - m - n) * z
    return above / ((1 + z) * (1 - (m - 1) * (n - 1) * z**2))


@pytest.mark.parametrize(("m", "n"), [(3, 2), (5, 2), (4, 3), (30, 20)])
def test_bipartite_graphs(m, n):
    pole = np.log((m - 1) * (n - 1)) / 2
    factors = np.r_[np.geomspace(0.05, 0.99, 5), np.geomspace(1.01, 20, 5)]
    ts = pole * factors
    np.testing.assert_allclose(
        function(bipartite(m, n), ts).values, bipartite_magnitude(m, n, ts), rtol=EXACT
    )


def test_on_both_sides_of_the_pole():
    """Leinster 2013, example 2.2.7: infinite at log √2, with either sign."""
    K, pole = bipartite(3, 2), np.log(2) / 2
    for t, rounded in [(pole - 0.001, -13.25), (pole + 0.001, 16.19)]:
        found = tl.magnitude(K, t=t, metric="precomputed")
        assert round(found, 2) == rounded
        np.testing.assert_allclose(found, bipartite_magnitude(3, 2, t), rtol=EXACT)


def test_nearer_and_nearer_to_the_pole():
    """To as many digits as the scale leaves: t is known to 1e-16, its way to the pole to less."""
    K, pole = bipartite(3, 2), np.log(2) / 2
    for step in 10.0 ** -np.arange(2, 9):
        for t in (pole - step, pole + step):
            found = tl.magnitude(K, t=t, metric="precomputed")
            np.testing.assert_allclose(
                found, bipartite_magnitude(3, 2, t), rtol=max(EXACT, 1e-14 / step)
            )


@pytest.mark.parametrize(("m", "n", "t"), [(3, 2, np.log(2) / 2), (5, 2, np.log(2))])
def test_the_pole_has_no_magnitude(m, n, t):
    for call in (tl.magnitude, tl.magnitudes.weighting):
        with pytest.raises(tl.NumericalError):
            call(bipartite(m, n), t=t, metric="precomputed")
    with pytest.raises(tl.NumericalError):
        function(bipartite(m, n), [0.1, t, 2.0])


def test_a_singular_matrix_with_a_weighting_is_not_guessed():
    """K_{3,3} at log 2: many weightings, all with the sum 2, and no inverse."""
    try:
        found = tl.magnitude(bipartite(3, 3), t=np.log(2), metric="precomputed")
    except tl.NumericalError:
        return
    assert found == pytest.approx(2, rel=EXACT)
