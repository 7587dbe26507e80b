"""Intervals for a mean, a difference, a share and any statistic of independent networks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

LEVEL = 0.95
CLOPPER_PEARSON = "Clopper and Pearson"


class Interval(NamedTuple):
    """An estimate with its interval.

    Attributes
    ----------
    estimate, low, high : float
    n : int
        What was drawn independently: networks, pairs of networks, images.
    method : str
        How the interval was made.
    """

    estimate: float
    low: float
    high: float
    n: int
    method: str


def mean_interval(values: Sequence[float], *, level: float = LEVEL) -> Interval:
    """Mean of independent values, by Student's t."""
    found = _values(values)
    mean, n = float(found.mean()), len(found)
    half = float(stats.t.ppf((1 + level) / 2, n - 1) * found.std(ddof=1) / np.sqrt(n))
    return Interval(mean, mean - half, mean + half, n, "Student's t")


def difference_interval(
    first: Sequence[float], second: Sequence[float], *, level: float = LEVEL
) -> Interval:
    """Mean of the first minus mean of the second, of independent groups, by Welch's t."""
    one, other = _values(first), _values(second)
    difference = float(one.mean() - other.mean())
    low = high = difference
    if one.std() + other.std() > 0:
        found = stats.ttest_ind(one, other, equal_var=False).confidence_interval(level)
        low, high = float(found.low), float(found.high)
    return Interval(difference, low, high, len(one) + len(other), "Welch's t")


def share_interval(count: int, n: int, *, level: float = LEVEL) -> Interval:
    """Share of `n` independent cases, by Clopper and Pearson."""
    low, high = clopper_pearson(np.array([int(count)]), int(n), level=level)
    return Interval(count / n, float(low[0]), float(high[0]), int(n), CLOPPER_PEARSON)


def clopper_pearson(
    counts: np.ndarray, n: int, *, level: float = LEVEL
) -> tuple[np.ndarray, np.ndarray]:
    """Return both ends for each of the counts: quantiles of beta distributions."""
    tail = (1 - level) / 2
    low = np.where(counts == 0, 0, stats.beta.ppf(tail, counts, n - counts + 1))
    high = np.where(counts == n, 1, stats.beta.isf(tail, counts + 1, n - counts))
    return low, high


def bootstrap_interval(
    values: Sequence[float],
    statistic: Callable[..., float],
    *,
    level: float = LEVEL,
    resamples: int = 9999,
) -> Interval:
    """Any statistic of independent values, by the bias-corrected and accelerated bootstrap."""
    found = _values(values)
    drawn = stats.bootstrap(
        (found,),
        statistic,
        confidence_level=level,
        n_resamples=resamples,
        rng=np.random.default_rng(0),
    )
    low, high = drawn.confidence_interval
    estimate = float(statistic(found))
    return Interval(estimate, float(low), float(high), len(found), "bootstrap (BCa)")


def _values(values: Sequence[float]) -> np.ndarray:
    found = np.asarray(values, dtype=float)
    if found.ndim != 1 or len(found) < 2 or not np.isfinite(found).all():
        raise ValueError(f"`values` must be two finite numbers or more; found {values!r}")
    return found
