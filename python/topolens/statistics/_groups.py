"""Two kinds of networks: permutations of whole networks, and Welch's interval."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from topolens._arrays import as_rng
from topolens._bootstrap import as_confidence, as_resamples
from topolens.statistics._contrasted import ContrastResult
from topolens.statistics._families import ROUNDING, Families, as_rows, shares
from topolens.statistics._reach import least_p_of_groups

MOST_EXACT = 10_000  # ways to divide the networks that are all looked at
BLOCK = 2_000_000  # numbers at a time


def group_contrast(
    first: ArrayLike,
    second: ArrayLike,
    *,
    families: Sequence[Any] | None = None,
    confidence_level: float = 0.95,
    n_resamples: int = 9999,
    rng: int | np.random.Generator | None = None,
) -> ContrastResult:
    """Compare two kinds of networks, by permuting which network is of which kind.

    Parameters
    ----------
    first, second : array_like, shape (n_networks, rows) or (n_networks,)
        The same rows, such as layers, of the networks of each kind. A network that lacks a number
        (nan) is left out of that row.
    families : sequence, optional
        What each row is asked together with, one name per row; all rows are one family when not
        given.
    confidence_level : float
        Level of the intervals, between 0 and 1.
    n_resamples : int
        Random permutations where there are too many to look at all: more than 10 000.
    rng : int or Generator, optional
        Draws these.

    Returns
    -------
    ContrastResult
        Of first less second.

    Raises
    ------
    ValueError
        If the numbers of rows differ.

    See Also
    --------
    paired_contrast : For networks with a control each.
    topolens.layers.contrast : The same for tables of layers, beside that of their controls.

    Notes
    -----
    The statistic is Welch's t, the p-value the share of all ways to divide the networks, or of
    random ones and the one found, that reach its size: at least one over their number, twice that
    where both kinds have as many. Permutations are common to all rows. They test whether the
    kinds are *alike*, in spread, too. As a test of means they fail where one spreads three times as
    wide: of rows alone 5 to 8 % are rejected at 0.05, by the largest of five rows 9 to 17 %, most
    where the smaller group is the wide one. Intervals are Welch's, nan where a kind has a single
    network.

    Networks of two kinds differ before they are trained: set their untrained copies beside them.

    Examples
    --------
    >>> from topolens.statistics import group_contrast
    >>> found = group_contrast([2.7, 2.4, 2.9, 2.2], [1.9, 2.1, 1.7, 1.8])
    >>> found.p.round(4), found.least_p.round(4)
    (array([0.0286]), array([0.0286]))
    """
    one = as_rows(first, "first")
    other = as_rows(second, "second", one.shape[1])
    groups = Families.of(families, one.shape[1])
    confidence, resamples = as_confidence(confidence_level), as_resamples(n_resamples)
    sizes = len(one), len(other)
    n, m = np.isfinite(one).sum(axis=0), np.isfinite(other).sum(axis=0)
    difference, low, high = _welch(one, other, confidence)
    exact = comb(sum(sizes), sizes[0]) <= MOST_EXACT
    draws = _permuted(np.vstack([one, other]), sizes, resamples, as_rng(rng))
    observed = next(draws)[0]
    comparable = (n > 1) & (m > 1)
    p, p_adjusted = (np.where(comparable, p, np.nan) for p in shares(draws, observed, groups))
    return ContrastResult(
        difference=difference,
        low=low,
        high=high,
        p=p,
        p_adjusted=p_adjusted,
        p_family=groups.least(p_adjusted),
        p_mean_square=np.full(len(groups.names), np.nan),
        least_p=np.maximum(least_p_of_groups(n, m), 0.0 if exact else 1 / (1 + resamples)),
        n=n + m,
        families=groups.names,
        test="permutations of networks, " + ("all" if exact else f"{resamples} random"),
    )


def _welch(
    one: np.ndarray, other: np.ndarray, confidence: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the difference of the means with Welch's interval."""
    from scipy import stats

    with np.errstate(invalid="ignore", divide="ignore"):
        (a, v, n), (b, w, m) = _moments(one), _moments(other)
        v, w = v / n, w / m
        degrees = (v + w) ** 2 / (v**2 / (n - 1) + w**2 / (m - 1))
        half = stats.t.ppf((1 + confidence) / 2, degrees) * np.sqrt(v + w)
    half = np.where((v + w == 0) & (n > 1) & (m > 1), 0.0, half)
    return a - b, a - b - half, a - b + half


def _moments(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return mean, variance and number of each column; nan counts as missing."""
    known = np.isfinite(values)
    n = known.sum(axis=0)
    mean = np.where(known, values, 0.0).sum(axis=0) / n
    return mean, (np.where(known, values - mean, 0.0) ** 2).sum(axis=0) / (n - 1), n


def _permuted(
    values: np.ndarray, sizes: tuple[int, int], n_resamples: int, rng: np.random.Generator
) -> Iterator[np.ndarray]:
    """Yield the statistic as it is, and then once more among those of all permutations."""
    known = np.isfinite(values)
    centre = np.where(known, values, 0.0).sum(axis=0) / known.sum(axis=0).clip(1)
    offset = np.where(known, values - centre, 0.0)
    size = np.abs(offset).max(axis=0)
    varies = size > ROUNDING * np.abs(centre)
    x = np.where(varies, offset / np.where(varies, size, 1.0), 0.0)
    chosen = np.arange(len(values)) < sizes[0]
    yield _statistic(chosen[None].astype(float), x, known)
    at_once = max(1, BLOCK // x.size)
    for masks in _divisions(chosen, n_resamples, at_once, rng):
        yield _statistic(masks, x, known)


def _statistic(masks: np.ndarray, x: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return d²/(d² + its squared error), which rises with Welch's |t| and stays in [0, 1]."""
    weights = known.astype(float)
    parts = []
    for chosen in (masks, 1.0 - masks):
        n, total, squares = (chosen @ y for y in (weights, x, x**2))
        mean = total / n.clip(1)
        variance = (squares - n * mean**2).clip(0) / (n - 1).clip(1)
        parts.append((n, mean, np.where(variance > 1e-12, variance, 0.0)))
    (n, a, v), (m, b, w) = parts
    square = (a - b) ** 2
    error = v / n.clip(1) + w / m.clip(1)
    defined = (n > 1) & (m > 1) & (square > 1e-18)
    return np.where(defined, square / np.where(defined, square + error, 1.0), 0.0)


def _divisions(
    chosen: np.ndarray, n_resamples: int, at_once: int, rng: np.random.Generator
) -> Iterator[np.ndarray]:
    """Yield masks of the first group: all, or the one given and random ones."""
    n, size = len(chosen), int(chosen.sum())
    if comb(n, size) <= MOST_EXACT:
        places = np.array(list(combinations(range(n), size)))
        for start in range(0, len(places), at_once):
            masks = np.zeros((len(places[start : start + at_once]), n))
            np.put_along_axis(masks, places[start : start + at_once], 1.0, axis=1)
            yield masks
        return
    yield chosen[None].astype(float)
    for start in range(0, n_resamples, at_once):
        masks = np.tile(chosen.astype(float), (min(at_once, n_resamples - start), 1))
        yield rng.permuted(masks, axis=1)
