"""Effective numbers of points: diversities that take similarity into account."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from topolens import _core
from topolens._arrays import as_points, as_values, rounding
from topolens._calls import Progress, as_number, gate, refuse_unused
from topolens.spaces._metrics import Metric
from topolens.spaces._spaces import SpaceLike, as_space

Kernel = Literal["cosine", "exponential", "precomputed"]

KERNELS: tuple[str, ...] = get_args(Kernel)


def diversity(
    X: SpaceLike,
    t: float = 1.0,
    order: float = 1.0,
    p: ArrayLike | None = None,
    *,
    metric: Metric = "euclidean",
    n_threads: int | None = None,
    progress: Progress = False,
    max_memory: int | None = None,
) -> float:
    """Compute the similarity-sensitive diversity of a distribution on a space.

    Parameters
    ----------
    X, metric, n_threads, progress, max_memory
        As in :func:`magnitude`.
    t : float
        Scale, above 0.
    order : float
        From 0, where rare points count as much as common ones, to ``inf``, where only the most
        common matter. Of order 0, for uniform `p`, it is the spread [2]_.
    p : array_like, shape (n,), optional
        Probabilities of the points, or any non-negative weights, which are divided by their
        sum; uniform when not given.

    Returns
    -------
    float
        The effective number of points.

    Raises
    ------
    ValueError
        If `p` has negative entries or no positive one, or another argument breaks its rule.
    MemoryError
        If the job does not fit `max_memory`.

    See Also
    --------
    max_diversity : The largest of all distributions.
    vendi_score : From the eigenvalues of the similarities.
    magnitude : Sum of the weights that make all points equally ordinary.

    Notes
    -----
    With ``Z = exp(-t * D)`` it is ``sum(p * (Z @ p) ** (q - 1)) ** (1 / (1 - q))`` of order q, or
    the limit of that [1]_. It needs no solve. Copies of a point count as points of their own, as
    points very near to each other do. The spread, Σ_i 1 / Σ_j exp(−t d_ij), is at most the
    magnitude where Z is positive definite [2]_.

    References
    ----------
    .. [1] T. Leinster, C. A. Cobbold, "Measuring diversity: the importance of species
       similarity", Ecology 93 (2012), equation 1.
    .. [2] S. Willerton, "Spread: a measure of the size of metric spaces", Int. J. Comput. Geom.
       Appl. 25 (2015).

    Examples
    --------
    Points far apart, without similarity: the exponential of Shannon's entropy.

    >>> import topolens as tl
    >>> round(tl.magnitudes.diversity([[0.0], [100.0]], p=[0.9, 0.1]), 6)
    1.384145

    The spread of two points, 2 / (1 + 1/e):

    >>> round(tl.magnitudes.diversity([[0.0], [1.0]], order=0), 6)
    1.462117
    """
    space = as_space(X, metric, max_memory)
    n = len(space)
    probabilities = np.full(n, 1 / max(n, 1)) if p is None else as_values(p, "p")
    if probabilities.shape != (n,):
        raise ValueError(f"`p` must have shape ({n},); found shape {probabilities.shape}")
    with gate("diversity", n_threads, progress, max_memory) as call:
        return _core.diversity(
            space, as_number(t, "t"), order=as_number(order, "order"), p=probabilities, **call
        )


@dataclass(frozen=True, eq=False)
class MaxDiversity:
    """The largest diversity of a space; ``float()`` of it is the value.

    Attributes
    ----------
    value : float
        The diversity of `distribution`.
    upper_bound : float
        What no distribution exceeds.
    distribution : ndarray of float64, shape (n,)
        The most diverse distribution; copies of a point have equal shares.
    asymmetry : float
        By how much the two sides of given distances differed, at most; they were averaged.
    """

    value: float
    upper_bound: float
    distribution: np.ndarray
    asymmetry: float = field(default=0.0, repr=False)

    def __float__(self) -> float:
        """Return the value."""
        return self.value

    @property
    def support(self) -> np.ndarray:
        """Indices of the points with positive probability."""
        return np.flatnonzero(self.distribution)

    def to_columns(self) -> dict[str, np.ndarray]:
        """Return the distribution as columns, for pandas or polars."""
        points = np.arange(len(self.distribution))
        return {"point": points, "probability": self.distribution.copy()}

    def __repr__(self) -> str:
        """One line with the value, its bound and the size of the support."""
        return (
            f"MaxDiversity({self.value:.9g}, at most {self.upper_bound:.9g}; "
            f"{len(self.support)} of {len(self.distribution)} points)"
        )


def max_diversity(
    X: SpaceLike,
    t: float = 1.0,
    *,
    metric: Metric = "euclidean",
    tol: float = 1e-8,
    n_threads: int | None = None,
    progress: Progress = False,
    max_memory: int | None = None,
) -> MaxDiversity:
    """Compute the largest diversity of all distributions on a space, with a certificate.

    Parameters
    ----------
    X, metric, tol, n_threads, progress, max_memory
        As in :func:`weighting`.
    t : float
        Scale, above 0.

    Returns
    -------
    MaxDiversity

    Raises
    ------
    ValueError, MemoryError
        As in :func:`magnitude`.
    NumericalError
        If the similarity matrix is not positive definite, so that local maxima may exist.

    See Also
    --------
    diversity : Of a given distribution.
    magnitude : Not below it.

    Notes
    -----
    The most diverse distribution is the same for all orders, and so is its diversity: the
    magnitude of its support [1]_. It is at most the magnitude, and equal to it where no weight
    is negative. The support is found exactly, by block principal pivoting [2]_, each step of
    which solves for the weighting of a subset. Iterative normalisation [3]_ converges to the
    same distribution, not to the weighting.

    The bound holds for positive definite similarity matrices Z: by Cauchy and Schwarz no
    diversity exceeds pᵀZp / min_i (Zp)_i² for any distribution p.

    References
    ----------
    .. [1] T. Leinster, M. W. Meckes, "Maximizing diversity in biology and beyond", Entropy 18
       (2016), theorem 1.
    .. [2] L. F. Portugal, J. J. Júdice, L. N. Vicente, "A comparison of block pivoting and
       interior-point algorithms for linear least squares problems with nonnegative variables",
       Math. Comput. 63 (1994).
    .. [3] R. Andreeva, J. Ward, P. Skraba, J. Gao, R. Sarkar, "Approximating metric magnitude of
       point sets", AAAI (2025).

    Examples
    --------
    >>> import topolens as tl
    >>> X = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.3, 0.3]]
    >>> tl.magnitudes.max_diversity(X, 0.1).support
    array([0, 1, 2])
    """
    space = as_space(X, metric, max_memory)
    with gate("max_diversity", n_threads, progress, max_memory) as call:
        value, upper_bound, distribution = _core.max_diversity(
            space, as_number(t, "t"), tol=as_number(tol, "tol"), **call
        )
    return MaxDiversity(value, upper_bound, distribution, space.asymmetry)


def vendi_score(
    X: SpaceLike,
    kernel: Kernel = "cosine",
    t: float = 1.0,
    order: float = 1.0,
    *,
    metric: Metric = "euclidean",
    n_threads: int | None = None,
    progress: Progress = False,
    max_memory: int | None = None,
) -> float:
    """Compute the Vendi score, the effective number of eigenvalues of a kernel.

    Parameters
    ----------
    X : array_like, shape (n, d) or (n, n)
        Points, each of them counted, copies too; with ``kernel="precomputed"`` the kernel
        itself, symmetric with ones on the diagonal; with ``kernel="exponential"`` a space as
        in :func:`magnitude`.
    kernel : {"cosine", "exponential", "precomputed"}
        "cosine": cosines of the angles between rows. "exponential": exp(−t d_ij), the
        similarity matrix of magnitude; a Gaussian kernel with ``metric="sqeuclidean"``.
    t : float
        Scale of the exponential kernel, above 0; not for the others.
    order : float
        1 for Shannon's entropy of the eigenvalues, any number from 0 to ``inf`` for Rényi's.
    metric : str or callable
        As in :func:`topolens.distances`, for the exponential kernel.
    n_threads, progress, max_memory
        As in :func:`magnitude`.

    Returns
    -------
    float
        The exponential of the entropy of the eigenvalues of K/n, from 1 to n.

    Raises
    ------
    ValueError
        If a row has no direction, `X` is no kernel, or an argument breaks its rule.
    NumericalError
        If the kernel has a negative eigenvalue, and with it no entropy.
    MemoryError
        If the matrix does not fit `max_memory`.

    See Also
    --------
    diversity : From similarities, without eigenvalues.
    magnitude : Of the exponential kernel.

    Notes
    -----
    All eigenvalues of an n × n matrix; with the cosine kernel those of the d × d matrix of the
    same positive ones where d is below n. Eigenvalues of at most n times the rounding of the
    largest one count as zero (d times, where `X` has more columns than rows): that of float64,
    or, for a kernel that was computed in float32, of that.

    References
    ----------
    D. Friedman, A. B. Dieng, "The Vendi score: a diversity evaluation metric for machine
    learning", TMLR (2023), definition 3.1; A. P. Pasarkar, A. B. Dieng, "Cousins of the Vendi
    score", AISTATS (2024), for the orders.

    Examples
    --------
    >>> import topolens as tl
    >>> X = [[1.0, 0.0], [0.0, 1.0], [0.0, 2.0]]
    >>> round(tl.magnitudes.vendi_score(X), 6)  # entropy of 1/3, 2/3
    1.889882
    """
    if kernel != "exponential":
        refuse_unused(f"for kernel={kernel!r}", t=(t, 1.0), metric=(metric, "euclidean"))
    with gate("vendi_score", n_threads, progress, max_memory) as call:
        call["order"] = as_number(order, "order")
        if kernel == "cosine":
            return _core.vendi_of_directions(_core.Space.points(as_points(X), "cosine"), **call)
        if kernel == "exponential":
            return _core.vendi_of_space(as_space(X, metric, max_memory), as_number(t, "t"), **call)
        if kernel == "precomputed":
            return _core.vendi_of_kernel(as_points(X), step=rounding(X), **call)
    raise ValueError(f'`kernel` must be "cosine", "exponential" or "precomputed"; found {kernel!r}')
