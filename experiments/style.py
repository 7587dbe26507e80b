"""The look of the figures, as that of the package's plots."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import LogLocator, NullFormatter

from experiments.harness import Figure

# Okabe and Ito's colours without the pale yellow.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#444444")
INK = "#444444"
MARKERS = ("o", "s", "^", "D", "v", "P")
SETTINGS = {
    "axes.prop_cycle": plt.cycler(color=COLOURS),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.titlelocation": "left",
    "axes.titlesize": "medium",
    "grid.color": INK,
    "grid.alpha": 0.12,
    "legend.frameon": False,
    "legend.fontsize": "small",
    "font.size": 9.5,
    "figure.constrained_layout.use": True,
}


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the house style, without a screen."""
    with matplotlib.rc_context(SETTINGS):
        yield


def save(drawing: Drawing, path: Path, caption: str) -> Figure:
    """Write a figure and close it."""
    drawing.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(drawing)
    return Figure(path, caption)


def plain_ticks(ax: Axes, which: str = "y") -> None:
    """Write 1, 2, 5, 10 on a logarithmic axis."""
    axis = getattr(ax, f"{which}axis")
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_formatter(NullFormatter())
