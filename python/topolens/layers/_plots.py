"""Plots of layer tables and of persistence results; each returns Axes and shows nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from topolens._style import (
    INK,
    betti_symbol,
    color,
    homology_symbol,
    legend_beside,
    marker,
    plain_text,
    scale_counts,
    tidy,
)
from topolens._vocabulary import FEATURES, unit_under, words
from topolens.layers._columns import (
    DEFAULTS,
    check_layer_table,
    joined_by,
    layer_names,
    matching,
    measures_in,
    several,
)
from topolens.layers._curves import Curves, curves_of, known_mean
from topolens.layers._panel_plots import (
    HATCH,
    MOST_CURVES,
    draw_many,
    hatch_unknown,
    legend_of_many,
    mark_layers,
    shortened,
    unknown_label,
)
from topolens.layers._protocol import AnyTable, TableOfRepeats
from topolens.layers._text import sizes_by_method
from topolens.magnitudes._cubes import draw_cubes
from topolens.measures._protocol import NO_DEGREE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


STYLES: dict[str, Any] = {"trained": "-", "untrained": "--", "shuffled": ":"}

MOST_PANELS = 12
MOST_ENTRIES = 18


def plot_layers(
    table: TableOfRepeats,
    measure: str | None = None,
    *,
    degree: int | None = None,
    scale: float | None = None,
    settings: str | None = None,
    ax: Axes | None = None,
) -> Axes | np.ndarray:
    """Draw a measure over the layers.

    One line per class (and per table, where several were joined), with a band of one standard
    deviation over repeats to either side; controls are dashed or dotted in the colour of their
    class. More than eight classes are drawn as their mean, with a grey line for each and the names
    of the highest and the lowest. Cells are hatched where most values are nan. One panel per
    homology degree (and per scale and settings, where a measure was taken at several).

    Parameters
    ----------
    table : LayerTable
    measure : str, optional
        One of the measures in the table; by default "betti" or, where there is none, the first.
    degree : int, optional
        Degree of homology; all when not given.
    scale : float, optional
        Scale; all when not given.
    settings : str, optional
        Settings of the measure, as in the table; all when not given.
    ax : matplotlib Axes, optional
        Where to draw a single panel; a new figure when not given.

    Returns
    -------
    Axes or ndarray of Axes
        An array when there are several panels: degrees along the last axis. Three and more
        scales or settings of one degree are drawn in two columns.

    Raises
    ------
    ValueError
        If the table has no such rows, or if `ax` is given for several panels.

    See Also
    --------
    topolens.layers.analyse : Makes the table.
    topolens.report.write_report : All plots on one page.

    Examples
    --------
    >>> import topolens as tl
    >>> circle = tl.datasets.circle(60, rng=0)
    >>> table = tl.analyse({"input": circle, "squashed": circle * [1, 0.1]}, tl.HopBetti(k=6))
    >>> ax = tl.plotting.plot_layers(table, degree=1)
    >>> ax.lines[0].get_ydata().tolist()
    [1.0, 0.0]
    """
    check_layer_table(table)
    if measure is None:
        known = measures_in(table)
        measure = known[0] if known and "betti" not in known else "betti"
    rows = _rows_to_plot(table, measure, degree, scale, settings)
    sights, degrees = _panels_of(rows)
    if ax is None:
        from matplotlib import pyplot as plt

        figure = plt.figure(layout="constrained")
        return draw_layers(figure, table, measure, degree=degree, scale=scale, settings=settings)
    if len(sights) * len(degrees) > 1:
        choices = _distinct(rows, "settings")
        raise ValueError(
            f"`ax` holds one panel: choose a `degree` among {_listed(degrees)} "
            f"and a `scale` among {_listed(sorted(_distinct(rows, 'scale')))}"
            + (f" and `settings` among {_listed(map(repr, choices))}" if choices[1:] else "")
        )
    _add_legend(ax, rows, _draw_panel(ax, rows, table, measure))
    return ax


def draw_layers(
    figure: Figure,
    table: TableOfRepeats,
    measure: str,
    degree: int | None = None,
    scale: float | None = None,
    settings: str | None = None,
) -> Axes | np.ndarray:
    """Fill an empty figure with the panels of `plot_layers`, and size it to fit."""
    rows = _rows_to_plot(table, measure, degree, scale, settings)
    sights, degrees = _panels_of(rows)
    n_layers = len(_distinct(rows, "layer_index"))
    width = min(7.5, max(3.4, 1.6 + 0.38 * n_layers))
    n_entries = len(_classes(rows)) + len(_distinct(rows, "control"))
    n_panels = len(sights) * len(degrees)
    # Many scales of one degree would make a tower.
    n_columns = 2 if len(degrees) == 1 and len(sights) > 2 else len(degrees)
    n_rows = -(-n_panels // n_columns)
    height = max(3.3 * n_rows, 0.21 * min(n_entries, MOST_ENTRIES)) + 0.8
    figure.set_size_inches(width * n_columns + (2.6 if _is_crowd(rows) else 1.4), height)
    grid = figure.subplots(n_rows, n_columns, squeeze=False)
    for ax in grid.flat[n_panels:]:
        ax.remove()
    axes = grid.ravel()[:n_panels].reshape(len(sights), len(degrees))
    unknown = ""
    for (of_settings, of_scale), row_of_axes in zip(sights, axes, strict=True):
        for of_degree, ax in zip(degrees, row_of_axes, strict=True):
            panel = matching(rows, settings=of_settings, scale=of_scale, degree=of_degree)
            if len(panel):
                unknown = _draw_panel(ax, panel, table, measure) or unknown
            else:
                ax.set_axis_off()
    _add_legend(grid[0, -1], rows, unknown)
    panels = axes[0] if len(sights) == 1 else axes
    return panels[0] if panels.size == 1 else panels


def fits_one_figure(table: AnyTable, measure: str) -> bool:
    """Tell whether `plot_layers` draws the measure without being given a scale."""
    sights, degrees = _panels_of(matching(table, measure=measure))
    return len(sights) * len(degrees) <= MOST_PANELS


def _rows_to_plot(
    table: TableOfRepeats,
    measure: str,
    degree: int | None,
    scale: float | None,
    settings: str | None,
) -> AnyTable:
    """Return the summary rows of one measure, and refuse a choice that leaves none."""
    rows = matching(table, measure=measure)
    if not len(rows):
        raise ValueError(
            f"`measure` must be one of {_listed(measures_in(table))}; found {measure!r}"
        )
    for name, wanted in (("settings", settings), ("degree", degree), ("scale", scale)):
        if wanted is not None:
            present = sorted(_distinct(rows, name))
            rows = matching(rows, **{name: wanted})
            if not len(rows):
                said = map(repr, present) if name == "settings" else present
                raise ValueError(f"`{name}` must be one of {_listed(said)}; found {wanted!r}")
    sights, degrees = _panels_of(rows)
    if len(sights) * len(degrees) > MOST_PANELS:
        scales = _listed(sorted(_distinct(rows, "scale")))
        raise ValueError(f"`scale` must be one of {scales}; all are too many panels")
    return rows.summary()


def _panels_of(rows: AnyTable) -> tuple[list[tuple[str, float]], list[int]]:
    """Return the pairs of settings and scale, settings in the order of the rows, and degrees."""
    order = _distinct(rows, "settings")
    pairs = zip(rows.columns["settings"].tolist(), rows.columns["scale"].tolist(), strict=True)
    sights = sorted(set(pairs), key=lambda pair: (order.index(pair[0]), pair[1]))
    return sights, sorted(_distinct(rows, "degree"))


def _classes(rows: AnyTable) -> dict[tuple, str]:
    """Name what has a line of its own: each class, and in joined tables each class of each."""
    names = (*joined_by(rows), "class")
    keys = dict.fromkeys(zip(*(rows.columns[name].tolist() for name in names), strict=True))
    split = {key: key[:-1] if key[-1] == "all" and key[:-1] else key for key in keys}
    return {key: ", ".join(map(str, parts)) for key, parts in split.items()}


def _draw_panel(ax: Axes, rows: AnyTable, table: AnyTable, measure: str) -> str:
    """Draw a panel; what hatched cells stand for, if there are any."""
    classes = _classes(rows)
    names = (*joined_by(rows), "class")
    curves = curves_of(rows, (measure,), value="mean")
    for control in _distinct(rows, "control"):
        if _is_crowd(rows):
            _draw_crowd(ax, curves, measure, control)
            continue
        for position, (key, label) in enumerate(classes.items()):
            line = matching(rows, control=control, **dict(zip(names, key, strict=True)))
            if len(line):
                said = plain_text(f"{label}, {control}")
                _draw_line(ax, line, position, said, crowded=len(classes) > 4)
    _name_axes(ax, rows, table, measure)
    _scale_values(ax, rows.columns["mean"], measure)
    if measure == "magnitude_dimension":
        for method, sizes in sizes_by_method(rows).items():
            draw_cubes(ax, *sizes, method)
    mark_layers(ax, layer_names(rows))
    tidy(ax)
    unknown = curves.x[curves.unknown(measure)]
    hatch_unknown(ax, unknown)
    notes = matching(table, measure=measure).columns.get("note", np.array([])).tolist()
    return unknown_label(notes) if len(unknown) else ""


def _is_crowd(rows: AnyTable) -> bool:
    """Tell whether one table has more classes than colours tell apart."""
    return not joined_by(rows) and len(_classes(rows)) > MOST_CURVES


def _draw_crowd(ax: Axes, curves: Curves, measure: str, control: str) -> None:
    """Draw the mean over classes; of the trained network also each of them."""
    values = curves.of(control, measure)[0]
    if control == "trained":
        draw_many(ax, curves.x, values, curves.names, {})
    else:
        style: dict[str, Any] = {"color": INK, "linewidth": 1.4, "zorder": 3, "label": control}
        ax.plot(curves.x, known_mean(values, 0), STYLES.get(control, "-."), **style)


def _draw_line(ax: Axes, line: AnyTable, position: int, label: str, *, crowded: bool) -> None:
    x, mean = line.columns["layer_index"], line.columns["mean"]
    sd = np.nan_to_num(line.columns["sd"])
    low = mean - sd if (mean < 0).any() else np.maximum(mean - sd, 0)
    control = line.columns["control"][0]
    trained, hue = control == "trained", color(position)
    if sd.any():
        shade = (0.09 if crowded else 0.18) * (1.0 if trained else 0.4)
        ax.fill_between(x, low, mean + sd, color=hue, alpha=shade, linewidth=0, zorder=1)
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
        label=label,
    )


def _name_axes(ax: Axes, rows: AnyTable, table: AnyTable, measure: str) -> None:
    degree = int(rows.columns["degree"][0])
    label = plain_text(words(measure).label)
    if measure == "rips_betti" or measure in several(table, "scale"):
        label += f" at scale {rows.columns['scale'][0]:g}"
    if unit := unit_under(measure, str(rows.columns["settings"][0])):
        label += f"\nin {unit}"
    ax.set_ylabel(label)
    title = []
    if degree != NO_DEGREE:
        symbol = betti_symbol(degree) if "betti" in measure else homology_symbol(degree)
        feature = FEATURES[degree] if degree < len(FEATURES) else f"degree {degree}"
        title = [f"{symbol}  {feature}"]
    if measure in several(table, "settings"):
        title.append(shortened(str(rows.columns["settings"][0]) or DEFAULTS))
    ax.set_title(", ".join(title), fontsize="medium", loc="left", color=INK)


def _scale_values(ax: Axes, values: np.ndarray, measure: str) -> None:
    """Bend the axis to a logarithm where values span decades; show zero unless it is far."""
    values = values[np.isfinite(values)]
    least, highest = values.min(initial=np.inf), values.max(initial=-np.inf)
    if not len(values):
        return
    if words(measure).counts:
        scale_counts(ax, least, highest)
    elif least > 0 and highest > 100 * least:
        ax.set_yscale("log")
    elif 0 <= least <= 0.5 * highest:
        ax.set_ylim(bottom=0, top=ax.get_ylim()[1])


def _add_legend(ax: Axes, rows: AnyTable, unknown: str) -> None:
    """Explain colours (classes), line styles (controls) where there are several, and hatches."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    classes, controls = list(_classes(rows).values()), _distinct(rows, "control")
    split = [] if _distinct(rows, "class") == ["all"] else ["class"]
    title = plain_text(", ".join([*joined_by(rows), *split]) or "class")
    marked: dict[str, Any] = {"linewidth": 1.8, "markersize": 5, "markeredgecolor": "white"}
    of_classes = [
        Line2D([], [], color=color(position), marker=marker(position), label=name, **marked)
        for position, name in enumerate(map(plain_text, classes))
    ]
    of_controls = [
        Line2D([], [], color=INK, linestyle=STYLES.get(name, "-."), linewidth=1.6, label=name)
        for name in map(plain_text, controls)
    ]
    columns = -(-len(classes) // MOST_ENTRIES)
    if _is_crowd(rows):
        of_classes, columns, title = legend_of_many(len(classes)), 1, ""
    handles = of_classes if len(classes) > 1 else []
    if len(controls) > 1:
        handles += [Line2D([], [], linestyle="none", label="")] if handles else []
        handles += of_controls
    if unknown:
        handles.append(Patch(label=unknown, **HATCH))
    if handles:
        legend_beside(ax, handles=handles, title=title if len(classes) > 1 else None, ncols=columns)


def _distinct(rows: AnyTable, column: str) -> list[Any]:
    return list(dict.fromkeys(rows.columns[column].tolist()))


def _listed(values: Iterable[Any]) -> str:
    return ", ".join(f"{value:g}" if isinstance(value, float) else str(value) for value in values)
