"""What a measure is, and what it returns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

import numpy as np

from topolens.spaces._metrics import as_metric

if TYPE_CHECKING:
    from topolens.homology._results import PersistenceResult

NO_DEGREE = -1


class Value(NamedTuple):
    """One number measured in one point cloud.

    Attributes
    ----------
    measure : str
        What was measured, such as ``"betti"``.
    degree : int
        Degree of homology; -1 for a number that belongs to none.
    scale : float
        The scale it holds at, never nan; for a number drawn from all scales, the largest one.
    value : float
        nan where there is nothing to say.
    note : str, default ""
        Why the value is nan.
    """

    measure: str
    degree: int
    scale: float
    value: float
    note: str = ""


@dataclass(frozen=True)
class Measurement:
    """The values of one call of a measure, with the diagrams they come from.

    Iterating gives the values. A measure without diagrams may return a plain list of `Value`.
    """

    values: tuple[Value, ...]
    diagrams: PersistenceResult | None = None

    def __iter__(self) -> Iterator[Value]:
        return iter(self.values)


@runtime_checkable
class Measure(Protocol):
    """What `analyse` asks of a measure.

    An optional attribute ``min_points`` (int) lets `analyse` refuse clouds that are too small
    before it computes anything. With a true attribute ``feature_maps`` it gets each layer in the
    shape in which it was recorded, such as (n, channels, height, width), instead of as rows. An
    attribute ``distance_passes`` (float) says how often the measure takes the distances of all
    pairs under its attribute ``metric``: where one matrix is less work for all, it gets a
    `MetricSpace` in place of points.

    With a true attribute ``needs_labels`` a measure compares classes: it is called once a layer,
    as ``measure(X, *, labels, rng, n_threads)`` with the points of all classes and an (n,) array
    with the name of the class of each, and returns a mapping from each name to its values.

    What stands in the column ``settings`` is an optional attribute ``settings`` (str), or else the
    fields of a dataclass that differ from their defaults.
    """

    @property
    def name(self) -> str:
        """Two measures of one analysis must differ in it, or in their settings."""
        ...

    def measure(
        self, X: np.ndarray, *, rng: np.random.Generator, n_threads: int | None
    ) -> Iterable[Value]:
        """Measure the points `X`, a finite (n, d) float64 array, or a MetricSpace."""
        ...


def takes_maps(measure: Measure) -> bool:
    """Whether a measure asks for feature maps in place of rows."""
    return bool(getattr(measure, "feature_maps", False))


def compares_classes(measure: Measure) -> bool:
    """Whether a measure asks for the points of all classes at once, with their labels."""
    return bool(getattr(measure, "needs_labels", False))


def passes_of(measure: Measure) -> float:
    """Return how often a measure takes all distances, if it takes them in place of points."""
    return 0.0 if takes_maps(measure) else float(getattr(measure, "distance_passes", 0))


def read_metric(measure: Any) -> None:
    """Refuse a wrong metric when the measure is made, and take one by its own name."""
    object.__setattr__(measure, "metric", as_metric(measure.metric))
