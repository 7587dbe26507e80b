"""Images and labels for training and for the test."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import torch

from experiments.magnitude.digits import shaken_digits

FOLDER = Path("data")  # of the data sets that no package brings
# where Debian's dataset-fashion-mnist puts it, and where torchvision does
FASHION = (Path("/usr/share/datasets/fashion-mnist"), FOLDER / "FashionMNIST" / "raw")

DIGITS = "shaken digits"

Labeled = tuple[torch.Tensor, torch.Tensor]


def of_the_size_of_mnist() -> str:
    """Name what stands for MNIST here: Fashion-MNIST, or digits of scikit-learn without it."""
    return "Fashion-MNIST" if _fashion() else DIGITS


def split(name: str) -> tuple[Labeled, Labeled]:
    """Return images and labels, first for training, then for the test."""
    if name == "Fashion-MNIST":
        return tuple(_fashion_part(part) for part in ("train", "t10k"))
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


def _fashion() -> Path | None:
    """Return the folder that has it."""
    return next((folder for folder in FASHION if any(folder.glob("train-images*.gz"))), None)


def _fashion_part(part: str) -> Labeled:
    folder = _fashion()
    if folder is None:
        raise FileNotFoundError(
            f"one of {', '.join(map(str, FASHION))} must hold Fashion-MNIST; found none. Debian "
            "has it as dataset-fashion-mnist, torchvision as datasets.FashionMNIST"
        )
    images = _idx(folder / f"{part}-images-idx3-ubyte.gz").reshape(-1, 1, 28, 28)
    labels = _idx(folder / f"{part}-labels-idx1-ubyte.gz")
    return torch.from_numpy(images / np.float32(255)), torch.from_numpy(labels.astype(np.int64))


def _idx(path: Path) -> np.ndarray:
    """Read the bytes after the head: four bytes, the last of them the number of axes, and sizes."""
    with gzip.open(path) as file:
        raw = file.read()
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3])
