"""LogME, the logarithm of maximum evidence."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from topolens._core import NumericalError
from topolens.transfer._reading import Features, as_labeled, thin_svd

SEARCHED = 1e12  # ratios of noise to signal are searched so far beyond the squared singular values
PER_DECADE = 4


def logme(features: Features, y: ArrayLike) -> float:
    """Largest evidence of a Bayesian linear model of the labels, per sample and class.

    Parameters
    ----------
    features : array_like, shape (n, d)
        One row per sample. No constant column is added, as in the paper.
    y : array_like, shape (n,)
        Labels of the target task, of two classes or more.

    Returns
    -------
    float
        Mean over the classes of the log evidence of their 0/1 labels, divided by n. Higher is
        better.

    Raises
    ------
    ValueError
        If the features are not finite or all the same, or `y` has the wrong length or one class.
    NumericalError
        If the labels are a linear function of features of lower rank than n: the evidence of a
        model without noise has no upper bound.

    See Also
    --------
    transfer_scores : All scores at once.

    Notes
    -----
    The model is y = Fw + noise with w ~ N(0, 1/α) and noise ~ N(0, 1/β), and the evidence
    p(y | F) is maximised over α and β. The paper [1]_ iterates a fixed-point equation, which
    stops at a local maximum. Here, at a given ratio t = α/β the best β is known, so that one number
    is left to search: on a grid of log t, then by Brent's method. Both ends, where the weights
    or the noise vanish, are limits that are included.

    References
    ----------
    .. [1] K. You, Y. Liu, J. Wang, M. Long, "LogME: practical assessment of pre-trained models for
       transfer learning", ICML (2021), equations 2 to 4 and algorithm 1.

    Examples
    --------
    >>> import topolens as tl
    >>> round(tl.transfer.logme([[0.1], [-0.2], [1.1], [0.9]], [0, 0, 1, 1]), 4)
    -0.5758
    """
    data = as_labeled(features, y)
    U, s, _ = thin_svd(data.X)
    n = len(data.X)
    evidence = []
    for code, name in enumerate(data.classes):
        target = (data.codes == code).astype(float)
        along = U.T @ target
        beyond = float(((target - U @ along) ** 2).sum()) if len(s) < n else 0.0
        if len(s) < n and beyond < (n * np.finfo(float).eps) ** 2 * n:
            raise NumericalError(
                f"LogME is not bounded: class {name!s} is a linear function of the features, so "
                f"that a model without noise explains it"
            )
        evidence.append(_largest_evidence(s**2, along**2, beyond, n) / n)
    return float(np.mean(evidence))


def _largest_evidence(squares: np.ndarray, along: np.ndarray, beyond: float, n: int) -> float:
    """Maximise the evidence over the ratio of the two precisions.

    `squares` are the squared singular values, `along` the squared components of the labels
    there, `beyond` the squared length of the rest.
    """
    from scipy.optimize import minimize_scalar

    def negative(log_t: float) -> float:
        t = math.exp(log_t)
        misfit = beyond + (along * (t / (squares + t))).sum()
        return n / 2 * (math.log(2 * math.pi * misfit / n) + 1) + np.log1p(squares / t).sum() / 2

    low, high = math.log(squares.min() / SEARCHED), math.log(squares.max() * SEARCHED)
    grid = np.linspace(low, high, math.ceil((high - low) / math.log(10) * PER_DECADE))
    values = np.array([negative(log_t) for log_t in grid])
    best = int(values.argmin())
    around = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    found = minimize_scalar(negative, bounds=around, method="bounded", options={"xatol": 1e-9})
    return -min(float(found.fun), float(values[best]))
