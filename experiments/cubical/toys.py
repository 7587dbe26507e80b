"""Toy networks, and how well they are fine-tuned on a task they have not seen.

They are trained on the digits 0 to 4. The task are the digits 5 to 9, of which 100 have labels.
"""

from __future__ import annotations

import copy

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

import topolens as tl
from experiments.cubical.few import few_images
from experiments.harness.jobs import Row

VERSION = 2
PIXELS = 16
N_LABELED = 100
FINE_TUNINGS = 2
FINE_TUNING_STEPS = 120  # 200 give the same accuracies
RATE = 3e-3
READING = {"statistics": "image", "n_threads": 1}  # each image alone, as in the released code

Labeled = tuple[torch.Tensor, torch.Tensor]


def toy(width: int, depth: int, steps: int, seed: int) -> list[Row]:
    """Train one network, read its complexity, score it, fine-tune it."""
    source, source_test, task, task_test = digits()
    torch.manual_seed(1000 * seed + 100 * depth + width)
    model = trained(convolutional(width, depth), source, steps, seed)
    found = tl.cubical_profile(model, 0.0, images=task[0], **READING)
    numbers = {
        "fine-tuned accuracy": np.mean(
            [fine_tuned(model, task, task_test, seed) for seed in range(FINE_TUNINGS)]
        ),
        "source accuracy": accuracy(model, source_test),
        "parameters": sum(weights.numel() for weights in model.parameters()),
        **decay(found),
        **scores(model, task),
        **few_images(found, seed),
    }
    return [
        {"part": "toy", "measure": name, "value": float(value)} for name, value in numbers.items()
    ]


def digits() -> tuple[Labeled, Labeled, Labeled, Labeled]:
    """Return the digits 0 to 4 for training and test, then 100 of the others, and the rest."""
    data = load_digits()
    order = np.random.default_rng(0).permutation(len(data.target))
    X = torch.tensor(data.images[order] / 16, dtype=torch.float32)[:, None]
    X = nn.functional.interpolate(X, size=(PIXELS, PIXELS), mode="bilinear")
    y = torch.tensor(data.target[order])
    low, high = y < 5, y >= 5
    X_low, y_low, X_high, y_high = X[low], y[low], X[high], y[high] - 5
    return (
        (X_low[:600], y_low[:600]),
        (X_low[600:], y_low[600:]),
        (X_high[:N_LABELED], y_high[:N_LABELED]),
        (X_high[N_LABELED:], y_high[N_LABELED:]),
    )


def convolutional(width: int, depth: int) -> nn.Sequential:
    """Return a network of `depth` convolutions, half of them on maps of half the size."""
    layers: list[nn.Module] = []
    channels = 1
    for place in range(depth):
        wanted = width * (2 if place >= depth // 2 else 1)
        stride = 2 if place in (depth // 2, depth - 1) else 1
        convolution = nn.Conv2d(channels, wanted, 3, stride, padding=1)
        layers += [convolution, nn.BatchNorm2d(wanted), nn.ReLU()]
        channels = wanted
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 5))


def trained(model: nn.Module, data: Labeled, steps: int, seed: int) -> nn.Module:
    """Train by Adam on random batches of 64."""
    torch.manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    model.train()
    for _ in range(steps):
        batch = torch.randint(len(data[0]), (64,))
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(data[0][batch]), data[1][batch]).backward()
        optimizer.step()
    return model.eval()


def fine_tuned(model: nn.Sequential, task: Labeled, task_test: Labeled, seed: int) -> float:
    """Return the accuracy on the task after more steps, with a new last layer."""
    model = copy.deepcopy(model)
    torch.manual_seed(seed)
    model[-1] = nn.Linear(model[-1].in_features, 5)
    return accuracy(trained(model, task, FINE_TUNING_STEPS, seed), task_test)


@torch.no_grad()
def accuracy(model: nn.Module, data: Labeled) -> float:
    """Return the share of images that are named right, in percent."""
    return 100 * (model(data[0]).argmax(1) == data[1]).float().mean().item()


def decay(found: tl.profiles.CubicalProfile) -> dict[str, float]:
    """Return plainer measures of decay."""
    measured = found.decay(rng=0, n_resamples=100)
    return {
        "slope": measured.slope,
        "log slope": measured.log_slope,
        "last / first": measured.last_over_first,
        "area": measured.area,
    }


def scores(model: nn.Sequential, task: Labeled) -> dict[str, float]:
    """Return published transfer scores of the features before the last layer."""
    with torch.no_grad():
        features, probabilities = model[:-1](task[0]), model(task[0]).softmax(1)
    return tl.transfer.transfer_scores(features, task[1], probabilities, n_threads=1).to_dict()
