"""Columns as an Arrow stream, which polars, DuckDB, pyarrow and others read without pandas.

The stream is made by a library that knows how: a structure of C functions must be released from
any thread and in the midst of any exception, which Python's own foreign calls do not survive.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import numpy as np


def arrow_stream(columns: Mapping[str, np.ndarray]) -> Any:
    """Wrap columns as an ``arrow_array_stream`` capsule, by the lightest library there is."""
    for library, table_of in MAKERS.items():
        try:
            module = import_module(library)
        except ImportError:
            continue
        return table_of(module, columns).__arrow_c_stream__()
    raise ImportError(
        f"an Arrow stream needs one of {', '.join(MAKERS)}: pip install 'topolens[arrow]'; "
        "`to_columns()` is for all others"
    )


def _by_nanoarrow(nanoarrow: Any, columns: Mapping[str, np.ndarray]) -> Any:
    arrays = [_nanoarray(nanoarrow, column) for column in columns.values()]
    schema = nanoarrow.struct(dict(zip(columns, (a.schema for a in arrays), strict=True)))
    length = len(arrays[0]) if arrays else 0
    return nanoarrow.c_array_stream(
        nanoarrow.c_array_from_buffers(schema, length, [None], children=arrays)
    )


def _nanoarray(nanoarrow: Any, column: np.ndarray) -> Any:
    """Share numbers; copy text and truth values, which NumPy keeps in another form."""
    if column.dtype.kind == "U":
        return nanoarrow.c_array(column.tolist(), nanoarrow.string())
    if column.dtype.kind == "b":
        return nanoarrow.c_array(column.tolist(), nanoarrow.bool_())
    numbers = np.ascontiguousarray(column, dtype=column.dtype.newbyteorder("="))
    kind = getattr(nanoarrow, numbers.dtype.name)()
    return nanoarrow.c_array_from_buffers(kind, len(numbers), [None, numbers])


MAKERS = {
    "nanoarrow": _by_nanoarrow,
    "pyarrow": lambda pyarrow, columns: pyarrow.table(dict(columns)),
    "polars": lambda polars, columns: polars.DataFrame(dict(columns)),
}
