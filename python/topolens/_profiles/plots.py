"""Pictures of cubical profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from topolens._style import (
    INK,
    betti_symbol,
    colour,
    legend_beside,
    marker,
    new_axes,
    scale_counts,
    tidy,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from topolens.profiles import CubicalProfile

LONGEST_NAME = 24


def plot_profile(profile: CubicalProfile, index: int, ax: Axes | None) -> Axes:
    """Draw Betti numbers and complexity over the layers at one threshold."""
    betti = profile.betti[:, :, index].astype(float)
    n_layers, _, n_degrees = betti.shape
    if ax is None:
        ax = new_axes(min(9.0, max(4.2, 2.4 + 0.34 * n_layers)), 3.6)
    place = np.arange(n_layers)
    lines = [(betti_symbol(degree), betti[:, :, degree]) for degree in range(n_degrees)]
    for position, (label, values) in enumerate([*lines, ("complexity", betti.sum(axis=2))]):
        hue = INK if label == "complexity" else colour(position)
        mean, sd = values.mean(axis=1), values.std(axis=1)
        ax.plot(place, mean, color=hue, marker=marker(position), markersize=4, label=label)
        ax.fill_between(place, mean - sd, mean + sd, color=hue, alpha=0.15, linewidth=0)
    means = betti.mean(axis=1)
    scale_counts(ax, means[means > 0].min(initial=np.inf), betti.sum(axis=2).mean(axis=1).max())
    ax.set_xticks(place, [_shortened(name) for name in profile.layers], rotation=90)
    ax.set_ylabel("Betti numbers")
    tidy(ax)
    legend_beside(ax)
    return ax


def plot_curves(profile: CubicalProfile, degree: int | None, ax: Axes | None) -> Axes:
    """Draw Betti curves, from the first layer (dark) to the last (bright)."""
    from matplotlib import colormaps

    n_degrees = profile.betti.shape[3]
    if degree is not None and degree not in range(n_degrees):
        raise ValueError(f"`degree` must be among 0 to {n_degrees - 1}; found {degree}")
    betti = profile.betti.astype(float)
    curves = (betti.sum(axis=3) if degree is None else betti[..., degree]).mean(axis=1)
    order = np.argsort(profile.thresholds)
    if ax is None:
        ax = new_axes(6.0, 3.6)
    shades = colormaps["viridis"](np.linspace(0, 0.9, len(profile.layers)))
    for layer, curve, shade in zip(profile.layers, curves, shades, strict=True):
        shares = curve[order] / _voxels(profile, layer)
        ax.plot(profile.thresholds[order], shares, color=shade, label=_shortened(layer))
    ax.set_xlabel("quantile" if profile.rule == "quantile" else "threshold")
    what = "complexity" if degree is None else betti_symbol(degree)
    ax.set_ylabel(f"{what} per voxel")
    tidy(ax)
    legend_beside(ax, fontsize="small")
    return ax


def _voxels(profile: CubicalProfile, layer: str) -> int:
    """Return the size of what one count is taken of."""
    channels, height, width = profile.shapes[layer]
    one_picture = profile.layout == "channel_norm" or (
        profile.layout == "per_channel" and profile.reduce == "mean"
    )
    return height * width if one_picture else channels * height * width


def _shortened(name: str) -> str:
    """Shorten a name; legends leave out those that begin with an underscore."""
    shown = f" {name}" if name.startswith("_") else name
    return shown if len(shown) <= LONGEST_NAME else f"{shown[: LONGEST_NAME - 1]}…"
