"""One network, trained by plain SGD, and what its weights form in each window of the training."""

from __future__ import annotations

import torch

import topolens as tl
from experiments.harness.jobs import Row
from experiments.magnitude.data import split
from experiments.magnitude.measures import complexities, dimensions, of_scales
from experiments.magnitude.networks import build
from experiments.magnitude.training import performance, steps, weights

VERSION = 3
BATCH = 100
WINDOW = 1000


def walk(
    data: str,
    network: str,
    width: int,
    depth: int,
    rate: float,
    seed: int,
    first: int,
    iterations: int,
    projection: int,
) -> list[Row]:
    """Train one network; measure each window of 1000 weight vectors.

    Parameters
    ----------
    data : {"Fashion-MNIST", "shaken digits", "MNIST", "CIFAR10"}
    network : {"fully connected", "AlexNet"}
    width, depth : int
        Of a fully connected network.
    rate : float
        Learning rate.
    seed : int
    first, iterations : int
        Where the first and the last window end; multiples of the window.
    projection : int
        Coordinates of the sketch that is kept of each weight vector.
    """
    train, test = split(data)
    torch.manual_seed(seed)
    model = build(network, train[0][0].numel(), width, depth)
    start = weights(model)
    recorder = tl.TrajectoryRecorder(model, window=WINDOW, projection=projection, rng=0)
    rows = []
    for iteration in steps(model, train, rate, BATCH, iterations):
        if iteration > first - WINDOW:
            recorder.step()
        if iteration >= first and iteration % WINDOW == 0:
            space = recorder.space(n_threads=1)
            last = weights(model)
            rows.append(
                {
                    "part": "walk",
                    "iteration": iteration,
                    **performance(model, train, test),
                    "norm": last.norm().item(),
                    "distance from start": (last - start).norm().item(),
                    **of_scales(space),
                    **dimensions(space),
                    **complexities(space, len(train[0])),
                }
            )
    return rows
