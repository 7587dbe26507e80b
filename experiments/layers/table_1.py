"""The rows of Table 1, by name: "D-I 15x9 relu" is nine hidden layers of fifteen units on D-I.

The table has 41 rows and 1 286 networks. Rows of nine hidden layers, widths and bottlenecks are as
the paper lists them; of the shallow ones we know the range of depths, and took the rest from it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from experiments.layers.full_batch import Rate

ACTIVATIONS = ("relu", "leaky", "tanh")


class Kind(NamedTuple):
    """Networks of one shape, trained on one data set."""

    data: str
    widths: tuple[int, ...]
    activation: str

    @property
    def rate(self) -> Rate:
        """How Adam goes; slower down where a layer is narrow."""
        return Rate(0.02, 4000 if min(self.widths) < self.widths[0] else 2500)


def kind(row: str) -> Kind:
    """Read the name of a row: data, layers ("15x4-3-15x4"), activation."""
    data, layers, activation = row.rsplit(" ", 2)
    widths: list[int] = []
    for part in layers.split("-"):
        width, times = re.fullmatch(r"(\d+)(?:x(\d+))?", part).groups()
        widths += [int(width)] * int(times or 1)
    return Kind(data, tuple(widths), activation)


def _rows(data: str, *layers: str) -> list[str]:
    return [f"{data} {shape} {activation}" for shape in layers for activation in ACTIVATIONS]


NARROW = "D-I 15x3-3-15x4 leaky"
PAPER = (
    *_rows("D-I", "15x9"),
    "D-I 50x9 leaky",
    NARROW,
    "D-I 5x4-3-5x4 leaky",
    *_rows("D-I", "15x3", "15x5"),
    *_rows("D-II", "15x9", "25x9", "15x3", "15x5", "15x7"),
    *_rows("D-III", "15x9", "50x9", "15x5", "15x7"),
    "D-III 15x3 leaky",
    "D-III 15x3 tanh",
)

# Table 3 at the paper's shape, on what can be installed in place of MNIST.
REAL_ROWS = tuple(_rows("fashion", "10x9"))

# What is left out of the paper's sets at small size: see data.py.
SMALL = (
    *_rows("D-I", "15x9"),
    NARROW,
    "D-I 15x8 leaky",
    *_rows("D-I", "15x3"),
    *_rows("D-II small", "15x9"),
    "D-III small 25x9 leaky",  # with ReLU and tanh hardly a network gets every point right
    *_rows("digits", "15x9"),
    *_rows("cancer", "15x9"),
)

# Training and homology of a draw, in CPU seconds.
SECONDS = {
    "D-I": 4,
    "D-II": 60,
    "D-III": 80,
    "D-II small": 15,
    "D-III small": 17,
    "digits": 2,
    "cancer": 2,
    "fashion": 13,
}
