"""Summaries of Vietoris-Rips persistence, as a measure of layers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

import numpy as np

from topolens import _core
from topolens._arrays import as_values
from topolens._bootstrap import as_confidence
from topolens._calls import as_coeff, as_count, as_non_negative
from topolens.diagrams._confidence import confidence_band
from topolens.measures._loops import loops_of, measured_rips, unit_of
from topolens.measures._protocol import NO_DEGREE, Measurement, Value, read_metric
from topolens.spaces._metrics import Metric

if TYPE_CHECKING:
    from topolens.homology._results import PersistenceResult

BAR_SUMMARIES = ("bars", "total_persistence", "longest", "entropy")


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
    Yields what :class:`Loops` does first, of degree 1 and where `maxdim` is at least 1: the
    numbers that tell of loops. They are nan where `threshold` leaves loops without an end.

    Then, per degree and over the finite bars of positive length: ``bars`` (their number),
    ``total_persistence`` (sum of lengths), ``longest`` and ``entropy``, which is -sum p log p
    with p the share of each bar in the total. With `scales` also ``rips_betti``; with `band` also
    ``beyond_band``, the bars (essential classes included) that are longer than twice
    ``band_radius``, see :func:`topolens.confidence_band`.

    Lengths are divided by ``mean_distance``, that of the points (of the landmarks, where there are
    any), so that they stay the same when a layer stretches its output and layers can be compared.
    It is a number of its own, in the units of the layer: multiply by it to have lengths in these
    units. `threshold` and `scales` are in the units of the layer. Entropy and numbers of bars have
    no units; they and the total persistence grow with the number of points, and say little about
    loops.

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
        read_metric(self)
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
        """Once for bars, and once for their unit; none for landmarks, nor for degree zero alone.

        That takes a spanning tree of the points, and no matrix for it.
        """
        return 0.0 if self.n_landmarks or self.maxdim == 0 else 2.0

    @property
    def min_points(self) -> int:
        """Fewest points that can be measured."""
        return self.n_landmarks or (1 if self.band is None else 4)

    def measure(
        self, X: np.ndarray, *, rng: np.random.Generator, n_threads: int | None = None
    ) -> Measurement:
        """Measure the points `X`; `rng` chooses landmarks, or subsamples for the band."""
        result = measured_rips(
            X, self, rng, n_threads, maxdim=self.maxdim, threshold=self.threshold
        )
        threshold, unit = float(self.threshold), unit_of(result)
        values = loops_of(result, threshold) if self.maxdim else []
        for degree, dgm in enumerate(_core.bar_summaries(result.dgms, n_threads=1)):
            bars, total, longest, entropy = dgm
            summaries = (float(bars), total / unit, longest / unit, entropy)
            values += [
                Value(measure, degree, threshold, value)
                for measure, value in zip(BAR_SUMMARIES, summaries, strict=True)
            ]
        for scale in self.scales or ():
            betti = result.betti_numbers(scale)
            values += [Value("rips_betti", d, scale, float(b)) for d, b in enumerate(betti)]
        if self.band is not None:
            values += self._beyond_band(X, result, rng, n_threads)
        values.append(Value("mean_distance", NO_DEGREE, threshold, result.mean_distance or 0.0))
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
            Value("band_radius", NO_DEGREE, scale, band.radius / unit_of(result)),
            *(
                Value("beyond_band", degree, scale, float(marks.sum()))
                for degree, marks in enumerate(band.exceeds(result))
            ),
        ]
