"""The slope over [t, 2t] as a function of t, and how it correlates within networks."""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments.magnitude.measures import RATIO, STARTS
from experiments.magnitude.runs import NETWORK
from experiments.magnitude.walks import WINDOW

MIDDLES = STARTS * np.sqrt(RATIO)


def slopes(found: pd.DataFrame) -> np.ndarray:
    """Return the slopes over all intervals, a row for each window."""
    return np.array([np.fromstring(text, sep=" ") for text in found["slopes"]])


def begun(found: pd.DataFrame) -> pd.DataFrame:
    """Return the windows that do not begin at random weights."""
    return found[found["iteration"] > WINDOW]


def within(found: pd.DataFrame, name: str) -> np.ndarray:
    """Correlate slopes over every interval with a measure, a row for each network."""
    rows = []
    for _, of_network in found.groupby(NETWORK):
        columns, values = slopes(of_network), of_network[name].to_numpy()
        columns, values = columns - columns.mean(axis=0), values - values.mean()
        rows.append(values @ columns / np.linalg.norm(columns, axis=0) / np.linalg.norm(values))
    return np.array(rows)


def turns(found: pd.DataFrame, name: str) -> list[float]:
    """Return the scales at which the mean correlation changes its sign."""
    mean = within(begun(found), name).mean(axis=0)
    at = np.flatnonzero(mean[:-1] * mean[1:] < 0)
    share = mean[at] / (mean[at] - mean[at + 1])
    logs = np.log(MIDDLES)
    return np.exp(logs[at] + share * (logs[at + 1] - logs[at])).tolist()
