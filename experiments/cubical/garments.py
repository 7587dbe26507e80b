"""Fashion-MNIST, 60 000 pictures of garments to learn from and 10 000 for the test."""

from __future__ import annotations

import torch

from experiments.harness.fashion import fashion

Labeled = tuple[torch.Tensor, torch.Tensor]


def garments(pixels: int) -> tuple[Labeled, Labeled]:
    """Return images of shape (n, 1, pixels, pixels) and labels, for training and for the test.

    With 14 pixels each is the mean of four. Values of the training images have mean 0 and standard
    deviation 1.
    """
    (X, y), (X_test, y_test) = (labeled(part) for part in ("train", "t10k"))
    X, X_test = (torch.nn.functional.avg_pool2d(images, 28 // pixels) for images in (X, X_test))
    mean, sd = X.mean(), X.std()
    return ((X - mean) / sd, y), ((X_test - mean) / sd, y_test)


def labeled(part: str) -> Labeled:
    """Return pictures as they are stored, in a channel of their own, and labels."""
    X, y = fashion(part)
    return torch.tensor(X, dtype=torch.float32)[:, None], torch.tensor(y, dtype=torch.int64)
