"""Whether scores rank networks as their accuracies do, and what can be told at that number."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from topolens._arrays import as_rng, as_values
from topolens._bootstrap import as_confidence, as_resamples, percentile_interval
from topolens._calls import caller_level
from topolens._html import columns_html

if TYPE_CHECKING:
    from matplotlib.axes import Axes


FEW_MODELS = 10
RANDOM_ORDERS = 2000
Scores = Mapping[str, ArrayLike] | ArrayLike

STATISTICS = ("kendall", "weighted")


def rank_correlation(
    scores: Scores,
    accuracies: ArrayLike,
    *,
    baselines: Scores | None = None,
    rng: int | np.random.Generator | None = None,
    n_resamples: int = 2000,
    confidence_level: float = 0.95,
) -> RankCorrelation:
    """Compare the order of networks by scores with their order by accuracy.

    Parameters
    ----------
    scores : dict of str to array_like of shape (n_models,), DataFrame, or one such array
        One number per network for each score; higher is taken for better.
    accuracies : array_like, shape (n_models,)
        What was found after fine-tuning, in the same order.
    baselines : like `scores`, optional
        What any score should beat: the accuracy on the source task, that of nearest neighbours.
        Each score is compared with each of them on the same resamples.
    rng : int or Generator, optional
        Draws the bootstrap, and the orders behind the null deviation of the weighted τ.
    n_resamples : int
        Resamples of the networks behind the intervals, at least 100.
    confidence_level : float
        Level of the intervals, between 0 and 1.

    Returns
    -------
    RankCorrelation

    Warns
    -----
    UserWarning
        If there are fewer than ten networks; the text says how large τ is by chance.

    Raises
    ------
    ValueError
        If there are fewer than three networks, lengths differ, a number is NaN, or a score or
        the accuracies are all the same.

    See Also
    --------
    granulated_kendall, partial_correlation : For grids of training runs.
    topolens.transfer.transfer_scores : Makes scores.

    Notes
    -----
    "kendall" is τ-b, which is τ where there are no ties. "weighted" is Vigna's weighted τ with
    additive hyperbolic weights, averaged over the ranks by score and by accuracy [1]_, as studies
    of transferability have it: exchanges at the top weigh most. Both come from scipy.

    Intervals are percentiles over resamples of the networks. They say nothing about another task,
    and with few networks they are too narrow if anything: networks of one family are not drawn
    independently. The p-value is scipy's two-sided one, exact where there are no ties.

    References
    ----------
    .. [1] S. Vigna, "A weighted correlation index for rankings with ties", WWW (2015).

    Examples
    --------
    >>> import numpy as np, topolens as tl
    >>> accuracies = np.linspace(80, 91, 12)
    >>> scores = {"good": accuracies**2, "bad": -accuracies}
    >>> found = tl.statistics.rank_correlation(scores, accuracies, rng=0, n_resamples=200)
    >>> found
    RankCorrelation: of 12 models in random order τ has a standard deviation of 0.22
    good: τ 1.00 [1.00, 1.00], weighted 1.00
    bad: τ -1.00 [-1.00, -1.00], weighted -1.00
    """
    wanted = _numbers(accuracies, "accuracies")
    n = len(wanted)
    if n < 3:
        raise ValueError(f"`accuracies` must be of at least 3 models; found {n}")
    named = _named(scores, "scores", n)
    others = {} if baselines is None else _named(baselines, "baselines", n)
    if both := named.keys() & others.keys():
        raise ValueError(f"`baselines` must differ in name from `scores`; found {sorted(both)}")
    rng = as_rng(rng)
    confidence = as_confidence(confidence_level)

    columns = {**named, **others}
    resamples = rng.integers(n, size=(as_resamples(n_resamples), n))
    draws = {
        "kendall": {name: _kendalls(x, wanted, resamples) for name, x in columns.items()},
        "weighted": {
            name: np.array([_weighted(x[chosen], wanted[chosen]) for chosen in resamples])
            for name, x in columns.items()
        },
    }
    intervals = {
        statistic: {name: percentile_interval(drawn, confidence) for name, drawn in of_name.items()}
        for statistic, of_name in draws.items()
    }
    whole = {name: _kendall(column, wanted) for name, column in columns.items()}
    by_chance = [_weighted(np.arange(n), rng.permutation(n)) for _ in range(RANDOM_ORDERS)]
    if n < FEW_MODELS:
        warnings.warn(_caution(n), stacklevel=caller_level())
    return RankCorrelation(
        scores=tuple(named),
        baselines=tuple(others),
        n_models=n,
        kendall={name: tau for name, (tau, _) in whole.items()},
        weighted={name: _weighted(column, wanted) for name, column in columns.items()},
        kendall_intervals=intervals["kendall"],
        weighted_intervals=intervals["weighted"],
        kendall_p={name: p for name, (_, p) in whole.items()},
        gains={
            (name, other): percentile_interval(
                draws["kendall"][name] - draws["kendall"][other], confidence
            )
            for name in named
            for other in others
        },
        null_sd=null_deviation(n),
        weighted_null_sd=float(np.std(by_chance)),
        confidence_level=confidence,
    )


def null_deviation(n: int) -> float:
    """Return the standard deviation of Kendall's τ of n models in random order."""
    return math.sqrt(2 * (2 * n + 5) / (9 * n * (n - 1)))


@dataclass(frozen=True, kw_only=True)
class RankCorrelation:
    """How well scores, and baselines, rank networks by accuracy.

    Attributes
    ----------
    scores, baselines : tuple of str
        What was compared with the accuracies.
    n_models : int
        Number of networks.
    kendall, weighted : dict of str to float
        Kendall's τ-b and the weighted τ of each score and baseline.
    kendall_intervals, weighted_intervals : dict of str to tuple of float
        Bootstrap intervals over networks.
    kendall_p : dict of str to float
        Probability of a τ of at least that size, up or down, if the order were random.
    gains : dict of (score, baseline) to tuple of float
        Bootstrap interval of the score's τ less that of the baseline: a score is better than a
        baseline, as far as these networks can tell, where it is above 0.
    null_sd, weighted_null_sd : float
        Standard deviation of τ and of the weighted τ if the order were random.
    confidence_level : float
        Level of the intervals.
    """

    scores: tuple[str, ...]
    baselines: tuple[str, ...]
    n_models: int
    kendall: dict[str, float] = field(hash=False)
    weighted: dict[str, float] = field(hash=False)
    kendall_intervals: dict[str, tuple[float, float]] = field(hash=False)
    weighted_intervals: dict[str, tuple[float, float]] = field(hash=False)
    kendall_p: dict[str, float] = field(hash=False)
    gains: dict[tuple[str, str], tuple[float, float]] = field(hash=False)
    null_sd: float
    weighted_null_sd: float
    confidence_level: float = 0.95

    def to_columns(self) -> dict[str, list[Any]]:
        """Return one row per score and baseline, as columns for pandas or polars."""
        names = [*self.scores, *self.baselines]
        columns: dict[str, list[Any]] = {
            "score": names,
            "kind": ["score"] * len(self.scores) + ["baseline"] * len(self.baselines),
        }
        for statistic in STATISTICS:
            intervals = getattr(self, f"{statistic}_intervals")
            columns[statistic] = [getattr(self, statistic)[name] for name in names]
            columns[f"{statistic}_low"] = [intervals[name][0] for name in names]
            columns[f"{statistic}_high"] = [intervals[name][1] for name in names]
        columns["kendall_p"] = [self.kendall_p[name] for name in names]
        return columns

    def _repr_html_(self) -> str:
        return columns_html(self.to_columns(), caption=f"{self.n_models} models")

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw Kendall's τ of each with its interval, over what chance gives.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; a new figure when not given.

        Returns
        -------
        matplotlib Axes
        """
        from topolens._style import INK, color, new_axes, plain_text, tidy

        names = [*self.scores, *self.baselines]
        if ax is None:
            ax = new_axes(5.5, 1.2 + 0.32 * len(names))
        ax.axvspan(-2 * self.null_sd, 2 * self.null_sd, color=INK, alpha=0.1, linewidth=0)
        for place, name in enumerate(names):
            hue = color(0) if name in self.scores else INK
            ax.plot(self.kendall_intervals[name], [place, place], color=hue, linewidth=1.5)
            ax.plot(self.kendall[name], place, "o", color=hue)
        ax.set_yticks(range(len(names)), map(plain_text, names))
        ax.invert_yaxis()
        ax.set_xlim(-1.05, 1.05)
        ax.set_xlabel(f"Kendall's τ with accuracy, {self.n_models} models")
        tidy(ax, grid="x")
        return ax

    def __repr__(self) -> str:
        lines = [
            f"{name}: τ {self.kendall[name]:.2f} [{low:.2f}, {high:.2f}], "
            f"weighted {self.weighted[name]:.2f}"
            for name, (low, high) in self.kendall_intervals.items()
        ]
        return "\n".join([f"RankCorrelation: {_caution(self.n_models)}", *lines])


def _caution(n: int) -> str:
    return f"of {n} models in random order τ has a standard deviation of {null_deviation(n):.2f}"


def _kendall(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """τ-b and its p-value."""
    from scipy import stats

    found = stats.kendalltau(x, y)
    return float(found.statistic), float(found.pvalue)


def _kendalls(x: np.ndarray, y: np.ndarray, resamples: np.ndarray) -> np.ndarray:
    """τ-b of resamples, each from how often it has each model; NaN where all are tied."""
    counts = np.array([np.bincount(chosen, minlength=len(x)) for chosen in resamples], dtype=float)
    signs = [(v[:, None] > v).astype(float) - (v[:, None] < v) for v in (x, y)]

    def summed(products: np.ndarray) -> np.ndarray:
        return ((counts @ products) * counts).sum(axis=1)

    with np.errstate(invalid="ignore"):
        squares = summed(signs[0] ** 2) * summed(signs[1] ** 2)
        return summed(signs[0] * signs[1]) / np.sqrt(squares)


def _weighted(x: np.ndarray, y: np.ndarray) -> float:
    from scipy import stats

    return float(stats.weightedtau(x, y).statistic)


def _named(columns: Any, argument: str, n: int) -> dict[str, np.ndarray]:
    if not hasattr(columns, "keys"):
        columns = {argument.removesuffix("s"): columns}
    named = {str(name): _numbers(columns[name], f"{argument}[{name!r}]") for name in columns}
    if not named:
        raise ValueError(f"`{argument}` must not be empty")
    for name, column in named.items():
        if len(column) != n:
            raise ValueError(
                f"`{argument}` must have one number per model, {n}; found {len(column)} of {name!r}"
            )
    return named


def _numbers(values: Any, name: str) -> np.ndarray:
    column = as_values(values, name)
    if column.ndim != 1:
        raise ValueError(f"`{name}` must be one-dimensional; found shape {column.shape}")
    if (missing := np.flatnonzero(np.isnan(column))).size:
        raise ValueError(f"`{name}` must not be NaN; found it at [{missing[0]}]")
    if len(column) and (column == column[0]).all():
        raise ValueError(f"`{name}` must not be all the same; found {column[0]:g}")
    return column
