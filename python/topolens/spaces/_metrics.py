"""Metrics: the names of the core and those of other libraries, or functions of two rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from topolens import _core
from topolens._arrays import rounding
from topolens._calls import as_number

Metric = str | Callable[[np.ndarray, np.ndarray], float]

# What scipy, scikit-learn and others call them too.
_ALIASES = {
    "chebychev": "chebyshev",
    "infinity": "chebyshev",
    "l1": "cityblock",
    "l2": "euclidean",
    "linf": "chebyshev",
    "manhattan": "cityblock",
    "sqeuclid": "sqeuclidean",
    "taxicab": "cityblock",
}

# Points on whose pairs a function is tried before it is called for all.
_TRIALS = 6


def as_metric(metric: Any) -> Any:
    """Read a metric: a function, or the name that the core has for it."""
    if callable(metric):
        return metric
    if not isinstance(metric, str):
        raise TypeError(f"`metric` must be a name or a function of two rows; found {metric!r}")
    name = _ALIASES.get(metric, metric)
    if name not in (*_core.METRICS, "precomputed"):
        names = ", ".join((*_core.METRICS, "precomputed"))
        raise ValueError(
            f'`metric` must be one of {names}, or a function of two rows; found "{metric}"'
        )
    return name


def distances_by_function(
    points: Sequence[Any], metric: Callable[..., float], max_memory: int, name: str = "metric"
) -> tuple[np.ndarray, float]:
    """Call a function for all pairs i < j; their distances, and the rounding of its floats."""
    n = len(points)
    _core.check_distances(n, max_memory=max_memory)
    step = _try_out(points, metric, name)
    values = np.zeros(n * (n - 1) // 2)
    pairs = ((i, j) for i in range(n) for j in range(i + 1, n))
    for place, (i, j) in enumerate(pairs):
        values[place] = as_number(metric(points[i], points[j]), name)
        if not values[place] >= 0:
            raise ValueError(
                f"`{name}` must return non-negative numbers; found {values[place]} at [{i}, {j}]"
            )
    return values, step


def _try_out(points: Sequence[Any], metric: Callable[..., float], name: str) -> float:
    """Refuse a function that is not symmetric, or not 0 for a row and itself."""
    tried = np.unique(np.linspace(0, len(points) - 1, _TRIALS).astype(int)).tolist()
    if not len(points):
        return rounding(0.0)
    found = [[metric(points[i], points[j]) for j in tried] for i in tried]
    step = max(rounding(one) for row in found for one in row)
    matrix = np.array([[as_number(one, name) for one in row] for row in found])
    own = np.diag(matrix)
    # A root of a difference that rounding made negative.
    np.fill_diagonal(matrix, np.where(np.isnan(own), 0.0, own))
    fault = _core.first_asymmetry(matrix, step=step) if (matrix >= 0).all() else None
    if fault:
        (a, b), (i, j) = fault, (tried[fault[0]], tried[fault[1]])
        values = f"{matrix[a, b]}" if a == b else f"{matrix[a, b]} and {matrix[b, a]}"
        rule = "return 0 for one and itself" if a == b else "not depend on the order of its two"
        raise ValueError(f"`{name}` must {rule}; found {values} at [{i}, {j}]")
    return step
