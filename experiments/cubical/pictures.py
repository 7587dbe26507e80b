"""Images that packages bring, photographs and faces; and the data sets of the paper."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from skimage import data
from sklearn.datasets import load_sample_images

PHOTOGRAPHS = (
    *("astronaut", "brick", "camera", "cell", "chelsea", "coffee", "coins", "grass"),
    *("gravel", "hubble_deep_field", "immunohistochemistry", "moon", "retina", "rocket"),
)
N_PATCHES = 32
N_OF_DATA_SET = 100
FOLDER = Path("data")  # of the data sets that no package brings


def images(kind: str, pixels: int) -> torch.Tensor:
    """Return images of a kind, shape (n, 3, pixels, pixels), values from about -1 to 1."""
    return (torch.cat([square(picture, pixels) for picture in pictures(kind)]) - 127) / 128


def pictures(kind: str) -> list[np.ndarray]:
    """Return the pictures as they come, values from 0 to 255.

    "photographs" are sixteen of scikit-image and scikit-learn, from an astronaut to the Hubble
    deep field. "faces" and "patches" are pieces of photographs, 25 × 25 pixels, with and without
    a face. "CIFAR10" and "CIFAR100" are read as torchvision stores them.
    """
    if kind == "photographs":
        return [getattr(data, name)() for name in PHOTOGRAPHS] + list(load_sample_images().images)
    if kind in ("faces", "patches"):
        first = {"faces": 0, "patches": 100}[kind]
        return list(255 * data.lfw_subset()[first : first + N_PATCHES])
    return downloaded(kind)


def downloaded(kind: str) -> list[np.ndarray]:
    """Return a hundred random test images of CIFAR-10 or CIFAR-100."""
    import torchvision

    try:
        found = getattr(torchvision.datasets, kind)(FOLDER, train=False).data
    except RuntimeError:
        raise FileNotFoundError(
            f"`{FOLDER}` must hold {kind}; found nothing there. Get it by "
            f'torchvision.datasets.{kind}("{FOLDER}", download=True)'
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
