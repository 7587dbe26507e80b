"""Classes of networks, and the metrics that they inherit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

QUOTIENTS = ("exact", "net", "single", "complete")
INDUCED = ("representative", "chain", "hausdorff")


@dataclass(frozen=True, eq=False)
class Quotient:
    """Networks gathered into classes.

    Attributes
    ----------
    labels : ndarray of int64, shape (M,)
        The class of each network; classes are numbered in the order of their first networks.
    representatives : ndarray of int64, shape (C,)
        A network of each class: the centre of a net, otherwise the medoid.
    sizes : ndarray of int64, shape (C,)
        Networks of each class.
    radius : float
        Largest distance of a network to its representative.
    chain_diameter : float
        Largest distance between two networks of a class. For "single" it can be far above
        `eps`, since nearness is not transitive.
    eps : float
    method, induced : str
    names : tuple
        Those of the representatives.
    """

    labels: np.ndarray
    representatives: np.ndarray
    sizes: np.ndarray
    radius: float
    chain_diameter: float
    eps: float
    method: str
    induced: str
    names: tuple[Any, ...]
    _source: Any = field(repr=False)

    def __len__(self) -> int:
        """Count the classes."""
        return len(self.representatives)

    @property
    def distances(self) -> np.ndarray:
        """Distances between the classes, float64 of shape (C, C)."""
        if isinstance(self._source, np.ndarray):
            return self._source.copy()
        return self._source.distances().values

    def to_space(self) -> Any:
        """Return the classes as a :class:`topolens.MetricSpace`."""
        from topolens.spaces import MetricSpace

        return MetricSpace(self.distances, names=self.names)


def in_order_of_first(labels: np.ndarray) -> np.ndarray:
    """Return the labels renumbered from zero in the order in which they come."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return rank[inverse.reshape(-1)]


def farthest_point_order(matrix: np.ndarray, start: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the points, each the farthest from those before, and the radii that they leave."""
    order, radii = np.empty(len(matrix), np.int64), np.empty(len(matrix))
    nearest = np.full(len(matrix), np.inf)
    nxt = start
    for k in range(len(matrix)):
        order[k] = nxt
        nearest = np.minimum(nearest, matrix[nxt])
        nearest[nxt] = -1.0  # chosen; copies of it follow after all others
        nxt = int(nearest.argmax())
        radii[k] = max(nearest[nxt], 0.0)
    return order, radii


def find_classes(
    matrix: np.ndarray, eps: float, method: str, start: int
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the class of each point and, for a net, the centres in the same order."""
    if method == "exact":
        return in_order_of_first((matrix == 0).argmax(axis=1)), None
    if method == "net":
        order, radii = farthest_point_order(matrix, start)
        centres = order[: int(np.argmax(radii <= eps)) + 1]
        centres = np.sort(centres)
        nearest = matrix[:, centres].argmin(axis=1)
        labels = in_order_of_first(nearest)
        place = np.empty(len(centres), np.int64)
        place[labels[centres]] = centres
        return labels, place
    if len(matrix) == 1:
        return np.zeros(1, np.int64), None
    if method == "single":
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import connected_components

        return in_order_of_first(connected_components(csr_array(matrix <= eps))[1]), None
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    tree = linkage(squareform(matrix, checks=False), "complete")
    return in_order_of_first(fcluster(tree, eps, "distance")), None


def medoids(matrix: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the member of each class with the smallest sum of distances to the others."""
    found = []
    for one in range(int(labels.max()) + 1):
        members = np.flatnonzero(labels == one)
        found.append(members[matrix[np.ix_(members, members)].sum(axis=1).argmin()])
    return np.array(found, np.int64)


def within(matrix: np.ndarray, labels: np.ndarray) -> float:
    """Return the largest distance within a class."""
    return float(matrix[labels[:, None] == labels].max())


def induced_metric(
    matrix: np.ndarray, labels: np.ndarray, representatives: np.ndarray, induced: str
) -> np.ndarray:
    """Return distances between classes."""
    if induced == "representative":
        return matrix[np.ix_(representatives, representatives)]
    order = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[order], np.arange(len(representatives)))
    sorted_rows = matrix[np.ix_(order, order)]
    to_class = np.minimum.reduceat(sorted_rows, starts, axis=1)
    if induced == "hausdorff":
        one_sided = np.maximum.reduceat(to_class, starts, axis=0)
        return np.maximum(one_sided, one_sided.T)
    linkage = np.minimum.reduceat(to_class, starts, axis=0)
    for through in range(len(linkage)):  # Floyd and Warshall
        np.minimum(linkage, linkage[:, through, None] + linkage[through], out=linkage)
    return linkage
