"""Bands around mean landscapes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from topolens import _core
from topolens._arrays import as_rng
from topolens._bootstrap import as_confidence, as_resamples, upper_quantile
from topolens._calls import as_threads, memory_limit
from topolens.diagrams._curves import as_tents, landscapes
from topolens.diagrams._essential import Essential
from topolens.diagrams._grids import as_grid
from topolens.diagrams._reading import DiagramLike, as_list_of_spaces


@dataclass(frozen=True, eq=False)
class LandscapeBand:
    """A band around the mean landscapes of independent diagrams.

    Attributes
    ----------
    grid : ndarray of float64, shape (g,)
    mean : ndarray of float64, shape (k, g)
        Mean of the landscapes.
    half_width : float
        The mean of the distribution is within this of `mean`, everywhere at once.
    confidence_level : float
        The confidence.
    n_diagrams : int
    """

    grid: np.ndarray = field(repr=False)
    mean: np.ndarray = field(repr=False)
    half_width: float
    confidence_level: float
    n_diagrams: int

    @property
    def lower(self) -> np.ndarray:
        """Lower end of the band; landscapes are never negative."""
        return np.maximum(self.mean - self.half_width, 0)

    @property
    def upper(self) -> np.ndarray:
        """Upper end of the band."""
        return self.mean + self.half_width

    def to_columns(self) -> dict[str, np.ndarray]:
        """Return the landscapes at the points of the grid as columns, for pandas or polars."""
        level, point = np.indices(self.mean.shape).reshape(2, -1)
        ends = {"mean": self.mean, "lower": self.lower, "upper": self.upper}
        columns = {name: values.ravel() for name, values in ends.items()}
        return {"level": level + 1, "scale": self.grid[point], **columns}


def landscape_band(
    dgms: Sequence[DiagramLike],
    k: int = 1,
    confidence_level: float = 0.95,
    *,
    grid: ArrayLike,
    n_resamples: int = 1000,
    degree: int | None = None,
    essential: Essential = None,
    rng: int | np.random.Generator | None = None,
    n_threads: int | None = None,
    max_memory: int | None = None,
) -> LandscapeBand:
    """Band around the mean landscapes of many diagrams, by the multiplier bootstrap.

    Parameters
    ----------
    dgms : sequence
        Diagrams of independent samples, at least two, each as in :func:`landscape`.
    k : int
        Number of landscapes.
    confidence_level : float
        Confidence, above 0 and below 1.
    grid : array_like, shape (g,)
        Ascending filtration values.
    n_resamples : int
        Rows of Gaussian multipliers.
    degree, essential, max_memory
        As in :func:`landscape`.
    rng : int or Generator, optional
        Draws the multipliers.
    n_threads : int, optional
        Threads to use; all by default. The result does not depend on it.

    Returns
    -------
    LandscapeBand

    Raises
    ------
    ValueError
        If an argument breaks its rule, or there are essential classes and no rule for them.
    MemoryError
        If the landscapes do not fit `max_memory`.

    See Also
    --------
    confidence_band : Around one diagram.
    permutation_test : Whether two groups of diagrams differ.
    topolens.plotting.plot_landscape : The drawing.

    Notes
    -----
    The half width is a quantile of the largest ``|Σ ξ_i (λ(D_i) - mean)| / n`` over the grid, for
    independent standard normal ξ_i. With n diagrams of one distribution on bounded scales the
    mean landscape of that distribution is within the band, at all points at once, with
    probability `confidence_level` up to an error that vanishes as n grows [1]_; ten diagrams are
    few, and their band holds somewhat less often. Diagrams of overlapping subsamples of one cloud
    are not independent: with them the band tells of the subsampling alone [2]_.

    References
    ----------
    .. [1] F. Chazal, B. T. Fasy, F. Lecci, A. Rinaldo, L. Wasserman, "Stochastic convergence of
       persistence landscapes and silhouettes", SoCG (2014).
    .. [2] F. Chazal, B. Fasy, F. Lecci, B. Michel, A. Rinaldo, L. Wasserman, "Subsampling methods
       for persistent homology", ICML (2015).

    Examples
    --------
    >>> import topolens as tl
    >>> dgms = [tl.rips(tl.datasets.circle(40, rng=seed)) for seed in range(20)]
    >>> band = tl.diagrams.landscape_band(dgms, grid=[0.8, 1.0, 1.2], degree=1, rng=0)
    >>> bool((band.lower > 0).all())
    True
    """
    confidence, generator = as_confidence(confidence_level), as_rng(rng)
    points = as_grid(grid)
    spaces = as_list_of_spaces(dgms)
    if len(spaces) < 2:
        raise ValueError(f"`dgms` must hold at least two diagrams; found {len(spaces)}")
    bars = [
        as_tents(space, essential, points, f"dgms[{i}]", degree=degree)
        for i, space in enumerate(spaces)
    ]
    heights = landscapes(bars, k, points, n_threads, memory_limit(max_memory))
    curves = heights.reshape(len(bars), -1)
    count = as_resamples(n_resamples, least=1)
    suprema = _core.suprema_of_means(
        curves,
        generator.standard_normal((count, len(bars))),
        n_threads=as_threads(n_threads),
    )
    return LandscapeBand(
        points,
        heights.mean(axis=0),
        upper_quantile(suprema, confidence),
        confidence,
        len(bars),
    )
