"""How complexity falls with depth: the TTP score as released, and plainer measures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from topolens._arrays import as_rng, as_values
from topolens._bootstrap import (
    as_confidence,
    as_resamples,
    percentile_interval,
    resampled_counts,
)
from topolens._calls import as_non_negative, refuse_unused
from topolens._html import columns_html

LEAST_LAYERS = 4
WEIGHTS = np.array([1.0, 0.5, 0.5])
MEASURES = ("slope", "log_slope", "half_depth", "last_over_first", "area", "spearman")

Interval = tuple[float, float]


@dataclass(frozen=True, eq=False, kw_only=True)
class TTPScore:
    """The TTP score θ of a profile; a low one means fast decay.

    Attributes
    ----------
    value : float
        θ = c₁ + c₂/2 + c₃/2.
    coefficients : tuple of float
        c₁, c₂ and c₃ of the fitted cubic.
    intercept : float
        Its value at x = 0.
    complexity : ndarray of shape (n_layers,)
        What was fitted, before it was divided by its length.
    interval : tuple of float or None
        Bootstrap interval over images; None where there is one image, or only a vector.
    permutation_values : ndarray of shape (P,) or None
        θ of all images under each permutation of channels, where there are some.
    n_images : int or None
        Number of images; None where only a vector was given.
    confidence_level : float
        Level of the interval.
    """

    value: float
    coefficients: tuple[float, float, float]
    intercept: float
    complexity: np.ndarray = field(repr=False)
    interval: Interval | None = None
    permutation_values: np.ndarray | None = field(default=None, repr=False)
    n_images: int | None = None
    confidence_level: float = 0.95

    @property
    def permutation_interval(self) -> Interval | None:
        """Percentiles of θ over permutations of channels; None without them."""
        values = self.permutation_values
        return (
            None
            if values is None
            else percentile_interval(values, self.confidence_level, "nearest")
        )

    @property
    def permutation_sd(self) -> float | None:
        """Standard deviation of θ over permutations of channels; None without two of them."""
        values = self.permutation_values
        return None if values is None or len(values) < 2 else float(values.std(ddof=1))

    def to_columns(self) -> dict[str, np.ndarray]:
        """Return the layers as columns, for pandas or polars."""
        return {"layer": np.arange(len(self.complexity)), "complexity": self.complexity.copy()}

    def __float__(self) -> float:
        return self.value


class Profile(Protocol):
    """Complexities of several images, and under permutations of the channels."""

    @property
    def permutations(self) -> np.ndarray | None:
        """None where channels were not permuted."""
        ...

    def complexities(self, threshold: float | None) -> np.ndarray:
        """Return them by layer and image."""
        ...

    def permuted_complexities(self, threshold: float | None) -> np.ndarray:
        """Return them by permutation, layer and image."""
        ...


def ttp_score(
    p: Profile | ArrayLike,
    threshold: float | None = None,
    *,
    penalty: float = 1e-3,
    rng: int | np.random.Generator | None = None,
    n_resamples: int = 1000,
    confidence_level: float = 0.95,
) -> TTPScore:
    """Rate of decay of the complexity over the layers, as released with the paper.

    Parameters
    ----------
    p : CubicalProfile, or array_like of shape (n_layers,)
        A profile, or complexities of at least four layers in the order of execution.
    threshold : float, optional
        One of the thresholds of a profile; needed where it has several.
    penalty : float, default 1e-3
        Factor of the squared coefficients in the fit; the intercept is free.
    rng : int, Generator or None, default None
        Draws the bootstrap.
    n_resamples : int, default 1000
        Resamples of the images behind the interval, at least 100.
    confidence_level : float, default 0.95
        Level of the interval, between 0 and 1.

    Returns
    -------
    TTPScore

    Raises
    ------
    ValueError
        If there are fewer than four layers, a complexity is negative or not finite, all are zero,
        or an argument breaks its rule.

    See Also
    --------
    CubicalProfile.decay : Plainer measures.
    cubical_profile : Makes the profile.

    Notes
    -----
    With the complexities Ω, y = Ω / ‖Ω‖₂ and x = 1, 2, ..., L, a cubic c₀ + c₁x + c₂x² + c₃x³ is
    fitted by ridge regression, and θ = c₁ + c₂/2 + c₃/2 [1]_. The weights have no derivation. As x
    goes up in steps of one, whatever the depth, the same curve over twice as many layers has about
    a third of the θ. The plain measures of `CubicalProfile.decay` stand beside it.

    References
    ----------
    .. [1] S. Suresh, B. Das, V. Abrol, S. Dutta Roy, "On characterizing the evolution of embedding
       space of neural networks using algebraic topology", Pattern Recognition Letters 179 (2024).

    Examples
    --------
    >>> import topolens as tl
    >>> round(tl.ttp_score([8.0, 4.0, 2.0, 1.0]).value, 4)
    -0.7433
    """
    profile: Any = p if hasattr(p, "complexities") else None
    if profile:
        complexities = profile.complexities(threshold)
    else:
        level = {"confidence_level": (confidence_level, 0.95)}
        given = {"threshold": (threshold, None), "n_resamples": (n_resamples, 1000), **level}
        complexities = _vector(p, **given)[:, None]
    n_layers, n_images = complexities.shape
    if n_layers < LEAST_LAYERS:
        raise ValueError(f"`p` must have at least {LEAST_LAYERS} layers; found {n_layers}")
    whole = complexities.mean(axis=1)
    if not whole.any():
        raise ValueError("`p` must have complexities above 0; found 0 in all layers")
    fit = _cubic_fit(n_layers, as_non_negative(penalty, "penalty"))
    intercept, *coefficients = (fit @ (whole / np.linalg.norm(whole))).tolist()

    def scores(rows: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore"):  # a resample may have images without any homology
            return rows / np.linalg.norm(rows, axis=1, keepdims=True) @ (WEIGHTS @ fit[1:])

    confidence, generator = as_confidence(confidence_level), as_rng(rng)
    n_resamples = as_resamples(n_resamples)
    interval = None
    if n_images > 1:
        draws = _resampled(complexities, generator, n_resamples)
        interval = percentile_interval(scores(draws), confidence, "nearest")
    permuted = None
    if profile and profile.permutations is not None:
        permuted = scores(profile.permuted_complexities(threshold).mean(axis=2))
    return TTPScore(
        value=float(WEIGHTS @ coefficients),
        coefficients=tuple(coefficients),
        intercept=intercept,
        complexity=whole,
        interval=interval,
        permutation_values=permuted,
        n_images=n_images if profile else None,
        confidence_level=confidence,
    )


@dataclass(frozen=True, kw_only=True)
class DecayMeasures:
    """Plain measures of how complexity Ω falls over the layers.

    Attributes
    ----------
    slope : float
        Least-squares slope of Ω / ‖Ω‖₂ per layer.
    log_slope : float
        Least-squares slope of log Ω per layer; nan where an Ω is 0.
    half_depth : float
        Where Ω first is half of that of the first layer or less, counted in layers from 1 and
        interpolated; inf where it never is, nan where the first is 0.
    last_over_first : float
        Ω of the last layer over that of the first; nan where that is 0.
    area : float
        Area under Ω over that of the first layer, with depth from 0 to 1; nan where that is 0.
    spearman : float
        Spearman's correlation of Ω with depth; nan where Ω is the same everywhere.
    intervals : dict of str to tuple of float
        Bootstrap interval over images of each; empty where there is one image.
    n_images : int
        Number of images.
    confidence_level : float
        Level of the intervals.
    """

    slope: float
    log_slope: float
    half_depth: float
    last_over_first: float
    area: float
    spearman: float
    intervals: dict[str, Interval] = field(repr=False, hash=False)
    n_images: int
    confidence_level: float = 0.95

    def to_columns(self) -> dict[str, list[Any]]:
        """Return names, values and intervals as columns for pandas or polars."""
        nothing = (np.nan, np.nan)
        ends = [self.intervals.get(name, nothing) for name in MEASURES]
        return {
            "measure": list(MEASURES),
            "value": [getattr(self, name) for name in MEASURES],
            "low": [low for low, _ in ends],
            "high": [high for _, high in ends],
        }

    def _repr_html_(self) -> str:
        return columns_html(self.to_columns(), caption=f"{self.n_images} images")


def decay_measures(
    complexities: np.ndarray, rng: Any, n_resamples: int, confidence_level: float
) -> DecayMeasures:
    """Measure the decay of complexities, shape (n_layers, n_images)."""
    n_layers, n_images = complexities.shape
    if n_layers < 2:
        raise ValueError(f"`decay` needs at least 2 layers; found {n_layers}")
    confidence, generator = as_confidence(confidence_level), as_rng(rng)
    n_resamples = as_resamples(n_resamples)
    whole = complexities.mean(axis=1)[None]
    intervals = {}
    with np.errstate(divide="ignore", invalid="ignore"):  # nan is what is not defined
        values = {name: float(of_rows(whole)[0]) for name, of_rows in OF_ROWS.items()}
        if n_images > 1:
            draws = _resampled(complexities, generator, n_resamples)
            intervals = {
                name: percentile_interval(of_rows(draws), confidence, "nearest")
                for name, of_rows in OF_ROWS.items()
            }
    return DecayMeasures(
        **values, intervals=intervals, n_images=n_images, confidence_level=confidence
    )


def _cubic_fit(n_layers: int, penalty: float) -> np.ndarray:
    """Return the matrix that takes y to the intercept and coefficients of the ridge fit."""
    x = np.arange(1.0, n_layers + 1)
    powers = np.stack([x, x**2, x**3], axis=1)
    middle = powers.mean(axis=0)
    # Ridge regression as least squares: rows of the penalty ask the coefficients to be 0.
    rows = np.vstack([powers - middle, np.sqrt(penalty) * np.eye(3)])
    centring = np.eye(n_layers) - 1 / n_layers
    wanted = np.vstack([centring, np.zeros((3, n_layers))])
    slopes = np.linalg.lstsq(rows, wanted, rcond=None)[0]
    return np.vstack([1 / n_layers - middle @ slopes, slopes])


def _slope(rows: np.ndarray) -> np.ndarray:
    x = np.arange(rows.shape[1]) - (rows.shape[1] - 1) / 2
    return rows @ x / (x @ x)


def _normalized_slope(rows: np.ndarray) -> np.ndarray:
    return _slope(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def _log_slope(rows: np.ndarray) -> np.ndarray:
    return _slope(np.log(np.where(rows > 0, rows, np.nan)))


def _half_depth(rows: np.ndarray) -> np.ndarray:
    return np.array([_first_half(row) for row in rows])


def _first_half(row: np.ndarray) -> float:
    half = row[0] / 2
    below = np.flatnonzero(row <= half)
    if not len(below):
        return np.inf
    after = int(below[0])
    if after == 0:  # nothing there to begin with
        return np.nan
    return after + float((row[after - 1] - half) / (row[after - 1] - row[after]))


def _last_over_first(rows: np.ndarray) -> np.ndarray:
    return rows[:, -1] / rows[:, 0]


def _area(rows: np.ndarray) -> np.ndarray:
    return (rows[:, 1:] + rows[:, :-1]).mean(axis=1) / 2 / rows[:, 0]


def _spearman(rows: np.ndarray) -> np.ndarray:
    from scipy.stats import rankdata

    ranks = rankdata(rows, axis=1) - (rows.shape[1] + 1) / 2
    x = np.arange(rows.shape[1]) - (rows.shape[1] - 1) / 2
    return ranks @ x / np.sqrt((ranks**2).sum(axis=1) * (x @ x))


OF_ROWS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "slope": _normalized_slope,
    "log_slope": _log_slope,
    "half_depth": _half_depth,
    "last_over_first": _last_over_first,
    "area": _area,
    "spearman": _spearman,
}


def _resampled(complexities: np.ndarray, rng: np.random.Generator, n_resamples: int) -> np.ndarray:
    """Mean complexities of resamples of the images, shape (n_resamples, n_layers)."""
    n = complexities.shape[1]
    return resampled_counts(rng, n, n_resamples) @ complexities.T / n


def _vector(p: Any, **unused: tuple[Any, Any]) -> np.ndarray:
    refuse_unused("where `p` is a vector", **unused)
    values = as_values(p, "p")
    if values.ndim != 1:
        raise ValueError(f"`p` must be a profile or have shape (n_layers,); found {values.shape}")
    if not (np.isfinite(values) & (values >= 0)).all():
        place = int(np.flatnonzero(~(np.isfinite(values) & (values >= 0)))[0])
        raise ValueError(f"`p` must be finite and non-negative; found {values[place]} at [{place}]")
    return values
