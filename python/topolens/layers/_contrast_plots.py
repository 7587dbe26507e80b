"""Differences over the layers with their intervals, filled where they are certain."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from topolens._style import (
    INK,
    betti_symbol,
    color,
    homology_symbol,
    legend_beside,
    marker,
    new_axes,
    plain_text,
    tidy,
)
from topolens._vocabulary import words
from topolens.layers._columns import layer_names, matching, measures_in
from topolens.layers._protocol import AnyTable
from topolens.measures._protocol import NO_DEGREE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CERTAIN = 0.05
SPREAD = 0.6  # of the distance of two layers, for all classes
LETTERS = 11  # of a title, to an inch of the figure


def plot_contrast(
    table: AnyTable,
    decidable: str,
    measure: str | None = None,
    *,
    degree: int | None = None,
    contrast: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw one number of a contrast over the layers, a colour a class."""
    rows, measure, degree, contrast = _chosen(table, measure, degree, contrast)
    names = layer_names(rows)
    classes = list(dict.fromkeys(rows.columns["class"].tolist()))
    if ax is None:
        ax = new_axes(2.2 + 0.8 * max(len(names), 3), 3.6)
    ax.axhline(0, color=INK, linewidth=1, zorder=1)
    for position, name in enumerate(classes):
        offset = SPREAD * ((position + 0.5) / len(classes) - 0.5)
        _draw_class(ax, matching(rows, **{"class": name}), position, offset)
    ax.set_xticks(list(names), [plain_text(name) for name in names.values()])
    ax.set_xlim(min(names) - 0.6, max(names) + 0.6)
    ax.set_xlabel("layer")
    symbol = _symbol(measure, degree)
    ax.set_ylabel(f"{plain_text(words(measure).label)}{symbol}\n{plain_text(contrast)}")
    said = fill(f"{decidable} {_said(rows)}", max(20, int(LETTERS * ax.figure.get_figwidth())))
    ax.set_title(plain_text(said), loc="left", fontsize="small", color=INK)
    if len(classes) > 1:
        legend_beside(ax, title="class")
    tidy(ax)
    return ax


def _chosen(
    table: AnyTable, measure: str | None, degree: int | None, contrast: str | None
) -> tuple[AnyTable, str, int, str]:
    """Return the rows of one number, and which it is."""
    rows = _one(table, "measure", measure, measures_in(table)[:1])
    rows = _one(rows, "degree", degree, [int(rows.columns["degree"].max(initial=NO_DEGREE))])
    rows = _one(rows, "contrast", contrast, rows.columns["contrast"].tolist()[-1:])
    for name in ("settings", "scale"):  # there is one line a class
        rows = _one(rows, name, None, rows.columns[name].tolist()[:1])
    first = {name: column[0] for name, column in rows.columns.items()}
    return rows, str(first["measure"]), int(first["degree"]), str(first["contrast"])


def _one(table: AnyTable, name: str, wanted: Any, default: list[Any]) -> AnyTable:
    known = list(dict.fromkeys(table.columns[name].tolist()))
    if not known:
        raise ValueError("`table` must have rows; found none")
    value = default[0] if wanted is None else wanted
    if value not in known:
        raise ValueError(f"`{name}` must be one of {', '.join(map(str, known))}; found {wanted!r}")
    return matching(table, **{name: value})


def _draw_class(ax: Axes, rows: AnyTable, position: int, offset: float) -> None:
    columns = rows.columns
    x, y = columns["layer_index"] + offset, columns["difference"]
    hue = color(position)
    ends = np.array([columns["low"], columns["high"]])
    drawn = np.where(np.isfinite(ends), ends, y)
    ax.vlines(x, *drawn, color=hue, linewidth=1.4, alpha=0.8, zorder=2)
    certain = columns["p_adjusted"] <= CERTAIN
    label = plain_text(str(columns["class"][0]))
    for which, face in ((certain, hue), (~certain, "white")):
        ax.plot(
            x[which],
            y[which],
            linestyle="none",
            marker=marker(position),
            color=hue,
            markerfacecolor=face,
            markersize=6,
            zorder=3,
            label=label if which is certain or not certain.any() else None,
        )


def _said(rows: AnyTable) -> str:
    if np.isnan(rows.columns["p"]).all():
        return "Hollow: nothing is tested."
    if (rows.columns["p_adjusted"] <= CERTAIN).any():
        return "Filled: adjusted p is at most 0.05."
    return "No adjusted p is at most 0.05: all hollow."


def _symbol(measure: str, degree: int) -> str:
    if degree == NO_DEGREE:
        return ""
    return f", {betti_symbol(degree) if 'betti' in measure else homology_symbol(degree)}"
