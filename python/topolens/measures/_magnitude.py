"""Effective number of points, as a measure of layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from topolens import _core
from topolens._calls import as_threads
from topolens.magnitudes._functions import as_scales, magnitude_function
from topolens.magnitudes._summaries import convergence_scale
from topolens.measures._protocol import NO_DEGREE, Measurement, Value, read_metric
from topolens.spaces._metrics import Metric
from topolens.spaces._spaces import as_space

ScaleUnit = Literal["mean distance", "convergence"]

SCALE_UNITS: tuple[str | None, ...] = (*get_args(ScaleUnit), None)


@dataclass(frozen=True)
class Magnitude:
    """Effective number of points, at scales that layers have in common.

    Parameters
    ----------
    ts : sequence of float, default (1, 2, 4, 8)
        Positive scales.
    unit : {"mean distance", "convergence", None}, default "mean distance"
        What the scales are multiples of. "mean distance": the inverse of the mean distance of
        each cloud, so that every cloud is measured as if its mean distance were 1.
        "convergence": the scale at which the magnitude of each cloud is 0.95 of its number of
        distinct points. None: 1, so that a layer that stretches its output counts more points.
    metric : str or callable, default "euclidean"

    Notes
    -----
    Yields ``magnitude`` at each scale, which is that of `ts`, in its unit. Layers differ in the
    size of their activations; with a unit of its own for each cloud, the numbers do not change
    when a layer stretches all its distances by one factor, and those of different layers, classes
    and controls can be compared. The mean distance says nothing about shape. The scale of
    convergence is set by the gaps between nearest points: at a share of it the magnitude
    tells how evenly points lie, rather than how far they extend. Magnitudes grow with the
    number of points; compare clouds of equal size (``subsample=``). See
    :func:`topolens.magnitude_function`.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> cloud = rng.normal(size=(100, 3))
    >>> values = [Magnitude(ts=[2.0]).measure(size * cloud, rng=rng) for size in (1.0, 1e6)]
    >>> [[(v.measure, v.scale, round(v.value, 6)) for v in each] for each in values]
    [[('magnitude', 2.0, 8.748323)], [('magnitude', 2.0, 8.748323)]]
    """

    ts: Sequence[float] = (1.0, 2.0, 4.0, 8.0)
    unit: ScaleUnit | None = "mean distance"
    metric: Metric = "euclidean"

    def __post_init__(self) -> None:
        read_metric(self)
        if self.unit not in SCALE_UNITS:
            raise ValueError(
                f'`unit` must be "mean distance", "convergence" or None; found {self.unit!r}'
            )
        object.__setattr__(self, "ts", tuple(as_scales(self.ts).tolist()))

    @property
    def name(self) -> str:
        """``magnitude`` with the unit of its scales."""
        return f"magnitude({self.unit or 'as is'})"

    @property
    def distance_passes(self) -> float:
        """Once for the magnitudes, and once for the unit of their scales."""
        return 1.0 if self.unit is None else 2.0

    def measure(
        self, X: np.ndarray, *, rng: np.random.Generator, n_threads: int | None = None
    ) -> Measurement:
        """Measure the points `X`; nothing is drawn from `rng`."""
        space = as_space(X, self.metric)
        scales = np.array(self.ts) * self._unit_scale(space, n_threads)
        values = magnitude_function(space, scales, n_threads=n_threads).values
        named = zip(self.ts, values, strict=True)
        return Measurement(tuple(Value("magnitude", NO_DEGREE, t, float(v)) for t, v in named))

    def _unit_scale(self, space: Any, n_threads: int | None) -> float:
        scale = 1.0
        if self.unit == "convergence":
            scale = convergence_scale(space, n_threads=n_threads)
        elif self.unit == "mean distance" and len(space) > 1:
            mean = _core.mean_distance(space, n_threads=as_threads(n_threads))
            scale = 1 / mean if mean > 0 else 1.0
        # One point has magnitude 1 at any scale.
        return scale or 1.0
