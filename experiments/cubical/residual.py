"""Residual networks of three depths, trained on Fashion-MNIST until they are good.

The networks that He et al. (2016) made for CIFAR-10, with one channel at the input: a convolution,
then three stages of blocks with 16, 32 and 64 channels, each stage on maps of half the size.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

import topolens as tl
from experiments.cubical.few import few_images
from experiments.cubical.garments import Labeled, garments
from experiments.cubical.rows import joined
from experiments.harness.jobs import Row

VERSION = 1
BATCH = 64
RATE = 0.1
N_IMAGES = 200
N_TEST = 10_000
N_ORDERS = 8
READING = {"statistics": "image", "n_threads": 1}  # each image alone, as in the released code


def residual(depth: int, pixels: int, epochs: int, seed: int) -> list[Row]:
    """Train a network of so many layers, and read its complexity on test images."""
    data, test = garments(pixels)
    torch.manual_seed(seed)
    model = trained(network(depth), data, epochs)
    X = test[0][:N_IMAGES]
    how = {"images": X, "layers": layers_of(model), **READING}
    found = tl.cubical_profile(model, 0.0, **how)
    permuted = tl.cubical_profile(
        model, 0.0, layout="volume_permuted", n_permutations=N_ORDERS, rng=seed, **how
    )
    orders = permuted.permuted_complexities().mean(axis=2)
    curves = {
        "trained": found.complexity(),
        "untrained": found.untrained(seed).complexity(),
        "voxels": found.n_voxels,
    }
    numbers = {
        "test accuracy": accuracy(model, test),
        "training accuracy": accuracy(model, (data[0][:N_TEST], data[1][:N_TEST])),
        "change of order": np.abs(orders / found.complexity() - 1).mean(),
        **few_images(found, seed),
    }
    return [
        *({"part": "residual", "curve": name, "layers": joined(c)} for name, c in curves.items()),
        *({"part": "residual", "measure": m, "value": float(v)} for m, v in numbers.items()),
    ]


class Block(nn.Module):
    """Two convolutions, whose result is added to what came in."""

    def __init__(self, channels: int, wanted: int, stride: int) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv2d(channels, wanted, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(wanted),
            nn.ReLU(),
            nn.Conv2d(wanted, wanted, 3, padding=1, bias=False),
            nn.BatchNorm2d(wanted),
        )
        self.shortcut = nn.Identity()
        if stride > 1:
            projection = nn.Conv2d(channels, wanted, 1, stride, bias=False)
            self.shortcut = nn.Sequential(projection, nn.BatchNorm2d(wanted))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the sum, without its negative part."""
        return torch.relu(self.convolutions(x) + self.shortcut(x))


def network(depth: int) -> nn.Sequential:
    """Return the network of `depth` = 6n + 2 layers, three stages of n blocks."""
    blocks: list[nn.Module] = []
    channels = 16
    for wanted in (16, 32, 64):
        for _ in range((depth - 2) // 6):
            blocks.append(Block(channels, wanted, stride=wanted // channels))
            channels = wanted
    stem = [nn.Conv2d(1, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)]
    return nn.Sequential(*stem, *blocks, *head)


def layers_of(model: nn.Sequential) -> list[str]:
    """Return what the paper reads of a residual network: convolution, norm, ReLU, each block."""
    return [str(place) for place in range(len(model) - 3)]


def trained(model: nn.Module, data: Labeled, epochs: int) -> nn.Module:
    """Train by gradient descent with momentum, at a rate that rises once and falls to zero."""
    X, y = data
    model = model.to(memory_format=torch.channels_last).train()
    steps = epochs * (len(X) // BATCH)
    optimizer = torch.optim.SGD(
        model.parameters(), RATE, momentum=0.9, weight_decay=5e-4, nesterov=True
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    for _ in range(epochs):
        for batch in torch.randperm(len(X))[: len(X) // BATCH * BATCH].split(BATCH):
            images = X[batch].contiguous(memory_format=torch.channels_last)
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(images), y[batch]).backward()
            optimizer.step()
            schedule.step()
    return model.eval()


@torch.no_grad()
def accuracy(model: nn.Module, data: Labeled) -> float:
    """Return the share of images that are named right, in percent."""
    X, y = data
    named = torch.cat([model(images).argmax(1) for images in X.split(1000)])
    return 100 * (named == y).float().mean().item()
