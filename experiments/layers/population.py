"""One job: train networks of one kind on one data set, and measure all their layers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

import topolens as tl
from experiments.harness.jobs import Row
from experiments.layers.data import Cloud, cloud
from experiments.layers.training import Recipe, Shape, trained
from topolens.layers import Value

VERSION = 1
RECIPES = {
    "small": {
        "relu": Recipe(rate=0.006, batch=512, epochs=150),
        "leaky": Recipe(rate=0.006, batch=512, epochs=150),
        "tanh": Recipe(rate=0.008, batch=512, epochs=300),
    },
    "paper": {
        activation: Recipe(rate=0.02, batch=0, epochs=18_000, look_every=100)
        for activation in ("relu", "leaky", "tanh")
    },
}


@dataclass(frozen=True)
class WholePersistence:
    """Total persistence over all scales, of landmarks whose largest distance is set to one.

    Lengths of bars grow where a layer stretches its output; shares of the diameter do not.
    """

    n_landmarks: int = 150
    name: str = "whole"
    min_points: int = 2

    def measure(
        self, X: np.ndarray, *, rng: np.random.Generator, n_threads: int | None = None
    ) -> list[Value]:
        """Measure the points `X`, or as many landmarks; a cloud of equal points has no bars."""
        count = min(self.n_landmarks, len(X))
        chosen = tl.landmarks(X, count, rng=rng, n_threads=n_threads).indices
        D = tl.distances(X[chosen], n_threads=n_threads)
        diameter = D.max()
        if diameter == 0:
            return [Value("total", degree, 0.0, 0.0) for degree in (0, 1)]
        diagrams = tl.rips(D / diameter, metric="precomputed", maxdim=1, n_threads=n_threads).dgms
        finite = [bars[np.isfinite(bars[:, 1])] for bars in diagrams]
        return [Value("total", d, 0.0, (b[:, 1] - b[:, 0]).sum()) for d, b in enumerate(finite)]


def population(
    data: str,
    activation: str,
    width: int,
    hidden: int,
    bottleneck: int,
    weights: str,
    networks: int,
    draws: int,
    size: str,
) -> list[Row]:
    """Draw networks until enough classify every point, and measure both classes in every layer.

    `bottleneck` is the width of the middle layer, or 0 for none.
    """
    points = cloud(data, size)
    X = torch.tensor(points.X, dtype=torch.float32)
    y = torch.tensor(points.y)
    widths = [width] * hidden
    if bottleneck:
        widths[hidden // 2] = bottleneck
    shape = Shape(tuple(widths), activation, weights)
    recipe = RECIPES[size][activation]
    right = trained(X, y, shape, recipe, range(draws), enough=networks)
    rows: list[Row] = []
    for seed, model in list(right.items())[:networks]:
        rows += [{"seed": seed, **row} for row in _measured(model, points, seed)]
    # a population in which no network got there still says that it was tried
    return rows or [{"seed": -1}]


def _measured(model: nn.Sequential, points: Cloud, seed: int) -> Iterator[Row]:
    X = torch.tensor(points.X[:: points.step], dtype=torch.float32)
    recording = tl.record(model, X, max_samples=len(X))
    table = tl.analyse(
        recording,
        [tl.HopBetti(k=points.k, hops=points.hops, maxdim=points.maxdim), WholePersistence()],
        labels=np.array(points.classes)[points.y[:: points.step]],
        by="class",
        classes=points.classes,
        control=["untrained", "shuffled"],
        rng=seed,
        n_threads=1,
    )
    for row in table.rows():
        if row["measure"] in ("betti", "total"):
            columns = ("layer_index", "class", "control", "measure", "degree", "value")
            yield {name: row[name] for name in columns}
