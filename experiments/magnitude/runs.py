"""The rows of the table that belong together, and correlations over them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from experiments.harness import Interval, mean_interval

NETWORK = ["data", "network", "width", "depth", "rate", "seed"]
ACCURACY, GAP = "test accuracy", "gap"
RESAMPLES = 1000
BY_NETWORK = "bootstrap over networks (percentiles)"


def windows(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each network and window of its training."""
    return _part(table, "walk")


def restarts(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each training that went on from a trained network."""
    return _part(table, "restart")


def paths(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each path of a Lévy process."""
    return _part(table, "levy")


def kinds(found: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the windows of each kind of network, by the name that the paper gives it, and data."""
    for (data, network, depth), rows in found.groupby(["data", "network", "depth"]):
        name = network if network == "AlexNet" else f"fcn-{depth:g}"
        yield f"{name} on {data}", rows


def concordance(x: np.ndarray, y: np.ndarray) -> float:
    """Kendall's τ, where a tie counts as 0: the mean agreement in the order of two."""
    both = np.sign(np.subtract.outer(x, x)) * np.sign(np.subtract.outer(y, y))
    return float(both.sum() / (len(x) * (len(x) - 1)))


def along(found: pd.DataFrame, measure: str, target: str = ACCURACY) -> pd.Series:
    """Return τ of a measure and a target over the windows of each network."""
    columns = found.groupby(NETWORK)[[measure, target]]
    return columns.apply(lambda rows: concordance(*rows.to_numpy().T))


def correlations(found: pd.DataFrame, measure: str, target: str) -> pd.Series:
    """Return Pearson's correlation over the windows of each network."""
    columns = found.groupby(NETWORK)[[measure, target]]
    return columns.apply(lambda rows: float(np.corrcoef(rows.to_numpy().T)[0, 1]))


def mean_correlation(values: pd.Series) -> Interval:
    """Mean over networks in Fisher's scale, where correlations near 1 can be averaged."""
    mean, low, high, n, how = mean_interval(np.arctanh(values))
    return Interval(*np.tanh([mean, low, high]).tolist(), n, f"{how} in Fisher's scale")


def over_networks(
    found: pd.DataFrame, columns: list[str], statistic: Callable[[list[np.ndarray]], float]
) -> Interval:
    """Bootstrap a statistic of all windows, where those of one network are drawn together."""
    groups = [rows[columns].to_numpy(float) for _, rows in found.groupby(NETWORK)]
    drawn = np.random.default_rng(0).integers(len(groups), size=(RESAMPLES, len(groups)))
    values = [statistic([groups[k] for k in chosen]) for chosen in drawn]
    # one network alone may be drawn, of which there are no pairs
    low, high = np.nanquantile(values, [0.025, 0.975]).tolist()
    return Interval(statistic(groups), low, high, len(groups), BY_NETWORK)


def _part(table: pd.DataFrame, name: str) -> pd.DataFrame:
    return table[table["part"] == name].dropna(axis=1, how="all").reset_index(drop=True)
