"""Plots of layer tables and of persistence results; each returns Axes and shows nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from topolens._diagram_plots import (
    plot_distance_matrix,
    plot_landscape,
    plot_persistence_image,
)
from topolens._network_plots import plot_network_space
from topolens._persistence_plots import plot_barcode, plot_betti_curve, plot_diagram
from topolens._style import (
    INK,
    betti_symbol,
    colour,
    homology_symbol,
    legend_beside,
    marker,
    scale_counts,
    tidy,
)
from topolens.measures import NO_DIMENSION
from topolens.table import LayerTable, Table, measures_in

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "plot_barcode",
    "plot_betti_curve",
    "plot_diagram",
    "plot_distance_matrix",
    "plot_landscape",
    "plot_layers",
    "plot_network_space",
    "plot_persistence_image",
]

STYLES: dict[str, Any] = {"trained": "-", "untrained": "--", "shuffled": ":"}

LABELS = {
    "betti": "Betti number",
    "rips_betti": "Betti number",
    "components": "components of the graph",
    "max_degree": "most points within reach",
    "bars": "finite bars",
    "total_persistence": "total persistence",
    "longest": "longest bar",
    "entropy": "persistence entropy",
    "beyond_band": "bars beyond the band",
    "band_radius": "radius of the band",
    "bottleneck_to_previous": "bottleneck distance to the layer before",
    "bottleneck_to_trained": "bottleneck distance to the trained layer",
    "wasserstein_to_previous": "Wasserstein distance to the layer before",
    "wasserstein_to_trained": "Wasserstein distance to the trained layer",
    "ph_dimension": "persistent homology dimension",
    "ph_fit_error": "fit error of the dimension",
    "magnitude": "magnitude",
    "magnitude_dimension": "magnitude dimension",
    "magnitude_fit_error": "fit error of the dimension",
}
COUNTS = ("betti", "rips_betti", "components", "max_degree", "bars", "beyond_band")
FEATURES = ("components", "loops", "voids")
MOST_PANELS = 12
MOST_TICKS = 24
MOST_ENTRIES = 18
LONGEST_NAME = 24


def plot_layers(
    table: LayerTable,
    measure: str = "betti",
    *,
    dimension: int | None = None,
    scale: float | None = None,
    ax: Axes | None = None,
) -> Axes | np.ndarray:
    """Draw a measure over the layers.

    One line per class, with a band of one standard deviation over repeats to either side;
    controls are dashed or dotted in the colour of their class. One panel per homology
    dimension (and per scale, where a measure was taken at several).

    Parameters
    ----------
    table : LayerTable
    measure : str, default "betti"
        One of the measures in the table.
    dimension : int, optional
        Homology dimension; all when not given.
    scale : float, optional
        Scale; all when not given.
    ax : matplotlib Axes, optional
        Where to draw a single panel; a new figure when not given.

    Returns
    -------
    Axes or ndarray of Axes
        An array when there are several panels: dimensions along the last axis. Three and more
        scales of one dimension are drawn in two columns.

    Raises
    ------
    ValueError
        If the table has no such rows, or if `ax` is given for several panels.

    Examples
    --------
    >>> import topolens as tl
    >>> circle = tl.datasets.circle(60, rng=0)
    >>> table = tl.analyse({"input": circle, "squashed": circle * [1, 0.1]}, tl.HopBetti(k=6))
    >>> ax = tl.plot_layers(table, dimension=1)
    >>> ax.lines[0].get_ydata().tolist()
    [1.0, 0.0]
    """
    rows = _rows_to_plot(table, measure, dimension, scale)
    scales, dimensions = _panels_of(rows)
    if ax is None:
        from matplotlib import pyplot as plt

        return draw_layers(plt.figure(layout="constrained"), table, measure, dimension, scale)
    if len(scales) * len(dimensions) > 1:
        raise ValueError(
            f"`ax` holds one panel: choose a `dimension` among {_listed(dimensions)} "
            f"and a `scale` among {_listed(scales)}"
        )
    _draw_panel(ax, rows, measure, show_scale=_has_scales(table, measure))
    _add_legend(ax, rows)
    return ax


def draw_layers(
    figure: Figure,
    table: LayerTable,
    measure: str,
    dimension: int | None = None,
    scale: float | None = None,
) -> Axes | np.ndarray:
    """Fill an empty figure with the panels of `plot_layers`, and size it to fit."""
    rows = _rows_to_plot(table, measure, dimension, scale)
    scales, dimensions = _panels_of(rows)
    n_layers = len(_distinct(rows, "layer_index"))
    width = min(7.5, max(3.4, 1.6 + 0.38 * n_layers))
    n_entries = len(_distinct(rows, "class")) + len(_distinct(rows, "control"))
    n_panels = len(scales) * len(dimensions)
    # Many scales of one dimension would make a tower.
    n_columns = 2 if len(dimensions) == 1 and len(scales) > 2 else len(dimensions)
    n_rows = -(-n_panels // n_columns)
    height = max(3.3 * n_rows, 0.21 * min(n_entries, MOST_ENTRIES)) + 0.8
    figure.set_size_inches(width * n_columns + 1.4, height)
    grid = figure.subplots(n_rows, n_columns, squeeze=False)
    for ax in grid.flat[n_panels:]:
        ax.remove()
    axes = grid.ravel()[:n_panels].reshape(len(scales), len(dimensions))
    for of_scale, row_of_axes in zip(scales, axes, strict=True):
        for of_dimension, ax in zip(dimensions, row_of_axes, strict=True):
            panel = rows.select(scale=of_scale, dimension=of_dimension)
            _draw_panel(ax, panel, measure, show_scale=_has_scales(table, measure))
    _add_legend(grid[0, -1], rows)
    panels = axes[0] if len(scales) == 1 else axes
    return panels[0] if panels.size == 1 else panels


def fits_one_figure(table: LayerTable, measure: str) -> bool:
    """Tell whether `plot_layers` draws the measure without being given a scale."""
    scales, dimensions = _panels_of(table.select(measure=measure))
    return len(scales) * len(dimensions) <= MOST_PANELS


def _rows_to_plot(
    table: LayerTable, measure: str, dimension: int | None, scale: float | None
) -> Table:
    """Return the summary rows of one measure, and refuse a choice that leaves none."""
    rows = table.select(measure=measure)
    if not len(rows):
        raise ValueError(
            f"`measure` must be one of {_listed(measures_in(table))}; found {measure!r}"
        )
    for name, wanted in (("dimension", dimension), ("scale", scale)):
        if wanted is not None:
            present = sorted(_distinct(rows, name))
            rows = rows.select(**{name: wanted})
            if not len(rows):
                raise ValueError(f"`{name}` must be one of {_listed(present)}; found {wanted}")
    scales, dimensions = _panels_of(rows)
    if len(scales) * len(dimensions) > MOST_PANELS:
        raise ValueError(f"`scale` must be one of {_listed(scales)}; all are too many panels")
    return rows.summary()


def _panels_of(rows: Table) -> tuple[list[float], list[int]]:
    scales, dimensions = (sorted(_distinct(rows, name)) for name in ("scale", "dimension"))
    return scales, dimensions


def _has_scales(table: Table, measure: str) -> bool:
    return measure == "rips_betti" or len(_panels_of(table.select(measure=measure))[0]) > 1


def _draw_panel(ax: Axes, rows: Table, measure: str, *, show_scale: bool) -> None:
    classes = _distinct(rows, "class")
    for control in _distinct(rows, "control"):
        for position, name in enumerate(classes):
            line = rows.select(class_=name, control=control)
            if len(line):
                _draw_line(ax, line, position, control, shade=0.18 if len(classes) < 5 else 0.09)
    _name_axes(ax, rows, measure, show_scale)
    _scale_values(ax, rows.columns["mean"], measure)
    _mark_layers(ax, rows)
    tidy(ax)


def _draw_line(ax: Axes, line: Table, position: int, control: str, shade: float) -> None:
    x, mean = line.columns["layer_index"], line.columns["mean"]
    sd = np.nan_to_num(line.columns["sd"])
    low = np.maximum(mean - sd, 0) if (mean >= 0).all() else mean - sd
    trained = control == "trained"
    hue = colour(position)
    if sd.any():
        ax.fill_between(
            x,
            low,
            mean + sd,
            color=hue,
            alpha=shade if trained else 0.4 * shade,
            linewidth=0,
            zorder=1,
        )
    ax.plot(
        x,
        mean,
        STYLES.get(control, "-."),
        marker=marker(position),
        color=hue,
        alpha=1.0 if trained else 0.55,
        linewidth=1.8 if trained else 1.4,
        markersize=5 if trained else 3.5,
        markeredgecolor="white",
        markeredgewidth=0.5,
        zorder=3 if trained else 2,
        label=f"{line.columns['class'][0]}, {control}",
    )


def _name_axes(ax: Axes, rows: Table, measure: str, show_scale: bool) -> None:
    dimension = int(rows.columns["dimension"][0])
    label = LABELS.get(measure, measure)
    if show_scale:
        label += f" at scale {rows.columns['scale'][0]:g}"
    ax.set_ylabel(label)
    if dimension != NO_DIMENSION:
        symbol = betti_symbol(dimension) if "betti" in measure else homology_symbol(dimension)
        feature = FEATURES[dimension] if dimension < len(FEATURES) else f"dimension {dimension}"
        ax.set_title(f"{symbol}  {feature}", fontsize="medium", loc="left", color=INK)


def _scale_values(ax: Axes, values: np.ndarray, measure: str) -> None:
    """Bend the axis to a logarithm where values span decades; show zero unless it is far."""
    least, highest = values.min(), values.max()
    if measure in COUNTS:
        scale_counts(ax, least, highest)
    elif least > 0 and highest > 100 * least:
        ax.set_yscale("log")
    elif 0 <= least <= 0.5 * highest:
        ax.set_ylim(bottom=0, top=ax.get_ylim()[1])


def _mark_layers(ax: Axes, rows: Table) -> None:
    """Write every layer's name below its index; skip some, and turn them, where room is short."""
    written = map(_shortened, rows.columns["layer"].tolist())
    names = dict(zip(rows.columns["layer_index"].tolist(), written, strict=True))
    step = -(-len(names) // MOST_TICKS)
    shown = dict(list(names.items())[::step])
    crowded = max(map(len, shown.values())) * len(shown) > 36
    ax.set_xticks(list(shown), list(shown.values()))
    if crowded:
        ax.set_xticklabels(ax.get_xticklabels(), rotation=40, ha="right", rotation_mode="anchor")
    ax.set_xlim(min(names) - 0.4, max(names) + 0.4)
    ax.set_xlabel("layer")


def _shortened(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[:8]}…{name[9 - LONGEST_NAME :]}"


def _add_legend(ax: Axes, rows: Table) -> None:
    """Explain colours (classes) and line styles (controls), where there are several."""
    from matplotlib.lines import Line2D

    classes, controls = _distinct(rows, "class"), _distinct(rows, "control")
    marked: dict[str, Any] = {"linewidth": 1.8, "markersize": 5, "markeredgecolor": "white"}
    of_classes = [
        Line2D([], [], color=colour(position), marker=marker(position), label=name, **marked)
        for position, name in enumerate(classes)
    ]
    of_controls = [
        Line2D([], [], color=INK, linestyle=STYLES.get(name, "-."), linewidth=1.6, label=name)
        for name in controls
    ]
    columns = -(-len(classes) // MOST_ENTRIES)
    if len(classes) > 1 and len(controls) > 1:
        gap = Line2D([], [], linestyle="none", label="")
        handles = [*of_classes, gap, *of_controls]
        legend_beside(ax, handles=handles, title="class", ncols=columns)
    elif len(classes) > 1:
        legend_beside(ax, handles=of_classes, title="class", ncols=columns)
    elif len(controls) > 1:
        legend_beside(ax, handles=of_controls)


def _distinct(rows: Table, column: str) -> list[Any]:
    return list(dict.fromkeys(rows.columns[column].tolist()))


def _listed(values: Sequence[Any]) -> str:
    return ", ".join(f"{value:g}" if isinstance(value, float) else str(value) for value in values)
