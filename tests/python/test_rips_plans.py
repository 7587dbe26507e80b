"""Every way to the diagrams, what it says of itself, edges of bars, and batches."""

from __future__ import annotations

from itertools import product

import gudhi
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ripser import ripser
from scipy.cluster.hierarchy import DisjointSet
from scipy.spatial.distance import cdist, pdist, squareform

import topolens as tl
from cases import (
    INF,
    as_sparse,
    by_gudhi,
    cases,
    lattice_points,
    primes,
    random_matrices,
    random_matrix,
    rips,
    seeds,
    tied_matrices,
)
from topolens import _core
from topolens.spaces._spaces import as_space

thresholds = st.one_of(st.just(INF), st.integers(0, 5).map(float))


def plans(maxdim, cocycles):
    """The names of all ways to what is asked for."""
    engines = [("cohomology", "dense", 15), ("cohomology", "sparse", 15)]
    engines += [("annotations", "dense", 2), ("annotations", "sparse", 1)]
    return [
        f"{engine}, {rows} rows{' after edge collapse' * collapse}"
        for (engine, rows, degree), collapse in product(engines, (False, True))
        if maxdim <= degree and not (collapse and cocycles)
    ]


def forced(D, plan, maxdim=1, threshold=INF, coeff=2, cocycles=False, max_memory=1 << 40):
    return _core.rips(
        as_space(D, "precomputed", None),
        maxdim=maxdim,
        threshold=threshold,
        epsilon=None,
        coeff=coeff,
        cocycles=cocycles,
        max_memory=max_memory,
        plan=plan,
        n_threads=1,
    )


# --- every way ----------------------------------------------------------------------------------


@pytest.mark.parametrize("maxdim", range(4))
@cases(30)
@given(D=tied_matrices(9, 1, 3), alone=st.integers(1, 9), cocycles=st.booleans(), seed=seeds)
def test_points_without_edges_are_components_and_nothing_else(maxdim, D, alone, cocycles, seed):
    n = len(D) + alone
    names = np.sort(np.random.default_rng(seed).choice(n, len(D), replace=False))
    whole = np.full((n, n), 100.0)
    np.fill_diagonal(whole, 0.0)
    whole[np.ix_(names, names)] = D
    for plan in plans(maxdim, cocycles):
        few = forced(D, plan, maxdim, 3.0, cocycles=cocycles)
        for X in (whole, as_sparse(np.where(whole < 100, whole, INF))):
            found = forced(X, plan, maxdim, 3.0, cocycles=cocycles)
            np.testing.assert_array_equal(found[0][0][: len(few[0][0])], few[0][0])
            assert (found[0][0][len(few[0][0]) :] == [0, INF]).all()
            assert len(found[0][0]) == len(few[0][0]) + alone
            for degree in range(1, maxdim + 1):
                np.testing.assert_array_equal(found[0][degree], few[0][degree])
                for ends in (1, 2):
                    right = np.append(names, -1)[few[ends][degree]]
                    np.testing.assert_array_equal(found[ends][degree], right)
                cocycle_pairs = [r[4][degree] if cocycles else [] for r in (found, few)]
                for a, b in zip(*cocycle_pairs, strict=True):
                    np.testing.assert_array_equal(a[:, :-1], names[b[:, :-1]])
                    np.testing.assert_array_equal(a[:, -1], b[:, -1])


def test_a_sphere_of_dimension_eleven_is_seen_among_two_thousand_points():
    """24 corners, each joined to all but its opposite; their numbers alone have to fit."""
    corners = np.sort(np.random.default_rng(0).choice(2000, 24, replace=False))
    D = np.full((2000, 2000), 5.0)
    near = 1.0 + (np.arange(24)[:, None] // 2 == np.arange(24) // 2)
    D[np.ix_(corners, corners)] = near
    np.fill_diagonal(D, 0.0)
    for X, metric in ((D, "precomputed"), (as_sparse(np.where(D < 2, D, INF)), "precomputed")):
        found = tl.rips(X, metric=metric, maxdim=11, threshold=1.5, cocycles=True, explain=True)
        assert [len(dgm) for dgm in found.dgms] == [2000, *[0] * 10, 1]
        assert found[0][:, 1].tolist() == [1.0] * 23 + [INF] * 1977
        assert found[11].tolist() == [[1.0, INF]]
        (cocycle,) = found.cocycles[11]
        assert np.isin(cocycle[:, :-1], corners).all()
        assert "2000 points, 24 with edges" in found.plan


@pytest.mark.parametrize("maxdim", range(4))
@cases(60)
@given(
    D=st.one_of(
        tied_matrices(10, 1, 3), random_matrices(), lattice_points(10).map(lambda X: cdist(X, X))
    ),
    threshold=thresholds,
    p=primes,
    cocycles=st.booleans(),
)
def test_every_way_against_gudhi(maxdim, D, threshold, p, cocycles):
    expected = by_gudhi(D, maxdim, p, threshold)
    for plan, X in product(plans(maxdim, cocycles), (D, as_sparse(D))):
        dgms, *_, (name, _, _) = forced(X, plan, maxdim, threshold, p, cocycles)
        assert name == plan
        for got, want in zip(dgms, expected, strict=True):
            np.testing.assert_array_equal(got, want, plan)


@pytest.mark.parametrize("ties", [None, 30])
def test_every_way_against_ripser(ties):
    D = random_matrix(60, 4, ties).astype(np.float32).astype(float)
    expected = ripser(D, maxdim=2, distance_matrix=True)["dgms"]
    for plan in plans(2, False):
        for got, want in zip(forced(D, plan, 2)[0], expected, strict=True):
            assert got.tolist() == sorted(want.tolist()), plan


def test_a_way_that_leads_elsewhere_is_refused():
    D = random_matrix(12, 0)
    with pytest.raises(ValueError, match="`plan` must lead to what is asked for; found annot"):
        forced(D, "annotations, sparse rows", maxdim=2)
    with pytest.raises(ValueError, match=r"`plan` must lead .* after edge collapse"):
        forced(D, "cohomology, dense rows after edge collapse", cocycles=True)
    with pytest.raises(ValueError, match="`plan` must be the name of a plan; found by foot"):
        forced(D, "by foot")


@pytest.mark.parametrize("plan", plans(1, False))
def test_every_way_refuses_what_does_not_fit(plan):
    D = tl.distances(cloud(300))
    rule = r"needs (about|at least) .* of memory, 100 kB are allowed"
    with pytest.raises(MemoryError, match=rule):
        forced(D, plan, max_memory=100_000)
    assert len(forced(D, plan, max_memory=100_000_000)[0][1]) > 0


# --- the chosen way -----------------------------------------------------------------------------


def cloud(n, d=2):
    return np.random.default_rng(n).normal(size=(n, d))


@pytest.mark.parametrize(
    ("X", "options", "plan"),
    [
        (cloud(30), {"maxdim": 0}, "spanning tree: 30 points without distances"),
        (cloud(30), {}, "annotations, dense rows: 30 points, "),
        (cloud(30), {"maxdim": 2, "cocycles": True}, "annotations, dense rows: "),
        (cloud(30), {"maxdim": 3}, "cohomology, dense rows after edge collapse: "),
        (cloud(30), {"maxdim": 3, "cocycles": True}, "cohomology, dense rows: "),
        (cloud(2000), {"threshold": 0.02}, "annotations, sparse rows: 2000 points, "),
        (cloud(2000), {"threshold": 0.02, "maxdim": 2}, "cohomology, sparse rows after edge "),
    ],
)
def test_the_plan_says_which_way_was_gone(X, options, plan):
    result = tl.rips(X, explain=True, **options)
    assert result.plan.startswith(plan), result.plan
    silent = tl.rips(X, **options)
    assert silent.plan is None
    assert all(np.array_equal(a, b) for a, b in zip(result.dgms, silent.dgms, strict=True))


def test_the_plan_counts_the_edges():
    X = cloud(50)
    count = int((pdist(X) <= 1.0).sum())
    plan = tl.rips(X, threshold=1.0, explain=True).plan
    assert f"50 points, {count} edges ({100 * count / 1225:.3f} % of the pairs)" in plan
    assert "MB" in plan


# --- edges --------------------------------------------------------------------------------------


def check_edges(D, result):
    for degree, dgm in enumerate(result.dgms):
        born, dead = result.birth_edges[degree], result.death_edges[degree]
        for edges in (born, dead):
            assert edges.dtype == np.int64 and edges.shape == (len(dgm), 2)
        assert (born == -1).all() == (degree == 0 or not len(dgm))
        np.testing.assert_array_equal((dead == -1).all(axis=1), np.isinf(dgm[:, 1]))
        finite = np.isfinite(dgm[:, 1])
        np.testing.assert_array_equal(D[tuple(dead[finite].T)], dgm[finite, 1])
        if degree > 0:
            np.testing.assert_array_equal(D[tuple(born.T)], dgm[:, 0])


@cases(100)
@given(D=st.one_of(tied_matrices(), random_matrices()), maxdim=st.integers(0, 3))
def test_edges_are_as_long_as_the_bars_say(D, maxdim):
    result = rips(D, maxdim=maxdim)
    check_edges(D, result)
    # In degree 0 they are a spanning tree, but for edges of length zero.
    trees = DisjointSet(range(len(D)))
    assert all(trees.merge(i, j) for i, j in result.death_edges[0].tolist() if i >= 0)


@pytest.mark.parametrize("seed", range(5))
def test_edges_are_those_of_gudhi(seed):
    """With all distances different there is no choice."""
    D = squareform(pdist(np.random.default_rng(seed).normal(size=(40, 3))))
    tree = gudhi.RipsComplex(distance_matrix=D).create_simplex_tree(max_dimension=3)
    tree.persistence(homology_coeff_field=2, persistence_dim_max=True)
    _, pairs, _, essential = tree.flag_persistence_generators()
    result = rips(D, maxdim=2)
    for degree, generators in enumerate(pairs[:2], 1):
        born, dead = (np.sort(e, axis=1) for e in (generators[:, :2], generators[:, 2:]))
        expected = {(*b, *d) for b, d in zip(born.tolist(), dead.tolist(), strict=True)}
        found = np.hstack([result.birth_edges[degree], result.death_edges[degree]])
        assert {tuple(row) for row in found.tolist()} == expected
    assert not any(len(generators) for generators in essential[:2])


def test_edges_with_landmarks_are_of_the_original_points():
    X = np.random.default_rng(3).normal(size=(200, 3))
    result = tl.rips(X, maxdim=2, n_landmarks=60, rng=0)
    check_edges(tl.distances(X), result)
    assert max(edges.max() for edges in result.death_edges) >= 60
    used = np.unique(np.concatenate(result.birth_edges + result.death_edges))
    assert set(used.tolist()) <= {-1, *result.landmarks.tolist()}


# --- batches ------------------------------------------------------------------------------------


def assert_equal(a, b):
    """Results that agree in all that they hold."""
    lists = ("dgms", "birth_edges", "death_edges")
    for name in lists:
        for x, y in zip(getattr(a, name), getattr(b, name), strict=True):
            np.testing.assert_array_equal(x, y)
    for x, y in zip(a.cocycles or [], b.cocycles or [], strict=True):
        assert [c.tolist() for c in x] == [c.tolist() for c in y]
    for name in ("n_points", "threshold", "complete", "coeff"):
        assert getattr(a, name) == getattr(b, name)
    assert (a.cocycles is None) == (b.cocycles is None)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"maxdim": 0},
        {"maxdim": 2, "coeff": 3, "cocycles": True},
        {"threshold": 0.7, "n_threads": 1},
        {"metric": "cityblock", "n_threads": 3},
    ],
)
def test_a_batch_is_one_after_the_other(options):
    clouds = [cloud(n, 3) for n in (0, 1, 40, 2, 25, 60, 40, 13)]
    found = tl.rips_batch(clouds, **options)
    assert len(found) == len(clouds)
    for one, X in zip(found, clouds, strict=True):
        assert_equal(one, tl.rips(X, **options))


def test_a_batch_of_distances():
    D = random_matrix(30, 1, 6)
    spaces = [D, squareform(D), as_sparse(np.where(D > 3, INF, D)), np.zeros((1, 1))]
    found = tl.rips_batch(iter(spaces), metric="precomputed", maxdim=2)
    for one, X in zip(found, spaces, strict=True):
        assert_equal(one, rips(X, maxdim=2))
    assert tl.rips_batch([]) == []


def test_a_batch_is_refused_for_the_first_that_is():
    with pytest.raises(ValueError, match="`X` must be finite; found nan"):
        tl.rips_batch([cloud(5), [[np.nan, 0.0]]])
    with pytest.raises(ValueError, match="`coeff` must be a prime"):
        tl.rips_batch([cloud(5)], coeff=4)
    with pytest.raises(MemoryError, match="are allowed"):
        tl.rips_batch([cloud(5), cloud(500)], max_memory=100_000)


def test_a_batch_shares_the_memory():
    """Two at once have half the memory each."""
    X = cloud(400)
    limit = 4_000_000
    tl.rips_batch([X], max_memory=limit, n_threads=2)
    with pytest.raises(MemoryError):
        tl.rips_batch([X] * 8, max_memory=limit, n_threads=8)


def test_a_batch_reports_and_stops():
    seen = []
    tl.rips_batch([cloud(400, 3)] * 20, maxdim=2, progress=lambda *units: seen.append(units))
    done, total = seen[-1]
    assert done == total > 0

    def stop(done, total):
        raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        tl.rips_batch([cloud(400, 3)] * 20, maxdim=2, progress=stop)


@pytest.mark.parametrize(
    ("dim", "share", "options"),
    [
        (2, 0.1, {"maxdim": 1, "cocycles": True}),
        (2, 0.02, {"maxdim": 2}),
        (6, 0.03, {"maxdim": 2, "coeff": 3, "cocycles": True}),
        (3, 0.01, {"maxdim": 3}),
        (1, 0.05, {"maxdim": 0}),
    ],
)
@pytest.mark.parametrize("ties", [False, True])
def test_a_square_matrix_with_few_short_distances_is_read_as_all_of_them(dim, share, options, ties):
    rng = np.random.default_rng(dim)
    lengths = pdist(rng.normal(size=(600, dim)))
    if ties:
        lengths = np.ceil(50 * lengths)
    options |= {"metric": "precomputed", "threshold": np.quantile(lengths, share)}
    found, right = tl.rips(squareform(lengths), **options), tl.rips(lengths, **options)
    assert sum(map(len, right.dgms)) > 600 or options["maxdim"] == 0
    for name in ("dgms", "birth_edges", "death_edges"):
        for a, b in zip(getattr(found, name), getattr(right, name), strict=True):
            np.testing.assert_array_equal(a, b)
    for a, b in zip(found.cocycles or [], right.cocycles or [], strict=True):
        for one, other in zip(a, b, strict=True):
            np.testing.assert_array_equal(one, other)
    assert (found.threshold, found.complete) == (right.threshold, right.complete)


@pytest.mark.parametrize(
    ("dim", "share", "metric", "options"),
    [
        (2, 0.05, "euclidean", {"maxdim": 1, "cocycles": True}),
        (2, 0.02, "chebyshev", {"maxdim": 2}),
        (6, 0.02, "cosine", {"maxdim": 2, "coeff": 3, "cocycles": True}),
        (70, 0.01, "cityblock", {"maxdim": 1}),
        (3, 0.01, "sqeuclidean", {"maxdim": 3}),
    ],
)
@pytest.mark.parametrize("ties", [False, True])
def test_points_with_few_short_distances_are_read_as_all_of_them(dim, share, metric, options, ties):
    X = np.random.default_rng(dim).normal(size=(600, dim))
    if ties:
        X = np.ceil(5 * X) + 0.5
    lengths = tl.distances(X, metric=metric, condensed=True)
    options |= {"threshold": np.quantile(lengths, share)}
    found = tl.rips(X, metric=metric, **options)
    assert_equal(found, tl.rips(lengths, metric="precomputed", **options))
    assert_equal(found, tl.rips_batch([X], metric=metric, **options)[0])


def test_pairs_beyond_the_threshold_take_no_memory():
    """The distances of all pairs would take 800 MB."""
    X = np.random.default_rng(0).uniform(size=(14_000, 2))
    found = tl.rips(X, threshold=0.02, max_memory=80_000_000, explain=True)
    assert len(found[1]) > 1000 and not found.complete
    assert "MB" in found.plan
    with pytest.raises(MemoryError, match=r"edges up to the threshold needs .* `threshold`"):
        tl.rips(X, threshold=0.1, max_memory=80_000_000)
    with pytest.raises(MemoryError, match="matrix of distances of 14000 points"):
        tl.rips(X, max_memory=80_000_000)
