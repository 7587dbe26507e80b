"""A table as arrays: what was drawn down, the numbers of layers across."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np

from topolens.layers._columns import GROUP as NUMBER
from topolens.layers._protocol import AnyTable
from topolens.statistics._families import known_mean

TRAINED = "trained"
NETWORK, COPY, REPEAT = "network", "copy", "repeat"
ROW = tuple(name for name in NUMBER if name != "control")
ONE = ""  # the network of a table of one


class Unit(NamedTuple):
    """Where a value comes from."""

    network: Any
    copy: int
    repeat: int


@dataclass(frozen=True, eq=False)
class Cells:
    """The values of trained networks and of their controls.

    Attributes
    ----------
    rows : list of tuple
        What the numbers are: layer_index, layer, class, measure, settings, degree, scale.
    values : dict from control to dict from Unit to ndarray
        A number per row, nan where it is missing or withheld.
    withheld : int
        Values of the table that are nan.
    left_out : str
        The layer that is the input, which no training changes; "" if there is none.
    """

    rows: list[tuple]
    values: dict[str, dict[Unit, np.ndarray]]
    withheld: int
    left_out: str

    @classmethod
    def of(cls, table: AnyTable, control: str) -> Self:
        """Read the rows of the trained networks and of one control, without those of the input."""
        kept = table._keep(np.isin(table["control"], [TRAINED, control]))
        input_layer = _input_of(table)
        if input_layer:
            kept = kept._keep(kept["layer_index"] != 0)
        rows = list(dict.fromkeys(_keys(kept, ROW)))
        place = {row: i for i, row in enumerate(rows)}
        values: dict[str, dict[Unit, np.ndarray]] = {}
        for (row, unit, name), value in zip(_places(kept), kept["value"].tolist(), strict=True):
            of_unit = values.setdefault(name, {}).setdefault(unit, np.full(len(rows), np.nan))
            of_unit[place[row]] = value
        return cls(rows, values, int(np.isnan(kept["value"]).sum()), input_layer)

    def __contains__(self, control: str) -> bool:
        return control in self.values

    def units(self, control: str, what: str) -> list[Any]:
        """Return the networks, copies or repeats of a control, in order."""
        return list(dict.fromkeys(getattr(unit, what) for unit in self.values.get(control, {})))

    def mean_over(self, control: str, *, each: str, of: list[Any]) -> np.ndarray:
        """Return the mean of what is known, for each network, copy or repeat, a row each."""
        found, nothing = self.values[control], np.full(len(self.rows), np.nan)
        return np.array(
            [
                known_mean(np.array([nothing, *(v for u, v in found.items() if u[place] == one)]))
                for place in [Unit._fields.index(each)]
                for one in of
            ]
        )

    def draws(self, control: str, network: Any) -> tuple[np.ndarray, list[np.ndarray]]:
        """Return a network and each of its controls, such that all could change places.

        Means over repeats, if the controls were measured in all of them. If each repeat has drawn
        another, the network is taken in its first repeat alone: a mean over repeats would spread
        less than they do.
        """
        trained = self._by_repeat(TRAINED, network).get(0, {})
        copies = self._by_repeat(control, network).values()
        whole = all(trained.keys() <= copy.keys() for copy in copies)

        def one(of_repeat: dict[int, np.ndarray]) -> np.ndarray:
            found = [v for repeat, v in of_repeat.items() if repeat in trained or not whole]
            return known_mean(np.array(found if whole else found[:1]))

        return one(trained), [one(copy) for copy in copies]

    def are_apart(self, control: str) -> bool:
        """Whether controls were measured in some repeats only, as each has drawn its own."""
        trained = {unit[::2] for unit in self.values[TRAINED]}
        found = self.values.get(control, {})
        copies = {unit[:2] for unit in found}
        return any(
            (network, copy, repeat) not in found
            for network, copy in copies
            for other, repeat in trained
            if other == network
        )

    def _by_repeat(self, control: str, network: Any) -> dict[int, dict[int, np.ndarray]]:
        """Return the values of each copy of a network, in each repeat."""
        found: dict[int, dict[int, np.ndarray]] = {}
        for unit, values in sorted(
            self.values.get(control, {}).items(), key=lambda one: one[0][1:]
        ):
            if unit.network == network:
                found.setdefault(unit.copy, {})[unit.repeat] = values
        return found

    def families(self) -> list[tuple]:
        """Return for each row the class and number, which all layers share."""
        return [row[2:] for row in self.rows]

    def over_classes(self, values: np.ndarray) -> tuple[list[tuple], np.ndarray]:
        """Return layers and numbers, and the mean of all classes in each; nan if one is missing."""
        keys = [(*row[:2], *row[3:]) for row in self.rows]
        distinct = list(dict.fromkeys(keys))
        columns = [[i for i, key in enumerate(keys) if key == one] for one in distinct]
        return distinct, np.stack([values[..., where].mean(axis=-1) for where in columns], axis=-1)


def _keys(table: AnyTable, names: tuple[str, ...]) -> Iterator[tuple]:
    return zip(*(table[name].tolist() for name in names), strict=True)


def _places(table: AnyTable) -> Iterator[tuple[tuple, Unit, str]]:
    """Yield what each row of a table is, where it comes from, and its control.

    Of shuffled labels each repeat has a permutation of its own.
    """
    n = len(table)
    networks = table[NETWORK].tolist() if NETWORK in table else [ONE] * n
    repeats, numbered, controls = (table[name].tolist() for name in (REPEAT, COPY, "control"))
    drawn = {"shuffled": repeats}
    copies = [drawn.get(c, numbered)[i] for i, c in enumerate(controls)]
    units = map(Unit, networks, copies, repeats)
    return zip(_keys(table, ROW), units, controls, strict=True)


def _input_of(table: AnyTable) -> str:
    """Name the first layer if it is the input: if untrained networks have its numbers exactly."""
    first = table._keep(table["layer_index"] == 0)
    names = list(dict.fromkeys(first["layer"].tolist()))
    if not names:
        return ""
    values: dict[tuple, float] = {}
    compared = False
    for (row, unit, control), value in zip(_places(first), first["value"].tolist(), strict=True):
        if control == TRAINED:
            values[row, unit.network, unit.repeat] = value
    for (row, unit, control), value in zip(_places(first), first["value"].tolist(), strict=True):
        if control == "untrained":
            other = values.get((row, unit.network, unit.repeat), np.nan)
            if not np.array_equal(value, other, equal_nan=True):
                return ""
            compared = True
    return names[0] if compared or names[0] == "input" else ""
