"""What is measured in the point cloud of one layer and one class.

A measure is any object with a `name` and a method `measure(X, *, rng, n_threads)` that yields
`Value` rows. These come with the package: `HopBetti`, the Betti numbers of the neighbourhood
graph at one hop scale; `Rips`, summaries of persistence over all scales; `PHDimension`, the
growth of spanning trees; `Magnitude`, the effective number of points at a few scales, and
`MagnitudeDimension`, its growth.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from topolens import _core
from topolens._arrays import as_values
from topolens._bootstrap import as_confidence
from topolens._calls import as_coeff, as_count, as_non_negative, as_number, as_threads
from topolens.diagrams._confidence import confidence_band
from topolens.homology._dimension import ph_dimension
from topolens.homology._hops import hop_betti
from topolens.homology._rips import rips
from topolens.layers._protocol import NO_DEGREE, Measurement, Value
from topolens.magnitudes._cubes import FITS, Fit
from topolens.magnitudes._dimension import magnitude_dimension
from topolens.magnitudes._functions import as_scales, magnitude_function
from topolens.magnitudes._summaries import convergence_scale
from topolens.spaces._metrics import Metric, as_metric
from topolens.spaces._spaces import as_space

if TYPE_CHECKING:
    from topolens.homology._results import PersistenceResult

BAR_SUMMARIES = ("bars", "total_persistence", "longest", "entropy")


@dataclass(frozen=True)
class HopBetti:
    """Betti numbers of the neighbourhood graph, at one hop scale.

    Joins every point with its `k` nearest, replaces distances by the number of hops, and takes
    the Betti numbers of the Vietoris-Rips complex of all pairs within `hops`.

    Parameters
    ----------
    k : int, default 14
        Neighbours of each point, the point itself included.
    hops : int, default 2
        Pairs at most so many hops apart are joined.
    maxdim : int, default 1
        Largest degree of homology.
    metric : str or callable, default "euclidean"
        The metric that decides who is near.
    coeff : int, default 2
        Prime p of the coefficient field F_p.

    Notes
    -----
    Yields ``betti`` per degree, ``components`` (of the neighbourhood graph) and
    ``max_degree`` (the most points that lie within `hops` of one point), each with scale `hops`.
    The method is that of Naitzat, Zhitnikov and Lim, "Topology of deep neural networks",
    JMLR 21(184), 2020, section 5. Hop counts do not change when a layer stretches its output,
    so the numbers of different layers can be compared.

    Examples
    --------
    >>> import numpy as np
    >>> angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    >>> circle = np.column_stack([np.cos(angle), np.sin(angle)])
    >>> values = HopBetti(k=5).measure(circle, rng=np.random.default_rng(0))
    >>> [(v.measure, v.degree, v.value) for v in values][:2]
    [('betti', 0, 1.0), ('betti', 1, 1.0)]
    """

    k: int = 14
    hops: int = 2
    maxdim: int = 1
    metric: Metric = "euclidean"
    coeff: int = 2
    # Of points, neighbours are found among pairs that are mostly looked at in single precision.
    distance_passes = 1 / 3

    def __post_init__(self) -> None:
        as_count(self.k, "k", least=2)
        as_count(self.hops, "hops", least=1)
        as_count(self.maxdim, "maxdim")
        as_coeff(self.coeff, least=2)
        _read_metric(self)

    @property
    def name(self) -> str:
        """``hop-betti`` with its scale, the one setting that the rows of a table show."""
        return f"hop-betti({self.hops})"

    @property
    def min_points(self) -> int:
        """Fewest points that have `k` neighbours and one left over."""
        return self.k + 1

    def measure(
        self, X: np.ndarray, *, rng: np.random.Generator, n_threads: int | None = None
    ) -> Measurement:
        """Measure the points `X`; nothing is drawn from `rng`."""
        result = hop_betti(
            X,
            k=self.k,
            hops=self.hops,
            maxdim=self.maxdim,
            metric=self.metric,
            coeff=self.coeff,
            n_threads=n_threads,
        )
        scale = float(self.hops)
        betti = (Value("betti", d, scale, float(b)) for d, b in enumerate(result.betti))
        facts = (
            Value("components", NO_DEGREE, scale, float(result.n_components)),
            Value("max_degree", NO_DEGREE, scale, float(result.max_degree)),
        )
        return Measurement((*betti, *facts))


@dataclass(frozen=True)
class Rips:
    """Summaries of Vietoris-Rips persistence, over all scales up to `threshold`.

    Parameters
    ----------
    maxdim : int, default 1
        Largest degree of homology.
    threshold : float, default inf
        Largest scale looked at.
    metric : str or callable, default "euclidean"
    coeff : int, default 2
        Prime p of the coefficient field F_p.
    scales : sequence of float, optional
        Also yield the Betti numbers at these scales.
    n_landmarks : int, optional
        Measure so many landmarks in place of all points.
    band : float, optional
        Level of a confidence band, such as 0.95: also yield how many bars exceed it. Not with
        landmarks.

    Notes
    -----
    Yields, per degree and over the finite bars of positive length: ``bars`` (their number),
    ``total_persistence`` (sum of lengths), ``longest`` and ``entropy``, which is -sum p log p
    with p the share of each bar in the total. With `scales` also ``rips_betti``; with `band` also
    ``beyond_band``, the bars (essential classes included) that are longer than twice
    ``band_radius``, see :func:`topolens.confidence_band`. Lengths are in
    the units of the layer: where a layer stretches its output, its bars grow with it. Entropy
    and the number of bars have no units.

    Examples
    --------
    >>> import numpy as np
    >>> square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    >>> values = Rips(scales=[1.0]).measure(square, rng=np.random.default_rng(0))
    >>> {v.degree: v.value for v in values if v.measure == "rips_betti"}
    {0: 1.0, 1: 1.0}
    """

    maxdim: int = 1
    threshold: float = math.inf
    _: KW_ONLY
    metric: Metric = "euclidean"
    coeff: int = 2
    scales: Sequence[float] | None = ()
    n_landmarks: int | None = None
    band: float | None = None

    def __post_init__(self) -> None:
        as_count(self.maxdim, "maxdim")
        as_coeff(self.coeff, least=2)
        _read_metric(self)
        if self.n_landmarks is not None:
            as_count(self.n_landmarks, "n_landmarks", least=1)
        if self.band is not None:
            as_confidence(self.band, "band")
            if self.n_landmarks is not None:
                raise ValueError("`band` must be None with landmarks: it is for all points")
        threshold = as_non_negative(self.threshold, "threshold")
        scales = tuple(
            as_values(() if self.scales is None else self.scales, "scales").ravel().tolist()
        )
        for scale in scales:
            if not 0 <= scale <= threshold or math.isinf(scale):
                raise ValueError(
                    f"`scales` must be finite, at least 0 and at most `threshold` "
                    f"({threshold:g}); found {scale:g}"
                )
        object.__setattr__(self, "scales", scales)

    @property
    def name(self) -> str:
        """``rips``."""
        return "rips"

    @property
    def distance_passes(self) -> float:
        """None for landmarks, nor for degree zero alone, which needs a spanning tree only."""
        return 0.0 if self.n_landmarks or self.maxdim == 0 else 1.0

    @property
    def min_points(self) -> int:
        """Fewest points that can be measured."""
        return self.n_landmarks or (1 if self.band is None else 4)

    def measure(
        self, X: np.ndarray, *, rng: np.random.Generator, n_threads: int | None = None
    ) -> Measurement:
        """Measure the points `X`; `rng` chooses landmarks, or subsamples for the band."""
        result = rips(
            X,
            maxdim=self.maxdim,
            threshold=self.threshold,
            metric=self.metric,
            coeff=self.coeff,
            n_landmarks=self.n_landmarks,
            rng=rng,
            n_threads=n_threads,
        )
        values = [
            Value(measure, degree, float(self.threshold), value)
            for degree, summary in enumerate(_core.bar_summaries(result.dgms, n_threads=1))
            for measure, value in zip(BAR_SUMMARIES, map(float, summary), strict=True)
        ]
        for scale in self.scales or ():
            betti = result.betti_numbers(scale)
            values += [Value("rips_betti", d, scale, float(b)) for d, b in enumerate(betti)]
        if self.band is not None:
            values += self._beyond_band(X, result, rng, n_threads)
        return Measurement(tuple(values), result)

    def _beyond_band(
        self,
        X: np.ndarray,
        result: PersistenceResult,
        rng: np.random.Generator,
        n_threads: int | None,
    ) -> list[Value]:
        band = confidence_band(
            X, confidence_level=self.band or 0.0, metric=self.metric, rng=rng, n_threads=n_threads
        )
        scale = float(self.threshold)
        return [
            Value("band_radius", NO_DEGREE, scale, band.radius),
            *(
                Value("beyond_band", degree, scale, float(marks.sum()))
                for degree, marks in enumerate(band.exceeds(result))
            ),
        ]


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
        _read_metric(self)
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
        _read_metric(self)
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
        _read_metric(self)
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


def _read_metric(measure: Any) -> None:
    """Refuse a wrong metric when the measure is made, and take one by its own name."""
    object.__setattr__(measure, "metric", as_metric(measure.metric))
