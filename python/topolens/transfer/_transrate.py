"""TransRate, from the coding rates of features and of their classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from topolens._calls import as_number
from topolens.transfer._reading import Features, as_labeled


def transrate(features: Features, y: ArrayLike, *, eps: float = 1e-4) -> float:
    """Coding rate of all features, less the mean of the coding rates of the classes.

    Parameters
    ----------
    features : array_like, shape (n, d)
        One row per sample. The score grows with the scale of the features.
    y : array_like, shape (n,)
        Labels of the target task, of two classes or more.
    eps : float, default 1e-4
        Squared distortion of the code, positive.

    Returns
    -------
    float
        In nats. Higher is better.

    Raises
    ------
    ValueError
        If the features are not finite or all the same, `y` has the wrong length or one class, or
        `eps` is not positive.

    See Also
    --------
    transfer_scores : All scores at once.

    Notes
    -----
    The rate of n rows Z is R(Z) = ½ log det(1 + ZᵀZ / (n eps)), and the score is
    R(Z) - Σ_c (n_c / n) R(Z_c), all rows less the mean of all [1]_. The authors' code gives each
    class the same weight, which is the same where classes are of equal size.

    References
    ----------
    .. [1] L.-K. Huang, J. Huang, Y. Rong, Q. Yang, Y. Wei, "Frustratingly easy transferability
       estimation", ICML (2022), equations 4 to 6.

    Examples
    --------
    >>> import topolens as tl
    >>> round(tl.transfer.transrate([[-2.0], [-1.0], [1.0], [2.0]], [0, 0, 1, 1], eps=1.0), 12)
    0.0
    """
    data = as_labeled(features, y)
    eps = as_number(eps, "eps")
    if not 0 < eps < np.inf:
        raise ValueError(f"`eps` must be positive; found {eps}")
    rates = np.array([_rate(data.of_class(code), eps) for code in range(len(data.classes))])
    return float(_rate(data.centered, eps) - data.counts @ rates / len(data.X))


def _rate(Z: np.ndarray, eps: float) -> float:
    from scipy.linalg import svdvals

    return float(np.log1p(svdvals(Z) ** 2 / (len(Z) * eps)).sum() / 2)
