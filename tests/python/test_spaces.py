"""Distances, neighbours, geodesics and landmarks against scipy and brute force."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import coo_array, coo_matrix, csr_array, csr_matrix
from scipy.sparse.csgraph import connected_components, shortest_path
from scipy.spatial.distance import cdist, pdist, squareform
from sklearn.neighbors import kneighbors_graph

import topolens as tl
from oracle import joined_neighbors

METRICS = tl._core.METRICS
rng = np.random.default_rng(0)
CLOUD = rng.normal(size=(40, 5))
quick = settings(max_examples=60, deadline=None)


def clouds(elements, n=(0, 12), d=(1, 20)):
    shapes = st.tuples(st.integers(*n), st.integers(*d))
    return shapes.flatmap(lambda shape: arrays(np.float64, shape, elements=elements))


smooth = st.floats(-100, 100, allow_subnormal=False).map(lambda x: round(x, 3))
tied = st.integers(-2, 2).map(float)


def has_directions(X, metric):
    if metric == "cosine":
        return (X != 0).any(axis=1).all()
    return metric != "correlation" or (X[:, :1] != X).any(axis=1).all()


# --- distances ----------------------------------------------------------------------------------


@pytest.mark.parametrize("metric", METRICS)
@quick
@given(X=clouds(smooth) | clouds(tied))
def test_distances_are_those_of_scipy(metric, X):
    if not has_directions(X, metric):
        with pytest.raises(ValueError, match="`X` must have"):
            tl.distances(X, metric=metric)
        return
    found = tl.distances(X, metric=metric)
    assert found.shape == (len(X), len(X)) and found.dtype == np.float64
    np.testing.assert_allclose(found, cdist(X, X, metric), rtol=1e-12, atol=1e-13)
    np.testing.assert_array_equal(found, found.T)
    assert (np.diag(found) == 0).all() and (found >= 0).all()
    condensed = tl.distances(X, metric=metric, condensed=True)
    np.testing.assert_array_equal(condensed, found[np.triu_indices(len(X), 1)])


def test_metrics_go_by_their_names():
    expected = "euclidean sqeuclidean cityblock chebyshev cosine correlation hamming"
    assert expected.split() == METRICS
    for metric in METRICS:
        assert f'"{metric}"' in tl.distances.__doc__


def test_condensed_is_the_order_of_pdist():
    np.testing.assert_allclose(tl.distances(CLOUD, condensed=True), pdist(CLOUD), rtol=1e-13)


WHOLE = rng.integers(-9, 10, (12, 5))


def torch_tensor(dtype, **kwargs):
    torch = pytest.importorskip("torch")
    return lambda a: torch.tensor(a, dtype=getattr(torch, dtype), **kwargs)


@pytest.mark.parametrize(
    "make",
    [
        lambda a: a.tolist(),
        lambda a: a.astype(np.int8),
        lambda a: a.astype(np.float32),
        lambda a: a.astype(np.float16),
        lambda a: a.astype(">f8"),
        lambda a: np.asfortranarray(a, dtype=np.float64),
        lambda a: np.asfortranarray(a, dtype=np.float32),
        lambda a: np.repeat(a, 3, axis=0)[::3],
        lambda a: a[:, ::-1],
        lambda a: torch_tensor("bfloat16")(a),
        lambda a: torch_tensor("float16")(a),
        lambda a: torch_tensor("int64")(a),
        lambda a: torch_tensor("float32", requires_grad=True)(a),
        lambda a: torch_tensor("float64")(a.T.copy()).T,
    ],
)
@pytest.mark.parametrize("metric", METRICS)
def test_kinds_of_points(make, metric):
    found = tl.distances(make(WHOLE), metric=metric)
    expected = tl.distances(WHOLE.astype(np.float64), metric=metric)
    if metric == "correlation":  # the means of reversed rows are rounded otherwise
        np.testing.assert_allclose(found, expected, atol=1e-15)
    else:
        np.testing.assert_allclose(found, expected, rtol=1e-15)


def test_float32_is_not_rounded_again():
    X = np.float32([[0.1], [0.3]])
    assert tl.distances(X)[0, 1] == np.float64(X[1, 0]) - np.float64(X[0, 0])


def test_near_duplicates_far_away():
    X = np.full((3, 10), 1e8)
    X[1, 7] += 1e-6
    assert tl.distances(X)[0].tolist() == [0, X[1, 7] - 1e8, 0]


@pytest.mark.parametrize(
    ("X", "n"), [([], 0), ([[]], 1), (np.zeros((0, 3)), 0), ([[1.0, 2.0]], 1), (np.ones((3, 0)), 3)]
)
def test_next_to_nothing(X, n):
    np.testing.assert_array_equal(tl.distances(X), np.zeros((n, n)))
    assert tl.distances(X, condensed=True).shape == (n * (n - 1) // 2,)


def test_a_function_of_two_rows():
    def city(u, v):
        assert u.shape == v.shape == (5,)
        return np.abs(u - v).sum()

    found = tl.distances(CLOUD, metric=city)
    np.testing.assert_allclose(found, cdist(CLOUD, CLOUD, "cityblock"))
    assert tl.distances([], metric=city).shape == (0, 0)


@quick
@given(clouds(tied, n=(0, 8)))
def test_precomputed_comes_back_as_it_went_in(X):
    square = tl.distances(X, metric="cityblock")
    pairs = square[np.triu_indices(len(X), 1)]
    for given_form in (square, square.tolist() if len(X) else square, np.asfortranarray(square)):
        np.testing.assert_array_equal(tl.distances(given_form, metric="precomputed"), square)
        condensed = tl.distances(given_form, metric="precomputed", condensed=True)
        np.testing.assert_array_equal(condensed, pairs)
    if len(X):
        np.testing.assert_array_equal(tl.distances(pairs, metric="precomputed"), square)


def test_results_are_the_caller_s_own():
    square = tl.distances(CLOUD)
    again = tl.distances(square, metric="precomputed")
    again[:] = -1
    assert (square >= 0).all()


def test_threads_do_not_change_a_bit():
    for metric in METRICS:
        one = tl.distances(CLOUD, metric=metric, n_threads=1)
        np.testing.assert_array_equal(one, tl.distances(CLOUD, metric=metric, n_threads=3))


# --- neighbours and paths -----------------------------------------------------------------------


def stored(graph):
    """Which pairs stand in a sparse matrix, zeros among them."""
    pattern = np.zeros(graph.shape, dtype=bool)
    rows, columns = graph.tocoo().coords
    pattern[rows, columns] = True
    return pattern


@pytest.mark.parametrize("metric", ["euclidean", "sqeuclidean", "cityblock", "chebyshev"])
@quick
@given(X=clouds(tied, n=(1, 16), d=(1, 3)), data=st.data())
def test_neighbours_under_duplicates_and_ties(metric, X, data):
    k = data.draw(st.integers(1, len(X)))
    graph = tl.spaces.neighbor_graph(X, k, metric=metric)
    D = tl.distances(X, metric=metric)
    joined = joined_neighbors(D, k)
    np.testing.assert_array_equal(stored(graph), joined)
    np.testing.assert_array_equal(graph.toarray(), np.where(joined, D, 0))


def test_neighbours_are_those_of_scikit_learn():
    for k in (1, 2, 7, 40):
        own = kneighbors_graph(CLOUD, k - 1, mode="distance") if k > 1 else csr_array((40, 40))
        expected = np.maximum(own.toarray(), own.toarray().T)
        found = tl.spaces.neighbor_graph(CLOUD, k)
        np.testing.assert_allclose(found.toarray(), expected, rtol=1e-12)
        assert isinstance(found, csr_array) and found.has_sorted_indices
        assert found.has_canonical_format and found.dtype == np.float64


def test_equal_points_are_joined_by_an_explicit_zero():
    graph = tl.spaces.neighbor_graph([[1.0], [1.0], [5.0]], 2)
    assert stored(graph).tolist() == [[0, 1, 1], [1, 0, 0], [1, 0, 0]]
    assert graph[0, 1] == 0 and graph[0, 2] == 4
    assert tl.rips(graph, metric="precomputed")[0].tolist() == [[0, 4], [0, np.inf]]


@quick
@given(X=clouds(smooth, n=(1, 14), d=(1, 3)), data=st.data())
def test_geodesics_are_those_of_scipy(X, data):
    X = np.unique(X, axis=0)  # scipy cannot tell an edge of length 0 from none
    k = data.draw(st.integers(1, len(X)))
    graph = tl.spaces.neighbor_graph(X, k)
    found = tl.spaces.geodesic_distances(X, k)
    np.testing.assert_allclose(found, shortest_path(graph, directed=False), rtol=1e-12)
    np.testing.assert_array_equal(found, found.T)
    hops = tl.spaces.geodesic_distances(X, k, weighted=False)
    np.testing.assert_array_equal(hops, shortest_path(graph, directed=False, unweighted=True))
    apart = connected_components(graph)[1]
    np.testing.assert_array_equal(np.isinf(hops), apart[:, None] != apart)


def test_geodesics_go_round_a_circle():
    t = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    steps = np.abs(np.subtract.outer(np.arange(40), np.arange(40)))
    hops = tl.spaces.geodesic_distances(np.c_[np.cos(t), np.sin(t)], 3, weighted=False)
    np.testing.assert_array_equal(hops, np.minimum(steps, 40 - steps))


# --- landmarks ----------------------------------------------------------------------------------


@quick
@given(X=clouds(tied, n=(1, 14), d=(1, 3)), data=st.data())
def test_landmarks_are_the_farthest_each(X, data):
    count = data.draw(st.integers(1, len(X)))
    seed = data.draw(st.integers(0, 50))
    found = tl.landmarks(X, count, rng=seed)
    D = tl.distances(X)
    assert found.indices.dtype == np.int64 and len(set(found.indices.tolist())) == count
    for m in range(1, count):
        before, new = found.indices[:m], found.indices[m]
        gaps = D[:, before].min(axis=1)
        free = np.setdiff1d(np.arange(len(X)), before)
        assert new == free[np.argmax(gaps[free])]
    assert found.covering_radius == D[:, found.indices].min(axis=1).max()
    again = tl.landmarks(D, count, metric="precomputed", rng=seed)
    assert again.indices.tolist() == found.indices.tolist()


def test_the_seed_chooses_the_first_landmark():
    firsts = {int(tl.landmarks(CLOUD, 3, rng=seed).indices[0]) for seed in range(30)}
    assert len(firsts) > 10
    generator = np.random.default_rng(5)
    assert tl.landmarks(CLOUD, 3, rng=generator).indices.tolist() == (
        tl.landmarks(CLOUD, 3, rng=5).indices.tolist()
    )
    assert tl.landmarks(CLOUD, 40, rng=0).covering_radius == 0


# --- refusals -----------------------------------------------------------------------------------


def changed(array, place, value):
    array = array.copy()
    array[place] = value
    return array


D4 = squareform(np.arange(1.0, 7.0))


@pytest.mark.parametrize("form", [np.asarray, csr_matrix, coo_array])
@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (changed(D4, (0, 1), 9), r"`X` must be symmetric; found 9 and 1 at \[0, 1\]"),
        (changed(D4, (3, 3), 0.5), r"`X` must have a zero diagonal; found 0.5 at \[3, 3\]"),
        (
            changed(D4, ([1, 2], [2, 1]), -4),
            r"`X` must hold non-negative distances; found -4 at \[1, 2\]",
        ),
        (
            changed(D4, ([1, 2], [2, 1]), np.nan),
            r"`X` must hold non-negative distances; found NaN at \[1, 2\]",
        ),
        (D4[:3], r"`X` must be square when precomputed; found shape \(3, 4\)"),
    ],
)
def test_matrices_that_are_no_distances(form, matrix, message):
    if form is not np.asarray and "symmetric" in message:
        message = r"`X` must be symmetric; found 1 and 9 at \[0, 1\]"
    with pytest.raises(ValueError, match=message):
        tl.rips(form(matrix), metric="precomputed")


def test_missing_entries_of_a_sparse_matrix_may_stand_once():
    once = coo_matrix(np.triu(D4))
    both = coo_matrix(D4)
    for dimension in (0, 1):
        np.testing.assert_array_equal(
            tl.rips(once, metric="precomputed")[dimension],
            tl.rips(both, metric="precomputed")[dimension],
        )


def test_duplicates_of_a_sparse_matrix_must_agree():
    def twice(value):
        return coo_matrix(([1.0, value], ([0, 0], [1, 1])), shape=(2, 2))

    assert tl.rips(twice(1.0), metric="precomputed")[0].tolist() == [[0, 1], [0, np.inf]]
    with pytest.raises(ValueError, match=r"`X` must be symmetric; found 1 and 2 at \[0, 1\]"):
        tl.rips(twice(2.0), metric="precomputed")


@pytest.mark.parametrize(
    ("vector", "message"),
    [
        (np.ones(2), r"`X` must have n\(n-1\)/2 .*found 2"),
        (np.ones(1000), r"`X` must have n\(n-1\)/2 .*found 1000"),
        ([1.0, -2.0, 1.0], r"`X` must hold non-negative distances; found -2 at \[1\]"),
        ([1.0, 1.0, np.nan], r"`X` must hold non-negative distances; found NaN at \[2\]"),
    ],
)
def test_vectors_that_are_no_distances(vector, message):
    with pytest.raises(ValueError, match=message):
        tl.distances(vector, metric="precomputed")


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        (
            changed(CLOUD, (17, 3), np.nan),
            ValueError,
            r"`X` must be finite; found nan at \[17, 3\]",
        ),
        (
            changed(CLOUD, (2, 0), -np.inf),
            ValueError,
            r"`X` must be finite; found -inf at \[2, 0\]",
        ),
        (np.zeros(3), ValueError, r"`X` must have shape \(n, d\); found shape \(3,\)"),
        (np.zeros((2, 2, 2)), ValueError, r"`X` must have shape \(n, d\); found shape \(2, 2, 2\)"),
        ([[1, 2], [3]], ValueError, "`X` must be a rectangular array of numbers"),
        ([[1j]], TypeError, "`X` must hold real numbers; found dtype complex128"),
        ([["a"]], TypeError, "`X` must hold real numbers; found dtype <U1"),
        (None, TypeError, "`X` must hold real numbers; found a NoneType"),
        ({"input": [[1.0]]}, TypeError, "one array of numbers; found a dict: choose an entry"),
        (csr_matrix(CLOUD), TypeError, "`X` must be dense; found a csr_matrix"),
    ],
)
@pytest.mark.parametrize(
    "function",
    [
        tl.distances,
        lambda X: tl.spaces.neighbor_graph(X, 1),
        lambda X: tl.spaces.geodesic_distances(X, 1),
        lambda X: tl.landmarks(X, 1),
        lambda X: tl.hop_betti(X, k=1),
        tl.rips,
    ],
)
def test_points_that_are_none(function, X, error, message):
    with pytest.raises(error, match=message):
        function(X)


@pytest.mark.parametrize("function", [tl.spaces.neighbor_graph, tl.spaces.geodesic_distances])
@pytest.mark.parametrize(
    ("k", "error", "message"),
    [
        (0, ValueError, "`k` must be at least 1 .*; found 0"),
        (41, ValueError, r"`k` must be at most the number of points \(40\); found 41"),
        (-1, ValueError, "`k` must be .*; found -1"),
        (2.5, TypeError, "`k` must be a whole number; found 2.5"),
        ("3", TypeError, "`k` must be a whole number; found '3'"),
        (None, TypeError, "`k` must be a whole number; found None"),
        (True, TypeError, "`k` must be a whole number; found True"),
    ],
)
def test_numbers_of_neighbours_that_cannot_be(function, k, error, message):
    with pytest.raises(error, match=message):
        function(CLOUD, k)


@pytest.mark.parametrize(
    ("count", "error", "message"),
    [
        (0, ValueError, r"`n_landmarks` must be between 1 and .* \(40\); found 0"),
        (41, ValueError, r"`n_landmarks` must be between 1 and .* \(40\); found 41"),
        (2.5, TypeError, "`n_landmarks` must be a whole number; found 2.5"),
    ],
)
def test_numbers_of_landmarks_that_cannot_be(count, error, message):
    with pytest.raises(error, match=message):
        tl.landmarks(CLOUD, count)


def test_sparse_distances_have_no_landmarks():
    for refused in (
        lambda X: tl.landmarks(X, 2, metric="precomputed"),
        lambda X: tl.rips(X, n_landmarks=2, metric="precomputed"),
    ):
        with pytest.raises(ValueError, match="`n_landmarks` must be None for sparse distances"):
            refused(csr_matrix(D4))
    with pytest.raises(ValueError, match="`X` must not be sparse"):
        tl.distances(csr_matrix(D4), metric="precomputed")


@pytest.mark.parametrize("value", ["0", 1.5, np.random.RandomState(0), True])
def test_seeds_that_are_none(value):
    with pytest.raises(TypeError, match="`rng` must be None, an int or a numpy Generator"):
        tl.landmarks(CLOUD, 2, rng=value)


@pytest.mark.parametrize(
    ("metric", "error", "message"),
    [
        ("minkowski", ValueError, '`metric` must be one of euclidean, .*; found "minkowski"'),
        ("Euclidean", ValueError, '`metric` must be one of .*; found "Euclidean"'),
        (3, TypeError, "`metric` must be .*; found 3"),
        (None, TypeError, "`metric` must be .*; found None"),
    ],
)
def test_metrics_that_are_unknown(metric, error, message):
    neighbors = partial(tl.spaces.neighbor_graph, k=3)
    geodesics = partial(tl.spaces.geodesic_distances, k=3)
    chosen = partial(tl.landmarks, n_landmarks=2)
    for function in (tl.distances, tl.rips, tl.hop_betti, neighbors, geodesics, chosen):
        with pytest.raises(error, match=message):
            function(CLOUD, metric=metric)


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        (-1.0, ValueError, r"`metric` must .*; found -1.* at \[0, 2\]"),
        (np.nan, ValueError, r"`metric` must .*; found nan at \[0, 2\]"),
        ("far", TypeError, "`metric` must .*; found 'far'"),
        (None, TypeError, "`metric` must .*; found None"),
        (1j, TypeError, "`metric` must .*; found 1j"),
        (np.ones(2), TypeError, "`metric` must .*; found array"),
    ],
)
def test_functions_that_are_no_metric(answer, error, message):
    """The culprit is the function, so it is named; the place is the pair of rows."""

    def metric(u, v):
        return answer if {u[0], v[0]} == {0.0, 3.0} else abs(u[0] - v[0])

    with pytest.raises(error, match=message):
        tl.distances([[0.0], [1.0], [3.0]], metric=metric)


def test_what_a_metric_raises_passes_through():
    def broken(u, v):
        raise LookupError("no distance")

    with pytest.raises(LookupError, match="no distance"):
        tl.distances(CLOUD, metric=broken)


@pytest.mark.parametrize(
    ("limit", "error", "message"),
    [
        (0, ValueError, "`max_memory` must be a positive number of bytes; found 0"),
        (-1, ValueError, "`max_memory` must be .*; found -1"),
        ("much", TypeError, "`max_memory` must be .*; found 'much'"),
        (1000, MemoryError, "distances of 40 points .*kB .*1.00 kB are allowed; .* would fit"),
    ],
)
def test_limits_of_memory(limit, error, message):
    with pytest.raises(error, match=message):
        tl.distances(CLOUD, max_memory=limit)


def test_masked_entries_are_not_read():
    masked = np.ma.masked_equal([[1.0, 2.0], [3.0, 99.0]], 99.0)
    with pytest.raises((ValueError, TypeError), match="`X`"):
        tl.distances(masked)


def test_a_shape_that_no_memory_holds_is_refused():
    """In a process of its own: an allocation that fails would end this one."""
    program = (
        "import topolens as tl; from scipy.sparse import coo_matrix; "
        "tl.rips(coo_matrix((2**40, 2**40)), metric='precomputed')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 1, done.stderr[:200]
    assert re.search(r"(Value|Memory|Overflow)Error: .*(`X`|memory)", done.stderr)
