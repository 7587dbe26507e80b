"""The columns of tables by layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from topolens.layers._protocol import AnyTable

LAYER_COLUMNS: dict[str, type] = {
    "layer_index": np.int64,
    "layer": np.str_,
    "class": np.str_,
    "control": np.str_,
    "measure": np.str_,
    "degree": np.int64,
    "scale": np.float64,
    "value": np.float64,
    "repeat": np.int64,
    "n": np.int64,
    "n_distinct": np.int64,
    "seconds": np.float64,
}
SUMMARY_COLUMNS: dict[str, type] = {
    "layer_index": np.int64,
    "layer": np.str_,
    "class": np.str_,
    "control": np.str_,
    "measure": np.str_,
    "degree": np.int64,
    "scale": np.float64,
    "mean": np.float64,
    "sd": np.float64,
    "repeats": np.int64,
    "n": np.float64,
    "n_distinct": np.float64,
}
GROUP = ("layer_index", "layer", "class", "control", "measure", "degree", "scale")


def columns_of(rows: Iterable[tuple], types: Mapping[str, type]) -> dict[str, np.ndarray]:
    """Turn rows into typed columns; without rows the columns are empty."""
    lists = list(zip(*rows, strict=True)) or [()] * len(types)
    return {
        name: np.array(values, dtype=kind)
        for (name, kind), values in zip(types.items(), lists, strict=True)
    }


def measures_in(table: AnyTable) -> list[str]:
    """Return the measures of a table, in the order of its rows."""
    return list(dict.fromkeys(table.columns["measure"].tolist()))
