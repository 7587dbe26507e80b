"""Networks with a control each: sign flips of their differences, and an interval by Student's t."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from topolens._arrays import as_rng, as_values
from topolens._bootstrap import as_confidence, as_resamples
from topolens.statistics._contrasted import ContrastResult
from topolens.statistics._families import ROUNDING, Families, as_rows, known_mean, shares
from topolens.statistics._reach import least_p_paired

MOST_EXACT = 2**11  # flips that are all looked at
AT_ONCE = 1000  # random flips


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
    values : array_like, shape (n_networks, rows) or (n_networks,)
        Rows, such as layers, of networks.
    controls : array_like, shape of `values`, or (n_copies, n_networks, rows)
        The same rows of their controls, or of several controls of each, in the same order. A
        network that lacks a number (nan), or has no control, is left out of that row.
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

    Where a network has several controls, differences are from their mean. A mean of controls
    spreads less than a network, so that their signs say nothing: in place of a flip any of a
    network's controls may change places with it. The p-value is kept at 2/2ⁿ or more, as more
    controls are no more networks. The standard error is that of the differences, or of controls in
    the places of networks if that is larger: where values are mostly 0, few networks show none of
    the others.

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
    others = _as_copies(controls, one)
    if len(one) < 2:
        raise ValueError(f"`values` must be of at least 2 networks; found {len(one)}")
    groups = Families.of(families, one.shape[1])
    confidence, resamples = as_confidence(confidence_level), as_resamples(n_resamples)
    differences = _apart(one, known_mean(others))
    n = np.isfinite(differences).sum(axis=0)
    error = _error_of_exchanges(np.where(np.isfinite(differences), others, np.nan), n)
    mean, low, high = mean_intervals(differences, confidence, least_error=error)
    exchanges = _exchanges(one, others)
    each = [exchange.n_each for exchange in exchanges]
    exact = len(each) == 1 and each[0] ** len(one) <= MOST_EXACT
    ways = _all_ways(each[0], len(one)) if exact else _random_ways(len(one), resamples, as_rng(rng))
    observed = _reached(np.zeros((1, len(one))), exchanges)[0]
    draws = (_reached(some, exchanges) for some in ways)
    least = least_p_paired(n)
    p, p_adjusted = (np.maximum(p, least) for p in shares(draws, observed, groups))
    return ContrastResult(
        difference=mean,
        low=low,
        high=high,
        p=p,
        p_adjusted=p_adjusted,
        p_family=groups.least(p_adjusted),
        p_mean_square=np.full(len(groups.names), np.nan),
        least_p=np.maximum(least, 0.0 if exact else 1 / (1 + resamples)),
        n=n,
        families=groups.names,
        test=("sign flips of the mean, " if max(each) <= 2 else "exchanges with controls, ")
        + ("all" if exact else f"{resamples} random"),
    )


def _as_copies(controls: Any, values: np.ndarray) -> np.ndarray:
    """Read controls as (copies, networks, rows)."""
    array = as_values(controls, "controls")
    if array.ndim < 3:
        array = as_rows(array, "controls", values.shape[1])[None]
    if array.shape[1] != len(values):
        raise ValueError(
            f"`controls` must be of the same networks as `values`, {len(values)}; found "
            f"{array.shape[1]}"
        )
    if array.ndim > 3 or array.shape[2:] != values.shape[1:] or not len(array):
        raise ValueError(
            "`controls` must be of the shape of `values`, with or without one of copies before it, "
            f"{values.shape}; found shape {array.shape}"
        )
    return np.where(np.isfinite(array), array, np.nan)


def _apart(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return differences, 0 where they are no more than rounding."""
    difference = one - other
    size = np.maximum(np.abs(one), np.abs(other))
    return np.where(np.abs(difference) <= ROUNDING * size, 0.0, difference)


def mean_intervals(
    values: np.ndarray, confidence: float, *, least_error: np.ndarray | float = 0.0
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
        half = stats.t.ppf((1 + confidence) / 2, n - 1) * np.maximum(error, least_error)
    return mean, mean - half, mean + half


def _error_of_exchanges(controls: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Return the standard error of the mean difference, if networks spread as their controls do.

    0 where networks have one control each, which shows no spread.
    """
    known = np.isfinite(controls)
    several = np.where(known.sum(axis=0) > 1, known.sum(axis=0), 2)
    offsets = np.where(known, controls - known_mean(controls), 0.0)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        squares = (offsets**2).sum(axis=0) / (several - 1)
        return np.sqrt((squares * (1 + 1 / several)).sum(axis=0)) / n


class Exchange(NamedTuple):
    """Rows in which each network has as many controls, which may stand for it."""

    rows: np.ndarray
    n_each: int  # a network and its controls
    units: np.ndarray  # one below the other, first of all networks, then of all first controls


def _exchanges(values: np.ndarray, controls: np.ndarray) -> list[Exchange]:
    """Group rows by the controls that all networks have in them; the rest takes no part."""
    order = np.argsort(np.isnan(controls), axis=0, kind="stable")  # what is known comes first
    together = np.concatenate([values[None], np.take_along_axis(controls, order, axis=0)])
    counts = np.isfinite(controls).sum(axis=0)
    compared = np.isfinite(values) & (counts > 0)
    common = np.where(compared, counts, len(controls)).min(axis=0)
    return [
        Exchange(rows, int(count) + 1, _units(together[: count + 1, :, rows], compared[:, rows]))
        for count in np.unique(common)
        for rows in [np.flatnonzero(common == count)]
    ]


def _units(together: np.ndarray, compared: np.ndarray) -> np.ndarray:
    """Scale what networks and controls are above the mean of them, such that sums are in [-1, 1].

    Exchanges leave squares as they are. So a sum over the most that it could be rises with the t of
    the differences from one control each, and is defined where these are all equal.
    """
    centre = np.where(compared, together, 0.0).mean(axis=0)
    offsets = np.where(compared, _apart(np.where(compared, together, 0.0), centre), 0.0)
    largest = np.abs(offsets).max(axis=(0, 1))
    scaled = offsets / np.where(largest > 0, largest, 1.0)
    squares = (scaled**2).sum(axis=(0, 1)) * (1 - 1 / len(together))
    most = np.sqrt(compared.sum(axis=0) * squares)
    return (scaled / np.where(most > 0, most, 1.0)).reshape(-1, together.shape[2])


def _reached(ways: np.ndarray, exchanges: list[Exchange]) -> np.ndarray:
    """Return how far the sum of each row is from 0; `ways` say who stands for each network."""
    n_ways, n = ways.shape
    reached = np.empty((n_ways, sum(len(exchange.rows) for exchange in exchanges)))
    for rows, n_each, units in exchanges:
        places = (ways * n_each).astype(np.int64) * n + np.arange(n)
        marks = np.zeros((n_ways, len(units)))
        np.put_along_axis(marks, places, 1.0, axis=1)
        reached[:, rows] = np.abs(marks @ units)
    return reached


def _all_ways(n_each: int, n: int) -> Iterator[np.ndarray]:
    """Yield all ways to choose one of each network and its controls, as numbers in [0, 1)."""
    yield (np.indices((n_each,) * n).reshape(n, -1).T + 0.5) / n_each


def _random_ways(n: int, n_resamples: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield the networks themselves, which are first, and random choices."""
    yield np.zeros((1, n))
    for start in range(0, n_resamples, AT_ONCE):
        yield rng.random((min(AT_ONCE, n_resamples - start), n))
