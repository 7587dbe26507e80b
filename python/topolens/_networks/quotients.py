"""Classes of networks, and the metrics that they inherit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from topolens import _core
from topolens._calls import as_choice, as_non_negative, memory_limit
from topolens.spaces import MetricSpace, as_space

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
    space: _core.Space, names: tuple[Any, ...], eps: float, method: str | None, induced: str
) -> Quotient:
    """Gather networks by their distances, as :meth:`topolens.NetworkDistances.quotient` says."""
    radius = as_non_negative(eps, "eps")
    method = as_choice(method or ("net" if radius > 0 else "exact"), "method", METHODS)
    as_choice(induced, "induced", INDUCED)
    if method == "exact" and radius > 0:
        raise ValueError(f"`eps` must be 0 for the exact quotient; found {eps}")
    labels, centres = _find_classes(space, radius, method)
    representatives, largest, diameter = _core.representatives(space, labels, centres)
    return Quotient(
        labels=labels.astype(np.int64),
        representatives=representatives,
        sizes=np.bincount(labels),
        radius=largest,
        chain_diameter=diameter,
        eps=radius,
        method=method,
        induced=induced,
        names=tuple(names[i] for i in representatives),
        _source=induced_metric(space, labels, representatives, induced),
    )


def _in_order_of_first(labels: np.ndarray) -> np.ndarray:
    """Return the labels renumbered from zero in the order in which they come."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return rank[inverse.reshape(-1)]


def _find_classes(
    space: _core.Space, eps: float, method: str
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
    space: Any, labels: np.ndarray, representatives: np.ndarray, induced: str
) -> np.ndarray:
    """Return distances between classes, as one of `INDUCED` says."""
    return _core.distances_of_classes(
        as_space(space, "precomputed"), labels.astype(np.uint32), representatives, induced
    )
