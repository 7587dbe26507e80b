"""Names of activations, data sets and rows in sentences."""

from __future__ import annotations

from experiments.layers.table_1 import kind

NAMES = {"relu": "ReLU", "leaky": "leaky ReLU", "tanh": "tanh"}
TITLES = {
    "D-II small": "D-II, a sixth of the points",
    "D-III small": "D-III, a fifth of the points",
    "digits": "digits (0 or not)",
    "cancer": "breast cancer",
    "fashion": "Fashion-MNIST (T-shirts or not)",
}


def titled(shape: str) -> str:
    """Name data and layers: "D-I, 15 × 9", or one width after another where they differ."""
    data, widths, _ = kind(f"{shape} relu")
    even = len(set(widths)) == 1
    layers = f"{widths[0]} × {len(widths)}" if even else "-".join(map(str, widths))
    return f"{TITLES.get(data, data)}, {layers}"


def of_row(row: str) -> str:
    """Name a row: "D-I, 15 × 9, ReLU"."""
    shape, activation = row.rsplit(" ", 1)
    return f"{titled(shape)}, {NAMES[activation]}"


def hidden(row: str) -> int:
    """Count the hidden layers of a row."""
    return len(kind(row).widths)
