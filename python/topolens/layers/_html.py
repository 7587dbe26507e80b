"""Tables by layer in HTML: one measure at a time, or every row."""

from __future__ import annotations

from html import escape
from itertools import islice
from typing import Any

from topolens._html import table_html
from topolens._vocabulary import words
from topolens.layers._columns import DEFAULTS, joined_by, layer_names, matching
from topolens.layers._protocol import AnyTable, TableOfRepeats
from topolens.layers._text import format_cell, format_mean, shown_columns

MOST_ROWS_ON_PAGE = 5000
PIVOT = ("control", "class", "degree", "scale", "settings")


def heading_html(measure: str) -> str:
    """Write a measure in words and its unit, with its name in the table."""
    said, name = words(measure), f"<code>{escape(measure)}</code>"
    unit = f", in {escape(said.unit)}" if said.unit else ""
    if said.label == measure:
        return name + unit
    return f"{escape(said.label[:1].upper() + said.label[1:])} {name}{unit}"


def pivot_html(table: TableOfRepeats, measure: str) -> str:
    """Show one measure with a column per layer and a row per control, class, degree and so on."""
    summary = matching(table, measure=measure).summary()
    heads = (*joined_by(table), *PIVOT)
    cells: dict[tuple, dict[int, str]] = {}
    for row in summary.rows():
        key = tuple(row[name] for name in heads)
        cells.setdefault(key, {})[row["layer_index"]] = _mean_html(row["mean"], row["sd"])
    varying = [i for i in range(len(heads)) if len({key[i] for key in cells}) > 1]
    layers = layer_names(summary)
    order = sorted(layers)
    return table_html(
        [*(escape(heads[i]) for i in varying), *(escape(layers[index]) for index in order)],
        (
            [
                *(_head_html(heads[i], key[i]) for i in varying),
                *(means.get(index, "") for index in order),
            ]
            for key, means in cells.items()
        ),
        texts=[True] * len(varying) + [False] * len(order),
        row_heads=len(varying),
    )


def long_html(table: AnyTable) -> str:
    """Show every row, up to a limit."""
    shown = islice(table.rows(), MOST_ROWS_ON_PAGE)
    names = shown_columns(table)
    body = [[escape(format_cell(name, row[name])) for name in names] for row in shown]
    left_out = len(table) - len(body)
    note = f"<p>{left_out} more rows are not shown.</p>" if left_out else ""
    texts = [table.columns[name].dtype.kind == "U" for name in names]
    return table_html([escape(name) for name in names], body, texts=texts) + note


def details_html(table: AnyTable, file: str) -> str:
    """Fold every row away, below a line that names the file with the same rows."""
    return (
        f"<details><summary>all {len(table)} rows, as in {escape(file)}</summary>"
        f"{long_html(table)}</details>"
    )


def _head_html(name: str, value: Any) -> str:
    return DEFAULTS if (name, value) == ("settings", "") else escape(format_cell(name, value))


def _mean_html(mean: float, sd: float) -> str:
    value, spread = format_mean(mean, sd)
    return value + (f" <span class='sd'>{spread}</span>" if spread else "")
