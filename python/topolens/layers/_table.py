"""The long table that an analysis returns: one row per number, and what can be asked of it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from topolens._html import notebook_html
from topolens.layers._columns import GROUP, SUMMARY_COLUMNS, columns_of, measures_in
from topolens.layers._text import advice, long_text, wide_text

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
    """

    def __init__(self, columns: Mapping[str, np.ndarray]) -> None:
        self.columns = dict(columns)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

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
            Of the same kind; empty when no row fits.

        Raises
        ------
        ValueError
            If there is no such column.
        """
        return self._keep(self._mask(equal))

    def _mask(self, equal: Mapping[str, Any]) -> np.ndarray:
        mask = np.ones(len(self), dtype=bool)
        for keyword, wanted in equal.items():
            name = keyword.removesuffix("_")
            if name not in self.columns:
                known = ", ".join(self.columns)
                raise ValueError(f"columns must be among {known}; found {keyword!r}")
            column = self.columns[name]
            several = isinstance(wanted, Iterable) and not isinstance(wanted, str)
            choices = list(wanted) if several else [wanted]
            if column.dtype.kind == "U":
                choices = [str(choice) for choice in choices]
            mask &= np.isin(column, choices)
        return mask

    def _keep(self, mask: np.ndarray) -> Self:
        return type(self)({name: column[mask] for name, column in self.columns.items()})

    def __repr__(self) -> str:
        return long_text(self)

    def _repr_html_(self) -> str:
        from topolens.layers._html import long_html

        return notebook_html(long_html(self))


class LayerTable(Table):
    """What `analyse` returns: one row per layer, class, control, repeat and number.

    Attributes
    ----------
    columns : dict of str to ndarray
        ``layer_index``, ``layer``, ``class`` (``"all"`` when points are not split), ``control``
        (``"trained"``, ``"untrained"`` or ``"shuffled"``), ``measure``, ``degree`` (-1 for
        a number that belongs to none), ``scale``, ``value``, ``repeat``, ``n`` points,
        ``n_distinct`` points and ``seconds`` that the measure took.
    diagrams : dict
        ``(layer, class, repeat, control)`` to `PersistenceResult`, for measures that have
        diagrams.
    settings : dict of str to str
        How the table was made. The seed in it, passed as ``rng``, makes the same table again.

    Examples
    --------
    >>> import numpy as np, topolens as tl
    >>> points = np.random.default_rng(0).normal(size=(50, 3))
    >>> table = tl.analyse({"input": points, "double": 2 * points}, tl.HopBetti(k=8))
    >>> table.select(measure="betti", degree=0).columns["value"]
    array([1., 1.])
    """

    def __init__(
        self,
        columns: Mapping[str, np.ndarray],
        diagrams: Mapping[tuple[str, str, int, str], PersistenceResult] | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(columns)
        self.diagrams = dict(diagrams or {})
        self.settings = dict(settings or {})

    def _keep(self, mask: np.ndarray) -> LayerTable:
        kept = super()._keep(mask)
        key_columns = (kept.columns[name] for name in ("layer", "class", "repeat", "control"))
        keys = set(zip(*(column.tolist() for column in key_columns), strict=True))
        kept.diagrams = {key: value for key, value in self.diagrams.items() if key in keys}
        kept.settings = dict(self.settings)
        return kept

    def summary(self) -> Table:
        """Return the mean and standard deviation over repeats.

        Returns
        -------
        Table
            One row per layer, class, control, measure, degree and scale, with columns
            ``mean``, ``sd`` (divisor repeats - 1; nan for a single repeat), ``repeats`` and
            the means of ``n`` and ``n_distinct``.
        """
        groups: dict[tuple, list[tuple[float, int, int]]] = {}
        for row in self.rows():
            key = tuple(row[name] for name in GROUP)
            groups.setdefault(key, []).append((row["value"], row["n"], row["n_distinct"]))
        rows = []
        for key, members in groups.items():
            value, n, n_distinct = np.array(members, dtype=float).T
            sd = value.std(ddof=1) if len(value) > 1 else np.nan
            rows.append((*key, value.mean(), sd, len(value), n.mean(), n_distinct.mean()))
        return Table(columns_of(rows, SUMMARY_COLUMNS))

    def plot(
        self,
        measure: str = "betti",
        *,
        degree: int | None = None,
        scale: float | None = None,
        ax: Axes | None = None,
    ) -> Axes | np.ndarray:
        """Draw a measure over the layers; see `plot_layers`."""
        from topolens.layers._plots import plot_layers

        return plot_layers(self, measure, degree=degree, scale=scale, ax=ax)

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
        said = advice(self)
        note = [f"<p>{said}</p>"] if said else []
        return notebook_html(f"<p>{self._title()}</p>", *note, *pivots, whole)

    def _title(self) -> str:
        counts = (
            _count(len(set(self.columns[column].tolist())), noun, plural)
            for column, noun, plural in (
                ("layer", "layer", "layers"),
                ("class", "class", "classes"),
                ("repeat", "repeat", "repeats"),
            )
        )
        return f"LayerTable: {', '.join(counts)}, {_count(len(self), 'row', 'rows')}"


def _count(number: int, noun: str, plural: str) -> str:
    return f"{number} {noun if number == 1 else plural}"
