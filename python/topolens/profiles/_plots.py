"""Pictures of cubical profiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from topolens._style import (
    INK,
    betti_symbol,
    color,
    legend_beside,
    marker,
    new_axes,
    plain_text,
    scale_counts,
    tidy,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LONGEST_NAME = 24


def plot_profile(betti: np.ndarray, layers: Sequence[str], ax: Axes | None) -> Axes:
    """Draw Betti numbers (layers, images, degrees) and complexity over the layers."""
    n_layers, _, n_degrees = betti.shape
    if ax is None:
        ax = new_axes(min(9.0, max(4.2, 2.4 + 0.34 * n_layers)), 3.6)
    place = np.arange(n_layers)
    lines = [(betti_symbol(degree), betti[:, :, degree]) for degree in range(n_degrees)]
    for position, (label, values) in enumerate([*lines, ("complexity", betti.sum(axis=2))]):
        hue = INK if label == "complexity" else color(position)
        mean, sd = values.mean(axis=1), values.std(axis=1)
        ax.plot(place, mean, color=hue, marker=marker(position), markersize=4, label=label)
        ax.fill_between(place, mean - sd, mean + sd, color=hue, alpha=0.15, linewidth=0)
    means = betti.mean(axis=1)
    scale_counts(ax, means[means > 0].min(initial=np.inf), betti.sum(axis=2).mean(axis=1).max())
    ax.set_xticks(place, [_shortened(name) for name in layers], rotation=90)
    ax.set_ylabel("Betti numbers")
    tidy(ax)
    legend_beside(ax)
    return ax


def plot_curves(
    curves: np.ndarray, thresholds: np.ndarray, layers: Sequence[str], ax: Axes | None
) -> Axes:
    """Draw a curve over the thresholds for each layer, from the first (dark) to the last."""
    from matplotlib import colormaps

    order = np.argsort(thresholds)
    if ax is None:
        ax = new_axes(6.0, 3.6)
    shades = colormaps["viridis"](np.linspace(0, 0.9, len(layers)))
    for layer, curve, shade in zip(layers, curves, shades, strict=True):
        ax.plot(thresholds[order], curve[order], color=shade, label=_shortened(layer))
    tidy(ax)
    legend_beside(ax, fontsize="small")
    return ax


def _shortened(name: str) -> str:
    return plain_text(name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…")
