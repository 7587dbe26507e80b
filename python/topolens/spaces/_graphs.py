"""Graphs of nearest neighbours, and shortest paths on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from topolens import _core
from topolens._calls import Progress, as_count, as_threads, gate
from topolens.spaces._metrics import Metric
from topolens.spaces._spaces import SpaceLike, as_space

if TYPE_CHECKING:
    from scipy.sparse import csr_array


def neighbor_graph(
    X: SpaceLike, k: int, *, metric: Metric = "euclidean", n_threads: int | None = None
) -> csr_array:
    """Graph of the `k` nearest neighbours, exact, as a sparse matrix of lengths.

    Two points are joined if either is among the `k` nearest of the other. A
    point counts as its own nearest neighbour; ties go to the lower index.

    Parameters
    ----------
    X : array_like, shape (n, d), or distances
        Points, or distances of all pairs as in :func:`topolens.rips`; those at an infinite
        distance are no neighbours.
    k : int
        Neighbours of a point, itself included.
    metric : str or callable
        As in :func:`distances`.
    n_threads : int, optional
        Threads to use; all by default.

    Returns
    -------
    scipy.sparse.csr_array, shape (n, n)
        Symmetric; an explicit zero is an edge between equal points.

    Raises
    ------
    ValueError
        If `k` is not between 1 and n.

    See Also
    --------
    geodesic_distances : Shortest paths on it.
    topolens.homology.hop_betti : Homology of it.

    Examples
    --------
    >>> import topolens as tl
    >>> tl.spaces.neighbor_graph([[0.0], [1.0], [3.0]], k=2).toarray()
    array([[0., 1., 0.],
           [1., 0., 2.],
           [0., 2., 0.]])
    """
    from scipy.sparse import csr_array

    space = as_space(X, metric, n_threads=n_threads)
    starts, columns, lengths = _core.neighbors(
        space, as_count(k, "k"), n_threads=as_threads(n_threads)
    )
    return csr_array((lengths, columns, starts), shape=(len(space), len(space)))


def geodesic_distances(
    X: SpaceLike,
    k: int,
    *,
    weighted: bool = True,
    metric: Metric = "euclidean",
    n_threads: int | None = None,
    progress: Progress = False,
    max_memory: int | None = None,
) -> np.ndarray:
    """Lengths of shortest paths on the graph of the `k` nearest neighbours.

    Parameters
    ----------
    X, k, metric, n_threads
        As in :func:`neighbor_graph`.
    weighted : bool
        Add up the lengths of edges; otherwise count hops.
    progress, max_memory
        As in :func:`distances`.

    Returns
    -------
    ndarray of float64, shape (n, n)
        Infinite between components of the graph.

    Raises
    ------
    ValueError
        If `k` is not between 1 and n, or `X` is not finite.
    MemoryError
        If the distances do not fit `max_memory`.

    See Also
    --------
    neighbor_graph : The graph.
    distances : Without a graph.
    topolens.homology.hop_betti : Homology at a number of hops.

    Notes
    -----
    Those of Isomap [1]_; an edge stands if either end chose the other.

    References
    ----------
    .. [1] J. B. Tenenbaum, V. de Silva, J. C. Langford, "A global geometric framework for
       nonlinear dimensionality reduction", Science 290 (2000).

    Examples
    --------
    >>> import topolens as tl
    >>> tl.spaces.geodesic_distances([[0.0], [1.0], [3.0]], k=2, weighted=False)
    array([[0., 1., 2.],
           [1., 0., 1.],
           [2., 1., 0.]])
    """
    space = as_space(X, metric, max_memory, n_threads)
    with gate("geodesics", n_threads, progress, max_memory) as call:
        return _core.geodesics(space, as_count(k, "k"), weighted=weighted, **call)
