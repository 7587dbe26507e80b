"""One network, trained by plain SGD, and what its last weights form at several stops."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import nn

import topolens as tl
from experiments.harness.jobs import Row
from experiments.magnitude.data import Labeled, split
from experiments.magnitude.networks import alexnet, fully_connected

VERSION = 2
BATCH = 100
WINDOWS = (250, 500, 1000)  # the last is the paper's
SCALES = (1.36, 6.78, 16.95, 30.51)  # those of the paper's figures


def walk(
    data: str,
    network: str,
    width: int,
    depth: int,
    rate: float,
    seed: int,
    iterations: int,
    projection: int,
) -> list[Row]:
    """Train one network; measure windows of 1000 weight vectors, and shorter ones at the end.

    Parameters
    ----------
    data : {"digits", "MNIST", "CIFAR10"}
    network : {"fully connected", "AlexNet"}
    width, depth : int
        Of a fully connected network.
    rate : float
        Learning rate.
    seed : int
    iterations : int
        A multiple of the longest window.
    projection : int
        Coordinates of the sketch that is kept of each weight vector.
    """
    train, test = split(data)
    torch.manual_seed(seed)
    model = (
        alexnet() if network == "AlexNet" else fully_connected(train[0][0].numel(), width, depth)
    )
    start = nn.utils.parameters_to_vector(model.parameters()).detach()
    longest = WINDOWS[-1]
    recorder = tl.TrajectoryRecorder(model, window=longest, projection=projection, rng=0)
    rows = []
    for iteration in steps(model, train, rate, iterations):
        recorder.step()
        if iteration % longest == 0:
            space = recorder.space(n_threads=1)
            of_network = {**performance(model, train, test), **baselines(model, start)}
            for window in WINDOWS if iteration == iterations else WINDOWS[-1:]:
                last = space.select(range(longest - window, longest))
                found = {**of_network, **measures(last, len(train[0]))}
                place = {"part": "walk", "iteration": iteration, "window": window}
                rows += [{**place, "measure": name, "value": found[name]} for name in found]
    return rows


def steps(model: nn.Module, train: Labeled, rate: float, iterations: int) -> Iterator[int]:
    """Take one step of SGD after the other, in batches of 100 without replacement."""
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    loss_fn = nn.CrossEntropyLoss()
    batches: list[torch.Tensor] = []
    for iteration in range(1, iterations + 1):
        batches = batches or list(torch.randperm(len(train[0])).split(BATCH))
        batch = batches.pop()
        optimizer.zero_grad()
        loss_fn(model(train[0][batch]), train[1][batch]).backward()
        optimizer.step()
        yield iteration


@torch.no_grad()
def performance(model: nn.Module, train: Labeled, test: Labeled) -> dict[str, float]:
    """Measure accuracies in percent, mean losses, and the gaps between training and test."""
    right, losses = [], []
    for X, y in (train, test):
        outputs = torch.cat([model(part) for part in X.split(2000)])
        right.append(100 * (outputs.argmax(1) == y).float().mean().item())
        losses.append(nn.functional.cross_entropy(outputs, y).item())
    return {
        "training accuracy": right[0],
        "test accuracy": right[1],
        "gap": right[0] - right[1],
        "loss gap": losses[1] - losses[0],
    }


def baselines(model: nn.Module, start: torch.Tensor) -> dict[str, float]:
    """Measure the last iterate alone: its norm, and how far it is from the first."""
    last = nn.utils.parameters_to_vector(model.parameters()).detach()
    return {"norm": last.norm().item(), "distance from start": (last - start).norm().item()}


def measures(space: tl.MetricSpace, n_training: int) -> dict[str, float]:
    """Measure the space of the weights of one window."""
    at_four = tl.magnitude_function(space, SCALES, n_threads=1)
    straightest = tl.magnitudes.magnitude_dimension(space, bootstrap=None, n_threads=1)
    return {
        **{f"|{t:g} W|": value for t, value in zip(SCALES, at_four.values.tolist(), strict=True)},
        "dimension at the paper's scales": float(
            tl.magnitudes.magnitude_dimension(at_four, (SCALES[0], SCALES[-1]), bootstrap=None)
        ),
        "magnitude dimension": float(straightest),
        "PH dimension": float(tl.ph_dimension(space, rng=0, n_threads=1)),
        # As in the bounds of Andreeva et al. (2024), where the scale is the root of n.
        "positive magnitude": tl.magnitude(space, np.sqrt(n_training), positive=True, n_threads=1),
        "sum of lifetimes": tl.homology.lifetime_sum(space, n_threads=1),
        "diameter": float(space.distances.max()),
    }
