"""Images and labels for training and for the test."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from experiments.harness.fashion import fashion, fashion_folder
from experiments.magnitude.digits import shaken_digits

FOLDER = Path("data")  # of the data sets that no package brings
DIGITS = "shaken digits"

Labeled = tuple[torch.Tensor, torch.Tensor]


def of_the_size_of_mnist() -> str:
    """Name what stands for MNIST here: Fashion-MNIST, or digits of scikit-learn without it."""
    return "Fashion-MNIST" if fashion_folder() else DIGITS


def split(name: str) -> tuple[Labeled, Labeled]:
    """Return images and labels, first for training, then for the test."""
    if name == "Fashion-MNIST":
        return tuple(_clothes(part) for part in ("train", "t10k"))
    if name == DIGITS:
        return shaken_digits(60_000, 10_000)
    return downloaded(name)


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


def _clothes(part: str) -> Labeled:
    pictures, labels = fashion(part)
    X = torch.from_numpy(pictures[:, None] / np.float32(255))
    return X, torch.from_numpy(labels.astype(np.int64))
