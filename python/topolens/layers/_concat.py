"""Join tables below one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from topolens.layers._columns import GROUP, PLACE, SUMMARY_COLUMNS, joined_by
from topolens.layers._frame import Table
from topolens.layers._table import LayerTable

AnyOfTables = TypeVar("AnyOfTables", bound=Table)
REPEAT = "repeat"


def concat(
    tables: Sequence[AnyOfTables] | Mapping[Any, AnyOfTables], *, name: str | None = None
) -> AnyOfTables:
    """Join tables with the same columns below one another.

    Parameters
    ----------
    tables : sequence of Table, or mapping from names to Table
        All of one kind, such as :class:`LayerTable`.
    name : str, optional
        A first column to add, which holds the name of each table in the mapping, or its position in
        the sequence. A mapping needs it. With ``"repeat"`` each table of a sequence becomes a
        repeat, so that summaries are over tables.

    Returns
    -------
    table
        Of the same kind, with the columns in the order of the first table. Of layer tables, all
        diagrams are kept, with keys that begin with what stands in the new column; settings
        that differ are kept with the names or positions of their tables.

    Raises
    ------
    ValueError
        If tables differ in their columns, if the column to add is there already, or if
        rows or diagrams of two layer tables could not be told apart.
    TypeError
        If `tables` are not tables of one kind, or a column holds text in one and numbers in
        another.

    See Also
    --------
    analyse : Makes layer tables.

    Examples
    --------
    >>> import topolens as tl
    >>> circle = tl.datasets.circle(60, rng=0)
    >>> folded = tl.analyse({"input": circle, "relu": abs(circle)}, tl.HopBetti(k=6))
    >>> flat = tl.analyse({"input": circle, "tanh": circle * [1, 0.1]}, tl.HopBetti(k=6))
    >>> table = tl.layers.concat({"one": folded, "other": flat}, name="network")
    >>> table.select(network="other", measure="betti", degree=1)["value"]
    array([1., 0.])
    """
    parts, labels = _parts(tables, name)
    first = parts[0]
    for part, label in zip(parts, labels, strict=True):
        if set(part) != set(first):
            raise ValueError(
                f"`tables` must have the same columns; found {', '.join(first)} in {labels[0]!r} "
                f"and {', '.join(part)} in {label!r}"
            )
    columns = {c: _column(c, [part[c] for part in parts]) for c in first}
    if name == REPEAT and isinstance(first, LayerTable):
        columns[name] = np.repeat(labels, list(map(len, parts)))
    elif name is not None:
        columns = {name: np.repeat(np.array(labels), list(map(len, parts))), **columns}
    if not isinstance(first, LayerTable):
        return type(first)(columns)
    _refuse_equal_rows(columns, parts, labels)
    joined = type(first)(columns, _diagrams(parts, labels, name), _settings(parts, labels))
    made_with = {
        _key(key, part, label, name): settings
        for part, label in zip(parts, labels, strict=True)
        for key, settings in part._made_with.items()
    }
    return joined._with_settings_of(made_with)


def _parts(tables: Any, name: str | None) -> tuple[list[Any], list[Any]]:
    """Return the tables, and the name or position of each."""
    named = isinstance(tables, Mapping)
    if not named and not isinstance(tables, Sequence):
        raise TypeError(f"`tables` must be a sequence or a mapping; found {type(tables).__name__}")
    parts = list(tables.values() if named else tables)
    if not parts:
        raise ValueError("`tables` must not be empty")
    for part in parts:
        if not isinstance(part, Table) or type(part) is not type(parts[0]):
            kinds = sorted({type(part).__name__ for part in parts})
            raise TypeError(f"`tables` must be tables of one kind; found {', '.join(kinds)}")
    if not isinstance(name, str | None):
        raise TypeError(f"`name` must be the name of a column or None; found {name!r}")
    if named and name is None:
        raise ValueError("`name` must be a new column for the names of a mapping; found None")
    labels: list[Any] = list(tables) if named else list(range(len(parts)))
    if not all(isinstance(label, int | float | np.number) for label in labels):
        labels = list(map(str, labels))
    if len(set(labels)) < len(labels):
        raise ValueError(f"names of `tables` must differ as text; found {', '.join(labels)}")
    of_layers = isinstance(parts[0], LayerTable)
    if name == REPEAT and of_layers:
        _refuse_repeats(parts, named)
    elif name is not None and name in {*parts[0], *(SUMMARY_COLUMNS if of_layers else ())}:
        raise ValueError(f"`name` must be a new column; found {name!r}, which tables have")
    return parts, labels


def _refuse_repeats(parts: list[LayerTable], named: bool) -> None:
    """Check that each table is one repeat of the same measures."""
    made = [part._distinct("measure", "settings") for part in parts]
    repeats = max(len(part._distinct(REPEAT)) for part in parts)
    if named or repeats > 1 or any(one != made[0] for one in made):
        raise ValueError(
            "`tables` must be a sequence of tables with one repeat each, of the same measures and "
            "settings, to become repeats; give another `name` to keep them apart"
        )


def _column(name: str, columns: list[np.ndarray]) -> np.ndarray:
    kinds = {column.dtype.kind == "U" for column in columns if len(column)}
    if len(kinds) > 1:
        raise TypeError(f"column {name!r} must hold text in all tables or in none")
    return np.concatenate([column for column in columns if len(column)] or columns[:1])


def _refuse_equal_rows(
    columns: dict[str, np.ndarray], parts: list[LayerTable], labels: list[Any]
) -> None:
    """Refuse rows that a summary would take for repeats of each other."""
    names = (*joined_by(LayerTable(columns)), *GROUP, REPEAT)
    keys = zip(*(columns[name].tolist() for name in names), strict=True)
    seen: dict[tuple, Any] = {}
    for key, label in zip(keys, np.repeat(labels, list(map(len, parts))).tolist(), strict=True):
        if seen.setdefault(key, label) != label:
            where = ", ".join(f"{n} {value}" for n, value in zip(names, key, strict=True))
            raise ValueError(
                f"rows of tables {seen[key]!r} and {label!r} could not be told apart ({where}); "
                'give a mapping of names with `name=`, or `name="repeat"` to take a summary over '
                "the tables"
            )


def _diagrams(parts: list[LayerTable], labels: list[Any], name: str | None) -> dict[tuple, Any]:
    found: dict[tuple, Any] = {}
    for part, label in zip(parts, labels, strict=True):
        for old, diagrams in part.diagrams.items():
            key = _key(old, part, label, name)
            if found.setdefault(key, diagrams) is not diagrams:
                raise ValueError(
                    f"diagrams of {key} stand in several tables; give a mapping of names with "
                    "`name=`, or analyse both measures at once"
                )
    return found


def _key(key: tuple, part: LayerTable, label: Any, name: str | None) -> tuple:
    """Return the key of diagrams in the joined table."""
    if name == REPEAT:
        at = len(joined_by(part)) + PLACE.index(REPEAT)
        return (*key[:at], label, *key[at + 1 :])
    return key if name is None else (label, *key)


def _settings(parts: list[LayerTable], labels: list[Any]) -> dict[str, str]:
    """Keep what all tables say once, and what differs with the label of each."""
    said: dict[str, dict[Any, str]] = {}
    for part, label in zip(parts, labels, strict=True):
        for what, value in part.settings.items():
            said.setdefault(what, {})[label] = value
    return {what: _together(values) for what, values in said.items()}


def _together(values: Mapping[Any, str]) -> str:
    if len(set(values.values())) == 1:
        return next(iter(values.values()))
    return "; ".join(f"{label}: {value}" for label, value in values.items())
