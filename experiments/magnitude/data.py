"""Images and labels for training and for the test."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_digits

FOLDER = Path("data")  # of the data sets that no package brings

Labeled = tuple[torch.Tensor, torch.Tensor]


def split(name: str) -> tuple[Labeled, Labeled]:
    """Return images and labels, first for training, then for the test."""
    return digits() if name == "digits" else downloaded(name)


def digits() -> tuple[Labeled, Labeled]:
    """Return the digits of scikit-learn, 600 to learn from and 1197 for the test.

    Of so few that there is a gap between the two.
    """
    data = load_digits()
    order = np.random.default_rng(0).permutation(len(data.target))
    X = torch.tensor(data.images[order] / 16, dtype=torch.float32)[:, None]
    y = torch.tensor(data.target[order])
    return (X[:600], y[:600]), (X[600:], y[600:])


def downloaded(name: str) -> tuple[Labeled, Labeled]:
    """Read "MNIST" or "CIFAR10" as torchvision stores them."""
    import torchvision

    read = {"MNIST": torchvision.datasets.MNIST, "CIFAR10": torchvision.datasets.CIFAR10}[name]
    try:
        both = [read(FOLDER, train=train) for train in (True, False)]
    except RuntimeError:
        raise FileNotFoundError(
            f"`{FOLDER}` must hold {name}; found nothing there. Get it by "
            f'torchvision.datasets.{name}("{FOLDER}", download=True)'
        ) from None
    return tuple(_labeled(part) for part in both)


def _labeled(part: torch.utils.data.Dataset) -> Labeled:
    X = torch.as_tensor(part.data, dtype=torch.float32) / 255
    # MNIST has no axis of channels, CIFAR-10 has it last.
    X = X[:, None] if X.ndim == 3 else X.permute(0, 3, 1, 2).contiguous()
    return X, torch.as_tensor(part.targets)
