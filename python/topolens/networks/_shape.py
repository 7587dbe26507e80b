"""The shape of a space of networks: how few cover it, and its map."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from topolens._calls import as_non_negative


@dataclass(frozen=True, eq=False)
class CoveringCurve:
    """How few networks stand for all.

    Attributes
    ----------
    order : ndarray of int64, shape (M,)
        The networks, each the farthest from those before it; the medoid first.
    radii : ndarray of float64, shape (M,)
        What is left after each: all networks are within ``radii[k]`` of the first k + 1, and
        these, with the next one, are at least ``radii[k]`` apart.
    """

    order: np.ndarray = field(repr=False)
    radii: np.ndarray = field(repr=False)

    def number(self, eps: float) -> int:
        """Return how many of them cover all within `eps`.

        Parameters
        ----------
        eps : float
            Radius, 0 or more.

        Returns
        -------
        int
            At least the covering number at `eps`, and at most the packing number of networks
            more than `eps` apart.
        """
        return int(np.argmax(self.radii <= as_non_negative(eps, "eps"))) + 1

    def to_columns(self) -> dict[str, np.ndarray]:
        """Return the curve as columns, for pandas or polars."""
        return {
            "number": np.arange(1, len(self.radii) + 1),
            "network": self.order.copy(),
            "radius": self.radii.copy(),
        }


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

    points: np.ndarray = field(repr=False)
    eigenvalues: np.ndarray = field(repr=False)
    names: tuple[Any, ...]

    @property
    def share(self) -> float:
        """Share of the positive eigenvalues that the dimensions account for."""
        positive = self.eigenvalues[self.eigenvalues > 0]
        total = positive.sum()
        return float(positive[: self.points.shape[1]].sum() / total) if total > 0 else 1.0

    def to_columns(self) -> dict[str, np.ndarray]:
        """Return the networks and their coordinates as columns, for pandas or polars."""
        axes = {f"axis_{k}": axis.copy() for k, axis in enumerate(self.points.T)}
        return {"name": np.array([str(name) for name in self.names], dtype=str), **axes}
