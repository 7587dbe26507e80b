"""Complexity through the layers: by activation, with controls, by depth, and on real data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from experiments.harness import Figure, fullest
from experiments.harness.drawing import COLORS, drawing, mean_and_band
from experiments.layers.claims import NAMES, TITLES
from experiments.layers.data import REAL, SIMULATED
from experiments.layers.populations import DEEP, SHALLOW
from experiments.layers.quantities import complexity, kinds, under

CONTROLS = {"trained": "-", "untrained": "--", "shuffled": ":"}


def figures(table: pd.DataFrame, folder: Path) -> list[Figure]:
    """Draw all figures into the folder."""
    table, _ = fullest(table)
    return [
        _through_layers(table, "betti", SIMULATED, folder / "omega.png"),
        _through_layers(table, "total", SIMULATED, folder / "whole.png"),
        _by_depth(table, folder / "depth.png"),
        _through_layers(table, "betti", REAL, folder / "real.png"),
    ]


def _through_layers(table: pd.DataFrame, measure: str, data: Sequence[str], path: Path) -> Figure:
    usual = kinds(table, hidden=DEEP, bottleneck=0, weights="glorot")
    shape = (len(data), len(NAMES))
    size = (9.4, 2.4 * len(data) + 0.5)
    with drawing(path, nrows=shape[0], ncols=shape[1], figsize=size, sharex=True, sharey="row") as (
        figure,
        axes,
    ):
        for row, name in zip(axes, data, strict=True):
            for ax, activation in zip(row, NAMES, strict=True):
                of_kind = kinds(usual, data=name, activation=activation)
                networks = of_kind["seed"].nunique()
                ax.set_title(f"{TITLES[name]}, {NAMES[activation]}: {networks} networks")
                if not networks:
                    continue
                omega = complexity(of_kind, measure)
                for color, (control, line) in zip(COLORS, CONTROLS.items(), strict=False):
                    values = under(omega, control)
                    options = {"color": color, "linestyle": line, "label": control}
                    mean_and_band(ax, values.columns, values.to_numpy(), **options)
            row[0].set_ylim(bottom=0)
            row[0].set_ylabel("ω" if measure == "betti" else "total persistence")
        for ax in axes[-1]:
            ax.set(xlabel="layer", xticks=range(0, DEEP + 2))
        figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return Figure(path, CAPTIONS[path.stem])


def _by_depth(table: pd.DataFrame, path: Path) -> Figure:
    glorot = kinds(table, weights="glorot")
    shown = {
        f"{DEEP} hidden layers": {"hidden": DEEP, "bottleneck": 0},
        f"{SHALLOW} hidden layers": {"hidden": SHALLOW, "bottleneck": 0},
        f"{DEEP} with a bottleneck": {"hidden": DEEP, "bottleneck": 3},
    }
    with drawing(path, ncols=2, figsize=(9.4, 3.2), sharey=True) as (figure, axes):
        for ax, activation in zip(axes, ("relu", "tanh"), strict=True):
            for label, kind in shown.items():
                of_kind = kinds(glorot, data="D-I", width=15, activation=activation, **kind)
                if not of_kind.empty:
                    omega = under(complexity(of_kind), "trained").dropna(axis="columns")
                    shares = omega.div(omega[0], axis=0)
                    x = shares.columns / shares.columns.max()
                    mean_and_band(ax, x, shares.to_numpy(), label=label, marker=".")
            ax.axvline((DEEP // 2 + 1) / (DEEP + 1), color="0.8", zorder=0)
            ax.set(title=f"D-I, {NAMES[activation]}", xlabel="layer / depth", ylim=0)
        axes[0].set_ylabel("ω / ω at the input")
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return Figure(path, CAPTIONS["depth"])


CAPTIONS = {
    "omega": "Topological complexity ω through the layers. The sum of the Betti numbers of both "
    "classes at one hop scale, in networks that classify every point (blue), in untrained copies "
    "(orange) and with permuted labels (green). Lines are means over networks, bands 95 % "
    "intervals of the means; layer 10 holds the two logits.",
    "whole": "Full persistence through the layers. The sum of the lengths of all bars in degrees 0 "
    "and 1, of 150 landmarks of each class, in diameters of the layer. Lines and bands as before.",
    "depth": "Depth and bottleneck. ω of trained networks on D-I as a share of ω at the input; "
    "the grey line marks the bottleneck of three units.",
    "real": "Real data. The same ω at hop distance 1, where sampling alone makes many loops.",
}
