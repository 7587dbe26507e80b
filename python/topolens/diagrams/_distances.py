"""Distances between persistence diagrams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, overload

import numpy as np

from topolens import _core
from topolens._calls import (
    Progress,
    as_choice,
    as_count,
    as_non_negative,
    as_number,
    gate,
    memory_limit,
    refuse_unused,
)
from topolens.diagrams._reading import DiagramLike, as_diagram, as_list_of_diagrams

DiagramMetric = Literal["bottleneck", "wasserstein", "sliced_wasserstein", "landscape"]

# With the parameters that each takes.
DIAGRAM_METRICS: dict[str, tuple[str, ...]] = {
    "bottleneck": ("delta",),
    "wasserstein": ("p", "q", "delta"),
    "sliced_wasserstein": ("n_directions",),
    "landscape": ("p", "k"),
}
# Name, p, q, delta, and the number of lines or of landscapes.
_Metric = tuple[str, float, float, float, int]


@dataclass(frozen=True, eq=False)
class DiagramMatching:
    """A matching of two diagrams that realises their distance.

    Attributes
    ----------
    distance : float
        What the matching costs; inf if there is none.
    matching : ndarray of int64, shape (k, 2), or None
        Rows of the first and of the second diagram, -1 for the diagonal; each row of either
        diagram stands once. None if the distance is infinite.
    lengths : ndarray of float64, shape (k,), or None
        How far the two of each pair are apart, in the norm of the distance.
    """

    distance: float
    matching: np.ndarray | None = field(repr=False)
    lengths: np.ndarray | None = field(repr=False)

    @property
    def longest(self) -> np.ndarray:
        """The pairs that are farthest apart; their length is the bottleneck distance."""
        if self.matching is None or self.lengths is None or not len(self.matching):
            return np.empty((0, 2), dtype=np.int64)
        return self.matching[self.lengths == self.lengths.max()]

    def to_columns(self) -> dict[str, np.ndarray]:
        """Return the pairs as columns, for pandas.DataFrame or polars.DataFrame."""
        if self.matching is None or self.lengths is None:
            pairs, lengths = np.empty((0, 2), dtype=np.int64), np.empty(0)
        else:
            pairs, lengths = self.matching, self.lengths
        return {"first": pairs[:, 0].copy(), "second": pairs[:, 1].copy(), "length": lengths.copy()}


@overload
def bottleneck_distance(
    a: DiagramLike,
    b: DiagramLike,
    *,
    delta: float = ...,
    matching: Literal[False] = ...,
    degree: int | None = ...,
    max_memory: int | None = ...,
) -> float: ...
@overload
def bottleneck_distance(
    a: DiagramLike,
    b: DiagramLike,
    *,
    delta: float = ...,
    matching: Literal[True],
    degree: int | None = ...,
    max_memory: int | None = ...,
) -> DiagramMatching: ...
def bottleneck_distance(
    a: DiagramLike,
    b: DiagramLike,
    *,
    delta: float = 0.0,
    matching: bool = False,
    degree: int | None = None,
    max_memory: int | None = None,
) -> float | DiagramMatching:
    """Compute the bottleneck distance of two persistence diagrams.

    Parameters
    ----------
    a, b : array_like, shape (k, 2), or diagrams of several degrees
        Rows (birth, death) from anywhere, as in :func:`betti_curve`.
    delta : float
        Relative error allowed: the result exceeds the distance by a factor of at most
        ``1 + delta``, and is the cost of a matching. 0 is exact.
    matching : bool
        Return a matching of that cost also.
    degree : int, optional
        The degree to take; needed where diagrams have several.
    max_memory : int, optional
        Bytes that the job may take; what is available by default.

    Returns
    -------
    float or DiagramMatching
        In the unit of the filtration; inf if the diagrams have different numbers of essential
        classes.

    Raises
    ------
    ValueError
        If `a` or `b` is no diagram or `delta` is negative.
    MemoryError
        If the job does not fit `max_memory`.

    See Also
    --------
    wasserstein_distance, sliced_wasserstein_distance, landscape_distance, distance_matrix
    amplitude : Distance to the empty diagram.

    Notes
    -----
    The least r such that the points can be matched one to one, each with a point of the other
    diagram or of the diagonal no farther than r away in the maximum norm. Points on the diagonal
    count nothing. Essential classes are matched among themselves, in the order of their births;
    likewise classes that have always been there, and those that have no end at all.

    A radius will do as soon as the points of each diagram that are too far from the diagonal can be
    matched into the other diagram [1]_. So only these are matched, along augmenting paths found by
    a k-d tree from which points are removed [2]_, at radii that halve an interval whose ends are
    always distances that occur, until they meet: at most some hundred radii, and the result is
    exact.

    References
    ----------
    .. [1] N. S. Mendelsohn, A. L. Dulmage, "Some generalizations of the problem of distinct
       representatives", Canad. J. Math. 10 (1958).
    .. [2] A. Efrat, A. Itai, M. J. Katz, "Geometry helps in bottleneck matching and related
       problems", Algorithmica 31 (2001).
    .. [3] M. Kerber, D. Morozov, A. Nigmetov, "Geometry helps to compare persistence diagrams",
       J. Exp. Algorithmics 22 (2017).

    Examples
    --------
    >>> import topolens as tl
    >>> tl.bottleneck_distance([[0, 4], [1, 2]], [[0, 3]])
    1.0
    >>> tl.bottleneck_distance([[0, 4], [1, 2]], [[0, 3]], matching=True).matching.tolist()
    [[0, 0], [1, -1]]
    """
    metric = ("bottleneck", 1.0, np.inf, as_non_negative(delta, "delta"), 1)
    return _compare(a, b, metric, matching, degree=degree, max_memory=max_memory)


@overload
def wasserstein_distance(
    a: DiagramLike,
    b: DiagramLike,
    *,
    p: float = ...,
    q: float = ...,
    delta: float = ...,
    matching: Literal[False] = ...,
    degree: int | None = ...,
    max_memory: int | None = ...,
) -> float: ...
@overload
def wasserstein_distance(
    a: DiagramLike,
    b: DiagramLike,
    *,
    p: float = ...,
    q: float = ...,
    delta: float = ...,
    matching: Literal[True],
    degree: int | None = ...,
    max_memory: int | None = ...,
) -> DiagramMatching: ...
def wasserstein_distance(
    a: DiagramLike,
    b: DiagramLike,
    *,
    p: float = 2.0,
    q: float = np.inf,
    delta: float = 0.0,
    matching: bool = False,
    degree: int | None = None,
    max_memory: int | None = None,
) -> float | DiagramMatching:
    """Compute the Wasserstein distance of two persistence diagrams.

    Parameters
    ----------
    a, b, degree, max_memory
        As in :func:`bottleneck_distance`.
    p : float
        Exponent of the costs, at least 1.
    q : float
        Norm of the plane in which points move, 1 to inf.
    delta : float
        Relative error allowed: the result exceeds the distance by a factor of at most
        ``1 + delta``, and is the cost of a matching. 0 is exact, up to rounding.
    matching : bool
        Return a matching of that cost also.

    Returns
    -------
    float or DiagramMatching
        In the unit of the filtration; inf if the diagrams have different numbers of essential
        classes.

    Raises
    ------
    ValueError
        If `a` or `b` is no diagram, `p` or `q` is below 1, or `delta` is negative.
    OverflowError
        If the distance is more than the largest number; other distances refuse that too.
    MemoryError
        If the job does not fit `max_memory`.

    See Also
    --------
    bottleneck_distance, sliced_wasserstein_distance, landscape_distance, distance_matrix
    amplitude : Distance to the empty diagram.

    Notes
    -----
    ``min (Σ ‖x - m(x)‖_q^p)^(1/p)`` over all matchings m of the points with points of the other
    diagram or of the diagonal. Points on the diagonal count nothing; essential classes are matched
    as in :func:`bottleneck_distance`, to which the distance falls as `p` grows.

    This is an assignment problem, solved by shortest augmenting paths [1]_ whose steps are found
    on a k-d tree that bounds costs less prices [2]_; no matrix of costs is made. Prices prove that
    the matching is the best one. With `delta` the search ends as soon as they prove that it is good
    enough.

    References
    ----------
    .. [1] R. Jonker, A. Volgenant, "A shortest augmenting path algorithm for dense and sparse
       linear assignment problems", Computing 38 (1987).
    .. [2] M. Kerber, D. Morozov, A. Nigmetov, "Geometry helps to compare persistence diagrams",
       J. Exp. Algorithmics 22 (2017).

    Examples
    --------
    >>> import topolens as tl
    >>> tl.wasserstein_distance([[0, 4], [1, 2]], [[0, 3]], p=1)
    1.5
    >>> tl.wasserstein_distance([[0, 4], [1, 2]], [[0, 3]], p=1, q=1)
    2.0
    """
    norms = as_number(p, "p"), as_number(q, "q"), as_non_negative(delta, "delta")
    metric = ("wasserstein", *norms, 1)
    return _compare(a, b, metric, matching, degree=degree, max_memory=max_memory)


def sliced_wasserstein_distance(
    a: DiagramLike,
    b: DiagramLike,
    *,
    n_directions: int = 50,
    degree: int | None = None,
    max_memory: int | None = None,
) -> float:
    """Compute the sliced Wasserstein distance of two persistence diagrams.

    Parameters
    ----------
    a, b, degree, max_memory
        As in :func:`bottleneck_distance`.
    n_directions : int
        Lines that are projected to, at equal angles.

    Returns
    -------
    float
        In the unit of the filtration; inf if the diagrams have different numbers of essential
        classes.

    Raises
    ------
    ValueError
        If `a` or `b` is no diagram or `n_directions` is 0.
    MemoryError
        If the job does not fit `max_memory`.

    See Also
    --------
    bottleneck_distance, wasserstein_distance, landscape_distance, distance_matrix

    Notes
    -----
    To each diagram the projections of the other one to the diagonal are added; the distance is the
    mean over the lines of the Wasserstein distances, with exponent 1, of the projections [1]_. At
    most ``2 * sqrt(2)`` times the Wasserstein distance with ``p=1``. Essential classes, matched as
    in :func:`bottleneck_distance`, add their differences.

    References
    ----------
    .. [1] M. Carrière, M. Cuturi, S. Oudot, "Sliced Wasserstein kernel for persistence diagrams",
       ICML (2017).

    Examples
    --------
    >>> import topolens as tl
    >>> round(tl.diagrams.sliced_wasserstein_distance([[0, 4], [1, 2]], [[0, 3]]), 3)
    1.127
    """
    lines = as_count(n_directions, "n_directions", least=1)
    return _distance(a, b, ("sliced_wasserstein", 1.0, np.inf, 0.0, lines), degree, max_memory)


def landscape_distance(
    a: DiagramLike,
    b: DiagramLike,
    *,
    k: int = 5,
    p: float = 2.0,
    degree: int | None = None,
    max_memory: int | None = None,
) -> float:
    """Compute the distance of the landscapes of two persistence diagrams.

    Parameters
    ----------
    a, b, degree, max_memory
        As in :func:`bottleneck_distance`.
    k : int
        The first landscapes that are compared; as many as a diagram has points are all.
    p : float
        Exponent, 1 to inf.

    Returns
    -------
    float
        inf if the diagrams have different numbers of essential classes.

    Raises
    ------
    ValueError
        If `a` or `b` is no diagram, `k` is 0 or `p` is below 1.
    MemoryError
        If the job does not fit `max_memory`.

    See Also
    --------
    bottleneck_distance, wasserstein_distance, sliced_wasserstein_distance, distance_matrix
    landscape : The curves that are compared.

    Notes
    -----
    ``(Σ_k ∫ |λ_k(t) - μ_k(t)|^p dt)^(1/p)`` over the landscapes of the finite points [1]_, with no
    grid: landscapes are linear between corners, and the corners are found exactly [2]_. Essential
    classes, matched as in :func:`bottleneck_distance`, add the powers of their differences. For
    ``p=inf`` the distance is at most the bottleneck distance.

    References
    ----------
    .. [1] P. Bubenik, "Statistical topological data analysis using persistence landscapes",
       JMLR 16 (2015).
    .. [2] P. Bubenik, P. Dłotko, "A persistence landscapes toolbox for topological statistics",
       J. Symb. Comput. 78 (2017), algorithm 1.

    Examples
    --------
    >>> import topolens as tl
    >>> tl.diagrams.landscape_distance([[0, 4], [1, 2]], [[0, 4]], p=1)
    0.25
    """
    levels = as_count(k, "k", least=1)
    metric = ("landscape", as_number(p, "p"), np.inf, 0.0, levels)
    return _distance(a, b, metric, degree, max_memory)


def distance_matrix(
    diagrams: Sequence[DiagramLike],
    metric: DiagramMetric = "bottleneck",
    *,
    p: float = 2.0,
    q: float = np.inf,
    delta: float = 0.0,
    n_directions: int = 50,
    k: int = 5,
    degree: int | None = None,
    n_threads: int | None = None,
    progress: Progress = False,
    max_memory: int | None = None,
) -> np.ndarray:
    """Compute the distances of all pairs of persistence diagrams.

    Parameters
    ----------
    diagrams : sequence of array_like, shape (k, 2), or of diagrams of several degrees
        Each as in :func:`betti_curve`.
    metric : {"bottleneck", "wasserstein", "sliced_wasserstein", "landscape"}
        The distance: :func:`bottleneck_distance`, :func:`wasserstein_distance`,
        :func:`sliced_wasserstein_distance` or :func:`landscape_distance`.
    p, q, delta, n_directions, k
        Arguments of the distance; those that it does not have are not used.
    degree : int, optional
        The degree to take; needed where diagrams have several.
    n_threads : int, optional
        Threads to use, pairs in parallel; all by default. The result does not depend on it.
    progress : bool or callable
        Show a bar, or call a function with (done, total).
    max_memory : int, optional
        Bytes that the job may take; what is available by default.

    Returns
    -------
    ndarray of float64, shape (n, n)
        Symmetric, zero on the diagonal; inf between diagrams with different numbers of essential
        classes. What takes distances takes it with ``metric="precomputed"``.

    Raises
    ------
    ValueError
        If a diagram is none, or an argument breaks its rule.
    MemoryError
        If the job does not fit `max_memory`.

    See Also
    --------
    bottleneck_distance, wasserstein_distance, sliced_wasserstein_distance, landscape_distance
    permutation_test : Whether two groups differ.
    topolens.layers.layer_distances : From layer to layer.
    topolens.plotting.plot_distance_matrix : The drawing.

    Examples
    --------
    >>> import topolens as tl
    >>> tl.distance_matrix([[[0, 4]], [[0, 3]], []])
    array([[0. , 1. , 2. ],
           [1. , 0. , 1.5],
           [2. , 1.5, 0. ]])
    """
    chosen = as_choice(metric, "metric", tuple(DIAGRAM_METRICS))
    counts = {"n_directions": (n_directions, 50), "k": (k, 5)}
    given = {"p": (p, 2.0), "q": (q, np.inf), "delta": (delta, 0.0), **counts}
    refuse_unused(f"for metric={chosen!r}", DIAGRAM_METRICS[chosen], **given)
    count = {"sliced_wasserstein": (n_directions, "n_directions"), "landscape": (k, "k")}
    specification = (
        chosen,
        as_number(p, "p"),
        as_number(q, "q"),
        as_non_negative(delta, "delta"),
        as_count(*count.get(chosen, (1, "k")), least=1),
    )
    with gate("distance_matrix", n_threads, progress, max_memory) as call:
        return _core.diagram_distances(
            as_list_of_diagrams(diagrams, "diagrams", degree=degree), specification, **call
        )


def _compare(
    a: DiagramLike,
    b: DiagramLike,
    metric: _Metric,
    matching: bool,
    *,
    degree: int | None,
    max_memory: int | None,
) -> float | DiagramMatching:
    if not matching:
        return _distance(a, b, metric, degree, max_memory)
    distance, pairs, lengths = _core.diagram_matching(
        as_diagram(a, "a", degree=degree),
        as_diagram(b, "b", degree=degree),
        metric,
        max_memory=memory_limit(max_memory),
    )
    if np.isinf(distance):
        return DiagramMatching(distance, None, None)
    return DiagramMatching(distance, pairs, lengths)


def _distance(
    a: DiagramLike, b: DiagramLike, metric: _Metric, degree: int | None, max_memory: int | None
) -> float:
    return _core.diagram_distance(
        as_diagram(a, "a", degree=degree),
        as_diagram(b, "b", degree=degree),
        metric,
        max_memory=memory_limit(max_memory),
    )
