"""The oracle for magnitude itself, against answers known by hand."""

from __future__ import annotations

from fractions import Fraction
from math import inf

import numpy as np
import pytest
from mpmath import mp, mpf

from magnitude_oracle import (
    Singular,
    distances,
    exact_magnitude,
    hops,
    inertia,
    magnitude,
    powers,
    solve,
)

PATH = [(0, 1), (1, 2), (2, 3)]
TRIANGLE = [(0, 1), (1, 2), (2, 0)]


def bipartite(m, n):
    """The complete bipartite graph."""
    return hops(m + n, [(i, m + j) for i in range(m) for j in range(n)])


def test_two_points():
    """1 + tanh(t·d/2), and its two derivatives."""
    d, t = mpf(3), mpf("0.7")
    found = magnitude([[mpf(0), d], [d, mpf(0)]], t)
    assert abs(found.magnitude - 1 - mp.tanh(t * d / 2)) < mpf(10) ** -45
    assert abs(found.slope - d / 2 * mp.sech(t * d / 2) ** 2) < mpf(10) ** -45
    second = -(d**2) / 2 * mp.sech(t * d / 2) ** 2 * mp.tanh(t * d / 2)
    assert abs(found.curvature - second) < mpf(10) ** -45


def test_a_path_in_fractions():
    """Three edges at t = log 2 with tanh(log 2 / 2) = 1/3; at t = log 3 with 1/2."""
    assert exact_magnitude(hops(4, PATH), 2).magnitude == 2
    assert exact_magnitude(hops(4, PATH), 3).magnitude == Fraction(5, 2)
    assert exact_magnitude(hops(4, PATH), 2).weights == [
        Fraction(2, 3), Fraction(1, 3), Fraction(1, 3), Fraction(2, 3)
    ]  # fmt: skip


def test_fractions_and_digits_agree():
    H = bipartite(4, 2)
    for base in (Fraction(3, 2), 2, 3, 7):
        exact = exact_magnitude(H, base)
        digits = magnitude(H, mp.log(mpf(Fraction(base).numerator) / Fraction(base).denominator))
        for name in ("magnitude", "slope", "curvature", "spread"):
            exactly = getattr(exact, name)
            assert abs(getattr(digits, name) * exactly.denominator - exactly.numerator) < 1e-40


def test_derivatives_are_the_limits_of_differences():
    D = distances(np.random.default_rng(0).normal(size=(7, 3)))
    t, h = mpf("0.8"), mpf(10) ** -12
    low, middle, high = (magnitude(D, t + step) for step in (-h, 0, h))
    assert abs((high.magnitude - low.magnitude) / (2 * h) - middle.slope) < mpf(10) ** -20
    assert abs((high.slope - low.slope) / (2 * h) - middle.curvature) < mpf(10) ** -20


def test_copies_share_a_weight():
    once = magnitude(distances([[0.0], [1.0], [3.0]]), 1)
    often = magnitude(distances([[1.0], [0.0], [1.0], [3.0], [1.0]]), 1)
    assert abs(often.magnitude - once.magnitude) < 1e-45
    shared = [once.weights[i] / k for i, k in ((1, 3), (0, 1), (1, 3), (2, 1), (1, 3))]
    assert max(abs(a - b) for a, b in zip(often.weights, shared, strict=True)) < 1e-45
    # Spread counts the copies: it is what its formula says.
    assert often.spread != once.spread


def test_spread_by_hand():
    half = Fraction(1, 2)
    assert exact_magnitude(hops(3, TRIANGLE), 2).spread == 3 / (1 + 2 * half)


def test_points_of_no_common_component():
    parts = hops(5, [(0, 1), (2, 3)])
    assert parts[0][2] == inf
    assert exact_magnitude(parts, 2).magnitude == 2 * Fraction(4, 3) + 1


def test_poles_of_bipartite_graphs():
    """(m + n − (2mn − m − n)z) / ((1 + z)(1 − (m − 1)(n − 1)z²)), and a pole at z = 1/2."""
    for m, n, base in [(3, 2, 2), (3, 2, 5), (4, 3, 7), (5, 2, 3)]:
        z = Fraction(1, base)
        want = (m + n - (2 * m * n - m - n) * z) / ((1 + z) * (1 - (m - 1) * (n - 1) * z**2))
        assert exact_magnitude(bipartite(m, n), base).magnitude == want
    with pytest.raises(Singular):
        exact_magnitude(bipartite(5, 2), 2)


def test_inertia():
    """The signs on both sides of the pole, and on it; a diagonal of zeros."""
    for base, signs in [(3, (7, 0, 0)), (2, (6, 0, 1)), (Fraction(3, 2), (6, 1, 0))]:
        assert inertia(powers(bipartite(5, 2), base)) == signs
    zero, one = Fraction(0), Fraction(1)
    assert inertia([[zero, one], [one, zero]]) == (1, 1, 0)
    assert inertia([[zero, one, one], [one, zero, zero], [one, zero, zero]]) == (1, 1, 1)


def test_signs_agree_with_eigenvalues():
    rng = np.random.default_rng(1)
    for _ in range(20):
        a = rng.integers(-3, 4, (6, 6))
        a = np.triu(a, 1) + np.triu(a, 1).T + np.diag(rng.integers(-1, 2, 6))
        values = np.linalg.eigvalsh(a)
        want = tuple(int(k) for k in ((values > 1e-9).sum(), (values < -1e-9).sum()))
        assert inertia([[Fraction(int(x)) for x in row] for row in a])[:2] == want


def test_elimination_swaps_rows():
    assert solve([[Fraction(0), Fraction(1)], [Fraction(2), Fraction(1)]], [3, 4]) == [
        Fraction(1, 2), 3
    ]  # fmt: skip


@pytest.mark.parametrize(
    "metric", ["euclidean", "sqeuclidean", "cityblock", "chebyshev", "hamming", "cosine"]
)
def test_metrics_agree_with_scipy(metric):
    from scipy.spatial.distance import pdist, squareform

    X = np.random.default_rng(2).integers(1, 4, (8, 4)).astype(float)
    want = squareform(pdist(X, metric))
    np.testing.assert_allclose(np.array(distances(X, metric), dtype=float), want, atol=1e-15)
