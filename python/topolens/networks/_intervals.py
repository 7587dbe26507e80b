"""Confidence intervals for distances, which are means over samples."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np

from topolens import _core
from topolens._arrays import as_rng
from topolens._bootstrap import as_confidence, as_resamples
from topolens._calls import Progress, as_choice, gate, refuse_unused
from topolens.networks._comparisons import Compared, ComparisonName
from topolens.networks._predictions import Predictions

IntervalMethod = Literal["clopper-pearson", "wilson", "hoeffding", "bootstrap", "multiplier"]

METHODS: tuple[str, ...] = get_args(IntervalMethod)


@dataclass(frozen=True, eq=False, kw_only=True)
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

    lower: np.ndarray = field(repr=False)
    upper: np.ndarray = field(repr=False)
    half_width: float
    confidence_level: float
    method: IntervalMethod
    simultaneous: bool

    @property
    def interval(self) -> tuple[np.ndarray, np.ndarray]:
        """Both ends."""
        return self.lower, self.upper

    def to_columns(self) -> dict[str, np.ndarray]:
        """Return the pairs i < j as columns, for pandas or polars."""
        i, j = np.triu_indices(len(self.lower), 1)
        return {"i": i, "j": j, "lower": self.lower[i, j], "upper": self.upper[i, j]}


def intervals_of(
    predictions: Predictions,
    comparison: ComparisonName,
    compared: Compared,
    confidence_level: float,
    method: IntervalMethod,
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
    generator = as_rng(rng)
    if method != "multiplier":
        refuse_unused(f"for method={method!r}", n_resamples=(n_resamples, 1000))
    with gate("multipliers", n_threads, progress, None) as call:
        if method == "multiplier":
            if not simultaneous:
                raise ValueError("`simultaneous` must be True for a multiplier band; found False")
            if compared.counts is None:
                raise ValueError(
                    f"`distances` must have `counts`, of samples that count alike, for a "
                    f"multiplier band; found {comparison!r} without"
                )
            draws = as_resamples(n_resamples)
            signs = generator.integers(2, size=(draws, predictions.n_samples), dtype=np.uint8)
            call |= predictions._compared(comparison)
            suprema = _core.multiplier_suprema(signs=signs, **call)
            half_width = float(np.quantile(suprema, confidence, method="higher"))
            if len(predictions) > 1 and not half_width > 0:
                raise _core.NumericalError("no networks differ: the multiplier band has no width")
            lower = np.maximum(distances - half_width, 0.0)
            upper = np.minimum(distances + half_width, 1.0)
        else:
            if method != "hoeffding" and not _are_shares(predictions, comparison):
                raise ValueError(
                    f"`method` must be 'hoeffding' for {comparison!r}, which is no share of "
                    f"samples; found {method!r}"
                )
            alpha = (1 - confidence) / (max(len(distances), 1) if simultaneous else 1)
            lower, upper = _once_each(distances, compared.sizes, alpha, method)
            half_width = float(np.r_[0.0, upper - distances, distances - lower].max())
    return DistanceIntervals(
        lower=_core.square(lower, len(predictions)),
        upper=_core.square(upper, len(predictions)),
        half_width=half_width,
        confidence_level=confidence,
        method=method,
        simultaneous=bool(simultaneous),
    )


def _are_shares(predictions: Predictions, comparison: str) -> bool:
    """Whether the distances count samples; tied classes count in part."""
    return comparison in ("disagreement", "correctness") and not predictions._shared_ties


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
        center = (shares + z**2 / (2 * sizes)) / (1 + z**2 / sizes)
        spread = np.sqrt(shares * (1 - shares) / sizes + (z / (2 * sizes)) ** 2)
        half = z * spread / (1 + z**2 / sizes)
        lower = np.where(shares > 0, np.maximum(center - half, 0.0), 0.0)
        return lower, np.where(shares < 1, np.minimum(center + half, 1.0), 1.0)
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
