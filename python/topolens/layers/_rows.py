"""The rows of an analysis while it runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from topolens._arrays import count_distinct
from topolens.layers._columns import LAYER_COLUMNS, columns_of
from topolens.layers._protocol import Measure
from topolens.layers._sampling import Seeds
from topolens.layers._settings import settings_of
from topolens.layers._table import LayerTable

if TYPE_CHECKING:
    from topolens.homology._results import PersistenceResult


class Cloud(NamedTuple):
    """The points of one class in one layer, and the shape of each before it became a row."""

    layer_index: int
    layer: str
    name: str
    condition: str
    repeat: int
    points: np.ndarray
    shape: tuple[int, ...]


def takes_maps(measure: Measure) -> bool:
    """Whether a measure asks for feature maps in place of rows."""
    return bool(getattr(measure, "feature_maps", False))


@dataclass
class Rows:
    """The rows so far, and the place that the analysis has reached."""

    settings: dict[str, str]
    rows: list[tuple] = field(default_factory=list)
    diagrams: dict[tuple, PersistenceResult] = field(default_factory=dict)
    place: str = "the start"

    def add(
        self,
        cloud: Cloud,
        measures: Sequence[Measure],
        seeds: Seeds,
        n_threads: int | None,
    ) -> None:
        """Measure a cloud in every way."""
        index, layer, name, condition, repeat, points, shape = cloud
        counts = (len(points), count_distinct(points))
        named: set[str] = set()
        for measure in measures:
            settings = settings_of(measure)
            self.place = f"{measure.name} of layer {layer!r}, class {name!r} ({condition})"
            # the first of a name draws what it would draw alone
            own = (settings,) if measure.name in named else ()
            named.add(measure.name)
            rng = seeds.generator("measure", repeat, name, measure.name, *own)
            start = perf_counter()
            shown = points.reshape(-1, *shape) if takes_maps(measure) else points
            measured = measure.measure(shown, rng=rng, n_threads=n_threads)
            values = list(measured)
            seconds = perf_counter() - start
            for what, *number in values:
                said = (what, settings, *number)
                self.rows.append((index, layer, name, condition, *said, repeat, *counts, seconds))
            diagrams = getattr(measured, "diagrams", None)
            if diagrams is not None:
                self.diagrams.setdefault((layer, name, repeat, condition, settings), diagrams)

    def table(self) -> LayerTable:
        """Return the rows as a table; settings are in the keys of diagrams if they differ."""
        length = 5 if len({key[4] for key in self.diagrams}) > 1 else 4
        diagrams = {key[:length]: value for key, value in self.diagrams.items()}
        return LayerTable(columns_of(self.rows, LAYER_COLUMNS), diagrams, self.settings)

    @contextmanager
    def kept_on_error(self) -> Iterator[None]:
        """Give an exception the rows so far, and the place where it was raised."""
        try:
            yield
        except BaseException as error:
            error.partial_table = self.table()  # type: ignore[attr-defined]
            error.add_note(f"at {self.place}")
            error.add_note("the rows so far are in this exception's `partial_table`")
            raise
