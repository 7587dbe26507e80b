"""Colours, markers and axes that all plots share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's colours without the pale yellow, then three of Paul Tol's: ten that stay apart
# for colour-blind readers too.
COLORS = (
    *("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#444444"),
    *("#882255", "#999933", "#332288"),
)
MARKERS = ("o", "s", "^", "D", "v", "P")
INK = "#444444"
BAND = "#E69F00"
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def color(position: int) -> str:
    """Return the colour of a class or degree."""
    return COLORS[position % len(COLORS)]


def marker(position: int) -> str:
    """Return a marker; together with `colour` it tells 30 positions apart."""
    return MARKERS[position % len(MARKERS)]


def betti_symbol(degree: int) -> str:
    """Write β₀, β₁, ..."""
    return f"β{degree}".translate(SUBSCRIPTS)


def homology_symbol(degree: int) -> str:
    """Write H₀, H₁, ..."""
    return f"H{degree}".translate(SUBSCRIPTS)


def plain_text(name: Any) -> str:
    """Write a name as it is: legends hide what begins with "_", and "$" would begin a formula."""
    text = str(name).replace("$", r"\$")
    return f" {text}" if text.startswith("_") else text


def new_axes(width: float, height: float) -> Axes:
    """Make a figure with one Axes."""
    from matplotlib import pyplot as plt

    return plt.figure(figsize=(width, height), layout="constrained").add_subplot()


def tidy(ax: Axes, grid: Literal["x", "y", "both"] = "y") -> None:
    """Keep two spines and a pale grid."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis=grid, color=INK, alpha=0.12, linewidth=0.8)
    ax.set_axisbelow(True)


def legend_beside(ax: Axes, **options: Any) -> None:
    """Place the legend to the right of the data, if the figure makes room for it there."""
    options.setdefault("alignment", "left")
    if ax.figure.get_layout_engine() is None:
        ax.legend(loc="best", framealpha=0.8, **options)
    else:
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, **options)


def scale_counts(ax: Axes, least: float, highest: float) -> None:
    """Begin a y axis of counts at zero; where they span decades, bend it to a logarithm."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    if highest > 50 * max(least, 1):
        ax.set_yscale("symlog", linthresh=1, linscale=0.4)
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        ax.set_ylim(0, highest * 1.6)
    else:
        ax.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=2))
        ax.set_ylim(bottom=-0.03 * max(highest, 1), top=max(ax.get_ylim()[1], 1.06 * highest, 1.15))
