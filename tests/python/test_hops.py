"""`hop_betti` against an independent pipeline and the inputs of the paper."""

from __future__ import annotations

import dataclasses
import pickle

import gudhi
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial.distance import cdist

import topolens as tl
from oracle import betti_by_rank, joined_neighbors
from topolens import datasets


def cases(count):
    return settings(max_examples=count, deadline=None)


# --- the independent pipeline -------------------------------------------------------------------


def distinct(X):
    """Points without repetitions, in the order of their first appearance."""
    _, first = np.unique(X, axis=0, return_index=True)
    return X[np.sort(first)]


def hop_pairs(graph, hops):
    """Boolean matrix: within `hops` steps of each other, and not equal."""
    steps = dijkstra(graph, directed=False, unweighted=True, limit=hops)
    return (steps <= hops) & (steps > 0)


def assert_facts(result, X, k, hops, metric="sqeuclidean"):
    points = distinct(X)
    graph = csr_matrix(joined_neighbors(cdist(points, points, metric), k))
    near = hop_pairs(graph, hops)
    assert result.n == len(X)
    assert result.n_distinct == len(points)
    assert result.n_components == connected_components(graph)[0]
    assert result.n_edges == near.sum() // 2
    assert result.max_degree == near.sum(axis=1).max()
    assert (result.k, result.hops) == (k, hops)
    return near


def values(result):
    """All there is in a result, comparable."""
    return dataclasses.asdict(result) | {"betti": result.betti.tolist()}


def betti_by_gudhi(near, maxdim, p=2):
    """Betti numbers of a flag complex after collapsing its edges."""
    tree = gudhi.SimplexTree()
    tree.insert_batch(np.arange(len(near), dtype=np.int32)[None], np.zeros(len(near)))
    edges = np.array(np.nonzero(np.triu(near)), dtype=np.int32)
    tree.insert_batch(edges, np.ones(edges.shape[1]))
    tree.collapse_edges(nb_iterations=3)
    tree.expansion(maxdim + 1)
    tree.compute_persistence(p, min_persistence=0, persistence_dim_max=True)
    return (tree.betti_numbers() + [0] * (maxdim + 1))[: maxdim + 1]


# --- small clouds against ranks -----------------------------------------------------------------

lattice_points = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=12)


@cases(150)
@given(lattice_points, st.data())
def test_tied_clouds(points, data):
    X = np.array(points, dtype=float)
    k = data.draw(st.integers(1, len(X) - 1), label="k")
    hops = data.draw(st.integers(1, 3), label="hops")
    maxdim = data.draw(st.integers(0, 2), label="maxdim")
    p = data.draw(st.sampled_from([2, 3, 5]), label="p")
    result = tl.hop_betti(X, k=k, hops=hops, maxdim=maxdim, coeff=p)
    near = assert_facts(result, X, k, hops)
    assert result.betti.dtype == np.int64
    assert result.betti.tolist() == betti_by_rank(np.where(near, 1.0, np.inf), 1, maxdim, p)


@cases(100)
@given(st.integers(0, 2**32 - 1), st.integers(4, 13), st.integers(1, 4), st.data())
def test_random_clouds(seed, n, d, data):
    X = np.random.default_rng(seed).normal(size=(n, d))
    k = data.draw(st.integers(2, min(n - 1, 5)), label="k")
    hops = data.draw(st.integers(1, 2), label="hops")
    maxdim = data.draw(st.integers(0, 2), label="maxdim")
    result = tl.hop_betti(X, k=k, hops=hops, maxdim=maxdim)
    near = assert_facts(result, X, k, hops)
    assert result.betti.tolist() == betti_by_rank(np.where(near, 1.0, np.inf), 1, maxdim)


# --- larger clouds against gudhi ----------------------------------------------------------------


@pytest.mark.parametrize("p", [2, 3])
@pytest.mark.parametrize(("d", "k", "hops"), [(2, 4, 1), (2, 6, 2), (3, 5, 2), (10, 4, 2)])
def test_clouds_against_gudhi(d, k, hops, p):
    for seed in range(3):
        X = np.random.default_rng(seed).normal(size=(160, d))
        results = [tl.hop_betti(X, k=k, hops=hops, maxdim=m, coeff=p) for m in range(3)]
        near = [assert_facts(result, X, k, hops) for result in results][2]
        expected = betti_by_gudhi(near, 2, p)
        assert [r.betti.tolist() for r in results] == [expected[:1], expected[:2], expected]


@pytest.mark.parametrize("hops", [1, 2, 3])
def test_lattices_against_gudhi(hops):
    """Integer points, so that most distances are tied."""
    X = np.random.default_rng(0).integers(0, 15, (200, 2))
    for k in (3, 5, 8):
        result = tl.hop_betti(X, k=k, hops=hops, maxdim=2)
        assert result.betti.tolist() == betti_by_gudhi(assert_facts(result, X, k, hops), 2)
        up_to_loops = tl.hop_betti(X, k=k, hops=hops)
        assert up_to_loops.betti.tolist() == result.betti[:2].tolist()


@pytest.mark.parametrize("p", [2, 3, 5])
def test_projective_plane_knows_its_field(p):
    X = datasets.projective_plane(300, rng=0)
    for maxdim in range(3):
        result = tl.hop_betti(X, k=12, hops=2, maxdim=maxdim, coeff=p)
        expected = [1, 1, 1] if p == 2 else [1, 0, 0]
        assert result.betti.tolist() == expected[: maxdim + 1]


@pytest.mark.parametrize(
    ("make", "k"),
    [
        (lambda rng: rng.normal(size=(300, 64)), 14),  # noise: one lump
        (lambda rng: np.maximum(rng.normal(size=(300, 6)) @ rng.normal(size=(6, 80)), 0), 5),
        (lambda rng: rng.uniform(size=(500, 2)), 5),  # a square full of holes
        (lambda rng: datasets.torus(600, rng=rng), 10),
        (lambda rng: np.repeat(rng.integers(0, 5, (120, 3)), 3, axis=0), 7),
        (lambda rng: 1e6 + rng.normal(size=(200, 3)), 4),
        (lambda rng: 1e-150 * rng.normal(size=(200, 3)), 4),
        (lambda rng: 1e150 * rng.normal(size=(200, 3)), 4),
    ],
)
@pytest.mark.parametrize("hops", [1, 2, 3])
def test_loops_against_ripser(make, k, hops):
    ripser = pytest.importorskip("ripser").ripser
    X = make(np.random.default_rng(3)).astype(float)
    result = tl.hop_betti(X, k=k, hops=hops)
    points = distinct(X)
    steps = csr_matrix(hop_pairs(tl.spaces.neighbor_graph(points, k), hops).astype(np.float32))
    diagrams = ripser(steps, maxdim=1, distance_matrix=True)["dgms"]
    assert result.betti.tolist() == [np.isinf(bars[:, 1]).sum() for bars in diagrams]


# --- the sets of the paper ----------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_disks_in_plane(seed):
    X, y = datasets.naitzat("D-I", rng=seed)
    for label, betti in ((0, [9, 0]), (1, [1, 9])):
        points = X[y == label][::3]
        assert tl.hop_betti(points, k=14).betti.tolist() == betti
        steps = np.round((points + 1) / 0.019)  # where equal distances are equal to the last bit
        result = tl.hop_betti(steps, k=14)
        assert result.betti.tolist() == betti
        assert_facts(result, steps, 14, 2)


@pytest.mark.parametrize("label", [0, 1])
def test_linked_tori(label):
    X, y = datasets.naitzat("D-II", rng=0)
    result = tl.hop_betti(X[y == label][::4], k=35)
    assert result.betti.tolist() == [9, 9]
    assert (result.n_components, result.n_distinct) == (9, 5625)
    assert 350_000 < result.n_edges < 370_000


@pytest.mark.parametrize(("label", "betti"), [(0, [9, 0, 9]), (1, [18, 0, 9])])
def test_nested_spheres(label, betti):
    X, y = datasets.naitzat("D-III")
    result = tl.hop_betti(X[y == label][::4], k=35, maxdim=2)
    assert result.betti.tolist() == betti
    assert result.n_components == betti[0]


# --- laws ---------------------------------------------------------------------------------------


def test_repeated_points_are_merged():
    X = datasets.figure_eight(150, rng=0)
    once = tl.hop_betti(X, k=6)
    again = tl.hop_betti(np.repeat(X, 3, axis=0), k=6)
    assert (again.n, again.n_distinct) == (450, 150)
    assert values(dataclasses.replace(again, n=150)) == values(once)


def test_zero_has_no_sign():
    X = np.array([[0.0, 0], [-0.0, 0], [1, 0], [2, 0], [3, 0]])
    assert tl.hop_betti(X, k=2).n_distinct == 4


def test_fewer_distinct_points_than_neighbours():
    """As in the last layers of a network: all of them are neighbours."""
    X = np.repeat(np.random.default_rng(0).normal(size=(5, 2)), 10, axis=0)
    result = tl.hop_betti(X, k=14)
    assert (result.n, result.n_distinct, result.n_edges) == (50, 5, 10)
    assert result.betti.tolist() == [1, 0]
    assert tl.hop_betti(np.ones((20, 3)), maxdim=2).betti.tolist() == [1, 0, 0]


def test_components_add_up():
    X = datasets.circle(80, rng=0)
    pair = tl.hop_betti(np.vstack([X, X + 10]), k=6)
    assert pair.betti.tolist() == (2 * tl.hop_betti(X, k=6).betti).tolist()


@pytest.mark.parametrize("metric", ["euclidean", "cityblock", "chebyshev", "cosine"])
def test_metrics(metric):
    X = np.random.default_rng(0).normal(size=(80, 3))
    result = tl.hop_betti(X, k=5, metric=metric)
    near = assert_facts(result, X, 5, 2, metric)
    assert result.betti.tolist() == betti_by_gudhi(near, 1)


@pytest.mark.parametrize("n_threads", [2, 3, None])
def test_threads_do_not_matter(n_threads):
    X, y = datasets.nested_spheres(400)
    X = X[y == 1][::4]
    one = tl.hop_betti(X, k=20, maxdim=2, n_threads=1)
    other = tl.hop_betti(X, k=20, maxdim=2, n_threads=n_threads)
    assert values(one) == values(other)


@pytest.mark.parametrize(
    "make",
    [np.ndarray.tolist, np.asfortranarray, lambda a: a.astype(np.float32), lambda a: a.astype(int)],
)
def test_kinds_of_points(make):
    X = np.random.default_rng(0).integers(0, 40, (100, 3)).astype(float)
    assert tl.hop_betti(make(X), k=5).betti.tolist() == tl.hop_betti(X, k=5).betti.tolist()


def test_torch_points():
    torch = pytest.importorskip("torch")
    X = np.random.default_rng(0).normal(size=(100, 3)).astype(np.float32)
    tensor = torch.tensor(X, requires_grad=True)
    assert tl.hop_betti(tensor, k=5).betti.tolist() == tl.hop_betti(X, k=5).betti.tolist()


def test_result_is_frozen_and_pickles():
    result = tl.hop_betti(datasets.circle(50, rng=0), k=6)
    copy = pickle.loads(pickle.dumps(result))
    assert values(copy) == values(result)
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.k = 3


# --- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [20, 25])
def test_k_must_be_smaller_than_the_number_of_points(k):
    X = np.random.default_rng(0).normal(size=(20, 2))
    with pytest.raises(ValueError, match=rf"`k` must be smaller than .*20.*{k}"):
        tl.hop_betti(X, k=k)


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("k", 0, ValueError),
        ("k", -3, ValueError),
        ("k", 2.5, (TypeError, ValueError)),
        ("hops", 0, ValueError),
        ("hops", -1, ValueError),
        ("hops", 1.5, (TypeError, ValueError)),
        ("maxdim", -1, ValueError),
        ("maxdim", 200, (ValueError, OverflowError)),
        ("coeff", 1, ValueError),
        ("coeff", 4, ValueError),
        ("coeff", 65_537, ValueError),
        ("metric", "cabbage", ValueError),
        ("n_threads", 0, ValueError),
        ("max_memory", 0, ValueError),
    ],
)
def test_bad_arguments(name, value, error):
    X = datasets.circle(50, rng=0)
    with pytest.raises(error, match=f"`{name}`"):
        tl.hop_betti(X, **{name: value})


@pytest.mark.parametrize(
    ("points", "error"),
    [
        (np.full((30, 2), np.nan), ValueError),
        (np.full((30, 2), np.inf), ValueError),
        (np.zeros(30), ValueError),
        ("points", TypeError),
        (np.zeros((30, 2), dtype=complex), TypeError),
    ],
)
def test_bad_points(points, error):
    with pytest.raises(error, match="`X`"):
        tl.hop_betti(points)


def test_no_points():
    with pytest.raises(ValueError, match=r"`k`|`X`"):
        tl.hop_betti(np.zeros((0, 2)))


def test_refuses_what_does_not_fit():
    """Two thousand points all within two hops of a hub."""
    X = np.vstack([np.zeros((1, 2000)), np.eye(2000)])
    with pytest.raises(MemoryError, match=r"\d.*[kMGT]?B"):
        tl.hop_betti(X, k=2, maxdim=2, max_memory=100_000)


def test_errors_of_the_callback_pass_through():
    class Stop(Exception):
        pass

    def stop(done, total):
        raise Stop

    X, y = datasets.naitzat("D-III")
    with pytest.raises(Stop):
        tl.hop_betti(X[y == 1][::2], k=35, maxdim=2, progress=stop)
