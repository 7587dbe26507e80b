"""Classes of networks, and the metrics that they inherit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, get_args

import numpy as np

from topolens import _core
from topolens._calls import as_choice, as_non_negative, memory_limit
from topolens.networks._predictions import Predictions
from topolens.spaces._spaces import MetricSpace, SpaceLike, as_space

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
    radius = as_non_negative(eps, "eps")
    method = as_choice(method or ("net" if radius > 0 else "exact"), "method", METHODS)
    as_choice(induced, "induced", INDUCED)
    if method == "exact" and radius > 0:
        raise ValueError(f"`eps` must be 0 for the exact quotient; found {eps}")
    distances = as_space(points, "precomputed")
    labels, centers = _find_classes(distances, radius, method)
    representatives, largest, diameter = _core.representatives(distances, labels, centers)
    return Quotient(
        labels=labels.astype(np.int64),
        representatives=representatives,
        sizes=np.bincount(labels),
        radius=largest,
        chain_diameter=diameter,
        eps=radius,
        method=method,
        induced=induced,
        names=tuple(points.names[i] for i in representatives),
        _distances=induced_metric(distances, labels, representatives, induced).copy,
    )


def _in_order_of_first(labels: np.ndarray) -> np.ndarray:
    """Return the labels renumbered from zero in the order in which they come."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return rank[inverse.reshape(-1)]


def _find_classes(
    space: _core.Space, eps: float, method: QuotientMethod
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the class of each point and, for a net, the centres in the same order."""
    if method != "complete":
        return _core.gather(space, eps, method)
    if len(space) == 1:  # `linkage` refuses a single point
        return np.zeros(1, np.uint32), None
    from scipy.cluster.hierarchy import fcluster, linkage

    tree = linkage(_core.distances(space, max_memory=memory_limit(None)), "complete")
    return _in_order_of_first(fcluster(tree, eps, "distance")).astype(np.uint32), None


def induced_metric(
    space: Any, labels: np.ndarray, representatives: np.ndarray, induced: Induced
) -> np.ndarray:
    """Return distances between classes, as one of `INDUCED` says."""
    return _core.distances_of_classes(
        as_space(space, "precomputed"), labels.astype(np.uint32), representatives, induced
    )
