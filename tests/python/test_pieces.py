"""Pieces of classes among others against all trees by brute force, scipy, and shuffles."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.spatial.distance import cdist
from scipy.stats import kstest

import topolens as tl
from topolens.homology import pieces_among_others
from topolens.measures import Pieces

METRICS = ("euclidean", "sqeuclidean", "cityblock", "chebyshev", "cosine", "correlation", "hamming")


def edges_of_all_trees(D: np.ndarray) -> np.ndarray:
    """Which pairs are in some minimum spanning tree: shorter ones do not connect their ends."""
    joined = np.zeros(D.shape, dtype=bool)
    for length in np.unique(D):
        _, near = connected_components(length > D)
        joined |= (length == D) & (near[:, None] != near[None, :])
    np.fill_diagonal(joined, False)
    return joined


def sizes_of(joined: np.ndarray, labels: np.ndarray) -> list[list[int]]:
    found = []
    for label in np.unique(labels):
        _, piece = connected_components(joined[np.ix_(labels == label, labels == label)])
        found.append(sorted(np.bincount(piece).tolist(), reverse=True))
    return found


def sizes(result) -> list[list[int]]:
    """Those of the only tree."""
    (tree,) = result.sizes
    return [of_class.tolist() for of_class in tree]


def cloud(n: int = 80, seed: int = 0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, size=n)
    return rng.normal(size=(n, 5)) + labels[:, None], labels


# --- the count ----------------------------------------------------------------------------------


@pytest.mark.parametrize("metric", [metric for metric in METRICS if metric != "hamming"])
def test_every_metric_against_scipys_tree(metric):
    X, labels = cloud()
    tree = minimum_spanning_tree(cdist(X, X, metric)).toarray() > 0
    expected = sizes_of(tree | tree.T, labels)
    space = tl.MetricSpace.of_points(X, metric)
    assert sizes(pieces_among_others(X, labels, metric=metric, n_resamples=1)) == expected
    assert sizes(pieces_among_others(space, labels, n_resamples=1)) == expected


@settings(max_examples=150, deadline=None)
@given(
    X=arrays(
        np.float64, st.tuples(st.integers(2, 24), st.integers(1, 3)), elements=st.integers(0, 3)
    ),
    data=st.data(),
    metric=st.sampled_from(["sqeuclidean", "cityblock", "chebyshev", "hamming"]),
)
def test_points_that_repeat_and_distances_that_tie(X, data, metric):
    labels = data.draw(arrays(np.int64, len(X), elements=st.integers(0, 2)))
    labels[:2] = [0, 1]
    joined = edges_of_all_trees(cdist(X, X, metric))
    found = pieces_among_others(X, labels, metric=metric, n_resamples=1)
    assert found.n_edges == joined.sum() / 2
    assert len(found.sizes) == (1 if found.n_edges == len(X) - 1 else 20)
    # No tree has fewer pieces than all trees together.
    least = np.array([len(of_class) for of_class in sizes_of(joined, labels)])
    for tree in found.sizes:
        assert ([len(of_class) for of_class in tree] >= least).all()
        assert [sum(of_class) for of_class in tree] == np.unique(labels, return_counts=True)[
            1
        ].tolist()
    if len(found.sizes) == 1:
        assert sizes(found) == sizes_of(joined, labels)


def minimum_trees(D: np.ndarray):
    """Every minimum spanning tree, by trying all sets of edges."""
    n = len(D)
    trees = []
    for chosen in combinations(combinations(range(n), 2), n - 1):
        tree = np.zeros(D.shape, dtype=bool)
        tree[tuple(np.transpose(chosen))] = True
        if connected_components(tree)[0] == 1:
            trees.append(tree | tree.T)
    lengths = [D[tree].sum() for tree in trees]
    return [tree for tree, length in zip(trees, lengths, strict=True) if length == min(lengths)]


@pytest.mark.parametrize("seed", range(6))
def test_where_distances_tie_all_trees_are_minimum_and_all_are_drawn(seed):
    rng = np.random.default_rng(seed)
    X, labels = rng.integers(0, 3, size=(6, 2)).astype(float), np.array([0, 1, 1, 0, 0, 1])
    X[:4] = [[0, 0], [1, 0], [0, 1], [1, 1]]  # a square: four trees at least
    known = {str(sizes_of(tree, labels)) for tree in minimum_trees(cdist(X, X, "cityblock"))}
    drawn = set()
    for _ in range(20):
        found = pieces_among_others(X, labels, metric="cityblock", n_resamples=1, rng=rng)
        drawn |= {str([of_class.tolist() for of_class in tree]) for tree in found.sizes}
        of_trees = [[len(of_class) for of_class in tree] for tree in found.sizes]
        np.testing.assert_allclose(found.n_pieces, np.mean(of_trees, axis=0))
    assert drawn == known


def test_the_order_of_rows_does_not_matter():
    X, labels = cloud()
    order = np.random.default_rng(1).permutation(len(X))
    found = pieces_among_others(X[order], labels[order], n_resamples=1)
    assert sizes(found) == sizes(pieces_among_others(X, labels, n_resamples=1))
    # With ties, trees are drawn: the mean is the same.
    X = X.round()
    means, others = (
        [
            pieces_among_others(X[o], labels[o], n_resamples=1, rng=seed).n_pieces
            for seed in range(40)
        ]
        for o in (np.arange(len(X)), order)
    )
    error = np.std(means, axis=0) * (2 / 40) ** 0.5
    assert (np.abs(np.mean(means, axis=0) - np.mean(others, axis=0)) < 4 * error).all()


def test_naitzats_sets_have_the_pieces_they_are_made_of():
    X, y = tl.datasets.naitzat("D-I", rng=0)
    found = pieces_among_others(X, y, n_resamples=1)
    assert found.n_pieces.tolist() == [9, 1]  # disks, and the plane around them
    X, y = tl.datasets.nested_spheres(200)
    found = pieces_among_others(X, y, n_resamples=1)
    # Nine shells, and nine balls within them; no other class lies between the outer shells.
    assert found.n_pieces.tolist() == [9, 9 + 1]


@pytest.mark.parametrize("factor", [2.0**-30, 3.7, 1e100])
def test_scale_does_not_matter(factor):
    X, labels = cloud()
    assert sizes(pieces_among_others(X * factor, labels)) == sizes(pieces_among_others(X, labels))


def test_threads_and_ways_do_not_matter():
    X, labels = cloud(700, seed=3)
    one = pieces_among_others(X, labels, rng=0, n_threads=1)
    # Too little memory for the distances: row by row.
    rows = pieces_among_others(X, labels, rng=0, n_resamples=99, max_memory=1_900_000)
    matrix = pieces_among_others(X, labels, rng=0, n_resamples=99)
    assert sizes(rows) == sizes(matrix) == sizes(one)
    assert rows.p_values.tolist() == matrix.p_values.tolist()
    for n_threads in (2, 5):
        many = pieces_among_others(X, labels, rng=0, n_threads=n_threads)
        assert sizes(many) == sizes(one) and many.p_values.tolist() == one.p_values.tolist()


# --- chance -------------------------------------------------------------------------------------


def test_by_chance_is_the_mean_over_shuffled_labels():
    X, labels = cloud(60)
    rng = np.random.default_rng(1)
    counts = [
        pieces_among_others(X, rng.permutation(labels), n_resamples=1).n_pieces for _ in range(2000)
    ]
    mean, error = np.mean(counts, axis=0), np.std(counts, axis=0) / 2000**0.5
    by_chance = pieces_among_others(X, labels).by_chance
    assert (np.abs(mean - by_chance) < 4 * error).all()
    assert (error < 0.05).all()


def test_by_chance_where_distances_tie():
    rng = np.random.default_rng(1)
    X, labels = rng.integers(0, 5, size=(50, 2)).astype(float), rng.integers(0, 2, size=50)
    found = [
        pieces_among_others(X, rng.permutation(labels), n_resamples=1, rng=rng) for _ in range(1000)
    ]
    counts = [one.n_pieces for one in found]
    assert found[0].n_edges > 49
    error = np.std(counts, axis=0) / 1000**0.5
    assert (np.abs(np.mean(counts, axis=0) - found[0].by_chance) < 4 * error).all()


@pytest.mark.parametrize("tied", [False, True])
def test_p_values_are_uniform_or_larger_if_labels_are_shuffled(tied):
    rng = np.random.default_rng(2)
    found = []
    for _ in range(400):
        X = rng.normal(size=(40, 3)).round(0 if tied else 9)
        labels = rng.permutation(np.repeat([0, 1], 20))
        found.append(pieces_among_others(X, labels, n_resamples=99, rng=rng).p_values[0])
    assert kstest(found, "uniform", alternative="greater").pvalue > 0.01
    assert 0.005 < np.mean(np.array(found) <= 0.05) < 0.08


def test_p_values_of_classes_apart_are_the_least():
    X, labels = cloud()
    assert (pieces_among_others(X + 9 * labels[:, None], labels, rng=0).p_values == 0.001).all()


# --- the edges ----------------------------------------------------------------------------------


def test_equal_points_have_as_many_pieces_as_by_chance():
    found = pieces_among_others(np.ones((40, 2)), np.arange(40) % 4, rng=0)
    np.testing.assert_allclose(found.n_pieces / found.by_chance, 1, atol=0.1)
    assert (found.p_values > 0.05).all()


def test_classes_that_have_shrunk_to_points_of_their_own_hold_together():
    labels = np.arange(40) % 4
    found = pieces_among_others(np.eye(4)[labels], labels, rng=0)
    assert found.n_pieces.tolist() == [1] * 4 and (found.p_values == 0.001).all()
    mixed = pieces_among_others(np.eye(4)[labels], (np.arange(40) // 4) % 4, rng=0)
    np.testing.assert_allclose(mixed.n_pieces / mixed.by_chance, 1, atol=0.25)


def test_classes_of_one_point():
    found = pieces_among_others([[0.0], [1.0], [5.0]], ["a", "b", "c"], rng=0)
    assert found.n_pieces.tolist() == [1, 1, 1] and found.by_chance.tolist() == [1, 1, 1]
    assert found.of_at_least(2).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("X", "labels", "message"),
    [
        ([[0.0], [1.0]], [1, 1], "at least two classes; found 1: there is nothing to compare"),
        (np.empty((0, 2)), [], "at least two classes; found 0"),
        ([[0.0], [1.0]], [0, 1, 1], "shape \\(2,\\)"),
        ([[0.0], [np.nan]], [0, 1], "finite"),
        ([[0.0], [1.0]], [0.0, np.nan], "labels"),
    ],
)
def test_refusals(X, labels, message):
    with pytest.raises(ValueError, match=message):
        pieces_among_others(X, labels)


def test_infinite_and_missing_distances_are_refused():
    with pytest.raises(ValueError, match="finite distances"):
        pieces_among_others(tl.MetricSpace([1.0, np.inf, np.inf]), [0, 1, 1])
    sparse = tl.spaces.neighbor_graph(np.arange(9.0)[:, None], 3)
    with pytest.raises(ValueError, match="sparse"):
        pieces_among_others(sparse, np.arange(9) % 2, metric="precomputed")


def test_too_many_shuffles_are_refused():
    X, labels = cloud()
    with pytest.raises(MemoryError, match="fewer resamples"):
        pieces_among_others(X, labels, max_memory=100_000)


# --- the measure --------------------------------------------------------------------------------


def test_the_measure_yields_the_numbers_of_each_class():
    X, labels = cloud()
    names = np.array(["x", "y", "z"])[labels]
    measured = Pieces().measure(X, labels=names, rng=np.random.default_rng(0))
    found = pieces_among_others(X, names, rng=0)
    assert list(measured) == ["x", "y", "z"]
    for place, values in enumerate(measured.values()):
        assert [(v.measure, v.degree, v.scale) for v in values] == [
            (name, -1, np.inf) for name in ("pieces", "pieces_of_three", "pieces_of_chance")
        ]
        assert values[0].value == found.n_pieces[place]
        assert values[1].value == found.of_at_least(3)[place]
        assert values[2].value == found.n_pieces[place] / found.by_chance[place]


def test_the_measure_takes_spaces_and_all_metrics():
    X, labels = cloud()
    rng = np.random.default_rng(0)
    for metric in ("cosine", "l1"):
        points = Pieces(metric=metric).measure(X, labels=labels, rng=rng)
        space = tl.MetricSpace.of_points(X, metric)
        assert points == Pieces(metric=metric).measure(space, labels=labels, rng=rng)
    assert Pieces(metric="l1").metric == "cityblock" and Pieces.needs_labels
    with pytest.raises(ValueError, match="metric"):
        Pieces(metric="no such")
