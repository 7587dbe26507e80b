"""Named columns of equal length, of which all tables are made."""

from __future__ import annotations

import csv
import reprlib
from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from os import PathLike
from typing import TYPE_CHECKING, Any, NoReturn, Self

import numpy as np

from topolens._html import notebook_html
from topolens.layers._arrow import arrow_stream
from topolens.layers._columns import listed, matching
from topolens.layers._text import long_text

if TYPE_CHECKING:
    import pandas as pd

MOST_VALUES = 20  # that a message names


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
