"""What is derived from weightings, against elimination with fifty digits and formulas."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

import topolens as tl
from cases import cases, seeds
from magnitude_oracle import as_exact, distances, magnitude, similarities, solve

scales = st.floats(-2, 2).map(lambda power: 10.0**power)


@st.composite
def clouds(draw, least=1, most=9):
    """Points on a lattice or not, with copies among them or not."""
    n, d = draw(st.integers(least, most)), draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(seeds))
    X = np.round(rng.normal(size=(n, d)), draw(st.sampled_from([0, 1, 9])))
    return X[rng.integers(0, n, n)] if draw(st.booleans()) else X


def part(D, indices):
    return [[D[i][j] for j in indices] for i in indices]


# --- diversities --------------------------------------------------------------------------------


@cases(60)
@given(clouds(), scales, st.sampled_from(["euclidean", "cityblock"]))
def test_spread_and_positive_magnitude(X, t, metric):
    want = magnitude(distances(X, metric), t)
    spread = tl.magnitudes.diversity(X, t, order=0, metric=metric)
    assert spread == pytest.approx(float(want.spread), rel=1e-12)
    positive = sum(max(float(w), 0.0) for w in want.weights)
    found = tl.magnitude(X, t, positive=True, metric=metric)
    assert found == pytest.approx(positive, rel=1e-6)


def most_diverse(D, t):
    """The largest magnitude of a part without negative weights (Leinster and Meckes 2016)."""
    best = mpf(0)
    for size in range(1, len(D) + 1):
        for indices in combinations(range(len(D)), size):
            found = magnitude(part(D, indices), t)
            if min(found.weights) >= 0:
                best = max(best, found.magnitude)
    return best


@cases(40)
@given(clouds(most=6), scales)
def test_maximum_diversity_by_all_parts(X, t):
    D = distances(X)
    found = tl.magnitudes.max_diversity(X, t)
    assert float(found) == pytest.approx(float(most_diverse(D, t)), rel=1e-9)
    assert found.value <= found.upper_bound * (1 + 1e-12)
    p = found.distribution
    assert (p >= 0).all() and p.sum() == pytest.approx(1)
    Z = np.exp(-t * tl.distances(X))
    assert 1 / (p @ Z @ p) == pytest.approx(found.value, rel=1e-9)
    # No point is rarer, with those like it, than the points that are there.
    assert (Z @ p).min() >= 1 / found.upper_bound - 1e-12


@pytest.mark.parametrize("order", [0.0, 0.5, 1.0, 2.0, 7.0, np.inf])
def test_diversities_by_their_definition(order):
    """Leinster and Cobbold 2012, equations 2 and 3."""
    rng = np.random.default_rng(0)
    X, p = rng.normal(size=(9, 2)), rng.dirichlet(np.ones(9))
    ordinary = [mpf(float(x)) for x in np.exp(-0.8 * tl.distances(X)) @ p]
    mass = [mpf(float(x)) for x in p]
    if order == 1:
        want = mp.exp(-sum(m * mp.log(z) for m, z in zip(mass, ordinary, strict=True)))
    elif order == np.inf:
        want = 1 / max(ordinary)
    else:
        power = mpf(order) - 1
        want = sum(m * z**power for m, z in zip(mass, ordinary, strict=True)) ** (-1 / power)
    assert tl.magnitudes.diversity(X, 0.8, order, p) == pytest.approx(float(want), rel=1e-12)


@pytest.mark.parametrize("order", [0.5, 1.0, 2.0])
def test_vendi_score_by_eigenvalues(order):
    X = np.random.default_rng(1).normal(size=(12, 4))
    K = (X @ X.T) / np.outer(*2 * [np.linalg.norm(X, axis=1)])
    for kernel, space, matrix in [
        ("cosine", X, K),
        ("precomputed", K, K),
        ("exponential", X, np.exp(-tl.distances(X))),
    ]:
        values = mp.eigsy(mp.matrix(as_exact(matrix)) / 12, eigvals_only=True)
        shares = [v for v in values if v > 1e-14]
        if order == 1:
            want = mp.exp(-sum(v * mp.log(v) for v in shares))
        else:
            want = sum(v**order for v in shares) ** (1 / (1 - mpf(order)))
        assert tl.magnitudes.vendi_score(space, kernel, order=order) == pytest.approx(
            float(want), rel=1e-7
        )


# --- scales and areas ---------------------------------------------------------------------------


@cases(30)
@given(clouds(least=2), st.sampled_from([0.5, 0.8, 0.95, 0.999]))
def test_convergence_scale(X, share):
    """The magnitude there is that share of the distinct points, and of no smaller scale."""
    distinct = len(np.unique(X, axis=0))
    if share * distinct <= 1:
        return
    t = tl.magnitudes.convergence_scale(X, share=share)
    D = distances(X)
    assert float(magnitude(D, t).magnitude) == pytest.approx(share * distinct, rel=1e-6)
    assert magnitude(D, t * 0.99).magnitude < share * distinct


def line_area(gaps, end):
    """The integral of 1 + Σ tanh(t·gap/2)."""
    halves = [mpf(float(gap)) / 2 for gap in gaps]
    return end + sum(mp.log(mp.cosh(half * end)) / half for half in halves)


@pytest.mark.parametrize("n", [2, 10, 300])
def test_area_of_points_on_a_line(n):
    x = np.sort(np.random.default_rng(n).uniform(0, 10, n))
    for end in (0.1, 3.0, None):
        area = tl.magnitudes.magnitude_area(x[:, None], end)
        t = area.t_cut
        want = float(line_area(np.diff(x), mpf(t)))
        assert abs(area.value - want) <= max(area.error, 1e-9 * want)
        assert area.error < 5e-3 * want
        if end is None:
            assert 1 + np.tanh(t * np.diff(x) / 2).sum() == pytest.approx(0.95 * n, rel=1e-6)


def test_area_by_quadrature():
    X = np.random.default_rng(3).normal(size=(7, 3))
    D = distances(X)
    want = float(mp.quad(lambda t: magnitude(D, t).magnitude, [0.0001, 1, 5], maxdegree=5)) + 1e-4
    area = tl.magnitudes.magnitude_area(X, 5.0)
    assert area.value == pytest.approx(want, rel=5e-5)


def test_differences_of_points_on_a_line():
    """Coarse and fine points of one interval: the fine ones have more at every scale."""
    a, b = np.linspace(0, 10, 11)[:, None], np.linspace(0, 10, 41)[:, None]
    found = tl.magnitudes.magnitude_difference(a, b, t_cut=4.0)
    want = line_area(np.full(40, 0.25), 4) - line_area(np.full(10, 1.0), 4)
    assert float(found) == pytest.approx(float(want), rel=1e-4)
    assert float(tl.magnitudes.magnitude_difference(b, a, t_cut=4.0)) == pytest.approx(float(found))
    assert float(tl.magnitudes.magnitude_difference(a, a + 5.0, t_cut=4.0)) == pytest.approx(
        0, abs=1e-9
    )


# --- outliers -----------------------------------------------------------------------------------


@cases(40)
@given(clouds(least=2), scales)
def test_points_left_out(X, t):
    """Each point's gain is what the magnitude loses without it and all its copies."""
    D = distances(X)
    whole = magnitude(D, t)
    found = tl.magnitudes.outlier_scores(X, t)
    np.testing.assert_allclose(
        found.weights, [float(w) for w in whole.weights], rtol=1e-6, atol=1e-9
    )
    for i in range(len(X)):
        others = [j for j in range(len(X)) if D[i][j] != 0]
        if not others:
            continue
        rest = magnitude(part(D, others), t)
        lost = float(whole.magnitude - rest.magnitude)
        # The loss is a difference of magnitudes, and small where a point is near others.
        assert found.gains[i] == pytest.approx(lost, rel=1e-6, abs=1e-12)


@cases(40)
@given(clouds(), clouds(most=3), scales)
def test_new_points(X, Q, t):
    """The weight of a point in the larger space, and what it adds to the magnitude."""
    d = min(X.shape[1], Q.shape[1])
    X, Q = X[:, :d], Q[:, :d] + 1 / 3
    found = tl.magnitudes.outlier_scores(X, t, Q)
    before = magnitude(distances(X), t)
    for q, weight, variance, gain in zip(
        Q, found.weights, found.variances, found.gains, strict=True
    ):
        D = distances(np.vstack([X, q]))
        after = magnitude(D, t)
        assert weight == pytest.approx(float(after.weights[-1]), rel=1e-6, abs=1e-8)
        added = float(after.magnitude - before.magnitude)
        assert gain == pytest.approx(added, rel=1e-6, abs=1e-10)
        distinct = [i for i in range(len(X)) if i == min(j for j in range(len(X)) if not D[i][j])]
        Z = similarities(part(D, [*distinct, len(X)]), t)
        k = Z[-1][:-1]
        explained = sum(
            a * b for a, b in zip(k, solve([row[:-1] for row in Z[:-1]], k), strict=True)
        )
        assert variance == pytest.approx(float(1 - explained), rel=1e-6, abs=1e-12)


# --- dimensions ---------------------------------------------------------------------------------


def test_dimension_of_a_line():
    """Between two scales it is the slope of a line through log(1 + Σ tanh): no more than one."""
    x = np.linspace(0, 1, 801)[:, None]
    f = tl.magnitude_function(x, np.geomspace(0.1, 1000, 40), progress=False)
    ts = np.geomspace(20, 100, 2000)
    exact = np.log(1 + 800 * np.tanh(ts / 1600))
    slope = np.polyfit(np.log(ts), exact, 1)[0]
    assert float(tl.magnitudes.magnitude_dimension(f, (20.0, 100.0))) == pytest.approx(
        slope, rel=1e-3
    )
    profile = ts * (1 / np.cosh(ts / 1600)) ** 2 / 2 / (1 + 800 * np.tanh(ts / 1600))
    assert float(tl.magnitudes.magnitude_dimension(f, "profile_max")) >= profile.max() * (1 - 1e-3)
