"""Resampling: how often, with which counts, and the intervals that come of it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from topolens._calls import as_count, as_number

LEAST_RESAMPLES = 100


def as_confidence(confidence_level: Any, name: str = "confidence_level") -> float:
    """Read a confidence, above 0 and below 1."""
    confidence = as_number(confidence_level, name)
    if not 0 < confidence < 1:
        raise ValueError(f"`{name}` must be above 0 and below 1; found {confidence_level}")
    return confidence


def as_resamples(n_resamples: Any, least: int = LEAST_RESAMPLES) -> int:
    """Read how often to draw again; a percentile wants a hundred draws or more."""
    return as_count(n_resamples, "n_resamples", least=least)


def resampled_counts(rng: np.random.Generator, n: int, n_resamples: int) -> np.ndarray:
    """Draw `n` things of `n` with replacement: how often each is drawn, a row a resample."""
    return rng.multinomial(n, np.full(n, 1 / n), size=n_resamples)


def percentile_interval(
    draws: np.ndarray, confidence: float, method: str = "linear"
) -> tuple[float, float]:
    """Return the ends that leave equal shares of the draws outside; NaN draws do not count.

    With ``method="nearest"`` the ends are draws themselves: between a number and infinity
    nothing can be interpolated.
    """
    defined = draws[~np.isnan(draws)]
    if not len(defined):
        return math.nan, math.nan
    tail = (1 - confidence) / 2
    low, high = np.quantile(defined, [tail, 1 - tail], method=method)
    return float(low), float(high)


def upper_quantile(values: np.ndarray, confidence: float) -> float:
    """Return the least value that at most a share 1 - `confidence` of the values exceed."""
    above = math.floor((1 - confidence) * len(values) + 1e-9)
    return float(np.sort(values)[len(values) - above - 1])
