"""Distances of diagrams from their definitions, and diagrams of every kind to try them on."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linear_sum_assignment
from scipy.sparse.csgraph import maximum_bipartite_matching

INF = np.inf
KINDS = ("uniform", "lattice", "bars", "near", "same", "empty", "multiple")


def norm(vectors, q):
    return np.linalg.norm(vectors, ord=q, axis=-1)


def finite(dgm):
    return dgm[np.isfinite(dgm).all(axis=1)]


def essential(dgm):
    """The finite ends of the three kinds of classes without one, sorted."""
    birth, death = dgm.T
    kinds = (death == INF) & np.isfinite(birth), (birth == -INF) & np.isfinite(death)
    return [np.sort(birth[kinds[0]]), np.sort(death[kinds[1]]), dgm[np.isinf(dgm).all(axis=1), 0]]


def augmented(a, b, q):
    """What it costs to match points with points or with copies of the diagonal."""
    n, m = len(a), len(b)
    costs = np.full((n + m, n + m), INF)
    costs[:n, :m] = norm(a[:, None] - b[None], q)
    costs[n:, m:] = 0
    costs[:n, m:][np.eye(n, dtype=bool)] = norm((a[:, [1]] - a[:, [0]]) / 2 * [1, 1], q)
    costs[n:, :m][np.eye(m, dtype=bool)] = norm((b[:, [1]] - b[:, [0]]) / 2 * [1, 1], q)
    return costs


def essential_lengths(a, b):
    pairs = list(zip(essential(a), essential(b), strict=True))
    if any(len(x) != len(y) for x, y in pairs):
        return None
    return np.concatenate([np.abs(x - y) for x, y in pairs[:2]])


def wasserstein(a, b, p, q):
    lengths = essential_lengths(a, b)
    if lengths is None:
        return INF
    costs = augmented(finite(a), finite(b), q)
    costs[np.isinf(costs)] = 1e9
    i, j = linear_sum_assignment(costs**p)
    return ((costs[i, j] ** p).sum() + (lengths**p).sum()) ** (1 / p)


def bottleneck(a, b):
    lengths = essential_lengths(a, b)
    if lengths is None:
        return INF
    costs = augmented(finite(a), finite(b), INF)
    radii = np.unique(np.concatenate([[0], costs[np.isfinite(costs)]]))

    def matched(radius):
        graph = sp.csr_matrix(costs <= radius)
        return bool((maximum_bipartite_matching(graph, perm_type="column") >= 0).all())

    return max(radii[bisect_left(radii, True, key=matched)], lengths.max(initial=0.0))


def sliced(a, b, n_directions):
    total = 0.0
    for k in range(n_directions):
        angle = np.pi * (0.5 + k / n_directions)
        line = np.array([np.cos(angle), np.sin(angle)])
        onto = [np.repeat(dgm.mean(axis=1, keepdims=True), 2, axis=1) for dgm in (a, b)]
        left = np.sort(np.vstack([a, onto[1]]) @ line)
        right = np.sort(np.vstack([b, onto[0]]) @ line)
        total += np.abs(left - right).sum()
    return total / n_directions


def landscapes(dgm, k, ts):
    heights = np.minimum(ts - dgm[:, [0]], dgm[:, [1]] - ts).clip(0)
    heights = np.vstack([heights, np.zeros((k, len(ts)))])
    return -np.sort(-heights, axis=0)[:k]


def landscape_distance(a, b, k, p):
    """Exact for p = 2 and p = inf: between corners both landscapes are linear."""
    bars = np.vstack([a, b, np.zeros((1, 2))])
    births, deaths = bars.T
    corners = np.concatenate([births, deaths, (births[:, None] + deaths).ravel() / 2])
    ts = np.unique(corners)
    gap = landscapes(a, k, ts) - landscapes(b, k, ts)
    if p == INF:
        return np.abs(gap).max()
    left, right = gap[:, :-1], gap[:, 1:]
    return np.sqrt((np.diff(ts) * (left**2 + left * right + right**2) / 3).sum())


# --- diagrams -----------------------------------------------------------------------------------


def uniform(n, rng):
    return np.sort(rng.random((n, 2)), axis=1)


def lattice(n, rng):
    """Many ties, equal points and points on the diagonal."""
    return np.sort(rng.integers(0, 6, (n, 2)), axis=1).astype(float)


def bars(n, rng):
    """Many short bars and a few long ones, as of real data."""
    births, lengths = rng.gamma(4, 0.05, n), rng.exponential(0.02, n)
    lengths[: n // 50 + 2] *= 30
    return np.c_[births, births + lengths]


def near(dgm, rng, scale=0.01):
    """The same points in another order, all moved a little."""
    moved = dgm + rng.uniform(-scale, scale, dgm.shape)
    return np.c_[moved[:, 0], np.maximum(moved[:, 0], moved[:, 1])][rng.permutation(len(dgm))]


def pair(seed, most=14):
    """A pair of diagrams, of each kind in turn."""
    rng, kind = np.random.default_rng(seed), KINDS[seed % len(KINDS)]
    n, m = rng.integers(0, most, 2)
    if kind == "lattice":
        return lattice(n, rng), lattice(m, rng)
    if kind == "bars":
        return bars(n, rng), bars(m, rng)
    a = uniform(n, rng)
    if kind == "near":
        return a, near(a, rng)
    if kind == "same":
        return a, a[rng.permutation(n)]
    if kind == "empty":
        return (a, np.empty((0, 2))) if seed % 2 else (np.empty((0, 2)), a)
    if kind == "multiple":
        return np.repeat(a, 3, axis=0), np.repeat(uniform(m, rng), 2, axis=0)
    return a, uniform(m, rng)


def with_essential(dgm, rng, counts):
    """The diagram with as many classes that live for ever, always lived, and both."""
    ends = [rng.normal(size=count).round(1) for count in counts]
    rows = [
        np.c_[ends[0], np.full(counts[0], INF)],
        np.c_[np.full(counts[1], -INF), ends[1]],
        np.full((counts[2], 2), [-INF, INF]),
    ]
    return np.vstack([dgm, *rows])[rng.permutation(len(dgm) + sum(counts))]
