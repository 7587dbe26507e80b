"""Weights as scores of boundary points and outliers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from topolens import _core
from topolens._arrays import as_points, as_values
from topolens._calls import Progress, as_number, gate
from topolens.spaces._metrics import Metric, as_metric
from topolens.spaces._spaces import MetricSpace, SpaceLike, as_space


@dataclass(frozen=True, eq=False)
class OutlierScores:
    """Scores of points, each measured against the other points of a space.

    Attributes
    ----------
    weights : ndarray of float64, shape (m,)
        The weight of each point once it belongs to the space: near 1 far from all others, near 0
        or below among them, larger at the boundary.
    variances : ndarray of float64, shape (m,)
        What the others leave open of each point, from 0 (known to them) to 1 (far from all): its
        variance given the others, for a Gaussian process with the similarities as covariances.
    gains : ndarray of float64, shape (m,)
        What each point adds to the magnitude: ``weights ** 2 * variances``.
    asymmetry : float
        By how much the two sides of given distances differed, at most; they were averaged.
    """

    weights: np.ndarray
    variances: np.ndarray
    gains: np.ndarray
    asymmetry: float = field(default=0.0, repr=False)

    def __len__(self) -> int:
        """Count the points."""
        return len(self.weights)

    def to_columns(self) -> dict[str, np.ndarray]:
        """Return the scores, a row a point, as columns, for pandas or polars."""
        scores = {"weight": self.weights, "variance": self.variances, "gain": self.gains}
        return {"point": np.arange(len(self)), **{name: s.copy() for name, s in scores.items()}}

    def __repr__(self) -> str:
        """One line with the number of points and the range of the weights."""
        if not len(self):
            return "OutlierScores(0 points)"
        low, high = self.weights.min(), self.weights.max()
        return f"OutlierScores({len(self)} points; weights from {low:.4g} to {high:.4g})"


def outlier_scores(
    X: SpaceLike,
    t: float = 1.0,
    query: ArrayLike | None = None,
    *,
    metric: Metric = "euclidean",
    tol: float = 1e-8,
    n_threads: int | None = None,
    progress: Progress = False,
    max_memory: int | None = None,
) -> OutlierScores:
    """Score points as outliers by their weights: each left out once, or new ones.

    Parameters
    ----------
    X, metric, tol, n_threads, progress, max_memory
        As in :func:`weighting`; `X` may not be sparse.
    t : float
        Scale, above 0.
    query : array_like, shape (m, d) or (m, n), optional
        New points, each compared with `X` and not with one another; with
        ``metric="precomputed"``, or where `X` is a MetricSpace, their distances to the n points
        of `X`. The points of `X` themselves, each compared with the others, when not given.

    Returns
    -------
    OutlierScores

    Raises
    ------
    ValueError
        If an argument breaks its rule.
    NumericalError
        If the similarity matrix is not positive definite, or a new point is so close to others
        that its weight is lost in rounding.
    MemoryError
        If the matrix of `X` does not fit `max_memory`; :func:`weighting`, which gives the
        weights alone, needs less.

    See Also
    --------
    weighting : The weights alone.

    Notes
    -----
    A new point with similarities k to the points of `X` gets the weight
    ``(1 - k·w) / (1 - k·Z⁻¹k)`` in the larger space [1]_, and the denominator is its variance.
    For a point i of `X`, added to `X` without it, the block inverse of Z shows that these are
    its weight ``w_i`` in `X` and ``1 / (Z⁻¹)_ii``: the weighting is the leave-one-out score.

    Copies are one point; each has an equal share of its weight, and its variance and gain. A new
    point equal to one of `X` has the weight of that one, undivided, and adds nothing: its
    variance and gain are 0.

    References
    ----------
    .. [1] E. Bunch, J. Kline, D. Dickinson, S. Bhat, G. Fung, "Weighting vectors for machine
       learning: numerical harmonic analysis applied to boundary detection", arXiv:2106.00827
       (2021).

    Examples
    --------
    >>> import topolens as tl
    >>> line = [[0.0], [1.0], [2.0], [3.0]]
    >>> tl.magnitudes.outlier_scores(line).weights.round(3)
    array([0.731, 0.462, 0.462, 0.731])
    >>> tl.magnitudes.outlier_scores(line, query=[[1.5], [9.0]]).weights.round(3)
    array([0.245, 0.998])
    """
    space = as_space(X, metric, max_memory)
    points, distances = None, None
    if query is not None:
        if isinstance(metric, str) and metric != "precomputed" and not _is_space(X):
            points = _core.Space.points(as_points(query, "query"), as_metric(metric))
        else:
            distances = _distances_to(X, query, metric)
    with gate("outlier_scores", n_threads, progress, max_memory) as call:
        weights, variances, gains = _core.outlier_scores(
            space,
            as_number(t, "t"),
            points=points,
            distances=distances,
            tol=as_number(tol, "tol"),
            **call,
        )
    return OutlierScores(weights, variances, gains, space.asymmetry)


def _is_space(X: Any) -> bool:
    return isinstance(X, (MetricSpace, _core.Space))


def _distances_to(X: Any, query: Any, metric: Metric) -> np.ndarray:
    """Distances from new points to those of a space, given or by a function of two rows."""
    if callable(metric) and not _is_space(X):
        points, queries = as_points(X), as_points(query, "query")
        computed = [[as_number(metric(q, x), "metric") for x in points] for q in queries]
        return np.array(computed, dtype=np.float64).reshape(len(queries), len(points))
    rows = as_values(query, "query")
    if rows.ndim != 2:
        raise ValueError(f"`query` must have shape (m, n); found shape {rows.shape}")
    return rows
