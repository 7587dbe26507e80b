"""Magnitude and weightings of finite metric spaces."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from topolens import _core
from topolens._arrays import as_values
from topolens._calls import Progress, as_number, gate
from topolens._html import columns_html
from topolens.spaces._metrics import Metric
from topolens.spaces._spaces import SpaceLike, as_space

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def magnitude(
    X: SpaceLike,
    t: float = 1.0,
    *,
    positive: bool = False,
    metric: Metric = "euclidean",
    tol: float = 1e-8,
    n_threads: int | None = None,
    progress: Progress = False,
    max_memory: int | None = None,
) -> float:
    """Compute the magnitude of a space: its effective number of points at a scale.

    Parameters
    ----------
    X : array_like, shape (n, d), or distances
        Points; with ``metric="precomputed"`` a square matrix, a condensed
        vector or a scipy sparse matrix of distances. Pairs without a distance
        are infinitely far from each other.
    t : float
        The scale, in the inverse unit of the distances: they are multiplied by it.
    positive : bool
        Sum the positive weights only: the positive magnitude of [2]_, at least the magnitude, and
        equal to it where no weight is negative.
    metric : str or callable
        As in :func:`topolens.distances`.
    tol : float
        Largest entry of ``Z @ w - 1`` that is good enough, between 0 and 1.
    n_threads : int, optional
        Threads to use; all by default. The result does not depend on it.
    progress : bool or callable
        Show a bar, or call a function with (done, total).
    max_memory : int, optional
        Bytes that the job may take; what is available by default.

    Returns
    -------
    float
        Number of points, between 1 and n where all weights are positive. Where Z
        is not positive definite it can be any number.

    Raises
    ------
    ValueError
        If there are no points, distances are NaN, negative or asymmetric, points
        at distance zero are at different distances from a third, or an argument
        breaks its rule.
    MemoryError
        If the job does not fit `max_memory`.
    NumericalError
        If the similarity matrix at that scale is so near to a singular one that
        `tol` cannot be reached.

    See Also
    --------
    magnitude_function : All scales at once, with slopes, residuals and methods.
    weighting : What each point adds.
    magnitude_lower_bound : For spaces with too many points.
    diversity, max_diversity : Effective numbers of points of distributions.

    Notes
    -----
    The similarity matrix is ``Z = exp(-t * D)``, a weighting solves ``Z @ w = 1``,
    and the magnitude is ``w.sum()`` [1]_. Equal points are merged; they count once.

    References
    ----------
    .. [1] T. Leinster, "The magnitude of metric spaces", Documenta Mathematica 18
       (2013), definitions 1.1.3 and 2.1.1.
    .. [2] R. Andreeva, B. Dupuis, R. Sarkar, T. Birdal, U. Şimşekli, "Topological generalization
       bounds for discrete-time stochastic optimization algorithms", NeurIPS (2024).

    Examples
    --------
    Two points at distance d have the magnitude ``1 + tanh(t * d / 2)``:

    >>> import topolens as tl
    >>> round(tl.magnitude([[0.0], [2.0]], t=0.5), 12)
    1.46211715726

    A point between others has a negative weight once the scale is small enough:

    >>> X = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.3, 0.3]]
    >>> tl.magnitude(X, 0.1, positive=True) > tl.magnitude(X, 0.1)
    True
    """
    curve, weights = _solve(
        X,
        [t],
        "t",
        metric,
        tol,
        weights=positive,
        n_threads=n_threads,
        progress=progress,
        max_memory=max_memory,
    )
    return float(curve.values[0] if weights is None else np.maximum(weights[0], 0.0).sum())


def weighting(
    X: SpaceLike,
    t: float = 1.0,
    *,
    metric: Metric = "euclidean",
    tol: float = 1e-8,
    n_threads: int | None = None,
    progress: Progress = False,
    max_memory: int | None = None,
) -> np.ndarray:
    """Compute the weighting of a space: what each point adds to the magnitude.

    Parameters
    ----------
    X, t, metric, tol, n_threads, progress, max_memory
        As in :func:`magnitude`.

    Returns
    -------
    ndarray of float64, shape (n,)
        Weights, which can be negative; their sum is the magnitude. Points at
        distance zero share the weight of one point equally.

    Raises
    ------
    ValueError, MemoryError, NumericalError
        As in :func:`magnitude`.

    See Also
    --------
    magnitude : Sum of the weights.
    outlier_scores : Weights of new points, with variances.

    Examples
    --------
    Points at the border weigh more, copies share:

    >>> import topolens as tl
    >>> tl.magnitudes.weighting([[0.0], [1.0], [2.0], [2.0]], t=1.0).round(4)
    array([0.7311, 0.4621, 0.3655, 0.3655])
    """
    _, weights = _solve(
        X,
        [t],
        "t",
        metric,
        tol,
        weights=True,
        n_threads=n_threads,
        progress=progress,
        max_memory=max_memory,
    )
    assert weights is not None
    return weights[0]


def magnitude_function(
    X: SpaceLike,
    ts: ArrayLike | None = None,
    *,
    metric: Metric = "euclidean",
    tol: float = 1e-8,
    n_threads: int | None = None,
    progress: Progress = False,
    max_memory: int | None = None,
) -> MagnitudeFunction:
    """Compute the magnitude of a space at many scales at once.

    Parameters
    ----------
    X, metric, tol, n_threads, progress, max_memory
        As in :func:`magnitude`.
    ts : array_like, shape (s,), optional
        Scales, in the inverse unit of the distances. By default at most 32 in
        equal ratios, from where the space looks like one point to where it looks
        like n; see the notes.

    Returns
    -------
    MagnitudeFunction

    Raises
    ------
    ValueError, MemoryError, NumericalError
        As in :func:`magnitude`.

    See Also
    --------
    magnitude : One scale.
    magnitude_dimension, convergence_scale, magnitude_area : Numbers drawn from it.
    topolens.sklearn.MagnitudeFunction : The estimator.
    topolens.measures.Magnitude : The measure of layers.

    Notes
    -----
    The slope is exact, ``w @ (D * Z) @ w``.

    The default scales start at ``log(1.1) / D.max()``, where the magnitude is at
    most 1.1 if all weights are positive. They end where the mean over the points
    of their similarities to others is at most 1/19: the magnitude is at least
    0.95 n there if Z is positive definite. Both are found from the rows of
    distances of 16 to 256 of the distinct points, the same in whatever order
    points are given. The ratio is a root of 2 (or, over more than 31 octaves, a
    power) such that there are at most 32 scales. Where all points are equal, or
    all pairs infinitely far, the only scale is 1.

    Examples
    --------
    >>> import numpy as np, topolens as tl
    >>> f = tl.magnitude_function(np.arange(5.0)[:, None], [0.1, 1.0, 10.0])
    >>> f.values.round(4)
    array([1.1998, 2.8485, 4.9996])
    >>> f.dimension_profile.round(4)
    array([0.1663, 0.5522, 0.0007])
    """
    return _solve(
        X, ts, "ts", metric, tol, n_threads=n_threads, progress=progress, max_memory=max_memory
    )[0]


def _solve(
    X: SpaceLike,
    ts: ArrayLike | None,
    name: str,
    metric: Metric,
    tol: float,
    *,
    weights: bool = False,
    n_threads: int | None,
    progress: Progress,
    max_memory: int | None,
) -> tuple[MagnitudeFunction, np.ndarray | None]:
    scales = None if ts is None else as_scales(ts, name)
    space = as_space(X, metric, max_memory)
    with gate("magnitude", n_threads, progress, max_memory) as call:
        curve, (methods, negative), (rows, n_distinct, plan) = _core.magnitude(
            space, scales, tol=as_number(tol, "tol"), weights=weights, **call
        )
    ts, values, slope, residuals = curve
    function = MagnitudeFunction(
        ts=ts,
        values=values,
        slope=slope,
        residuals=residuals,
        methods=methods,
        negative_eigenvalues=negative,
        n_points=len(space),
        n_distinct=n_distinct,
        plan=plan,
        asymmetry=space.asymmetry,
    )
    return function, rows


def as_scales(ts: ArrayLike, name: str = "ts") -> np.ndarray:
    """Read positive finite scales, one or many."""
    scales = np.atleast_1d(as_values(ts, name))
    if scales.ndim != 1:
        raise ValueError(f"`{name}` must have shape (s,); found shape {scales.shape}")
    bad = np.flatnonzero(~((scales > 0) & np.isfinite(scales)))
    if len(bad):
        place = f" at [{bad[0]}]" if name == "ts" else ""
        raise ValueError(f"`{name}` must be positive and finite; found {scales[bad[0]]}{place}")
    return scales


@dataclass(frozen=True, eq=False, kw_only=True)
class MagnitudeFunction:
    """The magnitude of a space at some scales.

    Attributes
    ----------
    ts : ndarray of float64, shape (s,)
        Scales, in the inverse unit of the distances, in the order given.
    values : ndarray of float64, shape (s,)
        Magnitudes.
    slope : ndarray of float64, shape (s,)
        Derivatives of the magnitude by the scale.
    residuals : ndarray of float64, shape (s,)
        Largest entry of ``|Z @ w - 1|`` at each scale, in float64. Where Z is
        positive definite, the relative error of the magnitude is of the order of
        its square.
    methods : list of str
        What has solved for the weights at each scale.
    negative_eigenvalues : list of int
        Number of negative eigenvalues of Z at each scale. Where it is positive,
        the magnitude has no meaning as a number of points, and may have a pole
        nearby.
    n_points, n_distinct : int
        Points given, and left after merging those at distance zero.
    plan : str
        How it was computed, and why.
    asymmetry : float
        By how much the two sides of given distances differed, at most; they were averaged.
    """

    ts: np.ndarray
    values: np.ndarray
    slope: np.ndarray
    residuals: np.ndarray
    methods: list[str] = field(repr=False)
    negative_eigenvalues: list[int] = field(repr=False)
    n_points: int = 0
    n_distinct: int = 0
    plan: str = ""
    asymmetry: float = field(default=0.0, repr=False)

    def __len__(self) -> int:
        """Count the scales."""
        return len(self.ts)

    @property
    def dimension_profile(self) -> np.ndarray:
        """Slope on logarithmic axes, ``ts * slope / values``, shape (s,)."""
        return self.ts * self.slope / self.values

    @property
    def method(self) -> str:
        """The methods in use, each once."""
        return ", ".join(dict.fromkeys(self.methods))

    def plot(self, *, ax: Axes | None = None, label: str | None = None) -> Axes:
        """Draw the magnitude against the scale on logarithmic axes.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            A new figure when not given.
        label : str, optional
            Name of the line in a legend.

        Returns
        -------
        Axes
        """
        from topolens._style import INK, new_axes, plain_text, tidy

        ax = ax or new_axes(5.0, 3.6)
        label = None if label is None else plain_text(label)
        order = np.argsort(self.ts, kind="stable")
        ax.plot(self.ts[order], self.values[order], marker="o", markersize=3.5, label=label)
        ax.axhline(self.n_distinct, color=INK, linewidth=0.8, linestyle="--", zorder=1)
        ax.set_xscale("log")
        if (self.values > 0).all():
            ax.set_yscale("log")
        ax.set(xlabel="scale t", ylabel="magnitude")
        tidy(ax, grid="both")
        return ax

    def to_columns(self) -> dict[str, np.ndarray]:
        """All scales as columns, for pandas.DataFrame or polars.DataFrame."""
        return {
            "t": self.ts.copy(),
            "magnitude": self.values.copy(),
            "slope": self.slope.copy(),
            "dimension": self.dimension_profile,
            "residual": self.residuals.copy(),
            "method": np.array(self.methods, dtype=str),
        }

    def __repr__(self) -> str:
        """One line with the ranges."""
        if not len(self):
            return f"MagnitudeFunction(no scales; n_points={self.n_points})"
        low, high = int(np.argmin(self.ts)), int(np.argmax(self.ts))
        return (
            f"MagnitudeFunction({self.values[low]:.6g} at t={self.ts[low]:.4g} to "
            f"{self.values[high]:.6g} at t={self.ts[high]:.4g}; {len(self)} scales, "
            f"n_distinct={self.n_distinct})"
        )

    def _repr_html_(self) -> str:
        names = ("t", "magnitude", "dimension", "residual", "method")
        columns = self.to_columns()
        caption = f"{self.n_points} points, {self.n_distinct} distinct"
        return columns_html({name: columns[name] for name in names}, caption=caption)


def ascending(f: MagnitudeFunction) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scales, magnitudes and slopes by ascending scale, each scale once."""
    for t, negative in zip(f.ts, f.negative_eigenvalues, strict=True):
        if negative:
            raise _core.NumericalError(
                f"the similarity matrix at t = {t} is not positive definite: its magnitude is no "
                "number of points; use larger scales"
            )
    ts, first = np.unique(f.ts, return_index=True)
    return ts, f.values[first], f.slope[first]
