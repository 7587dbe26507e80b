"""GBC, the overlap of Gaussians fitted to the classes."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from topolens._calls import as_choice, as_count
from topolens.transfer._reading import Features, as_labeled

Covariance = Literal["spherical", "diagonal"]


def gbc(
    features: Features,
    y: ArrayLike,
    *,
    covariance: Covariance = "spherical",
    n_components: int | None = 64,
) -> float:
    """Negative sum of the Bhattacharyya coefficients of the classes, as Gaussians.

    Parameters
    ----------
    features : array_like, shape (n, d)
        One row per sample.
    y : array_like, shape (n,)
        Labels of the target task: two classes or more, of at least two samples each.
    covariance : {"spherical", "diagonal"}, default "spherical"
        One variance per class, or one per class and coordinate.
    n_components : int or None, default 64
        Principal components of all features that are kept; all d features where there are no more
        than that. None: no projection.

    Returns
    -------
    float
        Between minus the number of ordered pairs of classes, where all coincide, and 0, where
        none overlap. Higher is better.

    Raises
    ------
    ValueError
        If the features are not finite or all the same, `y` has the wrong length or one class, or a
        class has one sample.

    See Also
    --------
    transfer_scores : All scores at once.

    Notes
    -----
    The score is -Σ exp(-D(c, c')) over all ordered pairs c ≠ c', with the Bhattacharyya distance
    ``D = ⅛ (μ - μ')ᵀ Σ⁻¹ (μ - μ') + ½ log(|Σ| / √(|Σ_c| |Σ_c'|))`` and Σ = (Σ_c + Σ_c') / 2 [1]_.
    Variances have divisor n_c. A coordinate in which both classes have no variance tells them apart
    without fail if their means differ, and not at all otherwise.

    References
    ----------
    .. [1] M. Pándy, A. Agostinelli, J. Uijlings, V. Ferrari, T. Mensink, "Transferability
       estimation using Bhattacharyya class separability", CVPR (2022), equations 2 to 5.

    Examples
    --------
    >>> import topolens as tl
    >>> round(tl.transfer.gbc([[-1.0], [1.0], [1.0], [3.0]], [0, 0, 1, 1]), 4)
    -1.2131
    """
    data = as_labeled(features, y)
    data.require(2, "GBC")
    as_choice(covariance, "covariance", get_args(Covariance))
    points = data.centered
    if n_components is not None and as_count(n_components, "n_components", least=1) < len(points.T):
        points = (data.svd.U * data.svd.s)[:, :n_components]
    by_class = [points[data.codes == code] for code in range(len(data.classes))]
    means = np.array([rows.mean(axis=0) for rows in by_class])
    variances = np.array([rows.var(axis=0) for rows in by_class])
    if covariance == "spherical":
        variances[:] = variances.mean(axis=1, keepdims=True)
    overlap = sum(_overlaps(means, variances, code) for code in range(len(means)))
    return -float(overlap)


def _overlaps(means: np.ndarray, variances: np.ndarray, code: int) -> float:
    """Sum the coefficients of one class with all others."""
    gap = (means - means[code]) ** 2
    mean = (variances + variances[code]) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = gap / mean / 8 + (np.log(mean) - np.log(variances * variances[code]) / 2) / 2
    distance = np.where(mean > 0, distance, np.where(gap > 0, np.inf, 0.0)).sum(axis=1)
    distance[code] = np.inf
    return float(np.exp(-distance).sum())
