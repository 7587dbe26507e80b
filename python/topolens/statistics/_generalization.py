"""How well a measure predicts generalisation, over many runs with many hyper-parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from topolens._arrays import as_array, as_rng, as_values, is_missing
from topolens._bootstrap import (
    as_confidence,
    as_resamples,
    percentile_interval,
    resampled_counts,
)
from topolens._html import columns_html

Correlation = Literal["kendall", "spearman", "pearson"]


def granulated_kendall(
    table: Any,
    measure: str,
    target: str,
    hyperparameters: Sequence[str],
    *,
    rng: int | np.random.Generator | None = None,
    n_resamples: int = 1000,
    confidence_level: float = 0.95,
) -> GranulatedKendall:
    """Correlate a measure with a target, one hyper-parameter at a time.

    Parameters
    ----------
    table : DataFrame (pandas or polars), dict of columns, structured array or list of dicts
        One row per trained network.
    measure, target : str
        Columns of numbers, such as a dimension and the generalisation gap; infinite ones are
        ordered like others.
    hyperparameters : sequence of str
        Columns that say how a network was trained; numbers or names. What is missing (None, NaN, or
        left out of a dict) is a setting too, the same in all runs.
    rng : int or Generator, optional
        Draws the bootstrap.
    n_resamples : int
        Resamples of the runs behind the intervals, at least 100.
    confidence_level : float
        Level of the intervals, between 0 and 1.

    Returns
    -------
    GranulatedKendall

    Raises
    ------
    ValueError
        If a column is missing, a number is NaN, or no two runs differ in one hyper-parameter
        alone.

    See Also
    --------
    partial_correlation : With other columns fixed.
    rank_correlation : Of scores with accuracies, for few models.

    Notes
    -----
    Kendall's coefficient tau of some runs is the mean over their pairs of
    sign(measure - measure') sign(target - target'); ties count as 0. For each hyper-parameter
    the runs are grouped by all others; psi is the mean of tau over the groups, and Psi the mean
    of psi over the hyper-parameters [1]_. A measure that follows one hyper-parameter and is blind
    to the rest may have a large tau, but not a large Psi.

    Runs in a group that agree in the hyper-parameter in question as well, such as repetitions
    with other seeds, are not compared with each other. Groups without a pair are left out, so that
    grids need not be complete.

    The intervals are percentiles over resamples of the runs.

    References
    ----------
    .. [1] Y. Jiang, B. Neyshabur, H. Mobahi, D. Krishnan, S. Bengio, "Fantastic generalization
       measures and where to find them", ICLR (2020), equations 3 to 5.

    Examples
    --------
    >>> import topolens as tl
    >>> runs = {
    ...     "rate": [0.1, 0.1, 0.2, 0.2], "width": [8, 16, 8, 16],
    ...     "dimension": [1.0, 1.1, 2.0, 2.1], "gap": [5.0, 4.0, 7.0, 6.0],
    ... }
    >>> axes = ["rate", "width"]
    >>> result = tl.statistics.granulated_kendall(runs, "dimension", "gap", axes, rng=0)
    >>> result.psi, result.Psi
    ({'rate': 1.0, 'width': -1.0}, 0.0)
    """
    names = _names(hyperparameters)
    values, wanted = _columns(table, [measure, target])
    settings = {name: _settings(table, name, len(values)) for name in names}
    agreement = _signs(values) * _signs(wanted)
    axes = {name: _groups(settings, name) for name in names}
    for name, groups in axes.items():
        if not groups:
            raise ValueError(
                f"`hyperparameters` must each vary alone between some runs; {name!r} does not"
            )

    def correlate(counts: np.ndarray) -> np.ndarray:
        psi = np.array([_mean_tau(agreement, groups, counts) for groups in axes.values()])
        return np.array([_tau(agreement, counts), *psi, psi.mean()])

    tau, *psi, Psi = correlate(np.ones(len(values))).tolist()
    intervals = _bootstrap(correlate, len(values), rng, n_resamples, confidence_level)
    return GranulatedKendall(
        measure=measure,
        target=target,
        n_runs=len(values),
        tau=tau,
        psi=dict(zip(names, psi, strict=True)),
        Psi=Psi,
        n_groups={name: len(groups) for name, groups in axes.items()},
        tau_interval=intervals[0],
        psi_intervals=dict(zip(names, intervals[1:-1], strict=True)),
        Psi_interval=intervals[-1],
        confidence_level=float(confidence_level),
    )


@dataclass(frozen=True, kw_only=True)
class GranulatedKendall:
    """Kendall's coefficient of all runs, and granulated by hyper-parameters.

    Attributes
    ----------
    measure, target : str
        What was compared.
    n_runs : int
        Number of runs.
    tau : float
        Kendall's coefficient of all runs, from -1 to 1.
    psi : dict of str to float
        For each hyper-parameter, the mean coefficient of runs that differ in it alone.
    Psi : float
        The mean of `psi`.
    n_groups : dict of str to int
        Groups behind each `psi`.
    tau_interval, Psi_interval : tuple of float
        Bootstrap intervals.
    psi_intervals : dict of str to tuple of float
        Bootstrap interval of each `psi`.
    confidence_level : float
        Level of the intervals.
    """

    measure: str
    target: str
    n_runs: int
    tau: float
    psi: dict[str, float] = field(hash=False)
    Psi: float
    n_groups: dict[str, int] = field(hash=False)
    tau_interval: tuple[float, float] = field(repr=False)
    psi_intervals: dict[str, tuple[float, float]] = field(repr=False, hash=False)
    Psi_interval: tuple[float, float] = field(repr=False)
    confidence_level: float = 0.95

    def to_columns(self) -> dict[str, list[Any]]:
        """Return one row for tau, for each psi and for Psi, as columns for pandas or polars."""
        intervals = [self.tau_interval, *self.psi_intervals.values(), self.Psi_interval]
        return {
            "correlation": ["tau", *(f"psi({name})" for name in self.psi), "Psi"],
            "value": [self.tau, *self.psi.values(), self.Psi],
            "low": [low for low, _ in intervals],
            "high": [high for _, high in intervals],
        }

    def _repr_html_(self) -> str:
        return columns_html(
            self.to_columns(), caption=f"{self.measure} and {self.target} of {self.n_runs} runs"
        )


def partial_correlation(
    table: Any,
    measure: str,
    target: str,
    given: str | Sequence[str],
    *,
    method: Correlation = "kendall",
    rng: int | np.random.Generator | None = None,
    n_resamples: int = 1000,
    confidence_level: float = 0.95,
) -> PartialCorrelation:
    """Correlate a measure with a target while others, such as the norm baseline, are fixed.

    Parameters
    ----------
    table, measure, target, rng, n_resamples, confidence_level
        As in :func:`granulated_kendall`.
    given : str or sequence of str
        Columns of numbers that might explain both: a hyper-parameter, the norm of the weights.
    method : {"kendall", "spearman", "pearson"}
        The correlation: tau-b, that of the ranks (of ties, their mean), or that of the numbers.

    Returns
    -------
    PartialCorrelation

    Raises
    ------
    ValueError
        If a column is missing, constant, or holds NaN, or if the columns of `given` determine
        each other, the measure or the target, so that nothing is left to correlate.

    See Also
    --------
    granulated_kendall : One hyper-parameter at a time.
    rank_correlation : Of scores with accuracies, for few models.

    Notes
    -----
    With the matrix R of the correlations of all columns and P its inverse, the partial
    correlation is -P_xy / sqrt(P_xx P_yy); with one column z given it is
    (r_xy - r_xz r_yz) / sqrt((1 - r_xz²)(1 - r_yz²)) [1]_. That of fractal dimensions falls when
    hyper-parameters are given [2]_.

    The interval is that of percentiles over resamples of the runs; resamples in which a column
    is constant or determined by others are left out.

    References
    ----------
    .. [1] M. G. Kendall, "Partial rank correlation", Biometrika 32 (1942).
    .. [2] C. B. Tan, I. García-Redondo, Q. Wang, M. M. Bronstein, A. Monod, "On the limitations
       of fractal dimension as a measure of generalization", NeurIPS (2024).

    Examples
    --------
    >>> import topolens as tl
    >>> runs = {"dimension": [1, 2, 3, 4, 5, 6], "gap": [2, 1, 4, 3, 6, 5],
    ...         "norm": [1, 1, 2, 2, 3, 3]}
    >>> result = tl.statistics.partial_correlation(
    ...     runs, "dimension", "gap", "norm", method="pearson", rng=0
    ... )
    >>> round(result.plain, 3), round(result.value, 3)
    (0.829, -1.0)
    """
    if method not in CORRELATIONS:
        raise ValueError(f"`method` must be one of {', '.join(CORRELATIONS)}; found {method!r}")
    names = [measure, target, *_names([given] if isinstance(given, str) else given, "given")]
    columns = np.array(_columns(table, names))
    for name, column in zip(names, columns, strict=True):
        if method == "pearson" and not np.isfinite(column).all():
            raise ValueError(
                f"`table[{name!r}]` must be finite for method='pearson'; found infinity"
            )
        if (column == column[0]).all():
            raise ValueError(
                f"`table[{name!r}]` must vary between runs; found {column[0]:g} in all"
            )
    correlations = CORRELATIONS[method](columns)
    value = _partial(correlations)
    if np.isnan(value):
        raise ValueError(
            f"`given` must leave something of {measure!r} and {target!r} to correlate; "
            f"found a column that others determine"
        )

    def correlate(counts: np.ndarray) -> np.ndarray:
        drawn = np.repeat(columns, counts.astype(int), axis=1)
        if (drawn == drawn[:, :1]).all(axis=1).any():
            return np.array([np.nan])
        return np.array([_partial(CORRELATIONS[method](drawn))])

    intervals = _bootstrap(correlate, columns.shape[1], rng, n_resamples, confidence_level)
    return PartialCorrelation(
        measure=measure,
        target=target,
        given=tuple(names[2:]),
        method=method,
        n_runs=columns.shape[1],
        value=value,
        plain=float(correlations[0, 1]),
        interval=intervals[0],
        confidence_level=float(confidence_level),
    )


@dataclass(frozen=True, kw_only=True)
class PartialCorrelation:
    """A correlation that is left when other columns are fixed.

    Attributes
    ----------
    measure, target : str
        What was compared.
    given : tuple of str
        What was fixed.
    method : str
        The correlation.
    n_runs : int
        Number of runs.
    value : float
        The partial correlation, from -1 to 1.
    plain : float
        The correlation of measure and target with nothing fixed.
    interval : tuple of float
        Bootstrap interval of `value`.
    confidence_level : float
        Level of the interval.
    """

    measure: str
    target: str
    given: tuple[str, ...]
    method: Correlation
    n_runs: int
    value: float
    plain: float
    interval: tuple[float, float]
    confidence_level: float = 0.95


def _names(names: Any, argument: str = "hyperparameters") -> list[str]:
    if isinstance(names, str):
        raise TypeError(f"`{argument}` must be several names; found {names!r}")
    if not isinstance(names, Iterable):
        raise TypeError(f"`{argument}` must be names of columns; found {type(names).__name__}")
    found = list(names)
    if not found or len(set(found)) < len(found):
        raise ValueError(f"`{argument}` must be different names, at least one; found {found}")
    return found


def _column(table: Any, name: str, *, absent: bool = False) -> Any:
    """Find a column in any of the tables that people have; where `absent`, rows may lack it."""
    try:
        if isinstance(table, Sequence) and not hasattr(table, "dtype"):
            some = absent and any(name in row for row in table)
            return [row.get(name) if some else row[name] for row in table]
        return table[name]
    except (KeyError, IndexError, ValueError, TypeError) as error:
        if not isinstance(table, Mapping) and not hasattr(table, "__getitem__"):
            raise TypeError(
                f"`table` must be a table with named columns; found {type(table).__name__}"
            ) from None
        raise ValueError(f"`table` must have a column {name!r}; {error}") from None
    except Exception as error:  # the errors of polars have no common base with Python's
        raise ValueError(f"`table` must have a column {name!r}; {error}") from None


def _settings(table: Any, name: str, n: int) -> np.ndarray:
    """Return the settings in a column as numbers; what is missing is one of them."""
    column = _column(table, name, absent=True)
    listed = isinstance(column, list | tuple)
    values = column if listed else as_array(column, f"table[{name!r}]")
    shape = (len(values),) if listed else values.shape
    if shape != (n,):
        raise ValueError(f"`table` must have columns of equal length; found {shape} for {name!r}")
    numbers: dict[Any, int] = {}
    keys = ((is_missing(value), value) for value in (values if listed else values.tolist()))
    hashable = ((True,) if missing else (False, _as_key(value)) for missing, value in keys)
    return np.array([numbers.setdefault(key, len(numbers)) for key in hashable])


def _as_key(value: Any) -> Any:
    try:
        hash(value)
    except TypeError:  # a list, such as of the betas of Adam
        return repr(value)
    return value


def _numbers(table: Any, name: str) -> np.ndarray:
    numbers = as_values(_column(table, name), f"table[{name!r}]")
    if numbers.ndim != 1:
        raise ValueError(f"`table[{name!r}]` must be one column; found shape {numbers.shape}")
    if np.isnan(numbers).any():
        place = int(np.isnan(numbers).argmax())
        raise ValueError(f"`table[{name!r}]` must not be missing; found nan at [{place}]")
    if len(numbers) < 2:
        raise ValueError(f"`table` must have at least two runs; found {len(numbers)}")
    return numbers


def _columns(table: Any, names: Sequence[str]) -> list[np.ndarray]:
    columns = [_numbers(table, name) for name in names]
    for name, column in zip(names, columns, strict=True):
        if len(column) != len(columns[0]):
            raise ValueError(
                f"`table` must have columns of equal length; found {len(columns[0])} numbers for "
                f"{names[0]!r} and {len(column)} for {name!r}"
            )
    return columns


def _signs(values: np.ndarray) -> np.ndarray:
    """Order of every two values; infinities are equal to themselves."""
    above = values[:, None] > values
    return above.astype(np.int8) - above.T


def _groups(settings: Mapping[str, np.ndarray], axis: str) -> list[tuple[np.ndarray, np.ndarray]]:
    """Group the runs that agree in all but `axis`, and mark their pairs that differ in that."""
    others = [column.tolist() for name, column in settings.items() if name != axis]
    own = settings[axis]
    members: dict[tuple[Any, ...], list[int]] = {}
    for run in range(len(own)):
        members.setdefault(tuple(column[run] for column in others), []).append(run)
    groups = ((runs, own[runs][:, None] != own[runs]) for runs in map(np.array, members.values()))
    return [(runs, pairs) for runs, pairs in groups if pairs.any()]


def _tau(signs: np.ndarray, counts: np.ndarray, pairs: np.ndarray | None = None) -> float:
    """Mean agreement of pairs of different runs, each as often as it was drawn."""
    weight = np.outer(counts, counts) * (
        ~np.eye(len(counts), dtype=bool) if pairs is None else pairs
    )
    total = weight.sum()
    return float((weight * signs).sum() / total) if total else np.nan


def _mean_tau(
    signs: np.ndarray, groups: list[tuple[np.ndarray, np.ndarray]], counts: np.ndarray
) -> float:
    taus = np.array([_tau(signs[np.ix_(runs, runs)], counts[runs], p) for runs, p in groups])
    present = taus[~np.isnan(taus)]
    return float(present.mean()) if len(present) else np.nan


def _bootstrap(
    statistics: Callable[[np.ndarray], np.ndarray],
    n: int,
    rng: Any,
    n_resamples: int,
    confidence_level: float,
) -> list[tuple[float, float]]:
    """Percentile intervals of statistics of how often each run was drawn."""
    confidence = as_confidence(confidence_level)
    draws = resampled_counts(as_rng(rng), n, as_resamples(n_resamples)).astype(float)
    found = np.array([statistics(counts) for counts in draws])
    if np.isnan(found).all(axis=0).any():
        raise ValueError(f"`table` must have more runs for a bootstrap; found {n}")
    return [percentile_interval(values, confidence) for values in found.T]


def _partial(correlations: np.ndarray) -> float:
    """Correlate what the others leave of the first two; NaN where they leave nothing."""
    small = 1e-12  # of a variance that rounding may leave of none
    x_y, given = slice(0, 2), slice(2, None)
    if np.linalg.eigvalsh(correlations[given, given])[0] < small:
        return np.nan
    explained = correlations[x_y, given] @ np.linalg.solve(
        correlations[given, given], correlations[given, x_y]
    )
    left = correlations[x_y, x_y] - explained
    if min(left[0, 0], left[1, 1]) < small:
        return np.nan
    return float(np.clip(left[0, 1] / np.sqrt(left[0, 0] * left[1, 1]), -1, 1))


def _ranks(column: np.ndarray) -> np.ndarray:
    return _signs(column).sum(axis=1, dtype=np.int64) / 2.0


def _pearson(columns: np.ndarray) -> np.ndarray:
    centered = columns - columns.mean(axis=1, keepdims=True)
    centered /= np.sqrt((centered**2).sum(axis=1, keepdims=True))
    return centered @ centered.T


def _spearman(columns: np.ndarray) -> np.ndarray:
    return _pearson(np.array([_ranks(column) for column in columns]))


def _kendall(columns: np.ndarray) -> np.ndarray:
    """Tau-b: the correlation of the signs of all pairs."""
    signs = np.array([_signs(column).ravel() for column in columns], dtype=np.float64)
    products = signs @ signs.T
    scale = np.sqrt(np.diag(products))
    return products / np.outer(scale, scale)


CORRELATIONS: dict[Correlation, Callable[[np.ndarray], np.ndarray]] = {
    "kendall": _kendall,
    "spearman": _spearman,
    "pearson": _pearson,
}
