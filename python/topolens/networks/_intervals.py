"""Confidence intervals for distances, which are means over samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from topolens import _core
from topolens._arrays import as_rng
from topolens._bootstrap import as_confidence, as_resamples
from topolens._calls import (
    Progress,
    as_choice,
    as_threads,
    memory_limit,
    reporting,
)
from topolens.networks._comparisons import Compared
from topolens.networks._predictions import Predictions
from topolens.spaces._spaces import _square

METHODS = ("clopper-pearson", "wilson", "hoeffding", "bootstrap", "multiplier")


@dataclass(frozen=True, eq=False)
class DistanceIntervals:
    """Confidence intervals for all distances.

    Attributes
    ----------
    lower, upper : ndarray of float64, shape (M, M)
        The ends, 0 on the diagonal.
    half_width : float
        Largest distance of an end to the estimate. Where the intervals are simultaneous,
        Vietoris-Rips diagrams of the true distances are within this of those of the estimates,
        in bottleneck distance.
    confidence_level : float
        Of all intervals at once if `simultaneous`, of each otherwise.
    method : str
    simultaneous : bool
    """

    lower: np.ndarray
    upper: np.ndarray
    half_width: float
    confidence_level: float
    method: str
    simultaneous: bool

    @property
    def interval(self) -> tuple[np.ndarray, np.ndarray]:
        """Both ends."""
        return self.lower, self.upper


def intervals_of(
    predictions: Predictions,
    comparison: str,
    compared: Compared,
    confidence_level: float,
    method: str,
    *,
    simultaneous: bool,
    n_resamples: int,
    rng: Any,
    n_threads: int | None,
    progress: Progress,
) -> DistanceIntervals:
    """Compute intervals, as :meth:`topolens.networks.NetworkDistances.interval` says."""
    confidence = as_confidence(confidence_level)
    as_choice(method, "method", METHODS)
    if compared.sizes is None:
        raise ValueError(f"`comparison` must be a mean over samples; found {comparison!r}")
    distances = compared.values
    if method == "multiplier":
        if not simultaneous:
            raise ValueError("`simultaneous` must be True for a multiplier band; found False")
        if compared.counts is None:
            raise ValueError(
                f"`distances` must have `counts`, of samples that count alike, for a multiplier "
                f"band; found {comparison!r} without"
            )
        draws = as_resamples(n_resamples)
        signs = as_rng(rng).integers(2, size=(draws, predictions.n_samples), dtype=np.uint8)
        suprema = _suprema(predictions._compared(comparison), signs, n_threads, progress)
        half_width = float(np.quantile(suprema, confidence, method="higher"))
        if len(predictions) > 1 and not half_width > 0:
            raise _core.NumericalError("no networks differ: the multiplier band has no width")
        lower = np.maximum(distances - half_width, 0.0)
        upper = np.minimum(distances + half_width, 1.0)
    else:
        if method != "hoeffding" and not _are_shares(predictions, comparison):
            raise ValueError(
                f"`method` must be 'hoeffding' for {comparison!r}, which is no share of samples; "
                f"found {method!r}"
            )
        alpha = (1 - confidence) / (max(len(distances), 1) if simultaneous else 1)
        lower, upper = _once_each(distances, compared.sizes, alpha, method)
        half_width = float(np.r_[0.0, upper - distances, distances - lower].max())
    return DistanceIntervals(
        lower=_square(lower, len(predictions)),
        upper=_square(upper, len(predictions)),
        half_width=half_width,
        confidence_level=confidence,
        method=method,
        simultaneous=bool(simultaneous),
    )


def _are_shares(predictions: Predictions, comparison: str) -> bool:
    """Whether the distances count samples; tied classes count in part."""
    return comparison in ("disagreement", "correctness") and predictions.ties != "uniform"


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


def _once_each(
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


def _suprema(
    compared: dict[str, Any], signs: np.ndarray, n_threads: int | None, progress: Progress
) -> np.ndarray:
    """Return the largest change of a disagreement under each row of random signs."""
    with reporting(progress, "multipliers") as report:
        return _core.multiplier_suprema(
            signs=signs,
            **compared,
            max_memory=memory_limit(None),
            n_threads=as_threads(n_threads),
            progress=report,
        )
