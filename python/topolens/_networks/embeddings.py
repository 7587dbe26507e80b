"""Networks as points of a Euclidean space: classical scaling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class Embedding:
    """Networks as points.

    Attributes
    ----------
    points : ndarray of float64, shape (M, k)
        Squared distances of the points are near the distances of the networks.
    eigenvalues : ndarray of float64, shape (M,)
        Of the centred matrix, the largest first: what each dimension accounts for.
    names : tuple
        The networks.
    """

    points: np.ndarray
    eigenvalues: np.ndarray
    names: tuple[Any, ...]

    @property
    def share(self) -> float:
        """Share of the positive eigenvalues that the dimensions account for."""
        positive = self.eigenvalues[self.eigenvalues > 0]
        total = positive.sum()
        return float(positive[: self.points.shape[1]].sum() / total) if total > 0 else 1.0


def scale_classically(squares: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return points in `k` dimensions for their squared distances, and all eigenvalues."""
    centred = squares - squares.mean(axis=0)
    centred -= centred.mean(axis=1, keepdims=True)
    # Rounding leaves the matrix not quite symmetric, and `eigh` looks at one half of it only.
    eigenvalues, eigenvectors = np.linalg.eigh(-0.25 * (centred + centred.T))
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
