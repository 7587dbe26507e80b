"""Persistent homology of point clouds and distance matrices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from topolens import _core
from topolens._arrays import as_points
from topolens._calls import (
    Progress,
    as_count,
    as_number,
    as_threads,
    memory_limit,
    reporting,
)
from topolens.spaces import Metric, as_metric, as_space, choose_landmarks, permitted

if TYPE_CHECKING:
    from topolens.confidence import ConfidenceBand

__all__ = ["HopBettiResult", "PersistenceResult", "hop_betti", "rips", "rips_batch"]


def rips(
    X: Any,
    *,
    maxdim: int = 1,
    threshold: float = np.inf,
    epsilon: float | None = None,
    metric: Metric = "euclidean",
    coeff: int = 2,
    cocycles: bool = False,
    n_landmarks: int | None = None,
    rng: int | np.random.Generator | None = None,
    explain: bool = False,
    allow_nonmetric: bool = False,
    n_threads: int | None = None,
    progress: Progress = False,
    max_memory: int | None = None,
) -> PersistenceResult:
    """Compute the persistence diagrams of the Vietoris-Rips filtration.

    Parameters
    ----------
    X : array_like, shape (n, d), or distances
        Points; with ``metric="precomputed"`` a square matrix, a condensed
        vector or a scipy sparse matrix of distances. In a sparse matrix a
        missing entry is a missing edge, an explicit zero is an edge of length
        zero, and each pair stands once or twice with the same value.
    maxdim : int
        Highest degree of homology, 0 to 15.
    threshold : float
        Longest edge that is looked at, in the unit of the distances. By default
        the enclosing radius, beyond which nothing happens.
    epsilon : float, optional
        Compute a sparse filtration [4]_ [5]_ with far fewer edges instead: births
        and deaths are late by factors of at most ``1 + epsilon``, never early.
        Any number above 0; the larger, the faster, with little to gain above 2.
        All pairs must have distances, and the triangle inequality must hold.
    metric : str or callable
        As in :func:`topolens.distances`.
    coeff : int
        Coefficients are integers modulo this prime, below 65536.
    cocycles : bool
        Return a representative cocycle for every bar of positive degree.
    n_landmarks : int, optional
        Work on that many farthest-point landmarks instead of all points.
    rng : int or Generator, optional
        Chooses the first landmark.
    explain : bool
        Say in the `plan` of the result which way was gone, and why.
    allow_nonmetric : bool
        Take :class:`topolens.NetworkDistances` that break the triangle inequality too.
    n_threads : int, optional
        Threads to use; all by default. The result does not depend on it.
    progress : bool or callable
        Show a bar, or call a function with (done, total). What the function
        raises stops the computation.
    max_memory : int, optional
        Bytes that the job may take; what is available by default.

    Returns
    -------
    PersistenceResult

    Raises
    ------
    ValueError
        If distances are NaN, negative or asymmetric, or an argument breaks its
        rule.
    MemoryError
        If the job does not fit `max_memory`.
    OverflowError
        If simplices of that many points and dimensions cannot be numbered.

    Notes
    -----
    A simplex enters with its longest edge; float64 from end to end. Up to degree
    2, edges enter one by one, and what each does to the classes that are alive
    is read off the common neighbours of its ends [1]_; for higher degrees, edges
    that change nothing are left out and persistent cohomology is reduced
    implicitly [2]_. The diagrams do not depend on the way. With ``maxdim=0`` and
    points, the bars are the edges of the minimum spanning tree, by Prim's
    algorithm or, for many points with few coordinates, by Borůvka's on a k-d
    tree [3]_; no distance is stored and the memory is that of the points.

    With `epsilon`, points are removed once they are close to others, relative to
    the scale, and edges get longer shortly before; what stays needs memory in
    proportion to the edges kept, and all pairs are never stored. The number of
    edges grows linearly with that of the points, at a rate that grows with
    ``1 / epsilon`` and quickly with the intrinsic dimension: sparse filtrations
    pay on curves, surfaces and solids rather than on clouds in high dimensions.
    Bars can be matched to those of the full filtration so that
    ``b <= birth <= (1 + epsilon) * b``, and likewise for deaths; a bar that is
    shorter than the factor ``1 + epsilon`` may be missing or be there in vain.
    In other words, the bottleneck distance of the diagrams on logarithmic axes is
    at most ``log(1 + epsilon)``. `threshold` applies to the late lengths. The
    guarantee covers "sqeuclidean", "cosine" and "correlation" also, which are
    squares of metrics. It does not cover precomputed or computed distances
    that violate the triangle inequality, which is not checked. The result may
    depend on the order of the points, within the guarantee.

    References
    ----------
    .. [1] O. Busaryev, S. Cabello, C. Chen, T. K. Dey, Y. Wang, "Annotating
       simplices with a homology basis and its applications", SWAT (2012).
    .. [2] U. Bauer, "Ripser: efficient computation of Vietoris-Rips persistence
       barcodes", J. Appl. Comput. Topol. 5 (2021).
    .. [3] W. B. March, P. Ram, A. G. Gray, "Fast Euclidean minimum spanning
       tree", KDD (2010).
    .. [4] D. Sheehy, "Linear-size approximations to the Vietoris-Rips
       filtration", Discrete Comput. Geom. 49 (2013).
    .. [5] N. Cavanna, M. Jahanseir, D. Sheehy, "A geometric perspective on sparse
       filtrations", Canadian Conf. on Computational Geometry (2015).

    Examples
    --------
    >>> import topolens as tl
    >>> r = tl.rips([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    >>> r[1]
    array([[1.        , 1.41421356]])
    >>> r.betti_numbers(1.2)
    array([1, 1])

    The loop of a circle, exactly and from a sparse filtration:

    >>> X = tl.datasets.circle(500, rng=0)
    >>> exact, sparse = tl.rips(X), tl.rips(X, epsilon=0.5)
    >>> bool(exact[1][0, 1] <= sparse[1][0, 1] <= 1.5 * exact[1][0, 1])
    True
    """
    limit = memory_limit(max_memory)
    threshold = as_number(threshold, "threshold")
    # Landmarks and sparse filtrations look at long distances too.
    longest = threshold if n_landmarks is None and epsilon is None else np.inf
    space = as_space(permitted(X, allow_nonmetric), metric, limit, n_threads, longest)
    chosen = None
    if n_landmarks is not None:
        chosen = choose_landmarks(space, n_landmarks, rng, n_threads)
        space = space.select(chosen.indices.tolist())
    with reporting(progress, "rips") as report:
        computed = _core.rips(
            space,
            maxdim=as_count(maxdim, "maxdim"),
            threshold=threshold,
            epsilon=None if epsilon is None else as_number(epsilon, "epsilon"),
            coeff=as_count(coeff, "coeff"),
            cocycles=bool(cocycles),
            max_memory=limit,
            n_threads=as_threads(n_threads),
            progress=report,
        )
    result = _as_result(computed, len(space), threshold, int(coeff))
    changes: dict[str, Any] = {} if epsilon is None else {"epsilon": float(epsilon)}
    if explain:
        changes["plan"] = _as_plan(computed)
    if chosen is not None:
        changes["landmarks"] = chosen.indices
        changes["covering_radius"] = chosen.covering_radius
        names = np.append(chosen.indices, -1)  # -1, no vertex, stays -1
        for edges in (*result.birth_edges, *result.death_edges):
            edges[:] = names[edges]
        for cocycle in (c for degree in result.cocycles or () for c in degree):
            cocycle[:, :-1] = chosen.indices[cocycle[:, :-1]]
    return replace(result, **changes) if changes else result


def rips_batch(
    Xs: Iterable[Any],
    *,
    maxdim: int = 1,
    threshold: float = np.inf,
    metric: Metric = "euclidean",
    coeff: int = 2,
    cocycles: bool = False,
    n_threads: int | None = None,
    progress: Progress = False,
    max_memory: int | None = None,
) -> list[PersistenceResult]:
    """Compute the persistence diagrams of several spaces side by side.

    Many small inputs, such as the layers of a network or repeated samples of a
    cloud, are faster together: each thread takes one at a time, and there is one
    call instead of many.

    Parameters
    ----------
    Xs : iterable of array_like
        Spaces, each as in :func:`rips`.
    maxdim, threshold, metric, coeff, cocycles
        As in :func:`rips`, the same for all.
    n_threads, progress
        As in :func:`rips`.
    max_memory : int, optional
        Bytes that all of them may take together; what is available by default.

    Returns
    -------
    list of PersistenceResult
        In the order of the spaces; equal to those of :func:`rips`.

    Raises
    ------
    ValueError, MemoryError, OverflowError
        As in :func:`rips`, for the first space that is refused.

    Examples
    --------
    >>> import topolens as tl
    >>> clouds = [tl.datasets.circle(40, rng=seed) for seed in range(3)]
    >>> [len(r[1]) for r in tl.rips_batch(clouds)]
    [1, 1, 1]
    """
    limit, threshold = memory_limit(max_memory), as_number(threshold, "threshold")
    spaces = [as_space(X, metric, limit, n_threads, threshold) for X in Xs]
    with reporting(progress, "rips_batch") as report:
        computed = _core.rips_batch(
            spaces,
            maxdim=as_count(maxdim, "maxdim"),
            threshold=threshold,
            coeff=as_count(coeff, "coeff"),
            cocycles=bool(cocycles),
            max_memory=limit,
            n_threads=as_threads(n_threads),
            progress=report,
        )
    return [
        _as_result(one, len(space), threshold, int(coeff))
        for one, space in zip(computed, spaces, strict=True)
    ]


def _as_result(
    computed: _core._Persistence, n_points: int, threshold: float, coeff: int
) -> PersistenceResult:
    dgms, birth_edges, death_edges, largest_scale, cocycles, _ = computed
    return PersistenceResult(
        dgms=dgms,
        n_points=n_points,
        threshold=largest_scale,
        complete=bool(largest_scale < threshold or np.isinf(threshold)),
        coeff=coeff,
        birth_edges=birth_edges,
        death_edges=death_edges,
        cocycles=cocycles,
    )


def _as_plan(computed: _core._Persistence) -> str:
    name, reasons, estimate = computed[-1]
    memory = f"; about {estimate / 1e6:.0f} MB" if estimate else ""
    return f"{name}: {reasons}{memory}"


@dataclass(frozen=True, eq=False)
class PersistenceResult:
    """Persistence diagrams, degree after degree.

    Attributes
    ----------
    dgms : list of ndarray of float64, shape (k, 2)
        One row (birth, death) a class, sorted; death is ``inf`` for a class
        that is alive at `threshold`.
    n_points : int
        Points of the filtration (the landmarks, where there are any).
    threshold : float
        The largest scale that was looked at: the smaller one of the threshold
        asked for and the enclosing radius (which is unknown, and not needed,
        for sparse distances and for points with ``maxdim=0``).
    complete : bool
        Whether nothing can happen beyond `threshold`, so that ``inf`` means an
        essential class. Otherwise it means alive at `threshold`.
    coeff : int
        Order of the coefficient field.
    birth_edges, death_edges : list of ndarray of int64, shape (k, 2)
        For each bar the two points whose distance is its birth, or its death (with
        `epsilon`, whose late length it is); -1 for the births in degree 0 and for
        the deaths of essential classes.
    cocycles : list of list of ndarray of int64, shape (m, degree + 2), optional
        For each bar a cocycle of the complex just before its death: rows of
        vertices and a coefficient; the order of the vertices, ascending (with
        landmarks, in their order), is the orientation. Empty in degree 0.
    landmarks : ndarray of int64, optional
        Indices of the landmarks.
    covering_radius : float, optional
        The diagrams of all points are within twice this in bottleneck distance.
    epsilon : float, optional
        Births and deaths may be late by factors up to 1 + `epsilon`; None if they
        are exact.
    plan : str, optional
        The way that was gone, and why.
    """

    dgms: list[np.ndarray]
    n_points: int
    threshold: float
    complete: bool
    coeff: int = 2
    birth_edges: list[np.ndarray] = field(default_factory=list, repr=False)
    death_edges: list[np.ndarray] = field(default_factory=list, repr=False)
    cocycles: list[list[np.ndarray]] | None = field(default=None, repr=False)
    landmarks: np.ndarray | None = field(default=None, repr=False)
    covering_radius: float | None = None
    epsilon: float | None = None
    plan: str | None = None

    def __getitem__(self, degree: int) -> np.ndarray:
        """Diagram of a degree."""
        return self.dgms[degree]

    def __len__(self) -> int:
        """Count the degrees."""
        return len(self.dgms)

    def betti_numbers(self, scale: Any) -> np.ndarray:
        """Count the classes alive at a scale: birth <= scale < death.

        Parameters
        ----------
        scale : float or array_like, shape (s,)
            At ``inf`` the essential classes are alive.

        Returns
        -------
        ndarray of int64, shape (maxdim + 1,) or (s, maxdim + 1)

        Raises
        ------
        ValueError
            If a scale is NaN, or beyond a threshold that cut the filtration off.
        """
        scales = np.asarray(scale, dtype=np.float64)
        if np.isnan(scales).any():
            raise ValueError("`scale` must be a number; found nan")
        if not self.complete and (scales > self.threshold).any():
            raise ValueError(
                f"`scale` must be at most the threshold of the filtration ({self.threshold:g}); "
                f"found {scales.max():g}"
            )
        counts = _core.betti_numbers(self.dgms, scales.reshape(-1), superlevel=False, n_threads=1)
        return counts.reshape(*scales.shape, len(self.dgms))

    def to_columns(self, band: ConfidenceBand | None = None) -> dict[str, np.ndarray]:
        """All bars as columns, for pandas.DataFrame or polars.DataFrame.

        Parameters
        ----------
        band : ConfidenceBand, optional
            Add the column ``exceeds_band``.

        Returns
        -------
        dict of str to ndarray
            ``dimension``, ``birth`` and ``death``.
        """
        if band is not None:
            return band.to_columns(self)
        bars = np.concatenate(self.dgms)
        degrees = np.repeat(np.arange(len(self.dgms)), [len(dgm) for dgm in self.dgms])
        return {"dimension": degrees, "birth": bars[:, 0].copy(), "death": bars[:, 1].copy()}

    def __repr__(self) -> str:
        """One line with the number of bars in each degree."""
        bars = ", ".join(f"H{degree}: {len(dgm)}" for degree, dgm in enumerate(self.dgms))
        return f"PersistenceResult({bars}; n_points={self.n_points}, threshold={self.threshold:g})"

    def _repr_html_(self) -> str:
        rows = "".join(self._html_row(degree, dgm) for degree, dgm in enumerate(self.dgms))
        head = "".join(f"<th>{name}</th>" for name in ("", "bars", "essential", "longest", "at"))
        return (
            f"<table><caption>{self.n_points} points up to {self.threshold:.6g}, "
            f"coefficients Z/{self.coeff}</caption><tr>{head}</tr>{rows}</table>"
        )

    @staticmethod
    def _html_row(degree: int, dgm: np.ndarray) -> str:
        finite = dgm[np.isfinite(dgm[:, 1])]
        longest, at = "", ""
        if len(finite):
            birth, death = finite[np.argmax(finite[:, 1] - finite[:, 0])]
            longest, at = f"{death - birth:.6g}", f"[{birth:.6g}, {death:.6g})"
        cells = (f"H<sub>{degree}</sub>", len(dgm), len(dgm) - len(finite), longest, at)
        return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def hop_betti(
    X: Any,
    *,
    k: int = 14,
    hops: int = 2,
    maxdim: int = 1,
    metric: str = "euclidean",
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
    X : array_like, shape (n, d)
        Points.
    k : int
        Nearest neighbours of a point, itself included; an edge stands if either
        end chose the other. Smaller than n.
    hops : int
        Largest number of hops between two vertices of a simplex.
    maxdim : int
        Highest degree of homology.
    metric : str
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

    Notes
    -----
    Homology splits over the components of the graph. Each is reduced by
    removing dominated vertices and edges, which keeps its homotopy type, before
    homology is computed. Where merging leaves at most `k` distinct points, all
    of them are neighbours.

    References
    ----------
    .. [1] G. Naitzat, A. Zhitnikov, L.-H. Lim, "Topology of deep neural
       networks", JMLR 21(184), 2020, section 5.

    Examples
    --------
    >>> import numpy as np, topolens as tl
    >>> t = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    >>> tl.hop_betti(np.c_[np.cos(t), np.sin(t)], k=5).betti
    array([1, 1])
    """
    with reporting(progress, "hop_betti") as report:
        betti, facts = _core.hop_betti(
            as_points(X),
            k=as_count(k, "k"),
            hops=as_count(hops, "hops"),
            maxdim=as_count(maxdim, "maxdim"),
            metric=as_metric(metric),
            coeff=as_count(coeff, "coeff"),
            max_memory=memory_limit(max_memory),
            n_threads=as_threads(n_threads),
            progress=report,
        )
    n, n_distinct, n_components, n_edges, max_degree = facts
    return HopBettiResult(
        np.asarray(betti, dtype=np.int64), n, n_distinct, n_components, n_edges, max_degree, k, hops
    )


@dataclass(frozen=True, eq=False)
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
        The arguments.
    """

    betti: np.ndarray
    n: int
    n_distinct: int
    n_components: int
    n_edges: int
    max_degree: int
    k: int
    hops: int
