"""The slope of the magnitude function as a curve: how it depends on the interval of scales."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from topolens import _core
from topolens._calls import Progress, as_count, as_number, gate, refuse_unused
from topolens._html import columns_html
from topolens._style import new_axes, tidy
from topolens.magnitudes._cubes import draw_cubes
from topolens.magnitudes._functions import MagnitudeFunction, ascending, magnitude_function
from topolens.spaces._metrics import Metric
from topolens.spaces._spaces import SpaceLike, as_space

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, kw_only=True)
class MagnitudeSlopes:
    """Slopes of ``log|tX|`` on log t over intervals [t, ratio * t].

    Attributes
    ----------
    ts : ndarray of float64, shape (s,)
        Where the intervals begin, ascending.
    values : ndarray of float64, shape (s,)
        Slopes of the least-squares lines.
    ratio : float
        The end of each interval over its beginning.
    n_points : int
        Number of distinct points.
    """

    ts: np.ndarray
    values: np.ndarray
    ratio: float
    n_points: int

    def __len__(self) -> int:
        """Count the intervals."""
        return len(self.ts)

    def plot(self, *, ax: Axes | None = None, label: str | None = None) -> Axes:
        """Draw the slopes against the middles of the intervals, beside those of cubes.

        Horizontal lines are the magnitude dimensions that uniform cubes of as many points are
        given: see :func:`cube_dimensions`.

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
        fresh = ax is None
        ax = ax or new_axes(5.0, 3.6)
        ax.plot(self.ts * math.sqrt(self.ratio), self.values, label=label)
        ax.set_xscale("log")
        ax.set(
            xlabel=f"middle of the scales t to {self.ratio:g} t", ylabel="slope of log magnitude"
        )
        tidy(ax)
        if fresh and self.n_points:
            draw_cubes(ax, self.n_points, self.n_points, "straightest")
        return ax

    def to_columns(self) -> dict[str, np.ndarray]:
        """All intervals as columns, for pandas.DataFrame or polars.DataFrame."""
        return {
            "t_low": self.ts.copy(),
            "t_high": self.ratio * self.ts,
            "slope": self.values.copy(),
        }

    def __repr__(self) -> str:
        """One line with the range of the slopes."""
        steepest = int(np.argmax(self.values))
        return (
            f"MagnitudeSlopes({self.values.min():.4g} to {self.values[steepest]:.4g}, the largest "
            f"over t=[{self.ts[steepest]:.4g}, {self.ratio * self.ts[steepest]:.4g}]; "
            f"{len(self)} intervals, n_points={self.n_points})"
        )

    def _repr_html_(self) -> str:
        return columns_html(self.to_columns(), caption=f"{self.n_points} distinct points")


def magnitude_slopes(
    f: MagnitudeFunction | SpaceLike,
    ratio: float = 2.0,
    *,
    n_intervals: int = 64,
    metric: Metric = "euclidean",
    n_threads: int | None = None,
    progress: Progress = False,
    max_memory: int | None = None,
) -> MagnitudeSlopes:
    """Fit the slope of ``log|tX|`` on log t over intervals of scales that move.

    Parameters
    ----------
    f : MagnitudeFunction, or array_like or MetricSpace
        As in :func:`magnitude_dimension`.
    ratio : float
        The end of each interval over its beginning, above 1.
    n_intervals : int
        How many; they begin at scales in equal ratios, the first and the last at the ends of
        the scales of `f`.
    metric : str or callable
        As in :func:`topolens.distances`; not with a magnitude function.
    n_threads, progress, max_memory
        As in :func:`magnitude_function`.

    Returns
    -------
    MagnitudeSlopes

    Raises
    ------
    ValueError
        If magnitudes are not positive, fewer than two scales are given, `ratio` does not fit
        between them, or an argument breaks its rule.
    MemoryError, NumericalError
        As in :func:`magnitude_dimension`.

    See Also
    --------
    magnitude_dimension : One number; of the interval (t, ratio * t) it is the slope here.
    cube_dimensions : How low such slopes are.

    Notes
    -----
    A finite space has no magnitude dimension but these slopes, which go from 0 over a summit
    to 0. Where two spaces are compared over one interval, the answer may depend on it: along the
    training of a network slopes may fall at one scale and rise at another. So look at whole
    curves before a correlation with the slope over one interval is believed.

    Examples
    --------
    >>> import numpy as np, topolens as tl
    >>> angle = np.linspace(0, 2 * np.pi, 300, endpoint=False)
    >>> circle = np.column_stack([np.cos(angle), np.sin(angle)])
    >>> tl.magnitudes.magnitude_slopes(circle, n_intervals=9).values.round(1)
    array([0.1, 0.2, 0.5, 0.9, 1.1, 1. , 1. , 0.8, 0.3])
    """
    ratio, count = as_number(ratio, "ratio"), as_count(n_intervals, "n_intervals", least=2)
    with gate("magnitude_slopes", n_threads, progress, max_memory) as call:
        if isinstance(f, MagnitudeFunction):
            refuse_unused("for a MagnitudeFunction", metric=(metric, "euclidean"))
            function = f
        else:
            space = as_space(f, metric, max_memory)
            shown = {**call, "progress": call["progress"] or False}
            function = magnitude_function(space, **shown)
    curve = ascending(function)
    ts = curve[0]
    if len(ts) < 2:
        raise ValueError(f"`f` must have at least 2 scales; found {len(ts)}")
    if not 1 < ratio < ts[-1] / ts[0]:
        raise ValueError(
            f"`ratio` must be above 1 and below {ts[-1] / ts[0]:g}, the ratio of the last scale of "
            f"`f` to the first; found {ratio:g}"
        )
    starts = np.geomspace(ts[0], ts[-1] / ratio, count)
    ends = np.minimum(ratio * starts, ts[-1])
    slopes = [
        _core.magnitude_dimension(*curve, "between", pair)[0]
        for pair in zip(starts.tolist(), ends.tolist(), strict=True)
    ]
    return MagnitudeSlopes(
        ts=starts, values=np.array(slopes), ratio=ratio, n_points=function.n_distinct
    )
