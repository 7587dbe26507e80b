"""The networks that are trained: fully connected ones, and AlexNet for small images."""

from __future__ import annotations

from itertools import pairwise

from torch import nn


def build(network: str, inputs: int, width: int, depth: int) -> nn.Sequential:
    """Return "AlexNet", or a "fully connected" network of that width and depth."""
    return alexnet() if network == "AlexNet" else fully_connected(inputs, width, depth)


def fully_connected(inputs: int, width: int, depth: int, classes: int = 10) -> nn.Sequential:
    """Return a network with `depth` linear layers and ReLU between them."""
    sizes = [inputs, *[width] * (depth - 1)]
    hidden = [layer for pair in pairwise(sizes) for layer in (nn.Linear(*pair), nn.ReLU())]
    return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(width, classes))


def alexnet(classes: int = 10) -> nn.Sequential:
    """Return AlexNet's five convolutions and three linear layers, for 32 × 32 pixels."""
    return nn.Sequential(
        *(nn.Conv2d(3, 64, 3, stride=2, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(64, 192, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(192, 384, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(384, 256, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(1024, 4096), nn.ReLU()),
        *(nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, classes)),
    )
