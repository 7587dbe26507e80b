"""Fashion-MNIST, where it was installed: 70 000 pictures of clothes, in the format of MNIST."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np

# Where Debian's dataset-fashion-mnist puts it, and where torchvision does
FOLDERS = (Path("/usr/share/datasets/fashion-mnist"), Path("data/FashionMNIST/raw"))


def fashion_folder() -> Path | None:
    """Return the folder that has it."""
    return next((folder for folder in FOLDERS if any(folder.glob("train-images*.gz"))), None)


def fashion(part: str) -> tuple[np.ndarray, np.ndarray]:
    """Return pictures (n, 28, 28) and labels (n,), as bytes, of the part "train" or "t10k"."""
    folder = fashion_folder()
    if folder is None:
        raise FileNotFoundError(
            f"one of {', '.join(map(str, FOLDERS))} must hold Fashion-MNIST; found neither. "
            "Get it by apt install dataset-fashion-mnist or by "
            'torchvision.datasets.FashionMNIST("data", download=True)'
        )
    names = ("images-idx3-ubyte.gz", "labels-idx1-ubyte.gz")
    pictures, labels = (read_idx(folder / f"{part}-{name}") for name in names)
    return pictures, labels


def read_idx(path: Path) -> np.ndarray:
    """Read bytes behind their head: two zeros, a type, the number of axes, and their lengths."""
    with gzip.open(path) as file:
        raw = file.read()
    axes = raw[3]
    shape = np.frombuffer(raw, ">i4", axes, offset=4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * axes).reshape(shape)
