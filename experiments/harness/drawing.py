"""How all figures of the experiments look: colours that stay apart, two spines, mean and band."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.ticker import LogLocator, NullFormatter
from scipy import stats

from experiments.harness.intervals import LEVEL

# Okabe and Ito, without the pale yellow
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#444444")
INK = "#444444"
MARKERS = ("o", "s", "^", "D", "v", "P")
STYLE = {
    "axes.prop_cycle": plt.cycler(color=COLORS),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": "medium",
    "legend.frameon": False,
}


@contextmanager
def drawing(path: Path, **options: Any) -> Iterator[tuple[Picture, Any]]:
    """Open a figure with its axes, as `plt.subplots` does, and save it in the end."""
    backend = matplotlib.get_backend()
    plt.switch_backend("agg")
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(layout="constrained", **options)
        try:
            yield figure, axes
            figure.savefig(path, dpi=110, metadata={"Software": None})
        finally:
            plt.close(figure)
    plt.switch_backend(backend)


def mean_and_band(ax: Axes, x: Any, values: np.ndarray, **options: Any) -> None:
    """Draw the mean over the rows of `values`, with a band at `LEVEL` by Student's t."""
    n = len(values)
    mean = values.mean(axis=0)
    (line,) = ax.plot(x, mean, **options)
    if n > 1:
        half = stats.t.ppf((1 + LEVEL) / 2, n - 1) * values.std(axis=0, ddof=1) / np.sqrt(n)
        ax.fill_between(x, mean - half, mean + half, color=line.get_color(), alpha=0.2, linewidth=0)


def plain_ticks(ax: Axes, which: str = "y") -> None:
    """Write 1, 2, 5, 10 on a logarithmic axis."""
    axis = getattr(ax, f"{which}axis")
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_formatter(NullFormatter())
