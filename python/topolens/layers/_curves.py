"""The numbers of a table as curves over the layers: one per class, control and copy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from topolens.layers._columns import joined_by, layer_names, matching
from topolens.layers._protocol import AnyTable


@dataclass(frozen=True, eq=False)
class Curves:
    """Values of some measures over the layers, means over repeats.

    Attributes
    ----------
    layers : dict of int to str
        Names by index.
    names : list of str
        What has a curve of its own: each class, and in joined tables each class of each.
    values : dict of str to dict of str to ndarray of float64, shape (copies, curves, layers)
        By measure and control; nan where nothing is known.
    """

    layers: dict[int, str]
    names: list[str]
    values: dict[str, dict[str, np.ndarray]]

    @property
    def x(self) -> np.ndarray:
        """Where the layers stand."""
        return np.array(list(self.layers))

    def trained(self, measure: str) -> np.ndarray:
        """Return the values of the trained network, shape (curves, layers)."""
        return self.of("trained", measure)[0]

    def of(self, control: str, measure: str) -> np.ndarray:
        """Return the values under a control, of no copies if there is none."""
        nothing = np.empty((0, len(self.names), len(self.layers)))
        return self.values.get(measure, {}).get(control, nothing)

    def unknown(self, measure: str) -> np.ndarray:
        """Mark the layers at which most curves of the trained network have no value."""
        return np.isnan(self.trained(measure)).mean(axis=0) > 0.5


def curves_of(table: AnyTable, measures: tuple[str, ...]) -> Curves:
    """Read the curves of those measures that a table has."""
    rows = matching(table, measure=measures)
    layers = dict(sorted(layer_names(rows).items()))
    columns = [*joined_by(rows), "class"]
    keys = list(zip(*(rows.columns[name].tolist() for name in columns), strict=True))
    curves = list(dict.fromkeys(keys))
    values: dict[str, dict[str, np.ndarray]] = {}
    for measure in dict.fromkeys(rows.columns["measure"].tolist()):
        for control in dict.fromkeys(rows.columns["control"].tolist()):
            chosen = (rows.columns["measure"] == measure) & (rows.columns["control"] == control)
            if chosen.any():
                place = {key: number for number, key in enumerate(curves)}
                curve = np.array([place[key] for key in keys])[chosen]
                values.setdefault(measure, {})[control] = _means(rows, chosen, curve, list(layers))
    names = [
        ", ".join(map(str, key[:-1] if key[-1] == "all" and key[1:] else key)) for key in curves
    ]
    return Curves(layers, names, values)


def _means(rows: AnyTable, chosen: np.ndarray, curve: np.ndarray, layers: list[Any]) -> np.ndarray:
    """Return means over what repeats, of the values that are known."""
    known = {name: column[chosen] for name, column in rows.columns.items()}
    copies, copy = np.unique(known["copy"], return_inverse=True)
    layer = np.searchsorted(layers, known["layer_index"])
    shape = (len(copies), 1 + int(curve.max()), len(layers))
    told = ~np.isnan(known["value"])
    sums, counts = np.zeros(shape), np.zeros(shape)
    np.add.at(sums, (copy[told], curve[told], layer[told]), known["value"][told])
    np.add.at(counts, (copy[told], curve[told], layer[told]), 1)
    return np.divide(sums, counts, out=np.full(shape, np.nan), where=counts > 0)


def known_range(values: np.ndarray, axes: int | tuple[int, ...]) -> tuple[np.ndarray, ...]:
    """Return least, median and largest over some axes, of what is known; nan where nothing is."""
    known = np.ma.masked_invalid(values)
    found = (np.ma.min(known, axes), np.ma.median(known, axes), np.ma.max(known, axes))
    return tuple(np.ma.filled(np.ma.asarray(one, dtype=float), np.nan) for one in found)


def known_mean(values: np.ndarray, axis: int) -> np.ndarray:
    """Return the mean over an axis, of what is known; nan where nothing is."""
    return np.ma.filled(np.ma.masked_invalid(values).mean(axis=axis), np.nan)
