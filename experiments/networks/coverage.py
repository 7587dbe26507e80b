"""How many balls cover a space of networks, by how many networks are known.

Compactness is a theorem, and every finite sample has a finite cover. What can be seen is whether
the number of balls levels off as more networks are drawn.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from experiments.networks.space import space_of

RADIUS = 0.1
ORDERS = 40
HALVINGS = 6


class Coverage(NamedTuple):
    """What random orders of the networks show.

    Attributes
    ----------
    known : ndarray, shape (sizes,)
        Numbers of networks that are known.
    balls : ndarray, shape (ORDERS, sizes)
        Balls that cover these, one farthest point after another.
    apart : ndarray, shape (ORDERS, sizes)
        Of these networks so many are more than two radii apart, by the same method. No ball holds
        two of them, so that the covering number is between `apart` and `balls`.
    beyond : ndarray, shape (ORDERS, sizes - 1)
        Share of the networks that are not known and outside of balls around all that are.
    """

    known: np.ndarray
    balls: np.ndarray
    apart: np.ndarray
    beyond: np.ndarray


def coverage(rows: pd.DataFrame) -> Coverage:
    """Cover the first 1/32, 1/16, ... and all of the networks, in random orders."""
    space = space_of(rows)
    D = space.distances().values
    known = np.unique([max(len(rows) // 2**k, 1) for k in range(HALVINGS)])
    rng = np.random.default_rng(0)
    balls, apart, beyond = [], [], []
    for _ in range(ORDERS):
        order = rng.permutation(len(rows))
        curves = [space.select(order[:m]).distances().covering_curve() for m in known]
        balls.append([curve.number(RADIUS) for curve in curves])
        apart.append([curve.number(2 * RADIUS) for curve in curves])
        nearest = [D[np.ix_(order[m:], order[:m])].min(axis=1) for m in known[:-1]]
        beyond.append([(distance > RADIUS).mean() for distance in nearest])
    return Coverage(known, *map(np.array, (balls, apart, beyond)))


def middle(values: np.ndarray) -> np.ndarray:
    """Return the range of the middle 95 % of the orders."""
    return np.quantile(values, [0.025, 0.975], axis=0)
