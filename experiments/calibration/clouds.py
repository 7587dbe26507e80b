"""Clouds of points with a known number of loops, and clouds that are noise."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

import topolens as tl

Maker = Callable[[np.random.Generator, int], np.ndarray]


def rotated(points: np.ndarray, dim: int, noise: float, rng: np.random.Generator) -> np.ndarray:
    """Put points into `dim` coordinates, add noise of a norm, and turn them anywhere."""
    padded = np.zeros((len(points), dim))
    padded[:, : points.shape[1]] = points
    turn, _ = np.linalg.qr(rng.normal(size=(dim, dim)))
    return (padded + noise / np.sqrt(dim) * rng.normal(size=padded.shape)) @ turn


def circle(rng: np.random.Generator, n: int, height: float = 1.0) -> np.ndarray:
    """Draw points of an ellipse, evenly in the angle."""
    angle = rng.uniform(0, 2 * np.pi, n)
    return np.column_stack([np.cos(angle), height * np.sin(angle)])


def uneven_circle(rng: np.random.Generator, n: int) -> np.ndarray:
    """Draw points of a circle, more densely on one side."""
    angle = rng.vonmises(0, 0.7, n)
    return np.column_stack([np.cos(angle), np.sin(angle)])


def figure_eight(rng: np.random.Generator, n: int) -> np.ndarray:
    """Draw points of two circles that touch."""
    return circle(rng, n) + np.where(rng.random((n, 1)) < 0.5, 1, -1) * [1.0, 0.0]


def disk(rng: np.random.Generator, n: int) -> np.ndarray:
    """Draw points of a disk of radius 1, evenly."""
    return np.sqrt(rng.random((n, 1))) * circle(rng, n)


def clusters(rng: np.random.Generator, n: int, count: int = 2, dim: int = 2) -> np.ndarray:
    """Draw points around some centres in a row, six standard deviations apart."""
    centres = np.zeros((n, dim))
    centres[:, 0] = 1.5 * (np.arange(n) % count)
    return centres + 0.25 * rng.normal(size=(n, dim))


def torus(rng: np.random.Generator, n: int) -> np.ndarray:
    """Draw points of a torus."""
    return tl.datasets.torus(n, rng=rng)


def _gauss(dim: int) -> Maker:
    return lambda rng, n: rng.normal(size=(n, dim))


def _folded(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.maximum(rng.normal(size=(n, 10)) @ rng.normal(size=(10, 64)), 0)


def _noisy(points: Callable[..., np.ndarray], dim: int, noise: float) -> Maker:
    return lambda rng, n: rotated(points(rng, n), dim, noise, rng)


def _folded_circle(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.maximum(rotated(circle(rng, n), 64, 0.3, rng) @ rng.normal(size=(64, 64)), 0)


SHAPES: dict[str, tuple[int, Callable[..., np.ndarray]]] = {
    "circle": (1, circle),
    "figure eight": (2, figure_eight),
    "torus": (2, torus),
    "two clusters": (0, clusters),
    "disk": (0, disk),
    "Gauss": (0, _gauss(2)),
}
NOISE: dict[str, Maker] = {
    "Gauss, d = 2": _gauss(2),
    "Gauss, d = 3": _gauss(3),
    "Gauss, d = 10": _gauss(10),
    "Gauss, d = 64": _gauss(64),
    "square": lambda rng, n: rng.random((n, 2)),
    "t with 3, d = 3": lambda rng, n: rng.standard_t(3, size=(n, 3)),
    "line, d = 16": _noisy(lambda rng, n: rng.uniform(-1, 1, (n, 1)), 16, 0.2),
    "4 clusters, d = 8": lambda rng, n: clusters(rng, n, 4, 8),
    "ReLU of Gauss, d = 64": _folded,
}
LOOPS: dict[str, Maker] = {
    "circle, d = 2": _noisy(circle, 2, 0.1),
    "circle, d = 3": _noisy(circle, 3, 0.2),
    "circle, d = 16": _noisy(circle, 16, 0.5),
    "circle, d = 64": _noisy(circle, 64, 0.8),
    "ellipse, d = 16": _noisy(lambda rng, n: circle(rng, n, 0.6), 16, 0.3),
    "uneven circle, d = 16": _noisy(uneven_circle, 16, 0.3),
    "figure eight, d = 3": _noisy(figure_eight, 3, 0.2),
    "figure eight, d = 64": _noisy(figure_eight, 64, 0.5),
    "ReLU of a circle, d = 64": _folded_circle,
}


def grid(heads: Sequence[object], rows: Sequence[Sequence[object]]) -> str:
    """Write a table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
