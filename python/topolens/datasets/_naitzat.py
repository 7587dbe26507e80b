"""Point clouds whose topology is known.

The three labelled sets of Naitzat, Zhitnikov and Lim (JMLR 21(184), 2020), and
unlabelled clouds on familiar spaces. Every function takes ``rng``: None, a seed
or a ``numpy.random.Generator``.
"""

from __future__ import annotations

import math
from itertools import product
from typing import Literal

import numpy as np

from topolens._arrays import as_rng
from topolens._calls import as_count
from topolens.datasets._clouds import (
    Seed,
    on_circle,
)

GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))

NaitzatSet = Literal["D-I", "D-II", "D-III"]


def disks_in_plane(n: int = 7800, *, rng: Seed = None) -> tuple[np.ndarray, np.ndarray]:
    """Nine disks inside a plane with nine holes: the set D-I.

    Parameters
    ----------
    n : int, default 7800
        Number of points, at most the number of grid points outside the gaps (10 050).
    rng : None, int or numpy.random.Generator
        Chooses the points and their order.

    Returns
    -------
    X : ndarray of float64, shape (n, 2)
        Points of a square grid on [-1, 1) x [-1, 1), step 0.019.
    y : ndarray of int64, shape (n,)
        0 in a disk, 1 in the plane around the disks.

    Raises
    ------
    ValueError
        If `n` is below 1 or above the number of grid points.

    See Also
    --------
    linked_tori, nested_spheres : The other two sets.
    naitzat : Each by its name in the paper.

    Notes
    -----
    Eight disks of radius 0.13 lie on a circle of radius 0.7, one at the origin. The ring between
    radius 0.13 and 0.18 round each centre is left empty. Betti numbers: (9, 0) for label 0 and
    (1, 9) for label 1; the reference finds them at ``k=14``, ``hops=2`` on every third point.

    The reference generates the set at ten times this size, and trains at this one: the scale of
    the input decides whether networks close the holes.

    References
    ----------
    Naitzat, Zhitnikov, Lim. Topology of deep neural networks. JMLR 21(184), 2020, section 6.1.

    Examples
    --------
    >>> X, y = disks_in_plane(500, rng=0)
    >>> X.shape, sorted(set(y.tolist()))
    ((500, 2), [0, 1])
    """
    n = as_count(n, "n", least=1)
    rng = as_rng(rng)
    axis = np.arange(-10, 10, 0.19)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    angle = np.arange(8) * (math.tau / 8)
    centers = np.vstack([[0.0, 0.0], 7 * on_circle(angle)])
    radius = np.linalg.norm(grid[:, None] - centers, axis=-1).min(axis=1)

    kept = np.flatnonzero((radius <= 1.3) | (radius > 1.8))
    if n > len(kept):
        raise ValueError(f"`n` must be at most {len(kept)}, the points of the grid; found {n}")
    chosen = rng.permutation(kept)[:n]
    return grid[chosen] / 10, (radius[chosen] > 1.3).astype(np.int64)


def linked_tori(n_per_ring: int = 2500, *, rng: Seed = None) -> tuple[np.ndarray, np.ndarray]:
    """Nine pairs of linked solid tori: the set D-II.

    Parameters
    ----------
    n_per_ring : int, default 2500
        Points on each of the eighteen rings.
    rng : None, int or numpy.random.Generator
        Draws the noise.

    Returns
    -------
    X : ndarray of float64, shape (18 * n_per_ring, 3)
        Points, ring by ring, scaled so that the largest absolute value on every axis is 1.
    y : ndarray of int64, shape (18 * n_per_ring,)
        0 or 1; the two rings of a pair have different labels.

    Raises
    ------
    ValueError
        If `n_per_ring` is below 2.

    See Also
    --------
    disks_in_plane, nested_spheres : The other two sets.
    naitzat : Each by its name in the paper.

    Notes
    -----
    Pairs are centred at the origin and at (±5, ±5, ±5). Ring A lies in the xy-plane round
    c + (2.2, 0, 0), ring B in the xz-plane round c. A ring is two circles of radius 2.5 and 2.2
    with uniform noise of ±0.7 on each coordinate. The labels of A and B swap from pair to pair.
    Betti numbers: (9, 9, 0) for both labels; the reference finds them at ``k=35``, ``hops=2`` on
    every fourth point.

    References
    ----------
    Naitzat, Zhitnikov, Lim. Topology of deep neural networks. JMLR 21(184), 2020, section 6.1.

    Examples
    --------
    >>> X, y = linked_tori(100, rng=0)
    >>> X.shape, float(abs(X).max()), int(y.sum())
    ((1800, 3), 1.0, 900)
    """
    n_per_ring = as_count(n_per_ring, "n_per_ring", least=2)
    rng = as_rng(rng)
    outer = (n_per_ring + 1) // 2
    circles = np.concatenate([_even_circle(outer, 2.5), _even_circle(n_per_ring - outer, 2.2)])
    zero = np.zeros(n_per_ring)
    ring_a = np.column_stack([circles[:, 0] + 2.2, circles[:, 1], zero])
    ring_b = np.column_stack([circles[:, 0], zero, circles[:, 1]])

    rings = np.concatenate([c + ring for c in _nine_centers(5.0) for ring in (ring_a, ring_b)])
    rings += rng.uniform(-0.7, 0.7, size=rings.shape)
    rings /= np.abs(rings).max(axis=0)
    pairs = np.arange(9)
    labels = np.repeat(np.column_stack([pairs % 2, 1 - pairs % 2]).ravel(), n_per_ring)
    return rings, labels


def nested_spheres(n_per_sphere: int = 1000, *, rng: Seed = None) -> tuple[np.ndarray, np.ndarray]:
    """Nine units of a shell around a shell around a ball: the set D-III.

    Parameters
    ----------
    n_per_sphere : int, default 1000
        Points on each of the four shell spheres of a unit; its ball has a fifth as many.
    rng : None, int or numpy.random.Generator
        Checked and not used: the set is fixed, and is called like the other two.

    Returns
    -------
    X : ndarray of float64, shape (n, 3)
        Points within [-1, 1], sphere by sphere; n is 37 800 by default.
    y : ndarray of int64, shape (n,)
        0 on the middle shell; 1 on the outer shell and on the ball.

    Raises
    ------
    ValueError
        If `n_per_sphere` is below 5.

    See Also
    --------
    disks_in_plane, linked_tori : The other two sets.
    naitzat : Each by its name in the paper.

    Notes
    -----
    Units are centred at the origin and at (±3, ±3, ±3). Each has Fibonacci points on spheres of
    radius 1.0 and 1.05 (label 0), 2.0 and 2.05 (label 1) and 0.5 (label 1), divided by 5.05.
    Betti numbers: (9, 0, 9) for label 0 and (18, 0, 9) for label 1; the reference finds them at
    ``k=35``, ``hops=2`` on every fourth point. Take these with a step (``X[y == 0][::4]``): the
    gaps between units are so narrow that a random quarter of label 1 closes some of them.

    References
    ----------
    Naitzat, Zhitnikov, Lim. Topology of deep neural networks. JMLR 21(184), 2020, section 6.1.

    Examples
    --------
    >>> X, y = nested_spheres(100, rng=0)
    >>> X.shape, int((y == 0).sum())
    ((3780, 3), 1800)
    """
    n_per_sphere, _ = as_count(n_per_sphere, "n_per_sphere", least=5), as_rng(rng)
    ball = n_per_sphere // 5
    spheres = [(1.0, n_per_sphere, 0), (1.05, n_per_sphere, 0)]
    spheres += [(2.0, n_per_sphere, 1), (2.05, n_per_sphere, 1), (0.5, ball, 1)]
    unit = np.concatenate([radius * _fibonacci_sphere(n) for radius, n, _ in spheres])
    labels = np.concatenate([np.full(n, label) for _, n, label in spheres])

    units = np.concatenate([c + unit for c in _nine_centers(3.0)])
    return units / 5.05, np.tile(labels, 9)


def naitzat(name: NaitzatSet, *, rng: Seed = None) -> tuple[np.ndarray, np.ndarray]:
    """One of the simulated sets of Naitzat et al., by its name in the paper.

    Parameters
    ----------
    name : {"D-I", "D-II", "D-III"}
        Name of the set, at the size used in the paper.
    rng : None, int or numpy.random.Generator
        See the function behind the name.

    Returns
    -------
    X : ndarray of float64, shape (n, 2) or (n, 3)
    y : ndarray of int64, shape (n,)

    Raises
    ------
    ValueError
        If there is no such set.

    See Also
    --------
    disks_in_plane, linked_tori, nested_spheres

    Examples
    --------
    >>> X, y = naitzat("D-I", rng=0)
    >>> X.shape
    (7800, 2)
    """
    sets = {"D-I": disks_in_plane, "D-II": linked_tori, "D-III": nested_spheres}
    if name not in sets:
        raise ValueError(f"`name` must be one of {', '.join(map(repr, sets))}; found {name!r}")
    return sets[name](rng=rng)


def _nine_centers(q: float) -> np.ndarray:
    return np.array([(0.0, 0.0, 0.0), *product((-q, q), repeat=3)])


def _even_circle(n: int, radius: float) -> np.ndarray:
    return radius * on_circle(np.arange(n) * (math.tau / n))


def _fibonacci_sphere(n: int) -> np.ndarray:
    step = np.arange(n)
    height = 1 - (2 * step + 1) / n
    rim = np.sqrt(1 - height**2)
    return np.column_stack([on_circle(step * GOLDEN_ANGLE) * rim[:, None], height])
