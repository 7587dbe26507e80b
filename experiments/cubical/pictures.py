"""Images that packages bring, and the data sets of the paper."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from skimage import data, io

SHIPPED = {  # twenty of each come with foolbox
    "CIFAR-10": "cifar10",
    "CIFAR-100": "cifar100",
    "Fashion-MNIST": "fashionMNIST",
    "MNIST": "mnist",
    "ImageNet": "imagenet",
}
SMALL_IMAGENET = "ImageNet at 32 pixels"  # as many as CIFAR has
N_FACES = 16
WHOLE = {"CIFAR-10, test": "CIFAR10", "CIFAR-100, test": "CIFAR100"}
N_OF_DATA_SET = 100
FOLDER = Path("data")  # of the data sets that no package brings


def images(kind: str, pixels: int) -> torch.Tensor:
    """Return images of a kind, shape (n, 3, pixels, pixels), values from about -1 to 1."""
    return (torch.cat([square(picture, pixels) for picture in pictures(kind)]) - 127) / 128


def pictures(kind: str) -> list[np.ndarray]:
    """Return the pictures as they come, values from 0 to 255.

    The kinds of `SHIPPED` have 28 or 32 pixels a side, those of ImageNet 512 and more; in
    "ImageNet at 32 pixels" these are made as small as those of CIFAR. "faces" are pieces of
    photographs, 25 × 25 pixels. Those of `WHOLE` are read as torchvision stores them.
    """
    if kind in SHIPPED:
        return shipped(SHIPPED[kind])
    if kind == SMALL_IMAGENET:
        small = (square(picture, 32)[0] for picture in pictures("ImageNet"))
        return [picture.permute(1, 2, 0).numpy() for picture in small]
    if kind == "faces":
        return list(255 * data.lfw_subset()[:N_FACES])
    return downloaded(kind)


def shipped(prefix: str) -> list[np.ndarray]:
    """Read the pictures of a data set among the files of foolbox, without importing it."""
    package = find_spec("foolbox")
    if package is None:
        raise ModuleNotFoundError("images need the package foolbox: pip install foolbox")
    folder = Path(package.origin).parent / "data"
    return [io.imread(path) for path in sorted(folder.glob(f"{prefix}_[0-9]*"))]


def downloaded(kind: str) -> list[np.ndarray]:
    """Return a hundred random test images of CIFAR-10 or CIFAR-100."""
    import torchvision

    name = WHOLE[kind]
    try:
        found = getattr(torchvision.datasets, name)(FOLDER, train=False).data
    except RuntimeError:
        raise FileNotFoundError(
            f"`{FOLDER}` must hold {name}; found nothing there. Get it by "
            f'torchvision.datasets.{name}("{FOLDER}", download=True)'
        ) from None
    return list(np.random.default_rng(0).permutation(found)[:N_OF_DATA_SET])


def square(picture: np.ndarray, pixels: int) -> torch.Tensor:
    """Return the middle of a picture as a square in three colours."""
    found = torch.tensor(np.array(picture), dtype=torch.float32)
    found = found.permute(2, 0, 1)[:3] if found.ndim == 3 else found.expand(3, -1, -1)
    side = min(found.shape[1:])
    top, left = ((length - side) // 2 for length in found.shape[1:])
    middle = found[None, :, top : top + side, left : left + side]
    size = (pixels, pixels)
    return torch.nn.functional.interpolate(middle, size=size, mode="bilinear", antialias=True)
