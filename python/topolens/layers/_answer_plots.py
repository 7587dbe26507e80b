"""The three numbers that answer first questions, over the layers, beside untrained copies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from topolens._style import INK, color, marker, plain_text, tidy
from topolens._vocabulary import words
from topolens.layers._columns import check_layer_table, joined_by, matching, measures_in, several
from topolens.layers._curves import Curves, curves_of, known_mean, known_range
from topolens.layers._inset_plots import draw_insets
from topolens.layers._panel_plots import (
    HATCH,
    MOST_CURVES,
    class_label,
    draw_many,
    hatch_unknown,
    legend_of_many,
    mark_layers,
    shortened,
    unknown_label,
)
from topolens.layers._protocol import AnyTable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ANSWERS = ("longest_loop", "within_to_others", "pieces")
BESIDE = ("supported_loops", "pieces_of_chance")  # what dots and titles say
BIG_LOOP = 0.2  # of the mean distance
SHADE = "#BBBBBB"
LEAST_COPIES = 2  # that have a range


def plot_answers(table: AnyTable, *, points: Mapping[str, np.ndarray] | None = None) -> np.ndarray:
    """Draw the longest loop, the size and the pieces of the classes over the layers.

    Above, the longest loop over the mean distance: a filled dot where it is told from noise, a
    hollow one where it is not, a dotted line at 0.2, below which no loop counts as one. Then the
    size of the class over its distance to the others: a loop that has shrunk to a dot is still a
    loop above. Then the pieces in which the class lies among the others, on a logarithmic axis,
    with the number that there would be by chance. Grey bands are the ranges of untrained copies.

    Parameters
    ----------
    table : LayerTable
        With some of the measures ``longest_loop``, ``within_to_others`` and ``pieces``.
    points : mapping of str to array (n, ...), optional
        Layers that are drawn below, by classical scaling to two dimensions, four at most; their
        samples are coloured in the order of the rows, as phases of a circle.

    Returns
    -------
    ndarray of Axes
        One per number that is there, from above.

    Raises
    ------
    ValueError
        If the table has none of the three numbers, or one with several settings, or if `points`
        names no layer of the table.

    See Also
    --------
    plot_layers : Any measure.
    topolens.layers.analyse : Makes the table.

    Notes
    -----
    More than eight classes, or classes of joined tables, are drawn as their mean, with a grey
    line for each and the names of the highest and the lowest. The band of one or two classes is
    that of each; of up to eight, that of all of them; beyond that, of their mean. Cells are
    hatched where the values of most classes are nan.

    Examples
    --------
    >>> import numpy as np, topolens as tl
    >>> labels = np.repeat(["a", "b"], 40)
    >>> cloud = np.random.default_rng(0).normal(size=(80, 2))
    >>> layers = {"input": cloud, "apart": cloud + 9 * (labels == "a")[:, None]}
    >>> measures = [tl.Spread(), tl.Pieces()]
    >>> table = tl.analyse(layers, measures, labels=labels, rng=0)
    >>> [ax.get_ylabel() for ax in tl.plotting.plot_answers(table)]
    ['size / distance to others', 'pieces among others']
    """
    from matplotlib import pyplot as plt

    return draw_answers(plt.figure(layout="constrained"), table, points=points)


def holds_answers(table: AnyTable) -> bool:
    """Tell whether a table begins with a number that has no scale to choose."""
    return measures_in(table)[:1] == [next(iter(ANSWERS))]


def draw_answers(
    figure: Figure, table: AnyTable, *, points: Mapping[str, np.ndarray] | None = None
) -> np.ndarray:
    """Fill an empty figure with what `plot_answers` draws, and size it to fit."""
    curves, rows = _read(table)
    shown = [measure for measure in ANSWERS if measure in curves.values]
    insets = _chosen(points, curves) if points is not None else {}
    width = min(11.0, max(4.2, 1.6 + 0.42 * len(curves.layers)))
    height = 2.1 * len(shown) + 0.9 + (2.0 if insets else 0.0)
    figure.set_size_inches(width + 2.6, height)
    ratios = [1.0] * len(shown) + ([0.8] if insets else [])
    grid = figure.add_gridspec(len(ratios), 1, height_ratios=ratios)
    axes: list[Axes] = []
    hues: dict[int, str] = {}
    for place, measure in enumerate(shown):
        axes.append(figure.add_subplot(grid[place], sharex=axes[0] if axes else None))
        _draw_panel(axes[-1], curves, measure, hues)
    for ax in axes[:-1]:
        ax.tick_params(labelbottom=False)
    mark_layers(axes[-1], curves.layers)
    figure.align_ylabels(axes)
    handles = _legend(curves, shown, rows)
    if handles:
        figure.legend(handles=handles, loc="outside right upper", frameon=False, fontsize="small")
    if insets:
        draw_insets(figure, grid[len(shown)], insets)
    return np.array(axes, dtype=object)


def _read(table: AnyTable) -> tuple[Curves, AnyTable]:
    check_layer_table(table)
    rows = matching(table, measure=(*ANSWERS, *BESIDE))
    shown = set(ANSWERS) & set(measures_in(rows))
    if not shown:
        raise ValueError(
            f"`table` must hold {', '.join(ANSWERS[:-1])} or {ANSWERS[-1]}; found "
            f"{', '.join(measures_in(table)) or 'no rows'}: measure Loops(), Spread() or Pieces()"
        )
    if shown & several(rows, "settings"):
        raise ValueError(
            "`table` must hold these numbers under one choice of settings; found several: "
            "choose with table.select(settings=...)"
        )
    return curves_of(rows, (*ANSWERS, *BESIDE)), rows


def _chosen(points: Mapping[str, np.ndarray], curves: Curves) -> dict[str, np.ndarray]:
    """Return the layers to draw, four at most, from the first to the last."""
    known = [name for name in curves.layers.values() if name in points]
    if not known:
        found = ", ".join(map(str, points)) or "none"
        raise ValueError(
            f"`points` must be of layers of the table, such as {next(iter(curves.layers.values()))}"
            f"; found {found}"
        )
    few = np.unique(np.linspace(0, len(known) - 1, 4).round().astype(int))
    return {known[place]: points[known[place]] for place in few}


# --- panels -------------------------------------------------------------------------------------


def _draw_panel(ax: Axes, curves: Curves, measure: str, hues: dict[int, str]) -> None:
    values, x = curves.trained(measure), curves.x
    many = len(curves.names) > MOST_CURVES
    _draw_controls(ax, curves, measure)
    if many:
        draw_many(ax, x, values, curves.names, hues)
    for place, curve in enumerate(values if not many else ()):
        ax.plot(x, curve, color=color(place), linewidth=1.8, zorder=3)
        if measure != "longest_loop":
            style: dict[str, Any] = {"markersize": 4.5, "markeredgecolor": "white"}
            ax.plot(x, curve, marker(place), color=color(place), zorder=3.5, **style)
    hatch_unknown(ax, x[curves.unknown(measure)])
    tidy(ax)
    ax.set_ylabel(plain_text(words(measure).label))
    {"longest_loop": _finish_loops, "within_to_others": _finish_sizes, "pieces": _finish_pieces}[
        measure
    ](ax, curves)


def _draw_controls(ax: Axes, curves: Curves, measure: str) -> None:
    """Draw the range of untrained copies, their median, and shuffled labels."""
    groups = _groups(curves.of("untrained", measure))
    for place, copies in enumerate(groups):
        hue = INK if len(groups) == 1 else color(place)
        low, median, high = known_range(copies, 0)
        if len(copies) >= LEAST_COPIES:
            alone = len(groups) == 1
            shade: dict[str, Any] = {"color": SHADE if alone else hue, "linewidth": 0}
            ax.fill_between(curves.x, low, high, alpha=0.55 if alone else 0.16, zorder=1, **shade)
        ax.plot(curves.x, median, "--", color=hue, linewidth=1.2, alpha=0.8, zorder=2)
    shuffled = curves.of("shuffled", measure)
    if shuffled.size:
        _, median, _ = known_range(shuffled, (0, 1))
        ax.plot(curves.x, median, ":", color=INK, linewidth=1.6, zorder=2)


def _groups(copies: np.ndarray) -> list[np.ndarray]:
    """Return what bands are drawn of, each of shape (copies, layers)."""
    n_copies, n_curves, n_layers = copies.shape
    if n_copies == 0:
        return []
    if n_curves <= 2:
        return list(copies.swapaxes(0, 1))
    if n_curves <= MOST_CURVES:
        return [copies.reshape(n_copies * n_curves, n_layers)]
    return [known_mean(copies, 1)]


def _finish_loops(ax: Axes, curves: Curves) -> None:
    """Mark which loops are told from noise."""
    ax.axhline(BIG_LOOP, color=INK, linewidth=1, linestyle=":", alpha=0.7, zorder=1)
    lengths, many = curves.trained("longest_loop"), len(curves.names) > MOST_CURVES
    if "supported_loops" in curves.values:
        supported = curves.trained("supported_loops") >= 0.5  # in most repeats
        for place, (curve, told) in enumerate(zip(lengths, supported, strict=True)):
            hue = INK if many else color(place)
            size: dict[str, Any] = {"markersize": 2.5 if many else 6.5, "zorder": 5}
            size |= {"alpha": 0.5} if many else {}
            ax.plot(curves.x[told], curve[told], "o", color=hue, **size)
            if not many:
                rest = ~told
                ax.plot(curves.x[rest], curve[rest], "o", color=hue, markerfacecolor="w", **size)
    ax.set_ylim(bottom=0, top=max(ax.get_ylim()[1], 1.5 * BIG_LOOP))
    _say(ax, f"over the mean distance; below {BIG_LOOP:g} no loop counts as big")


def _finish_sizes(ax: Axes, _: Curves) -> None:
    """Show zero, a dot, and one, a class mixed with the others."""
    ax.axhline(1.0, color=INK, linewidth=1, linestyle=":", alpha=0.7, zorder=1)
    ax.set_ylim(bottom=0, top=max(ax.get_ylim()[1], 1.08))
    _say(ax, "1: mixed with the others; 0: a dot")


def _finish_pieces(ax: Axes, curves: Curves) -> None:
    """Use decades, and say which share of the pieces by chance there are."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    pieces = curves.trained("pieces")
    highest = float(np.nanmax(pieces, initial=1.0))
    if "pieces_of_chance" in curves.values:
        share = curves.trained("pieces_of_chance")
        by_chance = known_range(pieces / share, (0, 1))[1] * np.ones(len(curves.x))
        ax.plot(curves.x, known_range(pieces / share, 0)[1], "-.", color=INK, linewidth=1.1)
        highest = max(highest, float(np.nanmax(by_chance, initial=1.0)))
        _say(ax, _share_in_words(curves))
    for copies in curves.values["pieces"].values():
        highest = max(highest, float(np.nanmax(copies, initial=1.0)))
    ax.set_yscale("log")
    ax.set_ylim(0.85, max(1.5 * highest, 4))
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if highest < 60 else (1,)))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())


def _say(ax: Axes, text: str) -> None:
    ax.set_title(text, fontsize="small", loc="left", color=INK)


def _share_in_words(curves: Curves) -> str:
    """Say the share of chance at the first and the last layer where it is known."""
    share = known_mean(curves.trained("pieces_of_chance"), 0)
    known = np.flatnonzero(~np.isnan(share))
    if not len(known):
        return ""
    names = list(curves.layers.values())
    ends = dict.fromkeys((known[0], known[-1]))
    said = ", ".join(f"{share[place]:.2g} at {shortened(names[place])}" for place in ends)
    untrained = curves.of("untrained", "pieces_of_chance")
    if untrained.size:
        median = known_range(known_mean(untrained, 1), 0)[1]
        said += f" (untrained {median[known[-1]]:.2g})"
    return f"share of the pieces by chance: {said}"


# --- legend -------------------------------------------------------------------------------------


def _legend(curves: Curves, shown: list[str], rows: AnyTable) -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    many, handles = len(curves.names) > MOST_CURVES, []
    if many:
        handles += legend_of_many(len(curves.names), "curves" if joined_by(rows) else "classes")
    elif len(curves.names) > 1:
        handles += [
            Line2D([], [], color=color(place), marker=marker(place), label=class_label(name))
            for place, name in enumerate(curves.names)
        ]
    if "longest_loop" in shown and "supported_loops" in curves.values:
        dot: dict[str, Any] = {"marker": "o", "linestyle": "none", "color": INK}
        handles.append(Line2D([], [], label="loop beyond chance", **dot))
        if not many:
            hollow = {**dot, "markerfacecolor": "w"}
            handles.append(Line2D([], [], label="not told from noise", **hollow))
    copies = max(len(curves.of("untrained", measure)) for measure in shown)
    if copies >= LEAST_COPIES:
        of_all = " of all classes in" if len(curves.names) > 2 else " of"
        label = f"range{' of the mean in' if many else of_all}\n{copies} untrained copies"
        handles.append(Patch(color=SHADE, alpha=0.55, linewidth=0, label=label))
    if copies:
        label = "their median" if copies >= LEAST_COPIES else "untrained copy"
        handles.append(Line2D([], [], color=INK, linestyle="--", linewidth=1.2, label=label))
    if any(curves.of("shuffled", measure).size for measure in shown):
        label = "shuffled labels"
        handles.append(Line2D([], [], color=INK, linestyle=":", linewidth=1.6, label=label))
    if "pieces" in shown and "pieces_of_chance" in curves.values:
        label = "pieces by chance"
        handles.append(Line2D([], [], color=INK, linestyle="-.", linewidth=1.1, label=label))
    if any(curves.unknown(measure).any() for measure in shown):
        handles.append(Patch(label=unknown_label(rows.columns["note"].tolist()), **HATCH))
    return handles
