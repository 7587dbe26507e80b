"""The H-score."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from topolens._calls import as_number
from topolens.transfer._reading import Features, LabeledFeatures, as_labeled

LedoitWolf = Literal["ledoit-wolf"]


def hscore(
    features: Features, y: ArrayLike, *, shrinkage: float | LedoitWolf = "ledoit-wolf"
) -> float:
    """Share of the features' variance that is between classes, in the features' own metric.

    Parameters
    ----------
    features : array_like, shape (n, d)
        One row per sample.
    y : array_like, shape (n,)
        Labels of the target task, of two classes or more.
    shrinkage : float or "ledoit-wolf", default "ledoit-wolf"
        How far the covariance is drawn towards a multiple of the identity, from 0 to 1. With 0
        it is the H-score as first published, which is n_classes - 1 for any features with as many
        independent columns as samples, whatever the labels.

    Returns
    -------
    float
        At least 0, at most the number of classes less one. Higher is better.

    Raises
    ------
    ValueError
        If the features are not finite or all the same, `y` has the wrong length or one class, or
        `shrinkage` is not between 0 and 1.

    See Also
    --------
    transfer_scores : All scores at once.

    Notes
    -----
    With the covariance S of the features and that of the class means, M = Cov(E[f|y]), both
    with divisor n, the score is tr(S⁺M) [1]_, a product of matrices with the pseudo-inverse. With
    shrinkage α it is tr(S_α⁻¹ (1 - α) M), S_α = (1 - α) S + α (tr S / d) 1 [2]_; by default α is
    that of Ledoit and Wolf [3]_, which expects the least squared error. All is read off one
    singular value decomposition: no (d, d) matrix is formed, and d may be larger than n.

    References
    ----------
    .. [1] Y. Bao, Y. Li, S.-L. Huang, L. Zhang, L. Zheng, A. Zamir, L. Guibas, "An
       information-theoretic approach to transferability in task transfer learning", ICIP (2019).
    .. [2] S. Ibrahim, N. Ponomareva, R. Mazumder, "Newer is not always better: rethinking
       transferability metrics, their peculiarities, stability and performance", ECML PKDD (2022).
    .. [3] O. Ledoit, M. Wolf, "A well-conditioned estimator for large-dimensional covariance
       matrices", J. Multivariate Analysis 88 (2004), section 3.

    Examples
    --------
    >>> import topolens as tl
    >>> round(tl.transfer.hscore([[0.0], [2.0], [4.0], [6.0]], [0, 0, 1, 1], shrinkage=0), 12)
    0.8
    """
    data = as_labeled(features, y)
    if shrinkage == "ledoit-wolf":
        alpha = ledoit_wolf(data)
    elif isinstance(shrinkage, str):
        raise ValueError(
            f'`shrinkage` must be "ledoit-wolf" or a number from 0 to 1; found {shrinkage!r}'
        )
    else:
        alpha = as_number(shrinkage, "shrinkage")
        if not 0 <= alpha <= 1:
            raise ValueError(f"`shrinkage` must be between 0 and 1; found {alpha}")
    n, d = data.X.shape
    variances = data.svd.s**2 / n
    shrunk = (1 - alpha) * variances + alpha * variances.sum() / d
    return float((1 - alpha) * (_between(data) / shrunk).sum())


def ledoit_wolf(data: LabeledFeatures) -> float:
    """Weight of the multiple of the identity in the shrunk covariance."""
    n, d = data.X.shape
    squares = (data.svd.s**2 / n) ** 2
    mean = (data.svd.s**2).sum() / n / d
    distance = squares.sum() - d * mean**2
    if distance <= d * np.finfo(float).eps * squares.sum():
        return 0.0  # a multiple of the identity already
    lengths = (data.centered**2).sum(axis=1)
    error = ((lengths**2).sum() / n - squares.sum()) / n
    return float(min(error, distance) / distance)


def _between(data: LabeledFeatures) -> np.ndarray:
    """Variance of the class means along each principal axis."""
    coordinates = data.svd.U * data.svd.s
    sums = np.zeros((len(data.classes), coordinates.shape[1]))
    np.add.at(sums, data.codes, coordinates)
    return (sums**2 / data.counts[:, None]).sum(axis=0) / len(data.X)
