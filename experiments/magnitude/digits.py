"""What stands for MNIST where no package brings images of its size: digits that were shaken."""

from __future__ import annotations

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch.nn import functional as F

SIDE = 28
ANGLE, SHIFT, SCALE, NOISE = 15, 0.15, 0.15, 0.15  # degrees; half sides; shares; of white
PART = 2000  # images moved at once


def shaken_digits(n_train: int, n_test: int) -> tuple[tuple[torch.Tensor, torch.Tensor], ...]:
    """Turn, shift and stretch the digits of scikit-learn into as many noisy ones as are asked for.

    Two thirds of the 1797 are the origin of images to train on, the others of those for the test,
    so that no image of the test was seen with less noise.
    """
    data = load_digits()
    order = np.random.default_rng(0).permutation(len(data.target))
    first, last = np.split(order, [2 * len(order) // 3])
    X = torch.tensor(data.images / 16, dtype=torch.float32)[:, None]
    y = torch.tensor(data.target)
    random = torch.Generator().manual_seed(0)
    parts = []
    for origin, n in ((first, n_train), (last, n_test)):
        chosen = torch.from_numpy(np.resize(origin, n))
        shaken = [shake(X[of], random) for of in chosen.split(PART)]
        parts.append((torch.cat(shaken), y[chosen]))
    return tuple(parts)


def shake(X: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    """Move each image by a turn, a shift and a factor of its own, and add noise."""
    n = len(X)

    def even(half: float) -> torch.Tensor:
        return half * (2 * torch.rand(n, generator=random) - 1)

    angle, factor = np.deg2rad(ANGLE) * even(1), 1 + even(SCALE)
    cos, sin = factor * torch.cos(angle), factor * torch.sin(angle)
    rows = (torch.stack([cos, -sin, even(SHIFT)], 1), torch.stack([sin, cos, even(SHIFT)], 1))
    grid = F.affine_grid(torch.stack(rows, 1), (n, 1, SIDE, SIDE), align_corners=False)
    moved = F.grid_sample(X, grid, align_corners=False)
    return (moved + NOISE * torch.randn(moved.shape, generator=random)).clamp(0, 1)
