"""In how many pieces a class lies among the others, as a measure of layers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from topolens.homology._pieces import pieces_among_others
from topolens.measures._protocol import NO_DEGREE, Value, read_metric
from topolens.spaces._metrics import Metric

STRAYS = 3  # Pieces of fewer points than this may be strays.


@dataclass(frozen=True)
class Pieces:
    """In how many pieces each class lies among the others.

    The spanning tree of all points of a layer is cut between classes, and what remains of each
    class is counted. There is no scale to choose.

    Parameters
    ----------
    metric : str or callable, default "euclidean"

    Notes
    -----
    Yields ``pieces``, ``pieces_of_three`` (those of at least three points, without strays) and
    ``pieces_of_chance``, the number of pieces over its mean under shuffled labels: 1 where the
    class is mixed with the others as if its labels had been drawn, near 0 where it holds together.
    See :func:`topolens.homology.pieces_among_others`. None of them changes when a layer stretches
    all its distances by one factor. Where classes overlap, their pieces grow in number with their
    points: compare layers and controls on the same samples. Where distances tie, numbers are
    means over spanning trees.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([0.0, 1.1, 2.3, 3.6, 5.0, 6.5])[:, None]
    >>> found = Pieces().measure(X, labels=list("aabbaa"), rng=np.random.default_rng(0))
    >>> {name: values[0].value for name, values in found.items()}
    {'a': 2.0, 'b': 1.0}
    """

    metric: Metric = "euclidean"
    needs_labels = True
    distance_passes = 1.0
    min_points = 1

    def __post_init__(self) -> None:
        read_metric(self)

    @property
    def name(self) -> str:
        """``pieces``."""
        return "pieces"

    def measure(
        self,
        X: np.ndarray,
        *,
        labels: np.ndarray,
        rng: np.random.Generator,
        n_threads: int | None = None,
    ) -> dict[str, list[Value]]:
        """Measure the points `X` of all classes; `rng` draws trees where distances tie."""
        found = pieces_among_others(
            X, labels, metric=self.metric, n_resamples=1, rng=rng, n_threads=n_threads
        )
        numbers = {
            "pieces": found.n_pieces,
            "pieces_of_three": found.of_at_least(STRAYS),
            "pieces_of_chance": found.n_pieces / found.by_chance,
        }
        return {
            str(name): [
                Value(what, NO_DEGREE, math.inf, float(values[place]))
                for what, values in numbers.items()
            ]
            for place, name in enumerate(found.classes)
        }
