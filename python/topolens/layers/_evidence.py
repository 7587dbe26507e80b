"""What a table says about one number: its course through the layers, and whether it is chance."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np

from topolens.layers._columns import matching, measures_in
from topolens.layers._contrast import contrast
from topolens.layers._contrast_answers import MEAN
from topolens.layers._contrast_cells import COPY, NETWORK, REPEAT, TRAINED
from topolens.layers._contrast_result import Contrast
from topolens.layers._job import Control
from topolens.layers._protocol import AnyTable

ALPHA = 0.05  # of every finding
CONTROL_NAMES = {"untrained": "untrained copies", "shuffled": "shuffled labels"}


class Difference(NamedTuple):
    """Of a layer, trained less control, with its interval and the p by which it is named."""

    value: float
    low: float
    high: float
    p: float


class Answer(NamedTuple):
    """Whether a number differs from its control over all layers, and by how much in each."""

    p: float
    least_p: float
    test: str
    by_layer: dict[int, Difference]

    @property
    def clear(self) -> bool:
        """Whether it is more than chance."""
        return self.p <= ALPHA


class Evidence:
    """A layer table, and what can be asked of it.

    Parameters
    ----------
    table : LayerTable
    control : str
    rng : Generator
        Draws sign flips where all are too many.

    Attributes
    ----------
    layers : dict of int to str
        Names of layers by their index, in order.
    classes : list of str
    decidable : str
        What so many networks or copies can decide; "" without a control.
    unit : str
        What was drawn independently: "network", "copy" or "repeat".
    """

    def __init__(self, table: AnyTable, control: Control, rng: np.random.Generator) -> None:
        self.table, self.control, self.rng = table, control, rng
        self.layers = dict(
            sorted(zip(table["layer_index"].tolist(), table["layer"].tolist(), strict=True))
        )
        self.classes = list(dict.fromkeys(table["class"].tolist()))
        self.measures = measures_in(table)
        self.controlled = control in table["control"]

    @cached_property
    def _contrasts(self) -> dict[str, Contrast]:
        """Contrasts of each class, and of the mean of all, which is one question of each number."""
        tables = {"": self.table}
        if len(self.classes) > 1:
            tables[MEAN] = mean_of_classes(self.table)
        return {
            name: contrast(table, self.control, rng=self.rng)
            for name, table in tables.items()
            if len(table) and set(table["layer_index"].tolist()) != {0}
        }

    @property
    def repeats(self) -> int:
        return len(set(matching(self.table, control=TRAINED)[REPEAT].tolist()))

    @property
    def decidable(self) -> str:
        return next((found.decidable for found in self._contrasts.values()), "")

    @property
    def unit(self) -> str:
        return next((found.unit for found in self._contrasts.values()), "repeat")

    @property
    def least_p(self) -> float:
        """The least p-value that so many can reach; nan where nothing is tested."""
        found = [p for one in self._contrasts.values() for p in one.overall["least_p"].tolist()]
        return min(found, default=np.nan)

    def answer(self, measure: str, name: str = MEAN, degree: int = -1) -> Answer | None:
        """Return whether a number of a class differs from its control; None if nothing is known."""
        name = name if len(self.classes) > 1 else self.classes[0]
        found = self._contrasts.get(MEAN if name == MEAN else "")
        if not self.controlled or found is None or self.unit == "repeat":
            return None
        about = {"measure": measure, "class": name, "degree": degree}
        overall = list(matching(found.overall, **about).rows())
        if not overall or np.isnan(overall[0]["p"]):
            return None
        first = overall[0]
        rows = matching(found, **about, settings=first["settings"], scale=first["scale"])
        # Layers of one network are named by their own p, once all together differ.
        p = "p" if found.unit == "copy" else "p_adjusted"
        by_layer = {
            row["layer_index"]: Difference(row["difference"], row["low"], row["high"], row[p])
            for row in rows.rows()
        }
        return Answer(first["p"], first["least_p"], first["test"], by_layer)

    def half_widths(self, measure: str, degree: int = -1) -> np.ndarray:
        """Return by how much other samples would move a number of one network, by layer."""
        found = self._contrasts[MEAN if len(self.classes) > 1 else ""]
        rows = matching(found, measure=measure, degree=degree, contrast=TRAINED)
        return (rows["high"] - rows["low"]) / 2

    def course(
        self, measure: str, control: str = TRAINED, name: str | None = None, degree: int = -1
    ) -> np.ndarray:
        """Return the mean of a number in each layer, nan where it is unknown."""
        return np.array(
            [v.mean() if len(v) else np.nan for v in self.values(measure, control, name, degree)]
        )

    def values(
        self, measure: str, control: str = TRAINED, name: str | None = None, degree: int = -1
    ) -> Iterator[np.ndarray]:
        """Yield what is known of a number in each layer, of all networks, copies and repeats."""
        about = {"measure": measure, "control": control, "degree": degree}
        rows = matching(self.table, **about, **({} if name is None else {"class": name}))
        rows = matching(rows, settings=rows["settings"][:1])  # of a measure that is there twice
        for index in self.layers:
            found = rows["value"][rows["layer_index"] == index]
            yield found[~np.isnan(found)]

    def said(self, answer: Answer, layer: int | None = None) -> str:
        """Return a finding's figures: difference with interval, p, how many, and the rule."""
        parts = []
        if layer is not None:
            one = answer.by_layer[layer]
            parts.append(f"difference {number(one.value)} [{number(one.low)}, {number(one.high)}]")
        least = ", the least possible" if answer.p <= answer.least_p * (1 + 1e-9) else ""
        parts.append(f"p = {answer.p:.2g}{least}")
        return f"{', '.join(parts)}; {self.of_whom()}; {answer.test}"

    def of_whom(self) -> str:
        """Return how many networks, copies and samples were looked at."""
        trained = matching(self.table, control=TRAINED)
        networks = len(set(trained[NETWORK].tolist())) if NETWORK in trained else 1
        said = [f"{networks} networks" if networks > 1 else "one network"]
        if self.unit == "copy":
            copies = len(set(matching(self.table, control=self.control)[COPY].tolist()))
            said.append(f"{copies} {CONTROL_NAMES[self.control]}")
        if self.repeats > 1:
            said.append(f"{self.repeats} repeats")
        least, most = int(trained["n"].min()), int(trained["n"].max())
        points = f"{least}" if least == most else f"{least} to {most}"
        said.append(f"{points} samples" + (" a class" if len(self.classes) > 1 else ""))
        return ", ".join(said)


def mean_of_classes(table: AnyTable) -> AnyTable:
    """Return the table with the mean of all classes in place of each; nan where one is unknown."""
    names = [
        name
        for name in table
        if name not in ("value", "class", "n", "n_distinct", "seconds", "note")
    ]
    groups: dict[tuple, list[int]] = {}
    for i, key in enumerate(zip(*(table[name].tolist() for name in names), strict=True)):
        groups.setdefault(key, []).append(i)
    first = [rows[0] for rows in groups.values()]
    columns = {name: column[first] for name, column in table.items()}
    columns["value"] = np.array([table["value"][rows].mean() for rows in groups.values()])
    columns["class"] = np.full(len(first), MEAN)
    columns["note"] = np.full(len(first), "")
    return type(table)(columns)


def number(value: float) -> str:
    """Write a number with three digits."""
    return f"{value:.3g}".replace("-", "−")
