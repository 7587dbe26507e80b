"""Classes of networks, and the metrics that they inherit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, get_args

import numpy as np

from topolens import _core
from topolens._calls import as_choice, as_non_negative
from topolens.networks._predictions import Predictions
from topolens.networks._shape import cover, medoid
from topolens.spaces._spaces import MetricSpace, SpaceLike

QuotientMethod = Literal["exact", "net", "single", "complete"]
Induced = Literal["representative", "chain", "hausdorff"]

METHODS: tuple[str, ...] = get_args(QuotientMethod)
INDUCED: tuple[str, ...] = get_args(Induced)


@dataclass(frozen=True, eq=False, kw_only=True)
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

    labels: np.ndarray = field(repr=False)
    representatives: np.ndarray = field(repr=False)
    sizes: np.ndarray = field(repr=False)
    radius: float
    chain_diameter: float
    eps: float
    method: QuotientMethod
    induced: Induced
    names: tuple[Any, ...] = field(repr=False)
    _distances: Callable[[], np.ndarray] = field(repr=False)

    def __len__(self) -> int:
        """Count the classes."""
        return len(self.representatives)

    @property
    def distances(self) -> np.ndarray:
        """Distances between the classes, float64 of shape (C, C)."""
        return self._distances()

    def to_columns(self) -> dict[str, np.ndarray]:
        """Return the classes as columns, for pandas or polars."""
        names = np.array([str(name) for name in self.names], dtype=str)
        representatives, sizes = self.representatives.copy(), self.sizes.copy()
        return {"name": names, "representative": representatives, "size": sizes}

    def to_space(self) -> MetricSpace:
        """Return the classes as a :class:`topolens.MetricSpace`."""
        return MetricSpace(self.distances, names=self.names)


def quotient_of_labels(
    space: Predictions, induced: Induced, distances: Callable[[Any], np.ndarray]
) -> Quotient:
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
        _distances=partial(distances, classes),
    )


def quotient(
    space: SpaceLike,
    eps: float = 0.0,
    method: QuotientMethod | None = None,
    induced: Induced = "representative",
) -> Quotient:
    """Gather points that are near each other into classes.

    Parameters
    ----------
    space : NetworkDistances, MetricSpace or array_like
        All distances, as :class:`topolens.MetricSpace` takes them. What is no metric is taken as
        ``D.to_space(allow_nonmetric=True)``.
    eps : float
        How near.
    method : {"exact", "net", "single", "complete"}, optional
        "exact" for points at distance 0, the default for `eps` 0. "net" for balls of radius `eps`
        around farthest points, whose centres are more than `eps` apart, the default otherwise.
        "single" for connected components, "complete" for classes of diameter at most `eps`, by
        complete linkage.
    induced : {"representative", "chain", "hausdorff"}
        "representative" for the distance of representatives, "chain" for the infimum over
        chains that change place within classes for free, "hausdorff" for the Hausdorff
        distance. At `eps` 0 they agree.

    Returns
    -------
    Quotient

    Raises
    ------
    ValueError
        If an argument breaks its rule, or `space` holds networks that no metric compares.

    See Also
    --------
    NetworkSpace.quotient : the exact quotient by hashing, without a matrix.

    Notes
    -----
    Vietoris-Rips diagrams of the representatives of a net are within ``2 * eps`` of those of all
    points, in bottleneck distance. The chain metric is that of the quotient space in M. Bridson,
    A. Haefliger, "Metric Spaces of Non-Positive Curvature" (1999), I.5.19.

    Examples
    --------
    >>> import topolens as tl
    >>> space = tl.NetworkSpace.from_labels([[0, 0, 0], [0, 0, 0], [1, 1, 0]])
    >>> q = tl.networks.quotient(space.distances())
    >>> q.labels, q.sizes
    (array([0, 0, 1]), array([2, 1]))
    """
    points = space if isinstance(space, MetricSpace) else MetricSpace(space)
    matrix = points.to_square()
    radius = as_non_negative(eps, "eps")
    method = as_choice(method or ("net" if radius > 0 else "exact"), "method", METHODS)
    as_choice(induced, "induced", INDUCED)
    if method == "exact" and radius > 0:
        raise ValueError(f"`eps` must be 0 for the exact quotient; found {eps}")
    labels, centers = _find_classes(matrix, radius, method)
    representatives = _medoids(matrix, labels) if centers is None else centers
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
        names=tuple(points.names[i] for i in representatives),
        _distances=induced_metric(matrix, labels, representatives, induced).copy,
    )


def _in_order_of_first(labels: np.ndarray) -> np.ndarray:
    """Return the labels renumbered from zero in the order in which they come."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return rank[inverse.reshape(-1)]


def _find_classes(
    matrix: np.ndarray, eps: float, method: QuotientMethod
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
    centers = np.empty(len(found), np.int64)
    centers[labels[found]] = found
    return labels, centers


def _medoids(matrix: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the medoid of each class."""
    found = []
    for label in range(int(labels.max()) + 1):
        members = np.flatnonzero(labels == label)
        found.append(members[medoid(matrix[np.ix_(members, members)])])
    return np.array(found, np.int64)


def induced_metric(
    matrix: np.ndarray, labels: np.ndarray, representatives: np.ndarray, induced: Induced
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
