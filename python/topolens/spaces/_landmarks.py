"""Landmarks that cover a space, farthest points first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from topolens import _core
from topolens._arrays import as_rng
from topolens._calls import as_count, as_threads
from topolens.spaces._metrics import Metric
from topolens.spaces._spaces import SpaceLike, as_space


@dataclass(frozen=True, eq=False)
class Landmarks:
    """Few points that stand for many.

    Attributes
    ----------
    indices : ndarray of int64, shape (m,)
        The chosen points, in the order in which they were chosen.
    covering_radius : float
        Largest distance of a point to its nearest landmark. Vietoris-Rips
        diagrams of the landmarks are within twice this of those of all points,
        in bottleneck distance.
    asymmetry : float
        By how much the two sides of given distances differed, at most; they were averaged.
    """

    indices: np.ndarray = field(repr=False)
    covering_radius: float
    asymmetry: float = 0.0

    def to_columns(self) -> dict[str, np.ndarray]:
        """Return the landmarks in their order as columns, for pandas or polars."""
        return {"index": self.indices.copy()}


def landmarks(
    X: SpaceLike,
    n_landmarks: int,
    *,
    metric: Metric = "euclidean",
    rng: int | np.random.Generator | None = None,
    n_threads: int | None = None,
) -> Landmarks:
    """Choose landmarks by farthest-point sampling.

    Parameters
    ----------
    X, metric, n_threads
        As in :func:`distances`.
    n_landmarks : int
        How many points to choose.
    rng : int or Generator, optional
        Chooses the first landmark; the rest follows from it.

    Returns
    -------
    Landmarks

    Raises
    ------
    ValueError
        If `n_landmarks` is not between 1 and n, or an argument breaks its rule.

    See Also
    --------
    topolens.homology.rips : Takes `n_landmarks`.
    topolens.magnitudes.magnitude_lower_bound : Magnitude by landmarks.

    Notes
    -----
    Each is the farthest from those before it, so that their covering radius is at most twice the
    least there is [1]_.

    References
    ----------
    .. [1] T. F. Gonzalez, "Clustering to minimize the maximum intercluster distance", Theor.
       Comput. Sci. 38 (1985).

    Examples
    --------
    >>> import topolens as tl
    >>> tl.landmarks([[0.0], [1.0], [10.0]], 2, rng=0).covering_radius
    1.0
    """
    return choose_landmarks(as_space(X, metric, n_threads=n_threads), n_landmarks, rng, n_threads)


def choose_landmarks(
    space: _core.Space, n_landmarks: int, rng: Any, n_threads: int | None
) -> Landmarks:
    """Landmarks of a space that has been read already."""
    start = int(as_rng(rng).integers(max(len(space), 1)))
    count = as_count(n_landmarks, "n_landmarks")
    indices, radius = _core.landmarks(space, count, start, n_threads=as_threads(n_threads))
    return Landmarks(np.asarray(indices, dtype=np.int64), radius, space.asymmetry)
