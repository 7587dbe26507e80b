"""How few networks stand for all: farthest points, one after the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from topolens import _core
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

    order: np.ndarray
    radii: np.ndarray

    def number(self, eps: float) -> int:
        """Return how many of them cover all within `eps`.

        At least the covering number at `eps`, and at most the packing number of networks more
        than `eps` apart.
        """
        return int(np.argmax(self.radii <= as_non_negative(eps, "eps"))) + 1

    def to_columns(self) -> dict[str, np.ndarray]:
        """Return the curve as columns, for pandas.DataFrame or polars.DataFrame."""
        return {
            "number": np.arange(1, len(self.radii) + 1),
            "network": self.order.copy(),
            "radius": self.radii.copy(),
        }


def medoid(space: _core.Space) -> int:
    """Return the point with the smallest sum of distances, the first of several."""
    return _core.medoid(space)


def cover(space: _core.Space) -> CoveringCurve:
    """Go from the medoid to the farthest point, and on to the farthest from those before."""
    order, radii = _core.covering(space)
    return CoveringCurve(order=order, radii=radii)
