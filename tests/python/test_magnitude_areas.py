"""`convergence_scale`, `magnitude_area` and `magnitude_difference`: cost, kinks, bad input."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.spatial.distance import cdist

import topolens as tl
from cases import cases, seeds
from topolens import _core
from topolens._calls import memory_limit
from topolens.spaces._spaces import as_space


def dense_magnitude(X, t):
    return np.linalg.solve(np.exp(-t * cdist(X, X)), np.ones(len(X))).sum()


def clouds():
    rng = np.random.default_rng(0)
    angle = np.linspace(0, 2 * np.pi, 150, endpoint=False)
    centers = np.repeat(rng.normal(size=(10, 5)) * 10, 15, axis=0)
    yield "circle", np.column_stack([np.cos(angle), np.sin(angle)])
    yield "segment", np.sort(rng.uniform(size=(150, 1)), axis=0)
    yield "cube", rng.uniform(size=(150, 3))
    yield "gaussian", rng.normal(size=(150, 16))
    yield "clusters", centers + 0.01 * rng.normal(size=centers.shape)
    yield "copies", rng.normal(size=(50, 3))[rng.integers(0, 50, 150)]


CLOUDS = dict(clouds())


# --- the scale of convergence -------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.5, 0.95, 0.999])
@pytest.mark.parametrize("name", CLOUDS)
def test_few_weightings_are_enough(name, share):
    X = CLOUDS[name]
    t, solves = _core.convergence_scale(
        as_space(X, "euclidean"), share=share, tol=1e-8, max_memory=memory_limit(None)
    )
    distinct = np.unique(X, axis=0)
    assert dense_magnitude(distinct, t) == pytest.approx(share * len(distinct), rel=1e-9)
    assert solves <= 4


@pytest.mark.parametrize("factor", [1e-6, 1e6])
def test_scales_have_the_inverse_unit_of_distances(factor):
    X = CLOUDS["cube"]
    assert tl.magnitudes.convergence_scale(factor * X) * factor == pytest.approx(
        tl.magnitudes.convergence_scale(X)
    )


def test_one_point_is_there_from_the_start():
    for X in ([[0.0]], [[2.0]] * 7):
        assert tl.magnitudes.convergence_scale(X) == 0.0
        area = tl.magnitudes.magnitude_area(X)
        assert (area.value, area.error, area.t_cut) == (0.0, 0.0, 0.0)
        assert float(tl.magnitudes.magnitude_area(X, 3.0)) == pytest.approx(3.0)
    # Magnitudes are above 1, more than half of two points.
    assert tl.magnitudes.convergence_scale([[0.0], [1.0]], share=0.5) == 0.0


def test_missing_distances_are_infinite():
    """Two pairs that never meet: 2 (1 + tanh(t/2)) of 4 points."""
    D = np.full((4, 4), np.inf)
    np.fill_diagonal(D, 0.0)
    D[0, 1] = D[1, 0] = D[2, 3] = D[3, 2] = 1.0
    t = tl.magnitudes.convergence_scale(D, 0.9, metric="precomputed")
    assert 1 + np.tanh(t / 2) == pytest.approx(1.8, rel=1e-10)


# --- areas --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["circle", "gaussian", "clusters"])
def test_area_by_adaptive_quadrature(name):
    X = CLOUDS[name]
    area = tl.magnitudes.magnitude_area(X)
    points = list(area.t_cut * np.array([1e-3, 1e-2, 0.1]))
    want = quad(lambda t: dense_magnitude(X, t), 1e-9, area.t_cut, limit=200, points=points)[0]
    assert abs(area.value - want) <= area.error
    assert area.value == pytest.approx(want, rel=1e-4)
    assert area.error < 5e-3 * want


@cases(15)
@given(seeds, st.integers(2, 12))
def test_differences_that_cross(seed, n):
    """Points on two lines: both functions are sums of tanh, and cross where one is shorter."""
    rng = np.random.default_rng(seed)
    few, many = 5.0 * rng.uniform(size=n), rng.uniform(size=3 * n)
    t_cut = 0.5 * tl.magnitudes.convergence_scale(many[:, None], 0.5)
    gaps = np.diff(np.sort(few)), np.diff(np.sort(many))

    def between(t):
        return np.tanh(t * gaps[0] / 2).sum() - np.tanh(t * gaps[1] / 2).sum()

    grid = np.linspace(1e-9, t_cut, 400)
    signs = np.sign([between(t) for t in grid])
    zeros = [brentq(between, *grid[k : k + 2]) for k in np.flatnonzero(signs[1:] != signs[:-1])]
    ends = [0.0, *zeros, t_cut]
    pieces = pairwise(ends)
    want = sum(quad(lambda t: abs(between(t)), *piece, limit=200)[0] for piece in pieces)
    found = tl.magnitudes.magnitude_difference(few[:, None], many[:, None], t_cut)
    assert abs(found.value - want) <= found.error + 1e-9 * t_cut
    assert found.value == pytest.approx(want, rel=1e-3, abs=1e-6 * t_cut)


def test_the_common_cut_is_the_median():
    X, Y = CLOUDS["circle"], CLOUDS["cube"]
    cuts = [tl.magnitudes.convergence_scale(Z) for Z in (X, Y)]
    assert tl.magnitudes.magnitude_difference(X, Y).t_cut == pytest.approx(
        np.median(cuts), rel=1e-12
    )
    given_cut = tl.magnitudes.magnitude_difference(X, Y, 2.0)
    assert given_cut.t_cut == 2.0 and float(given_cut) == given_cut.value


def test_no_area_over_a_pole():
    """K_{3,2} has a pole at log √2; beyond 1 its similarities are definite."""
    D = np.ones((5, 5)) - np.eye(5)
    D[:3, :3] *= 2
    D[3:, 3:] *= 2
    with pytest.raises(tl.NumericalError):
        tl.magnitudes.magnitude_area(D, 2.0, metric="precomputed")


# --- input --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: tl.magnitudes.convergence_scale([[0.0]], share=0.0),
            "`share` must be above 0 and below 1",
        ),
        (
            lambda: tl.magnitudes.convergence_scale([[0.0]], share=1.0),
            "`share` must be above 0 and below 1",
        ),
        (lambda: tl.magnitudes.convergence_scale([[0.0]], share=np.nan), "`share` must be above 0"),
        (
            lambda: tl.magnitudes.convergence_scale(np.zeros((0, 1))),
            "`X` must have at least one point",
        ),
        (lambda: tl.magnitudes.convergence_scale([[np.nan]]), "`X` must be finite"),
        (lambda: tl.magnitudes.convergence_scale([[0.0]], tol=0.0), "`tol` must be above 0"),
        (
            lambda: tl.magnitudes.magnitude_area([[0.0], [1.0]], 0.0),
            "`t_cut` must be positive and finite",
        ),
        (lambda: tl.magnitudes.magnitude_area([[0.0], [1.0]], np.inf), "`t_cut` must be positive"),
        (lambda: tl.magnitudes.magnitude_area([[np.inf]]), "`X` must be finite"),
        (
            lambda: tl.magnitudes.magnitude_area(np.zeros((0, 1))),
            "`X` must have at least one point",
        ),
        (
            lambda: tl.magnitudes.magnitude_difference([[0.0]], [[1.0]], -1.0),
            "`t_cut` must be positive",
        ),
        (lambda: tl.magnitudes.magnitude_difference([[0.0]], [[np.nan]]), "must be finite"),
        (
            lambda: tl.magnitudes.magnitude_difference([[0.0]], np.zeros((0, 1))),
            "at least one point",
        ),
    ],
)
def test_bad_values(call, message):
    with pytest.raises(ValueError) as raised:
        call()
    assert message in str(raised.value)


@pytest.mark.parametrize(
    "call",
    [
        tl.magnitudes.convergence_scale,
        tl.magnitudes.magnitude_area,
        partial(tl.magnitudes.diversity, order=0),
    ],
)
def test_nothing_depends_on_threads(call):
    X = np.random.default_rng(0).normal(size=(600, 8))
    one, two, three = (float(call(X, n_threads=k)) for k in (1, 2, 3))
    assert one == two == three
