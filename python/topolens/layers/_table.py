"""The long table that an analysis returns: one row per number, and what can be asked of it."""

from __future__ import annotations

import csv
import reprlib
from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from html import escape
from os import PathLike
from typing import TYPE_CHECKING, Any, NoReturn, Self

import numpy as np

from topolens._html import notebook_html
from topolens.layers._arrow import arrow_stream
from topolens.layers._columns import (
    GROUP,
    PLACE,
    SUMMARY_COLUMNS,
    columns_of,
    joined_by,
    listed,
    matching,
    measures_in,
)
from topolens.layers._text import advice, long_text, wide_text

MOST_VALUES = 20  # that a message names

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from topolens.homology._results import PersistenceResult


class Table:
    """Named columns of equal length.

    Attributes
    ----------
    columns : dict of str to ndarray
        One 1-d array per column.

    Notes
    -----
    A table is used as a data frame is: ``table["value"]`` is a column, iteration, ``in`` and
    ``keys()`` are about the names of columns, and ``len(table)`` is the number of rows. So it has
    the methods of a mapping, and ``dict(table)`` has its columns, but it is no
    `collections.abc.Mapping`, of which the length would be the number of columns.

    Readers of Arrow streams take a table as it is, such as ``polars.DataFrame(table)``,
    ``pyarrow.table(table)``, ``pandas.DataFrame.from_arrow(table)`` (pandas 3) and DuckDB, whose
    queries find it by the name of its variable. One of nanoarrow, pyarrow and polars must be
    installed. Numbers need not be copied on the way, so that a change in the table may show there.

    Examples
    --------
    >>> import numpy as np
    >>> from topolens.layers import Table
    >>> table = Table({"layer": np.array(["input", "relu"]), "value": np.array([1.0, 2.0])})
    >>> table["value"], len(table), list(table)
    (array([1., 2.]), 2, ['layer', 'value'])
    """

    def __init__(self, columns: Mapping[str, np.ndarray]) -> None:
        self.columns = dict(columns)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self.columns:
            raise KeyError(f"columns are {', '.join(self.columns)}; found {name!r}")
        return self.columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def keys(self) -> KeysView[str]:
        """Return the names of the columns."""
        return self.columns.keys()

    def values(self) -> ValuesView[np.ndarray]:
        """Return the columns."""
        return self.columns.values()

    def items(self) -> ItemsView[str, np.ndarray]:
        """Return names and columns."""
        return self.columns.items()

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return arrow_stream(self.columns)

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("a table is no array; take `dict(table)`, or `to_pandas()` for a DataFrame")

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the rows as dictionaries of plain Python values."""
        lists = (column.tolist() for column in self.columns.values())
        for row in zip(*lists, strict=True):
            yield dict(zip(self.columns, row, strict=True))

    def to_columns(self) -> dict[str, np.ndarray]:
        """Return a dictionary of columns, which pandas and polars both take."""
        return dict(self.columns)

    def to_pandas(self) -> pd.DataFrame:
        """Return a `pandas.DataFrame` with the same columns."""
        import pandas as pd

        return pd.DataFrame(self.columns)

    def to_csv(self, path: str | PathLike[str]) -> None:
        """Write a header and one line per row; numbers keep all their digits."""
        with open(path, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, self.columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(self.rows())

    def select(self, **equal: Any) -> Self:
        """Keep the rows that equal what is given.

        Parameters
        ----------
        **equal
            A column and the value it must have, or a list of values it may have. Write
            ``class_`` for the column ``class``.

        Returns
        -------
        table
            Of the same kind.

        Raises
        ------
        ValueError
            If there is no such column, a value does not stand in it, or no row fits.
        """
        kept = matching(self)
        for keyword, wanted in equal.items():
            name = self._column_of(keyword)
            for one in listed(wanted):
                if not len(matching(self, **{name: one})):
                    self._refuse_choice(keyword, name, one, "")
            rest, kept = kept, matching(kept, **{name: wanted})
            if not len(kept):
                rest._refuse_choice(keyword, name, wanted, " where the rest fits")
        return kept

    def _refuse_choice(self, keyword: str, name: str, found: Any, where: str) -> None:
        values = list(dict.fromkeys(self.columns[name].tolist()))
        if values:
            more = ", ..." if values[MOST_VALUES:] else ""
            known = ", ".join(map(repr, values[:MOST_VALUES])) + more
            said = reprlib.repr(found)
            raise ValueError(f"`{keyword}` must be among {known}{where}; found {said}")

    def _column_of(self, keyword: str) -> str:
        name = keyword if keyword in self.columns else keyword.removesuffix("_")
        if name not in self.columns:
            known = ", ".join(self.columns)
            raise ValueError(f"`{keyword}` must be a column, one of {known}")
        return name

    def _keep(self, mask: np.ndarray) -> Self:
        return type(self)({name: column[mask] for name, column in self.columns.items()})

    def __repr__(self) -> str:
        return long_text(self)

    def _repr_html_(self) -> str:
        from topolens.layers._html import long_html

        return notebook_html(long_html(self))


class LayerTable(Table):
    """What `analyse` returns: one row per layer, class, control, repeat, copy and number.

    Attributes
    ----------
    columns : dict of str to ndarray
        ``layer_index``, ``layer``, ``class`` (``"all"`` when points are not split), ``control``
        (``"trained"``, ``"untrained"`` or ``"shuffled"``), ``measure``, ``settings`` (of the
        measure, where they differ from its defaults), ``degree`` (-1 for a number that belongs to
        none), ``scale``, ``value``, ``repeat``, ``copy`` (which untrained one), ``n`` points,
        ``n_distinct`` points, ``seconds`` that the measure took, and ``note``, which says why a
        value is nan. Any further column, such as :func:`concat` adds, tells rows apart that have
        the rest in common.
    diagrams : dict
        ``(layer, class, repeat, control)`` to `PersistenceResult`, for measures that have
        diagrams. Where several do that differ in name or settings, keys end with these; in joined
        tables they begin with what tells the tables apart.
    settings : dict of str to str
        How the table was made. The seed in it, passed as ``rng``, makes the same table again.

    Examples
    --------
    >>> import numpy as np, topolens as tl
    >>> points = np.random.default_rng(0).normal(size=(50, 3))
    >>> table = tl.analyse({"input": points, "double": 2 * points}, tl.HopBetti(k=8))
    >>> table.select(measure="betti", degree=0)["value"]
    array([1., 1.])
    """

    def __init__(
        self,
        columns: Mapping[str, np.ndarray],
        diagrams: Mapping[tuple, PersistenceResult] | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(columns)
        self.diagrams = dict(diagrams or {})
        self.settings = dict(settings or {})
        self._made_with: dict[tuple, str] = {}  # settings of the measures that made the diagrams

    def _with_settings_of(self, diagrams: Mapping[tuple, str]) -> Self:
        self._made_with = dict(diagrams)
        return self

    def _keep(self, mask: np.ndarray) -> LayerTable:
        kept = super()._keep(mask)
        place = (*joined_by(kept), *PLACE)
        with_diagrams = super()._keep(mask & self._of_first_copy())
        keys = with_diagrams._distinct(*place) | with_diagrams._distinct(*place, "settings")

        def stays(key: tuple) -> bool:
            made_with = self._made_with.get(key, key[-1])
            return (key if len(key) == len(place) else (*key[: len(place)], made_with)) in keys

        kept.diagrams = {key: value for key, value in self.diagrams.items() if stays(key)}
        kept.settings = dict(self.settings)
        return kept._with_settings_of({key: self._made_with.get(key, "") for key in kept.diagrams})

    def _of_first_copy(self) -> np.ndarray:
        """Mark the rows of the first copy in a place, the one that has diagrams."""
        names = (*joined_by(self), "repeat", "control", "copy")
        rows = list(zip(*(self.columns[name].tolist() for name in names), strict=True))
        first: dict[tuple, int] = {}
        for *place, copy in rows:
            first[tuple(place)] = min(copy, first.get(tuple(place), copy))
        return np.array([copy == first[tuple(place)] for *place, copy in rows], dtype=bool)

    def _distinct(self, *names: str) -> set[tuple]:
        """Return what the rows have in some columns."""
        return set(zip(*(self.columns[name].tolist() for name in names), strict=True))

    def summary(self) -> Table:
        """Return the mean and standard deviation over repeats and untrained copies.

        Returns
        -------
        Table
            One row per layer, class, control, measure, settings, degree and scale (and what else
            tells rows apart), with columns ``mean``, ``sd`` (divisor `repeats` - 1; nan for a
            single one and for infinite values), ``repeats`` (of which the value is known) and the
            means of ``n`` and ``n_distinct``.
        """
        more = joined_by(self)
        groups: dict[tuple, list[tuple[float, int, int]]] = {}
        for row in self.rows():
            key = tuple(row[name] for name in (*more, *GROUP))
            groups.setdefault(key, []).append((row["value"], row["n"], row["n_distinct"]))
        rows = []
        for key, members in groups.items():
            value, n, n_distinct = np.array(members, dtype=float).T
            value = value[~np.isnan(value)]
            spread = len(value) > 1 and np.isfinite(value).all()
            sd = value.std(ddof=1) if spread else np.nan
            with np.errstate(invalid="ignore"):  # of two infinities there is no mean
                mean = value.mean() if len(value) else np.nan
            rows.append((*key, mean, sd, len(value), n.mean(), n_distinct.mean()))
        types = {**{name: self.columns[name].dtype for name in more}, **SUMMARY_COLUMNS}
        return Table(columns_of(rows, types))

    def plot(
        self,
        measure: str | None = None,
        *,
        degree: int | None = None,
        scale: float | None = None,
        settings: str | None = None,
        ax: Axes | None = None,
    ) -> Axes | np.ndarray:
        """Draw a measure over the layers; see `plot_layers`."""
        from topolens.layers._plots import plot_layers

        return plot_layers(self, measure, degree=degree, scale=scale, settings=settings, ax=ax)

    def __repr__(self) -> str:
        lines = (self._title(), wide_text(self.summary()), advice(self))
        return "\n".join(line for line in lines if line)

    def _repr_html_(self) -> str:
        from topolens.layers._html import heading_html, long_html, pivot_html

        pivots = [
            f"<p>{heading_html(measure)}</p>{pivot_html(self, measure)}"
            for measure in measures_in(self)
        ]
        whole = f"<details><summary>all {len(self)} rows</summary>{long_html(self)}</details>"
        note = [f"<p>{escape(line)}</p>" for line in advice(self).splitlines()]
        return notebook_html(f"<p>{self._title()}</p>", *note, *pivots, whole)

    def _title(self) -> str:
        counts = (
            _count(len(self._distinct(column)), noun, plural)
            for column, noun, plural in (
                ("layer_index", "layer", "layers"),
                ("class", "class", "classes"),
                ("repeat", "repeat", "repeats"),
            )
        )
        copies = len(self._distinct("copy"))
        said = f"{copies} untrained copies, " if copies > 1 else ""
        return f"LayerTable: {', '.join(counts)}, {said}{_count(len(self), 'row', 'rows')}"


def _count(number: int, noun: str, plural: str) -> str:
    return f"{number} {noun if number == 1 else plural}"
