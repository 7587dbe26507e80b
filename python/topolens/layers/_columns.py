"""The columns of tables by layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import numpy as np

from topolens._arrays import label_text
from topolens.layers._protocol import AnyTable

SomeTable = TypeVar("SomeTable", bound=AnyTable)

LAYER_COLUMNS: dict[str, type] = {
    "layer_index": np.int64,
    "layer": np.str_,
    "class": np.str_,
    "control": np.str_,
    "measure": np.str_,
    "settings": np.str_,
    "degree": np.int64,
    "scale": np.float64,
    "value": np.float64,
    "repeat": np.int64,
    "copy": np.int64,
    "n": np.int64,
    "n_distinct": np.int64,
    "seconds": np.float64,
    "note": np.str_,
}
SUMMARY_COLUMNS: dict[str, type] = {
    "layer_index": np.int64,
    "layer": np.str_,
    "class": np.str_,
    "control": np.str_,
    "measure": np.str_,
    "settings": np.str_,
    "degree": np.int64,
    "scale": np.float64,
    "mean": np.float64,
    "sd": np.float64,
    "repeats": np.int64,
    "n": np.float64,
    "n_distinct": np.float64,
}
GROUP = ("layer_index", "layer", "class", "control", "measure", "settings", "degree", "scale")
PLACE = ("layer", "class", "repeat", "control")
DEFAULTS = "defaults"  # what settings are called that leave nothing to say


def columns_of(rows: Iterable[tuple], types: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Turn rows into typed columns; without rows the columns are empty."""
    lists = list(zip(*rows, strict=True)) or [()] * len(types)
    return {
        name: np.array(values, dtype=kind)
        for (name, kind), values in zip(types.items(), lists, strict=True)
    }


def check_layer_table(table: Any) -> None:
    """Refuse what has no rows by measure."""
    if not hasattr(table, "columns") or "measure" not in table.columns:
        raise TypeError(f"`table` must be a LayerTable; found {type(table).__name__}")


def matching(table: SomeTable, **equal: Any) -> SomeTable:
    """Return the rows in which columns have one of these values, if there are any."""
    mask = np.ones(len(table), dtype=bool)
    for name, wanted in equal.items():
        column, choices = table.columns[name], listed(wanted)
        if column.dtype.kind == "U":  # 1.0 is the class 1, and a layer may be called "1.0"
            choices = [text for choice in choices for text in (str(choice), label_text(choice))]
        mask &= np.isin(column, choices)
    return table._keep(mask)


def listed(wanted: Any) -> list[Any]:
    """Return one value, or several, as a list."""
    wanted = wanted.tolist() if hasattr(wanted, "tolist") else wanted
    several = isinstance(wanted, Iterable) and not isinstance(wanted, str | bytes)
    return list(wanted) if several else [wanted]


def measures_in(table: AnyTable) -> list[str]:
    """Return the measures of a table, in the order of its rows."""
    return list(dict.fromkeys(table.columns["measure"].tolist()))


def joined_by(table: AnyTable) -> list[str]:
    """Return the columns that tell joined tables apart."""
    known = {*LAYER_COLUMNS, *SUMMARY_COLUMNS}
    return [name for name in table.columns if name not in known]


def layer_names(table: AnyTable) -> dict[int, str]:
    """Name places by the layers there, where joined tables have at most two names for one."""
    found: dict[int, dict[str, None]] = {}
    for i, layer in zip(
        *(table.columns[c].tolist() for c in ("layer_index", "layer")), strict=True
    ):
        found.setdefault(i, {})[layer] = None
    return {i: " | ".join(names) if len(names) <= 2 else f"layer {i}" for i, names in found.items()}


def several(table: AnyTable, column: str) -> set[str]:
    """Return the measures that have more than one value in a column."""
    pairs = set(zip(table.columns["measure"].tolist(), table.columns[column].tolist(), strict=True))
    measures = [measure for measure, _ in pairs]
    return {measure for measure in measures if measures.count(measure) > 1}
