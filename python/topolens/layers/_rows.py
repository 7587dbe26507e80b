"""The rows of an analysis while it runs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from topolens._arrays import count_distinct
from topolens.layers._cloud import Cloud, joined
from topolens.layers._columns import LAYER_COLUMNS, columns_of
from topolens.layers._sampling import Seeds
from topolens.layers._settings import settings_of
from topolens.layers._sharing import OF_TWO_ROWS, Sharing, shown
from topolens.layers._table import LayerTable
from topolens.measures._protocol import NO_DEGREE, Measure, Value, compares_classes
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
    keys: set[tuple] = field(default_factory=set)
    place: str = "the start"
    numbers: dict[tuple[str, str], list[tuple]] = field(default_factory=dict)
    errors: dict[tuple[str, str], tuple[str, Exception]] = field(default_factory=dict)

    def add(
        self,
        clouds: Sequence[Cloud],
        measures: Sequence[Measure],
        sharing: Sharing,
        seeds: Seeds,
        n_threads: int | None,
    ) -> None:
        """Measure the classes of a layer, each alone and then those that are to be compared."""
        compared = [measure for measure in measures if compares_classes(measure)]
        alone = [measure for measure in measures if not compares_classes(measure)]
        counts = {}
        for cloud in clouds:
            spaces = self._distances(cloud, sharing, n_threads)
            counts[cloud.name] = len(cloud), _count_distinct(cloud, spaces)
            of_cloud = {cloud.name: counts[cloud.name]}
            for measure, rng in _with_generators(alone, cloud, seeds):
                self._take(cloud, spaces, measure, of_cloud, rng=rng, n_threads=n_threads)
        if compared:
            whole, labels = joined(clouds)
            spaces = self._distances(whole, sharing, n_threads)
            for measure, rng in _with_generators(compared, whole, seeds):
                self._take(
                    whole, spaces, measure, counts, labels=labels, rng=rng, n_threads=n_threads
                )

    def _distances(
        self, cloud: Cloud, sharing: Sharing, n_threads: int | None
    ) -> dict[Metric, MetricSpace]:
        self.place = f"the distances of {_place(cloud)}"
        return sharing.spaces(cloud, n_threads)

    def _take(
        self,
        cloud: Cloud,
        spaces: dict[Metric, MetricSpace],
        measure: Any,
        counts: Mapping[str, tuple[int, int]],
        **options: Any,
    ) -> None:
        """Write what a measure finds in each class of a cloud, or why it finds nothing."""
        self.place = f"{measure.name} of {_place(cloud)}"
        by = (measure.name, settings_of(measure))
        values: dict[str, list[Value]] = {}
        start, note = perf_counter(), ""
        try:
            found = measure.measure(shown(cloud, measure, spaces), **options)
            measured = found if compares_classes(measure) else {cloud.name: found}
            values = {name: [Value(*value) for value in measured[name]] for name in counts}
        except (ValueError, ArithmeticError) as error:
            self.errors.setdefault(by, (self.place, error))
            note = str(error)
        seconds = (perf_counter() - start) / len(counts)
        for name, of_class in counts.items():
            where = (cloud.layer_index, cloud.layer, name, cloud.condition)
            taken = (cloud.repeat, cloud.copy, *of_class, seconds)
            if not values:
                self.rows.append(Failure(where, by, taken, note))
                continue
            for what, degree, scale, value, note in values[name]:
                key = (*where, what, by[1], degree, scale, cloud.repeat, cloud.copy)
                if key not in self.keys:  # two measures may yield the same number
                    self.keys.add(key)
                    self.rows.append((*where, what, by[1], degree, scale, value, *taken, note))
            self.numbers.setdefault(by, [value[:3] for value in values[name]])
            diagrams = getattr(measured[name], "diagrams", None)
            if diagrams is not None:  # of the first copy alone
                place = (cloud.layer, name, cloud.repeat, cloud.condition, *by)
                self.diagrams.setdefault(place, diagrams)

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


def _with_generators(
    measures: Sequence[Measure], cloud: Cloud, seeds: Seeds
) -> Iterator[tuple[Measure, np.random.Generator]]:
    """Yield each measure with random numbers of its own."""
    named: set[str] = set()
    for measure in measures:
        # the first of a name draws what it would draw alone
        own = (settings_of(measure),) if measure.name in named else ()
        named.add(measure.name)
        yield measure, seeds.generator("measure", cloud.repeat, cloud.name, measure.name, *own)


def _place(cloud: Cloud) -> str:
    return f"layer {cloud.layer!r}, class {cloud.name!r} ({cloud.condition})"


def _count_distinct(cloud: Cloud, spaces: dict[Metric, MetricSpace]) -> int:
    """Count the distinct rows, in the same way wherever there are distances that tell."""
    for metric in OF_TWO_ROWS:
        if metric in spaces:
            return spaces[metric].count_distinct()
    points = cloud.points
    return points.count_distinct() if isinstance(points, MetricSpace) else count_distinct(points)
