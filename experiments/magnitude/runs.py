"""The table as one row for each network, at one stop and window."""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments.magnitude.walks import WINDOWS

SETTINGS = ["network", "data", "width", "depth", "rate", "seed"]
HYPERPARAMETERS = ["rate", "width", "depth"]
FITTED = 99.0  # percent of the training images


def stops(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each network and stop, with the longest window."""
    rows = table[(table["part"] == "walk") & (table["window"] == WINDOWS[-1])]
    return _wide(rows, [*SETTINGS, "iteration"])


def ends(table: pd.DataFrame, window: int = WINDOWS[-1]) -> pd.DataFrame:
    """Return one row for each fully connected network that has learned its training images."""
    rows = table[(table["part"] == "walk") & (table["window"] == window)]
    rows = rows[(rows["iteration"] == rows["iterations"]) & (rows["network"] != "AlexNet")]
    found = _wide(rows, SETTINGS)
    return found[found["training accuracy"] >= FITTED].reset_index(drop=True)


def paths(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each path of a Lévy process."""
    return _wide(table[table["part"] == "levy"], ["alpha", "n", "seed"])


def concordance(x: np.ndarray, y: np.ndarray) -> float:
    """Kendall's τ, where a tie counts as 0: the mean agreement in the order of two."""
    first, second = np.triu_indices(len(x), 1)
    return float((np.sign(x[first] - x[second]) * np.sign(y[first] - y[second])).mean())


def along(found: pd.DataFrame, measure: str, target: str = "test accuracy") -> pd.Series:
    """Return τ of a measure and a target over the stops of each network."""
    columns = found.groupby(SETTINGS)[[measure, target]]
    return columns.apply(lambda rows: concordance(*rows.to_numpy().T))


def _wide(rows: pd.DataFrame, index: list[str]) -> pd.DataFrame:
    return rows.pivot(index=index, columns="measure", values="value").reset_index()
