"""The oracle itself, against answers known by hand."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from oracle import (
    MOORE_SPACE,
    PROJECTIVE_PLANE,
    betti_by_rank,
    boundary,
    check_cocycle,
    check_cocycles,
    persistence,
    span,
    subdivision,
)

INF = np.inf


def cycle_graph(n):
    """A cycle of `n` vertices: neighbours at 1, the rest at their distance along the cycle."""
    step = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    return np.minimum(step, n - step).astype(float)


def test_square():
    h0, h1 = persistence(cycle_graph(4))
    assert h0.tolist() == [[0, 1], [0, 1], [0, 1], [0, INF]]
    assert h1.tolist() == [[1, 2]]


def test_octahedron():
    """Antipodal pairs at distance 2, everything else at 1: a sphere from 1 to 2."""
    D = np.ones((6, 6)) - np.eye(6)
    D[[0, 1, 2, 3, 4, 5], [1, 0, 3, 2, 5, 4]] = 2
    *_, h1, h2 = persistence(D, maxdim=2)
    assert h1.tolist() == []
    assert h2.tolist() == [[1, 2]]


def test_missing_edges_leave_classes_essential():
    D = np.where(cycle_graph(4) == 2, INF, cycle_graph(4))
    assert persistence(D)[1].tolist() == [[1, INF]]
    assert persistence(cycle_graph(4), threshold=1)[1].tolist() == [[1, INF]]


@pytest.mark.parametrize(("p", "betti"), [(2, [1, 1, 1]), (3, [1, 0, 0]), (5, [1, 0, 0])])
def test_projective_plane_knows_its_field(p, betti):
    D = subdivision(PROJECTIVE_PLANE)
    assert len(D) == 31
    assert betti_by_rank(D, 1, maxdim=2, p=p) == betti


@pytest.mark.parametrize(("p", "betti"), [(2, [1, 0, 0]), (3, [1, 1, 1]), (5, [1, 0, 0])])
def test_moore_space_knows_its_field(p, betti):
    """Torsion of order three, from the triangles themselves: the subdivision is too large here."""
    faces = {tuple(sorted(f)) for t in MOORE_SPACE for d in (1, 2, 3) for f in combinations(t, d)}
    layers = [[f for f in faces if len(f) == d] for d in (1, 2, 3)]
    ranks = [len(span((boundary(f, p) for f in layer), p)) for layer in layers] + [0]
    assert [len(layers[d]) - ranks[d] - ranks[d + 1] for d in range(3)] == betti
    assert len(faces) == len(subdivision(MOORE_SPACE))


def test_ranks_agree_with_bars():
    rng = np.random.default_rng(0)
    for p in (2, 3, 5):
        D = np.triu(rng.integers(1, 5, (8, 8)), 1).astype(float)
        D += D.T
        bars = persistence(D, maxdim=2, p=p)
        for scale in range(5):
            alive = [int(((b[:, 0] <= scale) & (scale < b[:, 1])).sum()) for b in bars]
            assert betti_by_rank(D, scale, maxdim=2, p=p) == alive


def test_small_counts():
    assert [b.tolist() for b in persistence(np.zeros((0, 0)))] == [[], []]
    assert [b.tolist() for b in persistence(np.zeros((1, 1)))] == [[[0, INF]], []]
    assert [b.tolist() for b in persistence(np.zeros((2, 2)))] == [[[0, INF]], []]


def test_cocycles_are_told_from_impostors():
    D = cycle_graph(4)
    D[0, 2] = D[2, 0] = 2.5
    assert persistence(D)[1].tolist() == [[1, 2]]
    check_cocycle(D, [[1, 0, 1]], 1, 2, 2)
    check_cocycle(D, [[1, 0, 2]], 1, 2, 5)
    check_cocycle(D, [[0, 1, 1], [2, 3, 1]], 1, 2, 5)  # twice the class
    with pytest.raises(AssertionError, match="trivial at birth"):
        check_cocycle(D, [[0, 1, -1], [2, 3, 1]], 1, 2, 5)
    with pytest.raises(AssertionError, match="not a cocycle"):
        check_cocycle(D, [[1, 0, 1]], 1, 2.5, 2)
    with pytest.raises(AssertionError, match="extends beyond death"):
        check_cocycle(D, [[1, 0, 1]], 1, 1.5, 2)
    with pytest.raises(AssertionError, match="alive before birth"):
        check_cocycle(D, [[1, 0, 1]], 1.5, 2, 2)
    with pytest.raises(AssertionError, match="listed twice"):
        check_cocycle(D, [[1, 0, 1], [0, 1, 1]], 1, 2, 2)


def test_cocycles_alive_together_must_differ():
    D = np.full((8, 8), INF)
    D[:4, :4] = D[4:, 4:] = cycle_graph(4)
    bars = persistence(D)[1]
    assert bars.tolist() == [[1, 2], [1, 2]]
    check_cocycles(D, bars, [[[0, 1, 1]], [[4, 5, 1]]], 2)
    with pytest.raises(AssertionError, match="depend on each other"):
        check_cocycles(D, bars, [[[0, 1, 1]], [[1, 2, 1]]], 2)
