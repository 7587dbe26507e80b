"""Unlabelled clouds on familiar spaces."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from topolens._arrays import as_rng
from topolens._calls import as_count
from topolens.spaces._landmarks import landmarks

Seed = int | np.random.Generator | None


def circle(n: int = 100, *, noise: float = 0.0, rng: Seed = None) -> np.ndarray:
    """Points drawn uniformly from the unit circle; Betti numbers (1, 1).

    Parameters
    ----------
    n : int, default 100
        Number of points.
    noise : float, default 0.0
        Standard deviation of the Gaussian noise added to every coordinate.
    rng : None, int or numpy.random.Generator

    Returns
    -------
    X : ndarray of float64, shape (n, 2)

    Raises
    ------
    ValueError
        If `n` is below 1 or `noise` is negative or not finite.

    See Also
    --------
    figure_eight, sphere, torus : Other clouds with known homology.

    Examples
    --------
    >>> circle(5, rng=0).shape
    (5, 2)
    """
    n, rng = as_count(n, "n", least=1), as_rng(rng)
    return _noisy(on_circle(rng.uniform(0, math.tau, n)), noise, rng)


def sphere(n: int = 200, *, dim: int = 2, noise: float = 0.0, rng: Seed = None) -> np.ndarray:
    """Points drawn uniformly from the unit sphere of dimension `dim`.

    The Betti numbers are 1 in dimension 0 and `dim`, and 0 elsewhere.

    Parameters
    ----------
    n : int, default 200
        Number of points.
    dim : int, default 2
        Dimension of the sphere; it lies in ``dim + 1`` coordinates.
    noise : float, default 0.0
        Standard deviation of the Gaussian noise added to every coordinate.
    rng : None, int or numpy.random.Generator

    Returns
    -------
    X : ndarray of float64, shape (n, dim + 1)

    Raises
    ------
    ValueError
        If `n` or `dim` is below 1 or `noise` is negative or not finite.

    See Also
    --------
    circle, torus, projective_plane : Other clouds with known homology.

    Examples
    --------
    >>> sphere(5, dim=3, rng=0).shape
    (5, 4)
    """
    n, dim, rng = as_count(n, "n", least=1), as_count(dim, "dim", least=1), as_rng(rng)
    points = rng.standard_normal((n, dim + 1))
    return _noisy(points / np.linalg.norm(points, axis=1, keepdims=True), noise, rng)


def torus(
    n: int = 500,
    *,
    radius: float = 2.0,
    tube: float = 1.0,
    noise: float = 0.0,
    rng: Seed = None,
) -> np.ndarray:
    """Points drawn uniformly by area from a torus in space; Betti numbers (1, 2, 1).

    Parameters
    ----------
    n : int, default 500
        Number of points.
    radius : float, default 2.0
        Distance from the centre to the middle of the tube.
    tube : float, default 1.0
        Radius of the tube, smaller than `radius`.
    noise : float, default 0.0
        Standard deviation of the Gaussian noise added to every coordinate.
    rng : None, int or numpy.random.Generator

    Returns
    -------
    X : ndarray of float64, shape (n, 3)

    Raises
    ------
    ValueError
        If `n` is below 1, `noise` is negative or not finite, or not ``0 < tube < radius``.

    See Also
    --------
    circle, sphere, projective_plane : Other clouds with known homology.

    Examples
    --------
    >>> torus(5, rng=0).shape
    (5, 3)
    """
    n, rng = as_count(n, "n", least=1), as_rng(rng)
    if not 0 < tube < radius < math.inf:
        raise ValueError(f"`tube` must lie between 0 and `radius` ({radius}); found {tube}")
    # Area grows with the distance from the axis.
    around = _draw(n, 0, math.tau, lambda t: (radius + tube * np.cos(t)) / (radius + tube), rng)
    rim = radius + tube * np.cos(around)
    ring = on_circle(rng.uniform(0, math.tau, n)) * rim[:, None]
    return _noisy(np.column_stack([ring, tube * np.sin(around)]), noise, rng)


def figure_eight(n: int = 200, *, noise: float = 0.0, rng: Seed = None) -> np.ndarray:
    """Points drawn uniformly from two unit circles that touch; Betti numbers (1, 2).

    Parameters
    ----------
    n : int, default 200
        Number of points.
    noise : float, default 0.0
        Standard deviation of the Gaussian noise added to every coordinate.
    rng : None, int or numpy.random.Generator

    Returns
    -------
    X : ndarray of float64, shape (n, 2)
        The circles are centred at (-1, 0) and (1, 0).

    Raises
    ------
    ValueError
        If `n` is below 1 or `noise` is negative or not finite.

    See Also
    --------
    circle, torus : Other clouds with known homology.

    Examples
    --------
    >>> figure_eight(5, rng=0).shape
    (5, 2)
    """
    n, rng = as_count(n, "n", least=1), as_rng(rng)
    points = on_circle(rng.uniform(0, math.tau, n))
    points[:, 0] += rng.choice([-1.0, 1.0], n)
    return _noisy(points, noise, rng)


def swiss_roll(n: int = 500, *, noise: float = 0.0, rng: Seed = None) -> np.ndarray:
    """Points drawn uniformly by area from a rolled-up rectangle; Betti numbers (1, 0, 0).

    Parameters
    ----------
    n : int, default 500
        Number of points.
    noise : float, default 0.0
        Standard deviation of the Gaussian noise added to every coordinate.
    rng : None, int or numpy.random.Generator

    Returns
    -------
    X : ndarray of float64, shape (n, 3)
        (t cos t, h, t sin t) with t in [1.5 pi, 4.5 pi] and h in [0, 21].

    Raises
    ------
    ValueError
        If `n` is below 1 or `noise` is negative or not finite.

    See Also
    --------
    torus, sphere : Curved surfaces with homology.

    Examples
    --------
    >>> swiss_roll(5, rng=0).shape
    (5, 3)
    """
    n, rng = as_count(n, "n", least=1), as_rng(rng)
    low, high = 1.5 * math.pi, 4.5 * math.pi
    # Arc length of the spiral r = t.
    t = _draw(n, low, high, lambda t: np.hypot(1, t) / math.hypot(1, high), rng)
    spiral = on_circle(t) * t[:, None]
    return _noisy(np.column_stack([spiral[:, 0], rng.uniform(0, 21, n), spiral[:, 1]]), noise, rng)


def projective_plane(n: int = 100, *, noise: float = 0.0, rng: Seed = None) -> np.ndarray:
    """Evenly spread points on the real projective plane, in four coordinates.

    The Betti numbers are (1, 1, 1) over the field of two elements and (1, 0, 0) over every other
    prime field.

    Parameters
    ----------
    n : int, default 100
        Number of points; 70 are enough to tell the fields apart.
    noise : float, default 0.0
        Standard deviation of the Gaussian noise added to every coordinate.
    rng : None, int or numpy.random.Generator

    Returns
    -------
    X : ndarray of float64, shape (n, 4)
        (xy, xz, y² - z², 2yz) for points (x, y, z) of the unit sphere.

    Raises
    ------
    ValueError
        If `n` is below 1 or `noise` is negative or not finite.

    See Also
    --------
    sphere, torus : Clouds whose homology is the same over all fields.

    Notes
    -----
    The points are the farthest-point thinning of a uniform sample twenty times as large.

    Examples
    --------
    >>> projective_plane(5, rng=0).shape
    (5, 4)
    """
    n, rng = as_count(n, "n", least=1), as_rng(rng)
    x, y, z = sphere(20 * n, rng=rng).T
    points = np.column_stack([x * y, x * z, y**2 - z**2, 2 * y * z])
    return _noisy(points[landmarks(points, n, rng=rng).indices], noise, rng)


def on_circle(angle: np.ndarray) -> np.ndarray:
    """Points of the unit circle at these angles."""
    return np.column_stack([np.cos(angle), np.sin(angle)])


def _noisy(points: np.ndarray, noise: float, rng: np.random.Generator) -> np.ndarray:
    if not 0 <= noise < math.inf:
        raise ValueError(f"`noise` must be finite and not negative; found {noise}")
    return points + noise * rng.standard_normal(points.shape) if noise else points


def _draw(
    n: int,
    low: float,
    high: float,
    density: Callable[[np.ndarray], np.ndarray],
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw `n` numbers from [low, high) by rejection; `density` is at most 1."""
    accepted = np.empty(0)
    while len(accepted) < n:
        t = rng.uniform(low, high, 2 * n)
        accepted = np.concatenate([accepted, t[rng.uniform(size=2 * n) < density(t)]])
    return accepted[:n]
