"""Finite metric spaces: distances, neighbours, geodesics, landmarks."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from topolens import _core
from topolens._arrays import as_rows, as_values, rounding
from topolens._calls import Progress, as_counts, as_threads, caller_level, gate, memory_limit
from topolens.spaces._metrics import Metric, as_metric, distances_by_function


class MetricSpace:
    """A finite metric space, given by the distances of all pairs of its points.

    Functions that take points take it in their place, without ``metric="precomputed"``:
    the distances have been read and checked once.

    Parameters
    ----------
    distances : array_like, shape (n, n) or (n(n-1)/2,), or MetricSpace
        Square and symmetric, or the pairs i < j in the order of scipy's `pdist`.
    names : iterable, optional
        What each point stands for, such as the step of a training run; 0, 1, ... by default.
    max_memory : int, optional
        Bytes that the distances may take; what is available by default.

    Attributes
    ----------
    names : tuple
        One per point.
    metric : str or callable
        That of the points in :meth:`of_points`; "precomputed" where distances were given.
    asymmetry : float
        By how much a distance and its mirror image differed, or the diagonal from zero, at
        most; they are averaged where that is rounding.

    Raises
    ------
    ValueError
        If a distance is NaN or negative, if a matrix is not symmetric with a zero diagonal up
        to rounding, or if the number of names is not that of the points.
    TypeError
        If the distances are sparse: some would be missing.

    Examples
    --------
    >>> import topolens as tl
    >>> space = tl.MetricSpace([3.0, 5.0, 4.0], names=["a", "b", "c"])
    >>> space
    MetricSpace(3 points)
    >>> tl.rips(space, maxdim=0)[0][:, 1]
    array([ 3.,  4., inf])
    >>> space.select([2, 0]).distances
    array([5.])
    """

    __slots__ = ("_space", "metric", "names")

    def __init__(
        self,
        distances: SpaceLike,
        *,
        names: Iterable[Any] | None = None,
        max_memory: int | None = None,
    ) -> None:
        if hasattr(distances, "tocoo"):
            raise TypeError("`distances` must hold all pairs; found a sparse matrix")
        if names is None:
            names = getattr(distances, "names", None)
        metric = distances.metric if isinstance(distances, MetricSpace) else "precomputed"
        self._fill(as_space(distances, "precomputed", max_memory), metric, names)

    @classmethod
    def of_points(
        cls,
        X: ArrayLike,
        metric: Metric = "euclidean",
        *,
        names: Iterable[Any] | None = None,
        n_threads: int | None = None,
        progress: Progress = False,
        max_memory: int | None = None,
    ) -> MetricSpace:
        """Return the space of points, whose distances are computed once for all that take it.

        Parameters
        ----------
        X : array_like, shape (n, d)
            Points.
        metric, n_threads, progress, max_memory
            As in :func:`distances`.
        names : iterable, optional
            What each point stands for; 0, 1, ... by default.

        Returns
        -------
        MetricSpace

        Raises
        ------
        ValueError
            If `X` is not finite, or a row has no direction for cosine.
        MemoryError
            If the distances do not fit `max_memory`.

        Notes
        -----
        What is computed from the space is what would be computed from the points, but for rows
        that differ and have distance 0, as squares that vanish leave them: these are two points
        as rows, and one here.

        Examples
        --------
        >>> import topolens as tl
        >>> space = tl.MetricSpace.of_points([[0.0, 0.0], [3.0, 4.0], [3.0, 0.0]])
        >>> tl.rips(space, maxdim=0)[0][:, 1]
        array([ 3.,  4., inf])
        >>> round(tl.magnitude(space, t=1.0), 3)
        2.858
        """
        metric = as_metric(metric)
        if metric == "precomputed" or isinstance(X, MetricSpace):
            raise ValueError(
                "`X` must be points here; found distances: MetricSpace(distances) reads them"
            )
        points = as_space(X, metric, max_memory, n_threads)
        with gate("distances", n_threads, progress, max_memory) as call:
            return cls._of(points.by_distances(**call), metric, names)

    @classmethod
    def _of(
        cls, space: _core.Space, metric: Metric = "precomputed", names: Iterable[Any] | None = None
    ) -> MetricSpace:
        """Return what has been read."""
        made = cls.__new__(cls)
        made._fill(space, metric, names)
        return made

    def _fill(self, space: _core.Space, metric: Metric, names: Iterable[Any] | None) -> None:
        self._space, self.metric = space, metric
        self.names = tuple(range(len(space)) if names is None else names)
        if len(self.names) != len(space):
            raise ValueError(
                f"`names` must have one entry for each of {len(space)} points; "
                f"found {len(self.names)}"
            )

    def __len__(self) -> int:
        return len(self._space)

    def __repr__(self) -> str:
        rounded = f", symmetric up to {self.asymmetry:.1g}" if self.asymmetry else ""
        return f"MetricSpace({len(self)} points{rounded})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _named_space, (self.distances, self.names, self.metric)

    @property
    def asymmetry(self) -> float:
        """By how much two sides differed at most, which were averaged."""
        return self._space.asymmetry

    @property
    def distances(self) -> np.ndarray:
        """The n(n-1)/2 distances of the pairs i < j, as a new array of float64."""
        return distances(self, condensed=True)

    def to_square(self) -> np.ndarray:
        """Return the matrix of distances, shape (n, n)."""
        return distances(self)

    def count_distinct(self) -> int:
        """Count the points, those at distance zero as one."""
        return self._space.count_distinct()

    def select(self, indices: Iterable[int]) -> MetricSpace:
        """Return the space of some of the points.

        Parameters
        ----------
        indices : iterable of int
            The points, in their new order.

        Returns
        -------
        MetricSpace

        Raises
        ------
        ValueError
            If an index is not below the number of points.
        """
        chosen = as_counts(indices, "indices")
        for i in chosen:
            if i >= len(self):
                raise ValueError(f"`indices` must be below {len(self)}; found {i}")
        names = (self.names[i] for i in chosen)
        return MetricSpace._of(self._space.select(chosen), self.metric, names)


class HasSpace(Protocol):
    """What knows its own distances, such as those of networks."""

    def to_space(self) -> MetricSpace:
        """Return them."""
        ...


class Sparse(Protocol):
    """A sparse matrix of scipy."""

    def tocoo(self) -> Any:
        """Return its entries by row and column."""
        ...


# What `as_space` reads.
SpaceLike: TypeAlias = ArrayLike | MetricSpace | HasSpace | Sparse | _core.Space


def _named_space(values: np.ndarray, names: tuple[Any, ...], metric: Metric) -> MetricSpace:
    known = metric if metric in _core.METRICS else None
    space = _core.Space.condensed(
        len(names), values, memory_limit(None), step=rounding(values), metric=known
    )
    return MetricSpace._of(space, metric, names)


def distances(
    X: SpaceLike,
    *,
    metric: Metric = "euclidean",
    condensed: bool = False,
    n_threads: int | None = None,
    progress: Progress = False,
    max_memory: int | None = None,
) -> np.ndarray:
    """All pairwise distances, by direct differences in float64.

    Parameters
    ----------
    X : array_like, shape (n, d), or MetricSpace
        Points.
    metric : str or callable
        "euclidean", "sqeuclidean", "cityblock", "chebyshev", "cosine",
        "correlation", "hamming", "precomputed", or a function of two rows;
        "manhattan", "l1", "l2" and other names of scipy and scikit-learn too.
        Under cosine and correlation rows of one direction are one point.
    condensed : bool
        Return the n(n-1)/2 pairs i < j in the order of scipy's `pdist`
        instead of the square matrix.
    n_threads : int, optional
        Threads to use; all by default. The result does not depend on it.
    progress : bool or callable
        Show a bar, or call a function with (done, total).
    max_memory : int, optional
        Bytes that the job may take; what is available by default.

    Returns
    -------
    ndarray of float64, shape (n, n) or (n(n-1)/2,)
        In the unit of `X` (squared for "sqeuclidean"; none for the last three).

    Raises
    ------
    ValueError
        If `X` is not finite, or a row has no direction for cosine.
    MemoryError
        If the distances do not fit `max_memory`.

    See Also
    --------
    geodesic_distances : Along the graph of neighbours.
    MetricSpace : Distances that are read once.

    Notes
    -----
    Given distances are those of a metric up to rounding: two numbers stand for one distance if
    their squares differ by at most 100 ε of the largest square, where ε is the rounding of the
    floats they were computed in, and are averaged then. So a diagonal of up to 10 √ε of the
    largest distance is zero. That is what the formula ``x @ x + y @ y - 2 * (x @ y)`` leaves.

    Examples
    --------
    >>> import topolens as tl
    >>> tl.distances([[0.0, 0.0], [3.0, 4.0]])
    array([[0., 5.],
           [5., 0.]])
    """
    space = as_space(X, metric, max_memory, n_threads)
    with gate("distances", n_threads, progress, max_memory) as call:
        return (_core.distances if condensed else _core.square_distances)(space, **call)


def as_space(
    X: SpaceLike,
    metric: Metric,
    max_memory: int | None = None,
    n_threads: int | None = None,
    threshold: float = np.inf,
) -> _core.Space:
    """Read points, distances (square, condensed or sparse) or anything with a metric.

    Of a square matrix the distances above `threshold` may be left out. Sides that differ by
    rounding are averaged; the space says by how much they did.
    """
    if isinstance(X, _core.Space):
        return X
    if hasattr(X, "to_space"):  # distances of networks, which know whether they are a metric
        X = X.to_space()
    metric = as_metric(metric)
    if isinstance(X, MetricSpace):
        if metric not in ("euclidean", "precomputed", X.metric):  # the default, or what it is
            raise ValueError(
                f"`metric` must be left out for a MetricSpace, which has its own; found {metric!r}"
            )
        return X._space
    limit, step = memory_limit(max_memory), rounding(X)
    if metric != "precomputed":
        points = as_rows(X)
        _warn_of_distances(points, step)
        if not callable(metric):
            return _core.Space.points(points, metric, step=step)
        values, step = distances_by_function(as_values(points), metric, limit)
        return _core.Space.condensed(len(points), values, limit, step=step)
    if hasattr(X, "tocoo"):
        return _sparse(X.tocoo(), limit, step)
    values = as_values(X)
    if values.ndim == 1:
        # The root of 2·pairs lies between n − 1 and n.
        n = int(np.ceil(np.sqrt(2 * len(values)))) or 1
        return _core.Space.condensed(n, values, limit, step=step)
    if values.ndim != 2:
        raise ValueError(
            "`X` must be a square or a condensed distance matrix when precomputed; "
            f"found shape {values.shape}"
        )
    threads = as_threads(n_threads)
    return _core.Space.square(values, limit, threads, threshold, step=step)


def _warn_of_distances(points: np.ndarray, step: float) -> None:
    """Warn of what looks like the distances of three points or more."""
    n = len(points)
    if n < 3 or points.shape != (n, n) or not points.any() or (points < 0).any():
        return
    if _core.first_asymmetry(as_values(points), step=step) is None:
        warnings.warn(
            f"`X` looks like a matrix of distances, and is read as {n} points with {n} "
            'coordinates each; pass metric="precomputed", or a MetricSpace of it',
            stacklevel=caller_level(),
        )


def _sparse(matrix: Any, max_memory: int, step: float) -> _core.Space:
    rows, columns = matrix.shape
    if rows != columns:
        raise ValueError(f"`X` must be square when precomputed; found shape {matrix.shape}")
    if rows >= 2**32:
        raise ValueError(f"`X` must have fewer than 2**32 points; found {rows}")
    ends = (matrix.row.astype(np.uint32), matrix.col.astype(np.uint32))
    values = as_values(matrix.data)
    return _core.Space.sparse(rows, *ends, values, max_memory, step=step)
