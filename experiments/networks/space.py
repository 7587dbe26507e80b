"""The space of networks that a table of predictions stands for."""

from __future__ import annotations

import numpy as np
import pandas as pd

import topolens as tl
from experiments.networks.labels import unpack
from experiments.networks.training import digits

KIND = ["kind", "width", "activation"]


def rows_of(table: pd.DataFrame, what: str, **equal: object) -> pd.DataFrame:
    """Return the rows about checkpoints, copies or paths."""
    kept = table[table["what"] == what]
    for name, value in equal.items():
        kept = kept[kept[name] == value]
    return kept.reset_index(drop=True)


def space_of(rows: pd.DataFrame) -> tl.NetworkSpace:
    """Read the labels that each row predicts for the test images."""
    y = digits()[1][1].numpy()
    labels = np.array([unpack(text, y) for text in rows["labels"]])
    return tl.NetworkSpace.from_labels(labels, y=y, n_classes=10)


def halves(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Split into even and odd seeds; both halves hold each kind equally often."""
    seeds = rows["seed"].to_numpy()
    return np.flatnonzero(seeds % 2 == 0), np.flatnonzero(seeds % 2 == 1)


def nearest_known(rows: pd.DataFrame, seeds: int) -> np.ndarray:
    """Distance of each network with an odd seed from the nearest of the first so many even ones.

    The networks with odd seeds are new: how far each is depends on the known ones and on itself.
    """
    D = space_of(rows).distances().values
    known, new = halves(rows)
    known = known[rows["seed"].to_numpy()[known] < 2 * seeds]
    return D[np.ix_(new, known)].min(axis=1)
