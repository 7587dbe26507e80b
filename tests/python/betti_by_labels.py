"""Betti numbers of pictures and volumes by labelling components, far from any kernel.

Alexander duality: the holes of a set in a box are the components of what is left of a larger box,
but for the outside; the Euler characteristic, a count of cells, gives the degree in between.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from scipy.ndimage import generate_binary_structure, label


def euler(mask):
    """Vertices, less edges, plus squares, less cubes: all cells whose corners are in the set."""
    total = 0
    for steps in product((0, 1), repeat=mask.ndim):
        corners = np.ones([size - step for size, step in zip(mask.shape, steps, strict=True)], bool)
        for corner in product(*(range(step + 1) for step in steps)):
            part = tuple(
                slice(start, start + size)
                for start, size in zip(corner, corners.shape, strict=True)
            )
            corners &= mask[part]
        total += (-1) ** sum(steps) * int(corners.sum())
    return total


def betti(mask):
    """Betti numbers of a set of vertices with all cells between them (V-construction)."""
    d = mask.ndim
    components = label(mask, generate_binary_structure(d, 1))[1]
    outside = label(np.pad(~mask, 1, constant_values=True), generate_binary_structure(d, d))[1]
    if d == 2:
        return [components, outside - 1]
    return [components, components + (outside - 1) - euler(mask), outside - 1]


def sublevel_betti(image, thresholds):
    return np.array([betti(np.asarray(image) <= t) for t in thresholds])
