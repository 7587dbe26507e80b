"""The rows of an analysis while it runs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from topolens._arrays import count_distinct
from topolens.layers._cloud import Cloud
from topolens.layers._columns import LAYER_COLUMNS, columns_of
from topolens.layers._sampling import Seeds
from topolens.layers._settings import settings_of
from topolens.layers._sharing import OF_TWO_ROWS, Sharing, shown
from topolens.layers._table import LayerTable
from topolens.measures._protocol import NO_DEGREE, Measure
from topolens.spaces._metrics import Metric
from topolens.spaces._spaces import MetricSpace

if TYPE_CHECKING:
    from topolens.homology._results import PersistenceResult


class Failure(NamedTuple):
    """Where a measure, by its name and settings, found nothing to measure, and why."""

    where: tuple
    by: tuple[str, str]
    counts: tuple
    note: str


@dataclass
class Rows:
    """The rows so far, and the place that the analysis has reached.

    What a measure cannot measure in one cloud, such as the dimension of equal points, has the
    rows that it has in other clouds, with nan in place of the values and a note that says why.
    """

    settings: dict[str, str]
    rows: list[tuple | Failure] = field(default_factory=list)
    diagrams: dict[tuple, PersistenceResult] = field(default_factory=dict)
    place: str = "the start"
    numbers: dict[tuple[str, str], list[tuple]] = field(default_factory=dict)
    errors: dict[tuple[str, str], tuple[str, Exception]] = field(default_factory=dict)

    def add(
        self,
        cloud: Cloud,
        measures: Sequence[Measure],
        sharing: Sharing,
        seeds: Seeds,
        n_threads: int | None,
    ) -> None:
        """Measure a cloud in every way."""
        layer, name, condition, repeat = cloud.layer, cloud.name, cloud.condition, cloud.repeat
        self.place = f"the distances of layer {layer!r}, class {name!r} ({condition})"
        spaces = sharing.spaces(cloud, n_threads)
        counts = (len(cloud), _count_distinct(cloud, spaces))
        named: set[str] = set()
        for measure in measures:
            settings = settings_of(measure)
            self.place = f"{measure.name} of layer {layer!r}, class {name!r} ({condition})"
            # the first of a name draws what it would draw alone
            own = (settings,) if measure.name in named else ()
            named.add(measure.name)
            rng = seeds.generator("measure", repeat, name, measure.name, *own)
            start = perf_counter()
            where, by = (cloud.layer_index, layer, name, condition), (measure.name, settings)
            try:
                measured = measure.measure(
                    shown(cloud, measure, spaces), rng=rng, n_threads=n_threads
                )
                values = list(measured)
            except (ValueError, ArithmeticError) as error:
                self.errors.setdefault(by, (self.place, error))
                taken = (repeat, *counts, perf_counter() - start)
                self.rows.append(Failure(where, by, taken, str(error)))
                continue
            taken = (repeat, *counts, perf_counter() - start)
            for what, *number in values:
                self.rows.append((*where, what, settings, *number, *taken, ""))
            self.numbers.setdefault(by, [(what, *number[:-1]) for what, *number in values])
            diagrams = getattr(measured, "diagrams", None)
            if diagrams is not None:
                self.diagrams[layer, name, repeat, condition, *by] = diagrams

    def refuse_failures(self) -> None:
        """Raise what a measure raised that has measured nothing anywhere."""
        for by, (place, error) in self.errors.items():
            if by not in self.numbers:
                self.place = place
                raise error

    def table(self) -> LayerTable:
        """Return the rows as a table; what made the diagrams is in their keys if it differs."""
        columns = columns_of(chain.from_iterable(map(self._written, self.rows)), LAYER_COLUMNS)
        names, settings = ({key[i] for key in self.diagrams} for i in (4, 5))
        diagrams, made_with = {}, {}
        for (*place, name, how), result in self.diagrams.items():
            said = [*([name] if len(names) > 1 else []), *([how] if len(settings) > 1 else [])]
            key = (*place, " ".join(filter(None, said))) if said else tuple(place)
            diagrams[key], made_with[key] = result, how
        return LayerTable(columns, diagrams, self.settings)._with_settings_of(made_with)

    def _written(self, row: tuple | Failure) -> Iterator[tuple]:
        if not isinstance(row, Failure):
            yield row
            return
        where, by, taken, note = row
        for what, *number in self.numbers.get(by, [(by[0], NO_DEGREE, math.inf)]):
            yield (*where, what, by[1], *number, math.nan, *taken, note)

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


def _count_distinct(cloud: Cloud, spaces: dict[Metric, MetricSpace]) -> int:
    """Count the distinct rows, in the same way wherever there are distances that tell."""
    for metric in OF_TWO_ROWS:
        if metric in spaces:
            return spaces[metric].count_distinct()
    points = cloud.points
    return points.count_distinct() if isinstance(points, MetricSpace) else count_distinct(points)
