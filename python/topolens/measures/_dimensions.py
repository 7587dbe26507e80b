"""Dimensions, from how spanning trees and magnitude grow, as measures of layers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from topolens._calls import as_count, as_number
from topolens.homology._dimension import ph_dimension
from topolens.magnitudes._cubes import FITS, Fit
from topolens.magnitudes._dimension import magnitude_dimension
from topolens.measures._protocol import NO_DEGREE, Measurement, Value, read_metric
from topolens.spaces._metrics import Metric


@dataclass(frozen=True)
class PHDimension:
    """Persistent homology dimension, from the growth of minimum spanning trees.

    Parameters
    ----------
    alpha : float, default 1.0
        Positive exponent of the lifetimes.
    n_subsets : int, default 1
        Subsets of each size.
    metric : str or callable, default "euclidean"

    Notes
    -----
    Yields ``ph_dimension`` and ``ph_fit_error``, the root mean square of the residuals of the
    logarithms; see :func:`topolens.ph_dimension`. The dimension is infinite where no finite one
    fits. Neither has a unit, and neither changes when a layer stretches all its distances by one
    factor. Dimensions of clouds with different numbers of points are not comparable: few points
    show fewer dimensions than there are.

    Examples
    --------
    >>> import numpy as np
    >>> square = np.random.default_rng(0).random((500, 2))
    >>> values = PHDimension().measure(square, rng=np.random.default_rng(0))
    >>> [(v.measure, round(v.value)) for v in values]
    [('ph_dimension', 2), ('ph_fit_error', 0)]
    """

    alpha: float = 1.0
    n_subsets: int = 1
    metric: Metric = "euclidean"
    min_points = 10
    distance_passes = 1.0

    def __post_init__(self) -> None:
        as_count(self.n_subsets, "n_subsets", least=1)
        read_metric(self)
        if not 0 < as_number(self.alpha, "alpha") < math.inf:
            raise ValueError(f"`alpha` must be a positive number; found {self.alpha}")

    @property
    def name(self) -> str:
        """``ph-dimension`` with its exponent."""
        return f"ph-dimension({self.alpha:g})"

    def measure(
        self, X: np.ndarray, *, rng: np.random.Generator, n_threads: int | None = None
    ) -> Measurement:
        """Measure the points `X`; `rng` draws the subsets."""
        found = ph_dimension(
            X,
            self.alpha,
            n_subsets=self.n_subsets,
            metric=self.metric,
            rng=rng,
            n_resamples=100,
            n_threads=n_threads,
        )
        return Measurement(
            (
                Value("ph_dimension", NO_DEGREE, math.inf, found.value),
                Value("ph_fit_error", NO_DEGREE, math.inf, found.fit_error),
            )
        )


@dataclass(frozen=True)
class MagnitudeDimension:
    """Growth of the magnitude with the scale.

    Parameters
    ----------
    method : {"straightest", "profile_max"}, default "straightest"
        As in :func:`topolens.magnitudes.magnitude_dimension`.
    metric : str or callable, default "euclidean"

    Notes
    -----
    Yields ``magnitude_dimension``, ``cube_dimension`` and, with "straightest",
    ``magnitude_fit_error``, the root mean square of the residuals of the logarithms. Scales are
    those that each cloud chooses, so that the dimension does not change when a layer stretches all
    its distances by one factor. Clouds with different numbers of points are not comparable: few
    points show fewer dimensions than there are. How many fewer is said by ``cube_dimension``, the
    dimension of the uniform cube of as many points that has this magnitude dimension.

    Examples
    --------
    >>> import numpy as np
    >>> angle = np.linspace(0, 2 * np.pi, 500, endpoint=False)
    >>> circle = np.column_stack([np.cos(angle), np.sin(angle)])
    >>> rng = np.random.default_rng(0)
    >>> [(v.measure, round(v.value)) for v in MagnitudeDimension().measure(circle, rng=rng)]
    [('magnitude_dimension', 1), ('cube_dimension', 1), ('magnitude_fit_error', 0)]
    """

    method: Fit = "straightest"
    metric: Metric = "euclidean"
    distance_passes = 1.0

    def __post_init__(self) -> None:
        read_metric(self)
        if self.method not in FITS:
            raise ValueError(
                f'`method` must be "straightest" or "profile_max"; found {self.method!r}'
            )

    @property
    def name(self) -> str:
        """``magnitude-dimension`` with its method."""
        return f"magnitude-dimension({self.method})"

    def measure(
        self, X: np.ndarray, *, rng: np.random.Generator, n_threads: int | None = None
    ) -> Measurement:
        """Measure the points `X`; nothing is drawn from `rng`."""
        found = magnitude_dimension(
            X, self.method, bootstrap=None, metric=self.metric, n_threads=n_threads
        )
        numbers = {"magnitude_dimension": found.value, "cube_dimension": found.cube_dimension}
        values = [Value(name, NO_DEGREE, math.inf, number) for name, number in numbers.items()]
        if self.method == "straightest":
            error = found.fit_error or 0.0
            values.append(Value("magnitude_fit_error", NO_DEGREE, math.inf, error))
        return Measurement(tuple(values))
