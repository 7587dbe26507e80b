"""From one trained network into many trainings, which differ in rate and batch alone."""

from __future__ import annotations

from copy import deepcopy
from itertools import product

import torch
from torch import nn

import topolens as tl
from experiments.harness.jobs import Row
from experiments.magnitude.data import Labeled, split
from experiments.magnitude.measures import complexities, dimensions
from experiments.magnitude.networks import build
from experiments.magnitude.training import performance, steps, weights
from experiments.magnitude.walks import BATCH, WINDOW

VERSION = 1
RATES, BATCHES = (0.01, 0.03, 0.1), (32, 100, 320)
LOOK_EVERY = 200


def restart(
    data: str,
    images: int,
    width: int,
    depth: int,
    rate: float,
    seed: int,
    iterations: int,
    projection: int,
) -> list[Row]:
    """Train a network, then go on from its weights at every rate and batch of the grid.

    Parameters
    ----------
    data, width, depth, projection
        As of a walk.
    images : int
        How many of the training images are used: so few that the network comes to know them.
    rate : float
        Until the restarts.
    seed : int
    iterations : int
        Until the restarts; each of these takes as many as the window has.
    """
    (X, y), test = split(data)
    train = X[:images], y[:images]
    torch.manual_seed(seed)
    model = build("fully connected", train[0][0].numel(), width, depth)
    for _ in steps(model, train, rate, BATCH, iterations):
        pass
    rows = []
    for then, batch in product(RATES, BATCHES):
        torch.manual_seed(seed)
        found = window_of(deepcopy(model), (train, test), then, batch, projection)
        rows.append({"part": "restart", "new rate": then, "batch": batch, **found})
    return rows


def window_of(
    model: nn.Module, data: tuple[Labeled, Labeled], rate: float, batch: int, projection: int
) -> dict[str, float]:
    """Train for one window; measure it, and the largest gap of the looks within it.

    The bounds are on the largest gap of all weights of the window.
    """
    train, test = data
    recorder = tl.TrajectoryRecorder(model, window=WINDOW, projection=projection, rng=0)
    gaps = []
    for iteration in steps(model, train, rate, batch, WINDOW):
        recorder.step()
        if iteration % LOOK_EVERY == 0:
            at_last = performance(model, train, test)
            gaps.append(at_last["gap"])
    space = recorder.space(n_threads=1)
    return {
        **at_last,
        "largest gap": max(gaps),
        "norm": weights(model).norm().item(),
        **dimensions(space),
        **complexities(space, len(train[0])),
    }
