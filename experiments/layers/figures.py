"""Betti numbers through the layers as the authors draw them; depth, controls, all scales."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from experiments.harness import Figure
from experiments.harness.drawing import COLORS, drawing, mean_and_band
from experiments.layers.claims import PLAIN, SETS
from experiments.layers.data import SIMULATED
from experiments.layers.quantities import Networks
from experiments.layers.table_1 import ACTIVATIONS, NARROW
from experiments.layers.table_3 import drawn_table_3
from experiments.layers.words import NAMES, hidden, of_row, titled

CONTROLS = {"trained": "-", "untrained": "--", "shuffled": ":"}
SHAPES = ("D-I 15x9 {}", "D-I 15x3 {}", "D-I 15x5 {}", "D-I 50x9 {}")


def figures(table: pd.DataFrame, folder: Path) -> list[Figure]:
    """Draw all figures into the folder."""
    networks = Networks(table)
    shapes = {data: shape for data in SIMULATED if (shape := shape_of(networks, data))}
    drawn = [
        _betti(networks, shape, folder / f"betti_{data}.png") for data, shape in shapes.items()
    ]
    if shapes:
        drawn += [
            _shapes(networks, folder / "shapes.png"),
            _controls(networks, list(shapes.values()), folder / "controls.png"),
            _whole(networks, list(shapes.values()), folder / "whole.png"),
        ]
    if any(row.startswith("digits") for row in networks.rows):
        drawn.append(_real(networks, folder / "real.png"))
    return [*drawn, *drawn_table_3(networks, folder / "table_3.png")]


def shape_of(networks: Networks, data: str) -> str:
    """Return the shape of nine hidden layers of which there are most networks, "" if of none."""

    def count(shape: str) -> int:
        return sum(len(networks.of(f"{shape} {name}")) for name in ACTIVATIONS)

    shape = max(SETS[data], key=count)
    return shape if count(shape) else ""


def _betti(networks: Networks, shape: str, path: Path) -> Figure:
    """Draw each network faintly, and the mean plus and minus half a standard deviation."""
    rows = [row for row in (f"{shape} {name}" for name in ACTIVATIONS) if len(networks.of(row))]
    classes = networks.classes(rows[0])
    degrees = (0, 1, 2) if shape.startswith("D-III") else (0, 1)
    columns = [(row, letter) for letter in range(2) for row in rows]
    size = (2.2 * len(columns), 1.9 * len(degrees) + 0.6)
    with drawing(
        path, nrows=len(degrees), ncols=len(columns), figsize=size, sharex=True, sharey="row"
    ) as (_, axes):
        for (row, letter), column in zip(columns, axes.T, strict=True):
            activation = row.rsplit(" ", 1)[1]
            column[0].set_title(f"M{'ab'[letter]}, {NAMES[activation]}")
            for degree, ax in zip(degrees, column, strict=True):
                curves = networks.of(row, degree=degree, **{"class": classes[letter]})
                _as_authors(ax, curves, COLORS[ACTIVATIONS.index(activation)])
        for degree, ax in zip(degrees, axes[:, 0], strict=True):
            ax.set(ylabel=f"β{'₀₁₂'[degree]}", ylim=(0, None))
        for ax in axes[-1]:
            ax.set(xlabel="layer", xticks=(0, 5, 10))
    counts = ", ".join(
        f"{len(networks.of(row))} with {NAMES[row.rsplit(' ', 1)[1]]}" for row in rows
    )
    return Figure(
        path,
        f"Betti numbers of {titled(shape)}, by layer. As in the paper's Figures 11 to 13: each "
        "network faint, mean plus and minus half a standard deviation; Ma "
        f"({classes[0]}) as there, and Mb ({classes[1]}) beside it. Networks: {counts}.",
    )


def _as_authors(ax: Axes, curves: pd.DataFrame, color: str) -> None:
    layers, mean, half = curves.columns, curves.mean(), curves.std() / 2
    ax.plot(layers, curves.T, color=color, alpha=0.12, linewidth=0.7)
    ax.plot(layers, mean, color=color)
    ax.fill_between(layers, mean - half, mean + half, color=color, alpha=0.3, linewidth=0)


def _shapes(networks: Networks, path: Path) -> Figure:
    with drawing(path, ncols=3, figsize=(9.4, 3.2), sharey=True) as (figure, axes):
        for ax, activation in zip(axes, ACTIVATIONS, strict=True):
            shapes = [shape.format(activation) for shape in SHAPES]
            if activation == "leaky":
                shapes += [NARROW, PLAIN]
            for row, color in zip(shapes, COLORS, strict=False):
                if len(networks.of(row)) > 1:
                    omega = networks.of_a(row)
                    x = omega.columns / omega.columns.max()
                    label = titled(row.rsplit(" ", 1)[0])
                    mean_and_band(ax, x, omega.div(omega[0], axis=0).to_numpy(), color=color)
                    ax.lines[-1].set(label=label, marker=".")
            ax.set(title=NAMES[activation], xlabel="layer / depth", ylim=0)
        axes[0].set_ylabel("ω(Ma) / ω(Ma) at the input")
        by_label = dict(_labelled(axes))
        figure.legend(by_label.values(), by_label, loc="outside lower center", ncols=3)
    return Figure(
        path,
        "Depth, width and bottleneck on D-I. Mean of ω(Ma) and its 95 % interval against the "
        "position in the network.",
    )


def _labelled(axes: np.ndarray) -> Iterator[tuple[str, object]]:
    for ax in axes:
        handles, labels = ax.get_legend_handles_labels()
        yield from zip(labels, handles, strict=True)


def _controls(networks: Networks, shapes: Sequence[str], path: Path) -> Figure:
    return _by_row(
        networks,
        shapes,
        path,
        label="ω",
        caption="Trained networks and their controls. ω of both classes through the layers: copies "
        "with fresh weights, and random halves of the same points in the trained network; mean and "
        "its 95 % interval.",
    )


def _whole(networks: Networks, shapes: Sequence[str], path: Path) -> Figure:
    return _by_row(
        networks,
        shapes,
        path,
        measure="total",
        label="total persistence",
        caption="Full persistence through the layers. Total persistence of 150 landmarks of each "
        "class in diameters of the layer; mean and its 95 % interval.",
    )


def _by_row(
    networks: Networks,
    shapes: Sequence[str],
    path: Path,
    *,
    label: str,
    caption: str,
    measure: str = "betti",
) -> Figure:
    size = (9.4, 2.2 * len(shapes) + 0.6)
    with drawing(
        path, nrows=len(shapes), ncols=3, figsize=size, sharex=True, sharey="row", squeeze=False
    ) as (figure, axes):
        for line, shape in zip(axes, shapes, strict=True):
            for ax, activation in zip(line, ACTIVATIONS, strict=True):
                row = f"{shape} {activation}"
                count = len(networks.of(row))
                if not count:
                    ax.set_axis_off()
                    continue
                ax.set_title(f"{of_row(row)}: {count}", fontsize="small")
                for color, (control, style) in zip(COLORS, CONTROLS.items(), strict=False):
                    curves = networks.of(row, control=control, measure=measure)
                    if len(curves):
                        options = {"color": color, "linestyle": style, "label": control}
                        mean_and_band(ax, curves.columns, curves.to_numpy(), **options)
            line[0].set(ylabel=label, ylim=(0, None))
        for ax in axes[-1]:
            ax.set(xlabel="layer", xticks=range(0, hidden(f"{shapes[0]} relu") + 2))
        by_label = dict(_labelled(axes.ravel()))
        figure.legend(by_label.values(), by_label, loc="outside lower center", ncols=3)
    return Figure(path, caption)


def _real(networks: Networks, path: Path) -> Figure:
    """Draw ω of real data at one, two and three hops, as in the paper's Table 3."""
    rows = ("digits 15x9", "cancer 15x9")
    with drawing(path, nrows=2, ncols=3, figsize=(9.4, 4.6), sharex=True) as (figure, axes):
        for line, shape in zip(axes, rows, strict=True):
            for hops, ax in zip((1, 2, 3), line, strict=True):
                ax.set_title(f"{titled(shape)}: {hops} hop{'s' * (hops > 1)}", fontsize="small")
                for activation, color in zip(ACTIVATIONS, COLORS, strict=False):
                    omega = networks.of_a(f"{shape} {activation}", scale=hops)
                    if len(omega):
                        options = {"color": color, "label": NAMES[activation]}
                        mean_and_band(ax, omega.columns, omega.to_numpy(), **options)
                ax.set_ylim(bottom=0)
            line[0].set_ylabel("ω(Ma)")
        for ax in axes[-1]:
            ax.set(xlabel="layer", xticks=range(0, 11, 2))
        by_label = dict(_labelled(axes.ravel()))
        figure.legend(by_label.values(), by_label, loc="outside lower center", ncols=3)
    return Figure(
        path,
        "Real data at one, two and three hops. ω of the first class, mean and its 95 % interval; "
        "the paper's Table 3 has such rows for the zeros of MNIST.",
    )
