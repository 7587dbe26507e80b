"""The magnitude dimension: how fast the magnitude grows with the scale."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np

from topolens import _core
from topolens._arrays import as_rng
from topolens._bootstrap import as_confidence, as_resamples, percentile_interval
from topolens._calls import Progress, as_number, gate, refuse_unused
from topolens.magnitudes._cubes import FITS, Fit, dimension_of_cube
from topolens.magnitudes._functions import MagnitudeFunction, ascending, magnitude_function
from topolens.spaces._metrics import Metric
from topolens.spaces._spaces import SpaceLike, as_space

Resampled = Literal["scales", "points"]

RESAMPLED: tuple[str, ...] = get_args(Resampled)

SCALES_OF_FIT = 20
SCALES_OF_HALVES = 8
TOLERANCE = 1e-8


@dataclass(frozen=True, eq=False, kw_only=True)
class MagnitudeDimensionResult:
    """A slope of ``log|tX|`` on log t; ``float()`` of it is the value.

    Attributes
    ----------
    value : float
        The slope.
    scales : tuple of float
        The scales between which it was taken; twice the same for "profile_max".
    fit_error : float or None
        Root mean square of ``log|tX|`` about the line, in natural logarithms; None for
        "profile_max".
    interval : tuple of float or None
        Confidence interval of the value by the bootstrap; None without one.
    bootstrap : str or None
        What was resampled: "scales" or "points".
    method : str or tuple of float
        The argument.
    confidence_level : float
        That of `interval`.
    n_points : int
        Number of distinct points.
    asymmetry : float
        By how much the two sides of given distances differed, at most; they were averaged.
    """

    value: float
    scales: tuple[float, float]
    fit_error: float | None
    interval: tuple[float, float] | None
    bootstrap: Resampled | None
    method: Fit | tuple[float, float]
    confidence_level: float = 0.95
    n_points: int = 0
    asymmetry: float = field(default=0.0, repr=False)

    @property
    def cube_dimension(self) -> float | None:
        """Dimension of the uniform cube of as many points of which this is estimated.

        How much larger it is than the value says how low the estimate is, as far as the space is
        like a cube: see :func:`cube_dimensions`. Infinite where cubes of 50 dimensions have less;
        None for a slope between given scales, which depends on the unit.
        """
        if not isinstance(self.method, str) or not self.n_points:
            return None
        return dimension_of_cube(self.value, self.n_points, self.method)

    def __float__(self) -> float:
        """Return the value."""
        return self.value

    def __repr__(self) -> str:
        """One line with the value, where it was taken, and how sure it is."""
        first, last = self.scales
        parts = [f"t=[{first:.4g}, {last:.4g}]"]
        if self.fit_error is not None:
            parts.append(f"fit_error={self.fit_error:.2g}")
        if self.interval is not None:
            low, high = self.interval
            level = f"{100 * self.confidence_level:g}%"
            parts.append(f"{level} over {self.bootstrap}: [{low:.4g}, {high:.4g}]")
        if self.cube_dimension is not None:
            parts.append(f"as a cube of {self.cube_dimension:.3g} dimensions, n={self.n_points}")
        return f"MagnitudeDimensionResult({self.value:.6g}; {', '.join(parts)})"


def magnitude_dimension(
    f: MagnitudeFunction | SpaceLike,
    method: Fit | tuple[float, float] = "straightest",
    *,
    bootstrap: Resampled | None = "scales",
    n_resamples: int = 100,
    confidence_level: float = 0.95,
    metric: Metric = "euclidean",
    rng: int | np.random.Generator | None = None,
    n_threads: int | None = None,
    progress: Progress = False,
    max_memory: int | None = None,
) -> MagnitudeDimensionResult:
    """Estimate the magnitude dimension: the slope of ``log|tX|`` on log t.

    Parameters
    ----------
    f : MagnitudeFunction, or array_like or MetricSpace
        A magnitude function, or a space as in :func:`magnitude_function`, which is then
        computed at the scales it chooses.
    method : {"straightest", "profile_max"} or (t0, t1)
        "straightest": the least-squares line over a part of log t in which all local slopes are
        within 5 % of the mean slope, and at least half of the largest one (which leaves out flat
        ends and plateaus); of these the part over which the magnitude grows most. (t0, t1): the
        line between these scales. "profile_max": the largest local slope.
    bootstrap : {"scales", "points", None}
        What the confidence interval is over. "scales": 20 scales, evenly spaced in log t over
        the interval of the fit, are drawn with replacement and fitted again; this tells how
        much the value depends on where the line is fitted, not how it varies between samples
        of points. "points": the line over the same scales is fitted to random halves of the
        points, drawn without replacement (copies would be merged); their spread about their
        mean is put around the value. This estimates how the value varies between samples of
        this size, not how far it is from that of the underlying space. It needs points or
        distances in place of a magnitude function.
    n_resamples : int
        How many resamples; with "points" each one costs a fifth to a quarter of the magnitude
        function.
    confidence_level : float
        Of the interval, above 0 and below 1.
    metric : str or callable
        As in :func:`topolens.distances`; not with a magnitude function.
    rng : int or Generator, optional
        Chooses the resamples.
    n_threads, progress, max_memory
        As in :func:`magnitude_function`.

    Returns
    -------
    MagnitudeDimensionResult

    Raises
    ------
    ValueError
        If magnitudes are not positive, fewer than two scales are given, or an argument breaks
        its rule.
    MemoryError, NumericalError
        As in :func:`magnitude`, or if Z is not positive definite at a scale of `f`.

    See Also
    --------
    magnitude_function : What is fitted.
    magnitude_slopes : The slope over every interval: whether a finding depends on one.
    cube_dimensions : By how much estimates are low.
    topolens.homology.ph_dimension : A dimension from minimum spanning trees.
    topolens.measures.MagnitudeDimension : The measure of layers.

    Notes
    -----
    The local slope ``t |tX|' / |tX|`` is exact at the scales of `f`; between them ``log|tX|`` is
    the cubic in log t that has the values and slopes at both ends.

    The magnitude dimension [1]_ is the limit of ``log|tX| / log t`` at infinity, defined for
    infinite compact spaces [2]_. A finite sample has it only in a range of scales, between that
    of the whole and that of its gaps, and what is estimated is too small where dimension is high
    or points are few: boundaries flatten the curve at small scales, gaps at large ones. A uniform
    cube of 10 dimensions with 300 points has 2.5. `cube_dimension` of the result says which cube
    of as many points has the same estimate.

    References
    ----------
    .. [1] M. W. Meckes, "Magnitude, diversity, capacities, and dimensions of metric spaces",
       Potential Anal. 42 (2015).
    .. [2] R. Andreeva, K. Limbeck, B. Rieck, R. Sarkar, "Metric space magnitude and
       generalisation in neural networks", PMLR 221 (2023).

    Examples
    --------
    >>> import numpy as np, topolens as tl
    >>> angle = np.linspace(0, 2 * np.pi, 300, endpoint=False)
    >>> circle = np.column_stack([np.cos(angle), np.sin(angle)])
    >>> f = tl.magnitude_function(circle, progress=False)
    >>> round(float(tl.magnitudes.magnitude_dimension(f, (6.0, 14.0))), 2)
    1.0
    """
    if bootstrap not in (*RESAMPLED, None):
        raise ValueError(f'`bootstrap` must be "scales", "points" or None; found {bootstrap!r}')
    n_resamples, confidence = as_resamples(n_resamples, least=2), as_confidence(confidence_level)
    random = as_rng(rng)
    if bootstrap is None:
        given = {"n_resamples": (n_resamples, 100), "confidence_level": (confidence_level, 0.95)}
        refuse_unused("with bootstrap=None", **given)
    if isinstance(f, MagnitudeFunction):
        if bootstrap == "points":
            raise ValueError(
                '`f` must be points or distances with bootstrap="points"; found a MagnitudeFunction'
            )
        refuse_unused("for a MagnitudeFunction", metric=(metric, "euclidean"))
    with gate("magnitude_dimension", n_threads, progress, max_memory) as call:
        if isinstance(f, MagnitudeFunction):
            function = f
        else:
            space = as_space(f, metric, max_memory)
            shown = {**call, "progress": call["progress"] or False}
            function = magnitude_function(space, **shown)
        curve = ascending(function)
        value, scales, fit_error = _core.magnitude_dimension(*curve, *_part(method))
        single = scales[0] == scales[1]
        interval = None
        if bootstrap == "points":
            ts = np.geomspace(*scales, 1 if single else SCALES_OF_HALVES)
            halves = [_half(len(space), random) for _ in range(n_resamples)]
            slopes = _core.dimensions_of_parts(space, halves, ts, tol=TOLERANCE, **call)
            interval = percentile_interval(value + slopes - slopes.mean(), confidence)
    if bootstrap == "scales" and not single:
        x, y = _core.line_points(*curve, scales, SCALES_OF_FIT)
        drawn = random.integers(SCALES_OF_FIT, size=(n_resamples, SCALES_OF_FIT))
        interval = percentile_interval(_slopes(x[drawn], y[drawn]), confidence)
    if interval is None:
        bootstrap = None
    return MagnitudeDimensionResult(
        value=value,
        scales=scales,
        fit_error=fit_error,
        interval=interval,
        bootstrap=bootstrap,
        method=method,
        confidence_level=confidence,
        n_points=function.n_distinct,
        asymmetry=function.asymmetry,
    )


def _part(method: Any) -> tuple[str, tuple[float, float]]:
    """Read a method as its name and the ends of the interval, if it has one."""
    if isinstance(method, str):
        if method not in FITS:
            raise ValueError(
                f'`method` must be "straightest", "profile_max" or (t0, t1); found {method!r}'
            )
        return method, (0.0, 0.0)
    try:
        t0, t1 = method
    except (TypeError, ValueError):
        raise TypeError(
            f'`method` must be "straightest", "profile_max" or (t0, t1); found {method!r}'
        ) from None
    return "between", (as_number(t0, "method"), as_number(t1, "method"))


def _half(n: int, rng: np.random.Generator) -> list[int]:
    if n < 4:
        raise ValueError(f"`f` must have at least 4 points to draw halves of; found {n}")
    return np.sort(rng.permutation(n)[: n // 2]).tolist()


def _slopes(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Slopes of the least-squares lines, one a row."""
    x = x - x.mean(axis=1, keepdims=True)
    return (x * y).sum(axis=1) / (x * x).sum(axis=1)
