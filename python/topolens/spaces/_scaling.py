"""Classical scaling: points whose distances come near to given ones."""

from __future__ import annotations

import numpy as np


def scale_classically(squares: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return points in `k` dimensions for their squared distances, and all eigenvalues."""
    centered = squares - squares.mean(axis=0)
    centered -= centered.mean(axis=1, keepdims=True)
    # Rounding leaves the matrix not quite symmetric, and `eigh` looks at one half of it only.
    eigenvalues, eigenvectors = np.linalg.eigh(-0.25 * (centered + centered.T))
    eigenvalues, eigenvectors = eigenvalues[::-1].copy(), eigenvectors[:, ::-1]
    axes = eigenvectors[:, :k] * np.sqrt(np.maximum(eigenvalues[:k], 0.0))
    points = np.zeros((len(squares), k))
    points[:, : axes.shape[1]] = axes * _signs(axes)
    return points, eigenvalues


def _signs(axes: np.ndarray) -> np.ndarray:
    """Return the signs that make the largest entry of each axis positive.

    Eigenvectors have no sign of their own: without a rule the map could be mirrored from one
    machine to the next.
    """
    largest = axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])]
    return np.where(largest < 0, -1, 1)
