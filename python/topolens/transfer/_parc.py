"""PARC, the agreement of distances between features with those between labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from topolens._calls import memory_limit
from topolens._core import NumericalError
from topolens.transfer._reading import Features, as_labeled

BYTES_PER_PAIR = 56  # distances, their ranks, and what ranking takes in between
ROWS_AT_ONCE = 256


def parc(features: Features, y: ArrayLike, *, max_memory: float | None = None) -> float:
    """Spearman's correlation of the samples' distances, by features and by labels.

    Parameters
    ----------
    features : array_like, shape (n, d)
        One row per sample, two columns or more.
    y : array_like, shape (n,)
        Labels of the target task, of two classes or more.
    max_memory : float or None, default None
        Largest size in bytes of what is kept of the n (n - 1) / 2 pairs, 56 bytes each. None: the
        memory that is available.

    Returns
    -------
    float
        From -1 to 1; the paper's code gives it in percent. Higher is better.

    Raises
    ------
    ValueError
        If the features are not finite or all the same, or `y` has the wrong length or one class.
    NumericalError
        If a row of features is constant, which correlates with nothing, or all pairs are equally
        far.
    MemoryError
        If there are too many pairs; the message says how many samples would fit.

    See Also
    --------
    transfer_scores : All scores at once.

    Notes
    -----
    The distance of two samples is 1 - Pearson's correlation of their rows, and so is that of their
    labels, as rows of zeros and a one [1]_. The latter have two values, for pairs within a class
    and between classes. The paper takes 500 samples.

    References
    ----------
    .. [1] D. Bolya, R. Mittapalli, J. Hoffman, "Scalable diverse model selection for accessible
       transfer learning", NeurIPS (2021), section 3.2.

    Examples
    --------
    >>> import topolens as tl
    >>> rows = [[1.0, 0.0, 0.0], [1.0, 0.1, 0.0], [0.0, 0.0, 1.0], [0.0, 0.1, 1.0]]
    >>> round(tl.transfer.parc(rows, [0, 0, 1, 1]), 4)
    0.8528
    """
    from scipy.stats import rankdata

    data = as_labeled(features, y)
    n = len(data.X)
    _refuse_too_many(n, max_memory)
    distances = _distances(_standardized(data.X))
    differ = np.concatenate([data.codes[i] != data.codes[i + 1 :] for i in range(n)])
    ranks = rankdata(distances)
    ranks -= ranks.mean()
    if not ranks.any() or differ.all():
        raise NumericalError(
            "PARC needs pairs that differ in their distance, by features and by labels"
        )
    indicator = differ - differ.mean()
    return float(ranks @ indicator / np.sqrt((ranks @ ranks) * (indicator @ indicator)))


def _refuse_too_many(n: int, max_memory: float | None) -> None:
    limit, needed = memory_limit(max_memory), BYTES_PER_PAIR * n * (n - 1) // 2
    if needed > limit:
        fits = int((2 * limit / BYTES_PER_PAIR) ** 0.5)
        raise MemoryError(
            f"PARC of {n} samples takes {needed / 1e6:.3g} MB for their pairs, more than the "
            f"{limit / 1e6:.3g} MB of `max_memory`; {fits} samples would fit"
        )


def _standardized(X: np.ndarray) -> np.ndarray:
    """Rows of mean 0 and length 1."""
    rows = X - X.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    constant = np.flatnonzero(lengths[:, 0] <= 1e-14 * np.abs(X).max(axis=1))
    if len(constant):
        raise NumericalError(
            f"PARC needs rows of features that are not constant; row {constant[0]} is"
        )
    return rows / lengths


def _distances(rows: np.ndarray) -> np.ndarray:
    """1 - correlation of all pairs, row by row above the diagonal."""
    parts = []
    for start in range(0, len(rows), ROWS_AT_ONCE):
        block = rows[start : start + ROWS_AT_ONCE] @ rows[start:].T
        parts += [row[i + 1 :] for i, row in enumerate(block)]
    # Distances that are equal must be tied, which rounding would undo.
    return np.round(1 - np.concatenate(parts), 12)
