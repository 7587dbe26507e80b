"""Layers as pictures: classical scaling of their points to two dimensions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from topolens._arrays import as_points
from topolens.layers._panel_plots import shortened
from topolens.spaces._scaling import scale_classically
from topolens.spaces._spaces import distances

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.gridspec import SubplotSpec

ROUND = "twilight"  # A map of colours that ends where it begins, for phases.


def draw_insets(figure: Figure, place: SubplotSpec, points: Mapping[str, np.ndarray]) -> None:
    """Draw some layers side by side, each in a frame of its own size."""
    grid = place.subgridspec(1, len(points))
    for column, (layer, array) in enumerate(points.items()):
        rows = as_points(np.reshape(array, (len(array), -1)), f"points[{layer!r}]")
        map_of, _ = scale_classically(distances(rows) ** 2, 2)
        ax = figure.add_subplot(grid[column])
        order = np.arange(len(map_of))
        ax.scatter(*map_of.T, c=order, cmap=ROUND, s=9, linewidths=0)
        ax.set_aspect("equal", adjustable="datalim")
        ax.set_xticks([])
        ax.set_yticks([])
        ax.set_title(shortened(layer), fontsize="small")
