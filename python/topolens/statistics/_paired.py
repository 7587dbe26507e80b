"""Networks with a control each: sign flips of their differences, and an interval by Student's t."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from topolens._arrays import as_rng
from topolens._bootstrap import as_confidence, as_resamples
from topolens.statistics._contrasted import ContrastResult
from topolens.statistics._families import ROUNDING, Families, as_rows, shares
from topolens.statistics._reach import least_p_paired

MOST_EXACT = 11  # networks of which all flips are looked at
BLOCK = 4_000_000  # numbers at a time


def paired_contrast(
    values: ArrayLike,
    controls: ArrayLike,
    *,
    families: Sequence[Any] | None = None,
    confidence_level: float = 0.95,
    n_resamples: int = 9999,
    rng: int | np.random.Generator | None = None,
) -> ContrastResult:
    """Compare networks with a control of each, by flipping the signs of their differences.

    Parameters
    ----------
    values, controls : array_like, shape (n_networks, rows) or (n_networks,)
        The same rows, such as layers, of networks and of their controls, in the same order. A
        network that lacks a number (nan) is left out of that row.
    families : sequence, optional
        What each row is asked together with, one name per row; all rows are one family when not
        given.
    confidence_level : float
        Level of the intervals, between 0 and 1.
    n_resamples : int
        Random flips where there are too many to look at all: from 12 networks on.
    rng : int or Generator, optional
        Draws these.

    Returns
    -------
    ContrastResult

    Raises
    ------
    ValueError
        If shapes differ, or there are fewer than 2 networks.

    See Also
    --------
    copy_contrast : For one network.
    group_contrast : For two kinds of networks.
    topolens.layers.contrast : The same for tables of layers.

    Notes
    -----
    The p-value is the share of all sign flips of the differences whose mean is as far from 0 as
    that found [1]_: exact up to 11 networks, otherwise over random flips and the one found. It is
    two-sided, and at least 2/2ⁿ. Over the rows of a family, flips are common to all rows, and
    the largest t in size is compared [2]_: ``p_adjusted`` keeps its level for all rows at once,
    however they depend on each other.

    Flips test whether values and controls are *alike*, so that each could have been the other.
    Equal means are not enough: differences that are skewed can be rejected. The interval is that
    of Student's t for the mean difference. Where the two disagree, follow the p-value.

    References
    ----------
    .. [1] R. A. Fisher, "The Design of Experiments", section 21 (1935).
    .. [2] P. H. Westfall and S. S. Young, "Resampling-Based Multiple Testing" (1993).

    Examples
    --------
    >>> from topolens.statistics import paired_contrast
    >>> trained = [2.7, 2.4, 2.9, 2.2, 2.6, 2.8]
    >>> found = paired_contrast(trained, [19.1, 17.5, 20.0, 18.2, 21.7, 17.9])
    >>> found.p, found.difference.round(1)
    (array([0.03125]), array([-16.5]))
    """
    one = as_rows(values, "values")
    other = as_rows(controls, "controls", one.shape[1])
    if len(one) != len(other):
        raise ValueError(
            f"`controls` must be of the same networks as `values`, {len(one)}; found {len(other)}"
        )
    if len(one) < 2:
        raise ValueError(f"`values` must be of at least 2 networks; found {len(one)}")
    groups = Families.of(families, one.shape[1])
    confidence, resamples = as_confidence(confidence_level), as_resamples(n_resamples)
    differences = _apart(one, other)
    known = np.isfinite(differences)
    n = known.sum(axis=0)
    mean, low, high = mean_intervals(differences, confidence)
    observed, draws = _flipped(np.where(known, differences, 0.0), n, resamples, as_rng(rng))
    p, p_adjusted = (np.where(n > 0, p, np.nan) for p in shares(draws, observed, groups))
    exact = len(one) <= MOST_EXACT
    return ContrastResult(
        difference=mean,
        low=low,
        high=high,
        p=p,
        p_adjusted=p_adjusted,
        p_family=groups.least(p_adjusted),
        p_mean_square=np.full(len(groups.names), np.nan),
        least_p=np.maximum(least_p_paired(n), 0.0 if exact else 1 / (1 + resamples)),
        n=n,
        families=groups.names,
        test="sign flips of the mean, " + ("all" if exact else f"{resamples} random"),
    )


def _apart(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return differences, 0 where they are no more than rounding."""
    difference = one - other
    size = np.maximum(np.abs(one), np.abs(other))
    return np.where(np.abs(difference) <= ROUNDING * size, 0.0, difference)


def mean_intervals(
    values: np.ndarray, confidence: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the mean of each column with its interval by Student's t; nan counts as missing."""
    from scipy import stats

    known = np.isfinite(values)
    n = known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, values, 0.0).sum(axis=0) / n
        offset = np.where(known, values - mean, 0.0)
        size = np.abs(offset).max(axis=0)  # squares of large numbers would overflow
        squares = (offset / np.where(size > 0, size, 1.0)) ** 2
        error = size * np.sqrt(squares.sum(axis=0) / (n - 1) / n)
        half = stats.t.ppf((1 + confidence) / 2, n - 1) * error
    return mean, mean - half, mean + half


def _flipped(
    differences: np.ndarray, n: np.ndarray, n_resamples: int, rng: np.random.Generator
) -> tuple[np.ndarray, Iterator[np.ndarray]]:
    """Return how far each column is from 0, and how far all flips of it are.

    Flips leave squares as they are, so that the sum over sqrt(n times the sum of squares), in
    [0, 1], rises with |t| and is defined for equal differences, too.
    """
    largest = np.abs(differences).max(axis=0)
    scaled = differences / np.where(largest > 0, largest, 1.0)
    length = np.sqrt(n * (scaled**2).sum(axis=0))
    unit = scaled / np.where(length > 0, length, 1.0)
    at_once = max(1, BLOCK // sum(differences.shape))
    blocks = _signs(len(differences), n_resamples, at_once, rng)
    return np.abs(unit.sum(axis=0)), (np.abs(signs @ unit) for signs in blocks)


def _signs(
    n: int, n_resamples: int, at_once: int, rng: np.random.Generator
) -> Iterator[np.ndarray]:
    """Yield signs, a row a flip: one of each pair of opposite ones, or none and random ones."""
    if n <= MOST_EXACT:
        yield 1.0 - 2.0 * (np.arange(2 ** (n - 1))[:, None] >> np.arange(n) & 1)
        return
    yield np.ones((1, n))
    for start in range(0, n_resamples, at_once):
        drawn = rng.integers(2, size=(min(at_once, n_resamples - start), n))
        yield 1.0 - 2.0 * drawn
