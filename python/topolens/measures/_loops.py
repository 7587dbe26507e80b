"""The longest loop of a cloud, and whether it is more than chance, as a measure of layers."""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any

import numpy as np

from topolens import _core
from topolens._calls import as_coeff, as_count, as_threads
from topolens.diagrams._universal_law import universal_null_test
from topolens.homology._results import PersistenceResult
from topolens.homology._rips import rips
from topolens.measures._protocol import Measurement, Value, read_metric
from topolens.spaces._metrics import Metric
from topolens.spaces._spaces import as_space


@dataclass(frozen=True)
class Loops:
    """The longest loop of the points, and how many loops they can show.

    Parameters
    ----------
    metric : str or callable, default "euclidean"
    coeff : int, default 2
        Prime p of the coefficient field F_p.
    n_landmarks : int, optional
        Measure so many landmarks in place of all points.

    Notes
    -----
    Yields three numbers of degree 1, drawn from the Vietoris-Rips filtration, so that there is no
    scale to choose. ``longest_loop``: the length of the longest bar, over the mean distance of the
    points (of the landmarks, where there are any), so that layers and controls can be compared; 0
    without bars. ``supported_loops``: how many bars are more than the chance of the sample and
    longer than 0.2 of the mean distance. ``loop_p``: the p-value of the most significant bar, by
    the universal law of death/birth, after Bonferroni; 1 without bars, and nan where there are
    fewer than 10, of which the law says nothing. The rules are those of
    :func:`topolens.diagrams.universal_null_test`.

    No supported loop means that these points cannot show one: it may be drawn by too few of them,
    or filled in by noise. All three stay the same when a layer stretches all its distances by one
    factor, so that a loop that shrinks to a dot is still a loop.

    Examples
    --------
    >>> import numpy as np, topolens as tl
    >>> circle = tl.datasets.circle(100, rng=0)
    >>> values = Loops().measure(circle, rng=np.random.default_rng(0))
    >>> [(v.measure, round(v.value, 1)) for v in values][:2]
    [('longest_loop', 1.2), ('supported_loops', 1.0)]
    """

    metric: Metric = "euclidean"
    _: KW_ONLY
    coeff: int = 2
    n_landmarks: int | None = None

    def __post_init__(self) -> None:
        as_coeff(self.coeff, least=2)
        read_metric(self)
        if self.n_landmarks is not None:
            as_count(self.n_landmarks, "n_landmarks", least=1)

    @property
    def name(self) -> str:
        """``loops``."""
        return "loops"

    @property
    def distance_passes(self) -> float:
        """Once for the bars, and once for their unit; none for landmarks."""
        return 0.0 if self.n_landmarks else 2.0

    @property
    def min_points(self) -> int:
        """Fewest points that can be measured."""
        return self.n_landmarks or 1

    def measure(
        self, X: np.ndarray, *, rng: np.random.Generator, n_threads: int | None = None
    ) -> Measurement:
        """Measure the points `X`; `rng` chooses landmarks."""
        result = measured_rips(X, self, rng, n_threads, maxdim=1)
        return Measurement(tuple(loops_of(result)), result)


def measured_rips(
    X: Any, measure: Any, rng: np.random.Generator, n_threads: int | None, **options: Any
) -> PersistenceResult:
    """Compute the diagrams of points with their mean distance, by which lengths are divided."""
    space = as_space(X, measure.metric, n_threads=n_threads)
    result = rips(
        space,
        coeff=measure.coeff,
        n_landmarks=measure.n_landmarks,
        rng=rng,
        n_threads=n_threads,
        **options,
    )
    if result.landmarks is not None:
        space = space.select(result.landmarks.tolist())
    mean = _core.mean_distance(space, n_threads=as_threads(n_threads))
    return replace(result, mean_distance=mean)


def unit_of(result: PersistenceResult) -> float:
    """Return the mean distance; 1 where it is 0, and so is all that it would divide."""
    return result.mean_distance or 1.0


def loops_of(result: PersistenceResult, scale: float = math.inf) -> list[Value]:
    """Return the three numbers of degree 1; nan where a threshold leaves bars without an end."""
    numbers = (math.nan, math.nan, math.nan)
    if np.isfinite(result[1]).all():
        _, _, longest, _ = _core.bar_summaries([result[1]], n_threads=1)[0]
        test = universal_null_test(result[1], unit_of(result))
        numbers = (longest / unit_of(result), float(test.n_supported), test.p_value)
    names = ("longest_loop", "supported_loops", "loop_p")
    return [Value(name, 1, scale, number) for name, number in zip(names, numbers, strict=True)]
