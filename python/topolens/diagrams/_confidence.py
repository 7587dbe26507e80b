"""Which features of a diagram are more than an accident of the sample."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np

from topolens import _core
from topolens._arrays import as_points, as_rng
from topolens._bootstrap import as_confidence, as_resamples, upper_quantile
from topolens._calls import Progress, as_choice, as_count, as_number, gate, refuse_unused
from topolens.diagrams._reading import DiagramLike, as_diagrams
from topolens.homology._cubical import cubical
from topolens.spaces._metrics import Metric
from topolens.spaces._spaces import MetricSpace, SpaceLike, as_space

BandMethod = Literal["subsample", "bootstrap"]

BAND_METHODS: tuple[str, ...] = get_args(BandMethod)
SQUARES = ("sqeuclidean", "cosine", "correlation")
GRID_POINTS = {1: 512, 2: 64, 3: 24}


@dataclass(frozen=True, eq=False, kw_only=True)
class ConfidenceBand:
    """A bottleneck ball around a diagram that holds the true one with a stated confidence.

    Attributes
    ----------
    radius : float
        Radius of the ball, in filtration values. A bar whose distance from the diagonal, half
        its length, is larger is in every diagram of the ball.
    confidence_level : float
        The confidence.
    method : str
        "subsample" or "bootstrap".
    filtration : str
        What the band is for: "rips" (filtration value = edge length) or "dtm", the sublevel sets
        of the distance to a measure.
    resampled : ndarray of float64, shape (n_resamples,)
        The distances that the radius was read from: Hausdorff distances of subsamples, or
        largest changes of the distance to the measure.
    n_points : int
        Points of the sample.
    subsample_size : int, optional
        Points of a subsample; None for the bootstrap.
    dgms : list of ndarray of float64, shape (k, 2), optional
        For the bootstrap, the diagrams of the distance to the measure.
    axes : tuple of ndarray of float64, optional
        For the bootstrap, the coordinates of the grid along each axis.
    values : ndarray of float64, optional
        For the bootstrap, the distance to the measure on the grid.
    """

    radius: float
    confidence_level: float
    method: BandMethod
    filtration: Literal["rips", "dtm"]
    resampled: np.ndarray = field(repr=False)
    n_points: int
    subsample_size: int | None = None
    dgms: list[np.ndarray] | None = field(default=None, repr=False)
    axes: tuple[np.ndarray, ...] | None = field(default=None, repr=False)
    values: np.ndarray | None = field(default=None, repr=False)

    @property
    def length(self) -> float:
        """Bars must be longer than this to stand out: twice the radius."""
        return 2 * self.radius

    def exceeds(self, diagrams: DiagramLike | None = None) -> list[np.ndarray]:
        """Tell which bars are farther from the diagonal than the radius.

        Parameters
        ----------
        diagrams : result or list of array_like, shape (k, 2), optional
            Diagrams of the same sample and filtration; `dgms` when not given.

        Returns
        -------
        list of ndarray of bool, shape (k,)
            Degree after degree. Essential classes are infinitely far from the diagonal; classes
            alive at a threshold that cut the filtration off are taken to end there.

        Raises
        ------
        ValueError
            If there are no diagrams, or broken ones.
        """
        dgms = self._diagrams(diagrams)
        # What is alive at a threshold that cut the filtration off is at least that long.
        complete = getattr(diagrams, "complete", True)
        last = np.inf if complete else getattr(diagrams, "threshold", np.inf)
        ends = [np.minimum(dgm[:, 1], last) for dgm in dgms]
        # Never inf - inf: no class is born at inf.
        return [end - dgm[:, 0] > self.length for dgm, end in zip(dgms, ends, strict=True)]

    def to_columns(self, diagrams: DiagramLike | None = None) -> dict[str, np.ndarray]:
        """All bars as columns, with the mark of those that exceed the band.

        Parameters
        ----------
        diagrams
            As in :meth:`exceeds`.

        Returns
        -------
        dict of str to ndarray
            ``degree``, ``birth``, ``death`` and ``exceeds_band``.
        """
        dgms = self._diagrams(diagrams)
        bars = np.concatenate(dgms)
        return {
            "degree": np.repeat(np.arange(len(dgms)), [len(dgm) for dgm in dgms]),
            "birth": bars[:, 0].copy(),
            "death": bars[:, 1].copy(),
            "exceeds_band": np.concatenate(self.exceeds(diagrams)),
        }

    def _diagrams(self, diagrams: Any) -> list[np.ndarray]:
        if diagrams is None:
            if self.dgms is None:
                raise ValueError("`diagrams` must be given: this band holds none")
            return self.dgms
        return as_diagrams(diagrams, "diagrams")

    def __repr__(self) -> str:
        """One line with the radius and where it comes from."""
        size = "" if self.subsample_size is None else f" of {self.subsample_size}"
        return (
            f"ConfidenceBand(radius={self.radius:.6g}, "
            f"confidence_level={self.confidence_level:g}; {self.filtration}, "
            f"{len(self.resampled)} {self.method}s{size} of {self.n_points} points)"
        )


def confidence_band(
    X: SpaceLike,
    method: BandMethod = "subsample",
    confidence_level: float = 0.95,
    *,
    metric: Metric = "euclidean",
    n_resamples: int = 1000,
    subsample_size: int | None = None,
    mass: float = 0.05,
    resolution: int | None = None,
    maxdim: int | None = None,
    rng: int | np.random.Generator | None = None,
    n_threads: int | None = None,
    progress: Progress = False,
    max_memory: int | None = None,
) -> ConfidenceBand:
    """Bound the bottleneck distance between the diagram of a sample and the true one.

    Parameters
    ----------
    X : array_like, shape (n, d), or distances
        The sample, independent points of one distribution; distances only for "subsample".
    method : {"subsample", "bootstrap"}
        "subsample": a band for the Vietoris-Rips diagrams of `X`, in any metric. "bootstrap": a
        band for the sublevel sets of the distance to the measure of `X`, on a grid in at most
        three dimensions; narrower, and robust to outliers. See the notes.
    confidence_level : float
        Confidence, above 0 and below 1.
    metric : str or callable
        As in :func:`rips`, for "subsample"; no square of a metric.
    n_resamples : int
        Subsamples, or resamplings.
    subsample_size : int, optional
        Points b of a subsample, fewer than n. By default about ``2 n / (log n · log log n)``.
    mass : float
        Share of the points that the distance to the measure looks at, for "bootstrap".
    resolution : int, optional
        Grid points along the longest side of the box around the points, for "bootstrap"; by
        default 512, 64 or 24 in one, two or three dimensions.
    maxdim : int, optional
        Highest degree of the diagrams that come with "bootstrap"; all by default.
    rng : int or Generator, optional
        Draws the subsamples or resamplings.
    n_threads, progress, max_memory
        As in :func:`rips`.

    Returns
    -------
    ConfidenceBand
        Its `radius` c; bars longer than 2c exceed it. Pass it to :func:`plot_diagram` and
        :func:`plot_barcode`, or to ``to_columns`` of the result.

    Raises
    ------
    ValueError
        If an argument breaks its rule.
    MemoryError
        If the distances do not fit `max_memory`.

    See Also
    --------
    landscape_band : Around the mean landscapes of many diagrams.
    permutation_test : Whether two groups of diagrams differ.
    topolens.plotting.plot_diagram, topolens.plotting.plot_barcode : They draw the band.

    Notes
    -----
    "subsample": let the points be drawn on a compact set M with at least a·r^k of the mass
    within r of each point, as on a manifold of dimension k with a density bounded away from 0.
    With b = o(n / log n), twice the (1 - c)-quantile t, c the `confidence_level`, of the Hausdorff
    distances between subsamples of b points and the sample bounds the Hausdorff distance between
    sample and M, with probability at least ``c - O((b / n)^(1/4))`` ([1]_, theorem 3).
    Vietoris-Rips diagrams differ by at most twice the Hausdorff distance where filtration values
    are edge lengths [2]_, so that the radius is 4t. The true diagram is that of M itself: a
    circle's loop lasts from 0 to √3 times its radius. The bound is on the whole set, hence wide;
    points off M, such as noise around it, are part of the M that it speaks of.

    "bootstrap": the (1 - c)-quantile of the largest changes of the distance to the measure, over
    the grid, when the points are drawn again with replacement. The empirical process of the
    distance to the measure has a Gaussian limit that the bootstrap shares, if the distances from
    each place have a distribution that increases near its `mass`-quantile ([3]_, section 4), and
    the diagrams move no more than the function does. The true diagram is that of the distance to
    the measure of the distribution, at the grid points: the function is 1-Lipschitz, so the box
    between them changes diagrams by at most the diagonal of a cell.

    Bootstrapping the bottleneck distance of Vietoris-Rips diagrams themselves has no theorem
    behind it (the Hausdorff distance to a resampling does not have the limit of that to M), so
    it is not offered. Neither band tells that the bars within it are noise: only that this
    sample does not tell them from it. Different layers are different bands.

    References
    ----------
    .. [1] B. T. Fasy, F. Lecci, A. Rinaldo, L. Wasserman, S. Balakrishnan, A. Singh,
       "Confidence sets for persistence diagrams", Ann. Statist. 42 (2014).
    .. [2] F. Chazal, V. de Silva, S. Oudot, "Persistence stability for geometric complexes",
       Geom. Dedicata 173 (2014).
    .. [3] F. Chazal, B. Fasy, F. Lecci, B. Michel, A. Rinaldo, L. Wasserman, "Robust topological
       inference: distance to a measure and kernel distance", JMLR 18 (2018).

    Examples
    --------
    >>> import topolens as tl
    >>> X = tl.datasets.circle(800, rng=0)
    >>> band = tl.confidence_band(X, n_resamples=200, rng=0)
    >>> band.exceeds(tl.rips(X))[1].tolist()
    [True]
    """
    as_choice(method, "method", BAND_METHODS)
    confidence, count = as_confidence(confidence_level), as_resamples(n_resamples, least=1)
    generator = as_rng(rng)
    if method == "subsample":
        unused = {"mass": (mass, 0.05), "resolution": (resolution, None), "maxdim": (maxdim, None)}
    else:
        unused = {"metric": (metric, "euclidean"), "subsample_size": (subsample_size, None)}
    refuse_unused(f"for method={method!r}", **unused)
    with gate("confidence_band", n_threads, progress, max_memory) as call:
        if method == "subsample":
            space = _metric_space(X, metric, max_memory, n_threads)
            size = _as_size(subsample_size, len(space))
            subsets = _subsets(generator, len(space), size, count)
            radii = _core.covering_radii(space, subsets, **call)
            radius = 4 * upper_quantile(radii, confidence)
            if not math.isfinite(radius):
                raise ValueError("`X` must have finite distances; found points infinitely apart")
            return ConfidenceBand(
                radius=radius,
                confidence_level=confidence,
                method=method,
                filtration="rips",
                resampled=radii,
                n_points=len(space),
                subsample_size=size,
            )
        points = as_points(X)
        axes = _axes(points, resolution)
        drawn = generator.multinomial(len(points), np.full(len(points), 1 / len(points)), count)
        limit = call.pop("max_memory")
        values, changes = _core.distances_to_measure(
            points, _places(axes), drawn.astype(np.uint32), mass=as_number(mass, "mass"), **call
        )
    function = values.reshape([len(axis) for axis in axes])
    return ConfidenceBand(
        radius=upper_quantile(changes, confidence),
        confidence_level=confidence,
        method=method,
        filtration="dtm",
        resampled=changes,
        n_points=len(points),
        dgms=cubical(function, maxdim=maxdim, n_threads=n_threads, max_memory=limit).dgms,
        axes=axes,
        values=function,
    )


def _metric_space(X: Any, metric: Metric, max_memory: Any, n_threads: Any) -> _core.Space:
    metric = X.metric if isinstance(X, MetricSpace) else metric
    if isinstance(metric, str) and metric in SQUARES:
        raise ValueError(
            f"`metric` must satisfy the triangle inequality for a band; found {metric!r}"
        )
    return as_space(X, metric, max_memory, n_threads)


def _as_size(size: Any, n: int) -> int:
    """Read the size of subsamples, o(n / log n) when not given."""
    if n < 4:
        raise ValueError(f"`X` must have at least 4 points for a band; found {n}")
    if size is None:
        return int(np.clip(round(2 * n / (math.log(n) * math.log(math.log(n)))), 1, n // 2))
    chosen = as_count(size, "subsample_size", least=1)
    if chosen >= n:
        raise ValueError(f"`subsample_size` must be below the number of points, {n}; found {size}")
    return chosen


def _subsets(generator: np.random.Generator, n: int, size: int, count: int) -> np.ndarray:
    """Rows of distinct indices."""
    draws = (generator.choice(n, size, replace=False, shuffle=False) for _ in range(count))
    return np.stack(list(draws)).astype(np.uint32)


def _axes(points: np.ndarray, resolution: Any) -> tuple[np.ndarray, ...]:
    """Lay a grid over the points and a tenth of their longest side around them."""
    n, d = points.shape
    if n < 2 or not 1 <= d <= 3:
        raise ValueError(
            '`X` must have two points or more in one to three dimensions for "bootstrap"; '
            f"found shape {points.shape}"
        )
    count = GRID_POINTS[d] if resolution is None else as_count(resolution, "resolution", least=2)
    low, high = points.min(axis=0), points.max(axis=0)
    longest = float((high - low).max())
    if not longest > 0:
        raise ValueError("`X` must have two distinct points or more; found copies of one")
    margin = 0.1 * longest
    # One step for all axes, so that cells are cubes.
    step = (longest + 2 * margin) / (count - 1)
    counts = np.ceil((high - low + 2 * margin) / step - 1e-9).astype(int) + 1
    return tuple(a - margin + step * np.arange(k) for a, k in zip(low, counts, strict=True))


def _places(axes: tuple[np.ndarray, ...]) -> np.ndarray:
    """List the points of a grid as rows, in C order."""
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    return np.ascontiguousarray(grid.reshape(-1, len(axes)))
