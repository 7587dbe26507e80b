"""The numbers of a table as curves over the layers: one per class, control and copy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from topolens.layers._columns import joined_by, layer_names, matching, measures_in
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


def curves_of(table: AnyTable, measures: tuple[str, ...], value: str = "value") -> Curves:
    """Read the curves of those measures that a table has, from a column of values."""
    rows = matching(table, measure=measures)
    columns = rows.columns
    layers = dict(sorted(layer_names(rows).items()))
    names = [*joined_by(rows), "class"]
    keys = list(zip(*(columns[name].tolist() for name in names), strict=True))
    places = {key: place for place, key in enumerate(dict.fromkeys(keys))}
    curve = np.array([places[key] for key in keys], dtype=int)
    layer = np.searchsorted(list(layers), columns["layer_index"])
    copy = columns.get("copy", np.zeros(len(rows), dtype=int))
    values: dict[str, dict[str, np.ndarray]] = {}
    for measure in measures_in(rows):
        of_measure = columns["measure"] == measure
        for control in dict.fromkeys(columns["control"][of_measure].tolist()):
            here = of_measure & (columns["control"] == control)
            copies, which = np.unique(copy[here], return_inverse=True)
            shape = (len(copies), len(places), len(layers))
            found = _means((which, curve[here], layer[here]), columns[value][here], shape)
            values.setdefault(measure, {})[control] = found
    said = (key[:-1] if key[-1] == "all" and key[1:] else key for key in places)
    return Curves(layers, [", ".join(map(str, key)) for key in said], values)


def _means(where: tuple[np.ndarray, ...], values: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return means over what stands in one place, of the values that are known."""
    sums, counts = np.zeros(shape), np.zeros(shape)
    np.add.at(sums, where, np.nan_to_num(values, nan=0.0, posinf=np.inf, neginf=-np.inf))
    np.add.at(counts, where, ~np.isnan(values))
    return np.divide(sums, counts, out=np.full(shape, np.nan), where=counts > 0)


def known_range(values: np.ndarray, axes: int | tuple[int, ...]) -> tuple[np.ndarray, ...]:
    """Return least, median and largest over some axes, of what is known; nan where nothing is."""
    known = np.ma.masked_invalid(values)
    found = (np.ma.min(known, axes), np.ma.median(known, axes), np.ma.max(known, axes))
    return tuple(np.ma.filled(np.ma.asarray(one, dtype=float), np.nan) for one in found)


def known_mean(values: np.ndarray, axis: int) -> np.ndarray:
    """Return the mean over an axis, of what is known; nan where nothing is."""
    return np.ma.filled(np.ma.masked_invalid(values).mean(axis=axis), np.nan)
