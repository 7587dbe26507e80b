"""Classes of networks, and the metrics that they inherit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from topolens import _core
from topolens._calls import as_choice, as_non_negative
from topolens._networks.coverings import cover, medoid
from topolens.spaces import MetricSpace

if TYPE_CHECKING:
    from topolens.networks import NetworkSpace

METHODS = ("exact", "net", "single", "complete")
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
    _source: np.ndarray | NetworkSpace = field(repr=False)

    def __len__(self) -> int:
        """Count the classes."""
        return len(self.representatives)

    @property
    def distances(self) -> np.ndarray:
        """Distances between the classes, float64 of shape (C, C)."""
        if isinstance(self._source, np.ndarray):
            return self._source.copy()
        return self._source.distances().values

    def to_space(self) -> MetricSpace:
        """Return the classes as a :class:`topolens.MetricSpace`."""
        return MetricSpace(self.distances, names=self.names)


def quotient_of_labels(space: NetworkSpace, induced: str) -> Quotient:
    """Gather networks that predict the same, by hashing; their distances are left for later."""
    as_choice(induced, "induced", INDUCED)
    predicted = space._need_labels("quotient")
    if space.weights is not None:
        predicted = np.ascontiguousarray(predicted[:, space.weights > 0])
    labels = _core.classes_of_rows(predicted).astype(np.int64)
    representatives = np.unique(labels, return_index=True)[1]
    classes = space.select(representatives)
    return Quotient(
        labels=labels,
        representatives=representatives,
        sizes=np.bincount(labels),
        radius=0.0,
        chain_diameter=0.0,
        eps=0.0,
        method="exact",
        induced=induced,
        names=classes.names,
        _source=classes,
    )


def quotient_of_matrix(
    matrix: np.ndarray, names: tuple[Any, ...], eps: float, method: str | None, induced: str
) -> Quotient:
    """Gather networks by their distances, as :meth:`topolens.NetworkDistances.quotient` says."""
    radius = as_non_negative(eps, "eps")
    method = as_choice(method or ("net" if radius > 0 else "exact"), "method", METHODS)
    as_choice(induced, "induced", INDUCED)
    if method == "exact" and radius > 0:
        raise ValueError(f"`eps` must be 0 for the exact quotient; found {eps}")
    labels, centres = _find_classes(matrix, radius, method)
    representatives = _medoids(matrix, labels) if centres is None else centres
    to_representative = matrix[np.arange(len(matrix)), representatives[labels]]
    return Quotient(
        labels=labels,
        representatives=representatives,
        sizes=np.bincount(labels),
        radius=float(to_representative.max()),
        chain_diameter=float(matrix[labels[:, None] == labels].max()),
        eps=radius,
        method=method,
        induced=induced,
        names=tuple(names[i] for i in representatives),
        _source=induced_metric(matrix, labels, representatives, induced),
    )


def _in_order_of_first(labels: np.ndarray) -> np.ndarray:
    """Return the labels renumbered from zero in the order in which they come."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return rank[inverse.reshape(-1)]


def _find_classes(
    matrix: np.ndarray, eps: float, method: str
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the class of each point and, for a net, the centres in the same order."""
    if method == "exact":
        return _in_order_of_first((matrix == 0).argmax(axis=1)), None
    if method == "net":
        return _net(matrix, eps)
    if len(matrix) == 1:  # `linkage` refuses a single point
        return np.zeros(1, np.int64), None
    if method == "single":
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import connected_components

        return _in_order_of_first(connected_components(csr_array(matrix <= eps))[1]), None
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    tree = linkage(squareform(matrix, checks=False), "complete")
    return _in_order_of_first(fcluster(tree, eps, "distance")), None


def _net(matrix: np.ndarray, eps: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the class of each point, that of its nearest centre, and the centres."""
    curve = cover(matrix)
    # Sorted, so that of several nearest centres the first network is taken.
    found = np.sort(curve.order[: curve.number(eps)])
    labels = _in_order_of_first(matrix[:, found].argmin(axis=1))
    centres = np.empty(len(found), np.int64)
    centres[labels[found]] = found
    return labels, centres


def _medoids(matrix: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the medoid of each class."""
    found = []
    for label in range(int(labels.max()) + 1):
        members = np.flatnonzero(labels == label)
        found.append(members[medoid(matrix[np.ix_(members, members)])])
    return np.array(found, np.int64)


def induced_metric(
    matrix: np.ndarray, labels: np.ndarray, representatives: np.ndarray, induced: str
) -> np.ndarray:
    """Return distances between classes, as one of `INDUCED` says."""
    if induced == "representative":
        return matrix[np.ix_(representatives, representatives)]
    order = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[order], np.arange(len(representatives)))
    sorted_rows = matrix[np.ix_(order, order)]
    to_class = np.minimum.reduceat(sorted_rows, starts, axis=1)
    if induced == "hausdorff":
        one_sided = np.maximum.reduceat(to_class, starts, axis=0)
        return np.maximum(one_sided, one_sided.T)
    chains = np.minimum.reduceat(to_class, starts, axis=0)
    for through in range(len(chains)):  # the shortest paths of Floyd and Warshall
        np.minimum(chains, chains[:, through, None] + chains[through], out=chains)
    return chains
