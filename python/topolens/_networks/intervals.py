"""Confidence intervals for distances, which are means over samples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from topolens import _core
from topolens._arrays import as_rng
from topolens._calls import Progress, as_count, as_threads, memory_limit, reporting

METHODS = ("clopper-pearson", "wilson", "hoeffding", "bootstrap", "multiplier")


@dataclass(frozen=True, eq=False)
class DistanceIntervals:
    """Confidence intervals for all distances; unpacks into ``lower, upper``.

    Attributes
    ----------
    lower, upper : ndarray of float64, shape (M, M)
        The ends, 0 on the diagonal.
    half_width : float
        Largest distance of an end to the estimate. Where the intervals are simultaneous,
        Vietoris-Rips diagrams of the true distances are within this of those of the estimates,
        in bottleneck distance.
    level : float
        Confidence level: of all intervals at once if `simultaneous`, of each otherwise.
    method : str
    simultaneous : bool
    """

    lower: np.ndarray
    upper: np.ndarray
    half_width: float
    level: float
    method: str
    simultaneous: bool

    def __iter__(self) -> Iterator[np.ndarray]:
        return iter((self.lower, self.upper))


def binomial_interval(
    shares: np.ndarray, sizes: np.ndarray | np.float64, alpha: float, method: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends for shares of so many samples, which need not be whole numbers.

    The exact interval of Clopper and Pearson (1934), that of Wilson (1927), Hoeffding's (1963),
    or the percentile bootstrap: resampled counts are binomial, so their quantiles are exact.
    """
    from scipy import special

    if method == "hoeffding":
        half = np.sqrt(np.log(2 / alpha) / (2 * sizes))
        return np.maximum(shares - half, 0.0), np.minimum(shares + half, 1.0)
    if method == "wilson":
        z = -special.ndtri(alpha / 2)
        centre = (shares + z**2 / (2 * sizes)) / (1 + z**2 / sizes)
        spread = np.sqrt(shares * (1 - shares) / sizes + (z / (2 * sizes)) ** 2)
        half = z * spread / (1 + z**2 / sizes)
        lower = np.where(shares > 0, np.maximum(centre - half, 0.0), 0.0)
        return lower, np.where(shares < 1, np.minimum(centre + half, 1.0), 1.0)
    if method == "bootstrap":
        from scipy.stats import binom

        whole = np.floor(sizes * (1 + 1e-12))  # rounding of weights
        ends = [binom.ppf(tail, whole, shares) / whole for tail in (alpha / 2, 1 - alpha / 2)]
        return np.minimum(ends[0], shares), np.maximum(ends[1], shares)
    successes = shares * sizes
    failures = sizes - successes
    with np.errstate(invalid="ignore"):
        lower = special.betaincinv(successes, failures + 1, alpha / 2)
        upper = 1 - special.betaincinv(failures, successes + 1, alpha / 2)
    return np.where(shares > 0, lower, 0.0), np.where(shares < 1, upper, 1.0)


def once_each(
    shares: np.ndarray, sizes: np.ndarray | np.float64, alpha: float, method: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends for many shares, most of which occur again and again."""
    if np.ndim(sizes) == 0:
        distinct, inverse = np.unique(shares, return_inverse=True)
        lower, upper = binomial_interval(distinct, sizes, alpha, method)
        return lower[inverse], upper[inverse]
    pairs = np.stack([shares, sizes], axis=-1)
    distinct, inverse = np.unique(pairs, axis=0, return_inverse=True)
    lower, upper = binomial_interval(distinct[:, 0], distinct[:, 1], alpha, method)
    inverse = inverse.reshape(-1)
    return lower[inverse], upper[inverse]


def multiplier_half_width(
    labels: np.ndarray,
    planes: int,
    level: float,
    n_bootstrap: int,
    rng: Any,
    n_threads: int | None,
    progress: Progress,
) -> float:
    """Return the half-width of a band around all disagreements at once, by random signs.

    Parameters
    ----------
    labels : ndarray of unsigned integers, shape (M, n)
        Of at most `planes` bits.
    level, n_bootstrap, rng, n_threads, progress
        As in :meth:`topolens.NetworkDistances.interval`.

    Returns
    -------
    float

    Raises
    ------
    NumericalError
        If no networks differ.
    """
    draws = as_count(n_bootstrap, "n_bootstrap", least=100)
    signs = as_rng(rng).integers(2, size=(draws, labels.shape[1]), dtype=np.uint8)
    with reporting(progress, "multipliers") as report:
        suprema = _core.multiplier_suprema(
            labels,
            signs,
            planes=planes,
            max_memory=memory_limit(None),
            n_threads=as_threads(n_threads),
            progress=report,
        )
    half_width = float(np.quantile(suprema, level, method="higher"))
    if len(labels) > 1 and not half_width > 0:
        raise _core.NumericalError("no networks differ: the multiplier band has no width")
    return half_width
