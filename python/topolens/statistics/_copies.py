"""One network among copies of it that were re-initialised: its rank, and the shift it allows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from topolens._bootstrap import as_confidence
from topolens.statistics._contrasted import ContrastResult
from topolens.statistics._families import (
    ROUNDING,
    SLACK,
    Families,
    as_row,
    as_rows,
    known_mean,
    shares,
)


def copy_contrast(
    value: ArrayLike,
    copies: ArrayLike,
    *,
    families: Sequence[Any] | None = None,
    confidence_level: float = 0.95,
) -> ContrastResult:
    """Compare one network with re-initialised copies of it, by its rank among them.

    Parameters
    ----------
    value : array_like, shape (rows,)
        Rows, such as layers, of the network.
    copies : array_like, shape (n_copies, rows) or (n_copies,)
        The same rows of each copy, nan where a copy lacks a number.
    families : sequence, optional
        What each row is asked together with, one name per row; all rows are one family when not
        given.
    confidence_level : float
        Level of the intervals, between 0 and 1.

    Returns
    -------
    ContrastResult
        Its ``p_mean_square`` is the answer over a family, to be followed by ``p_adjusted`` of the
        rows in it.

    Raises
    ------
    ValueError
        If shapes differ.

    See Also
    --------
    paired_contrast : For several networks, which say more.
    topolens.layers.contrast : The same for tables of layers.

    Notes
    -----
    If training did nothing to these numbers, the network would be one more copy. So z is taken by
    mean and standard deviation of network and copies together, and p = (1 + copies whose z
    is as large, up or down) / (1 + copies): two-sided, and at least 1/(1 + copies). Over a family
    it is the rank of the mean of z², or of the largest z: decide which before looking. One odd
    copy can mask the largest.

    The interval has the shifts of the network that its rank would not reject: exact if training
    only shifts the number, and infinite where copies are too few for the level. What is found is
    about this one network.

    Examples
    --------
    >>> import numpy as np
    >>> from topolens.statistics import copy_contrast
    >>> copies = np.random.default_rng(0).normal(27.0, 5.0, size=19)
    >>> found = copy_contrast([1.0], copies)
    >>> found.p, found.least_p
    (array([0.05]), array([0.05]))
    """
    row = as_row(value, "value")
    others = as_rows(copies, "copies", row.shape[1])
    groups, confidence = Families.of(families, row.shape[1]), as_confidence(confidence_level)
    together = np.vstack([row, others])
    n = np.isfinite(others).sum(axis=0)
    z = np.abs(_standardized(together))
    comparable = np.isfinite(row[0]) & (n > 0)
    reach = np.where(np.isfinite(together), z >= z[0] - SLACK, False).sum(axis=0)
    p = np.where(comparable, reach / (n + 1), np.nan)
    _, p_adjusted = shares([z], z[0], groups)
    over_all = groups.mean(z**2)
    p_mean_square = (over_all >= over_all[0] - SLACK).mean(axis=0)
    undecided = np.isnan(groups.least(p))
    p_adjusted = np.where(comparable, p_adjusted, np.nan)
    centre = known_mean(others)
    low, high = _shifts(row[0] - centre, others - centre, 1 - confidence)
    return ContrastResult(
        difference=row[0] - centre,
        low=low,
        high=high,
        p=p,
        p_adjusted=p_adjusted,
        p_family=groups.least(p_adjusted),
        p_mean_square=np.where(undecided, np.nan, p_mean_square),
        least_p=np.where(comparable, 1 / (n + 1), np.nan),
        n=n,
        families=groups.names,
        test="rank among copies",
    )


def _standardized(values: np.ndarray) -> np.ndarray:
    """Return z of each column; 0 where all are equal or a number is missing."""
    known = np.isfinite(values)
    offset = np.where(known, values - known_mean(values), 0.0)
    degrees = (known.sum(axis=0) - 1).clip(1)
    sd = np.sqrt((offset**2).sum(axis=0) / degrees)
    size = np.abs(np.where(known, values, 0.0)).max(axis=0)
    varies = sd > ROUNDING * size
    return np.where(varies, offset / np.where(varies, sd, 1.0), 0.0)


def _shifts(
    difference: np.ndarray, copies: np.ndarray, alpha: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and the largest shift that the rank does not reject at `alpha`.

    `copies` are centred. A network u above their mean moves the common mean by u/(R + 1): a copy v
    has at least its |z| as long as u <= v, or, below the mean, u <= -v (R + 1)/(R - 1).
    """
    n = np.isfinite(copies).sum(axis=0)
    allowed = np.floor(alpha * (n + 1) + 1e-9).astype(np.int64)
    with np.errstate(divide="ignore"):
        stretch = np.where(n > 1, (n + 1) / np.maximum(n - 1, 1), np.inf)

    def furthest(v: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore"):
            bound = np.where(v >= 0, v, -v * stretch)
        highest = -np.sort(-np.where(np.isfinite(copies), bound, -np.inf), axis=0)
        place = np.clip(allowed - 1, 0, len(copies) - 1)
        kth = np.take_along_axis(highest, place[None], axis=0)[0]
        return np.where(allowed < 1, math.inf, kth)

    low, high = difference - furthest(copies), difference + furthest(-copies)
    unknown = ~np.isfinite(difference)
    return np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)
