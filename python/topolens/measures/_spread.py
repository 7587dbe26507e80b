"""How small a class is beside its distance to the others, as a measure of layers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from topolens.measures._protocol import NO_DEGREE, Value, read_metric
from topolens.spaces._metrics import Metric
from topolens.spaces._separation import within_to_others


@dataclass(frozen=True)
class Spread:
    """How small each class is beside its distance to the others.

    Parameters
    ----------
    metric : str or callable, default "euclidean"

    Notes
    -----
    Yields ``within_to_others``: the mean distance of two points of the class over that of one of
    its points and one of another class. It is 1 in the mean if labels are shuffled, and near 0
    where the class has shrunk to a dot. See :func:`topolens.spaces.within_to_others`. It does not
    change when a layer stretches all its distances by one factor.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[0.0], [1.0], [10.0], [14.0]])
    >>> found = Spread().measure(X, labels=list("aabb"), rng=np.random.default_rng(0))
    >>> {name: round(values[0].value, 3) for name, values in found.items()}
    {'a': 0.087, 'b': 0.348}
    """

    metric: Metric = "euclidean"
    needs_labels = True
    distance_passes = 1.0
    min_points = 2

    def __post_init__(self) -> None:
        read_metric(self)

    @property
    def name(self) -> str:
        """``spread``."""
        return "spread"

    def measure(
        self,
        X: np.ndarray,
        *,
        labels: np.ndarray,
        rng: np.random.Generator,
        n_threads: int | None = None,
    ) -> dict[str, list[Value]]:
        """Measure the points `X` of all classes; nothing is drawn from `rng`."""
        found = within_to_others(X, labels, metric=self.metric, n_threads=n_threads)
        ratios = zip(found.classes, found.ratio, strict=True)
        return {
            str(name): [Value("within_to_others", NO_DEGREE, math.inf, float(ratio))]
            for name, ratio in ratios
        }
