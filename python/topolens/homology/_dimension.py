"""Fractal dimension of a point cloud from the growth of its minimum spanning trees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from topolens import _core
from topolens._arrays import as_rng
from topolens._bootstrap import as_confidence, as_resamples, percentile_interval
from topolens._calls import Progress, as_count, as_counts, as_number, gate
from topolens.spaces._metrics import Metric
from topolens.spaces._spaces import SpaceLike, as_space

N_SIZES = 17  # 200, 250, ..., 1000 for the 1000 points of the paper
LEAST_SHARE = 5


def lifetime_sum(
    X: SpaceLike,
    alpha: float = 1.0,
    *,
    metric: Metric = "euclidean",
    n_threads: int | None = None,
    progress: Progress = False,
    max_memory: int | None = None,
) -> float:
    """Sum the lifetimes in degree zero, each to the power `alpha`.

    Parameters
    ----------
    X : array_like, shape (n, d), or distances, or MetricSpace
        As in :func:`topolens.rips`; not sparse.
    alpha : float
        Positive exponent.
    metric, n_threads, progress, max_memory
        As in :func:`topolens.distances`.

    Returns
    -------
    float
        In the unit of the distances to the power `alpha`; 0 for a single point.

    Raises
    ------
    ValueError
        If `alpha` is not positive, or a point is infinitely far from all others.
    MemoryError
        If the job does not fit `max_memory`.

    See Also
    --------
    ph_dimension : How it grows with the number of points.
    topolens.diagrams.total_persistence : Of any diagram.

    Notes
    -----
    The finite bars of degree zero of the Vietoris-Rips filtration are the edges of the minimum
    spanning tree, so that is all that is computed: E_alpha of [1]_ and [2]_.

    References
    ----------
    .. [1] T. Birdal, A. Lou, L. Guibas, U. Şimşekli, "Intrinsic dimension, persistent homology
       and generalization in neural networks", NeurIPS (2021), section 4.
    .. [2] R. Andreeva, B. Dupuis, R. Sarkar, T. Birdal, U. Şimşekli, "Topological generalization
       bounds for discrete-time stochastic optimization algorithms", NeurIPS (2024).

    Examples
    --------
    >>> import topolens as tl
    >>> tl.homology.lifetime_sum([[0.0], [1.0], [3.0]], alpha=2.0)
    5.0
    """
    space = as_space(X, metric, max_memory)
    every_point = [list(range(len(space)))]
    sums = _sums(
        space, every_point, alpha, n_threads=n_threads, progress=progress, max_memory=max_memory
    )
    return float(sums[0])


def ph_dimension(
    X: SpaceLike,
    alpha: float = 1.0,
    *,
    sizes: Sequence[int] | None = None,
    n_subsets: int = 1,
    metric: Metric = "euclidean",
    rng: int | np.random.Generator | None = None,
    n_resamples: int = 1000,
    confidence_level: float = 0.95,
    n_threads: int | None = None,
    progress: Progress = False,
    max_memory: int | None = None,
) -> PHDimensionResult:
    """Estimate the persistent homology dimension, from minimum spanning trees of subsets.

    Parameters
    ----------
    X : array_like, shape (n, d), or distances, or MetricSpace
        Points, such as the iterates of a training run. As in :func:`topolens.rips`; not sparse.
    alpha : float
        Positive exponent of the lifetimes.
    sizes : sequence of int, optional
        Sizes of the subsets. By default 17 from n/5 to n, evenly spaced: for the paper's 1000
        points 200, 250, ..., 1000.
    n_subsets : int
        Subsets of each size, drawn without replacement.
    metric : str or callable
        As in :func:`topolens.distances`.
    rng : int or Generator, optional
        Draws the subsets, then the bootstrap.
    n_resamples : int
        Resamples behind the interval, at least 100.
    confidence_level : float
        Level of the interval, between 0 and 1.
    n_threads, progress, max_memory
        As in :func:`topolens.distances`. The result does not depend on `n_threads`.

    Returns
    -------
    PHDimensionResult

    Raises
    ------
    ValueError
        If there are fewer than two different sizes, if the points of a subset are all equal, or
        if an argument breaks its rule.
    MemoryError
        If the job does not fit `max_memory`.

    See Also
    --------
    lifetime_sum : What grows.
    topolens.magnitudes.magnitude_dimension : A dimension from magnitude.
    topolens.measures.PHDimension : The measure of layers.

    Notes
    -----
    For random subsets of n points of a set of dimension d, E_alpha grows like n to the power
    m = 1 - alpha/d [1]_. The slope m of log E_alpha on log n is fitted by least squares, and the
    dimension is alpha / (1 - m). Where m is 1 or more the sums grow at least as fast as the
    number of points, no finite dimension fits, and the value is infinite; this happens for few
    points in very many dimensions.

    The interval is a percentile bootstrap over the subsets. It covers the draw of the subsets
    and how far the points are from a straight line; it says nothing about other trajectories
    of the same training.

    References
    ----------
    .. [1] T. Birdal, A. Lou, L. Guibas, U. Şimşekli, "Intrinsic dimension, persistent homology
       and generalization in neural networks", NeurIPS (2021), Proposition 2 and Algorithm 1.

    Examples
    --------
    >>> import numpy as np, topolens as tl
    >>> square = np.random.default_rng(0).random((1000, 2))
    >>> dimension = tl.ph_dimension(square, rng=0)
    >>> 1.8 < dimension.value < 2.2
    True
    >>> dimension.sizes[:3]
    array([200, 250, 300])
    """
    space = as_space(X, metric, max_memory)
    rng = as_rng(rng)
    n_resamples, confidence = as_resamples(n_resamples), as_confidence(confidence_level)
    drawn_sizes = np.repeat(_sizes(sizes, len(space)), as_count(n_subsets, "n_subsets", least=1))
    subsets = [np.sort(rng.choice(len(space), m, replace=False)).tolist() for m in drawn_sizes]
    sums = _sums(
        space, subsets, alpha, n_threads=n_threads, progress=progress, max_memory=max_memory
    )
    if not (sums > 0).all():
        equal = int(drawn_sizes[np.argmin(sums)])
        raise ValueError(f"`X` must not repeat one point; found a subset of {equal} equal points")

    x, y = np.log(drawn_sizes), np.log(sums)
    slope, intercept = _fit(x, y)
    drawn = rng.integers(len(x), size=(n_resamples, len(x)))
    drawn = drawn[np.ptp(x[drawn], axis=1) > 0]  # one size alone has no slope
    slopes, _ = _fit(x[drawn], y[drawn])
    return PHDimensionResult(
        value=float(_dimension(slope, alpha)),
        interval=percentile_interval(_dimension(slopes, alpha), confidence, "nearest"),
        slope=float(slope),
        intercept=float(intercept),
        fit_error=float(np.sqrt(np.mean((y - intercept - slope * x) ** 2))),
        alpha=float(alpha),
        sizes=drawn_sizes,
        lifetime_sums=sums,
        confidence_level=confidence,
        asymmetry=space.asymmetry,
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class PHDimensionResult:
    """A persistent homology dimension and the fit it comes from.

    Attributes
    ----------
    value : float
        The dimension; infinite where the slope is 1 or more.
    interval : tuple of float
        Bootstrap interval of it.
    slope, intercept : float
        Of the logarithm of the lifetime sums on that of the sizes.
    fit_error : float
        Root mean square of the residuals of that line.
    alpha : float
        Exponent of the lifetimes.
    sizes : ndarray of int64, shape (k,)
        Points of each subset.
    lifetime_sums : ndarray of float64, shape (k,)
        E_alpha of each subset.
    confidence_level : float
        Level of the interval.
    asymmetry : float
        By how much the two sides of given distances differed, at most; they were averaged.
    """

    value: float
    interval: tuple[float, float]
    slope: float
    intercept: float
    fit_error: float
    alpha: float
    sizes: np.ndarray = field(repr=False)
    lifetime_sums: np.ndarray = field(repr=False)
    confidence_level: float = 0.95
    asymmetry: float = field(default=0.0, repr=False)

    def __float__(self) -> float:
        return self.value

    def to_columns(self) -> dict[str, np.ndarray]:
        """Return the subsets as columns, for pandas or polars."""
        return {
            "size": self.sizes,
            "lifetime_sum": self.lifetime_sums,
            "fitted": np.exp(self.intercept + self.slope * np.log(self.sizes)),
        }


def _sums(
    space: _core.Space,
    subsets: list[list[int]],
    alpha: float,
    *,
    n_threads: int | None,
    progress: Progress,
    max_memory: int | None,
) -> np.ndarray:
    with gate("spanning trees", n_threads, progress, max_memory) as call:
        return _core.lifetime_sums(space, subsets, alpha=as_number(alpha, "alpha"), **call)


def _sizes(sizes: Sequence[int] | None, n: int) -> np.ndarray:
    if sizes is None:
        spaced = np.linspace(n / LEAST_SHARE, n, N_SIZES).round().astype(np.int64)
        found = np.unique(spaced[spaced >= 2])
    else:
        found = np.array(as_counts(sizes, "sizes", least=2), dtype=np.int64)
        if len(found) and found.max() > n:
            raise ValueError(
                f"`sizes` must be at most the number of points {n}; found {max(found)}"
            )
    if len(np.unique(found)) < 2:
        what = f"those of {n} points" if sizes is None else f"{list(sizes)}"
        raise ValueError(f"`sizes` must hold two different numbers; found {what}")
    return found


def _fit(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return slopes and intercepts of least-squares lines along the last axis."""
    center_x, center_y = x.mean(axis=-1, keepdims=True), y.mean(axis=-1, keepdims=True)
    slope = ((x - center_x) * (y - center_y)).sum(axis=-1) / ((x - center_x) ** 2).sum(axis=-1)
    return slope, center_y[..., 0] - slope * center_x[..., 0]


def _dimension(slope: np.ndarray, alpha: float) -> np.ndarray:
    gap = 1 - np.asarray(slope)
    return np.divide(alpha, gap, out=np.full(gap.shape, np.inf), where=gap > 0)
