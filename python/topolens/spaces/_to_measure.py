"""Distances to the measure of a sample."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from topolens import _core
from topolens._arrays import as_points
from topolens._calls import Progress, as_number, gate


def distance_to_measure(
    X: ArrayLike,
    places: ArrayLike,
    mass: float = 0.05,
    *,
    n_threads: int | None = None,
    progress: Progress = False,
) -> np.ndarray:
    """Distance from places to the points of a cloud that hold a share of its mass.

    Parameters
    ----------
    X : array_like, shape (n, d)
        The cloud.
    places : array_like, shape (m, d)
        Where to evaluate.
    mass : float
        Share of the points, above 0 and at most 1.
    n_threads, progress
        As in :func:`rips`.

    Returns
    -------
    ndarray of float64, shape (m,)
        Root of the mean of the squared Euclidean distances to the nearest ``mass * n`` points,
        the last of them counted in part.

    Raises
    ------
    ValueError
        If shapes do not fit or an argument breaks its rule.

    See Also
    --------
    distances : Between all points.
    topolens.diagrams.confidence_band : Its bootstrap uses this function.

    Notes
    -----
    Moves by at most the distance between places, and by at most ``mass ** -0.5`` times the
    2-Wasserstein distance between clouds [1]_: outliers matter little, unlike for the distance to
    the nearest point.

    References
    ----------
    .. [1] F. Chazal, D. Cohen-Steiner, Q. Mérigot, "Geometric inference for probability
       measures", Found. Comput. Math. 11 (2011).

    Examples
    --------
    >>> import topolens as tl
    >>> tl.spaces.distance_to_measure([[0.0], [1.0], [2.0], [9.0]], [[0.0], [9.0]], mass=0.5)
    array([0.70710678, 4.94974747])
    """
    none = np.empty((0, len(as_points(X))), dtype=np.uint32)
    with gate("distance_to_measure", n_threads, progress) as call:
        values, _ = _core.distances_to_measure(
            as_points(X), as_points(places, "places"), none, mass=as_number(mass, "mass"), **call
        )
    return values
