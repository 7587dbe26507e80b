"""Whether two engines found the same diagrams, as far as float32 can tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import maximum_bipartite_matching
from scipy.spatial import KDTree

# float32 carries 6e-8 of a value; the largest value of a diagram gives the scale.
RELATIVE_TOLERANCE = 1e-6


def same_diagrams(ours: Sequence[np.ndarray], theirs: Sequence[np.ndarray]) -> bool:
    """Whether each degree's bottleneck distance is within what float32 can blur."""
    if len(ours) != len(theirs):
        return False
    pairs = [(as_bars(a), as_bars(b)) for a, b in zip(ours, theirs, strict=True)]
    values = np.concatenate([bars.ravel() for pair in pairs for bars in pair])
    scale = np.max(np.abs(values[np.isfinite(values)]), initial=0.0)
    return all(within(a, b, RELATIVE_TOLERANCE * scale) for a, b in pairs)


def as_bars(diagram: np.ndarray) -> np.ndarray:
    bars = np.asarray(diagram, dtype=float).reshape(-1, 2)
    if np.isnan(bars).any():
        raise ValueError("a diagram must hold no NaN")
    return bars


def within(a: np.ndarray, b: np.ndarray, tolerance: float) -> bool:
    """Whether the bottleneck distance of two diagrams is at most the tolerance."""
    forever = [np.sort(bars[np.isinf(bars[:, 1]), 0]) for bars in (a, b)]
    if len(forever[0]) != len(forever[1]):
        return False
    if np.any(np.abs(forever[0] - forever[1]) > tolerance):
        return False
    a, b = without_common(*(bars[np.isfinite(bars[:, 1])] for bars in (a, b)))
    return covers(a, b, tolerance) and covers(b, a, tolerance)


def without_common(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Drop bars that are one number for float32 in pairs: nearly all of them are."""
    counts = [Counter(map(tuple, bars.astype(np.float32).tolist())) for bars in (a, b)]
    rest = counts[0] - counts[1], counts[1] - counts[0]
    left, right = (np.array(list(c.elements()), dtype=float).reshape(-1, 2) for c in rest)
    return left, right


def covers(a: np.ndarray, b: np.ndarray, tolerance: float) -> bool:
    """Whether every bar of `a` too long for the diagonal finds a bar of `b` for itself.

    Where this holds both ways, one matching does both (Mendelsohn and Dulmage 1958).
    """
    long = a[a[:, 1] - a[:, 0] > 2 * tolerance]
    if not len(long):
        return True
    if not len(b):
        return False
    near = KDTree(b).query_ball_point(long, tolerance, p=np.inf)
    ends = np.cumsum([0, *map(len, near)])
    columns = np.array([j for row in near for j in row], dtype=np.int32)
    graph = sp.csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(long), len(b)))
    return bool(np.all(maximum_bipartite_matching(graph, perm_type="column") >= 0))


def majority(results: dict[str, Sequence[np.ndarray]]) -> list[str]:
    """Return the largest group of engines that agree, the earliest where groups tie."""
    groups: list[list[str]] = []
    for name, diagrams in results.items():
        for group in groups:
            if same_diagrams(results[group[0]], diagrams):
                group.append(name)
                break
        else:
            groups.append([name])
    return max(groups, key=len, default=[])
