"""What panels over layers have in common: names, cells without an answer, many classes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from topolens._style import COLORS, INK, color, plain_text
from topolens.layers._curves import known_mean
from topolens.measures._hops import TOO_COARSE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAMED = (*COLORS[1:6], *COLORS[7:])  # neither the mean's colour nor that of ink
MOST_CURVES = 8  # of which each has a colour of its own
MOST_TICKS = 25
LONGEST_NAME = 24
PALE = "#9A9A9A"
HATCH: dict[str, Any] = {"facecolor": "none", "edgecolor": PALE, "hatch": "////", "linewidth": 0}


def shortened(name: str, head: int = 8) -> str:
    """Leave out the middle of a long name."""
    tail = LONGEST_NAME - 1 - head
    return plain_text(name if len(name) <= LONGEST_NAME else f"{name[:head]}…{name[-tail:]}")


def short_names(names: Iterable[str]) -> list[str]:
    """Shorten names so that they still differ, if they do in their beginnings or ends."""
    known = list(names)
    for head in range(8, LONGEST_NAME - 3):
        short = [shortened(name, head) for name in known]
        if len(set(short)) == len(set(known)):
            return short
    return [shortened(name) for name in known]


def class_label(name: str) -> str:
    """Name a class; a number alone would be read as a value."""
    return f"class {name}" if name.isdecimal() else shortened(name)


def mark_layers(ax: Axes, layers: Mapping[int, str]) -> None:
    """Write every layer's name below its index; skip some, and turn them, where room is short."""
    names = dict(zip(layers, short_names(layers.values()), strict=True))
    step = -(-len(names) // MOST_TICKS)
    shown = dict(list(names.items())[::step])
    crowded = max(map(len, shown.values())) * len(shown) > 36
    ax.set_xticks(list(shown), list(shown.values()))
    if crowded:
        ax.set_xticklabels(ax.get_xticklabels(), rotation=40, ha="right", rotation_mode="anchor")
    ax.set_xlim(min(names) - 0.5, max(names) + 0.5)
    ax.set_xlabel("layer")


def hatch_unknown(ax: Axes, places: Iterable[float]) -> None:
    """Hatch the cells of layers at which nothing is known, over the height of a panel."""
    for x in places:
        ax.axvspan(x - 0.5, x + 0.5, zorder=0, **HATCH)


def unknown_label(notes: Iterable[str]) -> str:
    """Say in a legend why cells are hatched, where there is one reason."""
    reasons = {note.partition(":")[0] for note in notes if note}
    return "too coarse to say" if reasons == {TOO_COARSE} else "no answer (see the notes)"


def extremes(values: np.ndarray) -> list[int]:
    """Return which curves lie highest and lowest in the mean over layers, if there are two."""
    known = np.ma.masked_invalid(values).mean(axis=1)
    if known.count() < 2 or known.max() == known.min():
        return []
    return [int(known.argmax()), int(known.argmin())]


def draw_many(
    ax: Axes, x: np.ndarray, values: np.ndarray, names: list[str], hues: dict[int, str]
) -> None:
    """Draw many curves in grey, with their mean, and name the highest and the lowest.

    `hues` remembers the colour of a curve that was named before, in another panel.
    """
    for curve in values:
        ax.plot(x, curve, color=PALE, linewidth=0.6, alpha=0.5, zorder=1.5)
    for place, up in zip(extremes(values), (True, False), strict=False):
        hue = hues.setdefault(place, NAMED[len(hues) % len(NAMED)])
        ax.plot(x, values[place], color=hue, linewidth=1.2, zorder=2.5)
        told = np.flatnonzero(~np.isnan(values[place]))[-1]
        ax.annotate(
            class_label(names[place]),
            (x[told], values[place, told]),
            xytext=(7, 4 if up else -4),
            textcoords="offset points",
            va="bottom" if up else "top",
            color=hue,
            fontsize="small",
            annotation_clip=False,
        )
    ax.plot(
        x, known_mean(values, 0), color=color(0), linewidth=2.2, marker="o", markersize=4, zorder=4
    )


def legend_of_many(count: int, what: str = "classes") -> list[Any]:
    """Explain what `draw_many` draws."""
    from matplotlib.lines import Line2D

    return [
        Line2D([], [], color=color(0), linewidth=2.2, marker="o", markersize=4, label="mean"),
        Line2D([], [], color=PALE, linewidth=0.9, label=f"each of {count} {what}"),
        Line2D([], [], color=INK, linewidth=1.2, label="highest and lowest, by name"),
    ]
