"""Fashion-MNIST, 60 000 pictures of garments to learn from and 10 000 for the test."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import torch

from experiments.cubical.pictures import FOLDER

FOLDERS = (
    Path("/usr/share/datasets/fashion-mnist"),  # Debian's package dataset-fashion-mnist
    FOLDER / "FashionMNIST" / "raw",  # where torchvision puts the same files
)

Labeled = tuple[torch.Tensor, torch.Tensor]


def are_there() -> bool:
    """Say whether the files are on this machine."""
    return any(folder.exists() for folder in FOLDERS)


def garments(pixels: int) -> tuple[Labeled, Labeled]:
    """Return images of shape (n, 1, pixels, pixels) and labels, for training and for the test.

    With 14 pixels each is the mean of four. Values of the training images have mean 0 and standard
    deviation 1.
    """
    folder = next((folder for folder in FOLDERS if folder.exists()), None)
    if folder is None:
        raise FileNotFoundError(
            f"Fashion-MNIST must be in one of {', '.join(map(str, FOLDERS))}; found neither. Get "
            f"it by apt install dataset-fashion-mnist or by "
            f'torchvision.datasets.FashionMNIST("{FOLDER}", download=True)'
        )
    (X, y), (X_test, y_test) = (labeled(folder, part) for part in ("train", "t10k"))
    X, X_test = (torch.nn.functional.avg_pool2d(images, 28 // pixels) for images in (X, X_test))
    mean, sd = X.mean(), X.std()
    return ((X - mean) / sd, y), ((X_test - mean) / sd, y_test)


def labeled(folder: Path, part: str) -> Labeled:
    """Read images and labels as they are stored: bytes after a header of 16 and of 8."""
    X = read_bytes(folder / f"{part}-images-idx3-ubyte.gz", 16).reshape(-1, 1, 28, 28)
    y = read_bytes(folder / f"{part}-labels-idx1-ubyte.gz", 8)
    return torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.int64)


def read_bytes(path: Path, header: int) -> np.ndarray:
    """Return the bytes of a compressed file after its header."""
    return np.frombuffer(gzip.decompress(path.read_bytes()), np.uint8, offset=header)
