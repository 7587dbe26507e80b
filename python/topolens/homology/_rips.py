"""Persistent homology of point clouds and distance matrices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from topolens import _core
from topolens._arrays import as_rng
from topolens._calls import Progress, as_coeff, as_count, as_number, gate
from topolens.homology._results import PersistenceResult
from topolens.spaces._landmarks import choose_landmarks
from topolens.spaces._metrics import Metric
from topolens.spaces._spaces import MetricSpace, SpaceLike, as_space


def rips(
    X: SpaceLike,
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

    See Also
    --------
    rips_batch : Many clouds.
    hop_betti : One scale, in hops on the graph of neighbours.
    cubical : Of images.
    topolens.diagrams.confidence_band : Which bars are no accident of the sample.
    topolens.sklearn.RipsPersistence : The estimator.

    Notes
    -----
    A simplex enters with its longest edge; float64 from end to end. Up to degree
    2, edges enter one by one, and what each does to the classes that are alive
    is read off the common neighbours of its ends [1]_; for higher degrees, edges
    that change nothing are left out and persistent cohomology is reduced
    implicitly [2]_. The diagrams do not depend on the way. With ``maxdim=0`` and
    points, the bars are the edges of the minimum spanning tree, by Prim's
    algorithm or, for many points with few coordinates, by Borůvka's on a k-d
    tree [3]_; no distance is stored and the memory is that of the points. If few
    pairs of points are within `threshold`, these alone are searched for and kept:
    about 60 bytes each.

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
    threshold, generator = as_number(threshold, "threshold"), as_rng(rng)
    # Landmarks and sparse filtrations look at long distances too.
    longest = threshold if n_landmarks is None and epsilon is None else np.inf
    space = as_space(X, metric, max_memory, n_threads, longest)
    chosen = None
    if n_landmarks is not None:
        chosen = choose_landmarks(space, n_landmarks, generator, n_threads)
        space = space.select(chosen.indices.tolist())
    with gate("rips", n_threads, progress, max_memory) as call:
        computed = _core.rips(
            space,
            maxdim=as_count(maxdim, "maxdim"),
            threshold=threshold,
            epsilon=None if epsilon is None else as_number(epsilon, "epsilon"),
            coeff=as_coeff(coeff),
            cocycles=bool(cocycles),
            **call,
        )
    result = _as_result(computed, space, int(coeff))
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
    Xs: Iterable[SpaceLike],
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

    See Also
    --------
    rips : One cloud, with more options.

    Examples
    --------
    >>> import topolens as tl
    >>> clouds = [tl.datasets.circle(40, rng=seed) for seed in range(3)]
    >>> [len(r[1]) for r in tl.rips_batch(clouds)]
    [1, 1, 1]
    """
    threshold = as_number(threshold, "threshold")
    _refuse_one_space(Xs, metric)
    spaces = [as_space(X, metric, max_memory, n_threads, threshold) for X in Xs]
    with gate("rips_batch", n_threads, progress, max_memory) as call:
        computed = _core.rips_batch(
            spaces,
            maxdim=as_count(maxdim, "maxdim"),
            threshold=threshold,
            coeff=as_coeff(coeff),
            cocycles=bool(cocycles),
            **call,
        )
    return [_as_result(one, space, int(coeff)) for one, space in zip(computed, spaces, strict=True)]


def _refuse_one_space(Xs: Any, metric: Metric) -> None:
    """Refuse one cloud, one matrix or one space, whose rows would be read as spaces."""
    shape = np.shape(Xs) if hasattr(Xs, "__array__") else _shape_of_rows(Xs)
    if isinstance(Xs, (MetricSpace, _core.Space)) or hasattr(Xs, "tocoo"):
        found = type(Xs).__name__
    elif len(shape) == 2 and (metric != "precomputed" or shape[0] == shape[1]):
        found = f"one array of shape {shape}"
    else:
        return
    raise ValueError(f"`Xs` must be several spaces; found {found}: pass [X] for one")


def _shape_of_rows(Xs: Any) -> tuple[int, ...]:
    """Shape of a matrix that is written as lists of numbers."""
    if not (isinstance(Xs, list) and all(isinstance(X, list) for X in Xs)):
        return ()
    widths = {len(X) if all(map(np.isscalar, X)) else -1 for X in Xs}
    return (len(Xs), *widths) if len(widths) == 1 and widths != {-1} else ()


def _as_result(computed: _core._Persistence, space: _core.Space, coeff: int) -> PersistenceResult:
    dgms, birth_edges, death_edges, (largest_scale, complete), cocycles, _ = computed
    return PersistenceResult(
        dgms=dgms,
        n_points=len(space),
        threshold=largest_scale,
        complete=complete,
        coeff=coeff,
        birth_edges=birth_edges,
        death_edges=death_edges,
        cocycles=cocycles,
        asymmetry=space.asymmetry,
    )


def _as_plan(computed: _core._Persistence) -> str:
    name, reasons, estimate = computed[-1]
    memory = f"; about {estimate / 1e6:.0f} MB" if estimate else ""
    return f"{name}: {reasons}{memory}"
