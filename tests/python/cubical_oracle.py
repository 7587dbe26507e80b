"""Slow, explicit persistence of cubical complexes; shares no code with topolens.

A grid of n voxels along an axis becomes a line of cells: cells at even places are points, cells
at odd places are intervals between them. Voxels are the points (V) or the intervals (T). A cell
of the complex is a tuple of places, one for each axis, and has as many dimensions as odd places.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from oracle import eliminate, span

# --- complexes ----------------------------------------------------------------------------------


def cells(image, construction="V", periodic=None):
    """Values of all cells: V, the largest of their vertices; T, the least of the cells above."""
    values = np.asarray(image, dtype=np.float64)
    for axis, wraps in enumerate(periodic or [False] * values.ndim):
        values = {"V": line_of_vertices, "T": line_of_intervals}[construction](values, axis, wraps)
    return values


def line_of_vertices(values, axis, wraps):
    points = np.moveaxis(values, axis, 0)
    line = np.empty((2 * len(points), *points.shape[1:]))
    line[0::2] = points
    line[1::2] = np.maximum(points, np.roll(points, -1, axis=0))
    return np.moveaxis(line if wraps else line[:-1], 0, axis)


def line_of_intervals(values, axis, wraps):
    intervals = np.moveaxis(values, axis, 0)
    line = np.full((2 * len(intervals) + 1, *intervals.shape[1:]), np.inf)
    line[1::2] = intervals
    line[:-1:2] = np.minimum(line[:-1:2], intervals)
    line[2::2] = np.minimum(line[2::2], intervals)
    if wraps:
        line[0] = np.minimum(line[0], line[-1])
        line = line[:-1]
    return np.moveaxis(line, 0, axis)


def dimensions(values):
    """The dimension of each cell: how many of its places are odd."""
    return sum(np.indices(values.shape) % 2, np.zeros(values.shape, dtype=int))


def boundary(cell, shape, p):
    """The boundary of a cell as a chain; at the end of a line that wraps comes its beginning."""
    chain, sign = {}, 1
    for axis, place in enumerate(cell):
        if place % 2 == 0:
            continue
        for side in (1, -1):
            face = (*cell[:axis], (place + side) % shape[axis], *cell[axis + 1 :])
            chain[face] = (chain.get(face, 0) + sign * side) % p
        sign = -sign
    return {face: c for face, c in chain.items() if c}


# --- homology -----------------------------------------------------------------------------------


def persistence(image, construction="V", periodic=None, p=2):
    """Persistence diagrams by the standard column reduction.

    Returns one (k, 2) array for each degree from 0 to the number of axes, sorted by (birth,
    death), without bars of length zero. Cells at +inf are no part of the complex.
    """
    values = cells(image, construction, periodic)
    dims = dimensions(values)
    inside = [cell for cell in np.ndindex(values.shape) if values[cell] < np.inf]
    order = sorted(inside, key=lambda cell: (values[cell], dims[cell], cell))
    position = {cell: i for i, cell in enumerate(order)}

    reduced, unpaired = {}, set()
    bars = [[] for _ in range(values.ndim + 1)]
    for cell in order:
        column = {position[face]: c for face, c in boundary(cell, values.shape, p).items()}
        pivot = eliminate(column, reduced, p)
        if pivot is None:
            unpaired.add(cell)
            continue
        reduced[pivot] = column
        born = order[pivot]
        unpaired.remove(born)
        bars[dims[born]].append((values[born], values[cell]))
    for cell in unpaired:
        bars[dims[cell]].append((values[cell], np.inf))
    return [
        np.array(sorted(bar for bar in degree if bar[0] < bar[1]), dtype=float).reshape(-1, 2)
        for degree in bars
    ]


def betti_by_rank(image, threshold, construction="V", periodic=None, p=2):
    """Betti numbers of the cells up to a value, from the ranks of the boundary matrices."""
    values = cells(image, construction, periodic)
    alive, dims = (values <= threshold) & (values < np.inf), dimensions(values)
    layers = [np.argwhere(alive & (dims == d)).tolist() for d in range(values.ndim + 2)]
    ranks = [
        len(span((boundary(tuple(cell), values.shape, p) for cell in layer), p)) for layer in layers
    ]
    return [len(layers[d]) - ranks[d] - ranks[d + 1] for d in range(values.ndim + 1)]


def euler_characteristic(image, threshold, construction="V", periodic=None):
    """Cells up to a value, those of odd dimension counted negative."""
    values = cells(image, construction, periodic)
    alive = (values <= threshold) & (values < np.inf)
    return int(((-1) ** dimensions(values))[alive].sum())


def betti_by_labels(image, threshold, construction="V"):
    """Betti numbers of a box of up to three axes by components and Alexander duality.

    The last one counts the components of what is outside, but the one that goes to infinity; in
    three dimensions the Euler characteristic gives the one between.
    """
    inside = (image <= threshold) & (image < np.inf)
    d = inside.ndim
    touching = {"V": 1, "T": d}[construction]  # faces alone join voxels, or corners do as well
    betti = [0] * d
    betti[0] = ndimage.label(inside, ndimage.generate_binary_structure(d, touching))[1]
    if d > 1:
        outside = np.pad(~inside, 1, constant_values=True)
        around = ndimage.generate_binary_structure(d, d + 1 - touching)
        betti[d - 1] = ndimage.label(outside, around)[1] - 1
    if d == 3:
        betti[1] = betti[0] + betti[2] - euler_characteristic(image, threshold, construction)
    return betti
