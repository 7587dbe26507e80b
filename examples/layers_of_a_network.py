"""Betti numbers over the layers of ReLU and tanh networks, with untrained copies: one picture.

The picture in the README is made by ``python examples/layers_of_a_network.py``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from paper_networks import ACTIVATIONS, betti_by_layer, disks, trained

import topolens as tl

TITLES = {"relu": "ReLU", "tanh": "tanh"}
SYMBOLS = ("β₀ components", "β₁ loops")


def measure(activation: str, n_networks: int) -> tl.layers.LayerTable:
    """Train so many networks and measure all of their layers."""
    X, y = disks()
    networks = (trained(activation, X, y, seed=seed) for seed in range(n_networks))
    tables = [betti_by_layer(model, X, y, seed) for seed, model in enumerate(networks)]
    return tl.layers.concat(tables, name="repeat")  # so that sd is over networks


def draw(tables: dict[str, tl.layers.LayerTable]) -> Figure:
    """Draw a row for each activation and a column for each Betti number, with one legend."""
    figure, axes = plt.subplots(
        len(tables), 2, figsize=(9.4, 5.4), sharey="col", squeeze=False, layout="constrained"
    )
    for i, (activation, table) in enumerate(tables.items()):
        for dimension, ax in enumerate(axes[i]):
            table.plot("betti", degree=dimension, ax=ax)
            ax.set_title(f"{TITLES[activation]}: {SYMBOLS[dimension]}", loc="left")
            n_layers = len(ax.get_xticks())
            names = ["in", *range(1, n_layers - 1), "out"]
            ax.set_xticks(range(n_layers), names, rotation=0, ha="center")
            ax.set(xlabel="layer" if i == len(tables) - 1 else "", ylabel="")
            if ax is not axes[0, -1]:
                ax.get_legend().remove()
    for column in axes.T:
        column[0].set_ylim(top=1.05 * max(ax.dataLim.ymax for ax in column))
    return figure


def main() -> None:
    """Train, measure, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("docs/pictures"), help="folder to fill")
    parser.add_argument("--networks", type=int, default=5, help="networks per activation")
    options = parser.parse_args()
    tables = {activation: measure(activation, options.networks) for activation in ACTIVATIONS}
    for table in tables.values():
        for control in ("trained", "untrained"):
            print(table.select(measure="betti", control=control), end="\n\n")
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "layers_of_a_network.png"
    draw(tables).savefig(path, dpi=100)
    print(f"picture: {path}")


if __name__ == "__main__":
    main()
