"""Betti numbers of the neighbourhood graph at one hop scale."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from topolens import _core
from topolens._calls import Progress, as_coeff, as_count, gate
from topolens.spaces._metrics import Metric
from topolens.spaces._spaces import SpaceLike, as_space


def hop_betti(
    X: SpaceLike,
    *,
    k: int | Literal["auto"] = "auto",
    hops: int = 2,
    maxdim: int = 1,
    metric: Metric = "euclidean",
    coeff: int = 2,
    n_threads: int | None = None,
    progress: Progress = False,
    max_memory: int | None = None,
) -> HopBettiResult:
    """Compute the Betti numbers of a cloud at one scale of the hop metric.

    The pipeline of Naitzat, Zhitnikov and Lim [1]_: merge duplicates, join each
    point to its `k` nearest neighbours, count hops, and take the
    Vietoris-Rips complex of all pairs within `hops`.

    Parameters
    ----------
    X : array_like, shape (n, d), or distances
        Points, or distances of all pairs as in :func:`rips`.
    k : int or "auto", default "auto"
        Nearest neighbours of a point, itself included; an edge stands if either
        end chose the other. Smaller than n. "auto" is 3 log n, rounded up: of few
        points too many of them leave no hole, of many too few make holes that are
        gaps of the sample.
    hops : int
        Largest number of hops between two vertices of a simplex.
    maxdim : int
        Highest degree of homology.
    metric : str or callable
        Metric in which neighbours are nearest, as in :func:`distances`.
    coeff, n_threads, progress, max_memory
        As in :func:`rips`.

    Returns
    -------
    HopBettiResult

    Raises
    ------
    ValueError
        If `X` is not finite or an argument breaks its rule.
    MemoryError
        If the complex of a component does not fit `max_memory`.

    See Also
    --------
    rips : All scales, of distances rather than hops.
    cubical_betti : Of images.
    topolens.measures.HopBetti : The measure of layers.
    topolens.spaces.neighbor_graph : The graph.

    Notes
    -----
    Homology splits over the components of the graph, whose number is the Betti
    number of degree 0. For degree 1 the points of each are added one by one: a
    new one changes homology by the pieces and loops of what it is joined to
    [2]_, which takes little longer than the graph. With `maxdim` above 1, with
    another `coeff` where there are loops, and where there are very many,
    dominated vertices and edges are removed before homology is computed; that
    keeps the homotopy type and takes longer. Where merging leaves at most `k`
    distinct points, all of them are neighbours.

    References
    ----------
    .. [1] G. Naitzat, A. Zhitnikov, L.-H. Lim, "Topology of deep neural
       networks", JMLR 21(184), 2020, section 5.
    .. [2] A. Hatcher, "Algebraic topology", Cambridge University Press, 2002,
       section 3.1: the sequence of Mayer and Vietoris.

    Examples
    --------
    >>> import numpy as np, topolens as tl
    >>> t = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    >>> tl.hop_betti(np.c_[np.cos(t), np.sin(t)], k=5).betti
    array([1, 1])

    How far two hops reach tells whether that scale could have shown a hole:

    >>> found = tl.hop_betti(np.c_[np.cos(t), np.sin(t)])
    >>> found.k, round(found.reach, 2)
    (13, 0.4)
    """
    space = as_space(X, metric, max_memory, n_threads)
    k = as_neighbors(k, len(space))
    with gate("hop_betti", n_threads, progress, max_memory) as call:
        betti, facts = _core.hop_betti(
            space,
            k=k,
            hops=as_count(hops, "hops"),
            maxdim=as_count(maxdim, "maxdim"),
            coeff=as_coeff(coeff),
            **call,
        )
    n, n_distinct, n_components, n_edges, max_degree = facts
    return HopBettiResult(
        betti=np.asarray(betti, dtype=np.int64),
        n=n,
        n_distinct=n_distinct,
        n_components=n_components,
        n_edges=n_edges,
        max_degree=max_degree,
        k=k,
        hops=hops,
        asymmetry=space.asymmetry,
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class HopBettiResult:
    """Betti numbers at one scale, and what they were computed from.

    Attributes
    ----------
    betti : ndarray of int64, shape (maxdim + 1,)
        Betti numbers of the complex.
    n, n_distinct : int
        Points given, and left after merging duplicates.
    n_components : int
        Components of the graph of nearest neighbours.
    n_edges : int
        Pairs within the number of hops.
    max_degree : int
        Most points within the number of hops of one point.
    k, hops : int
        The arguments; `k` as a number.
    asymmetry : float
        By how much the two sides of given distances differed, at most.
    """

    betti: np.ndarray
    n: int
    n_distinct: int
    n_components: int
    n_edges: int
    max_degree: int
    k: int
    hops: int
    asymmetry: float = 0.0

    @property
    def reach(self) -> float:
        """Share of the distinct points that one point reaches, at most: near 1, no hole is seen."""
        return self.max_degree / self.n_distinct

    def to_columns(self) -> dict[str, np.ndarray]:
        """Return the Betti numbers as columns, for pandas or polars."""
        return {"degree": np.arange(len(self.betti)), "betti_number": self.betti.copy()}


def as_neighbors(k: int | str, n: int, *, least: int = 0) -> int:
    """Return the number of neighbours of n points: 3 log n if it is to be chosen."""
    if k == "auto":
        return max(1, min(math.ceil(3 * math.log(n)), n - 1)) if n else 1
    if isinstance(k, str):
        raise ValueError(f'`k` must be a whole number or "auto"; found {k!r}')
    return as_count(k, "k", least=least)
