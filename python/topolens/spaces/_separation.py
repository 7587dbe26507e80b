"""How small classes are beside their distance to the others."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from topolens import _core
from topolens._arrays import as_classes
from topolens._calls import Progress, gate
from topolens.spaces._metrics import Metric
from topolens.spaces._spaces import SpaceLike, as_space


def within_to_others(
    X: SpaceLike,
    labels: ArrayLike,
    *,
    metric: Metric = "euclidean",
    n_threads: int | None = None,
    progress: Progress = False,
    max_memory: int | None = None,
) -> WithinToOthers:
    """Compare the size of each class with its distance to the others.

    Parameters
    ----------
    X : array_like, shape (n, d), or distances, or MetricSpace
        As in :func:`topolens.rips`; not sparse.
    labels : array_like, shape (n,)
        The class of each point; two classes or more, of at least two points each.
    metric, n_threads, progress, max_memory
        As in :func:`distances`.

    Returns
    -------
    WithinToOthers
        One entry per class, in the order of ``np.unique(labels)``.

    Raises
    ------
    ValueError
        If there is one class only, a class has one point, labels do not match the points, or
        all points are equal: then there is nothing to compare.
    MemoryError
        If the job does not fit `max_memory`.

    See Also
    --------
    topolens.homology.pieces_among_others : Whether a class lies in one piece.
    topolens.measures.Spread : The measure of layers.

    Notes
    -----
    The mean distance of two points of a class over the mean distance of one of its points and one
    of any other class: 1 if labels are shuffled, up to the sampling, and near 0 where the class
    has shrunk to a dot. A class around the others has more than 1. The ratio has no unit; it does
    not change when all distances are multiplied by one factor. Both means belong to the energy
    statistics of [1]_.

    References
    ----------
    .. [1] G. J. Székely, M. L. Rizzo, "Energy statistics: a class of statistics based on
       distances", J. Statist. Plann. Inference 143 (2013).

    Examples
    --------
    >>> import topolens as tl
    >>> found = tl.spaces.within_to_others([[0.0], [1.0], [10.0], [14.0]], ["a", "a", "b", "b"])
    >>> found.within.tolist(), found.to_others.tolist()
    ([1.0, 4.0], [11.5, 11.5])
    >>> found.ratio.round(3).tolist()
    [0.087, 0.348]
    """
    space = as_space(X, metric, max_memory, n_threads)
    classes, codes = as_classes(labels, len(space))
    n = np.bincount(codes)
    if n.min() < 2:
        raise ValueError(
            "`labels` must name at least 2 points of each class; found 1 of "
            f"{classes[n.argmin()]!s}: leave that class out"
        )
    with gate("within_to_others", n_threads, progress, max_memory) as call:
        within, to_others = _core.separation(space, codes, classes=len(classes), **call)
    if not to_others.all():
        raise ValueError(
            f"`X` must hold points that differ; found {len(space)} points at distance 0 from one "
            "another: there is no distance to compare with"
        )
    return WithinToOthers(
        classes=classes, n=n, within=within, to_others=to_others, asymmetry=space.asymmetry
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class WithinToOthers:
    """Mean distances of classes.

    Attributes
    ----------
    classes : ndarray, shape (k,)
        The labels.
    n : ndarray of int64, shape (k,)
        Points of each class.
    within : ndarray of float64, shape (k,)
        Mean distance of two points of the class, in the unit of the distances.
    to_others : ndarray of float64, shape (k,)
        Mean distance of a point of the class and one of another class.
    asymmetry : float
        By how much the two sides of given distances differed, at most.
    """

    classes: np.ndarray
    n: np.ndarray
    within: np.ndarray
    to_others: np.ndarray
    asymmetry: float = field(default=0.0, repr=False)

    @property
    def ratio(self) -> np.ndarray:
        """Size over distance, shape (k,): 1 in the mean if labels are shuffled, 0 for a dot."""
        return self.within / self.to_others

    def to_columns(self) -> dict[str, np.ndarray]:
        """Return the classes as columns, for pandas or polars."""
        return {
            "class": self.classes,
            "n": self.n,
            "within": self.within,
            "to_others": self.to_others,
            "ratio": self.ratio,
        }
